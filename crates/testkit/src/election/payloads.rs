//! Payloads of the usual kinds, with contents that do not matter.

use artifact::charter::{Amendment, Close};
use artifact::id::{ElectionId, Name};
use artifact::payload::ballot::{ContestVotes, Cvr};
use artifact::payload::definition::{
    Choice, Contest, District, ElectionType, Method, Paper, Placed as PlacedContest, Precinct,
    Split, Style, Subject, Words,
};
use artifact::payload::office::{Build, CustodyStep};
use artifact::payload::result::ContestResult;
use artifact::payload::{
    BallotDefinition, CitedHead, CustodyEvent, CvrBatch, ElectionResult, Promise, Software,
};
use artifact::role::Role;
use canon::{Digest, Timestamp};
use tlog::note::KeyType;

use super::charter::{charter_key, organisation, witness};
use super::{Election, Placed, WitnessPlan};

impl Election {
    /// A software release by this name.
    pub fn software(&mut self, name: &str) -> Placed {
        let payload = Software {
            builds: vec![Build {
                sha256: Digest::of(name.as_bytes()),
                target: "x86_64".parse().expect("a name"),
            }],
            election_id: self.charter.election_id.clone(),
            name: name.parse().expect("a name"),
            sboms: Vec::new(),
            source: None,
            version: "1.0".parse().expect("a name"),
        };
        self.submit(&payload, &["maker"])
    }

    /// A ballot definition with one contest.
    pub fn definition(&mut self) -> Placed {
        let payload = definition(&self.charter.election_id);
        self.submit(&payload, &["designer"])
    }

    /// A batch of two cast vote records, read by a definition.
    pub fn cvrs(&mut self, definition: &Digest, batch: &str) -> Placed {
        let cvr = |rbid: String, vote: &str| Cvr {
            contests: vec![ContestVotes {
                contest: "mayor".parse().expect("a name"),
                overvoted: false,
                votes: vec![vote.parse().expect("a name")],
            }],
            rbid: rbid.parse().expect("a ballot identifier"),
            style: "all".parse().expect("a name"),
        };
        let payload = CvrBatch {
            ballot_definition: *definition,
            batch: batch.parse().expect("a batch"),
            container: "102".parse().expect("a container"),
            cvrs: vec![cvr(format!("{batch}-a"), "Ada"), cvr(format!("{batch}-b"), "Grace")],
            election_id: self.charter.election_id.clone(),
            salt: artifact::id::Salt::new(Digest::of(batch.as_bytes()).0),
            scanner: "scanner-1".parse().expect("a holder"),
            time: self.now,
        };
        self.submit(&payload, &["scanner-1"])
    }

    /// A result of one contest.
    pub fn result(&mut self) -> Placed {
        self.result_of("Mayor")
    }

    /// A result of the contest of this name.
    pub fn result_of(&mut self, contest: &str) -> Placed {
        let payload = ElectionResult {
            ballot_definition: None,
            contests: vec![ContestResult {
                ballot_cards: 618,
                choices: Vec::new(),
                contest: contest.parse().expect("a name"),
                min_margin: Some(104),
                winners: 1,
            }],
            cvrs: Vec::new(),
            election_id: self.charter.election_id.clone(),
            scope: "county".parse().expect("a name"),
        };
        self.submit(&payload, &["totals"])
    }

    /// A seal put on a container.
    pub fn custody(&mut self, seal: &str) -> Placed {
        let payload = CustodyEvent {
            container: "102".parse().expect("a container"),
            election_id: self.charter.election_id.clone(),
            event: CustodyStep::Applied,
            from: None,
            note: None,
            seal: seal.parse().expect("a seal"),
            time: self.now,
            to: None,
        };
        self.submit(&payload, &["warehouse"])
    }

    /// An amendment that changes nothing yet.
    pub fn amendment(&mut self) -> Amendment {
        self.sequence += 1;
        Amendment {
            add_keys: Vec::new(),
            add_organisations: Vec::new(),
            add_witnesses: Vec::new(),
            election_id: self.charter.election_id.clone(),
            reason: "a change".parse().expect("a text"),
            remove_witnesses: Vec::new(),
            revoke_keys: Vec::new(),
            sequence: self.sequence,
            threshold: None,
        }
    }

    /// Amends the charter by a key of this holder.
    pub fn add_key(&mut self, holder: &'static str, role: Role) -> Placed {
        // The keys of the log belong to its operator.
        let organisation = if role == Role::Log { "operator" } else { "county" };
        let key = charter_key(&self.keys, &(holder, organisation, role));
        let mut amendment = self.amendment();
        amendment.add_keys = vec![key.clone()];
        let placed = self.submit(&amendment, &["clerk"]);
        // So that leaves name its role; the charter in the log stays as it was signed.
        self.charter.keys.push(key);
        placed
    }

    /// Amends the charter by revoking a holder's key.
    pub fn revoke_key(&mut self, holder: &str) -> Placed {
        let mut amendment = self.amendment();
        amendment.revoke_keys = vec![self.keys.key(holder).public().id()];
        self.submit(&amendment, &["clerk"])
    }

    /// Amends the charter by a witness of an organisation of its own.
    pub fn add_witness(&mut self, name: &'static str, threshold: u64) -> Placed {
        let plan = WitnessPlan { name, organisation: "newcomer" };
        let mut amendment = self.amendment();
        amendment.add_organisations = vec![organisation(plan.organisation)];
        amendment.add_witnesses = vec![witness(&self.keys, &plan)];
        amendment.threshold = Some(threshold);
        let placed = self.submit(&amendment, &["clerk"]);
        // Later heads carry its line; the charter in the log stays as it was signed.
        self.charter.witnesses.list.push(witness(&self.keys, &plan));
        placed
    }

    /// Amends the charter by another key for a witness, under its old name.
    pub fn rotate_witness(&mut self, name: &str) -> Placed {
        let listed = self.charter.witnesses.list.iter().find(|witness| witness.name == *name);
        let mut witness = listed.expect("a witness of the charter").clone();
        let key = self.keys.rotated_note(name, KeyType::Cosignature);
        witness.key = key.verifier().to_string().parse().expect("a verifier key");
        let mut amendment = self.amendment();
        amendment.remove_witnesses = vec![witness.name.clone()];
        amendment.add_witnesses = vec![witness];
        let placed = self.submit(&amendment, &["clerk"]);
        self.rotated.insert(name.to_owned(), placed.index + 2);
        placed
    }

    /// The close, citing the newest head; then the last head.
    pub fn close(&mut self) -> Placed {
        let cited = self.newest_head();
        self.close_with(self.size(), cited)
    }

    /// A close that says so many entries and cites that head; then the last head.
    pub fn close_with(&mut self, entries: u64, head: CitedHead) -> Placed {
        let payload = Close {
            election_id: self.charter.election_id.clone(),
            entries,
            head,
            statement: "The record is complete.".parse().expect("a text"),
        };
        let placed = self.submit(&payload, &["clerk"]);
        self.head();
        placed
    }

    /// How to cite the newest head.
    pub fn newest_head(&self) -> CitedHead {
        let tree_size = self.heads.last().expect("a head").size;
        CitedHead { root_hash: self.root(tree_size), tree_size }
    }

    /// The log's promise for an entry.
    pub fn promise(&self, index: u64, leaf_hash: Digest, at: Timestamp) -> Vec<u8> {
        let deadline = at.saturating_plus_seconds(self.charter.log.promise_s);
        self.promise_by(index, leaf_hash, at, deadline)
    }

    /// The same with a deadline of its own.
    pub fn promise_by(
        &self,
        index: u64,
        leaf_hash: Digest,
        at: Timestamp,
        deadline: Timestamp,
    ) -> Vec<u8> {
        let entry = usize::try_from(index).ok().and_then(|index| self.entries.get(index));
        let log = self.keys.note(self.charter.log.origin.as_str(), KeyType::Ed25519);
        let payload = Promise {
            artifact_sha256: entry.map_or(Digest::of(b"artifact"), |entry| entry.digest),
            deadline,
            election_id: self.charter.election_id.clone(),
            index,
            leaf_hash,
            log_id: Digest::of(log.verifier().public_key().bytes()),
            timestamp: at,
        };
        self.sign("promise/v1", &payload, &["log-promises"])
    }
}

/// A definition with one contest, for one precinct.
fn definition(election_id: &ElectionId) -> BallotDefinition {
    let name = |text: &str| -> Name { text.parse().expect("a name") };
    let words = |text: &str| -> Words {
        [("en".parse().expect("a language"), name(text))].into_iter().collect()
    };
    let choice =
        |id: &str| Choice { detail: None, id: name(id), name: words(id), parties: Vec::new() };
    BallotDefinition {
        contests: vec![Contest {
            choices: vec![choice("Ada"), choice("Grace")],
            district: name("county"),
            id: name("mayor"),
            method: Method::Plurality,
            party: None,
            ranks: None,
            rotation: None,
            subject: Subject::Office,
            text: None,
            title: words("Mayor"),
            vote_for: 1,
            write_ins: 0,
        }],
        date: "2024-11-05".parse().expect("a date"),
        districts: vec![District { id: name("county"), name: words("County") }],
        election_id: election_id.clone(),
        files: Vec::new(),
        jurisdiction: words("County"),
        languages: vec!["en".parse().expect("a language")],
        paper: Paper::Letter,
        parties: Vec::new(),
        precincts: vec![Precinct {
            id: name("102"),
            name: words("Precinct 102"),
            splits: vec![Split { districts: vec![name("county")], id: name("102") }],
        }],
        styles: vec![Style {
            contests: vec![PlacedContest { choices: Vec::new(), contest: name("mayor") }],
            id: name("all"),
            party: None,
            splits: vec![name("102")],
        }],
        title: words("General election"),
        election_type: ElectionType::General,
    }
}
