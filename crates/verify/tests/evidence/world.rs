//! A campaign of the booth path within an election: honest, until a test changes something.

use artifact::bundle::MemorySource;
use artifact::charter::Purpose;
use artifact::payload::{CheckIns, Snapshot};
use artifact::role::Role;
use canon::Timestamp;
use serde_json::{Value, json};
use testkit::election::{Election, Placed, Plan};
use testkit::platform::{END, Platform, Told};
use verify::Lists;

use crate::mutations::Case;

/// The two lists.
pub(crate) const VOTES: &str = "solar-vote.log";
pub(crate) const VOTERS: &str = "solar-auth.log";

/// The pages beside them.
pub(crate) const RESULTS: &str = "solar/results.json";
pub(crate) const SNAPSHOTS: &str = "solar/snapshots.json";

/// Who holds the campaign.
pub(crate) const HOLDER: &str = "platform-1";

/// Another platform of the same election.
pub(crate) const OTHER: &str = "platform-2";

/// An election with a campaign.
pub(crate) struct World {
    pub(crate) election: Election,
    pub(crate) platform: Platform,
    tells: Told,
    /// Every snapshot that was logged.
    pub(crate) told: Vec<Snapshot>,
    /// When the newest snapshot was taken, where that was said.
    taken: Timestamp,
}

impl World {
    /// An election for a test, whose snapshots tell digests at once.
    pub(crate) fn new() -> Self {
        Self::of(Purpose::Test)
    }

    /// An election for a purpose. An official one tells commitments until it is over.
    pub(crate) fn of(purpose: Purpose) -> Self {
        let mut plan = Plan { phases: Vec::new(), purpose, ..Plan::default() };
        for holder in [HOLDER, OTHER] {
            plan.holders.push((holder, "county", Role::Platform));
        }
        let election = Election::new(plan);
        let platform = Platform::new("solar").of(&election.charter.election_id, purpose);
        let tells = if purpose == Purpose::Official { Told::Commitments } else { Told::Digests };
        Self { election, platform, tells, told: Vec::new(), taken: Timestamp::MIN }
    }

    /// An election for a test with votes of a day in two shards.
    pub(crate) fn two_shards() -> Self {
        let mut world = Self::new();
        let other = Platform::new("other").campaign.receipt_keys;
        world.platform.campaign.receipt_keys.extend(other);
        world.day()
    }

    /// Covers all entries so far and goes on at another time.
    pub(crate) fn at(&mut self, time: &str) {
        self.election.head();
        self.election.now = time.parse::<Timestamp>().unwrap();
    }

    /// Logs the campaign.
    pub(crate) fn campaign(&mut self) -> Placed {
        self.election.submit(&self.platform.campaign, &[HOLDER])
    }

    /// Logs a snapshot of the lists as they are.
    pub(crate) fn snapshot(&mut self) -> Placed {
        let snapshot = self.platform.snapshot(self.tells, false);
        self.log(&snapshot)
    }

    /// The same, taken at this time by the platform's word.
    pub(crate) fn snapshot_taken(&mut self, time: &str) -> Placed {
        let mut snapshot = self.platform.snapshot(self.tells, false);
        self.taken = time.parse().unwrap();
        snapshot.taken_at = self.taken;
        self.log(&snapshot)
    }

    /// Logs any snapshot.
    pub(crate) fn log(&mut self, snapshot: &Snapshot) -> Placed {
        self.told.push(snapshot.clone());
        self.election.submit(snapshot, &[HOLDER])
    }

    /// Votes for a day: three snapshots of which the first is empty.
    pub(crate) fn day(mut self) -> Self {
        self.campaign();
        self.at("2026-11-03T08:00:00Z");
        self.snapshot();
        for crowd in [6, 9] {
            self.platform.crowd(crowd);
            self.snapshot();
        }
        self
    }

    /// The end of the day, and the last snapshot with two more votes.
    pub(crate) fn evening(mut self) -> Self {
        self.at(END);
        self.platform.crowd(2);
        self.last();
        self
    }

    /// Logs the last snapshot.
    pub(crate) fn last(&mut self) -> Placed {
        let mut last = self.platform.snapshot(Told::Digests, true);
        last.taken_at = last.taken_at.max(self.taken);
        self.log(&last)
    }

    /// Logs the reveal.
    pub(crate) fn reveal(&mut self) -> Placed {
        self.election.submit(&self.platform.reveal(), &[HOLDER])
    }

    /// The close.
    pub(crate) fn closed(mut self) -> Self {
        self.election.head();
        self.election.close();
        self
    }

    /// The authority commits to check-ins.
    pub(crate) fn check_ins(&mut self, time: &str, voters: u64) -> Placed {
        let check_ins = CheckIns {
            campaign: self.platform.campaign.name.clone(),
            election_id: self.election.charter.election_id.clone(),
            places: Vec::new(),
            time: time.parse().unwrap(),
            voters,
        };
        self.election.submit(&check_ins, &["clerk"])
    }

    /// The lists as a publisher shows them.
    pub(crate) fn lists(&self) -> MemorySource {
        let mut lists = MemorySource::new();
        lists.insert(VOTES, self.platform.votes.clone());
        lists.insert(VOTERS, self.platform.voters.clone());
        lists
    }

    /// The pages that an honest publisher shows beside the lists, `results.json` first: of the
    /// newest snapshot, with the votes that the list has.
    pub(crate) fn pages(&self) -> [Value; 2] {
        let newest = self.told.last().unwrap();
        let mut results = json!({
            "campaign": newest.campaign,
            "is_last": newest.is_last,
            "number": newest.number,
            "purpose": self.platform.campaign.purpose,
            "records": newest.votes.records,
            "taken_at": newest.taken_at,
            "voters": newest.voters,
            "votes": newest.votes,
        });
        if newest.votes.digest.is_some() {
            let votes = str::from_utf8(&self.platform.votes).unwrap();
            let of = |option: &str| votes.matches(&format!(" \"{option}\"\n")).count();
            let count = |option: &str| json!({"option": option, "votes": of(option)});
            let options = self.platform.campaign.options.iter();
            results["counts"] = options.map(|option| count(option.as_str())).collect();
        }
        if !newest.without.is_empty() {
            results["without"] = json!(newest.without);
        }
        [results, json!({"snapshots": self.told})]
    }

    /// The honest end of the day, to be judged with the lists.
    pub(crate) fn ended_with_lists(mut self) -> Case {
        self.at(END);
        self.last();
        self.reveal();
        let world = self.closed();
        let lists = Lists::new(world.lists());
        Case::whole(&world.election).with(|options| options.lists = Some(lists))
    }

    /// All of it, honest.
    pub(crate) fn whole(purpose: Purpose) -> Self {
        let mut world = Self::of(purpose).day().evening();
        world.reveal();
        world.closed()
    }
}
