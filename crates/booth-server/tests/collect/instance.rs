//! The instance over HTTP: who is let in, what is refused, and how it ends.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;

use booth::campaign::{Campaign, Shard};
use booth::mandate::Mandate;
use booth::receipt::{Acceptance, Place, SignedReceipt};
use booth::request::VoteRequest;
use booth_server::campaign::read_campaign;
use booth_server::collect::{self, CollectConfig, CollectError, Ledger, Recovered, Server};
use canon::base64;
use service::clock::{Clock, ManualClock};
use service::config::Override;
use service::stop::{self, StopHandle};
use testkit::campaign::Solar;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::fixture::{key, mandate, noon, request};

/// The folder of a platform.
pub(crate) struct Platform {
    folder: tempfile::TempDir,
}

impl Platform {
    /// For a campaign of this purpose.
    pub(crate) fn new(purpose: &str, k: u32, shards: u16) -> Self {
        let more = "stamps_per_code = 40\n";
        Self::of(&Solar { purpose, k, shards, more, ..Solar::default() })
    }

    /// For a campaign of these rules, with the authority of the fixture.
    pub(crate) fn of(rules: &Solar<'_>) -> Self {
        Self::below(tempfile::tempdir().unwrap(), rules)
    }

    /// The same below this folder.
    pub(crate) fn below(folder: tempfile::TempDir, rules: &Solar<'_>) -> Self {
        let rules = Solar { authority: key(1).public().to_base64(), ..rules.clone() };
        std::fs::write(folder.path().join("rules.toml"), rules.to_string()).unwrap();
        collect::init(&folder.path().join("solar"), &folder.path().join("rules.toml")).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("solar").join(name)
    }

    /// The secret of a file.
    pub(crate) fn secret(&self, name: &str) -> String {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        text.trim_end().to_owned()
    }

    pub(crate) fn campaign(&self) -> Campaign {
        read_campaign(&self.path("campaign.toml")).unwrap()
    }

    /// The configuration of an instance, on any port, with the batch keys in the folder.
    pub(crate) fn config(&self, shard: u16, more: &[Override]) -> CollectConfig {
        let keys = self.path(&format!("keys-{shard}"));
        let mut flags = vec![
            Override::new("listen", "127.0.0.1:0"),
            Override::new("batch_keys", keys.to_str().unwrap()),
        ];
        flags.extend_from_slice(more);
        CollectConfig::load(&self.path(&format!("collect-{shard}/collect.toml")), &flags).unwrap()
    }
}

/// A running instance.
pub(crate) struct Running {
    runtime: Runtime,
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<ManualClock>,
    handle: StopHandle,
    serving: JoinHandle<Result<service::http::Drained, CollectError>>,
    pass: String,
}

impl Running {
    pub(crate) fn start(platform: &Platform, shard: u16) -> Self {
        Self::try_start(platform, &platform.config(shard, &[]), noon()).unwrap()
    }

    pub(crate) fn try_start(
        platform: &Platform,
        config: &CollectConfig,
        now: canon::Timestamp,
    ) -> Result<Self, CollectError> {
        let runtime = Runtime::new().unwrap();
        let clock = Arc::new(ManualClock::new(now));
        let server = runtime.block_on(Server::open(config, clock.clone()))?;
        Ok(Self::of(platform, runtime, clock, server))
    }

    /// An instance that records in a ledger of the test's.
    pub(crate) fn over(platform: &Platform, ledger: Arc<dyn Ledger>, recovered: Recovered) -> Self {
        let runtime = Runtime::new().unwrap();
        let clock = Arc::new(ManualClock::new(noon()));
        let config = platform.config(0, &[]);
        let server = Server::over(&config, clock.clone(), ledger, recovered);
        let server = runtime.block_on(server).unwrap();
        Self::of(platform, runtime, clock, server)
    }

    /// An instance with a clock of the test's, and the one that this moves.
    pub(crate) fn by(
        platform: &Platform,
        config: &CollectConfig,
        (clock, manual): (Arc<dyn Clock>, Arc<ManualClock>),
    ) -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Server::open(config, clock)).unwrap();
        Self::of(platform, runtime, manual, server)
    }

    fn of(platform: &Platform, runtime: Runtime, clock: Arc<ManualClock>, server: Server) -> Self {
        let address = server.address();
        let (handle, stop) = stop::pair();
        let serving = runtime.spawn(server.run(stop));
        let pass = platform.secret("edge/pass-header");
        Self { runtime, address, clock, handle, serving, pass }
    }

    /// Waits for an end that nobody asked for.
    pub(crate) fn end(self) -> Result<service::http::Drained, CollectError> {
        self.runtime.block_on(self.serving).unwrap()
    }

    pub(crate) fn ask_to_stop(&self) {
        self.handle.ask();
    }

    pub(crate) fn stop(self) {
        self.ask_to_stop();
        self.runtime.block_on(self.serving).unwrap().unwrap();
    }

    /// A request that shows the pass header.
    pub(crate) fn ask(&self, path: &str, headers: &[(String, String)]) -> Answer {
        let pass = ("X-Pull".to_owned(), self.pass.clone());
        self.ask_bare(path, &[headers, &[pass]].concat())
    }

    pub(crate) fn ask_bare(&self, path: &str, headers: &[(String, String)]) -> Answer {
        Answer::read(&self.exchange(path, headers).unwrap())
    }

    fn exchange(&self, path: &str, headers: &[(String, String)]) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        let mut text = format!("GET {path} HTTP/1.1\r\nHost: collect\r\nConnection: close\r\n");
        for (name, value) in headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text.push_str("\r\n");
        stream.write_all(text.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    pub(crate) fn vote(&self, request: &VoteRequest) -> Answer {
        self.ask("/vote", &headers(request))
    }

    /// The status of a vote; none when the instance is gone.
    pub(crate) fn try_vote(&self, request: &VoteRequest) -> Option<u16> {
        let pass = ("X-Pull".to_owned(), self.pass.clone());
        let headers = [headers(request), vec![pass]].concat();
        self.exchange("/vote", &headers)
            .ok()
            .filter(|text| !text.is_empty())
            .map(|text| Answer::read(&text).status)
    }

    /// A figure of `/metrics`.
    pub(crate) fn figure(&self, name: &str) -> u64 {
        let body = self.ask("/metrics", &[]).body;
        let line = body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap().parse().unwrap()
    }
}

/// The headers of a vote between edge and instance.
pub(crate) fn headers(request: &VoteRequest) -> Vec<(String, String)> {
    let nonce = ("nonce".to_owned(), request.vote.nonce.to_string());
    let rest = request.headers().into_iter().map(|(name, value)| (name.to_owned(), value));
    std::iter::once(nonce).chain(rest).collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .map(|line| line.split_once(": ").unwrap())
            .filter(|(name, _)| !["date", "connection"].contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self { status, headers, body: body.to_owned() }
    }

    fn receipt(&self, campaign: &Campaign) -> SignedReceipt {
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        SignedReceipt::from_headers(campaign, headers).unwrap()
    }
}

fn signed_again(mandate: &Mandate) -> Mandate {
    // Another genuine signature would need the authority; one whose S is not the canonical one is
    // what a stranger can make: S + L (RFC 8032, 8.4).
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut signature = *mandate.signature();
    let mut carry = 0_u16;
    for (byte, more) in signature[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    Mandate::from_parts(mandate.id().authority, signature, mandate.id().id)
}

#[test]
fn a_vote_is_accepted_and_later_has_a_receipt() {
    let platform = Platform::new("test", 2, 1);
    let campaign = platform.campaign();
    let key = campaign.receipt_key(Shard(0)).unwrap().clone();
    let instance = Running::start(&platform, 0);
    let first = instance.vote(&request(1));
    assert_eq!((first.status, first.headers["cache-control"].as_str()), (202, "no-store"));
    assert!(first.headers.contains_key("retry-after") && first.body.is_empty());
    let acceptance = Acceptance {
        campaign: "solar".to_owned(),
        place: Place { shard: Shard(0), batch: 0 },
        stamp: request(1).vote.stamp,
    };
    let signature = base64::decode(first.headers["accepted-sig"].as_bytes()).unwrap();
    assert!(acceptance.holds(&key, &signature));
    assert_eq!(first.headers["accepted-batch"], "0/0");
    for number in 2..5 {
        assert_eq!(instance.vote(&request(number)).status, 202);
    }
    instance.stop();
    // What was due to be cut is cut, by this process or the next.
    let instance = Running::start(&platform, 0);
    let receipt = until(|| Some(instance.vote(&request(1))).filter(|answer| answer.status == 204));
    assert_eq!(receipt.headers["cache-control"], "max-age=300");
    receipt.receipt(&campaign).check(&campaign, &key, &request(1).vote).unwrap();
    assert_eq!(instance.vote(&request(3)).status, 202, "its batch is not cut");
    // The close, by the clock; and receipts after it.
    instance.clock.advance(86_400 * 2);
    let receipt = until(|| Some(instance.vote(&request(3))).filter(|answer| answer.status == 204));
    receipt.receipt(&campaign).check(&campaign, &key, &request(3).vote).unwrap();
    assert_eq!(instance.vote(&request(9)).status, 485);
    assert_eq!(instance.figure("collect_pending"), 0);
    instance.stop();
}

/// Asks until there is something; the test's own limit of time is what ends it otherwise.
pub(crate) fn until<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(found) = ask() {
            return found;
        }
        std::thread::yield_now();
    }
}

#[test]
fn in_a_demonstration_the_receipt_comes_at_once() {
    let platform = Platform::new("demonstration", 0, 1);
    let campaign = platform.campaign();
    let instance = Running::start(&platform, 0);
    for number in 0..5 {
        let answer = instance.vote(&request(number));
        assert_eq!(answer.status, 204);
        let key = campaign.receipt_key(Shard(0)).unwrap();
        answer.receipt(&campaign).check(&campaign, key, &request(number).vote).unwrap();
    }
    instance.stop();
}

/// The attacks: replay, another vote, somebody else's stamp, another spelling of the signature.
#[test]
fn one_mandate_and_one_stamp_count_once() {
    let platform = Platform::new("test", 50, 1);
    let instance = Running::start(&platform, 0);
    let first = instance.vote(&request(1));
    assert_eq!(instance.vote(&request(1)), first, "asked again, answered the same");
    let with = |mandate, number| VoteRequest { mandate, vote: request(number).vote };
    assert_eq!(instance.vote(&with(mandate(1), 2)).status, 481);
    assert_eq!(instance.vote(&with(mandate(2), 1)).status, 487);
    assert_eq!(instance.vote(&with(signed_again(&mandate(1)), 3)).status, 483);
    assert_eq!(instance.vote(&with(signed_again(&mandate(4)), 4)).status, 483);
    assert_eq!(instance.figure("collect_recorded_total"), 1);
    instance.stop();
    // And a start later.
    let instance = Running::start(&platform, 0);
    assert_eq!(instance.vote(&request(1)), first);
    assert_eq!(instance.vote(&with(mandate(1), 2)).status, 481);
    assert_eq!(instance.vote(&with(mandate(2), 1)).status, 487);
    instance.stop();
}

#[test]
fn what_is_not_of_this_campaign_or_shard_is_refused() {
    let platform = Platform::new("test", 50, 2);
    let campaign = platform.campaign();
    let instance = Running::start(&platform, 1);
    let of = |shard| {
        let all = (0..).map(request);
        all.into_iter().find(|one| campaign.shard_of(one.mandate.id()) == Shard(shard)).unwrap()
    };
    assert_eq!(instance.vote(&of(0)).status, 421);
    let own = of(1);
    let stranger = Mandate::issue(&key(2), [7; 24]).unwrap();
    assert_eq!(instance.vote(&VoteRequest { mandate: stranger, ..own.clone() }).status, 484);
    let mut other = own.clone();
    other.vote.say = "Planet X".to_owned();
    assert_eq!(instance.vote(&other).status, 482);
    let mut late = own.clone();
    late.vote.platform.period =
        booth::campaign::Period::beginning("2026-11-05T07:00:00Z".parse().unwrap());
    assert_eq!(instance.vote(&late).status, 485);
    let mut doubled = headers(&own);
    doubled.push(("voter".to_owned(), own.vote.stamp.to_string()));
    assert_eq!(instance.ask("/vote", &doubled).status, 486);
    assert_eq!(instance.ask("/vote", &headers(&own)[1..]).status, 400, "no nonce");
    assert_eq!(instance.vote(&own).status, 202);
    instance.stop();
}

#[test]
fn strangers_get_nothing() {
    let platform = Platform::new("test", 50, 1);
    let instance = Running::start(&platform, 0);
    let pass = platform.secret("edge/pass-header");
    let shown = |value: &str| ("X-Pull".to_owned(), value.to_owned());
    let wrong: [Vec<(String, String)>; 6] = [
        vec![],
        vec![shown("")],
        vec![shown(&pass[1..])],
        vec![shown(&format!("{pass}="))],
        vec![shown(&pass.to_lowercase())],
        vec![shown(&pass), shown(&pass)],
    ];
    for shown in &wrong {
        for path in ["/vote", "/totp", "/list", "/metrics", "/nothing"] {
            let answer = instance.ask_bare(path, &[headers(&request(1)), shown.clone()].concat());
            assert_eq!((answer.status, answer.body.as_str()), (403, ""), "{path} {shown:?}");
        }
    }
    assert_eq!(instance.ask_bare("/healthz", &[]).body, "ok\n");
    assert_eq!(instance.figure("collect_recorded_total"), 0);
    assert_eq!(instance.ask("/nothing", &[]).status, 404);
    instance.stop();
}

#[test]
fn codes_and_options() {
    let platform = Platform::new("test", 50, 1);
    let instance = Running::start(&platform, 0);
    let codes = instance.ask("/totp", &[]);
    let seed = booth::Secret::from_base64(&platform.secret("booth/totp-seed")).unwrap();
    let expected = booth::totp::Codes::at(&seed, noon());
    assert_eq!((codes.status, codes.headers["cache-control"].as_str()), (204, "max-age=1"));
    assert_eq!(codes.headers["totp-step"], expected.step.to_string());
    for (name, code) in [
        ("totp-last", expected.last),
        ("totp-current", expected.current),
        ("totp-next", expected.next),
    ] {
        assert_eq!(codes.headers[name], code.to_string());
    }
    let list = instance.ask("/list", &[]);
    assert_eq!((list.status, list.headers["cache-control"].as_str()), (204, "max-age=3600"));
    assert_eq!((list.headers["say01"].as_str(), list.headers.len()), ("Bold Jupiter", 5));
    assert_eq!(list.headers["ledger"], codes.headers["ledger"]);
    instance.stop();
}

/// The clock of a machine jumps: a day ahead, which would close the campaign, or back.
#[test]
fn a_clock_that_steps_loses_nothing_and_closes_nothing() {
    let platform = Platform::new("test", 2, 1);
    let instance = Running::start(&platform, 0);
    assert_eq!(instance.vote(&request(1)).status, 202);
    let home = instance.clock.clone();
    for wrong in ["2026-11-05T12:00:00Z", "2026-11-01T12:00:00Z", "2026-11-03T08:02:00Z"] {
        home.set(wrong.parse().unwrap());
        assert_eq!(instance.vote(&request(2)).status, 503, "{wrong}");
        assert_eq!(instance.ask("/totp", &[]).status, 503);
        assert_eq!(instance.ask_bare("/healthz", &[]).status, 503);
        assert_eq!(instance.figure("collect_pending"), 1, "{wrong}");
        home.set(noon());
        assert_eq!(instance.vote(&request(1)).status, 202, "{wrong}");
    }
    assert_eq!(instance.vote(&request(2)).status, 202);
    // Time that passes is no step.
    home.advance(3_600);
    assert_eq!(instance.vote(&request(3)).status, 202);
    instance.stop();
}

#[test]
fn a_start_after_the_end_needs_a_person() {
    let platform = Platform::new("test", 2, 1);
    let instance = Running::start(&platform, 0);
    assert_eq!(instance.vote(&request(1)).status, 202);
    instance.stop();
    let late = "2026-11-04T20:00:00Z".parse().unwrap();
    let refused = Running::try_start(&platform, &platform.config(0, &[]), late);
    assert!(matches!(refused, Err(CollectError::Ended { pending: 1 })));
    let checked = platform.config(0, &[Override::new("clock_checked", true)]);
    let instance = Running::try_start(&platform, &checked, late).unwrap();
    until(|| Some(instance.vote(&request(1))).filter(|answer| answer.status == 204));
    instance.stop();
    // Nothing is pending now, so nobody is needed.
    Running::try_start(&platform, &platform.config(0, &[]), late).unwrap().stop();
}

#[test]
fn keys_beside_the_spool_are_for_tests_only() {
    for (purpose, is_refused) in
        [("official", true), ("trial", true), ("test", false), ("demonstration", false)]
    {
        let platform = Platform::new(purpose, 50, 1);
        let started = Running::try_start(&platform, &platform.config(0, &[]), noon());
        let message = started.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert_eq!(message.contains("on the same file system"), is_refused, "{purpose} {message}");
        if let Ok(running) = started {
            running.stop();
        }
    }
}

#[test]
fn a_platform_is_private_and_never_overwritten() {
    let platform = Platform::new("test", 50, 2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |name: &str| {
            let metadata = std::fs::metadata(platform.path(name)).unwrap();
            metadata.permissions().mode() & 0o777
        };
        assert_eq!(mode(""), 0o700);
        for role in ["edge", "booth", "collect-0", "collect-1"] {
            assert_eq!(mode(role), 0o700);
            for entry in std::fs::read_dir(platform.path(role)).unwrap() {
                let path = entry.unwrap().path();
                let is_public = path.extension().is_some_and(|extension| extension == "toml");
                let name = format!("{role}/{}", path.file_name().unwrap().display());
                assert_eq!(mode(&name) == 0o600, !is_public, "{name}");
            }
        }
    }
    let rules = platform.path("../rules.toml");
    let again = collect::init(&platform.path(""), &rules).unwrap_err();
    assert!(matches!(again, CollectError::Exists { .. }), "{again}");
    let twice = collect::init(&platform.path("other"), &platform.path("campaign.toml"));
    assert!(matches!(twice, Err(CollectError::HasKeys { .. })));
    // The stamp keys are the committed ones, and the receipt keys open.
    let seed = |name| base64::decode(platform.secret(name).as_bytes()).unwrap();
    let [stamp, decoy] =
        ["edge/stamp-seed", "edge/decoy-seed"].map(|name| seed(name).try_into().unwrap());
    let keys = booth::stamp::StampKeys::new(&stamp, &decoy).unwrap();
    let campaign = platform.campaign();
    let digest = canon::Digest::of(keys.stamp_key().bytes());
    assert_eq!(campaign.stamp_key_sha256(), Some(&digest));
    for shard in 0..2 {
        platform.config(shard, &[]).check().unwrap();
    }
}

#[test]
fn secrets_that_do_not_fit_are_refused() {
    let platform = Platform::new("test", 50, 2);
    let secret = |name: &str| std::fs::read(platform.path(name)).unwrap();
    assert_ne!(secret("collect-0/passphrase"), secret("collect-1/passphrase"));
    assert_ne!(secret("collect-0/draw-key"), secret("collect-1/draw-key"));
    let other = [
        Override::new("receipt_key", "../collect-1/receipt.pem"),
        Override::new("passphrase.file", "../collect-1/passphrase"),
    ];
    let other = platform.config(0, &other);
    assert!(matches!(other.check(), Err(CollectError::OtherKey { shard: Shard(0) })));
    let none = platform.config(0, &[Override::new("shard", 2)]);
    assert!(matches!(none.check(), Err(CollectError::NoShard { shards: 2, .. })));
    let text = std::fs::read_to_string(platform.path("collect-0/collect.toml")).unwrap();
    let open: String = text.lines().filter(|line| !line.starts_with("pass =")).collect();
    let open = open.replace("listen", "\nlisten");
    let write = |name: &str, text: &str| std::fs::write(platform.path(name), text).unwrap();
    write("collect-0/open.toml", &open.replace("\"campaign", "\n\"campaign"));
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("pass =")).collect();
    write("collect-0/open.toml", &lines.join("\n"));
    let loaded = CollectConfig::load(&platform.path("collect-0/open.toml"), &[]);
    assert!(matches!(loaded, Err(CollectError::Open)));
    std::fs::write(platform.path("collect-0/draw-key"), "short\n").unwrap();
    let short = platform.config(0, &[]).check();
    assert!(matches!(short, Err(CollectError::SecretForm { what: "draw_key" })));
}
