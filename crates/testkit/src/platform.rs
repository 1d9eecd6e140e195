//! The platform of a small campaign of the booth path: its keys, its two lists, and what it logs.
//!
//! Everything follows from the campaign's name, so the lists are the same in every run. No server
//! runs. What no honest platform publishes can be made here too: `votes` and `voters` may be
//! changed before the next snapshot is taken.
//!
//! ```
//! use testkit::platform::{Platform, Told};
//!
//! let mut platform = Platform::new("solar");
//! platform.crowd(10);
//! let snapshot = platform.snapshot(Told::Commitments, false);
//! assert_eq!((snapshot.number, snapshot.votes.records), (0, 10));
//! ```
#![allow(
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "a test that asks for what cannot be made is to panic"
)]

use artifact::charter::Purpose;
use artifact::id::{ElectionId, Salt};
use artifact::payload::platform::{Commitments, ListState};
use artifact::payload::{Campaign, Reveal, Snapshot};
use booth::Secret;
use booth::campaign::{Period, Shard, to_header};
use booth::mandate::Mandate;
use booth::publish::{List, SnapshotSalt};
use booth::receipt::{Acceptance, Place, Receipt};
use booth::stamp::{PlatformStamp, StampKeys, VoterStamp};
use booth::vote::Vote;
use booth::work::Nonce;
use canon::{Algorithm, Digest, PrivateKey, Signer, Timestamp};
use subtle::Choice;

use crate::campaign::{OPTIONS, START};

/// When the campaign ends.
pub const END: &str = "2026-11-03T20:00:00Z";

/// What a snapshot says of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Their digests and sizes.
    Digests,
    /// Commitments.
    Commitments,
}

/// A platform with its campaign.
pub struct Platform {
    /// The campaign as it logs it; a test may change what it commits to.
    pub campaign: Campaign,
    /// The list of votes.
    pub votes: Vec<u8>,
    /// The list of voters.
    pub voters: Vec<u8>,
    /// The number of the next snapshot.
    pub next: u64,
    /// Every vote that was cast, in order.
    pub cast: Vec<(Vote, Mandate)>,
    keys: StampKeys,
    drawn: u64,
}

/// A genuine stamp, by the seeds of stamps and decoys.
pub fn genuine([stamp, decoy]: [&[u8; 32]; 2], period: Period, fresh: &[u8; 32]) -> PlatformStamp {
    let keys = StampKeys::new(stamp, decoy).expect("two keys");
    keys.issue(period, Choice::from(1), fresh)
}

impl Platform {
    /// A campaign for a test, by this name: batches of three, four bits of work, one period.
    pub fn new(name: &str) -> Self {
        let secret = |purpose: &str| secret(name, purpose);
        let keys = StampKeys::new(&secret("stamp"), &secret("decoy")).expect("two keys");
        let key = |who: &str| text(&signer(name, who));
        let commitments = Commitments {
            decoy_key: Digest::of(keys.decoy_key().bytes()),
            snapshot_salt: Digest::of(&secret("salt")),
            stamp_key: Digest::of(keys.stamp_key().bytes()),
            totp_seed: Digest::of(&secret("codes")),
        };
        let campaign = Campaign {
            authorities: vec![key("authority")],
            commitments,
            deployment_map: None,
            election_id: "example-2026".parse().expect("an election"),
            end: END.parse().expect("a time"),
            k: 3,
            link_auditors: Vec::new(),
            name: name.parse().expect("a campaign"),
            options: OPTIONS.iter().map(|option| option.parse().expect("an option")).collect(),
            purpose: Purpose::Test,
            receipt_keys: vec![key("receipts")],
            remote_of: None,
            stamp_period_s: 86_400,
            start: START.parse().expect("a time"),
            stations: Vec::new(),
            work_bits: 4,
        };
        let (votes, voters, cast) = (Vec::new(), Vec::new(), Vec::new());
        Self { campaign, votes, voters, next: 0, cast, keys, drawn: 0 }
    }

    /// The same of this election.
    #[must_use]
    pub fn of(mut self, election_id: &ElectionId, purpose: Purpose) -> Self {
        self.campaign.election_id = election_id.clone();
        self.campaign.purpose = purpose;
        // An official one owes a map; tests do not read it.
        let owes = purpose == Purpose::Official;
        self.campaign.deployment_map = owes.then(|| Digest::of(b"field.yml"));
        self
    }

    /// Draws bytes that did not come before.
    fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        secret(self.campaign.name.as_str(), &format!("draw {}", self.drawn))
    }

    /// A mandate of the campaign's authority.
    pub fn mandate(&mut self) -> Mandate {
        let mut id = [0; 24];
        id.copy_from_slice(&self.draw()[..24]);
        let authority = signer(self.campaign.name.as_str(), "authority");
        Mandate::issue(&authority, id).expect("a mandate")
    }

    /// A mandate of this shard.
    pub fn mandate_of(&mut self, shard: u64) -> Mandate {
        let shards = self.campaign.receipt_keys.len() as u64;
        loop {
            let mandate = self.mandate();
            if shard_of(&mandate, shards) == shard {
                return mandate;
            }
        }
    }

    /// A vote of the first period, with its work done.
    pub fn vote(&mut self, say: &str) -> Vote {
        let start = self.campaign.start;
        self.vote_at(say, start, true)
    }

    /// A vote of another period, or under a decoy.
    pub fn vote_at(&mut self, say: &str, period: Timestamp, genuine: bool) -> Vote {
        let (fresh, random) = (self.draw(), self.draw());
        let platform =
            self.keys.issue(Period::beginning(period), Choice::from(u8::from(genuine)), &fresh);
        let mut stamp = [0; 20];
        stamp.copy_from_slice(&random[..20]);
        let vote = Vote {
            platform,
            stamp: VoterStamp::from_bytes(stamp),
            nonce: Nonce::from(0),
            say: say.to_owned(),
        };
        worked(vote, self.campaign.work_bits)
    }

    /// Adds a batch of so many votes, one option and one shard after another.
    pub fn crowd(&mut self, votes: usize) {
        let options: Vec<String> = self.campaign.options.iter().map(ToString::to_string).collect();
        let batch = options.iter().cycle().take(votes);
        let shards = (0..self.campaign.receipt_keys.len() as u64).cycle();
        let batch = batch.zip(shards);
        let batch = batch.map(|(say, shard)| (self.vote(say), self.mandate_of(shard))).collect();
        self.add(batch);
    }

    /// How many of those who voted have a mandate of a shard.
    pub fn of_shard(&self, shard: u64) -> u64 {
        let shards = self.campaign.receipt_keys.len() as u64;
        let own = self.cast.iter().filter(|(_, mandate)| shard_of(mandate, shards) == shard);
        own.count() as u64
    }

    /// Adds a batch to both lists, each sorted.
    pub fn add(&mut self, batch: Vec<(Vote, Mandate)>) {
        let votes = batch.iter().map(|(vote, _)| vote.line()).collect();
        let voters = batch.iter().map(|(_, mandate)| mandate.voters_line()).collect();
        self.votes.extend(sorted(votes));
        self.voters.extend(sorted(voters));
        self.cast.extend(batch);
    }

    /// The next snapshot of the lists as they are now.
    pub fn snapshot(&mut self, told: Told, is_last: bool) -> Snapshot {
        let number = self.next;
        self.next += 1;
        let taken_at = self.campaign.start;
        Snapshot {
            campaign: self.campaign.name.clone(),
            election_id: self.campaign.election_id.clone(),
            is_last,
            number,
            stamps_issued: Vec::new(),
            taken_at,
            voters: self.state(List::Voters, number, told),
            votes: self.state(List::Votes, number, told),
            without: Vec::new(),
        }
    }

    fn state(&self, list: List, number: u64, told: Told) -> ListState {
        let bytes = match list {
            List::Votes => &self.votes,
            List::Voters => &self.voters,
        };
        let records = bytes.split_inclusive(|byte| *byte == b'\n').count() as u64;
        let digest = Digest::of(bytes);
        let none = ListState { bytes: None, commitment: None, digest: None, records };
        match told {
            Told::Digests => {
                ListState { bytes: Some(bytes.len() as u64), digest: Some(digest), ..none }
            }
            Told::Commitments => {
                let salt = secret(self.campaign.name.as_str(), "salt");
                let salt = SnapshotSalt::new(Secret::new(&salt));
                ListState { commitment: Some(salt.commit(number, list, &digest)), ..none }
            }
        }
    }

    /// What it reveals at the close.
    pub fn reveal(&self) -> Reveal {
        let key = |key: &canon::PublicKey| key.to_base64().parse().expect("a key");
        let name = self.campaign.name.as_str();
        Reveal {
            campaign: self.campaign.name.clone(),
            decoy_key: key(self.keys.decoy_key()),
            election_id: self.campaign.election_id.clone(),
            snapshot_salt: Salt::new(secret(name, "salt")),
            stamp_key: key(self.keys.stamp_key()),
            totp_seed: Salt::new(secret(name, "codes")),
        }
    }

    /// An acceptance of a stamp, with its signature.
    pub fn acceptance(&self, stamp: VoterStamp) -> (Acceptance, Vec<u8>) {
        let campaign = self.campaign.name.to_string();
        let acceptance = Acceptance { campaign, place: PLACE, stamp };
        let signature = self.sign_receipt(&acceptance.signed_text());
        (acceptance, signature)
    }

    /// A receipt that shows these stamps, one for each option, with its signature.
    pub fn receipt(&self, stamps: &[Option<VoterStamp>]) -> (Receipt, Vec<u8>) {
        let lines = stamps.iter().zip(&self.campaign.options).map(|(stamp, option)| {
            let stamp = stamp.map_or_else(|| "-".to_owned(), |stamp| stamp.to_string());
            format!("{stamp} {}", to_header(option.as_str()))
        });
        let (campaign, lines) = (self.campaign.name.to_string(), lines.collect());
        let receipt = Receipt { campaign, place: PLACE, lines };
        let signature = self.sign_receipt(&receipt.signed_text());
        (receipt, signature)
    }

    fn sign_receipt(&self, text: &str) -> Vec<u8> {
        let key = signer(self.campaign.name.as_str(), "receipts");
        key.sign(text.as_bytes()).expect("a signature")
    }
}

/// The shard of a mandate: the first eight bytes of its digest, modulo the number of shards.
fn shard_of(mandate: &Mandate, shards: u64) -> u64 {
    let digest = mandate.id().digest();
    let first = digest.as_bytes().first_chunk().map_or(0, |it| u64::from_be_bytes(*it));
    first % shards
}

/// The batch that receipts name.
const PLACE: Place = Place { shard: Shard(0), batch: 0 };

/// The vote with the first nonce that shows so much work.
pub fn worked(mut vote: Vote, bits: u64) -> Vote {
    let puzzle = vote.puzzle();
    let nonce =
        (0..=u64::MAX).map(Nonce::from).find(|nonce| u64::from(puzzle.score(nonce)) >= bits);
    vote.nonce = nonce.expect("a nonce");
    vote
}

/// The lines, sorted by their digests.
pub fn sorted(mut lines: Vec<String>) -> Vec<u8> {
    lines.sort_by_cached_key(|line| Digest::of(line.as_bytes()));
    lines.concat().into_bytes()
}

fn secret(campaign: &str, purpose: &str) -> [u8; 32] {
    Digest::of(format!("testkit campaign {campaign} {purpose}").as_bytes()).0
}

fn signer(campaign: &str, who: &str) -> PrivateKey {
    let seed = secret(campaign, &format!("key {who}"));
    PrivateKey::from_seed(Algorithm::Ed25519, &seed).expect("a key")
}

fn text(key: &PrivateKey) -> artifact::id::KeyText {
    key.public().to_base64().parse().expect("a key")
}
