//! The proof interface of a served log whose heads three served witnesses cosign.

use std::collections::BTreeSet;
use std::io::Read as _;

use artifact::role::Role;
use canon::{Digest, Timestamp};
use log_server::log::client::{Client, History, InclusionAnswer};
use log_server::log::{Submission, Wanted};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use service::limits::Limits;
use testkit::election::Plan;
use tlog::checkpoint::Checkpoint;
use tlog::merkle::{Frontier, Head, check_consistency, check_inclusion};
use tlog::proof::TlogProof;

use crate::served::{Answer, Served, serve_with};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadAnswer {
    log_id: Digest,
    origin: String,
    root_hash: Digest,
    timestamp: Timestamp,
    tree_size: u64,
    witnesses: Vec<WitnessAnswer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WitnessAnswer {
    name: String,
    timestamp: Timestamp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsistencyAnswer {
    from: u64,
    hashes: Vec<Digest>,
    to: u64,
}

fn json<T: DeserializeOwned>(answer: &Answer) -> T {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    canon::json::from_canonical(&answer.body).unwrap()
}

impl Served {
    /// Adds so many releases and publishes a head over them; the digests.
    async fn grow(&mut self, count: u64) -> Vec<Digest> {
        let mut digests = Vec::new();
        for _ in 0..count {
            let size = self.log.size();
            let bytes = self.software(&format!("release {size}"));
            assert_eq!(self.post_json(&bytes).await.status, 200);
            digests.push(Digest::of(&bytes));
        }
        assert!(self.log.publish().await.unwrap().is_witnessed);
        digests
    }

    /// The root over the first entries, from the published tile of nine.
    async fn root(&self, size: u64) -> Digest {
        let tile = self.get("/tile/0/000.p/9").await.body;
        let mut frontier = Frontier::new();
        for hash in tile.chunks(32).take(usize::try_from(size).unwrap()) {
            frontier.push(Digest(hash.try_into().unwrap())).unwrap();
        }
        frontier.root()
    }

    /// The head of a size, judged by the charter.
    async fn head_at(&self, path: &str) -> Head {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        let policy = self.founded.register.witness_policy_at(1).unwrap();
        let judged = policy.judge(&answer.body).unwrap();
        assert!(judged.quorum_met);
        assert_eq!(judged.cosigned.len(), 3);
        judged.checkpoint.head()
    }
}

/// A log of nine entries with heads over 4 and 9 of them.
async fn two_heads() -> (Served, Vec<Digest>) {
    let mut served = serve_with(Plan::default(), Limits::default(), 3).await;
    let mut digests = served.grow(3).await;
    digests.extend(served.grow(5).await);
    (served, digests)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witnessed_head_is_served_and_told() {
    let (served, _) = two_heads().await;
    let head = served.head_at("/checkpoint").await;
    assert_eq!(head.size, 9);
    let told: HeadAnswer = json(&served.get("/head").await);
    assert_eq!((told.tree_size, told.root_hash), (9, head.root));
    let log = served.founded.register.log_keys();
    assert_eq!(told.log_id, Digest::of(log.checkpoint.public_key().bytes()));
    assert_eq!(told.origin, log.checkpoint.name());
    let names: BTreeSet<_> = told.witnesses.iter().map(|witness| witness.name.clone()).collect();
    assert_eq!(names, served.election.witness_names().into_iter().collect());
    assert!(told.witnesses.iter().all(|witness| witness.timestamp >= told.timestamp));
    assert_eq!(served.head_at("/checkpoints/4").await.size, 4);
    assert_eq!(served.head_at("/checkpoints/9").await, head);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn inclusion_is_proved_in_both_forms_for_every_entry() {
    let (served, digests) = two_heads().await;
    let policy = served.founded.register.witness_policy_at(1).unwrap().policy.clone();
    let roots = [(4, "/checkpoints/4"), (9, "/checkpoint")];
    for (index, digest) in (1..).zip(&digests) {
        for (size, path) in roots {
            let root = served.head_at(path).await.root;
            let by_artifact = format!("/proof/inclusion?artifact={digest}&tree_size={size}");
            if index >= size {
                assert_eq!(served.get(&by_artifact).await.error(), "not_covered");
                continue;
            }
            let found: InclusionAnswer = json(&served.get(&by_artifact).await);
            assert_eq!((found.leaf_index, found.tree_size, found.root_hash), (index, size, root));
            check_inclusion(&found.leaf_hash, index, size, &found.hashes, &root).unwrap();
            let leaf = found.leaf_hash;
            let by_leaf = format!("/proof/inclusion?leaf_hash={leaf}&tree_size={size}");
            assert_eq!(json::<InclusionAnswer>(&served.get(&by_leaf).await), found);
            for (path, line) in [
                (format!("{by_leaf}&format=tlog-proof"), ""),
                (by_artifact, "Accept: application/x-tlog-proof\r\n"),
            ] {
                let answer = served.fetch_with(&path, line).await;
                assert_eq!(answer.header("content-type"), Some("application/x-tlog-proof"));
                assert_eq!(answer.header("cache-control"), Some("no-store"));
                let proof = TlogProof::parse(&answer.body).unwrap();
                assert_eq!((proof.index(), proof.hashes()), (index, &found.hashes[..]));
                proof.check(&leaf, &policy).unwrap();
            }
        }
    }
    // Without a size it is the published head's; of a size without a head there is JSON alone.
    let last = digests.last().unwrap();
    let now = served.get(&format!("/proof/inclusion?artifact={last}")).await;
    assert_eq!(json::<InclusionAnswer>(&now).tree_size, 9);
    let between = format!("/proof/inclusion?artifact={}&tree_size=6", digests[0]);
    let found: InclusionAnswer = json(&served.get(&between).await);
    check_inclusion(&found.leaf_hash, 1, 6, &found.hashes, &found.root_hash).unwrap();
    let none = served.get(&format!("{between}&format=tlog-proof")).await;
    assert_eq!((none.status, none.error().as_str()), (404, "no_checkpoint"));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_heads_are_proved_consistent() {
    let (served, _) = two_heads().await;
    let old = served.head_at("/checkpoints/4").await;
    let new = served.head_at("/checkpoint").await;
    for (from, to) in [(old, new), (old, old), (new, new)] {
        let path = format!("/proof/consistency?from={}&to={}", from.size, to.size);
        let found: ConsistencyAnswer = json(&served.get(&path).await);
        assert_eq!((found.from, found.to), (from.size, to.size));
        check_consistency(from.size, &from.root, to.size, &to.root, &found.hashes).unwrap();
    }
    // Sizes between the heads, whose roots come from the entries.
    for (from, to) in [(2, 3), (3, 7), (4, 6), (5, 9)] {
        let path = format!("/proof/consistency?from={from}&to={to}");
        let found: ConsistencyAnswer = json(&served.get(&path).await);
        let [old, new] = [served.root(from).await, served.root(to).await];
        check_consistency(from, &old, to, &new, &found.hashes).unwrap();
    }
    let backwards = served.get("/proof/consistency?from=9&to=4").await;
    assert_eq!((backwards.status, backwards.error().as_str()), (400, "no_such_proof"));
    let beyond = served.get("/proof/consistency?from=4&to=10").await;
    assert_eq!((beyond.status, beyond.error().as_str()), (404, "beyond_head"));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn caches_keep_what_never_changes_and_lines_are_packed() {
    let (served, digests) = two_heads().await;
    let immutable = "public, max-age=31536000, immutable";
    let artifact = format!("/artifact/{}", digests[0]);
    for (path, kept, is_packed) in [
        ("/checkpoint", "no-store", false),
        ("/checkpoint.pending", "no-store", false),
        ("/checkpoints/4", immutable, false),
        ("/tile/0/000.p/9", immutable, false),
        ("/tile/entries/000.p/9", immutable, false),
        ("/leaf/000.p/9", immutable, true),
        (artifact.as_str(), immutable, false),
    ] {
        let plain = served.get(path).await;
        let packed = served.fetch_with(path, "Accept-Encoding: gzip\r\n").await;
        assert_eq!((plain.status, packed.status), (200, 200), "{path}");
        assert_eq!(plain.header("cache-control"), Some(kept), "{path}");
        assert_eq!(packed.header("cache-control"), Some(kept), "{path}");
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        if !is_packed {
            assert_eq!(packed.header("content-encoding"), None, "{path}");
            assert_eq!(packed.body, plain.body, "{path}");
            continue;
        }
        assert_eq!(packed.header("content-encoding"), Some("gzip"), "{path}");
        assert_eq!(plain.header("vary"), Some("accept-encoding"), "{path}");
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain.body, "{path}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_proves_by_artifact_and_by_leaf() {
    let (served, digests) = two_heads().await;
    let (client, founded) = (served.client(), served.founded.clone());
    let asked = tokio::task::spawn_blocking(move || {
        for (index, digest) in (1..).zip(digests) {
            let mut history = History::of_charter(&founded);
            let proved = client.prove(Wanted::Artifact(digest), &mut history).unwrap();
            assert_eq!((proved.proof.index(), proved.leaf.artifact_sha256), (index, digest));
            let again = client.prove(Wanted::Leaf(proved.leaf_hash), &mut history).unwrap();
            assert_eq!(again, proved);
        }
    });
    asked.await.unwrap();
    served.end().await;
}

/// The charter wants three witnesses of whom two answer, and has eight keys for promises.
#[tokio::test(flavor = "multi_thread")]
async fn the_client_follows_amendments() {
    let mut plan = Plan::default();
    let more = ["log-1", "log-2", "log-3", "log-4", "log-5", "log-6", "log-7"];
    plan.holders.extend(more.map(|holder| (holder, "operator", Role::Log)));
    let mut served = serve_with(plan, Limits::default(), 2).await;
    let mut amendment = served.election.amendment();
    amendment.remove_witnesses = vec!["witness.example/herald".parse().unwrap()];
    amendment.threshold = Some(2);
    let placed = served.election.submit(&amendment, &["clerk"]);
    let amendment = served.artifact(placed);
    assert_eq!(served.post_json(&amendment).await.status, 200);
    let digest = served.grow(1).await[0];
    let release = served.software("another release");
    let (client, founded) = (served.client(), served.founded.clone());
    let asked = tokio::task::spawn_blocking(move || {
        let mut history = History::of_charter(&founded);
        let proved = client.prove(Wanted::Artifact(digest), &mut history).unwrap();
        let (head, _) = Checkpoint::parse_signed(proved.proof.checkpoint()).unwrap();
        assert_eq!((proved.proof.index(), head.size), (2, 3));
        add(&client, &founded, release);
    });
    asked.await.unwrap();
    served.end().await;
}

fn add(client: &Client, founded: &artifact::admit::Founded, artifact: Vec<u8>) {
    let history = client.history(founded).unwrap();
    assert_eq!((history.size(), history.register().amendments()), (3, 1));
    let submission = Submission { artifact: artifact.into(), files: Vec::new() };
    assert_eq!(client.add(&submission, Some(&history)).unwrap().index, 3);
    assert!(client.add(&submission, Some(&history)).unwrap().is_duplicate);
}
