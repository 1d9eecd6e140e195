//! What can be wrong with a campaign's rules.

use artifact::charter::Purpose;
use canon::KeyError;

use super::{Draft, MIN_STAMP_PERIOD_S, OptionFault};

/// The longest name: that of a label of a host name.
const MAX_NAME: usize = 63;

/// The most leading zero bits that can be asked for: 2^64 tries are a year of some thousand
/// graphics cards.
const MAX_WORK_BITS: u32 = 64;

/// Something wrong with a campaign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CampaignFault {
    /// The name is no label of a host name.
    #[error("the name {found:?} is not 1 to 63 lower-case letters, digits and inner dashes")]
    Name {
        /// The name.
        found: String,
    },
    /// An option, or the number of them.
    #[error(transparent)]
    Option(#[from] OptionFault),
    /// No authority.
    #[error("no authority is named, so nobody could vote")]
    NoAuthority,
    /// An authority's key that is none.
    #[error("authority {number} is no Ed25519 public key in base64")]
    Authority {
        /// Its place in the file, from 1.
        number: usize,
        /// What is wrong with it.
        #[source]
        reason: KeyError,
    },
    /// An authority's key twice.
    #[error("authority {number} stands in the list twice")]
    SameAuthority {
        /// The place of the second one, from 1.
        number: usize,
    },
    /// A station whose name is none, or that comes twice.
    #[error("station {number} is not named by 1 to 64 letters, digits and dashes, or comes twice")]
    Station {
        /// Its place in the file, from 1.
        number: usize,
    },
    /// A receipt key that is none.
    #[error("receipt key {number} is no Ed25519 public key in base64")]
    ReceiptKey {
        /// Its place in the file, from 1.
        number: usize,
        /// What is wrong with it.
        #[source]
        reason: KeyError,
    },
    /// A receipt key that comes twice or is an authority's.
    #[error("receipt key {number} stands in the file twice, or is an authority's")]
    SameReceiptKey {
        /// The place of the second one, from 1.
        number: usize,
    },
    /// More or fewer receipt keys than shards.
    #[error("each shard has one receipt key: {shards} shards, {found} keys")]
    ReceiptKeys {
        /// Keys found.
        found: usize,
        /// Shards of the campaign.
        shards: u16,
    },
    /// A digest of a key that is none.
    #[error("{what} is no SHA-256 in 64 lower-case hexadecimal digits")]
    KeyDigest {
        /// The key of the file.
        what: &'static str,
    },
    /// Stamps and decoys under one key.
    #[error("stamps and decoys have one key, so everybody could vote")]
    SameDigest,
    /// An auditor's key that is none, or comes twice.
    #[error("link auditor {number} has no age key (`age1…`) of their own")]
    LinkAuditor {
        /// Which, from 1.
        number: usize,
    },
    /// Votes would not be secret.
    #[error(
        "link_auditors may read who voted how; only a trial may have them, and this is for the \
         purpose {purpose}"
    )]
    Links {
        /// What the campaign is held for.
        purpose: Purpose,
    },
    /// Remote votes under a name that does not say so.
    #[error("the campaign for the remote votes of {booths:?} is called \"{booths}-remote\"")]
    RemoteName {
        /// The campaign of the booths.
        booths: String,
    },
    /// Codes where none is asked for.
    #[error(
        "remote votes take no code, so stations and stamps_per_code say nothing: leave them out"
    )]
    RemoteCodes,
    /// The end is not after the start.
    #[error("the end is not after the start")]
    NoTime,
    /// A stamp period of no length.
    #[error("a stamp period has at least one second")]
    NoPeriod,
    /// A stamp period that says too exactly when somebody voted.
    #[error(
        "stamp periods under {MIN_STAMP_PERIOD_S} seconds publish when people voted; only a \
         demonstration may have them, and this is for the purpose {purpose}"
    )]
    ShortPeriod {
        /// What the campaign is held for.
        purpose: Purpose,
    },
    /// A batch of one vote.
    #[error(
        "with k = {k} votes are published one by one; only a demonstration may do that, and this \
         is for the purpose {purpose}"
    )]
    OneByOne {
        /// The `k` of the file.
        k: u32,
        /// What the campaign is held for.
        purpose: Purpose,
    },
    /// More work than a hash has bits.
    #[error("no device can show work of {found} bits: {MAX_WORK_BITS} are the most")]
    Work {
        /// The bits asked for.
        found: u32,
    },
    /// No shard.
    #[error("a campaign has at least one shard")]
    NoShard,
    /// A code of an official campaign that is good for any number of stamps.
    #[error(
        "an official campaign has to say stamps_per_code: else whoever is passed a code gets as \
         many genuine stamps as they like"
    )]
    NoLimit,
    /// No stamp for any code.
    #[error("with no stamp for a code nobody could vote")]
    NoStamp,
}

/// The faults of all rules but options and keys.
pub(super) fn of_rules(draft: &Draft) -> Vec<CampaignFault> {
    let purpose = draft.purpose;
    let demonstration = purpose == Purpose::Demonstration;
    let mut faults = Vec::new();
    let mut report = |is_wrong: bool, fault: CampaignFault| {
        if is_wrong {
            faults.push(fault);
        }
    };
    report(!is_label(&draft.name), CampaignFault::Name { found: draft.name.clone() });
    report(draft.authorities.is_empty(), CampaignFault::NoAuthority);
    report(draft.end <= draft.start, CampaignFault::NoTime);
    report(draft.stamp_period_s == 0, CampaignFault::NoPeriod);
    let short = (1..MIN_STAMP_PERIOD_S).contains(&draft.stamp_period_s);
    report(short && !demonstration, CampaignFault::ShortPeriod { purpose });
    report(draft.k < 2 && !demonstration, CampaignFault::OneByOne { k: draft.k, purpose });
    let links = !draft.link_auditors.is_empty();
    report(links && purpose != Purpose::Trial, CampaignFault::Links { purpose });
    report(draft.work_bits > MAX_WORK_BITS, CampaignFault::Work { found: draft.work_bits });
    report(draft.shards == 0, CampaignFault::NoShard);
    let remote = draft.remote_of.as_ref();
    if let Some(booths) = remote {
        let is_called_so = draft.name == format!("{booths}-remote");
        report(!is_called_so, CampaignFault::RemoteName { booths: booths.clone() });
        let codes = !draft.stations.is_empty() || draft.stamps_per_code.is_some();
        report(codes, CampaignFault::RemoteCodes);
    }
    let unlimited = draft.stamps_per_code.is_none() && remote.is_none();
    report(unlimited && purpose == Purpose::Official, CampaignFault::NoLimit);
    report(draft.stamps_per_code == Some(0), CampaignFault::NoStamp);
    faults
}

pub(crate) fn is_label(name: &str) -> bool {
    let symbols =
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    symbols
        && (1..=MAX_NAME).contains(&name.len())
        && !name.starts_with('-')
        && !name.ends_with('-')
}
