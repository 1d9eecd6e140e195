//! Logs that a forger fills with campaigns and snapshots: what is judged of them has bounds, and
//! takes no longer for each than for the first. Were it otherwise, these tests would take hours.

use artifact::payload::platform::ListState;
use artifact::payload::{Campaign, Payload, Snapshot};
use canon::Digest;

use super::campaign;
use super::chain;
use crate::finding::{Findings, booth as rules};
use crate::replay::platform::{Platform, RULES_BYTES};
use crate::replay::times::Times;

fn campaign(name: &str) -> Campaign {
    let text = include_str!("../../../../../vectors/artifacts/campaign/valid-demonstration.json");
    Campaign { name: name.parse().unwrap(), ..serde_json::from_str(text).unwrap() }
}

fn snapshot(of: &Campaign, number: u64) -> Snapshot {
    let digest = Digest::of(&number.to_be_bytes());
    let none = ListState { bytes: None, commitment: None, digest: None, records: 0 };
    let list = ListState { bytes: Some(0), digest: Some(digest), ..none };
    Snapshot {
        campaign: of.name.clone(),
        election_id: of.election_id.clone(),
        is_last: false,
        number,
        stamps_issued: Vec::new(),
        taken_at: of.start,
        voters: list.clone(),
        votes: list,
        without: Vec::new(),
    }
}

/// A log of nothing else, as threads remember it and hand it on.
fn remembered(payloads: impl IntoIterator<Item = Payload>) -> Platform {
    let holder = "platform-1".parse().unwrap();
    let (mut whole, mut part) = (Platform::default(), Platform::default());
    for (index, payload) in (1..).zip(payloads) {
        part.admit(index, &holder, &payload);
        if index % 1_000 == 0 {
            whole.append(std::mem::take(&mut part));
        }
    }
    whole.append(part);
    whole
}

#[test]
fn campaigns_beyond_the_bound_are_told_and_not_judged() {
    let each = canon::json::to_canonical(&campaign("solar-00000")).unwrap().len();
    let count = RULES_BYTES / each + 1_000;
    let name = |number: usize| format!("solar-{number:05}");
    let campaigns = (0..count).map(|number| Payload::Campaign(Box::new(campaign(&name(number)))));
    let told = [0, count - 1]
        .map(|number| Payload::Snapshot(snapshot(&campaign(&name(number)), 0).into()));
    let platform = remembered(campaigns.chain(told));
    let mut findings = Findings::default();
    let mut all = campaign::all(&platform, &Times::default(), &mut findings);
    assert!((1..count).contains(&all.held.len()));
    let beyond = u64::try_from(count - all.held.len()).unwrap();
    assert_eq!(findings.count(&rules::CAMPAIGNS_MANY), beyond);
    chain::build(&mut all, &platform, &Times::default(), &mut findings);
    // Of a campaign that is there and was not judged nobody says that it is missing.
    assert_eq!(findings.count(&rules::CAMPAIGN_MISSING), 0);
    assert_eq!(all.held[0].chain.len(), 1);
}

#[test]
fn a_flood_of_snapshots_is_judged_one_by_one() {
    const MANY: u64 = 60_000;
    let solar = campaign("solar");
    let numbers = (0..MANY).chain((0..MANY).rev());
    let snapshots = numbers.map(|number| Payload::Snapshot(snapshot(&solar, number).into()));
    let first = Payload::Campaign(Box::new(solar.clone()));
    let platform = remembered(std::iter::once(first).chain(snapshots));
    let mut findings = Findings::default();
    let mut all = campaign::all(&platform, &Times::default(), &mut findings);
    chain::build(&mut all, &platform, &Times::default(), &mut findings);
    assert_eq!(all.held[0].chain.len() as u64, MANY);
    assert_eq!(findings.count(&rules::TWO_FACES), MANY);
}
