//! Instances that say what cannot be.

use booth::campaign::Shard;
use booth_server::publish::{Lie, Outcome};
use tokio::runtime::Runtime;

use super::world::{MadeUp, Publishing, Says, after_the_end, config, config_of, of_shard};
use crate::instance::Platform;

/// What a lie changes, and how the publisher calls it.
type Case = (fn(&Platform, &mut Says), fn(&Lie) -> bool);

const CASES: [Case; 9] = [
    (
        |_, says| says.said.ledger = format!("{:032x}", 99),
        |lie| matches!(lie, Lie::OtherLedger { .. }),
    ),
    (
        |_, says| {
            says.said.cuts.pop();
            says.said.total -= 1;
        },
        |lie| matches!(lie, Lie::Fewer { .. }),
    ),
    // The last cut that is published.
    (|_, says| says.said.cuts[1].records += 1, |lie| matches!(lie, Lie::Changed { .. })),
    (|_, says| says.said.cuts[1].votes.0[0] ^= 1, |lie| matches!(lie, Lie::Changed { .. })),
    (
        |platform, says| {
            says.cut(&of_shard(platform, 0, 2_000, 3));
            says.said.cuts[2].vote_bytes = 1 << 40;
        },
        |lie| matches!(lie, Lie::Size { .. }),
    ),
    // Fewer than k.
    (
        |platform, says| says.cut(&of_shard(platform, 0, 2_000, 2)),
        |lie| matches!(lie, Lie::Merge(_)),
    ),
    // The voters of another shard.
    (
        |platform, says| says.cut(&of_shard(platform, 1, 2_000, 3)),
        |lie| matches!(lie, Lie::Merge(_)),
    ),
    // A vote that is none.
    (
        |platform, says| {
            let some = of_shard(platform, 0, 2_000, 3);
            let votes: String =
                some.iter().map(|one| one.vote.line().replace("Bold", "Cold")).collect();
            let voters: String = some.iter().map(|one| one.mandate.voters_line()).collect();
            says.add(3, votes.into(), voters.into());
        },
        |lie| matches!(lie, Lie::Merge(_)),
    ),
    // Other lines than were cut.
    (
        |platform, says| {
            says.cut(&of_shard(platform, 0, 2_000, 3));
            let last = says.votes.len() - 3;
            says.votes[last] ^= 1;
        },
        |lie| matches!(lie, Lie::Merge(_)),
    ),
];

/// What the shards' lists have in all.
fn count(publishing: &Publishing) -> [usize; 2] {
    ["vote", "auth"].map(|list| publishing.lines(list).len())
}

/// A snapshot without the first shard, with so many lines in each list.
fn taken_without(publishing: &Publishing, number: u64, lines: usize, what: &str) {
    let expected = Outcome::Taken { number, away: vec![Shard(0)], is_more: false };
    assert_eq!(publishing.snapshot().unwrap(), expected, "{what}");
    assert_eq!(count(publishing), [lines; 2], "{what}");
}

/// The attack, once while the publisher runs and once before it starts again: a shard that lies
/// stops itself and no other, until somebody starts the publisher again.
#[test]
fn of_an_instance_that_lies_nothing_is_published() {
    let runtime = Runtime::new().unwrap();
    for (number, (lie, is_called)) in CASES.into_iter().enumerate() {
        for is_restarted in [false, true] {
            let what = format!("case {number}, restarted: {is_restarted}");
            let platform = Platform::new("demonstration", 3, 2);
            let instances = [0, 1].map(|shard| MadeUp::start(&runtime, shard));
            let addresses = [instances[0].address, instances[1].address];
            for (shard, instance) in (0..).zip(&instances) {
                instance.says().cut(&of_shard(&platform, shard, 0, 3));
                instance.says().cut(&of_shard(&platform, shard, 1_000, 4));
            }
            let config = config(&platform, &addresses, &[]);
            let mut publishing = Publishing::start(&config);
            publishing.taken();
            if is_restarted {
                publishing.stop();
                publishing = Publishing::start(&config);
            }
            let right = instances[0].says().clone();
            lie(&platform, &mut instances[0].says());
            for (number, lines) in [(1, 17), (2, 20)] {
                let from = 1_000 * (u32::try_from(number).unwrap() + 1);
                instances[1].says().cut(&of_shard(&platform, 1, from, 3));
                taken_without(&publishing, number, lines, &what);
                let lies = publishing.publisher.lies();
                assert!(lies.len() == 1 && is_called(&lies[0]), "{what}: {lies:?}");
                let health = publishing.get("/healthz");
                let said = String::from_utf8(health.body).unwrap();
                assert!(said.starts_with("stopped, ") && said.ends_with(": shard 0\n"), "{said}");
                assert_eq!((health.status, said.lines().count()), (503, 1), "{what}");
                let figures = publishing.figures();
                for figure in ["publish_shards_stopped 1", "publish_lies_total 1"] {
                    assert!(figures.contains(&format!("\n{figure}\n")), "{what}: {figures}");
                }
            }
            let status = publishing.status();
            assert_eq!((status.shards.stopped, status.shards.away), (vec![0], vec![]), "{what}");
            assert_eq!(status.troubles.len(), 1, "{what}");
            // The right word of one that has lied is none, until somebody has looked at it.
            *instances[0].says() = right;
            instances[0].says().cut(&of_shard(&platform, 0, 5_000, 3));
            taken_without(&publishing, 3, 20, &what);
            publishing.stop();
            publishing = Publishing::start(&config);
            assert_eq!(publishing.taken(), 4, "{what}");
            assert_eq!(count(&publishing), [23; 2], "{what}");
            assert_eq!(publishing.get("/healthz").status, 200, "{what}");
            publishing.stop();
        }
    }
}

/// The shard's other instance is asked in the same barrier, and where it is away the shard goes on
/// as soon as it is back.
#[test]
fn a_second_instance_of_the_shard_is_believed() {
    let runtime = Runtime::new().unwrap();
    for (number, (lie, is_called)) in CASES.into_iter().enumerate() {
        for is_away in [false, true] {
            let what = format!("case {number}, away: {is_away}");
            let platform = Platform::new("demonstration", 3, 2);
            let [liar, right] = [0, 0].map(|shard| MadeUp::start(&runtime, shard));
            let other = MadeUp::start(&runtime, 1);
            for instance in [&liar, &right] {
                instance.says().cut(&of_shard(&platform, 0, 0, 3));
                instance.says().cut(&of_shard(&platform, 0, 1_000, 4));
            }
            let (both, one) = ([liar.address, right.address], [other.address]);
            let publishing = Publishing::start(&config_of(&platform, &[&both, &one], &[]));
            publishing.taken();
            lie(&platform, &mut liar.says());
            right.says().cut(&of_shard(&platform, 0, 5_000, 3));
            other.says().cut(&of_shard(&platform, 1, 0, 3));
            right.says().is_there = !is_away;
            if is_away {
                taken_without(&publishing, 1, 10, &what);
                let said = String::from_utf8(publishing.get("/healthz").body).unwrap();
                assert!(said.contains("not reached: shard 0\n"), "{what}: {said}");
                right.says().is_there = true;
            }
            assert_eq!(publishing.taken(), 1 + u64::from(is_away), "{what}");
            assert_eq!(count(&publishing), [13; 2], "{what}");
            let lies = publishing.publisher.lies();
            assert!(lies.len() == 1 && is_called(&lies[0]), "{what}: {lies:?}");
            // That somebody has to look at the other one is told for as long as nobody has.
            let health = publishing.get("/healthz");
            let said = String::from_utf8(health.body).unwrap();
            assert_eq!(health.status, 503, "{what}");
            assert!(said.starts_with("an instance told what cannot be"), "{what}: {said}");
            publishing.stop();
        }
    }
}

/// The attack: the lie comes with what a shard cuts last, when nothing more can be put right. The
/// last snapshot waits for the shard, and for whoever closes without it.
#[test]
fn a_lie_at_the_close_is_not_left_out_by_itself() {
    let runtime = Runtime::new().unwrap();
    let platform = Platform::new("test", 3, 2);
    let instances = [0, 1].map(|shard| MadeUp::start(&runtime, shard));
    for (shard, instance) in (0..).zip(&instances) {
        instance.says().cut(&of_shard(&platform, shard, 0, 3));
        instance.says().said.is_closed = true;
    }
    instances[1].says().votes[3] ^= 1;
    let addresses = [instances[0].address, instances[1].address];
    let publishing = Publishing::start(&config(&platform, &addresses, &[]));
    publishing.clock.set(after_the_end());
    for _ in 0..2 {
        let waits = Outcome::Waits { shards: vec![Shard(1)] };
        assert_eq!(publishing.snapshot().unwrap(), waits);
    }
    assert_eq!(publishing.publisher.shown(), None);
    let said = String::from_utf8(publishing.get("/healthz").body).unwrap();
    assert!(said.contains("the last snapshot waits for: shard 1\n"), "{said}");
    publishing.stop();
}

/// A cut that was published long ago is compared at the next start.
#[test]
fn an_early_cut_that_changes_is_found_at_the_start() {
    let runtime = Runtime::new().unwrap();
    let platform = Platform::new("demonstration", 3, 1);
    let instance = MadeUp::start(&runtime, 0);
    for from in [0, 1_000, 2_000] {
        instance.says().cut(&of_shard(&platform, 0, from, 3));
    }
    let config = config(&platform, &[instance.address], &[]);
    let publishing = Publishing::start(&config);
    publishing.taken();
    publishing.stop();
    instance.says().said.cuts[0].voters.0[5] ^= 1;
    let publishing = Publishing::start(&config);
    let away = vec![Shard(0)];
    let taken = Outcome::Taken { number: 1, away, is_more: false };
    assert_eq!(publishing.snapshot().unwrap(), taken);
    assert_eq!(publishing.publisher.lies(), [Lie::Changed { shard: Shard(0) }]);
    assert_eq!(publishing.lines("vote").len(), 9);
    publishing.stop();
}

/// An instance that is not the shard's is as good as none; one that is away too.
#[test]
fn an_instance_of_another_shard_is_not_heard() {
    let runtime = Runtime::new().unwrap();
    let platform = Platform::new("demonstration", 3, 2);
    let instances = [0, 1].map(|shard| MadeUp::start(&runtime, shard));
    let addresses = [instances[1].address, instances[0].address];
    let publishing = Publishing::start(&config(&platform, &addresses, &[]));
    match publishing.snapshot().unwrap() {
        Outcome::Taken { number: 0, away, .. } => assert_eq!(away.len(), 2),
        other => panic!("{other:?}"),
    }
    instances[0].says().is_there = false;
    assert_eq!(publishing.get("/healthz").status, 503);
    publishing.stop();
}
