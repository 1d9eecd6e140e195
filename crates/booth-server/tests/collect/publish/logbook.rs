//! A log in memory, and the configuration of a publisher that tells it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use artifact::charter::Purpose;
use artifact::role::Role;
use booth_server::publish::{Log, Placed, Unplaced};
use canon::{Digest, PrivateKey, SignedBytes, Timestamp};
use service::config::Override;
use testkit::election::{Election, Plan};

use crate::instance::Platform;

/// How the log takes the next artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// It is not reached.
    Away,
    /// It takes it, and the answer is lost.
    Lost,
    /// It refuses.
    Refuses(&'static str),
    /// It promises what does not hold.
    Lies,
}

/// A log that takes each statement once, in the order in which they come.
#[derive(Default)]
pub(super) struct Logbook {
    entries: Mutex<Vec<Vec<u8>>>,
    /// What the entries state, whoever has signed it.
    statements: Mutex<BTreeSet<Digest>>,
    moods: Mutex<VecDeque<Mood>>,
    /// What it has promised.
    promises: Mutex<Vec<Vec<u8>>>,
    /// The time of its promises; without, they are of no form.
    clock: Mutex<Option<Timestamp>>,
}

impl Logbook {
    pub(super) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// How the next submissions fare; those behind them are taken.
    pub(super) fn fare(&self, moods: &[Mood]) {
        *self.moods.lock().unwrap() = moods.iter().copied().collect();
    }

    /// Lets it promise what a log does, at this time.
    pub(super) fn at(&self, now: Timestamp) {
        *self.clock.lock().unwrap() = Some(now);
    }

    /// All that it has promised, whether or not anybody heard of it.
    pub(super) fn promises(&self) -> Vec<Vec<u8>> {
        self.promises.lock().unwrap().clone()
    }

    /// The kinds and payloads, in their order.
    pub(super) fn told(&self) -> Vec<(String, serde_json::Value)> {
        let entries = self.entries.lock().unwrap();
        let read = |bytes: &Vec<u8>| {
            let envelope = SignedBytes::parse(bytes).unwrap();
            (envelope.kind.to_owned(), envelope.payload_as().unwrap())
        };
        entries.iter().map(read).collect()
    }

    /// The snapshots among them.
    pub(super) fn snapshots(&self) -> Vec<serde_json::Value> {
        let told = self.told().into_iter();
        told.filter(|(kind, _)| kind == "snapshot/v1").map(|(_, payload)| payload).collect()
    }

    /// The keys that have signed.
    pub(super) fn signers(&self) -> Vec<String> {
        let entries = self.entries.lock().unwrap();
        let signer =
            |bytes: &Vec<u8>| SignedBytes::parse(bytes).unwrap().signatures[0].key_id.to_string();
        entries.iter().map(signer).collect()
    }
}

impl Log for Logbook {
    fn add(&self, artifact: &[u8]) -> Result<Placed, Unplaced> {
        let mood = self.moods.lock().unwrap().pop_front();
        match mood {
            Some(Mood::Away) => return Err(Unplaced::Away { why: "gone".to_owned() }),
            Some(Mood::Refuses(word)) => {
                return Err(Unplaced::Refused { word: word.to_owned(), why: "no".to_owned() });
            }
            Some(Mood::Lies) => {
                let answer = b"a promise for another log".to_vec();
                return Err(Unplaced::Evidence { why: "another log".to_owned(), answer });
            }
            Some(Mood::Lost) | None => {}
        }
        let mut entries = self.entries.lock().unwrap();
        let index = entries.iter().position(|entry| entry == artifact).unwrap_or_else(|| {
            let own = SignedBytes::parse(artifact).unwrap().statement();
            assert!(self.statements.lock().unwrap().insert(own), "said twice");
            entries.push(artifact.to_vec());
            entries.len() - 1
        });
        if mood == Some(Mood::Lost) {
            return Err(Unplaced::Away { why: "the answer is lost".to_owned() });
        }
        let promise = match *self.clock.lock().unwrap() {
            Some(now) => {
                Election::new(Plan::default()).promise(index as u64, Digest::of(artifact), now)
            }
            None => format!("promise for {}", Digest::of(artifact)).into_bytes(),
        };
        self.promises.lock().unwrap().push(promise.clone());
        Ok(Placed { index: index as u64, promise })
    }
}

/// An election whose platform signs, and the flags by which a publisher tells its log.
pub(super) struct Telling {
    pub(super) election: Election,
    pub(super) flags: Vec<Override>,
}

/// The table `[log]`.
const TABLE: &str = "url = \"http://log.invalid\"\ncharter = \"charter.json\"\n\
                     key = \"platform.pem\"\npassphrase = { file = \"platform-passphrase\" }\n";

impl Telling {
    #[expect(clippy::unused_self, reason = "it is what this one is configured by")]
    pub(super) const fn table(&self) -> &'static str {
        TABLE
    }

    pub(super) fn new(platform: &Platform, purpose: Purpose) -> Self {
        let mut plan = Plan { election_id: "solar".to_owned(), ..Plan::default() };
        for holder in ["platform", "platform-later"] {
            plan.holders.push((holder, "operators", Role::Platform));
        }
        let mut election = Election::new(plan);
        election.charter.purpose = purpose;
        let charter = election.sign("charter/v1", &election.charter, &["clerk"]);
        std::fs::write(platform.path("publish/charter.json"), charter).unwrap();
        write(platform, "publish/platform-passphrase", b"correct horse");
        let table: toml::Table = toml::from_str(TABLE).unwrap();
        let telling = Self { election, flags: vec![Override::new("log", table)] };
        telling.sign_as(platform, "platform");
        telling
    }

    /// Lets a holder's key sign from the next start on.
    pub(super) fn sign_as(&self, platform: &Platform, holder: &str) {
        let key: PrivateKey = self.election.keys.key(holder);
        let pem = key.to_encrypted_pem(b"correct horse", &mut service::random::system()).unwrap();
        let path = platform.path("publish/platform.pem");
        let _ = std::fs::remove_file(path);
        write(platform, "publish/platform.pem", pem.as_bytes());
    }
}

fn write(platform: &Platform, name: &str, bytes: &[u8]) {
    service::disk::write_private(&platform.path(name), bytes).unwrap();
}
