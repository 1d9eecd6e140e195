//! ROL: who signed, and whether they might.

use artifact::leaf::Originator;
use artifact::manifest::{File, Manifest, Purpose};
use artifact::role::{EntryType, Role};
use testkit::election::{Election, Plan};

use super::Case;
use crate::stage::whole;

mutations! {
    a_signature_of_something_else: "ROL-001", {
        let mut election = Election::new(Plan::default());
        election.software("one");
        let bytes = String::from_utf8(election.entries.pop().unwrap().artifact).unwrap();
        let at = bytes.find("\"sig\":\"").unwrap() + 20;
        let other = if bytes.as_bytes()[at] == b'A' { "B" } else { "A" };
        let bytes = [&bytes[..at], other, &bytes[at + 1..]].concat();
        election.append(bytes.into_bytes(), EntryType::Software, "maker");
        Case::whole(&election.complete())
    };
    a_key_that_nobody_knows: "ROL-002", signed_by("stranger");
    a_key_before_its_amendment: "ROL-003", {
        let mut election = signed_early();
        election.add_key("maker-2", Role::Supply);
        Case::whole(&election.complete())
    };
    a_key_after_it_was_revoked: "ROL-004", {
        let mut plan = Plan::default();
        plan.holders.push(("maker-2", "vendor", Role::Supply));
        let mut election = Election::new(plan);
        election.revoke_key("maker-2");
        software(&mut election, "maker-2");
        Case::whole(&election.complete())
    };
    a_role_that_may_not: "ROL-005", signed_by("warehouse");
    a_leaf_that_names_another: "ROL-006", {
        let mut election = whole();
        election.change_leaf(2, |leaf| leaf.originator.id = "someone".parse().unwrap());
        Case::whole(&election)
    };
    a_manifest_of_another_origin: "ROL-007", {
        let mut election = Election::new(Plan::default());
        let bytes = b"a raw file";
        let file = File::of("a".parse().unwrap(), "text".parse().unwrap(), bytes);
        election.raw.insert(file.sha256, bytes.to_vec());
        let manifest = Manifest {
            election_id: election.charter.election_id.clone(),
            origin: Originator { id: "clerk".parse().unwrap(), role: Role::Authority },
            purpose: Purpose::Records,
            files: vec![file],
        };
        election.submit(&manifest, &["auditor"]);
        Case::whole(&election.complete())
    };
}

#[test]
fn a_ballot_manifest_by_who_draws_is_found() {
    let mut election = Election::new(Plan::default());
    let csv = testkit::election::small_manifest();
    election.manifest("auditor", &[("m.csv", "ballot_manifest/csv", csv.as_bytes())]);
    super::find("ROL-005", &Case::whole(&election.complete()));
}

/// Logs a release of software signed by this holder.
fn software(election: &mut Election, holder: &str) {
    election.software("theirs");
    let entry = election.entries.pop().unwrap();
    let envelope = canon::SignedBytes::parse(&entry.artifact).unwrap();
    let payload: serde_json::Value = envelope.payload_as().unwrap();
    let bytes = election.sign("software/v1", &payload, &[holder]);
    election.append(bytes, EntryType::Software, holder);
}

fn signed_by(holder: &str) -> Case {
    let mut election = Election::new(Plan::default());
    software(&mut election, holder);
    Case::whole(&election.complete())
}

fn signed_early() -> Election {
    let mut election = Election::new(Plan::default());
    software(&mut election, "maker-2");
    election
}

#[test]
fn a_key_counts_from_the_entry_after_its_amendment() {
    let mut election = Election::new(Plan::default());
    election.add_key("maker-2", Role::Supply);
    software(&mut election, "maker-2");
    let mut case = Case::whole(&election.complete());
    let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
    assert_eq!(report.exit_code, 0, "{:?}", report.findings);
    case.options.anchor = None;
}
