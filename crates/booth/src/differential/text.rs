//! The report as people read it: 80 columns of plain text.

use std::fmt::Write as _;

use canon::Timestamp;

use super::number::floor;
use super::power::{Power, Rate};
use super::report::{Finding, GapLine, Made, Report, TestLine, Verdict};

mod words;

pub(super) use words::{folded, lean, ordinal, rhythm, shift, spread, step};

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
        if let Some(partly) = &line.partly {
            row(&mut page, "", &format!("{partly}, which only other snapshots tell of"));
        }
        if line.made.is_some() && line.snapshots < report.snapshots {
            row(&mut page, "", &format!("on the {} snapshots that tell of it", line.snapshots));
        }
        if let Some(left) = &line.left_out {
            let share = percent(left.share);
            let text = format!("{} votes ({share}) came in gaps of those", left.votes);
            row(&mut page, "", &text);
        }
    }
    findings(&mut page, report);
    if let Some(power) = &report.power {
        strengths(&mut page, power);
    }
    page.push('\n');
    wrapped(&mut page, "", 0, &headline(report));
    for text in &report.not_shown {
        wrapped(&mut page, "", 0, text);
    }
    page
}

/// The sum of it: what was found, how much was looked at, and what was not.
pub(super) fn headline(report: &Report) -> String {
    let (made, all) = (report.tests_made, report.tests_counting);
    let mut text = match report.verdict {
        Verdict::NothingFound if made == all => format!("Nothing was found by all {all} tests."),
        Verdict::NothingFound => {
            format!("Nothing was found by the {made} of {all} tests that could be made.")
        }
        Verdict::Found => {
            format!("Something was found that has to be explained. {made} of {all} tests made.")
        }
        Verdict::NotChecked => {
            let none = format!("none of {all} tests made");
            format!("The growth could not be judged: {none}. What could be checked holds.")
        }
    };
    if let Some(left_out) = &report.left_out {
        let share = percent(left_out.share);
        let _ = write!(
            text,
            " {} votes ({share}) came where snapshots were missing, and were not judged.",
            left_out.votes
        );
    }
    text
}

/// A gap as one sentence.
pub(super) fn missing(gap: &GapLine) -> String {
    let seconds = gap.to.unix_u64().saturating_sub(gap.from.unix_u64());
    let (from, to, votes) = (clock(gap.from), clock(gap.to), gap.votes);
    let usual = gap.usual.map(|usual| format!(", about {usual} at the pace around it"));
    let usual = usual.unwrap_or_default();
    format!("{from} to {to} ({}): {votes} votes{usual}", duration(seconds))
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
    let (cadence, longest) = (duration(report.cadence_s), duration(report.longest_step_s));
    row(page, "cadence", &format!("a snapshot every {cadence}, at most {longest} without one"));
    for (at, gap) in report.gaps.iter().enumerate().take(SHOWN) {
        row(page, if at == 0 { "no snapshots" } else { "" }, &missing(gap));
    }
    if report.gaps.len() > SHOWN {
        let more = report.gaps.len().saturating_sub(SHOWN);
        row(page, "", &format!("and {more} more times; --json has them all"));
    }
    if let Some(left) = &report.left_out {
        let share = percent(left.share);
        let text = format!("{} votes ({share}), about {} windows", left.votes, left.windows);
        row(page, "not judged", &text);
    }
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
        return format!("not made: {}", line.missing.as_deref().unwrap_or_default());
    };
    let found = match (made.is_found(), line.counts) {
        (false, _) => "nothing found",
        (true, true) => "FOUND",
        (true, false) => "noted",
    };
    let Made { comparisons, level, p, spread } = made;
    let spread = if line.test.is_scaled() { format!("{spread:>8.2}") } else { " ".repeat(8) };
    format!("{comparisons:>8}{p:>9.4}{level:>9.4}{spread}  {found}")
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
    bursts(page, power);
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

/// Many small bursts: how many votes in all.
fn bursts(page: &mut String, power: &Power) {
    if power.bursts.is_empty() {
        return;
    }
    let title = "smallest found in bursts, by any test";
    let _ = writeln!(page, "\n{title:47}   votes   found on");
    for one in &power.bursts {
        let votes = one.votes.map_or_else(|| "none".to_owned(), |votes| votes.to_string());
        let when = one.when.text();
        let what = format!("  {}", one.manipulation.text());
        let _ = writeln!(page, "{what:22}{when:25}{votes:>8}   {}", share(one.rate));
    }
}

/// `80.5 % ± 2.0`.
fn share(rate: Rate) -> String {
    format!("{:.1} % ± {:.1}", rate.share() * 100.0, rate.error() * 100.0)
}

pub(super) fn percent(share: f64) -> String {
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

pub(super) fn duration(seconds: u64) -> String {
    let (minutes, rest) = (seconds / 60, seconds % 60);
    match (minutes, rest) {
        (0, rest) => format!("{rest} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, rest) => format!("{minutes} min {rest} s"),
    }
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
