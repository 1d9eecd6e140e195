//! TLS on both sides of the publisher: towards the world, and towards instances that let in who has
//! a certificate of their roots.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use booth::campaign::Shard;
use booth_server::collect::CollectConfig;
use booth_server::publish::{Outcome, PublishConfig};
use rustls::pki_types::ServerName;
use service::config::Override;
use service::tls::ClientTls;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;

use super::world::{Publishing, of_shard};
use crate::fixture::noon;
use crate::instance::{Platform, Running, headers, until};

/// The certificates of an operator's own roots: instance, edge and publisher, and a stranger.
fn own(name: &str) -> String {
    format!("{}/tests/collect/tls/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Those that the world believes.
fn vector(name: &str) -> String {
    format!("{}/../../vectors/tls/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// An instance that lets in who shows a certificate of our roots.
fn instance(platform: &Platform) -> Running {
    let path = platform.path("collect-0/collect.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    let [certificates, key, roots] = ["instance.pem", "instance.key", "roots.pem"].map(own);
    let _ = write!(
        text,
        "\n[tls]\ncertificates = {certificates:?}\nkey = {key:?}\nclient_roots = {roots:?}\n"
    );
    let path = platform.path("collect-0/mutual.toml");
    std::fs::write(&path, text).unwrap();
    let keys = platform.path("keys");
    let flags = [
        Override::new("listen", "127.0.0.1:0"),
        Override::new("batch_keys", keys.to_str().unwrap()),
    ];
    let config = CollectConfig::load(&path, &flags).unwrap();
    Running::try_start(platform, &config, noon()).unwrap()
}

/// A publisher that believes these roots, shows this certificate to the instance, and serves over
/// TLS itself.
fn publishing(platform: &Platform, instance: &str, roots: &str, shown: Option<&str>) -> Publishing {
    let text = std::fs::read_to_string(platform.path("publish/publish.toml")).unwrap();
    let mut text = text.split_once("\n[[shards]]").unwrap().0.to_owned();
    let shown = shown.map(|name| ["pem", "key"].map(|kind| own(&format!("{name}.{kind}"))));
    let shown = shown.map(|[chain, key]| format!(", certificates = {chain:?}, key = {key:?}"));
    let [chain, key] = ["server.pem", "server.key"].map(vector);
    let _ = write!(
        text,
        "\norigin_tls = {{ roots = {roots:?}{} }}\n\n[[shards]]\ninstances = [{instance:?}]\n\n\
         [tls]\ncertificates = {chain:?}\nkey = {key:?}\n",
        shown.unwrap_or_default()
    );
    let path = platform.path("publish/tls.toml");
    std::fs::write(&path, text).unwrap();
    let listen = [Override::new("listen", "127.0.0.1:0")];
    Publishing::start(&PublishConfig::load(&path, &listen).unwrap())
}

/// Asks over TLS; the whole answer.
fn ask(address: SocketAddr, tls: &ClientTls, name: &str, text: &str) -> io::Result<String> {
    let connector = TlsConnector::from(Arc::new(tls.read(Path::new("")).unwrap()));
    let name = ServerName::try_from(name.to_owned()).unwrap();
    Runtime::new().unwrap().block_on(async {
        let stream = TcpStream::connect(address).await?;
        let mut stream = connector.connect(name, stream).await?;
        stream.write_all(text.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    })
}

/// Hands in a vote as an edge does.
fn cast(platform: &Platform, address: SocketAddr) {
    let request = &of_shard(platform, 0, 0, 1)[0];
    let mut text = "GET /vote HTTP/1.1\r\nHost: a\r\nConnection: close\r\n".to_owned();
    let pass = ("X-Pull".to_owned(), platform.secret("edge/pass-header"));
    for (name, value) in headers(request).iter().chain([&pass]) {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    let (certificates, key) = (Some(own("edge.pem").into()), Some(own("edge.key").into()));
    let tls = ClientTls { roots: own("roots.pem").into(), certificates, key };
    let answer = ask(address, &tls, "127.0.0.1", &format!("{text}\r\n")).unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

#[test]
fn the_world_and_the_instances_are_spoken_to_over_tls() {
    let platform = Platform::new("demonstration", 0, 1);
    let instance = instance(&platform);
    cast(&platform, instance.address);
    let address = format!("https://{}", instance.address);
    let publishing = publishing(&platform, &address, &own("roots.pem"), Some("edge"));
    let whole =
        |outcome: &Outcome| matches!(outcome, Outcome::Taken { away, .. } if away.is_empty());
    until(|| publishing.snapshot().ok().filter(whole));
    let tls = ClientTls { roots: vector("root.pem").into(), ..ClientTls::default() };
    let text = "GET /solar-vote.log HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = ask(publishing.address, &tls, "localhost", text).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let line = of_shard(&platform, 0, 0, 1)[0].vote.line();
    assert!(answer.ends_with(&line), "{answer}");
    // Whoever believes other roots, or speaks in the clear, gets nothing.
    let other = ClientTls { roots: own("roots.pem").into(), ..ClientTls::default() };
    ask(publishing.address, &other, "localhost", text).unwrap_err();
    let mut plain = publishing.begin("GET", "/solar-vote.log", &[]);
    let mut answer = Vec::new();
    let _ = io::Read::read_to_end(&mut plain, &mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    publishing.stop();
    instance.stop();
}

/// The attack: ask an instance for its lists with the publisher's stolen pass; or stand in its
/// place.
#[test]
fn a_pass_without_the_certificate_gets_no_list() {
    let platform = Platform::new("demonstration", 0, 1);
    let instance = instance(&platform);
    cast(&platform, instance.address);
    let address = format!("https://{}", instance.address);
    let roots = own("roots.pem");
    for (roots, shown) in
        [(&roots, Some("stranger")), (&roots, None), (&vector("root.pem"), Some("edge"))]
    {
        let publishing = publishing(&platform, &address, roots, shown);
        let outcome = publishing.snapshot().unwrap();
        let is_away = matches!(&outcome, Outcome::Taken { away, .. } if *away == [Shard(0)]);
        assert!(is_away, "{shown:?}: {outcome:?}");
        assert_eq!(publishing.publisher.shown().unwrap().records, 0);
        publishing.stop();
    }
    instance.stop();
}
