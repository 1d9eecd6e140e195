//! How the lists grew: from a bundle and its lists to the series of the differential audit.

use artifact::bundle::MemorySource;
use artifact::charter::Purpose;
use verify::growth::Growth;
use verify::{Lists, Options, Report, Silent, Verdict, replay_growth};

use crate::stage::{anchor, memory};
use crate::world::{VOTES, World};

/// Three snapshots two minutes apart, and the last one in the evening; two batches come between
/// the first three, of which the log gets each after two seconds.
fn day(purpose: Purpose) -> World {
    let mut world = World::of(purpose);
    world.campaign();
    for (minute, votes) in [(0, 0), (2, 6), (4, 9)] {
        world.at(&format!("2026-11-03T08:0{minute}:02Z"));
        world.platform.crowd(votes);
        world.snapshot_taken(&format!("2026-11-03T08:0{minute}:00Z"));
    }
    world
}

fn grown(world: &World, lists: Option<MemorySource>) -> (Report, Vec<Growth>) {
    let options = Options {
        anchor: Some(anchor(&world.election)),
        lists: lists.map(Lists::new),
        ..Options::default()
    };
    replay_growth(&memory(&world.election.bundle()), &options, &Silent).unwrap()
}

#[test]
fn options_are_counted_at_each_snapshot_whether_digests_or_commitments_were_told() {
    for purpose in [Purpose::Test, Purpose::Official] {
        let mut world = day(purpose).evening();
        world.reveal();
        let world = world.closed();
        let (report, growth) = grown(&world, Some(world.lists()));
        assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
        let [growth] = &growth[..] else { panic!("one campaign") };
        // One option after another, of three: two of each, then three, then one of the first two.
        let expected = [
            ("2026-11-03T08:00:02Z", 0, [0, 0, 0]),
            ("2026-11-03T08:02:02Z", 6, [2, 2, 2]),
            ("2026-11-03T08:04:02Z", 15, [5, 5, 5]),
            ("2026-11-03T20:00:00Z", 17, [6, 6, 5]),
        ];
        let (series, origin) = growth.series().unwrap();
        assert_eq!(series.snapshots.len(), expected.len());
        for (found, (time, votes, by_option)) in series.snapshots.iter().zip(expected) {
            assert_eq!(found.time.to_string(), time);
            assert_eq!((found.votes, found.voters), (votes, votes));
            assert_eq!(found.by_option.as_deref(), Some(&by_option[..]));
        }
        assert_eq!(series.options, ["Bold Jupiter", "Shiny Saturn", "Humble Pluto"]);
        assert_eq!((series.k, series.shards, series.closed), (3, 1, true));
        assert!(origin.options_counted);
        assert_eq!((origin.usual_delay_s, origin.late), (2, 0));
    }
}

#[test]
fn without_lists_and_while_an_official_campaign_is_open_there_are_sizes_only() {
    let mut world = day(Purpose::Official);
    world.election.head();
    for lists in [None, Some(MemorySource::new())] {
        let (report, growth) = grown(&world, lists);
        assert_eq!(report.verdict, Verdict::Incomplete, "{:?}", report.findings);
        let (series, origin) = growth[0].series().unwrap();
        let votes: Vec<_> = series.snapshots.iter().map(|one| one.votes).collect();
        assert_eq!(votes, [0, 6, 15]);
        assert!(series.snapshots.iter().all(|one| one.by_option.is_none()));
        assert!(!series.closed && !origin.options_counted);
    }
}

#[test]
fn a_list_that_is_not_the_committed_one_makes_a_report_that_fails() {
    let mut world = day(Purpose::Test).evening();
    world.reveal();
    let world = world.closed();
    let mut votes = world.platform.votes.clone();
    let last = votes.len() - 2;
    votes[last] ^= 1;
    let mut lists = world.lists();
    lists.insert(VOTES, votes);
    let (report, _) = grown(&world, Some(lists));
    assert_eq!(report.verdict, Verdict::Fails);
    assert!(report.has("BTH-020"), "{:?}", report.findings);
}
