//! The way of one vote, as a state machine without input or output.
//!
//! ```text
//! Ballot --same--> Stamp --period right--> Work ----work and mandate----> Cast --receipt--> ended
//!   |                |                      |                             |  ^
//!   another: lie     another: lie           too late; mandate unfit       202, 429, 5xx, silence:
//!                                                                         the same request later
//! ```
//!
//! Nothing is sent that the device can know to be refused, and nothing that was signed is believed
//! before it is checked: by the receipt key of the mandate's shard, for the own stamp, at the
//! own choice and nowhere else. A platform that contradicts itself is told as a [`Lie`], with what
//! proves it.

use std::sync::Arc;
use std::time::Duration;

use booth::campaign::{Campaign, Period};
use booth::edge::StampAnswer;
use booth::mandate::Mandate;
use booth::request::VoteRequest;
use booth::stamp::WINDOW_S;
use booth::work::{Nonce, Puzzle};
use canon::Timestamp;

use super::client::{CastAnswer, ClientError, Judged};
use super::end::{End, Lie};
use super::record::Record;

mod answer;

/// Seconds by which the clocks of device and edge may differ at the change of a stamp period.
const SKEW_S: u64 = 120;

/// Seconds for which a code is worth asking with: its step and the one after.
const CODE_S: i64 = 60;

/// What is asked of the edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// The ballot.
    Ballot,
    /// Stamps, by the code of the booth.
    Stamp,
    /// To take the vote; the same for every time that it is asked.
    Vote(Box<VoteRequest>),
}

/// A wait whose length is drawn between two bounds, so that voters who were turned away together
/// do not come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// The shortest.
    pub least: Duration,
    /// The longest.
    pub most: Duration,
}

/// What happens to a voter's device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The edge's ballot, or why there is none.
    Ballot(Result<Judged<Vec<String>>, ClientError>),
    /// Two stamps.
    Stamp(Result<Judged<StampAnswer>, ClientError>),
    /// The search has ended with a nonce that shows enough work.
    Worked(Nonce),
    /// The mandate is typed; none when the voter gave up.
    Mandate(Option<Mandate>),
    /// The answer to the vote request.
    Vote(Result<Judged<CastAnswer>, ClientError>),
    /// The voter does not wait any longer.
    TimeUp,
}

/// What a voter's device does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Ask the edge now.
    Ask(Question),
    /// Ask it later.
    AskLater(Question, Wait),
    /// Put the record on disk before anything else.
    Keep,
    /// Search for a nonce, and go on searching.
    Mine(Puzzle),
    /// The search may end as soon as it has enough work.
    Suffice,
    /// It is over.
    End(Box<End>),
}

/// Where on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Ballot,
    Stamp,
    Work,
    Cast,
    Ended,
}

/// The way of one vote.
#[derive(Debug, Clone)]
pub struct Journey {
    campaign: Arc<Campaign>,
    say: String,
    begun: Timestamp,
    stage: Stage,
    record: Option<Record>,
    /// The mandate, until there is a record to put it into.
    mandate: Option<Mandate>,
    /// Questions since the last answer that led on.
    tries: u32,
    /// Whether a vote request has left the device and was not answered.
    is_open: bool,
}

/// Whether a record's voter stamp is too old for a new vote.
fn is_past(record: &Record, now: Timestamp) -> bool {
    u64::try_from(now.seconds_since(record.stamped)).is_ok_and(|seconds| seconds >= WINDOW_S)
}

/// Why nobody can set out with this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetOutError {
    /// The option is not on the ballot.
    #[error("this option is not on the ballot")]
    Option,
    /// The campaign names no receipt keys: no receipt could be checked.
    #[error("the campaign file names no receipt keys")]
    NoKeys,
}

impl Journey {
    /// Sets out to vote for an option.
    pub fn new(
        campaign: Arc<Campaign>,
        say: &str,
        now: Timestamp,
    ) -> Result<(Self, Vec<Output>), SetOutError> {
        let journey = Self::at(campaign, say, now, Stage::Ballot, None)?;
        Ok((journey, vec![Output::Ask(Question::Ballot)]))
    }

    /// Goes on from a record.
    pub fn resume(
        campaign: Arc<Campaign>,
        record: Record,
        now: Timestamp,
    ) -> Result<(Self, Vec<Output>), SetOutError> {
        let say = record.say.clone();
        let mut journey = Self::at(campaign, &say, now, Stage::Work, Some(record))?;
        let outputs = journey.go_on(now);
        Ok((journey, outputs))
    }

    fn at(
        campaign: Arc<Campaign>,
        say: &str,
        begun: Timestamp,
        stage: Stage,
        record: Option<Record>,
    ) -> Result<Self, SetOutError> {
        if campaign.position(say).is_none() {
            return Err(SetOutError::Option);
        }
        let shards = (0..campaign.shards()).map(booth::campaign::Shard);
        if shards.into_iter().any(|shard| campaign.receipt_key(shard).is_none()) {
            return Err(SetOutError::NoKeys);
        }
        let say = say.to_owned();
        let (mandate, tries, is_open) = (None, 0, false);
        Ok(Self { campaign, say, begun, stage, record, mandate, tries, is_open })
    }

    /// The record, once there is one.
    pub const fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input, now: Timestamp) -> Vec<Output> {
        match (self.stage, input) {
            (Stage::Ended, _) => Vec::new(),
            (_, Input::TimeUp) => self.time_up(),
            (_, Input::Mandate(mandate)) => self.mandate(mandate, now),
            (Stage::Ballot, Input::Ballot(answer)) => self.ballot(answer),
            (Stage::Stamp, Input::Stamp(answer)) => self.stamp(answer, now),
            (Stage::Work, Input::Worked(nonce)) => self.worked(nonce, now),
            (Stage::Cast, Input::Vote(answer)) => self.vote(answer, now),
            // An answer to a question that is settled.
            _ => Vec::new(),
        }
    }

    fn ballot(&mut self, answer: Result<Judged<Vec<String>>, ClientError>) -> Vec<Output> {
        match answer {
            Ok(Ok(found)) if found == *self.campaign.options() => {
                self.stage = Stage::Stamp;
                self.tries = 0;
                vec![Output::Ask(Question::Stamp)]
            }
            Ok(Ok(found)) => self.end(End::Lied(Lie::Ballot { found })),
            Ok(Err(refused)) if !refused.is_passing() => self.end(End::Refused(refused)),
            Err(error) if !error.is_passing() => self.end(End::NotReached(error)),
            Ok(Err(_)) | Err(_) => self.again(Question::Ballot, None),
        }
    }

    fn stamp(
        &mut self,
        answer: Result<Judged<StampAnswer>, ClientError>,
        now: Timestamp,
    ) -> Vec<Output> {
        match answer {
            Ok(Ok(stamps)) if !self.is_present(stamps.platform.period, now) => {
                self.end(End::Lied(Lie::Period { found: stamps.platform.period }))
            }
            Ok(Ok(StampAnswer { platform, voter })) => {
                self.record = Some(Record {
                    stamped: now,
                    platform,
                    stamp: voter,
                    say: self.say.clone(),
                    nonce: None,
                    mandate: self.mandate.take(),
                    acceptance: None,
                    receipt: None,
                });
                self.stage = Stage::Work;
                self.go_on(now)
            }
            Ok(Err(refused)) if !refused.is_passing() => self.end(End::Refused(refused)),
            Err(error) if !error.is_passing() => self.end(End::NotReached(error)),
            _ if now.seconds_since(self.begun) > CODE_S => self.end(End::CodeOld),
            Ok(Err(_)) | Err(_) => self.again(Question::Stamp, None),
        }
    }

    /// A stamp period other than the present one would be published with the vote, and would make
    /// its holder one of few.
    fn is_present(&self, found: Period, now: Timestamp) -> bool {
        let before = Timestamp::from_unix(now.unix().saturating_sub_unsigned(SKEW_S)).ok();
        let moments = [before, Some(now), Some(now.saturating_plus_seconds(SKEW_S))];
        moments.into_iter().flatten().any(|at| self.campaign.period_at(at) == Some(found))
    }

    /// What comes next with the record as it is.
    fn go_on(&mut self, now: Timestamp) -> Vec<Output> {
        let Some(record) = &self.record else { return Vec::new() };
        if record.nonce.is_some() && record.mandate.is_none() {
            // Only the mandate is missing.
            return vec![Output::Keep];
        }
        if let Some(request) = record.request() {
            self.stage = Stage::Cast;
            self.tries = 0;
            return vec![Output::Keep, Output::Ask(Question::Vote(Box::new(request)))];
        }
        if is_past(record, now) {
            return self.end(End::TooLate);
        }
        let utc = record.platform.period.to_string();
        let (signature, stamp) = (&record.platform.signature, record.stamp.to_string());
        let puzzle = Puzzle::new(&utc, signature, &stamp, &record.say);
        let mut outputs = vec![Output::Keep, Output::Mine(puzzle)];
        outputs.extend(record.mandate.map(|_| Output::Suffice));
        outputs
    }

    fn worked(&mut self, nonce: Nonce, now: Timestamp) -> Vec<Output> {
        if let Some(record) = &mut self.record {
            record.nonce = Some(nonce);
        }
        self.go_on(now)
    }

    fn mandate(&mut self, mandate: Option<Mandate>, now: Timestamp) -> Vec<Output> {
        let Some(mandate) = mandate else { return self.end(End::NoMandate) };
        if let Err(refusal) = self.campaign.authorities().check(&mandate) {
            return self.end(End::refused_here(refusal.into()));
        }
        let Some(record) = &mut self.record else {
            self.mandate = Some(mandate);
            return Vec::new();
        };
        if record.mandate.is_some() {
            return Vec::new();
        }
        record.mandate = Some(mandate);
        if self.record.as_ref().is_some_and(|record| record.nonce.is_some()) {
            return self.go_on(now);
        }
        vec![Output::Keep, Output::Suffice]
    }

    fn time_up(&mut self) -> Vec<Output> {
        let accepted = self.record.as_ref().is_some_and(|record| record.acceptance.is_some());
        let end = match self.stage {
            Stage::Cast if accepted => End::Waiting,
            Stage::Cast if self.is_open => End::Unknown,
            _ => End::TimeUp,
        };
        self.end(end)
    }

    /// The same question later. Each time the wait may be twice as long, up to a minute or so; what
    /// the edge asks for is the least.
    fn again(&mut self, question: Question, retry_after_s: Option<u32>) -> Vec<Output> {
        let least = match retry_after_s {
            Some(seconds) => Duration::from_secs(u64::from(seconds.clamp(1, 3_600))),
            None => Duration::from_millis(500) * 2_u32.pow(self.tries.min(6)),
        };
        self.tries = self.tries.saturating_add(1);
        vec![Output::AskLater(question, Wait { least, most: least * 2 })]
    }

    fn end(&mut self, end: End) -> Vec<Output> {
        self.stage = Stage::Ended;
        vec![Output::End(Box::new(end))]
    }
}
