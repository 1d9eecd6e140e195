use canon::key::{Algorithm, PrivateKey};
use proptest::prelude::*;

use super::*;
use crate::charter::{Amendment, CharterKey, Close, LogKeys, Purpose};
use crate::fixture::{admitted, charter, founded, payload, signed, signer};
use crate::id::KeyText;
use crate::payload::{Campaign, Determination, DeviceAttestation, Promise, Sample, SeedCommit};

fn commit() -> Vec<u8> {
    signed(&payload::<SeedCommit>("hinsdale"), &["audit-lead"])
}

#[test]
fn the_charter_is_admitted_by_itself() {
    let founded = founded();
    assert_eq!(founded.admitted.entry_type, EntryType::Charter);
    assert_eq!(founded.admitted.originator.role, Role::Authority);
    assert_eq!(founded.register.charter_digest(), founded.admitted.digest);
    assert_eq!(founded.charter, charter());
}

#[test]
fn a_charter_is_signed_by_an_authority_that_it_names() {
    let stranger = found(&signed(&charter(), &["stranger"]));
    assert!(matches!(stranger, Err(Refusal::KeyUnknown { .. })), "{stranger:?}");
    let auditor = found(&signed(&charter(), &["audit-lead"]));
    assert!(matches!(auditor, Err(Refusal::Role { found: Role::Audit, .. })), "{auditor:?}");
    // A second signature by another of its keys does no harm; a forged one does.
    let bytes = signed(&charter(), &["county-clerk", "audit-lead"]);
    assert_eq!(found(&bytes).unwrap().admitted.signers.len(), 2);
    let forged = String::from_utf8(bytes).unwrap();
    let forged = forged.replacen("County Clerk", "County Clark", 1);
    assert!(matches!(found(forged.as_bytes()), Err(Refusal::Signature { .. })));
}

#[test]
fn a_charter_with_faults_founds_nothing() {
    let mut charter = charter();
    charter.witnesses.threshold = 9;
    charter.risk_limit = "2".parse().unwrap();
    let Err(Refusal::Charter(faults)) = found(&signed(&charter, &["county-clerk"])) else {
        panic!("a faulty charter was accepted");
    };
    assert_eq!(faults.len(), 2);
}

#[test]
fn only_the_charter_stands_first() {
    let founded = founded();
    let first = judge(&commit(), &founded.register, 0);
    assert_eq!(first, Err(Refusal::FirstNotCharter { found: ArtifactKind::SeedCommit }));
    assert!(matches!(found(&commit()), Err(Refusal::FirstNotCharter { .. })));
    let other = Charter { title: "Another".parse().unwrap(), ..charter() };
    let other = signed(&other, &["county-clerk"]);
    let refused = judge(&other, &founded.register, 0);
    assert!(matches!(refused, Err(Refusal::OtherCharter { .. })), "{refused:?}");
    let second = judge(&other, &founded.register, 1);
    assert_eq!(second, Err(Refusal::SecondCharter { index: 1 }));
}

#[test]
fn an_artifact_says_whose_it_is() {
    let founded = founded();
    let bytes = commit();
    let admitted = judge(&bytes, &founded.register, 3).unwrap();
    assert_eq!(admitted.kind, ArtifactKind::SeedCommit);
    assert_eq!(admitted.originator.id, "audit-lead");
    assert_eq!(admitted.digest, Digest::of(&bytes));
    assert_eq!(admitted.size, bytes.len() as u64);
    let [signer_of] = &admitted.signers[..] else { panic!("one signature") };
    assert_eq!(signer_of.key_id, signer("audit-lead").public().id());
    assert!(matches!(admitted.payload, Payload::SeedCommit(_)));
}

#[test]
fn the_first_signature_decides_the_role_and_all_must_hold() {
    let founded = founded();
    let commit: SeedCommit = payload("hinsdale");
    let both = signed(&commit, &["audit-lead", "county-clerk"]);
    assert_eq!(judge(&both, &founded.register, 1).unwrap().signers.len(), 2);
    let swapped = signed(&commit, &["county-clerk", "audit-lead"]);
    assert!(matches!(
        judge(&swapped, &founded.register, 1),
        Err(Refusal::Role { found: Role::Authority, entry_type: EntryType::SeedCommit })
    ));
    let stranger = signed(&commit, &["audit-lead", "stranger"]);
    assert!(matches!(judge(&stranger, &founded.register, 1), Err(Refusal::KeyUnknown { .. })));
}

#[test]
fn keys_count_between_their_bounds() {
    let mut founded = founded();
    let amendment = signed(&payload::<Amendment>("replaces-a-key"), &["county-clerk"]);
    enact(&amendment, &mut founded.register, 4).unwrap();
    let register = &founded.register;
    let old = signed(&payload::<SeedCommit>("hinsdale"), &["audit-lead"]);
    let new = signed(&payload::<SeedCommit>("hinsdale"), &["audit-lead-2"]);
    assert!(judge(&old, register, 4).is_ok());
    assert!(matches!(judge(&old, register, 5), Err(Refusal::KeyRevoked { from: 5, index: 5, .. })));
    assert!(matches!(judge(&new, register, 4), Err(Refusal::KeyNotYet { from: 5, index: 4, .. })));
    assert!(judge(&new, register, 5).is_ok());
    // The amendment itself is judged as of its own entry, whatever came of it.
    assert!(judge(&amendment, register, 4).is_ok());
    assert_eq!(enact(&amendment, &mut founded.register, 5).unwrap_err().code(), "change_refused");
}

#[test]
fn nothing_follows_the_close() {
    let mut founded = founded();
    let close = Close { entries: 27, ..payload("complete") };
    let close = signed(&close, &["county-clerk"]);
    enact(&close, &mut founded.register, 27).unwrap();
    let register = &founded.register;
    assert!(judge(&commit(), register, 26).is_ok());
    assert!(judge(&close, register, 27).is_ok());
    assert_eq!(
        judge(&commit(), register, 28),
        Err(Refusal::AfterClose { closed_at: 27, index: 28 })
    );
}

#[test]
fn a_promise_is_never_an_entry() {
    let promise = signed(&payload::<Promise>("one-hour"), &["log-promise"]);
    let refused = judge(&promise, &founded().register, 1);
    assert_eq!(refused, Err(Refusal::NotLoggable { kind: ArtifactKind::Promise }));
}

#[test]
fn a_payload_names_its_election_and_origin() {
    let founded = founded();
    let other = SeedCommit { election_id: "other".parse().unwrap(), ..payload("hinsdale") };
    let refused = judge(&signed(&other, &["audit-lead"]), &founded.register, 1);
    assert!(matches!(refused, Err(Refusal::OtherElection { .. })), "{refused:?}");
    let manifest: Manifest = payload("records");
    assert!(matches!(
        admitted(&signed(&manifest, &["county-clerk"]), &founded, 1),
        Payload::Manifest(_)
    ));
    let by_another = judge(&signed(&manifest, &["audit-lead"]), &founded.register, 1);
    let Err(Refusal::Origin { claimed, signed: by }) = by_another else {
        panic!("{by_another:?}");
    };
    assert_eq!((claimed.id.as_str(), by.id.as_str()), ("county-clerk", "audit-lead"));
}

#[test]
fn who_draws_does_not_supply_what_is_drawn_from() {
    let founded = founded();
    for (holder, role) in [("audit-lead", Role::Audit), ("log-promise", Role::Log)] {
        let origin = Originator { id: holder.parse().unwrap(), role };
        let mut manifest = Manifest { origin, ..payload("records") };
        let refused = judge(&signed(&manifest, &[holder]), &founded.register, 1).unwrap_err();
        assert_eq!((refused.code(), refused.blame()), ("wrong_file_type", Blame::Authority));
        assert_eq!(refused.found(), "a file of type ballot_manifest/csv");
        manifest.files.retain(|file| file.r#type == "text");
        assert!(judge(&signed(&manifest, &[holder]), &founded.register, 1).is_ok());
    }
}

#[test]
fn a_list_too_long_is_given_up_at_its_limit() {
    let register = founded().register;
    let good = serde_json::to_value(&charter().keys[0]).unwrap();
    let code = |keys: Vec<serde_json::Value>| {
        let mut amendment = serde_json::to_value(payload::<Amendment>("replaces-a-key")).unwrap();
        amendment["add_keys"] = keys.into();
        let kind = "amendment/v1".parse().unwrap();
        let signer = signer("county-clerk");
        let bytes = canon::envelope::sign_to_bytes(&kind, &amendment, &[&signer]).unwrap();
        judge(&bytes, &register, 1).map_err(|refusal| refusal.found())
    };
    assert!(code(vec![good.clone(); 1024]).is_ok());
    // What stands behind the limit is not read any more: it is no key at all.
    let mut keys = vec![good; 1025];
    keys.extend([serde_json::json!("no key"), serde_json::json!(7)]);
    let refused = code(keys).unwrap_err();
    assert!(refused.contains("a list of more than 1024"), "{refused}");
}

#[test]
fn a_device_speaks_for_itself_only() {
    let mut charter = charter();
    for (holder, role) in [("scanner-3", Role::Scanning), ("scanner-4", Role::Scanning)] {
        charter.keys.push(CharterKey {
            holder: holder.parse().unwrap(),
            key: signer(holder).public().clone(),
            organisation: "county".parse().unwrap(),
            role,
        });
    }
    let register = found(&signed(&charter, &["county-clerk"])).unwrap().register;
    let statement: DeviceAttestation = payload("scanner");
    assert!(judge(&signed(&statement, &["scanner-3"]), &register, 1).is_ok());
    let other = judge(&signed(&statement, &["scanner-4"]), &register, 1);
    assert_eq!(other.unwrap_err().code(), "other_origin");
}

/// The register of a charter with a platform.
fn with_platform(purpose: Purpose) -> Register {
    let mut charter = Charter { purpose, ..charter() };
    charter.keys.push(key_of("platform-1", Role::Platform));
    found(&signed(&charter, &["county-clerk"])).unwrap().register
}

fn key_of(holder: &str, role: Role) -> CharterKey {
    CharterKey {
        holder: holder.parse().unwrap(),
        key: signer(holder).public().clone(),
        organisation: "county".parse().unwrap(),
        role,
    }
}

#[test]
fn a_campaign_is_of_the_charters_purpose() {
    const ALL: [Purpose; 4] =
        [Purpose::Official, Purpose::Test, Purpose::Trial, Purpose::Demonstration];
    for (expected, found) in ALL.into_iter().flat_map(|one| ALL.map(|other| (one, other))) {
        let register = with_platform(expected);
        let election_id = register.election_id().clone();
        let campaign = Campaign { election_id, purpose: found, ..payload("official") };
        let judged = judge(&signed(&campaign, &["platform-1"]), &register, 1);
        if expected == found {
            assert!(judged.is_ok(), "{expected}: {judged:?}");
            continue;
        }
        let refusal = judged.unwrap_err();
        assert_eq!(refusal, Refusal::OtherPurpose { expected, found });
        assert_eq!((refusal.code(), refusal.blame()), ("other_purpose", Blame::Content));
        assert_eq!(refusal.expected(), format!("the purpose {expected}"));
    }
}

/// Whoever signs receipts and promises with one key can pass one for the other.
#[test]
fn a_campaign_has_no_key_of_the_election() {
    let mut register = with_platform(Purpose::Official);
    let election_id = register.election_id().clone();
    let amendment = Amendment {
        sequence: 1,
        add_keys: vec![key_of("late-station", Role::Platform)],
        revoke_keys: vec![],
        ..payload("replaces-a-key")
    };
    register.apply(&amendment, 3).unwrap();
    let id = signer("late-station").public().id();
    let amendment = Amendment { sequence: 2, add_keys: vec![], revoke_keys: vec![id], ..amendment };
    register.apply(&amendment, 5).unwrap();
    let judged =
        |campaign: &Campaign, index| judge(&signed(campaign, &["platform-1"]), &register, index);
    let plain = Campaign { election_id, purpose: Purpose::Official, ..payload("official") };
    let policy = register.witness_policy_at(1).unwrap();
    let LogKeys { checkpoint, timestamp } = register.log_keys();
    let vkeys = policy.witnesses.iter().map(|witness| &witness.key).chain([checkpoint, timestamp]);
    let listed = ["county-clerk", "platform-1"].map(|name| signer(name).public().clone());
    for key in vkeys.map(|key| key.public_key().clone()).chain(listed) {
        let text: KeyText = key.to_base64().parse().unwrap();
        let authority = Campaign { authorities: vec![text.clone()], ..plain.clone() };
        let receipts = Campaign { receipt_keys: vec![text.clone()], ..plain.clone() };
        for campaign in [authority, receipts] {
            let refusal = judged(&campaign, 1).unwrap_err();
            assert_eq!((refusal.code(), refusal.blame()), ("campaign_key", Blame::Content));
            assert!(refusal.found().ends_with(text.as_str()), "{refusal}");
        }
    }
    // One that an amendment lists counts from there on, also when it is revoked again.
    let text: KeyText = signer("late-station").public().to_base64().parse().unwrap();
    let late = Campaign { receipt_keys: vec![text], ..plain.clone() };
    for (index, is_taken) in [(3, true), (4, false), (9, false)] {
        assert_eq!(judged(&late, index).is_ok(), is_taken, "{index}");
        assert!(judged(&plain, index).is_ok());
    }
}

#[test]
fn p256_signs_too() {
    let key = PrivateKey::from_seed(Algorithm::EcdsaP256, &[9; 32]).unwrap();
    let mut charter = charter();
    charter.keys[2].key = key.public().clone();
    let register = found(&signed(&charter, &["county-clerk"])).unwrap().register;
    let bytes = crate::payload::sign(&payload::<Sample>("hkdf"), &[&key]).unwrap();
    assert!(judge(&bytes, &register, 1).is_ok());
}

#[test]
fn form_is_judged_before_all_else() {
    let register = founded().register;
    let text = String::from_utf8(commit()).unwrap();
    let spaced = text.replacen(':', ": ", 1);
    let code = |bytes: &[u8]| judge(bytes, &register, 1).unwrap_err().code();
    assert_eq!(code(spaced.as_bytes()), "not_canonical");
    assert_eq!(code(format!("{text}\n").as_bytes()), "not_canonical");
    assert_eq!(code(b"{}"), "not_an_envelope");
    assert_eq!(code(b""), "not_canonical");
    assert_eq!(code(&vec![b' '; MAX_ENVELOPE_BYTES + 1]), "too_large");
    let renamed = text.replace("seed_commit/v1", "seed_commit/v2");
    assert_eq!(code(renamed.as_bytes()), "unknown_version");
    let renamed = text.replace("seed_commit/v1", "opinion/v1");
    assert_eq!(code(renamed.as_bytes()), "unknown_kind");
    // A signature for one kind means nothing under another.
    let moved = text.replace("seed_commit/v1", "seed_reveal/v1");
    assert_eq!(code(moved.as_bytes()), "bad_signature");
    let algorithm = text.replace("\"ed25519\"", "\"ecdsa-p256\"");
    assert_eq!(code(algorithm.as_bytes()), "bad_signature");
}

#[test]
fn an_algorithm_of_later_software_is_not_a_bad_signature() {
    let mut founded = founded();
    let later = |bytes: Vec<u8>| {
        // The last place: a charter names the algorithms of its keys too.
        let text = String::from_utf8(bytes).unwrap();
        let (before, after) = text.rsplit_once("\"alg\":\"ed25519\"").unwrap();
        format!("{before}\"alg\":\"ml-dsa-44\"{after}").into_bytes()
    };
    let both = later(signed(&payload::<SeedCommit>("hinsdale"), &["audit-lead", "county-clerk"]));
    let refused = judge(&both, &founded.register, 1).unwrap_err();
    assert_eq!((refused.code(), refused.blame()), ("unknown_algorithm", Blame::Kind));
    let charter = later(signed(&charter(), &["county-clerk"]));
    assert_eq!(found(&charter).unwrap_err().code(), "unknown_algorithm");
    // The kind comes first: a later version may be signed in a later way.
    let text = String::from_utf8(both).unwrap().replace("seed_commit/v1", "seed_commit/v2");
    let refused = enact(text.as_bytes(), &mut founded.register, 1).unwrap_err();
    assert_eq!(refused.code(), "unknown_version");
}

/// An amendment that nobody signed, under the id of the authority's key.
fn forged(payload: &str) -> Vec<u8> {
    let (id, sig) = (signer("county-clerk").public().id(), canon::base64::encode(&[0; 64]));
    let signature = format!("{{\"alg\":\"ed25519\",\"key_id\":\"{id}\",\"sig\":\"{sig}\"}}");
    format!("{{\"kind\":\"amendment/v1\",\"payload\":{payload},\"signatures\":[{signature}]}}")
        .into_bytes()
}

#[test]
fn nothing_is_decoded_before_its_signatures_hold() {
    let register = founded().register;
    assert_eq!(judge(&forged("{}"), &register, 1).unwrap_err().code(), "bad_signature");
    // 130,000 keys, each of which would be decompressed and held against the group's order. The
    // last is none, so whoever reads them all says something else.
    let key = |text: &str| {
        format!(
            "{{\"alg\":\"ed25519\",\"holder\":\"x\",\"key\":\"{text}\",\
             \"organisation\":\"county\",\"role\":\"audit\"}}"
        )
    };
    let good = key(&signer("stranger").public().to_base64());
    let keys = format!("{}{}", format!("{good},").repeat(130_000), key("AAAA"));
    let keys = format!(
        "{{\"add_keys\":[{keys}],\"election_id\":\"hinsdale-2024-general\",\
         \"reason\":\"x\",\"sequence\":1}}"
    );
    let bytes = forged(&keys);
    assert!(bytes.len() <= MAX_ENVELOPE_BYTES && bytes.len() > MAX_ENVELOPE_BYTES / 8 * 7);
    assert_eq!(judge(&bytes, &register, 1).unwrap_err().code(), "bad_signature");
}

#[test]
fn codes_are_stable_and_blame_is_plain() {
    let register = founded().register;
    let wrong = Determination {
        statement: "x".parse().unwrap(),
        contests: Vec::new(),
        ..payload("confirmed")
    };
    let refused = judge(&signed(&wrong, &["audit-lead"]), &register, 1).unwrap_err();
    assert_eq!((refused.code(), refused.blame()), ("payload_form", Blame::Content));
    assert!(refused.expected().contains("determination/v1"));
    let refused = judge(&commit(), &register, 0).unwrap_err();
    assert_eq!((refused.code(), refused.blame()), ("first_not_charter", Blame::Order));
    let refused = judge(b"x", &register, 0).unwrap_err();
    assert_eq!(refused.blame(), Blame::Form);
    let role = judge(&signed(&payload::<Sample>("hkdf"), &["log-promise"]), &register, 1);
    let role = role.unwrap_err();
    assert_eq!((role.code(), role.blame()), ("wrong_role", Blame::Authority));
    assert_eq!(role.to_string(), "a key of role log may not submit sample, audit may");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_changed_byte_is_refused(at in 0_usize..5000, to in any::<u8>()) {
        let register = founded().register;
        let mut bytes = commit();
        let at = at % bytes.len();
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        prop_assert!(judge(&bytes, &register, 1).is_err());
    }

    #[test]
    fn no_bytes_make_the_judge_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(judge(&bytes, &founded().register, 1).is_err());
        prop_assert!(found(&bytes).is_err());
    }
}
