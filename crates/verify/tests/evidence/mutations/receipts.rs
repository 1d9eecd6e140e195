//! BTH: receipts and acceptances, and records where none belong.

use booth::stamp::VoterStamp;
use booth::vote::Vote;
use booth::work::Nonce;
use canon::base64;
use serde_json::{Value, json};
use testkit::platform::{END, Platform, worked};

use super::Case;
use crate::world::{HOLDER, World};

mutations! {
    a_receipt_that_nobody_signed: "BTH-031", day(|platform| {
        let other = Platform::new("other");
        record(platform, None, Some(other.receipt(&[None, None, None])))
    });
    a_receipt_with_a_line_that_is_not_listed: "BTH-032", day(|platform| {
        let stranger = platform.vote("Shiny Saturn").stamp;
        let stamps = [Some(platform.cast[0].0.stamp), Some(stranger), None];
        record(platform, None, Some(platform.receipt(&stamps)))
    });
    a_list_among_the_files_of_a_manifest: "BTH-034", {
        let mut world = World::new().day();
        let votes = world.platform.votes.clone();
        world.election.manifest(HOLDER, &[("day.txt", "text", &votes)]);
        world.ended_with_lists()
    };
    a_vote_listed_with_another_nonce: "BTH-042", day(|platform| {
        let vote = platform.cast[0].0.clone();
        let other = worked(Vote { nonce: Nonce::from(0), ..vote.clone() }, 0);
        assert_ne!(other.nonce, vote.nonce);
        whole(platform, &other)
    });
    an_accepted_vote_of_a_shard_that_is_left_out: "BTH-047", left_out(0, |platform| {
        let stamp = platform.vote("Shiny Saturn").stamp;
        record(platform, Some(stamp), None)
    });
    an_accepted_vote_that_is_not_listed: "BTH-033", day(|platform| {
        let stamp = platform.vote("Shiny Saturn").stamp;
        record(platform, Some(stamp), None)
    });
}

/// A day at whose end a shard is left out, with a voter's record of that shard or another.
fn left_out(shard: u64, make: impl FnOnce(&mut Platform) -> Value) -> Case {
    let mut world = World::two_shards();
    let record = make(&mut world.platform);
    super::booth::without_of(world, shard)
        .with(|options| options.receipts = vec![serde_json::to_vec(&record).unwrap()])
}

/// An honest day with a voter's record.
fn day(make: impl FnOnce(&mut Platform) -> Value) -> Case {
    let mut world = World::new().day();
    let record = make(&mut world.platform);
    world
        .ended_with_lists()
        .with(|options| options.receipts = vec![serde_json::to_vec(&record).unwrap()])
}

/// The record of a voter's device, as far as it is signed.
fn record(
    platform: &Platform,
    accepted: Option<VoterStamp>,
    receipt: Option<(booth::receipt::Receipt, Vec<u8>)>,
) -> Value {
    let stamp = accepted.unwrap_or(platform.cast[0].0.stamp);
    let mut record = json!({
        "form": "scrutineer/vote-record/v1", "stamp": stamp.to_string(), "say": "Bold Jupiter",
    });
    if accepted.is_some() {
        let (acceptance, signature) = platform.acceptance(stamp);
        let place = acceptance.place.to_string();
        record["accepted"] = json!({"place": place, "signature": base64::encode(&signature)});
    }
    if let Some((receipt, signature)) = receipt {
        record["receipt"] = json!({
            "place": receipt.place.to_string(),
            "lines": receipt.lines,
            "signature": base64::encode(&signature),
        });
    }
    record
}

/// An accepted record with all of a vote.
fn whole(platform: &Platform, vote: &Vote) -> Value {
    let mut record = record(platform, Some(vote.stamp), None);
    let line = vote.line();
    let mut fields = line.split(' ');
    for name in ["p_utc", "p_sig", "stamp", "nonce"] {
        record[name] = json!(fields.next().unwrap());
    }
    record["say"] = json!(vote.say);
    record
}

#[test]
fn a_whole_record_of_a_listed_vote_holds() {
    let case = day(|platform| whole(platform, &platform.cast[0].0));
    let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
    assert_eq!(report.exit_code, 0, "{:?}", report.findings);
}

#[test]
fn receipts_that_were_kept_hold() {
    let case = day(|platform| {
        let stamps = [0, 1].map(|at| Some(platform.cast[at].0.stamp));
        let receipt = platform.receipt(&[stamps[0], stamps[1], None]);
        record(platform, stamps[0], Some(receipt))
    });
    let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
    assert_eq!(report.exit_code, 0, "{:?}", report.findings);
    assert!(report.checks.iter().any(|line| line.what == "1 receipt"));
}

#[test]
fn a_stamp_under_another_option_is_no_kept_receipt() {
    let case = day(|platform| {
        let stamps = [Some(platform.cast[1].0.stamp), None, None];
        record(platform, None, Some(platform.receipt(&stamps)))
    });
    let report = super::find("BTH-032", &case);
    assert_eq!(report.findings[0].found, "another option");
}

#[test]
fn while_voting_goes_on_a_missing_line_is_no_misconduct() {
    let mut world = World::new().day();
    let stranger = world.platform.vote("Bold Jupiter").stamp;
    let record = record(&world.platform, Some(stranger), None);
    world.at(END);
    world.reveal();
    let world = world.closed();
    let lists = verify::Lists::new(world.lists());
    let case = Case::whole(&world.election).with(|options| {
        options.lists = Some(lists);
        options.receipts = vec![serde_json::to_vec(&record).unwrap()];
    });
    let report = super::find("BTH-015", &case);
    assert!(!report.has("BTH-033") && !report.has("BTH-031"), "{:?}", report.findings);
    assert!(report.not_checked.iter().any(|text| text.contains("only the signatures")));
}

/// Leaving a shard out excuses what is missing of it, and nothing else.
#[test]
fn a_shard_that_is_left_out_answers_for_what_stands_in_the_lists() {
    let stranger = |platform: &mut Platform| platform.vote("Bold Jupiter").stamp;
    // A line of a receipt that is missing.
    let report = super::find(
        "BTH-047",
        &left_out(0, |platform| {
            let stamps = [Some(stranger(platform)), None, None];
            record(platform, None, Some(platform.receipt(&stamps)))
        }),
    );
    assert!(!report.has("BTH-032") && report.exit_code == 2, "{:?}", report.findings);
    // One that stands there with another option.
    let moved = |platform: &mut Platform| {
        let stamps = [Some(platform.cast[1].0.stamp), None, None];
        record(platform, None, Some(platform.receipt(&stamps)))
    };
    let report = super::find("BTH-032", &left_out(0, moved));
    assert!(!report.has("BTH-047") && report.exit_code == 1, "{:?}", report.findings);
    // The receipt key of shard 0 signed, and another shard is left out.
    let report = super::find(
        "BTH-033",
        &left_out(1, |platform| {
            let stamp = stranger(platform);
            record(platform, Some(stamp), None)
        }),
    );
    assert!(!report.has("BTH-047") && report.exit_code == 1, "{:?}", report.findings);
}
