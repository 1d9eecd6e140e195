//! Why an edge does not start.

use std::fmt;

use service::config::{ConfigError, SecretError};
use service::tls::TlsError;

use crate::campaign::CampaignError;

/// Why an edge does not start. No message holds any part of a secret.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// The configuration cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// It can, and this is wrong with it.
    #[error("{0}")]
    Faults(EdgeFaults),
    /// The address cannot be listened on.
    #[error("cannot listen on {listen}: {source}")]
    Listen {
        /// The address.
        listen: String,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// Everything that is wrong with a configuration, one a line.
#[derive(Debug)]
pub struct EdgeFaults(pub Vec<EdgeFault>);

impl fmt::Display for EdgeFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.0.iter().enumerate() {
            let end = if number == 0 { "" } else { "\n" };
            write!(f, "{end}{fault}")?;
        }
        Ok(())
    }
}

/// Something wrong with an edge's configuration. Campaigns and shards are numbered as in the
/// file: campaigns from 1, shards from 0.
#[derive(Debug, thiserror::Error)]
pub enum EdgeFault {
    /// No campaign.
    #[error("there is no campaign to serve: add a table [[campaigns]]")]
    NoCampaign,
    /// The figures would be for everybody.
    #[error(
        "listen_internal = {listen:?} is reached from other machines: its figures help to tell \
         whether a code was right; name an address of this machine, or say \
         internal_private_network = true"
    )]
    Internal {
        /// The address.
        listen: String,
    },
    /// The server's own certificate or key.
    #[error("[tls]: {0}")]
    Tls(#[source] TlsError),
    /// Something wrong with one campaign.
    #[error("campaign {number}: {fault}")]
    Campaign {
        /// Its place in the file, from 1.
        number: usize,
        /// What.
        fault: CampaignEntryFault,
    },
    /// Two campaigns with one key: what is good in one would be good in the other.
    #[error("campaigns {one} and {other} have one {what}: a key serves one campaign")]
    SameKey {
        /// The first one's place, from 1.
        one: usize,
        /// The second one's.
        other: usize,
        /// What kind of key.
        what: &'static str,
    },
    /// Remote votes without the campaign that they belong to, so that nothing is compared.
    #[error(
        "campaign {number} is for the remote votes of {booths:?}, which this edge does not serve"
    )]
    RemoteAlone {
        /// Its place, from 1.
        number: usize,
        /// The name of the other.
        booths: String,
    },
    /// Remote votes whose counts could not be put together with those of the booths.
    #[error("campaign {number} is for the remote votes of campaign {booths}: another {what}")]
    RemoteDiffers {
        /// Its place, from 1.
        number: usize,
        /// That of the campaign of the booths.
        booths: usize,
        /// In what they differ.
        what: &'static str,
    },
    /// Two campaigns under one host, or of one name.
    #[error("campaigns {one} and {other} are both asked under {host:?}")]
    SameHost {
        /// The first one's place, from 1.
        one: usize,
        /// The second one's.
        other: usize,
        /// The host, or the name where a campaign has no hosts.
        host: String,
    },
}

/// Something wrong with what a configuration says of one campaign.
#[derive(Debug, thiserror::Error)]
pub enum CampaignEntryFault {
    /// Its file.
    #[error(transparent)]
    File(#[from] CampaignError),
    /// A secret that cannot be had.
    #[error("{name}: {source}")]
    Secret {
        /// Which.
        name: &'static str,
        /// Why.
        source: SecretError,
    },
    /// A secret that is none.
    #[error("{name} does not hold the base64 of 32 bytes")]
    SecretForm {
        /// Which.
        name: &'static str,
    },
    /// A pass header that no header can carry.
    #[error("pass holds characters that no header can carry")]
    Pass,
    /// The publisher could hand in votes.
    #[error("pass and stamps_pass are the same")]
    OnePass,
    /// Stamp and decoy seed are the same, or unfit.
    #[error("stamp_seed and decoy_seed have to be two different keys")]
    SameKeys,
    /// A seed that is not the campaign's.
    #[error("{name} is not the key that the campaign file commits to ({field})")]
    OtherKey {
        /// Which seed.
        name: &'static str,
        /// The field of the campaign file.
        field: &'static str,
    },
    /// A campaign file without the digests of the keys.
    #[error("the campaign file does not commit to the stamps' keys ({field} is missing)")]
    NotCommitted {
        /// The field.
        field: &'static str,
    },
    /// Nothing by which the instances could know the edge.
    #[error("give pass, or origin_tls with certificates, or the instances will not answer")]
    NoPass,
    /// Votes and mandates would go over a network in the clear.
    #[error(
        "instance {address} is not on this machine: votes and mandates would cross the network in \
         the clear, so ask it over https, or say private_network = true"
    )]
    Clear {
        /// The instance.
        address: String,
    },
    /// TLS to the instances.
    #[error("origin_tls: {0}")]
    Tls(#[source] TlsError),
    /// An instance over https without anything to know it by.
    #[error("instance {address} is asked over https, so origin_tls has to name its roots")]
    NoRoots {
        /// The instance.
        address: String,
    },
    /// An address that is none.
    #[error("instance {address:?} is not http://HOST:PORT or https://HOST:PORT")]
    Address {
        /// As it stands in the file.
        address: String,
    },
    /// Another number of shards than the campaign has.
    #[error("the campaign has {expected} shards, and instances are given for {found}")]
    Shards {
        /// The campaign's.
        expected: u16,
        /// The configuration's.
        found: usize,
    },
    /// A shard without instances.
    #[error("shard {shard} has no instance")]
    NoInstance {
        /// The shard, from 0.
        shard: usize,
    },
    /// An instance twice.
    #[error("instance {address} is named twice")]
    SameInstance {
        /// The instance.
        address: String,
    },
    /// A host that is none.
    #[error("host {host:?} is not a lower-case host name without a port")]
    Host {
        /// As it stands in the file.
        host: String,
    },
}
