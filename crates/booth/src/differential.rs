//! The differential audit: whether the lists of a campaign grow as uncoordinated voters make them.
//!
//! From the snapshots of a day it compares exactly what must hold in each (as many voters as
//! votes, no count that falls, never more votes than stamps or check-ins: [`Rule`]), and by
//! statistics what is smooth on honest days (the growth in total and by option, stamps by station,
//! stamps and check-ins against votes, the mixture of the options: [`Test`]). [`Analysis::power`]
//! says by simulation how small a manipulation each test finds, and that slow ones are not found.
//!
//! Votes are published in lumps of `k`, so nothing here supposes that published votes are a
//! Poisson stream: the null model of `fit` cuts batches as [`crate::batch`] does. Specified, with
//! its sources, in `docs/spec/differential.md`.

mod exact;
mod fit;
mod measure;
mod mixture;
mod number;
mod picture;
mod power;
mod random;
mod reference;
mod report;
mod residual;
mod series;
mod test;
#[cfg(test)]
mod tests;
mod text;
mod window;

use canon::JsonError;

pub use exact::Rule;
pub use picture::picture;
pub use power::{Limit, Manipulation, Power, Rate, Slow, Smallest};
pub use report::{Finding, Made, NOT_SHOWN, Report, RuleLine, TestLine, Verdict};
pub use series::{MAX_SNAPSHOTS, MAX_STATIONS, Series, SeriesFault, Snapshot};
pub use test::Test;
pub use text::render;
pub use window::Unjudged;

use fit::{Fit, Lots};
use measure::{Cell, Measure};
use number::{floor, length};
use reference::Reference;
use window::Windows;

/// How an analysis is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Simulated honest days that the statistics are compared with.
    pub draws: u32,
    /// The chance that an honest campaign has any finding.
    pub false_alarms: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { draws: 1999, false_alarms: 0.01 }
    }
}

/// A series with all that was computed from it.
#[derive(Debug, Clone)]
pub struct Analysis {
    series: Series,
    judged: Option<Judged>,
    report: Report,
}

/// What can be told of a day that was cut into windows.
#[derive(Debug, Clone)]
struct Judged {
    windows: Windows,
    fit: Fit,
    tests: Vec<Tested>,
}

/// A test that was made.
#[derive(Debug, Clone)]
struct Tested {
    measure: Measure,
    reference: Reference,
    made: Made,
}

impl Analysis {
    /// Analyses a series. Equal series and settings give equal answers.
    ///
    /// # Errors
    /// When the series cannot be written as canonical JSON; one that was read can.
    pub fn of(series: Series, settings: Settings) -> Result<Self, JsonError> {
        let seed = series.digest()?;
        let (from, to) = series.span();
        let mut findings = Vec::new();
        let rules = Rule::ALL.map(|rule| held(rule, &series, &mut findings)).to_vec();
        let windows = Windows::cut(&series);
        let unjudged = windows.as_ref().err().map(ToString::to_string);
        let judged = windows.ok().map(|windows| Judged::of(windows, &series, settings));
        let tests = Test::ALL.map(|test| line(test, judged.as_ref())).to_vec();
        if let Some(judged) = &judged {
            judged.find(&series, &mut findings);
        }
        let verdict = match &judged {
            _ if findings.iter().any(|finding| finding.counts) => Verdict::Found,
            Some(_) => Verdict::NothingFound,
            None => Verdict::NotChecked,
        };
        let count = judged.as_ref().map_or(0, |judged| judged.windows.count());
        let seconds = judged.as_ref().map_or(0.0, |judged| judged.windows.seconds());
        let report = Report {
            campaign: series.campaign.clone(),
            seed,
            from,
            to,
            snapshots: series.snapshots.len(),
            votes: series.snapshots.last().map_or(0, |one| one.votes),
            k: series.k,
            shards: series.shards,
            windows: count,
            window_s: u64::try_from(floor(seconds)).unwrap_or_default(),
            unjudged,
            draws: settings.draws,
            false_alarms: settings.false_alarms,
            rules,
            tests,
            findings,
            verdict,
            power: None,
            not_shown: NOT_SHOWN.to_vec(),
        };
        Ok(Self { series, judged, report })
    }

    /// What it says.
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// Finds out by simulation what the tests are able to find, over so many days each, and puts
    /// it into the report; `done` is told how many steps of how many are made. Nothing where the
    /// day could not be cut into windows.
    pub fn power(&mut self, days: u32, done: &mut dyn FnMut(u64, u64)) {
        if let Some(judged) = &self.judged {
            let seed = self.report.seed;
            self.report.power = Some(power::power(judged, &self.series, &seed, days, done));
        }
    }

    /// The report, to be kept when the rest is not needed any more.
    pub fn into_report(self) -> Report {
        self.report
    }
}

/// Holds one rule against all snapshots. One fault in many snapshots one after another is one
/// finding.
fn held(rule: Rule, series: &Series, findings: &mut Vec<Finding>) -> RuleLine {
    let broken = rule.broken(series);
    let (snapshots, count) = (rule.looked_at(series), broken.len());
    let time = |at: usize| series.snapshots.get(at).map_or(series.span().0, |one| one.time);
    let follows = |one: &(usize, String), next: &(usize, String)| {
        rule != Rule::Shrinkage && one.0.checked_add(1) == Some(next.0)
    };
    for run in broken.chunk_by(follows) {
        let [(first, text), ..] = run else { continue };
        let last = run.last().map_or(*first, |(at, _)| *at);
        let text = match run.len() {
            1 => text.clone(),
            many => format!("{text}, and so on in {many} snapshots"),
        };
        let (from, to) = (time(*first), time(last));
        findings.push(Finding {
            check: rule.id(),
            of: None,
            from,
            to,
            text,
            p: None,
            counts: true,
        });
    }
    RuleLine { rule, snapshots, broken: count }
}

fn line(test: Test, judged: Option<&Judged>) -> TestLine {
    let made = judged.and_then(|judged| {
        judged.tests.iter().find(|tested| tested.measure.test == test).map(|tested| tested.made)
    });
    let missing = match (judged, made) {
        (_, Some(_)) => None,
        (None, None) => Some("the day was not cut into windows"),
        (Some(_), None) => Some(test.missing()),
    };
    TestLine { test, statistic: test.statistic(), counts: test.counts(), made, missing }
}

impl Judged {
    fn of(windows: Windows, series: &Series, settings: Settings) -> Self {
        let counts = &windows.counts;
        let fit = Fit::of(counts, Lots::of(series, windows.began_empty));
        let constant = fit.without_drift(counts);
        let seed = series.digest().unwrap_or_else(|_| canon::Digest::of(&[]));
        let of = |test: &Test| Measure::of(*test, &fit, counts);
        let (counting, noted): (Vec<Measure>, Vec<Measure>) =
            Test::ALL.iter().filter_map(of).partition(|measure| measure.test.counts());
        let level = settings.false_alarms / length(counting.len().max(1));
        let references = Reference::simulate(&counting, &fit, &seed, settings.draws);
        let steady = Reference::simulate(&noted, &constant, &seed, settings.draws);
        let counting = counting.into_iter().zip(references).map(|pair| (pair, level));
        let noted = noted.into_iter().zip(steady).map(|pair| (pair, settings.false_alarms));
        let tested = |((measure, reference), level): ((Measure, Reference), f64)| {
            let values = measure.values(&fit, counts);
            let made = Made {
                comparisons: values.len(),
                level,
                p: reference.p(reference.greatest(&values)),
                spread: reference.scale(&values),
            };
            Tested { measure, reference, made }
        };
        let tests = counting.chain(noted).map(tested).collect();
        Self { windows, fit, tests }
    }

    /// What the tests found, one by one.
    fn find(&self, series: &Series, findings: &mut Vec<Finding>) {
        for tested in self.tests.iter().filter(|tested| tested.made.is_found()) {
            match tested.measure.test {
                Test::Mixture | Test::Drift => self.shifts(tested, series, findings),
                _ => self.steps(tested, series, findings),
            }
        }
    }

    /// Edges over which the mixture shifts, and options that drift.
    fn shifts(&self, tested: &Tested, series: &Series, findings: &mut Vec<Finding>) {
        let test = tested.measure.test;
        let options = series.options.len();
        let values = tested.measure.values(&self.fit, &self.windows.counts);
        let critical = tested.reference.critical(tested.made.level);
        let cells = tested.measure.cells(self.windows.count(), options);
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
                text,
                p,
                counts: test.counts(),
            });
        }
    }

    /// Jumps and stalls: the greatest first, and each is mended before the next is looked for,
    /// since a window also moves what is expected of its neighbours.
    fn steps(&self, tested: &Tested, series: &Series, findings: &mut Vec<Finding>) {
        let measure = &tested.measure;
        let count = self.windows.count();
        let mut rows = measure.rows(&self.fit, &self.windows.counts);
        let cells = measure.cells(count, series.options.len());
        let critical = tested.reference.critical(tested.made.level);
        let judged = count.saturating_sub(2);
        for _ in 0..cells.len().div_ceil(4) {
            let values = measure.residuals(&rows);
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
            let before = cell.window.saturating_sub(1);
            let rest = residual::deleted(row).get(before).copied().unwrap_or_default();
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
            text: text::step(test, grown, expected),
            p: Some(tested.reference.p(scaled)),
            counts: test.counts(),
        }
    }
}
