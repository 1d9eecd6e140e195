//! The booth path at the end of a replay: the lists, and what the report says of them.

use artifact::id::StationId;
use artifact::payload::platform::LeftOut;
use artifact::payload::{self, Snapshot};

use super::Replay;
use crate::checks::booth::{Held, Listed, Search, Told, receipt, results};
use crate::commitment::Commitment;
use crate::growth::{Growth, Point};
use crate::options::Options;
use crate::report::{
    Anchored, CampaignReport, CheckInCount, LeftOutShard, ListCounts, OptionCount, StampCount,
};

/// The campaigns of a log, and what their lists hold.
#[derive(Debug, Default)]
pub(super) struct Booths {
    pub(super) held: Vec<Held>,
    /// One for each of them; none for lists that were not read.
    pub(super) listed: Vec<Option<Listed>>,
    /// What stands beside the lists of each of them; nothing if no lists were given.
    pub(super) told: Vec<Told>,
}

impl Replay<'_> {
    /// Reads the lists of all campaigns, and what is told beside them, if they were given.
    pub(super) fn lists(&mut self, held: &[Held]) -> (Vec<Option<Listed>>, Vec<Told>) {
        // Whoever made another charter than the anchor's also chose how long the lists are.
        if self.anchored == Anchored::Mismatch {
            return (Vec::new(), Vec::new());
        }
        let bound = receipt::bind(&self.receipts, held, &mut self.findings);
        let Some(lists) = &self.options.lists else {
            return (held.iter().map(|_| None).collect(), Vec::new());
        };
        let source = lists.source();
        let (void, progress) = (&self.void, self.progress);
        let in_course = self.in_course;
        let search = Search { source, void, progress, in_course };
        let found = &mut self.findings;
        let each = held.iter().zip(&bound).map(|(held, bound)| {
            let page = results::read(source, held, found);
            let asked = results::records(held, &page);
            let listed = search.lists(held, receipt::sought(bound), asked, found);
            if let Some(listed) = &listed {
                receipt::hold(bound, held, listed, found);
            }
            let tally = listed.as_ref().and_then(|listed| listed.tally.as_ref());
            let told = results::hold(source, held, page, tally, found);
            (listed, told)
        });
        each.unzip()
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
                check_ins: held
                    .check_ins
                    .last()
                    .map(|one| CheckInCount { time: one.time, voters: one.voters }),
                lists: listed.as_ref().map(|listed| counts(held, listed, void_given)),
                without: held.without().iter().map(left_out).collect(),
            }
        })
        .collect()
    }

    /// How the lists of each campaign grew.
    pub(super) fn growth(&self) -> Vec<Growth> {
        let each = self.held.iter().zip(&self.listed);
        each.map(|(held, listed)| growth(held, listed.as_ref())).collect()
    }

    /// What each campaign has committed to about its booths.
    pub(super) fn commitments(&self) -> Vec<Commitment> {
        let of = |held: &Held| Commitment {
            campaign: held.name().to_string(),
            holder: held.holder.to_string(),
            entry: held.index,
            maps: held.maps.clone(),
            totp_seed: held.revealed.totp_seed,
        };
        self.held.iter().map(of).collect()
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
        for (held, told) in self.held.iter().zip(&self.told) {
            told.not_checked(held, texts);
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

fn left_out(one: &LeftOut) -> LeftOutShard {
    LeftOutShard { reason: one.reason.to_string(), records: one.records, shard: one.shard }
}

fn stamps(told: &Snapshot) -> StampCount {
    let each = told.stamps_issued.iter().map(|station| station.stamps);
    StampCount { issued: each.fold(0, u64::saturating_add), votes: told.votes.records }
}

fn growth(held: &Held, listed: Option<&Listed>) -> Growth {
    let published = &held.published;
    let course = listed.and_then(|listed| listed.course.as_deref());
    let points = held.chain.iter().map(|link| {
        let Snapshot { number, taken_at, votes, voters, is_last, .. } = &link.snapshot;
        Point {
            number: *number,
            taken_at: *taken_at,
            logged_at: link.logged_at.unwrap_or(*taken_at),
            votes: votes.records,
            voters: voters.records,
            by_option: course.and_then(|course| {
                let none = || (votes.records == 0).then(|| vec![0; published.options.len()]);
                let at = course.binary_search_by_key(&votes.records, |(lines, _)| *lines).ok();
                at.and_then(|at| course.get(at)).map(|(_, counts)| counts.clone()).or_else(none)
            }),
            stamps: station_stamps(published, &link.snapshot),
            is_last: *is_last,
        }
    });
    let options = published.options.iter().map(ToString::to_string).collect();
    let stations = published.stations.iter().map(ToString::to_string).collect();
    Growth {
        campaign: published.name.to_string(),
        options,
        stations,
        k: published.k,
        shards: published.receipt_keys.len(),
        stamp_period_s: published.stamp_period_s,
        points: points.collect(),
        check_ins: held.check_ins.iter().map(|one| (one.time, one.voters)).collect(),
    }
}

/// The stamps of a snapshot by station, in the campaign's order; none if it tells of none.
fn station_stamps(published: &payload::Campaign, told: &Snapshot) -> Option<Vec<u64>> {
    let issued = &told.stamps_issued;
    if issued.is_empty() {
        return None;
    }
    let of = |station: Option<&StationId>| {
        let own = issued.iter().filter(|one| one.station.as_ref() == station);
        own.map(|one| one.stamps).fold(0, u64::saturating_add)
    };
    Some(match published.stations.as_slice() {
        [] => vec![of(None)],
        stations => stations.iter().map(|station| of(Some(station))).collect(),
    })
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
