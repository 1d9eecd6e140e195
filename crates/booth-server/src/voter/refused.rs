//! Refusals as the voter meets them: the number, and what it means to a person.

use booth::answer::Refusal;

use super::words::Advice;

/// A status of the interface that is no success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// What it says.
    pub refusal: Refusal,
    /// Seconds after which to ask again, if it was said.
    pub retry_after_s: Option<u32>,
}

/// The refusals of the interface. A wait of 429 comes with the answer.
const ALL: [Refusal; 13] = [
    Refusal::NotHere,
    Refusal::OtherShard,
    Refusal::TooMany { wait_s: 0 },
    Refusal::Voted,
    Refusal::NotOnBallot,
    Refusal::Signature,
    Refusal::Authority,
    Refusal::Time,
    Refusal::Malformed,
    Refusal::VoterStamp,
    Refusal::PlatformStamp,
    Refusal::Work,
    Refusal::Busy,
];

impl Refused {
    /// The refusal with a status; `None` for a status that the interface does not have.
    pub fn of(status: u16, retry_after_s: Option<u32>) -> Option<Self> {
        let refusal = ALL.into_iter().find(|one| one.status() == status)?;
        let refusal = match refusal {
            Refusal::TooMany { .. } => Refusal::TooMany { wait_s: retry_after_s.unwrap_or(600) },
            other => other,
        };
        Some(Self { refusal, retry_after_s })
    }

    /// Whether the same request may fare better later.
    pub const fn is_passing(&self) -> bool {
        matches!(self.refusal, Refusal::TooMany { .. } | Refusal::Busy | Refusal::OtherShard)
    }

    /// What happened, and what to do.
    pub fn advice(&self) -> Advice {
        let (what, todo) = match self.refusal {
            Refusal::NotHere => (
                "There is no campaign at this address.",
                "Compare the address with the one on the notice of the election.",
            ),
            Refusal::Malformed => (
                "The platform could not read what this device sent.",
                "Check that the campaign file is this campaign's and that the station is the one \
                 on the screen in the booth. If they are, get a newer version of this program.",
            ),
            Refusal::Work => (
                "The platform asks for more work than this device has done.",
                "Check that the campaign file is the latest one, then begin again with a new code.",
            ),
            Refusal::VoterStamp => (
                "The stamp of this vote is too old, or it was used for another vote.",
                "If half an hour has passed, begin again with a new code from the booth. If not, \
                 tell the staff.",
            ),
            Refusal::Authority => (
                "This mandate is for another election.",
                "Look whether it is the right card. If it is, show it to the staff.",
            ),
            Refusal::Signature => (
                "This mandate is not genuine.",
                "Type the card again. If the same is said again, show it to the staff.",
            ),
            Refusal::TooMany { wait_s } => return too_many(wait_s),
            Refusal::PlatformStamp => (
                "The code of the booth was not right, or it was too old.",
                "The vote was not counted and the mandate is still good. Begin again with the \
                 code that the booth shows now.",
            ),
            Refusal::Time => (
                "The campaign has not begun, or it is over.",
                "Compare the time on this device with another clock. Within the hours of the \
                 election, show this to the staff.",
            ),
            Refusal::OtherShard => (
                "The edge sent the vote to the wrong place.",
                "The vote was not counted. Wait a little, then send it again.",
            ),
            Refusal::NotOnBallot => (
                "This option is not on the ballot.",
                "Check that the campaign file is this campaign's, then choose again.",
            ),
            Refusal::Voted => (
                "Somebody has voted with this mandate already.",
                "If it was you, look for your vote in the list. If it was not, tell the staff: \
                 the mandate stands in the list of voters.",
            ),
            Refusal::Busy => (
                "The platform has no time for this now.",
                "The vote is safe on this device. Wait a little, then send it again.",
            ),
        };
        Advice::new(what, todo)
    }
}

fn too_many(wait_s: u32) -> Advice {
    let minutes = wait_s.div_ceil(60).max(1);
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    Advice::new(
        "There were too many requests with this mandate, or several with a wrong code.",
        format!("Wait {minutes} {unit}, then begin again with the code that the booth shows then."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of `docs/spec/booth.md`.
    const STATUSES: [u16; 13] = [400, 421, 429, 481, 482, 483, 484, 485, 486, 487, 488, 489, 503];

    #[test]
    fn every_status_of_the_specification_is_a_value_with_a_sentence() {
        let text = include_str!("../../../../docs/spec/booth.md");
        let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.get(..3)?.parse().ok());
        let mut rows: Vec<u16> = rows.collect();
        rows.sort_unstable();
        // One of them is judged at three places.
        rows.dedup();
        assert_eq!(rows, STATUSES);
        let mut said = Vec::new();
        for status in STATUSES {
            let refused = Refused::of(status, Some(90)).unwrap();
            assert_eq!(refused.refusal.status(), status);
            let advice = refused.advice();
            for sentence in [&advice.what, &advice.todo] {
                assert!(sentence.ends_with('.') && !sentence.contains("lease "), "{sentence}");
                assert!(!sentence.contains(char::is_numeric) || status == 429, "{sentence}");
            }
            said.push(advice.what);
        }
        said.sort();
        said.dedup();
        assert_eq!(said.len(), STATUSES.len(), "no two are told by the same words");
        for status in [200, 301, 404, 480, 500] {
            assert_eq!(Refused::of(status, None), None);
        }
    }

    #[test]
    fn a_wait_is_said_in_minutes() {
        let todo = |retry| Refused::of(429, retry).unwrap().advice().todo;
        assert!(todo(Some(61)).starts_with("Wait 2 minutes"));
        assert!(todo(Some(5)).starts_with("Wait 1 minute,"));
        assert!(todo(None).starts_with("Wait 10 minutes"));
    }
}
