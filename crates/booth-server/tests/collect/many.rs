//! A ledger of more votes than are handed from one thread to the next at once when it opens.

use booth::batch::{Cut, Halves};
use booth::campaign::{Period, Shard};
use booth::collect::{Register as _, Standing};
use booth::mandate::Mandate;
use booth::stamp::{PlatformStamp, VoterStamp};
use booth::vote::Vote;
use booth::work::Nonce;
use booth_server::collect::{Embedded, Ledger as _, Opening, Recovered};
use canon::Digest;
use testkit::faults::{Crash, Faults};

use crate::fixture::{OPTIONS, World, campaign, noon};

const BATCH: usize = 50;
/// A quarter of a megabyte is handed over at once: not quite 5,000 votes.
const VOTES: usize = 12_000;

/// A vote that nobody has signed: a ledger does not judge it.
fn halves(number: usize) -> Halves {
    let drawn = Digest::of(&number.to_be_bytes()).0;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&drawn);
    let vote = Vote {
        platform: PlatformStamp { period: Period::beginning(noon()), signature },
        stamp: VoterStamp::from_bytes(*drawn.first_chunk().unwrap()),
        nonce: Nonce::from(number as u64),
        say: OPTIONS[number % 3].to_owned(),
    };
    Halves::new(vote, Mandate::from_parts([7; 32], signature, *drawn.first_chunk().unwrap()))
}

fn cut(number: usize, all: impl Iterator<Item = Halves>) -> Cut {
    let (votes, voters) = all.map(|one| (one.vote, one.voter)).unzip();
    Cut { number: number as u64, covers: vec![number as u64], votes, voters }
}

fn open(world: &World) -> Result<(Embedded, Recovered), String> {
    Embedded::open(world.disks(), &campaign(50), Shard(0), Opening::default())
        .map_err(|error| error.to_string())
}

fn begun() -> World {
    let world = World::new(&Faults::none());
    let (ledger, _) = open(&world).unwrap();
    let cuts: Vec<Cut> = (0..VOTES / BATCH)
        .map(|batch| cut(batch, (batch * BATCH..(batch + 1) * BATCH).map(halves)))
        .collect();
    ledger.cut(&cuts).unwrap();
    world
}

#[test]
fn every_vote_of_many_is_known_again() {
    for lost in [None, Some("stamps.seen"), Some("mandates.seen")] {
        let world = begun().after(Crash::Kill);
        if let Some(name) = lost {
            let half = world.lists.content().remove(name).unwrap().len() as u64 / 2;
            drop(service::disk::Disk::open(&world.lists, name, half).unwrap());
        }
        let (ledger, recovered) = open(&world).unwrap();
        assert_eq!(recovered.seen.sizes(), (VOTES, VOTES));
        for number in 0..VOTES {
            let Halves { vote, voter } = halves(number);
            let batch = (number / BATCH) as u64;
            let standing = recovered.seen.standing(&vote.vote().stamp, vote.digest());
            assert_eq!(standing, Standing::Recorded(batch), "{number}");
            assert!(recovered.seen.has_voted(voter.id()) && recovered.shelf.holds(batch));
        }
        let Halves { vote, voter } = halves(VOTES);
        let standing = recovered.seen.standing(&vote.vote().stamp, vote.digest());
        assert_eq!((standing, recovered.seen.has_voted(voter.id())), (Standing::New, false));
        ledger.check_lists().unwrap();
    }
}

/// Nobody is in a list twice, however far apart, and wherever in it.
#[test]
fn a_list_with_somebody_in_it_twice_is_refused() {
    for number in [0, BATCH + 1, VOTES - 1] {
        let (again, other) = (halves(number), halves(VOTES));
        for (one, expected) in [
            (Halves { vote: again.vote.clone(), ..other.clone() }, "a stamp stands in it twice"),
            (Halves { voter: again.voter, ..other.clone() }, "somebody stands in it twice"),
        ] {
            let world = begun();
            let (ledger, _) = open(&world).unwrap();
            ledger.cut(&[cut(VOTES / BATCH, std::iter::once(one))]).unwrap();
            drop(ledger);
            let refused = open(&world).map(|_| ()).unwrap_err();
            assert!(refused.contains(expected), "{number}: {refused}");
        }
    }
}
