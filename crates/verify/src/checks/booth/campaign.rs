//! Campaigns: their rules, and what may change of them.

use artifact::id::{CampaignName, HolderId};
use artifact::payload;
use booth::campaign::Campaign;
use canon::Timestamp;

use super::chain::Link;
use super::reveal::Revealed;
use crate::finding::{Finding, Findings, booth as rules};
use crate::replay::platform::{Logged, Platform};
use crate::replay::times::Times;

/// A campaign, with all that is known of it.
#[derive(Debug)]
pub(crate) struct Held {
    /// The platform that holds it.
    pub(crate) holder: HolderId,
    /// The entry that logged it first.
    pub(crate) index: u64,
    /// What was published last.
    pub(crate) published: payload::Campaign,
    /// Its rules; none if they do not fit together.
    pub(crate) rules: Option<Campaign>,
    /// Its ends, each with the entry that sets it.
    ends: Vec<(u64, Timestamp)>,
    /// The snapshots that follow one another.
    pub(crate) chain: Vec<Link>,
    /// The number that the next one should have.
    pub(super) next: u64,
    /// What was revealed and is what was committed to.
    pub(crate) revealed: Revealed,
}

impl Held {
    fn new(first: &Logged<payload::Campaign>) -> Self {
        Self {
            holder: first.holder.clone(),
            index: first.index,
            published: first.what.clone(),
            rules: None,
            ends: vec![(first.index, first.what.end)],
            chain: Vec::new(),
            next: 0,
            revealed: Revealed::default(),
        }
    }

    /// The name.
    pub(crate) const fn name(&self) -> &CampaignName {
        &self.published.name
    }

    /// The end that is in force at an entry.
    pub(crate) fn end_at(&self, index: u64) -> Timestamp {
        let set = self.ends.iter().rev().find(|(from, _)| *from <= index);
        set.map_or(self.published.end, |(_, end)| *end)
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
    fn amend(&mut self, later: &Logged<payload::Campaign>, times: &Times) -> Result<(), String> {
        let published = payload::Campaign {
            end: self.published.end,
            deployment_map: self.published.deployment_map,
            ..later.what.clone()
        };
        if published != self.published {
            return Err("other rules".to_owned());
        }
        if self.was_over(later.index, times) {
            return Err(format!("logged after the end, {}", self.end_at(later.index)));
        }
        self.published = later.what.clone();
        self.ends.push((later.index, later.what.end));
        Ok(())
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

/// All campaigns of a log.
pub(super) fn all(platform: &Platform, times: &Times, findings: &mut Findings) -> Vec<Held> {
    let mut all: Vec<Held> = Vec::new();
    for logged in &platform.campaigns {
        let of = format!("campaign {} as entry {}", logged.what.name, logged.index);
        match all.iter_mut().find(|held| *held.name() == logged.what.name) {
            None => all.push(Held::new(logged)),
            Some(held) if held.holder != logged.holder => {
                findings.push(other_platform(held, logged.index, &logged.holder));
            }
            Some(held) => {
                if let Err(found) = held.amend(logged, times) {
                    let expected = format!("{of} only with another end or deployment map, in time");
                    let rule = &rules::CAMPAIGN_CHANGED;
                    findings.push(Finding::entry(rule, logged.index, expected, found));
                }
            }
        }
    }
    for held in &mut all {
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

/// The campaign that an entry speaks of, if it is there and the entry's platform holds it.
pub(super) fn of<'a, T>(
    all: &'a mut [Held],
    name: &CampaignName,
    logged: &Logged<T>,
    findings: &mut Findings,
) -> Option<&'a mut Held> {
    let index = logged.index;
    let held = all.iter_mut().find(|held| held.name() == name && held.index < index);
    let Some(held) = held else {
        let expected = format!("campaign {name} before entry {index}");
        findings.push(Finding::entry(&rules::CAMPAIGN_MISSING, index, expected, "none"));
        return None;
    };
    if held.holder != logged.holder {
        findings.push(other_platform(held, index, &logged.holder));
        return None;
    }
    Some(held)
}

fn other_platform(held: &Held, index: u64, found: &HolderId) -> Finding {
    let expected = format!("an entry of campaign {} by {}", held.name(), held.holder);
    Finding::entry(&rules::OTHER_PLATFORM, index, expected, format!("one by {found}"))
}
