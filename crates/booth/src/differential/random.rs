//! Random numbers for simulations: SHA-256 in counter mode, and what is drawn from it.
//!
//! ```text
//! key     = SHA-256("scrutineer/differential/v1" 00 seed (32 bytes) label 00 number (8 bytes))
//! block i = SHA-256(key, i (8 bytes)), i = 0, 1, 2, …; numbers are big-endian
//! uniform = the next 8 bytes of the blocks as a number, its upper 52 bits plus 1/2, over 2^52
//! ```
//!
//! Poisson and binomial numbers: W. Hörmann, "The transformed rejection method for generating
//! Poisson random variables", Insurance: Mathematics and Economics 12, 1993 (PTRS), and "The
//! generation of binomial random variates", Journal of Statistical Computation and Simulation 46,
//! 1993 (BTRS); small means by inversion. Normal ones: Box and Muller 1958.

use canon::Digest;

/// Below this mean, inversion.
const SMALL: f64 = 10.0;

/// A stream of random numbers; equal seed, label and number give equal streams.
pub(super) struct Stream {
    key: Digest,
    block: u64,
    left: Vec<u64>,
}

impl Stream {
    pub(super) fn new(seed: &Digest, label: &str, number: u64) -> Self {
        let key = Digest::of_parts(&[
            b"scrutineer/differential/v1\0",
            seed.as_bytes(),
            label.as_bytes(),
            &[0],
            &number.to_be_bytes(),
        ]);
        Self { key, block: 0, left: Vec::with_capacity(4) }
    }

    /// The next 64 bits.
    pub(super) fn bits(&mut self) -> u64 {
        if let Some(bits) = self.left.pop() {
            return bits;
        }
        let block = Digest::of_parts(&[self.key.as_bytes(), &self.block.to_be_bytes()]);
        self.block = self.block.wrapping_add(1);
        let (words, _) = block.as_bytes().as_chunks::<8>();
        // The last is taken first.
        self.left.extend(words.iter().rev().map(|word| u64::from_be_bytes(*word)));
        self.left.pop().unwrap_or_default()
    }

    /// Between 0 and 1, never either.
    #[expect(clippy::cast_precision_loss, reason = "52 bits are exact, and a half more")]
    pub(super) fn uniform(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) / 4_503_599_627_370_496.0
    }

    /// Of mean 0 and variance 1.
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (core::f64::consts::TAU * self.uniform()).cos()
    }

    /// A whole number from 0, each below `count` with equal chance; 0 where `count` is 0.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let count = u128::try_from(count).unwrap_or_default();
        let scaled = u128::from(self.bits()).saturating_mul(count) >> 64;
        usize::try_from(scaled).unwrap_or_default()
    }

    /// A Poisson number.
    pub(super) fn poisson(&mut self, mean: f64) -> f64 {
        if mean <= 0.0 {
            return 0.0;
        }
        if mean < SMALL {
            let (mut count, mut chance) = (0.0, (-mean).exp());
            let mut left = self.uniform() - chance;
            while left > 0.0 && chance > 0.0 {
                count += 1.0;
                chance *= mean / count;
                left -= chance;
            }
            return count;
        }
        let b = 0.931 + 2.53 * mean.sqrt();
        let a = -0.059 + 0.024_83 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let squeeze = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let (u, v) = (self.uniform() - 0.5, self.uniform());
            let rest = 0.5 - u.abs();
            let count = ((2.0 * a / rest + b) * u + mean + 0.43).floor();
            if rest >= 0.07 && v <= squeeze {
                return count;
            }
            if count < 0.0 || (rest < 0.013 && v > rest) {
                continue;
            }
            let left = v.ln() + inverse_alpha.ln() - (a / (rest * rest) + b).ln();
            if left <= count * mean.ln() - mean - ln_factorial(count) {
                return count;
            }
        }
    }

    /// How many of `count` happen, each with the chance `chance`.
    pub(super) fn binomial(&mut self, count: f64, chance: f64) -> f64 {
        if count <= 0.0 || chance <= 0.0 {
            return 0.0;
        }
        if chance > 0.5 {
            return count - self.binomial(count, 1.0 - chance);
        }
        let odds = chance / (1.0 - chance);
        if count * chance < SMALL {
            let (mut happened, mut likely) = (0.0, (1.0 - chance).powf(count));
            let mut left = self.uniform() - likely;
            while left > 0.0 && happened < count {
                likely *= odds * (count - happened) / (happened + 1.0);
                happened += 1.0;
                left -= likely;
            }
            return happened;
        }
        self.likely_binomial(count, chance, odds)
    }

    /// By rejection, where the mean is not small and the chance at most one half.
    fn likely_binomial(&mut self, count: f64, chance: f64, odds: f64) -> f64 {
        let deviation = (count * chance * (1.0 - chance)).sqrt();
        let b = 1.15 + 2.53 * deviation;
        let a = -0.0873 + 0.0248 * b + 0.01 * chance;
        let centre = count * chance + 0.5;
        let squeeze = 0.92 - 4.2 / b;
        let alpha = (2.83 + 5.1 / b) * deviation;
        let mode = ((count + 1.0) * chance).floor();
        let at_mode = ln_factorial(mode) + ln_factorial(count - mode);
        loop {
            let (u, v) = (self.uniform() - 0.5, self.uniform());
            let rest = 0.5 - u.abs();
            let happened = ((2.0 * a / rest + b) * u + centre).floor();
            if rest >= 0.07 && v <= squeeze {
                return happened;
            }
            if happened < 0.0 || happened > count {
                continue;
            }
            let left = (v * alpha / (a / (rest * rest) + b)).ln();
            let here = ln_factorial(happened) + ln_factorial(count - happened);
            if left <= at_mode - here + (happened - mode) * odds.ln() {
                return happened;
            }
        }
    }

    /// `count` things dealt out by chances that add up to 1.
    pub(super) fn multinomial(&mut self, count: f64, chances: &[f64]) -> Vec<f64> {
        let (mut left, mut whole) = (count, 1.0_f64);
        let last = chances.len().saturating_sub(1);
        let deal = |(number, chance): (usize, &f64)| {
            let share = if number == last { 1.0 } else { (chance / whole).clamp(0.0, 1.0) };
            let dealt = if whole > 0.0 { self.binomial(left, share) } else { 0.0 };
            left -= dealt;
            whole -= chance;
            dealt
        };
        chances.iter().enumerate().map(deal).collect()
    }
}

/// ln(n!) by Stirling's series, for whole numbers from 0: Abramowitz and Stegun 6.1.41.
pub(super) fn ln_factorial(n: f64) -> f64 {
    // Γ(x) = n!, moved up to where the series is exact to the last digits.
    let (mut x, mut shift) = (n + 1.0, 0.0_f64);
    while x < 12.0 {
        shift += x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let series = inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0)));
    (x - 0.5) * x.ln() - x + 0.5 * core::f64::consts::TAU.ln() + series - shift
}
