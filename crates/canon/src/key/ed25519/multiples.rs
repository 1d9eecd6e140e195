//! Multiples of a point, laid out so that any product with it is a few additions.

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity as _;

/// Bits that a scalar below the group's order can have, with one for the carry of its digits.
const BITS: usize = 254;

/// `d * 2^(W * i)` times a point, for every place `i` of a scalar written in digits of `W` bits and
/// every `d` from 1 to `2^(W - 1)`.
///
/// Digits have signs, which halves the table. Which entries are read depends on the scalar: this is
/// for what everybody may know, as all is in a verification, and never for a secret.
#[derive(Debug)]
pub(super) struct Multiples<const W: usize>(Vec<EdwardsPoint>);

impl<const W: usize> Multiples<W> {
    /// Entries of a place, and the greatest digit.
    const HALF: usize = 1 << (W - 1);

    /// Lays out the multiples: `160 * 2^(W - 1) * 254 / W` bytes, as many additions.
    #[allow(clippy::arithmetic_side_effects, reason = "a sum of points is a point")]
    pub(super) fn new(point: &EdwardsPoint) -> Self {
        let places = BITS.div_ceil(W);
        let mut all = Vec::with_capacity(places * Self::HALF);
        let mut unit = *point;
        for _ in 0..places {
            let mut multiple = unit;
            for _ in 1..Self::HALF {
                all.push(multiple);
                multiple += unit;
            }
            all.push(multiple);
            unit = multiple + multiple;
        }
        Self(all)
    }

    /// [`Multiples::product`], added to a sum.
    #[allow(clippy::arithmetic_side_effects, reason = "a sum of points is a point")]
    pub(super) fn add_product(&self, mut sum: EdwardsPoint, scalar: &Scalar) -> EdwardsPoint {
        for (place, digit) in self.0.chunks_exact(Self::HALF).zip(digits::<W>(scalar)) {
            let entry = place.get(usize::from(digit.unsigned_abs()).wrapping_sub(1));
            match entry {
                Some(multiple) if digit > 0 => sum += multiple,
                Some(multiple) => sum -= multiple,
                None => {}
            }
        }
        sum
    }

    /// The product with a scalar. Takes as long as the scalar has it.
    pub(super) fn product(&self, scalar: &Scalar) -> EdwardsPoint {
        self.add_product(EdwardsPoint::identity(), scalar)
    }
}

/// The digits of a scalar, least first, each from `-(2^(W - 1)) + 1` to `2^(W - 1)`.
#[allow(clippy::arithmetic_side_effects, reason = "digits of at most eight bits")]
fn digits<const W: usize>(scalar: &Scalar) -> impl Iterator<Item = i16> {
    let half = |bytes: &[u8]| bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u128::from(*byte));
    let bytes = scalar.to_bytes();
    let (least, most) = bytes.split_at(16);
    let (mut least, mut most) = (half(least), half(most));
    let mut carry = 0;
    (0..BITS.div_ceil(W)).map(move |_| {
        let window = i16::from(least.to_le_bytes()[0]) & ((1 << W) - 1);
        (least, most) = (least >> W | most << (128 - W), most >> W);
        let digit = window + carry;
        carry = i16::from(digit > 1 << (W - 1));
        digit - (carry << W)
    })
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;

    use super::*;

    /// Scalars with long runs of ones and zeros, where carries run through.
    fn awkward() -> Vec<Scalar> {
        let least = (0..253).map(|bit| {
            let mut bytes = [0_u8; 32];
            bytes[bit / 8] = 1 << (bit % 8);
            Scalar::from_bytes_mod_order(bytes)
        });
        let powers: Vec<Scalar> = least.collect();
        let less = powers.iter().map(|power| power - Scalar::ONE);
        let negative = powers.iter().map(|power| -power);
        less.chain(negative).chain(powers.clone()).collect()
    }

    fn agrees<const W: usize>() {
        let point = ED25519_BASEPOINT_POINT * Scalar::from(12_345_u64);
        let multiples = Multiples::<W>::new(&point);
        assert_eq!(multiples.0.len(), BITS.div_ceil(W) << (W - 1));
        for scalar in awkward() {
            assert_eq!(multiples.product(&scalar), point * scalar, "{scalar:?}");
        }
    }

    #[test]
    fn products_are_those_of_the_library() {
        agrees::<4>();
        agrees::<5>();
        agrees::<8>();
    }

    #[test]
    fn digits_add_up_to_the_scalar() {
        for scalar in awkward() {
            let (mut sum, mut unit) = (Scalar::ZERO, Scalar::ONE);
            for digit in digits::<5>(&scalar) {
                assert!((-15..=16).contains(&digit), "{digit}");
                let size = Scalar::from(digit.unsigned_abs()) * unit;
                sum += if digit < 0 { -size } else { size };
                unit *= Scalar::from(32_u64);
            }
            assert_eq!(sum, scalar);
        }
    }
}
