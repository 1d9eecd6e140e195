//! Instances that say what cannot be.

use booth_server::publish::{Lie, Outcome, PublishError};
use tokio::runtime::Runtime;

use super::world::{MadeUp, Publishing, Says, config, of_shard};
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

/// The attack, once while the publisher runs and once before it starts again.
#[test]
fn of_an_instance_that_lies_nothing_is_published() {
    let runtime = Runtime::new().unwrap();
    for (number, (lie, is_called)) in CASES.into_iter().enumerate() {
        for is_restarted in [false, true] {
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
            let before = ["vote", "auth"].map(|list| publishing.lines(list));
            if is_restarted {
                publishing.stop();
                publishing = Publishing::start(&config);
            }
            lie(&platform, &mut instances[0].says());
            instances[1].says().cut(&of_shard(&platform, 1, 2_000, 3));
            let what = format!("case {number}, restarted: {is_restarted}");
            match publishing.snapshot() {
                Err(PublishError::Lie(lie)) => assert!(is_called(&lie), "{what}: {lie}"),
                other => panic!("{what}: {other:?}"),
            }
            // It stays so, and nothing of the other shard is published without it.
            assert!(matches!(publishing.snapshot(), Err(PublishError::Stopped)), "{what}");
            assert_eq!(before, ["vote", "auth"].map(|list| publishing.lines(list)), "{what}");
            let health = publishing.get("/healthz");
            assert_eq!(health.status, 503, "{what}");
            assert!(!String::from_utf8(health.body).unwrap().contains("shard"), "{what}");
            publishing.stop();
        }
    }
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
    let refused = publishing.snapshot();
    assert!(matches!(refused, Err(PublishError::Lie(Lie::Changed { .. }))), "{refused:?}");
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
