//! The picture: growth in total and by option from zero, with the findings marked and numbered.
//!
//! One SVG file without script or outside parts, with the system's sans, in ink on warm white or
//! the reverse. Every state has a shape and a number besides its colour, so that it reads in grey.

use std::fmt::Write as _;

use canon::Timestamp;

use super::Analysis;
use super::number::{floor, length, real};
use super::report::Finding;
use super::series::{Series, Snapshot};
use super::text::{clock, grouped, headline, missing, said};

mod panel;
mod scale;

use scale::{Frame, escaped, lines_of, spread};

/// Options that have a panel of their own: those with the most votes.
const PANELS: usize = 6;

/// Findings that are marked and listed.
const LISTED: usize = 12;

/// Points of a curve.
const POINTS: usize = 600;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 72.0;
const RIGHT: f64 = 590.0;

const STYLE: &str = "\
text{font:14px system-ui,sans-serif;font-variant-numeric:tabular-nums;fill:#1a1a18}\
.paper{fill:#fdfcf8}.title{font-size:20px;font-weight:600}.head{font-weight:600}\
.quiet{fill:#55544f}.axis{stroke:#1a1a18;stroke-width:1}.grid{stroke:#dcd9cf;stroke-width:1}\
.curve{fill:none;stroke:#1a1a18;stroke-width:1.25}.total{stroke:#173f7a;stroke-width:2.5}\
.bar{fill:#8f9bad}.odd{fill:#9a5b00}.band{fill:#f6e3c0}.gap{fill:url(#hatch)}.stroke{stroke:#8a887f;stroke-width:1.5}\
.mark{fill:#9a5b00}.number{fill:#fdfcf8;font-size:11px;font-weight:600;text-anchor:middle}\
@media (prefers-color-scheme:dark){text{fill:#f2f0e9}.paper{fill:#171716}.quiet{fill:#b5b2a8}\
.axis{stroke:#f2f0e9}.grid{stroke:#3a3936}.curve{stroke:#f2f0e9}.total{stroke:#9dbcf0}\
.bar{fill:#6d7787}.odd{fill:#e6a44a}.band{fill:#4a3714}.stroke{stroke:#7d7b73}.mark{fill:#e6a44a}\
.number{fill:#171716}}";

/// The picture of an analysis.
pub fn picture(analysis: &Analysis) -> String {
    let mut page = Page { body: String::new(), y: 0.0, analysis };
    page.heading();
    page.curves();
    page.panels();
    page.list();
    let (height, body) = (page.y + 16.0, page.body);
    let title = escaped(&format!("{}: how its votes came in", analysis.report.campaign));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n\
         <defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><line class=\"stroke\" y2=\"6\"/></pattern></defs>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\"/>\n{body}</svg>\n"
    )
}

struct Page<'a> {
    body: String,
    y: f64,
    analysis: &'a Analysis,
}

impl Page<'_> {
    fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let text = escaped(text);
        let _ =
            writeln!(self.body, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>");
    }

    fn heading(&mut self) {
        let report = &self.analysis.report;
        let title = format!("{}: how its votes came in", report.campaign);
        let from = report.from.to_string();
        let day = from.split('T').next().unwrap_or_default();
        let votes = grouped(real(report.votes));
        let below = format!("{votes} votes in {} snapshots, {day}, times in UTC", report.snapshots);
        let verdict = headline(report);
        self.text("title", 24.0, 40.0, &title);
        self.text("quiet", 24.0, 64.0, &below);
        self.y = 92.0;
        for line in lines_of(&verdict, 80) {
            self.text("head", 24.0, self.y, &line);
            self.y += 20.0;
        }
    }

    /// The findings that are marked, with their numbers.
    fn marked(&self) -> impl Iterator<Item = (usize, &Finding)> {
        let counts = self.analysis.report.findings.iter().filter(|finding| finding.counts);
        (1..).zip(counts.take(LISTED))
    }

    /// All votes and the options, so far.
    fn curves(&mut self) {
        let series = &self.analysis.series;
        let most = series.snapshots.iter().map(|one| real(one.votes)).fold(1.0, f64::max);
        let frame = self.frame(most, 220.0);
        self.text("head", 24.0, self.y + 16.0, "Votes so far");
        self.axes(&frame, true);
        let gaps = &self.analysis.report.gaps;
        let times: Vec<(Timestamp, Timestamp)> =
            gaps.iter().take(POINTS).map(|gap| (gap.from, gap.to)).collect();
        self.gaps(&frame, &times);
        if let Some(left_out) = &self.analysis.report.left_out {
            let x = times.first().map_or(LEFT, |(from, _)| frame.x(real(from.unix_u64())));
            let text = format!("{} not judged", grouped(real(left_out.votes)));
            self.text("quiet", x, frame.bottom - 6.0, &text);
        }
        let exact = |finding: &Finding| finding.p.is_none();
        self.marks(&frame, &|finding| exact(finding) || finding.check == "mixture");
        let mut labels = Vec::new();
        self.curve(&frame, "curve total", &|one| Some(one.votes));
        if let Some(last) = series.snapshots.last() {
            labels.push((frame.y(real(last.votes)), format!("all {}", grouped(real(last.votes)))));
        }
        for (at, name) in shown(series) {
            let of = |one: &Snapshot| one.by_option.as_ref()?.get(at).copied();
            self.curve(&frame, "curve", &of);
            if let Some(last) = series.snapshots.iter().rev().find_map(of) {
                let label = format!("{} {}", lines_of(name, 16).join(" "), grouped(real(last)));
                labels.push((frame.y(real(last)), label));
            }
        }
        spread(&mut labels, 17.0);
        for (y, label) in labels {
            self.text("", RIGHT + 8.0, y + 5.0, &label);
        }
        self.y = frame.bottom + 44.0;
    }

    /// What is marked, in words.
    fn list(&mut self) {
        let marked: Vec<(usize, String)> =
            self.marked().map(|(number, finding)| (number, sentence(finding))).collect();
        for (number, text) in marked {
            for (at, line) in lines_of(&text, 88).iter().enumerate() {
                if at == 0 {
                    self.badge(34.0, self.y - 4.0, number);
                }
                self.text("", 54.0, self.y + 1.0, line);
                self.y += 20.0;
            }
        }
        let all = self.analysis.report.findings.iter().filter(|finding| finding.counts).count();
        if all > LISTED {
            let text = format!("and {} more", all.saturating_sub(LISTED));
            self.text("", 54.0, self.y, &text);
            self.y += 20.0;
        }
        self.y += 16.0;
        let report = &self.analysis.report;
        for gap in report.gaps.iter().take(LISTED) {
            self.paragraph("", &format!("No snapshots, not judged, hatched: {}.", missing(gap)));
        }
        let rest: Vec<String> = report
            .tests
            .iter()
            .filter_map(|line| {
                let why = line.missing.as_ref()?;
                Some(format!("Not made: {}: {why}.", line.test.id()))
            })
            .collect();
        for text in rest {
            self.paragraph("", &text);
        }
        for text in super::NOT_SHOWN {
            self.paragraph("quiet", text);
        }
    }

    fn paragraph(&mut self, class: &str, text: &str) {
        for line in lines_of(text, 96) {
            self.text(class, 24.0, self.y, &line);
            self.y += 20.0;
        }
    }

    fn frame(&self, most: f64, height: f64) -> Frame {
        let (from, to) = self.analysis.series.span();
        let top = self.y + 28.0;
        Frame {
            left: LEFT,
            right: RIGHT,
            top,
            bottom: top + height,
            from: real(from.unix_u64()),
            to: real(to.unix_u64()),
            most,
        }
    }

    fn axes(&mut self, frame: &Frame, hours: bool) {
        let (left, right, bottom) = (frame.left, frame.right, frame.bottom);
        for value in frame.ticks() {
            let y = frame.y(value);
            let _ = writeln!(
                self.body,
                "<line class=\"grid\" x1=\"{left}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\n\
                 <text class=\"quiet\" text-anchor=\"end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                left - 8.0,
                y + 5.0,
                grouped(value)
            );
        }
        let _ = writeln!(
            self.body,
            "<line class=\"axis\" x1=\"{left}\" x2=\"{right}\" \
             y1=\"{bottom:.1}\" y2=\"{bottom:.1}\"/>"
        );
        if !hours {
            return;
        }
        let quarters =
            (0..=4_usize).map(|at| frame.from + (frame.to - frame.from) * length(at) / 4.0);
        for seconds in quarters {
            let whole = i64::try_from(floor(seconds)).unwrap_or_default();
            let time = clock(Timestamp::from_unix(whole).unwrap_or(Timestamp::MAX));
            let (x, y) = (frame.x(seconds), bottom + 20.0);
            let _ = writeln!(
                self.body,
                "<text class=\"quiet\" text-anchor=\"middle\" x=\"{x:.1}\" y=\"{y:.1}\">\
                 {time}</text>"
            );
        }
    }

    fn curve(&mut self, frame: &Frame, class: &str, count: &dyn Fn(&Snapshot) -> Option<u64>) {
        let snapshots = &self.analysis.series.snapshots;
        let step = snapshots.len().div_ceil(POINTS).max(1);
        let some = snapshots.iter().step_by(step).chain(snapshots.last());
        let mut points = String::new();
        for one in some {
            if let Some(count) = count(one) {
                let (x, y) = (frame.x(real(one.time.unix_u64())), frame.y(real(count)));
                let _ = write!(points, "{x:.1},{y:.1} ");
            }
        }
        let points = points.trim_end();
        let _ = writeln!(self.body, "<polyline class=\"{class}\" points=\"{points}\"/>");
    }
}

/// The options that are drawn, with their numbers, in the order of the ballot.
fn shown(series: &Series) -> Vec<(usize, &str)> {
    let last = series.snapshots.iter().rev().find_map(|one| one.by_option.as_ref());
    let votes = |at: usize| last.and_then(|counts| counts.get(at)).copied().unwrap_or_default();
    let mut options: Vec<(usize, &str)> =
        series.options.iter().map(String::as_str).enumerate().collect();
    if last.is_none() {
        options.clear();
    }
    options.sort_by_key(|(at, _)| core::cmp::Reverse(votes(*at)));
    options.truncate(PANELS);
    options.sort_unstable();
    options
}

fn sentence(finding: &Finding) -> String {
    format!("{}, {}", finding.check, said(finding))
}
