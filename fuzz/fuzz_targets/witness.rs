//! The witness: requests of any bytes, and a log that lies as the input tells it to. Whatever
//! happens, the witness never signs two roots of one size, a smaller tree, or an earlier time.
#![no_main]

use std::sync::LazyLock;

use canon::Timestamp;
use libfuzzer_sys::fuzz_target;
use tlog::checkpoint::Checkpoint;
use tlog::merkle::{Head, MemoryTree, consistency_proof, leaf_hash};
use tlog::note::{KeyType, NoteSigner};
use tlog::witness::{ClockRule, KnownLogs, Recorded, Request, State};

const ORIGIN: &str = "example.org/log";

/// Leaves of each of the two trees; they part at [`FORK`].
const LEAVES: u64 = 24;
const FORK: u64 = 7;

struct World {
    log: NoteSigner,
    witness: NoteSigner,
    known: KnownLogs,
    trees: [MemoryTree; 2],
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let log = NoteSigner::from_seed(ORIGIN, KeyType::Ed25519, &[1; 32]).expect("a log key");
    let witness = NoteSigner::from_seed("example.org/witness", KeyType::Cosignature, &[2; 32])
        .expect("a witness key");
    let known = KnownLogs::new([(ORIGIN.to_owned(), vec![log.verifier().clone()])])
        .expect("one log with one key");
    let tree = |mark: u8| {
        let mut tree = MemoryTree::new();
        for number in 0..LEAVES {
            let mark = if number < FORK { 0 } else { mark };
            tree.push(leaf_hash(&[number.to_be_bytes()[7], mark]));
        }
        tree
    };
    World { log, witness, known, trees: [tree(0), tree(1)] }
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = Request::parse(bytes) {
        assert_eq!(request.to_string().as_bytes(), bytes);
        // No input can hold a signature by the log's key.
        assert!(WORLD.known.authenticate(request).is_err());
    }
    let mut recorded: Option<Recorded> = None;
    let mut last_signed = None;
    for order in bytes.as_chunks::<5>().0.iter().take(16) {
        let now = 1_700_000_000 + i64::from(order[4]) * 7;
        let now = Timestamp::from_unix(now).expect("a time");
        let state = State { recorded: recorded.as_ref(), last_signed };
        let Some(submission) = submission(*order) else {
            continue;
        };
        let Ok(update) = submission.step(state, now, ClockRule::default(), &WORLD.witness) else {
            continue;
        };
        extends(recorded.as_ref(), &update.recorded);
        assert!(last_signed.is_none_or(|last| last <= update.recorded.time));
        let read = Recorded::from_checkpoint(&update.recorded.checkpoint, WORLD.witness.verifier());
        assert_eq!(read.expect("its own record"), update.recorded);
        last_signed = Some(update.recorded.time);
        recorded = Some(update.recorded);
    }
});

/// A request signed by the log: any two sizes of either tree, the proof honest, bent or of the
/// other tree.
fn submission(order: [u8; 5]) -> Option<tlog::witness::Submission> {
    let world = &*WORLD;
    let [old, new, tree, bend, _] = order;
    let (old, new) = (u64::from(old) % (LEAVES + 2), u64::from(new) % (LEAVES + 1));
    let (signed, proven) = (usize::from(tree & 1), usize::from(tree >> 1 & 1));
    let head: Head = world.trees[signed].head_at(new).ok()?;
    let mut proof = consistency_proof(old, new, &world.trees[proven]).unwrap_or_default();
    if bend & 0x80 != 0
        && let Some(hash) = proof.first_mut()
    {
        hash.0[usize::from(bend & 31)] ^= 1;
    }
    let mut note = Checkpoint::new(ORIGIN, head.size, head.root).ok()?.to_note().ok()?;
    let line = world.log.sign(note.text()).ok()?;
    note.add(line).ok()?;
    world.known.authenticate(Request::new(old, proof, note).ok()?).ok()
}

/// Asserts that the later record is a later head of the same tree.
fn extends(before: Option<&Recorded>, after: &Recorded) {
    let Some(before) = before else { return };
    assert!(after.head.size >= before.head.size, "a smaller tree was signed");
    let same = WORLD.trees.iter().any(|tree| {
        tree.head_at(before.head.size).ok() == Some(before.head)
            && tree.head_at(after.head.size).ok() == Some(after.head)
    });
    assert!(same, "two trees were signed");
}
