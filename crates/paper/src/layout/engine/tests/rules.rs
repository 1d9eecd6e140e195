//! What stands on a ballot: everything that has to, once, in its order.

use super::*;

fn plain(choices: usize) -> Kind {
    Kind {
        choices,
        details: false,
        method: Method::Plurality,
        question: 0,
        ranks: 1,
        vote_for: 1,
        write_ins: 0,
    }
}

/// The words of all lines of a role and contest in a language, one after the other.
fn words(laid: &Laid, role: Role, contest: u32, language: &str) -> Vec<String> {
    let is_of = |line: &&Line| {
        line.role == role && line.contest == Some(contest) && line.language == *language
    };
    let texts = lines(laid).filter(is_of).flat_map(|line| line.text.split(' '));
    texts.map(str::to_owned).collect()
}

fn split(texts: &[&str]) -> Vec<String> {
    texts.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect()
}

/// Every text of every contest, in every language, once and in order.
fn every_text_stands_once(definition: &BallotDefinition, laid: &Laid) {
    for (number, contest) in (0..).zip(&definition.contests) {
        for language in &definition.languages {
            let tag = language.as_str();
            let title = contest.title.of(language).unwrap().as_str();
            assert_eq!(words(laid, Role::Title, number, tag), split(&[title]));
            let text = contest.text.iter().map(|text| text.of(language).unwrap().as_str());
            let text: Vec<&str> = text.collect();
            assert_eq!(words(laid, Role::Question, number, tag), split(&text));
            let names = contest.choices.iter().map(|choice| choice.name.of(language).unwrap());
            let names: Vec<&str> = names.map(Name::as_str).collect();
            assert_eq!(words(laid, Role::Name, number, tag), split(&names));
            let details = contest.choices.iter().filter_map(|choice| choice.detail.as_ref());
            let details: Vec<&str> =
                details.map(|detail| detail.of(language).unwrap().as_str()).collect();
            assert_eq!(words(laid, Role::Detail, number, tag), split(&details));
            let party = definition.parties[0].name.of(language).unwrap().as_str();
            let parties = vec![party; details.len()];
            assert_eq!(words(laid, Role::Party, number, tag), split(&parties));
        }
    }
    for side in sides(laid) {
        for language in &definition.languages {
            let header = side.inks.iter().filter_map(|ink| match ink {
                Ink::Line(line) if line.role == Role::Header && line.language == *language => {
                    Some(line.text.as_str())
                }
                _ => None,
            });
            let header = header.collect::<Vec<_>>().join(" ");
            for text in [&definition.title, &definition.jurisdiction] {
                let text = text.of(language).unwrap().as_str();
                assert_eq!(header.matches(text).count(), 1, "{header}");
            }
        }
    }
}

fn count(number: u64) -> u32 {
    u32::try_from(number).unwrap()
}

/// Every choice and every line has its oval, one a preference, and no other is there.
fn every_choice_has_its_ovals(definition: &BallotDefinition, laid: &Laid) {
    let ovals = sides(laid).flat_map(|side| &side.side.ovals);
    let mut found: BTreeMap<(u32, u32, Target), usize> = BTreeMap::new();
    for oval in ovals {
        *found.entry((oval.contest, oval.rank, oval.target)).or_default() += 1;
    }
    let mut expected = BTreeMap::new();
    for (number, contest) in (0..).zip(&definition.contests) {
        let ranks = count(contest.ranks.unwrap_or(1));
        for rank in 1..=ranks {
            for choice in 0..count(contest.choices.len() as u64) {
                expected.insert((number, rank, Target::Choice(choice)), 1);
            }
            for line in 0..count(contest.write_ins) {
                expected.insert((number, rank, Target::WriteIn(line)), 1);
            }
        }
        let lines = sides(laid).flat_map(|side| &side.side.write_ins);
        let lines: Vec<u32> =
            lines.filter(|line| line.contest == number).map(|line| line.line).collect();
        assert_eq!(lines, (0..count(contest.write_ins)).collect::<Vec<_>>());
    }
    assert_eq!(found, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn everything_stands_on_the_ballot_once(definition in any_definition()) {
        let laid = laid(&definition);
        every_text_stands_once(&definition, &laid);
        every_choice_has_its_ovals(&definition, &laid);
        prop_assert_eq!(&laid, &super::laid(&definition));
    }

    #[test]
    fn a_contest_breaks_only_where_no_column_holds_it(definition in any_definition()) {
        let laid = laid(&definition);
        for (number, _) in (0..).zip(&definition.contests) {
            let is_of = |ink: &&Ink| matches!(ink, Ink::Line(line) if line.contest == Some(number)
                && line.role == Role::Continued);
            let is_broken = sides(&laid).any(|side| side.inks.iter().any(|ink| is_of(&ink)));
            let places = sides(&laid).enumerate().flat_map(|(side, laid)| {
                let bars = laid.side.ovals.iter().filter(|oval| oval.contest == number);
                bars.filter(|oval| oval.rank == 1).map(move |oval| (side, oval.centre.x))
            });
            let places: BTreeSet<_> = places.collect();
            prop_assert!(is_broken || places.len() == 1, "contest {number}: {places:?}");
        }
    }
}

#[test]
fn a_page_says_where_it_goes_on() {
    let kinds = vec![plain(12); 30];
    let laid = laid(&definition(Paper::Letter, &["en"], &kinds));
    assert!(laid.sheets.len() > 1, "one sheet holds all of it");
    let footer = |side: &LaidSide| {
        let lines = side.inks.iter().filter_map(|ink| match ink {
            Ink::Line(line) if line.role == Role::Footer => Some(line.text.clone()),
            _ => None,
        });
        lines.collect::<Vec<_>>().join(" / ")
    };
    assert_eq!(
        footer(&laid.sheets[0][0]),
        "Turn the ballot over / en Precinct One / Ballot style 1"
    );
    assert!(footer(&laid.sheets[0][1]).starts_with("Continue on sheet 2"));
    let last = laid.sheets.last().unwrap().last().unwrap();
    assert!(footer(last).starts_with("End of ballot"));
    let pages = sides(&laid).count();
    for (page, side) in (1..).zip(sides(&laid)) {
        let expected = format!("Page {page} of {pages}");
        let is_there = |ink: &Ink| matches!(ink, Ink::Line(line) if line.text.ends_with(&expected));
        assert!(side.inks.iter().any(is_there), "{expected}");
    }
}

#[test]
fn one_sided_ballots_have_no_backs() {
    let definition = definition(Paper::Letter, &["en"], &vec![plain(12); 30]);
    let printing = Printing { one_sided: true, ..Printing::default() };
    let one = lay_out(&definition, 0, &Plain, printing).unwrap();
    assert!(one.sheets.len() > 2 && one.sheets.iter().all(|sheet| sheet.len() == 1));
    let two = laid(&definition);
    assert_eq!(sides(&one).count(), sides(&two).count());
    assert!(two.sheets[0].len() == 2);
}

#[test]
fn the_order_of_a_style_is_that_of_its_ballot() {
    let mut definition = definition(Paper::Letter, &["en"], &[plain(3)]);
    definition.styles[0].contests[0].choices =
        ["n2", "n0", "n1"].map(|id| id.parse().unwrap()).to_vec();
    let laid = laid(&definition);
    let targets: Vec<Target> =
        sides(&laid).flat_map(|side| &side.side.ovals).map(|oval| oval.target).collect();
    assert_eq!(targets, [2, 0, 1].map(Target::Choice));
    let names: Vec<&str> =
        lines(&laid).filter(|line| line.role == Role::Name).map(|line| &*line.text).collect();
    assert_eq!(names, ["en c0n2 Name", "en c0n0 Name", "en c0n1 Name"]);
}

#[test]
fn what_is_the_same_in_two_languages_stands_once() {
    let mut definition = definition(Paper::Letter, &["en", "es"], &[plain(2)]);
    let name = serde_json::from_value(json!({"en": "Ada Elm", "es": "Ada Elm"})).unwrap();
    definition.contests[0].choices[0].name = name;
    let laid = laid(&definition);
    assert_eq!(lines(&laid).filter(|line| line.text == "Ada Elm").count(), 1);
}

#[test]
fn a_fault_names_its_contest() {
    let base = || definition(Paper::Letter, &["en", "es"], &[plain(2), plain(2)]);
    let refused = |definition: &BallotDefinition| {
        lay_out(definition, 0, &Plain, Printing::default()).unwrap_err().to_string()
    };
    let mut one = base();
    one.contests[1].title =
        serde_json::from_value(json!({"en": "x".repeat(99), "es": "y"})).unwrap();
    let expected = format!("contest \"c1\": {:?} is wider than its place of 89 mm", "x".repeat(99));
    assert_eq!(refused(&one), expected);
    let mut one = base();
    one.contests[1].title = serde_json::from_value(json!({"en": "x"})).unwrap();
    assert_eq!(refused(&one), "contest \"c1\": a text is not in the language es");
    let mut one = base();
    one.languages.push("nv".parse::<Language>().unwrap());
    assert_eq!(
        refused(&one),
        "the words of the ballot itself are not built in for the language nv"
    );
    let mut one = base();
    one.contests[0].method = Method::Ranked;
    one.contests[0].ranks = Some(40);
    assert_eq!(
        refused(&one),
        "contest \"c0\": the columns of preferences does not fit on this paper"
    );
    let mut one = base();
    one.styles[0].contests[1].contest = "other".parse().unwrap();
    assert_eq!(refused(&one), "the definition has no contest \"other\", which style \"1\" names");
    assert_eq!(
        lay_out(&base(), 1, &Plain, Printing::default()).unwrap_err(),
        LayoutError::Style(1)
    );
}
