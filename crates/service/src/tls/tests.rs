//! Over real TCP, with the certificates of `vectors/tls`.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use super::*;
use crate::http::{Drained, Entrance, Handler, serve};
use crate::limits::Limits;
use crate::stop::{self, StopHandle};

const ASK: &[u8] = b"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/tls")
}

fn server_tls() -> ServerTls {
    ServerTls { certificates: "server.pem".into(), key: "server.key".into(), client_roots: None }
}

fn mutual_tls() -> ServerTls {
    ServerTls { client_roots: Some("clients.pem".into()), ..server_tls() }
}

/// A client that believes in a root, and shows a certificate if it has one.
fn client_tls(root: &str, own: Option<&str>) -> ClientTls {
    ClientTls {
        roots: root.into(),
        certificates: own.map(|own| format!("{own}.pem").into()),
        key: own.map(|own| format!("{own}.key").into()),
    }
}

/// Says who asked, and what for.
#[derive(Clone)]
struct Echo;

impl Handler for Echo {
    async fn answer(&self, request: Request<Incoming>, from: SocketAddr) -> Response {
        Response::new(Body::from(format!("{} asks for {}", from.ip(), request.uri())))
    }
}

struct Running {
    address: SocketAddr,
    handle: StopHandle,
    task: tokio::task::JoinHandle<Drained>,
}

async fn start(tls: &ServerTls, limits: Limits) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (handle, stop) = stop::pair();
    let entrance = Entrance::tls(listener, tls.read(&vectors()).unwrap());
    let task = tokio::spawn(async move { serve(entrance, Echo, &limits, stop).await });
    Running { address, handle, task }
}

/// What a client gets that calls the server by a name; nothing when the two do not come together.
async fn ask(address: SocketAddr, tls: &ClientTls, name: &'static str) -> String {
    let connector = TlsConnector::from(Arc::new(tls.read(&vectors()).unwrap()));
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from(name).unwrap();
    let Ok(mut stream) = connector.connect(name, stream).await else { return String::new() };
    let mut answer = Vec::new();
    // In TLS 1.3 a client that is refused hears of it when it speaks or listens.
    let _ = stream.write_all(ASK).await;
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_request_is_answered_over_tls() {
    let running = start(&server_tls(), Limits::default()).await;
    for name in ["localhost", "127.0.0.1"] {
        let answer = ask(running.address, &client_tls("root.pem", None), name).await;
        assert!(answer.ends_with("\r\n\r\n127.0.0.1 asks for /hello"), "{answer}");
    }
}

/// A client does not speak to whoever stands in the server's place.
#[tokio::test]
async fn a_server_of_another_root_or_name_is_not_believed() {
    let running = start(&server_tls(), Limits::default()).await;
    assert_eq!(ask(running.address, &client_tls("clients.pem", None), "localhost").await, "");
    assert_eq!(ask(running.address, &client_tls("root.pem", None), "edge.example").await, "");
}

#[tokio::test]
async fn a_client_certificate_is_demanded_where_roots_of_clients_are_given() {
    let running = start(&mutual_tls(), Limits::default()).await;
    let known = client_tls("root.pem", Some("client"));
    let answer = ask(running.address, &known, "localhost").await;
    assert!(answer.ends_with("asks for /hello"), "{answer}");
    for own in [None, Some("stranger"), Some("server")] {
        let answer = ask(running.address, &client_tls("root.pem", own), "localhost").await;
        assert_eq!(answer, "", "{own:?}");
    }
}

/// The attack: connections that begin a handshake and never end it.
#[tokio::test]
async fn a_handshake_that_stalls_is_ended() {
    let limits = Limits { header_ms: 50, ..Limits::default() };
    let running = start(&server_tls(), limits).await;
    // Nothing at all; the head of a record; a record that ends early.
    for sent in [&b""[..], b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"] {
        let mut client = TcpStream::connect(running.address).await.unwrap();
        client.write_all(sent).await.unwrap();
        let mut answer = Vec::new();
        let _ = client.read_to_end(&mut answer).await;
        assert_eq!(answer, b"");
    }
    let answer = ask(running.address, &client_tls("root.pem", None), "localhost").await;
    assert!(answer.ends_with("asks for /hello"), "{answer}");
}

#[tokio::test]
async fn plain_http_on_a_port_of_tls_is_refused() {
    let running = start(&server_tls(), Limits::default()).await;
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(ASK).await.unwrap();
    let mut answer = Vec::new();
    let _ = client.read_to_end(&mut answer).await;
    // At the most an alert of TLS, which begins with 21.
    assert!(answer.first().is_none_or(|first| *first == 21), "{answer:?}");
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP"), "{answer:?}");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_handshake() {
    let limits = Limits { header_ms: 3_600_000, drain_ms: 3_600_000, ..Limits::default() };
    let running = start(&server_tls(), limits).await;
    let mut stalled = TcpStream::connect(running.address).await.unwrap();
    stalled.write_all(b"\x16\x03\x01").await.unwrap();
    // A connection answered after the stalled one was accepted: the listen queue is in order.
    ask(running.address, &client_tls("root.pem", None), "localhost").await;
    running.handle.ask();
    assert_eq!(running.task.await.unwrap(), Drained { cut: 0 });
}

#[test]
fn files_that_are_missing_or_do_not_fit_are_named() {
    let read = |tls: ServerTls| tls.read(&vectors()).unwrap_err().to_string();
    let missing = read(ServerTls { certificates: "none.pem".into(), ..server_tls() });
    assert!(missing.contains("cannot read certificates from") && missing.contains("none.pem"));
    let empty = read(ServerTls { certificates: "README.md".into(), ..server_tls() });
    assert!(empty.ends_with("README.md holds no certificate"), "{empty}");
    let no_key = read(ServerTls { key: "server.pem".into(), ..server_tls() });
    assert!(no_key.contains("cannot read a private key from"), "{no_key}");
    let other_key = read(ServerTls { key: "client.key".into(), ..server_tls() });
    assert!(other_key.starts_with("certificates and key cannot be used: "), "{other_key}");
    let no_roots = read(ServerTls { client_roots: Some("README.md".into()), ..server_tls() });
    assert!(no_roots.ends_with("README.md holds no certificate"), "{no_roots}");
    let half = ClientTls { key: None, ..client_tls("root.pem", Some("client")) };
    let half = half.read(&vectors()).unwrap_err();
    assert!(matches!(half, TlsError::Half), "{half}");
}
