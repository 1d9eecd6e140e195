//! What is paper and what is ink in a picture.

use super::Refusal;
use super::pixels::Pixels;

/// Each how many-th pixel of each how many-th row is asked.
const STEP: usize = 7;

/// What white and black must differ by, of 255.
const CONTRAST: u8 = 60;

/// White and black of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tone {
    pub(super) white: u8,
    pub(super) black: u8,
}

impl Tone {
    /// White is what most of the brighter half of the picture's middle is: the outer tenth may be
    /// the scanner's own background. Black is what the darkest of all pixels are; the timing marks
    /// alone are a hundredth of them.
    pub(super) fn of(pixels: &Pixels) -> Result<Self, Refusal> {
        let (all, middle) = (Counts::of(pixels, 0), Counts::of(pixels, 10));
        let tone = Self { white: middle.most_of_the_bright(), black: all.darkest(140) };
        if tone.white.saturating_sub(tone.black) < CONTRAST {
            return Err(Refusal::Blank);
        }
        Ok(tone)
    }

    /// The shade under which a pixel is taken for solid ink.
    pub(super) fn solid(self) -> u8 {
        let range = u16::from(self.white.saturating_sub(self.black));
        let part = u8::try_from(range.saturating_mul(9) / 20).unwrap_or(u8::MAX);
        self.white.saturating_sub(part)
    }

    /// How dark a shade is against some white: 0 for that white, 1 for black.
    pub(super) fn darkness(self, shade: u8, white: f32) -> f32 {
        let range = (white - f32::from(self.black)).max(1.0);
        ((white - f32::from(shade)) / range).clamp(0.0, 1.0)
    }
}

/// How often each shade is there.
struct Counts([u32; 256]);

impl Counts {
    /// Of a picture without one of so many parts at each side; all of it for none.
    fn of(pixels: &Pixels, part: usize) -> Self {
        let cut = |length: usize| length.checked_div(part).unwrap_or(0);
        let (left, top) = (cut(pixels.width), cut(pixels.height));
        let right = pixels.width.saturating_sub(left);
        let mut counts = [0_u32; 256];
        for row in (top..pixels.height.saturating_sub(top)).step_by(STEP) {
            let shades = pixels.row(row).get(left..right).unwrap_or_default();
            for shade in shades.iter().step_by(STEP) {
                if let Some(count) = counts.get_mut(usize::from(*shade)) {
                    *count = count.saturating_add(1);
                }
            }
        }
        Self(counts)
    }

    fn most_of_the_bright(&self) -> u8 {
        let bright = (128_u8..=255).zip(self.0.iter().skip(128));
        bright.max_by_key(|(_, count)| **count).map_or(u8::MAX, |(shade, _)| shade)
    }

    /// The shade than which one of so many pixels is darker.
    fn darkest(&self, one_of: u32) -> u8 {
        let enough = self.0.iter().fold(0, |sum: u32, count| sum.saturating_add(*count));
        let enough = enough.checked_div(one_of).unwrap_or(enough);
        let mut below = 0_u32;
        let shade = (0_u8..=255).zip(self.0).find(|(_, count)| {
            below = below.saturating_add(*count);
            below > enough
        });
        shade.map_or(0, |(shade, _)| shade)
    }
}
