//! What an edge tells the publisher of the stamps that it has given.

use booth_server::wire::{StampsSaid, StationSaid};

use crate::client::Client;
use crate::solar::{Edge, Plan, configuration, serve, stamp_keys};

const PASS: &str = "the-publisher-may-know";

/// What is said at a path of the internal address, for a pass.
async fn asked(address: std::net::SocketAddr, path: &str, pass: &str) -> (bool, String) {
    let mut client = Client::connect(address).await;
    let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\nX-Pull: {pass}\r\nConnection: close\r\n");
    client.send(format!("{head}\r\n").as_bytes()).await;
    let text = client.rest().await;
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned();
    (text.starts_with("HTTP/1.1 200"), body)
}

async fn told(address: std::net::SocketAddr) -> StampsSaid {
    let (is_told, body) = asked(address, "/stamps/solar", PASS).await;
    assert!(is_told, "{body}");
    serde_json::from_str(&body).unwrap()
}

/// The attack: read the figures that move with each stamp, to learn whether a code was right.
#[tokio::test]
async fn only_the_publisher_is_told_of_stamps_as_they_are_given() {
    let mut plan = Plan { rules: "stations = [\"s-1\", \"s-2\"]\n", ..Plan::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stamps-pass");
    service::disk::write_private(&path, PASS.as_bytes()).unwrap();
    plan.entry = format!("stamps_pass = {{ file = {path:?} }}\n");
    let edge = Edge::start(plan).await;
    let mut client = edge.client().await;
    let mut genuine = 0;
    for (station, is_right) in [("s-1", true), ("s-1", false), ("s-2", true), ("s-1", true)] {
        let codes = crate::solar::codes_of(&edge.platform.behind, Some(station));
        let code = if is_right { codes.current } else { edge.wrong_code() };
        let headers = [("TOTP", &*code.to_string()), ("Station", station)];
        let stamps = crate::solar::stamps_of(&client.get("/stamp", &headers).await);
        genuine += u32::from(stamps.0.is_genuine(stamp_keys().stamp_key()));
    }
    let said = told(edge.internal).await;
    let station = |name: &str, stamps| StationSaid { stamps, station: Some(name.to_owned()) };
    assert_eq!((said.stamps, genuine), (vec![station("s-1", 2), station("s-2", 1)], 3));
    for (path, pass) in [
        ("/stamps/solar", "the-publisher-may-kno"),
        ("/stamps/solar", ""),
        ("/stamps/solar", crate::solar::PASS),
        ("/stamps/lunar", PASS),
        ("/stamps/", PASS),
    ] {
        let (is_told, body) = asked(edge.internal, path, pass).await;
        assert!(!is_told && !body.contains("boot"), "{path} {pass} {body}");
    }
    // Voters reach none of it.
    assert_eq!(client.get("/stamps/solar", &[("X-Pull", PASS)]).await.status, 400);
    // Another start counts anew, and is known by its number.
    let clock = std::sync::Arc::clone(&edge.platform.behind.clock);
    let path = configuration(&[&edge.platform]);
    let (_, internal, _running) = serve(&path, &[], &clock).await;
    let again = told(internal).await;
    assert!(again.stamps.is_empty() && again.boot != said.boot && again.boot.len() == 32);
}
