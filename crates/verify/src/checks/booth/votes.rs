//! The list of votes, line by line.

use std::collections::BTreeMap;

use booth::campaign::{Campaign, Period};
use booth::publish::List;
use booth::stamp::{PlatformStamp, VoterStamp};
use booth::vote::Vote;
use booth::work::Total;
use canon::{Digest, base64};

use super::campaign::Held;
use super::once::Once;
use super::results::Tally;
use super::stream::{At, Lines};
use crate::finding::{Finding, Findings, Rule, booth as rules};

/// Bytes of a voter's stamp.
const STAMP: usize = 20;

/// Bytes that are kept of a platform stamp: the beginning of its signature, drawn anew for each
/// request. Two that agree in these are one signature, or its key was used as no edge uses it.
const DRAWN: usize = 16;

/// What may stand in the list of votes once.
pub(super) struct Stamps {
    voters: Once<STAMP>,
    platforms: Once<DRAWN>,
}

/// What a line says.
pub(super) struct Said {
    digest: Digest,
    /// Nothing where the line is no vote.
    vote: Option<SaidVote>,
}

struct SaidVote {
    stamp: VoterStamp,
    drawn: [u8; DRAWN],
    period: Period,
    /// The place of the option on the ballot, from 0.
    option: Option<usize>,
    work: u32,
    signed: Signed,
}

/// Whose a platform's stamp is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signed {
    /// The stamp key's.
    Genuine,
    /// The decoy key's.
    Decoy,
    /// Neither's.
    Neither,
    /// The stamp key is not revealed.
    Unknown,
}

/// A stamp that somebody looks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sought {
    /// The place of the option that it stands with, for each line that has it.
    pub(crate) options: Vec<Option<usize>>,
    /// The digests of these lines.
    pub(crate) lines: Vec<Digest>,
}

/// All votes so far.
pub(super) struct Votes<'a> {
    held: &'a Held,
    rules: &'a Campaign,
    path: &'a str,
    before: Option<Digest>,
    stamps: Stamps,
    /// Votes by stamp period of this snapshot.
    groups: BTreeMap<Period, u64>,
    /// The options that this snapshot's votes have, as far as it takes to see that they differ.
    chosen: Option<Choice>,
    /// Votes by option.
    pub(super) counts: Vec<u64>,
    /// The work of all.
    pub(super) work: Total,
    /// Snapshots whose votes agree.
    pub(super) unanimous: u64,
    /// Stamps that somebody looks for.
    pub(super) sought: BTreeMap<VoterStamp, Sought>,
    /// Votes by option at the end of each snapshot that adds any, where that is asked for: lines
    /// so far, and the counts.
    pub(super) course: Option<Vec<(u64, Vec<u64>)>>,
    /// The records at which somebody asks what the votes come to.
    asked: Option<u64>,
    /// What they come to there, once it is read.
    pub(super) tally: Option<Tally>,
    /// Doubled stamps, as far as somebody asks.
    doubled: u64,
}

/// What the votes of a snapshot chose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    One(Option<usize>),
    Several,
}

impl<'a> Votes<'a> {
    /// No votes yet.
    pub(super) fn new(
        held: &'a Held,
        rules: &'a Campaign,
        path: &'a str,
        sought: BTreeMap<VoterStamp, Sought>,
    ) -> Self {
        Self {
            held,
            rules,
            path,
            before: None,
            stamps: Stamps::new(),
            groups: BTreeMap::new(),
            chosen: None,
            counts: vec![0; rules.options().len()],
            work: Total::default(),
            unanimous: 0,
            sought,
            course: None,
            asked: None,
            tally: None,
            doubled: 0,
        }
    }

    /// Asks what the votes come to at the end of a snapshot with so many records.
    pub(super) fn ask(&mut self, records: u64) {
        self.asked = Some(records);
        self.tally = (records == 0).then(|| self.sum());
    }

    fn sum(&self) -> Tally {
        Tally { counts: self.counts.clone(), doubled: self.doubled }
    }

    fn signed(&self, platform: &PlatformStamp) -> Signed {
        let revealed = &self.held.revealed;
        match &revealed.stamp_key {
            None => Signed::Unknown,
            Some(key) if platform.is_genuine(key) => Signed::Genuine,
            Some(_) => match &revealed.decoy_key {
                Some(key) if platform.is_genuine(key) => Signed::Decoy,
                _ => Signed::Neither,
            },
        }
    }

    /// What is wrong with a vote by itself.
    fn judge_vote(&self, at: At<'_>, vote: &SaidVote, findings: &mut Findings) {
        let mut find = |rule: &'static Rule, expected: String, found: String| {
            let subject = format!("line {} of {}", at.line, self.path);
            findings.push(Finding::new(rule, subject, expected, found));
        };
        let expected = || "a stamp under the revealed key".to_owned();
        match vote.signed {
            Signed::Genuine | Signed::Unknown => {}
            Signed::Decoy => find(&rules::STAMP_FORGED, expected(), "a decoy".to_owned()),
            Signed::Neither => {
                find(&rules::STAMP_FORGED, expected(), "another signature".to_owned());
            }
        }
        let logged_at = at.link.logged_at.unwrap_or(self.rules.end());
        if !self.rules.has_begun(vote.period, logged_at) {
            let expected = format!("the start of a stamp period that had begun by {logged_at}");
            find(&rules::PERIOD, expected, vote.period.to_string());
        }
        let bits = self.rules.work_bits();
        if vote.work < bits {
            find(&rules::WORK, format!("{bits} zero bits"), format!("{}", vote.work));
        }
        if vote.option.is_none() {
            let expected = "an option of the ballot".to_owned();
            find(&rules::OPTION, expected, "another text".to_owned());
        }
    }

    /// What a snapshot adds as a whole, once its last line is in.
    fn end(&mut self, at: At<'_>, findings: &mut Findings) {
        if let Some(course) = &mut self.course {
            course.push((at.line, self.counts.clone()));
        }
        if self.asked.is_some_and(|asked| at.line <= asked) {
            self.doubled = self.doubled.saturating_add(self.stamps.voters.repeated());
            if self.asked == Some(at.line) {
                self.tally = Some(self.sum());
            }
        }
        let groups = std::mem::take(&mut self.groups);
        if matches!(self.chosen.take(), Some(Choice::One(_))) {
            self.unanimous = self.unanimous.saturating_add(1);
        }
        let k = self.held.published.k;
        let all = groups.values().copied().fold(0, u64::saturating_add);
        // Where all of them are fewer, the entry itself was found.
        let smallest = groups.into_iter().min_by_key(|(_, votes)| *votes);
        let small = smallest.filter(|(_, votes)| *votes < k && all >= k);
        if let Some((period, votes)) = small.filter(|_| !at.link.snapshot.is_last) {
            let expected = format!("no vote or at least {k} of each stamp period");
            let found = format!("{votes} of period {period}");
            let rule = &rules::CROWD_SMALL;
            findings.push(Finding::entry(rule, at.link.index, expected, found));
        }
    }

    /// The stamps, to be compared.
    pub(super) fn take_stamps(&mut self) -> Stamps {
        std::mem::replace(&mut self.stamps, Stamps::new())
    }
}

impl Stamps {
    fn new() -> Self {
        Self { voters: Once::new(), platforms: Once::new() }
    }

    /// Finds the stamps that stand twice.
    pub(super) fn twice(self, path: &str, findings: &mut Findings) {
        let mut find = |rule, expected: String, times: usize| {
            findings.push(Finding::new(rule, path, expected, format!("{times} times")));
        };
        for (stamp, times) in self.voters.twice() {
            let expected = format!("voter stamp {} once", VoterStamp::from_bytes(stamp));
            find(&rules::STAMP_TWICE, expected, times);
        }
        for (drawn, times) in self.platforms.twice() {
            let beginning = base64::encode(drawn.get(..15).unwrap_or_default());
            let expected = format!("the platform stamp that begins {beginning} once");
            find(&rules::PLATFORM_STAMP_TWICE, expected, times);
        }
    }
}

impl Lines for Votes<'_> {
    type Said = Said;

    const LIST: List = List::Votes;

    fn judge(&self, line: &[u8]) -> Said {
        let vote = booth::publish::vote_of(line).map(|vote: Vote| SaidVote {
            stamp: vote.stamp,
            drawn: drawn(&vote.platform),
            period: vote.platform.period,
            option: self.rules.position(&vote.say),
            work: vote.score(),
            signed: self.signed(&vote.platform),
        });
        Said { digest: Digest::of(line), vote }
    }

    fn take(&mut self, at: At<'_>, said: Said, findings: &mut Findings) {
        let Said { digest, vote } = said;
        sorted(&mut self.before, digest, at, self.path, findings);
        if let Some(vote) = &vote {
            self.judge_vote(at, vote, findings);
            let of_period = self.groups.entry(vote.period).or_default();
            *of_period = of_period.saturating_add(1);
            if let Some(count) = vote.option.and_then(|option| self.counts.get_mut(option)) {
                *count = count.saturating_add(1);
            }
            self.chosen = Some(match self.chosen {
                None => Choice::One(vote.option),
                Some(Choice::One(option)) if option == vote.option => Choice::One(option),
                Some(_) => Choice::Several,
            });
            self.work.add(vote.work);
            self.stamps.voters.push(*vote.stamp.bytes(), 0);
            self.stamps.platforms.push(vote.drawn, 0);
            if let Some(sought) = self.sought.get_mut(&vote.stamp) {
                sought.options.push(vote.option);
                sought.lines.push(digest);
            }
        } else {
            no_record(at, self.path, "a vote", findings);
        }
        if at.is_last {
            self.end(at, findings);
        }
    }
}

fn drawn(stamp: &PlatformStamp) -> [u8; DRAWN] {
    let mut drawn = [0; DRAWN];
    drawn.iter_mut().zip(stamp.signature).for_each(|(kept, byte)| *kept = byte);
    drawn
}

/// Finds a line that does not stand behind the one before it, by their digests.
pub(super) fn sorted(
    before: &mut Option<Digest>,
    digest: Digest,
    at: At<'_>,
    path: &str,
    findings: &mut Findings,
) {
    let last = before.replace(digest);
    if let Some(last) = last.filter(|last| !at.is_first && *last >= digest) {
        let subject = format!("line {} of {path}", at.line);
        let expected = format!("a line with a digest above {last}");
        findings.push(Finding::new(&rules::UNSORTED, subject, expected, digest.to_string()));
    }
}

/// Finds a line that is not what its list holds.
pub(super) fn no_record(at: At<'_>, path: &str, what: &str, findings: &mut Findings) {
    let subject = format!("line {} of {path}", at.line);
    let expected = format!("{what} in its one spelling");
    findings.push(Finding::new(&rules::NO_RECORD, subject, expected, "another line"));
}
