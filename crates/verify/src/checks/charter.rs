//! The charter, its anchor, its end, and what it owes.

use artifact::admit::{Founded, found};
use artifact::anchor::Anchor;
use artifact::bundle::Source;
use artifact::charter::{Fault, Phase};
use artifact::leaf::Leaf;
use artifact::payload::Payload;
use artifact::register::Register;
use canon::Digest;
use tlog::tile::{Place, first_leaf};

use super::entry::rule_of;
use crate::error::CouldNotCheck;
use crate::finding::{Finding, Findings, Rule, artifact as art, charter, log};
use crate::replay::files::{Files, Got, Row, get};
use crate::replay::leaves::MAX_LEAF_TILE_BYTES;
use crate::replay::ledger::Ledger;
use crate::report::Anchored;

/// The rules about the charter itself.
pub(crate) static RULES: &[&Rule] = &[
    &charter::MISSING,
    &charter::FAULTY,
    &charter::AMENDMENT_REFUSED,
    &charter::SECOND_CHARTER,
    &charter::AFTER_CLOSE,
    &charter::CLOSE_DIFFERS,
];

/// The rules about the anchor.
pub(crate) static ANCHOR_RULES: &[&Rule] = &[
    &charter::NOT_ANCHORED,
    &charter::ANCHOR_ELECTION,
    &charter::ANCHOR_KEYS,
    &charter::NO_ANCHOR,
];

/// The rules about what is still to come.
pub(crate) static OWED_RULES: &[&Rule] = &[&charter::OPEN, &charter::OWED];

/// Finds the charter behind the first leaf of a log of `size` entries and opens its register.
pub(crate) fn open(
    source: &dyn Source,
    files: &Files,
    size: u64,
    findings: &mut Findings,
) -> Result<Option<Founded>, CouldNotCheck> {
    let mut own = Vec::new();
    let founded = first(source, files, size, &mut own)?;
    findings.extend(own);
    Ok(founded)
}

fn first(
    source: &dyn Source,
    files: &Files,
    size: u64,
    findings: &mut Vec<Finding>,
) -> Result<Option<Founded>, CouldNotCheck> {
    let missing = |found: &str| Finding::entry(&charter::MISSING, 0, "a charter", found);
    let Some(place) = Place::holding(0, size) else {
        findings.push(missing("a log without entries"));
        return Ok(None);
    };
    // If there is a charter, what is wrong with the file is found when all are read.
    let mut unreadable = Vec::new();
    let got = files.read(source, Row::Leaves, place, MAX_LEAF_TILE_BYTES, &mut unreadable)?;
    let leaf = match &got {
        Got::Bytes(bytes) => first_leaf(bytes).map(Leaf::parse),
        Got::Unreadable => None,
        Got::Nothing => {
            let path = Row::Leaves.path(place);
            findings.push(Finding::new(&log::LEAVES_MISSING, path, "leaf 0", "no file"));
            None
        }
    };
    let Some(Ok(leaf)) = leaf else {
        findings.append(&mut unreadable);
        findings.push(missing("no leaf that can be read"));
        return Ok(None);
    };
    let path = format!("artifact/{}", leaf.artifact_sha256);
    let limit = u64::try_from(artifact::admit::MAX_ENVELOPE_BYTES).unwrap_or(u64::MAX);
    let Got::Bytes(bytes) = get(source, &path, limit, findings)? else {
        findings.push(missing("an artifact that is missing or cannot be read"));
        return Ok(None);
    };
    let digest = Digest::of(&bytes);
    if digest != leaf.artifact_sha256 {
        let expected = leaf.artifact_sha256.to_string();
        findings.push(Finding::entry(&art::DIGEST, 0, expected, digest.to_string()));
        findings.push(missing("an artifact that was changed"));
        return Ok(None);
    }
    match found(&bytes) {
        Ok(founded) => Ok(Some(founded)),
        Err(refusal) => {
            let (expected, found) = (refusal.expected(), refusal.found());
            findings.push(Finding::entry(rule_of(&refusal), 0, expected, found));
            Ok(None)
        }
    }
}

/// Holds the charter against the anchor.
pub(crate) fn anchored(
    anchor: Option<&Anchor>,
    founded: &Founded,
    findings: &mut Findings,
) -> Anchored {
    let Some(anchor) = anchor else {
        let expected = "an anchor from outside the bundle";
        findings.push(Finding::new(&charter::NO_ANCHOR, "the charter", expected, "none"));
        return Anchored::No;
    };
    let differ = anchor.compare(&founded.charter, founded.admitted.digest);
    for disagreement in &differ {
        let rule = match disagreement.member {
            "charter" => &charter::NOT_ANCHORED,
            "election_id" => &charter::ANCHOR_ELECTION,
            _ => &charter::ANCHOR_KEYS,
        };
        let subject = format!("the charter, {}", disagreement.member);
        let (expected, found) = (&disagreement.expected, &disagreement.found);
        findings.push(Finding::new(rule, subject, expected, found));
    }
    if differ.is_empty() { Anchored::Yes } else { Anchored::Mismatch }
}

/// Puts an amendment or a close into force, or says why it cannot be.
pub(crate) fn enact(
    register: &mut Register,
    payload: &Payload,
    index: u64,
    findings: &mut Findings,
) -> bool {
    let (outcome, rule) = match payload {
        Payload::Amendment(amendment) => {
            (register.apply(amendment, index), &charter::AMENDMENT_REFUSED)
        }
        Payload::Close(close) => (register.close(close, index), &charter::CLOSE_DIFFERS),
        _ => return false,
    };
    let Err(faults) = outcome else { return true };
    let found = faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ");
    let expected = "a change that the charter's rules admit";
    findings.push(Finding::entry(rule, index, expected, found));
    false
}

/// What the election has not yet come to: its close, and what its phases owe.
pub(crate) fn owed(register: &Register, ledger: &Ledger, findings: &mut Findings) {
    if register.closed_at().is_none() {
        let subject = "the election";
        findings.push(Finding::new(&charter::OPEN, subject, "a close as last entry", "none"));
    }
    for Phase { name, owes } in &register.charter().phases {
        for entry_type in owes.iter().filter(|owed| !ledger.first.contains_key(owed)) {
            let subject = format!("phase {name}");
            let expected = format!("an entry of type {entry_type}");
            let found = match ledger.withheld.get(entry_type) {
                Some(count) => format!("{count} by their leaves alone, withheld and not seen"),
                None => "none".to_owned(),
            };
            findings.push(Finding::new(&charter::OWED, subject, expected, found));
        }
    }
}
