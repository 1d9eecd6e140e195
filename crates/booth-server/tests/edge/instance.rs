//! A stand-in for a collecting instance: real TCP, and a script.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode};
use axum::response::Response;
use booth::Secret;
use booth::answer::{Answer, Refusal};
use booth::campaign::{Campaign, Shard};
use booth::mandate::MandateId;
use booth::request::VoteRequest;
use booth::stamp::VoterStamp;
use booth::totp::Codes;
use booth_server::collect::LedgerId;
use booth_server::wire;
use canon::Digest;
use hyper::body::Incoming;
use rustls::ServerConfig;
use service::clock::{Clock as _, ManualClock};
use service::http::{Entrance, Handler, serve};
use service::limits::Limits;
use service::stop::{self, StopHandle};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::solar::{PASS, codes_of};

/// What the stand-in does with a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Script {
    /// What an instance does.
    Well,
    /// This status, with these headers, whatever was asked.
    Says(u16, Vec<(&'static str, &'static str)>),
    /// Nothing, until the script is another one; then that.
    Holds,
    /// The same with requests that can only be repeated, and all else well.
    HoldsRepeats,
}

/// What the stand-ins of a campaign share.
pub(crate) struct Behind {
    pub(crate) campaign: Campaign,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) totp_seed: Secret,
    /// What instances have recorded, by ledger.
    pub(crate) ledgers: Mutex<BTreeMap<String, BTreeMap<MandateId, Digest>>>,
    /// For which shards stamps are claimed.
    pub(crate) stamps: Mutex<BTreeMap<VoterStamp, Shard>>,
}

/// A running stand-in.
#[derive(Clone)]
pub(crate) struct Instance(Arc<Inner>);

struct Inner {
    address: SocketAddr,
    is_tls: bool,
    behind: Arc<Behind>,
    shard: Shard,
    script: watch::Sender<Script>,
    /// For claims, which it judges well whatever it does otherwise.
    claims: watch::Sender<Script>,
    asked: watch::Sender<BTreeMap<String, usize>>,
    /// Whose votes it was asked to record.
    voters: Mutex<BTreeSet<MandateId>>,
    ledger: Mutex<LedgerId>,
    _running: StopHandle,
}

impl Instance {
    pub(crate) async fn start(behind: Arc<Behind>, shard: u16) -> Self {
        Self::start_over(behind, shard, None).await
    }

    /// The same over TLS, known by the client's certificate instead of the pass header.
    pub(crate) async fn start_over(
        behind: Arc<Behind>,
        shard: u16,
        tls: Option<Arc<ServerConfig>>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let is_tls = tls.is_some();
        let (handle, stop) = stop::pair();
        let (script, claims) = (watch::channel(Script::Well).0, watch::channel(Script::Well).0);
        let asked = watch::channel(BTreeMap::new()).0;
        // One ledger a shard, unless a test says otherwise.
        let ledger = Mutex::new(LedgerId(u128::from(shard).to_be_bytes()));
        let (shard, voters) = (Shard(shard), Mutex::default());
        let inner = Inner {
            address,
            is_tls,
            behind,
            shard,
            script,
            claims,
            asked,
            voters,
            ledger,
            _running: handle,
        };
        let instance = Self(Arc::new(inner));
        let app = Asked(Arc::downgrade(&instance.0));
        let limits = Limits { connections_per_peer: Some(4096), ..Limits::default() };
        let entrance = match tls {
            None => Entrance::plain(listener),
            Some(tls) => Entrance::tls(listener, tls),
        };
        tokio::spawn(async move { serve(entrance, app, &limits, stop).await });
        instance
    }

    pub(crate) fn address(&self) -> String {
        let scheme = if self.0.is_tls { "https" } else { "http" };
        format!("{scheme}://{}", self.0.address)
    }

    pub(crate) fn does(&self, script: Script) {
        self.0.script.send_replace(script);
    }

    /// What it does with claims.
    pub(crate) fn does_with_claims(&self, script: Script) {
        self.0.claims.send_replace(script);
    }

    /// Questions so far, at a path.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.0.asked.borrow().get(path).copied().unwrap_or_default()
    }

    /// Returns once so many questions have come, at a path.
    pub(crate) async fn is_asked(&self, path: &str, times: usize) {
        let mut asked = self.0.asked.subscribe();
        let enough = |asked: &BTreeMap<String, usize>| asked.get(path).is_some_and(|n| *n >= times);
        asked.wait_for(enough).await.unwrap();
    }

    /// Records in the ledger with this number from now on.
    pub(crate) fn records_in(&self, number: u128) {
        *self.0.ledger.lock().unwrap() = LedgerId(number.to_be_bytes());
    }

    /// Votes that it was asked to record.
    pub(crate) fn votes(&self) -> usize {
        self.0.voters.lock().unwrap().len()
    }
}

#[derive(Clone)]
struct Asked(std::sync::Weak<Inner>);

impl Handler for Asked {
    async fn answer(&self, request: Request<Incoming>, _: SocketAddr) -> Response {
        let Some(inner) = self.0.upgrade() else { return Response::new(Body::empty()) };
        let path = request.uri().path().to_owned();
        inner.asked.send_modify(|asked| *asked.entry(path.clone()).or_default() += 1);
        let is_claim = path == wire::CLAIM_PATH;
        let mut scripts = if is_claim { &inner.claims } else { &inner.script }.subscribe();
        let is_repeat = path == wire::REPEAT_PATH;
        let goes_on = |script: &Script| match script {
            Script::Holds => false,
            Script::HoldsRepeats => !is_repeat,
            _ => true,
        };
        let script = scripts.wait_for(goes_on).await.unwrap().clone();
        match script {
            Script::Says(status, headers) => said(status, &headers),
            _ if !inner.is_tls && !passes(&request) => said(403, &[]),
            _ => inner.answer(&path, &request),
        }
    }
}

fn passes(request: &Request<Incoming>) -> bool {
    wire::one(request.headers(), &wire::PASS).is_ok_and(|pass| pass == PASS)
}

fn said(status: u16, headers: &[(&'static str, &'static str)]) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        response.headers_mut().append(*name, HeaderValue::from_static(value));
    }
    response
}

impl Inner {
    fn answer(&self, path: &str, request: &Request<Incoming>) -> Response {
        let headers = request.headers();
        let own = *self.ledger.lock().unwrap();
        match path {
            wire::LIST_PATH => {
                let mut response = said(204, &[("cache-control", "max-age=3600")]);
                for (name, option) in self.behind.campaign.list() {
                    let name = axum::http::HeaderName::from_bytes(name.as_bytes()).unwrap();
                    response.headers_mut().append(name, option.parse().unwrap());
                }
                response.headers_mut().insert(wire::LEDGER, wire::ledger(own));
                response
            }
            wire::TOTP_PATH => {
                let station = headers.get(wire::STATION).map(|name| name.to_str().unwrap());
                let codes: Codes = codes_of(&self.behind, station);
                let mut response = said(204, &[("cache-control", "max-age=1")]);
                response.headers_mut().extend(wire::codes_to_headers(&codes));
                response.headers_mut().insert(wire::LEDGER, wire::ledger(own));
                response
            }
            wire::CLAIM_PATH => {
                let claim = wire::claim_from_headers(headers).unwrap();
                assert_ne!(claim.shard, self.shard, "nobody asks a vote's own shard");
                let mut stamps = self.behind.stamps.lock().unwrap();
                let holder = stamps.get(&claim.stamp).copied().unwrap_or(claim.shard);
                if !claim.look_only {
                    stamps.insert(claim.stamp, holder);
                }
                said(if holder == claim.shard { 204 } else { 487 }, &[])
            }
            wire::VOTE_PATH | wire::REPEAT_PATH
                if headers.contains_key(wire::LEDGER) && wire::ledger_of(headers) != Some(own) =>
            {
                said(409, &[])
            }
            wire::VOTE_PATH | wire::REPEAT_PATH => {
                let request = wire::vote_from_headers(headers).unwrap();
                wire::answer_to_response(&self.judge(&request, path == wire::REPEAT_PATH))
            }
            _ => said(404, &[]),
        }
    }

    /// The checks of an instance, in their order, with the answers of the prototype.
    fn judge(&self, request: &VoteRequest, repeat_only: bool) -> Answer {
        let VoteRequest { vote, mandate } = request;
        let campaign = &self.behind.campaign;
        if !campaign.has_begun(vote.platform.period, self.behind.clock.now()) {
            return Refusal::Time.into();
        }
        if campaign.shard_of(mandate.id()) != self.shard {
            return Refusal::OtherShard.into();
        }
        if campaign.position(&vote.say).is_none() {
            return Refusal::NotOnBallot.into();
        }
        let mut ledgers = self.behind.ledgers.lock().unwrap();
        let own = format!("{:?}", *self.ledger.lock().unwrap());
        let votes = ledgers.entry(own).or_default();
        if repeat_only && votes.get(mandate.id()) != Some(&vote.digest()) {
            return Refusal::VoterStamp.into();
        }
        let recorded = votes.entry(*mandate.id()).or_insert(vote.digest());
        if *recorded != vote.digest() {
            return Refusal::Voted.into();
        }
        self.voters.lock().unwrap().insert(*mandate.id());
        let lines = (1..).zip(campaign.options()).map(|(number, option)| {
            let stamp = if *option == vote.say { vote.stamp.to_string() } else { "-".to_owned() };
            (format!("Receipt{number:02}"), format!("{stamp} {option}"))
        });
        let headers = lines.collect();
        Answer { status: 204, headers, max_age_s: Some(300), retry_after_s: None }
    }
}
