use proptest::prelude::*;

use super::*;

#[test]
fn known_instants() {
    // POSIX times from `date -u -d @N` of GNU coreutils 9.1.
    for (unix, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_399, "2000-02-28T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (951_868_800, "2000-03-01T00:00:00Z"),
        (1_730_833_200, "2024-11-05T19:00:00Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"),
    ] {
        let time = Timestamp::from_unix(unix).unwrap();
        assert_eq!(time.to_string(), text);
        assert_eq!(text.parse(), Ok(time));
    }
}

#[test]
fn other_spellings_are_refused() {
    for text in [
        "",
        "2024-11-05T19:00:00",
        "2024-11-05t19:00:00Z",
        "2024-11-05T19:00:00z",
        "2024-11-05 19:00:00Z",
        "2024-11-05T19:00:00.0Z",
        "2024-11-05T19:00:00+00:00",
        "2024-11-05T19:00Z",
        "24-11-05T19:00:00Z",
        "+024-11-05T19:00:00Z",
        "2024-11-05T19:00:0٠Z",
        " 2024-11-05T19:00:00Z",
        "2024-11-05T19:00:00Z ",
    ] {
        assert!(matches!(text.parse::<Timestamp>(), Err(TimeError::Form { .. })), "{text}");
    }
}

#[test]
fn instants_that_do_not_exist_are_refused() {
    for text in [
        "2023-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-04-31T00:00:00Z",
        "2024-04-00T00:00:00Z",
        "2024-11-05T24:00:00Z",
        "2024-11-05T23:60:00Z",
        "2016-12-31T23:59:60Z",
    ] {
        let error = text.parse::<Timestamp>();
        assert_eq!(error, Err(TimeError::NoSuchInstant { found: text.into() }));
    }
    assert_eq!("1969-12-31T23:59:59Z".parse::<Timestamp>(), Err(TimeError::Range { seconds: -1 }));
    assert!(Timestamp::from_unix(-1).is_err());
    assert!(Timestamp::from_unix(LAST + 1).is_err());
}

#[test]
fn sums_stay_in_range() {
    let noon = Timestamp::from_unix(43_200).unwrap();
    assert_eq!(noon.plus_seconds(60).unwrap().unix(), 43_260);
    assert!(Timestamp::MAX.plus_seconds(1).is_err());
    assert!(noon.plus_seconds(u64::MAX).is_err());
    assert_eq!(noon.saturating_plus_seconds(u64::MAX), Timestamp::MAX);
    assert_eq!(noon.seconds_since(Timestamp::MIN), 43_200);
    assert_eq!(Timestamp::MIN.seconds_since(noon), -43_200);
}

proptest! {
    #[test]
    fn agrees_with_jiff(unix in 0..=LAST) {
        let ours = Timestamp::from_unix(unix).unwrap();
        let theirs = jiff::Timestamp::from_second(unix.min(253_402_207_200)).unwrap();
        // jiff ends a day before 9999 does, to leave room for offsets.
        if unix <= 253_402_207_200 {
            prop_assert_eq!(ours.to_string(), theirs.to_string());
        }
        prop_assert_eq!(ours.to_string().parse(), Ok(ours));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,24}") {
        let _ = text.parse::<Timestamp>();
    }
}
