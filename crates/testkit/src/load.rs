//! The load of a bench: whole HTTP/1.1 requests, made beforehand, over kept connections.
//!
//! Raw sockets, so that next to nothing of a measured time is the generator's own. Every answer is
//! read to its end and its status looked at.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

/// How long to wait before a busy server is asked again.
const BUSY: Duration = Duration::from_millis(20);

/// Threads of the generator's own.
///
/// # Panics
/// If the system gives no threads.
pub fn threads(count: usize) -> Runtime {
    let runtime = Builder::new_multi_thread().worker_threads(count).enable_all().build();
    runtime.expect("threads for the generator")
}

/// Sends every request once over so many connections, each connection its next one when the last
/// was answered with `status`; the time that each took, in no order. A request that met 503 is sent
/// again.
///
/// # Panics
/// If the server answers anything else, or ends a connection.
pub async fn send(
    address: SocketAddr,
    requests: &Arc<Vec<Vec<u8>>>,
    connections: usize,
    status: u16,
) -> Vec<Duration> {
    let next = Arc::new(AtomicUsize::new(0));
    let wanted = format!("HTTP/1.1 {status} ").into_bytes();
    let mut sending = Vec::new();
    for _ in 0..connections {
        let (requests, next, wanted) = (Arc::clone(requests), Arc::clone(&next), wanted.clone());
        sending.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            stream.set_nodelay(true).expect("no delay");
            let (mut waits, mut answer) = (Vec::new(), Vec::with_capacity(4_096));
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let start = Instant::now();
                exchange(&mut stream, request, &mut answer, &wanted).await;
                waits.push(start.elapsed());
            }
            waits
        }));
    }
    let mut all = Vec::with_capacity(requests.len());
    for one in sending {
        all.extend(one.await.expect("every request is answered"));
    }
    all
}

async fn exchange(stream: &mut TcpStream, request: &[u8], answer: &mut Vec<u8>, wanted: &[u8]) {
    loop {
        answer.clear();
        stream.write_all(request).await.expect("a request goes out");
        while !is_whole(answer) {
            let count = stream.read_buf(answer).await.expect("an answer");
            assert_ne!(count, 0, "the server ended the connection");
        }
        if answer.starts_with(wanted) {
            return;
        }
        let text = String::from_utf8_lossy(answer);
        assert!(text.starts_with("HTTP/1.1 503 "), "{text}");
        tokio::time::sleep(BUSY).await;
    }
}

/// Whether an answer is there with its body, if it names the length of one.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = std::str::from_utf8(&answer[..end]).expect("a head");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |text| text.parse().expect("a length"));
    answer.len() >= end + 4 + length
}

/// The whole answer to one request on a connection that it closes.
///
/// # Panics
/// If there is none.
pub async fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("a request goes out");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

/// The processor time that this process has had, all threads, as Linux counts it: in hundredths
/// of a second, the 14th and 15th fields of `/proc/self/stat`. Zero elsewhere.
pub fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is a name in parentheses that may hold spaces.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
