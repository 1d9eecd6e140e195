//! Where a replay begins: the head that is followed, and the report when it goes no further than
//! the charter.
//!
//! `checkpoint` is read once. A log that grows, or that answers otherwise the second time, must
//! not have one head judged and another one's entries read.

use artifact::admit::Founded;
use artifact::anchor::Anchor;
use artifact::bundle::Source;
use tlog::checkpoint::Checkpoint;
use tlog::note::MAX_NOTE_BYTES;

use super::Replay;
use super::booths::Booths;
use super::files::{Files, Got, get};
use super::lines::{Seen, lines};
use crate::checks::audit::Audited;
use crate::checks::head;
use crate::error::CouldNotCheck;
use crate::finding::{Effect, Findings};
use crate::options::Options;
use crate::report::{
    Anchored, Counts, DOES_NOT_SHOW, Election, FORMAT, NOT_CHECKED, Report, SHARED_CODE, Verdict,
};

/// Reads the head at `checkpoint`, and the size to follow: the one that it claims, or that of the
/// largest other head if it cannot be read.
pub(super) fn head(
    source: &dyn Source,
    files: &Files,
    findings: &mut Findings,
) -> Result<(Got, u64), CouldNotCheck> {
    let nothing = || CouldNotCheck::NoBundle { place: source.describe() };
    if files.is_nothing() {
        return Err(nothing());
    }
    let mut own = Vec::new();
    let limit = u64::try_from(MAX_NOTE_BYTES).unwrap_or(u64::MAX);
    let got = get(source, "checkpoint", limit, &mut own)?;
    findings.extend(own);
    // What is wrong with it is found when all heads are judged.
    if let Got::Bytes(bytes) = &got
        && let Ok((head, _)) = Checkpoint::parse_signed(bytes)
    {
        return Ok((got, head.size));
    }
    match (files.listed, &got) {
        (false, Got::Nothing) => Err(nothing()),
        _ => Ok((got, files.heads.last().copied().unwrap_or(0))),
    }
}

/// The size of an older head, whoever signed it.
pub(super) fn old_size(bytes: &[u8]) -> Result<u64, CouldNotCheck> {
    let read = Checkpoint::parse_signed(bytes);
    let (head, _) = read.map_err(|error| CouldNotCheck::OldHead { why: error.to_string() })?;
    Ok(head.size)
}

impl Replay<'_> {
    /// A source without a list could go on for ever: it is followed only as far as the log signed.
    pub(super) fn may_go_on(&self) -> bool {
        if self.files.listed {
            return true;
        }
        let Got::Bytes(bytes) = &self.head else {
            return false;
        };
        let head = head::read("checkpoint", bytes, &self.log_keys(), true, &mut Vec::new());
        head.is_some_and(|head| head.signed)
    }
}

/// The election of a charter, as reports name it.
pub(super) fn election(founded: &Founded) -> Election {
    let charter = &founded.charter;
    let digest = founded.admitted.digest;
    Election {
        id: charter.election_id.to_string(),
        title: charter.title.to_string(),
        purpose: charter.purpose,
        charter_sha256: digest,
        charter_short: Anchor::from_charter(charter, digest).short(),
    }
}

/// The report on a bundle of which no more than the charter was looked at: there is none to judge
/// by, or it is not the anchor's and what follows could go on for ever.
pub(super) fn no_further(
    source: &dyn Source,
    files: &Files,
    options: &Options,
    founded: Option<&Founded>,
    findings: Findings,
) -> Report {
    let counts = Counts { files: files.listed.then_some(files.count), ..Counts::default() };
    let why = match founded {
        None => "no charter to go by",
        Some(_) => "not the anchor's charter",
    };
    let seen = Seen {
        counts: &counts,
        audited: &Audited::default(),
        booths: &Booths::default(),
        options,
        since: None,
        closed_at: None,
        owed: 0,
        custody_owed: false,
        stopped: Some(why),
    };
    let checks = lines(&seen, &findings);
    let verdict = Verdict::of(&findings);
    debug_assert!(findings.any_with(Effect::Fails) || findings.any_with(Effect::CouldNotCheck));
    Report {
        campaigns: Vec::new(),
        format: FORMAT,
        verdict,
        exit_code: verdict.exit_code(),
        bundle: source.describe(),
        election: founded.map(election),
        anchored: if options.anchor.is_some() { Anchored::Mismatch } else { Anchored::No },
        linked: Vec::new(),
        witnesses_amended: None,
        head: None,
        checks,
        counts,
        finding_counts: findings.counts(),
        findings: findings.into_sorted(),
        not_checked: owned(NOT_CHECKED),
        shared_code: owned(SHARED_CODE),
        does_not_show: owned(DOES_NOT_SHOW),
    }
}

pub(super) fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
