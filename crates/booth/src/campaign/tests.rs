use artifact::charter::Purpose;
use proptest::prelude::*;

use super::{Campaign, CampaignFault, Draft, OptionFault, Period, Shard, from_header, to_header};
use crate::fixture::{authority, campaign, draft, mandate, noon, time};
use crate::work::{Nonce, Puzzle};

fn faults(change: impl FnOnce(&mut Draft)) -> Vec<CampaignFault> {
    let mut draft = draft();
    change(&mut draft);
    Campaign::check(draft).err().unwrap_or_default()
}

fn options(options: &[&str]) -> Vec<CampaignFault> {
    faults(|draft| draft.options = options.iter().map(ToString::to_string).collect())
}

#[test]
fn a_good_campaign_has_no_fault() {
    assert_eq!(faults(|_| ()), []);
    let list = campaign().list();
    assert_eq!(list[0], ("Say01".to_owned(), "Bold Jupiter".to_owned()));
    assert_eq!(list.len(), 3);
}

#[test]
fn all_faults_are_named_at_once() {
    let found = faults(|draft| {
        draft.name = "Solar".to_owned();
        draft.options = vec!["Yes".to_owned()];
        draft.authorities = vec!["AAAA".to_owned()];
        draft.end = draft.start;
        draft.stamp_period_s = 0;
        draft.k = 0;
        draft.work_bits = 65;
        draft.shards = 0;
        draft.stamps_per_code = Some(0);
    });
    assert_eq!(found.len(), 9, "{found:?}");
}

#[test]
fn remote_votes_are_a_campaign_of_their_own_without_codes() {
    let remote = |change: fn(&mut Draft)| {
        faults(|draft| {
            draft.name = "solar-remote".to_owned();
            draft.remote_of = Some("solar".to_owned());
            draft.purpose = Purpose::Official;
            change(draft);
        })
    };
    assert_eq!(remote(|_| ()), [], "there is no code to limit stamps for");
    let name = [CampaignFault::RemoteName { booths: "solar".to_owned() }];
    assert_eq!(remote(|draft| draft.name = "solar".to_owned()), name);
    assert_eq!(remote(|draft| draft.name = "lunar-remote".to_owned()), name);
    let codes = [CampaignFault::RemoteCodes];
    assert_eq!(remote(|draft| draft.stations = vec!["8704-2A05".to_owned()]), codes);
    assert_eq!(remote(|draft| draft.stamps_per_code = Some(40)), codes);
    assert_eq!(campaign().remote_of(), None);
}

#[test]
fn what_only_a_demonstration_may_do() {
    let loose = |draft: &mut Draft| {
        draft.k = 0;
        draft.stamp_period_s = 1;
    };
    for purpose in [Purpose::Official, Purpose::Test, Purpose::Trial] {
        let found = faults(|draft| {
            loose(draft);
            draft.purpose = purpose;
            draft.stamps_per_code = Some(40);
        });
        let expected =
            [CampaignFault::ShortPeriod { purpose }, CampaignFault::OneByOne { k: 0, purpose }];
        assert_eq!(found, expected);
    }
    let demonstration = faults(|draft| {
        loose(draft);
        draft.purpose = Purpose::Demonstration;
    });
    assert_eq!(demonstration, []);
}

/// The attack: a code is passed on, and its stamps fill the tables of the edges.
#[test]
fn an_official_campaign_limits_the_stamps_of_a_code() {
    let official = |limit| {
        faults(|draft| {
            draft.purpose = Purpose::Official;
            draft.stamps_per_code = limit;
        })
    };
    assert_eq!(official(None), [CampaignFault::NoLimit]);
    assert_eq!(official(Some(40)), []);
    assert_eq!(faults(|draft| draft.stamps_per_code = None), [], "of a test nobody asks it");
}

/// The attack: where one option begins another, the hash does not say where the option ends, so
/// the work for one vote is work for another as well.
#[test]
fn an_option_that_begins_another_is_refused() {
    let found = options(&["Yes", "Yes, but not now", "No"]);
    assert_eq!(found, [CampaignFault::Option(OptionFault::Prefix { number: 1, of: 2 })]);
    let puzzle = |say| Puzzle::new("0", &[0; 64], "stamp", say);
    let long = puzzle("Yes, but not now").hash(&Nonce::from(7));
    let nonce = [b", but not now".as_slice(), &7_u64.to_be_bytes()].concat();
    assert_eq!(puzzle("Yes").hash(&Nonce::new(&nonce).unwrap()), long);
}

#[test]
fn options_that_lists_or_headers_cannot_carry() {
    for (text, fault) in [
        ("", OptionFault::Length { number: 2, found: 0 }),
        (&"x".repeat(201), OptionFault::Length { number: 2, found: 201 }),
        (" Mars", OptionFault::Space { number: 2 }),
        ("Mars ", OptionFault::Space { number: 2 }),
        ("Ma\"rs", OptionFault::Character { number: 2, found: '"' }),
        ("Ma%72s", OptionFault::Character { number: 2, found: '%' }),
        ("Ma\nrs", OptionFault::Character { number: 2, found: '\n' }),
        ("Ma\u{a0}rs", OptionFault::Character { number: 2, found: '\u{a0}' }),
        ("Ma\u{202e}rs", OptionFault::Character { number: 2, found: '\u{202e}' }),
        ("Earth", OptionFault::Same { number: 2, of: 1 }),
        // Option 1 again, to the eye: a grapheme joiner, a Hangul filler, a selector, a blank.
        ("Ear\u{34f}th", OptionFault::Character { number: 2, found: '\u{34f}' }),
        ("Ear\u{3164}th", OptionFault::Character { number: 2, found: '\u{3164}' }),
        ("Ear\u{180b}th", OptionFault::Character { number: 2, found: '\u{180b}' }),
        ("Ear\u{2800}th", OptionFault::Character { number: 2, found: '\u{2800}' }),
    ] {
        assert_eq!(options(&["Earth", text]), [CampaignFault::Option(fault)], "{text:?}");
    }
    assert_eq!(options(&["Caf\u{e9}", "\u{5e9}\u{5dc}\u{5d5}\u{5dd}"]), []);
    let many: Vec<String> = (100..200).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(options(&many), [CampaignFault::Option(OptionFault::Count { found: 100 })]);
    assert_eq!(options(&many[1..]), []);
}

#[test]
fn an_option_has_one_spelling_in_a_header() {
    assert_eq!(to_header("Caf\u{e9} 1"), "Caf%C3%A9 1");
    assert_eq!(from_header("Caf%C3%A9 1").as_deref(), Some("Caf\u{e9} 1"));
    for odd in
        ["Caf%c3%a9", "Ca%66\u{e9}", "Caf\u{e9}", "Caf%C3", "Caf%C3%", "%4", "%GG", "%20", "%FF"]
    {
        assert_eq!(from_header(odd), None, "{odd}");
    }
}

#[test]
fn keys_that_are_none_or_come_twice() {
    let key = authority(1).public().to_base64();
    let again = faults(|draft| draft.authorities = vec![key.clone(), key.clone()]);
    assert_eq!(again, [CampaignFault::SameAuthority { number: 2 }]);
    let weak = faults(|draft| draft.authorities = vec![key, canon::base64::encode(&[0; 32])]);
    assert!(matches!(weak[..], [CampaignFault::Authority { number: 2, .. }]), "{weak:?}");
    assert_eq!(faults(|draft| draft.authorities.clear()), [CampaignFault::NoAuthority]);
}

#[test]
fn what_is_committed_of_the_platforms_keys() {
    let key = |number| authority(number).public().to_base64();
    let mut good = draft();
    good.shards = 2;
    good.receipt_keys = vec![key(5), key(6)];
    good.stamp_key_sha256 = Some("ab".repeat(32));
    good.totp_seed_sha256 = Some("cd".repeat(32));
    let campaign = Campaign::check(good).unwrap();
    assert_eq!(campaign.receipt_key(Shard(1)), Some(authority(6).public()));
    assert_eq!(campaign.receipt_key(Shard(2)), None);
    assert_eq!(campaign.stamp_key_sha256().unwrap().to_string(), "ab".repeat(32));
    assert_eq!(campaign.decoy_key_sha256(), None);
    assert_eq!(campaign.totp_seed_sha256().unwrap().to_string(), "cd".repeat(32));
    assert_eq!(campaign.snapshot_salt_sha256(), None);

    let keys = |keys: Vec<String>| faults(|draft| draft.receipt_keys = keys);
    assert_eq!(keys(vec![key(1)]), [CampaignFault::SameReceiptKey { number: 1 }]);
    let two = [CampaignFault::ReceiptKeys { found: 2, shards: 1 }];
    assert_eq!(keys(vec![key(5), key(6)]), two);
    let twice = keys(vec![key(5), key(5)]);
    assert_eq!(twice[0], CampaignFault::SameReceiptKey { number: 2 });
    assert!(matches!(keys(vec!["AAAA".into()])[..], [CampaignFault::ReceiptKey { .. }]));

    let digests = faults(|draft| {
        draft.stamp_key_sha256 = Some("AB".repeat(32));
        draft.decoy_key_sha256 = Some(String::new());
        draft.totp_seed_sha256 = Some("ab".repeat(31));
        draft.snapshot_salt_sha256 = Some("ab".repeat(33));
    });
    let names =
        ["stamp_key_sha256", "decoy_key_sha256", "totp_seed_sha256", "snapshot_salt_sha256"];
    assert_eq!(digests, names.map(|what| CampaignFault::KeyDigest { what }));
    let same = faults(|draft| {
        draft.stamp_key_sha256 = Some("ab".repeat(32));
        draft.decoy_key_sha256 = draft.stamp_key_sha256.clone();
    });
    assert_eq!(same, [CampaignFault::SameDigest]);
}

#[test]
fn stamp_periods() {
    let campaign = campaign();
    let (start, end) = (campaign.start(), campaign.end());
    let first = Period::beginning(start);
    assert_eq!(campaign.period_at(start), Some(first));
    assert_eq!(campaign.period_at(noon()), Some(first));
    let second = start.plus_seconds(86_400).unwrap();
    assert_eq!(campaign.period_at(second), Some(Period::beginning(second)));
    assert_eq!(campaign.period_at(end), None);
    assert_eq!(campaign.period_at(time("2026-11-03T06:59:59Z")), None);

    let has_begun = |at: canon::Timestamp, now| campaign.has_begun(Period::beginning(at), now);
    assert!(has_begun(start, start));
    assert!(has_begun(start, end));
    assert!(!has_begun(second, noon()), "not begun");
    assert!(has_begun(second, second));
    assert!(!has_begun(start.plus_seconds(1).unwrap(), noon()), "no start of a period");
    assert!(!has_begun(time("2026-11-02T07:00:00Z"), noon()), "before the campaign");
    assert!(!has_begun(time("2026-11-05T07:00:00Z"), time("2026-11-06T07:00:00Z")), "after it");
}

#[test]
fn a_period_has_one_spelling() {
    assert_eq!(Period::from_text("1670365684").map(Period::unix), Some(1_670_365_684));
    for odd in ["", "01", "+1", "-1", " 1", "1.0", "99999999999999999999", "253402300800"] {
        assert_eq!(Period::from_text(odd), None, "{odd}");
    }
}

#[test]
fn mandates_are_spread_over_the_shards_and_stay_there() {
    let mut draft = draft();
    draft.shards = 3;
    let campaign = Campaign::check(draft).unwrap();
    let mut count = [0_u32; 3];
    for number in 0..600 {
        let Shard(shard) = campaign.shard_of(mandate(number).id());
        count[usize::from(shard)] += 1;
    }
    assert!(count.iter().all(|count| (150..250).contains(count)), "{count:?}");
}

proptest! {
    #[test]
    fn every_option_comes_back_from_its_header(option in "[^%]{0,40}") {
        prop_assert_eq!(from_header(&to_header(&option)), Some(option));
    }

    #[test]
    fn a_header_that_is_read_is_written_the_same(text in ".{0,40}") {
        if let Some(option) = from_header(&text) {
            prop_assert_eq!(to_header(&option), text);
        }
    }
}
