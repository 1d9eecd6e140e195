//! Floods from many addresses: all processes keep to the memory that their bounds give, and
//! voters are served meanwhile.
//!
//! A server has 256 places for connections here, of which one address has 32. Each flood comes
//! from addresses of its own and takes all their places; some of them are held to the end.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use booth::Secret;
use booth::campaign::Period;
use booth::mandate::Mandate;
use booth::request::VoteRequest;
use booth::stamp::{PlatformStamp, VoterStamp};
use booth::totp::{Code, code, step};
use booth::vote::Vote;
use booth::work::Nonce;
use canon::{Algorithm, Digest, PrivateKey, base64};
use service::clock::{Clock as _, SystemClock};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::{AUTHORITY_SEED, Platform, told};
use crate::process::{Process, command};

mod instance;
mod tls;

/// Places for connections, and those of one address.
const PLACES: usize = 256;
const SHARE: usize = 32;

/// Mandates that are remembered with a bad stamp.
const FAILURES: usize = 20;

/// The limits of edge and instances. Nobody is cut off for being slow.
const LIMITS: &str = "[limits]\nconnections = 256\nconnections_per_peer = 32\n\
                      header_ms = 600000\nwrite_ms = 600000\n";

/// The tables of the edge.
const TABLES: &str = "stamps = 2000\nanswers = 500\nfailures = 20\non_their_way = 100\n";

/// Bytes that one place may take: docs/operate/edge.md.
const PLACE: usize = 64 * 1024;

/// Bytes that each place takes of a flood of long heads, at most: what is measured, 25 to 27 KiB,
/// and so little more that some tens of KiB which a connection would leave behind are noticed.
const LONG_HEADS: usize = 40 * 1024;

/// Bytes by which a process may grow: its places with the eight that are kept, and 8 MiB for its
/// tables, which hold some thousand small entries, and for what the allocator keeps besides.
const ROOM: usize = (PLACES + 8) * PLACE + (8 << 20);

/// The host of the campaign.
const HOST: &str = "127.0.0.1";

type Statuses = BTreeMap<u16, usize>;

/// A flooded server, and what it takes of memory.
struct Watched {
    id: u32,
    before: usize,
}

impl Watched {
    /// Its peak is counted from here on.
    fn from_here_on(process: &Process) -> Self {
        let id = process.id();
        // 5: proc_pid_clear_refs(5).
        std::fs::write(format!("/proc/{id}/clear_refs"), "5").unwrap();
        Self { id, before: bytes(id, "VmRSS") }
    }

    fn growth(&self) -> usize {
        bytes(self.id, "VmHWM").saturating_sub(self.before)
    }
}

/// A line of `/proc/PID/status` that counts memory.
fn bytes(id: u32, name: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() * 1024
}

/// A connection from one of this machine's other addresses, 127.0.0.`from`.
async fn connect(from: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::new(127, 0, 0, from), 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

/// Says something, asks for the options behind it, and reads until the server closes: the
/// statuses that came.
async fn say(from: u8, to: SocketAddr, text: Vec<u8>) -> Statuses {
    statuses(&heard(from, to, text).await)
}

async fn heard(from: u8, to: SocketAddr, mut text: Vec<u8>) -> Vec<u8> {
    text.extend(get("/list", HOST, "Connection: close\r\n").into_bytes());
    let (mut reading, mut writing) = connect(from, to).await.into_split();
    let mut heard = Vec::new();
    // Who is refused in the middle of what it says is cut off.
    let _ = tokio::join!(reading.read_to_end(&mut heard), writing.write_all(&text));
    heard
}

fn statuses(heard: &[u8]) -> Statuses {
    let mut counts = Statuses::new();
    for line in String::from_utf8_lossy(heard).lines() {
        if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
            *counts.entry(rest[..3].parse().unwrap()).or_default() += 1;
        }
    }
    counts
}

/// All places of one address say at one time what `text` gives for their number.
async fn flood(from: u8, to: SocketAddr, text: impl Fn(usize) -> Vec<u8>) -> Statuses {
    let all: Vec<_> = (0..SHARE).map(|one| tokio::spawn(say(from, to, text(one)))).collect();
    let mut counts = Statuses::new();
    for one in all {
        counts = sum(counts, one.await.unwrap());
    }
    counts
}

fn drawn<const N: usize>(what: &str, number: usize) -> [u8; N] {
    let halves =
        ["one", "two"].map(|half| Digest::of(format!("{what} {number} {half}").as_bytes()));
    *halves.map(|half| half.0).concat().first_chunk().unwrap()
}

fn get(path: &str, host: &str, lines: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n")
}

/// So many requests one behind another, for each place.
fn each(count: usize, request: impl Fn(usize) -> String) -> impl Fn(usize) -> Vec<u8> {
    move |one| (0..count).map(|nth| request(one * count + nth)).collect::<String>().into_bytes()
}

fn head(request: &VoteRequest) -> String {
    let lines = request.headers().into_iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    get(&request.path(), HOST, &lines.collect::<String>())
}

/// A vote that nobody could have got the stamps of, with a mandate of nobody's.
fn invented(number: usize) -> String {
    let mandate =
        Mandate::from_parts(drawn("key", number), drawn("signature", number), drawn("id", number));
    let platform = PlatformStamp {
        period: Period::beginning("2026-01-01T00:00:00Z".parse().unwrap()),
        signature: drawn("stamp", number),
    };
    let stamp = VoterStamp::from_bytes(drawn("voter", number));
    let nonce = Nonce::from(u64::from_be_bytes(drawn("nonce", number)));
    head(&VoteRequest {
        vote: Vote { platform, stamp, nonce, say: "Bold Jupiter".into() },
        mandate,
    })
}

/// A code that is none of a booth's while this test runs.
fn wrong_code(seed: &Secret) -> Code {
    let now = step(SystemClock.now());
    let taken: Vec<Code> = (now - 2..now + 20).map(|step| code(seed, step)).collect();
    let mut tries = (0..).map(|code| format!("{code:06}").parse().unwrap());
    tries.find(|code| !taken.contains(code)).unwrap()
}

/// A vote by a mandate of the authority, with stamps that were given for a wrong code.
async fn guessed(from: u8, to: SocketAddr, wrong: Code, number: usize) -> String {
    let asked = get("/stamp", HOST, &format!("TOTP: {wrong}\r\n"));
    let answer = String::from_utf8(heard(from, to, asked.into_bytes()).await).unwrap();
    let header = |name: &str| {
        let mut lines = answer.lines().map(str::to_ascii_lowercase).zip(answer.lines());
        let line = lines.find_map(|(lower, line)| lower.starts_with(name).then_some(line));
        line.unwrap_or_else(|| panic!("{answer}")).split_once(": ").unwrap().1.to_owned()
    };
    let signature = base64::decode(header("p-sig").as_bytes()).unwrap().try_into().unwrap();
    let platform =
        PlatformStamp { period: Period::from_text(&header("p-utc")).unwrap(), signature };
    let stamp = header("voter").parse().unwrap();
    let mut vote = Vote { platform, stamp, nonce: Nonce::from(0), say: "Bold Jupiter".into() };
    let puzzle = vote.puzzle();
    let mut nonces = (0..).map(Nonce::from);
    vote.nonce = nonces.find(|nonce| puzzle.score(nonce) >= 6).unwrap();
    let authority = PrivateKey::from_seed(Algorithm::Ed25519, &AUTHORITY_SEED).unwrap();
    let mandate = Mandate::issue(&authority, drawn("guessing", number)).unwrap();
    head(&VoteRequest { vote, mandate })
}

/// Connections that begin to ask and never end.
struct Slow(Vec<TcpStream>);

impl Slow {
    async fn begin(from: u8, to: SocketAddr) -> Self {
        let mut all = Vec::new();
        for _ in 0..SHARE {
            let mut stream = connect(from, to).await;
            stream.write_all(b"GET /list HTTP/1.1\r\nHost: a\r\nX: ").await.unwrap();
            all.push(stream);
        }
        Self(all)
    }

    /// A thousand bytes more of the same header, in small pieces.
    async fn dribble(&mut self) {
        for _ in 0..50 {
            for stream in &mut self.0 {
                stream.write_all(&[b'y'; 20]).await.unwrap();
            }
        }
    }
}

/// What one flood says, and the statuses that come of it and of nothing else.
type Flood = (Box<dyn Fn(usize) -> Vec<u8>>, &'static [u16]);

/// Floods of an edge.
fn floods() -> [Flood; 7] {
    let long = "y".repeat(400_000);
    let many = "X: y\r\n".repeat(5_000);
    let (chunk, rest) = (format!("{:x}\r\n", 1 << 30), "z".repeat(300_000));
    let stated = format!("Content-Length: {}\r\n", 1 << 30);
    [
        // No campaign is asked under these hosts.
        (Box::new(each(40, |n| get("/list", &format!("{n}.example.org"), ""))), &[204, 400]),
        (Box::new(each(15, |n| get("/stamp", HOST, &format!("TOTP: {n:06}\r\n")))), &[204]),
        (Box::new(each(40, |n| get("/stamp", HOST, &format!("Station: {n}\r\n")))), &[204, 486]),
        (Box::new(each(40, |n| get(&format!("/stamp?code={n}"), HOST, ""))), &[204, 400]),
        (Box::new(each(20, invented)), &[204, 484, 489]),
        (
            Box::new(move |one| {
                let lines = if one % 2 == 0 { format!("X: {long}\r\n") } else { many.clone() };
                get("/list", HOST, &lines).into_bytes()
            }),
            &[431],
        ),
        (
            Box::new(move |one| {
                let body = match one % 2 {
                    0 => get("/list", HOST, &stated) + &rest,
                    _ => get("/list", HOST, "Transfer-Encoding: chunked\r\n") + &chunk + &rest,
                };
                body.into_bytes()
            }),
            &[400],
        ),
    ]
}

/// Heads of one connection: more bytes than a buffer without a bound would come to hold.
const HEADS: usize = 40;

/// Heads as long as they may be, one behind another without a pause, from four addresses at once.
async fn long_heads(from: u8, to: SocketAddr) -> Statuses {
    let line = format!("X: {}\r\n", "y".repeat(15_000));
    let text = each(HEADS, |n| get(&format!("/{n}"), HOST, &line));
    let (a, b, c, d) = tokio::join!(
        flood(from, to, &text),
        flood(from + 1, to, &text),
        flood(from + 2, to, &text),
        flood(from + 3, to, &text),
    );
    [a, b, c, d].into_iter().fold(Statuses::new(), sum)
}

fn sum(mut all: Statuses, some: Statuses) -> Statuses {
    for (status, count) in some {
        *all.entry(status).or_default() += count;
    }
    all
}

/// Asks for the options again and again and takes no answer.
async fn take_nothing(from: u8, to: SocketAddr) {
    let mut stream = connect(from, to).await;
    // More than the sockets hold.
    let text = get("/list", HOST, "").repeat(20_000);
    let _ = stream.write_all(text.as_bytes()).await;
    std::future::pending::<()>().await;
}

impl Platform {
    /// Honest voters, each of whom gets a receipt.
    fn serves(&self, voters: usize, seed: &str) {
        let number = voters.to_string();
        let words = self.voters(&["--crowd", &number, "--seed", seed]);
        let output = command(self.home.path(), &words).output().unwrap();
        let told = told(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{told:#}");
        assert_eq!((&told["receipts"], &told["failed"]), (&voters.into(), &0.into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_cost_no_more_memory_than_the_bounds_give_and_voters_are_served() {
    let tables = TABLES.parse::<toml::Table>().unwrap();
    let platform = Platform::with(0, LIMITS, |edge| {
        edge.insert("tables".to_owned(), tables.into());
        let campaign = edge["campaigns"][0].as_table_mut().unwrap();
        campaign.insert("hosts".to_owned(), vec![HOST].into());
    });
    let address = |process: &Process| process.url().trim_start_matches("http://").parse().unwrap();
    let (edge, instance) = (address(&platform.edge), address(&platform.instances[0]));
    platform.serves(60, "5");
    let processes = platform.instances.iter().chain([&platform.edge]);
    let watched: Vec<_> = processes.map(Watched::from_here_on).collect();

    // The first flood, so that what it takes can be counted for each of its places.
    assert_eq!(long_heads(20, edge).await, [(204, 4 * SHARE), (400, 4 * HEADS * SHARE)].into());
    assert_eq!(
        long_heads(30, instance).await,
        [(403, 4 * (HEADS + 1) * SHARE)].into(),
        "strangers"
    );
    for process in [&watched[0], &watched[2]] {
        let each = process.growth() / (4 * SHARE);
        println!("{} KiB for each place of the long heads", each / 1024);
        assert!(each <= LONG_HEADS, "long heads took {} KiB for each place", each / 1024);
    }

    let mut slow = Slow::begin(2, edge).await;
    let untaken: Vec<_> = (0..SHARE).map(|_| tokio::spawn(take_nothing(3, edge))).collect();
    for (from, (text, expected)) in (10..).zip(floods()) {
        let counts = flood(from, edge, text).await;
        let came: Vec<u16> = counts.keys().copied().collect();
        assert_eq!(came, expected, "the flood from 127.0.0.{from}: {counts:?}");
        slow.dribble().await;
    }
    let seed = std::fs::read(platform.home.path().join("solar/booth/totp-seed")).unwrap();
    let seed = base64::decode(seed.trim_ascii()).unwrap().try_into().unwrap();
    let wrong = wrong_code(&Secret::new(&seed));
    let mut counts = Statuses::new();
    for number in 0..2 * FAILURES {
        let text = guessed(40, edge, wrong, number).await;
        counts = sum(counts, say(40, edge, text.into_bytes()).await);
    }
    assert_eq!(counts, [(204, 2 * FAILURES), (488, 2 * FAILURES)].into());

    // The slow ones and those that take nothing hold all their places to the end.
    assert_eq!(say(2, edge, Vec::new()).await.keys().collect::<Vec<_>>(), [&503]);
    platform.serves(3, "6");
    for process in watched {
        let growth = process.growth();
        assert!(growth <= ROOM, "a process took {} KiB more than before", growth / 1024);
    }
    assert!(untaken.iter().all(|one| !one.is_finished()));
}
