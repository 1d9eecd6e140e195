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

/// How long to wait before a busy server is asked again, and how often: for half a minute.
const BUSY: Duration = Duration::from_millis(20);
const TIMES: usize = 1_500;

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
/// again, a bounded number of times.
///
/// # Panics
/// If the server answers anything else, ends a connection, or is busy all the time; and if a body
/// comes in chunks, which are not read here.
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
    for _ in 0..TIMES {
        ask_on(stream, request, answer).await;
        if answer.starts_with(wanted) {
            return;
        }
        let text = String::from_utf8_lossy(answer);
        assert!(text.starts_with("HTTP/1.1 503 "), "{text}");
        tokio::time::sleep(BUSY).await;
    }
    panic!("the server answered 503 {TIMES} times to one request");
}

/// One request on a kept connection, and its whole answer.
///
/// # Panics
/// If there is none, or its body comes in chunks.
pub async fn ask_on(stream: &mut TcpStream, request: &[u8], answer: &mut Vec<u8>) {
    answer.clear();
    stream.write_all(request).await.expect("a request goes out");
    while !is_whole(answer) {
        let count = stream.read_buf(answer).await.expect("an answer");
        assert_ne!(count, 0, "the server ended the connection");
    }
}

/// Whether an answer is there with its body, if it names the length of one.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = std::str::from_utf8(&answer[..end]).expect("a head");
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let mut length = 0;
    for (name, value) in headers {
        assert!(
            !name.eq_ignore_ascii_case("transfer-encoding"),
            "a body in chunks cannot be measured here; let the server name its length: {head}"
        );
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().expect("a length");
        }
    }
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

/// The processor time that this process has had, all threads. Zero outside Linux.
pub fn cpu_time() -> Duration {
    cpu_times(std::process::id()).iter().sum()
}

/// The processor time that a process has had, all threads, in its own code and in the kernel, as
/// Linux counts it: in hundredths of a second, the 14th and 15th fields of `/proc/<process>/stat`.
/// Zero elsewhere.
pub fn cpu_times(process: u32) -> [Duration; 2] {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The second field is a name in parentheses that may hold spaces.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let mut ticks = fields.skip(11).map(|field| field.parse::<u64>().unwrap_or(0));
    let mut next = || Duration::from_millis(ticks.next().unwrap_or(0) * 10);
    [next(), next()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that gives these answers, one to each request.
    async fn answering(answers: Vec<&'static str>) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 5];
            for answer in answers {
                stream.read_exact(&mut request).await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        address
    }

    async fn send_two(answers: Vec<&'static str>) -> usize {
        let requests = Arc::new(vec![b"one\r\n".to_vec(), b"two\r\n".to_vec()]);
        send(answering(answers).await, &requests, 1, 200).await.len()
    }

    const BUSY: &str = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";

    #[tokio::test]
    async fn a_busy_server_is_asked_again_and_bodies_are_read_to_their_end() {
        let whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        let bare = "HTTP/1.1 200 OK\r\n\r\n";
        assert_eq!(send_two(vec![BUSY, whole, bare]).await, 2);
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "every request is answered")]
    async fn a_server_that_is_always_busy_ends_the_measurement() {
        send_two(vec![BUSY; TIMES]).await;
    }

    #[test]
    #[should_panic(expected = "a body in chunks cannot be measured here")]
    fn a_body_in_chunks_is_refused() {
        is_whole(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    }
}
