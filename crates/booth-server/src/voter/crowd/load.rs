//! Load: votes prepared beforehand, sent as fast as they are taken, and checked when all are in.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use booth::campaign::Campaign;
use booth::request::VoteRequest;
use tokio::task::JoinSet;

use super::cast::Member;
use super::prepared::Prepared;
use super::{Crowd, Tally};
use crate::voter::client::{CastAnswer, Client};

/// What came of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loaded {
    /// The time from the first request to the last answer.
    pub time: Duration,
    /// Acceptances that hold.
    pub accepted: u64,
    /// Receipts that hold.
    pub receipts: u64,
    /// Acceptances and receipts that do not hold.
    pub false_ones: u64,
    /// Votes that were refused, or not answered.
    pub others: u64,
}

/// Prepares a vote for every honest voter of a crowd: stamps, work, and nothing sent.
pub async fn prepare(crowd: Crowd) -> Result<Prepared, String> {
    let crowd = Arc::new(crowd);
    let next = Arc::new(AtomicU64::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..crowd.plan.together.max(1) {
        workers.spawn(prepare_some(Arc::clone(&crowd), Arc::clone(&next)));
    }
    let mut all = Vec::new();
    while let Some(prepared) = workers.join_next().await {
        all.extend(prepared.map_err(|error| error.to_string())??);
    }
    all.sort_by_key(|(number, _)| *number);
    Ok(Prepared(all.into_iter().map(|(_, request)| request).collect()))
}

async fn prepare_some(
    crowd: Arc<Crowd>,
    next: Arc<AtomicU64>,
) -> Result<Vec<(u64, VoteRequest)>, String> {
    let mut some = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= crowd.plan.voters {
            return Ok(some);
        }
        let member = Member::new(&crowd.campaign, &crowd.means.authority, &crowd.plan, number);
        some.push((number, crowd.request(&member, member.mandate, crowd.code()).await?));
        crowd.tally.count_served();
    }
}

/// Sends prepared votes, so many at one time, each once.
pub async fn load(
    client: &Client,
    campaign: &Arc<Campaign>,
    prepared: Prepared,
    together: usize,
    tally: &Arc<Tally>,
) -> Loaded {
    let client = client.clone().with_meter(Arc::clone(tally) as Arc<_>);
    let sender = Arc::new(Sender {
        client,
        campaign: Arc::clone(campaign),
        requests: prepared.0,
        next: AtomicUsize::new(0),
        answers: Mutex::default(),
        tally: Arc::clone(tally),
    });
    let begun = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..together.max(1) {
        workers.spawn(Arc::clone(&sender).send());
    }
    while workers.join_next().await.is_some() {}
    let time = begun.elapsed();
    sender.judge(time)
}

struct Sender {
    client: Client,
    campaign: Arc<Campaign>,
    requests: Vec<VoteRequest>,
    next: AtomicUsize,
    answers: Mutex<Vec<(usize, CastAnswer)>>,
    tally: Arc<Tally>,
}

impl Sender {
    async fn send(self: Arc<Self>) {
        let mut own = Vec::new();
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(request) = self.requests.get(at) else { break };
            if let Ok(Ok(answer)) = self.client.cast(&self.campaign, request).await {
                own.push((at, answer));
            }
            self.tally.count_served();
        }
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).extend(own);
    }

    /// Judges signatures when the load is over, so that they do not slow it.
    fn judge(&self, time: Duration) -> Loaded {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = self.requests.len() as u64;
        let others = sent.saturating_sub(answers.len() as u64);
        let mut loaded = Loaded { time, others, ..Loaded::default() };
        for (at, answer) in answers.iter() {
            let Some(request) = self.requests.get(*at) else { continue };
            let shard = self.campaign.shard_of(request.mandate.id());
            let Some(key) = self.campaign.receipt_key(shard) else { continue };
            match answer {
                CastAnswer::Accepted { acceptance: Ok(signed), .. }
                    if signed.check(key, &request.vote.stamp).is_ok() =>
                {
                    loaded.accepted += 1;
                }
                CastAnswer::Receipt(Ok(signed))
                    if signed.check(&self.campaign, key, &request.vote).is_ok() =>
                {
                    loaded.receipts += 1;
                }
                _ => loaded.false_ones += 1,
            }
        }
        loaded
    }
}
