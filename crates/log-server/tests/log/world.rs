//! An election, its witnesses, and the disks and stores of its log.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use artifact::bundle::{MemorySource, Source};
use artifact::register::CountedWitness;
use bytes::Bytes;
use canon::{Signer, Timestamp};
use log_server::log::cosign::{CosignError, Cosigner, Prove, Reach, SignedHead};
use log_server::log::{
    Log, LogError, LogKeys, Parts, Receipt, ResumeParts, Resumed, Risks, Settings, Submission,
    SubmitError, resume_parts,
};
use service::clock::{Clock, ManualClock};
use service::metrics::Metrics;
use testkit::election::{Election, Placed, Plan};
use testkit::faults::{Crash, Faults, FaultyStore, Kind, MemoryDisk};
use tlog::merkle::Head;
use tlog::note::{KeyType, Note, NoteSignature, NoteSigner};
use tlog::witness::{ClockRule, KnownLogs, Recorded, Refusal, Request, State};

/// A witness in memory that keeps tlog's rules.
pub(crate) struct MemoryWitness {
    signer: NoteSigner,
    known: KnownLogs,
    clock: Arc<ManualClock>,
    recorded: Mutex<Option<Recorded>>,
    is_away: AtomicBool,
    /// Whether the first answer for each head is lost.
    loses_answers: AtomicBool,
    /// The last size whose answer was lost.
    lost: AtomicU64,
}

impl MemoryWitness {
    fn new(election: &Election, signer: NoteSigner, clock: &Arc<ManualClock>) -> Self {
        let log = &election.charter.log;
        let key = log.checkpoint_key.as_str().parse().unwrap();
        Self {
            signer,
            known: KnownLogs::new([(log.origin.to_string(), vec![key])]).unwrap(),
            clock: Arc::clone(clock),
            recorded: Mutex::new(None),
            is_away: AtomicBool::new(false),
            loses_answers: AtomicBool::new(false),
            lost: AtomicU64::new(0),
        }
    }

    pub(crate) fn set_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }

    /// Whether the first cosignature for each size is recorded, and its answer lost.
    pub(crate) fn lose_answers(&self, loses_answers: bool) {
        self.loses_answers.store(loses_answers, Ordering::SeqCst);
    }

    fn answer(&self) -> Result<(), CosignError> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(CosignError::Unreachable { why: "away".to_owned() });
        }
        Ok(())
    }

    /// The head that it cosigned last.
    pub(crate) fn head(&self) -> Option<Head> {
        self.recorded.lock().unwrap().as_ref().map(|recorded| recorded.head)
    }
}

impl Cosigner for MemoryWitness {
    fn name(&self) -> &str {
        self.signer.verifier().name()
    }

    fn cosign(
        &self,
        head: &SignedHead,
        prove: Prove<'_>,
    ) -> Result<Vec<NoteSignature>, CosignError> {
        self.answer()?;
        let mut recorded = self.recorded.lock().unwrap();
        let old = recorded.as_ref().map_or(0, |recorded| recorded.head.size);
        if old > head.head.size {
            return Err(CosignError::Ahead { size: old });
        }
        let note = Note::parse(&head.checkpoint).unwrap();
        let request = Request::new(old, prove(old)?, note).unwrap();
        let state = State { recorded: recorded.as_ref(), last_signed: None };
        let submission = self.known.authenticate(request).map_err(|refusal| refused(&refusal))?;
        let update = submission
            .step(state, self.clock.now(), ClockRule::default(), &self.signer)
            .map_err(|refusal| refused(&refusal))?;
        *recorded = Some(update.recorded);
        let is_first = self.lost.swap(head.head.size, Ordering::SeqCst) != head.head.size;
        if is_first && self.loses_answers.load(Ordering::SeqCst) {
            return Err(CosignError::Unreachable { why: "the answer is lost".to_owned() });
        }
        Ok(NoteSignature::parse_lines(update.answer.as_bytes()).unwrap())
    }

    fn last_seen(&self, _: &str) -> Result<Option<Vec<u8>>, CosignError> {
        self.answer()?;
        let recorded = self.recorded.lock().unwrap();
        Ok(recorded.as_ref().map(|recorded| recorded.checkpoint.clone()))
    }
}

fn refused(refusal: &Refusal) -> CosignError {
    CosignError::Refused { status: refusal.status_code(), why: refusal.to_string() }
}

/// Witnesses that are reached by their keys.
struct Reached(Vec<Arc<MemoryWitness>>);

impl Reach for Reached {
    fn reach(&self, witness: &CountedWitness) -> Option<Arc<dyn Cosigner>> {
        let found = self.0.iter().find(|known| *known.signer.verifier() == witness.key)?;
        Some(Arc::clone(found) as Arc<dyn Cosigner>)
    }
}

/// Everything around a log.
pub(crate) struct World {
    pub(crate) election: Election,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) witnesses: Vec<Arc<MemoryWitness>>,
    pub(crate) disk: MemoryDisk,
    pub(crate) store: FaultyStore,
    pub(crate) withheld: FaultyStore,
    pub(crate) settings: Settings,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::planned(Plan::default(), &Faults::none())
    }

    /// An election after a plan, whose writes go by `faults`.
    pub(crate) fn planned(plan: Plan, faults: &Faults) -> Self {
        Self::kept(Kind::Memory, plan, faults)
    }

    /// The same with stores of a kind.
    pub(crate) fn kept(kind: Kind, plan: Plan, faults: &Faults) -> Self {
        let election = Election::new(plan);
        let clock = Arc::new(ManualClock::new(election.now));
        let witnesses = election.witness_names();
        let witness = |name: &String| {
            let signer = election.keys.note(name, KeyType::Cosignature);
            Arc::new(MemoryWitness::new(&election, signer, &clock))
        };
        Self {
            witnesses: witnesses.iter().map(witness).collect(),
            clock,
            disk: MemoryDisk::new(faults),
            store: FaultyStore::new(kind, faults, ""),
            withheld: FaultyStore::new(kind, faults, "withheld "),
            settings: Settings {
                // Heads are made when a test asks for them.
                head_interval: Duration::from_secs(1_000_000),
                segment_bytes: 1500,
                ..Settings::default()
            },
            election,
        }
    }

    /// Lets a further witness be reached, whether or not the register counts it.
    pub(crate) fn add_witness(&mut self, signer: NoteSigner) -> Arc<MemoryWitness> {
        let witness = Arc::new(MemoryWitness::new(&self.election, signer, &self.clock));
        self.witnesses.push(Arc::clone(&witness));
        witness
    }

    /// The disks and stores that a crash leaves, in the same world.
    pub(crate) fn crash(&mut self, crash: Crash, faults: &Faults) {
        self.disk = self.disk.after(crash, faults);
        self.store = self.store.after(crash, faults);
        self.withheld = self.withheld.after(crash, faults);
    }

    pub(crate) fn keys(&self) -> LogKeys {
        let origin = self.election.charter.log.origin.as_str();
        LogKeys {
            checkpoint: self.election.keys.note(origin, KeyType::Ed25519),
            timestamp: self.election.keys.note(origin, KeyType::Cosignature),
            promise: self.election.keys.key("log-promises"),
            earlier: Vec::new(),
        }
    }

    pub(crate) fn charter(&self) -> Bytes {
        self.election.entries[0].artifact.clone().into()
    }

    pub(crate) fn reach(&self) -> Arc<dyn Reach> {
        Arc::new(Reached(self.witnesses.clone()))
    }

    pub(crate) fn parts(&self) -> Parts {
        Parts {
            keys: self.keys(),
            charter: self.charter(),
            disk: Arc::new(self.disk.clone()),
            store: self.store.store(),
            withheld: self.withheld.store(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            reach: self.reach(),
            settings: self.settings.clone(),
            metrics: Metrics::new(),
        }
    }

    pub(crate) async fn open(&self) -> Log {
        self.try_open().await.unwrap()
    }

    pub(crate) async fn try_open(&self) -> Result<Log, LogError> {
        Log::open(self.parts()).await
    }

    /// The submission of an entry that the election made.
    pub(crate) fn submission(&self, placed: Placed) -> Submission {
        let entry = self.election.entries.iter().find(|entry| entry.digest == placed.digest);
        let artifact = Bytes::from(entry.unwrap().artifact.clone());
        Submission { artifact, files: Vec::new() }
    }

    /// A release of software: an artifact that stands for any other.
    pub(crate) fn software(&mut self, name: &str) -> Submission {
        let placed = self.election.software(name);
        self.submission(placed)
    }

    /// Submits releases of software; their receipts.
    pub(crate) async fn add_releases(&mut self, log: &Log, numbers: Range<u32>) -> Vec<Receipt> {
        let mut receipts = Vec::new();
        for number in numbers {
            let submission = self.software(&format!("release {number}"));
            receipts.push(add(log, &submission).await);
        }
        receipts
    }

    /// The same election with the log's present state, as a backup keeps it; the witnesses go on.
    pub(crate) fn backup(&self) -> Self {
        let mut world = Self::new();
        world.disk = self.disk.after(Crash::Kill, &Faults::none());
        world.store = self.store.after(Crash::Kill, &Faults::none());
        world.withheld = self.withheld.after(Crash::Kill, &Faults::none());
        world.witnesses.clone_from(&self.witnesses);
        world
    }

    /// A world after the same plan that begins with this one's state: its log's, and what its
    /// witnesses have recorded. Its writes go by `faults`.
    pub(crate) fn again(&self, plan: Plan, faults: &Faults) -> Self {
        let mut world = Self::kept(self.store.kind(), plan, faults);
        world.disk = self.disk.after(Crash::Kill, faults);
        world.store = self.store.after(Crash::Kill, faults);
        world.withheld = self.withheld.after(Crash::Kill, faults);
        let passed = self.clock.now().seconds_since(world.clock.now());
        world.clock.advance(u64::try_from(passed).unwrap());
        for (witness, known) in world.witnesses.iter().zip(&self.witnesses) {
            let recorded = known.recorded.lock().unwrap().clone();
            *witness.recorded.lock().unwrap() = recorded;
        }
        world
    }

    /// Lets the log lose everything but keys and charter. What it writes next goes by `faults`.
    pub(crate) fn lose(&mut self, faults: &Faults) {
        self.disk = MemoryDisk::new(faults);
        let kind = self.store.kind();
        self.store = FaultyStore::new(kind, faults, "");
        self.withheld = FaultyStore::new(kind, faults, "withheld ");
    }

    /// Continues the lost log from a copy.
    pub(crate) fn resume(
        &self,
        source: &dyn Source,
        risks: Risks<'_>,
    ) -> Result<Resumed, LogError> {
        let (keys, charter) = (self.keys(), self.charter());
        self.resume_with(&keys, &charter, source, risks)
    }

    /// The same with these keys.
    pub(crate) fn resume_with(
        &self,
        keys: &LogKeys,
        charter: &[u8],
        source: &dyn Source,
        risks: Risks<'_>,
    ) -> Result<Resumed, LogError> {
        let parts = ResumeParts {
            keys,
            charter,
            source,
            disk: Arc::new(self.disk.clone()),
            store: self.store.store(),
            withheld: self.withheld.store(),
            reach: self.reach(),
            risks,
        };
        let runtime = tokio::runtime::Handle::current();
        std::thread::scope(|scope| {
            scope.spawn(|| resume_parts(&parts, &runtime, &mut |_, _| {})).join().unwrap()
        })
    }

    /// What the public store holds, as an export takes it.
    pub(crate) fn bundle(&self) -> MemorySource {
        let mut source = MemorySource::new();
        for (path, bytes) in self.store.objects() {
            if path != "checkpoint.pending" {
                source.insert(path, bytes);
            }
        }
        source
    }

    /// What the public store holds, as a mirror takes it: the head short of its witnesses too.
    pub(crate) fn mirror(&self) -> MemorySource {
        let mut source = MemorySource::new();
        self.store.objects().into_iter().for_each(|(path, bytes)| source.insert(path, bytes));
        source
    }

    /// The head of a checkpoint that this log signed.
    pub(crate) fn head_of(&self, bytes: &[u8]) -> Head {
        let (checkpoint, note) = tlog::checkpoint::Checkpoint::parse_signed(bytes).unwrap();
        note.verify(&[self.keys().checkpoint.verifier()]).unwrap();
        checkpoint.head()
    }

    /// Lets seconds pass.
    pub(crate) fn wait(&self, seconds: u64) -> Timestamp {
        self.clock.advance(seconds);
        self.clock.now()
    }
}

/// Submits, and expects it to be placed.
pub(crate) async fn add(log: &Log, submission: &Submission) -> Receipt {
    log.submit(submission.clone()).await.unwrap()
}

/// Submits, and expects a refusal with this word.
pub(crate) async fn refuse(log: &Log, submission: &Submission) -> SubmitError {
    log.submit(submission.clone()).await.unwrap_err()
}

/// Checks a promise and what the receipt says about the leaf.
pub(crate) fn check_receipt(world: &World, receipt: &Receipt) {
    let leaf = artifact::leaf::Leaf::parse(&receipt.leaf).unwrap();
    assert_eq!(leaf.leaf_hash(), receipt.leaf_hash);
    assert_eq!(leaf.artifact_sha256, receipt.artifact);
    let envelope = canon::SignedBytes::parse(&receipt.promise).unwrap();
    envelope.verify(0, &world.keys().promise.public_key()).unwrap();
    let promise: artifact::payload::Promise = envelope.payload_as().unwrap();
    assert_eq!((promise.index, promise.leaf_hash), (receipt.index, receipt.leaf_hash));
    assert_eq!(promise.timestamp, leaf.timestamp);
    assert_eq!(promise.deadline.seconds_since(promise.timestamp), 3600);
}
