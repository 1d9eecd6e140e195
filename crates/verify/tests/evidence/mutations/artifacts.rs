//! ART: artifacts, the leaves that name them, and raw files.

use artifact::charter::Purpose;
use artifact::payload::Campaign;
use artifact::role::{EntryType, Role};
use canon::Digest;
use serde_json::{Value, json};
use testkit::election::{Election, Plan, small_manifest};

use super::Case;
use crate::stage::{campaign, flip, whole, with_platform};

mutations! {
    no_artifact: "ART-001", Case::changed(|bundle| {
        bundle.files.remove(&artifact(3));
    });
    a_byte_changed: "ART-002", Case::changed(|bundle| flip(bundle.file(&artifact(3))));
    another_size_in_the_leaf: "ART-003", {
        let mut election = whole();
        election.change_leaf(3, |leaf| leaf.artifact_size += 1);
        Case::whole(&election)
    };
    an_envelope_with_white_space: "ART-004", with_software(|election, payload| {
        let mut bytes = election.sign("software/v1", &payload, &["maker"]);
        bytes.insert(1, b' ');
        bytes
    });
    a_poem: "ART-005", with_software(|election, payload| {
        election.sign("poem/v1", &payload, &["maker"])
    });
    a_later_version: "ART-006", with_software(|election, payload| {
        election.sign("software/v2", &payload, &["maker"])
    });
    a_field_too_many: "ART-007", with_software(|election, mut payload| {
        payload["colour"] = json!("green");
        election.sign("software/v1", &payload, &["maker"])
    });
    a_payload_of_another_election: "ART-008", with_software(|election, mut payload| {
        payload["election_id"] = json!("other");
        election.sign("software/v1", &payload, &["maker"])
    });
    another_type_in_the_leaf: "ART-009", {
        let mut election = whole();
        election.change_leaf(3, |leaf| leaf.entry_type = EntryType::Determination);
        Case::whole(&election)
    };
    the_same_artifact_twice: "ART-010", {
        let mut election = Election::new(Plan::default());
        election.software("one");
        let bytes = election.entries[1].artifact.clone();
        election.append(bytes, EntryType::Software, "maker");
        Case::whole(&election.complete())
    };
    the_same_statement_by_another_key: "ART-011", {
        let mut plan = Plan::default();
        plan.holders.push(("maker-2", "vendor", Role::Supply));
        let mut election = Election::new(plan);
        election.software("one");
        let payload = payload(&election, 1);
        let bytes = election.sign("software/v1", &payload, &["maker-2"]);
        election.append(bytes, EntryType::Software, "maker-2");
        Case::whole(&election.complete())
    };
    no_raw_file: "ART-012", Case::changed(|bundle| {
        bundle.files.remove(&raw());
    });
    a_byte_changed_in_a_raw_file: "ART-013", Case::changed(|bundle| flip(bundle.file(&raw())));
    another_size_in_the_manifest: "ART-014", {
        let mut election = Election::new(Plan::default());
        election.manifest("auditor", &[("a", "text", b"bytes")]);
        let mut payload = payload(&election, 1);
        election.entries.pop();
        payload["files"][0]["size"] = json!(6);
        let bytes = election.sign("manifest/v1", &payload, &["auditor"]);
        election.append(bytes, EntryType::Manifest, "auditor");
        Case::whole(&election.complete())
    };
    a_citation_of_nothing: "ART-015", {
        let mut election = Election::new(Plan::default());
        election.cvrs(&Digest([7; 32]), "9");
        Case::whole(&election.complete())
    };
    a_given_artifact_of_another_log: "ART-016", Case::whole(&whole()).with(|options| {
        options.artifacts.push(b"{}".to_vec());
    });
    a_campaign_of_another_purpose: "ART-017", {
        let mut election = Election::new(with_platform());
        let campaign = Campaign { purpose: Purpose::Official, ..campaign(&election) };
        election.submit(&campaign, &["platform-1"]);
        Case::whole(&election.complete())
    };
    a_campaign_with_a_key_of_the_election: "ART-018", {
        let mut election = Election::new(with_platform());
        let promises = election.keys.key("log-promises").public().to_base64();
        let receipt_keys = vec![promises.parse().unwrap()];
        let campaign = Campaign { receipt_keys, ..campaign(&election) };
        election.submit(&campaign, &["platform-1"]);
        Case::whole(&election.complete())
    };
}

/// The attack: the key of a campaign's receipts, or of its mandates, becomes an officer's. The log
/// takes the amendment, which comes after the campaign.
#[test]
fn a_campaigns_key_that_an_amendment_takes_up_is_found() {
    for (is_receipts, holder) in [(true, "officer"), (false, "officer"), (true, "somebody")] {
        let mut election = Election::new(with_platform());
        let own = election.keys.key("officer").public().to_base64().parse().unwrap();
        let mut campaign = campaign(&election);
        let keys = if is_receipts { &mut campaign.receipt_keys } else { &mut campaign.authorities };
        *keys = vec![own];
        let index = election.submit(&campaign, &["platform-1"]).index;
        election.add_key(holder, Role::Authority);
        let case = Case::whole(&election.complete());
        if holder == "somebody" {
            let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
            assert!(!report.has("ART-018"), "{:?}", report.findings);
            continue;
        }
        let report = super::find("ART-018", &case);
        let finding = report.findings.iter().find(|one| one.rule.id == "ART-018").unwrap();
        assert_eq!(finding.index, Some(index));
        assert!(finding.found.starts_with("the authority key of officer: "), "{}", finding.found);
    }
}

fn artifact(index: usize) -> String {
    format!("artifact/{}", whole().entries[index].digest)
}

fn raw() -> String {
    format!("artifact/{}", Digest::of(small_manifest().as_bytes()))
}

fn payload(election: &Election, index: usize) -> Value {
    let envelope = canon::SignedBytes::parse(&election.entries[index].artifact).unwrap();
    envelope.payload_as().unwrap()
}

/// An election with one release of software, submitted as these bytes.
fn with_software(bytes: impl FnOnce(&Election, Value) -> Vec<u8>) -> Case {
    let mut election = Election::new(Plan::default());
    election.software("one");
    let payload = payload(&election, 1);
    election.entries.pop();
    let bytes = bytes(&election, payload);
    election.append(bytes, EntryType::Software, "maker");
    Case::whole(&election.complete())
}

#[test]
fn a_later_leaf_version_could_not_be_checked() {
    let mut election = whole();
    let leaf = String::from_utf8(election.entries[2].leaf.clone()).unwrap();
    election.entry_mut(2).leaf = leaf.replace("leaf/v1", "leaf/v2").into_bytes();
    let name = "a_later_leaf_version_could_not_be_checked";
    let report = super::exactly(name, "ART-006", &Case::whole(&election));
    assert!(!report.has("LOG-014"), "{:?}", report.finding_counts);
}

#[test]
fn a_later_algorithm_could_not_be_checked() {
    let report = super::exactly(
        "a_later_algorithm_could_not_be_checked",
        "ART-006",
        &with_software(|election, payload| {
            let bytes = election.sign("software/v1", &payload, &["maker"]);
            let text = String::from_utf8(bytes).unwrap();
            text.replace("\"alg\":\"ed25519\"", "\"alg\":\"ml-dsa-44\"").into_bytes()
        }),
    );
    assert_eq!(report.exit_code, 2);
}
