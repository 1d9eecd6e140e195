use super::*;

const NOON: &str = "2009-02-13T12:00:07Z";

fn known() -> Known {
    let latest = at("2009-02-13T11:00:00Z");
    Known { station: flying_demo(), updated: latest, latest, clock: None, ahead: None }
}

fn check(offset_ms: i64, when: &str) -> ClockCheck {
    ClockCheck { at: at(when), offset_ms, agreed: 3, asked: 3 }
}

fn shown_at(known: &Known, wraps: &Wraps, now: Timestamp) -> Result<Shown, Refused> {
    let (token, ..) = world();
    let keys = Keys::unwrap(&token, wraps).unwrap();
    Display::of(known, &keys, token.protection(), now).code
}

fn shown(known: &Known, wraps: &Wraps, now: &str) -> Result<Shown, Refused> {
    shown_at(known, wraps, at(now))
}

/// The rows of RFC 6238, appendix B, through a wrapped secret.
#[test]
fn a_station_shows_the_codes_of_rfc_6238() {
    let (_, _, same, _) = world();
    let early = Known { latest: Timestamp::MIN, ..known() };
    for row in vector("totp")["rows"].as_array().unwrap() {
        let now = Timestamp::from_unix(row["time"].as_i64().unwrap()).unwrap();
        let shown = shown_at(&early, &same, now).unwrap();
        assert_eq!(shown.code.to_string(), row["code_8"].as_str().unwrap()[2..]);
        assert_eq!(shown.seconds_left, 30 - now.unix_u64() % 30);
    }
}

#[test]
fn with_seeds_of_its_own_a_station_shows_those_of_the_day() {
    let (_, master, _, daily) = world();
    let row = &vector("totp")["station"];
    let now = Timestamp::from_unix(row["time"].as_i64().unwrap()).unwrap();
    let found = shown_at(&known(), &daily, now).unwrap();
    assert_eq!(found.code.to_string(), row["code_6"].as_str().unwrap());
    for now in ["2009-02-13T23:59:59Z", "2009-02-14T00:00:00Z"] {
        let step = totp::step(at(now));
        let expected = totp::code(&flying_demo().seed(&master, step), step);
        assert_eq!(shown(&known(), &daily, now).unwrap().code, expected);
    }
    let none = shown(&known(), &daily, "2009-02-15T00:00:00Z");
    assert_eq!(none, Err(Refused::NoSeed("2009-02-15".parse().unwrap())));
}

/// 20 parts per million are 20 seconds in a million seconds.
#[test]
fn a_station_that_is_offline_goes_on_until_its_clock_may_be_too_far_off() {
    let (_, _, same, _) = world();
    let of = |offset_ms| {
        let clock = Some(check(offset_ms, "2009-02-13T11:00:00Z"));
        Known { clock, ..known() }
    };
    // Eleven days, 13 hours, 46 minutes and 40 seconds.
    assert!(shown(&of(0), &same, "2009-02-25T00:46:40Z").is_ok());
    for later in ["2009-02-25T00:46:41Z", "2009-03-25T12:00:00Z"] {
        let refused = shown(&of(0), &same, later);
        assert!(matches!(refused, Err(Refused::ClockOld { .. })), "{refused:?}");
    }
    // What it was off by then counts too.
    assert!(shown(&of(-10_000), &same, "2009-02-18T12:00:00Z").is_ok());
    assert!(shown(&of(-10_000), &same, "2009-02-20T12:00:00Z").is_err());
    let known = of(-200);
    assert_eq!(Health::of(known.clock, at(NOON)), Health::Good);
    assert_eq!(Health::of(known.clock, at("2009-02-23T12:00:00Z")), Health::Old);
    assert_eq!(Health::of(None, at(NOON)), Health::NeverCompared);
    let alone = ClockCheck { agreed: 1, asked: 1, ..check(0, NOON) };
    assert_eq!(Health::of(Some(alone), at(NOON)), Health::OneServer);
}

/// The attack: while the station runs, its clock is set to the evening.
#[test]
fn a_clock_that_goes_faster_than_time_is_found_ahead() {
    let ahead = |pace: &mut Pace, later: u64, uptime: u64| {
        pace.hold(at(NOON).plus_seconds(later).unwrap(), uptime)
    };
    let fresh = || Pace::new(at(NOON), 1_000);
    assert_eq!(ahead(&mut fresh(), 20, 1_000), Ok(()), "set right by a little");
    let refused = ahead(&mut fresh(), 21, 1_000);
    assert_eq!(refused, Err(Refused::ClockAhead { seconds: 21 }));
    // In small steps too, and again when it is asked again.
    let mut pace = fresh();
    for step in 0..3 {
        assert_eq!(ahead(&mut pace, step * 10, 1_000), Ok(()));
    }
    assert!(ahead(&mut pace, 30, 1_000).is_err() && ahead(&mut pace, 30, 1_000).is_err());
    assert_eq!(ahead(&mut pace, 0, 1_000), Ok(()), "set right again");
    // Time that has passed is no step, and neither is what a clock drifts in it.
    assert_eq!(ahead(&mut fresh(), 1_000_039, 1_001_000), Ok(()));
    // One that fell behind is found when it jumps from there.
    let mut pace = Pace::new(at(NOON).plus_seconds(15).unwrap(), 1_000);
    assert_eq!(ahead(&mut pace, 0, 1_000), Ok(()));
    assert!(ahead(&mut pace, 21, 1_000).is_err());
}

#[test]
fn codes_that_were_known_ahead_are_told_until_their_day_is_over() {
    let (_, _, same, daily) = world();
    let (morning, evening) = ("2009-02-13T09:00:00Z", "2009-02-13T15:00:00Z");
    let found = check(0, morning).ahead(at(evening)).unwrap();
    assert_eq!((found.until, found.known_at), (at(evening), at(morning)));
    assert_eq!(check(0, morning).ahead(at("2009-02-13T09:00:20Z")), None);
    let known = Known { ahead: Some(found), ..known() };
    let (token, ..) = world();
    let keys = Keys::unwrap(&token, &same).unwrap();
    let told = |now: &str| Display::of(&known, &keys, token.protection(), at(now)).ahead;
    assert_eq!(told("2009-02-13T23:59:59Z"), Some(found));
    assert_eq!(told("2009-02-14T00:00:00Z"), None);
    // Another seed makes other codes.
    let Wraps::Same(one) = same else { panic!("one secret") };
    let Wraps::Daily(days) = &daily else { panic!("one a day") };
    let of = |today: Wrapped, tomorrow: Wrapped| {
        Wraps::Daily(days.keys().copied().zip([today, tomorrow]).collect())
    };
    let (today, tomorrow) = (days[&"2009-02-13".parse().unwrap()], days.values().nth(1).unwrap());
    assert!(found.concerns(&daily, &of(today, one)), "the seed of that day is the same");
    assert!(!found.concerns(&daily, &of(one, *tomorrow)));
    assert!(found.concerns(&same, &same) && !found.concerns(&same, &daily));
}

/// The attack: staff set the clock to the afternoon, note its codes, and set it back. From then on
/// the station shows nothing.
#[test]
fn a_clock_that_was_set_back_shows_no_code() {
    let (_, _, same, _) = world();
    let mut known = known();
    known.latest = at(NOON);
    let refused = shown(&known, &same, "2009-02-13T11:59:46Z");
    assert!(matches!(refused, Err(Refused::ClockBack { .. })), "{refused:?}");
    // A clock that is slewed right again falls behind by a little.
    assert!(shown(&known, &same, "2009-02-13T11:59:47Z").is_ok());
    assert!(shown(&known, &same, "1970-01-01T00:00:10Z").is_err(), "the battery is empty");
}

#[test]
fn a_clock_that_was_found_wrong_shows_no_code() {
    let (_, _, same, _) = world();
    for (offset_ms, health, shows) in [
        (3_000, Health::Good, true),
        (-3_001, Health::Off, true),
        (20_000, Health::Off, true),
        (-20_001, Health::Off, false),
        (i64::MIN, Health::Off, false),
    ] {
        let known = Known { clock: Some(check(offset_ms, NOON)), ..known() };
        assert_eq!(Health::of(known.clock, at(NOON)), health, "{offset_ms}");
        assert_eq!(shown(&known, &same, NOON).is_ok(), shows, "{offset_ms}");
    }
}

fn map(names: &[&str], wraps: &Wraps) -> Field {
    let generator =
        |name: &&str| Generator { station: name.parse().unwrap(), wraps: wraps.clone() };
    let generators = names.iter().map(generator).collect();
    Field::new(vec![Place { location: "Town hall".parse().unwrap(), generators }]).unwrap()
}

#[test]
fn a_code_that_was_seen_is_judged_after_the_close() {
    let (_, master, same, daily) = world();
    let now = totp::step(at(NOON));
    let [here, there, nowhere]: [Station; 3] = ["here", "there", "no"].map(|n| n.parse().unwrap());
    let fields = [map(&["here", "there"], &same), map(&["here", "there"], &daily)];
    let [common, own] = &fields;
    let judge = |field, code| Seen::judge(field, &master, &here, code, at(NOON));
    let of_all = |step| totp::code(&master, step);
    let of = |station: &Station, step| totp::code(&station.seed(&master, step), step);
    for (away, expected) in
        [(0, Seen::Right), (1, Seen::Right), (2, Seen::Later(2)), (20, Seen::Later(20))]
    {
        assert_eq!(judge(common, of_all(now + away)), expected);
        assert_eq!(judge(own, of(&here, now + away)), expected);
    }
    assert_eq!(judge(common, of_all(now - 1)), Seen::Right);
    assert_eq!(judge(common, of_all(now - 5)), Seen::Earlier(5));
    assert_eq!(judge(common, of_all(now - 21)), Seen::Foreign);
    assert_eq!(judge(own, of(&there, now)), Seen::OfAnother(&there));
    assert_eq!(judge(own, of_all(now)), Seen::Foreign);
    let code: Code = "000000".parse().unwrap();
    assert_eq!(Seen::judge(own, &master, &nowhere, code, at(NOON)), Seen::NotOnMap);
}
