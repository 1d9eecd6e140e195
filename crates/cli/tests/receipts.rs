//! What `log add` and `log prove` keep: promises by themselves, and what does not hold.

use std::path::Path;
use std::process::{Command, Output};

use artifact::leaf::Leaf;
use artifact::payload::Promise;
use canon::{Digest, SignedBytes};
use log_server::log::Receipt;
use testkit::canned::CannedServer;
use testkit::election::{Election, Plan};
use tlog::proof::TlogProof;

/// A charter and a release under a head, in a server that says what it is told; the release and
/// the charter as files.
struct World {
    election: Election,
    server: CannedServer,
    home: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let mut election =
            Election::new(Plan { begins: "2024-11-01T08:00:00Z", ..Plan::default() });
        election.software("release");
        election.head();
        let home = tempfile::tempdir().unwrap();
        let file =
            |name: &str, bytes: &[u8]| std::fs::write(home.path().join(name), bytes).unwrap();
        file("charter.json", &election.entries[0].artifact);
        file("release.json", &election.entries[1].artifact);
        Self { server: CannedServer::start(election.bundle().files), home, election }
    }

    /// The receipt for the release, and its promise, after a change of the promise.
    fn told(&self, change: impl FnOnce(&mut Promise)) -> (Vec<u8>, Vec<u8>) {
        let leaf = Leaf::parse(&self.election.entries[1].leaf).unwrap();
        let signed = self.election.promise(1, leaf.leaf_hash(), leaf.timestamp);
        let mut promise: Promise = SignedBytes::parse(&signed).unwrap().payload_as().unwrap();
        promise.artifact_sha256 = leaf.artifact_sha256;
        change(&mut promise);
        let promise = self.election.sign("promise/v1", &promise, &["log-promises"]);
        let receipt = Receipt {
            index: 1,
            leaf_hash: leaf.leaf_hash(),
            artifact: leaf.artifact_sha256,
            leaf: leaf.to_bytes().into(),
            promise: promise.clone(),
            is_duplicate: true,
        };
        (receipt.to_json(), promise)
    }

    /// Runs the binary in the folder, where the environment names a proxy that is not there.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scrutineer"));
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"] {
            command.env(name, "http://127.0.0.1:1");
        }
        command.env_remove("no_proxy").env_remove("NO_PROXY");
        command.current_dir(self.home.path()).args(arguments).output().unwrap()
    }

    fn add(&self, more: &[&str]) -> Output {
        let url = self.server.url();
        let charter = ["log", "add", "release.json", "--charter", "charter.json", "--log", &url];
        self.run(&[&charter[..], more].concat())
    }

    fn prove(&self, digest: &Digest) -> Output {
        let (digest, url) = (digest.to_string(), self.server.url());
        self.run(&[
            "log",
            "prove",
            "--artifact",
            &digest,
            "--charter",
            "charter.json",
            "--log",
            &url,
        ])
    }

    fn kept(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.home.path().join(Path::new(name))).ok()
    }
}

fn code(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap())
}

#[test]
fn a_promise_is_kept_and_never_overwritten() {
    let world = World::new();
    let (receipt, promise) = world.told(|_| ());
    world.server.set("/add", 200, receipt);
    let unkept = world.add(&["--no-promise"]);
    assert_eq!(code(&unkept), (Some(0), String::new()));
    assert_eq!(world.kept("release.json.promise"), None);
    let added = world.add(&[]);
    assert_eq!(code(&added), (Some(0), String::new()));
    let told = String::from_utf8(added.stdout).unwrap();
    assert!(told.contains("\npromise   release.json.promise\n"), "{told}");
    assert_eq!(world.kept("release.json.promise"), Some(promise.clone()));
    // The same promise again needs no second file, another one gets it.
    assert_eq!(code(&world.add(&[])), (Some(0), String::new()));
    assert_eq!(world.kept("release.json.promise.2"), None);
    std::fs::write(world.home.path().join("release.json.promise"), b"another").unwrap();
    let added = world.add(&[]);
    assert!(String::from_utf8(added.stdout).unwrap().contains("release.json.promise.2\n"));
    assert_eq!(world.kept("release.json.promise"), Some(b"another".to_vec()));
    assert_eq!(world.kept("release.json.promise.2"), Some(promise.clone()));
    let named = world.add(&["--promise", "mine", "--json"]);
    let answer: serde_json::Value = serde_json::from_slice(&named.stdout).unwrap();
    assert_eq!(answer["promise_file"], "mine");
    assert_eq!(world.kept("mine"), Some(promise));
}

#[test]
fn a_receipt_that_does_not_hold_is_kept_and_is_no_success() {
    let world = World::new();
    let far = "9999-12-31T23:59:59Z".parse().unwrap();
    let (receipt, _) = world.told(|promise| promise.deadline = far);
    world.server.set("/add", 200, receipt.clone());
    let (status, told) = code(&world.add(&[]));
    assert_eq!(status, Some(1), "{told}");
    assert!(told.contains("promise.deadline must be 2024-11-01T09:"), "{told}");
    assert!(told.contains("kept in release.json.evidence"), "{told}");
    assert_eq!(world.kept("release.json.evidence"), Some(receipt));
    assert_eq!(world.kept("release.json.promise"), None);
    // A refusal is no evidence of anything.
    world.server.set("/add", 503, br#"{"error":"busy","hint":"","message":"full"}"#.to_vec());
    let (status, told) = code(&world.add(&[]));
    assert_eq!(status, Some(2), "{told}");
    assert_eq!(world.kept("release.json.evidence.2"), None);
}

#[test]
fn a_proof_that_does_not_hold_is_kept_and_is_no_success() {
    let world = World::new();
    let head = world.election.heads.last().unwrap();
    let head = world.election.head_bytes(head);
    let proof = |index: u64| {
        let sibling = world.election.leaf_hash(1 - index);
        TlogProof::new(index, vec![sibling], &head, None).unwrap().to_string().into_bytes()
    };
    let digest = world.election.entries[1].digest;
    let path = format!("/proof/inclusion?artifact={digest}&format=tlog-proof");
    world.server.set(&path, 200, proof(1));
    let good = world.prove(&digest);
    assert_eq!(code(&good), (Some(0), String::new()));
    assert_eq!(good.stdout, proof(1));
    world.server.set(&path, 200, proof(0));
    let bad = world.prove(&digest);
    let (status, told) = code(&bad);
    assert_eq!((status, bad.stdout.len()), (Some(1), 0), "{told}");
    assert_eq!(world.kept(&format!("{digest}.evidence")), Some(proof(0)));
}

#[test]
fn no_proxy_of_the_environment_stands_between() {
    let world = World::new();
    let exported = world.run(&["log", "export", &world.server.url(), "copy"]);
    assert_eq!(code(&exported), (Some(0), String::new()));
    assert!(world.kept("copy/checkpoint").is_some());
}
