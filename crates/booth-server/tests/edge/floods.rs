//! Crowds, slow clients, long heads: the tables stay as they are, and the others are served.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use booth::mandate::Mandate;
use booth::request::VoteRequest;
use canon::Timestamp;
use service::clock::{Clock, ManualClock};
use tokio::task::JoinSet;

use crate::client::Client;
use crate::instance::Script;
use crate::solar::{
    Edge, Plan, Platform, cast, codes_of, configuration, inside, mandate, mined, noon, serve,
    stamps_of,
};

/// A vote that shows work and stamps, with a signature that is its authority's over another id.
fn forged(
    stamps: (booth::stamp::PlatformStamp, booth::stamp::VoterStamp),
    number: u32,
) -> VoteRequest {
    let own = mandate(number);
    let signature = *mandate(number + 1).signature();
    let forged = Mandate::from_parts(own.id().authority, signature, own.id().id);
    mined(stamps, forged, "Bold Jupiter")
}

/// A clock at which whoever judges a vote waits while a test holds it, so that an examination takes
/// as long as the test says.
struct HeldClock {
    clock: Arc<ManualClock>,
    /// Whether it is held, and how many wait.
    state: Mutex<(bool, usize)>,
    changed: Condvar,
}

/// How long it is held at most, so that a test that fails also ends.
const HELD: Duration = Duration::from_secs(20);

impl HeldClock {
    fn hold(&self) {
        self.state.lock().unwrap().0 = true;
    }

    /// Returns once somebody waits.
    fn is_waited_for(&self) {
        let state = self.state.lock().unwrap();
        drop(self.changed.wait_while(state, |(_, waiting)| *waiting == 0).unwrap());
    }

    fn waiting(&self) -> usize {
        self.state.lock().unwrap().1
    }

    fn let_go(&self) {
        self.state.lock().unwrap().0 = false;
        self.changed.notify_all();
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        self.changed.notify_all();
        let held = self.changed.wait_timeout_while(state, HELD, |(is_held, _)| *is_held);
        held.unwrap().0.1 -= 1;
        self.clock.now()
    }

    fn uptime_s(&self) -> u64 {
        self.clock.uptime_s()
    }
}

/// The attack: signatures that have to be judged, from many connections at once. While one is
/// judged, as long as that takes, so many wait, the others are told to come back at once, and
/// whoever asks for the options is served.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_signatures_do_not_hold_up_the_options() {
    let tables = "[examinations]\nat_once = 1\nwaiting = 8\n".to_owned();
    let platform = Platform::start(Plan { tables, ..Plan::default() }, &noon()).await;
    let (state, changed) = (Mutex::default(), Condvar::new());
    let clock = Arc::clone(&platform.behind.clock);
    let held = Arc::new(HeldClock { clock, state, changed });
    let path = configuration(&[&platform]);
    let (address, internal, _running) = serve(&path, &[], &held).await;
    let code = codes_of(&platform.behind, None).current.to_string();
    let stamps = Client::connect(address).await.get("/stamp", &[("TOTP", &code)]).await;
    let stamps = stamps_of(&stamps);
    assert_eq!(Client::connect(address).await.get("/list", &[]).await.status, 204);

    let mut flood = JoinSet::new();
    let mut send = |number| {
        let request = forged(stamps, number);
        flood.spawn(async move { cast(&mut Client::connect(address).await, &request).await.status })
    };
    held.hold();
    send(0);
    held.is_waited_for();
    (1..40).for_each(|number| drop(send(number)));
    let mut statuses = Vec::new();
    for _ in 0..32 {
        statuses.push(flood.join_next().await.unwrap().unwrap());
        assert_eq!(Client::connect(address).await.get("/list", &[]).await.status, 204);
    }
    assert_eq!(statuses, [503; 32], "nobody waits for a place to wait");
    assert_eq!(held.waiting(), 1, "one is judged");
    held.let_go();
    let rest = flood.join_all().await;
    assert_eq!(rest, [483; 8]);
    let metrics = inside(internal, "/metrics").await;
    assert!(metrics.contains("edge_turned_away_total 32\n"), "{metrics}");
}

/// The attack: ask for a published vote with everybody's mandate, while its instance is slow to
/// look. Where all questions share their connections, new votes and codes wait until it has looked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_again_and_again_takes_no_connection_of_votes_and_codes() {
    let tables = "[origin]\nconnections = 4\nanswer_ms = 30000\n".to_owned();
    let plan = Plan { tables, instances: vec![1], ..Plan::default() };
    let edge = Arc::new(Edge::start(plan).await);
    let instance = edge.platform.instances[0][0].clone();
    let request = edge.vote(1, "Bold Jupiter").await;
    assert_eq!(edge.cast(&request).await.status, 204);
    instance.does(Script::HoldsRepeats);
    let mut flood = Vec::new();
    for number in 2..22 {
        let (edge, mandate) = (Arc::clone(&edge), mandate(number));
        let pair = VoteRequest { mandate, ..request.clone() };
        flood.push(tokio::spawn(async move { edge.cast(&pair).await.status }));
    }
    while edge.metric("edge_remembered{table=\"solar/on-their-way\"}").await != Some(20) {
        tokio::task::yield_now().await;
    }
    for number in 30..40 {
        // New codes are asked for too.
        edge.clock().advance(2);
        let vote = edge.vote(number, "Humble Pluto").await;
        assert_eq!(edge.cast(&vote).await.status, 204);
    }
    instance.does(Script::Well);
    for one in flood {
        assert_eq!(one.await.unwrap(), 487);
    }
}

#[tokio::test]
async fn long_heads_and_many_headers_are_refused() {
    let edge = Edge::start(Plan::default()).await;
    let head = |lines: String| format!("GET /list HTTP/1.1\r\nHost: a\r\n{lines}\r\n");
    for lines in [
        format!("X: {}\r\n", "y".repeat(20_000)),
        "X: y\r\n".repeat(150),
        "X: y\r\n".repeat(100_000),
    ] {
        let reply = edge.client().await.say(head(lines).as_bytes()).await;
        assert_eq!(reply.status, 431);
    }
    let path = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "0".repeat(60_000));
    assert!([400, 414, 431].contains(&edge.client().await.say(path.as_bytes()).await.status));
    assert_eq!(edge.client().await.get("/list", &[]).await.status, 204);
}

/// The attack: connections that begin to ask and never end, or never take their answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_cut_off_and_hold_up_nobody() {
    let tables = "[limits]\nheader_ms = 100\nwrite_ms = 100\n".to_owned();
    let edge = Edge::start(Plan { tables, ..Plan::default() }).await;
    let mut slow: Vec<Client> = Vec::new();
    for _ in 0..60 {
        let mut client = edge.client().await;
        client.send(b"GET /list HTTP/1.1\r\nHost: a\r\nX: ").await;
        slow.push(client);
    }
    assert_eq!(edge.client().await.get("/list", &[]).await.status, 204);
    for client in slow {
        assert_eq!(client.rest().await, "", "cut off without an answer");
    }
}

/// Behind a proxy all clients have one address; before none, one address has a share.
#[tokio::test]
async fn one_address_has_a_share_unless_it_is_a_proxy() {
    for (is_behind_proxy, served) in [(true, 16), (false, 4)] {
        let tables = "[limits]\nconnections = 16\n".to_owned();
        let platform = Platform::start(Plan { tables, ..Plan::default() }, &noon()).await;
        let path = configuration(&[&platform]);
        let flag = service::config::Override::new("behind_proxy", is_behind_proxy);
        let clock = Arc::clone(&platform.behind.clock);
        let (address, _, _running) = serve(&path, &[flag], &clock).await;
        let mut clients = Vec::new();
        let mut statuses = Vec::new();
        for _ in 0..18 {
            let mut client = Client::connect(address).await;
            client.send(b"GET /list HTTP/1.1\r\nHost: a\r\n\r\n").await;
            statuses.push(client.reply().await.map(|reply| reply.status));
            clients.push(client);
        }
        let well = statuses.iter().filter(|status| **status == Some(204)).count();
        assert_eq!(well, served, "{statuses:?}");
    }
}

/// A table that is full turns new entries away; nothing that still counts is forgotten.
#[tokio::test]
async fn the_tables_do_not_grow_beyond_their_bounds() {
    let tables = "[tables]\nfailures = 2\nstamps = 3\nanswers = 2\n".to_owned();
    let edge = Edge::start(Plan { tables, k: 0, ..Plan::default() }).await;
    let mut client = edge.client().await;
    let mut statuses = Vec::new();
    for number in 0..6 {
        statuses.push(cast(&mut client, &edge.vote(number, "Bold Jupiter").await).await.status);
    }
    assert_eq!(statuses, [204, 204, 204, 503, 503, 503]);
    let mut statuses = Vec::new();
    for number in 10..14 {
        let decoy = edge.stamps(edge.wrong_code()).await;
        statuses
            .push(cast(&mut client, &mined(decoy, mandate(number), "Bold Jupiter")).await.status);
    }
    assert_eq!(statuses, [488; 4], "one that comes finds room");
    let entries =
        async |table| edge.metric(&format!("edge_remembered{{table=\"solar/{table}\"}}")).await;
    assert_eq!(entries("stamps").await, Some(3));
    assert_eq!(entries("failures").await, Some(2));
    assert_eq!(entries("answers").await, Some(2));
    edge.clock().advance(2_401);
    assert_eq!(edge.cast(&edge.vote(20, "Bold Jupiter").await).await.status, 204, "by the clock");
}

/// One request from many connections is one question, for as many as may wait; so many requests
/// may be on their way, and no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_on_its_way_is_bounded_and_goes_once() {
    let tables = "[tables]\non_their_way = 2\nwaiting = 4\n".to_owned();
    let plan = Plan { instances: vec![1], tables, ..Plan::default() };
    let edge = Arc::new(Edge::start(plan).await);
    let instance = edge.platform.instances[0][0].clone();
    let (request, other) = (edge.vote(1, "Bold Jupiter").await, edge.vote(2, "Humble Pluto").await);
    let third = edge.vote(3, "Shiny Saturn").await;
    instance.does(Script::Holds);
    // The first client goes away; its vote goes on.
    let lines = request.headers().into_iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let lines: String = lines.collect();
    let head = format!("GET {} HTTP/1.1\r\nHost: a\r\n{lines}\r\n", request.path());
    let mut gone = edge.client().await;
    gone.send(head.as_bytes()).await;
    instance.is_asked("/vote", 1).await;
    drop(gone);
    let crowd: Vec<_> = (0..20)
        .map(|_| {
            let (edge, request) = (Arc::clone(&edge), request.clone());
            tokio::spawn(async move { edge.cast(&request).await.status })
        })
        .collect();
    let turned_away = 20 - 3;
    while edge.metric("edge_answers_total{status=\"503\"}").await < Some(turned_away) {
        tokio::task::yield_now().await;
    }
    let second = tokio::spawn({
        let edge = Arc::clone(&edge);
        async move { edge.cast(&other).await.status }
    });
    instance.is_asked("/vote", 2).await;
    assert_eq!(edge.cast(&third).await.status, 503, "two are on their way");
    instance.does(Script::Well);
    let mut statuses = Vec::new();
    for one in crowd {
        statuses.push(one.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses[..3], [204; 3]);
    assert_eq!(statuses[3..], [503; 17]);
    assert_eq!((second.await.unwrap(), instance.asked("/vote")), (204, 2));
    assert_eq!(edge.cast(&third).await.status, 204);
}
