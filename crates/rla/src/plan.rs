//! Sample sizes guessed before a card is drawn, from the error rates that one expects.
//!
//! A plan is not evidence: it says how many cards to fetch first, so that the audit likely ends
//! there. Whether it has ended is for [`risk`](crate::risk::risk) to say. Sources: Stark 2010 and
//! Lindeman and Stark 2012, as in [`risk`](crate::risk).

use crate::risk::{
    DilutedMargin, Discrepancies, Gamma, RiskError, RiskLimit, clean_card, factors, sample_size,
    whole,
};

/// The discrepancies expected, each as a share of the cards drawn (0.001 is one card in 1000).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rates {
    /// One-vote overstatements.
    pub one_over: f64,
    /// Two-vote overstatements.
    pub two_over: f64,
    /// One-vote understatements.
    pub one_under: f64,
    /// Two-vote understatements.
    pub two_under: f64,
}

/// What a plan says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Draw this many cards.
    Cards(u64),
    /// At these rates the evidence against the outcome grows faster than that for it: count
    /// every ballot by hand.
    FullCount,
}

impl Size {
    /// The cards to handle where there are `ballots` of them: never more than all.
    pub fn within(self, ballots: u64) -> u64 {
        match self {
            Self::Cards(cards) => cards.min(ballots),
            Self::FullCount => ballots,
        }
    }
}

/// How an expected fraction of a one-vote discrepancy is made whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest whole number.
    Nearest,
    /// Up: any expectation at all counts as one card or more.
    Up,
}

/// The size at which the measured risk reaches the limit if discrepancies turn up at exactly
/// these rates:
///
/// ```text
/// ⌈ln α / (ln(1-µ/2γ) - r₁ ln(1-1/2γ) - r₂ ln(1-1/γ) - s₁ ln(1+1/2γ) - s₂ ln(1+1/γ))⌉
/// ```
///
/// # Errors
/// [`RiskError::Rate`] for a rate outside 0 to 1, [`RiskError::TooLarge`] for a size over 2^53.
pub fn expected_size(
    limit: RiskLimit,
    gamma: Gamma,
    margin: DilutedMargin,
    rates: Rates,
) -> Result<Size, RiskError> {
    let rates = [rates.one_over, rates.two_over, rates.one_under, rates.two_under];
    if !rates.iter().all(|rate| (0.0..=1.0).contains(rate)) {
        return Err(RiskError::Rate);
    }
    let per_card = rates
        .iter()
        .zip(factors(gamma))
        .fold(clean_card(gamma, margin), |sum, (rate, log)| sum - rate * log);
    if per_card >= 0.0 {
        return Ok(Size::FullCount);
    }
    whole((limit.value().ln() / per_card).ceil()).map(Size::Cards)
}

/// The size with whole discrepancies: [`expected_size`] says how many cards of each sort to
/// expect, these are rounded (one-vote ones by `ones`, two-vote ones to the nearest), and
/// [`sample_size`] is asked once with them.
///
/// # Errors
/// As [`expected_size`].
pub fn rounded_size(
    limit: RiskLimit,
    gamma: Gamma,
    margin: DilutedMargin,
    rates: Rates,
    ones: Rounding,
) -> Result<Size, RiskError> {
    let cards = match expected_size(limit, gamma, margin, rates)? {
        Size::FullCount => return Ok(Size::FullCount),
        Size::Cards(cards) => cards,
    };
    let one = |rate: f64| match ones {
        Rounding::Nearest => product(rate, cards).round(),
        Rounding::Up => product(rate, cards).ceil(),
    };
    let two = |rate: f64| product(rate, cards).round();
    let found = Discrepancies {
        one_over: whole(one(rates.one_over))?,
        two_over: whole(two(rates.two_over))?,
        one_under: whole(one(rates.one_under))?,
        two_under: whole(two(rates.two_under))?,
    };
    sample_size(limit, gamma, margin, found).map(Size::Cards)
}

/// ρ of Stark 2010: ⌈ρ/µ⌉ cards meet the limit while one-vote overstatements stay within the
/// share `tolerance` of the margin. `None` where no number of cards does.
///
/// ```text
/// ρ = -ln α / (1/2γ + λ ln(1-1/2γ))
/// ```
///
/// # Errors
/// [`RiskError::Rate`] for a tolerance outside 0 to 1.
pub fn rho(limit: RiskLimit, gamma: Gamma, tolerance: f64) -> Result<Option<f64>, RiskError> {
    if !(0.0..=1.0).contains(&tolerance) {
        return Err(RiskError::Rate);
    }
    let [one_over, ..] = factors(gamma);
    let per_card = 0.5 / gamma.value() + tolerance * one_over;
    Ok((per_card > 0.0).then(|| -limit.value().ln() / per_card))
}

#[expect(clippy::cast_precision_loss, reason = "a size is at most 2^53")]
fn product(rate: f64, cards: u64) -> f64 {
    rate * cards as f64
}

#[cfg(test)]
mod tests;
