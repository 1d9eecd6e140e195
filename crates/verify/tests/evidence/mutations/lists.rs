//! BTH: the two lists of a campaign.

use artifact::payload::Snapshot;
use artifact::payload::platform::ListState;
use booth::mandate::Mandate;
use booth::vote::Vote;
use booth::work::Nonce;
use canon::Digest;
use testkit::platform::{END, Platform, Told, sorted, worked};
use verify::Lists;

use super::Case;
use crate::world::{HOLDER, VOTES, World};

mutations! {
    a_list_that_nobody_has: "BTH-017", {
        let mut lists = artifact::bundle::MemorySource::new();
        lists.insert(VOTES, World::new().day().platform.votes);
        let mut case = World::new().day().ended_with_lists();
        case.options.lists = Some(Lists::new(lists));
        case
    };
    a_list_that_was_cut_off: "BTH-018", shown(|votes| {
        votes.truncate(votes.len() - 1);
        let end = votes.iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        votes.truncate(end);
    });
    a_vote_behind_the_last_snapshot: "BTH-019", shown(|votes| {
        votes.extend(Platform::new("other").vote("Bold Jupiter").line().into_bytes());
    });
    a_digest_of_another_list: "BTH-020", {
        let mut world = World::new().day();
        world.at(END);
        let last = world.platform.snapshot(Told::Digests, true);
        let digest = Some(Digest::of(b"another list"));
        let votes = ListState { digest, ..last.votes.clone() };
        world.log(&Snapshot { votes, ..last });
        world.reveal();
        let world = world.closed();
        let lists = Lists::new(world.lists());
        Case::whole(&world.election).with(|options| options.lists = Some(lists))
    };
    a_line_that_is_no_vote: "BTH-021", {
        let mut world = World::new().day();
        world.platform.votes.extend(b"Bold Jupiter\n");
        let line = world.platform.mandate().voters_line();
        world.platform.voters.extend(line.into_bytes());
        world.ended_with_lists()
    };
    lines_in_the_order_in_which_people_came: "BTH-022", {
        let mut world = World::new().day();
        let votes = ["Bold Jupiter", "Shiny Saturn"].map(|say| world.platform.vote(say).line());
        let mut lines = String::from_utf8(sorted(votes.to_vec())).unwrap();
        let second = lines.split_off(lines.find('\n').unwrap() + 1);
        world.platform.votes.extend((second + &lines).into_bytes());
        let voters = [(); 2].map(|()| world.platform.mandate().voters_line());
        world.platform.voters.extend(sorted(voters.to_vec()));
        world.ended_with_lists()
    };
    a_mandate_of_another_authority: "BTH-023", with(|_, _, mandate| {
        *mandate = Platform::new("other").mandate();
    });
    a_mandate_with_a_changed_signature: "BTH-024", with(|_, _, mandate| {
        let mut signature = *mandate.signature();
        signature[63] ^= 1;
        *mandate = Mandate::from_parts(mandate.id().authority, signature, mandate.id().id);
    });
    one_mandate_in_two_snapshots: "BTH-025", with(|platform, _, mandate| {
        *mandate = platform.cast[0].1;
    });
    a_vote_under_a_decoy: "BTH-026", with(|platform, vote, _| {
        *vote = platform.vote_at("Bold Jupiter", platform.campaign.start, false);
    });
    a_vote_of_no_stamp_period: "BTH-027", with(|platform, vote, _| {
        let at = platform.campaign.start.saturating_plus_seconds(1);
        *vote = platform.vote_at("Bold Jupiter", at, true);
    });
    two_voters_shown_one_stamp: "BTH-028", with(|platform, vote, _| {
        vote.stamp = platform.cast[0].0.stamp;
        *vote = worked(vote.clone(), platform.campaign.work_bits);
    });
    a_vote_under_a_copied_platform_stamp: "BTH-039", with(|platform, vote, _| {
        vote.platform = platform.cast[0].0.platform;
        *vote = worked(vote.clone(), platform.campaign.work_bits);
    });
    a_vote_without_work: "BTH-029", with(|platform, vote, _| {
        let bits = platform.campaign.work_bits;
        let idle = |nonce: &Nonce| u64::from(vote.puzzle().score(nonce)) < bits;
        vote.nonce = (0_u64..9999).map(Nonce::from).find(idle).unwrap();
    });
    a_vote_for_what_is_not_on_the_ballot: "BTH-030", with(|platform, vote, _| {
        *vote = platform.vote("Fat Neptune");
    });
}

/// An honest day of which another list of votes is shown than was committed to.
fn shown(change: impl FnOnce(&mut Vec<u8>)) -> Case {
    let mut world = World::new().day().evening();
    world.reveal();
    let mut world = world.closed();
    change(&mut world.platform.votes);
    let lists = Lists::new(world.lists());
    Case::whole(&world.election).with(|options| options.lists = Some(lists))
}

/// A day whose last snapshot adds one vote and its voter, after a change.
fn with(change: impl FnOnce(&mut Platform, &mut Vote, &mut Mandate)) -> Case {
    let mut world = World::new().day();
    let (mut vote, mut mandate) = (world.platform.vote("Bold Jupiter"), world.platform.mandate());
    change(&mut world.platform, &mut vote, &mut mandate);
    world.platform.add(vec![(vote, mandate)]);
    world.ended_with_lists()
}

#[test]
fn a_vote_dropped_added_or_replaced_behind_the_log_is_found() {
    let line = |votes: &[u8]| votes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let dropped = shown(|votes| {
        votes.drain(..line(votes));
    });
    let report = super::find("BTH-020", &dropped);
    assert!(report.has("BTH-018"), "{:?}", report.findings);
    let other = || Platform::new("solar").vote("Humble Pluto").line().into_bytes();
    let added = shown(|votes| {
        votes.splice(..0, other());
    });
    let report = super::find("BTH-020", &added);
    assert!(report.has("BTH-019"), "{:?}", report.findings);
    let replaced = shown(|votes| {
        votes.splice(..line(votes), other());
    });
    // The three snapshots that have the record, and none before.
    assert_eq!(super::find("BTH-020", &replaced).finding_counts["BTH-020"], 3);
}

#[test]
fn sizes_in_bytes_are_held_against_the_list_too() {
    let mut world = World::new().day();
    world.at(END);
    let last = world.platform.snapshot(Told::Digests, true);
    let bytes = last.voters.bytes.map(|bytes| bytes + 1);
    let voters = ListState { bytes, ..last.voters.clone() };
    world.election.submit(&Snapshot { voters, ..last }, &[HOLDER]);
    world.reveal();
    let world = world.closed();
    let lists = Lists::new(world.lists());
    let case = Case::whole(&world.election).with(|options| options.lists = Some(lists));
    assert_eq!(super::find("BTH-020", &case).finding_counts["BTH-020"], 1);
}

#[test]
fn a_crowd_is_counted_by_stamp_period() {
    let mut world = World::new();
    world.platform.campaign.stamp_period_s = 3600;
    world.campaign();
    world.at("2026-11-03T08:30:00Z");
    let late = world.platform.campaign.start.saturating_plus_seconds(3600);
    let mut batch: Vec<_> = Vec::new();
    for (say, period) in
        [("Bold Jupiter", None), ("Shiny Saturn", None), ("Humble Pluto", Some(late))]
    {
        let period = period.unwrap_or(world.platform.campaign.start);
        batch.push((world.platform.vote_at(say, period, true), world.platform.mandate()));
    }
    world.platform.add(batch);
    world.snapshot();
    let report = super::find("BTH-012", &world.ended_with_lists());
    assert_eq!(report.finding_counts.into_iter().collect::<Vec<_>>(), [("BTH-012", 1)]);
}

/// The attack: half a crowd of each of two shards, so that there are k in all. Everybody can tell
/// the shard of a mandate, so each voter stands among half as many as promised.
#[test]
fn a_crowd_is_counted_by_shard() {
    let of_shards = |shards: &[u64]| {
        let mut world = World::two_shards();
        let batch = shards
            .iter()
            .map(|shard| (world.platform.vote("Bold Jupiter"), world.platform.mandate_of(*shard)));
        let batch = batch.collect();
        world.platform.add(batch);
        let index = world.snapshot().index;
        (index, world.ended_with_lists())
    };
    let (index, case) = of_shards(&[0, 1, 1]);
    let report = super::find("BTH-012", &case);
    assert_eq!(report.finding_counts.into_iter().collect::<Vec<_>>(), [("BTH-012", 1)]);
    let finding = &report.findings[0];
    assert_eq!((finding.index, finding.found.as_str()), (Some(index), "1 of shard 0"));
    for shards in [&[0, 0, 0][..], &[1, 0, 1, 0, 1, 0]] {
        let (_, case) = of_shards(shards);
        let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
        assert_eq!(report.exit_code, 0, "{shards:?}: {:?}", report.findings);
    }
    // What is left at the close may be fewer.
    let mut world = World::two_shards();
    let last = (world.platform.vote("Bold Jupiter"), world.platform.mandate_of(1));
    world.platform.add(vec![last]);
    let case = world.ended_with_lists();
    let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
    assert_eq!(report.exit_code, 0, "{:?}", report.findings);
}

#[test]
fn a_period_counts_from_when_it_has_begun() {
    let mut world = World::new();
    world.platform.campaign.stamp_period_s = 3600;
    world.campaign();
    world.at("2026-11-03T07:30:00Z");
    let later = world.platform.campaign.start.saturating_plus_seconds(3600);
    let batch = [(); 3]
        .map(|()| (world.platform.vote_at("Bold Jupiter", later, true), world.platform.mandate()));
    world.platform.add(batch.to_vec());
    world.snapshot();
    let report = super::find("BTH-027", &world.ended_with_lists());
    assert_eq!(report.finding_counts["BTH-027"], 3);
}
