//! Telling the log: the campaign, each snapshot, and after the close what was committed to.
//!
//! One after the other, in this order, from what stands on the publisher's disk. Snapshots are
//! taken meanwhile, whatever the log does.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use artifact::payload::{self, PayloadType, SignPayloadError};
use bytes::Bytes;
use canon::Signer;
use service::clock::Clock;
use service::disk::Disk;
use service::stop::Stop;

use super::config::{PublishConfig, Rules};
use super::error::PublishError;
use super::figures::Figures;
use super::log::{Log, LogParts, Unplaced};
use super::outbox::{Outbox, RulesTold, Told, What};
use super::publisher::Publisher;
use super::reveal::{self, RevealError};
use super::store::StoreError;
use super::view::View;

/// The shortest and the longest pause after a failure.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];

/// Seconds before the end that is in force from which on it is told that another one waits.
const NEAR_S: u64 = 1_800;

/// How often it is looked for what is to be revealed.
const LOOK: Duration = Duration::from_secs(5);

/// Why the log is not told.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The publisher's own disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log.
    #[error(transparent)]
    Log(#[from] Unplaced),
    /// What is to be revealed is not what was committed to.
    #[error(transparent)]
    Reveal(#[from] RevealError),
    /// An artifact cannot be signed.
    #[error(transparent)]
    Sign(#[from] SignPayloadError),
    /// The task has panicked.
    #[error("a part of the publisher has panicked")]
    Ended,
}

impl CommitError {
    /// What to do.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Log(Unplaced::Away { .. }) => "nothing is lost: it is sent again by itself",
            Self::Log(Unplaced::Refused { .. }) => {
                "nothing further is sent before the log takes this; docs/spec/log-api.md lists \
                 the words"
            }
            Self::Log(Unplaced::Evidence { .. }) => {
                "the answer is kept in the state folder as evidence-N.json: show it to the \
                 witnesses, if charter and clock are right"
            }
            Self::Reveal(_) => "make the file anew: scrutineer publish reveal",
            _ => "docs/operate/publish.md says what to do",
        }
    }
}

/// How the log has been told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Artifacts that the log has.
    pub placed: u64,
    /// Artifacts that wait.
    pub waiting: u64,
    /// Whether the last attempt failed.
    pub is_failing: bool,
}

/// What tells the log, without its timer.
pub struct Committer {
    parts: LogParts,
    rules: Rules,
    log: Arc<dyn Log>,
    publisher: Arc<Publisher>,
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    figures: Figures,
    /// None after a write has failed: what is on the disk has to be read again.
    outbox: Mutex<Option<Outbox>>,
    standing: Mutex<(Told, bool)>,
}

impl Committer {
    /// What tells a log of what a publisher shows, on the publisher's disk.
    pub fn new(
        config: &PublishConfig,
        parts: (LogParts, Arc<dyn Log>),
        publisher: Arc<Publisher>,
        disk: Arc<dyn Disk>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PublishError> {
        let rules = config.rules_alone()?;
        Ok(Self::open(parts, rules, publisher, disk, clock, Figures::new())?)
    }

    /// Opens what the log was told; nobody is asked yet.
    pub(super) fn open(
        (parts, log): (LogParts, Arc<dyn Log>),
        rules: Rules,
        publisher: Arc<Publisher>,
        disk: Arc<dyn Disk>,
        clock: Arc<dyn Clock>,
        figures: Figures,
    ) -> Result<Self, StoreError> {
        let outbox = Outbox::open(&disk)?;
        let told = outbox.told().clone();
        let (outbox, standing) = (Mutex::new(Some(outbox)), Mutex::default());
        let own = Self { parts, rules, log, publisher, disk, clock, figures, outbox, standing };
        if told.campaign.is_none() && own.clock.now() >= own.rules.campaign.start() {
            tracing::warn!("the campaign has begun, and the log was not told of its rules before");
        }
        own.stand(&told, false);
        Ok(own)
    }

    /// How the log has been told.
    pub fn standing(&self) -> Standing {
        let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let (told, is_failing) = &*standing;
        let waiting = waiting(told, &self.publisher.view(), &self.parts.campaign);
        Standing { placed: told.placed, waiting, is_failing: *is_failing }
    }

    /// The signed rules, as the log has them; none before it has.
    pub(super) fn campaign(&self) -> Option<Vec<u8>> {
        let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        standing.0.campaign_artifact.clone()
    }

    /// Which entries the rules are, and what they made of the end.
    pub(super) fn rules(&self) -> Vec<RulesTold> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).0.rules.clone()
    }

    /// What is wrong with an end that has moved: that the log may hear of it too late, or has.
    pub(super) fn amendment(&self) -> Option<String> {
        let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let told = &standing.0;
        let (new, in_force) = (self.parts.campaign.end, told.end_in_force()?);
        if new == in_force || told.is_revealed || self.publisher.view().is_last() {
            return None;
        }
        let is_told = told.campaign.as_ref().is_some_and(|campaign| campaign.end == new);
        let left_s = in_force.unix_u64().saturating_sub(self.clock.now().unix_u64());
        if is_told || left_s == 0 {
            return Some(format!(
                "the end {new} moves nothing: the log was not told of it before {in_force} had \
                 come, or it is an earlier one of an official campaign"
            ));
        }
        (left_s <= NEAR_S).then(|| {
            format!("the log has to be told of the end {new} before {in_force}, in {left_s} s")
        })
    }

    /// The deployment map that they commit to.
    pub(super) fn map(&self) -> Option<&Bytes> {
        self.parts.map.as_ref()
    }

    /// Brings the gauges up to date.
    pub(super) fn gauge(&self) {
        let Standing { placed, waiting, .. } = self.standing();
        let set = |gauge: &prometheus::IntGauge, value: u64| {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        set(&self.figures.log_placed, placed);
        set(&self.figures.log_waiting, waiting);
    }

    /// Tells the log of one thing more, and whether there was one. It blocks.
    pub fn step(&self) -> Result<bool, CommitError> {
        let mut place = self.outbox.lock().unwrap_or_else(PoisonError::into_inner);
        let mut outbox = match place.take() {
            Some(outbox) => outbox,
            None => Outbox::open(&self.disk)?,
        };
        let result = self.attempt(&mut outbox);
        self.stand(outbox.told(), result.is_err());
        if !matches!(result, Err(CommitError::Store(_))) {
            *place = Some(outbox);
        }
        if result.is_err() {
            self.figures.log_failures.inc();
        }
        result
    }

    fn attempt(&self, outbox: &mut Outbox) -> Result<bool, CommitError> {
        let pending = if let Some(pending) = &outbox.told().pending {
            pending.clone()
        } else {
            let Some((what, artifact)) = self.next(outbox.told())? else { return Ok(false) };
            outbox.sign(what, artifact)?;
            let Some(pending) = outbox.told().pending.clone() else { return Ok(false) };
            pending
        };
        match self.log.add(&pending.artifact) {
            Ok(placed) => {
                outbox.place(placed.index, &placed.promise)?;
                tracing::info!(what = ?pending.what, index = placed.index, "the log was told");
                Ok(true)
            }
            // The log has not got it, or it would say where it stands. Should another key's
            // signature come to count later, the log knows the statement.
            Err(Unplaced::Refused { .. })
                if pending.key_id() != Some(self.parts.key.public().id()) =>
            {
                let artifact = self.sign_again(&pending.artifact)?;
                outbox.sign(pending.what, artifact)?;
                Ok(true)
            }
            Err(error) => {
                if let Unplaced::Evidence { answer, .. } = &error {
                    outbox.keep_evidence(answer)?;
                }
                Err(error.into())
            }
        }
    }

    /// What the log is told next, signed.
    fn next(&self, told: &Told) -> Result<Option<(What, Vec<u8>)>, CommitError> {
        let view = self.publisher.view();
        if told.campaign.as_ref() != Some(&self.parts.campaign) && !told.is_revealed {
            if let Some(before) = &told.campaign {
                let (from, to) = (before.end, self.parts.campaign.end);
                tracing::warn!(%from, %to, "the rules have changed: the log is told of them again");
                if from != to && self.clock.now() >= from {
                    tracing::error!(
                        %from, %to,
                        "the end had come before: this moves nothing, and verify finds it (BTH-002)"
                    );
                }
            }
            return self.signed(What::Campaign, &self.parts.campaign);
        }
        let number = usize::try_from(told.snapshots).unwrap_or(usize::MAX);
        if let Some(snapshot) = view.payloads().get(number) {
            return self.signed(What::Snapshot(told.snapshots), &**snapshot);
        }
        if !view.is_last() || told.is_revealed {
            return Ok(None);
        }
        match reveal::read(&self.parts.reveal, &self.rules, self.clock.now()) {
            Ok(Some(reveal)) => self.signed(What::Reveal, &reveal),
            // The last snapshot is taken, so only a clock that was set back can say so.
            Ok(None) | Err(RevealError::TooEarly { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn signed<P: PayloadType>(
        &self,
        what: What,
        payload: &P,
    ) -> Result<Option<(What, Vec<u8>)>, CommitError> {
        Ok(Some((what, payload::sign(payload, &[&*self.parts.key as &dyn Signer])?)))
    }

    /// The same statement, signed by the key that is configured now.
    fn sign_again(&self, artifact: &[u8]) -> Result<Vec<u8>, CommitError> {
        let read = |error| CommitError::Sign(SignPayloadError::Envelope(error));
        let envelope = canon::SignedBytes::parse(artifact).map_err(read)?;
        let (kind, payload) = (envelope.kind, envelope.payload_as::<serde_json::Value>());
        let kind = kind.parse().map_err(read)?;
        let signers = [&*self.parts.key as &dyn Signer];
        canon::envelope::sign_to_bytes(&kind, &payload.map_err(read)?, &signers).map_err(read)
    }

    fn stand(&self, told: &Told, is_failing: bool) {
        let standing = (Told { pending: None, ..told.clone() }, is_failing);
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = standing;
    }

    /// Tells the log whatever there is to tell, until asked to stop.
    pub(super) async fn run(self: Arc<Self>, mut stop: Stop) {
        let mut changed = self.publisher.changed();
        let mut pause = PAUSES[0];
        while !stop.is_asked() {
            changed.mark_unchanged();
            let own = Arc::clone(&self);
            let done = tokio::task::spawn_blocking(move || own.step()).await;
            match done.unwrap_or(Err(CommitError::Ended)) {
                Ok(true) => pause = PAUSES[0],
                Ok(false) => {
                    tokio::select! {
                        () = stop.asked() => return,
                        _ = changed.changed() => {}
                        () = tokio::time::sleep(LOOK) => {}
                    }
                }
                Err(error) => {
                    tracing::error!(%error, hint = error.hint(), "the log is not told");
                    if let Some(why) = self.amendment() {
                        tracing::error!(why, "the end may not move");
                    }
                    tokio::select! {
                        () = stop.asked() => return,
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = pause.saturating_mul(2).min(PAUSES[1]);
                }
            }
        }
    }
}

/// Artifacts that wait, but for what is revealed.
fn waiting(told: &Told, view: &View, rules: &payload::Campaign) -> u64 {
    let snapshots = (view.payloads().len() as u64).saturating_sub(told.snapshots);
    let is_told = told.is_revealed || told.campaign.as_ref() == Some(rules);
    snapshots.saturating_add(u64::from(!is_told))
}
