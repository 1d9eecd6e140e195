//! Campaigns of the booth path in which everything holds, and what the report says of them.

use artifact::bundle::MemorySource;
use artifact::charter::Purpose;
use booth::mandate::Mandate;
use verify::report::Status;
use verify::terminal::{Style, render};
use verify::{Lists, Options, Silent, Verdict, replay};

use crate::stage::{anchor, memory, replayed};
use crate::world::World;

#[test]
fn honest_campaigns_have_no_finding() {
    for purpose in [Purpose::Test, Purpose::Official, Purpose::Trial, Purpose::Demonstration] {
        let world = World::whole(purpose);
        let report = replayed(&world.election.bundle(), Some(anchor(&world.election)));
        assert_eq!(report.verdict, Verdict::Holds, "{purpose}: {:?}", report.findings);
        let booth: Vec<_> = report.checks.iter().filter(|line| line.section == "booth").collect();
        assert_eq!(booth[0].what, "1 campaign, 1 revealed");
        assert_eq!(booth[1].what, "4 snapshots that follow each other");
        assert!(booth[..3].iter().all(|line| line.status == Status::Holds));
    }
}

#[test]
fn an_open_campaign_owes_nothing_yet() {
    let mut world = World::new().day();
    world.election.head();
    let report = replayed(&world.election.bundle(), Some(anchor(&world.election)));
    assert_eq!(report.verdict, Verdict::Incomplete, "{:?}", report.findings);
    assert_eq!(report.finding_counts.keys().copied().collect::<Vec<_>>(), ["CHA-010"]);
}

#[test]
fn honest_lists_hold_and_are_counted_again() {
    for purpose in [Purpose::Test, Purpose::Official] {
        let mut world = World::of(purpose).day().evening();
        world.reveal();
        let world = world.closed();
        let look_ups: String =
            world.platform.cast[..2].iter().map(|(_, it)| it.look_up() + "\n").collect();
        let options = Options {
            anchor: Some(anchor(&world.election)),
            lists: Some(Lists::new(world.lists())),
            voided: vec![look_ups.into_bytes(), b"AAAAAAAAAAAAAAAAAAAAAA".to_vec()],
            ..Options::default()
        };
        let bundle = memory(&world.election.bundle());
        let report = replay(&bundle, &options, &Silent).unwrap();
        assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
        let campaign = &report.campaigns[0];
        assert_eq!((campaign.snapshots, campaign.records, campaign.is_last), (4, 17, true));
        let lists = campaign.lists.as_ref().unwrap();
        let counts: Vec<_> =
            lists.options.iter().map(|it| (it.option.as_str(), it.votes)).collect();
        assert_eq!(counts, [("Bold Jupiter", 6), ("Shiny Saturn", 6), ("Humble Pluto", 5)]);
        assert_eq!((lists.votes, lists.voters, lists.voided), (17, 17, Some(2)));
        let work = world.platform.cast.iter().map(|(vote, _)| 1_u128 << vote.score()).sum::<u128>();
        assert_eq!(lists.work_hashes, work.to_string());
        assert_eq!(lists.unanimous, 0);
        let text = render(&report, Style::default());
        assert!(text.contains("2 of 17 voted though void"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let one = Options { threads: 1, ..options };
        assert!(replay(&bundle, &one, &Silent).unwrap() == report);
    }
}

#[test]
fn the_card_of_the_seed_is_a_mandate_and_a_unanimous_batch_is_told() {
    // Figure 11 of the ClairVote paper: a card that another implementation signed.
    let line = include_str!("../../../../vectors/booth/voters-line.txt");
    let mandate = Mandate::from_voters_line(line.trim_end()).unwrap();
    let mut world = World::new();
    let key = canon::base64::encode(&mandate.id().authority);
    world.platform.campaign.authorities.push(key.parse().unwrap());
    world.campaign();
    world.at("2026-11-03T08:00:00Z");
    let batch = [mandate, world.platform.mandate(), world.platform.mandate()]
        .map(|mandate| (world.platform.vote("Humble Pluto"), mandate));
    world.platform.add(batch.to_vec());
    world.snapshot();
    let case = world.ended_with_lists();
    let report = replay(&*case.source, &case.options, &Silent).unwrap();
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
    assert_eq!(report.campaigns[0].lists.as_ref().unwrap().unanimous, 1);
}

#[test]
fn lists_are_not_asked_for_while_they_are_not_told() {
    let mut world = World::of(Purpose::Official).day();
    world.election.head();
    let options = Options {
        anchor: Some(anchor(&world.election)),
        lists: Some(Lists::new(MemorySource::new())),
        ..Options::default()
    };
    let report = replay(&memory(&world.election.bundle()), &options, &Silent).unwrap();
    assert_eq!(report.finding_counts.keys().copied().collect::<Vec<_>>(), ["CHA-010"]);
    assert!(report.not_checked.iter().any(|text| text.contains("were not read")));
}
