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

mod bursts;
mod exact;
mod fit;
mod found;
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
mod view;
mod window;

use canon::JsonError;

pub use exact::Rule;
pub use picture::picture;
pub use power::{Burst, Limit, Manipulation, Power, Rate, Slow, Smallest, When};
pub use report::{Finding, GapLine, LeftOut, Made, NOT_SHOWN, Report, RuleLine, TestLine, Verdict};
pub use series::{MAX_SNAPSHOTS, MAX_STATIONS, Series, SeriesFault, Snapshot};
pub use test::Test;
pub use text::render;
pub use window::Unjudged;

use measure::Measure;
use number::{floor, length};
use view::View;

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
    views: Vec<View>,
    report: Report,
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
        let views = judge(&series, &seed, settings);
        let all = series.snapshots.len();
        let tests = Test::ALL.map(|test| view::line(test, &views, all)).to_vec();
        for view in &views {
            found::found(view, &mut findings);
        }
        let day = views.first().and_then(|view| view.judged.as_ref().ok());
        let verdict = match day {
            _ if findings.iter().any(|finding| finding.counts) => Verdict::Found,
            Some(_) => Verdict::NothingFound,
            None => Verdict::NotChecked,
        };
        let whole = |value: f64| u64::try_from(floor(value)).unwrap_or_default();
        let (cadence, longest) = window::pace(&series);
        let (gaps, left_out) = view::gaps(views.first());
        let counting = || tests.iter().filter(|line| line.counts);
        let report = Report {
            campaign: series.campaign.clone(),
            seed,
            from,
            to,
            snapshots: all,
            votes: series.snapshots.last().map_or(0, |one| one.votes),
            k: series.k,
            shards: series.shards,
            windows: day.map_or(0, |judged| judged.windows.count()),
            window_s: day.map_or(0, |judged| whole(judged.windows.seconds)),
            cadence_s: whole(cadence),
            longest_step_s: whole(longest),
            gaps,
            left_out,
            unjudged: unjudged(&views),
            draws: settings.draws,
            false_alarms: settings.false_alarms,
            rules,
            tests_made: counting().filter(|line| line.made.is_some()).count(),
            tests_counting: counting().count(),
            tests,
            findings,
            verdict,
            power: None,
            not_shown: NOT_SHOWN.to_vec(),
        };
        Ok(Self { series, views, report })
    }

    /// What it says.
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// Finds out by simulation what the tests are able to find, over so many days each, and puts
    /// it into the report; `done` is told how many steps of how many are made. Nothing where the
    /// day could not be cut into windows.
    pub fn power(&mut self, days: u32, done: &mut dyn FnMut(u64, u64)) {
        let seed = self.report.seed;
        self.report.power = power::power(&self.views, &self.series, &seed, days, done);
    }

    /// The report, to be kept when the rest is not needed any more.
    pub fn into_report(self) -> Report {
        self.report
    }
}

/// Cuts what is told together into windows, and makes the tests of each.
fn judge(series: &Series, seed: &canon::Digest, settings: Settings) -> Vec<View> {
    let mut views = view::views(series);
    // Where all votes together cannot be judged, a part of the snapshots says no more.
    if views.first().is_none_or(|view| view.judged.is_err()) {
        return views;
    }
    let has_options = view::has_options(&views);
    let measures: Vec<Vec<Measure>> = views
        .iter()
        .map(|view| Test::ALL.iter().filter_map(|test| view.measure(*test, has_options)).collect())
        .collect();
    let counting = measures.iter().flatten().filter(|measure| measure.test.counts()).count();
    let levels = [settings.false_alarms / length(counting.max(1)), settings.false_alarms];
    for (view, measures) in views.iter_mut().zip(measures) {
        view.test(measures, seed, settings.draws, levels);
    }
    views
}

fn unjudged(views: &[View]) -> Option<String> {
    let (why, _) = views.first()?.judged.as_ref().err()?;
    Some(why.to_string())
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
            windows: Vec::new(),
            text,
            p: None,
            counts: true,
        });
    }
    RuleLine { rule, snapshots, broken: count }
}
