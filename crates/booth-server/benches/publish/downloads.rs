//! Clients that download, from the publisher and from nginx in turns.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use booth_server::publish::FileState;

/// Bytes of a range.
const RANGE: u64 = 1 << 20;

/// Ranges that each client asks for.
const RANGES: u64 = 400;

/// How the lists are downloaded.
pub(super) struct Clients {
    pub(super) count: usize,
    pub(super) rounds: usize,
}

/// What each client asks for, one after the other on one connection.
struct Asked {
    path: &'static str,
    headers: Vec<String>,
}

impl Clients {
    pub(super) fn compare(&self, ours: SocketAddr, state: &Path, files: &[FileState; 4]) {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let nginx = Nginx::start(folder.path(), state);
        let whole = Asked { path: "/solar-vote.log", headers: vec![String::new()] };
        let packed = |path, header: &str| Asked { path, headers: vec![header.to_owned()] };
        let gzip = packed("/solar-vote.log", "Accept-Encoding: gzip\r\n");
        let ranges = (0..RANGES).map(|number| {
            // Ranges all over the list, none twice in a row.
            let from = number * 7_919 * RANGE % files[0].bytes.saturating_sub(RANGE).max(1);
            format!("Range: bytes={from}-{}\r\n", from + RANGE - 1)
        });
        let ranges = Asked { path: "/solar-vote.log", headers: ranges.collect() };
        let theirs = nginx.as_ref().map(|nginx| nginx.address);
        let name = |what: &str, at: usize| format!("{what}, {} MB", files[at].bytes / 1_000_000);
        self.pair(&name("the whole list", 0), (ours, &whole), theirs.map(|at| (at, &whole)));
        self.pair("ranges of 1 MiB", (ours, &ranges), theirs.map(|at| (at, &ranges)));
        let stored = packed("/solar-vote.log.gz", "");
        self.pair(&name("compressed", 2), (ours, &gzip), theirs.map(|at| (at, &stored)));
    }

    fn pair(&self, what: &str, ours: (SocketAddr, &Asked), theirs: Option<(SocketAddr, &Asked)>) {
        println!("{what}, {} clients", self.count);
        let mut ratios = Vec::new();
        for _ in 0..self.rounds {
            let one = self.rate(ours.0, ours.1);
            let Some((address, asked)) = theirs else {
                println!("{one:>10.0} MB/s; nginx is not here");
                continue;
            };
            let other = self.rate(address, asked);
            println!("{one:>10.0} MB/s; {other:.0} MB/s nginx; ratio {:.2}", one / other);
            ratios.push(one / other);
        }
        ratios.sort_by(f64::total_cmp);
        if let Some(median) = ratios.get(ratios.len() / 2) {
            println!("{median:>10.2} is the median ratio");
        }
    }

    /// Megabytes a second of all clients together.
    fn rate(&self, address: SocketAddr, asked: &Asked) -> f64 {
        let start = Instant::now();
        let bytes: u64 = std::thread::scope(|scope| {
            let all: Vec<_> =
                (0..self.count).map(|_| scope.spawn(|| download(address, asked))).collect();
            all.into_iter().map(|one| one.join().expect("a client")).sum()
        });
        bytes as f64 / start.elapsed().as_secs_f64() / 1e6
    }
}

/// Bytes of all bodies.
fn download(address: SocketAddr, asked: &Asked) -> u64 {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let (mut buffer, mut bytes) = (vec![0; 256 * 1024], 0);
    for headers in &asked.headers {
        let text = format!("GET {} HTTP/1.1\r\nHost: bench\r\n{headers}\r\n", asked.path);
        stream.write_all(text.as_bytes()).expect("a request");
        let mut have = 0;
        let end = loop {
            have += stream.read(&mut buffer[have..]).expect("an answer");
            if let Some(at) = buffer[..have].windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 20"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: u64 = length.and_then(|text| text.parse().ok()).expect("a length");
        let mut left = length - (have - end) as u64;
        while left > 0 {
            match stream.read(&mut buffer).expect("a body") {
                0 => panic!("the answer ends early"),
                count => left -= count as u64,
            }
        }
        bytes += length;
    }
    bytes
}

/// nginx with as many workers as there are processors, serving a folder with sendfile off.
struct Nginx {
    child: Child,
    address: SocketAddr,
}

impl Nginx {
    fn start(folder: &Path, state: &Path) -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("an address");
        drop(free);
        // The files are their owner's, so its workers stay who it is.
        let text = format!(
            "daemon off;\nuser root;\nworker_processes auto;\npid {0}/pid;\n\
             error_log {0}/error;\nevents {{ worker_connections 1024; }}\n\
             http {{\n  access_log off;\n  sendfile off;\n  keepalive_requests 100000000;\n  \
             server {{\n    listen {address};\n    root {1};\n  }}\n}}\n",
            folder.display(),
            state.display(),
        );
        let config = folder.join("nginx.conf");
        std::fs::write(&config, text).expect("a configuration");
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder).arg("-c").arg(&config);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let mut nginx = Self { child, address };
        while TcpStream::connect(address).is_err() {
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
