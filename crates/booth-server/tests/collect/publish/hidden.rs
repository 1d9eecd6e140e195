//! An official campaign before its close.

use booth_server::publish::{Outcome, PublishError};
use service::config::Override;
use tokio::runtime::Runtime;

use super::world::{Answer, MadeUp, Publishing, after_the_end, config, of_shard};
use crate::instance::Platform;

/// Every way to ask that a stranger has.
fn ask_everything(publishing: &Publishing) -> Vec<(String, Answer)> {
    let paths = [
        "/solar-vote.log",
        "/solar-auth.log",
        "/solar-vote.log.gz",
        "/solar-auth.log.gz",
        "/snapshots.log",
        "/state/solar-vote.log",
        "/../state/solar-vote.log",
        "/lock",
        "//solar-vote.log",
        "/solar-vote.log/",
        "/solar/solar-vote.log",
        "/solar-vote.log?x=1",
        "/%73olar-vote.log",
        "/solar/results.json",
        "/solar/snapshots.json",
        "/healthz",
        "/metrics",
        "/status.json",
        "/",
        "/solar",
        "/solar/",
    ];
    let headers: [&[(&str, &str)]; 8] = [
        &[],
        &[("Range", "bytes=0-0")],
        &[("Range", "bytes=99999999-")],
        &[("Range", "bytes=-1")],
        &[("If-None-Match", "*")],
        &[("If-Range", "\"x\""), ("Range", "bytes=0-0")],
        &[("Accept-Encoding", "gzip")],
        &[("If-Modified-Since", "Tue, 03 Nov 2026 07:00:00 GMT")],
    ];
    let mut answers = Vec::new();
    for method in ["GET", "HEAD", "POST", "OPTIONS"] {
        for path in paths {
            for more in headers {
                let what = format!("{method} {path} {more:?}");
                answers.push((what, publishing.ask(method, path, more)));
            }
        }
    }
    answers
}

/// Two campaigns of one day: as many votes, of other options, so lists of other sizes.
#[test]
fn an_official_campaign_tells_sizes_and_commitments_only() {
    let platform = Platform::new("official", 3, 1);
    let runtime = Runtime::new().unwrap();
    let all = of_shard(&platform, 0, 0, 30);
    let of = |say: &str| -> Vec<_> {
        all.iter().filter(|one| one.vote.say == say).take(5).cloned().collect()
    };
    let mut told = Vec::new();
    for option in ["Bold Jupiter", "Humble Pluto"] {
        let instance = MadeUp::start(&runtime, 0);
        instance.says().cut(&of(option));
        let state = platform.path(option);
        let state = Override::new("state", state.to_str().unwrap());
        let publishing = Publishing::start(&config(&platform, &[instance.address], &[state]));
        publishing.taken();
        let results = publishing.json("results");
        assert_eq!(results["records"], 5);
        assert!(results["counts"].is_null() && results["votes"]["bytes"].is_null());
        let commitment = results["votes"]["commitment"].as_str().unwrap().to_owned();
        let answers = ask_everything(&publishing);
        for (what, answer) in &answers {
            let is_list = what.contains("/solar-") && what.contains(".log ");
            assert!(!is_list || [403, 404, 405].contains(&answer.status), "{what}: {answer:?}");
            assert!(!answer.headers.contains_key("content-range"), "{what}");
        }
        let refused = publishing.get("/solar-vote.log");
        assert_eq!(refused.status, 403);
        assert!(refused.headers.contains_key("retry-after"));
        assert!(!refused.headers.contains_key("etag"));
        told.push((commitment, answers));
        // After the close all of it is told, and what was told before stays.
        let before = publishing.json("snapshots")["snapshots"][0].clone();
        instance.says().said.is_closed = true;
        // Not while the log's clock may still be before the end.
        for early in ["2026-11-04T20:00:00Z", "2026-11-04T20:00:59Z"] {
            publishing.clock.set(early.parse().unwrap());
            assert_eq!(publishing.snapshot().unwrap(), Outcome::Nothing);
        }
        publishing.clock.set(after_the_end());
        publishing.taken();
        assert_eq!(publishing.json("snapshots")["snapshots"][0], before);
        let digest = canon::Digest::of(&publishing.get("/solar-vote.log").body);
        assert_eq!(publishing.json("results")["votes"]["digest"], digest.to_string());
        publishing.stop();
    }
    // Nothing tells the one from the other but what the commitments and their tags are.
    let [(one, ours), (other, theirs)] = <[_; 2]>::try_from(told).unwrap();
    assert_ne!(one, other);
    for ((what, ours), (_, theirs)) in ours.iter().zip(&theirs) {
        assert_eq!(ours.status, theirs.status, "{what}");
        let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(ours), names(theirs), "{what}");
        let is_gzip = ours.headers.contains_key("content-encoding");
        if !is_gzip {
            assert_eq!(ours.body.len(), theirs.body.len(), "{what}");
            let length = |answer: &Answer| answer.headers.get("content-length").cloned();
            assert_eq!(length(ours), length(theirs), "{what}");
        }
        if !what.contains(".json") && !what.contains("/metrics") {
            assert_eq!(ours.body, theirs.body, "{what}");
        }
    }
}

#[test]
fn results_of_an_election_before_its_close_are_refused() {
    let full = [Override::new("interim", "full")];
    let address = "127.0.0.1:9".parse().unwrap();
    for (purpose, shows) in [("official", None), ("test", Some(404)), ("trial", Some(404))] {
        let platform = Platform::new(purpose, 3, 1);
        let started = Publishing::try_start(&config(&platform, &[address], &full));
        match shows {
            None => assert!(matches!(started.err(), Some(PublishError::TooEarly))),
            Some(status) => {
                let publishing = started.unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(publishing.get("/solar-vote.log").status, status);
                publishing.stop();
            }
        }
        let publishing = Publishing::start(&config(&platform, &[address], &[]));
        assert_eq!(publishing.get("/solar-vote.log").status, 403, "{purpose}");
        publishing.stop();
    }
}
