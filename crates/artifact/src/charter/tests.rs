use super::*;
use crate::fixture::{charter, note_signer, payload, signer};
use tlog::note::KeyType;

/// The charter with one thing changed, and the faults that come of it.
fn faults(change: impl FnOnce(&mut Charter)) -> Vec<Fault> {
    let mut charter = charter();
    change(&mut charter);
    charter.check()
}

fn key(holder: &str, organisation: &str, role: Role) -> CharterKey {
    CharterKey {
        holder: holder.parse().unwrap(),
        key: signer(holder).public().clone(),
        organisation: organisation.parse().unwrap(),
        role,
    }
}

fn vkey(name: &str, kind: KeyType, key: &str) -> VkeyText {
    note_signer(name, kind, key).verifier().to_string().parse().unwrap()
}

fn place(holder: &str, role: Role) -> Place {
    Place::Key { holder: holder.parse().unwrap(), role }
}

#[test]
fn the_charters_of_the_vectors_can_be_used() {
    assert_eq!(charter().check(), []);
    assert_eq!(payload::<Charter>("smallest").check(), []);
}

#[test]
fn a_key_has_one_role() {
    let found = faults(|charter| {
        charter.keys.push(CharterKey { role: Role::Custody, ..charter.keys[2].clone() });
    });
    let expected = Fault::KeyTwice {
        first: place("audit-lead", Role::Audit),
        second: place("audit-lead", Role::Custody),
    };
    assert_eq!(found, [expected]);
}

#[test]
fn a_key_has_one_place() {
    let reused = faults(|charter| {
        charter.witnesses.list[0].key =
            vkey("witness.example/press-1", KeyType::Cosignature, "audit-lead");
    });
    let name = || "press-1".parse().unwrap();
    let expected = Fault::KeyTwice {
        first: place("audit-lead", Role::Audit),
        second: Place::Witness { name: name() },
    };
    assert_eq!(reused, [expected]);

    let of_log = faults(|charter| {
        charter.witnesses.list[0].key =
            vkey("witness.example/press-1", KeyType::Cosignature, "log-checkpoint");
    });
    let expected =
        Fault::KeyTwice { first: Place::LogCheckpoint, second: Place::Witness { name: name() } };
    assert_eq!(of_log, [expected]);

    let one_for_both = faults(|charter| {
        let origin = charter.log.origin.clone();
        charter.log.timestamp_key = vkey(origin.as_str(), KeyType::Cosignature, "log-checkpoint");
    });
    let expected = Fault::KeyTwice { first: Place::LogCheckpoint, second: Place::LogTimestamp };
    assert_eq!(one_for_both, [expected]);
}

#[test]
fn a_witness_watches_others() {
    let barred = |found: &[Fault]| -> Vec<&'static str> {
        let because = |fault: &Fault| match fault {
            Fault::WitnessBarred { because, .. } => Some(*because),
            _ => None,
        };
        found.iter().filter_map(because).collect()
    };
    let by_authority = faults(|charter| {
        charter.witnesses.list[0].organisation = "county".parse().unwrap();
    });
    assert_eq!(barred(&by_authority), ["holds or held a key of the authority"]);
    let by_log = faults(|charter| {
        charter.witnesses.list[0].organisation = "log-operator".parse().unwrap();
    });
    assert_eq!(barred(&by_log), ["runs the log"]);
    let by_platform = faults(|charter| {
        let key = key("platform-1", "press", Role::Platform);
        charter.keys.push(key);
    });
    assert_eq!(barred(&by_platform), ["holds or held a key of the platform"]);
    let by_promises = faults(|charter| charter.keys.push(key("log-2", "university", Role::Log)));
    assert_eq!(barred(&by_promises), ["holds or held a key of the log"]);
    // Auditors may witness: they watch the log, not themselves counting votes.
    let by_auditors = faults(|charter| {
        charter.witnesses.list[0].organisation = "audit-board".parse().unwrap();
    });
    assert_eq!(by_auditors, []);
}

#[test]
fn the_duties_of_the_count_are_apart() {
    let holder = || "county-results".parse().unwrap();
    let joined = |role| {
        faults(|charter| {
            charter.keys.push(CharterKey { holder: holder(), ..key("x", "county", role) });
        })
    };
    for second in [Role::Definition, Role::Scanning, Role::Audit] {
        let first = Role::Aggregation;
        assert_eq!(joined(second), [Fault::DutiesOfOne { holder: holder(), first, second }]);
    }
    for role in [Role::Aggregation, Role::Custody, Role::Supply] {
        assert_eq!(joined(role), [], "{role}");
    }
}

#[test]
fn promises_are_signed_by_the_logs_organisation() {
    let elsewhere = faults(|charter| charter.keys.push(key("log-2", "county", Role::Log)));
    let (holder, organisation) = ("log-2".parse().unwrap(), "county".parse().unwrap());
    assert_eq!(elsewhere, [Fault::LogKeyElsewhere { holder, organisation }]);
}

#[test]
fn a_charter_that_can_be_used_makes_a_policy() {
    let signing_as = |name: &str| {
        faults(|charter| {
            charter.witnesses.list[0].key = vkey(name, KeyType::Cosignature, "witness-press-1");
        })
    };
    for name in ["organisations", "org:press", "any", "all", "press", "group"] {
        assert_eq!(signing_as(name), [], "{name}");
    }
    let none = signing_as("none");
    assert!(matches!(&none[..], [Fault::Policy { .. }]), "{none:?}");
}

#[test]
fn there_are_only_so_many_witnesses() {
    let add = |charter: &mut Charter, count: usize| {
        for n in charter.witnesses.list.len()..count {
            let name = format!("w-{n}");
            charter.witnesses.list.push(Witness {
                key: vkey(&name, KeyType::Cosignature, &name),
                name: name.parse().unwrap(),
                organisation: "press".parse().unwrap(),
            });
        }
    };
    assert_eq!(faults(|charter| add(charter, MAX_WITNESSES)), []);
    let found = MAX_WITNESSES + 1;
    let too_many = Fault::TooMany { what: "witnesses", most: MAX_WITNESSES, found };
    assert_eq!(faults(|charter| add(charter, found)), [too_many]);
}

#[test]
fn the_threshold_counts_organisations() {
    assert_eq!(faults(|charter| charter.witnesses.threshold = 3), []);
    assert_eq!(
        faults(|charter| charter.witnesses.threshold = 4),
        [Fault::ThresholdUnreachable { threshold: 4, organisations: 3 }]
    );
    assert_eq!(
        faults(|charter| {
            charter.witnesses.threshold = 3;
            charter.witnesses.list[2].organisation = "press".parse().unwrap();
        }),
        [Fault::ThresholdUnreachable { threshold: 3, organisations: 2 }]
    );
    assert_eq!(faults(|charter| charter.witnesses.threshold = 0), [Fault::ThresholdZero]);
}

#[test]
fn names_of_witnesses_differ() {
    let twice = faults(|charter| {
        charter.witnesses.list[1].name = "press-1".parse().unwrap();
    });
    assert_eq!(twice, [Fault::WitnessTwice { name: "press-1".parse().unwrap() }]);
    let one_signing_name = faults(|charter| {
        charter.witnesses.list[1].key =
            vkey("witness.example/press-1", KeyType::Cosignature, "witness-university-1");
    });
    assert_eq!(
        one_signing_name,
        [Fault::WitnessKeyName {
            name: "university-1".parse().unwrap(),
            signs_as: "witness.example/press-1".into(),
        }]
    );
    let as_log = faults(|charter| {
        let origin = charter.log.origin.clone();
        charter.witnesses.list[0].key =
            vkey(origin.as_str(), KeyType::Cosignature, "witness-press-1");
    });
    assert!(matches!(&as_log[..], [Fault::WitnessKeyName { .. }]), "{as_log:?}");
}

#[test]
fn verifier_keys_are_of_their_type() {
    let origin = charter().log.origin;
    let wrong = faults(|charter| {
        charter.log.checkpoint_key = vkey(origin.as_str(), KeyType::Cosignature, "log-checkpoint");
    });
    assert!(
        matches!(&wrong[..], [Fault::Vkey { place: Place::LogCheckpoint, why }]
            if why.contains("0x04")),
        "{wrong:?}"
    );
    let plain = faults(|charter| {
        charter.witnesses.list[0].key =
            vkey("witness.example/press-1", KeyType::Ed25519, "witness-press-1");
    });
    assert!(matches!(&plain[..], [Fault::Vkey { place: Place::Witness { .. }, .. }]), "{plain:?}");
    let renamed = faults(|charter| charter.log.origin = "log.example/other".parse().unwrap());
    let [Fault::Origin { place: one, .. }, Fault::Origin { place: other, .. }] = &renamed[..]
    else {
        panic!("{renamed:?}");
    };
    assert_eq!([one, other], [&Place::LogCheckpoint, &Place::LogTimestamp]);
    let as_witness = faults(|charter| {
        charter.log.timestamp_key =
            vkey("witness.example/league", KeyType::Cosignature, "log-timestamp");
    });
    let found = "witness.example/league".to_owned();
    assert_eq!(as_witness, [Fault::Origin { place: Place::LogTimestamp, origin, found }]);
}

#[test]
fn phases_owe_what_can_be_had() {
    let owed = faults(|charter| {
        charter.phases[0].owes = vec![EntryType::Cvr, EntryType::Sample, EntryType::Sample];
        charter.phases.push(charter.phases[0].clone());
        charter.phases[1].owes.clear();
    });
    let phase = || "audit".parse().unwrap();
    assert_eq!(
        owed,
        [
            Fault::NobodyMaySubmit { phase: phase(), entry_type: EntryType::Cvr },
            Fault::OwedTwice { phase: phase(), entry_type: EntryType::Sample },
            Fault::PhaseTwice { name: phase() },
        ]
    );
    let mut charter = charter();
    charter.phases.push(Phase { name: "count".parse().unwrap(), owes: vec![EntryType::Result] });
    assert_eq!(charter.owed().len(), 5);
}

#[test]
fn terms_have_bounds() {
    let members = |found: Vec<Fault>| -> Vec<&'static str> {
        let member = |fault: Fault| match fault {
            Fault::Term { member, .. } => member,
            Fault::RiskLimit { .. } => "risk_limit",
            other => panic!("{other}"),
        };
        found.into_iter().map(member).collect()
    };
    let zeros = faults(|charter| {
        charter.log.head_interval_s = 0;
        charter.log.promise_s = 0;
        charter.custody.max_delay_s = 0;
        charter.risk_limit = "0".parse().unwrap();
    });
    let all = ["log.head_interval_s", "log.promise_s", "custody.max_delay_s", "risk_limit"];
    assert_eq!(members(zeros), all);
    let beyond = faults(|charter| {
        charter.log.head_interval_s = MAX_HEAD_INTERVAL_S + 1;
        charter.log.promise_s = MAX_PROMISE_S + 1;
        charter.custody.max_delay_s = MAX_CUSTODY_DELAY_S + 1;
        charter.risk_limit = "1".parse().unwrap();
    });
    assert_eq!(members(beyond), all);
    assert_eq!(members(faults(|charter| charter.log.promise_s = 59)), ["log.promise_s"]);
    assert_eq!(faults(|charter| charter.log.promise_s = 60), []);
}

#[test]
fn every_fault_is_named_at_once() {
    let found = faults(|charter| {
        charter.organisations.push(charter.organisations[0].clone());
        charter.keys.remove(0);
        charter.keys[0].organisation = "nobody".parse().unwrap();
        charter.keys[2].role = Role::Custody;
        charter.keys.push(key("audit-2", "press", Role::Audit));
        charter.keys.push(CharterKey {
            holder: "audit-lead".parse().unwrap(),
            ..key("audit-3", "press", Role::Audit)
        });
        charter.log.organisation = "nowhere".parse().unwrap();
        charter.log.timestamp_key =
            "x+00000000+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
        charter.witnesses.threshold = 0;
        charter.risk_limit = "3".parse().unwrap();
    });
    let text: Vec<_> = found.iter().map(ToString::to_string).collect();
    let expected = [
        "organisation county is listed twice",
        "the log's checkpoint key names organisation nowhere, which is not listed",
        "the log's timestamp key is not usable: ",
        "the aggregation key of county-results names organisation nobody, which is not listed",
        "holder audit-lead belongs to audit-board and to press",
        "no key of role authority would be in force",
        "no key of role log would be in force",
        "the witness threshold is 0, it must be at least 1",
        "risk_limit must be above 0 and below 1, found 3",
    ];
    assert_eq!(text.len(), expected.len(), "{text:#?}");
    for (found, expected) in text.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}");
    }
    let mut charter = charter();
    charter.witnesses.threshold = 0;
    assert_eq!(charter.rules()[0].member, "witnesses");
}

#[test]
fn an_unread_witness_is_one_fault_not_two() {
    let found = faults(|charter| {
        charter.witnesses.threshold = 3;
        charter.witnesses.list[0].key =
            "x+00000000+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
    });
    assert!(matches!(&found[..], [Fault::Vkey { .. }]), "{found:?}");
}
