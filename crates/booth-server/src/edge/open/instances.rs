//! Where the instances are, what they are shown, and how they are known.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use axum::http::{HeaderValue, Uri};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use service::config::Secret;
use service::tls::ClientTls;

use super::super::config::ShardEntry;
use super::super::error::CampaignEntryFault as Fault;
use super::super::origin::InstanceEntry;
use super::super::pool::Target;
use super::keys;

/// What a configuration says of the instances.
pub(crate) struct Entries<'a> {
    pub(crate) pass: Option<&'a Secret>,
    pub(crate) tls: Option<&'a ClientTls>,
    pub(crate) private_network: bool,
    pub(crate) shards: &'a [ShardEntry],
}

/// What instances are shown, and how they are known.
struct Shown {
    pass: Option<HeaderValue>,
    tls: Option<Arc<ClientConfig>>,
}

impl Shown {
    fn read(entry: &Entries<'_>, base: &Path, faults: &mut Vec<Fault>) -> Self {
        let pass = entry.pass.map(|secret| keys::pass("pass", secret, base)).transpose();
        let pass = pass.map_err(|fault| faults.push(fault)).ok().flatten();
        let tls = entry.tls.map(|tls| tls.read(base).map(Arc::new)).transpose();
        let tls = tls.map_err(|error| faults.push(Fault::Tls(error))).ok().flatten();
        let certificates = entry.tls.and_then(|tls| tls.certificates.as_ref());
        if entry.pass.is_none() && certificates.is_none() {
            faults.push(Fault::NoPass);
        }
        Self { pass, tls }
    }
}

/// The instances of each shard.
pub(crate) fn of_shards(
    entry: &Entries<'_>,
    base: &Path,
    faults: &mut Vec<Fault>,
) -> Vec<Vec<InstanceEntry>> {
    let shown = Shown::read(entry, base, faults);
    let mut seen = BTreeSet::new();
    let mut shards = Vec::new();
    for (number, shard) in entry.shards.iter().enumerate() {
        if shard.instances.is_empty() {
            faults.push(Fault::NoInstance { shard: number });
        }
        let mut instances = Vec::new();
        for address in &shard.instances {
            if !seen.insert(address) {
                faults.push(Fault::SameInstance { address: address.clone() });
            }
            let instance = instance(address, &shown, entry.private_network);
            instances.extend(instance.map_err(|fault| faults.push(fault)));
        }
        shards.push(instances);
    }
    shards
}

fn instance(address: &str, shown: &Shown, private_network: bool) -> Result<InstanceEntry, Fault> {
    let unfit = || Fault::Address { address: address.to_owned() };
    let uri: Uri = address.parse().map_err(|_| unfit())?;
    let (Some(authority), "/", None) = (uri.authority(), uri.path(), uri.query()) else {
        return Err(unfit());
    };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    if authority.as_str().contains('@') || host.is_empty() {
        return Err(unfit());
    }
    let (tls, port) = match uri.scheme_str() {
        Some("http") if !private_network && !is_local(&host) => {
            return Err(Fault::Clear { address: address.to_owned() });
        }
        Some("http") => (None, 80),
        Some("https") => {
            let none = || Fault::NoRoots { address: address.to_owned() };
            let config = shown.tls.clone().ok_or_else(none)?;
            let name = ServerName::try_from(host.clone()).map_err(|_| unfit())?;
            (Some((config, name)), 443)
        }
        _ => return Err(unfit()),
    };
    let port = authority.port_u16().unwrap_or(port);
    let target = Target { host, port, tls };
    let host = HeaderValue::from_str(authority.as_str()).map_err(|_| unfit())?;
    Ok(InstanceEntry { address: address.to_owned(), host, target, pass: shown.pass.clone() })
}

/// Whether a host is on this machine, so that nobody can listen on the way.
pub(crate) fn is_local(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}
