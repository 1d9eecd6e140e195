//! A campaign that is closed without some of its shards.
//!
//! The last snapshot waits for every shard. One whose instance is gone for good, or has told what
//! cannot be, would hold it back for ever. So whoever runs the publisher may leave it out, once the
//! campaign is over: what it gave before stays, nothing more is taken of it, and the last snapshot
//! says so.
//!
//! ```text
//! state/without.json   {"campaign":"solar","without":[{"reason":"its disk burned","shard":1}]}
//! ```
//!
//! The file is written whole, beside a publisher that may be running, which reads it at each
//! barrier behind the end.

use std::io::{self, Read as _};
use std::sync::Arc;

use artifact::id::{GrammarError, Name};
use booth::campaign::{Campaign, Shard};
use canon::Timestamp;
use serde::{Deserialize, Serialize};
use service::disk::{Disk, FolderDisk};

use super::config::PublishConfig;
use super::error::PublishError;
use super::record::{LeftOut, Record};
use super::store::{self, StoreError};
use crate::campaign::CampaignError;

const NAME: &str = "without.json";
const STAGED: &str = "without.json.new";

/// Why a campaign is not closed without a shard.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// Voting goes on.
    #[error("the campaign ends at {end}: until then every shard can still come back")]
    TooEarly {
        /// Its end.
        end: Timestamp,
    },
    /// No shard of the campaign.
    #[error("there is no shard {shard}: the campaign has {shards}, counted from 0")]
    NoShard {
        /// What was asked for.
        shard: u16,
        /// How many there are.
        shards: u16,
    },
    /// A reason that no artifact can carry.
    #[error("the reason: {0}")]
    Reason(#[from] GrammarError),
    /// The last snapshot is taken.
    #[error("snapshot {number}, taken at {taken_at}, is the last one: nothing can be changed")]
    Closed {
        /// Its number.
        number: u64,
        /// When it was taken.
        taken_at: Timestamp,
    },
    /// What lies there is of another campaign, or of no form.
    #[error("{NAME} in the publisher's state folder is none that this campaign can have")]
    Form,
    /// The campaign file.
    #[error(transparent)]
    Campaign(#[from] CampaignError),
    /// The publisher's folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder cannot be had.
    #[error("{}: {source}", .path.display())]
    Folder {
        /// The folder.
        path: std::path::PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl CloseError {
    /// What to do.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::TooEarly { .. } => "come again after the end, and check this machine's clock",
            Self::NoShard { .. } => "/healthz of the publisher names the shard that it waits for",
            Self::Reason(_) => "say in one line what happened: everybody will read it",
            Self::Closed { .. } => "what it says of the shards stays as it is",
            Self::Form => "remove it, and say again which shards are left out",
            _ => "give the folder that `publish serve` serves, as the user that it runs as",
        }
    }
}

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Instruction {
    campaign: String,
    without: Vec<Without>,
}

/// A shard that is to be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Without {
    reason: Name,
    shard: u16,
}

impl Without {
    /// The shard.
    pub(super) const fn shard(&self) -> Shard {
        Shard(self.shard)
    }

    /// With what was taken of it before.
    pub(super) fn with(&self, records: u64) -> LeftOut {
        LeftOut { reason: self.reason.clone(), records, shard: self.shard }
    }
}

/// Says that the last snapshot of a campaign is to be taken without these shards too, for a reason;
/// all that are left out by now, with what is published of them.
pub fn close(
    config: &PublishConfig,
    shards: &[u16],
    reason: &str,
    now: Timestamp,
) -> Result<Vec<LeftOut>, CloseError> {
    let campaign = config.campaign_alone()?;
    let path = config.state();
    let disk = FolderDisk::open(&path)
        .map_err(|source| CloseError::Folder { path: path.clone(), source })?;
    let disk: Arc<dyn Disk> = Arc::new(disk);
    close_on(&*disk, &campaign, shards, reason, now)
}

/// The same on a publisher's disk.
pub fn close_on(
    disk: &dyn Disk,
    campaign: &Campaign,
    shards: &[u16],
    reason: &str,
    now: Timestamp,
) -> Result<Vec<LeftOut>, CloseError> {
    let end = campaign.end();
    if now < end {
        return Err(CloseError::TooEarly { end });
    }
    let all = campaign.shards();
    if let Some(shard) = shards.iter().copied().find(|shard| *shard >= all) {
        return Err(CloseError::NoShard { shard, shards: all });
    }
    let reason: Name = reason.parse()?;
    let records = store::records(disk)?;
    let last = records.last();
    if let Some(Record { number, taken_at, .. }) = last.filter(|last| last.is_last) {
        return Err(CloseError::Closed { number: *number, taken_at: *taken_at });
    }
    let mut without = read(disk, campaign)?;
    without.retain(|one| !shards.contains(&one.shard));
    for shard in shards {
        if without.iter().all(|one| one.shard != *shard) {
            without.push(Without { reason: reason.clone(), shard: *shard });
        }
    }
    without.sort_by_key(|one| one.shard);
    let taken = |shard: u16| {
        let taken = last.and_then(|last| last.shards.get(usize::from(shard)));
        taken.map_or(0, |taken| taken.records)
    };
    let left_out = without.iter().map(|one| one.with(taken(one.shard))).collect();
    write(disk, &Instruction { campaign: campaign.name().to_owned(), without })?;
    Ok(left_out)
}

fn write(disk: &dyn Disk, instruction: &Instruction) -> Result<(), CloseError> {
    let bytes = serde_json::to_vec(instruction).map_err(|_| CloseError::Form)?;
    let write = || {
        if disk.names()?.iter().any(|name| name == STAGED) {
            disk.remove(STAGED)?;
        }
        let mut file = disk.create(STAGED)?;
        file.append(&bytes)?;
        file.sync()?;
        disk.rename(STAGED, NAME)?;
        disk.sync_names()
    };
    Ok(write().map_err(store::failed("write", NAME))?)
}

/// The shards that are to be left out.
pub(super) fn read(disk: &dyn Disk, campaign: &Campaign) -> Result<Vec<Without>, CloseError> {
    let names = disk.names().map_err(store::failed("list", "the lists"))?;
    if !names.iter().any(|name| name == NAME) {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::new();
    let read = disk.read(NAME).and_then(|mut reader| reader.read_to_end(&mut bytes));
    read.map_err(store::failed("read", NAME))?;
    let said: Instruction = serde_json::from_slice(&bytes).map_err(|_| CloseError::Form)?;
    let follows = said.without.is_sorted_by(|one, next| one.shard < next.shard);
    let is_own = said.campaign == campaign.name()
        && said.without.iter().all(|one| one.shard < campaign.shards());
    if follows && is_own { Ok(said.without) } else { Err(CloseError::Form) }
}

impl From<CloseError> for PublishError {
    fn from(error: CloseError) -> Self {
        Self::Close(Box::new(error))
    }
}
