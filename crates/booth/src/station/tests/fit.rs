//! A map beside a campaign of 3 and 4 November 2026.

use super::*;
use crate::campaign::{Campaign, Draft};
use crate::fixture::draft;
use canon::Digest;

fn campaign(change: impl FnOnce(&mut Draft)) -> Campaign {
    let mut draft = draft();
    change(&mut draft);
    Campaign::check(draft).unwrap()
}

/// A campaign of two stations with seeds of their own.
fn of_two() -> Campaign {
    campaign(|draft| draft.stations = ["here", "there"].map(str::to_owned).to_vec())
}

fn map(names: &[&str], days: &[&str]) -> Field {
    let (_, _, Wraps::Same(one), _) = world() else { panic!("one secret") };
    let days: BTreeMap<_, _> = days.iter().map(|day| (day.parse().unwrap(), one)).collect();
    let wraps = if days.is_empty() { Wraps::Same(one) } else { Wraps::Daily(days) };
    let generator =
        |name: &&str| Generator { station: name.parse().unwrap(), wraps: wraps.clone() };
    let generators = names.iter().map(generator).collect();
    Field::new(vec![Place { location: "Town hall".parse().unwrap(), generators }]).unwrap()
}

const BOTH: [&str; 2] = ["2026-11-03", "2026-11-04"];

fn told(field: &Field, campaign: &Campaign) -> Vec<String> {
    field.misfits(campaign).iter().map(ToString::to_string).collect()
}

#[test]
fn a_map_of_the_campaigns_stations_and_days_fits() {
    assert!(map(&["there", "here"], &BOTH).misfits(&of_two()).is_empty());
    assert!(map(&["anything"], &[]).misfits(&campaign(|_| ())).is_empty());
    // The end is the first instant that does not count, and days around the campaign do no harm.
    let midnight = campaign(|draft| {
        draft.stations = vec!["here".into()];
        draft.end = at("2026-11-04T00:00:00Z");
    });
    assert!(map(&["here"], &["2026-11-03"]).misfits(&midnight).is_empty());
    assert!(map(&["here"], &["2026-11-02", BOTH[0], BOTH[1]]).misfits(&midnight).is_empty());
}

/// A name typed wrong: at that booth nobody gets a stamp, and one station never gets a secret.
#[test]
fn a_station_of_another_name_is_found() {
    let found = told(&map(&["here", "their"], &BOTH), &of_two());
    assert_eq!(
        found,
        [
            "the map has the station their, and the campaign has not",
            "the campaign has the station there, and the map has not",
        ]
    );
    let none = map(&[], &[]);
    assert_eq!(told(&none, &campaign(|_| ())), ["the map has no station"]);
}

/// Seeds of the other kind: every code of every booth is answered with a decoy.
#[test]
fn seeds_of_the_other_kind_are_found() {
    let found = map(&["here", "there"], &[]).misfits(&of_two());
    assert_eq!(found, [Misfit::OneSeed]);
    let found = map(&["here", "there"], &BOTH).misfits(&campaign(|_| ()));
    assert_eq!(found, [Misfit::OwnSeeds]);
}

#[test]
fn days_that_a_station_lacks_are_found() {
    let one = campaign(|draft| draft.stations = vec!["here".into()]);
    let of = |days: &[&str]| map(&["here"], days).misfits(&one);
    let (first, last) = (BOTH[0].parse().unwrap(), BOTH[1].parse().unwrap());
    let station: Station = "here".parse().unwrap();
    let none = Misfit::NoDay { station: station.clone(), days: Days { first, last } };
    // The right days of another year.
    assert_eq!(of(&["2025-11-03", "2025-11-04"]), std::slice::from_ref(&none));
    assert_eq!(of(&["2026-11-02", "2026-11-05"]), [none]);
    let lacking = Days { first: last, last };
    assert_eq!(of(&BOTH[..1]), [Misfit::SomeDays { station: station.clone(), lacking }]);
    let lacking = Days { first, last: first };
    assert_eq!(of(&BOTH[1..]), [Misfit::SomeDays { station, lacking }]);
    assert!(of(&BOTH[1..])[0].is_for_later());
}

#[test]
fn remote_votes_have_no_map() {
    let remote = campaign(|draft| {
        draft.name = "lunar-remote".into();
        draft.remote_of = Some("lunar".into());
    });
    assert_eq!(map(&["here"], &[]).misfits(&remote), [Misfit::Remote]);
}

/// The seed of an earlier campaign: the whole country is given decoys.
#[test]
fn another_seed_than_the_committed_one_is_found() {
    let seed = Secret::new(&[5; 32]);
    assert_eq!(Misfit::of_seed(&seed, &campaign(|_| ())), None, "nothing is committed");
    let committed = |bytes: &[u8]| {
        let digest = Digest::of(bytes).to_string();
        campaign(|draft| draft.totp_seed_sha256 = Some(digest))
    };
    assert_eq!(Misfit::of_seed(&seed, &committed(&[5; 32])), None);
    assert_eq!(Misfit::of_seed(&seed, &committed(&[6; 32])), Some(Misfit::Seed));
}
