//! A real server on loopback: what it serves, and what bad clients get.

use std::io::{Read, Write};
use std::net::TcpStream;

use artifact::admit::found;
use artifact::charter::CharterKey;
use artifact::role::Role;
use canon::{Digest, Signer};
use log_server::log::client::{ClientError, Fault, History};
use log_server::log::{LogConfig, Server, Submission, Wanted, init};
use service::limits::Limits;
use service::stop;
use testkit::election::Plan;

use crate::served::{Served, serve, serve_with};

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_is_added_and_its_bundle_paths_are_served() {
    let mut served = serve(Limits::default()).await;
    let bytes = served.software("release");
    let answer = served.post_json(&bytes).await;
    assert_eq!(answer.status, 200, "{}", answer.head);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    canon::json::require_canonical(&answer.body).unwrap();
    let receipt: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(receipt["index"], 1);
    assert_eq!(receipt["duplicate"], false);
    assert_eq!(receipt["leaf"]["artifact_sha256"], Digest::of(&bytes).to_string());
    assert_eq!(receipt["promise"]["kind"], "promise/v1");
    served.log.publish().await.unwrap();
    // Three organisations must cosign and nobody was asked, so there is no witnessed head.
    assert_eq!(served.get("/checkpoint").await.status, 404);
    assert_eq!(served.get("/head").await.error(), "no_head");
    let pending = served.get("/checkpoint.pending").await;
    assert_eq!(pending.header("cache-control"), Some("no-store"));
    assert_eq!(pending.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(pending.body.starts_with(b"log.example/example-2026\n2\n"));
    // What a log with a witnessed head tells of it.
    let told = served.folder.path().join("published/checkpoints/sizes");
    std::fs::create_dir_all(told.parent().unwrap()).unwrap();
    std::fs::write(told, "2\n").unwrap();
    let sizes = served.get("/checkpoints/sizes").await;
    assert_eq!((sizes.status, sizes.body.as_slice()), (200, b"2\n".as_slice()));
    assert_eq!(sizes.header("cache-control"), Some("no-store"));
    assert_eq!(sizes.header("content-type"), Some("text/plain; charset=utf-8"));
    let immutable = "public, max-age=31536000, immutable";
    for (path, length) in [("/tile/0/000.p/2", 64), ("/tile/entries/000.p/2", 68)] {
        let tile = served.get(path).await;
        assert_eq!((tile.status, tile.body.len()), (200, length));
        assert_eq!(tile.header("cache-control"), Some(immutable));
        assert_eq!(tile.header("content-type"), Some("application/octet-stream"));
    }
    let artifact = served.get(&format!("/artifact/{}", Digest::of(&bytes))).await;
    assert_eq!(artifact.body, bytes);
    assert_eq!(artifact.header("x-content-type-options"), Some("nosniff"));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaves_are_packed_for_who_takes_it_and_entries_are_not() {
    let mut served = serve(Limits::default()).await;
    served.goes_on().await;
    served.log.publish().await.unwrap();
    let accept = "Accept-Encoding: gzip\r\n";
    for (path, is_packed) in [("/leaf/000.p/2", true), ("/tile/entries/000.p/2", false)] {
        let plain = served.get(path).await;
        assert_eq!(plain.header("content-encoding"), None);
        // The second time it is the form that was kept.
        for _ in 0..2 {
            let asked = served.fetch_with(path, accept).await;
            assert_eq!(asked.header("content-encoding"), is_packed.then_some("gzip"));
            assert_eq!(asked.header("vary"), is_packed.then_some("accept-encoding"));
            let mut unpacked = Vec::new();
            if is_packed {
                flate2::read::GzDecoder::new(&asked.body[..]).read_to_end(&mut unpacked).unwrap();
            }
            assert_eq!(if is_packed { unpacked } else { asked.body }, plain.body);
        }
        let head = served
            .say(format!("HEAD {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
            .await;
        let length = plain.body.len().to_string();
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.header("content-length"), Some(length.as_str()));
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_public_may_be_read_from_any_page() {
    let mut served = serve_with(Plan::default(), Limits::default(), 3).await;
    served.goes_on().await;
    assert!(served.log.publish().await.unwrap().is_witnessed);
    for path in ["/head", "/proof/consistency?from=1&to=2", "/checkpoint", "/leaf/000.p/2"] {
        let answer = served.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
    }
    let refused = served.get("/proof/consistency?from=1&to=9").await;
    assert_eq!(refused.error(), "beyond_head");
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    for path in ["/healthz", "/metrics"] {
        let answer = served.get(path).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_checks_what_it_gets() {
    let mut served = serve(Limits::default()).await;
    let artifact = served.software("release");
    let submission = Submission { artifact: artifact.into(), files: Vec::new() };
    let another = served.software("another release");
    let digest = Digest::of(&submission.artifact);
    let client = served.client();
    let founded = served.founded.clone();
    let mut other = founded.charter.clone();
    other.keys.retain(|key| key.role != Role::Log);
    other.keys.push(CharterKey {
        holder: "other-promises".parse().unwrap(),
        key: served.election.keys.key("somebody").public_key(),
        organisation: "operator".parse().unwrap(),
        role: Role::Log,
    });
    let other = found(&served.election.sign("charter/v1", &other, &["clerk"])).unwrap();
    let asked = tokio::task::spawn_blocking(move || {
        let history = client.history(&founded).unwrap();
        assert_eq!(history.size(), 0, "no head is published");
        let receipt = client.add(&submission, Some(&history)).unwrap();
        assert_eq!((receipt.index, receipt.is_duplicate), (1, false));
        assert!(client.add(&submission, None).unwrap().is_duplicate);
        let wrong = client.add(&submission, Some(&History::of_charter(&other))).unwrap_err();
        let ClientError::Evidence(evidence) = wrong else { panic!("{wrong}") };
        assert!(matches!(evidence.fault, Fault::UnknownKey(_)), "{evidence}");
        assert!(!evidence.fault.is_certain());
        let early =
            client.prove(Wanted::Artifact(digest), &mut History::of_charter(&founded)).unwrap_err();
        assert!(matches!(early, ClientError::Refused { status: 404, .. }), "{early}");
        let bad = Submission { artifact: another.into(), files: vec![b"x".as_slice().into()] };
        let refused = client.add(&bad, None).unwrap_err();
        let ClientError::Refused { status, error, hint, .. } = refused else { panic!("{refused}") };
        assert_eq!((status, error.as_str()), (400, "unwanted_files"));
        assert!(!hint.is_empty());
    });
    asked.await.unwrap();
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_bodies_get_a_clear_refusal_and_the_service_goes_on() {
    let mut served = serve(Limits { body_bytes: 100_000, ..Limits::default() }).await;
    let good = String::from_utf8(served.software("release")).unwrap();
    let payload = served.election.sign("software/v9", &serde_json::json!({}), &["maker"]);
    let unknown = served.election.sign("sofware/v1", &serde_json::json!({}), &["maker"]);
    let promise = served.election.sign("promise/v1", &serde_json::json!({}), &["maker"]);
    let wrong_form =
        served.election.sign("software/v1", &serde_json::json!({"election_id": "e"}), &["maker"]);
    let changed = good.replace("example-2026", "example-2025");
    let elsewhere = canon::SignedBytes::parse(changed.as_bytes()).unwrap();
    let elsewhere: serde_json::Value = elsewhere.payload_as().unwrap();
    let elsewhere = served.election.sign("software/v1", &elsewhere, &["maker"]);
    let deep = format!("{{\"kind\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    let cases: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        ("nothing", vec![], 400, "not_canonical"),
        ("garbage", b"\0\xff\xfe garbage".to_vec(), 400, "not_canonical"),
        ("not UTF-8", [b"{\"kind\":\"\xc3\x28\"}".as_slice()].concat(), 400, "not_canonical"),
        (
            "a duplicate key",
            good.replacen('{', "{\"kind\":\"a/v1\",", 1).into(),
            400,
            "not_canonical",
        ),
        ("white space", good.replacen(':', ": ", 1).into(), 400, "not_canonical"),
        ("deep nesting", deep.into(), 400, "not_canonical"),
        (
            "a float",
            good.replacen("\"version\":\"1.0\"", "\"version\":1.0", 1).into(),
            400,
            "not_canonical",
        ),
        ("another object", b"{}".to_vec(), 400, "not_an_envelope"),
        ("trailing bytes", format!("{good}x").into(), 400, "not_canonical"),
        ("an unknown version", payload, 422, "unknown_version"),
        ("an unknown kind", unknown, 422, "unknown_kind"),
        ("a kind that is not logged", promise, 422, "not_loggable"),
        ("a payload against its schema", wrong_form, 422, "payload_form"),
        ("another election", elsewhere, 422, "other_election"),
        ("a word changed after signing", changed.into(), 403, "bad_signature"),
        ("too long", vec![b'x'; 100_001], 413, "too_large"),
    ];
    for (what, body, status, word) in cases {
        let answer = served.post_json(&body).await;
        assert_eq!((answer.status, answer.error().as_str()), (status, word), "{what}");
    }
    assert_eq!(served.log.size(), 1);
    served.goes_on().await;
    assert_eq!(served.post_json(good.as_bytes()).await.status, 200);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_authority_gets_403_and_a_replay_409() {
    let mut served = serve(Limits::default()).await;
    let good = served.software("release");
    let envelope = canon::SignedBytes::parse(&good).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(envelope.payload).unwrap();
    for (holders, word) in [
        (vec!["auditor"], "wrong_role"),
        (vec!["stranger"], "key_unknown"),
        (vec!["maker", "stranger"], "key_unknown"),
    ] {
        let bytes = served.election.sign("software/v1", &payload, &holders);
        let answer = served.post_json(&bytes).await;
        assert_eq!((answer.status, answer.error().as_str()), (403, word));
    }
    let text = String::from_utf8(good.clone()).unwrap();
    let tampered = text.replace("\"version\":\"1.0\"", "\"version\":\"2.0\"");
    let answer = served.post_json(tampered.as_bytes()).await;
    assert_eq!((answer.status, answer.error().as_str()), (403, "bad_signature"));
    assert_eq!(served.post_json(&good).await.status, 200);
    let replayed = served.post_json(&good).await;
    assert!(String::from_utf8(replayed.body).unwrap().contains("\"duplicate\":true"));
    let both = served.election.sign("software/v1", &payload, &["maker", "clerk"]);
    let answer = served.post_json(&both).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "other_signatures"));
    // Said anew, it may have both.
    let mut anew = payload.clone();
    anew["version"] = "1.1".into();
    let both = served.election.sign("software/v1", &anew, &["maker", "clerk"]);
    assert_eq!(served.post_json(&both).await.status, 200);
    let charter = served.election.sign("charter/v1", &served.election.charter, &["clerk", "maker"]);
    let answer = served.post_json(&charter).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "second_charter"));
    assert_eq!(served.log.size(), 3);
    served.goes_on().await;
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn framed_submissions_are_read_strictly() {
    let mut served = serve(Limits::default()).await;
    let (placed, digest) = served.election.ballot_manifest();
    let entry = served.election.entries.iter().find(|entry| entry.digest == placed.digest).unwrap();
    let artifact = bytes::Bytes::from(entry.artifact.clone());
    let file = bytes::Bytes::from(served.election.raw[&digest].clone());
    let whole = Submission { artifact: artifact.clone(), files: vec![file.clone()] }.to_frames();
    let kind = "application/vnd.scrutineer.submission";
    for cut in [0, 3, 4, 100, whole.len() - 1] {
        let answer = served.post(kind, &whole[..cut]).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "bad_frames"), "{cut}");
    }
    let huge = served.post(kind, &[0xff; 8]).await;
    assert_eq!((huge.status, huge.error().as_str()), (400, "bad_frames"));
    let bare = served.post_json(&artifact).await;
    assert_eq!((bare.status, bare.error().as_str()), (422, "raw_files"));
    // Frames without bytes cost a sender four bytes each, and would cost the log more.
    let many = served.post(kind, &vec![0; 4 << 20]).await;
    assert_eq!((many.status, many.error().as_str()), (400, "bad_frames"));
    let other = Submission { artifact, files: vec![b"other".as_slice().into()] }.to_frames();
    let other = served.post(kind, &other).await;
    assert_eq!((other.status, other.error().as_str()), (422, "raw_files"));
    let plain = served.post("text/plain", &whole).await;
    assert_eq!((plain.status, plain.error().as_str()), (415, "media_type"));
    assert_eq!(served.post(kind, &whole).await.status, 200);
    served.log.publish().await.unwrap();
    assert_eq!(served.get(&format!("/artifact/{digest}")).await.body, file);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_queries_and_paths_are_refused() {
    let served = serve(Limits::default()).await;
    let hash = Digest::of(b"none");
    let cases = [
        ("/proof/inclusion".to_owned(), 400, "bad_query"),
        ("/proof/inclusion?leaf_hash=xyz".to_owned(), 400, "bad_query"),
        (format!("/proof/inclusion?leaf_hash={hash}&artifact={hash}"), 400, "bad_query"),
        (format!("/proof/inclusion?leaf_hash={hash}&tree_size=-1"), 400, "bad_query"),
        (format!("/proof/inclusion?leaf_hash={hash}&format=xml"), 400, "bad_query"),
        (format!("/proof/inclusion?leaf_hash={hash}&more=1"), 400, "bad_query"),
        (format!("/proof/inclusion?leaf_hash={hash}"), 404, "unknown_entry"),
        (format!("/proof/inclusion?artifact={hash}"), 404, "unknown_entry"),
        ("/proof/consistency?from=1".to_owned(), 400, "bad_query"),
        ("/proof/consistency?from=0&to=1".to_owned(), 404, "no_head"),
        ("/tile/0/1".to_owned(), 404, "not_found"),
        ("/tile/0/000.p/256".to_owned(), 404, "not_found"),
        ("/artifact/../log.toml".to_owned(), 404, "not_found"),
        ("/artifact/%2e%2e/log.toml".to_owned(), 404, "not_found"),
        ("/artifact/ABCD".to_owned(), 404, "not_found"),
        ("/keys/promise.pem".to_owned(), 404, "not_found"),
        ("/".to_owned(), 404, "not_found"),
        ("/add".to_owned(), 405, "wrong_method"),
    ];
    for (path, status, word) in cases {
        let answer = served.get(&path).await;
        assert_eq!((answer.status, answer.error().as_str()), (status, word), "{path}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_hold_up_nobody() {
    let limits =
        Limits { connections: 64, header_ms: 3_600_000, body_ms: 300, ..Limits::default() };
    let mut served = serve(limits).await;
    // More of them than there are places, and from one address.
    let slow: Vec<_> = (0..200)
        .map(|number| {
            let mut client = TcpStream::connect(served.address).unwrap();
            let half = match number % 2 {
                0 => "POST /add HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n",
                _ => {
                    "POST /add HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                      Content-Length: 500\r\n\r\n{\"kind\""
                }
            };
            // Who finds no place is cut off at once.
            let _ = client.write_all(half.as_bytes());
            client
        })
        .collect();
    let entry = String::from_utf8(served.software("release")).unwrap();
    let request = format!(
        "POST /add HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{entry}",
        entry.len()
    );
    let answer = served.say_from([127, 0, 0, 2], request).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(served.log.size(), 2);
    // Those with a head and half a body are told, or were cut off.
    let ended = tokio::task::spawn_blocking(move || {
        for mut client in slow.into_iter().skip(1).step_by(2) {
            let mut rest = Vec::new();
            let _ = client.read_to_end(&mut rest);
            let text = String::from_utf8_lossy(&rest);
            let told = ["HTTP/1.1 408 ", "HTTP/1.1 503 "].iter().any(|it| text.starts_with(it));
            assert!(rest.is_empty() || told, "{text}");
        }
    });
    ended.await.unwrap();
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_figures_are_told() {
    let mut served = serve(Limits::default()).await;
    served.goes_on().await;
    let health = served.get("/healthz").await;
    let text = String::from_utf8(health.body).unwrap();
    assert_eq!((health.status, text.as_str()), (200, r#"{"signing":true,"size":2}"#));
    let figures = String::from_utf8(served.get("/metrics").await.body).unwrap();
    assert!(figures.contains("\nlog_durable_size 2\n"), "{figures}");
    assert!(figures.contains("log_submissions_total{outcome=\"accepted\"} 2\n"), "{figures}");
    assert!(figures.contains("\nlog_signing 1\n"), "{figures}");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_served_by_one_process_and_again_after_it() {
    let mut served = serve(Limits::default()).await;
    served.goes_on().await;
    let path = served.folder.path().to_path_buf();
    let mut config = LogConfig::load(&path.join("log.toml"), &[]).unwrap();
    config.start_unasked = true;
    let refused = Server::open(&config).await.err().unwrap();
    assert!(matches!(refused, log_server::log::LogError::Lock(_)), "{refused}");
    let Served { folder: _kept, log, stop, server, .. } = served;
    drop(log);
    stop.ask();
    server.await.unwrap().unwrap();
    let again = Server::open(&config).await.unwrap();
    assert_eq!(again.log().size(), 2);
    let (handle, stop) = stop::pair();
    handle.ask();
    again.run(stop).await.unwrap();
    let init = init(&path, &config, "origin", b"x").unwrap_err();
    assert!(matches!(init, log_server::log::LogError::Exists { .. }), "{init}");
}
