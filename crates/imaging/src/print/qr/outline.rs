//! The outlines of a code's dark parts.

use std::collections::BTreeMap;

use super::Modules;

type Corner = (i32, i32);

/// Walks every edge between dark and light once.
pub(super) fn of(modules: &Modules) -> Vec<Vec<Corner>> {
    let mut edges = edges(modules);
    let mut outlines = Vec::new();
    while let Some((&start, _)) = edges.first_key_value() {
        let mut corners = vec![start];
        let mut at = start;
        while let Some(next) = step(&mut edges, at) {
            if next == start {
                break;
            }
            corners.push(next);
            at = next;
        }
        outlines.push(straightened(&corners));
    }
    outlines
}

/// For each corner the corners to which an edge leads from it: one, or two where dark modules meet
/// at a point.
fn edges(modules: &Modules) -> BTreeMap<Corner, Vec<Corner>> {
    let mut edges: BTreeMap<Corner, Vec<Corner>> = BTreeMap::new();
    let side = i32::from(modules.side());
    for row in 0..side {
        for column in (0..side).filter(|column| modules.is_dark(*column, row)) {
            let (right, below) = (column.saturating_add(1), row.saturating_add(1));
            let (left, above) = (column.saturating_sub(1), row.saturating_sub(1));
            let around = [
                ((column, above), (column, row), (right, row)),
                ((right, row), (right, row), (right, below)),
                ((column, below), (right, below), (column, below)),
                ((left, row), (column, below), (column, row)),
            ];
            for ((x, y), from, to) in around {
                if !modules.is_dark(x, y) {
                    edges.entry(from).or_default().push(to);
                }
            }
        }
    }
    edges
}

/// Takes one edge that leads from a corner, and gives where it leads to.
fn step(edges: &mut BTreeMap<Corner, Vec<Corner>>, from: Corner) -> Option<Corner> {
    let ends = edges.get_mut(&from)?;
    let next = ends.pop();
    if ends.is_empty() {
        edges.remove(&from);
    }
    next
}

/// Leaves out the corners at which an outline does not turn.
fn straightened(corners: &[Corner]) -> Vec<Corner> {
    let before = corners.iter().cycle().skip(corners.len().saturating_sub(1));
    let after = corners.iter().cycle().skip(1);
    let turns = corners.iter().zip(before).zip(after);
    let turns = turns.filter(|((at, before), after)| {
        let is_straight =
            (before.0 == at.0 && at.0 == after.0) || (before.1 == at.1 && at.1 == after.1);
        !is_straight
    });
    turns.map(|((at, _), _)| *at).collect()
}
