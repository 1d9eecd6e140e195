//! A log, as the publisher speaks to it, and what is written there.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use artifact::admit::{self, Founded};
use artifact::id::GrammarError;
use artifact::payload::platform::{Campaign, Commitments};
use artifact::payload::{self, SignPayloadError};
use artifact::register::Standing;
use artifact::role::Role;
use booth::campaign::Shard;
use booth::station::{Field, FieldError, Misfit};
use bytes::Bytes;
use canon::{Digest, KeyError, PrivateKey, Signer};
use serde::Deserialize;
use service::config::{Secret, SecretError};
use zeroize::Zeroizing;

use super::config::Rules;

/// A log. Calls block.
pub trait Log: Send + Sync {
    /// Submits an artifact; the very same bytes may come again. The promise was held against the
    /// charter, and against what the log has published.
    fn add(&self, artifact: &[u8]) -> Result<Placed, Unplaced>;
}

/// Where an artifact stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The entry's index.
    pub index: u64,
    /// The log's signed promise, as it came.
    pub promise: Vec<u8>,
}

/// Why an artifact is not known to stand in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unplaced {
    /// No answer, or one that says to come again.
    #[error("the log does not answer: {why}")]
    Away {
        /// What happened.
        why: String,
    },
    /// The log will not have it as it is.
    #[error("the log refuses ({word}): {why}")]
    Refused {
        /// The stable word.
        word: String,
        /// What it said.
        why: String,
    },
    /// An answer that does not hold, or cannot be judged yet. It is kept.
    #[error("what the log answered does not hold: {why}")]
    Evidence {
        /// What is wrong with it.
        why: String,
        /// The answer.
        answer: Vec<u8>,
    },
}

/// The table `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// Where the log is.
    pub url: String,
    /// The signed charter, by which promises are judged.
    pub charter: PathBuf,
    /// The encrypted key that signs for the platform.
    pub key: PathBuf,
    /// Its passphrase.
    pub passphrase: Secret,
    /// The deployment map, whose digest is committed.
    #[serde(default)]
    pub deployment_map: Option<PathBuf>,
    /// Where what is revealed is put after the close.
    #[serde(default = "reveal")]
    pub reveal: PathBuf,
    /// Milliseconds for an answer.
    #[serde(default = "patience")]
    pub answer_ms: u64,
}

fn reveal() -> PathBuf {
    "reveal.json".into()
}

const fn patience() -> u64 {
    10_000
}

/// Where a log is, and what is known of it.
#[derive(Debug, Clone)]
pub struct LogTarget {
    /// Its address.
    pub url: String,
    /// The charter of the election, with the keys that it names.
    pub founded: Founded,
    /// For how long an answer is waited for.
    pub patience: Duration,
}

/// What signs for the platform, and what it signs first. Clones share it.
#[derive(Debug, Clone)]
pub struct LogParts {
    pub(super) key: Arc<PrivateKey>,
    /// The first artifact.
    pub(super) campaign: Campaign,
    pub(super) reveal: PathBuf,
    /// The deployment map, whose digest the first artifact has.
    pub(super) map: Option<Bytes>,
}

/// Why a table `[log]` is refused.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// A file that cannot be read.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The charter is none.
    #[error("{}: {why}", .path.display())]
    Charter {
        /// The file.
        path: PathBuf,
        /// Why.
        why: Box<admit::Refusal>,
    },
    /// The deployment map is none.
    #[error("{}: {source}", .path.display())]
    Map {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: FieldError,
    },
    /// The deployment map is of another campaign.
    #[error("{}: {}", .path.display(), told(.misfits))]
    OtherMap {
        /// The file.
        path: PathBuf,
        /// In what it does not go with the campaign.
        misfits: Vec<Misfit>,
    },
    /// The passphrase cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The key cannot be opened.
    #[error("{}: {source}", .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// A key for something else.
    #[error("{}: the charter knows this key for the role {role}, not platform", .path.display())]
    Role {
        /// The file.
        path: PathBuf,
        /// What it is for.
        role: Role,
    },
    /// The charter is of another election, or for another purpose.
    #[error("the charter is for the {what} {charter}, and the campaign for {campaign}")]
    Other {
        /// What differs.
        what: &'static str,
        /// What the charter says.
        charter: String,
        /// What is configured here.
        campaign: String,
    },
    /// A campaign file that does not commit to something.
    #[error(
        "the campaign file does not commit to what is revealed at the close ({field} is missing)"
    )]
    NotCommitted {
        /// The field.
        field: &'static str,
    },
    /// An option that no artifact can carry.
    #[error(transparent)]
    Option(#[from] GrammarError),
    /// A campaign that no artifact can carry.
    #[error("the campaign cannot be written on the log: {0}")]
    Payload(#[from] SignPayloadError),
    /// A program that cannot submit.
    #[error("there is a log, and this program has nothing to speak to it with")]
    NoClient,
}

impl LogEntry {
    /// Reads all that is named.
    pub(super) fn parts(&self, rules: &Rules, base: &Path) -> Result<LogParts, LogFault> {
        let founded = self.charter(rules, base)?;
        let key = self.key(&founded, base)?;
        let map = self.map(rules, base)?;
        let campaign = campaign(rules, map.as_ref().map(|bytes| Digest::of(bytes)))?;
        // What cannot be signed is found now, and not when the campaign opens.
        payload::sign(&campaign, &[&key as &dyn Signer])?;
        let (key, map) = (Arc::new(key), map.map(Bytes::from));
        Ok(LogParts { key, campaign, reveal: base.join(&self.reveal), map })
    }

    /// Where the log is.
    pub(super) fn target(&self, rules: &Rules, base: &Path) -> Result<LogTarget, LogFault> {
        let patience = Duration::from_millis(self.answer_ms);
        Ok(LogTarget { url: self.url.clone(), founded: self.charter(rules, base)?, patience })
    }

    /// The map, which goes with the campaign as far as can be told without secrets.
    /// Days that are missing may come with a later map.
    fn map(&self, rules: &Rules, base: &Path) -> Result<Option<Vec<u8>>, LogFault> {
        let Some(path) = self.deployment_map.as_ref().map(|path| base.join(path)) else {
            return Ok(None);
        };
        let bytes = read(&path)?;
        let text = std::str::from_utf8(&bytes).unwrap_or("\u{fffd}");
        let field: Field = match text.parse() {
            Ok(field) => field,
            Err(source) => return Err(LogFault::Map { path, source }),
        };
        let mut misfits = field.misfits(&rules.campaign);
        misfits.retain(|misfit| !misfit.is_for_later());
        if !misfits.is_empty() {
            return Err(LogFault::OtherMap { path, misfits });
        }
        Ok(Some(bytes))
    }

    fn charter(&self, rules: &Rules, base: &Path) -> Result<Founded, LogFault> {
        let path = base.join(&self.charter);
        let bytes = read(&path)?;
        let founded =
            admit::found(&bytes).map_err(|why| LogFault::Charter { path, why: Box::new(why) })?;
        let charter = &founded.charter;
        let (election, purpose) = (&rules.election_id, rules.campaign.purpose());
        let same = |what, charter: String, campaign: String| {
            let fault =
                LogFault::Other { what, charter: charter.clone(), campaign: campaign.clone() };
            if charter == campaign { Ok(()) } else { Err(fault) }
        };
        same("election", charter.election_id.to_string(), election.to_string())?;
        same("purpose", charter.purpose.to_string(), purpose.to_string())?;
        Ok(founded)
    }

    /// The key; one that the charter does not name may be named by an amendment.
    fn key(&self, founded: &Founded, base: &Path) -> Result<PrivateKey, LogFault> {
        let passphrase = self.passphrase.read(base)?;
        let path = base.join(&self.key);
        let pem = Zeroizing::new(read(&path)?);
        let text = std::str::from_utf8(&pem).unwrap_or_default();
        let key = match PrivateKey::from_encrypted_pem(text, &passphrase) {
            Ok(key) => key,
            Err(source) => return Err(LogFault::Key { path, source }),
        };
        let role = match founded.register.key_at(&key.public().id(), 1) {
            Standing::InForce(known) => known.role,
            _ => Role::Platform,
        };
        if role == Role::Platform { Ok(key) } else { Err(LogFault::Role { path, role }) }
    }
}

fn told(misfits: &[Misfit]) -> String {
    misfits.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, LogFault> {
    std::fs::read(path).map_err(|source| LogFault::File { path: path.to_path_buf(), source })
}

/// What the campaign commits to, as its file says.
pub(super) fn commitments(rules: &Rules) -> Result<Commitments, LogFault> {
    let campaign = &rules.campaign;
    let named =
        |field, digest: Option<&Digest>| digest.copied().ok_or(LogFault::NotCommitted { field });
    Ok(Commitments {
        decoy_key: named("decoy_key_sha256", campaign.decoy_key_sha256())?,
        snapshot_salt: named("snapshot_salt_sha256", campaign.snapshot_salt_sha256())?,
        stamp_key: named("stamp_key_sha256", campaign.stamp_key_sha256())?,
        totp_seed: named("totp_seed_sha256", campaign.totp_seed_sha256())?,
    })
}

/// The artifact of a campaign.
fn campaign(rules: &Rules, deployment_map: Option<Digest>) -> Result<Campaign, LogFault> {
    let own = &rules.campaign;
    let key = |key: &canon::PublicKey| key.to_base64().parse().ok();
    let receipts = (0..own.shards()).filter_map(|shard| own.receipt_key(Shard(shard)));
    Ok(Campaign {
        authorities: own.authorities().keys().iter().filter_map(key).collect(),
        commitments: commitments(rules)?,
        deployment_map,
        election_id: rules.election_id.clone(),
        end: own.end(),
        k: u64::from(own.k()),
        link_auditors: own
            .link_auditors()
            .iter()
            .filter_map(|one| one.to_string().parse().ok())
            .collect(),
        name: rules.name.clone(),
        options: own.options().iter().map(|name| name.parse()).collect::<Result<_, _>>()?,
        purpose: own.purpose(),
        receipt_keys: receipts.filter_map(key).collect(),
        remote_of: own.remote_of().map(str::parse).transpose()?,
        stamp_period_s: own.stamp_period_s(),
        start: own.start(),
        stations: own.stations().iter().filter_map(|one| one.as_str().parse().ok()).collect(),
        work_bits: u64::from(own.work_bits()),
    })
}
