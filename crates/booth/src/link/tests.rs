use artifact::charter::Purpose;
use proptest::prelude::*;

use super::*;
use crate::campaign::{CampaignFault, Draft};
use crate::fixture::{draft, drawn, request, vector};

fn key(number: u8) -> LinkKey {
    LinkKey::new(&[number; 32])
}

fn trial(auditors: &[&LinkKey]) -> Draft {
    let link_auditors = auditors.iter().map(|key| key.auditor().to_string()).collect();
    Draft { purpose: Purpose::Trial, link_auditors, ..draft() }
}

/// Other bytes for each line, and for each time that they are asked for.
fn fresh(line: u64) -> impl FnMut() -> [u8; 32] {
    let mut numbers = (line << 32)..;
    move || drawn(numbers.next().unwrap())
}

fn line_of(campaign: &Campaign, records: &[VoteRequest], number: u64) -> String {
    let records: Vec<Halves> = records.iter().cloned().map(Halves::from).collect();
    line(campaign, &records, &mut fresh(number))
}

#[test]
fn an_auditor_reads_what_age_encrypted() {
    let vector = vector("link");
    let text = |name: &str| vector[name].as_str().unwrap().to_owned();
    let file = format!("# created: now\n# public key\n\n{}\n", text("secret_key"));
    let key = LinkKey::from_file(&file).unwrap();
    assert_eq!(key.auditor().to_string(), text("public_key"));
    let other = LinkKey::from_file(&text("other_secret_key")).unwrap();
    assert_eq!(other.auditor().to_string(), text("other_public_key"));
    let campaign = Campaign::check(trial(&[&key])).unwrap();
    assert_eq!(campaign.name(), text("campaign"));
    let expected: Vec<String> = text("content")
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    for key in [&key, &other] {
        let found = key.open(&campaign, &text("line")).unwrap();
        let [found] = found.as_slice() else { panic!("{found:?}") };
        let lines = [found.vote.line(), found.mandate.voters_line()];
        assert_eq!(lines.map(|line| line.trim_end().to_owned()).as_slice(), expected);
    }
    let refused = |name: &str| key.open(&campaign, &text(name)).unwrap_err();
    assert_eq!(refused("for_the_other"), LinkError::OtherAuditor);
    assert_eq!(refused("of_another_campaign"), LinkError::OtherCampaign);
    assert_eq!(refused("not_links"), LinkError::Content);
    assert_eq!(refused("empty"), LinkError::Content);
}

#[test]
fn only_the_auditors_read_a_line_and_only_of_its_campaign() {
    let (one, other, third) = (key(1), key(2), key(3));
    let campaign = Campaign::check(trial(&[&one, &other])).unwrap();
    let requests = [request(7, "Bold Jupiter"), request(8, "Shiny Saturn")];
    let line = line_of(&campaign, &requests, 1);
    assert_eq!(one.open(&campaign, &line).unwrap(), requests);
    assert_eq!(other.open(&campaign, &line).unwrap(), requests);
    assert_eq!(third.open(&campaign, &line), Err(LinkError::OtherAuditor));
    let elsewhere = Draft { name: "lunar".to_owned(), ..trial(&[&one]) };
    let elsewhere = Campaign::check(elsewhere).unwrap();
    assert_eq!(one.open(&elsewhere, &line), Err(LinkError::OtherCampaign));
    let file = base64::decode(line.trim_end().as_bytes()).unwrap();
    let file = String::from_utf8_lossy(&file);
    assert!(!file.contains(&requests[0].mandate.fields()[2]));
    assert!(!file.contains(&requests[0].vote.stamp.to_string()));
}

/// Whoever has the disk, and has seen in which order people came, counts bytes.
#[test]
fn the_length_of_a_line_does_not_tell_the_option() {
    let campaign = Campaign::check(trial(&[&key(1)])).unwrap();
    let lengths = campaign.options().iter().zip(1..).map(|(option, number)| {
        let request = request(number, option);
        assert!(request.vote.line().len() + 167 <= campaign.longest_record());
        line_of(&campaign, &[request], u64::from(number)).len()
    });
    let lengths: Vec<usize> = lengths.collect();
    assert_eq!(lengths, [lengths[0]; 3]);
}

#[test]
fn the_same_vote_encrypted_again_is_another_line() {
    let campaign = Campaign::check(trial(&[&key(1)])).unwrap();
    let requests = [request(7, "Bold Jupiter")];
    assert_ne!(line_of(&campaign, &requests, 1), line_of(&campaign, &requests, 2));
}

#[test]
fn every_changed_character_is_found() {
    let key = key(1);
    let campaign = Campaign::check(trial(&[&key])).unwrap();
    let line = line_of(&campaign, &[request(7, "Bold Jupiter")], 1);
    for at in 0..line.len() {
        let mut bytes = line.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        // The line feed may be missing, so another letter there belongs to the base64.
        assert!(key.open(&campaign, &changed).is_err(), "{at}");
    }
    for at in 0..line.len() - 1 {
        assert!(key.open(&campaign, &line[..at]).is_err(), "{at}");
    }
}

#[test]
fn only_a_trial_has_auditors() {
    let key = key(1);
    for purpose in [Purpose::Official, Purpose::Test, Purpose::Demonstration] {
        let faults =
            Campaign::check(Draft { purpose, stamps_per_code: Some(40), ..trial(&[&key]) })
                .unwrap_err();
        assert_eq!(faults, [CampaignFault::Links { purpose }]);
    }
    Campaign::check(trial(&[&key])).unwrap();
    assert!(Campaign::check(draft()).unwrap().link_auditors().is_empty());
}

#[test]
fn keys_to_which_nothing_can_be_encrypted_are_refused() {
    let refused = |text: &str| {
        let draft = Draft { link_auditors: vec![text.to_owned()], ..trial(&[]) };
        Campaign::check(draft).unwrap_err() == [CampaignFault::LinkAuditor { number: 1 }]
    };
    // Zero and one have low order on the curve (RFC 7748, section 6.1): the shared secret would be
    // zero for everybody.
    let mut one = [0; 32];
    one[0] = 1;
    let encode = |kind: &str, bytes: &[u8]| {
        bech32::encode_lower::<bech32::Bech32>(bech32::Hrp::parse(kind).unwrap(), bytes).unwrap()
    };
    let good = key(1).auditor().to_string();
    assert_eq!(encode("age", &key(1).auditor().key().to_bytes()), good);
    for bytes in [[0; 32], one] {
        assert!(refused(&encode("age", &bytes)));
    }
    let bytes = key(1).auditor().key().to_bytes();
    assert!(refused(&encode("agf", &bytes)), "another kind");
    assert!(refused(&encode("age", &bytes[1..])), "too short");
    assert!(refused(&good.to_uppercase()), "another spelling");
    let (begun, last) = good.split_at(good.len() - 1);
    let slip = if last == "q" { "p" } else { "q" };
    assert!(refused(&format!("{begun}{slip}")), "a slip of the pen");
    assert!(refused(""));
    let secret = encode("age-secret-key-", &[1; 32]).to_uppercase();
    assert!(refused(&secret), "the secret half");
    assert!(LinkKey::from_file(&secret).is_ok());
    for text in [secret.to_lowercase(), good, format!("{secret}\n{secret}"), "#\n".to_owned()] {
        assert_eq!(LinkKey::from_file(&text).unwrap_err(), LinkError::Key, "{text}");
    }
    let faults = Campaign::check(trial(&[&key(1), &key(1)])).unwrap_err();
    assert_eq!(faults, [CampaignFault::LinkAuditor { number: 2 }]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Around the ends of chunks, and whichever of two recipients opens.
    #[test]
    fn what_is_encrypted_is_opened(chunks in 0_usize..3, beside in -2_isize..3, second: bool) {
        let length = (chunks * 65_536).saturating_add_signed(beside);
        let content: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let keys = [key(1), key(2)];
        let recipients = keys.iter().map(|key| *key.auditor().key());
        let file = age::encrypt(recipients, &content, &mut fresh(1));
        let opener = keys[usize::from(second)].secret();
        prop_assert_eq!(&*age::decrypt(opener, &file).unwrap(), &content);
        prop_assert_eq!(age::decrypt(key(3).secret(), &file).unwrap_err(), AgeError::OtherKey);
        let cut = &file[..file.len() - 1];
        prop_assert_eq!(age::decrypt(opener, cut).unwrap_err(), AgeError::Changed);
    }

    /// A file whose last chunks are gone is no whole file.
    #[test]
    fn a_file_cut_at_a_chunk_is_found(chunks in 1_usize..3) {
        let key = key(1);
        let content = vec![7; chunks * 65_536 + 5];
        let file = age::encrypt([*key.auditor().key()], &content, &mut fresh(1));
        let cut = &file[..file.len() - 5 - 16];
        prop_assert_eq!(age::decrypt(key.secret(), cut).unwrap_err(), AgeError::Changed);
    }
}
