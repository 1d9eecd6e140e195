use std::sync::mpsc::{channel, sync_channel};

use booth::Secret;
use booth::campaign::{Campaign, Period, Shard};
use booth::collect::{Checked, examine};
use booth::mandate::Mandate;
use booth::request::VoteRequest;
use booth::stamp::{PlatformStamp, VoterStamp};
use booth::vote::Vote;
use booth::work::Nonce;
use canon::{Algorithm, PrivateKey};
use service::clock::{Clock, ManualClock};
use service::disk::Disk;
use testkit::campaign::{START, Solar};
use testkit::faults::{Faults, MemoryDisk};

use super::*;
use crate::collect::embedded::{Disks, Embedded, Opening};

fn authority() -> PrivateKey {
    PrivateKey::from_seed(Algorithm::Ed25519, &[1; 32]).unwrap()
}

/// A request of a mandate with a stamp, as it is after the checks.
fn checked(campaign: &Campaign, mandate: u8, stamp: u8) -> Checked {
    let now: Timestamp = START.parse().unwrap();
    let vote = Vote {
        platform: PlatformStamp { period: Period::beginning(now), signature: [stamp; 64] },
        stamp: VoterStamp::from_bytes([stamp; 20]),
        nonce: Nonce::from(0),
        say: "Bold Jupiter".to_owned(),
    };
    let mandate = Mandate::issue(&authority(), [mandate; 24]).unwrap();
    examine(campaign, Shard(0), VoteRequest { vote, mandate }, now).unwrap()
}

fn parts() -> Parts {
    let rules = Solar { authority: authority().public().to_base64(), ..Solar::default() };
    let campaign = Campaign::check(toml::from_str(&rules.to_string()).unwrap()).unwrap();
    let disk = || -> Arc<dyn Disk> { Arc::new(MemoryDisk::new(&Faults::none())) };
    let disks = Disks { lists: disk(), spool: disk(), keys: disk() };
    let opened = Embedded::open(disks, &campaign, Shard(0), Opening::default());
    let (ledger, recovered) = opened.unwrap();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(START.parse().unwrap()));
    Parts {
        campaign,
        shard: Shard(0),
        draw_key: Secret::new(&[41; 32]),
        ledger: Arc::new(ledger),
        recovered,
        links: None,
        watch: Arc::new(Watch::new(clock, 60)),
        figures: Arc::new(Figures::new()),
        queue: 1,
        claims: 1,
        gather: Duration::ZERO,
    }
}

/// The attack: refusals that come as fast as they are decided. A vote that was taken before them is
/// handed to the writer all the same, and whoever waits for the close does not wait for them.
#[test]
fn a_queue_that_never_ends_keeps_no_vote_from_the_disk() {
    let parts = parts();
    let (vote, again) = (checked(&parts.campaign, 1, 1), checked(&parts.campaign, 1, 2));
    let (to_writer, groups) = channel();
    let (_written, told) = channel();
    let (to_cutter, _cuts) = channel();
    let mut deciding = Deciding::new(parts, to_writer, told, to_cutter, Staged::default());
    // More than a turn takes, as it would be if each refusal brought the next.
    let (events, queue) = sync_channel(3 * GROUP);
    let mut replies = Vec::new();
    for number in 0..3 * GROUP {
        let (reply, decided) = oneshot::channel();
        let checked = if number == 0 { &vote } else { &again }.clone();
        assert!(events.send(Event::Vote { checked, reply }).is_ok());
        replies.push(decided);
    }
    assert!(deciding.turn(&queue));
    let group = groups.try_recv().expect("the vote is on its way to the disk");
    assert_eq!(group.records.len(), 1);
    let refused = replies.iter_mut().filter_map(|one| one.try_recv().ok()).count();
    assert_eq!(refused, GROUP - 1, "and no more was decided before it");
    assert_eq!(queue.try_iter().count(), 2 * GROUP, "the rest is taken later");
}
