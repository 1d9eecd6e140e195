//! Instances that serve what was prepared, in a process of their own.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::http::header::RANGE;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use booth_server::wire::{self, CutSaid, CutsSaid};
use service::http::range::{Asked, asked};
use service::limits::Limits;
use service::stop::{self, Stop};
use tokio::net::TcpListener;

use super::BE_INSTANCES;

/// The process, until this is dropped.
pub(super) struct Instances {
    child: Child,
    /// It ends with its input.
    input: Option<ChildStdin>,
    pub(super) addresses: Vec<SocketAddr>,
}

impl Instances {
    pub(super) fn start(folder: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("a program"));
        command.env(BE_INSTANCES, folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a process");
        let mut line = String::new();
        let output = child.stdout.take().expect("an output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let addresses = line.split_whitespace().map(|text| text.parse().expect("an address"));
        Self { input: child.stdin.take(), addresses: addresses.collect(), child }
    }

    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Instances {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// What the process does.
pub(super) fn serve_until_told(folder: &Path) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (_handle, stop) = stop::pair();
    for shard in 0..2 {
        let address = runtime.block_on(serve(folder, shard, stop.clone()));
        print!("{address} ");
    }
    println!();
    std::io::stdout().flush().expect("a reader");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

async fn serve(folder: &Path, shard: u16, stop: Stop) -> SocketAddr {
    let file = |name: &str| {
        let file = File::open(folder.join(format!("{name}-{shard}"))).expect("a list");
        let bytes = file.metadata().expect("a size").len();
        (Arc::new(file), bytes)
    };
    let text = std::fs::read(folder.join(format!("cuts-{shard}.json"))).expect("the cuts");
    let all: Arc<Vec<CutSaid>> = Arc::new(serde_json::from_slice(&text).expect("cuts"));
    let cuts = async move |headers: HeaderMap| {
        let from = headers[wire::FROM].to_str().expect("a number").parse().expect("a number");
        let cuts = all.iter().skip(from).take(wire::MOST_CUTS).cloned().collect();
        let (ledger, total) = (format!("{shard:032x}"), all.len() as u64);
        let said = CutsSaid { cuts, is_closed: false, ledger, shard, total };
        serde_json::to_vec(&said).expect("a text")
    };
    let part = |(file, bytes): (Arc<File>, u64)| {
        async move |headers: HeaderMap| match asked(headers.get(RANGE), bytes) {
            Asked::Part(range) => {
                let length = usize::try_from(range.end - range.start).expect("a length");
                let mut part = vec![0; length];
                file.read_exact_at(&mut part, range.start).expect("a part");
                (StatusCode::PARTIAL_CONTENT, part)
            }
            _ => (StatusCode::RANGE_NOT_SATISFIABLE, Vec::new()),
        }
    };
    let router = Router::new()
        .route(wire::CUTS_PATH, get(cuts))
        .route(wire::CUT_VOTES_PATH, get(part(file("votes"))))
        .route(wire::CUT_VOTERS_PATH, get(part(file("voters"))));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(
        async move { service::http::run(listener, router, &Limits::default(), stop).await },
    );
    address
}
