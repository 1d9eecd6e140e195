//! The record under every fault of every single write.
//!
//! A witness is led through a short history while one operation of its disks goes wrong; then it
//! is started again from what the disks hold, and a log that forks tries to have another tree
//! cosigned. Whatever happened, the cosignatures that got out never contradict each other.

mod disk;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use canon::Timestamp;
use disk::{Fault, Machine, Survivors};
use tlog::merkle::{Head, MemoryTree, consistency_proof, leaf_hash};
use tlog::note::{KeyType, NoteSigner};
use tlog::witness::{ClockRule, KnownLogs, Request};

use super::*;

const ORIGIN: &str = "log.example";

fn signer() -> NoteSigner {
    NoteSigner::from_seed("w.example", KeyType::Cosignature, &[1; 32]).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

/// A log that can fork: branch 0 is its honest tree, branch n leaves it after n leaves.
struct Log {
    signer: NoteSigner,
    known: KnownLogs,
    trees: BTreeMap<u64, MemoryTree>,
}

impl Log {
    fn new() -> Self {
        let signer = NoteSigner::from_seed(ORIGIN, KeyType::Ed25519, &[9; 32]).unwrap();
        let known = [(ORIGIN.to_owned(), vec![signer.verifier().clone()])];
        let tree = |fork: u64| {
            let leaf = |n| {
                if fork == 0 || n < fork { (0, n) } else { (fork, n) }
            };
            (0..16).map(|n| leaf_hash(format!("{:?}", leaf(n)).as_bytes())).collect()
        };
        Self {
            known: KnownLogs::new(known).unwrap(),
            trees: [0, 1, 3, 5, 9].map(|fork| (fork, tree(fork))).into(),
            signer,
        }
    }

    fn request(&self, branch: u64, old: u64, size: u64) -> Request {
        let tree = &self.trees[&branch];
        let head = tree.head_at(size).unwrap();
        let checkpoint = tlog::checkpoint::Checkpoint::new(ORIGIN, size, head.root).unwrap();
        let mut note = checkpoint.to_note().unwrap();
        note.add(self.signer.sign(note.text()).unwrap()).unwrap();
        Request::new(old, consistency_proof(old, size, tree).unwrap(), note).unwrap()
    }
}

/// A witness on a machine that may fail, and everything that ever got out of it.
struct Witness<'l> {
    log: &'l Log,
    signer: NoteSigner,
    record: Option<Record>,
    released: Vec<Head>,
    now: i64,
}

impl<'l> Witness<'l> {
    fn start(log: &'l Log, machine: &Machine) -> Self {
        let mut witness =
            Self { log, signer: signer(), record: None, released: Vec::new(), now: 1_000 };
        witness.restart(machine);
        witness
    }

    fn restart(&mut self, machine: &Machine) {
        // The old process is gone before the new one opens the files.
        self.record = None;
        let own = signer();
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let copies = [
                Copy::on("record", machine.disk(0)).ok()?,
                Copy::on("copy", machine.disk(1)).ok()?,
            ];
            Record::from_copies(copies, own.verifier(), None).ok()
        }));
        self.record = opened.unwrap_or(None);
        self.note_served();
    }

    /// Submits; the status as the server would answer it.
    fn submit(&mut self, branch: u64, old: u64, size: u64) -> Result<(), Option<Refusal>> {
        let Some(record) = &self.record else {
            return Err(None);
        };
        let submission = self.log.known.authenticate(self.log.request(branch, old, size)).unwrap();
        self.now += 1;
        let decided = catch_unwind(AssertUnwindSafe(|| {
            record.transact(ORIGIN, |state| {
                submission.step(state, at(self.now), ClockRule::default(), &self.signer)
            })
        }));
        let result = match decided {
            Ok(Ok(Ok(update))) => {
                assert_eq!(update.recorded.head, submission.head());
                self.release(update.recorded.head);
                Ok(())
            }
            Ok(Ok(Err(refusal))) => Err(Some(refusal)),
            Ok(Err(_)) | Err(_) => Err(None),
        };
        self.note_served();
        result
    }

    fn release(&mut self, head: Head) {
        let latest = self.released.last().copied().unwrap_or_else(Head::empty);
        assert!(head.size >= latest.size, "rolled back from {} to {}", latest.size, head.size);
        self.released.push(head);
    }

    /// What GET serves got out as well.
    fn note_served(&mut self) {
        let served = self.record.as_ref().and_then(|r| r.checkpoint(&origin_hash(ORIGIN)));
        if let Some(bytes) = served {
            let head = Recorded::from_checkpoint(&bytes, self.signer.verifier()).unwrap().head;
            if self.released.last() != Some(&head) {
                self.release(head);
            }
        }
    }

    /// Never two roots of one size, and all released trees are of one history.
    fn check(&self) {
        let mut roots = BTreeMap::new();
        for head in &self.released {
            let root = roots.entry(head.size).or_insert(head.root);
            assert_eq!(*root, head.root, "two roots of {}", head.size);
        }
        let fits = |tree: &MemoryTree| {
            self.released.iter().all(|head| tree.head_at(head.size) == Ok(*head))
        };
        assert!(self.log.trees.values().any(fits), "the released trees fork");
    }
}

/// What the log is led through while something goes wrong. Each ends with a growth: a fault of
/// an earlier transaction is often made good by the next one, a fault of the last one is not.
const HISTORIES: [&[(u64, u64)]; 2] = [&[(0, 3), (3, 5)], &[(0, 3), (3, 3), (3, 9)]];

/// After the restart: every branch is tried from whatever size the witness tells, then the honest
/// tree goes on.
fn attack(witness: &mut Witness<'_>) {
    // The earliest fork comes first: it contradicts whatever was released beyond it.
    for (branch, size) in [(1, 5), (3, 9), (5, 9), (9, 12), (0, 15)] {
        // The witness tells its size; then a signed tree of this branch that extends the
        // branch's own tree of that size is submitted.
        let told = witness.submit(branch, 0, size);
        if let Err(Some(Refusal::Conflict { size: old })) = told
            && old <= size
        {
            let _ = witness.submit(branch, old, size);
        }
    }
}

fn run(machine: &Machine, log: &Log, history: &[(u64, u64)], survivors: Survivors) {
    let mut witness = Witness::start(log, machine);
    let mut answered = true;
    for (old, size) in history {
        answered = witness.submit(0, *old, *size).is_ok();
    }
    machine.restart(survivors);
    witness.restart(machine);
    if !answered {
        // The log asks again for what it did not get.
        for (old, size) in history {
            let _ = witness.submit(0, *old, *size);
        }
    }
    attack(&mut witness);
    witness.check();
}

fn machine() -> Machine {
    let machine = Machine::new();
    for index in 0..2 {
        Copy::on("new", machine.disk(index)).unwrap().found(signer().verifier()).unwrap();
    }
    machine
}

#[test]
fn without_faults_the_history_is_cosigned_and_forks_are_not() {
    let (log, machine) = (Log::new(), machine());
    run(&machine, &log, HISTORIES[1], Survivors::Synced);
    let mut witness = Witness::start(&log, &machine);
    // Branch 9 leaves the honest tree after 9 leaves, so it was a lawful way to grow from there.
    assert_eq!(witness.released.last(), Some(&log.trees[&9].head_at(12).unwrap()));
    for fork in [0, 1, 3, 5] {
        let refused = witness.submit(fork, 12, 12).unwrap_err();
        assert!(matches!(refused, Some(Refusal::Inconsistent(_))), "{fork}");
    }
}

/// Every write, length change and sync of both files, one at a time, with every kind of fault
/// and, where the machine dies, every kind of remains. At last the machine dies after the last
/// answer.
#[test]
fn no_single_fault_lets_two_histories_out() {
    let (log, prepared) = (Log::new(), machine());
    let before = prepared.operations();
    for history in HISTORIES {
        let probe = prepared.clone_state();
        let mut witness = Witness::start(&log, &probe);
        for (old, size) in history {
            witness.submit(0, *old, *size).unwrap();
        }
        let end = probe.operations();
        assert!(end - before > 10, "only {} operations were seen", end - before);
        let during = (before..end).flat_map(|at| Fault::ALL.map(|fault| (at, fault)));
        for (operation, fault) in during.chain([(end, Fault::Dies)]) {
            for survivors in fault.remains() {
                let machine = prepared.clone_state();
                machine.plan(operation, fault);
                run(&machine, &log, history, *survivors);
                assert!(machine.has_fired(), "{operation} {fault:?}");
            }
        }
    }
}

/// A sync fails, the process is started again at once and reads what the disks never got; it
/// cosigns more, and the power is cut. Two files hold here even without being written anew.
#[test]
fn what_a_failed_sync_forgot_lets_no_two_histories_out() {
    let (log, prepared) = (Log::new(), machine());
    let before = prepared.operations();
    let probe = prepared.clone_state();
    let mut witness = Witness::start(&log, &probe);
    for (old, size) in HISTORIES[1] {
        witness.submit(0, *old, *size).unwrap();
    }
    for operation in before..probe.operations() {
        let machine = prepared.clone_state();
        machine.plan(operation, Fault::Forgotten);
        let mut witness = Witness::start(&log, &machine);
        for (old, size) in HISTORIES[1] {
            let _ = witness.submit(0, *old, *size);
        }
        assert!(machine.has_fired(), "{operation}");
        machine.restart(Survivors::Everything);
        witness.restart(&machine);
        for (old, size) in HISTORIES[1] {
            let _ = witness.submit(0, *old, *size);
        }
        machine.cut_power();
        witness.restart(&machine);
        attack(&mut witness);
        witness.check();
    }
}

#[cfg(unix)]
#[test]
fn a_start_writes_both_files_anew() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let own = signer();
    Record::create(folder.path(), own.verifier()).unwrap();
    let files = || FILES.map(|name| std::fs::metadata(folder.path().join(name)).unwrap().ino());
    let before = files();
    drop(Record::open(folder.path(), own.verifier()).unwrap());
    let after = files();
    assert!(before[0] != after[0] && before[1] != after[1], "{before:?} {after:?}");
}

#[test]
fn after_a_failed_write_nothing_is_signed_until_a_restart() {
    let (log, prepared) = (Log::new(), machine());
    let mut seen = 0;
    for operation in 0..200 {
        let machine = prepared.clone_state();
        let mut witness = Witness::start(&log, &machine);
        machine.plan(machine.operations() + operation, Fault::DoneButFailed);
        let first = witness.submit(0, 0, 3);
        if !machine.has_fired() {
            break;
        }
        seen += 1;
        assert!(first.is_err(), "operation {operation}");
        assert_eq!(witness.submit(0, 0, 3), Err(None), "operation {operation}");
        assert!(witness.record.as_ref().unwrap().health().is_err());
        assert!(witness.released.is_empty());
        witness.restart(&machine);
        // The write may have been done: then the witness knows, and says so.
        match witness.submit(0, 0, 3) {
            Ok(()) => {}
            Err(Some(Refusal::Conflict { size: 3 })) => witness.submit(0, 3, 3).unwrap(),
            other => panic!("operation {operation}: {other:?}"),
        }
    }
    assert!(seen > 5, "only {seen} operations in a decision");
}

#[test]
fn a_copy_that_lacks_the_last_record_is_mended_from_the_other() {
    for index in 0..2 {
        let (log, machine) = (Log::new(), machine());
        let mut witness = Witness::start(&log, &machine);
        witness.submit(0, 0, 3).unwrap();
        witness.record = None;
        let old = machine.contents(index);
        witness.restart(&machine);
        witness.submit(0, 3, 9).unwrap();
        witness.record = None;
        machine.put_back(index, old);
        witness.restart(&machine);
        assert_eq!(
            witness.submit(0, 3, 5),
            Err(Some(Refusal::Conflict { size: 9 })),
            "the later of the two counts"
        );
        witness.submit(0, 9, 12).unwrap();
        witness.check();
    }
}

#[test]
fn a_witness_that_finds_its_record_old_stops_for_good() {
    let (log, machine) = (Log::new(), machine());
    let mut witness = Witness::start(&log, &machine);
    witness.submit(0, 0, 3).unwrap();
    witness.record = None;
    let old = [machine.contents(0), machine.contents(1)];
    witness.restart(&machine);
    witness.submit(0, 3, 9).unwrap();
    let record = witness.record.take().unwrap();
    let signed = record.checkpoint(&origin_hash(ORIGIN)).unwrap();
    drop(record);
    // Both disks are put back from a copy, and the log sends what it has.
    for (index, bytes) in old.into_iter().enumerate() {
        machine.put_back(index, bytes);
    }
    let copies = [0, 1].map(|index| Copy::on("old", machine.disk(index)).unwrap());
    let record = Record::from_copies(copies, signer().verifier(), None).unwrap();
    let note = tlog::note::Note::parse(&signed).unwrap();
    let proof = consistency_proof(3, 9, &log.trees[&0]).unwrap();
    let request = Request::new(3, proof, note).unwrap();
    let submission = log.known.authenticate(request).unwrap();
    let decide =
        |state: State<'_>| submission.step(state, at(5_000), ClockRule::default(), &signer());
    let refusal = record.transact(ORIGIN, decide).unwrap().unwrap_err();
    assert!(matches!(refusal, Refusal::RecordBehind { .. }));
    assert!(matches!(record.transact(ORIGIN, decide), Err(RecordError::Halted { .. })));
    drop(record);
    let copies = [0, 1].map(|index| Copy::on("old", machine.disk(index)).unwrap());
    let opened = Record::from_copies(copies, signer().verifier(), None);
    assert!(matches!(opened, Err(RecordError::Halted { .. })));
}

#[test]
fn a_record_is_bound_to_its_key_its_folder_and_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let own = signer();
    let other = NoteSigner::from_seed("w.example", KeyType::Cosignature, &[2; 32]).unwrap();
    let open = |key: &NoteSigner| Record::open(&path, key.verifier());
    assert!(matches!(open(&own), Err(RecordError::Missing { .. })));
    Record::create(&path, own.verifier()).unwrap();
    assert!(matches!(Record::create(&path, own.verifier()), Err(RecordError::Exists { .. })));
    assert!(matches!(open(&other), Err(RecordError::OtherKey { .. })));
    let first = open(&own).unwrap();
    assert!(matches!(open(&own), Err(RecordError::Lock(_))));
    drop(first);
    std::fs::remove_file(path.join("copy.redb")).unwrap();
    assert!(matches!(open(&own), Err(RecordError::Missing { .. })));
}

#[test]
fn bytes_changed_on_disk_are_found_and_nothing_panics() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let own = signer();
    Record::create(&path, own.verifier()).unwrap();
    let log = Log::new();
    let record = Record::open(&path, own.verifier()).unwrap();
    let submission = log.known.authenticate(log.request(0, 0, 9)).unwrap();
    let step = |state: State<'_>| submission.step(state, at(9), ClockRule::default(), &own);
    record.transact(ORIGIN, step).unwrap().unwrap();
    drop(record);
    let whole = std::fs::read(path.join("copy.redb")).unwrap();
    let text = b"log.example\n9\n";
    let places: Vec<usize> =
        (0..whole.len() - text.len()).filter(|&at| whole[at..].starts_with(text)).collect();
    assert!(!places.is_empty());
    let mut changed = whole.clone();
    for place in places {
        changed[place + 12] = b'8';
    }
    std::fs::write(path.join("copy.redb"), &changed).unwrap();
    assert!(Record::open(&path, own.verifier()).is_err());
    std::fs::write(path.join("copy.redb"), &whole[..whole.len() / 2]).unwrap();
    assert!(Record::open(&path, own.verifier()).is_err());
    std::fs::write(path.join("copy.redb"), &whole).unwrap();
    let record = Record::open(&path, own.verifier()).unwrap();
    assert_eq!(
        record.inner.lock().unwrap().copies[0].contents(own.verifier()).unwrap().checkpoints
            [ORIGIN]
            .head
            .size,
        9
    );
}

/// Health and what is on disk are told while a decision waits for the disk.
#[test]
fn a_decision_under_way_holds_up_nobody_who_only_looks() {
    let folder = tempfile::tempdir().unwrap();
    let (log, own) = (Log::new(), signer());
    Record::create(folder.path(), own.verifier()).unwrap();
    let record = std::sync::Arc::new(Record::open(folder.path(), own.verifier()).unwrap());
    let submission = log.known.authenticate(log.request(0, 0, 3)).unwrap();
    let decided = record.transact(ORIGIN, |state| {
        let (tell, told) = std::sync::mpsc::channel();
        let looking = std::sync::Arc::clone(&record);
        std::thread::spawn(move || {
            let seen = looking.health().is_ok() && looking.seen(ORIGIN) == (None, None);
            tell.send(seen).unwrap();
        });
        assert_eq!(told.recv_timeout(std::time::Duration::from_mins(1)), Ok(true));
        submission.step(state, at(1_000), ClockRule::default(), &own)
    });
    let recorded = decided.unwrap().unwrap().recorded;
    assert_eq!(record.seen(ORIGIN), (Some(recorded), Some(at(1_000))));
}
