//! What `station check` makes of a revealed seed: the platform's artifacts, and such as lie.

use std::path::Path;
use std::process::Command;

use artifact::id::Salt;
use artifact::payload::{Campaign, PayloadType, Reveal};
use artifact::role::Role;
use canon::Digest;
use serde_json::{Value, json};
use testkit::election::{Election, Plan};

/// The seed of RFC 6238, appendix B, for SHA-256.
const SEED: &[u8; 32] = b"12345678901234567890123456789012";

/// An election with two platforms, and the artifacts of one campaign in a folder.
struct World {
    election: Election,
    home: tempfile::TempDir,
}

/// What `station check` says: the status, and all of its answer or message.
struct Said {
    status: Option<i32>,
    text: String,
}

impl World {
    fn new() -> Self {
        let mut plan = Plan::default();
        plan.holders.push(("platform-1", "county", Role::Platform));
        plan.holders.push(("platform-2", "county", Role::Platform));
        let world = Self { election: Election::new(plan), home: tempfile::tempdir().unwrap() };
        world.write("charter.json", &world.election.entries[0].artifact);
        world.write("field.yml", &std::fs::read(vector("booth/field.yml")).unwrap());
        world.platform("platform-1", |_, _| {});
        world
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.home.path().join(name), bytes).unwrap();
    }

    /// The payload of a vector, as one of this election.
    fn payload<P: PayloadType>(&self, file: &str) -> P {
        let path = format!("artifacts/{}/{file}.json", P::KIND.row().name);
        let mut payload: Value =
            serde_json::from_slice(&std::fs::read(vector(&path)).unwrap()).unwrap();
        payload["election_id"] = json!(self.election.charter.election_id);
        serde_json::from_value(payload).unwrap()
    }

    /// The campaign of platform-1, and the reveal of a platform, after a change of both.
    fn platform(&self, revealer: &str, change: impl FnOnce(&mut Campaign, &mut Reveal)) {
        self.sign("platform-1", revealer, change);
    }

    /// The same of any platform.
    fn sign(
        &self,
        platform: &str,
        revealer: &str,
        change: impl FnOnce(&mut Campaign, &mut Reveal),
    ) {
        let mut campaign: Campaign = self.payload("valid-official");
        campaign.purpose = self.election.charter.purpose;
        campaign.commitments.totp_seed = Digest::of(SEED);
        let map = std::fs::read(vector("booth/field.yml")).unwrap();
        campaign.deployment_map = Some(Digest::of(&map));
        let mut reveal: Reveal = self.payload("valid-solar");
        reveal.totp_seed = Salt::new(*SEED);
        change(&mut campaign, &mut reveal);
        let campaign = self.election.sign("campaign/v1", &campaign, &[platform]);
        self.write("campaign.json", &campaign);
        self.write("reveal.json", &self.election.sign("reveal/v1", &reveal, &[revealer]));
    }

    fn check(&self, more: &[&str]) -> Said {
        let artifacts = ["--reveal", "reveal.json", "--campaign", "campaign.json"];
        self.seen(&[&artifacts, more].concat())
    }

    /// A code of the row of RFC 6238 for 1234567890.
    fn seen(&self, more: &[&str]) -> Said {
        let mut words = vec!["station", "check", "--map", "field.yml"];
        words.extend(["--station", "8704-2A05-B259-1090", "--code", "8194246"]);
        words.extend(["--at", "2009-02-13T23:31:30Z"]);
        self.run(&words, more)
    }

    fn run(&self, words: &[&str], more: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scrutineer"));
        command.current_dir(self.home.path()).args(words).args(more);
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        Said { status: output.status.code(), text: String::from_utf8(text).unwrap() }
    }
}

fn vector(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(path)
}

const CHARTER: [&str; 2] = ["--charter", "charter.json"];

#[test]
fn a_revealed_seed_is_held_against_the_commitment() {
    let world = World::new();
    let said = world.check(&CHARTER);
    assert_eq!(said.status, Some(0), "{}", said.text);
    for line in [
        "code      is the station's code of that time\n",
        "seed      is the one that the campaign committed to\n",
        "map       is the one that the campaign committed to\n",
        "signed by platform-1\n",
    ] {
        assert!(said.text.contains(line), "{}", said.text);
    }
    let said = world.check(&[]);
    assert_eq!(said.status, Some(0), "{}", said.text);
    assert!(said.text.contains("signed    not checked"), "{}", said.text);
    let said = world.check(&[&CHARTER[..], &["--json"]].concat());
    let answer: Value = serde_json::from_str(&said.text).unwrap();
    for (member, value) in [
        ("holds", json!(true)),
        ("seed_is_committed", json!(true)),
        ("map_is_committed", json!(true)),
        ("signed_by", json!("platform-1")),
    ] {
        assert_eq!(answer[member], value, "{member}");
    }
}

/// The attack: after the close the platform reveals a seed under which a code that was never shown
/// is right.
#[test]
fn a_seed_that_was_not_committed_to_makes_no_code_right() {
    let world = World::new();
    world.platform("platform-1", |campaign, _| {
        campaign.commitments.totp_seed = Digest::of(b"the seed of the booths");
    });
    let said = world.check(&CHARTER);
    assert_eq!(said.status, Some(1), "{}", said.text);
    assert!(said.text.contains("seed      is not the one"), "{}", said.text);
    // Or the map, put in the place of the one that was published.
    world.platform("platform-1", |campaign, _| {
        campaign.deployment_map = Some(Digest::of(b"another map"));
    });
    let said = world.check(&CHARTER);
    assert_eq!(said.status, Some(1), "{}", said.text);
    assert!(said.text.contains("map       is not the one"), "{}", said.text);
}

/// The attack: the platform commits to no map, and shows another one to whoever asks.
#[test]
fn what_was_held_against_nothing_is_said() {
    let world = World::new();
    world.platform("platform-1", |campaign, _| campaign.deployment_map = None);
    let said = world.check(&CHARTER);
    assert_eq!(said.status, Some(2), "{}", said.text);
    let line = "map       held against nothing: the campaign committed to none\n";
    assert!(said.text.contains(line), "{}", said.text);
    let said = world.check(&["--json"]);
    let answer: Value = serde_json::from_str(&said.text).unwrap();
    assert_eq!((said.status, &answer["holds"]), (Some(2), &json!(false)));
    assert_eq!(world.check(&["--uncommitted"]).status, Some(0));
    world.write("totp-seed", canon::base64::encode(SEED).as_bytes());
    let said = world.seen(&["--seed", "totp-seed"]);
    assert_eq!(said.status, Some(2), "{}", said.text);
    assert_eq!(said.text.matches("held against nothing: --reveal").count(), 2, "{}", said.text);
    assert_eq!(world.seen(&["--seed", "totp-seed", "--uncommitted"]).status, Some(0));
    // What is wrong stays so.
    world.write("totp-seed", canon::base64::encode(&[1; 32]).as_bytes());
    assert_eq!(world.seen(&["--seed", "totp-seed", "--uncommitted"]).status, Some(1));
}

#[test]
fn artifacts_that_are_not_the_platforms_are_refused() {
    let world = World::new();
    let refused = |what: &str, status| {
        let said = world.check(&CHARTER);
        assert_eq!(said.status, Some(status), "{what}: {}", said.text);
        assert!(said.text.contains(what), "{what}: {}", said.text);
    };
    world.platform("platform-2", |_, _| {});
    refused("by another platform", 1);
    world.platform("clerk", |_, _| {});
    refused("reveal.json: ", 1);
    // No lie is shown by a key that an amendment may have named since.
    world.platform("platform-3", |_, _| {});
    refused("an amendment may have named the key: --amendment", 2);
    world.platform("platform-1", |_, reveal| reveal.campaign = "lunar".parse().unwrap());
    refused("of another campaign", 2);
    world.platform("platform-1", |_, _| {});
    let mut bytes = std::fs::read(world.home.path().join("reveal.json")).unwrap();
    let at = bytes.windows(7).position(|seven| seven == b"\"sig\":\"").unwrap() + 10;
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    world.write("reveal.json", &bytes);
    refused("reveal.json: ", 1);
    world.write("reveal.json", &std::fs::read(world.home.path().join("campaign.json")).unwrap());
    refused("not a reveal/v1", 2);
}

/// The attack: an amendment has replaced a stolen key, and whoever has it signs a campaign and a
/// reveal under which a code of theirs is right.
#[test]
fn keys_count_as_the_amendments_say() {
    let mut world = World::new();
    for name in ["one.json", "two.json"] {
        match name {
            "one.json" => world.election.add_key("platform-3", Role::Platform),
            _ => world.election.revoke_key("platform-1"),
        };
        world.write(name, &world.election.entries.last().unwrap().artifact);
    }
    let amended = |more: &[&str]| world.check(&[&CHARTER[..], more].concat());
    let both = ["--amendment", "one.json", "--amendment", "two.json"];
    world.sign("platform-3", "platform-3", |_, _| {});
    assert_eq!(amended(&[]).status, Some(2));
    let said = amended(&both);
    assert_eq!(said.status, Some(0), "{}", said.text);
    assert!(said.text.contains("signed by platform-3\n"), "{}", said.text);
    assert!(said.text.contains("entry     not known: --bundle"), "{}", said.text);
    world.platform("platform-1", |_, _| {});
    assert_eq!(amended(&both[..2]).status, Some(0));
    let said = amended(&both);
    assert_eq!(said.status, Some(2), "{}", said.text);
    assert!(said.text.contains("is revoked"), "{}", said.text);
    let said = amended(&both[2..]);
    assert_eq!(said.status, Some(2), "{}", said.text);
    assert!(said.text.contains("name all amendments"), "{}", said.text);
}

/// Observers: a map alone, beside what the platform logged.
#[test]
fn a_map_is_held_against_the_campaign_without_a_secret() {
    let world = World::new();
    let places = |more: &[&str]| world.run(&["station", "places", "field.yml"], more);
    let against = [&["--campaign", "campaign.json"], &CHARTER[..]].concat();
    let one_seed = |campaign: &mut Campaign| campaign.stations.clear();
    world.platform("platform-1", |campaign, _| one_seed(campaign));
    let said = places(&against);
    assert_eq!(said.status, Some(0), "{}", said.text);
    for line in [
        "Flying Demo\n",
        "  8704-2A05-B259-1090  the seed of all stations\n",
        "map       is the one that the campaign committed to\n",
        "signed by platform-1\n",
    ] {
        assert!(said.text.contains(line), "{}", said.text);
    }
    let differs = |status, what: &str| {
        let said = places(&against);
        assert_eq!(said.status, Some(status), "{what}: {}", said.text);
        assert!(said.text.contains(what), "{what}: {}", said.text);
    };
    world.platform("platform-1", |campaign, _| {
        one_seed(campaign);
        campaign.deployment_map = Some(Digest::of(b"another map"));
    });
    differs(1, "map       is not the one");
    world.platform("platform-1", |campaign, _| {
        one_seed(campaign);
        campaign.deployment_map = None;
    });
    differs(2, "the campaign committed to none");
    // The campaign of the vector has stations with seeds of their own.
    world.platform("platform-1", |_, _| {});
    differs(1, "differs   the campaign's stations have seeds of their own");
    world.write("field.yml", b"\x89PNG\r\n\x1a\n");
    differs(1, "field.yml: line 1: ");
}
