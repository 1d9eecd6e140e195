//! Instances that are gone, slow, or say what no instance says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::client::Client;
use crate::instance::{Instance, Script};
use crate::solar::{Edge, Plan, Platform, cast, configuration, inside, noon, serve};

/// Something at the place of an instance that reads a little, says these bytes, and goes away.
async fn odd(says: Vec<u8>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let says = says.clone();
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(&says).await;
            });
        }
    });
    (address, asked)
}

/// Nobody listens there.
async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn kinds() -> Vec<Vec<u8>> {
    let ok = |rest: &str| format!("HTTP/1.1 {rest}\r\n").into_bytes();
    vec![
        Vec::new(),
        b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(),
        b"HTTP/1.1 204".to_vec(),
        ok("200 OK\r\ncontent-length: 5\r\n\r\nhello"),
        ok("302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n"),
        ok("101 Switching Protocols\r\nupgrade: x\r\n"),
        ok("999 Odd\r\ncontent-length: 0\r\n"),
        ok("481 Voted\r\ncontent-length: 100\r\n\r\nends early"),
        ok(&format!("481 Voted\r\ncontent-length: 9000000\r\n\r\n{}", "x".repeat(100_000))),
        ok(&format!("202 Accepted\r\nx: {}\r\n", "y".repeat(1_000_000))),
        ok(&format!("204 No Content\r\n{}", "a: b\r\n".repeat(5_000))),
        ok("202 Accepted\r\nretry-after: soon\r\ncontent-length: 0\r\n"),
    ]
}

/// Each of them beside one instance that is well: voters notice nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_odd_instance_is_passed_over() {
    for (kind, says) in kinds().into_iter().enumerate() {
        let (address, asked) = odd(says).await;
        // Which of the two is asked first is drawn by each edge.
        for number in 0.. {
            let mut platform =
                Platform::start(Plan { instances: vec![1], ..Plan::default() }, &noon()).await;
            platform.more = vec![address.clone()];
            let edge = Edge::of(platform).await;
            let before = asked.load(Ordering::Relaxed);
            let request = edge.vote(number, "Bold Jupiter").await;
            let cast_from = asked.load(Ordering::Relaxed);
            assert_eq!(edge.cast(&request).await.status, 204, "kind {kind}");
            assert_eq!(edge.client().await.get("/list", &[]).await.status, 204, "kind {kind}");
            assert_eq!(edge.platform.instances[0][0].votes(), 1);
            // Asked at `/totp` and set aside, or asked for the vote itself.
            if asked.load(Ordering::Relaxed) > before && cast_from == before {
                break;
            }
        }
    }
}

#[tokio::test]
async fn what_nobody_answers_is_refused_and_can_be_cast_later() {
    let edge = Edge::start(Plan { instances: vec![2], ..Plan::default() }).await;
    // Both have told which ledger they record in.
    assert_eq!(edge.cast(&edge.vote(9, "Bold Jupiter").await).await.status, 204);
    let asked = || edge.platform.all().map(|instance| instance.asked("/vote")).sum::<usize>();
    let before = asked();
    let request = edge.vote(1, "Bold Jupiter").await;
    for instance in edge.platform.all() {
        instance.does(Script::Says(503, vec![("retry-after", "1")]));
    }
    let mut client = edge.client().await;
    let busy = cast(&mut client, &request).await;
    assert_eq!((busy.status, busy.header("retry-after")), (503, Some("1")));
    assert_eq!(busy.header("cache-control"), Some("no-store"));
    assert_eq!(asked(), before + 2, "each was asked");
    for instance in edge.platform.all() {
        instance.does(Script::Well);
    }
    assert_eq!(cast(&mut client, &request).await.status, 204);
}

#[tokio::test]
async fn a_vote_finds_the_instance_that_is_left() {
    let edge = Edge::start(Plan { instances: vec![2], ..Plan::default() }).await;
    let [one, two] = [0, 1].map(|at| edge.platform.instances[0][at].clone());
    let failing = Script::Says(500, Vec::new());
    for (number, (well, ill)) in [(&one, &two), (&two, &one)].into_iter().enumerate() {
        let number = u32::try_from(number).unwrap();
        well.does(Script::Well);
        ill.does(failing.clone());
        let request = edge.vote(number, "Bold Jupiter").await;
        assert_eq!(edge.cast(&request).await.status, 204);
        assert_eq!(well.votes(), 1);
        // Who failed rests, and is not asked before the others for a while.
        let before = ill.asked("/vote");
        for other in 10..20 {
            let request = edge.vote(number * 10 + other, "Bold Jupiter").await;
            assert_eq!(edge.cast(&request).await.status, 204);
        }
        assert!(ill.asked("/vote") <= before + 1, "it rests");
        edge.clock().advance(5);
    }
}

/// Votes of one shard go the same way while it is open, whoever else would take them.
#[tokio::test]
async fn the_order_of_a_shard_stays() {
    let edge = Edge::start(Plan { instances: vec![3], ..Plan::default() }).await;
    for number in 0..30 {
        let request = edge.vote(number, "Bold Jupiter").await;
        assert_eq!(edge.cast(&request).await.status, 204);
    }
    let mut votes: Vec<usize> = edge.platform.all().map(Instance::votes).collect();
    votes.sort_unstable();
    assert_eq!(votes, [0, 0, 30]);
}

/// And no vote goes to a shard that is not its mandate's.
#[tokio::test]
async fn a_vote_goes_to_the_shard_of_its_mandate() {
    let edge = Edge::start(Plan { instances: vec![1, 1, 1], ..Plan::default() }).await;
    let mut expected = [0; 3];
    for number in 0..30 {
        let request = edge.vote(number, "Bold Jupiter").await;
        expected[usize::from(edge.campaign().shard_of(request.mandate.id()).0)] += 1;
        assert_eq!(edge.cast(&request).await.status, 204);
    }
    let votes: Vec<usize> = edge.platform.all().map(Instance::votes).collect();
    assert_eq!(votes, expected);
}

/// An instance that hangs is given up; the vote that reached it in the end reached both, which is
/// no second vote.
#[tokio::test]
async fn a_slow_instance_is_given_up() {
    let tables = "[origin]\nanswer_ms = 300\n".to_owned();
    let edge = Edge::start(Plan { instances: vec![2], tables, ..Plan::default() }).await;
    let [one, two] = [0, 1].map(|at| edge.platform.instances[0][at].clone());
    for (number, (well, slow)) in [(&one, &two), (&two, &one)].into_iter().enumerate() {
        let request = edge.vote(u32::try_from(number).unwrap(), "Bold Jupiter").await;
        slow.does(Script::Holds);
        let first = edge.cast(&request).await;
        assert_eq!(first.status, 204);
        assert!(well.votes() >= 1);
        slow.does(Script::Well);
        edge.clock().advance(300);
        assert_eq!(edge.cast(&request).await, first);
    }
}

#[tokio::test]
async fn nobody_there_and_a_wrong_pass_header_make_an_edge_ill() {
    let clock = noon();
    let mut platform =
        Platform::start(Plan { instances: vec![1], ..Plan::default() }, &clock).await;
    let healthy = async |platform: &Platform| {
        let (address, internal, _running) = serve(&configuration(&[platform]), &[], &clock).await;
        let list = Client::connect(address).await.get("/list", &[]).await.status;
        (list, inside(internal, "/healthz").await)
    };
    let (list, health) = healthy(&platform).await;
    assert!(list == 204 && health.starts_with("HTTP/1.1 200"), "{health}");
    let pass = platform.folder.path().join("pass-header");
    std::fs::write(&pass, "another\n").unwrap();
    let (list, health) = healthy(&platform).await;
    assert!(list == 503 && health.starts_with("HTTP/1.1 503"), "{health}");
    assert!(health.ends_with("solar: no instance answers\n"), "{health}");
    platform.instances = vec![Vec::new()];
    platform.more = vec![nobody().await];
    let (list, health) = healthy(&platform).await;
    assert!(list == 503 && health.starts_with("HTTP/1.1 503"), "{health}");
}

/// Codes of another time would upset the counts of stamps, and another ballot the voters.
#[tokio::test]
async fn codes_of_another_time_and_other_options_are_not_taken() {
    let edge = Edge::start(Plan { instances: vec![1], ..Plan::default() }).await;
    let instance = &edge.platform.instances[0][0];
    let codes = |step: &'static str| {
        let codes = ["totp-last", "totp-current", "totp-next"].map(|name| (name, "123456"));
        let step = [("totp-step", step), ("cache-control", "max-age=1")];
        Script::Says(204, codes.into_iter().chain(step).collect())
    };
    let mut client = edge.client().await;
    for step in ["0", "18446744073709551615", "59789760000"] {
        instance.does(codes(step));
        assert_eq!(client.get("/stamp", &[("TOTP", "123456")]).await.status, 503);
        edge.clock().advance(1);
    }
    for lines in [
        vec![("say01", "Bold Jupiter"), ("say02", "Shiny Saturn")],
        vec![("say01", "Shiny Saturn"), ("say02", "Bold Jupiter"), ("say03", "Humble Pluto")],
        vec![
            ("say01", "Bold Jupiter"),
            ("say02", "Shiny Saturn"),
            ("say03", "Humble Pluto"),
            ("say03", "Humble Pluto"),
        ],
    ] {
        instance.does(Script::Says(204, lines));
        assert_eq!(client.get("/list", &[]).await.status, 503);
        edge.clock().advance(1);
    }
    instance.does(Script::Well);
    assert_eq!(client.get("/list", &[]).await.status, 204);
    assert_eq!(client.get("/stamp", &[("TOTP", "123456")]).await.status, 204);
}
