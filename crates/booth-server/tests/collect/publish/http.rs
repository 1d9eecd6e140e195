//! Ranges, tags, compression.

use std::io::Read as _;
use std::ops::Range;

use booth::mandate::Mandate;
use booth::request::VoteRequest;
use service::config::Override;
use tokio::runtime::Runtime;

use super::world::{Answer, MadeUp, Publishing, config, of_shard};
use crate::fixture::{request, vote};
use crate::instance::Platform;

/// A demonstration with one snapshot of six votes.
fn begin(runtime: &Runtime) -> (Platform, MadeUp, Publishing) {
    let platform = Platform::new("demonstration", 3, 1);
    let instance = MadeUp::start(runtime, 0);
    instance.says().cut(&of_shard(&platform, 0, 0, 6));
    let publishing = Publishing::start(&config(&platform, &[instance.address], &[]));
    publishing.taken();
    (platform, instance, publishing)
}

fn inflated(answer: &Answer) -> Vec<u8> {
    assert_eq!(answer.headers["content-encoding"], "gzip");
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&*answer.body).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_list_is_served_in_ranges() {
    let runtime = Runtime::new().unwrap();
    let (_platform, instance, publishing) = begin(&runtime);
    let path = "/solar-vote.log";
    let whole = publishing.get(path);
    assert_eq!(whole.body, instance.says().votes);
    let length = whole.body.len();
    assert_eq!(whole.headers["content-length"], length.to_string());
    let tag = whole.headers["etag"].clone();
    assert_eq!(tag, format!("\"{}\"", canon::Digest::of(&whole.body)));
    assert_eq!(whole.headers["accept-ranges"], "bytes");
    assert!(whole.headers["cache-control"].starts_with("max-age="));
    let ask = |headers: &[(&str, &str)]| publishing.ask("GET", path, headers);
    let part = ask(&[("Range", "bytes=10-19")]);
    assert_eq!((part.status, &*part.body), (206, &whole.body[10..20]));
    assert_eq!(part.headers["content-range"], format!("bytes 10-19/{length}"));
    assert_eq!((&part.headers["etag"], &part.headers["content-length"]), (&tag, &"10".into()));
    // A range is one of the bytes as they are, whatever is accepted.
    let plain = ask(&[("Range", "bytes=-5"), ("Accept-Encoding", "gzip")]);
    assert_eq!((plain.status, &*plain.body), (206, &whole.body[length - 5..]));
    assert!(!plain.headers.contains_key("content-encoding"));
    let beyond = ask(&[("Range", &format!("bytes={length}-"))]);
    assert_eq!((beyond.status, beyond.body.len()), (416, 0));
    assert_eq!(beyond.headers["content-range"], format!("bytes */{length}"));
    assert_eq!(ask(&[("Range", "bytes=0-1,4-5")]).body, whole.body);
    assert_eq!(ask(&[("Range", "bytes=0-4"), ("If-Range", &tag)]).status, 206);
    for other in ["\"other\"", &format!("W/{tag}"), &whole.headers["last-modified"]] {
        assert_eq!(ask(&[("Range", "bytes=0-4"), ("If-Range", other)]).body, whole.body);
    }
    let head = publishing.ask("HEAD", path, &[]);
    assert_eq!((head.status, &head.headers, head.body.len()), (200, &whole.headers, 0));
    let head = publishing.ask("HEAD", path, &[("Range", "bytes=10-19")]);
    assert_eq!((head.status, &head.headers, head.body.len()), (206, &part.headers, 0));
    assert_eq!(publishing.ask("POST", path, &[]).status, 405);
    publishing.stop();
}

#[test]
fn a_tag_is_of_one_snapshot_in_one_encoding() {
    let runtime = Runtime::new().unwrap();
    let (platform, instance, publishing) = begin(&runtime);
    let gzip = ("Accept-Encoding", "gzip");
    for path in ["/solar-vote.log", "/solar-auth.log", "/solar/results.json"] {
        let plain = publishing.get(path);
        let compressed = publishing.ask("GET", path, &[gzip]);
        assert_eq!(inflated(&compressed), plain.body, "{path}");
        assert_eq!(compressed.headers["vary"], "Accept-Encoding");
        assert_eq!(compressed.headers["content-length"], compressed.body.len().to_string());
        let (ours, theirs) = (&plain.headers["etag"], &compressed.headers["etag"]);
        assert_ne!(ours, theirs);
        let ask = |more: &[(&str, &str)]| publishing.ask("GET", path, more);
        for known in [ours.clone(), format!("\"x\", W/{ours}"), "*".to_owned()] {
            let answer = ask(&[("If-None-Match", &known)]);
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{known}");
            assert_eq!(&answer.headers["etag"], ours);
        }
        assert_eq!(ask(&[("If-None-Match", theirs)]).status, 200);
        assert_eq!(ask(&[("If-None-Match", theirs), gzip]).status, 304);
        assert_eq!(ask(&[("If-None-Match", ours), gzip]).status, 200);
        assert_eq!(ask(&[("Accept-Encoding", "gzip;q=0")]).body, plain.body);
    }
    let before = publishing.get("/solar-vote.log");
    instance.says().cut(&of_shard(&platform, 0, 1_000, 3));
    publishing.taken();
    let after = publishing.ask("GET", "/solar-vote.log", &[gzip]);
    assert_eq!(inflated(&after), instance.says().votes);
    let known = ("If-None-Match", &*before.headers["etag"]);
    assert_eq!(publishing.ask("GET", "/solar-vote.log", &[known]).status, 200);
    // Started again, it compresses on as if it had not ended.
    publishing.stop();
    let publishing = Publishing::start(&config(&platform, &[instance.address], &[]));
    assert_eq!(publishing.ask("GET", "/solar-vote.log", &[gzip]), after);
    publishing.stop();
}

/// A cache that has no tags asks by date, as RFC 9110, 13.1.3 has it; and no date hides a snapshot
/// that was taken in the same second, or one that was being taken when somebody looked.
#[test]
fn a_date_says_whether_there_is_something_new() {
    let runtime = Runtime::new().unwrap();
    let (platform, instance, publishing) = begin(&runtime);
    let paths = ["/solar-vote.log", "/solar/results.json", "/solar/snapshots.json"];
    let noon = "Tue, 03 Nov 2026 08:00:00 GMT";
    let asking = |path: &str, since: &str, more: &[(&str, &str)]| {
        let headers = [&[("If-Modified-Since", since)], more].concat();
        publishing.ask("GET", path, &headers).status
    };
    for path in paths {
        let told = publishing.get(path).headers["last-modified"].clone();
        assert_eq!(told, noon, "the clock of these tests");
        publishing.clock.advance(60);
        // As it was told; in the two old forms; and a later time.
        for since in [
            noon,
            "Tuesday, 03-Nov-26 08:00:00 GMT",
            "Tue Nov  3 08:00:00 2026",
            "Tue, 03 Nov 2026 08:00:30 GMT",
        ] {
            assert_eq!(asking(path, since, &[]), 304, "{path} {since}");
        }
        // An earlier one, one that has not come, and none.
        for since in
            ["Tue, 03 Nov 2026 07:59:59 GMT", "Wed, 04 Nov 2026 08:00:00 GMT", "yesterday", ""]
        {
            assert_eq!(asking(path, since, &[]), 200, "{path} {since}");
        }
        // A tag is heard, and then no date is.
        assert_eq!(asking(path, noon, &[("If-None-Match", "\"other\"")]), 200, "{path}");
        let tag = publishing.get(path).headers["etag"].clone();
        let early = "Mon, 02 Nov 2026 12:00:00 GMT";
        assert_eq!(asking(path, early, &[("If-None-Match", &tag)]), 304, "{path}");
        publishing.clock.set(crate::fixture::noon());
    }
    let head = publishing.ask("HEAD", paths[0], &[("If-Modified-Since", noon)]);
    assert_eq!((head.status, head.body.len()), (304, 0));
    // Another snapshot of the same second: who has the first one has not seen it.
    instance.says().cut(&of_shard(&platform, 0, 1_000, 3));
    publishing.taken();
    for path in paths {
        assert_eq!(publishing.get(path).headers["last-modified"], noon, "{path}");
        assert_eq!(asking(path, noon, &[]), 200, "{path}");
        publishing.clock.advance(1);
        assert_eq!(asking(path, "Tue, 03 Nov 2026 08:00:01 GMT", &[]), 304, "{path}");
        publishing.clock.set(crate::fixture::noon());
    }
    publishing.stop();
}

/// A page of somewhere else may read what it needs, and a browser that asks first is told so.
#[test]
fn pages_of_elsewhere_can_use_tags_and_ranges() {
    let runtime = Runtime::new().unwrap();
    let (_platform, _instance, publishing) = begin(&runtime);
    let exposed = "Accept-Ranges, Content-Encoding, Content-Range, ETag, Retry-After";
    for path in ["/solar-vote.log", "/solar/results.json", "/solar/nothing", "/healthz"] {
        let headers = publishing.get(path).headers;
        assert_eq!(headers["access-control-allow-origin"], "*", "{path}");
        assert_eq!(headers["access-control-expose-headers"], exposed, "{path}");
    }
    let asks = [("Origin", "https://news.example"), ("Access-Control-Request-Method", "GET")];
    let answer = publishing.ask("OPTIONS", "/solar-vote.log", &asks);
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    assert_eq!(answer.headers["access-control-allow-methods"], "GET, HEAD");
    for header in ["If-None-Match", "If-Modified-Since", "If-Range", "Range"] {
        assert!(answer.headers["access-control-allow-headers"].contains(header), "{header}");
    }
    assert_eq!(publishing.ask("OPTIONS", "/solar-vote.log", &[]).status, 405);
    publishing.stop();
}

/// The attack: read the publisher's figures, which tell how often what was answered.
#[test]
fn figures_are_not_for_the_world() {
    let runtime = Runtime::new().unwrap();
    let (platform, _instance, publishing) = begin(&runtime);
    for path in ["/metrics", "/metrics/", "//metrics"] {
        let answer = publishing.get(path);
        let told = String::from_utf8(answer.body).unwrap();
        assert!(answer.status == 404 && !told.contains("publish_"), "{path}: {told}");
    }
    assert!(publishing.figures().contains("\npublish_answers_total{status=\"404\"} 3\n"));
    assert_eq!(publishing.internal("/healthz").body, publishing.get("/healthz").body);
    assert_eq!(publishing.internal("/status.json").body, publishing.get("/status.json").body);
    assert_eq!(publishing.internal("/solar-vote.log").status, 404);
    publishing.stop();
    let on = |listen: &str, more: &[Override]| {
        let listen = [Override::new("listen_internal", listen)];
        let config =
            config(&platform, &["127.0.0.1:9".parse().unwrap()], &[&listen, more].concat());
        config.check().map(drop).map_err(|error| error.to_string())
    };
    let refused = on("0.0.0.0:9190", &[]).unwrap_err();
    assert!(refused.starts_with("listen_internal = \"0.0.0.0:9190\" is reached"), "{refused}");
    assert_eq!(on("0.0.0.0:9190", &[Override::new("internal_private_network", true)]), Ok(()));
    assert_eq!(on("[::1]:9190", &[]), Ok(()));
}

/// Votes of mandates that nobody has signed: a merge does not judge that, and signing takes long.
fn unsigned(numbers: Range<u32>) -> Vec<VoteRequest> {
    let authority = request(0).mandate.id().authority;
    let one = |number: u32| {
        let mut id = [0; 24];
        id[..4].copy_from_slice(&number.to_be_bytes());
        VoteRequest { vote: vote(number), mandate: Mandate::from_parts(authority, [7; 64], id) }
    };
    numbers.map(one).collect()
}

/// The list is longer than the sockets hold, so its answer is still running when the next snapshot
/// is taken.
#[test]
fn a_download_that_runs_is_of_the_snapshot_it_began_with() {
    let runtime = Runtime::new().unwrap();
    let platform = Platform::new("demonstration", 0, 1);
    let instance = MadeUp::start(&runtime, 0);
    instance.says().cut(&unsigned(0..50_000));
    let publishing = Publishing::start(&config(&platform, &[instance.address], &[]));
    publishing.taken();
    let mut stream = publishing.begin("GET", "/solar-vote.log", &[]);
    let mut first = [0; 1];
    stream.read_exact(&mut first).unwrap();
    let length = instance.says().votes.len();
    instance.says().cut(&unsigned(50_000..50_100));
    publishing.taken();
    let mut rest = first.to_vec();
    stream.read_to_end(&mut rest).unwrap();
    let head = rest.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let text = String::from_utf8_lossy(&rest[..head]).to_lowercase();
    assert!(text.contains(&format!("content-length: {length}\r\n")), "{text}");
    assert_eq!(rest.len() - head, length);
    assert!(publishing.get("/solar-vote.log").body.starts_with(&rest[head..]));
    publishing.stop();
}
