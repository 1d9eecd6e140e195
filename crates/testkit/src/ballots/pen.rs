//! Marks as people make them.

use paper::layout::Point;
use paper::layout::geometry::{OVAL, OVAL_LINE};

use super::base::{Base, DOTS};
use super::dice::Dice;

/// How a mark is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stroke {
    /// Filled in as the instructions show it.
    Fill,
    /// Back and forth in a hurry, over the line here and there.
    Scribble,
    /// A tick.
    Check,
    /// A cross.
    Cross,
    /// One line from corner to corner.
    Slash,
    /// One line from side to side.
    Dash,
    /// A dot in the middle.
    Dot,
    /// Curls.
    Curl,
}

impl Stroke {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Fill,
        Self::Scribble,
        Self::Check,
        Self::Cross,
        Self::Slash,
        Self::Dash,
        Self::Dot,
        Self::Curl,
    ];
}

/// What a voter writes with.
#[derive(Clone, Copy, Debug)]
pub struct Pen {
    /// The breadth of its line in millimetres.
    pub breadth: f32,
    /// The shade of its ink.
    pub shade: u8,
}

impl Pen {
    /// Some pen: ball point, felt tip, or pencil.
    pub fn some(dice: &mut Dice) -> Self {
        match dice.below(3) {
            0 => Self { breadth: dice.between(0.35, 0.6), shade: dice.between(20.0, 90.0) as u8 },
            1 => Self { breadth: dice.between(0.8, 1.4), shade: dice.between(0.0, 60.0) as u8 },
            _ => Self { breadth: dice.between(0.4, 0.9), shade: dice.between(70.0, 140.0) as u8 },
        }
    }

    /// Marks an oval until a part of its inside is covered, and says how much is.
    ///
    /// Marks are drawn larger, or repeated, until they cover enough; some cover more.
    pub fn mark(
        self,
        base: &mut Base,
        centre: Point,
        stroke: Stroke,
        part: f32,
        dice: &mut Dice,
    ) -> f32 {
        let (x, y) = (centre.x.millimetres(), centre.y.millimetres());
        // Nobody hits the middle.
        let middle = (x + dice.normal() * 0.2, y + dice.normal() * 0.15);
        let mut covered = 0.0;
        for size in [0.45, 0.6, 0.75, 0.9, 1.0, 1.15] {
            for line in stroke.lines(size, dice) {
                self.line(base, middle, &line);
                covered = self.covered(base, centre);
                if covered >= part {
                    return covered;
                }
            }
        }
        // A tick cannot cover more: the voter goes on until it does.
        for row in 0.. {
            let y = -1.2 + self.breadth * 0.7 * row as f32;
            if y > 1.3 || covered >= part {
                break;
            }
            self.line(base, (x, middle.1), &[(-1.9, y), (1.9, y)]);
            covered = self.covered(base, centre);
        }
        covered
    }

    /// The part of an oval's inside, its line left out, that has ink.
    pub fn covered(self, base: &Base, centre: Point) -> f32 {
        let (x, y) = (centre.x.millimetres(), centre.y.millimetres());
        let line = OVAL_LINE.millimetres();
        let (a, b) = (OVAL.0.millimetres() / 2.0 - line, OVAL.1.millimetres() / 2.0 - line);
        let (mut inked, mut all) = (0_u32, 0_u32);
        for row in super::base::dots(y - b)..=super::base::dots(y + b) {
            for column in super::base::dots(x - a)..=super::base::dots(x + a) {
                let (u, v) = (column as f32 / DOTS - x, row as f32 / DOTS - y);
                if (u / a).powi(2) + (v / b).powi(2) <= 0.97 {
                    all += 1;
                    inked += u32::from(base.grey[row * base.width + column] < 200);
                }
            }
        }
        inked as f32 / all as f32
    }

    /// A line through places about a middle, in millimetres.
    pub fn line(self, base: &mut Base, (x, y): (f32, f32), places: &[(f32, f32)]) {
        for pair in places.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let steps = ((x1 - x0).hypot(y1 - y0) * DOTS * 1.5).ceil().max(1.0) as usize;
            for step in 0..=steps {
                let part = step as f32 / steps as f32;
                self.dab(base, x + x0 + (x1 - x0) * part, y + y0 + (y1 - y0) * part);
            }
        }
    }

    fn dab(self, base: &mut Base, x: f32, y: f32) {
        let radius = self.breadth / 2.0 * DOTS;
        let (x, y) = (x * DOTS, y * DOTS);
        let reach = radius.ceil() as i64;
        let (column, row) = (x.round() as i64, y.round() as i64);
        for down in -reach..=reach {
            for right in -reach..=reach {
                if (right as f32).hypot(down as f32) <= radius {
                    base.ink(column + right, row + down, self.shade);
                }
            }
        }
    }
}

impl Stroke {
    /// The lines of a mark of some size, 1 as large as the oval.
    fn lines(self, size: f32, dice: &mut Dice) -> Vec<Vec<(f32, f32)>> {
        let (a, b) = (2.2 * size, 1.35 * size);
        let mut near = |x: f32, y: f32| (x + dice.normal() * 0.08, y + dice.normal() * 0.08);
        match self {
            Self::Fill | Self::Scribble => {
                let wild = if self == Self::Scribble { 1.15 } else { 0.85 };
                let rows = if self == Self::Scribble { 6 } else { 12 };
                let mut lines = Vec::new();
                let mut last = near(-a * wild * 0.5, -b);
                for row in 1..=rows {
                    let y = -b + 2.0 * b * row as f32 / rows as f32;
                    let chord = a * wild * (1.0 - (y / b * 0.9).powi(2)).max(0.1).sqrt();
                    let next = near(if row % 2 == 1 { chord } else { -chord }, y);
                    lines.push(vec![last, next]);
                    last = next;
                }
                lines
            }
            Self::Check => vec![vec![
                near(-a * 0.7, -b * 0.1),
                near(-a * 0.2, b * 0.9),
                near(a * 0.9, -b * 1.3),
            ]],
            Self::Cross => vec![
                vec![near(-a * 0.8, -b * 0.9), near(a * 0.8, b * 0.9)],
                vec![near(-a * 0.8, b * 0.9), near(a * 0.8, -b * 0.9)],
            ],
            Self::Slash => vec![vec![near(-a * 0.8, b * 0.9), near(a * 0.8, -b * 0.9)]],
            Self::Dash => vec![vec![near(-a, 0.0), near(a, 0.0)]],
            Self::Dot => {
                let turn = |step: i32| (step as f32 * 0.9).sin_cos();
                let place = |step: i32| {
                    let radius = 0.9 * size * step as f32 / 14.0;
                    (turn(step).1 * radius, turn(step).0 * radius * 0.8)
                };
                (0..14).map(|step| vec![place(step), place(step + 1)]).collect()
            }
            Self::Curl => {
                let place = |step: i32| {
                    let (sin, cos) = (step as f32 * 0.5).sin_cos();
                    (a * 0.7 * cos - a * 0.15 + step as f32 * 0.02, b * 0.7 * sin)
                };
                (0..26).map(|step| vec![place(step), place(step + 1)]).collect()
            }
        }
    }
}
