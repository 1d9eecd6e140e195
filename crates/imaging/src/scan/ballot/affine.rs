//! Affine maps of a plane, fitted by least squares.

/// A place: to the right, and down.
pub(super) type Place = (f32, f32);

/// An affine map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Affine {
    pub(super) start: Place,
    pub(super) right: Place,
    pub(super) down: Place,
}

impl Affine {
    pub(super) fn at(&self, (x, y): Place) -> Place {
        (
            self.start.0 + self.right.0 * x + self.down.0 * y,
            self.start.1 + self.right.1 * x + self.down.1 * y,
        )
    }

    /// The map with the least squares of what is left; nothing if all places lie on a line.
    pub(super) fn fitted(pairs: impl Iterator<Item = (Place, Place)>) -> Option<Self> {
        let (mut moments, mut rights) = ([[0.0_f64; 3]; 3], [[0.0_f64; 3]; 2]);
        for (from, to) in pairs {
            let paper = [1.0, f64::from(from.0), f64::from(from.1)];
            for (row, one) in moments.iter_mut().zip(paper) {
                row.iter_mut().zip(paper).for_each(|(sum, other)| *sum += one * other);
            }
            let [x, y] = &mut rights;
            x.iter_mut().zip(paper).for_each(|(sum, one)| *sum += one * f64::from(to.0));
            y.iter_mut().zip(paper).for_each(|(sum, one)| *sum += one * f64::from(to.1));
        }
        let [x, y] = rights.map(|right| solved(moments, right));
        let ([x0, xr, xd], [y0, yr, yd]) = (x?, y?);
        Some(Self { start: (x0, y0), right: (xr, yr), down: (xd, yd) })
    }
}

/// Three linear equations solved by Cramer's rule.
fn solved(rows: [[f64; 3]; 3], right: [f64; 3]) -> Option<[f32; 3]> {
    let whole = determinant(rows);
    if whole.abs() < 1e-9 {
        return None;
    }
    let mut answer = [0.0; 3];
    for (column, value) in answer.iter_mut().enumerate() {
        let mut other = rows;
        for (row, right) in other.iter_mut().zip(right) {
            if let Some(cell) = row.get_mut(column) {
                *cell = right;
            }
        }
        #[allow(clippy::cast_possible_truncation, reason = "a thousandth of a pixel is enough")]
        let solved = (determinant(other) / whole) as f32;
        *value = solved;
    }
    Some(answer)
}

#[allow(clippy::many_single_char_names, reason = "a matrix as it is written")]
fn determinant([[a, b, c], [d, e, f], [g, h, i]]: [[f64; 3]; 3]) -> f64 {
    a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
}
