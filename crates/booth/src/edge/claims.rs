//! What an edge makes of the claims that go before a vote.
//!
//! The stamp of a vote is claimed at all shards but its own, at once, and the vote goes there when
//! they have answered. Of two votes with one stamp, of two shards, each asks the other's shard. One
//! of the two questions is enough to keep the second vote out, so an edge goes on without a shard
//! that is away: the question from there is still asked here.
//!
//! Where a shard is there and does not judge, because it has no room or is slow, nothing is sent on
//! and the voter is told to come back. Otherwise whoever makes two instances slow has both
//! questions fall away. A shard that stays so for [`SILENCE_S`] counts as away, for its trouble
//! must not be everybody's.

use crate::answer::Refusal;

/// Seconds for which votes wait for a shard that is there and does not judge their claims.
pub const SILENCE_S: u64 = 30;

/// Seconds for which a shard that is away is not asked again.
pub const AWAY_S: u64 = 5;

/// What came of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// The shard has not recorded the stamp, and will not.
    Granted,
    /// It has recorded it, or granted it to another shard.
    Refused,
    /// It cannot be reached.
    Away,
    /// It is there, and has not judged.
    Silent,
}

/// How a request goes on: whether it may only be a repeated one.
///
/// What could only be repeated to begin with asks the same and goes the same way. So neither the
/// answer nor the way to it tells whether an edge took a vote, or how old its stamp is.
pub fn go_on(
    repeat_only: bool,
    claims: impl IntoIterator<Item = Claimed>,
) -> Result<bool, Refusal> {
    let mut is_refused = false;
    for claimed in claims {
        match claimed {
            Claimed::Silent => return Err(Refusal::Busy),
            Claimed::Refused => is_refused = true,
            Claimed::Granted | Claimed::Away => {}
        }
    }
    Ok(repeat_only || is_refused)
}

/// What is known of one instance that claims are put to. Seconds are those of a clock that nobody
/// sets.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reach {
    /// Since when it has judged nothing.
    silent_since: Option<u64>,
    /// Until when it is not asked, if it was away.
    away_until: Option<u64>,
}

impl Reach {
    /// Whether it is asked now. One claim finds out whether an instance that was away is back.
    pub fn is_asked(&mut self, now: u64) -> bool {
        match self.away_until {
            Some(until) if until > now => false,
            Some(_) => {
                self.away_until = Some(now.saturating_add(AWAY_S));
                true
            }
            None => true,
        }
    }

    /// It has judged a claim.
    pub const fn judged(&mut self) {
        *self = Self { silent_since: None, away_until: None };
    }

    /// It could not be connected to.
    pub const fn away(&mut self, now: u64) -> Claimed {
        self.away_until = Some(now.saturating_add(AWAY_S));
        Claimed::Away
    }

    /// It has not judged a claim, though it is there.
    pub fn silent(&mut self, now: u64) -> Claimed {
        let since = *self.silent_since.get_or_insert(now);
        if now.saturating_sub(since) >= SILENCE_S { self.away(now) } else { Claimed::Silent }
    }
}

#[cfg(test)]
mod tests {
    use super::Claimed::{Away, Granted, Refused, Silent};
    use super::*;

    #[test]
    fn one_refusal_is_enough_and_who_is_away_holds_nobody_up() {
        let cases = [
            (&[][..], Ok(false)),
            (&[Granted, Granted], Ok(false)),
            (&[Granted, Away], Ok(false)),
            (&[Away, Away], Ok(false)),
            (&[Granted, Refused, Away], Ok(true)),
            (&[Granted, Silent], Err(Refusal::Busy)),
            // As it is for a request that could only be repeated to begin with.
            (&[Refused, Silent], Err(Refusal::Busy)),
        ];
        for (claims, expected) in cases {
            assert_eq!(go_on(false, claims.iter().copied()), expected, "{claims:?}");
            let repeated = expected.map(|_| true);
            assert_eq!(go_on(true, claims.iter().copied()), repeated, "{claims:?}");
        }
    }

    #[test]
    fn who_is_away_is_asked_by_one_claim_in_five_seconds() {
        let mut reach = Reach::default();
        assert!(reach.is_asked(0) && reach.is_asked(0));
        assert_eq!(reach.away(100), Away);
        assert!(!reach.is_asked(104));
        assert_eq!(
            [reach.is_asked(105), reach.is_asked(105), reach.is_asked(109)],
            [true, false, false]
        );
        reach.judged();
        assert!(reach.is_asked(110) && reach.is_asked(110));
    }

    /// The attack: make two instances slow, so that neither is asked about the other's votes.
    #[test]
    fn who_does_not_judge_holds_votes_up_for_half_a_minute_and_no_longer() {
        let mut reach = Reach::default();
        assert_eq!([reach.silent(100), reach.silent(129)], [Silent, Silent]);
        assert!(reach.is_asked(129));
        reach.judged();
        assert_eq!([reach.silent(130), reach.silent(159)], [Silent, Silent], "counted anew");
        assert_eq!(reach.silent(160), Away);
        assert!(!reach.is_asked(164) && reach.is_asked(165));
        assert_eq!(reach.silent(166), Away, "until it judges one");
    }
}
