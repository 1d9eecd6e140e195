//! Whether the options' shares differ between windows.

/// G of two windows' votes by option (the likelihood ratio of a 2 × m table: Sokal and Rohlf,
/// Biometry; Wilks 1938). With m options it behaves like χ² of m - 1 degrees of freedom where
/// the counts are not small.
///
/// ```text
/// G = 2 Σ observed · ln(observed / expected)
/// ```
pub(super) fn g(one: &[f64], other: &[f64]) -> f64 {
    let (first, second): (f64, f64) = (one.iter().sum(), other.iter().sum());
    let whole = first + second;
    let term = |observed: f64, row: f64, column: f64| {
        let expected = row * column / whole;
        if observed > 0.0 && expected > 0.0 { observed * (observed / expected).ln() } else { 0.0 }
    };
    let sum: f64 =
        one.iter().zip(other).map(|(a, b)| term(*a, first, a + b) + term(*b, second, a + b)).sum();
    (2.0 * sum).max(0.0)
}

/// The statistic of Cochran (Biometrics 10, 1954) and Armitage (Biometrics 11, 1955) for a linear
/// trend of a share over equally spaced windows: χ² of one degree of freedom where nothing drifts.
///
/// `part` and `whole` are an option's votes and all votes, window by window.
pub(super) fn trend(part: &[f64], whole: &[f64]) -> f64 {
    let (of, all): (f64, f64) = (part.iter().sum(), whole.iter().sum());
    let share = of / all;
    let (mut lead, mut linear, mut square, mut at) = (0.0, 0.0, 0.0, 0.0);
    for (part, whole) in part.iter().zip(whole) {
        at += 1.0;
        lead += at * (part - whole * share);
        linear += at * whole;
        square += at * at * whole;
    }
    let variance = share * (1.0 - share) * (square - linear * linear / all);
    if variance > 0.0 { lead * lead / variance } else { 0.0 }
}
