//! A day of a campaign: people come one after the other, two instances record, the publisher takes
//! snapshots, and everything is watched.

use std::collections::BTreeMap;

use booth::Secret;
use booth::campaign::Campaign;
use booth::edge::{Desk, EdgeSecrets};
use booth::request::VoteRequest;
use booth::stamp::{PlatformStamp, StampKeys, VoterStamp};
use booth::totp::Codes;
use booth::vote::Vote;
use booth::work::{Miner, Nonce};
use booth_server::publish::Outcome;
use booth_server::wire::CutsSaid;
use canon::{Digest, Timestamp};
use service::config::Override;
use testkit::campaign::{START, Solar};

use super::super::world::{Publishing, config, lines, started};
use super::seen::{Change, CutSeen, Day, Disk, Own, Seen, State, Visitor, mandate};
use crate::fixture::noon;
use crate::instance::{Platform, Running, until};

/// Options whose lines have different lengths.
const OPTIONS: [&str; 6] = [
    "Io",
    "Ceres",
    "Bold Jupiter",
    "Humble Pluto, now a dwarf",
    "Shiny Saturn with all of its rings",
    "The comet that nobody has on the list of theirs",
];

const END: &str = "2026-11-03T19:00:00Z";

/// Seconds in which people come.
const OPEN_S: u64 = 10 * 3_600 + 3_000;

/// Seconds from one snapshot to the next.
const SNAPSHOT_S: u64 = 120;

/// What kind of day.
pub(super) struct Plan {
    pub(super) visitors: usize,
    pub(super) k: u32,
    /// What `k` is promised to be.
    pub(super) promised: usize,
    pub(super) purpose: &'static str,
    pub(super) stamp_period_s: u64,
    /// Of so many visitors one works for the observer.
    pub(super) own: usize,
    /// Whether devices and edges count where they should draw.
    pub(super) is_counting: bool,
}

/// Numbers from a seed.
pub(super) struct Draw(pub(super) u64);

impl Draw {
    pub(super) fn bytes(&mut self) -> [u8; 32] {
        self.0 += 1;
        Digest::of_parts(&[b"a simulated day\n", &self.0.to_be_bytes()]).0
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        u64::from_be_bytes(*self.bytes().first_chunk().unwrap()) % bound
    }
}

/// What edges and devices do.
struct Voters {
    campaign: Campaign,
    desk: Desk,
    secrets: EdgeSecrets,
    seed: Secret,
    draw: Draw,
    is_counting: bool,
}

impl Voters {
    fn new(campaign: Campaign, is_counting: bool) -> Self {
        let stamps = StampKeys::new(&[51; 32], &[52; 32]).unwrap();
        let secrets = EdgeSecrets { stamps, edge_key: Secret::new(&[53; 32]) };
        let (desk, seed, draw) = (Desk::new(), Secret::new(&[54; 32]), Draw(0));
        Self { campaign, desk, secrets, seed, draw, is_counting }
    }

    fn request(&mut self, number: u32, now: Timestamp) -> VoteRequest {
        let codes = Codes::at(&self.seed, now);
        let judged = self.desk.judge(&self.campaign, None, &codes, codes.current, now).unwrap();
        let random = *self.draw.bytes().first_chunk().unwrap();
        let stamps = judged.stamp(&self.secrets, (&self.draw.bytes(), random));
        let say = OPTIONS[usize::try_from(self.draw.below(6)).unwrap()].to_owned();
        let (platform, stamp) = (stamps.platform, stamps.voter);
        let mut vote = Vote { platform, stamp, nonce: Nonce::from(0), say };
        if self.is_counting {
            let count = number.to_be_bytes();
            let mut signature = vote.platform.signature;
            signature[..4].copy_from_slice(&count);
            vote.platform = PlatformStamp { signature, ..vote.platform };
            let mut stamp = *vote.stamp.bytes();
            stamp[..4].copy_from_slice(&count);
            vote.stamp = VoterStamp::from_bytes(stamp);
            vote.nonce = Nonce::from(u64::from(number));
        } else {
            let mut miner = Miner::new(vote.puzzle(), self.draw.below(u64::MAX));
            miner.run(64);
            vote.nonce = miner.best().unwrap().nonce;
        }
        VoteRequest { vote, mandate: crate::fixture::mandate(number) }
    }

    /// When people come: all day long, a third of them within twenty minutes.
    fn arrivals(&mut self, visitors: usize) -> Vec<u64> {
        let mut times: Vec<u64> = (0..visitors)
            .map(|number| match number % 3 {
                0 => 4 * 3_600 + self.draw.below(1_200),
                _ => self.draw.below(OPEN_S),
            })
            .collect();
        times.sort_unstable();
        times
    }
}

/// Everything that runs.
struct World {
    platform: Platform,
    instances: [Running; 2],
    publishing: Publishing,
    disk: Disk,
    /// Votes by shard and stamp period.
    counts: BTreeMap<(usize, u64), u64>,
    k: u64,
    passed: u64,
    states: Vec<State>,
    visitors: Vec<Visitor>,
}

/// Lets a day pass.
pub(super) fn run(plan: &Plan) -> Day {
    let more = format!("stamp_period_s = {}\n", plan.stamp_period_s);
    let platform = Platform::of(&Solar {
        purpose: plan.purpose,
        options: &OPTIONS,
        time: (START, END),
        k: plan.k,
        shards: 2,
        more: &more,
        ..Solar::default()
    });
    let instances = [0, 1].map(|shard| started(&platform, shard));
    let addresses = [instances[0].address, instances[1].address];
    let full = Override::new("interim", "full");
    let publishing = Publishing::start(&config(&platform, &addresses, &[full]));
    let disk = Disk::new(platform.path(""));
    let mut voters = Voters::new(platform.campaign(), plan.is_counting);
    let (counts, k, passed) = (BTreeMap::new(), u64::from(plan.k), 0);
    let (states, visitors) = (Vec::new(), Vec::new());
    let mut world =
        World { platform, instances, publishing, disk, counts, k, passed, states, visitors };
    let mut requests = Vec::new();
    for (number, at) in (0..).zip(voters.arrivals(plan.visitors)) {
        world.wait_for(at);
        let now = noon().plus_seconds(at).unwrap();
        let request = voters.request(number, now);
        world.vote(&request, now);
        requests.push(request);
    }
    world.close(plan, &requests)
}

impl World {
    fn advance(&mut self, seconds: u64) {
        let clocks = self.instances.iter().map(|one| &one.clock);
        clocks.chain([&self.publishing.clock]).for_each(|clock| clock.advance(seconds));
        self.passed += seconds;
    }

    /// Lets time pass, with the snapshot that is due after the last visitor.
    fn wait_for(&mut self, at: u64) {
        let due = (self.passed / SNAPSHOT_S + 1) * SNAPSHOT_S;
        if due <= at {
            self.advance(due - self.passed);
            let number = self.publishing.taken();
            self.note(number);
        }
        self.advance(at - self.passed);
    }

    /// Notes down what a snapshot shows, and what it changed on the publisher's disk.
    fn note(&mut self, number: u64) {
        let record = self.publishing.publisher.shown().unwrap();
        assert_eq!(record.number, number);
        let before = self.states.last().map_or(0, |state| state.added.end);
        let records = usize::try_from(record.records).unwrap();
        let (added, vote_bytes) = (before..records, record.files[0].bytes);
        self.states.push(State { at: record.taken_at.unix_u64(), added, vote_bytes });
        self.changed();
    }

    /// What has changed on the disks belongs to the last visitor.
    fn changed(&mut self) {
        let changes: Vec<Change> = self.disk.changes();
        if let Some(last) = self.visitors.last_mut() {
            last.changes.extend(changes);
        }
    }

    fn vote(&mut self, request: &VoteRequest, now: Timestamp) {
        let campaign = self.platform.campaign();
        let shard = usize::from(campaign.shard_of(request.mandate.id()).0);
        let period = request.vote.platform.period.unix();
        let expected = if self.k == 0 { 204 } else { 202 };
        assert_eq!(self.instances[shard].vote(request).status, expected);
        *self.counts.entry((shard, period)).or_default() += 1;
        let (at, mandate) = (now.unix_u64(), mandate(request));
        let visitor = Visitor { at, period, shard, mandate, changes: Vec::new(), own: None };
        self.visitors.push(visitor);
        // What this vote lets the instance cut is cut before the next one comes.
        let own = self.counts.iter().filter(|((of, _), _)| *of == shard).map(|(_, count)| *count);
        let of_period =
            |count: u64| count.checked_div(self.k).map_or(count, |n| n.saturating_sub(1));
        let cuts: u64 = own.map(of_period).sum();
        let instance = &self.instances[shard];
        until(|| (instance.figure("collect_cuts_total") >= cuts).then_some(()));
        self.changed();
    }

    /// The close; the observer's own people ask for their receipts, and everything is read.
    fn close(mut self, plan: &Plan, requests: &[VoteRequest]) -> Day {
        self.advance(12 * 3_600);
        loop {
            let outcome = self.publishing.snapshot().unwrap();
            if let Outcome::Taken { number, .. } = outcome {
                self.note(number);
            }
            if self.publishing.publisher.shown().unwrap().is_last {
                break;
            }
        }
        for (at, request) in requests.iter().enumerate().filter(|(at, _)| at % plan.own == 0) {
            let visitor = &mut self.visitors[at];
            let answer = self.instances[visitor.shard].vote(request);
            assert_eq!(answer.status, 204);
            let lines = answer.headers.iter().filter(|(name, _)| {
                name.strip_prefix("receipt").is_some_and(|rest| !rest.starts_with('-'))
            });
            let stamps = lines.filter_map(|(_, line)| line.split(' ').next());
            let receipt = stamps.filter(|stamp| *stamp != "-").map(str::to_owned).collect();
            visitor.own = Some(Own { line: request.vote.line(), receipt });
        }
        let pass = self.platform.secret("publish/publisher-pass");
        let cuts = (0..).zip(&self.instances).flat_map(|(shard, instance)| {
            let headers =
                [("X-Pull".to_owned(), pass.clone()), ("From".to_owned(), "0".to_owned())];
            let said = instance.ask_bare("/cuts", &headers).body;
            cuts(&self.platform, shard, &serde_json::from_str(&said).unwrap())
        });
        let cuts = cuts.collect();
        let lists = ["vote", "auth"].map(|list| self.publishing.lines(list));
        self.publishing.stop();
        self.instances.into_iter().for_each(Running::stop);
        let truth = requests.iter().map(|request| request.vote.line()).collect();
        let (visitors, states) = (self.visitors, self.states);
        Day { seen: Seen { visitors, states, lists, cuts, k: plan.promised }, truth }
    }
}

/// The cuts of an instance, from its lists.
fn cuts(platform: &Platform, shard: usize, said: &CutsSaid) -> Vec<CutSeen> {
    let of = |list: &str| {
        let path = platform.path(&format!("collect-{shard}/state/solar-{list}.log"));
        lines(&std::fs::read(path).unwrap())
    };
    let mut both = ["vote", "auth"].map(of).map(Vec::into_iter);
    let mut from = 0;
    let mut cuts = Vec::new();
    for cut in &said.cuts {
        let count = usize::try_from(cut.records).unwrap();
        let [votes, voters] = &mut both;
        let lines = [votes.take(count).collect(), voters.take(count).collect()];
        cuts.push(CutSeen { shard, lines, from });
        from += cut.vote_bytes;
    }
    cuts
}
