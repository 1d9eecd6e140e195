//! Void cards, from the register to the count that a verifier makes.

use std::path::Path;
use std::process::{Command, Output};

use artifact::anchor::Anchor;
use artifact::charter::Purpose;
use artifact::role::Role;
use serde_json::{Value, json};
use testkit::canned::CannedServer;
use testkit::election::{Election, Plan};
use testkit::platform::{END, Platform, Told};

const HOLDER: &str = "platform-1";

fn scrutineer(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scrutineer"));
    command.env_clear().current_dir(folder).args(arguments).output().unwrap()
}

/// An election with a whole campaign in which 17 voted.
fn voted() -> (Election, Platform) {
    let mut plan = Plan { phases: Vec::new(), purpose: Purpose::Test, ..Plan::default() };
    plan.holders.push((HOLDER, "county", Role::Platform));
    let mut election = Election::new(plan);
    let mut platform = Platform::new("solar").of(&election.charter.election_id, Purpose::Test);
    election.submit(&platform.campaign, &[HOLDER]);
    election.head();
    election.now = END.parse().unwrap();
    platform.crowd(17);
    let last = platform.snapshot(Told::Digests, true);
    election.submit(&last, &[HOLDER]);
    election.submit(&platform.reveal(), &[HOLDER]);
    election.head();
    election.close();
    (election, platform)
}

/// The register of an authority whose cards have these look-up strings.
fn register(look_ups: &[String]) -> String {
    let key = "uBgXBIc6v49QdygE5tp79RRnnqIScyZAd9t4hkBUhjQ=";
    let head = json!({"stock": "scrutineer/stock/v1", "campaign": "solar", "authority": key});
    let cards = (1..)
        .zip(look_ups)
        .map(|(serial, look_up)| json!({"serial": serial, "stack": 1, "look_up": look_up}));
    let lines = std::iter::once(head).chain(cards).map(|line| line.to_string());
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

#[test]
fn what_an_authority_voids_a_stranger_counts_in_the_lists_of_an_address() {
    let (election, platform) = voted();
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    // The first card was never used.
    let unused = "AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    let used = platform.cast.iter().map(|(_, mandate)| mandate.look_up());
    let look_ups: Vec<String> = std::iter::once(unused).chain(used).collect();
    std::fs::write(at.join("stock.jsonl"), register(&look_ups)).unwrap();
    let void = |from: &str, to: &str| {
        let of = ["mandate", "void", "--stock", "stock.jsonl", "--from", from, "--to", to];
        let output =
            scrutineer(at, &[&of[..], &["--reason", "lost", "--list", "void.txt"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    void("3", "3");
    void("1", "2");
    let listed = std::fs::read_to_string(at.join("void.txt")).unwrap();
    let mut expected = look_ups[..3].to_vec();
    expected.sort();
    assert_eq!(
        listed.lines().collect::<Vec<_>>(),
        expected,
        "all that are void, in no order of cards"
    );

    let log = CannedServer::start(election.bundle().files);
    let lists = [("solar-vote.log", &platform.votes), ("solar-auth.log", &platform.voters)];
    let lists = lists.map(|(name, list)| (name.to_owned(), list.clone()));
    let shown = CannedServer::start(lists.into_iter().collect());
    let digest = canon::Digest::of(&election.entries[0].artifact);
    let anchor = Anchor::from_charter(&election.charter, digest).to_toml().unwrap();
    std::fs::write(at.join("anchor.toml"), anchor).unwrap();
    let (log, publisher) = (log.url(), shown.url());
    let of = ["verify", &log, "--anchor", "anchor.toml", "--lists", &publisher];
    let output = scrutineer(at, &[&of[..], &["--voided", "void.txt", "--json"]].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{report}");
    let lists = &report["campaigns"][0]["lists"];
    assert_eq!((&lists["votes"], &lists["voided"]), (&json!(17), &json!(2)));

    // A publisher that refuses a list takes nothing away from what the log showed.
    shown.set("/solar-auth.log", 403, b"not now".to_vec());
    let output = scrutineer(at, &[&of[..], &["--json"]].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2), "{report}");
    assert_eq!(report["finding_counts"], json!({"BTH-017": 1}));
    assert!(report["findings"][0]["found"].as_str().unwrap().contains("403"), "{report}");
}
