//! BTH: what the booth path's platform logs.

use artifact::charter::Purpose;
use artifact::payload::platform::{LeftOut, StationStamps};
use artifact::payload::{Campaign, Snapshot};
use canon::Digest;
use testkit::platform::{END, Platform, Told};

use super::Case;
use crate::world::{HOLDER, OTHER, World};

mutations! {
    rules_that_do_not_fit_together: "BTH-001", {
        let mut world = World::new();
        world.platform.campaign.k = 1;
        ended(world.day())
    };
    a_campaign_with_other_options_under_way: "BTH-002", amended(|campaign| {
        campaign.options.swap(0, 1);
    });
    a_snapshot_before_its_campaign: "BTH-003", {
        let mut world = World::new();
        world.platform.next = 7;
        world.snapshot();
        world.platform.next = 0;
        ended(world.day())
    };
    a_snapshot_by_another_platform: "BTH-004", {
        let mut world = World::new().day();
        world.platform.crowd(3);
        let snapshot = world.platform.snapshot(Told::Digests, false);
        world.election.submit(&snapshot, &[OTHER]);
        world.platform.next -= 1;
        ended(world)
    };
    a_snapshot_left_out: "BTH-005", {
        let mut world = World::new().day();
        world.platform.next += 1;
        ended(world)
    };
    two_lists_shown_under_one_number: "BTH-006", {
        let mut world = World::new().day();
        world.platform.next -= 1;
        let lists = (world.platform.votes.clone(), world.platform.voters.clone());
        world.platform.crowd(3);
        world.snapshot();
        (world.platform.votes, world.platform.voters) = lists;
        ended(world)
    };
    records_taken_away: "BTH-007", {
        let mut world = World::new().day();
        let (votes, voters) = (world.platform.votes.clone(), world.platform.voters.clone());
        drop_line(&mut world.platform.votes);
        drop_line(&mut world.platform.voters);
        world.snapshot();
        (world.platform.votes, world.platform.voters) = (votes, voters);
        ended(world)
    };
    a_vote_without_a_voter: "BTH-008", {
        let mut world = World::new().day();
        world.at(END);
        drop_line(&mut world.platform.voters);
        world.platform.crowd(4);
        world.last();
        world.reveal();
        Case::whole(&world.closed().election)
    };
    a_snapshot_after_the_last: "BTH-009", {
        let mut world = World::new().day().evening();
        world.platform.crowd(3);
        world.snapshot();
        world.reveal();
        Case::whole(&world.closed().election)
    };
    a_last_snapshot_while_votes_are_taken: "BTH-010", {
        let mut world = World::new().day();
        world.last();
        world.at(END);
        world.reveal();
        Case::whole(&world.closed().election)
    };
    digests_of_an_official_campaign_before_its_end: "BTH-011", {
        let mut world = World::of(Purpose::Official).day();
        world.platform.crowd(3);
        let told = world.platform.snapshot(Told::Digests, false);
        world.log(&told);
        ended(world)
    };
    a_vote_published_alone: "BTH-012", {
        let mut world = World::new().day();
        world.platform.crowd(1);
        world.snapshot();
        ended(world)
    };
    keys_told_while_votes_are_taken: "BTH-013", {
        let mut world = World::new().day();
        world.reveal();
        Case::whole(&world.evening().closed().election)
    };
    another_stamp_key_than_was_committed: "BTH-014", revealed(|reveal, other| {
        reveal.stamp_key = other.stamp_key.clone();
    });
    no_last_snapshot: "BTH-015", {
        let mut world = World::new().day();
        world.at(END);
        world.reveal();
        Case::whole(&world.closed().election)
    };
    nothing_revealed: "BTH-016", Case::whole(&World::new().day().evening().closed().election);
    a_receipt_key_of_two_campaigns: "BTH-035", with_remote(|remote, booths| {
        remote.receipt_keys.clone_from(&booths.receipt_keys);
    });
    remote_votes_with_another_ballot: "BTH-036", with_remote(|remote, _| {
        remote.options.swap(0, 1);
    });
    fewer_stamps_than_before: "BTH-037", stamped(&[(None, 40), (None, 39)]);
    rules_logged_when_votes_were_taken: "BTH-040", {
        let mut world = World::of(Purpose::Official);
        world.at("2026-11-03T08:00:00Z");
        ended(world.day())
    };
    a_snapshot_of_tomorrow: "BTH-041", {
        let mut world = World::new().day();
        let mut snapshot = world.platform.snapshot(Told::Digests, false);
        snapshot.taken_at = END.parse().unwrap();
        world.log(&snapshot);
        ended(world)
    };
    check_ins_that_fall: "BTH-043", checked_in(&[("08:30:00", 20), ("09:00:00", 19)]);
    a_vote_more_than_check_ins: "BTH-044", checked_in(&[("08:30:00", 14)]);
    an_official_campaign_without_a_map: "BTH-048", {
        let mut world = World::of(Purpose::Official);
        world.platform.campaign.deployment_map = None;
        ended(world.day())
    };
    more_campaigns_than_anybody_holds: "BTH-038", many_campaigns();
    a_shard_whose_disk_was_lost: "BTH-045", without(|_| ());
    a_shard_left_out_with_other_records: "BTH-046", without(|left| left[0].records += 1);
}

/// A day of two shards, of which one is left out at its end, with the lists.
fn without(change: impl FnOnce(&mut Vec<LeftOut>)) -> Case {
    ended_without(World::two_shards(), 1, change)
}

/// The same of a day that is there, without this shard.
pub(super) fn without_of(world: World, shard: u64) -> Case {
    ended_without(world, shard, |_| ())
}

fn ended_without(world: World, shard: u64, change: impl FnOnce(&mut Vec<LeftOut>)) -> Case {
    let world = left_out(world, shard, change);
    let lists = verify::Lists::new(world.lists());
    Case::whole(&world.election).with(|options| options.lists = Some(lists))
}

/// The end of a day that is there, without this shard.
pub(super) fn left_out_of(world: World, shard: u64) -> World {
    left_out(world, shard, |_| ())
}

fn left_out(mut world: World, shard: u64, change: impl FnOnce(&mut Vec<LeftOut>)) -> World {
    world.at(END);
    let mut last = world.platform.snapshot(Told::Digests, true);
    let reason = "its disk was lost in a fire".parse().unwrap();
    last.without = vec![LeftOut { reason, records: world.platform.of_shard(shard), shard }];
    change(&mut last.without);
    world.log(&last);
    world.reveal();
    world.closed()
}

/// The day of this world to its honest end.
fn ended(world: World) -> Case {
    let mut world = world.evening();
    world.reveal();
    Case::whole(&world.closed().election)
}

/// A day whose campaign is logged again after a change.
fn amended(change: impl FnOnce(&mut Campaign)) -> Case {
    let mut world = World::new().day();
    let mut campaign = world.platform.campaign.clone();
    change(&mut campaign);
    world.election.submit(&campaign, &[HOLDER]);
    ended(world)
}

/// A day whose reveal has something of another platform's.
fn revealed(
    change: impl FnOnce(&mut artifact::payload::Reveal, &artifact::payload::Reveal),
) -> Case {
    let mut world = World::new().day().evening();
    let mut reveal = world.platform.reveal();
    change(&mut reveal, &Platform::new("other").reveal());
    world.election.submit(&reveal, &[HOLDER]);
    Case::whole(&world.closed().election)
}

/// A day with remote votes beside those of the booths, of which there were none.
fn with_remote(change: impl FnOnce(&mut Campaign, &Campaign)) -> Case {
    let mut world = World::new().day();
    let election_id = world.election.charter.election_id.clone();
    let mut remote = Platform::new("solar-remote").of(&election_id, Purpose::Test);
    remote.campaign.remote_of = Some("solar".parse().unwrap());
    change(&mut remote.campaign, &world.platform.campaign);
    world.election.submit(&remote.campaign, &[HOLDER]);
    let mut world = world.evening();
    world.log(&remote.snapshot(Told::Digests, true));
    world.election.submit(&remote.reveal(), &[HOLDER]);
    world.reveal();
    Case::whole(&world.closed().election)
}

/// A day at whose end two snapshots tell of stamps.
fn stamped(told: &[(Option<&str>, u64)]) -> Case {
    let mut world = World::new().day();
    for (station, stamps) in told {
        let mut snapshot = world.platform.snapshot(Told::Digests, false);
        let station = station.map(|name| name.parse().unwrap());
        snapshot.stamps_issued = vec![StationStamps { stamps: *stamps, station }];
        world.log(&snapshot);
    }
    ended(world)
}

/// A day of fifteen votes by eight o'clock, after which the authority commits to check-ins of these
/// times.
fn checked_in(counts: &[(&str, u64)]) -> Case {
    let mut world = World::new().day();
    for (time, voters) in counts {
        world.at(&format!("2026-11-03T{time}Z"));
        world.check_ins(&format!("2026-11-03T{time}Z"), *voters);
    }
    ended(world)
}

/// An open election with campaigns whose rules are as large as they can be made.
fn many_campaigns() -> Case {
    let mut world = World::new();
    let mut bytes = 0;
    let stations = (0..1024).map(|number| format!("{number:064}").parse().unwrap());
    let options = (0..99).map(|number| format!("option {number:0190}").parse().unwrap());
    let (stations, options): (Vec<_>, Vec<_>) = (stations.collect(), options.collect());
    for number in 0.. {
        let id = &world.election.charter.election_id;
        let mut large = Platform::new(&format!("solar-{number}")).of(id, Purpose::Test);
        large.campaign.stations.clone_from(&stations);
        large.campaign.options.clone_from(&options);
        world.election.submit(&large.campaign, &[HOLDER]);
        bytes += canon::json::to_canonical(&large.campaign).unwrap().len();
        if bytes > 16 << 20 {
            break;
        }
    }
    world.election.head();
    Case::whole(&world.election)
}

/// Takes the last line away.
fn drop_line(list: &mut Vec<u8>) {
    list.pop();
    let end = list.iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    list.truncate(end);
}

#[test]
fn what_is_left_out_is_told_above_the_results() {
    let report = super::find("BTH-045", &without(|_| ()));
    assert_eq!((report.exit_code, report.finding_counts.len()), (2, 1), "{:?}", report.findings);
    let left = &report.campaigns[0].without[0];
    assert!(left.shard == 1 && left.records > 0 && left.records < 15, "{left:?}");
    let text = verify::terminal::render(&report, verify::terminal::Style::default());
    let lacking = format!(
        "lacking     the results of solar are without shard 1 (its disk was lost in a\n            \
         fire); {} records of it were published before\n",
        left.records
    );
    let at = text.find(&lacking).unwrap_or_else(|| panic!("{text}"));
    assert!(at < text.find("campaign    solar, 15 votes").unwrap(), "{text}");
}

#[test]
fn only_a_shard_of_the_campaign_can_be_left_out() {
    let report = super::find("BTH-046", &without(|left| left[0].shard = 2));
    assert_eq!(report.finding_counts["BTH-046"], 2, "{:?}", report.findings);
    super::find("BTH-046", &without(|left| left[0].records = 0));
}

#[test]
fn every_revealed_value_is_held_against_its_commitment() {
    let changes: [fn(&mut artifact::payload::Reveal, &artifact::payload::Reveal); 4] = [
        |reveal, other| reveal.stamp_key = other.stamp_key.clone(),
        |reveal, other| reveal.decoy_key = other.decoy_key.clone(),
        |reveal, other| reveal.snapshot_salt = other.snapshot_salt,
        |reveal, other| reveal.totp_seed = other.totp_seed,
    ];
    for change in changes {
        let report = super::find("BTH-014", &revealed(change));
        assert_eq!(report.finding_counts["BTH-014"], 1);
    }
}

#[test]
fn a_list_that_keeps_its_records_may_not_lose_bytes() {
    let mut world = World::new().day();
    let honest = world.platform.snapshot(Told::Digests, false);
    world.platform.next -= 1;
    let bytes = honest.votes.bytes.map(|bytes| bytes - 1);
    let votes = artifact::payload::platform::ListState { bytes, ..honest.votes.clone() };
    world.log(&Snapshot { votes, ..honest });
    super::find("BTH-007", &ended(world));
}

#[test]
fn an_end_may_move_until_it_has_come() {
    let late = |campaign: &mut Campaign| campaign.end = "2026-11-03T21:00:00Z".parse().unwrap();
    // The evening comes an hour before the new end.
    let case = amended(late);
    let report = super::find("BTH-010", &case);
    assert!(report.has("BTH-013") && !report.has("BTH-002"), "{:?}", report.findings);
    let mut world = World::new().day();
    late(&mut world.platform.campaign);
    world.campaign();
    world.at("2026-11-03T21:00:00Z");
    world.last();
    world.reveal();
    let case = Case::whole(&world.closed().election);
    let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
    assert_eq!(report.exit_code, 0, "{:?}", report.findings);
    // Once it has come, it is too late.
    let mut world = World::new().day().evening();
    late(&mut world.platform.campaign);
    world.campaign();
    world.reveal();
    super::find("BTH-002", &Case::whole(&world.closed().election));
}

/// The attack: at noon the platform logs an end that has come, tells results and reveals the keys
/// of stamps, while edges go on by the rules that they have. Or it ends an official day when the
/// count suits it.
#[test]
fn an_end_that_is_moved_to_the_past_opens_nothing() {
    let mut world = World::of(Purpose::Official).day();
    let day = world.platform.campaign.clone();
    world.at("2026-11-03T12:00:00Z");
    world.platform.campaign.end = "2026-11-03T11:59:00Z".parse().unwrap();
    world.campaign();
    let told = world.platform.snapshot(Told::Digests, false);
    world.log(&told);
    world.reveal();
    let case = Case::whole(&world.closed().election);
    let report = super::find("BTH-002", &case);
    assert!(report.has("BTH-011") && report.has("BTH-013"), "{:?}", report.findings);
    assert!(report.campaigns[0].amendments.is_empty(), "the end that stood stands");

    for (purpose, end, is_found) in [
        (Purpose::Official, "2026-11-03T19:00:00Z", true),
        (Purpose::Test, "2026-11-03T19:00:00Z", false),
        (Purpose::Test, "2026-11-03T11:59:00Z", true),
        (Purpose::Demonstration, "2026-11-03T11:59:00Z", false),
        (Purpose::Official, "2026-11-03T21:00:00Z", false),
    ] {
        let mut world = World::of(purpose).day();
        world.at("2026-11-03T12:00:00Z");
        world.platform.campaign.end = end.parse().unwrap();
        world.campaign();
        let campaign = if is_found { day.end } else { world.platform.campaign.end };
        let now = "2026-11-03T12:00:01Z".parse().unwrap();
        world.at(&campaign.max(now).to_string());
        world.last();
        world.reveal();
        let case = Case::whole(&world.closed().election);
        let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
        assert_eq!(report.has("BTH-002"), is_found, "{purpose} {end}: {:?}", report.findings);
        let moved: Vec<_> = report.campaigns[0].amendments.iter().map(|one| one.end).collect();
        let expected = verify::report::EndMove { from: day.end, to: campaign };
        assert_eq!(moved, if is_found { vec![] } else { vec![Some(expected)] });
        let said = said(&report);
        assert_eq!(said.contains("amended entry"), !is_found, "{said}");
    }
}

/// A covert station is added to the map in the evening, and the map looks as if it had been
/// committed to from the beginning: the report tells it.
#[test]
fn a_map_that_is_exchanged_while_votes_are_taken_is_told() {
    let mut world = World::of(Purpose::Official).day();
    world.platform.campaign.deployment_map = Some(Digest::of(b"another map"));
    world.campaign();
    let mut world = world.evening();
    world.reveal();
    let case = Case::whole(&world.closed().election);
    let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
    assert_eq!(report.exit_code, 0, "{:?}", report.findings);
    let amendment = report.campaigns[0].amendments[0];
    assert!(amendment.another_map && amendment.has_begun && amendment.end.is_none());
    assert!(said(&report).contains("another deployment map, while votes were taken"));
}

/// What people are told, in one line.
fn said(report: &verify::Report) -> String {
    let text = verify::terminal::render(report, verify::terminal::Style::default());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn remote_votes_fit_those_of_the_booths_or_are_told_apart() {
    let case = with_remote(|_, _| ());
    let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
    assert_eq!(report.exit_code, 0, "{:?}", report.findings);
    let alone = with_remote(|remote, _| {
        remote.remote_of = Some("lunar".parse().unwrap());
        remote.name = "lunar-remote".parse().unwrap();
    });
    super::find("BTH-036", &alone);
    let changes: [fn(&mut Campaign, &Campaign); 4] = [
        |remote, booths| remote.authorities.clone_from(&booths.authorities),
        |remote, booths| remote.commitments.stamp_key = booths.commitments.stamp_key,
        |remote, booths| remote.commitments.totp_seed = booths.commitments.totp_seed,
        |remote, booths| remote.commitments.snapshot_salt = booths.commitments.snapshot_salt,
    ];
    for change in changes {
        super::find("BTH-035", &with_remote(change));
    }
}

#[test]
fn stamps_are_told_by_the_campaigns_own_stations_and_add_up() {
    super::find("BTH-037", &stamped(&[(Some("8704-2A05"), 3)]));
    let case = stamped(&[(None, 3), (None, 12)]);
    let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
    assert_eq!(report.exit_code, 0, "{:?}", report.findings);
    let stamps = report.campaigns[0].stamps.unwrap();
    // Fewer stamps than votes: told beside each other, and left to people.
    assert_eq!((stamps.issued, stamps.votes), (12, 15));
}

/// The map may be named late, and remote votes have none.
#[test]
fn a_map_may_be_named_until_the_end_and_remote_votes_have_none() {
    let mut world = World::of(Purpose::Official);
    let map = world.platform.campaign.deployment_map.take();
    let mut world = world.day();
    world.platform.campaign.deployment_map = map;
    world.campaign();
    let case = ended(world);
    let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
    assert_eq!(report.exit_code, 0, "{:?}", report.findings);
    let mut world = World::of(Purpose::Official);
    world.platform.campaign.deployment_map = None;
    world.platform.campaign.remote_of = Some("lunar".parse().unwrap());
    let case = ended(world.day());
    let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
    assert!(!report.has("BTH-048"), "{:?}", report.findings);
}

#[test]
fn check_ins_that_were_committed_to_bound_the_votes_of_their_time() {
    let holds = |case: &Case| {
        let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
        assert_eq!(report.exit_code, 0, "{:?}", report.findings);
        report
    };
    // As many as votes is enough, and a count of before the votes says nothing of them.
    holds(&checked_in(&[("08:30:00", 15)]));
    let report = holds(&checked_in(&[("08:30:00", 15), ("09:00:00", 15), ("19:00:00", 18)]));
    assert_eq!(report.campaigns[0].check_ins.map(|told| told.voters), Some(18));
    let early = |time: &str| {
        let mut world = World::new().day();
        world.at("2026-11-03T08:30:00Z");
        world.check_ins(time, 14);
        ended(world)
    };
    // The log had six votes by then, and all fifteen a second later.
    holds(&early("2026-11-03T08:00:01Z"));
    super::find("BTH-044", &early("2026-11-03T08:00:02Z"));
    // A count of a time that has not come, one that goes back, and one of no campaign.
    let ahead = |time: &str| {
        let mut world = World::new().day();
        world.check_ins(time, 15);
        ended(world)
    };
    holds(&ahead("2026-11-03T08:05:03Z"));
    super::find("BTH-043", &ahead("2026-11-03T08:05:04Z"));
    super::find("BTH-043", &{
        let mut world = World::new().day();
        world.at("2026-11-03T09:00:00Z");
        world.check_ins("2026-11-03T09:00:00Z", 15);
        world.check_ins("2026-11-03T08:59:59Z", 15);
        ended(world)
    });
    super::find("BTH-003", &{
        let mut world = World::new();
        world.check_ins("2026-11-02T06:00:00Z", 0);
        ended(world.day())
    });
}

#[test]
fn a_count_of_an_earlier_time_that_is_logged_late_is_held_against_the_votes_of_that_time() {
    // At the end of the day the authority commits to a count of a minute past eight.
    let mut world = World::new().day();
    world.at("2026-11-03T19:00:00Z");
    world.check_ins("2026-11-03T08:01:00Z", 14);
    super::find("BTH-044", &ended(world));
}
