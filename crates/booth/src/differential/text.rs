//! The report as people read it: 80 columns of plain text.

use std::fmt::Write as _;

use canon::Timestamp;

use super::measure::Cell;
use super::number::floor;
use super::power::{Power, Rate};
use super::report::{Finding, Made, Report, TestLine, Verdict};
use super::series::Series;
use super::test::Test;
use super::window::Counts;

/// Columns of a line.
const WIDTH: usize = 80;

/// Where the second column begins.
const INDENT: usize = 25;

/// Findings of one check that are shown; the rest are counted.
const SHOWN: usize = 8;

/// The report as text, with a newline at its end.
pub fn render(report: &Report) -> String {
    let mut page = String::new();
    head(&mut page, report);
    page.push('\n');
    for line in &report.rules {
        let state = match (line.snapshots, line.broken) {
            (0, _) => "not checked".to_owned(),
            (_, 0) => "holds".to_owned(),
            (_, 1) => "broken once".to_owned(),
            (_, broken) => format!("broken {broken} times"),
        };
        row(&mut page, line.rule.id(), &format!("{:32}{state}", line.rule.compares()));
    }
    if report.unjudged.is_none() {
        row(&mut page, "", "compared        p  at most  spread");
    }
    for line in &report.tests {
        row(&mut page, line.test.id(), &outcome(line));
    }
    findings(&mut page, report);
    if let Some(power) = &report.power {
        strengths(&mut page, power);
    }
    page.push('\n');
    let verdict = match report.verdict {
        Verdict::NothingFound => "Nothing was found.",
        Verdict::Found => "Something was found that has to be explained.",
        Verdict::NotChecked => "The growth could not be judged. What could be is as it should be.",
    };
    let _ = writeln!(page, "{verdict}");
    for text in &report.not_shown {
        wrapped(&mut page, "", 0, text);
    }
    page
}

fn head(page: &mut String, report: &Report) {
    let _ = writeln!(page, "{}: how its votes came in", report.campaign);
    let snapshots = format!("{}, {} to {}", report.snapshots, report.from, report.to);
    row(page, "snapshots", &snapshots);
    let windows = match &report.unjudged {
        Some(why) => why.clone(),
        None => format!("{} windows of {}", report.windows, duration(report.window_s)),
    };
    row(page, "votes", &format!("{}; {windows}", report.votes));
    let shards = if report.shards == 1 { "shard" } else { "shards" };
    row(page, "batches", &format!("k = {}, {} {shards}", report.k, report.shards));
    let share = percent(report.false_alarms);
    let text = format!("{share} of honest campaigns, all tests that count together");
    row(page, "false alarms", &text);
    row(page, "simulated", &format!("{} honest days", report.draws));
    let _ = writeln!(page, "seed, series    {}", report.seed);
}

fn outcome(line: &TestLine) -> String {
    let Some(made) = line.made else {
        return format!("not checked: {}", line.missing.unwrap_or_default());
    };
    let found = match (made.is_found(), line.counts) {
        (false, _) => "nothing found",
        (true, true) => "FOUND",
        (true, false) => "noted",
    };
    let Made { comparisons, level, p, spread } = made;
    format!("{comparisons:>8}{p:>9.4}{level:>9.4}{spread:>8.2}  {found}")
}

fn findings(page: &mut String, report: &Report) {
    for (title, counts) in [("found", true), ("noted", false)] {
        let mut shown = (0_usize, "");
        let mut hidden = 0_usize;
        let mut is_first = true;
        for finding in report.findings.iter().filter(|finding| finding.counts == counts) {
            shown = if shown.1 == finding.check {
                (shown.0.saturating_add(1), shown.1)
            } else {
                (0, finding.check)
            };
            if shown.0 >= SHOWN {
                hidden = hidden.saturating_add(1);
                continue;
            }
            if is_first {
                let _ = writeln!(page, "\n{title}");
                is_first = false;
            }
            wrapped(page, &format!("  {}", finding.check), INDENT, &said(finding));
        }
        if hidden > 0 {
            row(page, "", &format!("and {hidden} more; --json has them all"));
        }
    }
}

/// A finding as one sentence.
pub(super) fn said(finding: &Finding) -> String {
    let when = if finding.from == finding.to {
        finding.from.to_string()
    } else {
        format!("{} to {}", clock(finding.from), clock(finding.to))
    };
    let of = finding.of.as_ref().map(|of| format!(", {of}")).unwrap_or_default();
    let p = finding.p.map(|p| format!(" (p {p:.4})")).unwrap_or_default();
    format!("{when}{of}: {}{p}", finding.text)
}

fn strengths(page: &mut String, power: &Power) {
    let days = power.any.days;
    let _ = writeln!(page, "\nfalse alarms on {days} simulated honest days");
    for (test, rate) in &power.honest {
        row(page, &format!("  {}", test.id()), &share(*rate));
    }
    row(page, "  any of them", &share(power.any));
    let title = "smallest that is found on 80 % of days";
    let _ = writeln!(page, "\n{title:47}   votes   found on");
    for one in &power.smallest {
        let votes = one.votes.map_or_else(|| "none".to_owned(), |votes| votes.to_string());
        let what = format!("  {}", one.manipulation.text());
        let (test, share) = (one.test.id(), share(one.rate));
        let _ = writeln!(page, "{what:37}{test:10}{votes:>8}   {share}");
    }
    if power.smallest.iter().any(|one| one.votes.is_none()) {
        wrapped(page, "", 2, "  none: not even with all votes that are there");
    }
    let _ = writeln!(page, "\n{:47}   votes   found on", "slow manipulations, by any test");
    for one in &power.slow {
        let what = format!("  {}", one.manipulation.text());
        let found = if one.rate.share() < 0.8 { "  not found" } else { "  found" };
        let (part, share) = (percent(one.share), share(one.rate));
        let _ = writeln!(page, "{what:37}{part:10}{:>8}   {share}{found}", one.votes);
    }
    for limit in &power.limits {
        let text = format!(
            "more than {} added votes break a rule, however slowly they are added: no more {} are \
             unused",
            limit.votes, limit.of
        );
        wrapped(page, "  without statistics", INDENT, &text);
    }
}

/// `80.5 % ± 2.0`.
fn share(rate: Rate) -> String {
    format!("{:.1} % ± {:.1}", rate.share() * 100.0, rate.error() * 100.0)
}

fn percent(share: f64) -> String {
    format!("{} %", (share * 1000.0).round() / 10.0)
}

fn row(page: &mut String, label: &str, text: &str) {
    wrapped(page, label, INDENT, text);
}

/// A label, and text behind it that begins at `indent` and stays within the columns.
fn wrapped(page: &mut String, label: &str, indent: usize, text: &str) {
    let mut line = format!("{label:indent$}");
    let mut used = line.chars().count();
    let mut is_empty = true;
    for part in text.split(' ') {
        let length = part.chars().count();
        if !is_empty && used.saturating_add(length).saturating_add(1) > WIDTH {
            let _ = writeln!(page, "{}", line.trim_end());
            line = " ".repeat(indent);
            used = indent;
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
            used = used.saturating_add(1);
        }
        line.push_str(part);
        used = used.saturating_add(length);
        is_empty = false;
    }
    let _ = writeln!(page, "{}", line.trim_end());
}

/// `14:05` in UTC.
pub(super) fn clock(time: Timestamp) -> String {
    let text = time.to_string();
    text.get(11..16).unwrap_or_default().to_owned()
}

fn duration(seconds: u64) -> String {
    let (minutes, rest) = (seconds / 60, seconds % 60);
    match (minutes, rest) {
        (0, rest) => format!("{rest} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, rest) => format!("{minutes} min {rest} s"),
    }
}

/// What a jump or a stall is.
pub(super) fn step(test: Test, grown: f64, expected: f64) -> String {
    let (grown, expected) = (grown.round(), expected.round());
    let more = if grown > expected { "jump" } else { "stall" };
    match test {
        Test::Stamps => surplus("stamps", grown, expected),
        Test::CheckIns => surplus("check-ins", grown, expected),
        Test::Stations => format!("{more}: {grown} stamps where {expected} were expected"),
        _ => format!("{more}: {grown} votes where {expected} were expected"),
    }
}

/// Stamps or check-ins against votes.
fn surplus(what: &str, grown: f64, expected: f64) -> String {
    let kind = if grown > expected {
        format!("{what} without votes")
    } else {
        format!("votes without {what}")
    };
    let side = |count: f64| if count < 0.0 { "fewer" } else { "more" };
    format!(
        "{kind}: {} {what} {} than votes, where {} {} were expected",
        grown.abs(),
        side(grown),
        expected.abs(),
        side(expected)
    )
}

/// What a shift or a drift is: the option whose share changes most, or the one it is about.
pub(super) fn shift(counts: &Counts, series: &Series, cell: Cell) -> String {
    let options = counts.options.as_deref().unwrap_or_default();
    let share = |number: usize, from: usize, to: usize| -> f64 {
        let width = to.saturating_sub(from);
        let sum = |row: &[f64]| row.iter().skip(from).take(width).sum::<f64>();
        let whole = sum(&counts.votes);
        let part = options.get(number).map_or(0.0, |row| sum(row));
        if whole > 0.0 { part / whole } else { 0.0 }
    };
    let count = counts.votes.len();
    if let Some(number) = cell.number {
        let third = count / 3;
        let (early, late) =
            (share(number, 0, third), share(number, count.saturating_sub(third), count));
        return format!(
            "from {:.1} % in the first third of the day to {:.1} % in the last",
            early * 100.0,
            late * 100.0
        );
    }
    let (before, after) = (cell.window.saturating_sub(1), cell.window.saturating_add(1));
    let change = |number: usize| {
        (share(number, before, cell.window), share(number, cell.window, after), number)
    };
    let most = (0..options.len())
        .map(change)
        .max_by(|one, other| (one.1 - one.0).abs().total_cmp(&(other.1 - other.0).abs()));
    let Some((from, to, number)) = most else { return String::new() };
    let name = series.options.get(number).map_or("", String::as_str);
    format!("the mixture shifts: {name} from {:.1} % to {:.1} %", from * 100.0, to * 100.0)
}

/// A count for people, grouped in threes.
pub(super) fn grouped(count: f64) -> String {
    let digits = floor(count.max(0.0)).to_string();
    let mut text = String::new();
    for (left, digit) in (0..digits.len()).rev().zip(digits.chars()) {
        text.push(digit);
        if left > 0 && left.checked_rem(3) == Some(0) {
            text.push('\u{202f}');
        }
    }
    text
}
