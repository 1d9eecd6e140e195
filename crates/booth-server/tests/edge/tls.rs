//! TLS on both sides of an edge, with the certificates of `vectors/tls`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use service::tls::{ClientTls, ServerTls};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::client::Client;
use crate::instance::Instance;
use crate::solar::{Edge, Plan, Platform, configuration, noon, serve};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/tls")
}

/// The path of a vector, as a string of TOML.
fn vector(name: &str) -> String {
    format!("\"{}\"", vectors().join(name).display())
}

/// The options, asked for over TLS.
async fn list(address: SocketAddr) -> String {
    let tls = ClientTls { roots: "root.pem".into(), ..ClientTls::default() };
    let connector = TlsConnector::from(Arc::new(tls.read(&vectors()).unwrap()));
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = connector.connect(name, stream).await.unwrap();
    let ask = b"GET /list HTTP/1.1\r\nHost: solar.example.org\r\nConnection: close\r\n\r\n";
    stream.write_all(ask).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn voters_ask_over_tls_and_only_so() {
    let own = vector("server.pem");
    let tables = format!("[tls]\ncertificates = {own}\nkey = {}\n", vector("server.key"));
    let edge = Edge::start(Plan { tables, ..Plan::default() }).await;
    let answer = list(edge.address).await;
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    assert!(answer.contains("say01: Bold Jupiter"), "{answer}");
    let mut plain = edge.client().await;
    plain.send(b"GET /list HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(!plain.rest().await.contains("HTTP"));
}

/// An instance that wants certificates: the platform, and the lines of the edge's configuration.
async fn behind_certificates(shown: &str) -> Platform {
    let origin_tls = format!("origin_tls = {{ roots = {}{shown} }}\n", vector("root.pem"));
    let plan = Plan { instances: vec![0], entry: origin_tls, ..Plan::default() };
    let mut platform = Platform::start(plan, &noon()).await;
    let tls = ServerTls {
        certificates: "server.pem".into(),
        key: "server.key".into(),
        client_roots: Some("clients.pem".into()),
    };
    let tls = tls.read(&vectors()).unwrap();
    let behind = Arc::clone(&platform.behind);
    platform.instances[0].push(Instance::start_over(behind, 0, Some(tls)).await);
    platform
}

fn shown(name: &str) -> String {
    let [certificate, key] = ["pem", "key"].map(|kind| vector(&format!("{name}.{kind}")));
    format!(", certificates = {certificate}, key = {key}")
}

/// A vote all the way, without a pass header.
#[tokio::test]
async fn an_edge_is_known_by_its_certificate() {
    let platform = behind_certificates(&shown("client")).await;
    let path = configuration(&[&platform]);
    let text = std::fs::read_to_string(&path).unwrap();
    let without_pass = text.split_inclusive('\n').filter(|line| !line.starts_with("pass"));
    std::fs::write(&path, without_pass.collect::<String>()).unwrap();
    let (address, _, _running) = serve(&path, &[], &platform.behind.clock).await;
    let mut client = Client::connect(address).await;
    assert_eq!(client.get("/list", &[]).await.status, 204);
    let code = crate::solar::codes_of(&platform.behind, None).current.to_string();
    let stamps = crate::solar::stamps_of(&client.get("/stamp", &[("TOTP", &code)]).await);
    let request = crate::solar::mined(stamps, crate::solar::mandate(1), "Bold Jupiter");
    assert_eq!(crate::solar::cast(&mut client, &request).await.status, 204);
    assert_eq!(platform.instances[0][0].votes(), 1);
}

/// An edge with a stranger's certificate, or with none, gets nothing; the pass header is no help.
#[tokio::test]
async fn an_edge_without_the_right_certificate_gets_nothing() {
    for shown in [shown("stranger"), String::new()] {
        let edge = Edge::of(behind_certificates(&shown).await).await;
        assert_eq!(edge.client().await.get("/list", &[]).await.status, 503);
        assert_eq!(edge.platform.instances[0][0].asked("/list"), 0);
    }
}

/// Whoever stands in the place of an instance is not told the pass header.
#[tokio::test]
async fn an_instance_of_another_root_is_told_nothing() {
    let mut platform = behind_certificates("").await;
    platform.plan.entry = format!("origin_tls = {{ roots = {} }}\n", vector("clients.pem"));
    let tls = ServerTls {
        certificates: "server.pem".into(),
        key: "server.key".into(),
        client_roots: None,
    };
    let tls = tls.read(&vectors()).unwrap();
    let behind = Arc::clone(&platform.behind);
    platform.instances[0] = vec![Instance::start_over(behind, 0, Some(tls)).await];
    let edge = Edge::of(platform).await;
    assert_eq!(edge.client().await.get("/list", &[]).await.status, 503);
    assert_eq!(edge.platform.instances[0][0].asked("/list"), 0);
}
