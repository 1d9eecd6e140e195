//! A publisher that is started again with another campaign file.

use booth_server::publish::{PublishError, StoreError};
use canon::{Algorithm, Digest, PrivateKey};
use testkit::campaign::Solar;
use tokio::runtime::Runtime;
use toml::{Table, Value};

use super::world::{MadeUp, Publishing, config, of_shard};
use crate::instance::Platform;

const AUDITOR: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/// What becomes of a member of the file; none takes it away.
type Change = (&'static str, Option<Value>);

/// One rule that changes each time, or a few that go together.
fn changes() -> Vec<Vec<Change>> {
    let digest = Digest::of(b"another one").to_string();
    let key = PrivateKey::from_seed(Algorithm::Ed25519, &[9; 32]).unwrap().public().to_base64();
    let texts = |all: &[&str]| Some(Value::from(all.to_vec()));
    let mut changes = vec![
        vec![("start", Some("2026-11-03T08:00:00Z".into()))],
        vec![("work_bits", Some(1.into()))],
        vec![("k", Some(2.into()))],
        vec![("stamp_period_s", Some(3_600.into()))],
        vec![("options", texts(&["Humble Pluto", "Shiny Saturn", "Bold Jupiter"]))],
        vec![("stations", texts(&["a-1", "a-3"]))],
        vec![("stations", None)],
        vec![("link_auditors", None)],
        vec![("link_auditors", None), ("purpose", Some("test".into()))],
        vec![("authorities", texts(&[&key]))],
        vec![("receipt_keys", texts(&[&key]))],
    ];
    for what in ["stamp_key_sha256", "decoy_key_sha256", "totp_seed_sha256", "snapshot_salt_sha256"]
    {
        changes.push(vec![(what, Some(digest.as_str().into()))]);
        changes.push(vec![(what, None)]);
    }
    changes
}

fn with(rules: &Table, changes: &[Change]) -> String {
    let mut rules = rules.clone();
    for (what, value) in changes {
        match value {
            Some(value) => rules.insert((*what).to_owned(), value.clone()),
            None => rules.remove(*what),
        };
    }
    rules.to_string()
}

/// The attack: after the first snapshot the rules become others. Only an end may.
#[test]
fn a_campaign_with_other_rules_is_not_gone_on_with() {
    let runtime = Runtime::new().unwrap();
    let auditors = format!("stations = [\"a-1\", \"a-2\"]\nlink_auditors = [\"{AUDITOR}\"]\n");
    let more = format!("{auditors}stamp_period_s = 86400\n");
    let platform = Platform::of(&Solar { purpose: "trial", more: &more, ..Solar::default() });
    let instance = MadeUp::start(&runtime, 0);
    instance.says().cut(&of_shard(&platform, 0, 0, 3));
    // Everything is shown, so that nothing is held against the salt.
    let full = service::config::Override::new("interim", "full");
    let config = config(&platform, &[instance.address], &[full]);
    let publishing = Publishing::start(&config);
    publishing.taken();
    publishing.stop();
    let path = platform.path("publish/campaign.toml");
    let rules: Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
    for changes in changes() {
        std::fs::write(&path, with(&rules, &changes)).unwrap();
        let refused = Publishing::try_start(&config).err();
        let is_other = matches!(&refused, Some(PublishError::Store(StoreError::OtherCampaign)));
        assert!(is_other, "{changes:?}: {refused:?}");
    }
    let later = [("end", Some("2026-11-05T20:00:00Z".into()))];
    std::fs::write(&path, with(&rules, &later)).unwrap();
    let publishing = Publishing::start(&config);
    assert_eq!(publishing.taken(), 1);
    publishing.stop();
}
