//! Edges that are known by their certificates: mutual TLS.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use booth_server::collect::{CollectConfig, Server};
use rustls::pki_types::ServerName;
use service::clock::ManualClock;
use service::config::Override;
use service::stop;
use service::tls::ClientTls;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::fixture::noon;
use crate::instance::Platform;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/collect/tls").join(name)
}

/// The configuration of an instance that lets in who has a certificate of our roots, and asks for
/// no pass header.
fn config(platform: &Platform) -> CollectConfig {
    let text = std::fs::read_to_string(platform.path("collect-0/collect.toml")).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("pass =")).collect();
    let tls = format!(
        "\n[tls]\ncertificates = \"{}\"\nkey = \"{}\"\nclient_roots = \"{}\"\n",
        file("instance.pem").display(),
        file("instance.key").display(),
        file("roots.pem").display()
    );
    std::fs::write(platform.path("collect-0/mutual.toml"), kept.join("\n") + &tls).unwrap();
    let keys = platform.path("keys");
    let flags = [
        Override::new("listen", "127.0.0.1:0"),
        Override::new("batch_keys", keys.to_str().unwrap()),
    ];
    CollectConfig::load(&platform.path("collect-0/mutual.toml"), &flags).unwrap()
}

/// Asks for the options, showing this certificate; the status line.
async fn ask(address: std::net::SocketAddr, shown: Option<&str>) -> io::Result<String> {
    let pair = |ending: &str| shown.map(|name| file(&format!("{name}.{ending}")));
    let tls = ClientTls { roots: file("roots.pem"), certificates: pair("pem"), key: pair("key") };
    let connector = TlsConnector::from(Arc::new(tls.read(Path::new("")).unwrap()));
    let stream = TcpStream::connect(address).await?;
    let mut stream = connector.connect(ServerName::IpAddress(address.ip().into()), stream).await?;
    stream.write_all(b"GET /list HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await?;
    // With TLS 1.3 a client learns with its first read that its certificate was not taken.
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

/// The attack: reach an instance past the edges, without a certificate, with one of other roots, or
/// in the clear.
#[tokio::test]
async fn only_edges_with_our_certificate_are_let_in() {
    let platform = Platform::new("test", 50, 1);
    let clock = Arc::new(ManualClock::new(noon()));
    let server = Server::open(&config(&platform), clock).await.unwrap();
    let address = server.address();
    let (handle, stop) = stop::pair();
    let serving = tokio::spawn(server.run(stop));
    assert_eq!(ask(address, Some("edge")).await.unwrap(), "HTTP/1.1 204 No Content");
    for (shown, alert) in [(None, "CertificateRequired"), (Some("stranger"), "UnknownCA")] {
        let refused = ask(address, shown).await.unwrap_err();
        assert!(refused.to_string().contains(alert), "{shown:?}: {refused}");
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /list HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // It may be closed or reset; what counts is that nothing of HTTP comes back.
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    handle.ask();
    serving.await.unwrap().unwrap();
}
