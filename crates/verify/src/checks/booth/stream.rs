//! One list, from its first line to the last that a snapshot speaks of.
//!
//! ```text
//! block of lines -> each line judged, on all cores -> taken in, in order
//!              \--> digest, told at each snapshot
//! ```

use artifact::bundle::Reading;
use booth::publish::List;
use canon::{Digest, Hasher};
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};

use super::campaign::Held;
use super::chain::Link;
use super::lists::not_read;
use super::reading::{Block, Blocks};
use crate::finding::{Finding, Findings, booth as rules};
use crate::options::Progress;

/// Lines that one thread judges before it looks for others.
const SHARE: usize = 64;

/// Lines that are judged before they are taken in. What is kept of a line meanwhile is more than a
/// line can have: a block of a hostile publisher may be line feeds alone.
const RUN: usize = 16_384;

/// Where a line stands.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    /// Its number, from 1.
    pub(super) line: u64,
    /// The snapshot that adds it.
    pub(super) link: &'a Link,
    /// Whether it is the first that the snapshot adds.
    pub(super) is_first: bool,
    /// Whether it is the last.
    pub(super) is_last: bool,
}

/// A list, and what is made of its lines.
pub(super) trait Lines: Sync {
    /// What one line says.
    type Said: Send;

    /// Which list it is.
    const LIST: List;

    /// Judges a line by itself. Called from many threads.
    fn judge(&self, line: &[u8]) -> Self::Said;

    /// Takes in what a line says, in the order of the list.
    fn take(&mut self, at: At<'_>, said: Self::Said, findings: &mut Findings);
}

/// A list that is read.
pub(super) struct Stream<'a> {
    pub(super) held: &'a Held,
    pub(super) list: List,
    pub(super) path: String,
    pub(super) progress: &'a dyn Progress,
}

/// How a list is as long as it was read.
#[derive(Default)]
pub(super) struct Read {
    /// Lines.
    pub(super) lines: u64,
    /// Commitments of snapshots that nothing opens.
    pub(super) unopened: u64,
    /// Whether there is more than the last snapshot speaks of.
    pub(super) goes_on: bool,
}

impl Stream<'_> {
    /// Lines of the list that a snapshot says there are.
    fn records(&self, link: &Link) -> u64 {
        match self.list {
            List::Votes => link.snapshot.votes.records,
            List::Voters => link.snapshot.voters.records,
        }
    }

    /// Reads the list, judges its lines, and holds it against every snapshot.
    pub(super) fn read<L: Lines>(
        &self,
        reading: Reading<'_>,
        lines: &mut L,
        findings: &mut Findings,
    ) -> Read {
        let mut state = State { read: Read::default(), bytes: 0, hasher: Hasher::new(), next: 0 };
        let mut blocks = Blocks::new(reading);
        let all = self.held.chain.last().map_or(0, |link| self.records(link));
        self.told(&mut state, findings);
        let ended = loop {
            let most = all.saturating_sub(state.read.lines);
            if most == 0 {
                match blocks.goes_on() {
                    Ok(goes_on) => state.read.goes_on = goes_on,
                    Err(error) => break Err(error),
                }
                break Ok(());
            }
            match blocks.next(most) {
                Ok(Block::Lines(block)) => {
                    for run in runs(&block) {
                        self.run(run, &mut state, lines, findings);
                    }
                }
                Ok(Block::End) => break Ok(()),
                Ok(Block::NoLine) => {
                    let line = state.read.lines.saturating_add(1);
                    let subject = format!("line {line} of {}", self.path);
                    let (expected, found) = ("a line with a line feed", "none");
                    findings.push(Finding::new(&rules::NO_RECORD, subject, expected, found));
                    break Ok(());
                }
                Err(error) => break Err(error),
            }
            self.progress.entries(state.read.lines, all);
        };
        if let Err(error) = ended {
            not_read(&self.path, error, findings);
        } else {
            self.length(&state, findings);
        }
        state.read
    }

    /// Judges the lines of a run side by side, and takes them in one after another.
    fn run<L: Lines>(&self, run: &[u8], state: &mut State, lines: &mut L, findings: &mut Findings) {
        let each: Vec<&[u8]> = run.split_inclusive(|byte| *byte == b'\n').collect();
        let (judge, first) = (&*lines, state.next);
        let mut told = Findings::default();
        let before = state.read.lines;
        let (said, ()) = rayon::join(
            || {
                let lines = each.par_iter().with_min_len(SHARE);
                lines.map(|line| judge.judge(line)).collect::<Vec<_>>()
            },
            || self.hash(&each, state, &mut told),
        );
        findings.append(told);
        let mut at = first;
        for (line, said) in (before.saturating_add(1)..).zip(said) {
            while self.held.chain.get(at).is_some_and(|link| self.records(link) < line) {
                at = at.saturating_add(1);
            }
            let Some(link) = self.held.chain.get(at) else { break };
            let had = at.checked_sub(1).and_then(|before| self.held.chain.get(before));
            let had = had.map_or(0, |link| self.records(link));
            let is_first = line == had.saturating_add(1);
            let is_last = line == self.records(link);
            lines.take(At { line, link, is_first, is_last }, said, findings);
        }
    }

    /// Adds lines to the digest, and stops at each snapshot.
    fn hash(&self, lines: &[&[u8]], state: &mut State, findings: &mut Findings) {
        for line in lines {
            state.hasher.update(line);
            let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
            state.bytes = state.bytes.saturating_add(length);
            state.read.lines = state.read.lines.saturating_add(1);
            self.told(state, findings);
        }
    }

    /// Holds the list as far as it was read against the snapshots that end there.
    fn told(&self, state: &mut State, findings: &mut Findings) {
        while let Some(link) = self.held.chain.get(state.next) {
            if self.records(link) != state.read.lines {
                return;
            }
            state.next = state.next.saturating_add(1);
            let digest = state.hasher.clone().finish();
            if let Err(found) = self.is_told(link, &digest, state) {
                let number = link.snapshot.number;
                let expected =
                    format!("the {} of snapshot {number}, {}", self.list, self.say(link));
                findings.push(Finding::entry(&rules::LIST_DIFFERS, link.index, expected, found));
            }
        }
    }

    fn is_told(&self, link: &Link, digest: &Digest, state: &mut State) -> Result<(), String> {
        let said = self.state_of(link);
        let bytes = state.bytes;
        if said.digest.is_some_and(|told| told != *digest) {
            return Err(format!("{bytes} bytes with digest {digest}"));
        }
        if said.bytes.is_some_and(|told| told != bytes) {
            return Err(format!("{bytes} bytes"));
        }
        match (said.commitment, &self.held.revealed.salt) {
            (None, _) => Ok(()),
            (Some(_), None) => {
                state.read.unopened = state.read.unopened.saturating_add(1);
                Ok(())
            }
            (Some(told), Some(salt)) => {
                let found = salt.commit(link.snapshot.number, self.list, digest);
                let differs = || format!("{bytes} bytes with commitment {found}");
                (found == told).then_some(()).ok_or_else(differs)
            }
        }
    }

    fn state_of<'l>(&self, link: &'l Link) -> &'l artifact::payload::platform::ListState {
        match self.list {
            List::Votes => &link.snapshot.votes,
            List::Voters => &link.snapshot.voters,
        }
    }

    /// What a snapshot says of the list.
    fn say(&self, link: &Link) -> String {
        let said = self.state_of(link);
        match (said.bytes, said.digest, said.commitment) {
            (Some(bytes), Some(digest), _) => format!("{bytes} bytes with digest {digest}"),
            (_, _, Some(commitment)) => format!("with commitment {commitment}"),
            _ => format!("{} records", said.records),
        }
    }

    /// Finds a list that is shorter than a snapshot says, or longer than the last one does.
    fn length(&self, state: &State, findings: &mut Findings) {
        let lines = state.read.lines;
        if let Some(link) = self.held.chain.iter().find(|link| self.records(link) > lines) {
            let (records, number) = (self.records(link), link.snapshot.number);
            let expected = format!("{records} records, as snapshot {number} says");
            let found = format!("{lines} lines");
            findings.push(Finding::new(&rules::LIST_SHORT, &self.path, expected, found));
        }
        if let Some(last) = self.held.last().filter(|_| state.read.goes_on) {
            let expected = format!("{lines} lines, as snapshot {} says", last.snapshot.number);
            findings.push(Finding::new(&rules::LIST_LONG, &self.path, expected, "more"));
        }
    }
}

/// A block in pieces of so many lines.
fn runs(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = block;
    std::iter::from_fn(move || {
        let mut ends = rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let end = ends.nth(RUN - 1).map_or(rest.len(), |(at, _)| at.saturating_add(1));
        let (run, behind) = rest.split_at(end);
        rest = behind;
        (!run.is_empty()).then_some(run)
    })
}

/// How far a list is read.
struct State {
    read: Read,
    bytes: u64,
    hasher: Hasher,
    /// The first snapshot that ends behind what was read.
    next: usize,
}
