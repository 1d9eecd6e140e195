//! Who may ask an instance what.

use booth_server::collect::CollectError;

use super::world::{of_shard, started};
use crate::instance::{Answer, Platform, Running, headers};

fn with(instance: &Running, pass: &str, path: &str, more: &[(&str, &str)]) -> Answer {
    let own = [("X-Pull", pass)];
    let all = own.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    instance.ask_bare(path, &all.collect::<Vec<_>>())
}

/// The attack: an edge asks for the lists, and the publisher hands in a vote.
#[test]
fn edge_and_publisher_have_passes_of_their_own() {
    let platform = Platform::new("test", 2, 1);
    let instance = started(&platform, 0);
    let [edge, publisher] =
        ["edge/pass-header", "publish/publisher-pass"].map(|name| platform.secret(name));
    let (from, range) = (("From", "0"), ("Range", "bytes=0-0"));
    for (path, header, good) in [("/cuts", from, 200), ("/cut-votes", range, 416)] {
        assert_eq!(with(&instance, &publisher, path, &[header]).status, good, "{path}");
        for pass in [&edge, "", "x", &publisher[1..]] {
            assert_eq!(with(&instance, pass, path, &[header]).status, 403, "{path} {pass}");
        }
        let twice = [header, ("X-Pull", &*publisher)];
        assert_eq!(with(&instance, &publisher, path, &twice).status, 403);
        assert_eq!(instance.ask_bare(path, &[]).status, 403);
    }
    let vote = headers(&of_shard(&platform, 0, 0, 1)[0]);
    let vote: Vec<_> = vote.iter().map(|(name, value)| (&**name, &**value)).collect();
    for path in ["/vote", "/repeat", "/totp", "/list", "/metrics", "/"] {
        assert_eq!(with(&instance, &publisher, path, &vote).status, 403, "{path}");
    }
    assert_eq!(with(&instance, &edge, "/vote", &vote).status, 202);
    assert_eq!(with(&instance, &publisher, "/cuts", &[("From", "-1")]).status, 400);
    let long = ("Range", "bytes=0-16777216");
    assert_eq!(with(&instance, &publisher, "/cut-voters", &[long]).status, 416);
    instance.stop();
}

#[test]
fn one_pass_for_both_is_refused() {
    let platform = Platform::new("test", 2, 1);
    let edge = platform.secret("edge/pass-header");
    std::fs::write(platform.path("collect-0/publisher-pass"), edge).unwrap();
    let refused = Running::try_start(&platform, &platform.config(0, &[]), crate::fixture::noon());
    assert!(matches!(refused.err(), Some(CollectError::OnePass)));
}
