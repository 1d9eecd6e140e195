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
use crate::campaign::{Campaign, Period};
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

/// A code that was judged and counted. Nothing outside may learn how, but for the alarm.
#[derive(Debug, Clone, Copy)]
pub struct Judged {
    period: Period,
    now: Timestamp,
    right: Choice,
    over: Choice,
}

impl Judged {
    /// A request for a remote stamp, which takes no code. Where the campaign is not for remote
    /// votes there is none.
    pub fn remote(campaign: &Campaign, now: Timestamp) -> Result<Self, Refusal> {
        campaign.remote_of().ok_or(Refusal::Malformed)?;
        let period = campaign.period_at(now).ok_or(Refusal::Time)?;
        Ok(Self { period, now, right: Choice::from(1), over: Choice::from(0) })
    }

    /// The stamps, genuine or not: the same steps for both. `drawn` are 32 random bytes for the
    /// platform's stamp and 16 for the voter's.
    pub fn stamp(&self, secrets: &EdgeSecrets, drawn: (&[u8; 32], [u8; 16])) -> StampAnswer {
        let platform = secrets.stamps.issue(self.period, self.right, drawn.0);
        let voter = VoterStamp::issue(&secrets.edge_key, drawn.1, &platform, self.now);
        StampAnswer { platform, voter }
    }

    /// 1 if the code was right and its stamps are used up, else 0: to be added to a figure without
    /// a branch, and told later, so that an alarm does not make its own answer late.
    pub fn excess(&self) -> u64 {
        u64::from(self.over.unwrap_u8())
    }
}

/// Genuine stamps given at a station, by the step of their code.
#[derive(Debug, Clone, Default)]
struct Count {
    given: BTreeMap<u64, u32>,
    total: u64,
}

/// Steps that are remembered before the newest. What is older is used up, wherever the clock goes.
const STEPS: u64 = 16;

impl Count {
    /// The numbers of the codes of three steps; a number of `limit` for what is forgotten.
    fn numbers(&mut self, steps: [u64; 3], limit: u32) -> [u32; 3] {
        let newest = self.given.last_key_value().map_or(0, |(newest, _)| *newest);
        let oldest = newest.saturating_sub(STEPS);
        self.given.retain(|step, _| *step >= oldest);
        steps.map(|step| match self.given.get(&step) {
            None if step < oldest => limit,
            number => number.copied().unwrap_or_default(),
        })
    }
}

/// Where an edge gives out stamps. It remembers a few numbers a station.
#[derive(Debug, Clone, Default)]
pub struct Desk {
    counts: BTreeMap<Option<Station>, Count>,
}

impl Desk {
    /// A desk that has given nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Judges a code and counts it. `codes` are those of the station at `now`. What takes long, the
    /// signature, is left to [`Judged::stamp`], which needs the desk no more.
    ///
    /// Right and wrong codes take the same steps. A station that the campaign does not name, or
    /// none where it names some, is refused: the names are public.
    pub fn judge(
        &mut self,
        campaign: &Campaign,
        station: Option<&Station>,
        codes: &Codes,
        given: Code,
        now: Timestamp,
    ) -> Result<Judged, Refusal> {
        let known = match station {
            None => campaign.stations().is_empty() && campaign.remote_of().is_none(),
            Some(station) => campaign.stations().contains(station),
        };
        if !known {
            return Err(Refusal::Malformed);
        }
        let period = campaign.period_at(now).ok_or(Refusal::Time)?;
        let limit = campaign.stamps_per_code().unwrap_or(u32::MAX);
        let count = self.counts.entry(station.cloned()).or_default();
        let steps = [codes.step.saturating_sub(1), codes.step, codes.step.saturating_add(1)];
        let mut numbers = count.numbers(steps, limit);
        let (right, over) = take(&mut numbers, codes.each_equal(given), limit);
        count.given.extend(steps.into_iter().zip(numbers));
        let total = count.total.saturating_add(1);
        count.total.conditional_assign(&total, right);
        Ok(Judged { period, now, right, over })
    }

    /// Genuine stamps given in all, by station: what is published.
    pub fn totals(&self) -> impl Iterator<Item = (Option<&Station>, u64)> {
        self.counts.iter().map(|(station, count)| (station.as_ref(), count.total))
    }
}

/// Counts a code against its limit: whether it is good for one stamp more, and whether it would
/// have been, but for the limit. Without a branch on either.
fn take(numbers: &mut [u32; 3], equal: [Choice; 3], limit: u32) -> (Choice, Choice) {
    let (mut right, mut over) = (Choice::from(0), Choice::from(0));
    for (number, equal) in numbers.iter_mut().zip(equal) {
        let room = number.ct_lt(&limit);
        let more = number.saturating_add(1);
        number.conditional_assign(&more, equal & room);
        right |= equal & room;
        over |= equal & !room;
    }
    (right, over & !right)
}
