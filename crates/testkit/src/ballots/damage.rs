//! What hands, pockets and scanners do to a sheet of paper.

use super::base::{Base, DOTS};
use super::dice::Dice;

/// A line across or along the paper.
#[derive(Clone, Copy, Debug)]
pub struct Fold {
    /// Whether it runs from left to right.
    pub is_level: bool,
    /// Where it begins, in millimetres.
    pub at: f32,
    /// Its lean: a tangent.
    pub lean: f32,
    /// Its breadth in millimetres.
    pub breadth: f32,
    /// Its darkness, from 0 to 1.
    pub darkness: f32,
    /// By how much the paper beyond it is moved, in millimetres.
    pub shift: f32,
}

/// A line that the scanner draws.
#[derive(Clone, Copy, Debug)]
pub struct Streak {
    /// Its place, a part of the picture's width.
    pub at: f32,
    /// Its breadth in pixels.
    pub breadth: usize,
    /// Its shade.
    pub shade: u8,
}

/// Everything that happens to a side.
#[derive(Clone, Debug)]
pub struct Damage {
    /// Pixels of an inch.
    pub dpi: f32,
    /// Quarters of a turn.
    pub quarters: u8,
    /// The lean in degrees.
    pub skew: f32,
    /// Stretch across and along: 1 for none.
    pub stretch: (f32, f32),
    /// What the scanner shows beyond the paper at left, right, top and bottom, in millimetres;
    /// negative where it cuts the paper.
    pub beyond: [f32; 4],
    /// The scanner's own background.
    pub background: u8,
    /// Folds.
    pub folds: Vec<Fold>,
    /// Streaks.
    pub streaks: Vec<Streak>,
    /// Specks: place in millimetres, radius, shade.
    pub specks: Vec<(f32, f32, f32, u8)>,
    /// A number stamped on the paper: its place in millimetres.
    pub imprint: Option<(f32, f32)>,
    /// The shades that white and black become.
    pub tone: (u8, u8),
    /// How far a dot spreads, in pixels.
    pub blur: f32,
    /// Grain: the deviation of a shade.
    pub grain: f32,
    /// Seeds the grain.
    pub seed: u64,
}

/// A picture as a scanner makes it.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// The shades.
    pub grey: Vec<u8>,
}

impl Damage {
    /// None: a clean scan at a resolution.
    pub fn none(dpi: f32) -> Self {
        Self {
            dpi,
            quarters: 0,
            skew: 0.0,
            stretch: (1.0, 1.0),
            beyond: [0.0; 4],
            background: 255,
            folds: Vec::new(),
            streaks: Vec::new(),
            specks: Vec::new(),
            imprint: None,
            tone: (250, 15),
            blur: 0.3,
            grain: 0.0,
            seed: 0,
        }
    }

    /// Some of everything: skew to 3 degrees, stretch to 2 %, up to 3 mm cut off or 8 mm too much
    /// at each edge, any way up, folds, streaks, dirt, imprints, blur and grain.
    pub fn some(dpi: f32, (width, height): (f32, f32), dice: &mut Dice) -> Self {
        let skew = if dice.happens(0.5) { dice.between(-3.0, 3.0) } else { dice.normal() * 0.4 };
        let skew = skew.clamp(-3.0, 3.0);
        // A scanner that lets a sheet in at an angle shows all of it.
        let lean = skew.abs().to_radians().sin();
        let (more_x, more_y) = (height * lean / 2.0, width * lean / 2.0);
        let mut edge = |more: f32| {
            let crop = dice.happens(0.15);
            more + if crop { dice.between(-3.0, 0.0) } else { dice.between(0.0, 8.0) }
        };
        let beyond = [edge(more_x), edge(more_x), edge(more_y), edge(more_y)];
        let folds = if dice.happens(0.3) { 1 + dice.below(2) } else { 0 };
        let streaks = if dice.happens(0.15) { 1 + dice.below(3) } else { 0 };
        Self {
            dpi,
            quarters: dice.below(4) as u8,
            skew,
            stretch: (dice.between(0.98, 1.02), dice.between(0.98, 1.02)),
            beyond,
            background: [255, 250, 128, 20, 0][dice.below(5)],
            folds: (0..folds).map(|_| Fold::some((width, height), dice)).collect(),
            streaks: (0..streaks).map(|_| Streak::some(dice)).collect(),
            specks: Self::some_specks((width, height), dice),
            imprint: dice.happens(0.2).then(|| (dice.between(2.0, width), dice.between(1.0, 9.0))),
            tone: (dice.between(215.0, 255.0) as u8, dice.between(0.0, 55.0) as u8),
            blur: dice.between(0.2, 0.9),
            grain: dice.between(0.0, 5.0),
            seed: dice.next(),
        }
    }

    fn some_specks((width, height): (f32, f32), dice: &mut Dice) -> Vec<(f32, f32, f32, u8)> {
        let count = if dice.happens(0.3) { dice.below(60) } else { dice.below(8) };
        let speck = |_| {
            let radius = 0.06 + 0.3 * dice.part().powi(3);
            let (x, y) = (dice.between(0.0, width), dice.between(0.0, height));
            (x, y, radius, dice.between(0.0, 160.0) as u8)
        };
        (0..count).map(speck).collect()
    }

    /// The picture of a side that all this happened to.
    pub fn scan(&self, base: &Base) -> Scan {
        let mut base = base.clone();
        for &(x, y, radius, shade) in &self.specks {
            let reach = (radius * DOTS).ceil() as i64;
            let (column, row) = ((x * DOTS) as i64, (y * DOTS) as i64);
            for down in -reach..=reach {
                for right in -reach..=reach {
                    if (right as f32).hypot(down as f32) <= radius * DOTS {
                        base.ink(column + right, row + down, shade);
                    }
                }
            }
        }
        if let Some((x, y)) = self.imprint {
            imprint(&mut base, x, y, self.seed);
        }
        let mut scan = self.sampled(&base);
        self.blurred(&mut scan);
        self.finished(&mut scan);
        scan.turned(self.quarters)
    }

    /// The picture's pixels, each the mean of four places on the paper.
    fn sampled(&self, base: &Base) -> Scan {
        let dots = DOTS * 25.4 / self.dpi;
        let [left, right, top, bottom] = self.beyond;
        let (paper_width, paper_height) = (base.width as f32 / DOTS, base.height as f32 / DOTS);
        let pixels = |length: f32| (length * self.dpi / 25.4).round() as usize;
        let width = pixels(paper_width * self.stretch.0 + left + right);
        let height = pixels(paper_height * self.stretch.1 + top + bottom);
        let (sin, cos) = self.skew.to_radians().sin_cos();
        let (cx, cy) = (base.width as f32 / 2.0, base.height as f32 / 2.0);
        let mut grey = Vec::with_capacity(width * height);
        let middle = (
            (left + paper_width * self.stretch.0 / 2.0) * self.dpi / 25.4,
            (top + paper_height * self.stretch.1 / 2.0) * self.dpi / 25.4,
        );
        for row in 0..height {
            for column in 0..width {
                let mut sum = 0_u32;
                for (u, v) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                    let x = (column as f32 + u - middle.0) * dots / self.stretch.0;
                    let y = (row as f32 + v - middle.1) * dots / self.stretch.1;
                    let (x, y) = (x * cos + y * sin + cx, y * cos - x * sin + cy);
                    sum += u32::from(self.shade(base, x, y));
                }
                grey.push((sum / 4) as u8);
            }
        }
        Scan { width, height, grey }
    }

    /// The shade at a place of the paper, in dots, with its folds.
    fn shade(&self, base: &Base, x: f32, y: f32) -> u8 {
        let (mut x, mut y) = (x, y);
        let mut fold_shade = 255.0_f32;
        for fold in &self.folds {
            let (along, across) = if fold.is_level { (x, y) } else { (y, x) };
            let away = across / DOTS - fold.at - fold.lean * along / DOTS;
            if away.abs() < fold.breadth / 2.0 {
                fold_shade = fold_shade.min(255.0 * (1.0 - fold.darkness));
            }
            if away > 0.0 {
                let moved = fold.shift * DOTS;
                if fold.is_level { x += moved } else { y += moved }
            }
        }
        if x < 0.0 || y < 0.0 || x >= base.width as f32 || y >= base.height as f32 {
            return self.background;
        }
        let shade = f32::from(base.grey[y as usize * base.width + x as usize]).min(fold_shade);
        let (white, black) = (f32::from(self.tone.0), f32::from(self.tone.1));
        (black + (white - black) * shade / 255.0) as u8
    }

    /// Spreads every pixel over its neighbours.
    fn blurred(&self, scan: &mut Scan) {
        let side = (self.blur / 4.0).min(0.3);
        if side <= 0.0 {
            return;
        }
        let blur = |one: u8, here: u8, two: u8| {
            let sides = (f32::from(one) + f32::from(two)) * side;
            (sides + f32::from(here) * (1.0 - 2.0 * side)) as u8
        };
        for row in scan.grey.chunks_mut(scan.width) {
            let old = row.to_vec();
            for at in 1..old.len().saturating_sub(1) {
                row[at] = blur(old[at - 1], old[at], old[at + 1]);
            }
        }
        let old = scan.grey.clone();
        for at in scan.width..old.len().saturating_sub(scan.width) {
            scan.grey[at] = blur(old[at - scan.width], old[at], old[at + scan.width]);
        }
    }

    /// Grain and streaks.
    fn finished(&self, scan: &mut Scan) {
        let mut dice = Dice::new(self.seed);
        if self.grain > 0.0 {
            let table: Vec<f32> = (0..4096).map(|_| dice.normal() * self.grain).collect();
            for pixel in &mut scan.grey {
                let grain = table[(dice.next() & 4095) as usize];
                *pixel = (f32::from(*pixel) + grain).clamp(0.0, 255.0) as u8;
            }
        }
        for streak in &self.streaks {
            let first = (streak.at * scan.width as f32) as usize;
            for row in scan.grey.chunks_mut(scan.width) {
                for pixel in row.iter_mut().skip(first).take(streak.breadth) {
                    *pixel = (*pixel).min(streak.shade);
                }
            }
        }
    }
}

impl Fold {
    fn some((width, height): (f32, f32), dice: &mut Dice) -> Self {
        let is_level = dice.happens(0.8);
        let length = if is_level { height } else { width };
        Self {
            is_level,
            at: length * dice.between(0.15, 0.85),
            lean: dice.normal() * 0.003,
            breadth: dice.between(0.12, 0.45),
            darkness: dice.between(0.1, 0.6),
            shift: dice.normal() * 0.15,
        }
    }
}

impl Streak {
    fn some(dice: &mut Dice) -> Self {
        Self {
            at: dice.between(0.02, 0.98),
            breadth: 1 + dice.below(3),
            shade: dice.between(0.0, 170.0) as u8,
        }
    }
}

impl Scan {
    fn turned(self, quarters: u8) -> Self {
        let mut scan = self;
        for _ in 0..quarters {
            let (width, height) = (scan.height, scan.width);
            let mut grey = vec![0; scan.grey.len()];
            for (row, shades) in scan.grey.chunks(scan.width).enumerate() {
                for (column, shade) in shades.iter().enumerate() {
                    grey[column * width + (width - 1 - row)] = *shade;
                }
            }
            scan = Self { width, height, grey };
        }
        scan
    }
}

/// Digits of a stamping machine: small upright and level strokes.
fn imprint(base: &mut Base, x: f32, y: f32, seed: u64) {
    let mut dice = Dice::new(seed);
    for digit in 0..12 {
        let left = x + digit as f32 * 2.2;
        for _ in 0..4 {
            let (dx, dy) = (dice.between(0.0, 1.4), dice.between(0.0, 2.4));
            let is_level = dice.happens(0.5);
            for step in 0..22 {
                let step = step as f32 / DOTS;
                let (u, v) = if is_level { (dx + step, dy) } else { (dx, dy + step) };
                for wide in 0..4 {
                    let wide = wide as f32 / DOTS;
                    let column = ((left + u + wide) * DOTS) as i64;
                    base.ink(column, ((y + v + wide) * DOTS) as i64, 40);
                }
            }
        }
    }
}
