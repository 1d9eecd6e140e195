use super::*;
use crate::charter::{Organisation, Place, Witness};
use crate::fixture::{founded, note_signer, payload, signer};
use tlog::note::KeyType;

fn register() -> Register {
    founded().register
}

fn empty(sequence: u64) -> Amendment {
    Amendment {
        add_keys: Vec::new(),
        add_organisations: Vec::new(),
        add_witnesses: Vec::new(),
        remove_witnesses: Vec::new(),
        revoke_keys: Vec::new(),
        sequence,
        threshold: None,
        ..payload("replaces-a-key")
    }
}

fn id(name: &str) -> KeyId {
    signer(name).public().id()
}

fn listed(holder: &str, organisation: &str, role: Role) -> CharterKey {
    CharterKey {
        holder: holder.parse().unwrap(),
        key: signer(holder).public().clone(),
        organisation: organisation.parse().unwrap(),
        role,
    }
}

fn witness(name: &str, organisation: &str) -> Witness {
    let signer = note_signer(
        &format!("witness.example/{name}"),
        KeyType::Cosignature,
        &format!("witness-{name}"),
    );
    Witness {
        key: signer.verifier().to_string().parse().unwrap(),
        name: name.parse().unwrap(),
        organisation: organisation.parse().unwrap(),
    }
}

fn refused(amendment: &Amendment) -> Vec<Fault> {
    let mut register = register();
    let faults = register.apply(amendment, 5).unwrap_err();
    assert_eq!((register.amendments(), register.last_change()), (0, 0));
    assert_eq!(register.policies.len(), 1);
    faults
}

#[test]
fn a_change_is_in_force_after_its_entry() {
    let mut register = register();
    register.apply(&payload("replaces-a-key"), 7).unwrap();
    let (old, new) = (id("audit-lead"), id("audit-lead-2"));
    for index in [0, 6, 7] {
        assert!(matches!(register.key_at(&old, index), Standing::InForce(_)), "{index}");
        assert!(matches!(register.key_at(&new, index), Standing::NotYet(_)), "{index}");
    }
    for index in [8, 9, u64::MAX] {
        let Standing::Revoked(key) = register.key_at(&old, index) else { panic!("{index}") };
        assert_eq!(key.revoked_from, Some(8));
        let Standing::InForce(key) = register.key_at(&new, index) else { panic!("{index}") };
        assert_eq!((key.from, key.role), (8, Role::Audit));
        assert_eq!(key.originator().id, "audit-lead-2");
    }
    assert_eq!(register.key_at(&id("stranger"), 8), Standing::Unknown);
    assert_eq!(register.amendments(), 1);
    assert_eq!(register.last_change(), 7);
}

#[test]
fn a_head_is_judged_by_the_witnesses_before_the_change_it_first_covers() {
    let mut register = register();
    register.apply(&payload("replaces-a-key"), 1).unwrap();
    register.apply(&payload("adds-a-witness"), 7).unwrap();
    for size in [0, 1, 3, 8] {
        let policy = register.witness_policy_at(size).unwrap();
        assert_eq!((policy.threshold, policy.witnesses.len()), (2, 3), "{size}");
        assert!(policy.witnesses.iter().any(|witness| witness.name == "press-1"));
    }
    for size in [9, 10, u64::MAX] {
        let policy = register.witness_policy_at(size).unwrap();
        assert_eq!((policy.threshold, policy.witnesses.len()), (3, 3), "{size}");
        assert!(policy.witnesses.iter().all(|witness| witness.name != "press-1"));
        assert!(policy.witnesses.iter().any(|witness| witness.organisation == "league"));
    }
}

#[test]
fn the_policy_counts_organisations() {
    let mut register = register();
    let amendment = Amendment { add_witnesses: vec![witness("press-2", "press")], ..empty(1) };
    register.apply(&amendment, 1).unwrap();
    let policy = register.witness_policy_at(9).unwrap();
    let key =
        |name: &str| &policy.witnesses.iter().find(|witness| witness.name == *name).unwrap().key;
    assert!(!policy.policy.is_met_by(&[key("press-1"), key("press-2")]));
    assert!(policy.policy.is_met_by(&[key("press-2"), key("university-1")]));
    assert_eq!(policy.witness(key("press-2")).unwrap().organisation, "press");
}

#[test]
fn a_signed_head_is_judged() {
    use tlog::checkpoint::Checkpoint;
    let register = register();
    let origin = register.charter().log.origin.to_string();
    let mut note = Checkpoint::new(&origin, 3, Digest::of(b"root")).unwrap().to_note().unwrap();
    let time = "2024-11-19T16:40:00Z".parse().unwrap();
    let log = note_signer(&origin, KeyType::Ed25519, "log-checkpoint");
    let own = note_signer(&origin, KeyType::Cosignature, "log-timestamp");
    let text = note.text().to_owned();
    note.add(log.sign(&text).unwrap()).unwrap();
    note.add(tlog::cosignature::sign(&own, &text, time).unwrap()).unwrap();
    let policy = register.witness_policy_at(3).unwrap();
    // The log's own timestamp is no witness.
    assert!(!policy.judge(&note.to_bytes()).unwrap().quorum_met);
    for name in ["press-1", "university-1"] {
        let witness = note_signer(
            &format!("witness.example/{name}"),
            KeyType::Cosignature,
            &format!("witness-{name}"),
        );
        note.add(tlog::cosignature::sign(&witness, &text, time).unwrap()).unwrap();
    }
    let signed = note.to_bytes();
    let judgement = policy.judge(&signed).unwrap();
    assert!(judgement.quorum_met);
    let organisations: Vec<_> =
        policy.organisations(&judgement.cosigned).iter().map(|id| id.as_str()).collect();
    assert_eq!(organisations, ["press", "university"]);
    let stamped = judgement.time_by(&register.log_keys().timestamp).unwrap();
    assert_eq!(stamped, Some(time));
}

#[test]
fn the_last_authority_stays() {
    let found = refused(&Amendment { revoke_keys: vec![id("county-clerk")], ..empty(1) });
    assert_eq!(found, [Fault::NoKey { role: Role::Authority }]);
    let mut register = register();
    let replaced = Amendment {
        revoke_keys: vec![id("county-clerk")],
        add_keys: vec![listed("county-clerk-2", "county", Role::Authority)],
        ..empty(1)
    };
    register.apply(&replaced, 5).unwrap();
    assert!(matches!(register.key_at(&id("county-clerk"), 6), Standing::Revoked(_)));
}

#[test]
fn no_key_comes_back_in_any_role() {
    for role in [Role::Custody, Role::Audit] {
        let again = Amendment {
            revoke_keys: vec![id("audit-lead")],
            add_keys: vec![listed("audit-lead", "audit-board", role)],
            ..empty(1)
        };
        let place = |role| Place::Key { holder: "audit-lead".parse().unwrap(), role };
        let expected = Fault::KeyTwice { first: place(Role::Audit), second: place(role) };
        assert_eq!(refused(&again), [expected]);
    }
    // Nor as a witness, nor after a revocation long past.
    let mut register = register();
    register.apply(&payload("replaces-a-key"), 5).unwrap();
    let key = listed("audit-lead", "audit-board", Role::Custody);
    let faults = register.apply(&Amendment { add_keys: vec![key], ..empty(2) }, 9).unwrap_err();
    assert!(matches!(&faults[..], [Fault::KeyTwice { .. }]), "{faults:?}");
    let removed = Amendment { remove_witnesses: vec!["press-1".parse().unwrap()], ..empty(2) };
    register.apply(&removed, 9).unwrap();
    let back = Amendment { add_witnesses: vec![witness("press-1", "press")], ..empty(3) };
    let faults = register.apply(&back, 10).unwrap_err();
    assert!(matches!(&faults[..], [Fault::KeyTwice { .. }]), "{faults:?}");
}

#[test]
fn a_threshold_stays_within_reach() {
    let removed = ["press-1", "observers-1"].map(|name| name.parse().unwrap());
    let found = refused(&Amendment { remove_witnesses: removed.to_vec(), ..empty(1) });
    assert_eq!(found, [Fault::ThresholdUnreachable { threshold: 2, organisations: 1 }]);
    let lowered = Amendment { remove_witnesses: removed.to_vec(), threshold: Some(1), ..empty(1) };
    assert!(register().apply(&lowered, 5).is_ok());
    let found = refused(&Amendment { threshold: Some(4), ..empty(1) });
    assert_eq!(found, [Fault::ThresholdUnreachable { threshold: 4, organisations: 3 }]);
}

#[test]
fn amendments_come_in_their_turn() {
    let found = refused(&empty(2));
    assert_eq!(found, [Fault::Sequence { expected: 1, found: 2 }]);
    let mut register = register();
    let threshold = |sequence| Amendment { threshold: Some(3), ..empty(sequence) };
    register.apply(&threshold(1), 5).unwrap();
    let again = register.apply(&threshold(1), 6).unwrap_err();
    assert_eq!(again, [Fault::Sequence { expected: 2, found: 1 }]);
    let earlier = register.apply(&threshold(2), 5).unwrap_err();
    assert_eq!(earlier, [Fault::Order { index: 5, last: 5 }]);
    assert_eq!(register.apply(&threshold(2), 6), Ok(()));
}

#[test]
fn other_changes_are_refused() {
    let other = Amendment { election_id: "other".parse().unwrap(), threshold: Some(3), ..empty(1) };
    assert!(matches!(&refused(&other)[..], [Fault::OtherElection { .. }]));
    let unknown = Amendment { revoke_keys: vec![id("stranger")], ..empty(1) };
    assert_eq!(refused(&unknown), [Fault::RevokedUnknown { key_id: id("stranger") }]);
    let nobody = Amendment { remove_witnesses: vec!["nobody".parse().unwrap()], ..empty(1) };
    assert!(matches!(&refused(&nobody)[..], [Fault::RemovedUnknown { .. }]));
    let homeless = Amendment { add_keys: vec![listed("x", "nowhere", Role::Audit)], ..empty(1) };
    assert!(matches!(&refused(&homeless)[..], [Fault::UnknownOrganisation { .. }]));
    let barred = Amendment { add_witnesses: vec![witness("county-1", "county")], ..empty(1) };
    assert!(matches!(&refused(&barred)[..], [Fault::WitnessBarred { .. }]));
    let turned = Amendment {
        add_keys: vec![listed("press-authority", "press", Role::Authority)],
        ..empty(1)
    };
    assert!(matches!(&refused(&turned)[..], [Fault::WitnessBarred { .. }]));
}

#[test]
fn a_former_authority_does_not_witness() {
    let mut register = register();
    // The county hands its office to a name of its own, and goes on as a witness.
    let handover = Amendment {
        add_organisations: vec![Organisation {
            id: "county-2".parse().unwrap(),
            name: "The same people".parse().unwrap(),
        }],
        add_keys: vec![listed("county-clerk-2", "county-2", Role::Authority)],
        revoke_keys: vec![id("county-clerk")],
        ..empty(1)
    };
    let at_once =
        Amendment { add_witnesses: vec![witness("county-1", "county")], ..handover.clone() };
    let barred = |faults: Vec<Fault>| {
        let [Fault::WitnessBarred { organisation, because, .. }] = &faults[..] else {
            panic!("{faults:?}");
        };
        assert_eq!(
            (organisation.as_str(), *because),
            ("county", "holds or held a key of the authority")
        );
    };
    barred(refused(&at_once));
    register.apply(&handover, 5).unwrap();
    let later = Amendment { add_witnesses: vec![witness("county-1", "county")], ..empty(2) };
    barred(register.apply(&later, 6).unwrap_err());
}

#[test]
fn duties_are_apart_over_the_whole_election() {
    let auditor = |role| CharterKey {
        holder: "audit-lead".parse().unwrap(),
        ..listed("another-key", "audit-board", role)
    };
    let (first, second) = (Role::Audit, Role::Aggregation);
    let swapped = Amendment {
        revoke_keys: vec![id("audit-lead")],
        add_keys: vec![auditor(second)],
        ..empty(1)
    };
    let holder = "audit-lead".parse().unwrap();
    assert_eq!(refused(&swapped), [Fault::DutiesOfOne { holder, first, second }]);
    // One organisation with two duties is not refused, and is told.
    let mut register = register();
    assert_eq!(register.joined_duties(), []);
    let scanning = listed("scanner", "audit-board", Role::Scanning);
    register.apply(&Amendment { add_keys: vec![scanning], ..empty(1) }, 5).unwrap();
    let joined = [("audit-board".parse().unwrap(), vec![Role::Scanning, Role::Audit])];
    assert_eq!(register.joined_duties(), joined);
}

#[test]
fn a_policy_is_kept_only_where_it_changes() {
    let mut register = register();
    for sequence in 1..=3 {
        let key = listed(&format!("supplier-{sequence}"), "county", Role::Supply);
        register.apply(&Amendment { add_keys: vec![key], ..empty(sequence) }, sequence).unwrap();
    }
    register.apply(&Amendment { threshold: Some(2), ..empty(4) }, 4).unwrap();
    assert_eq!(register.policies.len(), 1);
    register.apply(&Amendment { threshold: Some(3), ..empty(5) }, 5).unwrap();
    assert_eq!(register.policies.len(), 2);
    let threshold = |size| register.witness_policy_at(size).unwrap().threshold;
    assert_eq!((threshold(6), threshold(7)), (2, 3));
}

#[test]
fn nothing_changes_after_the_close() {
    let close: Close = payload("complete");
    let mut register = register();
    let wrong = register.close(&close, 26).unwrap_err();
    assert_eq!(wrong, [Fault::CloseCount { expected: 26, found: 27 }]);
    assert_eq!(register.closed_at(), None);
    register.close(&close, 27).unwrap();
    assert_eq!(register.closed_at(), Some(27));
    let again = register.close(&Close { entries: 28, ..close }, 28).unwrap_err();
    assert_eq!(again, [Fault::Closed { closed_at: 27 }]);
    let amended = register.apply(&Amendment { threshold: Some(3), ..empty(1) }, 28).unwrap_err();
    assert_eq!(amended, [Fault::Closed { closed_at: 27 }]);
}

#[test]
fn a_faulty_charter_opens_nothing() {
    let mut charter = crate::fixture::charter();
    charter.witnesses.threshold = 9;
    let faults = Register::open(&charter, Digest::of(b"x")).unwrap_err();
    assert_eq!(faults, [Fault::ThresholdUnreachable { threshold: 9, organisations: 3 }]);
}

#[test]
fn lookups_are_shared_among_threads() {
    let mut register = register();
    register.apply(&payload("replaces-a-key"), 7).unwrap();
    let (register, old) = (&register, id("audit-lead"));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(move || {
                for index in 0..1000 {
                    let in_force = matches!(register.key_at(&old, index), Standing::InForce(_));
                    assert_eq!(in_force, index <= 7);
                }
            });
        }
    });
}
