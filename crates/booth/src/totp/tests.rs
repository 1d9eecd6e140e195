use canon::Timestamp;

use super::{Code, CodeError, Codes, Station, code, step, truncate};
use crate::fixture::vector;
use crate::secret::Secret;

fn seed() -> Secret {
    Secret::new(b"12345678901234567890123456789012")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

#[test]
fn the_rows_of_rfc_6238() {
    let vectors = vector("totp");
    for row in vectors["rows"].as_array().unwrap() {
        let now = at(row["time"].as_i64().unwrap());
        let long = row["code_8"].as_str().unwrap();
        let mac = seed().mac(&[&step(now).to_be_bytes()]);
        assert_eq!(format!("{:08}", truncate(&mac, 8)), long);
        assert_eq!(code(&seed(), step(now)).to_string(), long[2..]);
    }
}

#[test]
fn the_truncation_of_rfc_4226() {
    let vectors = vector("totp");
    let mac = data_encoding::HEXLOWER
        .decode(vectors["truncation"]["mac"].as_str().unwrap().as_bytes())
        .unwrap();
    assert_eq!(truncate(&mac, 6).to_string(), vectors["truncation"]["code_6"].as_str().unwrap());
    let binary = vectors["truncation"]["binary"].as_u64().unwrap();
    assert_eq!(u64::from(truncate(&mac, 9)), binary % 1_000_000_000);
}

#[test]
fn check_characters() {
    for row in vector("totp")["check_characters"].as_array().unwrap() {
        let digits = row["digits"].as_str().unwrap();
        let code: Code = digits.parse().unwrap();
        assert_eq!(code.check_character().to_string(), row["check"].as_str().unwrap());
        assert_eq!(Code::from_typed(&code.shown()), Ok(code));
    }
}

#[test]
fn a_typed_code_is_judged_by_its_check_character() {
    let code: Code = "263917".parse().unwrap();
    assert_eq!(Code::from_typed("263 917 6"), Ok(code));
    assert_eq!(Code::from_typed("263-917-6"), Ok(code));
    // What the check character cannot find: digits that changed places.
    assert_eq!(Code::from_typed("623 917 6"), Ok("623917".parse().unwrap()));
    for wrong in ["263 917 7", "263 918 6", "363 917 6", "263917A"] {
        assert_eq!(Code::from_typed(wrong), Err(CodeError::Check), "{wrong}");
    }
    let ten: Code = "550000".parse().unwrap();
    assert_eq!(Code::from_typed("550 000 a"), Ok(ten));
    for odd in
        ["", "263917", "26391766", "263917X", "26391\u{e9}6", "A639176", "\u{e9}\u{e9}\u{e9}6"]
    {
        assert_eq!(Code::from_typed(odd), Err(CodeError::Form), "{odd}");
    }
}

#[test]
fn the_header_has_six_digits_and_nothing_else() {
    for odd in ["", "26391", "2639176", "+26391", " 263917", "26391\u{661}", "26391a"] {
        assert_eq!(odd.parse::<Code>(), Err(CodeError::Form), "{odd}");
    }
    assert_eq!("000042".parse::<Code>().unwrap().to_string(), "000042");
}

#[test]
fn last_current_and_next_are_taken_and_no_others() {
    let now = 1_669_901_293;
    let codes = Codes::at(&seed(), at(now));
    for (offset, taken) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
        let given = code(&seed(), step(at(now + offset)));
        assert_eq!(bool::from(codes.accept(given)), taken, "{offset}");
    }
}

#[test]
fn a_station_has_the_seed_of_its_day() {
    let row = &vector("totp")["station"];
    let station: Station = row["name"].as_str().unwrap().parse().unwrap();
    let now = at(row["time"].as_i64().unwrap());
    let codes = Codes::of_station(&seed(), &station, now);
    assert_eq!(codes.current.to_string(), row["code_6"].as_str().unwrap());
    let expected =
        data_encoding::HEXLOWER.decode(row["seed"].as_str().unwrap().as_bytes()).unwrap();
    let expected = Secret::new(&expected.try_into().unwrap());
    assert_eq!(code(&expected, step(now)), codes.current);
}

/// The attack: a station is taken apart, and its seed shows the codes of another station, or
/// of another day. With one seed everywhere it does.
#[test]
fn a_stolen_seed_is_of_no_use_elsewhere_or_tomorrow() {
    let [here, there]: [Station; 2] = ["here", "there"].map(|name| name.parse().unwrap());
    let today = at(1_669_901_293);
    let stolen = here.seed(&seed(), step(today));
    let honest = |station: &Station, step: u64| code(&station.seed(&seed(), step), step);
    let (mut elsewhere, mut tomorrow) = (0, 0);
    for later in 0..100 {
        let same_day = step(today) + later;
        let next_day = same_day + 2_880;
        assert_eq!(code(&stolen, same_day), honest(&here, same_day));
        elsewhere += u32::from(code(&stolen, same_day) == honest(&there, same_day));
        tomorrow += u32::from(code(&stolen, next_day) == honest(&here, next_day));
    }
    assert_eq!((elsewhere, tomorrow), (0, 0));
}

#[test]
fn around_midnight_each_step_has_the_seed_of_its_own_day() {
    let station: Station = "s".parse().unwrap();
    let midnight = 1_669_852_800;
    let before = Codes::of_station(&seed(), &station, at(midnight - 1));
    let after = Codes::of_station(&seed(), &station, at(midnight));
    assert_eq!((before.current, before.next), (after.last, after.current));
}

#[test]
fn names_of_stations() {
    for odd in ["", "a b", "a/b", "\u{e9}", "a\0", &"x".repeat(65)] {
        assert!(odd.parse::<Station>().is_err(), "{odd:?}");
    }
}

#[test]
fn no_code_is_shown_by_accident() {
    let codes = Codes::at(&seed(), at(59));
    let text = format!("{codes:?} {:?}", seed());
    for code in [codes.last, codes.current, codes.next] {
        assert!(!text.contains(&code.to_string()), "{text}");
    }
    assert!(!text.contains("49, 50"), "{text}");
}
