//! A crowd of voters, honest and hostile: a load generator and a simulator.
//!
//! Who votes for what, by which mandate, and who is hostile in which way follows from one seed, so
//! that a run can be had again. The crowd has the secrets that a simulation may have: an
//! authority's key, from which it issues mandates on the spot, and the seed of the booths' codes.
//!
//! ```text
//! voter 0, 1, 2 ... --arrive at a rate--> at most so many at one time
//!     honest    the whole way of `Journey`, up to the acceptance or the receipt
//!     hostile   one attack each, and the status that it has to meet
//! then the accepted ones ask for their receipts until all are here, or the time is over
//! at the end acceptances, receipts and lists are held against each other
//! ```

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use booth::Secret;
use booth::campaign::Campaign;
use booth::totp::Station;
use canon::PrivateKey;
use service::clock::Clock;
use tokio::task::JoinSet;

use super::client::{Client, Errand};
use super::drive::{Arrival, Companion, DriveError, News, Pace, Plan};
use super::end::End;
use super::record::Record;

mod cast;
mod hostile;
mod lists;
mod load;
mod prepared;
mod tally;

pub use cast::{Kind, Member, Role};
pub use lists::{ListCheck, Lists};
pub use load::{Loaded, load, prepare};
pub use prepared::{Prepared, PreparedError};
pub use tally::{Histogram, Step, Tally};

/// What a simulation may know and a voter may not.
#[derive(Debug)]
pub struct Means {
    /// An authority of the campaign.
    pub authority: PrivateKey,
    /// The seed of the booths' codes; none for remote votes, which take no code.
    pub totp: Option<Secret>,
    /// The station at which the crowd votes, where stations have seeds of their own.
    pub station: Option<Station>,
}

/// What kind of crowd.
#[derive(Debug, Clone)]
pub struct CrowdPlan {
    /// How many.
    pub voters: u64,
    /// How many arrive in a second; all at once where none is said.
    pub rate: Option<f64>,
    /// How many are served at one time.
    pub together: usize,
    /// Of a thousand voters, how many are hostile.
    pub hostile_per_mille: u32,
    /// What everything is drawn from.
    pub seed: u64,
    /// How long accepted votes are asked about.
    pub patience: Duration,
    /// The time between two rounds of asking.
    pub round: Duration,
}

/// One run: what all its voters share.
pub struct Crowd {
    client: Client,
    clock: Arc<dyn Clock>,
    campaign: Arc<Campaign>,
    plan: CrowdPlan,
    means: Means,
    tally: Arc<Tally>,
    /// Votes that were accepted.
    records: Mutex<Vec<Record>>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Report {
    /// The time until the last voter was served.
    pub served: Duration,
    /// Every vote that was accepted, with its receipt if it came.
    pub records: Vec<Record>,
}

impl Report {
    /// Votes that were accepted, or receipted at once.
    pub fn accepted(&self) -> usize {
        self.records.len()
    }

    /// Receipts.
    pub fn receipts(&self) -> usize {
        self.records.iter().filter(|record| record.receipt.is_some()).count()
    }
}

impl Crowd {
    /// A crowd that has not set out.
    pub fn new(
        client: &Client,
        clock: Arc<dyn Clock>,
        campaign: Arc<Campaign>,
        plan: CrowdPlan,
        means: Means,
        tally: Arc<Tally>,
    ) -> Self {
        let client = client.clone().with_meter(Arc::clone(&tally) as Arc<_>);
        Self { client, clock, campaign, plan, means, tally, records: Mutex::default() }
    }

    /// Lets everybody vote, and asks for the receipts.
    pub async fn run(self) -> Report {
        let crowd = Arc::new(self);
        let begun = Instant::now();
        let next = Arc::new(AtomicU64::new(0));
        let mut workers = JoinSet::new();
        for _ in 0..crowd.plan.together.max(1) {
            workers.spawn(Arc::clone(&crowd).work(Arc::clone(&next), begun));
        }
        while workers.join_next().await.is_some() {}
        let served = begun.elapsed();
        let records = std::mem::take(&mut *crowd.records());
        let records = crowd.ask_for_receipts(records).await;
        Report { served, records }
    }

    /// Serves one voter after the other, none before they arrive.
    async fn work(self: Arc<Self>, next: Arc<AtomicU64>, begun: Instant) {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= self.plan.voters {
                return;
            }
            if let Some(rate) = self.plan.rate {
                let arrives = begun + arrival(number, rate);
                tokio::time::sleep_until(arrives.into()).await;
            }
            let member = Member::new(&self.campaign, &self.means.authority, &self.plan, number);
            match member.role {
                Role::Honest => self.honest(&member).await,
                Role::Hostile(kind) => self.hostile(&member, kind).await,
            }
            self.tally.count_served();
        }
    }

    async fn honest(&self, member: &Member) {
        if let Some(record) = self.vote(member).await {
            self.keep(record);
        } else {
            self.tally.count_failed();
        }
    }

    /// The whole way of an honest vote, up to the acceptance.
    async fn vote(&self, member: &Member) -> Option<Record> {
        let begun = Instant::now();
        let plan =
            Plan { code: self.code(), station: self.means.station.clone(), pace: self.pace() };
        let mandate = std::future::ready(Some(member.mandate));
        let mut silent = Silent { tally: Arc::clone(&self.tally), begun, stamped: None };
        let way = super::drive::vote(
            &self.client,
            &*self.clock,
            Arc::clone(&self.campaign),
            &member.say,
            plan,
            mandate,
            &mut silent,
        );
        self.arrived(way.await, begun)
    }

    fn arrived(&self, way: Result<Arrival, DriveError>, begun: Instant) -> Option<Record> {
        match way {
            Ok(Arrival { end: End::Received, record }) => {
                self.tally.took_step(Step::Receipt, begun.elapsed());
                record
            }
            Ok(Arrival { end: End::Waiting, record }) => record,
            Ok(Arrival { end, .. }) => {
                self.tally.count_end(end.name());
                None
            }
            Err(_) => {
                self.tally.count_end("failed");
                None
            }
        }
    }

    /// Asks again and again for the receipts that are missing, everybody in their turn.
    async fn ask_for_receipts(self: &Arc<Self>, mut records: Vec<Record>) -> Vec<Record> {
        let begun = Instant::now();
        loop {
            let missing = records.iter().filter(|record| record.receipt.is_none()).count();
            if missing == 0 || begun.elapsed() >= self.plan.patience {
                return records;
            }
            tokio::time::sleep(self.plan.round).await;
            let (waiting, done): (Vec<_>, Vec<_>) =
                records.into_iter().partition(|record| record.receipt.is_none());
            records = done;
            let mut waiting = waiting.into_iter();
            let mut asking = JoinSet::new();
            for record in waiting.by_ref().take(self.plan.together.max(1)) {
                asking.spawn(Arc::clone(self).ask(record, begun));
            }
            while let Some(asked) = asking.join_next().await {
                records.extend(asked);
                if let Some(record) = waiting.next() {
                    asking.spawn(Arc::clone(self).ask(record, begun));
                }
            }
        }
    }

    async fn ask(self: Arc<Self>, record: Record, begun: Instant) -> Record {
        let mut silent = Silent { tally: Arc::clone(&self.tally), begun, stamped: None };
        let way = super::drive::resume(
            &self.client,
            &*self.clock,
            Arc::clone(&self.campaign),
            record.clone(),
            self.pace(),
            std::future::pending(),
            &mut silent,
        );
        // A vote that was accepted stays one, whatever is said of it now.
        self.arrived(way.await, begun).unwrap_or(record)
    }

    /// One thread works for a voter, and nobody waits for a receipt in the queue.
    fn pace(&self) -> Pace {
        Pace {
            work_bits: 0,
            threads: 1,
            longest: Duration::from_secs(2),
            limit: self.plan.patience.max(Duration::from_secs(1)),
            receipt: Duration::ZERO,
        }
    }

    fn keep(&self, record: Record) {
        self.records().push(record);
    }

    fn records(&self) -> std::sync::MutexGuard<'_, Vec<Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When a voter arrives, counted from the beginning.
fn arrival(number: u64, rate: f64) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 voters")]
    let number = number as f64;
    Duration::try_from_secs_f64(number / rate).unwrap_or(Duration::MAX)
}

/// Goes with a voter of the crowd, whose device keeps nothing.
struct Silent {
    tally: Arc<Tally>,
    begun: Instant,
    stamped: Option<Instant>,
}

impl Companion for Silent {
    fn keep(&mut self, _: &Record) -> io::Result<()> {
        Ok(())
    }

    fn tell(&mut self, news: News) {
        match news {
            News::Stamped => self.stamped = Some(Instant::now()),
            News::Worked(_) => {
                let since = self.stamped.unwrap_or(self.begun);
                self.tally.took_step(Step::Work, since.elapsed());
            }
            News::Sending | News::Accepted(_) | News::Waiting(_) => {}
        }
    }
}
