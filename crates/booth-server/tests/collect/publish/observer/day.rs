//! A day of a campaign: people come one after the other, two instances record, the publisher takes
//! snapshots and tells the log of them, and everything is watched.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use artifact::charter::Purpose;
use booth::campaign::Campaign;
use booth::request::VoteRequest;
use booth_server::publish::{Log, Outcome};
use booth_server::wire::CutsSaid;
use canon::Timestamp;
use service::config::Override;
use tempfile::TempDir;
use testkit::campaign::{START, Solar};
use tokio::runtime::Runtime;

use super::super::logbook::{Logbook, Telling};
use super::super::stamps::MadeUpEdge;
use super::super::world::{Publishing, config, lines, ready};
use super::disk::{Disk, covers, lines_of, shorts};
use super::seen::{CutSeen, Day, Entry, Receipt, Seen, State, Visitor, mandate};
use super::voters::{Draw, OPTIONS, STATIONS, Voters};
use crate::fixture::noon;
use crate::instance::{Answer, Platform, Running, until};

const END: &str = "2026-11-03T19:00:00Z";

/// Seconds from one snapshot to the next.
const SNAPSHOT_S: u64 = 120;

/// Receipts for which each of the observer's own people asks after the close.
const LATE_RECEIPTS: usize = 8;

/// What kind of day.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    pub(super) visitors: usize,
    pub(super) k: u32,
    /// What `k` is promised to be.
    pub(super) promised: usize,
    /// An official one tells no results before the close; any other one tells all.
    pub(super) purpose: Purpose,
    pub(super) stamp_period_s: u64,
    /// Of so many visitors one works for the observer.
    pub(super) own: usize,
    /// Whether devices and edges count where they should draw.
    pub(super) is_counting: bool,
}

/// Everything that runs.
struct World {
    plan: Plan,
    platform: Platform,
    campaign: Campaign,
    instances: [Running; 2],
    edge: MadeUpEdge,
    publishing: Publishing,
    log: Arc<Logbook>,
    disk: Disk,
    voters: Voters,
    /// Which of the observer's own people asks for a receipt, and whether they get one.
    draw: Draw,
    /// What was asked for, by visitors.
    requests: Vec<VoteRequest>,
    /// Votes by shard and stamp period.
    counts: BTreeMap<(usize, u64), u64>,
    passed: u64,
    states: Vec<State>,
    /// When the log took each entry.
    logged: Vec<Timestamp>,
    receipts: Vec<Receipt>,
    visitors: Vec<Visitor>,
    /// Batch keys.
    _keys: TempDir,
    _runtime: Runtime,
}

/// Lets a day pass.
pub(super) fn run(plan: &Plan) -> Day {
    let mut world = World::new(plan);
    for (number, at) in (0..).zip(world.voters.arrivals(plan.visitors)) {
        world.wait_for(at);
        let now = noon().plus_seconds(at).unwrap();
        let request = world.voters.request(number, now);
        world.vote(request, now);
        world.ask();
    }
    world.close()
}

impl World {
    fn new(plan: &Plan) -> Self {
        let more = format!(
            "stamp_period_s = {}\nstations = {STATIONS:?}\nstamps_per_code = 1000\n",
            plan.stamp_period_s
        );
        let rules = Solar {
            purpose: &plan.purpose.to_string(),
            options: &OPTIONS,
            time: (START, END),
            k: plan.k,
            shards: 2,
            more: &more,
            ..Solar::default()
        };
        // In memory nobody waits for a disk; the keys of an official campaign have to lie apart.
        let memory = || tempfile::tempdir_in("/dev/shm").unwrap();
        let platform = Platform::below(memory(), &rules);
        let keys = if plan.purpose == Purpose::Official {
            tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
        } else {
            memory()
        };
        let instances = [0, 1].map(|shard| instance(&platform, &keys, shard));
        let addresses = [instances[0].address, instances[1].address];
        let runtime = Runtime::new().unwrap();
        let edge = MadeUpEdge::start(&runtime, &platform);
        let telling = Telling::new(&platform, plan.purpose);
        let edges = vec![format!("http://{}", edge.address)];
        // Stamps are told with each snapshot, which is more often than they are by default.
        let mut more = vec![Override::new("edges", edges), Override::new("stamps_s", 0)];
        more.extend(telling.flags);
        if plan.purpose != Purpose::Official {
            more.push(Override::new("interim", "full"));
        }
        let (config, log) = (config(&platform, &addresses, &more), Logbook::new());
        let shared: Arc<dyn Log> = log.clone();
        let publishing = Publishing::with_log(&config, Some(shared), noon()).unwrap();
        let campaign = platform.campaign();
        let mut world = Self {
            plan: *plan,
            disk: Disk::new(vec![
                ("solar".to_owned(), platform.path("")),
                ("keys".to_owned(), keys.path().to_path_buf()),
            ]),
            platform,
            instances,
            edge,
            publishing,
            log,
            voters: Voters::new(campaign.clone(), plan),
            campaign,
            draw: Draw(1 << 32),
            requests: Vec::new(),
            counts: BTreeMap::new(),
            passed: 0,
            states: Vec::new(),
            logged: Vec::new(),
            receipts: Vec::new(),
            visitors: Vec::new(),
            _keys: keys,
            _runtime: runtime,
        };
        world.commit();
        world
    }

    fn advance(&mut self, seconds: u64) {
        let clocks = self.instances.iter().map(|one| &one.clock);
        clocks.chain([&self.publishing.clock]).for_each(|clock| clock.advance(seconds));
        self.passed += seconds;
    }

    fn now(&self) -> Timestamp {
        noon().plus_seconds(self.passed).unwrap()
    }

    /// Lets time pass, with the snapshot that is due after the last visitor.
    fn wait_for(&mut self, at: u64) {
        let due = (self.passed / SNAPSHOT_S + 1) * SNAPSHOT_S;
        if due <= at {
            self.advance(due - self.passed);
            self.edge.says_by_station(self.voters.issued());
            let number = self.publishing.taken();
            self.note(number);
        }
        self.advance(at - self.passed);
    }

    /// Tells the log what there is to tell.
    fn commit(&mut self) {
        let now = self.now();
        self.log.at(now);
        let taken = usize::try_from(self.publishing.commit().unwrap()).unwrap();
        self.logged.extend(std::iter::repeat_n(now, taken));
    }

    /// Notes down what a snapshot shows, and what it changed on the publisher's disk.
    fn note(&mut self, number: u64) {
        let record = self.publishing.publisher.shown().unwrap();
        assert_eq!(record.number, number);
        let before = self.states.last().map_or(0, |state| state.added.end);
        let records = usize::try_from(record.records).unwrap();
        let (added, vote_bytes) = (before..records, record.files[0].bytes);
        self.states.push(State { at: record.taken_at.unix_u64(), added, vote_bytes });
        self.commit();
        self.changed();
    }

    /// What has changed on the disks belongs to the last visitor.
    fn changed(&mut self) {
        let changes = self.disk.changes();
        if let Some(last) = self.visitors.last_mut() {
            last.changes.extend(changes);
        }
    }

    fn vote(&mut self, request: VoteRequest, now: Timestamp) {
        let shard = usize::from(self.campaign.shard_of(request.mandate.id()).0);
        let period = request.vote.platform.period.unix();
        let k = u64::from(self.plan.k);
        let expected = if k == 0 { 204 } else { 202 };
        assert_eq!(self.instances[shard].vote(&request).status, expected);
        *self.counts.entry((shard, period)).or_default() += 1;
        let is_own = self.visitors.len().is_multiple_of(self.plan.own);
        self.visitors.push(Visitor {
            at: now.unix_u64(),
            period,
            shard,
            mandate: mandate(&request),
            changes: Vec::new(),
            own: is_own.then(|| request.vote.line()),
        });
        self.requests.push(request);
        // What this vote lets the instance cut is cut before the next one comes.
        let own = self.counts.iter().filter(|((of, _), _)| *of == shard).map(|(_, count)| *count);
        let of_period = |count: u64| count.checked_div(k).map_or(count, |n| n.saturating_sub(1));
        let cuts: u64 = own.map(of_period).sum();
        let instance = &self.instances[shard];
        until(|| (instance.figure("collect_cuts_total") >= cuts).then_some(()));
        self.changed();
    }

    /// One of the observer's own people asks again.
    fn ask(&mut self) {
        let own = self.visitors.len().div_ceil(self.plan.own) as u64;
        let visitor = usize::try_from(self.draw.below(own)).unwrap() * self.plan.own;
        self.receipt(visitor);
    }

    /// Asks for a receipt; whether there is one.
    fn receipt(&mut self, visitor: usize) -> bool {
        let shard = self.visitors[visitor].shard;
        let answer = self.instances[shard].vote(&self.requests[visitor]);
        let is_given = answer.status == 204;
        if is_given {
            let (stamps, came) = (stamps_of(&answer), self.visitors.len());
            self.receipts.push(Receipt { visitor, came, stamps });
        } else {
            assert_eq!(answer.status, 202);
        }
        is_given
    }

    /// The close; the observer's own people ask for more receipts, and everything is read.
    fn close(mut self) -> Day {
        self.edge.says_by_station(self.voters.issued());
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
        for _ in 0..LATE_RECEIPTS {
            for visitor in (0..self.visitors.len()).step_by(self.plan.own) {
                assert!(self.receipt(visitor));
            }
        }
        let lists = ["vote", "auth"].map(|list| self.publishing.lines(list));
        let cuts = [0, 1].into_iter().flat_map(|shard| self.cuts(shard, &lists)).collect();
        let entries = self.entries();
        self.publishing.stop();
        self.instances.into_iter().for_each(Running::stop);
        let truth = self.requests.iter().map(|request| request.vote.line()).collect();
        let stations = self.voters.stations.iter().map(|at| STATIONS[*at].to_owned()).collect();
        let (visitors, states, receipts) = (self.visitors, self.states, self.receipts);
        let k = self.plan.promised;
        let seen = Seen { visitors, states, entries, receipts, lists, cuts, k };
        Day { seen, truth, stations }
    }

    /// The snapshots on the log.
    fn entries(&self) -> Vec<Entry> {
        let told = self.log.told();
        assert_eq!(told.len(), self.logged.len());
        let each = told.into_iter().zip(&self.logged);
        let snapshots = each.filter(|((kind, _), _)| kind == "snapshot/v1");
        let entry = |((_, payload), at): ((String, serde_json::Value), &Timestamp)| {
            let stamps = payload["stamps_issued"].as_array().into_iter().flatten();
            let by_station = |one: &serde_json::Value| {
                let station = one["station"].as_str().unwrap().to_owned();
                (station, one["stamps"].as_u64().unwrap())
            };
            let records = payload["votes"]["records"].as_u64().unwrap();
            let records = usize::try_from(records).unwrap();
            Entry { at: at.unix_u64(), records, stamps: stamps.map(by_station).collect() }
        };
        snapshots.map(entry).collect()
    }

    /// The cuts of an instance, from its lists and the files beside them.
    fn cuts(&self, shard: usize, published: &[Vec<String>; 2]) -> Vec<CutSeen> {
        let pass = self.platform.secret("publish/publisher-pass");
        let headers = [("X-Pull".to_owned(), pass), ("From".to_owned(), "0".to_owned())];
        let said = self.instances[shard].ask_bare("/cuts", &headers).body;
        let said: CutsSaid = serde_json::from_str(&said).unwrap();
        let read = |name: &str| {
            let path = format!("collect-{shard}/state/{name}");
            std::fs::read(self.platform.path(&path)).unwrap()
        };
        let shorts = shorts(published);
        let short =
            |list: usize, name: &str| VecDeque::from(lines_of(&read(name), list, &shorts[list]));
        let mut files = [
            VecDeque::from(lines(&read("solar-vote.log"))),
            VecDeque::from(lines(&read("solar-auth.log"))),
            short(0, "stamps.seen"),
            short(1, "mandates.seen"),
        ];
        let (mut from, mut cuts) = (0, Vec::new());
        for (cut, covers) in said.cuts.iter().zip(covers(&read("cuts.log"))) {
            let count = usize::try_from(cut.records).unwrap();
            let [votes, voters, stamps, mandates] =
                files.each_mut().map(|file| file.drain(..count).collect());
            let (lines, short) = ([votes, voters], [stamps, mandates]);
            cuts.push(CutSeen { shard, lines, short, covers, from });
            from += cut.vote_bytes;
        }
        assert!(files.iter().all(VecDeque::is_empty));
        cuts
    }
}

/// An instance that tells what it has cut, with its batch keys here.
fn instance(platform: &Platform, keys: &TempDir, shard: u16) -> Running {
    let keys = keys.path().join(shard.to_string());
    let more = [
        Override::new("batch_keys", keys.to_str().unwrap()),
        Override::new("batch_keys_on_disk", true),
    ];
    let config = platform.config(shard, &more);
    let instance = Running::try_start(platform, &config, noon()).unwrap();
    ready(platform, &instance);
    instance
}

/// The stamps of a receipt.
fn stamps_of(answer: &Answer) -> Vec<String> {
    let is_line = |name: &str| name.strip_prefix("receipt").is_some_and(|n| !n.starts_with('-'));
    let lines = answer.headers.iter().filter(|(name, _)| is_line(name));
    let stamps = lines.filter_map(|(_, line)| line.split(' ').next());
    stamps.filter(|stamp| *stamp != "-").map(str::to_owned).collect()
}
