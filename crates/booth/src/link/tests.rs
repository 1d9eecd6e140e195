use artifact::charter::Purpose;

use super::*;
use crate::campaign::{CampaignFault, Draft};
use crate::fixture::{draft, drawn, request, vector};

fn key(number: u8) -> LinkKey {
    LinkKey::new(&[number; 32]).unwrap()
}

fn trial(auditors: &[&LinkKey]) -> Draft {
    let link_auditors = auditors.iter().map(|key| key.auditor().to_base64()).collect();
    Draft { purpose: Purpose::Trial, link_auditors, ..draft() }
}

#[test]
fn an_auditor_reads_what_another_implementation_encrypted() {
    let vector = vector("link");
    let text = |name: &str| vector[name].as_str().unwrap().to_owned();
    let secret = text::from_base64(&text("private_key")).unwrap();
    let key = LinkKey::new(&secret).unwrap();
    assert_eq!(key.auditor().to_base64(), text("public_key"));
    let campaign = Campaign::check(trial(&[&key])).unwrap();
    assert_eq!(campaign.name(), text("campaign"));
    let found = key.open(&campaign, &text("line")).unwrap();
    assert_eq!(found.vote.line() + &found.mandate.voters_line(), text("content"));
}

#[test]
fn only_the_auditor_reads_a_line_and_only_of_its_campaign() {
    let (one, other) = (key(1), key(2));
    let campaign = Campaign::check(trial(&[&one, &other])).unwrap();
    let request = request(7, "Bold Jupiter");
    let record = Halves::from(request.clone());
    let lines: Vec<String> = campaign
        .link_auditors()
        .iter()
        .zip(0..)
        .map(|(auditor, number)| auditor.line(&campaign, &record, drawn(number)))
        .collect();
    assert_eq!(one.open(&campaign, &lines[0]).unwrap(), request);
    assert_eq!(other.open(&campaign, &lines[1]).unwrap(), request);
    assert_eq!(one.open(&campaign, &lines[1]), Err(LinkError::OtherAuditor));
    let renamed = lines[1].replacen(&other.auditor().name(), &one.auditor().name(), 1);
    assert_eq!(one.open(&campaign, &renamed), Err(LinkError::Changed));
    let elsewhere = Draft { name: "lunar".to_owned(), ..trial(&[&one]) };
    let elsewhere = Campaign::check(elsewhere).unwrap();
    assert_eq!(one.open(&elsewhere, &lines[0]), Err(LinkError::Changed));
    assert!(!lines.concat().contains(&request.mandate.fields()[2]));
    assert!(!lines.concat().contains(&request.vote.stamp.to_string()));
}

#[test]
fn the_same_vote_encrypted_again_is_another_line() {
    let key = key(1);
    let campaign = Campaign::check(trial(&[&key])).unwrap();
    let record = Halves::from(request(7, "Bold Jupiter"));
    let line = |number| key.auditor().line(&campaign, &record, drawn(number));
    assert_ne!(line(1), line(2));
}

#[test]
fn every_changed_character_is_found() {
    let key = key(1);
    let campaign = Campaign::check(trial(&[&key])).unwrap();
    let line = key.auditor().line(&campaign, &request(7, "Bold Jupiter").into(), drawn(1));
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
    // Zero and one have low order on the curve (RFC 7748, section 6.1): the shared secret would be
    // zero for everybody.
    let mut one = [0; 32];
    one[0] = 1;
    for bytes in [[0; 32], one] {
        let link_auditors = vec![base64::encode(&bytes)];
        let faults = Campaign::check(Draft { link_auditors, ..trial(&[]) }).unwrap_err();
        assert_eq!(faults, [CampaignFault::LinkAuditor { number: 1 }]);
    }
    let twice = trial(&[&key(1), &key(1)]);
    let faults = Campaign::check(twice).unwrap_err();
    assert_eq!(faults, [CampaignFault::LinkAuditor { number: 2 }]);
    let short = Draft { link_auditors: vec!["AAAA".to_owned()], ..trial(&[]) };
    assert_eq!(Campaign::check(short).unwrap_err(), [CampaignFault::LinkAuditor { number: 1 }]);
}
