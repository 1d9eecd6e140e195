//! Platforms that lie, each in one way, and edges that are rude.

use std::sync::Arc;
use std::time::Duration;

use booth::answer::{Answer, Refusal};
use booth::campaign::{Period, Shard, to_header};
use booth::receipt::{Acceptance, AcceptanceFault, Place, Receipt, ReceiptFault};
use booth::request::VoteRequest;
use booth::stamp::VoterStamp;
use booth_server::voter::{Arrival, Client, ClientError, End, Errand, Lie, Patience, Refused};
use canon::{PrivateKey, Timestamp};

use crate::platform::{Act, Call, Platform, key};
use crate::way::{CHOICE, client, go, rules};

/// What a voter meets whose vote request is answered so, by an edge that lies in nothing else.
async fn told(
    platform: &Arc<Platform>,
    answer: impl Fn(&Platform, &VoteRequest, usize) -> Answer + Send + 'static,
) -> Lie {
    let liar = Arc::clone(platform);
    let mut count = 0;
    platform.play(move |call, judge| {
        if !call.is_vote() {
            return Act::Answer(judge());
        }
        count += 1;
        Act::Answer(answer(&liar, &request(call), count))
    });
    let (Arrival { end, record }, diary) = go(platform).await;
    let End::Lied(lie) = end else { panic!("{end:?}") };
    // What does not hold is never kept as if it did.
    let kept = &diary.0.lock().unwrap().0;
    assert!(kept.iter().all(|record| record.receipt.is_none()));
    let evidence = lie.evidence(&platform.campaign, record.as_ref()).to_string();
    let mandate = record.unwrap().mandate.unwrap();
    for secret in [mandate.token(), mandate.fields()[2].clone()] {
        assert!(!evidence.contains(&secret), "the mandate is nobody else's affair");
    }
    lie
}

fn request(call: &Call) -> VoteRequest {
    let headers = call.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    VoteRequest::parse(&call.path, headers).unwrap()
}

fn place(platform: &Platform, request: &VoteRequest, batch: u64) -> Place {
    Place { shard: platform.campaign.shard_of(request.mandate.id()), batch }
}

fn own_key<'a>(platform: &'a Platform, request: &VoteRequest) -> &'a PrivateKey {
    platform.receipt_key(usize::from(place(platform, request, 0).shard.0))
}

fn accepted(platform: &Platform, request: &VoteRequest, batch: u64, by: &PrivateKey) -> Answer {
    let (place, stamp) = (place(platform, request, batch), request.vote.stamp);
    let campaign = platform.campaign.name().to_owned();
    Acceptance { campaign, place, stamp }.answer(by).unwrap()
}

/// A receipt that shows the stamps that are said, in the ballot's order.
fn receipt(
    platform: &Platform,
    place: Place,
    by: &PrivateKey,
    stamps: impl Fn(&str) -> Option<VoterStamp>,
) -> Answer {
    let lines = platform.campaign.options().iter().map(|option| {
        let stamp = stamps(option).map_or_else(|| "-".to_owned(), |stamp| stamp.to_string());
        format!("{stamp} {}", to_header(option))
    });
    let campaign = platform.campaign.name().to_owned();
    Receipt { campaign, place, lines: lines.collect() }.answer(by).unwrap()
}

#[tokio::test]
async fn a_receipt_with_the_own_stamp_elsewhere() {
    let platform = Platform::new(rules(0));
    let lie = told(&platform, |platform, request, _| {
        let own = request.vote.stamp;
        receipt(platform, place(platform, request, 0), own_key(platform, request), |_| Some(own))
    });
    let Lie::Receipt { fault, signed } = lie.await else { panic!("another lie") };
    assert_eq!(fault, ReceiptFault::OwnElsewhere);
    assert!(Lie::Receipt { fault, signed }.is_proof(), "it is signed");
}

#[tokio::test]
async fn a_receipt_without_the_own_stamp() {
    let platform = Platform::new(rules(0));
    let lie = told(&platform, |platform, request, _| {
        let (place, key) = (place(platform, request, 0), own_key(platform, request));
        receipt(platform, place, key, |_| None)
    });
    let fault = ReceiptFault::NotOwn;
    assert!(matches!(lie.await, Lie::Receipt { fault: found, .. } if found == fault));
}

#[tokio::test]
async fn a_receipt_by_another_key_or_of_another_shard() {
    let honest = |request: &VoteRequest| {
        let own = request.vote.stamp;
        move |option: &str| (option == CHOICE).then_some(own)
    };
    let platform = Platform::new(rules(0));
    let foreign = told(&platform, move |platform, request, _| {
        receipt(platform, place(platform, request, 0), &key(99), honest(request))
    });
    let Lie::Receipt { fault, signed } = foreign.await else { panic!("another lie") };
    assert_eq!(fault, ReceiptFault::Signature);
    assert!(!Lie::Receipt { fault, signed }.is_proof(), "anybody could have signed it");
    // The key of the right shard, over a place in the other one.
    let platform = Platform::new(rules(0));
    let moved = told(&platform, move |platform, request, _| {
        let Place { shard, batch } = place(platform, request, 0);
        let place = Place { shard: Shard(1 - shard.0), batch };
        receipt(platform, place, own_key(platform, request), honest(request))
    });
    assert!(matches!(moved.await, Lie::Receipt { .. }));
}

#[tokio::test]
async fn an_acceptance_by_another_key_or_for_another_stamp() {
    let platform = Platform::new(rules(2));
    let lie = told(&platform, |platform, request, _| accepted(platform, request, 0, &key(99)));
    let fault = AcceptanceFault::Signature;
    assert!(matches!(lie.await, Lie::Acceptance { fault: found, .. } if found == fault));
    let platform = Platform::new(rules(2));
    let lie = told(&platform, |platform, request, _| {
        let mut other = request.clone();
        other.vote.stamp = VoterStamp::from_bytes([7; 20]);
        accepted(platform, &other, 0, own_key(platform, request))
    });
    let fault = AcceptanceFault::NotOwn;
    assert!(matches!(lie.await, Lie::Acceptance { fault: found, .. } if found == fault));
}

#[tokio::test]
async fn an_acceptance_that_is_broken() {
    let platform = Platform::new(rules(2));
    let lie = told(&platform, |platform, request, count| match count {
        1 => accepted(platform, request, 3, own_key(platform, request)),
        _ => Refusal::Voted.into(),
    });
    let lie = lie.await;
    let refused = Refused { refusal: Refusal::Voted, retry_after_s: None };
    let Lie::Broken { accepted: signed, refused: found } = &lie else { panic!("{lie:?}") };
    assert_eq!((signed.acceptance.place.batch, *found), (3, refused));
    let evidence = lie.evidence(&platform.campaign, None);
    assert_eq!(evidence["acceptances"][0]["signed"], signed.acceptance.signed_text());
    assert!(!evidence.to_string().contains(CHOICE), "the promise does not say the option");
}

#[tokio::test]
async fn a_vote_that_is_promised_for_two_batches_or_published_in_a_later_one() {
    let platform = Platform::new(rules(2));
    let lie = told(&platform, |platform, request, count| {
        accepted(platform, request, count as u64, own_key(platform, request))
    });
    assert!(matches!(lie.await, Lie::TwoPlaces { .. }));
    let platform = Platform::new(rules(2));
    let lie = told(&platform, |platform, request, count| {
        let (own, key) = (request.vote.stamp, own_key(platform, request));
        match count {
            1 => accepted(platform, request, 3, key),
            _ => receipt(platform, place(platform, request, 4), key, |option| {
                (option == CHOICE).then_some(own)
            }),
        }
    });
    assert!(matches!(lie.await, Lie::Moved { .. }));
}

#[tokio::test]
async fn a_list_that_differs_from_the_campaign() {
    type Change = fn(&mut Vec<(String, String)>);
    let changes: [Change; 3] = [
        |lines| lines[1].1 = "Shiny Satern".to_owned(),
        |lines| drop(lines.pop()),
        |lines| lines.push(("Say05".to_owned(), "Planet X".to_owned())),
    ];
    for change in changes {
        let platform = Platform::new(rules(0));
        platform.play(move |call, judge| {
            let mut answer = judge();
            if call.path == "/list" {
                change(&mut answer.headers);
            }
            Act::Answer(answer)
        });
        let (arrival, _) = go(&platform).await;
        assert!(matches!(arrival.end, End::Lied(Lie::Ballot { .. })), "{:?}", arrival.end);
        assert_eq!(platform.calls.lock().unwrap().len(), 1, "nothing else was asked");
    }
}

#[tokio::test]
async fn a_stamp_of_another_period_would_mark_the_voter() {
    let platform = Platform::new(rules(0));
    let start = platform.campaign.start().unix();
    for moved in [start - 86_400, start + 1, start + 86_400] {
        platform.play(move |call, judge| {
            let mut answer = judge();
            if call.path == "/stamp" {
                answer.headers[0].1 = moved.to_string();
            }
            Act::Answer(answer)
        });
        let found = Period::beginning(Timestamp::from_unix(moved).unwrap());
        let (arrival, _) = go(&platform).await;
        assert_eq!(arrival.end, End::Lied(Lie::Period { found }));
    }
    assert!(platform.calls.lock().unwrap().iter().all(|call| !call.is_vote()));
}

#[tokio::test]
async fn endless_headers_and_silence_cost_the_voter_little() {
    let platform = Platform::new(rules(0));
    let url = platform.serve().await;
    platform.play(|_, _| Act::Endless);
    let found = client(&url).list().await.unwrap_err();
    assert_eq!(found, ClientError::Form("an answer"));
    assert!(!found.is_passing(), "it would come again");
    platform.play(|_, _| Act::Hang);
    let patience = Patience { answer: Duration::from_millis(50), ..Patience::default() };
    let hasty = Client::new(&url, None, patience).unwrap();
    let found = hasty.list().await.unwrap_err();
    assert_eq!(found, ClientError::TimedOut(patience.answer));
    assert!(found.is_passing());
    platform.play(|_, judge| {
        let mut answer = judge();
        answer.headers.extend((0..300).map(|number| (format!("X-{number}"), "1".to_owned())));
        Act::Answer(answer)
    });
    assert_eq!(client(&url).list().await.unwrap_err(), ClientError::Form("an answer"));
}

#[tokio::test]
async fn answers_that_are_none_of_the_interface() {
    let platform = Platform::new(rules(0));
    let url = platform.serve().await;
    let answer = |status, headers: &[(&str, &str)]| {
        let headers =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Answer { status, headers, max_age_s: None, retry_after_s: None }
    };
    let redirected = answer(302, &[("Location", "http://127.0.0.1:1/list")]);
    platform.play(move |_, _| Act::Answer(redirected.clone()));
    assert_eq!(client(&url).list().await, Err(ClientError::Status(302)));
    let half = answer(204, &[("P-UTC", "1762153200"), ("voter", "AAKQ")]);
    platform.play(move |_, _| Act::Answer(half.clone()));
    let stamp = client(&url).get(Errand::Stamp, "/stamp", Vec::new()).await;
    assert_eq!(stamp.unwrap().status(), 204);
    let stamp = client(&url).stamp(Some(platform.code()), None).await;
    assert_eq!(stamp, Err(ClientError::Form("two stamps")));
}
