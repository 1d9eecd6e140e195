//! Asking the instances.

use std::ops::Range;
use std::time::Duration;

use axum::http::header::{HOST, RANGE};
use axum::http::{HeaderName, HeaderValue, Request, StatusCode, Uri};
use booth::campaign::Shard;
use booth::publish::Cut;
use bytes::Bytes;
use http_body_util::Empty;

use super::config::PublishConfig;
use super::intake::{Lie, Said};
use crate::collect::LedgerId;
use crate::edge::OriginLimits;
use crate::edge::origin::InstanceEntry;
use crate::edge::pool::{AskError, Pool};
use crate::wire::{self, CutsSaid};

/// The most bytes of an answer to `/cuts`.
const CUTS_BYTES: usize = 8 << 20;

/// Why what an instance said is of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum Useless {
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error("status {0}")]
    Status(StatusCode),
    #[error("status 403: it does not take our pass header or certificate")]
    Pass,
    #[error("status 503: it is cutting its last votes, its clock has stepped or it has just begun")]
    Later,
    #[error("it serves shard {0}")]
    OtherShard(u16),
    #[error("what it says is not of this protocol")]
    Form,
    #[error("it was not done in time")]
    Slow,
}

/// The instances of a shard.
pub(super) struct Origin {
    shard: Shard,
    instances: Vec<Instance>,
    /// For all that the shard is asked of its cuts at a barrier, and as long for their lines.
    patience: Duration,
}

struct Instance {
    address: String,
    host: HeaderValue,
    pass: Option<HeaderValue>,
    pool: Pool,
}

impl Origin {
    pub(super) fn new(
        shard: Shard,
        entries: Vec<InstanceEntry>,
        limits: &OriginLimits,
        patience: Duration,
    ) -> Self {
        let each = entries.into_iter().map(|entry| {
            let InstanceEntry { address, host, target, pass } = entry;
            Instance { address, host, pass, pool: Pool::new(target, limits.clone()) }
        });
        Self { shard, instances: each.collect(), patience }
    }

    pub(super) const fn shard(&self) -> Shard {
        self.shard
    }

    /// How many instances there are.
    pub(super) const fn instances(&self) -> usize {
        self.instances.len()
    }

    /// What an instance says of at most so many cuts, if it answers. Each has its part of the time.
    pub(super) async fn cuts(&self, instance: usize, from: u64, most: u64) -> Option<Said> {
        let instances = u32::try_from(self.instances.len()).unwrap_or(u32::MAX).max(1);
        let part = self.patience / instances;
        let instance = self.instances.get(instance)?;
        let asked = tokio::time::timeout(part, instance.cuts(self.shard, from, most)).await;
        let said = asked.unwrap_or(Err(Useless::Slow));
        said.inspect_err(|error| self.tell(instance, error)).ok()
    }

    /// Says in the journal that an instance has lied.
    pub(super) fn tell_lie(&self, instance: usize, lie: &Lie) {
        let instance = self.instances.get(instance).map(|one| &*one.address);
        let (shard, hint) = (self.shard, Lie::HINT);
        tracing::error!(%shard, instance, %lie, hint, "an instance told what cannot be");
    }

    /// A range of each list of an instance, of votes and of voters.
    pub(super) async fn ranges(
        &self,
        instance: usize,
        [votes, voters]: [Range<u64>; 2],
    ) -> Option<[Vec<u8>; 2]> {
        let instance = self.instances.get(instance)?;
        let votes = instance.range(wire::CUT_VOTES_PATH, votes);
        let voters = instance.range(wire::CUT_VOTERS_PATH, voters);
        let both = futures::future::try_join(votes, voters);
        match tokio::time::timeout(self.patience, both).await.unwrap_or(Err(Useless::Slow)) {
            Ok((votes, voters)) => Some([votes, voters]),
            Err(error) => {
                self.tell(instance, &error);
                None
            }
        }
    }

    fn tell(&self, instance: &Instance, error: &Useless) {
        let (shard, instance) = (self.shard, &instance.address);
        tracing::warn!(%shard, instance, %error, "an instance failed");
    }
}

impl Instance {
    /// The cuts from a number on, all of them or at least `most`.
    async fn cuts(&self, shard: Shard, from: u64, most: u64) -> Result<Said, Useless> {
        let mut cuts: Vec<Cut> = Vec::new();
        let mut ledger = None;
        loop {
            let next = from.saturating_add(cuts.len() as u64);
            let header = (wire::FROM, HeaderValue::from(next));
            let mut body = Vec::new();
            let status = self.ask(wire::CUTS_PATH, header, CUTS_BYTES, &mut body).await?;
            if status != StatusCode::OK {
                return Err(Useless::Status(status));
            }
            let said: CutsSaid = serde_json::from_slice(&body).map_err(|_| Useless::Form)?;
            if said.shard != shard.0 {
                return Err(Useless::OtherShard(said.shard));
            }
            let id = LedgerId::from_text(&said.ledger).ok_or(Useless::Form)?;
            if ledger.is_some_and(|ledger| ledger != id) || said.cuts.len() > wire::MOST_CUTS {
                return Err(Useless::Form);
            }
            ledger = Some(id);
            let is_end = said.cuts.is_empty();
            cuts.extend(said.cuts.into_iter().map(Cut::from));
            let have = from.saturating_add(cuts.len() as u64);
            let (total, is_closed) = (said.total, said.is_closed);
            if have >= total || cuts.len() as u64 >= most {
                return Ok(Said { ledger: id, from, cuts, total, is_closed });
            }
            if is_end {
                return Err(Useless::Form);
            }
        }
    }

    async fn range(&self, path: &'static str, range: Range<u64>) -> Result<Vec<u8>, Useless> {
        let mut bytes = Vec::new();
        let mut from = range.start;
        while from < range.end {
            let to = from.saturating_add(wire::PART_BYTES).min(range.end);
            let text = format!("bytes={from}-{}", to.saturating_sub(1));
            let header = HeaderValue::from_str(&text).map_err(|_| Useless::Form)?;
            let length = usize::try_from(to.saturating_sub(from)).map_err(|_| Useless::Form)?;
            let before = bytes.len();
            let status = self.ask(path, (RANGE, header), length, &mut bytes).await?;
            if status != StatusCode::PARTIAL_CONTENT {
                return Err(Useless::Status(status));
            }
            if bytes.len().checked_sub(before) != Some(length) {
                return Err(Useless::Form);
            }
            from = to;
        }
        Ok(bytes)
    }

    /// Asks, and adds the answer's body, of at most `most` bytes, to what is there.
    async fn ask(
        &self,
        path: &'static str,
        (name, value): (HeaderName, HeaderValue),
        most: usize,
        body: &mut Vec<u8>,
    ) -> Result<StatusCode, Useless> {
        let mut request = Request::new(Empty::<Bytes>::new());
        *request.uri_mut() = Uri::from_static(path);
        let headers = request.headers_mut();
        headers.insert(HOST, self.host.clone());
        headers.insert(name, value);
        if let Some(pass) = &self.pass {
            headers.insert(wire::PASS, pass.clone());
        }
        let status = self.pool.fetch(request, most, body).await?;
        match status {
            StatusCode::FORBIDDEN => Err(Useless::Pass),
            StatusCode::SERVICE_UNAVAILABLE => Err(Useless::Later),
            status => Ok(status),
        }
    }
}

/// The instances of each shard.
pub(super) fn of_shards(shards: Vec<Vec<InstanceEntry>>, config: &PublishConfig) -> Vec<Origin> {
    let numbered = (0..).map(Shard).zip(shards);
    let patience = Duration::from_millis(config.barrier.shard_ms);
    numbered.map(|(shard, all)| Origin::new(shard, all, &config.origin, patience)).collect()
}
