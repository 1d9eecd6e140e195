//! Counts as real numbers and back.

/// A count; exact up to 2^53, which no series exceeds.
#[expect(clippy::cast_precision_loss, reason = "a series has no count over 2^53")]
pub(super) const fn real(count: u64) -> f64 {
    count as f64
}

/// A length as a real number.
#[expect(clippy::cast_precision_loss, reason = "nothing in memory has 2^53 parts")]
pub(super) const fn length(count: usize) -> f64 {
    count as f64
}

/// The whole part of a real number that is not negative; 0 for others.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and what is no number becomes 0"
)]
pub(super) const fn floor(value: f64) -> usize {
    value as usize
}

/// The element-wise sum of rows of equal length.
pub(super) fn add(rows: &[Vec<f64>]) -> Vec<f64> {
    let mut sums: Vec<f64> = Vec::new();
    for row in rows {
        sums.resize(row.len().max(sums.len()), 0.0);
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value;
        }
    }
    sums
}

/// The mean; 0 of nothing.
pub(super) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / length(values.len()) }
}
