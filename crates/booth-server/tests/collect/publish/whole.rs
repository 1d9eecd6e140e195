//! Votes, cuts, snapshots, lists.

use booth::campaign::Shard;
use booth_server::publish::Outcome;
use canon::Digest;
use service::config::Override;

use super::world::{Publishing, after_the_end, cast, config, lines, of_shard, ready, started};
use crate::instance::{Platform, Running};

/// The lines of a list of all instances, in order.
fn union(platform: &Platform, list: &str) -> Vec<String> {
    let of = |shard: u16| {
        let path = platform.path(&format!("collect-{shard}/state/solar-{list}.log"));
        lines(&std::fs::read(path).unwrap())
    };
    let mut all = [of(0), of(1)].concat();
    all.sort();
    all
}

fn in_order(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// Whether lines stand by the digests of each, as those that one snapshot has added do.
fn is_sorted(lines: &[String]) -> bool {
    lines.is_sorted_by_key(|line| Digest::of(line.as_bytes()))
}

#[test]
fn votes_of_two_shards_come_together_at_barriers() {
    let platform = Platform::new("demonstration", 2, 2);
    let instances = [0, 1].map(|shard| started(&platform, shard));
    let addresses = [instances[0].address, instances[1].address];
    let publishing = Publishing::start(&config(&platform, &addresses, &[]));
    assert_eq!(publishing.get("/solar-vote.log").status, 404, "no snapshot yet");
    assert_eq!(publishing.taken(), 0);
    assert_eq!(publishing.lines("vote"), Vec::<String>::new());
    for (shard, instance) in (0..).zip(&instances) {
        cast(instance, &of_shard(&platform, shard, 0, 4), 1);
    }
    assert_eq!(publishing.taken(), 1);
    let first = ["vote", "auth"].map(|list| publishing.lines(list));
    for (list, lines) in ["vote", "auth"].into_iter().zip(&first) {
        assert_eq!(in_order(lines.clone()), union(&platform, list));
        assert!(lines.len() == 4 && is_sorted(lines), "{lines:?}");
    }
    for (shard, instance) in (0..).zip(&instances) {
        cast(instance, &of_shard(&platform, shard, 1_000, 5), 3);
    }
    assert_eq!(publishing.taken(), 2);
    for (list, before) in ["vote", "auth"].into_iter().zip(&first) {
        let lines = publishing.lines(list);
        assert_eq!(in_order(lines.clone()), union(&platform, list));
        assert_eq!(&lines[..before.len()], before);
        assert!(is_sorted(&lines[before.len()..]));
    }
    let results = publishing.json("results");
    let votes = publishing.lines("vote");
    let counted = |option: &str| votes.iter().filter(|line| line.contains(option)).count();
    for count in results["counts"].as_array().unwrap() {
        let option = count["option"].as_str().unwrap();
        assert_eq!(count["votes"], counted(option), "{option}");
    }
    assert_eq!((&results["number"], &results["records"]), (&2.into(), &votes.len().into()));
    let all = publishing.json("snapshots");
    assert_eq!(all["snapshots"].as_array().unwrap().len(), 3);
    assert_eq!(all["snapshots"][2]["votes"], results["votes"]);
    publishing.stop();
    for instance in instances {
        instance.stop();
    }
}

/// What stands in the lists is what the two shards have cut, whoever was away when.
#[test]
fn an_instance_that_was_gone_is_caught_up_with() {
    let platform = Platform::new("demonstration", 2, 2);
    let [one, other] = [0, 1].map(|shard| started(&platform, shard));
    let (address, other_address) = (one.address, other.address);
    let config = config(&platform, &[address, other_address], &[]);
    let publishing = Publishing::start(&config);
    cast(&one, &of_shard(&platform, 0, 0, 4), 1);
    one.stop();
    let away = vec![Shard(0)];
    let outcome = publishing.snapshot().unwrap();
    assert_eq!(outcome, Outcome::Taken { number: 0, away: away.clone(), is_more: false });
    let health = publishing.get("/healthz");
    assert_eq!((health.status, &*health.body), (503, b"not reached: shard 0\n".as_slice()));
    cast(&other, &of_shard(&platform, 1, 0, 4), 1);
    let outcome = publishing.snapshot().unwrap();
    assert_eq!(outcome, Outcome::Taken { number: 1, away, is_more: false });
    assert_eq!(publishing.lines("vote").len(), 2);
    publishing.stop();
    // The publisher is started anew as well.
    let listen = [Override::new("listen", address.to_string())];
    let again = platform.config(0, &listen);
    let one = Running::try_start(&platform, &again, crate::fixture::noon()).unwrap();
    ready(&platform, &one);
    cast(&one, &of_shard(&platform, 0, 1_000, 4), 2);
    let publishing = Publishing::start(&config);
    assert_eq!(publishing.lines("vote").len(), 2);
    assert_eq!(publishing.taken(), 2);
    assert_eq!(publishing.get("/healthz").status, 200);
    for list in ["vote", "auth"] {
        let lines = publishing.lines(list);
        assert!(is_sorted(&lines[2..]));
        assert_eq!(in_order(lines), union(&platform, list));
    }
    publishing.stop();
    one.stop();
    other.stop();
}

/// The remainders of both shards are fewer than k, and come in one snapshot.
#[test]
fn the_last_snapshot_waits_for_the_last_shard() {
    let platform = Platform::new("test", 3, 2);
    let [one, other] = [0, 1].map(|shard| started(&platform, shard));
    let publishing = Publishing::start(&config(&platform, &[one.address, other.address], &[]));
    for (shard, instance) in [(0, &one), (1, &other)] {
        cast(instance, &of_shard(&platform, shard, 0, 2), 0);
    }
    assert_eq!(publishing.taken(), 0);
    one.clock.advance(86_400 * 2);
    crate::instance::until(|| (one.figure("collect_cuts_total") == 1).then_some(()));
    // By the publisher's clock the campaign goes on: whoever has closed is not heard.
    let reached = crate::instance::until(|| match publishing.snapshot().unwrap() {
        Outcome::Taken { away, .. } if away == [Shard(0)] => Some(true),
        other => panic!("{other:?}"),
    });
    assert!(reached);
    publishing.clock.set(after_the_end());
    let waits = Outcome::Waits { shards: vec![Shard(1)] };
    crate::instance::until(|| {
        let outcome = publishing.snapshot().unwrap();
        // The instance may still be telling itself that everything is cut.
        (outcome == waits).then_some(())
    });
    assert_eq!(publishing.get("/solar-vote.log").status, 403);
    other.clock.advance(86_400 * 2);
    let away = crate::instance::until(|| match publishing.snapshot().unwrap() {
        Outcome::Taken { away, .. } => Some(away),
        _ => None,
    });
    assert_eq!(away, []);
    assert_eq!(publishing.json("results")["is_last"], true);
    for list in ["vote", "auth"] {
        let lines = publishing.lines(list);
        assert!(lines.len() == 4 && is_sorted(&lines));
        assert_eq!(in_order(lines), union(&platform, list));
    }
    assert_eq!(publishing.snapshot().unwrap(), Outcome::Nothing);
    publishing.stop();
    one.stop();
    other.stop();
}

/// The attack: two voters with mandates of two shards share one stamp, and both instances record
/// it. It keeps nobody from the lists, and is told; also by a publisher that starts again.
#[test]
fn a_stamp_that_two_shards_recorded_stops_nothing() {
    let platform = Platform::new("demonstration", 2, 2);
    let instances = [0, 1].map(|shard| started(&platform, shard));
    let addresses = [instances[0].address, instances[1].address];
    let config = config(&platform, &addresses, &[]);
    let mut publishing = Publishing::start(&config);
    let figure = |publishing: &Publishing, doubled: u64| {
        let figures = publishing.figures();
        assert!(figures.contains(&format!("\npublish_doubled_stamps {doubled}\n")), "{figures}");
    };
    publishing.taken();
    assert!(publishing.json("results").get("doubled_stamps").is_none());
    figure(&publishing, 0);
    let [first, mut others] = [0, 1].map(|shard| of_shard(&platform, shard, 0, 4));
    others[0].vote = first[0].vote.clone();
    cast(&instances[0], &first, 1);
    cast(&instances[1], &others, 1);
    publishing.taken();
    for (shard, instance) in (0..).zip(&instances) {
        cast(instance, &of_shard(&platform, shard, 1_000, 5), 3);
    }
    publishing.taken();
    for is_restarted in [false, true] {
        if is_restarted {
            publishing.stop();
            publishing = Publishing::start(&config);
        }
        for list in ["vote", "auth"] {
            assert_eq!(in_order(publishing.lines(list)), union(&platform, list));
        }
        assert_eq!(publishing.json("results")["doubled_stamps"], 1);
        figure(&publishing, 1);
    }
    publishing.stop();
    for instance in instances {
        instance.stop();
    }
}
