use proptest::prelude::*;

use super::{CardError, LINE_BYTES, LineFault, read, read_line, write, write_line};
use crate::fixture::{mandate, vector};

fn published() -> Vec<String> {
    let card = vector("card");
    card["lines"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

fn numbered(lines: &[String]) -> String {
    let numbered = (1..).zip(lines).map(|(number, line)| format!("{number}: {line}"));
    numbered.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_published_card_is_read_and_written() {
    let read = read(&published().join("\n")).unwrap();
    assert_eq!(read.token(), vector("card")["token"].as_str().unwrap());
    assert_eq!(write(&read), published());
    assert_eq!(super::read(&numbered(&published())), Ok(read));
}

#[test]
fn the_misread_line_is_named_and_the_others_are_not() {
    let mut lines = published();
    lines[7] = vector("card")["line_8_misread"].as_str().unwrap().to_owned();
    let error = read(&lines.join("\n")).unwrap_err();
    assert_eq!(error, CardError::Faults(vec![(8, LineFault::Check)]));
    assert!(error.hint().starts_with("line 8: one symbol is wrong"));
}

#[test]
fn people_write_as_they_like() {
    let bytes = read_line("Q0C1 E147 7AZR YM3Q N", 1).unwrap();
    for text in [
        "q0c1e1477azrym3qn",
        "Q-0-C-1 E147-7AZR-YM3Q-N",
        "1: QOCI E147 7AZR YM3Q N",
        " 1 :qocl e147 7azr ym3q n ",
        "Q0C1\u{2013}E147\u{2011}7AZR\t YM3Q N",
    ] {
        assert_eq!(read_line(text, 1), Ok(bytes), "{text}");
    }
}

#[test]
fn each_fault_of_a_line_has_its_name_and_its_hint() {
    for (text, fault, hint) in [
        ("Q0C1 E147 7AZR YM3Q", LineFault::Length { found: 16 }, "missing"),
        ("", LineFault::Length { found: 0 }, "missing"),
        ("Q0C1 E147 7AZR YM3Q NN", LineFault::Length { found: 18 }, "too much"),
        ("Q0C1 E147 7AZR YU3Q N", LineFault::Symbol { found: 'U', at: 14 }, "V"),
        ("Q0C1 E!47 7AZR YM3Q N", LineFault::Symbol { found: '!', at: 6 }, "'!'"),
        ("Q0C1 E147 7AZR YM3Q %", LineFault::Symbol { found: '%', at: 17 }, "'%'"),
        ("Q0C1 E147 7AZR YM3Q \u{c4}", LineFault::Symbol { found: '\u{c4}', at: 17 }, "no"),
        ("2: Q0C1 E147 7AZR YM3Q N", LineFault::Number { found: 2 }, "line 2"),
        ("Q0C1 E147 7AZR YM3Q P", LineFault::Check, "compare"),
        ("Q0C1 E147 7AZR MY3Q N", LineFault::Check, "compare"),
        ("Q0C1 E147 7AZR YM3Q *", LineFault::Check, "compare"),
    ] {
        let found = read_line(text, 1).unwrap_err();
        assert_eq!(found, fault, "{text}");
        assert!(found.hint().contains(hint), "{text}: {}", found.hint());
    }
}

/// What the check symbols cannot find: lines that come twice or change places.
#[test]
fn lines_that_change_places_or_come_twice_are_named() {
    let mut swapped = published();
    swapped.swap(2, 6);
    assert_eq!(read(&swapped.join("\n")), Err(CardError::Swapped(3, 7)));
    let mut twice = published();
    twice[4] = twice[3].clone();
    let faults = vec![(5, LineFault::Repeated { of: 4 })];
    assert_eq!(read(&twice.join("\n")), Err(CardError::Faults(faults)));
    let mut foreign = published();
    foreign[4] = write(&mandate(3))[4].clone();
    assert_eq!(read(&foreign.join("\n")), Err(CardError::Signature));
}

#[test]
fn all_wrong_lines_are_named_at_once() {
    let mut lines = published();
    lines[0] = "Q0C1".to_owned();
    lines[11].pop();
    lines[5].replace_range(0..1, "?");
    let Err(CardError::Faults(faults)) = read(&lines.join("\n\n")) else { panic!("read") };
    assert_eq!(faults.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 6, 12]);
    assert_eq!(read(&lines[1..].join("\n")), Err(CardError::Lines { found: 11 }));
}

proptest! {
    #[test]
    fn every_line_is_read_as_it_was_written(bytes in any::<[u8; LINE_BYTES]>()) {
        prop_assert_eq!(read_line(&write_line(&bytes), 1), Ok(bytes));
    }

    #[test]
    fn every_wrong_symbol_and_every_swap_is_found(
        bytes in any::<[u8; LINE_BYTES]>(),
        at in 0_usize..16,
        other in 0_usize..16,
        symbol in 0..32_usize,
    ) {
        let line: Vec<char> = write_line(&bytes).chars().filter(|c| *c != ' ').collect();
        let mut wrong = line.clone();
        wrong[at] = char::from(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[symbol]);
        if wrong != line {
            let text: String = wrong.into_iter().collect();
            prop_assert_eq!(read_line(&text, 1), Err(LineFault::Check));
        }
        let mut swapped = line.clone();
        swapped.swap(at, other);
        if swapped != line {
            let text: String = swapped.into_iter().collect();
            prop_assert_eq!(read_line(&text, 1), Err(LineFault::Check));
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,60}", number in 0_usize..14) {
        if let Err(fault) = read_line(&text, number) {
            prop_assert!(!fault.hint().is_empty());
        }
        let _ = read(&text);
    }
}
