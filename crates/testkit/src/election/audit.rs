//! The audit of a small election, drawn by code of its own.
//!
//! `paper::audit` draws too. That the verifier accepts what is drawn here, from the published
//! formulas and with none of that code, is one more check of both.

use artifact::id::Salt;
use artifact::leaf::Originator;
use artifact::manifest::{File, Manifest, Purpose};
use artifact::payload::audit::{AuditMethod, CommitMethod, Draw, Generator};
use artifact::payload::{AuditPlan, CitedHead, Sample, SeedCommit, SeedReveal};
use canon::{Digest, derive};

use super::{Election, Placed};

/// The seed of the November 2024 audits in Colorado, rolled with dice in public.
pub const HINSDALE_SEED: &str = "53417960661093690826";

/// A batch of a small manifest.
struct Batch {
    tabulator: &'static str,
    number: u64,
    cards: u64,
}

/// Five batches of 61 cards in all.
const BATCHES: [Batch; 5] = [
    Batch { tabulator: "102", number: 1, cards: 25 },
    Batch { tabulator: "102", number: 2, cards: 1 },
    Batch { tabulator: "102", number: 3, cards: 14 },
    Batch { tabulator: "105", number: 1, cards: 20 },
    Batch { tabulator: "105", number: 9, cards: 1 },
];

/// A ballot manifest in the form of Colorado's counties.
pub fn small_manifest() -> String {
    let mut csv = String::from("County,Tabulator ID,Batch,# of Ballots,Locations\n");
    for Batch { tabulator, number: batch, cards } in &BATCHES {
        let line = ["Example", tabulator, &batch.to_string(), &cards.to_string(), "Bin #1"];
        csv.push_str(&line.join(","));
        csv.push('\n');
    }
    csv
}

/// Container, batch and position of a card, by its index from 1.
fn card(index: u64) -> (&'static str, u64, u64) {
    let mut before = 0;
    for Batch { tabulator, number: batch, cards } in &BATCHES {
        if index <= before + cards {
            return (tabulator, *batch, index - before);
        }
        before += cards;
    }
    unreachable!("{index} of {before} cards");
}

fn total() -> u64 {
    BATCHES.iter().map(|batch| batch.cards).sum()
}

/// `1 + SHA-256(seed "," i) mod cards` for i from 1.
fn colorado(seed: &str, count: u64) -> Vec<u64> {
    let number = |draw: u64| {
        let digest = Digest::of(format!("{seed},{draw}").as_bytes());
        let rest = digest.0.iter().fold(0, |rest, byte| (rest * 256 + u64::from(*byte)) % total());
        rest + 1
    };
    (1..=count).map(number).collect()
}

/// The cards of the lowest tickets.
fn tickets(seed: &str, manifest: &Digest, election_id: &str, count: u64) -> Vec<u64> {
    let prk = derive::extract(manifest.as_bytes(), seed.as_bytes());
    let ticket = |index: u64| {
        let (container, batch, position) = card(index);
        let id = format!("{container}/{batch}/{position}");
        prk.expand_32(&[b"scrutineer/ticket/v1\0", election_id.as_bytes(), b"\0", id.as_bytes()])
    };
    let mut all: Vec<_> = (1..=total()).map(|index| (ticket(index), index)).collect();
    all.sort_unstable();
    let count = usize::try_from(count).expect("a small count");
    all.into_iter().take(count).map(|(_, index)| index).collect()
}

impl Election {
    /// Logs a manifest of raw files with these names, types and bytes.
    pub fn manifest(&mut self, holder: &str, files: &[(&str, &str, &[u8])]) -> Placed {
        let mut listed = Vec::new();
        for (name, r#type, bytes) in files {
            let name = name.parse().expect("a file name");
            let file = File::of(name, r#type.parse().expect("a file type"), bytes);
            self.raw.insert(file.sha256, bytes.to_vec());
            listed.push(file);
        }
        let payload = Manifest {
            election_id: self.charter.election_id.clone(),
            origin: Originator {
                id: holder.parse().expect("a holder"),
                role: self.role_of(holder),
            },
            purpose: Purpose::Records,
            files: listed,
        };
        self.submit(&payload, &[holder])
    }

    /// Logs the small ballot manifest; its entry and the digest of the raw file.
    pub fn ballot_manifest(&mut self) -> (Placed, Digest) {
        let csv = small_manifest();
        let file = ("manifest.csv", "ballot_manifest/csv", csv.as_bytes());
        (self.manifest("clerk", &[file]), Digest::of(csv.as_bytes()))
    }

    /// A plan for one contest: so many cards of this ballot manifest at first.
    pub fn audit_plan(&mut self, contest: &str, manifest: Digest, initial: u64) -> Placed {
        let plan = self.plan(contest, manifest, initial);
        self.submit(&plan, &["auditor"])
    }

    /// The same, and the generator.
    pub fn audit_plan_by(
        &mut self,
        contest: &str,
        manifest: Digest,
        initial: u64,
        generator: Generator,
    ) -> Placed {
        let plan = self.plan(contest, manifest, initial);
        let plan = AuditPlan { generator: Some(generator), ..plan };
        self.submit(&plan, &["auditor"])
    }

    fn plan(&self, contest: &str, manifest: Digest, initial: u64) -> AuditPlan {
        AuditPlan {
            ballot_manifest: Some(manifest),
            contests: vec![contest.parse().expect("a name")],
            election_id: self.charter.election_id.clone(),
            escalation: "to more cards while the risk exceeds the limit".parse().expect("a text"),
            gamma: None,
            generator: None,
            initial_sample: Some(initial),
            method: AuditMethod::BallotComparison,
            risk_limit: "0.05".parse().expect("a decimal"),
        }
    }

    /// A commitment to a seed.
    pub fn seed_commit(&mut self, seed: &str) -> Placed {
        self.seed_commit_under(seed, seed)
    }

    /// The same under a salt of this name.
    pub fn seed_commit_under(&mut self, seed: &str, name: &str) -> Placed {
        let election = self.charter.election_id.as_str();
        let salt = salt(name);
        let opened = format!(r#"{{"election_id":"{election}","salt":"{salt}","seed":"{seed}"}}"#);
        let payload = SeedCommit {
            commitment: Digest::of(opened.as_bytes()),
            election_id: self.charter.election_id.clone(),
            method: CommitMethod::Sha256JcsV1,
        };
        self.submit(&payload, &["auditor"])
    }

    /// The reveal of a seed, citing the commitment and a head.
    pub fn seed_reveal(&mut self, seed: &str, commit: Digest, head: CitedHead) -> Placed {
        self.seed_reveal_under(seed, seed, commit, head)
    }

    /// The same with the salt of this name.
    pub fn seed_reveal_under(
        &mut self,
        seed: &str,
        name: &str,
        commit: Digest,
        head: CitedHead,
    ) -> Placed {
        let payload = SeedReveal {
            commit,
            election_id: self.charter.election_id.clone(),
            head,
            salt: salt(name),
            seed: seed.parse().expect("a seed"),
        };
        self.submit(&payload, &["auditor"])
    }

    /// The sample that follows, which a test may change before it is submitted.
    pub fn sample(
        &self,
        seed: &str,
        reveal: Digest,
        manifest: Digest,
        generator: Generator,
        count: u64,
    ) -> Sample {
        let election = self.charter.election_id.as_str();
        let indexes = match generator {
            Generator::ColoradoV1 => colorado(seed, count),
            Generator::HkdfV1 => tickets(seed, &manifest, election, count),
        };
        let separator = match generator {
            Generator::ColoradoV1 => '-',
            Generator::HkdfV1 => '/',
        };
        let draws = (1_u64..).zip(indexes).map(|(draw, index)| {
            let (container, batch, position) = card(index);
            let card = format!("{container}{separator}{batch}{separator}{position}");
            Draw { card: card.parse().expect("a card"), draw, index }
        });
        Sample {
            ballot_manifest: manifest,
            cards: total(),
            count,
            draws: draws.collect(),
            election_id: self.charter.election_id.clone(),
            generator,
            reveal,
        }
    }

    /// A whole audit: manifest, result, commitment, a head, reveal, both samples, a head.
    pub fn audit(&mut self) {
        let (_, manifest) = self.ballot_manifest();
        self.result();
        let commit = self.seed_commit(HINSDALE_SEED);
        let head = self.head();
        let reveal = self.seed_reveal(HINSDALE_SEED, commit.digest, head);
        for generator in [Generator::ColoradoV1, Generator::HkdfV1] {
            let sample = self.sample(HINSDALE_SEED, reveal.digest, manifest, generator, 12);
            self.submit(&sample, &["auditor"]);
        }
        self.head();
    }

    /// A whole small election: definition, software, records, custody, the audit, the close.
    pub fn complete(mut self) -> Self {
        let definition = self.definition();
        self.software("scanner firmware");
        self.cvrs(&definition.digest, "1");
        self.custody("A-1");
        self.audit();
        self.close();
        self
    }
}

/// The salt of a name.
fn salt(name: &str) -> Salt {
    Salt::new(Digest::of(format!("salt {name}").as_bytes()).0)
}
