//! What a voter's device keeps of one vote, so that it can go on after a crash and show later what
//! it cast.
//!
//! ```text
//! {
//!   "form": "scrutineer/vote-record/v1",
//!   "edge": "https://solar.example.org",
//!   "roots": "/etc/solar/roots.pem",      only where some were named
//!   "campaign": "<the campaign file, whole>",
//!   "stamped": "2026-11-03T09:00:00Z",
//!   "p_utc": "1762153200",  "p_sig": "<base64>",  "stamp": "AAKQ-...",  "say": "Bold Jupiter",
//!   "nonce": "8000000054e12cba",          absent until the work is done
//!   "mandate": "<token>",                 absent until it is typed
//!   "accepted": { "place": "0/12", "signature": "<base64>" },
//!   "receipt": { "place": "0/12", "lines": ["<stamp> <option>", ...], "signature": "<base64>" }
//! }
//! ```
//!
//! The file says how its holder voted. It has mode 0600 and is replaced whole.

use std::io;
use std::path::{Path, PathBuf};

use booth::campaign::{Campaign, Period, Shard};
use booth::mandate::Mandate;
use booth::receipt::{Acceptance, Place, Receipt, SignedAcceptance, SignedReceipt};
use booth::request::VoteRequest;
use booth::stamp::{PlatformStamp, VoterStamp};
use booth::vote::Vote;
use booth::work::Nonce;
use canon::{Timestamp, base64};
use serde::{Deserialize, Serialize};
use service::disk;

/// The name of the form.
const FORM: &str = "scrutineer/vote-record/v1";

/// The largest file that is read: a campaign file, and a receipt of 99 long lines.
pub const MAX_RECORD_BYTES: u64 = 1 << 20;

/// A vote on its way, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When the stamps came, by the device's clock.
    pub stamped: Timestamp,
    /// The platform's stamp.
    pub platform: PlatformStamp,
    /// The voter's stamp.
    pub stamp: VoterStamp,
    /// The option.
    pub say: String,
    /// The nonce, once the work is done.
    pub nonce: Option<Nonce>,
    /// The mandate, once it is typed.
    pub mandate: Option<Mandate>,
    /// The acceptance, once it has come and holds.
    pub acceptance: Option<SignedAcceptance>,
    /// The receipt, once it has come and holds.
    pub receipt: Option<SignedReceipt>,
}

impl Record {
    /// The vote, once the work is done.
    pub fn vote(&self) -> Option<Vote> {
        let Self { platform, stamp, say, .. } = self;
        let nonce = self.nonce?;
        Some(Vote { platform: *platform, stamp: *stamp, nonce, say: say.clone() })
    }

    /// The request, once it is whole. It never changes then.
    pub fn request(&self) -> Option<VoteRequest> {
        Some(VoteRequest { vote: self.vote()?, mandate: self.mandate? })
    }

    /// The shard that the vote belongs to.
    pub fn shard(&self, campaign: &Campaign) -> Option<Shard> {
        self.mandate.map(|mandate| campaign.shard_of(mandate.id()))
    }
}

/// A record with where it was going: all that it takes to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRecord {
    /// The edge's address.
    pub edge: String,
    /// The roots by which its certificate is judged.
    pub roots: Option<PathBuf>,
    /// The campaign file, whole.
    pub campaign: String,
    /// The vote.
    pub record: Record,
}

/// Why a file holds no record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file could not be read.
    #[error("{0}")]
    Read(#[from] io::Error),
    /// It is too large.
    #[error("it is larger than {MAX_RECORD_BYTES} bytes, which no record is")]
    TooLarge,
    /// It is no JSON of this form.
    #[error("it is no record of a vote: {0}")]
    Json(canon::JsonError),
    /// It has another form, or another version of it.
    #[error("its form is {0:?}, and {FORM:?} is read")]
    Version(String),
    /// A field does not hold what it should.
    #[error("its field {0} does not have its form")]
    Field(&'static str),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    form: String,
    edge: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    roots: Option<PathBuf>,
    campaign: String,
    stamped: Timestamp,
    p_utc: String,
    p_sig: String,
    stamp: String,
    say: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mandate: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accepted: Option<Accepted>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipted>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    place: String,
    signature: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Receipted {
    place: String,
    lines: Vec<String>,
    signature: String,
}

impl KeptRecord {
    /// The record in a file. Signatures within are not judged here.
    pub fn read(path: &Path) -> Result<Self, RecordError> {
        if std::fs::metadata(path)?.len() > MAX_RECORD_BYTES {
            return Err(RecordError::TooLarge);
        }
        Self::from_json(&std::fs::read(path)?)
    }

    /// The record of a file's bytes.
    pub fn from_json(bytes: &[u8]) -> Result<Self, RecordError> {
        let file: File = canon::json::from_strict(bytes).map_err(RecordError::Json)?;
        if file.form != FORM {
            return Err(RecordError::Version(file.form));
        }
        let campaign = campaign_name(&file.campaign).ok_or(RecordError::Field("campaign"))?;
        let stamp: VoterStamp = file.stamp.parse().map_err(|_| RecordError::Field("stamp"))?;
        let signature = signature(&file.p_sig).ok_or(RecordError::Field("p_sig"))?;
        let period = Period::from_text(&file.p_utc).ok_or(RecordError::Field("p_utc"))?;
        let nonce = file.nonce.as_deref().map(str::parse::<Nonce>).transpose();
        let mandate = file.mandate.as_deref().map(Mandate::from_token).transpose();
        let acceptance = file.accepted.map(|accepted| accepted.read(&campaign, stamp)).transpose();
        let receipt = file.receipt.map(|receipt| receipt.read(&campaign)).transpose();
        let record = Record {
            stamped: file.stamped,
            platform: PlatformStamp { period, signature },
            stamp,
            say: file.say,
            nonce: nonce.map_err(|_| RecordError::Field("nonce"))?,
            mandate: mandate.map_err(|_| RecordError::Field("mandate"))?,
            acceptance: acceptance?,
            receipt: receipt?,
        };
        Ok(Self { edge: file.edge, roots: file.roots, campaign: file.campaign, record })
    }

    /// The bytes of the file.
    ///
    /// # Panics
    /// Never: texts and numbers can be written as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let Self { edge, roots, campaign, record } = self;
        let accepted = record.acceptance.as_ref().map(|signed| Accepted {
            place: signed.acceptance.place.to_string(),
            signature: base64::encode(&signed.signature),
        });
        let receipt = record.receipt.as_ref().map(|signed| Receipted {
            place: signed.receipt.place.to_string(),
            lines: signed.receipt.lines.clone(),
            signature: base64::encode(&signed.signature),
        });
        let file = File {
            form: FORM.to_owned(),
            edge: edge.clone(),
            roots: roots.clone(),
            campaign: campaign.clone(),
            stamped: record.stamped,
            p_utc: record.platform.period.to_string(),
            p_sig: record.platform.signature_text(),
            stamp: record.stamp.to_string(),
            say: record.say.clone(),
            nonce: record.nonce.map(|nonce| nonce.to_string()),
            mandate: record.mandate.map(|mandate| mandate.token()),
            accepted,
            receipt,
        };
        let mut bytes = serde_json::to_vec_pretty(&file).unwrap_or_default();
        assert!(!bytes.is_empty(), "texts and numbers can be written as JSON");
        bytes.push(b'\n');
        bytes
    }

    /// Writes the file anew: it is there whole or as it was, for its owner only, and on disk.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut staged = path.as_os_str().to_owned();
        staged.push(".new");
        let staged = PathBuf::from(staged);
        match std::fs::remove_file(&staged) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        disk::write_private(&staged, &self.to_json())?;
        std::fs::rename(&staged, path)?;
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => disk::sync_folder(parent),
            _ => disk::sync_folder(Path::new(".")),
        }
    }
}

impl Accepted {
    fn read(self, campaign: &str, stamp: VoterStamp) -> Result<SignedAcceptance, RecordError> {
        let (place, signature) = place_and_signature(&self.place, &self.signature)
            .ok_or(RecordError::Field("accepted"))?;
        let acceptance = Acceptance { campaign: campaign.to_owned(), place, stamp };
        Ok(SignedAcceptance { acceptance, signature })
    }
}

impl Receipted {
    fn read(self, campaign: &str) -> Result<SignedReceipt, RecordError> {
        let (place, signature) = place_and_signature(&self.place, &self.signature)
            .ok_or(RecordError::Field("receipt"))?;
        let receipt = Receipt { campaign: campaign.to_owned(), place, lines: self.lines };
        Ok(SignedReceipt { receipt, signature })
    }
}

fn place_and_signature(place: &str, text: &str) -> Option<(Place, Vec<u8>)> {
    Some((place.parse().ok()?, signature(text)?.to_vec()))
}

fn signature(text: &str) -> Option<[u8; 64]> {
    base64::decode(text.as_bytes())?.try_into().ok()
}

/// The name that a campaign file gives, which the signatures are about.
fn campaign_name(text: &str) -> Option<String> {
    let table: toml::Table = toml::from_str(text).ok()?;
    table.get("name")?.as_str().map(str::to_owned)
}
