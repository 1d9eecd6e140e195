//! The report as people read it: 80 columns of plain text, colour only if the caller asks for it.
//!
//! Both binaries print this, so that a stranger's copy can be laid beside an official's.

use std::fmt::Write as _;
use std::time::Duration;

use crate::finding::{Effect, Finding};
use crate::report::{Anchored, Line, Report, Status, Verdict};

mod campaigns;
mod wrap;

use wrap::wrapped;

/// Columns of a line.
const WIDTH: usize = 80;
/// Where the second column begins.
const INDENT: usize = 12;
/// Width of the second column, before the status.
const WHAT: usize = 39;

/// How to print.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// Mark states with colour. Never the only mark: the word is always there.
    pub colour: bool,
    /// How long the replay took, if that is to be said.
    pub elapsed: Option<Duration>,
}

/// A colour, by what it says.
#[derive(Clone, Copy)]
enum Tone {
    Good,
    Bad,
    Open,
}

impl Style {
    fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Bad => "1;31",
            Tone::Open => "33",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// The report as text, with a newline at its end.
pub fn render(report: &Report, style: Style) -> String {
    let mut page = Page { text: String::new(), style };
    page.heading(report);
    page.text.push('\n');
    for check in &report.checks {
        page.check(check);
    }
    page.campaigns(report);
    page.findings(report);
    page.list("not checked", &report.not_checked);
    page.list("shared code", &report.shared_code);
    page.verdict(report);
    page.text
}

struct Page {
    text: String,
    style: Style,
}

impl Page {
    /// `label       text`, wrapped in the second column.
    fn row(&mut self, label: &str, text: &str) {
        let room = WIDTH.saturating_sub(INDENT);
        for (number, line) in wrapped(text, room).iter().enumerate() {
            let label = if number == 0 { label } else { "" };
            let _ = writeln!(self.text, "{label:INDENT$}{line}");
        }
    }

    fn paragraph(&mut self, text: &str) {
        for line in wrapped(text, WIDTH) {
            let _ = writeln!(self.text, "{line}");
        }
    }

    fn heading(&mut self, report: &Report) {
        match &report.election {
            Some(election) => {
                self.paragraph(&election.title);
                let id = format!("{} ({} election)", election.id, election.purpose);
                self.row("election", &id);
            }
            None => self.paragraph("An election without a charter that can be read"),
        }
        for campaign in &report.linked {
            let text = "this was a trial: its auditors can tell who voted how";
            self.row("not secret", &format!("{campaign}: {text}"));
        }
        self.lacking(report);
        self.row("bundle", &report.bundle);
        let charter = report.election.as_ref().map_or("", |election| &election.charter_short);
        match report.anchored {
            Anchored::Yes => {
                let what = match report.witnesses_amended {
                    Some(_) => " and log keys",
                    None => ", log keys and witnesses",
                };
                self.row("anchored", &format!("charter {charter}…{what} as the anchor has them"));
            }
            Anchored::Mismatch => self.row("anchored", "no: the anchor names something else"),
            Anchored::No => self.row("anchored", "no: nothing outside the bundle vouches for it"),
        }
        if let Some(amended) = &report.witnesses_amended {
            let by = if report.anchored == Anchored::Yes { "anchor" } else { "charter" };
            let text = format!(
                "amended at {}: {} of {} organisations, the {by} has {} of {}",
                amended.index,
                amended.threshold,
                amended.organisations,
                amended.charter_threshold,
                amended.charter_organisations,
            );
            self.row("witnesses", &text);
        }
        self.row("head", &head(report));
    }

    fn check(&mut self, check: &Line) {
        let tone = match check.status {
            Status::Holds => Tone::Good,
            Status::Fails => Tone::Bad,
            Status::Incomplete | Status::NotChecked => Tone::Open,
        };
        let words = check.status.words();
        let said = match &check.because {
            Some(because) => format!("{words}: {because}"),
            None => words.to_owned(),
        };
        let room = WIDTH.saturating_sub(INDENT).saturating_sub(WHAT);
        let what = wrapped(&check.what, WHAT.saturating_sub(2));
        let said = wrapped(&said, room);
        for number in 0..what.len().max(said.len()) {
            let label = if number == 0 { check.section } else { "" };
            let left = what.get(number).map_or("", String::as_str);
            let right = said.get(number).map_or("", String::as_str);
            // The word itself carries the colour, on its first line only.
            let right = match right.strip_prefix(words) {
                Some(rest) if number == 0 => self.style.paint(tone, words) + rest,
                _ => right.to_owned(),
            };
            let line = format!("{label:INDENT$}{left:WHAT$}{right}");
            let _ = writeln!(self.text, "{}", line.trim_end());
        }
    }

    fn findings(&mut self, report: &Report) {
        let mut last = "";
        for finding in &report.findings {
            let is_new = finding.rule.id != last;
            if is_new {
                last = finding.rule.id;
                self.rule(report, finding);
            }
            self.breach(finding);
        }
    }

    /// The id and title, once for all findings of one rule.
    fn rule(&mut self, report: &Report, finding: &Finding) {
        let rule = finding.rule;
        let tone = if rule.effect == Effect::Fails { Tone::Bad } else { Tone::Open };
        let count = report.finding_counts.get(rule.id).copied().unwrap_or(1);
        let times = if count > 1 { format!(" ({count} times)") } else { String::new() };
        let id = self.style.paint(tone, rule.id);
        let _ = write!(self.text, "\n{id}{:1$}", "", INDENT.saturating_sub(rule.id.len()));
        let words = format!("{}: {}{times}", rule.effect.words(), rule.title);
        let mut lines = wrapped(&words, WIDTH.saturating_sub(INDENT)).into_iter();
        let _ = writeln!(self.text, "{}", lines.next().unwrap_or_default());
        for line in lines {
            let _ = writeln!(self.text, "{:INDENT$}{line}", "");
        }
        self.row("  rule", &format!("{} (section {})", rule.rule, rule.section));
        self.row("  to do", rule.advice);
    }

    fn breach(&mut self, finding: &Finding) {
        self.row("  in", &finding.subject);
        self.row("  expected", &finding.expected);
        self.row("  found", &finding.found);
    }

    fn list(&mut self, label: &str, texts: &[String]) {
        if texts.is_empty() {
            return;
        }
        self.text.push('\n');
        for (number, text) in texts.iter().enumerate() {
            self.row(if number == 0 { label } else { "" }, text);
        }
    }

    fn verdict(&mut self, report: &Report) {
        let (tone, words) = verdict(report);
        let words = self.style.paint(tone, &words);
        let _ = write!(self.text, "\n{words}");
        if let Some(elapsed) = self.style.elapsed {
            let _ = write!(self.text, "  {:.2} s", elapsed.as_secs_f64());
        }
        self.text.push('\n');
        self.paragraph(&format!("This does not show {}.", report.does_not_show.join("; ")));
    }
}

fn head(report: &Report) -> String {
    let Some(head) = &report.head else {
        return "none that can be read".to_owned();
    };
    let time = match head.timestamp {
        Some(time) => time.to_string(),
        None => "at an unknown time".to_owned(),
    };
    format!(
        "{} {}, {time}, cosigned by {} of {} organisations ({} needed)",
        head.tree_size,
        if head.tree_size == 1 { "entry" } else { "entries" },
        head.organisations,
        head.organisations_in_force,
        head.threshold,
    )
}

fn verdict(report: &Report) -> (Tone, String) {
    let failed = report.findings.iter().filter(|found| found.rule.effect == Effect::Fails).count();
    let unseen = match report.counts.withheld {
        0 => String::new(),
        1 => " (1 artifact not seen)".to_owned(),
        many => format!(" ({many} artifacts not seen)"),
    };
    match report.verdict {
        Verdict::Holds => (Tone::Good, format!("The evidence holds{unseen}.")),
        Verdict::Fails => {
            let what = if failed == 1 { "1 finding" } else { "see the findings above" };
            (Tone::Bad, format!("The evidence fails: {what}."))
        }
        Verdict::CouldNotCheck => {
            (Tone::Open, format!("This verifier could not check all of it{unseen}."))
        }
        Verdict::Incomplete => {
            (Tone::Open, format!("The evidence is consistent and incomplete{unseen}."))
        }
        Verdict::NotAuthenticated => {
            (Tone::Open, format!("The evidence is consistent, not authenticated{unseen}."))
        }
    }
}

#[cfg(test)]
mod tests;
