//! The whole way, with edges that answer, that stumble, and devices that crash.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use booth::answer::{Answer, Refusal};
use booth::mandate::Mandate;
use booth::vote::{Found, find};
use booth_server::voter::{
    Arrival, Client, Companion, DriveError, End, KeptRecord, News, Pace, Patience, Plan, Record,
    resume, vote,
};
use service::clock::SystemClock;

use crate::platform::{Act, Platform, Rules};

pub(crate) const CHOICE: &str = "Shiny Saturn";

/// Keeps every record, and the news.
#[derive(Debug, Default, Clone)]
pub(crate) struct Diary(pub(crate) Arc<Mutex<(Vec<Record>, Vec<News>)>>);

impl Companion for Diary {
    fn keep(&mut self, record: &Record) -> io::Result<()> {
        self.0.lock().unwrap().0.push(record.clone());
        Ok(())
    }

    fn tell(&mut self, news: News) {
        self.0.lock().unwrap().1.push(news);
    }
}

pub(crate) const PACE: Pace = Pace {
    work_bits: 0,
    threads: 1,
    longest: Duration::from_millis(5),
    limit: Duration::from_mins(2),
    receipt: Duration::from_mins(2),
};

pub(crate) fn client(url: &str) -> Client {
    let patience = Patience { connect: Duration::from_secs(20), answer: Duration::from_secs(20) };
    Client::new(url, None, patience).unwrap()
}

pub(crate) fn plan(platform: &Platform) -> Plan {
    Plan { code: Some(platform.code()), station: None, pace: PACE }
}

/// Votes by a mandate, for an option.
pub(crate) async fn cast(
    platform: &Platform,
    url: &str,
    number: u32,
    say: &str,
    companion: &mut dyn Companion,
) -> Result<Arrival, DriveError> {
    let mandate = std::future::ready(Some(platform.mandate(number)));
    let (campaign, plan) = (Arc::clone(&platform.campaign), plan(platform));
    vote(&client(url), &SystemClock, campaign, say, plan, mandate, companion).await
}

/// Votes by mandate 1.
pub(crate) async fn go(platform: &Arc<Platform>) -> (Arrival, Diary) {
    let url = platform.serve().await;
    let mut diary = Diary::default();
    let arrival = cast(platform, &url, 1, CHOICE, &mut diary).await;
    (arrival.unwrap(), diary)
}

pub(crate) fn rules(k: u32) -> Rules {
    Rules { k, work_bits: 8, shards: 2, is_remote: false }
}

fn published(platform: &Platform, record: &Record) -> Found {
    let (votes, voters) = platform.lists();
    let mandate = record.mandate.unwrap();
    let own = voters.iter().filter(|line| **line == mandate.voters_line()).count();
    assert_eq!((own, votes.len()), (1, voters.len()));
    find(&record.vote().unwrap(), votes.iter().map(String::as_str))
}

#[tokio::test]
async fn with_k_of_0_the_receipt_comes_at_once() {
    let platform = Platform::new(rules(0));
    let (arrival, diary) = go(&platform).await;
    assert_eq!(arrival.end, End::Received);
    let record = arrival.record.unwrap();
    assert_eq!(record.say, CHOICE);
    assert!(record.vote().unwrap().score() >= 8);
    assert_eq!(record.receipt.as_ref().unwrap().receipt.lines.len(), 4);
    assert_eq!(published(&platform, &record), Found::AsCast);
    let calls: Vec<String> =
        platform.calls.lock().unwrap().iter().map(|call| call.path.clone()).collect();
    let nonce = record.nonce.unwrap();
    assert_eq!(calls, ["/list".to_owned(), "/stamp".to_owned(), format!("/{nonce}")]);
    // The stamp was kept before the work, the whole request before it was sent.
    let kept = diary.0.lock().unwrap().0.clone();
    assert!(kept[0].nonce.is_none());
    assert!(kept.iter().any(|one| one.request().is_some() && one.receipt.is_none()));
    assert_eq!(kept.last().unwrap(), &record);
}

#[tokio::test]
async fn only_the_six_digits_leave_the_device() {
    let platform = Platform::new(rules(0));
    go(&platform).await;
    let calls = platform.calls.lock().unwrap();
    let sent = calls.iter().find_map(|call| call.header("totp")).unwrap();
    assert_eq!(sent.len(), 6);
}

/// Goes away as soon as the vote is accepted, or published.
pub(crate) struct Hasty(pub(crate) Diary);

impl Companion for Hasty {
    fn keep(&mut self, record: &Record) -> io::Result<()> {
        self.0.keep(record)?;
        let is_in = record.acceptance.is_some() || record.receipt.is_some();
        if is_in { Err(io::Error::other("gone")) } else { Ok(()) }
    }

    fn tell(&mut self, _: News) {}
}

/// Others vote, so that the batch can be cut.
async fn others(platform: &Arc<Platform>, url: &str, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let way = cast(platform, url, number, CHOICE, &mut Hasty(Diary::default())).await;
        assert!(matches!(way, Err(DriveError::Keep(_))));
    }
}

#[tokio::test]
async fn with_k_of_2_an_acceptance_comes_first_and_the_receipt_with_the_batch() {
    let platform = Platform::new(Rules { shards: 1, ..rules(2) });
    // The others come when the first acceptance is out.
    let helper = Arc::clone(&platform);
    let (tell, told) = tokio::sync::oneshot::channel();
    let mut tell = Some(tell);
    platform.play(move |call, judge| {
        let answer = judge();
        if call.is_vote() && answer.status == 202 {
            let _ = tell.take().map(|tell| tell.send(()));
        }
        Act::Answer(answer)
    });
    let url = platform.serve().await;
    let crowd = tokio::spawn(async move {
        told.await.unwrap();
        others(&helper, &url, 2..6).await;
    });
    let (arrival, diary) = go(&platform).await;
    crowd.await.unwrap();
    assert_eq!(arrival.end, End::Received);
    let record = arrival.record.unwrap();
    let accepted = record.acceptance.clone().unwrap().acceptance.place;
    assert!(record.receipt.as_ref().unwrap().receipt.place.batch <= accepted.batch);
    assert_eq!(published(&platform, &record), Found::AsCast);
    let news = diary.0.lock().unwrap().1.clone();
    assert!(news.contains(&News::Accepted(accepted)));
    assert!(news.iter().any(|one| matches!(one, News::Waiting(_))));
    // Always the very same request.
    let calls = platform.calls.lock().unwrap();
    let own: Vec<_> = calls
        .iter()
        .filter(|call| call.path == record.request().unwrap().path())
        .map(|call| {
            let fields = booth::request::HEADERS.map(|name| call.header(name).map(str::to_owned));
            (call.path.clone(), fields)
        })
        .collect();
    assert!(own.len() > 1);
    assert!(own.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn stumbling_edges_are_asked_again_until_the_vote_is_in() {
    let platform = Platform::new(rules(0));
    let mut count = 0;
    platform.play(move |call, judge| {
        count += 1;
        let busy = Answer::from(Refusal::Busy);
        match (call.path.as_str(), count) {
            ("/list", 1) | ("/stamp", 4) => Act::Answer(Answer { status: 502, ..busy }),
            ("/list", 2) | ("/stamp", 5) | (_, 10) => Act::Drop,
            ("/stamp", 6) | (_, 8) => Act::Answer(busy),
            (_, 9) => Act::Answer(Refusal::TooMany { wait_s: 600 }.into()),
            // Recorded, and the answer lost.
            (_, 11) => {
                assert_eq!(judge().status, 204);
                Act::Drop
            }
            (_, 12) => Act::Answer(Answer { status: 500, ..busy }),
            _ => Act::Answer(judge()),
        }
    });
    let (arrival, _) = go(&platform).await;
    assert_eq!(arrival.end, End::Received);
    assert_eq!(published(&platform, &arrival.record.unwrap()), Found::AsCast);
    assert_eq!(platform.lists().0.len(), 1, "counted once");
}

#[tokio::test]
async fn a_wrong_code_is_told_with_the_mandate_and_nothing_is_counted() {
    let platform = Platform::new(rules(0));
    let url = platform.serve().await;
    let codes = booth::totp::Codes::at(&platform.totp, service::clock::Clock::now(&SystemClock));
    let wrong = (0..9).map(|number| format!("00000{number}").parse().unwrap());
    let wrong = wrong.into_iter().find(|code| !bool::from(codes.accept(*code))).unwrap();
    let plan = Plan { code: Some(wrong), ..plan(&platform) };
    let mandate = std::future::ready(Some(platform.mandate(1)));
    let campaign = Arc::clone(&platform.campaign);
    let mut diary = Diary::default();
    let client = client(&url);
    let way = vote(&client, &SystemClock, campaign, CHOICE, plan, mandate, &mut diary);
    let arrival = way.await.unwrap();
    let End::Refused(refused) = arrival.end else { panic!("{:?}", arrival.end) };
    assert_eq!(refused.refusal, Refusal::PlatformStamp);
    assert_eq!(platform.lists().0.len(), 0);
}

#[tokio::test]
async fn what_the_device_knows_to_be_refused_is_not_sent() {
    let platform = Platform::new(rules(0));
    let url = platform.serve().await;
    let foreign = Mandate::issue(&crate::platform::key(7), [3; 24]).unwrap();
    let own = platform.mandate(1);
    let broken = Mandate::from_parts(own.id().authority, *own.signature(), [5; 24]);
    for (mandate, refusal) in [(foreign, Refusal::Authority), (broken, Refusal::Signature)] {
        let mandate = std::future::ready(Some(mandate));
        let (campaign, plan) = (Arc::clone(&platform.campaign), plan(&platform));
        let mut diary = Diary::default();
        let client = client(&url);
        let way = vote(&client, &SystemClock, campaign, CHOICE, plan, mandate, &mut diary);
        assert_eq!(way.await.unwrap().end, End::refused_here(refusal));
    }
    let campaign = Arc::clone(&platform.campaign);
    let (mandate, plan) = (std::future::ready(None), plan(&platform));
    let (client, mut diary) = (client(&url), Diary::default());
    let way = vote(&client, &SystemClock, campaign, "Planet X", plan, mandate, &mut diary);
    assert!(matches!(way.await, Err(DriveError::SetOut(_))));
    assert!(platform.calls.lock().unwrap().iter().all(|call| !call.is_vote()));
}

/// Stops the way at the n-th record that is kept, as a crash would.
struct Crash(usize, Diary);

impl Companion for Crash {
    fn keep(&mut self, record: &Record) -> io::Result<()> {
        self.1.keep(record)?;
        let kept = self.1.0.lock().unwrap().0.len();
        if kept == self.0 { Err(io::Error::other("crash")) } else { Ok(()) }
    }

    fn tell(&mut self, _: News) {}
}

#[tokio::test]
async fn a_device_that_crashes_at_any_record_goes_on_from_its_file() {
    let home = tempfile::tempdir().unwrap();
    for (number, stop) in (1..=3).enumerate() {
        let platform = Platform::new(rules(0));
        let edge = platform.serve().await;
        let path = home.path().join(format!("{number}.json"));
        let diary = Diary::default();
        let way = cast(&platform, &edge, 1, CHOICE, &mut Crash(stop, diary.clone())).await;
        assert!(matches!(way, Err(DriveError::Keep(_))), "{stop}");
        let client = client(&edge);
        let record = diary.0.lock().unwrap().0.last().unwrap().clone();
        let kept = KeptRecord { edge, roots: None, campaign: platform.text.clone(), record };
        kept.write(&path).unwrap();
        let found = KeptRecord::read(&path).unwrap();
        assert_eq!(found, kept);
        let mandate = std::future::ready(Some(platform.mandate(1)));
        let campaign = Arc::clone(&platform.campaign);
        let (record, mut diary) = (found.record, Diary::default());
        let way = resume(&client, &SystemClock, campaign, record, PACE, mandate, &mut diary);
        let arrival = way.await.unwrap();
        assert_eq!(arrival.end, End::Received, "{stop}");
        let record = arrival.record.unwrap();
        assert_eq!(record.stamp, kept.record.stamp, "the same vote, not another");
        assert_eq!(published(&platform, &record), Found::AsCast, "{stop}");
        assert_eq!(platform.lists().0.len(), 1);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_owner_only_and_replaced_whole() {
    use std::os::unix::fs::PermissionsExt as _;
    let platform = Platform::new(rules(0));
    let (arrival, _) = go(&platform).await;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("vote.json");
    let (edge, campaign) = ("http://127.0.0.1:1".to_owned(), platform.text.clone());
    let kept = KeptRecord { edge, roots: None, campaign, record: arrival.record.unwrap() };
    std::fs::write(home.path().join("vote.json.new"), "left behind").unwrap();
    for _ in 0..2 {
        kept.write(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(KeptRecord::read(&path).unwrap(), kept);
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
}
