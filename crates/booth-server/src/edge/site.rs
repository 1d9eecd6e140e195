//! One campaign at an edge.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::header::{AGE, CACHE_CONTROL};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use booth::Secret;
use booth::answer::Refusal;
use booth::campaign::Campaign;
use booth::collect::PassHeader;
use booth::edge::{Desk, EdgeSecrets, Judged, Limits, StampAnswer, Tags, examine};
use booth::totp::{Code, Codes, STEP_S, Station};
use service::clock::Clock;
use service::random;

use super::cache::{Cached, Known};
use super::figures::Figures;
use super::memory::{Admitted, Memory, Onward};
use super::origin::Origin;
use super::places::Places;
use super::seeds::Seeds;
use crate::collect::Watch;
use crate::wire::{self, Claim, StampsSaid, StationSaid, refused, vote_to_response};

/// Seconds between two figures of stamps. A figure that moved with each stamp would tell whoever
/// reads it whether a code was right.
const QUARTER_S: u64 = 900;

/// The longest time for which the options are held, in seconds.
const LIST_S: u32 = 86_400;

/// One campaign: its rules and secrets, what is held of its origin, what is remembered.
pub(super) struct Site {
    campaign: Campaign,
    secrets: EdgeSecrets,
    clock: Arc<dyn Clock>,
    watch: Arc<Watch>,
    tags: Tags,
    origin: Arc<Origin>,
    /// The answer to `/list`, whose time is the origin's.
    list: Arc<Cached<Arc<HeaderMap>>>,
    /// The booths, each with the codes that are taken there; one without a name where all booths
    /// have one seed.
    booths: BTreeMap<Option<Station>, Booth>,
    desk: Mutex<Desk>,
    /// The quarter of an hour of which the figures of stamps are.
    quarter: AtomicU64,
    memory: Mutex<Memory>,
    figures: Figures,
    places: Places,
    seeds: Arc<Seeds>,
    /// What the publisher shows; nobody is told of stamps where there is none.
    stamps_pass: Option<PassHeader>,
    /// What tells the counts of this start from those of another, 32 hexadecimal digits.
    boot: String,
}

struct Booth {
    codes: Arc<Cached<Codes>>,
    /// Codes beyond their number of stamps since the edge started.
    excess: AtomicU64,
}

impl Site {
    pub(super) fn new(
        campaign: Campaign,
        secrets: EdgeSecrets,
        origin: Origin,
        (clock, watch): (Arc<dyn Clock>, Arc<Watch>),
        limits: Limits,
        (figures, places, seeds): (Figures, Places, Arc<Seeds>),
    ) -> Self {
        // Codes that are older than a step have lost one of their three.
        let most_s = u32::try_from(STEP_S).unwrap_or(u32::MAX);
        let stations = campaign.stations().iter().cloned().map(Some);
        // Where no code is asked for there is no booth.
        let is_alone = campaign.stations().is_empty() && campaign.remote_of().is_none();
        let alone = is_alone.then_some(None);
        let booth = |station: Option<Station>| {
            let codes = Cached::new(Arc::clone(&clock), most_s);
            (station, Booth { codes, excess: AtomicU64::new(0) })
        };
        let booths = alone.into_iter().chain(stations).map(booth).collect();
        let quarter = AtomicU64::new(clock.uptime_s() / QUARTER_S);
        Self {
            list: Cached::new(Arc::clone(&clock), LIST_S),
            origin: Arc::new(origin),
            desk: Mutex::default(),
            memory: Mutex::new(Memory::new(limits)),
            booths,
            quarter,
            campaign,
            secrets,
            clock,
            watch,
            tags: Tags::new(Secret::new(&random::bytes())),
            figures,
            places,
            seeds,
            stamps_pass: None,
            boot: format!("{:032x}", u128::from_be_bytes(random::bytes())),
        }
    }

    /// With a pass for which it is told how many stamps were given.
    pub(super) fn with_stamps_pass(mut self, pass: Option<PassHeader>) -> Self {
        self.stamps_pass = pass;
        self
    }

    /// Genuine stamps given since the start, for whoever shows the pass.
    pub(super) fn stamps(&self, given: &[u8]) -> Option<StampsSaid> {
        self.stamps_pass.as_ref().filter(|pass| pass.accept(given))?;
        let said = |(station, stamps): (Option<&Station>, u64)| {
            let station = station.map(|station| station.as_str().to_owned());
            StationSaid { stamps, station }
        };
        let stamps = self.desk().totals().map(said).collect();
        let (boot, campaign) = (self.boot.clone(), self.campaign.name().to_owned());
        Some(StampsSaid { boot, campaign, stamps })
    }

    pub(super) fn campaign(&self) -> &Campaign {
        &self.campaign
    }

    /// `GET /list`. What was held before says how old it is (RFC 9111, section 5.1), so that
    /// whoever holds it on does so no longer than the origin said.
    pub(super) async fn list(self: &Arc<Self>) -> Response {
        let (headers, age) = match self.list.known() {
            Known::Value(headers, age) => (Some(headers), Some(age)),
            Known::Failed => (None, None),
            Known::Nothing => {
                let site = Arc::clone(self);
                (self.list.value(|| async move { site.ask_for_list().await }).await, None)
            }
        };
        let Some(headers) = headers else { return refused(Refusal::Busy) };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        *response.headers_mut() = HeaderMap::clone(&headers);
        if let Some(age) = age {
            response.headers_mut().insert(AGE, HeaderValue::from(age));
        }
        response
    }

    async fn ask_for_list(&self) -> Option<(Arc<HeaderMap>, u32)> {
        let ((), seconds) = self.origin.list(&self.campaign).await?;
        let mut headers = HeaderMap::new();
        let maximum = (seconds > 0).then_some(seconds.min(LIST_S));
        headers.insert(CACHE_CONTROL, wire::cache_control(maximum));
        for (name, option) in self.campaign.list() {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            headers.insert(name, HeaderValue::from_str(&option).ok()?);
        }
        Some((Arc::new(headers), seconds))
    }

    /// `GET /stamp`. Whether the code is right makes no difference to what is done here.
    pub(super) async fn stamp(self: &Arc<Self>, headers: &HeaderMap) -> Response {
        if self.campaign.remote_of().is_some() {
            return self.remote_stamp(headers);
        }
        let Some((given, station)) = asked(headers) else { return refused(Refusal::Malformed) };
        let Some(booth) = self.booths.get(&station) else { return refused(Refusal::Malformed) };
        let Some(now) = self.watch.now() else { return refused(Refusal::Busy) };
        if self.campaign.period_at(now).is_none() {
            return refused(Refusal::Time);
        }
        let codes = self.codes(booth, station.as_ref()).await;
        let Some(codes) = codes else { return refused(Refusal::Busy) };
        let Some(now) = self.watch.now() else { return refused(Refusal::Busy) };
        let judged = self.desk().judge(&self.campaign, station.as_ref(), &codes, given, now);
        let judged = match judged {
            Ok(judged) => judged,
            Err(refusal) => return refused(refusal),
        };
        booth.excess.fetch_add(judged.excess(), Ordering::Relaxed);
        self.stamped(&judged)
    }

    /// The same for remote votes, which take no code. A device that shows one has mixed up two
    /// campaigns, and its voter may be in a booth.
    fn remote_stamp(&self, headers: &HeaderMap) -> Response {
        if headers.contains_key(wire::TOTP) || headers.contains_key(wire::STATION) {
            return refused(Refusal::Malformed);
        }
        let Some(now) = self.watch.now() else { return refused(Refusal::Busy) };
        match Judged::remote(&self.campaign, now) {
            Ok(judged) => self.stamped(&judged),
            Err(refusal) => refused(refusal),
        }
    }

    fn stamped(&self, judged: &Judged) -> Response {
        stamped(&judged.stamp(&self.secrets, (&random::bytes(), random::bytes())))
    }

    /// The codes that are taken in a booth now; `None` when no instance tells them.
    async fn codes(self: &Arc<Self>, booth: &Booth, station: Option<&Station>) -> Option<Codes> {
        match booth.codes.known() {
            Known::Value(codes, _) => Some(codes),
            Known::Failed => None,
            Known::Nothing => {
                let (site, station) = (Arc::clone(self), station.cloned());
                let ask = || async move {
                    let told = site.origin.codes(station.as_ref()).await;
                    told.filter(|(codes, _)| site.seeds.are_own(codes, site.campaign.name()))
                };
                booth.codes.value(ask).await
            }
        }
    }

    /// `GET /<nonce>`, from an address.
    pub(super) async fn vote(
        self: &Arc<Self>,
        peer: IpAddr,
        path: &str,
        headers: &HeaderMap,
    ) -> Response {
        let request = match wire::vote_of(path, headers) {
            Ok(request) => request,
            Err(error) => return refused(error.into()),
        };
        let request = self.tags.of(request);
        let kept = self.memory().kept(request.tag(), self.clock.uptime_s());
        if let Some(answer) = kept {
            return vote_to_response(&answer);
        }
        let Some(place) = self.places.take().await else {
            self.figures.turned_away.inc();
            return refused(Refusal::Busy);
        };
        let Some(now) = self.watch.now() else { return refused(Refusal::Busy) };
        let examined = examine(&self.campaign, &self.secrets, request, now);
        drop(place);
        let examined = match examined {
            Ok(examined) => examined,
            Err(refusal) => return refused(refusal),
        };
        let asked = (peer, examined);
        let admitted = self.memory().vote(&self.campaign, asked, self.clock.uptime_s());
        match admitted {
            Admitted::Answer(answer) => vote_to_response(&answer),
            Admitted::Wait(answer, onward) => {
                if let Some(onward) = onward {
                    // It goes on when its client goes away: others may wait for it.
                    tokio::spawn(Arc::clone(self).cast(onward));
                }
                match answer.await {
                    Ok(answer) => vote_to_response(&answer),
                    Err(_) => refused(Refusal::Busy),
                }
            }
        }
    }

    async fn cast(self: Arc<Self>, onward: Onward) {
        let Onward { shard, claims, tag, vote, repeat_only } = onward;
        let claim = Claim { stamp: vote.vote.stamp, shard, look_only: repeat_only };
        let answer = match self.origin.claim(&claim, &claims).await {
            Ok(repeat_only) => self.origin.cast(shard, &vote, repeat_only).await,
            Err(refusal) => Some(refusal.into()),
        };
        self.memory().settle(&self.campaign, tag, answer, self.clock.uptime_s());
    }

    /// What is wrong: a clock that is not believed, a shard with two ledgers, an origin that did
    /// not answer when it was asked last.
    pub(super) fn trouble(&self) -> Option<&'static str> {
        if self.watch.now().is_none() {
            return Some("the clock has stepped");
        }
        if self.origin.is_split() {
            return Some("a shard has two ledgers");
        }
        let has_failed =
            self.list.has_failed() || self.booths.values().any(|booth| booth.codes.has_failed());
        has_failed.then_some("no instance answers")
    }

    /// Brings the gauges up to date.
    pub(super) fn gauge(&self) {
        let set = |gauge: &prometheus::IntGaugeVec, label: &str, value: u64| {
            gauge.with_label_values(&[label]).set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        let name = self.campaign.name();
        for (table, entries) in self.memory().remembered() {
            set(&self.figures.remembered, &format!("{name}/{table}"), entries as u64);
        }
        let quarter = self.clock.uptime_s() / QUARTER_S;
        if self.quarter.swap(quarter, Ordering::Relaxed) == quarter {
            return;
        }
        for (station, total) in self.desk().totals() {
            set(&self.figures.stamps, &label(&self.campaign, station), total);
        }
        for (station, total) in self.excess() {
            set(&self.figures.excess, &station, total);
        }
    }

    /// Codes beyond their number of stamps, by station, since the edge started.
    pub(super) fn excess(&self) -> impl Iterator<Item = (String, u64)> {
        let booths = self.booths.iter();
        booths.map(|(station, booth)| {
            let excess = booth.excess.load(Ordering::Relaxed);
            (label(&self.campaign, station.as_ref()), excess)
        })
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The response with stamps.
fn stamped(answer: &StampAnswer) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, wire::cache_control(None));
    let names = [wire::P_UTC, wire::P_SIG, wire::VOTER];
    for (name, (_, value)) in names.into_iter().zip(answer.headers()) {
        // Digits, base64 and dashes.
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

/// The code and the station that a request for a stamp names; each header once at the most.
fn asked(headers: &HeaderMap) -> Option<(Code, Option<Station>)> {
    let code = wire::one(headers, &wire::TOTP).ok()?.to_str().ok()?.parse().ok()?;
    if !headers.contains_key(wire::STATION) {
        return Some((code, None));
    }
    let station = wire::one(headers, &wire::STATION).ok()?.to_str().ok()?.parse().ok()?;
    Some((code, Some(station)))
}

fn label(campaign: &Campaign, station: Option<&Station>) -> String {
    let station = station.map_or("", Station::as_str);
    format!("{}/{station}", campaign.name())
}
