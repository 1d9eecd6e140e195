//! One's own vote and mandate in the lists.

use booth::vote::{Found, Vote};
use booth::work::Nonce;
use booth_server::voter::{DriveError, End, Finder, Lie, Meaning, Record, Sight};

use crate::platform::{Platform, Rules};
use crate::way::{CHOICE, Diary, Hasty, cast, go, rules};

/// A vote with its receipt, and the lists.
async fn world() -> (std::sync::Arc<Platform>, Record, Vec<String>, Vec<String>) {
    let platform = Platform::new(rules(0));
    let (arrival, _) = go(&platform).await;
    assert_eq!(arrival.end, End::Received);
    let (votes, voters) = platform.lists();
    (platform, arrival.record.unwrap(), votes, voters)
}

fn look(platform: &Platform, record: &Record, votes: &[String], voters: &[String]) -> Sight {
    let mut finder = Finder::new(&platform.campaign, record).unwrap();
    for line in votes {
        finder.vote_line(line);
    }
    for line in voters {
        finder.voter_line(line);
    }
    finder.finish(&platform.campaign, record)
}

#[tokio::test]
async fn as_cast_changed_twice_and_missing() {
    let (platform, record, votes, voters) = world().await;
    let own = votes[0].clone();
    let changed = own.replace("Shiny Saturn", "Bold Jupiter");
    let clash = own.replacen(&record.nonce.unwrap().to_string(), "00000000deadbeef", 1);
    let twice = [own.clone(), own.clone()];
    let mandate = record.mandate.unwrap();
    let other =
        booth::mandate::Mandate::from_parts(mandate.id().authority, [5; 64], mandate.id().id);
    let resigned = vec![other.voters_line()];
    let both = vec![voters[0].clone(), voters[0].clone()];
    let cases: [(&[String], &[String], Found, Found); 7] = [
        (&votes, &voters, Found::AsCast, Found::AsCast),
        (&[changed], &voters, Found::Changed, Found::AsCast),
        (&[clash], &voters, Found::Changed, Found::AsCast),
        (&twice, &voters, Found::Twice, Found::AsCast),
        (&[], &voters, Found::Missing, Found::AsCast),
        (&votes, &resigned, Found::AsCast, Found::Changed),
        (&votes, &both, Found::AsCast, Found::Twice),
    ];
    for (number, (votes, voters, vote, mandate)) in cases.into_iter().enumerate() {
        let sight = look(&platform, &record, votes, voters);
        assert_eq!((sight.vote, sight.mandate), (vote, mandate), "{number}");
        let meaning = sight.meaning(&platform.campaign, &record, false);
        assert_eq!(meaning == Meaning::Holds, number == 0);
        assert!(number == 0 || matches!(meaning, Meaning::Fails(_)), "{number}");
    }
}

/// Anybody who has the list learns what its votes took, and whether each took what was asked.
#[tokio::test]
async fn the_work_of_a_list_is_counted_line_by_line() {
    let (platform, record, votes, voters) = world().await;
    let own = Vote::from_line(&votes[0]).unwrap();
    let short = (0..).map(|nonce| Vote { nonce: Nonce::from(nonce), ..own.clone() });
    let short = short.into_iter().find(|vote| vote.score() == 0).unwrap();
    let list = [votes[0].clone(), short.line(), "no vote\n".to_owned()];
    let work = look(&platform, &record, &list, &voters).work;
    assert_eq!(work.total.hashes(), (1 << own.score()) + 1);
    assert_eq!((work.short, work.unread), (1, 1));
}

#[tokio::test]
async fn a_signed_receipt_makes_a_missing_vote_proof() {
    let (platform, record, _, _) = world().await;
    let sight = look(&platform, &record, &[], &[]);
    let Meaning::Fails(lie) = sight.meaning(&platform.campaign, &record, false) else {
        panic!("{sight:?}")
    };
    assert!(lie.is_proof());
    assert_eq!(sight.missing.len(), 1);
    // Somebody who changes the receipt in the file proves nothing.
    let mut forged = record.clone();
    forged.receipt.as_mut().unwrap().signature[0] ^= 1;
    assert_eq!(sight.meaning(&platform.campaign, &forged, false), Meaning::Untold);
    let sight = look(&platform, &forged, &[], &[]);
    assert_eq!(sight.meaning(&platform.campaign, &forged, true), Meaning::Untold);
}

#[tokio::test]
async fn an_acceptance_is_broken_when_every_batch_is_published_without_it() {
    let platform = Platform::new(Rules { shards: 1, ..rules(2) });
    let url = platform.serve().await;
    let diary = Diary::default();
    let way = cast(&platform, &url, 1, CHOICE, &mut Hasty(diary.clone())).await;
    assert!(matches!(way, Err(DriveError::Keep(_))));
    let record = diary.0.lock().unwrap().0.last().unwrap().clone();
    let sight = look(&platform, &record, &[], &[]);
    assert_eq!(sight.meaning(&platform.campaign, &record, false), Meaning::Untold);
    let Meaning::Fails(lie) = sight.meaning(&platform.campaign, &record, true) else {
        panic!("{sight:?}")
    };
    let Lie::NotListed { accepted, receipt, .. } = &*lie else { panic!("{lie:?}") };
    assert!(accepted.is_some() && receipt.is_none() && lie.is_proof());
    // The close keeps the promise.
    platform.close();
    let (votes, voters) = platform.lists();
    let sight = look(&platform, &record, &votes, &voters);
    assert_eq!(sight.meaning(&platform.campaign, &record, true), Meaning::Holds);
    // Half of a batch is none.
    let sight = look(&platform, &record, &votes, &[]);
    assert!(matches!(sight.meaning(&platform.campaign, &record, false), Meaning::Fails(_)));
}

#[tokio::test]
async fn a_line_of_the_receipt_that_nobody_listed_is_found() {
    let platform = Platform::new(Rules { shards: 1, ..rules(0) });
    let url = platform.serve().await;
    cast(&platform, &url, 1, "Bold Jupiter", &mut Diary::default()).await.unwrap();
    // The second receipt shows the first one's stamp beside its own.
    let second = cast(&platform, &url, 2, "Shiny Saturn", &mut Diary::default()).await.unwrap();
    let record = second.record.unwrap();
    let (votes, voters) = platform.lists();
    let sight = look(&platform, &record, &votes, &voters);
    assert_eq!(sight.meaning(&platform.campaign, &record, false), Meaning::Holds);
    let own: Vec<_> = votes.iter().filter(|line| line.contains("Shiny Saturn")).cloned().collect();
    let sight = look(&platform, &record, &own, &voters);
    assert_eq!((sight.vote, sight.mandate), (Found::AsCast, Found::AsCast));
    assert_eq!(sight.missing.len(), 1, "the first one's line");
    let meaning = sight.meaning(&platform.campaign, &record, false);
    assert!(matches!(meaning, Meaning::Fails(lie) if lie.is_proof()));
}
