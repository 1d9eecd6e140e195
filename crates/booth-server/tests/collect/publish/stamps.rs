//! Stamps issued by station, as edges tell of them that end and begin anew.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use booth_server::publish::PublishConfig;
use booth_server::wire::{PASS, StampsSaid, StationSaid};
use service::config::Override;
use service::limits::Limits;
use service::stop::{self, StopHandle};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::world::{MadeUp, Publishing, after_the_end, config, of_shard};
use crate::instance::Platform;

/// An edge that says what the test wants; nothing while it is away.
pub(super) struct MadeUpEdge {
    pub(super) address: SocketAddr,
    says: Arc<Mutex<Option<StampsSaid>>>,
    _stop: StopHandle,
}

impl MadeUpEdge {
    pub(super) fn start(runtime: &Runtime, platform: &Platform) -> Self {
        let says = Arc::new(Mutex::new(None));
        let (state, pass) = (Arc::clone(&says), platform.secret("edge/stamps-pass"));
        let answer = async move |headers: HeaderMap| match &*state.lock().unwrap() {
            _ if headers[PASS] != *pass => (StatusCode::FORBIDDEN, Vec::new()),
            Some(said) => (StatusCode::OK, serde_json::to_vec(said).unwrap()),
            None => (StatusCode::SERVICE_UNAVAILABLE, Vec::new()),
        };
        let router = Router::new().route("/stamps/solar", get(answer));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (handle, stop) = stop::pair();
        let limits = Limits { connections_per_peer: Some(1_000), ..Limits::default() };
        runtime.spawn(async move { service::http::run(listener, router, &limits, stop).await });
        Self { address, says, _stop: handle }
    }

    /// What it says from now on: the number of its start, and stamps.
    fn says(&self, boot: u8, stamps: u64) {
        self.says_of(boot, vec![StationSaid { stamps, station: None }]);
    }

    /// The same, by station and always of one start.
    pub(super) fn says_by_station(&self, stamps: Vec<StationSaid>) {
        self.says_of(1, stamps);
    }

    fn says_of(&self, boot: u8, stamps: Vec<StationSaid>) {
        let boot = format!("{boot:032x}");
        let said = StampsSaid { boot, campaign: "solar".to_owned(), stamps };
        *self.says.lock().unwrap() = Some(said);
    }

    fn goes(&self) {
        *self.says.lock().unwrap() = None;
    }
}

struct World {
    platform: Platform,
    instance: MadeUp,
    edges: [MadeUpEdge; 2],
    config: PublishConfig,
    _runtime: Runtime,
}

impl World {
    fn new(stamps_s: i64) -> Self {
        let runtime = Runtime::new().unwrap();
        let platform = Platform::new("official", 3, 1);
        let instance = MadeUp::start(&runtime, 0);
        let edges = [(); 2].map(|()| MadeUpEdge::start(&runtime, &platform));
        let addresses: Vec<_> =
            edges.iter().map(|edge| format!("http://{}", edge.address)).collect();
        let flags = [Override::new("edges", addresses), Override::new("stamps_s", stamps_s)];
        let config = config(&platform, &[instance.address], &flags);
        Self { platform, instance, edges, config, _runtime: runtime }
    }
}

/// Stamps in each snapshot; none where it does not tell.
fn told(publishing: &Publishing) -> Vec<Option<u64>> {
    let page = publishing.json("snapshots");
    let each = page["snapshots"].as_array().unwrap().iter();
    each.map(|one| one["stamps_issued"][0]["stamps"].as_u64()).collect()
}

#[test]
fn stamps_of_all_edges_are_added_up_whoever_ends() {
    let world = World::new(0);
    let [one, other] = &world.edges;
    let publishing = Publishing::start(&world.config);
    one.says(1, 10);
    publishing.taken();
    other.says(2, 5);
    publishing.taken();
    one.says(1, 12);
    publishing.taken();
    // An edge that was started again begins at nothing; what it gave before stays counted.
    one.says(3, 1);
    publishing.taken();
    // What falls is no count, and whoever says so is not heard.
    one.says(3, 0);
    publishing.taken();
    one.goes();
    publishing.taken();
    assert_eq!(told(&publishing), [None, Some(15), Some(17), Some(18), None, None]);
    publishing.stop();
    // A publisher that was started again goes on from its own records.
    let publishing = Publishing::start(&world.config);
    one.says(3, 4);
    other.says(4, 0);
    publishing.taken();
    assert_eq!(told(&publishing)[6], Some(12 + 4 + 5));
    // Between snapshots too: what was heard of a start is kept when it ends.
    other.says(4, 7);
    let runtime = Runtime::new().unwrap();
    runtime.block_on(publishing.publisher.hear_edges());
    other.says(5, 0);
    publishing.taken();
    assert_eq!(told(&publishing)[7], Some(12 + 4 + 5 + 7));
    publishing.stop();
}

/// Figures that moved with each stamp would help to find out whether a guess was right.
#[test]
fn snapshots_tell_of_stamps_by_the_quarter_of_an_hour_and_at_the_end() {
    let world = World::new(900);
    let publishing = Publishing::start(&world.config);
    for edge in &world.edges {
        edge.says(1 + u8::from(edge.address == world.edges[1].address), 4);
    }
    for _ in 0..4 {
        publishing.taken();
        publishing.clock.advance(450);
    }
    assert_eq!(told(&publishing), [Some(8), None, Some(8), None]);
    world.instance.says().cut(&of_shard(&world.platform, 0, 0, 4));
    world.instance.says().said.is_closed = true;
    publishing.clock.set(after_the_end());
    let runtime = Runtime::new().unwrap();
    world.edges[0].says(1, 6);
    runtime.block_on(publishing.publisher.hear_edges());
    // After the end an edge gives none, so what it said then is all that it gave.
    world.edges[0].goes();
    publishing.taken();
    assert_eq!(told(&publishing)[4], Some(10));
    publishing.stop();
}

#[test]
fn what_no_edge_of_the_campaign_can_say_is_not_heard() {
    let world = World::new(0);
    let publishing = Publishing::start(&world.config);
    world.edges[1].says(2, 5);
    let odd: [fn(&mut StampsSaid); 5] = [
        |said| said.campaign = "lunar".to_owned(),
        |said| said.boot = "A".repeat(32),
        |said| said.stamps[0].station = Some("s-1".to_owned()),
        |said| said.stamps.push(said.stamps[0].clone()),
        |said| said.stamps[0].stamps = u64::MAX,
    ];
    for change in odd {
        world.edges[0].says(1, 3);
        change(world.edges[0].says.lock().unwrap().as_mut().unwrap());
        publishing.taken();
    }
    world.edges[0].says(1, 3);
    publishing.taken();
    let counted: BTreeMap<_, _> = (0..).zip(told(&publishing)).collect();
    assert_eq!(counted.into_values().collect::<Vec<_>>(), [None, None, None, None, None, Some(8)]);
    publishing.stop();
}
