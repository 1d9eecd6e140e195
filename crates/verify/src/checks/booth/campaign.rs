//! Campaigns: their rules, and what may change of them.

use std::collections::BTreeMap;

use artifact::charter::Purpose;
use artifact::id::{CampaignName, HolderId};
use artifact::payload;
use booth::campaign::Campaign;
use canon::{Digest, Timestamp};

use super::chain::Link;
use super::check_ins::Counted;
use super::reveal::Revealed;
use crate::commitment::MapEntry;
use crate::finding::{Finding, Findings, booth as rules};
use crate::replay::platform::{Logged, Platform, Rules};
use crate::replay::times::Times;
use crate::report::{Amendment, EndMove};

/// A campaign, with all that is known of it.
#[derive(Debug)]
pub(crate) struct Held {
    /// The platform that holds it.
    pub(crate) holder: HolderId,
    /// The entry that logged it first.
    pub(crate) index: u64,
    /// What was published last.
    pub(crate) published: payload::Campaign,
    /// SHA-256 of all of it that may not change.
    lasting: Digest,
    /// Its rules; none if they do not fit together.
    pub(crate) rules: Option<Campaign>,
    /// Its ends, each with the entry that sets it.
    ends: Vec<(u64, Timestamp)>,
    /// Its deployment maps, each with the entry that names it.
    pub(crate) maps: Vec<MapEntry>,
    /// What later entries have changed, in their order.
    pub(crate) amendments: Vec<Amendment>,
    /// The snapshots that follow one another.
    pub(crate) chain: Vec<Link>,
    /// The number that the next one should have.
    pub(super) next: u64,
    /// Check-ins that the authority has committed to, in the log's order.
    pub(crate) check_ins: Vec<Counted>,
    /// What was revealed and is what was committed to.
    pub(crate) revealed: Revealed,
}

impl Held {
    fn new(first: &Logged<Rules>, published: &payload::Campaign, times: &Times) -> Self {
        let logged_at = times.at(first.index);
        let map = MapEntry {
            entry: first.index,
            logged_at,
            sha256: published.deployment_map,
            has_begun: has_begun(published, logged_at),
        };
        Self {
            holder: first.holder.clone(),
            index: first.index,
            published: published.clone(),
            lasting: first.what.lasting,
            rules: None,
            ends: vec![(first.index, published.end)],
            maps: vec![map],
            amendments: Vec::new(),
            chain: Vec::new(),
            next: 0,
            check_ins: Vec::new(),
            revealed: Revealed::default(),
        }
    }

    /// The name.
    pub(crate) const fn name(&self) -> &CampaignName {
        &self.published.name
    }

    /// The end that is in force at an entry.
    pub(crate) fn end_at(&self, index: u64) -> Timestamp {
        let set = self.ends.partition_point(|(from, _)| *from <= index).checked_sub(1);
        set.and_then(|at| self.ends.get(at)).map_or(self.published.end, |(_, end)| *end)
    }

    /// Whether the campaign was over when an entry was logged, by the log's clock.
    pub(crate) fn was_over(&self, index: u64, times: &Times) -> bool {
        times.at(index).is_some_and(|time| time >= self.end_at(index))
    }

    /// The last snapshot, if it says that it is.
    pub(crate) fn last(&self) -> Option<&Link> {
        self.chain.last().filter(|link| link.snapshot.is_last)
    }

    /// The newest snapshot that tells of stamps.
    pub(crate) fn told_stamps(&self) -> Option<&Link> {
        self.chain.iter().rev().find(|link| !link.snapshot.stamps_issued.is_empty())
    }

    /// Takes in a later entry of the same name, or says why it is no amendment.
    fn amend(&mut self, later: &Logged<Rules>, times: &Times) -> Result<(), String> {
        if later.what.lasting != self.lasting {
            return Err("other rules".to_owned());
        }
        if self.was_over(later.index, times) {
            return Err(format!("logged after the end, {}", self.end_at(later.index)));
        }
        let (changing, logged_at) = (later.what.changing, times.at(later.index));
        let moved = (changing.end != self.published.end)
            .then_some(EndMove { from: self.published.end, to: changing.end });
        if let Some(fault) = moved.and_then(|moved| self.fault_of(moved, logged_at)) {
            return Err(fault);
        }
        let another_map = changing.deployment_map != self.published.deployment_map;
        self.published.end = changing.end;
        self.published.deployment_map = changing.deployment_map;
        self.ends.push((later.index, changing.end));
        let has_begun = has_begun(&self.published, logged_at);
        let entry = later.index;
        if another_map {
            let sha256 = changing.deployment_map;
            self.maps.push(MapEntry { entry, logged_at, sha256, has_begun });
        }
        self.amendments.push(Amendment { entry, logged_at, end: moved, another_map, has_begun });
        Ok(())
    }

    /// Why an end cannot move so. Were it moved to a time that has come, whoever moves it could
    /// tell results and reveal keys from then on, while votes are taken by the rules that the edges
    /// have. And who may stop an official election early, when its count suits them, decides it. A
    /// demonstration, which tells everything at once, may be over whenever somebody says so.
    fn fault_of(&self, moved: EndMove, logged_at: Option<Timestamp>) -> Option<String> {
        let EndMove { from, to } = moved;
        if self.published.purpose == Purpose::Official && to < from {
            return Some(format!("the end moved from {from} to an earlier one, {to}"));
        }
        let is_shown = self.published.purpose == Purpose::Demonstration;
        let has_come = !is_shown && logged_at.is_some_and(|time| time >= to);
        has_come.then(|| format!("the end moved from {from} to one that had come, {to}"))
    }

    /// Finds a campaign of booths that nobody can find the booths of. A map may come until the end.
    fn mapped(&self, findings: &mut Findings) {
        let published = &self.published;
        let owes = published.purpose == Purpose::Official && published.remote_of.is_none();
        if owes && published.deployment_map.is_none() {
            let expected = "the digest of its deployment map";
            findings.push(Finding::entry(&rules::MAP_MISSING, self.index, expected, "none"));
        }
    }

    /// Finds what a closed election should have of it.
    pub(super) fn owed(&self, findings: &mut Findings) {
        let subject = || format!("campaign {}", self.name());
        if self.last().is_none() {
            let found = match self.chain.last() {
                Some(link) => format!("snapshot {}, which is not the last", link.snapshot.number),
                None => "no snapshot".to_owned(),
            };
            let expected = "a last snapshot before the close";
            findings.push(Finding::new(&rules::LAST_MISSING, subject(), expected, found));
        }
        if !self.revealed.is_there {
            let expected = "a reveal before the close";
            findings.push(Finding::new(&rules::REVEAL_MISSING, subject(), expected, "none"));
        }
    }
}

/// Whether a campaign had begun at a time of the log.
fn has_begun(published: &payload::Campaign, logged_at: Option<Timestamp>) -> bool {
    logged_at.is_some_and(|time| time >= published.start)
}

/// All campaigns of a log.
#[derive(Debug, Default)]
pub(super) struct Campaigns {
    /// In the order of their first entries.
    pub(super) held: Vec<Held>,
    /// Their places by name; none for one that is beyond what is judged.
    places: BTreeMap<CampaignName, Option<usize>>,
}

/// Puts the entries of each campaign together.
pub(super) fn all(platform: &Platform, times: &Times, findings: &mut Findings) -> Campaigns {
    let mut all = Campaigns::default();
    for logged in &platform.campaigns {
        match all.places.get(&logged.what.name) {
            Some(Some(place)) => {
                if let Some(held) = all.held.get_mut(*place) {
                    again(held, logged, times, findings);
                }
            }
            Some(None) => {}
            None => all.first(logged, times, findings),
        }
    }
    for held in &mut all.held {
        held.mapped(findings);
        match Campaign::from_published(&held.published) {
            Ok(rules) => held.rules = Some(rules),
            Err(faults) => {
                let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
                let expected = "rules that fit together";
                let found = faults.join("; ");
                findings.push(Finding::entry(&rules::CAMPAIGN_FAULTY, held.index, expected, found));
            }
        }
    }
    all
}

/// Judges a later entry of a campaign.
fn again(held: &mut Held, logged: &Logged<Rules>, times: &Times, findings: &mut Findings) {
    if held.holder != logged.holder {
        return findings.push(other_platform(held, logged.index, &logged.holder));
    }
    if let Err(found) = held.amend(logged, times) {
        let of = format!("campaign {} as entry {}", held.name(), logged.index);
        let expected = format!("{of} only with another end or deployment map, in time");
        findings.push(Finding::entry(&rules::CAMPAIGN_CHANGED, logged.index, expected, found));
    }
}

impl Campaigns {
    /// Takes in a campaign that was not met before.
    fn first(&mut self, logged: &Logged<Rules>, times: &Times, findings: &mut Findings) {
        let name = logged.what.name.clone();
        if let Some(published) = &logged.what.whole {
            let late = times.at(logged.index).filter(|time| *time >= published.start);
            if let Some(time) = late.filter(|_| published.purpose == Purpose::Official) {
                let expected = format!("the rules before {}", published.start);
                let found = format!("at {time}");
                findings.push(Finding::entry(&rules::RULES_LATE, logged.index, expected, found));
            }
            self.places.insert(name, Some(self.held.len()));
            return self.held.push(Held::new(logged, published, times));
        }
        self.places.insert(name, None);
        let expected = "campaigns of 16 MiB together at most";
        let rule = &rules::CAMPAIGNS_MANY;
        findings.push(Finding::entry(rule, logged.index, expected, "one more"));
    }

    /// The campaign that an entry speaks of, if it is there and the entry's platform holds it.
    pub(super) fn of<T>(
        &mut self,
        name: &CampaignName,
        logged: &Logged<T>,
        findings: &mut Findings,
    ) -> Option<&mut Held> {
        let held = self.named(name, logged.index, findings)?;
        if held.holder != logged.holder {
            findings.push(other_platform(held, logged.index, &logged.holder));
            return None;
        }
        Some(held)
    }

    /// The campaign of a name, if it stands before an entry.
    pub(super) fn named(
        &mut self,
        name: &CampaignName,
        index: u64,
        findings: &mut Findings,
    ) -> Option<&mut Held> {
        let place = self.places.get(name).copied();
        if place == Some(None) {
            return None;
        }
        let held = place.flatten().and_then(|place| self.held.get_mut(place));
        let Some(held) = held.filter(|held| held.index < index) else {
            let expected = format!("campaign {name} before entry {index}");
            findings.push(Finding::entry(&rules::CAMPAIGN_MISSING, index, expected, "none"));
            return None;
        };
        Some(held)
    }
}

fn other_platform(held: &Held, index: u64, found: &HolderId) -> Finding {
    let expected = format!("an entry of campaign {} by {}", held.name(), held.holder);
    Finding::entry(&rules::OTHER_PLATFORM, index, expected, format!("one by {found}"))
}
