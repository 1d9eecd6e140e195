//! What is told together and judged together.
//!
//! Not every snapshot tells of everything: stamps may be told every quarter of an hour, votes by
//! option after the close only. The snapshots that tell of a part are a series of their own, cut
//! into windows of its own. Parts that the same snapshots tell of share one.

use core::ops::Range;

use canon::{Digest, Timestamp};

use super::fit::{Fit, Lots};
use super::measure::Measure;
use super::number::{floor, real};
use super::reference::Reference;
use super::report::{GapLine, LeftOut, Made, TestLine};
use super::series::{Series, Snapshot};
use super::test::{Part, Test};
use super::window::{Gap, Unjudged, Windows};

/// The snapshots that tell of some parts, and nothing else.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub parts: Vec<Part>,
    pub series: Series,
    /// Why it was not cut into windows.
    pub judged: Result<Judged, (Unjudged, Vec<Gap>)>,
}

/// What can be told of a day that was cut into windows.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub windows: Windows,
    pub fit: Fit,
    pub tests: Vec<Tested>,
}

/// A test that was made.
#[derive(Debug, Clone)]
pub(super) struct Tested {
    pub measure: Measure,
    pub reference: Reference,
    pub made: Made,
}

impl Part {
    const ALL: [Self; 4] = [Self::Votes, Self::Options, Self::Stamps, Self::CheckIns];

    const fn name(self) -> &'static str {
        match self {
            Self::Votes => "votes",
            Self::Options => "votes by option",
            Self::Stamps => "stamps",
            Self::CheckIns => "check-ins",
        }
    }

    const fn is_told(self, one: &Snapshot) -> bool {
        match self {
            Self::Votes => true,
            Self::Options => one.by_option.is_some(),
            Self::Stamps => one.stamps.is_some(),
            Self::CheckIns => one.check_ins.is_some(),
        }
    }
}

/// The views of a series, that of all votes first; parts that nothing tells of are in none.
pub(super) fn views(series: &Series) -> Vec<View> {
    let mut groups: Vec<(Vec<bool>, Vec<Part>)> = Vec::new();
    for part in Part::ALL {
        let told: Vec<bool> = series.snapshots.iter().map(|one| part.is_told(one)).collect();
        if told.iter().filter(|told| **told).count() < 2 {
            continue;
        }
        match groups.iter_mut().find(|(mask, _)| *mask == told) {
            Some((_, parts)) => parts.push(part),
            None => groups.push((told, vec![part])),
        }
    }
    groups.into_iter().map(|(told, parts)| View::new(series, &told, parts)).collect()
}

impl View {
    fn new(series: &Series, told: &[bool], parts: Vec<Part>) -> Self {
        let only = |one: &Snapshot| Snapshot {
            by_option: one.by_option.clone().filter(|_| parts.contains(&Part::Options)),
            stamps: one.stamps.clone().filter(|_| parts.contains(&Part::Stamps)),
            check_ins: one.check_ins.filter(|_| parts.contains(&Part::CheckIns)),
            ..one.clone()
        };
        let told = || series.snapshots.iter().zip(told).filter(|(_, told)| **told);
        let snapshots: Vec<Snapshot> = told().map(|(one, _)| only(one)).collect();
        let is_whole = snapshots.last().map(|one| one.time) == Some(series.span().1);
        let closed = series.closed && is_whole;
        let series = Series { closed, snapshots, ..series.clone() };
        let judged = Windows::cut(&series).map(|windows| {
            let fit = Fit::of(&windows, Lots::of(&series, windows.began_empty));
            Judged { windows, fit, tests: Vec::new() }
        });
        Self { parts, series, judged }
    }

    /// What a test of this view compares; `None` where it is not of this view, or nothing is
    /// there.
    pub(super) fn measure(&self, test: Test, has_options: bool) -> Option<Measure> {
        let judged = self.judged.as_ref().ok()?;
        let needs = needs(test, has_options);
        self.parts.contains(&needs).then_some(())?;
        Measure::of(test, &judged.fit, &judged.windows.counts)
    }

    /// Makes the tests that are of this view, each at its level.
    pub(super) fn test(
        &mut self,
        measures: Vec<Measure>,
        seed: &Digest,
        draws: u32,
        levels: [f64; 2],
    ) {
        let Ok(judged) = self.judged.as_mut() else { return };
        let constant = judged.fit.without_drift(&judged.windows.counts);
        let (counting, noted): (Vec<Measure>, Vec<Measure>) =
            measures.into_iter().partition(|measure| measure.test.counts());
        let references = Reference::simulate(&counting, &judged.fit, seed, draws);
        let steady = Reference::simulate(&noted, &constant, seed, draws);
        let [level, rate] = levels;
        let counting = counting.into_iter().zip(references).map(|pair| (pair, level));
        let noted = noted.into_iter().zip(steady).map(|pair| (pair, rate));
        let tested = |((measure, reference), level): ((Measure, Reference), f64)| {
            let values = measure.values(&judged.fit, &judged.windows.counts);
            let made = Made {
                comparisons: values.len(),
                level,
                p: reference.p(reference.greatest(&values)),
                spread: reference.scale(&values),
            };
            Tested { measure, reference, made }
        };
        judged.tests = counting.chain(noted).map(tested).collect();
    }

    fn made(&self, test: Test) -> Option<Made> {
        let judged = self.judged.as_ref().ok()?;
        judged.tests.iter().find(|tested| tested.measure.test == test).map(|tested| tested.made)
    }
}

/// What a test looks at first. Bursts are best seen in the options' shares.
const fn needs(test: Test, has_options: bool) -> Part {
    match test {
        Test::Spread | Test::Rhythm if has_options => Part::Options,
        _ => test.needs(),
    }
}

/// Whether the votes by option were cut into windows somewhere.
pub(super) fn has_options(views: &[View]) -> bool {
    views.iter().any(|view| view.parts.contains(&Part::Options) && view.judged.is_ok())
}

/// What became of a test.
pub(super) fn line(test: Test, views: &[View], all: usize) -> TestLine {
    let needs = needs(test, has_options(views));
    let view = views.iter().find(|view| view.parts.contains(&needs));
    let snapshots = view.map_or(0, |view| view.series.snapshots.len());
    let made = view.and_then(|view| view.made(test));
    let day = views.first().is_some_and(|view| view.judged.is_ok());
    let missing = match (view, made) {
        (_, Some(_)) => None,
        (None, None) => Some(format!("snapshots do not tell of {}", needs.name())),
        (Some(view), None) => Some(match &view.judged {
            _ if !day => "the day was not cut into windows".to_owned(),
            Err((why, _)) => {
                format!("{snapshots} of {all} snapshots tell of {}: {why}", needs.name())
            }
            Ok(_) => "too few in a window".to_owned(),
        }),
    };
    let partly = view.filter(|_| made.is_some()).and_then(|view| partly(test, view, views));
    let (statistic, counts) = (test.statistic(), test.counts());
    let left_out = view.filter(|_| snapshots < all && made.is_some());
    let left_out = left_out.and_then(|view| gaps(Some(view)).1);
    TestLine { test, statistic, counts, made, missing, snapshots, partly, left_out }
}

/// What a test could have looked at, had all its snapshots told of it.
fn partly(test: Test, view: &View, views: &[View]) -> Option<String> {
    let wanted: &[Part] = match test {
        Test::Growth => &[Part::Options],
        Test::Spread => &[Part::Options, Part::Stamps],
        Test::Rhythm => &[Part::Options, Part::Stamps, Part::CheckIns],
        _ => &[],
    };
    let told = |part: &&Part| views.iter().any(|view| view.parts.contains(part));
    let lacks = wanted.iter().filter(told).filter(|part| !view.parts.contains(part));
    let names: Vec<&str> = lacks.map(|part| part.name()).collect();
    (!names.is_empty()).then(|| format!("without {}", names.join(" and ")))
}

/// The gaps of a view.
pub(super) fn gaps(view: Option<&View>) -> (Vec<GapLine>, Option<LeftOut>) {
    let whole = |count: f64| u64::try_from(floor(count.round().max(0.0))).unwrap_or_default();
    let line = |gap: &Gap| GapLine {
        from: gap.from,
        to: gap.to,
        votes: gap.votes,
        usual: gap.usual.map(whole),
    };
    let Some(view) = view else { return (Vec::new(), None) };
    match &view.judged {
        Err((_, gaps)) => (gaps.iter().map(line).collect(), None),
        Ok(judged) if judged.windows.gaps.is_empty() => (Vec::new(), None),
        Ok(judged) => {
            let (votes, windows) = judged.windows.left_out();
            let all = |one: Option<&Snapshot>| one.map_or(0.0, |one| real(one.votes));
            let snapshots = &view.series.snapshots;
            let came = all(snapshots.last()) - all(snapshots.first());
            let share = if came > 0.0 { votes / came } else { 0.0 };
            let left_out = LeftOut { windows, votes: whole(votes), share };
            (judged.windows.gaps.iter().map(line).collect(), Some(left_out))
        }
    }
}

impl Judged {
    /// The pieces that are no windows, as times.
    pub(super) fn left_out(&self) -> Vec<(Timestamp, Timestamp)> {
        let is_window =
            |at: usize| self.windows.runs.iter().any(|run: &Range<usize>| run.contains(&at));
        let pieces = 0..self.windows.counts.votes.len();
        let piece = |at: usize| (self.windows.edge(at), self.windows.edge(at.saturating_add(1)));
        pieces.filter(|at| !is_window(*at)).map(piece).collect()
    }
}
