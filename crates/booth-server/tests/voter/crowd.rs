//! Some hundred voters, many of them hostile.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use booth::Secret;
use booth_server::voter::crowd::{
    Crowd, CrowdPlan, Kind, ListCheck, Lists, Means, Member, Prepared, Report, Role, Step, Tally,
    load, prepare,
};
use service::clock::SystemClock;

use crate::platform::{Act, Platform, Rules, TOTP_SEED, key};
use crate::way::client;

fn plan(voters: u64, hostile_per_mille: u32) -> CrowdPlan {
    CrowdPlan {
        voters,
        rate: None,
        together: 16,
        hostile_per_mille,
        seed: 7,
        patience: Duration::from_mins(2),
        round: Duration::from_millis(5),
    }
}

fn crowd(platform: &Platform, url: &str, plan: CrowdPlan) -> (Crowd, Arc<Tally>) {
    let tally = Arc::new(Tally::new());
    let (campaign, clock) = (Arc::clone(&platform.campaign), Arc::new(SystemClock));
    let totp = campaign.remote_of().is_none().then(|| Secret::new(&TOTP_SEED));
    let means = Means { authority: key(1), totp, station: None };
    let crowd = Crowd::new(&client(url), clock, campaign, plan, means, Arc::clone(&tally));
    (crowd, tally)
}

fn look(report: &Report, votes: &[String], voters: &[String]) -> ListCheck {
    let mut lists = Lists::new(&report.records);
    for line in votes {
        lists.vote_line(line);
    }
    for line in voters {
        lists.voter_line(line);
    }
    lists.finish()
}

fn check(platform: &Platform, report: &Report) -> ListCheck {
    let (votes, voters) = platform.lists();
    look(report, &votes, &voters)
}

const RULES: Rules = Rules { k: 0, work_bits: 6, shards: 2, is_remote: false };

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_hostile_do_votes_are_voters_are_receipts() {
    let platform = Platform::new(RULES);
    let url = platform.serve().await;
    let (crowd, tally) = crowd(&platform, &url, plan(240, 300));
    let report = crowd.run().await;
    assert!(tally.surprises().is_empty(), "{:?}", tally.surprises());
    assert_eq!((tally.served(), tally.failed()), (240, 0), "{:?}", tally.ends());
    for kind in Kind::ALL {
        let (as_expected, otherwise) = tally.fared(kind);
        assert!(as_expected > 0 && otherwise == 0, "{kind:?}");
    }
    assert_eq!(report.receipts(), report.accepted());
    let found = check(&platform, &report);
    assert!(found.holds() && found.accepted > 150, "{found:?}");
    let statuses: BTreeSet<u16> = tally.statuses().into_iter().map(|(status, _)| status).collect();
    assert!(statuses.is_superset(&BTreeSet::from([204, 400, 481, 483, 484, 486, 487, 488])));
    for step in Step::ALL {
        assert!(tally.times(step).count() > 0, "{step:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_crowd_votes_without_codes() {
    let platform = Platform::new(Rules { is_remote: true, ..RULES });
    let url = platform.serve().await;
    let (crowd, tally) = crowd(&platform, &url, plan(120, 300));
    let report = crowd.run().await;
    assert!(tally.surprises().is_empty(), "{:?}", tally.surprises());
    assert_eq!((tally.served(), tally.failed()), (120, 0), "{:?}", tally.ends());
    let (as_expected, otherwise) = tally.fared(Kind::WrongCode);
    assert!(as_expected > 0 && otherwise == 0, "whoever shows a code gets no stamp");
    let found = check(&platform, &report);
    assert!(found.holds() && found.accepted > 70, "{found:?}");
    assert_eq!(report.receipts(), report.accepted());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_batches_every_acceptance_becomes_a_receipt_at_the_close() {
    let platform = Platform::new(Rules { k: 3, ..RULES });
    let url = platform.serve().await;
    let (crowd, tally) = crowd(&platform, &url, plan(60, 0));
    let running = tokio::spawn(crowd.run());
    while tally.served() < 60 {
        tokio::task::yield_now().await;
    }
    assert!(tally.statuses().iter().any(|(status, _)| *status == 202));
    platform.close();
    let report = running.await.unwrap();
    assert_eq!((report.accepted(), report.receipts()), (60, 60));
    assert!(check(&platform, &report).holds());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_lets_the_hostile_in_or_loses_a_vote_is_found() {
    let platform = Platform::new(RULES);
    let url = platform.serve().await;
    platform.play(|_, judge| {
        let mut answer = judge();
        if answer.status == 481 {
            answer.status = 204;
        }
        Act::Answer(answer)
    });
    let (crowd, tally) = crowd(&platform, &url, plan(120, 500));
    let report = crowd.run().await;
    let surprises: Vec<_> = tally.surprises().into_keys().collect();
    assert_eq!(surprises, [(Kind::DoubleVoter, "status 204".to_owned())]);
    assert!(check(&platform, &report).holds());
    let (votes, voters) = platform.lists();
    let lost = look(&report, &votes[1..], &voters[1..]);
    assert_eq!((lost.votes_amiss, lost.voters_amiss, lost.holds()), (1, 1, false));
    let stuffed = [votes.as_slice(), &votes[..1]].concat();
    let twice = look(&report, &stuffed, &voters);
    assert_eq!((twice.votes_amiss, twice.voters_amiss, twice.holds()), (1, 0, false));
    let changed: Vec<String> =
        votes.iter().map(|line| line.replace("Bold Jupiter", "Shiny Saturn")).collect();
    assert!(!look(&report, &changed, &voters).holds());
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_are_prepared_and_sent_later() {
    let platform = Platform::new(RULES);
    let url = platform.serve().await;
    let (crowd, _) = crowd(&platform, &url, plan(40, 0));
    let prepared = prepare(crowd).await.unwrap();
    assert_eq!(prepared.0.len(), 40);
    assert!(platform.lists().0.is_empty(), "nothing was sent");
    let read = Prepared::parse(&prepared.to_text()).unwrap();
    assert_eq!(read, prepared);
    assert_eq!(Prepared::parse("x y\n").unwrap_err().line, 1);
    let (campaign, tally) = (Arc::clone(&platform.campaign), Arc::new(Tally::new()));
    let loaded = load(&client(&url), &campaign, read, 8, &tally).await;
    assert_eq!((loaded.receipts, loaded.false_ones, loaded.others), (40, 0, 0));
    assert_eq!(platform.lists().0.len(), 40);
    // Sent again they are answered again, and counted once.
    let loaded = load(&client(&url), &campaign, prepared, 8, &tally).await;
    assert_eq!((loaded.receipts, platform.lists().0.len()), (40, 40));
}

#[test]
fn who_is_who_follows_from_the_seed() {
    let platform = Platform::new(RULES);
    let cast = |seed, number| {
        let plan = CrowdPlan { seed, ..plan(0, 250) };
        Member::new(&platform.campaign, &key(1), &plan, number)
    };
    let all: Vec<Member> = (0..400).map(|number| cast(1, number)).collect();
    for (number, member) in (0..).zip(&all) {
        let again = cast(1, number);
        assert_eq!(
            (again.role, again.mandate, &again.say),
            (member.role, member.mandate, &member.say)
        );
        assert!(member.mandate.holds());
        assert_ne!(cast(2, number).mandate, member.mandate);
    }
    let ids: BTreeSet<_> = all.iter().map(|member| *member.mandate.id()).collect();
    assert_eq!(ids.len(), all.len());
    let hostile = all.iter().filter(|member| member.role != Role::Honest).count();
    assert!((60..140).contains(&hostile), "about a quarter of 400: {hostile}");
}
