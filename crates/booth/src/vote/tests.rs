use std::sync::LazyLock;

use proptest::prelude::*;

use super::{Found, Vote, find};
use crate::fixture::request;

fn vote(number: u32) -> Vote {
    request(number, "Bold Jupiter").vote
}

#[test]
fn a_line_is_read_as_it_was_written() {
    for say in ["Bold Jupiter", "Caf\u{e9}", "a b  c"] {
        let vote = Vote { say: say.to_owned(), ..vote(1) };
        let line = vote.line();
        assert!(line.ends_with(&format!(" {} \"{say}\"\n", vote.nonce)));
        assert_eq!(Vote::from_line(&line), Ok(vote.clone()));
        assert_eq!(Vote::from_line(line.trim_end()), Ok(vote));
    }
}

#[test]
fn a_line_of_another_form_is_refused() {
    let nonce = "00000000000000ab".parse().unwrap();
    let line = Vote { nonce, ..vote(1) }.line();
    for odd in [
        line.replacen(' ', "  ", 1),
        line.replace('"', ""),
        line.replace("Jupiter\"", "Jupiter\" "),
        line.replace("Bold", "Bo\"ld"),
        line.replace("Bold", "Bo\nld"),
        line.replace("\"Bold Jupiter\"", "\"\""),
        line.replacen('1', "01", 1),
        line.replacen("==", "=", 1),
        line.replace("00ab ", "00AB "),
        line[..100].to_owned(),
        String::new(),
    ] {
        assert!(Vote::from_line(&odd).is_err(), "{odd:?}");
    }
}

/// Every character put, replaced or left out at every place: what is taken is written the same.
#[test]
fn a_vote_has_one_line() {
    let line = vote(1).line();
    let (mut taken, characters) = (0, (0..=255).map(char::from).chain(['\u{2028}', '\u{1f600}']));
    for (at, other) in (0..line.len()).flat_map(|at| characters.clone().map(move |it| (at, it))) {
        let (before, after) = line.split_at(at);
        for odd in [format!("{before}{other}{}", &after[1..]), format!("{before}{other}{after}")] {
            if let Ok(vote) = Vote::from_line(&odd) {
                assert_eq!(vote.line(), odd);
                taken += 1;
            }
        }
    }
    for at in 0..line.len() {
        let shorter = format!("{}{}", &line[..at], &line[at + 1..]);
        let taken = Vote::from_line(&shorter).ok();
        assert!(taken.is_none_or(|vote| vote.line().trim_end() == shorter.trim_end()));
    }
    assert!(taken > 1_000, "{taken}");
}

/// The attack: two voters of one choice are shown one stamp, and one record stands for both. Each
/// finds the stamp with the right option in the list.
#[test]
fn two_voters_with_one_stamp_do_not_both_find_their_vote() {
    let mine = vote(1);
    let theirs = Vote { nonce: vote(2).nonce, ..mine.clone() };
    let list = [mine.line(), vote(3).line()];
    let stamp_found = |own: &Vote| list.iter().any(|line| line.contains(&own.stamp.to_string()));
    assert!(stamp_found(&mine) && stamp_found(&theirs), "a stamp alone shows nothing");
    let look = |own: &Vote| find(own, list.iter().map(String::as_str));
    assert_eq!(look(&mine), Found::AsCast);
    assert_eq!(look(&theirs), Found::Changed);
}

#[test]
fn what_a_voter_finds() {
    let (mine, other) = (vote(1), vote(2));
    let changed = Vote { say: "Shiny Saturn".to_owned(), ..mine.clone() };
    let look = |votes: &[&Vote]| {
        let lines: Vec<String> = votes.iter().map(|vote| vote.line()).collect();
        find(&mine, lines.iter().map(String::as_str))
    };
    assert_eq!(look(&[&other, &mine]), Found::AsCast);
    assert_eq!(look(&[&other]), Found::Missing);
    assert_eq!(look(&[&changed]), Found::Changed);
    assert_eq!(look(&[&mine, &changed]), Found::Changed);
    assert_eq!(look(&[&mine, &mine]), Found::Twice);
}

proptest! {
    #[test]
    fn a_line_that_is_read_is_written_the_same(text in ".{0,80}", cut in 0_usize..150) {
        static LINE: LazyLock<String> = LazyLock::new(|| vote(1).line());
        let line = &*LINE;
        let mixed = format!("{}{text}", &line[..cut.min(line.len())]);
        if let Ok(vote) = Vote::from_line(&mixed) {
            let line = vote.line();
            let mixed = mixed.strip_suffix('\n').unwrap_or(&mixed);
            prop_assert_eq!(line.strip_suffix('\n'), Some(mixed));
        }
    }
}
