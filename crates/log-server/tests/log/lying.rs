//! A server that answers what no honest log would: each lie is named by the client, and kept.

use std::convert::Infallible;
use std::time::Duration;

use artifact::admit::{Founded, found};
use artifact::leaf::Leaf;
use artifact::payload::Promise;
use artifact::role::{EntryType, Role};
use canon::{Digest, SignedBytes};
use log_server::log::client::{Client, ClientError, Evidence, Fault, History};
use log_server::log::{Receipt, Submission, Wanted};
use testkit::canned::CannedServer;
use testkit::election::{Election, HeadPlan, Plan};
use tlog::merkle::{Frontier, NodeReader, inclusion_proof};
use tlog::proof::{TlogProof, TlogProofError};

/// An election, and a server of its bundle that answers the rest as it is told.
struct Lying {
    election: Election,
    server: CannedServer,
    founded: Founded,
    client: Client,
}

/// Long ago, so that no machine's clock is behind it.
fn plan() -> Plan {
    let mut plan = Plan { begins: "2024-11-01T08:00:00Z", ..Plan::default() };
    plan.holders.push(("old-promises", "operator", Role::Log));
    plan
}

impl Lying {
    fn new(election: Election) -> Self {
        let server = CannedServer::start(election.bundle().files);
        let founded = found(&election.entries[0].artifact).unwrap();
        let client = Client::new(&server.url(), Duration::from_secs(20));
        Self { election, server, founded, client }
    }

    /// What an honest log says to the last entry.
    fn honest(&self) -> Told {
        let index = self.election.size() - 1;
        let leaf = Leaf::parse(&self.election.entries.last().unwrap().leaf).unwrap();
        let signed = self.election.promise(index, leaf.leaf_hash(), leaf.timestamp);
        let mut promise: Promise = SignedBytes::parse(&signed).unwrap().payload_as().unwrap();
        promise.artifact_sha256 = leaf.artifact_sha256;
        let leaf_hash = leaf.leaf_hash();
        Told {
            index,
            leaf,
            leaf_hash,
            promise,
            kind: "promise/v1",
            signer: "log-promises",
            again: false,
        }
    }

    fn submission(&self) -> Submission {
        let entry = self.election.entries.last().unwrap();
        Submission { artifact: entry.artifact.clone().into(), files: Vec::new() }
    }

    /// Answers the last entry's submission in this way.
    fn add(&self, told: &Told, history: Option<&History>) -> Result<Receipt, ClientError> {
        let promise = self.election.sign(told.kind, &told.promise, &[told.signer]);
        let receipt = Receipt {
            index: told.index,
            leaf: told.leaf.to_bytes().into(),
            leaf_hash: told.leaf_hash,
            artifact: told.leaf.artifact_sha256,
            promise,
            is_duplicate: told.again,
        };
        self.server.set("/add", 200, receipt.to_json());
        self.client.add(&self.submission(), history)
    }

    fn history(&self) -> History {
        self.client.history(&self.founded).unwrap()
    }

    /// Answers the question for an entry with this proof.
    fn prove(&self, digest: Digest, proof: &TlogProof) -> Result<u64, ClientError> {
        let path = format!("/proof/inclusion?artifact={digest}&format=tlog-proof");
        self.server.set(&path, 200, proof.to_string().into_bytes());
        let proved =
            self.client.prove(Wanted::Artifact(digest), &mut History::of_charter(&self.founded))?;
        Ok(proved.proof.index())
    }
}

/// A receipt to be.
struct Told {
    index: u64,
    leaf: Leaf,
    leaf_hash: Digest,
    promise: Promise,
    kind: &'static str,
    signer: &'static str,
    again: bool,
}

impl Told {
    /// Says something else about the artifact, and promises that.
    fn relabel(mut self, change: impl FnOnce(&mut Leaf)) -> Self {
        change(&mut self.leaf);
        self.leaf_hash = self.leaf.leaf_hash();
        self.promise.leaf_hash = self.leaf_hash;
        self.promise.artifact_sha256 = self.leaf.artifact_sha256;
        self.promise.timestamp = self.leaf.timestamp;
        self.promise.deadline = self.leaf.timestamp.saturating_plus_seconds(3600);
        self.promise.election_id = self.leaf.election_id.clone();
        self
    }

    fn promise(mut self, change: impl FnOnce(&mut Promise)) -> Self {
        change(&mut self.promise);
        self
    }
}

fn evidence<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> Evidence {
    match answer.unwrap_err() {
        ClientError::Evidence(evidence) => *evidence,
        error => panic!("{error}"),
    }
}

/// The head covers the charter; the entry of the receipt is the next.
fn one_more() -> Lying {
    let mut election = Election::new(plan());
    election.software("release");
    Lying::new(election)
}

#[test]
fn a_receipt_is_for_what_was_submitted_and_nothing_else() {
    let lying = one_more();
    let history = lying.history();
    let honest = lying.add(&lying.honest(), Some(&history)).unwrap();
    assert_eq!((honest.index, history.size()), (1, 1));
    let told = || lying.honest();
    let elsewhere = Digest::of(b"elsewhere");
    let far = "9999-12-31T23:59:59Z".parse().unwrap();
    let cases: Vec<(&str, Told)> = vec![
        ("artifact_sha256", told().relabel(|leaf| leaf.artifact_sha256 = elsewhere)),
        ("leaf.artifact_size", told().relabel(|leaf| leaf.artifact_size += 1)),
        ("leaf.entry_type", told().relabel(|leaf| leaf.entry_type = EntryType::Cvr)),
        ("leaf.election_id", told().relabel(|leaf| leaf.election_id = "other".parse().unwrap())),
        (
            "leaf.originator.id",
            told().relabel(|leaf| leaf.originator.id = "clerk".parse().unwrap()),
        ),
        ("leaf.originator.role", told().relabel(|leaf| leaf.originator.role = Role::Scanning)),
        ("leaf_hash", Told { leaf_hash: elsewhere, ..told() }),
        ("promise.kind", Told { kind: "software/v1", ..told() }),
        ("promise.artifact_sha256", told().promise(|promise| promise.artifact_sha256 = elsewhere)),
        ("promise.leaf_hash", told().promise(|promise| promise.leaf_hash = elsewhere)),
        ("promise.election_id", told().promise(|p| p.election_id = "other".parse().unwrap())),
        ("promise.index", Told { index: 9, ..told() }),
        ("promise.log_id", told().promise(|promise| promise.log_id = elsewhere)),
        ("promise.deadline", told().promise(|promise| promise.deadline = far)),
        ("promise.timestamp", told().promise(|p| p.timestamp = p.deadline)),
    ];
    for (name, told) in cases {
        let found = evidence(lying.add(&told, Some(&history)));
        let Fault::Receipt { member, .. } = &found.fault else { panic!("{name}: {found}") };
        assert_eq!(*member, name, "{found}");
        assert!(found.fault.is_certain());
        // What is kept is the answer itself.
        let kept: serde_json::Value = serde_json::from_slice(&found.answer).unwrap();
        assert!(kept["promise"]["signatures"].is_array(), "{kept}");
    }
}

#[test]
fn a_receipt_agrees_with_what_a_head_covers() {
    let mut election = Election::new(plan());
    election.software("release");
    election.head();
    let lying = Lying::new(election);
    let history = lying.history();
    assert_eq!(history.size(), 2);
    let told = || Told { again: true, ..lying.honest() };
    assert!(lying.add(&told(), Some(&history)).unwrap().is_duplicate);
    let new = evidence(lying.add(&lying.honest(), Some(&history)));
    assert!(matches!(new.fault, Fault::Receipt { member: "duplicate", .. }), "{new}");
    let first =
        evidence(lying.add(&Told { index: 0, ..told() }.promise(|p| p.index = 0), Some(&history)));
    let member = "the leaf hash under the published head";
    assert!(matches!(first.fault, Fault::Receipt { member: found, .. } if found == member));
}

#[test]
fn a_leaf_of_tomorrow_puts_off_its_deadline() {
    let lying = one_more();
    let late =
        lying.honest().relabel(|leaf| leaf.timestamp = "2999-01-01T00:00:00Z".parse().unwrap());
    let found = evidence(lying.add(&late, Some(&lying.history())));
    assert!(matches!(found.fault, Fault::Ahead { .. }), "{found}");
    assert!(!found.fault.is_certain(), "it may be this machine's clock");
}

#[test]
fn a_promise_is_judged_by_the_key_that_it_names() {
    let mut election = Election::new(plan());
    election.revoke_key("old-promises");
    election.add_key("new-promises", Role::Log);
    election.head();
    election.software("release");
    let lying = Lying::new(election);
    let charter = History::of_charter(&lying.founded);
    let amended = lying.history();
    assert_eq!(amended.register().amendments(), 2);
    let by = |signer| Told { signer, ..lying.honest() };
    // Both keys of the charter, whichever comes first.
    lying.add(&by("log-promises"), Some(&charter)).unwrap();
    lying.add(&by("old-promises"), Some(&charter)).unwrap();
    lying.add(&by("log-promises"), Some(&amended)).unwrap();
    lying.add(&by("new-promises"), Some(&amended)).unwrap();
    let revoked = evidence(lying.add(&by("old-promises"), Some(&amended)));
    assert!(matches!(&revoked.fault, Fault::Promise(why) if why.contains("revoked")), "{revoked}");
    let unknown = evidence(lying.add(&by("new-promises"), Some(&charter)));
    assert!(matches!(unknown.fault, Fault::UnknownKey(_)), "{unknown}");
    let role = evidence(lying.add(&by("maker"), Some(&amended)));
    assert!(matches!(&role.fault, Fault::Promise(why) if why.contains("role")), "{role}");
    // The right key's signature, of another promise.
    let honest = lying.add(&lying.honest(), Some(&amended)).unwrap();
    let other = lying.honest().promise(|promise| promise.index += 1).promise;
    let other = lying.election.sign("promise/v1", &other, &["log-promises"]);
    let text = String::from_utf8(honest.to_json()).unwrap();
    let forged = text.replace(&signature(&honest.promise), &signature(&other));
    assert_ne!(forged, text);
    lying.server.set("/add", 200, forged.into_bytes());
    let forged = evidence(lying.client.add(&lying.submission(), Some(&amended)));
    assert!(matches!(forged.fault, Fault::Promise(_)), "{forged}");
}

fn signature(envelope: &[u8]) -> String {
    let envelope: serde_json::Value = serde_json::from_slice(envelope).unwrap();
    envelope["signatures"][0]["sig"].as_str().unwrap().to_owned()
}

/// Two releases and an amendment that exchanges a witness, under a head of its new witnesses.
fn amended() -> Lying {
    let mut election = Election::new(plan());
    let mut amendment = election.amendment();
    amendment.remove_witnesses = vec!["witness.example/league".parse().unwrap()];
    amendment.threshold = Some(2);
    election.submit(&amendment, &["clerk"]);
    election.software("release");
    election.software("another");
    election.head();
    let names = ["witness.example/university", "witness.example/herald"].map(str::to_owned);
    election.heads.last_mut().unwrap().witnesses = Some(names.to_vec());
    Lying::new(election)
}

impl Lying {
    /// The proof of an entry under a head.
    fn proof(&self, index: u64, head: &HeadPlan) -> TlogProof {
        let hashes: Vec<Digest> =
            (0..self.election.size()).map(|index| self.election.leaf_hash(index)).collect();
        let path = inclusion_proof(index, head.size, &Row(&hashes)).unwrap();
        TlogProof::new(index, path, &self.election.head_bytes(head), None).unwrap()
    }
}

/// Nodes from the leaf hashes at hand.
struct Row<'a>(&'a [Digest]);

impl NodeReader for Row<'_> {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Digest, Infallible> {
        let first = usize::try_from(index << level).unwrap();
        let mut frontier = Frontier::new();
        for hash in &self.0[first..first + (1 << level)] {
            frontier.push(*hash).unwrap();
        }
        Ok(frontier.root())
    }
}

#[test]
fn a_proof_is_judged_by_charter_and_amendments() {
    let lying = amended();
    let head = lying.election.heads.last().unwrap().clone();
    let digest = lying.election.entries[2].digest;
    assert_eq!(lying.prove(digest, &lying.proof(2, &head)).unwrap(), 2);
    // The removed witness and one other are enough for nobody.
    let names = ["witness.example/league", "witness.example/herald"].map(str::to_owned);
    let removed = HeadPlan { witnesses: Some(names.to_vec()), ..head.clone() };
    let found = evidence(lying.prove(digest, &lying.proof(2, &removed)));
    assert!(matches!(found.fault, Fault::Proof(TlogProofError::NoQuorum)), "{found}");
    let other = evidence(lying.prove(digest, &lying.proof(3, &head)));
    assert!(matches!(other.fault, Fault::OtherLeaf { index: 3 }), "{other}");
    let good = lying.proof(2, &head);
    let mut hashes = good.hashes().to_vec();
    hashes[0] = Digest::of(b"elsewhere");
    let bad = TlogProof::new(2, hashes, good.checkpoint(), None).unwrap();
    let bad = evidence(lying.prove(digest, &bad));
    assert!(matches!(bad.fault, Fault::Proof(TlogProofError::NotIncluded(_))), "{bad}");
    let unsigned = HeadPlan { signed: false, ..head.clone() };
    let unsigned = evidence(lying.prove(digest, &lying.proof(2, &unsigned)));
    assert!(matches!(unsigned.fault, Fault::Proof(TlogProofError::Checkpoint(_))), "{unsigned}");
}

#[test]
fn an_amendment_under_the_head_cannot_be_left_out() {
    let lying = amended();
    let head = lying.election.heads.last().unwrap().clone();
    let digest = lying.election.entries[2].digest;
    let proof = lying.proof(2, &head);
    let amendment = lying.election.entries[1].digest;
    lying.server.set(&format!("/artifact/{amendment}"), 404, b"{}".to_vec());
    let error = lying.prove(digest, &proof).unwrap_err();
    assert!(matches!(error, ClientError::Amendments(_)), "{error}");
    assert!(error.hint().contains("verify"), "{}", error.hint());
    lying.server.set(&format!("/artifact/{amendment}"), 200, b"other bytes".to_vec());
    let error = lying.prove(digest, &proof).unwrap_err();
    assert!(matches!(error, ClientError::Amendments(_)), "{error}");
    // A leaf in its place, and everything else as the head has it.
    let mut election = Election::new(plan());
    election.software("in place of the amendment");
    election.entries.extend(lying.election.entries[2..].iter().cloned());
    election.head();
    let leaves = election.bundle().files["leaf/000.p/4"].clone();
    lying.server.set("/leaf/000.p/4", 200, leaves);
    let hidden = evidence(lying.prove(digest, &proof));
    assert!(matches!(hidden.fault, Fault::Leaves { size: 4 }), "{hidden}");
}

#[test]
fn amendments_are_not_looked_for_without_end() {
    let lying = one_more();
    let size = log_server::log::client::MAX_ENTRIES + 1;
    let time = lying.election.now;
    let head = HeadPlan { root: Some(Digest::of(b"root")), ..HeadPlan::at(size, time) };
    lying.server.set("/checkpoint", 200, lying.election.head_bytes(&head));
    let error = lying.client.history(&lying.founded).unwrap_err();
    assert!(matches!(error, ClientError::TooLong { .. }), "{error}");
    assert!(error.hint().contains("verify"), "{}", error.hint());
}
