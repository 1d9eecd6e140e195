//! The collecting instances behind an edge: whom it asks what, and in which order.
//!
//! Options and codes are the same at each instance, so any of them is asked, another one each
//! time. A vote goes to the instances of its mandate's shard, in an order that was drawn when the
//! edge started and stays: so the edges spread their load, and each vote of a shard goes the same
//! way while that way is open.
//!
//! A vote may be sent twice, to one instance or to two of a shard: an instance knows a repeated
//! request by its mandate in the list of voters and its exact record in the list of votes, and
//! answers what it answered before.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use booth::answer::Answer;
use booth::campaign::{Campaign, Shard};
use booth::request::VoteRequest;
use booth::totp::{self, Codes, Station};
use bytes::Bytes;
use http_body_util::Empty;
use prometheus::IntCounterVec;
use service::clock::Clock;
use service::random;

use super::cache::Fetched;
use super::pool::{AskError, OriginLimits, Pool, Target};
use crate::wire;

/// Seconds for which an instance that failed is asked after the others.
const REST_S: u64 = 5;

/// Steps by which the clocks of edge and instance may differ.
const STEPS_APART: u64 = 2;

/// What an instance of a campaign may answer to a vote that an edge has examined.
const VOTE_STATUSES: [u16; 9] = [202, 204, 481, 482, 483, 484, 485, 486, 487];

/// Why what an instance said is of no use.
#[derive(Debug, thiserror::Error)]
enum Useless {
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error("status {0}")]
    Status(StatusCode),
    #[error("status 403: it does not take our pass header or certificate")]
    Pass,
    #[error("status 421: it serves another shard than the configuration says")]
    OtherShard,
    #[error(transparent)]
    Wire(#[from] wire::WireError),
    #[error("the options are not those of the campaign file")]
    OtherOptions,
    #[error("its codes are for another time: the clock there or here is wrong")]
    OtherTime,
}

/// One instance.
struct Instance {
    /// As the configuration has it.
    address: String,
    host: HeaderValue,
    pool: Pool,
    pass: Option<HeaderValue>,
    rests_until: AtomicU64,
}

/// Where an instance is and what it is shown.
pub(super) struct InstanceEntry {
    pub(super) address: String,
    pub(super) host: HeaderValue,
    pub(super) target: Target,
    pub(super) pass: Option<HeaderValue>,
}

/// All instances of a campaign.
pub(super) struct Origin {
    shards: Vec<Vec<Arc<Instance>>>,
    clock: Arc<dyn Clock>,
    asked: IntCounterVec,
    failed: IntCounterVec,
}

impl Origin {
    /// The instances of each shard; `asked` and `failed` count questions by path.
    pub(super) fn new(
        shards: Vec<Vec<InstanceEntry>>,
        limits: &OriginLimits,
        clock: Arc<dyn Clock>,
        asked: IntCounterVec,
        failed: IntCounterVec,
    ) -> Self {
        let open = |entry: InstanceEntry| {
            let InstanceEntry { address, host, target, pass } = entry;
            let pool = Pool::new(target, limits.clone());
            Arc::new(Instance { address, host, pool, pass, rests_until: AtomicU64::new(0) })
        };
        let shards = shards.into_iter().map(|shard| shuffled(shard.into_iter().map(open)));
        Self { shards: shards.collect(), clock, asked, failed }
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
        let headers = wire::vote_to_headers(vote);
        let instances = self.shards.get(usize::from(shard.0))?;
        let judge = |status: StatusCode, headers: &HeaderMap| {
            if status == StatusCode::MISDIRECTED_REQUEST {
                return Err(Useless::OtherShard);
            }
            if !VOTE_STATUSES.contains(&status.as_u16()) {
                return Err(Useless::Status(status));
            }
            Ok(wire::response_to_answer(status, headers)?)
        };
        self.first(instances.clone(), path, &headers, judge).await.map(|found| found.0)
    }

    /// Asks all instances in a random order until one of them says something of use.
    async fn of_any<T>(
        &self,
        path: &'static str,
        headers: &HeaderMap,
        judge: impl Fn(StatusCode, &HeaderMap) -> Result<T, Useless> + Send + Sync,
    ) -> Fetched<T> {
        let all = shuffled(self.shards.iter().flatten().map(Arc::clone));
        let (value, headers) = self.first(all, path, headers, judge).await?;
        Some((value, wire::max_age(&headers).unwrap_or(0)))
    }

    /// The first answer of use, those asked last that failed lately.
    async fn first<T>(
        &self,
        mut instances: Vec<Arc<Instance>>,
        path: &'static str,
        headers: &HeaderMap,
        judge: impl Fn(StatusCode, &HeaderMap) -> Result<T, Useless> + Send + Sync,
    ) -> Option<(T, HeaderMap)> {
        let now = self.clock.uptime_s();
        instances.sort_by_key(|instance| instance.rests(now));
        for instance in instances {
            self.asked.with_label_values(&[path]).inc();
            let asked = instance.ask(path, headers).await;
            let judged = asked.map_err(Useless::from).and_then(|(status, headers)| match status {
                StatusCode::FORBIDDEN => Err(Useless::Pass),
                _ => judge(status, &headers).map(|value| (value, headers)),
            });
            match judged {
                Ok(found) => return Some(found),
                Err(reason) => {
                    self.failed.with_label_values(&[path]).inc();
                    instance.rest(path, &reason, self.clock.uptime_s());
                }
            }
        }
        None
    }
}

impl Instance {
    async fn ask(
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
        self.pool.ask(request).await
    }

    fn rests(&self, now: u64) -> bool {
        self.rests_until.load(Ordering::Relaxed) > now
    }

    /// Puts the instance behind the others for a while. A flood of failures is told once.
    fn rest(&self, path: &str, reason: &Useless, now: u64) {
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
