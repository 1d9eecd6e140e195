use canon::{Digest, base64};
use proptest::prelude::*;

use super::{Miner, Mining, Nonce, Puzzle, Total, mine, zeros};
use crate::fixture::vector;

/// A puzzle whose hashed part has this many bytes.
fn puzzle(length: usize) -> Puzzle {
    Puzzle((0..length).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect())
}

#[test]
fn the_published_vote_shows_27_bits() {
    let row = vector("work");
    let text = |name: &str| row[name].as_str().unwrap().to_owned();
    let signature = base64::decode(text("signature").as_bytes()).unwrap().try_into().unwrap();
    let puzzle = Puzzle::new(&text("utc"), &signature, &text("stamp"), &text("say"));
    let nonce: Nonce = text("nonce").parse().unwrap();
    assert_eq!(puzzle.hash(&nonce).to_string(), text("hash"));
    assert_eq!(u64::from(puzzle.score(&nonce)), row["zeros"].as_u64().unwrap());

    let mut miner = Miner::new(puzzle, 0x8000_0000_54e1_2cb0);
    miner.run(11);
    let best = miner.best().unwrap();
    assert_eq!((best.nonce, best.score), (nonce, 27));
}

#[test]
fn leading_zero_bits() {
    let digest = |bytes: &[(usize, u8)]| {
        let mut all = [0; 32];
        for (at, byte) in bytes {
            all[*at] = *byte;
        }
        zeros(&Digest(all))
    };
    assert_eq!(digest(&[]), 256);
    assert_eq!(digest(&[(31, 1)]), 255);
    assert_eq!(digest(&[(0, 0xff)]), 0);
    assert_eq!(digest(&[(1, 0x01), (0, 0)]), 15);
    assert_eq!(digest(&[(3, 0x1f), (4, 0xff)]), 27);
}

#[test]
fn nonces_have_one_spelling() {
    for good in ["8000000054e12cba", &"ab".repeat(32), &"00".repeat(8)] {
        assert_eq!(good.parse::<Nonce>().unwrap().to_string(), *good);
    }
    for odd in
        ["", "80", "8000000054E12CBA", "8000000054e12cb", "8000000054e12cbg", &"ab".repeat(33)]
    {
        assert!(odd.parse::<Nonce>().is_err(), "{odd}");
    }
    assert_eq!(Nonce::from(258).bytes(), [0, 0, 0, 0, 0, 0, 1, 2]);
}

/// The plain way: the whole message hashed for each nonce.
fn plainly(puzzle: &Puzzle, start: u64, tries: u32) -> (Nonce, u32) {
    let mut best: Option<(Nonce, u32)> = None;
    for step in 0..u64::from(tries) {
        let nonce = Nonce::from(start.wrapping_add(step));
        let score = puzzle.score(&nonce);
        if best.is_none_or(|(_, least)| score > least) {
            best = Some((nonce, score));
        }
    }
    best.unwrap()
}

/// Every place at which the nonce can lie within its block, blocks that it crosses included, and
/// starts whose running bytes overflow.
#[test]
fn the_miner_finds_what_the_plain_way_finds_wherever_the_nonce_lies() {
    for length in 0..=192 {
        for start in [0, 0xfffe, 0x00ff_fff0, u64::MAX - 20] {
            let puzzle = puzzle(length);
            let mut miner = Miner::new(puzzle.clone(), start);
            miner.run(25);
            miner.run(15);
            let best = miner.best().unwrap();
            assert_eq!((best.nonce, best.score), plainly(&puzzle, start, 40), "{length} {start}");
        }
    }
}

#[test]
fn threads_stop_when_the_work_suffices() {
    let (puzzle, mining) = (puzzle(133), Mining::new());
    let best = mine(&puzzle, 5, 2, Some(10), &mining).unwrap();
    assert!(best.score >= 10);
    assert_eq!(puzzle.score(&best.nonce), best.score);
    assert!(mining.tries() > 0);
    assert_eq!(mining.best(), Some(best));
}

#[test]
fn threads_go_on_until_they_are_told_to_stop() {
    let (puzzle, mining) = (puzzle(133), Mining::new());
    std::thread::scope(|scope| {
        let running = scope.spawn(|| mine(&puzzle, 5, 2, None, &mining));
        while mining.tries() < 100_000 {
            std::thread::yield_now();
        }
        mining.stop();
        let best = running.join().unwrap().unwrap();
        assert!(best.score >= 10, "100,000 tries show 10 bits but once in 10^42 runs");
    });
}

#[test]
fn threads_stop_when_the_work_suffices_that_is_asked_for_later() {
    let (puzzle, mining) = (puzzle(133), Mining::new());
    std::thread::scope(|scope| {
        let running = scope.spawn(|| mine(&puzzle, 5, 2, None, &mining));
        while mining.best().is_none_or(|best| best.score < 6) {
            std::thread::yield_now();
        }
        // More than there is now or not: it ends by itself, and never with less.
        mining.suffice(12);
        assert!(running.join().unwrap().unwrap().score >= 12);
    });
}

#[test]
fn a_search_that_was_stopped_before_it_began_has_found_nothing() {
    let mining = Mining::new();
    mining.stop();
    assert_eq!(mine(&puzzle(133), 5, 2, None, &mining), None);
}

proptest! {
    #[test]
    fn the_miner_agrees_with_the_plain_way(length in 0_usize..300, start: u64, tries in 1_u32..60) {
        let puzzle = puzzle(length);
        let mut miner = Miner::new(puzzle.clone(), start);
        miner.run(tries);
        let best = miner.best().unwrap();
        prop_assert_eq!((best.nonce, best.score), plainly(&puzzle, start, tries));
    }
}

#[test]
fn the_work_of_a_list_is_the_sum_of_what_each_vote_took() {
    let total = |scores: &[u32]| scores.iter().copied().collect::<Total>().hashes();
    assert_eq!(total(&[]), 0);
    assert_eq!(total(&[0, 1, 3, 3]), 1 + 2 + 8 + 8);
    assert_eq!(total(&[27; 4]), 1 << 29);
    assert_eq!(total(&[127, 127, 256]), u128::MAX);
}
