//! Policies against the cases of other implementations, and judgements.

use canon::Digest;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::checkpoint::Checkpoint;
use crate::cosignature;
use crate::note::{KeyType, NoteError, NoteSigner};
use canon::Timestamp;

#[derive(Deserialize)]
struct Vectors {
    good: Vec<Good>,
    bad: Vec<Bad>,
}

#[derive(Deserialize)]
struct Good {
    name: String,
    policy: String,
    printed: String,
    met: Vec<Vec<String>>,
    unmet: Vec<Vec<String>>,
}

#[derive(Deserialize)]
struct Bad {
    name: String,
    policy: String,
    line: usize,
    error: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../../vectors/note/policies.json")).unwrap()
}

fn is_met_by(policy: &Policy, names: &[String]) -> bool {
    let keys: Vec<&VerifierKey> = policy
        .witnesses()
        .iter()
        .filter(|witness| names.contains(&witness.name.to_string()))
        .map(|witness| &witness.key)
        .collect();
    assert_eq!(keys.len(), names.len());
    policy.is_met_by(&keys)
}

#[test]
fn policies_read_print_and_count() {
    for case in vectors().good {
        let policy = Policy::parse(case.policy.as_bytes()).unwrap();
        let printed = policy.to_bytes();
        assert_eq!(String::from_utf8_lossy(&printed), case.printed, "{}", case.name);
        assert_eq!(Policy::parse(&printed), Ok(policy.clone()), "{}", case.name);
        for names in &case.met {
            assert!(is_met_by(&policy, names), "{}: {names:?}", case.name);
        }
        for names in &case.unmet {
            assert!(!is_met_by(&policy, names), "{}: {names:?}", case.name);
        }
    }
}

#[test]
fn bad_policies_are_refused_on_the_right_line() {
    for case in vectors().bad {
        let error = Policy::parse(case.policy.as_bytes()).unwrap_err();
        let class = match &error.fault {
            PolicyFault::Byte { .. } => "byte",
            PolicyFault::UnknownWord { .. } => "word",
            PolicyFault::Form { .. } => "form",
            PolicyFault::Key(_) => "key",
            PolicyFault::KeyType { .. } => "type",
            PolicyFault::DuplicateKey { .. } => "duplicate key",
            PolicyFault::LogAsWitness { .. } => "log as witness",
            PolicyFault::DuplicateName { .. } => "duplicate name",
            PolicyFault::BadName { .. } => "bad name",
            PolicyFault::UndefinedName { .. } => "undefined",
            PolicyFault::SecondMembership { .. } => "second membership",
            PolicyFault::Threshold { .. } => "threshold",
            PolicyFault::SecondQuorum => "second quorum",
            PolicyFault::NoQuorum => "no quorum",
            PolicyFault::TooLarge | PolicyFault::TooMany => "limit",
        };
        assert_eq!((class, error.line), (case.error.as_str(), case.line), "{}", case.name);
        assert!(error.to_string().starts_with(&format!("line {}: ", case.line)));
    }
}

#[test]
fn names_are_bytes_and_need_not_be_utf8() {
    let key = witness(1).verifier().to_string();
    let mut file = b"witness w\x80\xff ".to_vec();
    file.extend(key.as_bytes());
    file.extend(b"\nquorum w\x80\xff\n");
    let policy = Policy::parse(&file).unwrap();
    assert_eq!(policy.witnesses()[0].name.as_bytes(), b"w\x80\xff");
    assert_eq!(policy.to_bytes(), file);
}

fn witness(seed: u8) -> NoteSigner {
    let name = format!("w{seed}.example");
    NoteSigner::from_seed(&name, KeyType::Cosignature, &[seed; 32]).unwrap()
}

fn log(name: &str, seed: u8) -> NoteSigner {
    NoteSigner::from_seed(name, KeyType::Ed25519, &[seed; 32]).unwrap()
}

fn key(seed: u8) -> VerifierKey {
    witness(seed).verifier().clone()
}

#[test]
fn at_least_thirty_two_of_each_are_read() {
    let line = |n: u8| {
        let log = log(&format!("log{n}.example"), 100 + n);
        let (log, witness) = (log.verifier(), key(n));
        format!("log {log}\nwitness w{n} {witness}\ngroup g{n} any w{n}\n")
    };
    let members: Vec<String> = (0..20).map(|n| format!("g{n}")).collect();
    let top = format!("group top 20 {}\n", members.join(" "));
    let file: String = (0..32).map(line).chain([top]).collect();
    let policy = Policy::parse((file + "quorum top\n").as_bytes()).unwrap();
    assert_eq!((policy.logs().len(), policy.witnesses().len()), (32, 32));
    assert_eq!(policy.groups().len(), 33);
}

#[test]
fn a_huge_file_is_refused() {
    let file = vec![b'#'; MAX_POLICY_BYTES + 1];
    let error = PolicyError { line: 1, fault: PolicyFault::TooLarge };
    assert_eq!(Policy::parse(&file), Err(error));
    let many = "group g\n".repeat(10);
    assert!(matches!(Policy::parse(many.as_bytes()), Err(PolicyError { line: 1, .. })));
}

fn two_of_three() -> Policy {
    let organisation = |name: &str, seeds: &[u8]| Organisation {
        name: name.to_owned(),
        witnesses: seeds.iter().map(|&seed| key(seed)).collect(),
    };
    Policy::of_organisations(
        &[log("log.example", 99).verifier().clone()],
        &[organisation("press", &[1, 2]), organisation("church", &[3]), organisation("uni", &[4])],
        2,
    )
    .unwrap()
}

#[test]
fn the_threshold_counts_organisations_not_machines() {
    let policy = two_of_three();
    let met = |seeds: &[u8]| {
        let keys: Vec<VerifierKey> = seeds.iter().map(|&seed| key(seed)).collect();
        policy.is_met_by(&keys.iter().collect::<Vec<_>>())
    };
    assert!(!met(&[]));
    assert!(!met(&[1]));
    assert!(!met(&[1, 2]), "two witnesses of one organisation are one");
    assert!(!met(&[1, 2, 50]), "a stranger counts for nothing");
    assert!(met(&[1, 3]));
    assert!(met(&[3, 4]));
    assert!(met(&[1, 2, 3, 4]));
    let expected = format!(
        "log {}\nwitness w1.example {}\nwitness w2.example {}\ngroup org+press any w1.example \
         w2.example\nwitness w3.example {}\ngroup org+church any w3.example\nwitness w4.example \
         {}\ngroup org+uni any w4.example\ngroup +organisations 2 org+press org+church org+uni\n\
         quorum +organisations\n",
        log("log.example", 99).verifier(),
        key(1),
        key(2),
        key(3),
        key(4)
    );
    assert_eq!(Policy::parse(expected.as_bytes()), Ok(policy));
}

#[test]
fn organisations_are_checked_like_a_file() {
    let build = |names: [&str; 2], seeds: [Vec<u8>; 2], threshold| {
        let organisations: Vec<Organisation> = names
            .iter()
            .zip(seeds)
            .map(|(name, seeds)| Organisation {
                name: (*name).to_owned(),
                witnesses: seeds.iter().map(|&seed| key(seed)).collect(),
            })
            .collect();
        let logs = [log("log.example", 99).verifier().clone()];
        Policy::of_organisations(&logs, &organisations, threshold).map_err(|error| error.fault)
    };
    assert!(build(["a", "b"], [vec![1], vec![2]], 2).is_ok());
    for threshold in [0, 3] {
        let result = build(["a", "b"], [vec![1], vec![2]], threshold);
        assert!(matches!(result, Err(PolicyFault::Threshold { .. })), "{threshold}");
    }
    assert!(matches!(
        build(["a", "b"], [vec![1], vec![1]], 1),
        Err(PolicyFault::DuplicateName { .. })
    ));
    assert!(matches!(
        build(["a", "a"], [vec![1], vec![2]], 1),
        Err(PolicyFault::DuplicateName { .. })
    ));
    assert!(matches!(build(["a", "b c"], [vec![1], vec![2]], 1), Err(PolicyFault::BadName { .. })));
    assert!(matches!(build(["a", "b"], [vec![1], vec![]], 1), Err(PolicyFault::Threshold { .. })));
}

const TIME: i64 = 1_700_000_000;

fn signed(origin: &str, signers: &[&NoteSigner]) -> Vec<u8> {
    let checkpoint = Checkpoint::new(origin, 42, Digest([5; 32])).unwrap();
    let mut note = checkpoint.to_note().unwrap();
    for (seconds, signer) in (TIME..).zip(signers) {
        let time = Timestamp::from_unix(seconds).unwrap();
        let line = match signer.verifier().kind() {
            KeyType::Ed25519 => signer.sign(note.text()),
            KeyType::Cosignature => cosignature::sign(signer, note.text(), time),
        };
        note.add(line.unwrap()).unwrap();
    }
    note.to_bytes()
}

#[test]
fn a_judgement_names_the_log_the_witnesses_and_their_times() {
    let policy = two_of_three();
    let log = log("log.example", 99);
    let bytes = signed("log.example", &[&log, &witness(1), &witness(60), &witness(3)]);
    let judgement = policy.judge(&bytes).unwrap();
    assert!(judgement.quorum_met);
    assert_eq!(judgement.checkpoint.size, 42);
    assert_eq!(judgement.logs.len(), 1);
    let seen: Vec<(String, i64)> = judgement
        .cosigned
        .iter()
        .map(|line| (line.witness.name.to_string(), line.time.unix()))
        .collect();
    assert_eq!(seen, [("w1.example".to_owned(), TIME + 1), ("w3.example".to_owned(), TIME + 3)]);
}

#[test]
fn a_head_short_of_its_threshold_is_judged_so() {
    let log = log("log.example", 99);
    let bytes = signed("log.example", &[&log, &witness(1), &witness(2)]);
    let policy = two_of_three();
    let judgement = policy.judge(&bytes).unwrap();
    assert!(!judgement.quorum_met);
    assert_eq!(judgement.cosigned.len(), 2);
}

#[test]
fn witnesses_alone_or_another_log_sign_nothing() {
    let policy = two_of_three();
    let not_signed = |origin: &str| Err(JudgeError::NotSigned { origin: origin.to_owned() });
    let judge = |bytes: &[u8]| policy.judge(bytes).map(|judgement| judgement.quorum_met);
    let bytes = signed("log.example", &[&witness(1), &witness(3)]);
    assert_eq!(judge(&bytes), not_signed("log.example"));
    let bytes = signed("log.example", &[&log("log.example", 98), &witness(1), &witness(3)]);
    assert_eq!(judge(&bytes), not_signed("log.example"));
    // The right key over another origin.
    let bytes = signed("other.example", &[&log("log.example", 99), &witness(1), &witness(3)]);
    assert_eq!(judge(&bytes), not_signed("other.example"));
}

#[test]
fn a_bad_line_of_a_known_witness_refuses_the_head() {
    let bytes = signed("log.example", &[&log("log.example", 99), &witness(1), &witness(3)]);
    let text = String::from_utf8(bytes).unwrap();
    let (start, line) = text.trim_end().rsplit_once(' ').unwrap();
    let mut raw = data_encoding::BASE64.decode(line.as_bytes()).unwrap();
    raw[20] ^= 1;
    let changed = format!("{start} {}\n", data_encoding::BASE64.encode(&raw));
    let error = two_of_three().judge(changed.as_bytes()).unwrap_err();
    assert!(matches!(error, JudgeError::Signature(NoteError::BadSignature { name, .. })
        if name == "w3.example"));
}

#[test]
fn two_lines_of_one_witness_are_one_of_the_earlier_time() {
    let mut text = String::from_utf8(signed(
        "log.example",
        &[&log("log.example", 99), &witness(1), &witness(3)],
    ))
    .unwrap();
    let note_text = text.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let early = Timestamp::from_unix(TIME - 50).unwrap();
    let line = cosignature::sign(&witness(3), &note_text, early).unwrap();
    text.push_str(&line.to_string());
    text.push('\n');
    let policy = two_of_three();
    let judgement = policy.judge(text.as_bytes()).unwrap();
    assert_eq!(judgement.cosigned.len(), 2);
    assert_eq!(judgement.cosigned[1].time, early);
}

#[test]
fn the_logs_own_time_is_read_and_never_counts() {
    let timestamp = NoteSigner::from_seed("log.example", KeyType::Cosignature, &[77; 32]).unwrap();
    let bytes = signed("log.example", &[&log("log.example", 99), &timestamp, &witness(1)]);
    let policy = two_of_three();
    let judgement = policy.judge(&bytes).unwrap();
    assert!(!judgement.quorum_met);
    let time = judgement.time_by(timestamp.verifier()).unwrap();
    assert_eq!(time.map(Timestamp::unix), Some(TIME + 1));
    assert_eq!(judgement.time_by(witness(50).verifier()), Ok(None));
}

proptest! {
    /// More cosigners never make a head worse.
    #[test]
    fn more_cosigners_are_never_worse(subset in 0_u8..16, extra in 0_u8..16) {
        let policy = two_of_three();
        let pick = |bits: u8| -> Vec<VerifierKey> {
            (0..4).filter(|n| bits & (1 << n) != 0).map(|n| key(n + 1)).collect()
        };
        let (few, more) = (pick(subset), pick(subset | extra));
        let met = |keys: &[VerifierKey]| policy.is_met_by(&keys.iter().collect::<Vec<_>>());
        prop_assert!(!met(&few) || met(&more));
    }

    /// Lines of any words are refused or read, never worse.
    #[test]
    fn any_words_are_refused_or_read(
        file in "((log|witness|group|quorum|#)[ \t](a|none|any|all|1){1,2}( (a|b|1)){0,3}\n){0,6}"
    ) {
        if let Ok(policy) = Policy::parse(file.as_bytes()) {
            prop_assert_eq!(Policy::parse(&policy.to_bytes()), Ok(policy));
        }
    }
}
