//! The answer to `/stamp`.

use super::*;

fn seed() -> Secret {
    Secret::new(&[31; 32])
}

fn stamp(
    desk: &mut Desk,
    campaign: &Campaign,
    given: Code,
    draw: u64,
    now: Timestamp,
) -> (bool, bool) {
    let codes = Codes::at(&seed(), now);
    let fresh = drawn(draw);
    let random = *drawn(draw + 1_000_000).first_chunk().unwrap();
    let secrets = secrets();
    let judged = desk.judge(campaign, None, &codes, given, now).unwrap();
    let answer = judged.stamp(&secrets, (&fresh, random));
    assert_eq!(answer.platform.period, campaign.period_at(now).unwrap());
    assert!(answer.voter.is_genuine(&secrets.edge_key, &answer.platform, now));
    (answer.platform.is_genuine(secrets.stamps.stamp_key()), judged.excess() > 0)
}

fn right(now: Timestamp) -> Code {
    code(&seed(), crate::totp::step(now))
}

#[test]
fn a_right_code_gets_a_stamp_and_a_wrong_one_a_decoy() {
    let (mut desk, campaign) = (Desk::new(), campaign());
    let wrong: Code =
        if right(noon()).to_string() == "123456" { "654321" } else { "123456" }.parse().unwrap();
    assert_eq!(stamp(&mut desk, &campaign, right(noon()), 1, noon()), (true, false));
    assert_eq!(stamp(&mut desk, &campaign, wrong, 2, noon()), (false, false));
    assert_eq!(stamp(&mut desk, &campaign, right(noon()), 3, later(30)), (true, false));
    assert_eq!(stamp(&mut desk, &campaign, right(noon()), 4, later(60)), (false, false));
    assert_eq!(desk.totals().map(|(_, total)| total).collect::<Vec<_>>(), [2]);
}

/// The attack: a code is photographed and sent to a crowd.
#[test]
fn a_code_is_good_for_a_booths_worth_of_stamps() {
    let mut draft = draft();
    draft.stamps_per_code = Some(3);
    let campaign = Campaign::check(draft).unwrap();
    let mut desk = Desk::new();
    let given = right(noon());
    let mut genuine = 0;
    for draw in 0..20 {
        // Over three steps it stays the same code.
        let now = later(if draw < 10 { 0 } else { 30 });
        let (good, alarm) = stamp(&mut desk, &campaign, given, draw, now);
        genuine += u32::from(good);
        assert_eq!(alarm, !good, "beyond the limit an alarm, and a decoy outside");
    }
    assert_eq!(genuine, 3);
    let next = code(&seed(), crate::totp::step(later(30)));
    assert_eq!(stamp(&mut desk, &campaign, next, 30, later(30)), (true, false), "others go on");
    let clock_back = stamp(&mut desk, &campaign, given, 31, noon());
    assert!(!clock_back.0, "a clock that goes back gives no stamp more");
}

#[test]
fn wrong_codes_use_nothing_up() {
    let mut draft = draft();
    draft.stamps_per_code = Some(1);
    let campaign = Campaign::check(draft).unwrap();
    let mut desk = Desk::new();
    for wrong in (0..200).filter(|wrong| right(noon()).to_string() != format!("{wrong:06}")) {
        let wrong: Code = format!("{wrong:06}").parse().unwrap();
        stamp(&mut desk, &campaign, wrong, 1, noon());
    }
    assert_eq!(stamp(&mut desk, &campaign, right(noon()), 2, noon()), (true, false));
}

#[test]
fn there_are_stamps_while_the_campaign_is_open_and_for_its_stations() {
    let mut draft = draft();
    draft.stations = vec!["s-1".to_owned()];
    let stationed = Campaign::check(draft).unwrap();
    let (one, two): (Station, Station) = ("s-1".parse().unwrap(), "s-2".parse().unwrap());
    let ask = |campaign: &Campaign, station: Option<&Station>, now| {
        let codes = Codes::at(&seed(), now);
        Desk::new().judge(campaign, station, &codes, codes.current, now).map(|_| ())
    };
    assert_eq!(ask(&stationed, Some(&one), noon()), Ok(()));
    assert_eq!(ask(&stationed, Some(&two), noon()), Err(Refusal::Malformed));
    assert_eq!(ask(&stationed, None, noon()), Err(Refusal::Malformed));
    assert_eq!(ask(&campaign(), Some(&one), noon()), Err(Refusal::Malformed));
    assert_eq!(ask(&campaign(), None, time("2026-11-03T06:59:59Z")), Err(Refusal::Time));
    assert_eq!(ask(&campaign(), None, campaign().end()), Err(Refusal::Time));
}

/// The attack: a stamp without a code, where the campaign asks for one; and a code, which somebody
/// may have been sent, where there is none.
#[test]
fn a_stamp_takes_no_code_only_where_the_campaign_says_so() {
    let booths = campaign();
    assert_eq!(Judged::remote(&booths, noon()).err(), Some(Refusal::Malformed));
    let name = "solar-remote".to_owned();
    let remote = Draft { name, remote_of: Some("solar".to_owned()), ..draft() };
    let remote = Campaign::check(remote).unwrap();
    let secrets = secrets();
    let stamped = |draw: u64| {
        let judged = Judged::remote(&remote, noon()).unwrap();
        let random = *drawn(draw + 1_000_000).first_chunk().unwrap();
        assert_eq!(judged.excess(), 0);
        judged.stamp(&secrets, (&drawn(draw), random))
    };
    let (one, other) = (stamped(1), stamped(2));
    for stamps in [one, other] {
        assert!(stamps.platform.is_genuine(secrets.stamps.stamp_key()));
        assert!(stamps.voter.is_genuine(&secrets.edge_key, &stamps.platform, noon()));
    }
    assert!(one.platform != other.platform && one.voter != other.voter);
    let after = remote.end();
    assert_eq!(Judged::remote(&remote, after).err(), Some(Refusal::Time));
    let codes = Codes::at(&seed(), noon());
    let judged = Desk::new().judge(&remote, None, &codes, right(noon()), noon());
    assert_eq!(judged.err(), Some(Refusal::Malformed));
}
