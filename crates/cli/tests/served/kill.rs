//! The log is killed at many moments, and sometimes a witness too, while submitters are at work.
//!
//! Whatever the outside was told must hold afterwards: every promise, every head, every object.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use artifact::bundle::{BundlePath, FolderSource, Source};
use artifact::leaf;
use canon::Digest;
use log_server::log::client::{Client, ClientError, History};
use log_server::log::{Receipt, Submission};
use tlog::merkle::{Frontier, leaf_hash};
use tlog::tile::{LeafPath, decode_leaves, places_for_growth};

use crate::process::run;
use crate::world::{WITNESSES, World, head};

const ROUNDS: usize = 8;
const SUBMITTERS: usize = 3;
const SUBMISSIONS: usize = 600;

/// When the log is killed. The numbers follow from the round, so every run kills at the same
/// moments, as far as the machine lets it.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// As soon as it listens: it is signing and publishing its first head.
    Listening,
    /// After so many acknowledgements.
    Acknowledged(usize),
    /// So many acknowledgements after a new head is to be seen here: signed and not yet
    /// cosigned, or published.
    Head(&'static str, usize),
}

struct Round {
    moment: Moment,
    /// A witness to be killed after the first acknowledgement.
    witness: Option<usize>,
}

impl Round {
    fn new(number: usize) -> Self {
        let seed = Digest::of(format!("scrutineer kill round {number}").as_bytes()).0;
        let [count, few, is_killed, witness] = [0, 1, 2, 3].map(|at| usize::from(seed[at]));
        let moment = match number % 4 {
            0 => Moment::Acknowledged(1 + count % 40),
            1 => Moment::Head("/checkpoint.pending", few % 4),
            2 => Moment::Listening,
            _ => Moment::Head("/checkpoint", few % 4),
        };
        Self { moment, witness: (is_killed % 2 == 0).then_some(witness % WITNESSES) }
    }
}

/// What the outside was told.
#[derive(Default)]
struct Told {
    receipts: BTreeMap<u64, Receipt>,
    roots: BTreeMap<u64, Digest>,
    /// The sizes at `/checkpoint` and `/checkpoint.pending`, which never go back.
    latest: BTreeMap<&'static str, u64>,
    objects: BTreeMap<String, Digest>,
}

impl Told {
    fn receipt(&mut self, receipt: Receipt) {
        let (index, is_duplicate) = (receipt.index, receipt.is_duplicate);
        let leaf = receipt.leaf.clone();
        if let Some(earlier) = self.receipts.insert(index, receipt) {
            assert_eq!(earlier.leaf, leaf, "entry {index} was promised to two");
            assert!(is_duplicate);
        }
    }

    /// Reads the head at a path; its size.
    fn head(&mut self, client: &Client, path: &'static str) -> u64 {
        let bytes = match client.get(path) {
            Ok(bytes) => bytes,
            Err(ClientError::Refused { status: 404, .. }) => {
                assert!(!self.latest.contains_key(path), "{path} is gone");
                return 0;
            }
            Err(error) => panic!("{error}"),
        };
        let head = head(&bytes);
        let root = self.roots.entry(head.size).or_insert(head.root);
        assert_eq!(*root, head.root, "two roots of {} entries", head.size);
        let before = self.latest.insert(path, head.size).unwrap_or_default();
        assert!(before <= head.size, "{path} went back from {before} to {}", head.size);
        head.size
    }

    /// Compares the published objects with those of earlier rounds.
    fn objects(&mut self, published: &Path) {
        let source = FolderSource::open(published).unwrap();
        let mut now = BTreeMap::new();
        for path in source.paths().unwrap().unwrap() {
            // Others are staged, and nobody was told of them.
            let Ok(parsed) = path.parse::<BundlePath>() else { continue };
            if !parsed.is_mutable() {
                let bytes = source.read(&path, u64::MAX).unwrap().unwrap();
                now.insert(path, Digest::of(&bytes));
            }
        }
        for (path, digest) in &self.objects {
            assert_eq!(now.get(path), Some(digest), "{path} has changed");
        }
        self.objects = now;
    }
}

/// What is to be submitted.
struct Queue {
    waiting: Mutex<VecDeque<Submission>>,
    /// Those whose answer never came.
    unknown: Mutex<Vec<Submission>>,
}

/// Submits until the log is gone or everything is submitted.
fn submit(client: &Client, queue: &Queue, history: &History, told: &Sender<Receipt>) {
    loop {
        let Some(submission) = queue.waiting.lock().unwrap().pop_front() else { return };
        match client.add(&submission, Some(history)) {
            Ok(receipt) => told.send(receipt).unwrap(),
            Err(ClientError::Unreachable { .. }) => {
                queue.unknown.lock().unwrap().push(submission);
                return;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Looks on until the moment has come.
fn look_on(world: &mut World, told: &mut Told, round: &Round, receipts: &Receiver<Receipt>) {
    let client = world.client();
    let before = told.roots.last_key_value().map_or(0, |(size, _)| *size);
    let mut witness = round.witness;
    let mut acknowledged = 0;
    let mut since_head = None;
    loop {
        for path in ["/checkpoint", "/checkpoint.pending"] {
            let size = told.head(&client, path);
            if matches!(round.moment, Moment::Head(at, _) if at == path) && size > before {
                since_head.get_or_insert(acknowledged);
            }
        }
        let is_all = loop {
            match receipts.try_recv() {
                Ok(receipt) => {
                    told.receipt(receipt);
                    acknowledged += 1;
                }
                Err(error) => break error == TryRecvError::Disconnected,
            }
        };
        if acknowledged > 0
            && let Some(number) = witness.take()
        {
            world.witnesses[number].take().unwrap().kill();
        }
        let has_come = match round.moment {
            Moment::Listening => true,
            Moment::Acknowledged(count) => acknowledged >= count,
            Moment::Head(_, few) => since_head.is_some_and(|at| acknowledged >= at + few),
        };
        if has_come || is_all {
            return;
        }
    }
}

fn play(world: &mut World, told: &mut Told, round: &Round, queue: &Queue) {
    let (sender, receipts) = channel();
    let (client, history) = (world.client(), world.history());
    std::thread::scope(|scope| {
        for _ in 0..SUBMITTERS {
            let (sender, client, history) = (sender.clone(), &client, &history);
            scope.spawn(move || submit(client, queue, history, &sender));
        }
        drop(sender);
        look_on(world, told, round, &receipts);
        world.kill_log();
        for receipt in &receipts {
            told.receipt(receipt);
        }
    });
    told.objects(&world.path("log/published"));
}

/// Compares everything that was told with the leaves of an exported bundle of `size` entries.
fn compare(told: &Told, bundle: &Path, size: u64) {
    let source = FolderSource::open(bundle).unwrap();
    let mut tree = Frontier::new();
    for place in places_for_growth(0, size) {
        let bytes = source.read(&LeafPath(place).to_string(), 1 << 20).unwrap().unwrap();
        for line in decode_leaves(&bytes, place.width()).unwrap() {
            if let Some(receipt) = told.receipts.get(&tree.size()) {
                assert_eq!(receipt.leaf, line, "entry {}", receipt.index);
            }
            tree.push(leaf_hash(&leaf::entry_of(line))).unwrap();
            if let Some(root) = told.roots.get(&tree.size()) {
                assert_eq!(*root, tree.root(), "the head of {} entries", tree.size());
            }
        }
    }
    assert_eq!(tree.size(), size);
}

#[test]
fn a_log_that_is_killed_keeps_every_promise_head_and_object() {
    let mut world = World::serving();
    let waiting = (0..SUBMISSIONS).map(|number| world.software(&format!("release {number}")));
    let queue = Queue { waiting: Mutex::new(waiting.collect()), unknown: Mutex::new(Vec::new()) };
    let mut told = Told::default();
    for number in 0..ROUNDS {
        let round = Round::new(number);
        play(&mut world, &mut told, &round, &queue);
        world.start();
    }
    let (promised, killed) = (told.receipts.len(), queue.unknown.lock().unwrap().len());
    assert!(promised >= ROUNDS && killed >= ROUNDS, "{promised} promised, {killed} cut off");
    // What nobody was told about may be there or not; submitted again it has its one place.
    for submission in queue.unknown.lock().unwrap().iter() {
        told.receipt(world.add(submission));
    }
    let size = told.receipts.last_key_value().unwrap().0 + 1;
    assert!(told.receipts.keys().copied().eq(1..size), "every entry has its submitter");
    world.published(size);
    let client = world.client();
    for path in ["/checkpoint", "/checkpoint.pending"] {
        assert_eq!(told.head(&client, path), size);
    }
    world.close(size);
    told.objects(&world.path("log/published"));
    let url = world.url().to_owned();
    run(world.home(), &["log", "export", &url, "bundle"], 0);
    compare(&told, &world.path("bundle"), size + 1);
    let mut verify = vec!["verify".to_owned(), url, "--anchor".into(), "anchor.toml".into()];
    for (index, receipt) in &told.receipts {
        let name = format!("promise-{index}");
        std::fs::write(world.path(&name), &receipt.promise).unwrap();
        verify.extend(["--promise".to_owned(), name]);
    }
    let verify: Vec<&str> = verify.iter().map(String::as_str).collect();
    run(world.home(), &verify, 0);
}
