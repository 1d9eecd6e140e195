use proptest::prelude::*;
use saphyr::{LoadableYamlNode as _, Yaml};

use super::*;

fn published() -> String {
    std::fs::read_to_string("../../vectors/booth/field.yml").unwrap()
}

#[test]
fn the_prototypes_map_is_read_and_written_as_it_was() {
    let field: Field = published().parse().unwrap();
    let (location, wraps) = field.find(&flying_demo()).unwrap();
    assert_eq!(location.as_str(), "Flying Demo");
    let expected = "wIZsDEbX+QZgn3Sh9hiwkANPmbD1BjcDxpTCPoI5d51Y0yjr9DSJbw==";
    assert_eq!(*wraps, Wraps::Same(expected.parse().unwrap()));
    assert_eq!(field.places()[1].location.as_str(), "411 5th Street North");
    assert!(field.places()[1].generators.is_empty());
    assert_eq!(field.to_string(), published());
}

/// Two stations of one name among them: whoever looks at one would not look for the other.
#[test]
fn maps_that_are_refused() {
    for row in vector("station")["refused_maps"].as_array().unwrap() {
        let map = row["map"].as_str().unwrap();
        let error = map.parse::<Field>().expect_err(map);
        assert_eq!(error.line as u64, row["line"].as_u64().unwrap(), "{map}\n{error}");
    }
}

#[test]
fn a_map_is_not_made_with_two_of_one_name() {
    let (_, _, same, daily) = world();
    let generator = |name: &str, wraps: &Wraps| Generator {
        station: name.parse().unwrap(),
        wraps: wraps.clone(),
    };
    let place = |name: &str, generators| Place { location: name.parse().unwrap(), generators };
    let problem = |places| Field::new(places).unwrap_err().problem;
    let here = || place("here", vec![generator("a", &same)]);
    let twice = problem(vec![here(), place("there", vec![generator("a", &same)])]);
    assert_eq!(twice, Problem::GeneratorTwice("a".parse().unwrap()));
    assert_eq!(problem(vec![here(), place("here", vec![])]), Problem::LocationTwice("here".into()));
    let mixed = problem(vec![here(), place("there", vec![generator("b", &daily)])]);
    assert_eq!(mixed, Problem::Mixed);
    assert_eq!(problem(vec![]), Problem::Empty);
    let none = Wraps::Daily(BTreeMap::new());
    assert_eq!(problem(vec![place("here", vec![generator("a", &none)])]), Problem::Nothing);
}

#[test]
fn locations() {
    for odd in ["", " a", "a ", "a\"b", "a\\b", "a\nb", "a\u{2028}b", &"x".repeat(101)] {
        assert!(odd.parse::<Location>().is_err(), "{odd:?}");
    }
}

/// Places with their stations with their secrets.
type Told = Vec<(String, Vec<(String, Vec<String>)>)>;

/// What a reader of YAML that knows nothing of maps finds: names as texts, and secrets.
fn judged(text: &str) -> Told {
    let documents = Yaml::load_from_str(text).unwrap();
    let [document] = documents.as_slice() else { panic!("one document") };
    let name = |found: &Yaml<'_>| found.as_str().expect("a text").to_owned();
    let secrets = |found: &Yaml<'_>| match found.as_mapping() {
        Some(days) => {
            days.iter().map(|(day, found)| format!("{} {}", name(day), name(found))).collect()
        }
        None => vec![name(found)],
    };
    let places = document.as_mapping().expect("places").iter();
    let place = |(location, below): (&Yaml<'_>, &Yaml<'_>)| {
        let generators = below.as_mapping().map(|found| {
            found.iter().map(|(station, found)| (name(station), secrets(found))).collect()
        });
        (name(location), generators.unwrap_or_default())
    };
    places.map(place).collect()
}

fn told(field: &Field) -> Told {
    let secrets = |wraps: &Wraps| match wraps {
        Wraps::Same(wrapped) => vec![wrapped.to_string()],
        Wraps::Daily(days) => days.iter().map(|(day, found)| format!("{day} {found}")).collect(),
    };
    let place = |place: &Place| {
        let generators = place.generators.iter();
        let generators =
            generators.map(|one| (one.station.to_string(), secrets(&one.wraps))).collect();
        (place.location.to_string(), generators)
    };
    field.places().iter().map(place).collect()
}

fn names() -> impl Strategy<Value = String> {
    const ODD: [&str; 10] =
        ["yes", "NULL", "12", "1e3", "0x1F", "2026-11-22", "~", "- a", "a: b", "1 e"];
    let odd = prop::sample::select(&ODD[..]).prop_map(str::to_owned);
    prop_oneof![odd, "\\PC{1,12}", "[0-9a-f.:+-]{1,8}"]
}

proptest! {
    #[test]
    fn every_map_is_read_back_and_other_readers_find_the_same(
        locations in prop::collection::vec(names(), 1..5),
        stations in prop::collection::vec("[0-9a-fxy-]{1,8}", 5),
        days in prop::option::of(prop::collection::vec(0_u64..9, 1..3)),
        byte in any::<u8>(),
    ) {
        let wrapped = WrappingKey::new(Secret::new(&[byte; 32])).wrap(&Secret::new(&[1; 32]));
        let wraps = match days {
            None => Wraps::Same(wrapped),
            Some(days) => Wraps::Daily(days.into_iter().map(|day| {
                (Day::of(at("2026-11-22T00:00:00Z")).plus(day), wrapped)
            }).collect()),
        };
        let places = locations.iter().zip(&stations).filter_map(|(location, station)| {
            let generator = Generator { station: station.parse().ok()?, wraps: wraps.clone() };
            Some(Place { location: location.parse().ok()?, generators: vec![generator] })
        });
        if let Ok(field) = Field::new(places.collect()) {
            let text = field.to_string();
            prop_assert_eq!(&text.parse::<Field>().unwrap(), &field);
            prop_assert_eq!(judged(&text), told(&field));
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[ a1:#\"\n=-]{0,60}") {
        if let Ok(field) = text.parse::<Field>() {
            prop_assert_eq!(judged(&text), told(&field));
        }
    }
}
