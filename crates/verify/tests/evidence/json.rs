//! The report as JSON, by its schema.

use canon::Digest;
use serde_json::Value;
use testkit::election::{Bundle, Election, Plan};
use verify::{Options, Silent, replay};

use crate::stage::{anchor, flip, memory, replayed, whole};

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/report.schema.json");

fn schema() -> jsonschema::Validator {
    let schema: Value = serde_json::from_slice(&std::fs::read(SCHEMA).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn reports_of_every_verdict_follow_the_schema() {
    let schema = schema();
    let election = whole();
    let mut broken = election.bundle();
    flip(broken.file("checkpoint"));
    let mut no_charter = election.bundle();
    no_charter.files.remove(&format!("artifact/{}", election.entries[0].digest));
    let open = Election::new(Plan::default());
    let reports = [
        replayed(&election.bundle(), Some(anchor(&election))),
        replayed(&election.bundle(), None),
        replayed(&broken, Some(anchor(&election))),
        replayed(&no_charter, Some(anchor(&election))),
        replayed(&open.bundle(), Some(anchor(&open))),
    ];
    for report in reports {
        let json = report.to_json().unwrap();
        canon::json::require_canonical(&json).unwrap();
        let value: Value = serde_json::from_slice(&json).unwrap();
        let errors: Vec<String> =
            schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}

#[test]
fn what_is_no_report_is_refused() {
    let schema = schema();
    let election = whole();
    let json = replayed(&election.bundle(), None).to_json().unwrap();
    let good: Value = serde_json::from_slice(&json).unwrap();
    assert!(schema.is_valid(&good));
    let changes: [fn(&mut Value); 6] = [
        |report| report["verdict"] = "fine".into(),
        |report| report["exit_code"] = 3.into(),
        |report| report["elapsed_ms"] = 12.into(),
        |report| report["findings"][0]["id"] = "XYZ-1".into(),
        |report| report["head"]["root_hash"] = "00".into(),
        |report| drop(report.as_object_mut().unwrap().remove("does_not_show")),
    ];
    for change in changes {
        let mut bad = good.clone();
        change(&mut bad);
        assert!(!schema.is_valid(&bad), "{bad}");
    }
}

/// What comes a thousand times is counted, and does not fill the report.
#[test]
fn a_bundle_in_which_all_is_wrong_has_a_short_report() {
    let mut election = Election::new(Plan { phases: Vec::new(), ..Plan::default() });
    for number in 0..300 {
        election.custody(&format!("S-{number}"));
    }
    election.head();
    election.close();
    let mut bundle: Bundle = election.bundle();
    bundle.files.retain(|path, _| {
        !path.starts_with("artifact/")
            || *path == format!("artifact/{}", election.entries[0].digest)
    });
    let options = Options { anchor: Some(anchor(&election)), ..Options::default() };
    let report = replay(&memory(&bundle), &options, &Silent).unwrap();
    assert_eq!(report.finding_counts["ART-001"], 301);
    let listed = report.findings.iter().filter(|finding| finding.rule.id == "ART-001");
    assert_eq!(listed.count(), verify::finding::LISTED_PER_ID);
    assert_ne!(report.head.unwrap().root_hash, Digest([0; 32]));
}
