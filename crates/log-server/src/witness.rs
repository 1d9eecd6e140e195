//! The witness as a server.
//!
//! It keeps, for each log that it knows, the last tree that it cosigned, and cosigns a larger one
//! only when the log proves that it extends that tree. The rules are [`tlog::witness`]; here are
//! their disk, their clock and their network:
//!
//! ```text
//! POST /add-checkpoint                         200, 400, 403, 404, 409, 413, 422, 503
//! GET  /<hex SHA-256 of the origin>/checkpoint the checkpoint cosigned last; 404 if never
//! GET  /healthz                                200 when it would sign, else 503
//! GET  /metrics                                figures for Prometheus
//! ```
//!
//! A request is looked at first, beside others, against what is recorded; most are answered by
//! that. Only what would be signed anew waits for the disk, one after the other. So a crowd that
//! asks again for a head that everybody can read costs no write, and holds up no log.
//!
//! Invariant: a cosignature leaves this process only after the record that allows no other tree
//! of its size is on disk, in two copies. When a write fails, nothing more is signed until the
//! process is started anew and has read what the disk really holds.
//!
//! [`client`] is the other side: how a log asks its witnesses.

pub mod client;
mod config;
mod diary;
mod error;
mod init;
mod record;
mod server;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use canon::Timestamp;
use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge};
use service::metrics::Metrics;
use tlog::note::{NoteSigner, VerifierKey};
use tlog::witness::{ClockRule, KnownLogs, Refusal, Request, State, Submission, check_start};

use diary::Diary;

pub use crate::clock::Clocks;
pub use config::{LogEntry, WitnessConfig};
pub use error::WitnessError;
pub use init::init;
pub use record::{Record, RecordError};
pub use server::{Server, serve};

/// The answer to a submission: status, content type and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The content type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

/// The content type of text.
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";

/// A running witness: rules, key, record, clock and figures.
pub struct Witness {
    known: KnownLogs,
    signer: NoteSigner,
    rule: ClockRule,
    clocks: Clocks,
    /// By origin, the keys of the lines by which logs tell their time.
    timestamp_keys: BTreeMap<String, VerifierKey>,
    /// Whether the clock was near a time that is known, or somebody has said that it is right.
    is_clock_checked: AtomicBool,
    record: Record,
    metrics: Metrics,
    answers: IntCounterVec,
    records: IntCounter,
    seconds: Histogram,
    last_signed: IntGauge,
    diary: Diary,
}

/// A submission that was looked at.
pub(crate) enum Looked {
    /// It is answered by the rules, or by what is recorded.
    Answered(Answer),
    /// It needs a decision.
    Open(Box<Submission>),
}

impl Witness {
    /// A witness that signs by `signer` for `known` logs what `record` allows.
    pub fn new(
        known: KnownLogs,
        signer: NoteSigner,
        record: Record,
        clocks: Clocks,
        rule: ClockRule,
    ) -> Self {
        let metrics = Metrics::new();
        let answers = metrics.counters(
            "witness_submissions_total",
            "submissions by the status of their answer",
            "status",
        );
        let seconds = metrics.seconds("witness_submission_seconds", "time to judge and record");
        let records = metrics.counter("witness_records_total", "cosignatures recorded on disk");
        let last_signed = metrics.gauge("witness_last_signed_seconds", "latest time signed");
        Self {
            known,
            signer,
            rule,
            clocks,
            timestamp_keys: BTreeMap::new(),
            is_clock_checked: AtomicBool::new(false),
            record,
            metrics,
            answers,
            records,
            seconds,
            last_signed,
            diary: Diary::default(),
        }
    }

    /// Adds, by origin, the keys (type 0x04) of the lines by which logs tell their time: against
    /// them the clock is held before anything is signed.
    #[must_use]
    pub fn with_timestamp_keys(mut self, keys: BTreeMap<String, VerifierKey>) -> Self {
        self.timestamp_keys = keys;
        self
    }

    /// Takes the clock for right at the start: somebody has checked it.
    #[must_use]
    pub fn with_checked_clock(self) -> Self {
        self.is_clock_checked.store(true, Ordering::Relaxed);
        self
    }

    /// Opens the witness of a configuration: its key, its record, the system's clock.
    pub fn open(config: &WitnessConfig) -> Result<Self, WitnessError> {
        let known = config.known_logs()?;
        let signer = config.signer()?;
        let record = Record::open(&config.state_path(), signer.verifier())?;
        let rule = config.clock_rule();
        let witness = Self::new(known, signer, record, Clocks::system(rule), rule)
            .with_timestamp_keys(config.timestamp_keys()?);
        Ok(if config.clock_checked { witness.with_checked_clock() } else { witness })
    }

    /// The key by which its cosignatures verify.
    pub fn verifier(&self) -> &VerifierKey {
        self.signer.verifier()
    }

    /// Judges the body of `POST /add-checkpoint`. Blocks on the disk.
    pub fn add_checkpoint(&self, body: &[u8]) -> Answer {
        match self.look(body) {
            Looked::Answered(answer) => answer,
            Looked::Open(submission) => self.decide(&submission),
        }
    }

    /// Looks at the body of `POST /add-checkpoint`. Takes a while, and waits for nobody.
    pub(crate) fn look(&self, body: &[u8]) -> Looked {
        let timer = self.seconds.start_timer();
        let looked = match self.try_look(body) {
            Ok(looked) => looked,
            Err(refused) => Looked::Answered(self.refuse(refused)),
        };
        match &looked {
            Looked::Answered(answer) => {
                self.count(answer);
                timer.observe_duration();
            }
            // Its time is that of the decision.
            Looked::Open(_) => {
                timer.stop_and_discard();
            }
        }
        looked
    }

    /// Decides on a submission that was looked at. Blocks on the disk.
    pub(crate) fn decide(&self, submission: &Submission) -> Answer {
        let timer = self.seconds.start_timer();
        let answer = match self.try_decide(submission) {
            Ok(body) => Answer { status: 200, content_type: TEXT, body },
            Err(refused) => self.refuse(refused),
        };
        timer.observe_duration();
        self.count(&answer);
        answer
    }

    fn refuse(&self, refused: Refused) -> Answer {
        match refused {
            Refused::Rules(refusal) => {
                let (content_type, body) = refusal.answer();
                Answer { status: refusal.status_code(), content_type, body }
            }
            Refused::Record(error) => {
                self.diary.record_failed(&error, self.clocks.uptime_s());
                let body = "the record failed; nothing is signed\n".to_owned();
                Answer { status: 503, content_type: TEXT, body }
            }
        }
    }

    fn tell(&self, refusal: &Refusal, submission: &Submission) {
        let last = self.record.seen(submission.origin()).0.map(|recorded| recorded.head);
        self.diary.refused(refusal, submission, last, self.clocks.uptime_s());
    }

    fn count(&self, answer: &Answer) {
        self.answers.with_label_values(&[&answer.status.to_string()]).inc();
    }

    fn try_look(&self, body: &[u8]) -> Result<Looked, Refused> {
        let submission = self.known.authenticate(Request::parse(body)?)?;
        let answer = self.recorded_answer(&submission)?;
        let answered = |body| Looked::Answered(Answer { status: 200, content_type: TEXT, body });
        Ok(answer.map_or_else(|| Looked::Open(Box::new(submission)), answered))
    }

    /// What can be answered by what is recorded; `None` where a decision is needed.
    fn recorded_answer(&self, submission: &Submission) -> Result<Option<String>, Refused> {
        self.record.health()?;
        let (recorded, last_signed) = self.record.seen(submission.origin());
        let state = State { recorded: recorded.as_ref(), last_signed };
        match submission.check(state, self.signer.verifier()) {
            Ok(()) => {}
            // To stop for good is recorded too.
            Err(Refusal::RecordBehind { .. }) => return Ok(None),
            Err(refusal) => {
                self.tell(&refusal, submission);
                return Err(refusal.into());
            }
        }
        let (now, sound) = self.clocks.read();
        sound.inspect_err(|refusal| self.tell(refusal, submission))?;
        Ok(submission.again(state, now, self.signer.verifier()))
    }

    fn try_decide(&self, submission: &Submission) -> Result<String, Refused> {
        // Somebody may have asked for the same a moment before.
        if let Some(answer) = self.recorded_answer(submission)? {
            return Ok(answer);
        }
        let decided = self.record.transact(submission.origin(), |state| {
            // Read inside the transaction, so that later trees never carry earlier times.
            let (now, sound) = self.clocks.read();
            let update = submission.step(state, now, self.rule, &self.signer)?;
            sound?;
            self.check_start(submission, now, state.last_signed)?;
            Ok(update)
        });
        match decided? {
            Ok(update) => {
                // From here on the watch sees every step.
                self.is_clock_checked.store(true, Ordering::Relaxed);
                self.records.inc();
                self.last_signed.set(update.recorded.time.unix());
                Ok(update.answer)
            }
            Err(refusal) => {
                self.tell(&refusal, submission);
                Err(refusal.into())
            }
        }
    }

    /// Before the first signature: whether the clock is near the latest time signed, or near the
    /// time that the log itself has signed.
    fn check_start(
        &self,
        submission: &Submission,
        now: Timestamp,
        last_signed: Option<Timestamp>,
    ) -> Result<(), Refusal> {
        if self.is_clock_checked.load(Ordering::Relaxed) {
            return Ok(());
        }
        let key = self.timestamp_keys.get(submission.origin());
        check_start(now, last_signed, key.and_then(|key| submission.time_by(key)))
    }

    /// The checkpoint cosigned last of the log whose origin has this hash, in hex.
    pub fn checkpoint(&self, origin_hash: &str) -> Option<Vec<u8>> {
        self.record.checkpoint(&origin_hash.parse().ok()?)
    }

    /// Whether the next good submission would be signed; if not, why. Waits for no decision.
    pub fn health(&self) -> Result<(), String> {
        self.record.health().map_err(|error| error.to_string())?;
        self.clocks.read().1.map_err(|refusal| refusal.to_string())
    }

    /// The figures in Prometheus's text form.
    pub fn metrics(&self) -> Vec<u8> {
        self.metrics.render()
    }
}

/// Why a submission is not cosigned: by the rules, or because the record failed.
enum Refused {
    Rules(Refusal),
    Record(RecordError),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Rules(refusal)
    }
}

impl From<RecordError> for Refused {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

/// A shared witness.
pub type SharedWitness = Arc<Witness>;
