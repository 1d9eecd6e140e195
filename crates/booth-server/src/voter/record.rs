//! What a voter's device keeps of one vote, so that it can go on after a crash and show later what
//! it cast.
//!
//! Its form is that of [`booth::record`]; of a device's own nothing is left out.
//!
//! The file says how its holder voted. It has mode 0600 and is replaced whole.

use std::io;
use std::path::{Path, PathBuf};

use booth::campaign::{Campaign, Shard};
use booth::mandate::Mandate;
use booth::receipt::{Acceptance, Receipt, SignedAcceptance, SignedReceipt};
use booth::record::{Accepted, Receipted, RecordFault, RecordFile};
use booth::request::VoteRequest;
use booth::stamp::{PlatformStamp, VoterStamp};
use booth::vote::Vote;
use booth::work::Nonce;
use canon::Timestamp;
use service::disk;

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
    /// It is no record, or leaves out what the device has to go on with.
    #[error("{0}")]
    Form(#[from] RecordFault),
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
        let file = RecordFile::from_json(bytes)?;
        let missing = RecordFault::Field;
        let campaign = file.campaign.ok_or(missing("campaign"))?;
        let name = campaign_name(&campaign).ok_or(missing("campaign"))?;
        let stamp = file.stamp;
        let record = Record {
            stamped: file.stamped.ok_or(missing("stamped"))?,
            platform: file.platform.ok_or(missing("p_utc"))?,
            stamp,
            say: file.say.ok_or(missing("say"))?,
            nonce: file.nonce,
            mandate: file.mandate,
            acceptance: file.accepted.map(|it| SignedAcceptance {
                acceptance: Acceptance { campaign: name.clone(), place: it.place, stamp },
                signature: it.signature,
            }),
            receipt: file.receipt.map(|it| SignedReceipt {
                receipt: Receipt { campaign: name.clone(), place: it.place, lines: it.lines },
                signature: it.signature,
            }),
        };
        let edge = file.edge.ok_or(missing("edge"))?;
        Ok(Self { edge, roots: file.roots.map(PathBuf::from), campaign, record })
    }

    /// The bytes of the file.
    ///
    /// # Panics
    /// Never: texts and numbers can be written as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        let Self { edge, roots, campaign, record } = self;
        let file = RecordFile {
            edge: Some(edge.clone()),
            // A path that is no text names no file that could be found again.
            roots: roots.as_ref().map(|path| path.to_string_lossy().into_owned()),
            campaign: Some(campaign.clone()),
            stamped: Some(record.stamped),
            platform: Some(record.platform),
            stamp: record.stamp,
            say: Some(record.say.clone()),
            nonce: record.nonce,
            mandate: record.mandate,
            accepted: record.acceptance.as_ref().map(|signed| Accepted {
                place: signed.acceptance.place,
                signature: signed.signature.clone(),
            }),
            receipt: record.receipt.as_ref().map(|signed| Receipted {
                place: signed.receipt.place,
                lines: signed.receipt.lines.clone(),
                signature: signed.signature.clone(),
            }),
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

/// The name that a campaign file gives, which the signatures are about.
fn campaign_name(text: &str) -> Option<String> {
    let table: toml::Table = toml::from_str(text).ok()?;
    table.get("name")?.as_str().map(str::to_owned)
}
