//! Whatever arrives at an edge, its instances are asked as often as the clock goes round.

use std::sync::Arc;

use crate::client::Client;
use crate::instance::Script;
use crate::solar::{Edge, Plan};

/// Clients that all ask at once, each on its own connection, twenty times: their statuses. So many
/// connections fit into the descriptors that a process commonly has; thousands of questions at one
/// instant are in the tests of the cache itself.
async fn crowd(edge: &Edge, count: usize, path: &'static str) -> Vec<u16> {
    let mut all = Vec::new();
    for _ in 0..count {
        let mut client: Client = edge.client().await;
        all.push(tokio::spawn(async move {
            let mut statuses = Vec::new();
            for _ in 0..20 {
                statuses.push(client.get(path, &[("TOTP", "000000")]).await.status);
            }
            statuses
        }));
    }
    let mut statuses = Vec::new();
    for one in all {
        statuses.extend(one.await.unwrap());
    }
    statuses
}

fn asked(edge: &Edge, path: &str) -> usize {
    edge.platform.all().map(|instance| instance.asked(path)).sum()
}

/// The attack: a crowd asks for the options while nothing is held yet, and goes on asking.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_is_one_question() {
    let edge = Edge::start(Plan { instances: vec![1], ..Plan::default() }).await;
    for path in ["/list", "/stamp"] {
        assert!(crowd(&edge, 100, path).await.iter().all(|status| *status == 204));
    }
    assert_eq!((asked(&edge, "/list"), asked(&edge, "/totp")), (1, 1));
    edge.clock().advance(3_599);
    assert!(crowd(&edge, 50, "/list").await.iter().all(|status| *status == 204));
    assert_eq!(asked(&edge, "/list"), 1);
    edge.clock().advance(1);
    assert!(crowd(&edge, 50, "/list").await.iter().all(|status| *status == 204));
    assert_eq!(asked(&edge, "/list"), 2);
}

/// A cached answer says how old it is (RFC 9111, section 5.1). Else whoever holds it on holds it
/// for an hour more.
#[tokio::test]
async fn options_that_were_held_say_how_old_they_are() {
    let edge = Edge::start(Plan { instances: vec![1], ..Plan::default() }).await;
    let mut client = edge.client().await;
    for (passes, age) in [(0, None), (0, Some("0")), (600, Some("600")), (2_999, Some("3599"))] {
        edge.clock().advance(passes);
        let reply = client.get("/list", &[]).await;
        assert_eq!((reply.status, reply.header("age")), (204, age));
        assert_eq!(reply.header("cache-control"), Some("max-age=3600"));
    }
    edge.clock().advance(1);
    assert_eq!(client.get("/list", &[]).await.header("age"), None, "asked for anew");
    assert_eq!(asked(&edge, "/list"), 2);
    // Stamps are nobody's twice.
    for _ in 0..2 {
        let reply = client.get("/stamp", &[("TOTP", "000000")]).await;
        assert_eq!((reply.status, reply.header("age")), (204, None));
    }
}

/// The same while the instance says nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_before_a_slow_instance_is_one_question() {
    let edge = Arc::new(Edge::start(Plan { instances: vec![1], ..Plan::default() }).await);
    let instance = edge.platform.instances[0][0].clone();
    instance.does(Script::Holds);
    for path in ["/list", "/stamp"] {
        let origin = if path == "/list" { "/list" } else { "/totp" };
        let waiting = tokio::spawn({
            let edge = Arc::clone(&edge);
            async move { crowd(&edge, 100, path).await }
        });
        instance.is_asked(origin, 1).await;
        // Clients that go away do not make the question another one.
        for _ in 0..50 {
            let mut gone = edge.client().await;
            gone.send(format!("GET {path} HTTP/1.1\r\nTOTP: 000000\r\nHost: a\r\n\r\n").as_bytes())
                .await;
        }
        instance.does(Script::Well);
        assert!(waiting.await.unwrap().iter().all(|status| *status == 204));
        assert_eq!(asked(&edge, origin), 1);
        instance.does(Script::Holds);
    }
}

/// The same while the instance fails: that is held for a second too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_before_a_failing_instance_is_one_question_a_second() {
    let edge = Edge::start(Plan { instances: vec![1], ..Plan::default() }).await;
    for (path, origin) in [("/list", "/list"), ("/stamp", "/totp")] {
        edge.platform.instances[0][0].does(Script::Says(500, Vec::new()));
        for second in 1..=3 {
            assert!(crowd(&edge, 50, path).await.iter().all(|status| *status == 503));
            assert_eq!(asked(&edge, origin), second);
            edge.clock().advance(1);
        }
        edge.platform.instances[0][0].does(Script::Well);
        assert!(crowd(&edge, 10, path).await.iter().all(|status| *status == 204));
        edge.clock().advance(1);
    }
}

/// An instance that forbids it, or that wants its codes held for ever, does not change that.
#[tokio::test]
async fn no_instance_can_open_the_way_to_itself() {
    let edge = Edge::start(Plan { instances: vec![1], ..Plan::default() }).await;
    let list = vec![
        ("cache-control", "no-store"),
        ("say01", "Bold Jupiter"),
        ("say02", "Shiny Saturn"),
        ("say03", "Humble Pluto"),
    ];
    edge.platform.instances[0][0].does(Script::Says(204, list));
    for _ in 0..100 {
        let reply = edge.client().await.get("/list", &[]).await;
        assert_eq!((reply.status, reply.header("cache-control")), (204, Some("no-store")));
    }
    assert_eq!(asked(&edge, "/list"), 1);
}

/// Each station has codes of its own, so each is asked for, and none that the campaign does not
/// name.
#[tokio::test]
async fn stations_are_asked_for_one_by_one() {
    let rules = "stations = [\"s-1\", \"s-2\"]\n";
    let edge = Edge::start(Plan { instances: vec![1], rules, ..Plan::default() }).await;
    let mut client = edge.client().await;
    for _ in 0..20 {
        for station in ["s-1", "s-2"] {
            let reply = client.get("/stamp", &[("TOTP", "000000"), ("Station", station)]).await;
            assert_eq!(reply.status, 204);
        }
        for number in 3..20 {
            let name = format!("s-{number}");
            let reply = client.get("/stamp", &[("TOTP", "000000"), ("Station", &name)]).await;
            assert_eq!(reply.status, 486);
        }
        assert_eq!(client.get("/stamp", &[("TOTP", "000000")]).await.status, 486);
    }
    assert_eq!(asked(&edge, "/totp"), 2);
    // A code of one station is none of the other's.
    let codes = crate::solar::codes_of(&edge.platform.behind, Some("s-1"));
    let key = crate::solar::stamp_keys();
    for (station, genuine) in [("s-1", true), ("s-2", false)] {
        let code = codes.current.to_string();
        let reply = client.get("/stamp", &[("TOTP", &code), ("Station", station)]).await;
        let (platform, _) = crate::solar::stamps_of(&reply);
        assert_eq!(platform.is_genuine(key.stamp_key()), genuine, "{station}");
    }
}
