//! What a witness writes into its journal about submissions, however many come.
//!
//! Anybody can send it a head that the log has signed with a proof that is none, or anything while
//! its clock is off. So each matter is written once, and again only after a while, with how often
//! it was left out. A head that was not seen yet is a matter of its own: no crowd hides the proof
//! that a log has forked.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tlog::merkle::Head;
use tlog::witness::{Refusal, Submission};

use super::RecordError;

/// Matters that are remembered, and so written, within one pause. Beyond, all others are one.
const MOST: usize = 256;

/// What a line is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Matter {
    /// A head of a log that does not extend the last one.
    Head { origin: String, head: Head },
    /// Nothing is signed for a log, for this reason.
    Stopped { origin: String, status: u16, why: &'static str },
    /// The record failed.
    Record,
    /// Whatever comes when too many others were written.
    Others,
}

impl Matter {
    /// Seconds until it is written again. A line about a head holds the whole request.
    const fn pause_s(&self) -> u64 {
        match self {
            Self::Head { .. } => 3600,
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
pub(super) struct Diary(Mutex<BTreeMap<Matter, Written>>);

impl Diary {
    /// Writes why a submission was refused, unless it has been written a moment before.
    ///
    /// What a signed checkpoint that does not extend the last one looks like belongs in the
    /// journal: it may be the proof that a log has forked.
    pub(super) fn refused(&self, refusal: &Refusal, submission: &Submission, uptime_s: u64) {
        let origin = submission.origin();
        let stopped =
            |why| Matter::Stopped { origin: origin.to_owned(), status: refusal.status_code(), why };
        let matter = match refusal {
            Refusal::Inconsistent(_) => {
                Matter::Head { origin: origin.to_owned(), head: submission.head() }
            }
            Refusal::ClockStepped { .. } => stopped("stepped"),
            Refusal::ClockUnchecked { .. } => stopped("unchecked"),
            Refusal::RecordBehind { .. } => stopped("behind"),
            Refusal::Signing(_) => stopped("signing"),
            _ => return tracing::debug!(origin, %refusal, "refused"),
        };
        let Some(left_out) = self.turn(&matter, uptime_s) else { return };
        if matches!(matter, Matter::Head { .. }) {
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

    /// Whether a matter is to be written now, and if so, how often it was left out since the last
    /// time.
    fn turn(&self, matter: &Matter, uptime_s: u64) -> Option<u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST && !all.contains_key(matter) {
            all.retain(|matter, written| {
                *matter == Matter::Others || !written.is_over(matter, uptime_s)
            });
        }
        let is_crowded = all.len() >= MOST && !all.contains_key(matter);
        let matter = if is_crowded { &Matter::Others } else { matter };
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
        assert!(diary.0.lock().unwrap().len() < MOST);
    }
}
