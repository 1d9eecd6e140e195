//! The witness's rules: a conversation with the test log of other implementations, and the
//! cases that others get wrong.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::merkle::{MemoryTree, consistency_proof, empty_root, leaf_hash};
use crate::note::{KeyType, NoteKeyId, NoteSignature};

#[derive(Deserialize)]
struct Conversation {
    origin: String,
    key: String,
    start: Timestamp,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    body: String,
    status: u16,
    answer: Option<String>,
}

/// A witness in memory: what the server is, without disk and network.
struct Memory {
    known: KnownLogs,
    signer: NoteSigner,
    clock: ClockRule,
    recorded: BTreeMap<String, Recorded>,
    last_signed: Option<Timestamp>,
}

impl Memory {
    fn new(origin: &str, key: VerifierKey) -> Self {
        Self {
            known: KnownLogs::new([(origin.to_owned(), vec![key])]).unwrap(),
            signer: cosigner(1),
            clock: ClockRule::default(),
            recorded: BTreeMap::new(),
            last_signed: None,
        }
    }

    fn add(&mut self, body: &[u8], now: Timestamp) -> Result<String, Refusal> {
        let submission = self.known.authenticate(Request::parse(body)?)?;
        let state = State {
            recorded: self.recorded.get(submission.origin()),
            last_signed: self.last_signed,
        };
        let update = submission.step(state, now, self.clock, &self.signer)?;
        self.last_signed = Some(update.recorded.time);
        self.recorded.insert(submission.origin().to_owned(), update.recorded);
        Ok(update.answer)
    }
}

fn cosigner(seed: u8) -> NoteSigner {
    NoteSigner::from_seed("w.example", KeyType::Cosignature, &[seed; 32]).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

#[test]
fn the_conversation_goes_as_with_other_witnesses() {
    let talk: Conversation =
        serde_json::from_str(include_str!("../../../../vectors/witness/add-checkpoint.json"))
            .unwrap();
    let mut witness = Memory::new(&talk.origin, talk.key.parse().unwrap());
    let mut now = talk.start;
    for step in talk.steps {
        now = now.plus_seconds(1).unwrap();
        let before = witness.recorded.clone();
        let (status, answer) = match witness.add(step.body.as_bytes(), now) {
            Ok(answer) => (200, answer),
            Err(refusal) => (refusal.status_code(), refusal.answer().1),
        };
        assert_eq!(status, step.status, "{}: {answer}", step.name);
        if status == 200 {
            assert_eq!(step.answer.as_deref(), Some("cosignature"), "{}", step.name);
            let lines = NoteSignature::parse_lines(answer.as_bytes()).unwrap();
            let text = Request::parse(step.body.as_bytes()).unwrap().note().text().to_owned();
            let time = witness.signer.verifier().verify(&text, &lines[0]).unwrap();
            assert_eq!((lines.len(), time), (1, Some(now)), "{}", step.name);
        } else {
            assert!(!answer.contains('\u{2014}'), "{}: {answer}", step.name);
            assert_eq!(witness.recorded, before, "{}", step.name);
            if let Some(expected) = step.answer {
                assert_eq!(answer, expected, "{}", step.name);
            }
        }
    }
    assert_eq!(witness.recorded[&talk.origin].head.size, 5);
}

/// A log under our control, so that it can misbehave.
struct Log {
    signer: NoteSigner,
    tree: MemoryTree,
}

const ORIGIN: &str = "log.example";

impl Log {
    fn new(leaves: u64) -> Self {
        Self::forked(leaves, 0)
    }

    /// A log whose leaves from the first on differ with `branch`.
    fn forked(leaves: u64, branch: u64) -> Self {
        let signer = NoteSigner::from_seed(ORIGIN, KeyType::Ed25519, &[9; 32]).unwrap();
        let tree = (0..leaves).map(|n| leaf_hash(format!("{branch}/{n}").as_bytes())).collect();
        Self { signer, tree }
    }

    fn note(&self, head: Head) -> Note {
        let checkpoint = Checkpoint::new(ORIGIN, head.size, head.root).unwrap();
        let mut note = checkpoint.to_note().unwrap();
        note.add(self.signer.sign(note.text()).unwrap()).unwrap();
        note
    }

    fn request(&self, old: u64, size: u64) -> Vec<u8> {
        let head = self.tree.head_at(size).unwrap();
        let proof = consistency_proof(old.min(size), size, &self.tree).unwrap();
        body(old, proof, self.note(head))
    }

    fn witness(&self) -> Memory {
        Memory::new(ORIGIN, self.signer.verifier().clone())
    }
}

fn body(old: u64, proof: Vec<Digest>, note: Note) -> Vec<u8> {
    Request::new(old, proof, note).unwrap().to_string().into_bytes()
}

fn status(result: Result<String, Refusal>) -> u16 {
    result.map_or_else(|refusal| refusal.status_code(), |_| 200)
}

/// The table of FiloSottile/torchwood `internal/witness/witness_test.go` `TestZeroSize`.
#[test]
fn size_zero_has_one_root_and_no_proof() {
    let log = Log::new(1);
    let leaf = log.tree.head_at(1).unwrap().root;
    let (empty, zero) = (empty_root(), Digest([0; 32]));
    for (name, known, old, new, root, proof, expected) in [
        ("empty tree", 0, 0, 0, empty, vec![], 200),
        ("invalid empty root", 0, 0, 0, leaf, vec![], 422),
        ("zero empty root", 0, 0, 0, zero, vec![], 422),
        ("empty tree with proof", 0, 0, 0, empty, vec![leaf], 422),
        ("first nonempty tree", 0, 0, 1, leaf, vec![], 200),
        ("first nonempty tree with proof", 0, 0, 1, leaf, vec![leaf], 422),
        ("old size mismatch", 1, 0, 1, leaf, vec![leaf], 409),
        ("old size greater than new", 1, 1, 0, empty, vec![], 400),
    ] {
        for known_is_recorded in [false, true] {
            let mut witness = log.witness();
            if known_is_recorded || known > 0 {
                witness.add(&log.request(0, known), at(10)).unwrap();
            }
            let request = body(old, proof.clone(), log.note(Head { size: new, root }));
            assert_eq!(status(witness.add(&request, at(20))), expected, "{name}");
        }
    }
}

#[test]
fn the_same_size_with_another_root_is_unprocessable_and_not_a_conflict() {
    let (log, fork) = (Log::new(7), Log::forked(7, 1));
    let mut witness = log.witness();
    witness.add(&log.request(0, 7), at(10)).unwrap();
    let refusal = witness.add(&fork.request(7, 7), at(20)).unwrap_err();
    assert_eq!(refusal.status_code(), 422);
    assert_eq!(witness.recorded[ORIGIN].head, log.tree.head_at(7).unwrap());
}

#[test]
fn a_fork_is_not_cosigned_whatever_its_proof() {
    let (log, fork) = (Log::new(7), Log::forked(12, 1));
    let mut witness = log.witness();
    witness.add(&log.request(0, 7), at(10)).unwrap();
    assert_eq!(status(witness.add(&fork.request(7, 12), at(20))), 422);
    assert_eq!(status(witness.add(&fork.request(0, 12), at(20))), 409);
}

#[test]
fn first_contact_beyond_the_size_is_a_bad_request() {
    let log = Log::new(3);
    assert_eq!(status(log.witness().add(&log.request(5, 3), at(10))), 400);
    // Precedence: the same body is 404 for a stranger's log and 403 unsigned.
    let stranger = NoteSigner::from_seed("x.example", KeyType::Ed25519, &[3; 32]).unwrap();
    let mut witness = Memory::new("other.example", stranger.verifier().clone());
    assert_eq!(status(witness.add(&log.request(5, 3), at(10))), 404);
    let mut witness = Memory::new(ORIGIN, stranger.verifier().clone());
    assert_eq!(status(witness.add(&log.request(5, 3), at(10))), 403);
}

#[test]
fn a_conflict_tells_the_size_and_nothing_else() {
    let refusal = Refusal::Conflict { size: 20_852_163 };
    assert_eq!(refusal.answer(), ("text/x.tlog.size", "20852163\n".to_owned()));
}

#[test]
fn the_record_holds_the_logs_line_and_ours_and_no_forged_one() {
    let log = Log::new(8);
    let mut witness = log.witness();
    // A line under our own name that does not verify, and one of a stranger.
    let mut note = log.note(log.tree.head_at(3).unwrap());
    let own = witness.signer.verifier().clone();
    note.add(NoteSignature::new(own.name(), own.id(), vec![0; 72]).unwrap()).unwrap();
    let id = NoteKeyId::from_bytes([1, 2, 3, 4]);
    note.add(NoteSignature::new("stranger.example", id, vec![1]).unwrap()).unwrap();
    witness.add(&body(0, vec![], note), at(10)).unwrap();

    let recorded = witness.recorded[ORIGIN].clone();
    let stored = Note::parse(&recorded.checkpoint).unwrap();
    let lines = stored.verify(&[log.signer.verifier(), &own]).unwrap();
    assert_eq!((lines.len(), stored.signatures().len()), (2, 2));
    assert_eq!(Recorded::from_checkpoint(&recorded.checkpoint, &own), Ok(recorded));
    assert_eq!(status(witness.add(&log.request(3, 8), at(11))), 200);
}

#[test]
fn a_record_is_read_only_under_the_witness_own_key() {
    let log = Log::new(3);
    let mut witness = log.witness();
    witness.add(&log.request(0, 3), at(10)).unwrap();
    let bytes = witness.recorded[ORIGIN].checkpoint.clone();
    let unverified = Err(CheckpointError::Note(NoteError::Unverified));
    assert_eq!(Recorded::from_checkpoint(&bytes, cosigner(2).verifier()), unverified);
    let log_alone = log.note(log.tree.head_at(3).unwrap()).to_bytes();
    assert_eq!(Recorded::from_checkpoint(&log_alone, cosigner(1).verifier()), unverified);
}

/// A disk put back from a copy: the witness has signed more than its record knows. It may not
/// sign another tree of that size, and it finds out by its own line.
#[test]
fn a_record_that_went_back_in_time_stops_the_witness() {
    let log = Log::new(12);
    let mut witness = log.witness();
    witness.add(&log.request(0, 4), at(10)).unwrap();
    let (old_record, old_time) = (witness.recorded.clone(), witness.last_signed);
    let answer = witness.add(&log.request(4, 9), at(20)).unwrap();
    let own = NoteSignature::parse_lines(answer.as_bytes()).unwrap().remove(0);
    witness.recorded = old_record;
    witness.last_signed = old_time;

    let head = log.tree.head_at(9).unwrap();
    let mut note = log.note(head);
    note.add(own).unwrap();
    let proof = consistency_proof(4, 9, &log.tree).unwrap();
    let result = witness.add(&body(4, proof, note), at(30));
    assert_eq!(result, Err(Refusal::RecordBehind { origin: ORIGIN.to_owned() }));
    assert_eq!(witness.recorded[ORIGIN].head.size, 4);
}

#[test]
fn our_own_line_of_what_is_recorded_does_no_harm() {
    let log = Log::new(9);
    let mut witness = log.witness();
    let answer = witness.add(&log.request(0, 4), at(10)).unwrap();
    let mut note = log.note(log.tree.head_at(4).unwrap());
    note.add(NoteSignature::parse_lines(answer.as_bytes()).unwrap().remove(0)).unwrap();
    assert_eq!(status(witness.add(&body(4, vec![], note.clone()), at(20))), 200);
    witness.add(&log.request(4, 9), at(30)).unwrap();
    assert_eq!(status(witness.add(&body(0, vec![], note), at(40))), 409);
}

#[test]
fn signed_times_never_go_back_and_a_step_stops_signing() {
    let log = Log::new(9);
    let mut witness = log.witness();
    let time_of = |witness: &Memory| witness.recorded[ORIGIN].time.unix();
    witness.add(&log.request(0, 1), at(1_000)).unwrap();
    // Behind by as much as is allowed: the last time stands.
    witness.add(&log.request(1, 2), at(940)).unwrap();
    assert_eq!(time_of(&witness), 1_000);
    let refusal = witness.add(&log.request(2, 3), at(939)).unwrap_err();
    assert_eq!(refusal, Refusal::ClockStepped { off_s: -61, bound_s: 60 });
    assert_eq!((refusal.status_code(), witness.recorded[ORIGIN].head.size), (503, 2));
    // What would have been refused anyway keeps its own status.
    assert_eq!(status(witness.add(&log.request(1, 3), at(1))), 409);
    witness.add(&log.request(2, 3), at(1_001)).unwrap();
    assert_eq!(time_of(&witness), 1_001);
}

#[test]
fn the_clock_is_held_against_the_time_that_passed() {
    let mut watch = ClockWatch::new(ClockRule { bound_s: 60 });
    assert_eq!(watch.observe(at(1_000), 0), Ok(at(1_000)));
    assert_eq!(watch.observe(at(1_000_000), 999_000), Ok(at(1_000_000)), "idle for days");
    assert_eq!(watch.observe(at(1_000_060), 999_000), Ok(at(1_000_060)));
    let ahead = Refusal::ClockStepped { off_s: 121, bound_s: 60 };
    assert_eq!(watch.observe(at(1_000_121), 999_000), Err(ahead.clone()));
    assert_eq!(watch.observe(at(1_000_131), 999_010), Err(ahead), "it stays refused");
    assert_eq!(watch.observe(at(1_000_080), 999_020), Ok(at(1_000_080)), "and heals");
    let behind = Refusal::ClockStepped { off_s: -3_540, bound_s: 60 };
    assert_eq!(watch.observe(at(996_490), 999_030), Err(behind));
}

#[test]
fn small_steps_of_the_clock_add_up() {
    let mut watch = ClockWatch::new(ClockRule { bound_s: 60 });
    assert_eq!(watch.observe(at(1_000), 0), Ok(at(1_000)));
    // Each reading is 30 s further ahead than the one before it.
    let readings: Vec<_> = (1_u32..=10)
        .map(|n| watch.observe(at(1_000 + 40 * i64::from(n)), u64::from(10 * n)))
        .collect();
    assert!(readings[..2].iter().all(Result::is_ok));
    assert!(readings[2..].iter().all(Result::is_err), "{readings:?}");
}

#[test]
fn a_young_cosignature_is_given_again_and_nothing_else_is() {
    let log = Log::new(9);
    let mut witness = log.witness();
    let first = witness.add(&log.request(0, 4), at(100)).unwrap();
    let own = witness.signer.verifier().clone();
    let again = |body: &[u8], now: i64, last_signed: i64| {
        let submission = witness.known.authenticate(Request::parse(body).unwrap()).unwrap();
        let recorded = witness.recorded.get(ORIGIN);
        let state = State { recorded, last_signed: Some(at(last_signed)) };
        submission.again(state, at(now), &own)
    };
    let same = log.request(4, 4);
    assert_eq!(again(&same, 100, 100), Some(first.clone()));
    assert_eq!(again(&same, 100 + YOUNG_S, 100), Some(first.clone()));
    assert_eq!(again(&same, 101 + YOUNG_S, 100), None, "it is old");
    assert_eq!(again(&same, 99, 100), None, "the clock is behind it");
    assert_eq!(again(&log.request(4, 5), 101, 100), None, "another tree");
    assert_eq!(again(&log.request(0, 4), 101, 100), None, "another size is known");
    let root = log.tree.head_at(4).unwrap().root;
    let proved = body(4, vec![root], log.note(log.tree.head_at(4).unwrap()));
    assert_eq!(again(&proved, 101, 100), None, "nothing is to be proved");
    // A line of our own that is later than all that is recorded: the record is old.
    let mut note = log.note(log.tree.head_at(4).unwrap());
    note.add(NoteSignature::parse_lines(first.as_bytes()).unwrap().remove(0)).unwrap();
    assert_eq!(again(&body(4, vec![], note), 101, 99), None);
}

#[test]
fn the_first_time_of_a_process_is_near_one_that_is_known() {
    let near = 1_000 + i64::try_from(START_BOUND_S).unwrap();
    let refused = |off_s| Err(Refusal::ClockUnchecked { off_s, bound_s: START_BOUND_S });
    for (now, last_signed, told, expected) in [
        (near + 1, None, None, Ok(())),
        (near, Some(1_000), None, Ok(())),
        (near + 1, Some(1_000), None, refused(301)),
        (near + 1, Some(1_000), Some(near), Ok(())),
        (near + 1, None, Some(1_000), refused(301)),
        (near + 1, Some(1_000), Some(2_000), refused(301)),
        (near + 1, Some(0), Some(5_000), refused(1_301)),
        (0, None, Some(1_000), refused(-1_000)),
    ] {
        let result = check_start(at(now), last_signed.map(at), told.map(at));
        assert_eq!(result, expected, "{now} {last_signed:?} {told:?}");
    }
    assert_eq!(refused(301).unwrap_err().status_code(), 503);
}

#[test]
fn a_list_of_logs_is_checked() {
    let key = |name: &str, seed| {
        NoteSigner::from_seed(name, KeyType::Ed25519, &[seed; 32]).unwrap().verifier().clone()
    };
    let known = |list: Vec<(&str, Vec<VerifierKey>)>| {
        let list = list.into_iter().map(|(origin, keys)| (origin.to_owned(), keys));
        KnownLogs::new(list).map(|known| known.origins().map(str::to_owned).collect::<Vec<_>>())
    };
    let good = vec![("b", vec![key("b", 1), key("b", 2)]), ("a", vec![key("x", 3)])];
    assert_eq!(known(good), Ok(vec!["a".to_owned(), "b".to_owned()]));
    assert!(matches!(
        known(vec![("a", vec![key("a", 1)]), ("a", vec![key("a", 2)])]),
        Err(KnownLogsError::SecondOrigin { .. })
    ));
    assert!(matches!(known(vec![("a", vec![])]), Err(KnownLogsError::NoKey { .. })));
    assert!(matches!(
        known(vec![("a\nb", vec![key("a", 1)])]),
        Err(KnownLogsError::BadOrigin { .. })
    ));
    assert!(matches!(
        known(vec![("a", vec![key("a", 1)]), ("b", vec![key("b", 1)])]),
        Err(KnownLogsError::SecondKey { .. })
    ));
    assert!(matches!(
        known(vec![("a", vec![cosigner(1).verifier().clone()])]),
        Err(KnownLogsError::KeyType { .. })
    ));
}

#[test]
fn what_is_recorded_is_served_under_the_hash_of_the_origin() {
    // SHA-256("abc"), FIPS 180-2.
    assert_eq!(
        origin_hash("abc").to_string(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn a_request_holds_sixty_three_lines_and_its_size() {
    let log = Log::new(1);
    let note = log.note(log.tree.head_at(1).unwrap());
    assert!(Request::new(0, vec![Digest([1; 32]); 63], note.clone()).is_ok());
    assert!(Request::new(0, vec![Digest([1; 32]); 64], note).is_err());
    let huge = vec![b'a'; MAX_REQUEST_BYTES + 1];
    assert_eq!(Request::parse(&huge).unwrap_err().status_code(), 400);
    assert_eq!(Request::parse(b"old 0\n\n\xff").unwrap_err().status_code(), 400);
}

proptest! {
    /// An honest log of any history is cosigned at each step, and the record is its last head.
    #[test]
    fn an_honest_log_is_always_cosigned(steps in prop::collection::vec(0_u64..9, 1..12)) {
        let log = Log::new(120);
        let mut witness = log.witness();
        let (mut size, mut now) = (0, 100);
        for step in steps {
            let request = log.request(size, size + step);
            size += step;
            now += 7;
            prop_assert!(witness.add(&request, at(now)).is_ok());
            prop_assert_eq!(witness.recorded[ORIGIN].head, log.tree.head_at(size).unwrap());
        }
    }

    /// Two logs under one key that differ from the first leaf on: whatever they send and in
    /// whatever order, only one of them is ever cosigned beyond the empty tree.
    #[test]
    fn never_two_branches(
        requests in prop::collection::vec((any::<bool>(), 0_u64..10, 0_u64..10), 1..40)
    ) {
        let logs = [Log::new(10), Log::forked(10, 1)];
        let mut witness = logs[0].witness();
        let mut branches = BTreeSet::new();
        let mut last = 0;
        for (branch, old, size) in requests {
            let log = &logs[usize::from(branch)];
            if witness.add(&log.request(old, size), at(50)).is_ok() {
                prop_assert!(size >= last, "rolled back from {} to {}", last, size);
                last = size;
                if size > 0 {
                    branches.insert(branch);
                }
            }
        }
        prop_assert!(branches.len() <= 1);
    }

    /// A body with any bytes put into it is refused or read, and what is read prints the same.
    #[test]
    fn any_body_is_refused_or_read(
        at in 0_usize..200,
        bytes in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        let log = Log::new(9);
        let mut body = log.request(3, 9);
        let at = at.min(body.len());
        body.splice(at..at, bytes);
        if let Ok(request) = Request::parse(&body) {
            prop_assert_eq!(request.to_string().into_bytes(), body);
        }
    }
}
