//! What the tests found, one by one.

use super::bursts;
use super::measure::{Cell, Measure};
use super::report::Finding;
use super::series::Series;
use super::test::Test;
use super::text;
use super::view::{Judged, Tested, View};

/// What the tests of a view found.
pub(super) fn found(view: &View, findings: &mut Vec<Finding>) {
    let Ok(judged) = &view.judged else { return };
    for tested in judged.tests.iter().filter(|tested| tested.made.is_found()) {
        match tested.measure.test {
            Test::Mixture | Test::Drift => judged.shifts(tested, &view.series, findings),
            Test::Spread => judged.spreads(tested, &view.series, findings),
            Test::Rhythm => judged.rhythms(tested, &view.series, findings),
            Test::Lean => judged.leans(tested, &view.series, findings),
            _ => judged.steps(tested, &view.series, findings),
        }
    }
}

/// A finding about the whole day.
fn of_the_day(
    tested: &Tested,
    series: &Series,
    of: Option<String>,
    text: String,
    value: f64,
) -> Finding {
    let (from, to) = series.span();
    let test = tested.measure.test;
    let p = Some(tested.reference.p(value));
    let windows = Vec::new();
    Finding { check: test.id(), of, from, to, windows, text, p, counts: test.counts() }
}

impl Judged {
    /// Edges over which the mixture shifts, and options that drift.
    fn shifts(&self, tested: &Tested, series: &Series, findings: &mut Vec<Finding>) {
        let test = tested.measure.test;
        let options = series.options.len();
        let values = tested.measure.values(&self.fit, &self.windows.counts);
        let critical = tested.reference.critical(tested.made.level);
        let cells = tested.measure.cells(&self.fit, options);
        for (value, cell) in values.iter().zip(cells) {
            let scaled = value / tested.made.spread;
            if scaled <= critical {
                continue;
            }
            let (windows, at) = (&self.windows, cell.window);
            let (from, to) = match test {
                Test::Drift => (series.span().0, series.span().1),
                _ => (windows.edge(at.saturating_sub(1)), windows.edge(at.saturating_add(1))),
            };
            let of = cell.number.and_then(|number| series.options.get(number)).cloned();
            let text = text::shift(&windows.counts, series, cell);
            let p = Some(tested.reference.p(scaled));
            findings.push(Finding {
                check: test.id(),
                of,
                from,
                to,
                windows: Vec::new(),
                text,
                p,
                counts: test.counts(),
            });
        }
    }

    /// Tests whose values vary more than groups of voters explain.
    fn spreads(&self, tested: &Tested, series: &Series, findings: &mut Vec<Finding>) {
        let values = tested.measure.values(&self.fit, &self.windows.counts);
        let compared = tested.reference.compared(&values);
        let critical = tested.reference.critical(tested.made.level);
        let parts = tested.measure.parts().zip(tested.measure.limits());
        for ((test, limit), value) in parts.zip(compared) {
            if value > critical {
                let text = text::spread(test, value * limit, *limit);
                findings.push(of_the_day(tested, series, None, text, value));
            }
        }
    }

    /// Of each curve the phase that stands out most.
    fn rhythms(&self, tested: &Tested, series: &Series, findings: &mut Vec<Finding>) {
        let counts = &self.windows.counts;
        let folds = tested.measure.folds(&self.fit, counts);
        let values: Vec<f64> = folds.iter().map(|(_, _, fold)| fold.t.abs()).collect();
        let compared = tested.reference.compared(&values);
        let critical = tested.reference.critical(tested.made.level);
        let folds: Vec<_> = folds.into_iter().zip(compared).collect();
        for curve in folds.chunk_by(|((test, number, _), _), ((other, next, _), _)| {
            test == other && number == next
        }) {
            let most = curve.iter().max_by(|(_, one), (_, other)| one.total_cmp(other));
            let Some(((test, number, fold), value)) = most else { continue };
            if *value <= critical {
                continue;
            }
            let of = number.and_then(|number| match test {
                Test::Stations => self.windows.stations.get(number).cloned(),
                _ => series.options.get(number).cloned(),
            });
            let is_there = |place: &usize| place.checked_rem(fold.period) == Some(fold.phase);
            let at = self.fit.places.iter().position(is_there);
            let first = self.windows.edge(at.unwrap_or_default());
            let there =
                self.judged_windows().filter(|at| self.fit.places.get(*at).is_some_and(is_there));
            let windows = there.map(|at| self.windows.edge(at)).collect();
            let more = number
                .filter(|_| *test == Test::Mixture)
                .and_then(|number| text::folded(counts, &self.fit, number, *fold));
            let text = text::rhythm(*test, *fold, (first, self.windows.seconds), more);
            let finding = of_the_day(tested, series, of, text, *value);
            findings.push(Finding { windows, ..finding });
        }
    }

    /// The windows that are judged, in the order of the values of a day.
    fn judged_windows(&self) -> impl Iterator<Item = usize> {
        self.fit.runs.iter().flat_map(Clone::clone)
    }

    /// Options whose shares lean to one side.
    fn leans(&self, tested: &Tested, series: &Series, findings: &mut Vec<Finding>) {
        let rows = tested.measure.shares(&self.fit, &self.windows.counts);
        let leans = tested.measure.leans(&self.fit, &self.windows.counts);
        let values: Vec<f64> = leans.iter().map(|(_, lean)| lean.abs()).collect();
        let compared = tested.reference.compared(&values);
        let critical = tested.reference.critical(tested.made.level);
        for ((number, lean), value) in leans.into_iter().zip(compared) {
            if value > critical {
                let of = series.options.get(number).cloned();
                let far = rows.iter().find(|(row, _)| *row == number);
                let far = far.map(|(_, row)| bursts::far(row, lean > 0.0)).unwrap_or_default();
                let windows = self.judged_windows().zip(far).filter(|(_, is_far)| *is_far);
                let windows = windows.map(|(at, _)| self.windows.edge(at)).collect();
                let finding = of_the_day(tested, series, of, text::lean(lean), value);
                findings.push(Finding { windows, ..finding });
            }
        }
    }

    /// Jumps and stalls: the greatest first, and each is mended before the next is looked for,
    /// since a window also moves what is expected of its neighbours.
    fn steps(&self, tested: &Tested, series: &Series, findings: &mut Vec<Finding>) {
        let measure = &tested.measure;
        let mut rows = measure.rows(&self.fit, &self.windows.counts);
        let cells = measure.cells(&self.fit, series.options.len());
        let critical = tested.reference.critical(tested.made.level);
        let judged = cells.len().checked_div(rows.len()).unwrap_or_default();
        for _ in 0..cells.len().div_ceil(4) {
            let values = measure.residuals(&self.fit, &rows);
            let worst = values
                .iter()
                .zip(&cells)
                .enumerate()
                .max_by(|(_, (a, _)), (_, (b, _))| a.abs().total_cmp(&b.abs()));
            let Some((at, (value, cell))) = worst else { break };
            let scaled = value.abs() / tested.made.spread;
            if scaled <= critical {
                break;
            }
            let number = at.checked_div(judged).unwrap_or_default();
            let Some(row) = rows.get_mut(number) else { break };
            let rests = Measure::rests(&self.fit, row);
            let rest = rests.iter().find(|(window, _)| *window == cell.window);
            let rest = rest.map_or(0.0, |(_, rest)| *rest);
            let Some(grown) = row.get_mut(cell.window) else { break };
            findings.push(self.step(tested, *cell, series, (*grown, *grown - rest), scaled));
            *grown -= rest;
        }
    }

    fn step(
        &self,
        tested: &Tested,
        cell: Cell,
        series: &Series,
        (grown, expected): (f64, f64),
        scaled: f64,
    ) -> Finding {
        let test = tested.measure.test;
        let of = cell.number.and_then(|number| match test {
            Test::Stations => self.windows.stations.get(number).cloned(),
            _ => series.options.get(number).cloned(),
        });
        Finding {
            check: test.id(),
            of,
            from: self.windows.edge(cell.window),
            to: self.windows.edge(cell.window.saturating_add(1)),
            windows: Vec::new(),
            text: text::step(test, grown, expected),
            p: Some(tested.reference.p(scaled)),
            counts: test.counts(),
        }
    }
}
