//! The way of one vote step by step, at times that the test chooses.

use std::sync::Arc;
use std::time::Duration;

use booth::answer::Refusal;
use booth::campaign::Campaign;
use booth::work::Nonce;
use booth_server::voter::{
    ClientError, DriveError, End, Input, Journey, Lie, Output, Question, Record, Refused,
    SetOutError, Wait,
};
use canon::Timestamp;
use service::clock::{Clock as _, SystemClock};

use crate::platform::Platform;
use crate::way::{CHOICE, Diary, Hasty, cast, rules};

/// A vote that is accepted and waits for its batch.
async fn accepted() -> (Arc<Platform>, Record) {
    let platform = Platform::new(rules(2));
    let url = platform.serve().await;
    let diary = Diary::default();
    let way = cast(&platform, &url, 1, CHOICE, &mut Hasty(diary.clone())).await;
    assert!(matches!(way, Err(DriveError::Keep(_))));
    let record = diary.0.lock().unwrap().0.last().unwrap().clone();
    assert!(record.acceptance.is_some());
    (platform, record)
}

fn resumed(platform: &Platform, record: &Record) -> Journey {
    let (campaign, now) = (Arc::clone(&platform.campaign), record.stamped);
    let (journey, outputs) = Journey::resume(campaign, record.clone(), now).unwrap();
    let question = Question::Vote(Box::new(record.request().unwrap()));
    assert_eq!(outputs, [Output::Keep, Output::Ask(question)], "the very same request");
    journey
}

fn later(record: &Record, minutes: u64) -> Timestamp {
    record.stamped.plus_seconds(minutes * 60).unwrap()
}

fn refused(refusal: Refusal) -> Input {
    Input::Vote(Ok(Err(Refused { refusal, retry_after_s: None })))
}

fn silent() -> Input {
    Input::Vote(Err(ClientError::TimedOut(Duration::from_secs(1))))
}

fn end(outputs: &[Output]) -> &End {
    let [Output::End(end)] = outputs else { panic!("{outputs:?}") };
    end
}

#[tokio::test]
async fn who_waits_no_longer_goes_with_what_there_is() {
    let (platform, record) = accepted().await;
    let mut journey = resumed(&platform, &record);
    assert_eq!(end(&journey.step(Input::TimeUp, later(&record, 5))), &End::Waiting);
    let unaccepted = Record { acceptance: None, ..record.clone() };
    let mut journey = resumed(&platform, &unaccepted);
    assert_eq!(end(&journey.step(Input::TimeUp, later(&record, 5))), &End::TimeUp);
    // It left the device, and may be counted.
    let mut journey = resumed(&platform, &unaccepted);
    journey.step(silent(), later(&record, 1));
    assert_eq!(end(&journey.step(Input::TimeUp, later(&record, 5))), &End::Unknown);
}

/// The attack: a platform that accepted a vote waits until its stamp is old, and then knows nothing
/// of it.
#[tokio::test]
async fn a_promise_is_kept_however_old_the_stamp_is() {
    let (platform, record) = accepted().await;
    let refusal = Refusal::VoterStamp;
    for (minutes, refusal) in [(29, refusal), (31, refusal), (600, refusal), (31, Refusal::Voted)] {
        let mut journey = resumed(&platform, &record);
        let outputs = journey.step(refused(refusal), later(&record, minutes));
        assert!(matches!(end(&outputs), End::Lied(Lie::Broken { .. })));
    }
    let unaccepted = Record { acceptance: None, ..record.clone() };
    let mut journey = resumed(&platform, &unaccepted);
    journey.step(silent(), later(&record, 1));
    assert_eq!(end(&journey.step(refused(refusal), later(&record, 31))), &End::Unknown);
    let mut journey = resumed(&platform, &unaccepted);
    let outputs = journey.step(refused(refusal), later(&record, 1));
    assert!(matches!(end(&outputs), End::Refused(_)));
}

#[tokio::test]
async fn waits_grow_to_a_bound_and_the_edges_word_counts() {
    let (platform, record) = accepted().await;
    let mut journey = resumed(&platform, &record);
    let now = record.stamped;
    let wait = |outputs: Vec<Output>| match outputs.as_slice() {
        [Output::AskLater(Question::Vote(_), wait)] => *wait,
        other => panic!("{other:?}"),
    };
    let least: Vec<u128> =
        (0..9).map(|_| wait(journey.step(silent(), now)).least.as_millis()).collect();
    let bound = 32_000;
    assert_eq!(least, [500, 1_000, 2_000, 4_000, 8_000, 16_000, bound, bound, bound]);
    let refusal = Refusal::TooMany { wait_s: 600 };
    let told = Input::Vote(Ok(Err(Refused { refusal, retry_after_s: Some(600) })));
    let expected = Wait { least: Duration::from_mins(10), most: Duration::from_mins(20) };
    assert_eq!(wait(journey.step(told, now)), expected);
    // A number that would send the voter home is bounded, and no number is no hurry.
    for (told, least) in [(u32::MAX, 3_600), (0, 1)] {
        let refused = Refused { refusal: Refusal::Busy, retry_after_s: Some(told) };
        let found = wait(journey.step(Input::Vote(Ok(Err(refused))), now));
        assert_eq!(found.least, Duration::from_secs(least));
    }
}

/// The edge wants to be left alone for longer than the stamp is good: the voter is told so, and has
/// time to fetch another code. What may have been recorded is asked for all the same.
#[tokio::test]
async fn nobody_waits_until_their_stamp_is_too_old() {
    let (platform, record) = accepted().await;
    let wait_s = 40 * 60;
    let too_many = || {
        let refusal = Refusal::TooMany { wait_s };
        Input::Vote(Ok(Err(Refused { refusal, retry_after_s: Some(wait_s) })))
    };
    let unaccepted = Record { acceptance: None, ..record.clone() };
    let mut journey = resumed(&platform, &unaccepted);
    assert!(matches!(end(&journey.step(too_many(), later(&record, 1))), End::Refused(_)));
    let is_asked_later =
        |outputs: Vec<Output>| matches!(outputs.as_slice(), [Output::AskLater(..)]);
    let mut journey = resumed(&platform, &unaccepted);
    journey.step(silent(), later(&record, 1));
    assert!(is_asked_later(journey.step(too_many(), later(&record, 2))), "it may be recorded");
    let mut journey = resumed(&platform, &record);
    assert!(is_asked_later(journey.step(too_many(), later(&record, 2))), "it is recorded");
}

#[tokio::test]
async fn work_that_was_not_begun_in_time_is_not_begun() {
    let (platform, record) = accepted().await;
    let unworked = Record { nonce: None, acceptance: None, ..record.clone() };
    let resume = |minutes| {
        let campaign = Arc::clone(&platform.campaign);
        Journey::resume(campaign, unworked.clone(), later(&record, minutes)).unwrap().1
    };
    assert!(matches!(resume(29).as_slice(), [Output::Keep, Output::Mine(_), Output::Suffice]));
    assert_eq!(end(&resume(30)), &End::TooLate);
}

#[tokio::test]
async fn the_mandate_may_come_before_the_stamp_or_after_the_work() {
    let platform = Platform::new(rules(0));
    let (campaign, now) = (Arc::clone(&platform.campaign), SystemClock.now());
    let (mut journey, outputs) = Journey::new(campaign, CHOICE, now).unwrap();
    assert_eq!(outputs, [Output::Ask(Question::Ballot)]);
    assert_eq!(journey.step(Input::Mandate(Some(platform.mandate(1))), now), []);
    let ballot = platform.campaign.options().to_vec();
    let asked = journey.step(Input::Ballot(Ok(Ok(ballot))), now);
    assert_eq!(asked, [Output::Ask(Question::Stamp)]);
    // After the work: nothing is sent until it is typed.
    let (platform, record) = accepted().await;
    let untyped = Record { nonce: None, mandate: None, acceptance: None, ..record.clone() };
    let campaign = Arc::clone(&platform.campaign);
    let (mut journey, outputs) = Journey::resume(campaign, untyped, record.stamped).unwrap();
    assert!(matches!(outputs.as_slice(), [Output::Keep, Output::Mine(_)]), "no end to the search");
    let worked = Input::Worked(Nonce::from(7));
    assert_eq!(journey.step(worked, record.stamped), [Output::Keep]);
    let outputs = journey.step(Input::Mandate(record.mandate), record.stamped);
    assert!(matches!(outputs.as_slice(), [Output::Keep, Output::Ask(Question::Vote(_))]));
}

#[tokio::test]
async fn a_code_is_not_asked_with_for_longer_than_it_is_good() {
    let platform = Platform::new(rules(0));
    let (campaign, now) = (Arc::clone(&platform.campaign), SystemClock.now());
    let (mut journey, _) = Journey::new(campaign, CHOICE, now).unwrap();
    journey.step(Input::Ballot(Ok(Ok(platform.campaign.options().to_vec()))), now);
    let silent = || Input::Stamp(Err(ClientError::Unreachable("gone".to_owned())));
    let soon = now.plus_seconds(60).unwrap();
    assert!(matches!(journey.step(silent(), soon).as_slice(), [Output::AskLater(..)]));
    let late = now.plus_seconds(61).unwrap();
    assert_eq!(end(&journey.step(silent(), late)), &End::CodeOld);
}

#[test]
fn without_receipt_keys_nobody_sets_out() {
    let platform = Platform::new(rules(0));
    let keyless = platform.text.lines().filter(|line| !line.starts_with("receipt_keys"));
    let keyless = keyless.collect::<Vec<_>>().join("\n");
    let campaign = Arc::new(Campaign::check(toml::from_str(&keyless).unwrap()).unwrap());
    let found = Journey::new(campaign, CHOICE, SystemClock.now()).map(|_| ());
    assert_eq!(found, Err(SetOutError::NoKeys));
}
