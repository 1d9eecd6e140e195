//! Drives a [`Journey`]: network, clock, cores, and the file that is kept.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use booth::campaign::Campaign;
use booth::mandate::Mandate;
use booth::receipt::Place;
use booth::totp::{Code, Station};
use booth::work::{Best, Mining, Puzzle, mine};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};
use service::clock::Clock;
use service::random;

use super::client::Client;
use super::end::End;
use super::journey::{Input, Journey, Output, Question, SetOutError, Wait};
use super::record::Record;

/// What a voter has chosen.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The code of the booth; none where the campaign is for remote votes.
    pub code: Option<Code>,
    /// The booth's station, where stations have seeds of their own.
    pub station: Option<Station>,
    /// How it is gone about.
    pub pace: Pace,
}

/// How much is done, and how long is waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Leading zero bits to search for, where more than the campaign asks for.
    pub work_bits: u32,
    /// Threads that search.
    pub threads: usize,
    /// The longest wait between two questions.
    pub longest: Duration,
    /// How long it may take until the vote is accepted.
    pub limit: Duration,
    /// How long the receipt is waited for from then on; with zero the voter goes with the
    /// acceptance, unless the receipt is there at once.
    pub receipt: Duration,
}

impl Default for Pace {
    /// All cores, an hour for the vote and ten minutes for its receipt.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (longest, limit) = (Duration::from_mins(5), Duration::from_hours(1));
        Self { work_bits: 0, threads, longest, limit, receipt: Duration::from_mins(10) }
    }
}

/// What a voter is told on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// The stamps are here, and the work has begun.
    Stamped,
    /// The work is done.
    Worked(Best),
    /// The vote leaves the device.
    Sending,
    /// The vote is accepted, for this batch or one that covers its number.
    Accepted(Place),
    /// Something is asked again after so long.
    Waiting(Duration),
}

/// Who goes with the voter: keeps the record, and is told what happens.
pub trait Companion: Send {
    /// Puts the record on disk. The way does not go on before this is done.
    fn keep(&mut self, record: &Record) -> io::Result<()>;
    /// Takes news.
    fn tell(&mut self, news: News);
}

/// How a way ended, and what stands on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// How.
    pub end: End,
    /// What is known of the vote, if there came to be one.
    pub record: Option<Record>,
}

/// Why the way ended without an end.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// Nobody can set out so.
    #[error(transparent)]
    SetOut(#[from] SetOutError),
    /// The record could not be kept; nothing was sent that is not on disk.
    #[error("the record could not be kept: {0}")]
    Keep(io::Error),
    /// The search for a nonce ended by itself.
    #[error("the search for a nonce failed")]
    Search,
}

/// Votes: the whole way from the ballot to the receipt. The mandate may come while the device
/// works; `None` says that it will not.
pub async fn vote(
    client: &Client,
    clock: &dyn Clock,
    campaign: Arc<Campaign>,
    say: &str,
    plan: Plan,
    mandate: impl Future<Output = Option<Mandate>> + Send,
    companion: &mut dyn Companion,
) -> Result<Arrival, DriveError> {
    let (journey, outputs) = Journey::new(Arc::clone(&campaign), say, clock.now())?;
    let Plan { code, station, pace } = plan;
    let asked = Some((code, station));
    let road = Road { client, clock, campaign: &campaign, asked, pace, companion };
    road.go(journey, outputs, mandate).await
}

/// Goes on with a record: works, sends the same request again, asks for the receipt.
pub async fn resume(
    client: &Client,
    clock: &dyn Clock,
    campaign: Arc<Campaign>,
    record: Record,
    pace: Pace,
    mandate: impl Future<Output = Option<Mandate>> + Send,
    companion: &mut dyn Companion,
) -> Result<Arrival, DriveError> {
    let (journey, outputs) = Journey::resume(Arc::clone(&campaign), record, clock.now())?;
    let road = Road { client, clock, campaign: &campaign, asked: None, pace, companion };
    road.go(journey, outputs, mandate).await
}

/// What a journey needs of the world.
struct Road<'a> {
    client: &'a Client,
    clock: &'a dyn Clock,
    campaign: &'a Campaign,
    /// What stamps are asked with.
    asked: Option<(Option<Code>, Option<Station>)>,
    pace: Pace,
    companion: &'a mut dyn Companion,
}

/// What will be put into the journey: an input, or the end of a search without one.
type Coming<'a> = BoxFuture<'a, Result<Input, DriveError>>;

impl Road<'_> {
    async fn go(
        mut self,
        mut journey: Journey,
        outputs: Vec<Output>,
        mandate: impl Future<Output = Option<Mandate>> + Send,
    ) -> Result<Arrival, DriveError> {
        let (client, campaign, asked) = (self.client, self.campaign, self.asked.clone());
        let search = Search::new(&self.pace, campaign);
        let mut coming: FuturesUnordered<Coming<'_>> = FuturesUnordered::new();
        let mut limit = std::pin::pin!(tokio::time::sleep(self.pace.limit));
        let mut was_accepted = false;
        coming.push(mandate.map(|mandate| Ok(Input::Mandate(mandate))).boxed());
        let mut outputs = outputs;
        loop {
            for output in outputs {
                match output {
                    Output::Ask(question) => {
                        self.tell_of(&question);
                        let asked = asked.clone();
                        coming.push(ask(client, campaign, asked, question, Duration::ZERO).boxed());
                    }
                    Output::AskLater(..)
                        if self.pace.receipt.is_zero() && is_accepted(journey.record()) =>
                    {
                        let record = journey.record().cloned();
                        return Ok(Arrival { end: End::Waiting, record });
                    }
                    Output::AskLater(question, wait) => {
                        let wait = draw(wait).min(self.pace.longest);
                        self.companion.tell(News::Waiting(wait));
                        let asked = asked.clone();
                        coming.push(ask(client, campaign, asked, question, wait).boxed());
                    }
                    Output::Keep => self.keep(journey.record())?,
                    Output::Mine(puzzle) => {
                        self.companion.tell(News::Stamped);
                        coming.push(search.begin(puzzle).boxed());
                    }
                    Output::Suffice => search.suffice(),
                    Output::End(end) => {
                        let record = journey.record().cloned();
                        return Ok(Arrival { end: *end, record });
                    }
                }
            }
            let waits = !self.pace.receipt.is_zero() && is_accepted(journey.record());
            if waits && !was_accepted {
                was_accepted = true;
                limit.as_mut().reset(tokio::time::Instant::now() + self.pace.receipt);
            }
            let input = tokio::select! {
                Some(input) = coming.next() => input?,
                () = &mut limit => Input::TimeUp,
            };
            if let (Input::Worked(_), Some(best)) = (&input, search.mining.best()) {
                self.companion.tell(News::Worked(best));
            }
            outputs = journey.step(input, self.clock.now());
        }
    }

    fn tell_of(&mut self, question: &Question) {
        if matches!(question, Question::Vote(_)) {
            self.companion.tell(News::Sending);
        }
    }

    fn keep(&mut self, record: Option<&Record>) -> Result<(), DriveError> {
        let Some(record) = record else { return Ok(()) };
        self.companion.keep(record).map_err(DriveError::Keep)?;
        if let (Some(signed), None) = (&record.acceptance, &record.receipt) {
            self.companion.tell(News::Accepted(signed.acceptance.place));
        }
        Ok(())
    }
}

/// Whether a record's vote is accepted.
fn is_accepted(record: Option<&Record>) -> bool {
    record.is_some_and(|record| record.acceptance.is_some())
}

async fn ask(
    client: &Client,
    campaign: &Campaign,
    asked: Option<(Option<Code>, Option<Station>)>,
    question: Question,
    wait: Duration,
) -> Result<Input, DriveError> {
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    Ok(match question {
        Question::Ballot => Input::Ballot(client.list().await),
        Question::Stamp => match asked {
            Some((code, station)) => Input::Stamp(client.stamp(code, station.as_ref()).await),
            None => Input::TimeUp,
        },
        Question::Vote(request) => Input::Vote(client.cast(campaign, &request).await),
    })
}

/// A length between the bounds, drawn at random.
fn draw(wait: Wait) -> Duration {
    let share = u32::from_be_bytes(random::bytes());
    let spread = wait.most.saturating_sub(wait.least);
    wait.least + spread.mul_f64(f64::from(share) / f64::from(u32::MAX))
}

/// A search on threads of its own, which ends when nobody waits for it any more.
struct Search {
    mining: Arc<Mining>,
    bits: u32,
    threads: usize,
}

impl Search {
    fn new(pace: &Pace, campaign: &Campaign) -> Self {
        let bits = pace.work_bits.max(campaign.work_bits());
        Self { mining: Arc::new(Mining::new()), bits, threads: pace.threads.max(1) }
    }

    /// Begins: from a random place, since a nonce that counts up from nothing tells how fast the
    /// device is.
    fn begin(&self, puzzle: Puzzle) -> impl Future<Output = Result<Input, DriveError>> + use<> {
        let (mining, threads) = (Arc::clone(&self.mining), self.threads);
        let start = u64::from_be_bytes(random::bytes());
        let search =
            tokio::task::spawn_blocking(move || mine(&puzzle, start, threads, None, &mining));
        async move {
            let best = search.await.ok().flatten().ok_or(DriveError::Search)?;
            Ok(Input::Worked(best.nonce))
        }
    }

    fn suffice(&self) {
        self.mining.suffice(self.bits);
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.mining.stop();
    }
}
