use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream as Client};

use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::stop::{self, StopHandle};

struct Running {
    address: SocketAddr,
    handle: StopHandle,
    task: tokio::task::JoinHandle<Drained>,
}

async fn start(limits: Limits) -> Running {
    let (inner, room) = (limits.clone(), body::Room::new(&limits));
    let app = Router::new()
        .route("/hello", get(|| async { "hello" }))
        .route("/healthz", get(|| async { "well" }))
        .route("/large", get(|| async { vec![7u8; 64 << 20] }))
        .route("/never", get(std::future::pending::<()>))
        .route(
            "/length",
            post(move |body: Body| async move {
                match body::read(body, &inner, &room).await {
                    Ok(held) => held.bytes.len().to_string().into_response(),
                    Err(refusal) => refusal.into_response(),
                }
            }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (handle, stop) = stop::pair();
    let task = tokio::spawn(async move { run(listener, app, &limits, stop).await });
    Running { address, handle, task }
}

/// Sends `request` as it stands and reads until the server closes.
async fn say(address: SocketAddr, request: impl Into<Vec<u8>>) -> String {
    let request = request.into();
    tokio::task::spawn_blocking(move || {
        let mut client = Client::connect(address).unwrap();
        // The server may answer and close before it has read everything.
        let _ = client.write_all(&request);
        let mut answer = Vec::new();
        let _ = client.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await
    .unwrap()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

const CLOSE: &str = "Host: a\r\nConnection: close\r\n";

#[tokio::test]
async fn paths_and_methods_that_do_not_stand_are_refused_in_json() {
    let running = start(Limits::default()).await;
    let answer = say(running.address, format!("GET /hello HTTP/1.1\r\n{CLOSE}\r\n")).await;
    assert!(answer.ends_with("\r\n\r\nhello"), "{answer}");
    let answer = say(running.address, format!("GET /none HTTP/1.1\r\n{CLOSE}\r\n")).await;
    assert_eq!(status(&answer), "404");
    assert!(answer.contains("content-type: application/json"), "{answer}");
    assert!(answer.contains(r#"{"error":"not_found","message":"#), "{answer}");
    let answer = say(running.address, format!("DELETE /hello HTTP/1.1\r\n{CLOSE}\r\n")).await;
    assert_eq!(status(&answer), "405");
    assert!(answer.contains(r#""error":"wrong_method""#), "{answer}");
}

#[tokio::test]
async fn a_body_too_long_is_refused_stated_or_not() {
    let running = start(Limits { body_bytes: 10, ..Limits::default() }).await;
    let post = |rest: &str| format!("POST /length HTTP/1.1\r\n{CLOSE}{rest}");
    let fits = say(running.address, post("Content-Length: 10\r\n\r\n0123456789")).await;
    assert!(fits.ends_with("\r\n\r\n10"), "{fits}");
    let stated = say(running.address, post("Content-Length: 11\r\n\r\n01234567890")).await;
    assert_eq!(status(&stated), "413");
    let chunked = post("Transfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n");
    let chunked = say(running.address, chunked).await;
    assert_eq!(status(&chunked), "413");
    assert!(chunked.contains("too_large"), "{chunked}");
    let pieces = post("Transfer-Encoding: chunked\r\n\r\n3\r\n012\r\n5\r\n34567\r\n0\r\n\r\n");
    let pieces = say(running.address, pieces).await;
    assert!(pieces.ends_with("\r\n\r\n8"), "{pieces}");
}

#[tokio::test]
async fn a_client_in_the_middle_of_a_refused_body_sees_the_refusal() {
    let running = start(Limits { body_bytes: 10, ..Limits::default() }).await;
    let mut request = format!("POST /length HTTP/1.1\r\n{CLOSE}Content-Length: 4000000\r\n\r\n");
    request.push_str(&"x".repeat(4_000_000));
    assert_eq!(status(&say(running.address, request).await), "413");
}

#[tokio::test]
async fn a_slow_head_and_a_slow_body_end_the_connection() {
    let limits = Limits { header_ms: 50, body_ms: 50, ..Limits::default() };
    let running = start(limits).await;
    let head = say(running.address, "GET /hello HTTP/1.1\r\nHost: a\r\n").await;
    assert_eq!(head, "");
    let body = format!("POST /length HTTP/1.1\r\n{CLOSE}Content-Length: 10\r\n\r\n01234");
    let body = say(running.address, body).await;
    assert_eq!(status(&body), "408");
    let idle = say(running.address, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(idle.ends_with("hello"), "kept alive, then closed: {idle}");
}

#[tokio::test]
async fn a_stated_length_buys_no_time() {
    let limits = Limits { body_ms: 50, body_bytes_per_s: 1_000, ..Limits::default() };
    let most = limits.body_bytes;
    let running = start(limits).await;
    // By the length that it states, this body would have all of a working day.
    let body = format!("POST /length HTTP/1.1\r\n{CLOSE}Content-Length: {most}\r\n\r\n01234");
    assert_eq!(status(&say(running.address, body).await), "408");
}

#[tokio::test]
async fn bodies_without_room_are_sent_away() {
    let limits = Limits { all_bodies_bytes: 10 * 1024, ..Limits::default() };
    let running = start(limits).await;
    let post = |rest: &str| format!("POST /length HTTP/1.1\r\n{CLOSE}{rest}");
    // One client holds nearly all the room by what it states; the next ones find none.
    let mut holder = Client::connect(running.address).unwrap();
    holder.write_all(post("Content-Length: 10000\r\n\r\n").as_bytes()).unwrap();
    let text = "x".repeat(3_000);
    let small = post(&format!("Content-Length: 3000\r\n\r\n{text}"));
    let busy = loop {
        // Until the server has seen the holder's head.
        let answer = say(running.address, small.clone()).await;
        if status(&answer) != "200" {
            break answer;
        }
    };
    assert_eq!(status(&busy), "503");
    assert!(busy.contains("retry-after: 1") && busy.contains(r#""error":"busy""#), "{busy}");
    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
    let chunked = post(&format!("Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n"));
    assert_eq!(status(&say(running.address, chunked).await), "503");
    let end = tokio::task::spawn_blocking(move || {
        let mut answer = String::new();
        holder.write_all(&[b'x'; 10_000]).unwrap();
        holder.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = end.await.unwrap();
    assert!(answer.ends_with("\r\n\r\n10000"), "{answer}");
    assert_eq!(status(&say(running.address, small).await), "200");
}

#[tokio::test]
async fn an_oversized_head_is_refused() {
    let running = start(Limits { header_bytes: 8192, ..Limits::default() }).await;
    let request = format!("GET /hello HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "y".repeat(20_000));
    assert_eq!(status(&say(running.address, request).await), "431");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut() {
    let running =
        start(Limits { write_ms: 50, body_bytes_per_s: 1 << 30, ..Limits::default() }).await;
    let address = running.address;
    let read = tokio::task::spawn_blocking(move || {
        let mut client = Client::connect(address).unwrap();
        client.write_all(format!("GET /large HTTP/1.1\r\n{CLOSE}\r\n").as_bytes()).unwrap();
        // Taking nothing until the server has closed: only what the sockets hold is left.
        let mut probe = [0u8; 1];
        client.peek(&mut probe).unwrap();
        while client.write_all(b"x").is_ok() {
            std::thread::yield_now();
        }
        let mut rest = Vec::new();
        let _ = client.read_to_end(&mut rest);
        rest.len()
    });
    assert!(read.await.unwrap() < 64 << 20);
}

#[tokio::test]
async fn a_connection_ends_after_its_requests() {
    let running = start(Limits { requests_per_connection: 2, ..Limits::default() }).await;
    let request = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
    let answer = say(running.address, request.repeat(3)).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2, "{answer}");
    assert_eq!(answer.matches("connection: close").count(), 1, "{answer}");
}

/// Sends `request` from an address of this machine and reads until the server closes.
async fn say_from(from: u8, address: SocketAddr, request: &str) -> String {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, from], 0))).unwrap();
    let mut client = socket.connect(address).await.unwrap();
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = client.read_to_end(&mut answer);
    tokio::time::timeout(Duration::from_mins(1), read).await.expect("an answer").unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A client that begins to ask and then says nothing.
async fn slow_from(from: u8, address: SocketAddr) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, from], 0))).unwrap();
    let mut client = socket.connect(address).await.unwrap();
    // Who finds no place may be cut off at once.
    let _ = client.write_all(b"GET /hello HTTP/1.1\r\nHost: a\r\n").await;
    client
}

#[tokio::test]
async fn an_address_has_its_share_of_the_places_and_no_more() {
    let limits = Limits { connections: 64, header_ms: 3_600_000, ..Limits::default() };
    let running = start(limits).await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        slow.push(slow_from(1, running.address).await);
    }
    let request = format!("GET /hello HTTP/1.1\r\n{CLOSE}\r\n");
    let answer = say_from(2, running.address, &request).await;
    assert_eq!(status(&answer), "200");
    drop(slow);
}

#[tokio::test]
async fn health_is_told_when_all_places_are_taken() {
    let limits = Limits {
        connections: 8,
        connections_per_peer: Some(2),
        header_ms: 3_600_000,
        ..Limits::default()
    };
    let running = start(limits).await;
    let mut slow = Vec::new();
    for from in [1, 1, 2, 2, 3, 3, 4, 4] {
        slow.push(slow_from(from, running.address).await);
    }
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = say_from(9, running.address, &ask("/healthz")).await;
    assert!(answer.ends_with("\r\n\r\nwell") && answer.contains("connection: close"), "{answer}");
    let answer = say_from(9, running.address, &ask("/hello")).await;
    assert_eq!(status(&answer), "503");
    assert!(answer.contains(r#""error":"busy""#) && answer.contains("retry-after: 1"), "{answer}");
    // Once somebody has gone there is a place again.
    slow.pop();
    let hello = format!("GET /hello HTTP/1.1\r\n{CLOSE}\r\n");
    while status(&say_from(9, running.address, &hello).await) != "200" {}
}

#[tokio::test]
async fn a_stop_ends_idle_connections_and_cuts_hung_ones() {
    let running = start(Limits { drain_ms: 50, ..Limits::default() }).await;
    let mut idle = Client::connect(running.address).unwrap();
    let mut hung = Client::connect(running.address).unwrap();
    idle.write_all(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    hung.write_all(b"GET /never HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let (idle, hung) = tokio::task::spawn_blocking(move || {
        let mut answer = [0u8; 12];
        idle.read_exact(&mut answer).unwrap();
        (idle, hung)
    })
    .await
    .unwrap();
    // A third connection answered after `hung` was accepted: the listen queue is in order.
    let probe = format!("GET /hello HTTP/1.1\r\n{CLOSE}\r\n");
    assert_eq!(status(&say(running.address, probe).await), "200");
    running.handle.ask();
    assert_eq!(running.task.await.unwrap(), Drained { cut: 1 });
    drop((idle, hung));
}

#[test]
fn gzip_is_used_only_where_it_is_accepted() {
    let accepted = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("accept-encoding", value.parse().unwrap());
        gzip::accepted(&headers)
    };
    for yes in ["gzip", "br, GZIP;q=0.5", "*", "deflate, gzip; q=1"] {
        assert!(accepted(yes), "{yes}");
    }
    for no in ["", "br", "gzip;q=0", "*;q=0", "gzip;q=0, *", "identity"] {
        assert!(!accepted(no), "{no}");
    }
    assert!(!gzip::accepted(&HeaderMap::new()));
    let mut back = Vec::new();
    let packed = gzip::compress(&[5u8; 10_000]);
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut back).unwrap();
    assert_eq!(back, [5u8; 10_000]);
    assert!(packed.len() < 200);
}

#[test]
fn a_refusal_says_when_to_come_back() {
    let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "the queue is full")
        .hint("send it again")
        .retry_after(7);
    let response = refusal.into_response();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(response.headers()["cache-control"], "no-store");
}
