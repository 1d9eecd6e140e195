//! What an edge answers from memory, over HTTP on loopback, with the load generator on the same
//! machine.
//!
//! - `/list` from the cache, against nginx answering 204 to the same requests, if it is installed;
//! - `/stamp`, against the same server code with nothing behind it but one Ed25519 signature and
//!   one HMAC;
//! - whether the time of an answer tells a right code from a wrong one.
//!
//! The figures of a pair are taken in turns, in one run, by one generator: raw sockets that are
//! kept, one request at a time on each.
//!
//! ```text
//! cargo bench -p booth-server --bench edge [-- REQUESTS CONNECTIONS]
//! ```

#![allow(clippy::print_stdout, reason = "the result is for whoever runs it")]

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode};
use axum::response::Response;
use canon::base64;
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper::body::Incoming;
use service::http::{Entrance, Handler, serve};
use service::limits::Limits;
use service::stop;
use sha2::Sha256;
use testkit::latency::Latencies;
use testkit::load::{ask_on, send, threads};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

#[allow(dead_code, reason = "shared with the tests")]
#[path = "../tests/edge/client.rs"]
mod client;
#[allow(dead_code, reason = "shared with the tests")]
#[path = "../tests/edge/instance.rs"]
mod instance;
#[allow(dead_code, reason = "shared with the tests")]
#[path = "../tests/edge/solar.rs"]
mod solar;

use solar::{Edge, Plan};

/// Rounds of each pair.
const ROUNDS: usize = 3;

fn main() {
    let short = std::env::var_os("SCRUTINEER_BENCH_SHORT").is_some();
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let requests = numbers.next().unwrap_or(if short { 20_000 } else { 400_000 });
    let connections = numbers.next().unwrap_or(64);
    let server = Runtime::new().expect("a runtime");
    let edge = server.block_on(Edge::start(Plan::default()));
    let generator = Generator::new(requests, connections);
    options(&generator, &edge);
    stamps(&generator, &server, &edge);
    latency(&edge, &server, if short { 2_000 } else { 200_000 });
}

/// What asks.
struct Generator {
    runtime: Runtime,
    requests: usize,
    connections: usize,
}

impl Generator {
    /// With threads of its own.
    fn new(requests: usize, connections: usize) -> Self {
        Self { runtime: threads(2), requests, connections }
    }

    /// Requests a second that a server answers with 204.
    fn rate(&self, address: SocketAddr, head: &str) -> f64 {
        let requests = Arc::new(vec![head.as_bytes().to_vec(); self.requests]);
        let start = Instant::now();
        self.runtime.block_on(send(address, &requests, self.connections, 204));
        #[expect(clippy::cast_precision_loss, reason = "figures for people to read")]
        let all = self.requests as f64;
        all / start.elapsed().as_secs_f64()
    }

    /// Two servers in turns: their rates, and the ratio of each round.
    fn compare(&self, ours: (&str, SocketAddr), theirs: (&str, SocketAddr), head: &str) {
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let (one, other) = (self.rate(ours.1, head), self.rate(theirs.1, head));
            println!(
                "{one:>10.0}/s {}; {other:.0}/s {}; ratio {:.2}",
                ours.0,
                theirs.0,
                one / other
            );
            ratios.push(one / other);
        }
        ratios.sort_by(f64::total_cmp);
        println!("{:>10.2} is the median ratio", ratios[ratios.len() / 2]);
    }
}

fn options(generator: &Generator, edge: &Edge) {
    println!("/list from the edge's cache");
    let head = "GET /list HTTP/1.1\r\nHost: solar.example.org\r\n\r\n";
    let folder = tempfile::tempdir().expect("a folder");
    let Some(nginx) = Nginx::start(folder.path()) else {
        println!("{:>10.0}/s; nginx is not here", generator.rate(edge.address, head));
        return;
    };
    generator.compare(("the edge", edge.address), ("nginx", nginx.address), head);
}

/// nginx with as many workers as there are processors, answering 204 to everything.
struct Nginx {
    child: Child,
    address: SocketAddr,
}

impl Nginx {
    fn start(folder: &Path) -> Option<Self> {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("an address");
        drop(free);
        let text = format!(
            "daemon off;\nworker_processes auto;\npid {0}/pid;\nerror_log {0}/error;\n\
             events {{ worker_connections 4096; }}\n\
             http {{\n  access_log off;\n  keepalive_requests 100000000;\n  server {{\n    \
             listen {address};\n    location / {{ return 204; }}\n  }}\n}}\n",
            folder.display(),
        );
        let config = folder.join("nginx.conf");
        std::fs::write(&config, text).expect("a configuration");
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder).arg("-c").arg(&config);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let mut nginx = Self { child, address };
        while std::net::TcpStream::connect(address).is_err() {
            if nginx.child.try_wait().expect("a state").is_some() {
                return None;
            }
            std::thread::yield_now();
        }
        Some(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it when it is asked, not when it is killed.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// One Ed25519 signature and one HMAC, and the headers of a stamp.
#[derive(Clone)]
struct Bare(SigningKey);

impl Handler for Bare {
    async fn answer(&self, _: Request<Incoming>, _: SocketAddr) -> Response {
        let signature = self.0.sign(b"1793689200").to_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(&[23; 32]).expect("a key of any length");
        mac.update(&signature);
        let mac = mac.finalize().into_bytes();
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let lines = [
            ("cache-control", "no-store".to_owned()),
            ("p-utc", "1793689200".to_owned()),
            ("p-sig", base64::encode(&signature)),
            ("voter", base64::encode(&mac)),
        ];
        for (name, value) in lines {
            let value = HeaderValue::from_str(&value).expect("base64");
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
        response
    }
}

fn stamps(generator: &Generator, server: &Runtime, edge: &Edge) {
    println!("/stamp");
    let listener = server.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    let address = listener.local_addr().expect("an address");
    let (_running, stop) = stop::pair();
    let bare = Bare(SigningKey::from_bytes(&[21; 32]));
    server.spawn(async move {
        serve(Entrance::plain(listener), bare, &Limits::default(), stop).await;
    });
    let code = edge.codes().current;
    let head = format!("GET /stamp HTTP/1.1\r\nHost: solar.example.org\r\nTOTP: {code}\r\n\r\n");
    let theirs = ("one signature and one HMAC", address);
    generator.compare(("the edge", edge.address), theirs, &head);
}

/// The times of answers to a right and a wrong code, in an order that was not chosen by the
/// server: what [`testkit::latency`] finds of them.
fn latency(edge: &Edge, server: &Runtime, queries: usize) {
    println!("answers of /stamp by one connection, right and wrong codes in turns");
    let head = |code: String| format!("GET /stamp HTTP/1.1\r\nHost: a\r\nTOTP: {code}\r\n\r\n");
    let heads = [edge.codes().current.to_string(), edge.wrong_code().to_string()].map(head);
    let mut latencies = Latencies::default();
    server.block_on(async {
        let mut stream = TcpStream::connect(edge.address).await.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let mut answer = Vec::with_capacity(4_096);
        for number in 0..queries {
            let drawn = canon::Digest::of(&number.to_be_bytes()).0[0] & 1 == 1;
            for kind in if drawn { [0, 1] } else { [1, 0] } {
                let start = Instant::now();
                ask_on(&mut stream, heads[kind].as_bytes(), &mut answer).await;
                latencies.add(kind, start.elapsed());
                assert!(answer.starts_with(b"HTTP/1.1 204 "), "{}", answer.escape_ascii());
            }
        }
    });
    let comparison = latencies.compare().expect("enough answers");
    let [right, wrong] = comparison.means;
    let cut = comparison.cut.as_secs_f64() * 1e6;
    println!("{right:>10.2} us right, {wrong:.2} us wrong, of those up to {cut:.0} us");
    println!("{:>10.2} is Welch's t of {queries} each", comparison.t);
    println!("{:>10.2} standard deviations between the shares of slower ones", comparison.slow);
}
