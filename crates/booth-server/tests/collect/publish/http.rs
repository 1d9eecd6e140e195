//! Ranges, tags, compression.

use std::io::Read as _;
use std::ops::Range;

use booth::mandate::Mandate;
use booth::request::VoteRequest;
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
