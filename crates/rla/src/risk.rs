//! Kaplan–Markov sample size and risk of a ballot-level comparison audit.
//!
//! A card is drawn at random, with replacement; the paper is read by people and compared with the
//! machine's record of the same card. Sources: P. B. Stark, "Super-simple simultaneous
//! single-ballot risk-limiting audits", EVT/WOTE 2010; M. Lindeman and P. B. Stark, "A gentle
//! introduction to risk-limiting audits", IEEE Security and Privacy 10(5), 2012.
//!
//! With α the risk limit, γ the error inflation factor, µ the diluted margin, n cards drawn, and
//! o₁, o₂, u₁, u₂ the one- and two-vote over- and understatements found among them:
//!
//! ```text
//! size = max(o₁+o₂+u₁+u₂, ⌈-2γ/µ · (ln α + o₁ ln(1-1/2γ) + o₂ ln(1-1/γ)
//!                                        + u₁ ln(1+1/2γ) + u₂ ln(1+1/γ))⌉)
//! risk = min(1, (1-µ/2γ)ⁿ (1-1/2γ)^-o₁ (1-1/γ)^-o₂ (1+1/2γ)^-u₁ (1+1/γ)^-u₂)
//! ```
//!
//! The size is a little larger than the risk asks for, since ln(1-x) ≤ -x: after `size` cards with
//! those discrepancies the risk is at most α.

mod input;

pub use input::{DilutedMargin, Gamma, RiskLimit};

/// Integers up to here are exact in double precision.
const EXACT: u64 = 1 << 53;

/// Discrepancies between paper and record, each card counted once, at its worst.
///
/// An overstatement is an error that made the reported margin larger than the paper says; a
/// card that cannot be found counts as a two-vote overstatement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Discrepancies {
    /// Cards whose correction lowers a margin by one vote.
    pub one_over: u64,
    /// Cards whose correction lowers a margin by two votes.
    pub two_over: u64,
    /// Cards whose correction raises every margin by one vote or more.
    pub one_under: u64,
    /// Cards whose correction raises every margin by two votes.
    pub two_under: u64,
}

impl Discrepancies {
    /// None at all.
    pub const NONE: Self = Self { one_over: 0, two_over: 0, one_under: 0, two_under: 0 };

    /// How many cards have a discrepancy; saturating.
    pub const fn total(&self) -> u64 {
        self.one_over
            .saturating_add(self.two_over)
            .saturating_add(self.one_under)
            .saturating_add(self.two_under)
    }
}

/// Why there is no sample size or risk for some figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RiskError {
    /// Not a plain decimal number.
    #[error("a decimal number is digits with at most one point, such as 0.03")]
    Decimal,
    /// A risk limit of 0 or 1, or beyond.
    #[error("the risk limit must lie between 0 and 1")]
    RiskLimit,
    /// A γ of 1 or less.
    #[error("gamma must be greater than 1")]
    Gamma,
    /// The winner and the runner-up are level.
    #[error("the margin is 0")]
    Tie,
    /// There are no ballots.
    #[error("the number of ballots is 0")]
    NoBallots,
    /// More votes of margin than ballots.
    #[error("the margin of {margin} is larger than the {ballots} ballots")]
    MarginTooLarge {
        /// The margin given.
        margin: u64,
        /// The ballots given.
        ballots: u64,
    },
    /// More discrepancies than cards.
    #[error("there are {discrepancies} discrepancies in a sample of {sample} cards")]
    TooManyDiscrepancies {
        /// The sum of the four counts.
        discrepancies: u64,
        /// The cards drawn.
        sample: u64,
    },
    /// Beyond what can be counted exactly.
    #[error("a count or the result is larger than 2^53")]
    TooLarge,
    /// An expected rate outside 0 to 1, or a tolerance outside 0 to 1.
    #[error("a rate must lie between 0 and 1")]
    Rate,
}

impl RiskError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Decimal => "write it without sign, exponent or space, in at most 40 characters",
            Self::RiskLimit => "3 percent is written 0.03",
            Self::Gamma => "1.03905 is the usual value",
            Self::Tie => "no sample can confirm a tie: count every ballot by hand",
            Self::NoBallots => "give the number of ballot cards in the manifest",
            Self::MarginTooLarge { .. } => "give the margin in votes and the ballots in cards",
            Self::TooManyDiscrepancies { .. } => "count each card once, at its worst discrepancy",
            Self::TooLarge => "check the figures: no election is that large",
            Self::Rate => "give it as a share of the cards: one card in 1000 is 0.001",
        }
    }
}

/// The number of cards to draw so that the risk limit is met when exactly these discrepancies are
/// found among them.
///
/// It may exceed the number of ballots when the margin is small; a full count by hand is then the
/// cheaper audit.
///
/// # Errors
/// [`RiskError::TooLarge`] if a count or the size exceeds 2^53.
pub fn sample_size(
    limit: RiskLimit,
    gamma: Gamma,
    margin: DilutedMargin,
    found: Discrepancies,
) -> Result<u64, RiskError> {
    let taints = taints(gamma, found)?;
    let log_limit = limit.value().ln();
    let log = taints.iter().fold(log_limit, |sum, (count, log)| sum + count * log);
    let scale = 2.0 * gamma.value() / margin.value();
    // What rounding may have cost. Where it leaves open which whole number is the ceiling, the
    // larger one is right: never a card too few.
    let size_of_terms = taints.iter().fold(log_limit.abs(), |sum, (n, log)| sum + (n * log).abs());
    let doubt = 8.0 * f64::EPSILON * scale * size_of_terms;
    Ok(whole((-scale * log + doubt).ceil().max(0.0))?.max(found.total()))
}

/// The measured risk (the Kaplan–Markov P-value) after `sample` draws with these discrepancies:
/// the largest chance, if the reported outcome were wrong, of evidence as good as this.
///
/// # Errors
/// [`RiskError::TooManyDiscrepancies`] if there are more discrepancies than draws, and
/// [`RiskError::TooLarge`] if a count exceeds 2^53.
pub fn risk(
    gamma: Gamma,
    margin: DilutedMargin,
    sample: u64,
    found: Discrepancies,
) -> Result<f64, RiskError> {
    let total = found.total();
    if total > sample {
        return Err(RiskError::TooManyDiscrepancies { discrepancies: total, sample });
    }
    let clean = exact(sample)? * clean_card(gamma, margin);
    let log = taints(gamma, found)?.iter().fold(clean, |sum, (count, log)| sum - count * log);
    Ok(log.exp().min(1.0))
}

/// ln(1-µ/2γ): what each card drawn adds to the logarithm of the risk.
pub(crate) fn clean_card(gamma: Gamma, margin: DilutedMargin) -> f64 {
    (-margin.value() / (2.0 * gamma.value())).ln_1p()
}

/// The logarithms of the factors for one discrepancy each, in the order one over, two over, one
/// under, two under.
pub(crate) fn factors(gamma: Gamma) -> [f64; 4] {
    let gamma = gamma.value();
    let half = 0.5 / gamma;
    // (γ-1)/γ rather than 1-1/γ: exact subtraction where γ is close to 1.
    [(-half).ln_1p(), ((gamma - 1.0) / gamma).ln(), half.ln_1p(), (1.0 / gamma).ln_1p()]
}

/// Each count with the logarithm of its factor.
fn taints(gamma: Gamma, found: Discrepancies) -> Result<[(f64, f64); 4], RiskError> {
    let [one_over, two_over, one_under, two_under] = factors(gamma);
    Ok([
        (exact(found.one_over)?, one_over),
        (exact(found.two_over)?, two_over),
        (exact(found.one_under)?, one_under),
        (exact(found.two_under)?, two_under),
    ])
}

/// A count as a real number, without loss.
#[expect(clippy::cast_precision_loss, reason = "checked: exact up to 2^53")]
fn exact(count: u64) -> Result<f64, RiskError> {
    if count > EXACT { Err(RiskError::TooLarge) } else { Ok(count as f64) }
}

/// A whole, non-negative real number as a count.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "checked: between 0 and 2^53"
)]
pub(crate) fn whole(number: f64) -> Result<u64, RiskError> {
    // The range test is false for not-a-number too.
    if (0.0..=EXACT as f64).contains(&number) {
        Ok(number as u64)
    } else {
        Err(RiskError::TooLarge)
    }
}

#[cfg(test)]
mod tests;
