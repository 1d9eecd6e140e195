//! Pictures that are refused, each by the rule that it breaks.

use artifact::payload::definition::Paper;
use imaging::scan::Picture;
use imaging::scan::ballot::{self, Refusal};
use paper::layout::{Frame, Label};
use testkit::ballots::damage::Streak;
use testkit::ballots::{Base, Damage, Dice};

use crate::world::{World, picture};

fn world() -> World {
    World::of(Paper::Letter, b"an election")
}

fn refusal(world: &World, picture: &Picture) -> Refusal {
    ballot::read_side(picture, &world.geometry).expect_err("a refusal")
}

#[test]
fn a_blank_sheet() {
    let world = world();
    let base = Base::blank(Frame::of(Paper::Letter));
    let blank = picture(Damage { grain: 3.0, ..Damage::none(200.0) }.scan(&base));
    assert_eq!(refusal(&world, &blank), Refusal::Blank);
}

#[test]
fn a_picture_of_something_else() {
    let world = world();
    let mut dice = Dice::new(3);
    let noise = (0..1700 * 2200).map(|_| dice.next() as u8).collect();
    let noise = Picture::new(1700, 2200, noise).unwrap();
    assert!(matches!(refusal(&world, &noise), Refusal::NoMarks { .. }));
    let slope = (0..1700 * 2200_usize).map(|at| (at % 1700 * 255 / 1700) as u8).collect();
    let slope = Picture::new(1700, 2200, slope).unwrap();
    assert!(matches!(refusal(&world, &slope), Refusal::NoMarks { .. }));
    let dot = Picture::new(1, 1, vec![0]).unwrap();
    assert!(matches!(refusal(&world, &dot), Refusal::Blank | Refusal::NoMarks { .. }));
}

#[test]
fn a_ballot_of_another_election() {
    let (world, other) = (world(), World::of(Paper::Letter, b"another election"));
    let found = Label::short(&other.geometry.definition);
    let picture = other.scanned(&Damage::none(200.0));
    assert_eq!(refusal(&world, &picture), Refusal::OtherElection { found });
}

#[test]
fn a_style_that_is_not_defined() {
    let mut world = world();
    let picture = world.scanned(&Damage::none(200.0));
    world.geometry.styles.clear();
    let expected = Refusal::UnknownSide { style: 0, sheet: 0, is_back: false };
    assert_eq!(refusal(&world, &picture), expected);
}

#[test]
fn half_a_sheet() {
    let world = world();
    let whole = Damage::none(200.0).scan(&world.base);
    let half = whole.grey[..whole.width * (whole.height / 2)].to_vec();
    let half = Picture::new(whole.width, whole.height / 2, half).unwrap();
    let refusal = refusal(&world, &half);
    let is_right = matches!(refusal, Refusal::Marks { .. } | Refusal::NoMarks { .. });
    assert!(is_right, "{refusal}");
}

#[test]
fn a_sheet_without_one_of_its_edges() {
    let world = world();
    for edge in 0..4 {
        let mut beyond = [0.0; 4];
        beyond[edge] = -12.0;
        let picture = world.scanned(&Damage { beyond, ..Damage::none(200.0) });
        assert!(
            matches!(refusal(&world, &picture), Refusal::Marks { .. } | Refusal::Form { .. }),
            "{edge}"
        );
    }
}

#[test]
fn paper_of_another_form() {
    let world = world();
    let legal = World::of(Paper::Legal, b"an election");
    let picture = legal.scanned(&Damage::none(200.0));
    assert!(matches!(
        refusal(&world, &picture),
        Refusal::Form { .. } | Refusal::Marks { .. } | Refusal::NoMarks { .. }
    ));
}

#[test]
fn both_codes_covered() {
    let mut world = world();
    for code in Frame::of(Paper::Letter).codes() {
        world.base.bar(code, 0);
    }
    assert_eq!(refusal(&world, &world.scanned(&Damage::none(200.0))), Refusal::Codes);
}

#[test]
fn one_code_is_enough() {
    for hidden in 0..2 {
        let mut world = world();
        world.base.bar(Frame::of(Paper::Letter).codes()[hidden], 0);
        for quarters in 0..4 {
            let picture = world.scanned(&Damage { quarters, ..Damage::none(200.0) });
            let seen = ballot::read_side(&picture, &world.geometry).unwrap();
            assert_eq!(seen.label, world.label, "{hidden} {quarters}");
        }
    }
}

#[test]
fn ovals_that_are_elsewhere() {
    let mut world = world();
    let picture = world.scanned(&Damage::none(200.0));
    let frame = Frame::of(Paper::Letter);
    for oval in &mut world.geometry.styles[0].sheets[0][0].ovals {
        oval.centre.y = oval.centre.y.plus(frame.mark(0, 1).y.less(frame.mark(0, 0).y).part(2));
    }
    assert!(matches!(refusal(&world, &picture), Refusal::Ovals { .. }));
}

#[test]
fn a_broad_streak() {
    let world = world();
    let streaks = vec![Streak { at: 0.5, breadth: 40, shade: 0 }];
    let picture = world.scanned(&Damage { streaks, ..Damage::none(200.0) });
    // It is no streak to whoever looks for narrow ones: then the ovals under it are marks, or the
    // side is refused, and this one stands beside all ovals.
    match ballot::read_side(&picture, &world.geometry) {
        Ok(seen) => assert!(seen.ovals.iter().all(|ink| ink.thousandths < 55)),
        Err(refusal) => assert!(matches!(refusal, Refusal::Streaks { .. }), "{refusal}"),
    }
}
