//! A twin of the campaign's election, for another publisher: a charter of the same rules, and a log
//! with witnesses. The log is the real one; it runs in this process and nobody asks it over HTTP,
//! so its keys need no files.
//!
//! ```text
//! booth/<name>/
//!     log/            what the log keeps
//!     bundle/         what it has published, exported
//!     anchor.toml     what a verifier gets from outside
//! ```

mod watcher;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use artifact::admit;
use artifact::anchor::Anchor;
use artifact::bundle::{self, FolderSink, FolderSource};
use artifact::payload::{self, CitedHead, PayloadType};
use bytes::Bytes;
use canon::{PrivateKey, Signer};
use log_server::log::{Description, Log, LogKeys, Parts, Settings, Submission};
use service::clock::SystemClock;
use service::disk::FolderDisk;
use service::metrics::Metrics;
use service::store::{Before, Store};
use tlog::note::{KeyType, NoteSigner};

use super::election::ORIGIN;
use crate::demo::charter::{self, CAMPAIGN};
use crate::demo::{records, world};
use watcher::Watchers;

/// A head is published when somebody asks for it, and not before.
const HEAD_INTERVAL: Duration = Duration::from_hours(1);

/// An election whose log takes what its platform tells.
pub(super) struct Twin {
    /// Where everything of it lies.
    pub(super) folder: PathBuf,
    log: Log,
    anchor: Anchor,
    clerk: PrivateKey,
    /// The key that the publisher holds.
    pub(super) platform: PrivateKey,
}

impl Twin {
    /// Makes keys and charter, and opens a log in a new folder.
    pub(super) async fn open(folder: PathBuf) -> anyhow::Result<Self> {
        let (clerk, platform) = (world::fresh_key()?, world::fresh_key()?);
        let (keys, description) = log_keys()?;
        let watchers = Watchers::new(&description)?;
        let publics = (clerk.public(), platform.public());
        let charter = charter::of_campaign(world::now()?, publics, &description, &watchers.keys())?;
        let signed = payload::sign(&charter, &[&clerk as &dyn Signer])?;
        let founded = admit::found(&signed)?;
        let anchor = Anchor::from_charter(&founded.charter, founded.register.charter_digest());
        let log = Log::open(parts(&folder.join("log"), keys, signed.into(), watchers)?).await?;
        std::fs::write(folder.join("anchor.toml"), anchor.to_toml()?)?;
        Ok(Self { folder, log, anchor, clerk, platform })
    }

    /// Signs what the publisher says with the platform's key, and has the log take it.
    pub(super) async fn tell<P: PayloadType>(&self, payload: &P) -> anyhow::Result<()> {
        self.add(payload, &self.platform).await
    }

    async fn add<P: PayloadType>(&self, payload: &P, key: &PrivateKey) -> anyhow::Result<()> {
        let artifact = payload::sign(payload, &[key as &dyn Signer])?;
        let submission = Submission { artifact: Bytes::from(artifact), files: Vec::new() };
        let taken = self.log.submit(submission).await;
        taken.with_context(|| format!("the log did not take {}", P::KIND.as_str()))?;
        Ok(())
    }

    /// Closes the election and exports what the log has published: the folder, and the anchor.
    pub(super) async fn close(self) -> anyhow::Result<(PathBuf, Anchor)> {
        let cited = self.head().await?;
        let close = records::close(CAMPAIGN, self.log.size(), cited)?;
        self.add(&close, &self.clerk).await?;
        self.head().await?;
        self.log.close().await?;
        let source = FolderSource::open(self.folder.join("log/published"))?;
        let bundle = self.folder.join("bundle");
        bundle::export(&source, &mut FolderSink::create(&bundle)?)?;
        Ok((bundle, self.anchor))
    }

    /// Has a head over everything signed and cosigned.
    async fn head(&self) -> anyhow::Result<CitedHead> {
        let published = self.log.publish().await?;
        anyhow::ensure!(published.is_witnessed, "the head is short of its witnesses");
        Ok(CitedHead { root_hash: published.head.root, tree_size: published.head.size })
    }
}

/// New keys of a log, and what its charter says of them.
fn log_keys() -> anyhow::Result<(LogKeys, Description)> {
    let note = |kind| -> anyhow::Result<NoteSigner> {
        Ok(NoteSigner::from_key(ORIGIN, kind, Arc::new(world::fresh_key()?))?)
    };
    let (checkpoint, timestamp) = (note(KeyType::Ed25519)?, note(KeyType::Cosignature)?);
    let promise = world::fresh_key()?;
    let description = Description {
        checkpoint_key: checkpoint.verifier().to_string(),
        origin: ORIGIN.to_owned(),
        promise_key: promise.public().clone(),
        timestamp_key: timestamp.verifier().to_string(),
    };
    Ok((LogKeys { checkpoint, timestamp, promise, earlier: Vec::new() }, description))
}

fn parts(home: &Path, keys: LogKeys, charter: Bytes, watchers: Watchers) -> anyhow::Result<Parts> {
    Ok(Parts {
        keys,
        charter,
        disk: Arc::new(FolderDisk::open(&home.join("wal"))?),
        store: Store::folder(&home.join("published"), Before::EndedInOrder)?,
        withheld: Store::private_folder(&home.join("withheld"), Before::EndedInOrder)?,
        clock: Arc::new(SystemClock),
        reach: Arc::new(watchers),
        settings: Settings {
            head_interval: HEAD_INTERVAL,
            clock_checked: true,
            ..Settings::default()
        },
        metrics: Metrics::new(),
    })
}
