//! Floods of an edge that ends TLS itself: what a connection takes beside its heads is rustls'.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use service::tls::ClientTls;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::*;

/// Bytes that one place takes where the edge ends TLS, at most: what is measured, 56 KiB for long
/// heads and 70 KiB for handshakes without end, and so little more that some tens of KiB which a
/// connection would leave behind are noticed. docs/operate/edge.md counts with it.
const TLS_PLACE: usize = 88 * 1024;

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/tls")
}

#[derive(Clone)]
struct Voters(TlsConnector);

impl Voters {
    fn new() -> Self {
        let tls = ClientTls { roots: "root.pem".into(), ..ClientTls::default() };
        Self(TlsConnector::from(Arc::new(tls.read(&vectors()).unwrap())))
    }

    /// The same as [`super::say`], over TLS.
    async fn say(self, from: u8, to: SocketAddr, mut text: Vec<u8>) -> Statuses {
        text.extend(get("/list", HOST, "Connection: close\r\n").into_bytes());
        let name = ServerName::try_from("localhost").unwrap();
        let Ok(stream) = self.0.connect(name, connect(from, to).await).await else {
            return Statuses::new();
        };
        let (mut reading, mut writing) = tokio::io::split(stream);
        let mut heard = Vec::new();
        let _ = tokio::join!(reading.read_to_end(&mut heard), writing.write_all(&text));
        statuses(&heard)
    }

    async fn flood(&self, from: u8, to: SocketAddr, text: &[u8]) -> Statuses {
        let say = |_| tokio::spawn(self.clone().say(from, to, text.to_vec()));
        let all: Vec<_> = (0..SHARE).map(say).collect();
        let mut counts = Statuses::new();
        for one in all {
            counts = sum(counts, one.await.unwrap());
        }
        counts
    }

    /// Asks for the options again and again and takes no answer.
    async fn take_nothing(self, from: u8, to: SocketAddr) {
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = self.0.connect(name, connect(from, to).await).await.unwrap();
        let text = get("/list", HOST, "").repeat(20_000);
        let _ = stream.write_all(text.as_bytes()).await;
        std::future::pending::<()>().await;
    }
}

/// The beginning of a handshake that says to be as long as one may be, in four records, and of
/// which the end never comes: RFC 8446, 4 and 5.1.
fn endless_hello() -> Vec<u8> {
    let mut message = vec![1, 0, 0xff, 0xff];
    message.resize(4 * 16_000, 0);
    let record = |part: &[u8]| {
        let length = u16::try_from(part.len()).unwrap().to_be_bytes();
        [&[0x16, 3, 1][..], &length, part].concat()
    };
    message.chunks(16_000).flat_map(record).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_over_tls_cost_no_more_memory_than_the_bounds_give() {
    let platform = Platform::with(0, LIMITS, |edge| {
        let campaign = edge["campaigns"][0].as_table_mut().unwrap();
        campaign.insert("hosts".to_owned(), vec![HOST].into());
        let path = |name: &str| vectors().join(name).display().to_string();
        let tls = [("certificates", path("server.pem")), ("key", path("server.key"))];
        let tls = tls.map(|(name, path)| (name.to_owned(), path.into()));
        edge.insert("tls".to_owned(), toml::Table::from_iter(tls).into());
    });
    let to = platform.edge.url().trim_start_matches("http://").parse().unwrap();
    let voters = Voters::new();
    // What a first connection makes once and for all is there.
    assert_eq!(voters.clone().say(70, to, Vec::new()).await, [(204, 1)].into());
    let watched = Watched::from_here_on(&platform.edge);

    let line = format!("X: {}\r\n", "y".repeat(15_000));
    let text = each(HEADS, |n| get(&format!("/{n}"), HOST, &line))(0);
    let (a, b, c, d) = tokio::join!(
        voters.flood(71, to, &text),
        voters.flood(72, to, &text),
        voters.flood(73, to, &text),
        voters.flood(74, to, &text),
    );
    let counts = [a, b, c, d].into_iter().fold(Statuses::new(), sum);
    assert_eq!(counts, [(204, 4 * SHARE), (400, 4 * HEADS * SHARE)].into());
    let heads = watched.growth() / (4 * SHARE);

    let mut stalled = Vec::new();
    for from in 75..78 {
        for _ in 0..SHARE {
            let mut stream = connect(from, to).await;
            stream.write_all(&endless_hello()).await.unwrap();
            stalled.push(stream);
        }
    }
    let untaken: Vec<_> =
        (0..SHARE).map(|_| tokio::spawn(voters.clone().take_nothing(78, to))).collect();
    assert_eq!(voters.flood(79, to, &text).await[&204], SHARE);
    assert_eq!(voters.clone().say(80, to, Vec::new()).await, [(204, 1)].into());
    // Those that stall, those that take nothing, and those of the last flood.
    let each = watched.growth() / (5 * SHARE);
    println!("{} KiB for each place of the long heads, {} KiB of all", heads / 1024, each / 1024);
    assert!(heads.max(each) <= TLS_PLACE, "{} and {} KiB", heads / 1024, each / 1024);
    assert!(untaken.iter().all(|one| !one.is_finished()));
    drop(stalled);
}
