//! The two lists of a campaign, which stand beside the log.

use std::collections::{BTreeMap, BTreeSet};

use artifact::bundle::{Source, SourceError};
use booth::campaign::Campaign;
use booth::differential::MAX_SNAPSHOTS;
use booth::publish::List;
use booth::stamp::VoterStamp;

use super::campaign::Held;
use super::results::Tally;
use super::stream::{Lines, Read, Stream};
use super::voters::{LookUp, Voters};
use super::votes::{Sought, Votes};
use super::without;
use crate::finding::{Finding, Findings, Rule, booth as rules};
use crate::options::Progress;
use crate::replay::files::unreadable;

/// The rules about a list as a whole.
pub(crate) static LIST_RULES: &[&Rule] = &[
    &rules::LIST_MISSING,
    &rules::LIST_SHORT,
    &rules::LIST_LONG,
    &rules::LIST_DIFFERS,
    &rules::NO_RECORD,
    &rules::UNSORTED,
];

/// The rules about votes.
pub(crate) static VOTE_RULES: &[&Rule] = &[
    &rules::STAMP_FORGED,
    &rules::PERIOD,
    &rules::STAMP_TWICE,
    &rules::PLATFORM_STAMP_TWICE,
    &rules::WORK,
    &rules::OPTION,
];

/// The rules about mandates.
pub(crate) static MANDATE_RULES: &[&Rule] =
    &[&rules::MANDATE_AUTHORITY, &rules::MANDATE_SIGNATURE, &rules::MANDATE_TWICE];

/// What the lists of a campaign hold.
#[derive(Debug)]
pub(crate) struct Listed {
    /// Lines of the list of votes that were judged.
    pub(crate) votes: u64,
    /// Lines of the list of voters that were judged.
    pub(crate) voters: u64,
    /// Votes by option, in the order of the ballot.
    pub(crate) counts: Vec<u64>,
    /// Hashes that the work of all votes took, on average.
    pub(crate) work: u128,
    /// Snapshots that add votes which all agree.
    pub(crate) unanimous: u64,
    /// Void mandates that voted.
    pub(crate) voided: u64,
    /// Commitments that nothing opens.
    pub(crate) unopened: u64,
    /// Whether the lists go on behind the last snapshot of the log.
    pub(crate) goes_on: bool,
    /// Votes by option at the end of each snapshot that adds any: lines so far, and the counts.
    /// None where nobody asked for it.
    pub(crate) course: Option<Vec<(u64, Vec<u64>)>>,
    /// What the votes come to at the snapshot that the page of results is of.
    pub(crate) tally: Option<Tally>,
    /// Where the stamps that somebody looks for stand.
    pub(crate) sought: BTreeMap<VoterStamp, Sought>,
}

/// What to look for in the lists, and who is told how far it is.
pub(crate) struct Search<'a> {
    /// Where the lists are.
    pub(crate) source: &'a dyn Source,
    /// What the authorities have declared void.
    pub(crate) void: &'a BTreeSet<LookUp>,
    pub(crate) progress: &'a dyn Progress,
    /// Whether the votes by option are to be kept of each snapshot.
    pub(crate) in_course: bool,
}

impl Search<'_> {
    /// Reads both lists of a campaign, and sums the votes at the snapshot with so many records.
    /// Nothing if its rules or its snapshots are not there, or nothing of its lists is told yet.
    pub(crate) fn lists(
        &self,
        held: &Held,
        sought: BTreeMap<VoterStamp, Sought>,
        asked: Option<u64>,
        findings: &mut Findings,
    ) -> Option<Listed> {
        let campaign = held.rules.as_ref().filter(|_| is_told(held))?;
        let path = List::Votes.file_name(campaign.name());
        let mut votes = Votes::new(held, campaign, &path, sought);
        if self.in_course && held.chain.len() <= MAX_SNAPSHOTS {
            votes.course = Some(Vec::new());
        }
        if let Some(records) = asked {
            votes.ask(records);
        }
        let read_votes = self.list(held, campaign, &mut votes, findings);
        votes.take_stamps().twice(&path, findings);
        let path = List::Voters.file_name(campaign.name());
        let mut voters = Voters::new(campaign, &path, self.void, held.uncounted());
        let read_voters = self.list(held, campaign, &mut voters, findings);
        if read_voters.is_some() {
            without::hold(held, &voters.of_shards, &path, findings);
        }
        let voided = voters.voided;
        voters.twice(findings);
        let (read_votes, read_voters) = (read_votes?, read_voters?);
        Some(Listed {
            votes: read_votes.lines,
            voters: read_voters.lines,
            counts: votes.counts,
            work: votes.work.hashes(),
            unanimous: votes.unanimous,
            voided,
            unopened: read_votes.unopened.saturating_add(read_voters.unopened),
            goes_on: read_votes.goes_on || read_voters.goes_on,
            tally: votes.tally,
            course: votes.course,
            sought: votes.sought,
        })
    }

    fn list<L: Lines>(
        &self,
        held: &Held,
        campaign: &Campaign,
        lines: &mut L,
        findings: &mut Findings,
    ) -> Option<Read> {
        let path = L::LIST.file_name(campaign.name());
        let reading = match self.source.reader(&path, u64::MAX) {
            Ok(Some(reading)) => reading,
            Ok(None) => {
                findings.push(Finding::new(&rules::LIST_MISSING, path, "the list", "no file"));
                return None;
            }
            Err(error) => {
                not_read(&path, error, findings);
                return None;
            }
        };
        self.progress.stage("lists");
        let stream = Stream { held, list: L::LIST, path, progress: self.progress };
        Some(stream.read(reading, lines, findings))
    }
}

/// Says that a list could not be read, or not to its end. Who serves the lists may refuse them, and
/// what was found in the log is to be told all the same.
pub(super) fn not_read(path: &str, error: SourceError, findings: &mut Findings) {
    let mut own = Vec::new();
    if let Err(why) = unreadable(path, error, &mut own) {
        own.push(Finding::new(&rules::LIST_MISSING, path, "the list", why.to_string()));
    }
    findings.extend(own);
}

/// Whether a publisher shows the lists: while interim results are not told, it answers 403.
fn is_told(held: &Held) -> bool {
    held.last().is_some() || held.chain.iter().any(|link| link.snapshot.votes.digest.is_some())
}
