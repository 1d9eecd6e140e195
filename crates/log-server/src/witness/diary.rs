//! What a witness writes into its journal about submissions, however many come.
//!
//! Anybody can send it a head that the log has signed with a proof that is none, or anything while
//! its clock is off. So each matter is written once, and again only after a while, with how often
//! it was left out. A head that was not seen yet is a matter of its own: no crowd of strangers
//! hides the proof that a log has forked.
//!
//! The log itself can sign heads without end. So heads have a room apart from everything else, and
//! of each log the first two that contradict another one of their size, the one cosigned last or
//! one that was written, are written however many others came.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tlog::merkle::Head;
use tlog::witness::{Refusal, Submission};

use super::RecordError;

/// Heads that are remembered, and so written, within one pause. Beyond, all others are one matter.
const MOST: usize = 256;

/// Heads of one log that contradict another, and are always written.
const FORKS: usize = 2;

/// What a line is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Matter {
    /// A head of a log that does not extend the last one.
    Head { origin: String, head: Head },
    /// The same, and another head of its size is known.
    Fork { origin: String, head: Head },
    /// Nothing is signed for a log, for this reason.
    Stopped { origin: String, status: u16, why: &'static str },
    /// The record failed.
    Record,
    /// Whatever head comes when too many others were written.
    Others,
}

impl Matter {
    /// Seconds until it is written again. A line about a head holds the whole request.
    const fn pause_s(&self) -> u64 {
        match self {
            Self::Head { .. } | Self::Fork { .. } => 3600,
            Self::Stopped { .. } | Self::Record | Self::Others => 60,
        }
    }
}

/// When a matter was last written, and how often it was not since then.
struct Written {
    uptime_s: u64,
    left_out: u64,
}

impl Written {
    const fn is_over(&self, matter: &Matter, uptime_s: u64) -> bool {
        uptime_s.saturating_sub(self.uptime_s) >= matter.pause_s()
    }
}

/// The lines of one witness.
#[derive(Default)]
pub(super) struct Diary(Mutex<Lines>);

#[derive(Default)]
struct Lines {
    /// Heads: [`MOST`] at one time.
    heads: BTreeMap<Matter, Written>,
    /// Everything else. The logs are known, so there are few.
    others: BTreeMap<Matter, Written>,
}

impl Diary {
    /// Writes why a submission was refused, unless it has been written a moment before.
    ///
    /// What a signed checkpoint that does not extend the last one looks like belongs in the
    /// journal: it may be the proof that a log has forked.
    ///
    /// `last` is the head of that log that was cosigned last.
    pub(super) fn refused(
        &self,
        refusal: &Refusal,
        submission: &Submission,
        last: Option<Head>,
        uptime_s: u64,
    ) {
        let origin = submission.origin();
        let stopped =
            |why| Matter::Stopped { origin: origin.to_owned(), status: refusal.status_code(), why };
        let matter = match refusal {
            Refusal::Inconsistent(_) => self.lines().head(origin, submission.head(), last),
            Refusal::ClockStepped { .. } => stopped("stepped"),
            Refusal::ClockUnchecked { .. } => stopped("unchecked"),
            Refusal::RecordBehind { .. } => stopped("behind"),
            Refusal::Signing(_) => stopped("signing"),
            _ => return tracing::debug!(origin, %refusal, "refused"),
        };
        let Some(left_out) = self.turn(&matter, uptime_s) else { return };
        if matches!(matter, Matter::Head { .. } | Matter::Fork { .. }) {
            let request = submission.request();
            tracing::warn!(
                origin, %refusal, %request, left_out, "signed by the log and not consistent"
            );
        } else {
            tracing::error!(origin, %refusal, left_out, "signing has stopped");
        }
    }

    /// Writes that the record failed, unless it has been written a moment before.
    pub(super) fn record_failed(&self, error: &RecordError, uptime_s: u64) {
        if let Some(left_out) = self.turn(&Matter::Record, uptime_s) {
            tracing::error!(
                %error, left_out, "the record failed; nothing is signed until a restart"
            );
        }
    }

    fn turn(&self, matter: &Matter, uptime_s: u64) -> Option<u64> {
        self.lines().turn(matter, uptime_s)
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    /// Which matter a head is that does not extend the last one.
    fn head(&self, origin: &str, head: Head, last: Option<Head>) -> Matter {
        let origin = origin.to_owned();
        let fork = Matter::Fork { origin: origin.clone(), head };
        let is_of =
            |matter: &Matter| matches!(matter, Matter::Fork { origin: of, .. } if *of == origin);
        let forks = self.others.keys().filter(|matter| is_of(matter)).count();
        let is_other = |known: &Head| known.size == head.size && known.root != head.root;
        let is_written = |matter: &Matter| match matter {
            Matter::Head { origin: of, head } => *of == origin && is_other(head),
            _ => false,
        };
        let contradicts = last.as_ref().is_some_and(is_other) || self.heads.keys().any(is_written);
        if self.others.contains_key(&fork) || (contradicts && forks < FORKS) {
            return fork;
        }
        Matter::Head { origin, head }
    }

    /// Whether a matter is to be written now, and if so, how often it was left out since the last
    /// time.
    fn turn(&mut self, matter: &Matter, uptime_s: u64) -> Option<u64> {
        let is_head = matches!(matter, Matter::Head { .. });
        if is_head && self.heads.len() >= MOST && !self.heads.contains_key(matter) {
            self.heads.retain(|matter, written| !written.is_over(matter, uptime_s));
        }
        let is_crowded = self.heads.len() >= MOST && !self.heads.contains_key(matter);
        let (all, matter) = match (is_head, is_crowded) {
            (true, false) => (&mut self.heads, matter),
            (true, true) => (&mut self.others, &Matter::Others),
            (false, _) => (&mut self.others, matter),
        };
        let Some(written) = all.get_mut(matter) else {
            all.insert(matter.clone(), Written { uptime_s, left_out: 0 });
            return Some(0);
        };
        if !written.is_over(matter, uptime_s) {
            written.left_out = written.left_out.saturating_add(1);
            return None;
        }
        written.uptime_s = uptime_s;
        Some(std::mem::take(&mut written.left_out))
    }
}

#[cfg(test)]
mod tests {
    use canon::Digest;

    use super::*;

    #[test]
    fn a_matter_has_its_turn_once_in_its_time() {
        let diary = Diary::default();
        let stopped =
            Matter::Stopped { origin: "log.example".to_owned(), status: 503, why: "stepped" };
        let turns = [(5, Some(0)), (5, None), (64, None), (65, Some(2)), (66, None)];
        for (uptime_s, turn) in turns {
            assert_eq!(diary.turn(&stopped, uptime_s), turn, "{uptime_s}");
        }
        assert_eq!(diary.turn(&Matter::Record, 66), Some(0));
    }

    #[test]
    fn a_crowd_of_matters_is_one() {
        let diary = Diary::default();
        let head = |size| Matter::Head {
            origin: "log.example".to_owned(),
            head: Head { size, root: Digest::of(b"root") },
        };
        let most = MOST as u64;
        assert!((0..most).all(|size| diary.turn(&head(size), 0) == Some(0)));
        assert_eq!(diary.turn(&head(most), 1), Some(0));
        assert_eq!(diary.turn(&head(most + 1), 1), None);
        assert_eq!(diary.turn(&head(most + 2), 61), Some(1));
        // An hour later the heads have made room.
        assert_eq!(diary.turn(&head(most), 3600), Some(0));
        assert!(diary.lines().heads.len() < MOST);
    }
    /// Two of its heads prove that a log has forked; it signs a crowd of others to hide them.
    #[test]
    fn a_log_that_signs_a_crowd_of_heads_hides_neither_its_fork_nor_a_fault() {
        const ORIGIN: &str = "log.example";
        let head = |size, root: &str| Head { size, root: Digest::of(root.as_bytes()) };
        let diary = Diary::default();
        let last = Some(head(7, "cosigned"));
        let turn = |one: Head| {
            let matter = diary.lines().head(ORIGIN, one, last);
            diary.turn(&matter, 1).is_some()
        };
        let crowd = |sizes: std::ops::Range<u64>| sizes.filter(|n| turn(head(*n, "crowd"))).count();
        assert_eq!(crowd(100..1_000), MOST + 1, "and one line for all others");
        assert!(turn(head(7, "another")), "it contradicts what was cosigned");
        assert!(turn(head(100, "another")), "it contradicts what was written");
        assert!(!turn(head(101, "another")), "two are enough");
        assert!(!turn(head(7, "another")), "it was written a moment before");
        assert_eq!(diary.turn(&Matter::Record, 1), Some(0));
        let why = Matter::Stopped { origin: ORIGIN.to_owned(), status: 503, why: "stepped" };
        assert_eq!(diary.turn(&why, 1), Some(0));
        assert!(matches!(diary.lines().head("log.other", head(7, "x"), None), Matter::Head { .. }));
    }
}
