//! The campaign "Solar", an edge before it, and its voters.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use booth::Secret;
use booth::campaign::{Campaign, Period};
use booth::mandate::Mandate;
use booth::request::VoteRequest;
use booth::stamp::{PlatformStamp, StampKeys, VoterStamp};
use booth::totp::{Code, Codes};
use booth::vote::Vote;
use booth::work::Nonce;
use booth_server::campaign::read_campaign;
use booth_server::edge::{EdgeConfig, EdgeServer};
use canon::{Algorithm, Digest, PrivateKey, Signer as _, Timestamp, base64};
use service::clock::{Clock, ManualClock};
use service::config::Override;
use service::stop::{self, StopHandle};
use tempfile::TempDir;
use testkit::campaign::{START, Solar};

use crate::client::{Client, Reply};
use crate::instance::{Behind, Instance};

pub(crate) const PASS: &str = "Ra$q-let-the-edge-pass";

/// Seeds, by number.
pub(crate) const fn seed(number: u8) -> [u8; 32] {
    [number; 32]
}

pub(crate) fn stamp_keys() -> StampKeys {
    StampKeys::new(&seed(21), &seed(22)).unwrap()
}

pub(crate) fn authority(number: u8) -> PrivateKey {
    PrivateKey::from_seed(Algorithm::Ed25519, &seed(number)).unwrap()
}

pub(crate) fn mandate_of(authority_number: u8, number: u32) -> Mandate {
    let mut id = [0; 24];
    id[..4].copy_from_slice(&number.to_be_bytes());
    Mandate::issue(&authority(authority_number), id).unwrap()
}

pub(crate) fn mandate(number: u32) -> Mandate {
    mandate_of(1, number)
}

/// What a test may want otherwise.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) authority: u8,
    /// The first of its seeds: stamps, decoys, edges, and codes.
    pub(crate) seeds: u8,
    pub(crate) instances: Vec<usize>,
    pub(crate) work_bits: u32,
    /// With 0 a demonstration, with more a test.
    pub(crate) k: u32,
    /// Lines for the campaign file.
    pub(crate) rules: &'static str,
    /// Lines for the head of the edge's configuration, its tables, and the campaign's entry.
    pub(crate) head: String,
    pub(crate) tables: String,
    pub(crate) entry: String,
}

impl Plan {
    /// Another campaign, with keys of its own.
    pub(crate) fn lunar() -> Self {
        Self { name: "lunar", authority: 2, seeds: 121, instances: vec![1], ..Self::default() }
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            name: "solar",
            authority: 1,
            seeds: 21,
            instances: vec![1, 1],
            work_bits: 4,
            k: 3,
            rules: "",
            head: String::new(),
            tables: String::new(),
            entry: String::new(),
        }
    }
}

/// A campaign's folder, its stand-ins, and an entry for an edge's configuration.
pub(crate) struct Platform {
    pub(crate) folder: TempDir,
    pub(crate) behind: Arc<Behind>,
    /// By shard.
    pub(crate) instances: Vec<Vec<Instance>>,
    /// Addresses beside those of the first shard.
    pub(crate) more: Vec<String>,
    pub(crate) plan: Plan,
}

/// A running edge.
pub(crate) struct Edge {
    pub(crate) address: SocketAddr,
    pub(crate) internal: SocketAddr,
    pub(crate) platform: Platform,
    _running: StopHandle,
}

pub(crate) fn campaign_text(plan: &Plan) -> String {
    let keys = StampKeys::new(&seed(plan.seeds), &seed(plan.seeds + 1)).unwrap();
    let digest = |bytes: &[u8]| Digest::of(bytes).to_string();
    let more = format!(
        "stamp_key_sha256 = \"{}\"\ndecoy_key_sha256 = \"{}\"\n{}",
        digest(keys.stamp_key().bytes()),
        digest(keys.decoy_key().bytes()),
        plan.rules,
    );
    let rules = Solar {
        name: plan.name,
        authority: authority(plan.authority).public_key().to_base64(),
        work_bits: plan.work_bits,
        k: plan.k,
        purpose: if plan.k == 0 { "demonstration" } else { "test" },
        shards: plan.instances.len().try_into().unwrap(),
        more: &more,
        ..Solar::default()
    };
    rules.to_string()
}

fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

impl Platform {
    /// Writes the campaign and its secrets, and starts the stand-ins.
    pub(crate) async fn start(plan: Plan, clock: &Arc<ManualClock>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("campaign.toml"), campaign_text(&plan)).unwrap();
        for (number, name) in (plan.seeds..).zip(["stamp-seed", "decoy-seed", "edge-key"]) {
            let text = format!("{}\n", base64::encode(&seed(number)));
            write_private(&folder.path().join(name), &text);
        }
        write_private(&folder.path().join("pass-header"), &format!("{PASS}\n"));
        let campaign = read_campaign(&folder.path().join("campaign.toml")).unwrap();
        let totp_seed = Secret::new(&seed(plan.seeds + 10));
        let behind = Arc::new(Behind {
            campaign,
            clock: Arc::clone(clock),
            totp_seed,
            ledgers: Mutex::default(),
            stamps: Mutex::default(),
        });
        let mut instances = Vec::new();
        for (shard, count) in (0..).zip(&plan.instances) {
            let mut own = Vec::new();
            for _ in 0..*count {
                own.push(Instance::start(Arc::clone(&behind), shard).await);
            }
            instances.push(own);
        }
        Self { folder, behind, instances, more: Vec::new(), plan }
    }

    /// The campaign's tables in an edge's configuration.
    pub(crate) fn entry(&self) -> String {
        let folder = self.folder.path().display();
        let mut text = format!("[[campaigns]]\nfile = \"{folder}/campaign.toml\"\n");
        for (key, name) in [
            ("stamp_seed", "stamp-seed"),
            ("decoy_seed", "decoy-seed"),
            ("edge_key", "edge-key"),
            ("pass", "pass-header"),
        ] {
            writeln!(text, "{key} = {{ file = \"{folder}/{name}\" }}").unwrap();
        }
        text.push_str(&self.plan.entry);
        for (number, shard) in self.instances.iter().enumerate() {
            let mut addresses: Vec<String> = shard.iter().map(Instance::address).collect();
            addresses.extend(self.more.iter().filter(|_| number == 0).cloned());
            writeln!(text, "[[campaigns.shards]]\ninstances = {addresses:?}").unwrap();
        }
        text
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Instance> {
        self.instances.iter().flatten()
    }
}

/// Writes the configuration of an edge for some platforms.
pub(crate) fn configuration(platforms: &[&Platform]) -> PathBuf {
    let plan = &platforms[0].plan;
    let mut text = format!(
        "listen = \"127.0.0.1:0\"\nlisten_internal = \"127.0.0.1:0\"\nbehind_proxy = true\n{}\n",
        plan.head
    );
    for platform in platforms {
        text.push_str(&platform.entry());
    }
    text.push_str(&plan.tables);
    let path = platforms[0].folder.path().join("edge.toml");
    std::fs::write(&path, text).unwrap();
    path
}

pub(crate) fn noon() -> Arc<ManualClock> {
    let start: Timestamp = START.parse().unwrap();
    Arc::new(ManualClock::new(start.plus_seconds(3_600).unwrap()))
}

/// Opens and serves an edge of a configuration: its two addresses, and what ends it.
pub(crate) async fn serve(
    path: &Path,
    flags: &[Override],
    clock: &Arc<impl Clock + 'static>,
) -> (SocketAddr, SocketAddr, StopHandle) {
    let config = EdgeConfig::load(path, flags).unwrap();
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    let listening = EdgeServer::with_clock(&config, &clock).unwrap().bind().await.unwrap();
    let address = listening.address().unwrap();
    let internal = listening.internal_address().unwrap().unwrap();
    let (handle, stop) = stop::pair();
    tokio::spawn(listening.run(stop));
    (address, internal, handle)
}

impl Edge {
    pub(crate) async fn start(plan: Plan) -> Self {
        Self::of(Platform::start(plan, &noon()).await).await
    }

    /// An edge before a platform.
    pub(crate) async fn of(platform: Platform) -> Self {
        Self::with(platform, &[]).await
    }

    /// The same, with flags in the place of what its configuration says.
    pub(crate) async fn with(platform: Platform, flags: &[Override]) -> Self {
        let path = configuration(&[&platform]);
        let (address, internal, handle) = serve(&path, flags, &platform.behind.clock).await;
        Self { address, internal, platform, _running: handle }
    }

    pub(crate) fn campaign(&self) -> &Campaign {
        &self.platform.behind.campaign
    }

    pub(crate) fn clock(&self) -> &ManualClock {
        &self.platform.behind.clock
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    pub(crate) fn codes(&self) -> Codes {
        codes_of(&self.platform.behind, None)
    }

    /// A code that is none of the three.
    pub(crate) fn wrong_code(&self) -> Code {
        let codes = self.codes();
        let taken = [codes.last, codes.current, codes.next];
        let mut tries = (0..).map(|code| format!("{code:06}").parse().unwrap());
        tries.find(|code| !taken.contains(code)).unwrap()
    }

    /// The stamps for a code.
    pub(crate) async fn stamps(&self, code: Code) -> (PlatformStamp, VoterStamp) {
        let reply = self.client().await.get("/stamp", &[("TOTP", &code.to_string())]).await;
        stamps_of(&reply)
    }

    /// A vote as an honest voter makes it: stamps for the code of the booth, work, a mandate.
    pub(crate) async fn vote(&self, number: u32, say: &str) -> VoteRequest {
        let stamps = self.stamps(self.codes().current).await;
        mined(stamps, mandate(number), say)
    }

    pub(crate) async fn cast(&self, request: &VoteRequest) -> Reply {
        cast(&mut self.client().await, request).await
    }

    /// A line of `/metrics`.
    pub(crate) async fn metric(&self, name: &str) -> Option<u64> {
        let text = inside(self.internal, "/metrics").await;
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.map(|value| value.parse().unwrap())
    }
}

/// A whole answer from the address that is not for voters.
pub(crate) async fn inside(internal: SocketAddr, path: &str) -> String {
    let mut client = Client::connect(internal).await;
    let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    client.send(head.as_bytes()).await;
    client.rest().await
}

/// The codes that are taken now.
pub(crate) fn codes_of(behind: &Behind, station: Option<&str>) -> Codes {
    let now = behind.clock.now();
    match station {
        None => Codes::at(&behind.totp_seed, now),
        Some(name) => Codes::of_station(&behind.totp_seed, &name.parse().unwrap(), now),
    }
}

pub(crate) fn stamps_of(reply: &Reply) -> (PlatformStamp, VoterStamp) {
    assert_eq!(reply.status, 204, "{reply:?}");
    let period = Period::from_text(reply.header("p-utc").unwrap()).unwrap();
    let signature = base64::decode(reply.header("p-sig").unwrap().as_bytes()).unwrap();
    let signature = signature.try_into().unwrap();
    (PlatformStamp { period, signature }, reply.header("voter").unwrap().parse().unwrap())
}

/// A vote with these stamps, and a nonce that shows the work of the campaign.
pub(crate) fn mined(
    (platform, stamp): (PlatformStamp, VoterStamp),
    mandate: Mandate,
    say: &str,
) -> VoteRequest {
    let say = say.to_owned();
    let mut vote = Vote { platform, stamp, nonce: Nonce::from(0), say };
    let puzzle = vote.puzzle();
    let mut nonces = (1_u64 << 63..).map(Nonce::from);
    vote.nonce = nonces.find(|nonce| puzzle.score(nonce) >= 4).unwrap();
    VoteRequest { vote, mandate }
}

pub(crate) async fn cast(client: &mut Client, request: &VoteRequest) -> Reply {
    let headers = request.headers();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    client.get(&request.path(), &headers).await
}
