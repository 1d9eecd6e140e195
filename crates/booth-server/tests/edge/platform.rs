//! Real instances behind a real edge, in the folder that `scrutineer collect init` makes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use booth::Secret;
use booth::campaign::Campaign;
use booth::receipt::SignedReceipt;
use booth::request::VoteRequest;
use booth::totp::Codes;
use booth_server::campaign::read_campaign;
use booth_server::collect::{self, CollectConfig};
use canon::Signer as _;
use service::clock::{Clock, ManualClock};
use service::config::Override;
use service::stop::{self, StopHandle};
use tempfile::TempDir;
use testkit::campaign::{OPTIONS, Solar};
use tokio::task::JoinHandle;

use crate::client::{Client, Reply};
use crate::solar::{authority, cast, mandate, mined, noon, serve, stamps_of};

/// A platform of two shards, with all that runs.
pub(crate) struct Whole {
    folder: TempDir,
    pub(crate) campaign: Campaign,
    pub(crate) clock: Arc<ManualClock>,
    /// Two edges before the same instances.
    pub(crate) edge: SocketAddr,
    pub(crate) other_edge: SocketAddr,
    totp_seed: Secret,
    /// By shard.
    instances: Vec<Running>,
    _running: Vec<StopHandle>,
}

/// An instance, and what it is started with.
struct Running {
    config: PathBuf,
    keys: PathBuf,
    address: SocketAddr,
    server: Option<(StopHandle, JoinHandle<()>)>,
}

impl Running {
    /// Starts it at an address; with port 0 the system gives one.
    async fn start(&mut self, listen: &str, clock: &Arc<ManualClock>) {
        let flags = [
            Override::new("listen", listen),
            Override::new("batch_keys", self.keys.to_str().unwrap()),
        ];
        let config = CollectConfig::load(&self.config, &flags).unwrap();
        let own: Arc<dyn Clock> = Arc::<ManualClock>::clone(clock);
        let server = collect::Server::open(&config, own).await.unwrap();
        self.address = server.address();
        let (handle, stop) = stop::pair();
        let task = tokio::spawn(async move { drop(server.run(stop).await) });
        self.server = Some((handle, task));
    }
}

fn campaign_text(purpose: &str, k: u32, shards: u16) -> String {
    let authority = authority(1).public_key().to_base64();
    Solar { purpose, k, authority, work_bits: 4, shards, ..Solar::default() }.to_string()
}

impl Whole {
    pub(crate) async fn start(purpose: &str, k: u32) -> Self {
        let (folder, clock) = (tempfile::tempdir().unwrap(), noon());
        let given = folder.path().join("given.toml");
        std::fs::write(&given, campaign_text(purpose, k, 2)).unwrap();
        let made = collect::init(&folder.path().join("solar"), &given).unwrap();
        let (mut running, mut instances) = (Vec::new(), Vec::new());
        let mut edge = std::fs::read_to_string(&made.edge).unwrap();
        for (shard, path) in made.instances.iter().enumerate() {
            let (config, keys) = (path.clone(), folder.path().join(format!("keys-{shard}")));
            let address = ([127, 0, 0, 1], 0).into();
            let mut instance = Running { config, keys, address, server: None };
            instance.start("127.0.0.1:0", &clock).await;
            let planned = format!("127.0.0.1:{}", 9_100 + shard);
            assert!(edge.contains(&planned), "{edge}");
            edge = edge.replace(&planned, &instance.address.to_string());
            instances.push(instance);
        }
        std::fs::write(&made.edge, edge).unwrap();
        let flags = [
            Override::new("listen", "127.0.0.1:0"),
            Override::new("listen_internal", "127.0.0.1:0"),
        ];
        let (edge, _, handle) = serve(&made.edge, &flags, &clock).await;
        running.push(handle);
        let (other_edge, _, handle) = serve(&made.edge, &flags, &clock).await;
        running.push(handle);
        let seed = std::fs::read_to_string(made.folder.join("booth/totp-seed")).unwrap();
        let totp_seed = Secret::from_base64(seed.trim_end()).unwrap();
        let campaign = read_campaign(&made.campaign).unwrap();
        Self { folder, campaign, clock, edge, other_edge, totp_seed, instances, _running: running }
    }

    /// Ends the instance of a shard; when this returns nobody listens there.
    pub(crate) async fn stop(&mut self, shard: usize) {
        let (handle, task) = self.instances[shard].server.take().unwrap();
        drop(handle);
        task.await.unwrap();
    }

    /// Votes on the lists of both shards, when all is cut.
    pub(crate) async fn published(&self) -> usize {
        let pass = self.folder.path().join("solar/publish/publisher-pass");
        let pass = std::fs::read_to_string(pass).unwrap();
        let head = format!(
            "GET /cuts HTTP/1.1\r\nHost: a\r\nFrom: 0\r\nX-Pull: {}\r\nConnection: close\r\n\r\n",
            pass.trim_end()
        );
        for instance in &self.instances {
            loop {
                let mut client = Client::connect(instance.address).await;
                client.send(head.as_bytes()).await;
                if client.rest().await.contains("\"is_closed\":true") {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let votes = self.lines("vote").len();
        assert_eq!(self.lines("auth").len(), votes);
        votes
    }

    /// Starts it again where it was.
    pub(crate) async fn start_again(&mut self, shard: usize) {
        let instance = &mut self.instances[shard];
        let listen = instance.address.to_string();
        instance.start(&listen, &self.clock).await;
    }

    pub(crate) async fn vote(&self, client: &mut Client, number: u32, say: &str) -> VoteRequest {
        let code = Codes::at(&self.totp_seed, self.clock.now()).current.to_string();
        let stamps = stamps_of(&client.get("/stamp", &[("TOTP", &code)]).await);
        mined(stamps, mandate(number), say)
    }

    /// Numbers of mandates of the shard that number 1 belongs to, from a number on.
    pub(crate) fn of_its_shard(&self, from: u32) -> impl Iterator<Item = u32> {
        let shard = self.campaign.shard_of(mandate(1).id());
        (from..).filter(move |number| self.campaign.shard_of(mandate(*number).id()) == shard)
    }

    /// Whether an answer is a receipt that shows the vote, signed by the shard of its mandate.
    fn is_receipt(&self, reply: &Reply, request: &VoteRequest) -> bool {
        let headers = reply.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let receipt = SignedReceipt::from_headers(&self.campaign, headers).unwrap();
        let shard = self.campaign.shard_of(request.mandate.id());
        let key = self.campaign.receipt_key(shard).unwrap();
        reply.status == 204 && receipt.check(&self.campaign, key, &request.vote).is_ok()
    }

    /// The lines of a list, of both shards.
    fn lines(&self, list: &str) -> Vec<String> {
        let read = |shard: u16| {
            let path = format!("solar/collect-{shard}/state/solar-{list}.log");
            std::fs::read_to_string(self.folder.path().join(Path::new(&path))).unwrap()
        };
        [0, 1]
            .iter()
            .flat_map(|shard| read(*shard).lines().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    }
}

/// With k = 0 the edge and its instances behave as the prototype does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_vote_gets_its_receipt_and_stands_in_the_lists_once() {
    let whole = Whole::start("demonstration", 0).await;
    let mut client = Client::connect(whole.edge).await;
    let list = client.get("/list", &[]).await;
    assert_eq!((list.status, list.header("cache-control")), (204, Some("max-age=3600")));
    let mut requests = Vec::new();
    for number in 0..20 {
        let say = OPTIONS[number as usize % 3];
        let request = whole.vote(&mut client, number, say).await;
        let reply = cast(&mut client, &request).await;
        assert!(whole.is_receipt(&reply, &request), "{reply:?}");
        requests.push(request);
    }
    // Again, in other words, and by other means: the answers of the first time, or a refusal.
    for request in &requests {
        let mut other = Client::connect(whole.edge).await;
        assert!(whole.is_receipt(&cast(&mut other, request).await, request));
    }
    whole.clock.advance(400);
    for (number, request) in (0..).zip(&requests) {
        assert!(whole.is_receipt(&cast(&mut client, request).await, request), "by the instance");
        let again = whole.vote(&mut client, number, "Humble Pluto").await;
        assert_eq!(cast(&mut client, &again).await.status, 481);
    }
    let off = whole.vote(&mut client, 99, "Great Comet").await;
    assert_eq!(cast(&mut client, &off).await.status, 482);
    let mut expected: Vec<String> = requests.iter().map(|one| one.vote.line()).collect();
    expected.sort();
    let mut votes: Vec<String> =
        whole.lines("vote").iter().map(|line| format!("{line}\n")).collect();
    votes.sort();
    assert_eq!(votes, expected);
    assert_eq!(whole.lines("auth").len(), 20);
}

/// With a batch there is an acceptance first, which nobody keeps, and it is signed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acceptance_comes_first_and_is_not_kept() {
    let whole = Whole::start("test", 5).await;
    let mut client = Client::connect(whole.edge).await;
    let request = whole.vote(&mut client, 1, "Bold Jupiter").await;
    let first = cast(&mut client, &request).await;
    assert_eq!((first.status, first.header("cache-control")), (202, Some("no-store")));
    assert!(first.header("retry-after").is_some() && first.header("accepted-sig").is_some());
    assert_eq!(first.header("accepted"), Some(request.vote.stamp.to_string().as_str()));
    assert_eq!(first.header("receipt01"), None);
    // Enough for a batch and as many behind it, in the shard of the first.
    for number in whole.of_its_shard(2).take(9) {
        let other = whole.vote(&mut client, number, OPTIONS[number as usize % 3]).await;
        assert_eq!(cast(&mut client, &other).await.status, 202);
    }
    // The tenth has cut the batch; its lists are synced beside the answers.
    let receipt = loop {
        let reply = cast(&mut client, &request).await;
        if reply.status != 202 {
            break reply;
        }
    };
    assert!(whole.is_receipt(&receipt, &request), "{receipt:?}");
}

/// Casts on a connection of its own.
async fn cast_at(edge: SocketAddr, request: &VoteRequest) -> Reply {
    cast(&mut Client::connect(edge).await, request).await
}

/// An hour lies between acceptance and cut. Where a stamp of half an hour ago is refused whatever
/// it comes with, no voter of a small shard ever gets a receipt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_comes_when_the_batch_is_cut_an_hour_later() {
    let whole = Whole::start("test", 5).await;
    let edges = [whole.edge, whole.other_edge];
    let stamped = async |number: u32| {
        let say = OPTIONS[number as usize % 3];
        whole.vote(&mut Client::connect(whole.edge).await, number, say).await
    };
    let request = stamped(1).await;
    let first = cast_at(whole.edge, &request).await;
    assert_eq!(first.status, 202);
    // Stamps for later: taken now, and used when they are old.
    let mut numbers = whole.of_its_shard(2);
    let fresh: Vec<u32> = numbers.by_ref().take(9).collect();
    let mut stale = Vec::new();
    for number in numbers.take(2) {
        stale.push(stamped(number).await);
    }
    whole.clock.advance(3_600);
    for edge in edges {
        assert_eq!(
            cast_at(edge, &request).await,
            first,
            "still to be cut, whichever edge is asked"
        );
    }
    // The attacks: a new vote, the accepted stamp with another mandate, the mandate with another
    // vote; at both edges, and before and after each other.
    let crossed = VoteRequest { mandate: stale[0].mandate, ..request.clone() };
    let again = VoteRequest { mandate: request.mandate, ..stale[1].clone() };
    let attacks = [(&stale[0], 487), (&crossed, 487), (&again, 481), (&stale[1], 487)];
    for (attack, status) in attacks.into_iter().chain([(&stale[0], 487)]) {
        for edge in edges {
            assert_eq!(cast_at(edge, attack).await.status, status);
        }
    }
    for number in &fresh {
        let vote = stamped(*number).await;
        assert_eq!(cast_at(whole.edge, &vote).await.status, 202);
    }
    for edge in edges {
        let receipt = loop {
            let reply = cast_at(edge, &request).await;
            if reply.status != 202 {
                break reply;
            }
        };
        assert!(whole.is_receipt(&receipt, &request), "{receipt:?}");
    }
    // And with the campaign over, everything is published and nothing was added.
    whole.clock.advance(2 * 86_400);
    while whole.lines("vote").len() < 10 || whole.lines("auth").len() < 10 {
        tokio::task::yield_now().await;
    }
    assert!(whole.is_receipt(&cast_at(whole.edge, &request).await, &request));
    assert_eq!(cast_at(whole.edge, &stale[0]).await.status, 485);
    assert_eq!((whole.lines("vote").len(), whole.lines("auth").len()), (10, 10));
    let line = request.mandate.voters_line();
    assert!(whole.lines("auth").contains(&line.trim_end().to_owned()));
}

/// Two instances of one shard, each with its own files, as a wrong configuration has them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_embedded_ledgers_in_one_shard_get_no_vote() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), noon());
    let given = folder.path().join("given.toml");
    std::fs::write(&given, campaign_text("test", 5, 1)).unwrap();
    let made = collect::init(&folder.path().join("solar"), &given).unwrap();
    let (mut running, mut addresses) = (Vec::new(), Vec::new());
    for name in ["one", "two"] {
        let path = |part: &str| folder.path().join(format!("{name}-{part}"));
        let flags = [
            Override::new("listen", "127.0.0.1:0"),
            Override::new("state", path("state").to_str().unwrap()),
            Override::new("batch_keys", path("keys").to_str().unwrap()),
        ];
        let config = CollectConfig::load(&made.instances[0], &flags).unwrap();
        let own: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let server = collect::Server::open(&config, own).await.unwrap();
        addresses.push(format!("http://{}", server.address()));
        let (handle, stop) = stop::pair();
        running.push(handle);
        tokio::spawn(server.run(stop));
    }
    let edge = std::fs::read_to_string(&made.edge).unwrap();
    let edge = edge.replace("http://127.0.0.1:9100", &addresses.join("\", \""));
    std::fs::write(&made.edge, edge).unwrap();
    let flags =
        [Override::new("listen", "127.0.0.1:0"), Override::new("listen_internal", "127.0.0.1:0")];
    let (address, _, _handle) = serve(&made.edge, &flags, &clock).await;
    let seed = std::fs::read_to_string(made.folder.join("booth/totp-seed")).unwrap();
    let code = Codes::at(&Secret::from_base64(seed.trim_end()).unwrap(), clock.now()).current;
    let mut client = Client::connect(address).await;
    let stamps = stamps_of(&client.get("/stamp", &[("TOTP", &code.to_string())]).await);
    let request = mined(stamps, mandate(1), "Bold Jupiter");
    assert_eq!(cast(&mut client, &request).await.status, 503);
    for name in ["one", "two"] {
        let spool = std::fs::read_dir(folder.path().join(format!("{name}-state/spool"))).unwrap();
        let sizes = spool.map(|one| one.unwrap().metadata().unwrap().len());
        assert_eq!(sizes.max(), Some(64), "a header, and no record behind it");
    }
}
