//! Where things stand: nothing over another, nothing outside, ovals by themselves.

use super::*;

fn overlap(one: Area, other: Area) -> bool {
    let (end, others) = (one.end(), other.end());
    one.x < others.x && other.x < end.x && one.y < others.y && other.y < end.y
}

fn holds(outer: Area, inner: Area) -> bool {
    let (end, inner_end) = (outer.end(), inner.end());
    outer.x <= inner.x && outer.y <= inner.y && inner_end.x <= end.x && inner_end.y <= end.y
}

fn apart(area: Area, by: Length) -> Area {
    area.within(Length::ZERO.less(by))
}

/// Places in which nothing else may stand: inks, and where names are written.
fn taken(side: &LaidSide) -> Vec<Area> {
    let inks = side.inks.iter().map(Ink::area);
    inks.chain(side.side.write_ins.iter().map(|line| line.area)).collect()
}

fn is_title(ink: &Ink) -> bool {
    let roles = [Role::Title, Role::Continued];
    matches!(ink, Ink::Line(line) if roles.contains(&line.role))
}

fn nothing_overlaps(side: &LaidSide) {
    let places = taken(side);
    for (at, one) in places.iter().enumerate() {
        for (other_at, other) in places.iter().enumerate().skip(at + 1) {
            // A title stands on its bar, whole.
            let is_on_bar = matches!(side.inks.get(at), Some(Ink::Bar(_)))
                && side.inks.get(other_at).is_some_and(is_title)
                && holds(*one, *other);
            let what = (side.inks.get(at), side.inks.get(other_at));
            assert!(is_on_bar || !overlap(*one, *other), "{what:?}");
        }
    }
}

fn everything_is_inside(side: &LaidSide, frame: Frame) {
    for ink in &side.inks {
        let area = ink.area();
        let places = match ink {
            Ink::Line(Line { role: Role::Header, .. }) => vec![frame.header(), frame.content()],
            Ink::Line(Line { role: Role::Footer, .. }) => vec![frame.footer(), frame.content()],
            _ => vec![frame.content()],
        };
        assert!(places.iter().any(|place| holds(*place, area)), "{ink:?}");
    }
    for line in &side.side.write_ins {
        assert!(holds(frame.content(), line.area));
    }
}

/// Ovals are far enough from one another, and from all else.
fn ovals_stand_by_themselves(side: &LaidSide) {
    let ovals = &side.side.ovals;
    for (at, oval) in ovals.iter().enumerate() {
        for other in &ovals[at + 1..] {
            let x = oval.centre.x.less(other.centre.x).get().abs();
            let y = oval.centre.y.less(other.centre.y).get().abs();
            assert!(x >= 10_000 || y >= 6_300, "{oval:?} {other:?}");
        }
        let around = apart(oval_area(oval.centre), Length::hundredths(200));
        let itself = side.inks.iter().filter(
            |ink| matches!(ink, Ink::Oval { centre, is_filled: false } if *centre == oval.centre),
        );
        assert_eq!(itself.count(), 1);
        for ink in &side.inks {
            if !matches!(ink, Ink::Oval { centre, .. } if *centre == oval.centre) {
                assert!(!overlap(around, ink.area()), "{oval:?} {ink:?}");
            }
        }
        for line in &side.side.write_ins {
            assert!(!overlap(around, line.area), "{oval:?} {line:?}");
        }
    }
    let drawn = side.inks.iter().filter(|ink| matches!(ink, Ink::Oval { is_filled: false, .. }));
    assert_eq!(drawn.count(), ovals.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn things_stand_by_themselves_inside_the_frame(definition in any_definition()) {
        let frame = Frame::of(definition.paper);
        for side in sides(&laid(&definition)) {
            nothing_overlaps(side);
            everything_is_inside(side, frame);
            ovals_stand_by_themselves(side);
        }
    }
}

#[test]
fn an_oval_stands_to_the_left_of_its_name() {
    let kind = Kind {
        choices: 3,
        details: true,
        method: Method::Plurality,
        question: 0,
        ranks: 1,
        vote_for: 1,
        write_ins: 0,
    };
    for languages in [&["en"][..], &["ar", "en"]] {
        let laid = laid(&definition(Paper::Letter, languages, std::slice::from_ref(&kind)));
        let side = &laid.sheets[0][0];
        for (at, oval) in side.side.ovals.iter().enumerate() {
            let names = lines(&laid).filter(|line| line.text.contains(&format!("c0n{at} ")));
            let names: Vec<&Line> = names.collect();
            assert_eq!(names.len(), languages.len());
            let first = names[0].area;
            assert!(oval.centre.y > first.y && oval.centre.y < first.end().y);
            let right = oval.centre.x.plus(OVAL.0.part(2));
            assert!(names.iter().all(|name| name.area.x > right));
        }
    }
}

#[test]
fn what_is_read_from_the_right_ends_at_the_right() {
    let kind = Kind {
        choices: 2,
        details: false,
        method: Method::Plurality,
        question: 30,
        ranks: 1,
        vote_for: 1,
        write_ins: 0,
    };
    let laid = laid(&definition(Paper::Letter, &["ar", "en"], &[kind]));
    let questions = |tag: &'static str| {
        let is_of = move |line: &&Line| line.role == Role::Question && line.language == *tag;
        lines(&laid).filter(is_of).collect::<Vec<_>>()
    };
    let ends: BTreeSet<Length> = questions("ar").iter().map(|line| line.area.end().x).collect();
    let begins: BTreeSet<Length> = questions("en").iter().map(|line| line.area.x).collect();
    assert_eq!((ends.len(), begins.len()), (1, 1));
    assert!(questions("ar").len() > 2 && questions("en").len() > 2);
}
