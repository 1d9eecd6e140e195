//! The booth path at the end of a replay: the lists, and what the report says of them.

use artifact::payload::Snapshot;

use super::Replay;
use crate::checks::booth::{Held, Listed, Search, receipt};
use crate::options::Options;
use crate::report::{Anchored, CampaignReport, ListCounts, OptionCount, StampCount};

/// The campaigns of a log, and what their lists hold.
#[derive(Debug, Default)]
pub(super) struct Booths {
    pub(super) held: Vec<Held>,
    /// One for each of them; none for lists that were not read.
    pub(super) listed: Vec<Option<Listed>>,
}

impl Replay<'_> {
    /// Reads the lists of all campaigns, if they were given.
    pub(super) fn lists(&mut self, held: &[Held]) -> Vec<Option<Listed>> {
        // Whoever made another charter than the anchor's also chose how long the lists are.
        if self.anchored == Anchored::Mismatch {
            return Vec::new();
        }
        let bound = receipt::bind(&self.receipts, held, &mut self.findings);
        let Some(lists) = &self.options.lists else {
            return held.iter().map(|_| None).collect();
        };
        let (void, progress) = (&self.void, self.progress);
        let search = Search { source: lists.source(), void, progress };
        let found = &mut self.findings;
        let each = held.iter().zip(&bound).map(|(held, bound)| {
            let listed = search.lists(held, receipt::sought(bound), found);
            if let Some(listed) = &listed {
                receipt::hold(bound, held, listed, found);
            }
            listed
        });
        each.collect()
    }
}

impl Booths {
    /// What the report says of each campaign.
    pub(super) fn report(&self, void_given: bool) -> Vec<CampaignReport> {
        let each = self.held.iter().zip(&self.listed);
        each.map(|(held, listed)| {
            let newest = held.chain.last().map(|link| &link.snapshot);
            CampaignReport {
                name: held.name().to_string(),
                snapshots: u64::try_from(held.chain.len()).unwrap_or(u64::MAX),
                records: newest.map_or(0, |newest| newest.votes.records),
                is_last: held.last().is_some(),
                is_revealed: held.revealed.is_there,
                amendments: held.amendments.clone(),
                stamps: held.told_stamps().map(|link| stamps(&link.snapshot)),
                lists: listed.as_ref().map(|listed| counts(held, listed, void_given)),
            }
        })
        .collect()
    }

    /// What was not looked at.
    pub(super) fn not_checked(&self, options: &Options, texts: &mut Vec<String>) {
        if self.held.is_empty() {
            return;
        }
        let ended =
            |(held, listed): (&Held, &Option<Listed>)| held.last().is_some() && listed.is_some();
        if !options.receipts.is_empty() && !self.held.iter().zip(&self.listed).all(ended) {
            let text = "Of receipts, only the signatures were judged where the lists or the last \
                        snapshot are not there.";
            texts.push(text.to_owned());
        }
        if options.lists.is_none() {
            let text = "The lists of votes and voters were not given (--lists): no record was \
                        judged, and what snapshots say of the lists was held against nothing.";
            return texts.push(text.to_owned());
        }
        for (held, listed) in self.held.iter().zip(&self.listed) {
            let name = held.name();
            let Some(listed) = listed else {
                texts.push(format!("The lists of campaign {name} were not read."));
                continue;
            };
            if held.revealed.stamp_key.is_none() {
                texts.push(format!(
                    "The platform stamps of campaign {name} were not judged: their key is not \
                     revealed."
                ));
            }
            if listed.unopened > 0 {
                texts.push(format!(
                    "{} commitments to lists of campaign {name} were not opened: their salt is not \
                     revealed.",
                    listed.unopened
                ));
            }
            if listed.goes_on && held.last().is_none() {
                texts.push(format!(
                    "The lists of campaign {name} go on behind the newest snapshot of the log; \
                     what follows was not judged."
                ));
            }
        }
    }
}

fn stamps(told: &Snapshot) -> StampCount {
    let each = told.stamps_issued.iter().map(|station| station.stamps);
    StampCount { issued: each.fold(0, u64::saturating_add), votes: told.votes.records }
}

fn counts(held: &Held, listed: &Listed, void_given: bool) -> ListCounts {
    let options = held.published.options.iter().zip(&listed.counts);
    let options = options
        .map(|(option, votes)| OptionCount { option: option.to_string(), votes: *votes })
        .collect();
    ListCounts {
        votes: listed.votes,
        voters: listed.voters,
        options,
        work_hashes: listed.work.to_string(),
        unanimous: listed.unanimous,
        voided: void_given.then_some(listed.voided),
    }
}
