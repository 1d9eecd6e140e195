//! Cards as a telephone sees them: turned, small, out of focus, grainy, in bad light.

use imaging::scan::{Picture, codes};

use super::{figure, picture};

/// How a picture is taken.
#[derive(Debug, Clone, Copy)]
struct Taken {
    /// Degrees by which the card is turned.
    turned: f64,
    /// Pixels of the photograph for one of the card.
    scale: f64,
    /// Pixels of the photograph over which a point is spread to each side.
    blur: i32,
    /// How far grain moves a shade, at most.
    grain: f64,
    /// The shades of black and of white.
    light: (f64, f64),
    /// How much darker the lower right corner is than the upper left.
    shadow: f64,
    /// How much nearer than its middle the lower side of the code is, of one.
    tilt: f64,
}

const STRAIGHT: Taken = Taken {
    turned: 0.0,
    scale: 1.0,
    blur: 0,
    grain: 0.0,
    light: (0.0, 255.0),
    shadow: 0.0,
    tilt: 0.0,
};

/// Numbers without pattern, always the same.
struct Dice(u64);

impl Dice {
    /// From -1 to 1.
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        f64::from(u32::try_from(self.0 >> 32).unwrap()) / f64::from(u32::MAX) * 2.0 - 1.0
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a test's own geometry, in small numbers"
)]
fn photograph(card: &Picture, taken: Taken) -> Picture {
    let side = (900.0 * taken.scale) as usize;
    let (sin, cos) = taken.turned.to_radians().sin_cos();
    let middle = side as f64 / 2.0;
    // The middle of the code: 61 modules of seven pixels.
    let (card_x, card_y) = (90.0 + 213.5, 336.0 + 213.5);
    let seen = |x: f64, y: f64| -> f64 {
        let (x, y) = ((x - middle) / taken.scale, (y - middle) / taken.scale);
        let (x, y) = (x * cos + y * sin, y * cos - x * sin);
        // As a lens shows a plane that leans away from it.
        let far = 1.0 / (1.0 + taken.tilt * y / 213.5);
        let (x, y) = (x * far + card_x, y * far + card_y);
        let inside = x >= 0.0 && y >= 0.0 && x < card.width() as f64 && y < card.height() as f64;
        // The table that the card lies on is neither black nor white.
        if inside { f64::from(card.at(x as usize, y as usize)) } else { 150.0 }
    };
    let mut dice = Dice(7);
    let mut grey = Vec::with_capacity(side * side);
    for row in 0..side {
        for column in 0..side {
            let (mut sum, mut count) = (0.0, 0.0);
            for down in -taken.blur..=taken.blur {
                for right in -taken.blur..=taken.blur {
                    let (x, y) = (column as f64 + f64::from(right), row as f64 + f64::from(down));
                    sum += seen(x, y);
                    count += 1.0;
                }
            }
            let (black, white) = taken.light;
            let shadow = taken.shadow * (column + row) as f64 / (2 * side) as f64;
            let light = black + sum / count / 255.0 * (white - black) * (1.0 - shadow);
            grey.push((light + taken.grain * dice.roll()).clamp(0.0, 255.0) as u8);
        }
    }
    Picture::new(side, side, grey).unwrap()
}

#[test]
fn a_card_is_read_from_a_photograph() {
    let card = Picture::read_png(&picture()).unwrap();
    let all = [
        STRAIGHT,
        Taken { turned: 3.0, ..STRAIGHT },
        Taken { turned: 17.0, ..STRAIGHT },
        Taken { turned: 45.0, ..STRAIGHT },
        Taken { turned: 90.0, ..STRAIGHT },
        Taken { turned: 181.0, ..STRAIGHT },
        Taken { turned: 275.0, scale: 0.6, ..STRAIGHT },
        Taken { scale: 0.4, ..STRAIGHT },
        Taken { scale: 1.6, ..STRAIGHT },
        Taken { blur: 2, ..STRAIGHT },
        Taken { blur: 2, turned: 8.0, ..STRAIGHT },
        Taken { grain: 60.0, ..STRAIGHT },
        Taken { grain: 110.0, ..STRAIGHT },
        Taken { grain: 60.0, turned: 12.0, blur: 1, ..STRAIGHT },
        Taken { light: (60.0, 110.0), ..STRAIGHT },
        Taken { light: (150.0, 190.0), turned: 5.0, grain: 6.0, ..STRAIGHT },
        Taken { shadow: 0.7, ..STRAIGHT },
        Taken { shadow: 0.6, turned: 20.0, grain: 20.0, blur: 1, ..STRAIGHT },
        Taken { tilt: 0.08, turned: 10.0, ..STRAIGHT },
        Taken { tilt: 0.15, turned: 200.0, ..STRAIGHT },
        Taken { tilt: 0.1, turned: 95.0, blur: 1, grain: 15.0, shadow: 0.3, ..STRAIGHT },
    ];
    let expected = [figure().0.to_bytes()];
    let unread: Vec<&Taken> =
        all.iter().filter(|taken| codes(&photograph(&card, **taken)) != expected).collect();
    assert!(unread.is_empty(), "{} of {} were not read: {unread:#?}", unread.len(), all.len());
}

/// What cannot be read gives nothing, and not some other bytes.
#[test]
fn what_cannot_be_seen_is_not_guessed() {
    let card = Picture::read_png(&picture()).unwrap();
    for taken in [
        Taken { blur: 9, ..STRAIGHT },
        Taken { light: (128.0, 128.0), ..STRAIGHT },
        Taken { scale: 0.08, ..STRAIGHT },
    ] {
        assert_eq!(codes(&photograph(&card, taken)), Vec::<Vec<u8>>::new(), "{taken:?}");
    }
}
