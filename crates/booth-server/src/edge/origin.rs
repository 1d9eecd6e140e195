//! The collecting instances behind an edge: whom it asks what, and in which order.
//!
//! Options and codes are the same at each instance, so any of them is asked, another one each
//! time. A vote goes to the instances of its mandate's shard, in an order that was drawn when the
//! edge started and stays: so the edges spread their load, and each vote of a shard goes the same
//! way while that way is open.
//!
//! Before it goes, its stamp is claimed at the other shards: the module `claims`.
//!
//! A vote may be sent twice, to one instance or to two of a shard: an instance knows a repeated
//! request by its mandate in the list of voters and its exact record in the list of votes, and
//! answers what it answered before. Two instances know so only if they record in one ledger, so a
//! shard of several is asked for the ids of their ledgers: the module `ledgers`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use booth::answer::Answer;
use booth::campaign::{Campaign, Shard};
use booth::edge::Reach;
use booth::request::VoteRequest;
use booth::totp::{self, Codes, Station};
use bytes::Bytes;
use http_body_util::Empty;
use prometheus::IntCounter;
use service::clock::Clock;
use service::random;

use super::cache::Fetched;
use super::figures::Figures;
use super::ledgers::Ledgers;
use super::pool::{AskError, OriginLimits, Pools, Target};
use crate::collect::LedgerId;
use crate::wire;

/// Seconds for which an instance that failed is asked after the others.
const REST_S: u64 = 5;

/// Steps by which the clocks of edge and instance may differ.
const STEPS_APART: u64 = 2;

/// What an instance of a campaign may answer to a vote that an edge has examined.
const VOTE_STATUSES: [u16; 9] = [202, 204, 481, 482, 483, 484, 485, 486, 487];

/// Why what an instance said is of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum Useless {
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error("status {0}")]
    Status(StatusCode),
    #[error("status 403: it does not take our pass header or certificate")]
    Pass,
    #[error("status 421: it serves another shard than the configuration says")]
    OtherShard,
    #[error("status 409: it records in another ledger than before")]
    OtherLedger,
    #[error(transparent)]
    Wire(#[from] wire::WireError),
    #[error("the options are not those of the campaign file")]
    OtherOptions,
    #[error("its codes are for another time: the clock there or here is wrong")]
    OtherTime,
}

/// One instance.
pub(super) struct Instance {
    /// As the configuration has it.
    address: String,
    host: HeaderValue,
    pools: Pools,
    pub(super) reach: Mutex<Reach>,
    pass: Option<HeaderValue>,
    rests_until: AtomicU64,
    /// The ledger that it records in, as far as it was heard.
    ledger: Mutex<Option<LedgerId>>,
}

/// Where an instance is and what it is shown.
pub(crate) struct InstanceEntry {
    pub(crate) address: String,
    pub(crate) host: HeaderValue,
    pub(crate) target: Target,
    pub(crate) pass: Option<HeaderValue>,
}

/// All instances of a campaign.
pub(super) struct Origin {
    pub(super) shards: Vec<Ledgers>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) counters: Counters,
}

/// Questions by path, and those of them without a useful answer.
pub(super) struct Counters {
    by_path: [(&'static str, IntCounter, IntCounter); 5],
    pub(super) claims_refused: IntCounter,
    pub(super) claims_unasked: IntCounter,
}

impl Counters {
    /// Resolved once, for each vote would look them up.
    fn new(figures: &Figures) -> Self {
        let paths = [
            wire::VOTE_PATH,
            wire::REPEAT_PATH,
            wire::CLAIM_PATH,
            wire::TOTP_PATH,
            wire::LIST_PATH,
        ];
        let by_path = paths.map(|path| {
            let asked = figures.asked.with_label_values(&[path]);
            (path, asked, figures.failed.with_label_values(&[path]))
        });
        let claims_refused = figures.claims_refused.clone();
        Self { by_path, claims_refused, claims_unasked: figures.claims_unasked.clone() }
    }

    pub(super) fn of(&self, path: &str) -> Option<(&IntCounter, &IntCounter)> {
        let found = self.by_path.iter().find(|(known, ..)| *known == path);
        found.map(|(_, asked, failed)| (asked, failed))
    }
}

impl Origin {
    /// The instances of each shard of a campaign.
    pub(super) fn new(
        campaign: &str,
        shards: Vec<Vec<InstanceEntry>>,
        limits: &OriginLimits,
        clock: Arc<dyn Clock>,
        figures: &Figures,
    ) -> Self {
        let open = |entry: InstanceEntry| {
            let InstanceEntry { address, host, target, pass } = entry;
            let pools = Pools::new(&target, limits);
            let (rests_until, ledger, reach) =
                (AtomicU64::new(0), Mutex::default(), Mutex::default());
            Arc::new(Instance { address, host, pools, reach, pass, rests_until, ledger })
        };
        let shards = (0_usize..).zip(shards).map(|(number, shard)| {
            let differ =
                figures.ledgers_differ.with_label_values(&[&format!("{campaign}/{number}")]);
            Ledgers::new(shuffled(shard.into_iter().map(open)), differ)
        });
        Self { shards: shards.collect(), clock, counters: Counters::new(figures) }
    }

    /// The options, and the seconds for which they may be held.
    pub(super) async fn list(&self, campaign: &Campaign) -> Fetched<()> {
        let expected = campaign.list();
        self.of_any(wire::LIST_PATH, &HeaderMap::new(), |status, headers| {
            if status != StatusCode::NO_CONTENT {
                return Err(Useless::Status(status));
            }
            let mut said = wire::response_to_answer(status, headers)?.headers;
            said.retain(|(name, _)| name.starts_with("Say"));
            said.sort();
            // Two edges must not show two ballots, whatever an instance says.
            if said == expected { Ok(()) } else { Err(Useless::OtherOptions) }
        })
        .await
    }

    /// The codes of a station, and the seconds for which they may be held.
    pub(super) async fn codes(&self, station: Option<&Station>) -> Fetched<Codes> {
        let mut ask = HeaderMap::new();
        // The name of a station is made of what a header can carry.
        if let Some(Ok(name)) = station.map(|station| HeaderValue::from_str(station.as_str())) {
            ask.insert(wire::STATION, name);
        }
        let present = totp::step(self.clock.now());
        self.of_any(wire::TOTP_PATH, &ask, |status, headers| {
            if status != StatusCode::NO_CONTENT {
                return Err(Useless::Status(status));
            }
            let codes = wire::codes_from_headers(headers)?;
            // What was given at a step is counted; a step of another age would upset the counts.
            let is_near = codes.step.abs_diff(present) <= STEPS_APART;
            if is_near { Ok(codes) } else { Err(Useless::OtherTime) }
        })
        .await
    }

    /// What the shard says of a vote; `None` when none of its instances can be reached.
    pub(super) async fn cast(
        &self,
        shard: Shard,
        vote: &VoteRequest,
        repeat_only: bool,
    ) -> Option<Answer> {
        let path = if repeat_only { wire::REPEAT_PATH } else { wire::VOTE_PATH };
        let mut headers = wire::vote_to_headers(vote);
        let judge = |status: StatusCode, headers: &HeaderMap| match status {
            StatusCode::MISDIRECTED_REQUEST => Err(Useless::OtherShard),
            StatusCode::CONFLICT => Err(Useless::OtherLedger),
            _ if !VOTE_STATUSES.contains(&status.as_u16()) => Err(Useless::Status(status)),
            _ => Ok(wire::response_to_answer(status, headers)?),
        };
        let ledgers = self.shards.get(usize::from(shard.0))?;
        if let [only] = ledgers.instances() {
            return self.ask(only, path, &headers, judge).await.map(|(answer, _)| answer);
        }
        ledgers.meet(self).await;
        for instance in self.in_order(ledgers.instances().to_vec()) {
            if instance.ledger().is_none() {
                self.meet(&instance).await;
            }
            // Whoever was asked has said which it is; all that have must agree.
            let Some(id) = ledgers.agreed().ok()? else { continue };
            if instance.ledger() != Some(id) {
                continue;
            }
            headers.insert(wire::LEDGER, wire::ledger(id));
            if let Some((answer, _)) = self.ask(&instance, path, &headers, judge).await {
                return Some(answer);
            }
        }
        None
    }

    /// Asks an instance which ledger it records in.
    pub(super) async fn meet(&self, instance: &Instance) {
        let judge = |status, headers: &HeaderMap| match wire::ledger_of(headers) {
            Some(_) if status == StatusCode::NO_CONTENT => Ok(()),
            None if status == StatusCode::NO_CONTENT => {
                Err(wire::WireError { header: wire::LEDGER }.into())
            }
            _ => Err(Useless::Status(status)),
        };
        self.ask(instance, wire::LIST_PATH, &HeaderMap::new(), judge).await;
    }

    /// Whether two instances of one shard record in different ledgers.
    pub(super) fn is_split(&self) -> bool {
        self.shards.iter().any(|shard| shard.agreed().is_err())
    }

    /// Asks all instances in a random order until one of them says something of use.
    async fn of_any<T>(
        &self,
        path: &'static str,
        headers: &HeaderMap,
        judge: impl Fn(StatusCode, &HeaderMap) -> Result<T, Useless> + Send + Sync,
    ) -> Fetched<T> {
        let all = shuffled(self.shards.iter().flat_map(Ledgers::instances).map(Arc::clone));
        for instance in self.in_order(all) {
            if let Some((value, headers)) = self.ask(&instance, path, headers, &judge).await {
                return Some((value, wire::max_age(&headers).unwrap_or(0)));
            }
        }
        None
    }

    /// Those last that failed lately.
    fn in_order(&self, mut instances: Vec<Arc<Instance>>) -> Vec<Arc<Instance>> {
        let now = self.clock.uptime_s();
        instances.sort_by_key(|instance| instance.rests(now));
        instances
    }

    /// What an instance says, if it is of use.
    async fn ask<T>(
        &self,
        instance: &Instance,
        path: &'static str,
        headers: &HeaderMap,
        judge: impl Fn(StatusCode, &HeaderMap) -> Result<T, Useless> + Send + Sync,
    ) -> Option<(T, HeaderMap)> {
        let counters = self.counters.of(path);
        if let Some((asked, _)) = counters {
            asked.inc();
        }
        let asked = instance.ask(path, headers).await;
        let judged = asked.map_err(Useless::from).and_then(|(status, headers)| match status {
            StatusCode::FORBIDDEN => Err(Useless::Pass),
            _ => judge(status, &headers).map(|value| (value, headers)),
        });
        match judged {
            Ok((value, headers)) => {
                if let Some(id) = wire::ledger_of(&headers) {
                    instance.records_in(Some(id));
                }
                Some((value, headers))
            }
            Err(reason) => {
                if matches!(reason, Useless::OtherLedger) {
                    instance.records_in(None);
                }
                if let Some((_, failed)) = counters {
                    failed.inc();
                }
                instance.rest(path, &reason, self.clock.uptime_s());
                None
            }
        }
    }
}

impl Instance {
    pub(super) async fn ask(
        &self,
        path: &'static str,
        headers: &HeaderMap,
    ) -> Result<(StatusCode, HeaderMap), AskError> {
        let mut request = Request::new(Empty::<Bytes>::new());
        *request.uri_mut() = axum::http::Uri::from_static(path);
        *request.headers_mut() = headers.clone();
        request.headers_mut().insert(HOST, self.host.clone());
        if let Some(pass) = &self.pass {
            request.headers_mut().insert(wire::PASS, pass.clone());
        }
        self.pools.of(path).ask(request).await
    }

    /// As the configuration has it.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The ledger that it records in; `None` until it has said so.
    pub(super) fn ledger(&self) -> Option<LedgerId> {
        *self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn records_in(&self, id: Option<LedgerId>) {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(before), Some(now)) = (*ledger, id)
            && before != now
        {
            let instance = &self.address;
            tracing::error!(instance, %before, %now, "an instance records in another ledger");
        }
        *ledger = id;
    }

    fn rests(&self, now: u64) -> bool {
        self.rests_until.load(Ordering::Relaxed) > now
    }

    /// Puts the instance behind the others for a while. A flood of failures is told once.
    pub(super) fn rest(&self, path: &str, reason: &Useless, now: u64) {
        let before = self.rests_until.swap(now.saturating_add(REST_S), Ordering::Relaxed);
        let instance = &self.address;
        if before > now {
            tracing::debug!(instance, path, %reason, "an instance failed again");
        } else {
            tracing::warn!(instance, path, %reason, "an instance failed");
        }
    }
}

/// In an order drawn at random (Fisher and Yates).
fn shuffled<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    for end in (1..items.len()).rev() {
        let drawn = u64::from_be_bytes(random::bytes());
        // The remainder is off by less than 2^-50 for any number of instances there can be.
        let at = usize::try_from(drawn % (end as u64 + 1)).unwrap_or(end);
        items.swap(end, at);
    }
    items
}
