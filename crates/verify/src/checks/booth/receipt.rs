//! Receipts and acceptances, held against the list of votes.
//!
//! They come as voters' devices keep them, in a file of the form `scrutineer/vote-record/v1`. What
//! the instance signed is held against the list by its stamps, and the vote by its whole line, for
//! two voters may have been shown one stamp. How the holder voted stands in no report.

use std::collections::{BTreeMap, BTreeSet};

use booth::campaign::{Campaign, Shard};
use booth::publish::vote_of;
use booth::receipt::{Acceptance, Place, Receipt, SignedReceipt};
use booth::record::RecordFile;
use booth::stamp::VoterStamp;
use canon::Digest;

use super::campaign::Held;
use super::lists::Listed;
use super::votes::Sought;
use crate::finding::{Finding, Findings, Rule, booth as rules};

/// The rules about receipts.
pub(crate) static RECEIPT_RULES: &[&Rule] = &[
    &rules::RECEIPT_FOREIGN,
    &rules::RECEIPT_BROKEN,
    &rules::ACCEPTANCE_BROKEN,
    &rules::OWN_VOTE,
    &rules::LEFT_OUT_ACCEPTED,
];

/// What an instance signed for a voter.
#[derive(Debug)]
pub(crate) struct Given {
    number: usize,
    stamp: VoterStamp,
    /// The digest of the vote's line, where the file has all of it.
    own: Option<Digest>,
    acceptance: Option<(Place, Vec<u8>)>,
    receipt: Option<(Place, Vec<String>, Vec<u8>)>,
}

/// Reads the files; the number, from 1, of one that is none, and why.
pub(crate) fn read(files: &[Vec<u8>]) -> Result<Vec<Given>, (usize, String)> {
    let each = (1_usize..).zip(files);
    each.map(|(number, bytes)| Given::read(number, bytes).map_err(|why| (number, why))).collect()
}

/// What is known of a receipt of a campaign: the stamps that must stand in the list, those of its
/// lines with the place of their option.
#[derive(Debug)]
pub(crate) struct Bound {
    number: usize,
    /// The vote: its stamp, and the digest of its line.
    own: Option<(VoterStamp, Digest)>,
    stamp: Option<VoterStamp>,
    lines: Vec<(VoterStamp, usize)>,
    /// The shards that signed the acceptance and the receipt.
    shards: [Option<Shard>; 2],
}

/// The digest of the line that the vote of a record has in the list.
fn own(file: &RecordFile) -> Option<Digest> {
    let line = file.vote()?.line();
    vote_of(line.as_bytes())?;
    Some(Digest::of(line.as_bytes()))
}

impl Given {
    fn read(number: usize, bytes: &[u8]) -> Result<Self, String> {
        let file = RecordFile::from_json(bytes).map_err(|fault| fault.to_string())?;
        let (stamp, own) = (file.stamp, own(&file));
        let acceptance = file.accepted.map(|it| (it.place, it.signature));
        let receipt = file.receipt.map(|it| (it.place, it.lines, it.signature));
        if acceptance.is_none() && receipt.is_none() {
            return Err("it has neither a receipt nor an acceptance".to_owned());
        }
        Ok(Self { number, stamp, own, acceptance, receipt })
    }

    /// What binds the platform, if everything in the file is signed for this campaign.
    fn bound(&self, campaign: &Campaign) -> Option<Bound> {
        let own = self.own.map(|digest| (self.stamp, digest));
        let shards = [
            self.acceptance.as_ref().map(|(place, _)| place.shard),
            self.receipt.as_ref().map(|(place, ..)| place.shard),
        ];
        let lines = Vec::new();
        let mut bound = Bound { number: self.number, own, stamp: None, lines, shards };
        let name = || campaign.name().to_owned();
        if let Some((place, signature)) = &self.acceptance {
            let (place, stamp) = (*place, self.stamp);
            let acceptance = Acceptance { campaign: name(), place, stamp };
            let key = campaign.receipt_key(place.shard)?;
            bound.stamp = acceptance.holds(key, signature).then_some(stamp);
            bound.stamp?;
        }
        if let Some((place, lines, signature)) = &self.receipt {
            let receipt = Receipt { campaign: name(), place: *place, lines: lines.clone() };
            let key = campaign.receipt_key(place.shard)?;
            key.verify(receipt.signed_text().as_bytes(), signature).ok()?;
            let signed = SignedReceipt { receipt, signature: signature.clone() };
            let stamps = signed.stamps(campaign).ok()?;
            let lines = stamps.into_iter().zip(0..);
            bound.lines = lines.filter_map(|(stamp, option)| Some((stamp?, option))).collect();
        }
        Some(bound)
    }
}

/// What binds each campaign, in their order; what binds none is found.
pub(crate) fn bind(given: &[Given], all: &[Held], findings: &mut Findings) -> Vec<Vec<Bound>> {
    let mut each: Vec<Vec<Bound>> = all.iter().map(|_| Vec::new()).collect();
    for file in given {
        let found = all
            .iter()
            .zip(&mut each)
            .find_map(|(held, bounds)| Some((bounds, file.bound(held.rules.as_ref()?)?)));
        if let Some((bounds, bound)) = found {
            bounds.push(bound);
        } else {
            let subject = format!("receipt {}", file.number);
            let expected = "signatures by a receipt key of a campaign of this log";
            let found = "another signature, or other options than the ballot's";
            findings.push(Finding::new(&rules::RECEIPT_FOREIGN, subject, expected, found));
        }
    }
    each
}

/// The stamps to look for.
pub(crate) fn sought(bounds: &[Bound]) -> BTreeMap<VoterStamp, Sought> {
    let all = bounds.iter().flat_map(|bound| {
        let own = bound.own.map(|(stamp, _)| stamp);
        bound.stamp.into_iter().chain(own).chain(bound.lines.iter().map(|(stamp, _)| *stamp))
    });
    let all: BTreeSet<VoterStamp> = all.collect();
    all.into_iter().map(|stamp| (stamp, Sought::default())).collect()
}

/// Holds receipts against the list, once nothing is added to it any more.
pub(crate) fn hold(bounds: &[Bound], held: &Held, listed: &Listed, findings: &mut Findings) {
    if held.last().is_none() {
        return;
    }
    let options = |stamp: &VoterStamp| {
        listed.sought.get(stamp).map(|sought| sought.options.as_slice()).unwrap_or_default()
    };
    for bound in bounds {
        let subject = format!("receipt {}", bound.number);
        let mut find = |rule, expected: String, found: &str| {
            findings.push(Finding::new(rule, &subject, expected, found));
        };
        // What a shard accepted that is left out is missing, and the platform has said so.
        let [accepted_out, receipt_out] =
            bound.shards.map(|shard| shard.is_some_and(|shard| held.is_without(shard)));
        if let Some(stamp) = bound.stamp.filter(|stamp| options(stamp).is_empty()) {
            let expected = format!("stamp {stamp}, as the acceptance promises");
            let left_out = &rules::LEFT_OUT_ACCEPTED;
            let rule = if accepted_out { left_out } else { &rules::ACCEPTANCE_BROKEN };
            find(rule, expected, "not in the list");
        }
        // A stamp that is not there was found by what is signed.
        let is_others = |(stamp, own): &(VoterStamp, Digest)| {
            let lines = listed.sought.get(stamp).map(|sought| &sought.lines);
            lines.is_some_and(|lines| !lines.is_empty() && !lines.contains(own))
        };
        if bound.own.as_ref().is_some_and(is_others) {
            let expected = "the vote of the record, as it was cast".to_owned();
            find(&rules::OWN_VOTE, expected, "another vote with its stamp");
        }
        for (stamp, option) in &bound.lines {
            let there = options(stamp);
            if there.contains(&Some(*option)) {
                continue;
            }
            let option = held.published.options.get(*option);
            let option = option.map_or_else(String::new, ToString::to_string);
            let expected = format!("stamp {stamp} with \"{option}\", as the receipt says");
            let is_missing = there.is_empty();
            let found = if is_missing { "not in the list" } else { "another option" };
            let left_out = &rules::LEFT_OUT_ACCEPTED;
            let is_told = is_missing && receipt_out;
            find(if is_told { left_out } else { &rules::RECEIPT_BROKEN }, expected, found);
        }
    }
}
