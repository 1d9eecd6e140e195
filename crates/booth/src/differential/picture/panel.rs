//! The growth window by window, and what is marked on it.

use std::fmt::Write as _;

use canon::Timestamp;

use super::super::number::real;
use super::super::report::Finding;
use super::super::test::Part;
use super::super::view::Judged;
use super::scale::Frame;
use super::{Page, shown};

/// The size of the mark below a window.
const STROKE: f64 = 4.0;

impl<'a> Page<'a> {
    /// The windows of the snapshots that tell of a part.
    fn judged(&self, part: Part) -> Option<&'a Judged> {
        let view = self.analysis.views.iter().find(|view| view.parts.contains(&part))?;
        view.judged.as_ref().ok()
    }

    /// The growth of all votes and of each option, window by window.
    pub(super) fn panels(&mut self) {
        let analysis = self.analysis;
        let Some(day) = self.judged(Part::Votes) else { return };
        let mut rows = vec![("All votes, window by window", None, day, &day.windows.counts.votes)];
        if let Some(judged) = self.judged(Part::Options) {
            for (at, name) in shown(&analysis.series) {
                let options = judged.windows.counts.options.as_ref();
                if let Some(row) = options.and_then(|rows| rows.get(at)) {
                    rows.push((name, Some(name), judged, row));
                }
            }
        }
        for (title, of, judged, row) in rows {
            self.panel(title, of, judged, row);
        }
        self.y += 8.0;
    }

    fn panel(&mut self, title: &str, of: Option<&str>, judged: &Judged, row: &[f64]) {
        let windows = judged.windows.runs.iter().filter_map(|run| row.get(run.clone()));
        let most = windows.flatten().copied().fold(1.0, f64::max);
        let frame = self.frame(most, 90.0);
        self.text("head", 24.0, self.y + 16.0, title);
        let about = move |finding: &Finding| {
            let is_growth = finding.check == "growth";
            let same = finding.of.as_deref() == of && (is_growth || of.is_none());
            let stations = finding.check == "stations" && of.is_none();
            finding.p.is_some() && finding.check != "mixture" && (same || stations)
        };
        // What is found of the whole day speaks of windows of an option, or else of all votes.
        let options = &self.analysis.series.options;
        let speaks = |finding: &Finding| {
            let option = finding.of.as_ref().filter(|of| options.contains(of));
            !finding.windows.is_empty() && option.map(String::as_str) == of
        };
        let is_here = |finding: &Finding| {
            if is_all_day(finding) { speaks(finding) } else { about(finding) }
        };
        self.gaps(&frame, &judged.left_out());
        self.marks(&frame, &is_here);
        let begins = |finding: &Finding| {
            if is_all_day(finding) { finding.windows.clone() } else { vec![finding.from] }
        };
        let here = self.marked().filter(|(_, finding)| is_here(finding));
        let odd: Vec<f64> = here
            .flat_map(|(_, finding)| begins(finding))
            .map(|from| real(from.unix_u64()))
            .collect();
        self.bars(&frame, judged, row, &odd);
        self.axes(&frame, false);
        self.y = frame.bottom + 20.0;
    }

    /// Hatching over what is not judged.
    pub(super) fn gaps(&mut self, frame: &Frame, gaps: &[(Timestamp, Timestamp)]) {
        for (from, to) in gaps {
            let [from, to] = [from, to].map(|time| frame.x(real(time.unix_u64())));
            let (top, height) = (frame.top, frame.bottom - frame.top);
            let width = (to - from).max(2.0);
            let _ = writeln!(
                self.body,
                "<rect class=\"gap\" x=\"{from:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" \
                 height=\"{height:.1}\"/>"
            );
        }
    }

    /// A band over the time of each finding that a panel is about, a line where a rule is first
    /// broken, or a stroke below each window that a finding of the whole day speaks of; with the
    /// number above, of several windows above the first.
    pub(super) fn marks(&mut self, frame: &Frame, about: &dyn Fn(&Finding) -> bool) {
        let x = |time: Timestamp| frame.x(real(time.unix_u64()));
        let marked: Vec<(usize, f64, f64, Vec<f64>)> = self
            .marked()
            .filter(|(_, finding)| about(finding))
            .map(|(number, finding)| {
                let to = if finding.p.is_some() { finding.to } else { finding.from };
                let windows = finding.windows.iter().map(|from| x(*from)).collect();
                (number, x(finding.from), x(to), windows)
            })
            .collect();
        let mut badges: Vec<(f64, usize)> = Vec::new();
        let mut below = frame.bottom + STROKE;
        for (number, from, to, windows) in marked {
            if let Some(first) = windows.first() {
                badges.push((first + STROKE, number));
                self.strokes(below, &windows);
                below += 1.5 * STROKE;
                continue;
            }
            let (top, height) = (frame.top, frame.bottom - frame.top);
            let width = (to - from).max(2.0);
            let class = if to > from { "band" } else { "mark" };
            let _ = writeln!(
                self.body,
                "<rect class=\"{class}\" x=\"{from:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" \
                 height=\"{height:.1}\"/>"
            );
            badges.push((f64::midpoint(from, to), number));
        }
        badges.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut free = f64::NEG_INFINITY;
        for (centre, number) in badges {
            let centre = centre.max(free);
            self.badge(centre, frame.top - 9.0, number);
            free = centre + 20.0;
        }
    }

    /// A stroke below each of some windows, so that they are told from others in grey too.
    fn strokes(&mut self, y: f64, windows: &[f64]) {
        for x in windows {
            let _ = writeln!(
                self.body,
                "<rect class=\"mark\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{STROKE}\" \
                 height=\"{STROKE}\"/>"
            );
        }
    }

    pub(super) fn badge(&mut self, x: f64, y: f64, number: usize) {
        let _ = writeln!(
            self.body,
            "<circle class=\"mark\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"9\"/>\
             <text class=\"number\" x=\"{x:.1}\" y=\"{:.1}\">{number}</text>",
            y + 4.0
        );
    }

    /// Bars from zero; those of windows that begin at one of `odd` in the colour of the marks.
    fn bars(&mut self, frame: &Frame, judged: &Judged, row: &[f64], odd: &[f64]) {
        let pairs = judged.windows.edges.windows(2).zip(row).enumerate();
        for (at, (pair, grown)) in pairs {
            let [from, to] = pair else { continue };
            if !judged.windows.runs.iter().any(|run| run.contains(&at)) {
                continue;
            }
            let (x, y) = (frame.x(*from), frame.y(grown.max(0.0)));
            let (width, height) = (frame.x(*to) - x - 1.0, frame.bottom - y);
            // Findings have whole seconds.
            let is_odd = odd.iter().any(|odd| (odd - from).abs() < 1.0);
            let class = if is_odd { "odd" } else { "bar" };
            let _ = writeln!(
                self.body,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
                 height=\"{height:.1}\"/>"
            );
        }
    }
}

/// Whether a finding is of no window of its own.
fn is_all_day(finding: &Finding) -> bool {
    matches!(finding.check, "spread" | "rhythm" | "lean")
}
