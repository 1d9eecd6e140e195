//! The answer to `/stamp`.
//!
//! A wrong code gets an answer too, and nothing about it says that the code was wrong. One code is
//! good for a number of genuine stamps near what the booth can hold while the code is taken;
//! beyond that number it gets decoys as well, and an alarm goes off, unseen from outside.

use std::collections::BTreeMap;

use canon::Timestamp;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeLess as _};

use super::EdgeSecrets;
use crate::answer::Refusal;
use crate::campaign::Campaign;
use crate::stamp::{PlatformStamp, VoterStamp};
use crate::totp::{Code, Codes, Station};

/// Two stamps: the headers `P-UTC`, `P-SIG` and `voter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StampAnswer {
    /// The platform's stamp, genuine or not.
    pub platform: PlatformStamp,
    /// The voter's stamp, bound to it.
    pub voter: VoterStamp,
}

impl StampAnswer {
    /// The headers.
    pub fn headers(&self) -> [(&'static str, String); 3] {
        [
            ("P-UTC", self.platform.period.to_string()),
            ("P-SIG", self.platform.signature_text()),
            ("voter", self.voter.to_string()),
        ]
    }
}

/// More people know a code than a booth holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    /// The station, where stations have seeds of their own.
    pub station: Option<Station>,
    /// The step at which the limit was passed.
    pub step: u64,
}

/// Genuine stamps given for the last, the current and the next code of a station.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    step: u64,
    given: [u32; 3],
    total: u64,
}

impl Count {
    /// Moves on to a step; the codes of the steps before it are not taken any more.
    fn advance(&mut self, step: u64) {
        let [_, current, next] = self.given;
        // A clock that went back gives nobody a stamp more.
        let Some(steps @ 1..) = step.checked_sub(self.step) else { return };
        self.given = match steps {
            1 => [current, next, 0],
            2 => [next, 0, 0],
            _ => [0; 3],
        };
        self.step = step;
    }
}

/// Where an edge gives out stamps. It remembers three numbers a station.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    counts: BTreeMap<Option<Station>, Count>,
}

impl Desk {
    /// A desk that has given nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stamps for somebody who says a code. `codes` are those of the station at `now`; `drawn` are
    /// 32 random bytes for the platform's stamp and 16 for the voter's.
    ///
    /// Right and wrong codes take the same steps up to the answer. A station that the campaign
    /// does not name, or none where it names some, is refused: the names are public.
    #[expect(
        clippy::too_many_arguments,
        reason = "the present and the drawn bytes come from outside"
    )]
    pub fn stamp(
        &mut self,
        campaign: &Campaign,
        secrets: &EdgeSecrets,
        station: Option<&Station>,
        codes: &Codes,
        given: Code,
        drawn: (&[u8; 32], [u8; 16]),
        now: Timestamp,
    ) -> Result<(StampAnswer, Option<Excess>), Refusal> {
        let known = match station {
            None => campaign.stations().is_empty(),
            Some(station) => campaign.stations().contains(station),
        };
        if !known {
            return Err(Refusal::Malformed);
        }
        let period = campaign.period_at(now).ok_or(Refusal::Time)?;
        let limit = campaign.stamps_per_code().unwrap_or(u32::MAX);
        let count = self.counts.entry(station.cloned()).or_default();
        count.advance(codes.step);
        let (right, over) = take(count, codes.each_equal(given), limit);
        let platform = secrets.stamps.issue(period, right, drawn.0);
        let voter = VoterStamp::issue(&secrets.edge_key, drawn.1, &platform, now);
        let excess = Excess { station: station.cloned(), step: codes.step };
        Ok((StampAnswer { platform, voter }, bool::from(over).then_some(excess)))
    }

    /// Genuine stamps given in all, by station: what is published.
    pub fn totals(&self) -> impl Iterator<Item = (Option<&Station>, u64)> {
        self.counts.iter().map(|(station, count)| (station.as_ref(), count.total))
    }
}

/// Counts a code against its limit: whether it is good for one stamp more, and whether it would
/// have been, but for the limit. Without a branch on either.
fn take(count: &mut Count, equal: [Choice; 3], limit: u32) -> (Choice, Choice) {
    let (mut right, mut over) = (Choice::from(0), Choice::from(0));
    for (given, equal) in count.given.iter_mut().zip(equal) {
        let room = given.ct_lt(&limit);
        let more = given.saturating_add(1);
        given.conditional_assign(&more, equal & room);
        right |= equal & room;
        over |= equal & !room;
    }
    let total = count.total.saturating_add(1);
    count.total.conditional_assign(&total, right);
    (right, over & !right)
}
