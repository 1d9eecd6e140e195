use std::collections::BTreeSet;

use canon::{Digest, Timestamp};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::campaign::{Campaign, Period, Shard};
use crate::fixture;
use crate::mandate::{Mandate, MandateId};
use crate::request::VoteRequest;
use crate::vote::Vote;

/// A campaign of two shards with batches of three.
fn campaign() -> Campaign {
    Campaign::check(crate::campaign::Draft { shards: 2, ..fixture::draft() }).unwrap()
}

/// The cut of some requests, and its two parts.
struct Made {
    shard: Shard,
    cut: Cut,
    votes: Vec<u8>,
    voters: Vec<u8>,
}

impl Made {
    fn of(shard: u16, requests: &[VoteRequest]) -> Self {
        let sorted = |mut lines: Vec<String>| {
            lines.sort_by_key(|line| Sha256::digest(line));
            lines.concat().into_bytes()
        };
        let votes = sorted(requests.iter().map(|it| it.vote.line()).collect());
        let voters = sorted(requests.iter().map(|it| it.mandate.voters_line()).collect());
        Self::with(shard, requests.len() as u64, votes, voters)
    }

    /// A cut whose digests are those of whatever the parts hold.
    fn with(shard: u16, records: u64, votes: Vec<u8>, voters: Vec<u8>) -> Self {
        let cut = Cut {
            records,
            vote_bytes: votes.len() as u64,
            votes_sha256: Digest(Sha256::digest(&votes).into()),
            voters_sha256: Digest(Sha256::digest(&voters).into()),
        };
        Self { shard: Shard(shard), cut, votes, voters }
    }

    fn part(&self) -> Part<'_> {
        Part { shard: self.shard, cut: &self.cut, votes: &self.votes, voters: &self.voters }
    }
}

/// The requests of `count` voters of a shard, from a number on.
fn requests(shard: u16, from: u32, count: usize) -> Vec<VoteRequest> {
    let campaign = campaign();
    let numbers =
        (from..).filter(|at| campaign.shard_of(fixture::mandate(*at).id()) == Shard(shard));
    let says = ["Bold Jupiter", "Shiny Saturn", "Humble Pluto"].into_iter().cycle();
    numbers.zip(says).take(count).map(|(at, say)| fixture::request(at, say)).collect()
}

fn lines(list: &[u8]) -> Vec<&str> {
    std::str::from_utf8(list).unwrap().split_inclusive('\n').collect()
}

fn added_lines<'a>(sorted: &Sorted<'a>) -> Vec<&'a str> {
    sorted.lines().map(|line| std::str::from_utf8(line).unwrap()).collect()
}

#[test]
fn all_shards_are_sorted_together() {
    let made = [
        Made::of(0, &requests(0, 0, 3)),
        Made::of(0, &requests(0, 100, 4)),
        Made::of(1, &requests(1, 0, 3)),
    ];
    let parts: Vec<Part<'_>> = made.iter().map(Made::part).collect();
    let added = merge(&campaign(), &parts, false).unwrap();
    assert_eq!((added.records, added.counts), (10, vec![4, 3, 3]));
    for (list, from) in [
        (&added.votes, made.iter().flat_map(|it| lines(&it.votes)).collect::<Vec<_>>()),
        (&added.voters, made.iter().flat_map(|it| lines(&it.voters)).collect::<Vec<_>>()),
    ] {
        let mut expected = from;
        expected.sort_by_key(|line| Sha256::digest(line));
        assert_eq!(added_lines(list), expected);
    }
    // The order in which shards and cuts are handed in leaves no trace.
    let backwards: Vec<Part<'_>> = made.iter().rev().map(Made::part).collect();
    assert_eq!(merge(&campaign(), &backwards, false).unwrap().votes, added.votes);
}

#[test]
fn too_small_a_crowd_is_published_at_the_close_only() {
    let few = Made::of(0, &requests(0, 0, 2));
    let fault = MergeFault::Crowd { shard: Shard(0), k: 3, found: 2 };
    assert_eq!(merge(&campaign(), &[few.part()], false), Err(fault));
    assert_eq!(merge(&campaign(), &[few.part()], true).unwrap().records, 2);
}

#[test]
fn a_period_with_too_few_is_no_crowd() {
    let mut mixed = requests(0, 0, 3);
    let next = fixture::time(fixture::START).plus_seconds(86_400).unwrap();
    mixed.push(fixture::request_in(Period::beginning(next), 9_000, "Bold Jupiter"));
    mixed[3].mandate = requests(0, 5_000, 1)[0].mandate;
    let made = Made::of(0, &mixed);
    let fault = MergeFault::Crowd { shard: Shard(0), k: 3, found: 1 };
    assert_eq!(merge(&campaign(), &[made.part()], false), Err(fault));
}

#[test]
fn what_was_not_cut_is_not_published() {
    let good = Made::of(0, &requests(0, 0, 3));
    for list in List::BOTH {
        let mut made = Made::of(0, &requests(0, 0, 3));
        let part = if list == List::Votes { &mut made.votes } else { &mut made.voters };
        let last = part.len() - 2;
        part[last] ^= 1;
        let fault = MergeFault::Digest { shard: Shard(0), list };
        assert_eq!(merge(&campaign(), &[made.part()], true), Err(fault));
    }
    // A part of another length, whose digest an instance got wrong too.
    let mut longer = Made::of(0, &requests(0, 0, 3));
    longer.votes.extend_from_slice(b"x\n");
    assert!(merge(&campaign(), &[longer.part()], true).is_err());
    assert!(merge(&campaign(), &[good.part()], true).is_ok());
}

/// An instance that describes what it gives rightly, and gives what no list may get.
#[test]
fn lines_that_belong_in_no_list_are_refused() {
    let requests = requests(0, 0, 3);
    let good = Made::of(0, &requests);
    let line = |list| MergeFault::Line { shard: Shard(0), list };
    let vote = |change: &dyn Fn(&str) -> String| {
        let mut votes = lines(&good.votes).into_iter().map(str::to_owned).collect::<Vec<_>>();
        votes[1] = change(&votes[1]);
        Made::with(0, 3, votes.concat().into_bytes(), good.voters.clone())
    };
    let changes: [&dyn Fn(&str) -> String; 4] = [
        &|line| format!("0{line}"),
        &|line| line.replace("\"\n", "x\"\n"),
        &|line| line.replace('\n', "\r\n"),
        &|_| "\n".to_owned(),
    ];
    for change in changes {
        let made = vote(change);
        assert_eq!(merge(&campaign(), &[made.part()], true), Err(line(List::Votes)));
    }
    // The voters of another shard: their mandates may stand in its list too.
    let strangers = Made::of(1, &self::requests(1, 0, 3)).voters;
    let made = Made::with(0, 3, good.votes.clone(), strangers);
    assert_eq!(merge(&campaign(), &[made.part()], true), Err(line(List::Voters)));
    let open = String::from_utf8(good.voters.clone()).unwrap().trim_end().to_owned();
    let made = Made::with(0, 3, good.votes.clone(), open.into_bytes());
    assert_eq!(merge(&campaign(), &[made.part()], true), Err(line(List::Voters)));
}

#[test]
fn more_voters_than_votes_are_refused() {
    let four = Made::of(0, &requests(0, 0, 4));
    let three = Made::of(0, &requests(0, 0, 3));
    let made = Made::with(0, 3, three.votes.clone(), four.voters.clone());
    let fault = MergeFault::Lines { shard: Shard(0), list: List::Voters, expected: 3, found: 4 };
    assert_eq!(merge(&campaign(), &[made.part()], true), Err(fault));
    let made = Made::with(0, 3, four.votes, three.voters);
    let fault = MergeFault::Lines { shard: Shard(0), list: List::Votes, expected: 3, found: 4 };
    assert_eq!(merge(&campaign(), &[made.part()], true), Err(fault));
}

/// One shard lists a stamp in two of its cuts or twice in one, perhaps with another option; the
/// lines are those of the cuts, and each is as it should be.
#[test]
fn a_stamp_that_stands_twice_in_a_shard_is_refused() {
    for shard in [0, 1] {
        let twice = MergeFault::Twice { shard: Shard(shard), list: List::Votes };
        for say in ["Bold Jupiter", "Shiny Saturn"] {
            let first = requests(shard, 0, 3);
            let mut others = requests(shard, 100, 3);
            others[1].vote = Vote { say: say.to_owned(), ..first[0].vote.clone() };
            let made = [Made::of(shard, &first), Made::of(shard, &others)];
            let parts: Vec<Part<'_>> = made.iter().map(Made::part).collect();
            assert_eq!(merge(&campaign(), &parts, false), Err(twice.clone()), "{shard} {say}");
        }
        let mut within = requests(shard, 0, 3);
        within[2].vote = within[0].vote.clone();
        assert_eq!(merge(&campaign(), &[Made::of(shard, &within).part()], false), Err(twice));
    }
}

/// The attack: two voters share a stamp, and cast it in two shards. No instance could know.
#[test]
fn a_stamp_of_two_shards_is_published_and_counted() {
    for say in ["Bold Jupiter", "Shiny Saturn"] {
        let first = requests(0, 0, 3);
        let mut others = requests(1, 100, 3);
        others[1].vote = Vote { say: say.to_owned(), ..first[0].vote.clone() };
        let made = [Made::of(0, &first), Made::of(1, &others)];
        let parts: Vec<Part<'_>> = made.iter().map(Made::part).collect();
        let added = merge(&campaign(), &parts, false).unwrap();
        assert_eq!((added.records, added.doubled), (6, 1), "{say}");
        let lists = [&added.votes, &added.voters].map(|list| list.lines().count());
        assert_eq!((lists, added.counts.iter().sum()), ([6, 6], 6_u64), "{say}");
        // A shard that has it twice is to blame all the same.
        others[2].vote = others[1].vote.clone();
        let made = [Made::of(0, &first), Made::of(1, &others)];
        let parts: Vec<Part<'_>> = made.iter().map(Made::part).collect();
        let twice = MergeFault::Twice { shard: Shard(1), list: List::Votes };
        assert_eq!(merge(&campaign(), &parts, false), Err(twice), "{say}");
    }
}

/// The second signature is another one: what makes a mandate is its key and id.
#[test]
fn a_mandate_that_stands_twice_is_refused() {
    let twice = |shard| Err(MergeFault::Twice { shard: Shard(shard), list: List::Voters });
    for shard in [0, 1] {
        let first = requests(shard, 0, 3);
        let mut others = requests(shard, 100, 3);
        let MandateId { authority, id } = *first[0].mandate.id();
        others[1].mandate = Mandate::from_parts(authority, [7; 64], id);
        let made = [Made::of(shard, &first), Made::of(shard, &others)];
        let parts: Vec<Part<'_>> = made.iter().map(Made::part).collect();
        assert_eq!(merge(&campaign(), &parts, false), twice(shard), "{shard}");
    }
    let mut within = requests(0, 0, 3);
    within[2].mandate = within[0].mandate;
    assert_eq!(merge(&campaign(), &[Made::of(0, &within).part()], false), twice(0));
}

/// One id of two authorities is two mandates.
#[test]
fn an_id_of_another_authority_is_another_mandate() {
    let first = requests(0, 0, 3);
    let mut others = requests(0, 100, 3);
    let id = first[0].mandate.id().id;
    let of = |key: u8| Mandate::from_parts([key; 32], [7; 64], id);
    let other = (0..=255).map(of).find(|it| campaign().shard_of(it.id()) == Shard(0)).unwrap();
    others[1].mandate = other;
    let made = [Made::of(0, &first), Made::of(0, &others)];
    let parts: Vec<Part<'_>> = made.iter().map(Made::part).collect();
    assert_eq!(merge(&campaign(), &parts, false).unwrap().records, 6);
}

#[test]
fn remainders_wait_for_every_shard() {
    let report = |is_closed| Some(ShardReport { fresh: Vec::new(), is_more: false, is_closed });
    let wait =
        |shards: &[u16]| Barrier::Wait { shards: shards.iter().copied().map(Shard).collect() };
    let take = |is_last| taken(is_last, false, &[0, 0]);
    let none = BTreeSet::new();
    let barrier = |shards: &[Option<ShardReport>]| barrier(shards, &none);
    assert_eq!(barrier(&[report(false), report(false)]), take(false));
    assert_eq!(barrier(&[report(false), None]), take(false), "one is away");
    assert_eq!(barrier(&[None, None]), take(false));
    assert_eq!(barrier(&[report(true), report(false)]), wait(&[1]));
    assert_eq!(barrier(&[None, report(true), None]), wait(&[0, 2]));
    assert_eq!(barrier(&[report(true), report(true)]), take(true));
}

fn taken(is_last: bool, is_more: bool, cuts: &[usize]) -> Barrier {
    Barrier::Take { is_last, is_more, cuts: cuts.to_vec() }
}

fn cut(records: u64) -> Cut {
    let digest = Digest([0; 32]);
    Cut {
        records,
        vote_bytes: records.saturating_mul(200),
        votes_sha256: digest,
        voters_sha256: digest,
    }
}

/// A shard that has closed with more than one barrier takes: the remainders of all wait for the
/// last one, and only they.
#[test]
fn remainders_wait_for_what_stands_before_them() {
    let report = |cuts: &[u64], is_more| {
        let fresh = cuts.iter().copied().map(cut).collect();
        Some(ShardReport { fresh, is_more, is_closed: true })
    };
    let none = BTreeSet::new();
    let barrier = |shards: &[Option<ShardReport>]| barrier(shards, &none);
    let backlog = report(&[3, 3], true);
    // The last cut of the other, and those that were given up behind it, stay.
    assert_eq!(barrier(&[backlog.clone(), report(&[3, 1], false)]), taken(false, true, &[2, 1]));
    assert_eq!(barrier(&[backlog.clone(), report(&[3, 1, 0], false)]), taken(false, true, &[2, 1]));
    assert_eq!(barrier(&[backlog.clone(), report(&[], false)]), taken(false, true, &[2, 0]));
    assert_eq!(barrier(&[backlog.clone(), report(&[0], false)]), taken(false, true, &[2, 1]));
    let whole = report(&[3, 1], false);
    assert_eq!(barrier(&[whole.clone(), whole.clone()]), taken(true, false, &[2, 2]));
    // While another one is open nothing is taken, however much there is.
    let open = Some(ShardReport { is_closed: false, ..backlog.clone().unwrap() });
    assert_eq!(barrier(&[whole, open.clone()]), Barrier::Wait { shards: vec![Shard(1)] });
    assert_eq!(barrier(&[open, None]), taken(false, true, &[2, 0]));
}

#[test]
fn a_share_is_whole_cuts_and_at_least_one() {
    let of = |records, bytes, cuts: &[u64]| {
        let cuts: Vec<Cut> = cuts.iter().copied().map(cut).collect();
        Share { records, bytes }.of(&cuts)
    };
    assert_eq!(of(6, 1 << 20, &[3, 3, 3]), 2);
    assert_eq!(of(5, 1 << 20, &[3, 3, 3]), 1);
    assert_eq!(of(1, 1, &[3, 3]), 1, "one is always taken");
    assert_eq!(of(6, 1 << 20, &[]), 0);
    // A record has 200 bytes in one list here, and 167 in the other.
    assert_eq!(of(100, 6 * 367, &[3, 3, 3]), 2);
    assert_eq!(of(100, 6 * 367 - 1, &[3, 3, 3]), 1);
    assert_eq!(of(u64::MAX, u64::MAX, &[u64::MAX, u64::MAX]), 2, "sums do not wrap");
}

#[test]
fn nothing_is_waited_for_of_a_shard_that_is_left_out() {
    let report = |is_closed| Some(ShardReport { fresh: Vec::new(), is_more: false, is_closed });
    let without = |shards: &[u16]| shards.iter().copied().map(Shard).collect::<BTreeSet<_>>();
    let take = taken(true, false, &[0, 0]);
    assert_eq!(barrier(&[report(true), None], &without(&[1])), take);
    assert_eq!(barrier(&[report(true), report(false)], &without(&[1])), take);
    // The others are.
    let wait = Barrier::Wait { shards: vec![Shard(0)] };
    assert_eq!(barrier(&[report(false), None], &without(&[1])), wait);
    assert_eq!(barrier(&[None, None], &without(&[1])), wait);
    assert_eq!(barrier(&[None, None], &without(&[0, 1])), take);
}

/// Salt, lists and commitments by Python's `hmac` and `hashlib`.
#[test]
fn a_commitment_is_that_of_the_vector() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/artifacts/snapshot/valid-open.json");
    let vector: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let secret = Sha256::digest(b"scrutineer vector snapshot salt");
    let salt = SnapshotSalt::new(crate::Secret::new(&secret.into()));
    let of = |number, list: List| {
        salt.commit(number, list, &Digest(Sha256::digest(list.name()).into())).to_string()
    };
    for list in List::BOTH {
        assert_eq!(vector[list.name()]["commitment"], of(17, list));
        assert_ne!(vector[list.name()]["commitment"], of(18, list));
    }
    assert_eq!(format!("{salt:?}"), "SnapshotSalt(Secret(..))");
}

/// Cuts of a day: between any two snapshots, whatever the barriers, a stamp period gains nothing
/// or at least `k` votes.
#[test]
fn no_two_snapshots_differ_by_fewer_than_k() {
    use crate::batch::{Batches, Halves};
    let campaign = campaign();
    let mut batches = [Batches::new(3, 0), Batches::new(3, 0)];
    let mut waiting: Vec<Made> = Vec::new();
    for number in 0..60_u32 {
        let period = Period::beginning(later(if number < 40 { 0 } else { 86_400 }));
        let mandate = fixture::mandate(number);
        let shard = campaign.shard_of(mandate.id()).0;
        let request = fixture::request_in(period, number, "Bold Jupiter");
        let (_, cut) = batches[usize::from(shard)].accept(Halves::from(request));
        waiting.extend(cut.map(|cut| {
            let votes = cut.votes.iter().map(|half| half.line()).collect::<String>();
            let voters = cut.voters.iter().map(|half| half.line()).collect::<String>();
            Made::with(shard, cut.votes.len() as u64, votes.into_bytes(), voters.into_bytes())
        }));
        // A barrier at odd moments.
        if number % 7 == 3 {
            let made = std::mem::take(&mut waiting);
            let parts: Vec<Part<'_>> = made.iter().map(Made::part).collect();
            let added = merge(&campaign, &parts, false).unwrap();
            let mut periods = std::collections::BTreeMap::new();
            for line in added_lines(&added.votes) {
                *periods.entry(line.split(' ').next().unwrap().to_owned()).or_insert(0) += 1;
            }
            assert!(periods.values().all(|count| *count >= 3), "{periods:?}");
        }
    }
}

fn later(seconds: u64) -> Timestamp {
    fixture::time(fixture::START).plus_seconds(seconds).unwrap()
}
