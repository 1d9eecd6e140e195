//! Making an edge's campaigns of a configuration, or saying everything that is wrong with it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use booth::campaign::Campaign;
use booth::collect::PassHeader;
use booth::edge::EdgeSecrets;
use service::clock::Clock;

use super::config::{CampaignEntry, EdgeConfig};
use super::error::{CampaignEntryFault as Fault, EdgeFault, EdgeFaults};
use super::figures::Figures;
use super::origin::{InstanceEntry, Origin};
use super::places::Places;
use super::site::Site;
use crate::campaign::read_campaign;
use crate::collect::Watch;

pub(crate) mod instances;
mod keys;

/// A campaign and the hosts that it is asked under.
pub(super) type Hosted = (Arc<Site>, Vec<String>);

/// The campaigns of a configuration.
pub(super) fn sites(
    config: &EdgeConfig,
    clock: &Arc<dyn Clock>,
    figures: &Figures,
) -> Result<Vec<Hosted>, EdgeFaults> {
    let places = Places::new(&config.examinations);
    let watch = Arc::new(Watch::new(Arc::clone(clock), config.clock_step_s));
    let (mut sites, mut faults) = (Vec::new(), Vec::new());
    let mut served: Vec<(usize, Campaign)> = Vec::new();
    let (mut hosts, mut keys, seeds) = (BTreeMap::new(), BTreeMap::new(), Arc::default());
    if let Some(listen) = config.listen_internal.as_deref()
        && !config.internal_private_network
        && !instances::is_local(listen.rsplit_once(':').map_or(listen, |(host, _)| host))
    {
        faults.push(EdgeFault::Internal { listen: listen.to_owned() });
    }
    if config.campaigns.is_empty() {
        faults.push(EdgeFault::NoCampaign);
    }
    for (number, entry) in (1..).zip(&config.campaigns) {
        let Parts { campaign, secrets, own, shards, stamps_pass } = match parts(entry, &config.base)
        {
            Ok(parts) => parts,
            Err(found) => {
                let each = |fault| EdgeFault::Campaign { number, fault };
                faults.extend(found.into_iter().map(each));
                continue;
            }
        };
        for host in asked_under(entry, &campaign) {
            if let Some(one) = hosts.insert(host.clone(), number) {
                faults.push(EdgeFault::SameHost { one, other: number, host });
            }
        }
        for (what, key) in own {
            if let Some(one) = keys.insert((what, key), number).filter(|one| *one != number) {
                faults.push(EdgeFault::SameKey { one, other: number, what });
            }
        }
        served.push((number, campaign.clone()));
        let (name, clock) = (campaign.name(), Arc::clone(clock));
        let origin = Origin::new(name, shards, &config.origin, Arc::clone(&clock), figures);
        let shared = (figures.clone(), places.clone(), Arc::clone(&seeds));
        let limits = config.tables();
        let site =
            Site::new(campaign, secrets, origin, (clock, Arc::clone(&watch)), limits, shared);
        sites.push((Arc::new(site.with_stamps_pass(stamps_pass)), entry.hosts.clone()));
    }
    faults.extend(remote(&served));
    if faults.is_empty() { Ok(sites) } else { Err(EdgeFaults(faults)) }
}

/// What is wrong between campaigns for remote votes and those of the booths. Both have to be here,
/// for only then are their rules and keys compared.
fn remote(served: &[(usize, Campaign)]) -> impl Iterator<Item = EdgeFault> {
    served.iter().filter_map(|(number, campaign)| {
        let (number, booths) = (*number, campaign.remote_of()?);
        let of_booths =
            |(_, other): &&(usize, Campaign)| other.name() == booths && other.remote_of().is_none();
        let Some((other, main)) = served.iter().find(of_booths) else {
            return Some(EdgeFault::RemoteAlone { number, booths: booths.to_owned() });
        };
        let what = campaign.differs_from(main)?;
        Some(EdgeFault::RemoteDiffers { number, booths: *other, what })
    })
}

/// What no other campaign may be asked under.
fn asked_under(entry: &CampaignEntry, campaign: &Campaign) -> Vec<String> {
    if entry.hosts.is_empty() { vec![campaign.name().to_owned()] } else { entry.hosts.clone() }
}

/// What a campaign's entry names, read and checked.
struct Parts {
    campaign: Campaign,
    secrets: EdgeSecrets,
    /// The keys that no other campaign may have.
    own: Vec<keys::Own>,
    shards: Vec<Vec<InstanceEntry>>,
    stamps_pass: Option<PassHeader>,
}

/// All that an entry names, or everything that is wrong with it.
fn parts(entry: &CampaignEntry, base: &Path) -> Result<Parts, Vec<Fault>> {
    let mut faults = Vec::new();
    let hosts = entry.hosts.iter().filter(|host| !is_host(host));
    faults.extend(hosts.map(|host| Fault::Host { host: host.clone() }));
    let campaign =
        read_campaign(&base.join(&entry.file)).map_err(|fault| faults.push(fault.into()));
    let secrets = keys::secrets(entry, base).map_err(|fault| faults.push(fault));
    if let (Ok(campaign), Ok((secrets, _))) = (&campaign, &secrets) {
        faults.extend(keys::uncommitted(campaign, &secrets.stamps));
    }
    if let Ok(campaign) = &campaign
        && usize::from(campaign.shards()) != entry.shards.len()
    {
        let (expected, found) = (campaign.shards(), entry.shards.len());
        faults.push(Fault::Shards { expected, found });
    }
    let entries = instances::Entries {
        pass: entry.pass.as_ref(),
        tls: entry.origin_tls.as_ref(),
        private_network: entry.private_network,
        shards: &entry.shards,
    };
    let shards = instances::of_shards(&entries, base, &mut faults);
    let stamps_pass = keys::stamps_pass(entry, base).map_err(|fault| faults.push(fault));
    let stamps_pass = stamps_pass.ok().flatten();
    match (campaign, secrets) {
        (Ok(campaign), Ok((secrets, edge_key))) if faults.is_empty() => {
            let own = keys::own(&campaign, &secrets.stamps, edge_key);
            Ok(Parts { campaign, secrets, own, shards, stamps_pass })
        }
        _ => Err(faults),
    }
}

/// Whether a host is written as requests are compared with it.
fn is_host(host: &str) -> bool {
    let fits =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    !host.is_empty() && host.bytes().all(fits)
}
