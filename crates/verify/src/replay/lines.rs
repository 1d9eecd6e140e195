//! The lines of the report: one a check, with its numbers.

use artifact::kind::ArtifactKind;

use crate::checks::audit::{Audited, SAMPLE_RULES, SEED_RULES};
use crate::checks::{charter, entry, head, heads, promise, raw, since};
use crate::finding::{Findings, Rule, bundle, log};
use crate::options::Options;
use crate::report::{Counts, Line};

use super::booths::Booths;
use super::{files, ledger};

mod booth;

/// The rules about leaves and what follows from them.
static LEAF_RULES: &[&Rule] =
    &[&log::LEAVES_MISSING, &log::LEAF_MALFORMED, &log::LEAF_ELECTION, &log::LEAF_TIME_BACK];

/// The rules about tiles and entries.
static TILE_RULES: &[&Rule] = &[
    &log::ENTRIES_MISSING,
    &log::ENTRIES_DIFFER,
    &log::TILE_MISSING,
    &log::TILE_DIFFERS,
    &log::LEAF_COPY_DIFFERS,
];

/// What the lines speak of.
pub(super) struct Seen<'a> {
    pub(super) counts: &'a Counts,
    pub(super) audited: &'a Audited,
    /// The campaigns of the booth path.
    pub(super) booths: &'a Booths,
    pub(super) options: &'a Options,
    /// Size of the older head, if one was given.
    pub(super) since: Option<u64>,
    /// Index of the close.
    pub(super) closed_at: Option<u64>,
    /// How many entry types the phases owe.
    pub(super) owed: usize,
    /// Whether custody events are among them.
    pub(super) custody_owed: bool,
    /// Why no more than the charter was looked at, if so.
    pub(super) stopped: Option<&'static str>,
}

/// The lines, in the order in which a person would ask.
pub(super) fn lines(seen: &Seen<'_>, findings: &Findings) -> Vec<Line> {
    let mut lines = vec![bundle_line(seen, findings), anchor_line(seen, findings)];
    if let Some(why) = seen.stopped {
        lines.push(Line::checked("charter", "the charter", charter::RULES, findings));
        lines.extend(not_judged(why, findings));
        return lines;
    }
    log_lines(seen, findings, &mut lines);
    lines.push(Line::checked(
        "charter",
        match seen.counts.amendments {
            0 => "charter, never amended".to_owned(),
            1 => "charter and 1 amendment".to_owned(),
            many => format!("charter and {many} amendments"),
        },
        charter::RULES,
        findings,
    ));
    let Counts { signatures, keys, artifacts, raw_files, .. } = seen.counts;
    let what = format!("{} by {}", of(*signatures, "signature"), of(*keys, "key"));
    lines.push(Line::checked("roles", what, entry::ROLE_RULES, findings));
    let what = format!("{}, digests and form", of(*artifacts, "artifact"));
    lines.push(Line::checked("artifacts", what, entry::ARTIFACT_RULES, findings));
    lines.extend(given_line(seen, findings));
    let what = if findings.any_of(ledger::RULES) {
        "duplicates and citations"
    } else {
        "nothing twice, nothing cited in vain"
    };
    lines.push(Line::checked("artifacts", what, ledger::RULES, findings));
    lines.push(match raw_files {
        0 if !findings.any_of(raw::RULES) => {
            Line::not_checked("raw files", "none", "none listed", raw::RULES)
        }
        many => Line::checked("raw files", of(*many, "raw file"), raw::RULES, findings),
    });
    audit_lines(seen, findings, &mut lines);
    booth::lines(seen, findings, &mut lines);
    lines.push(custody_line(seen));
    lines.push(owed_line(seen, findings));
    lines
}

/// A line only if there is something to say.
fn given_line(seen: &Seen<'_>, findings: &Findings) -> Option<Line> {
    let rules = entry::GIVEN_RULES;
    let given = u64::try_from(seen.options.artifacts.len()).unwrap_or(u64::MAX);
    match (given, seen.counts.withheld) {
        (0, 0) => None,
        (0, many) => {
            let what = of(many, "withheld artifact");
            Some(Line::not_checked("artifacts", what, "their leaves only", rules))
        }
        (many, _) => {
            let what = format!("{} beside the bundle", of(many, "given artifact"));
            Some(Line::checked("artifacts", what, rules, findings))
        }
    }
}

fn bundle_line(seen: &Seen<'_>, findings: &Findings) -> Line {
    let rules = files::RULES;
    match seen.counts.files {
        Some(count) => {
            let what = accounted(count, findings);
            match seen.stopped.filter(|_| !findings.any_of(rules)) {
                None => Line::checked("bundle", what, rules, findings),
                Some(why) => Line::not_checked("bundle", of(count, "file"), why, rules),
            }
        }
        None if findings.any_of(rules) => Line::checked("bundle", "files", rules, findings),
        None => {
            let why = "an address cannot be listed";
            Line::not_checked("bundle", "whether there are other files", why, rules)
        }
    }
}

/// `20 files, all of them accounted for`, or what can be said instead.
fn accounted(count: u64, findings: &Findings) -> String {
    let strays =
        findings.count(&bundle::STRANGE_NAME).saturating_add(findings.count(&bundle::UNREACHED));
    let what = of(count, "file");
    match strays {
        0 if !findings.any_of(files::RULES) => format!("{what}, all of them accounted for"),
        0 => what,
        many => format!("{what}, {many} not accounted for"),
    }
}

fn anchor_line(seen: &Seen<'_>, findings: &Findings) -> Line {
    let rules = charter::ANCHOR_RULES;
    let stopped = seen.stopped.filter(|_| !findings.any_of(rules));
    match (&seen.options.anchor, stopped) {
        (Some(_), None) => Line::checked("anchor", "charter, log keys, witnesses", rules, findings),
        (Some(_), Some(why)) => Line::not_checked("anchor", "the charter", why, rules),
        (None, _) => Line::not_checked("anchor", "the charter", "no anchor was given", rules),
    }
}

fn log_lines(seen: &Seen<'_>, findings: &Findings, lines: &mut Vec<Line>) {
    let counts = seen.counts;
    lines.push(Line::checked("log", of(counts.entries, "leaf"), LEAF_RULES, findings));
    let what = format!("{} of tree, entries, leaves", of(counts.tiles, "file"));
    lines.push(Line::checked("log", what, TILE_RULES, findings));
    let earlier = counts.heads.saturating_sub(1);
    let what = format!("the head and {}: signatures", of(earlier, "head by size"));
    lines.push(Line::checked("log", what, head::RULES, findings));
    lines.push(Line::checked("log", "their roots", heads::ROOT_RULES, findings));
    lines.push(Line::checked("log", "their times", heads::TIME_RULES, findings));
    lines.push(Line::checked("witnesses", "their signatures", head::WITNESS_RULES, findings));
    lines.push(if let Some(size) = seen.since {
        let what = if findings.any_of(since::RULES) {
            format!("growth from the older head of {size}")
        } else {
            format!("grown from the older head of {size}")
        };
        Line::checked("log", what, since::RULES, findings)
    } else {
        let why = "no older head was given";
        Line::not_checked("log", "growth since you last looked", why, since::RULES)
    });
    lines.push(match seen.options.promises.len() {
        0 => Line::not_checked("log", "its promises", "none was given", promise::RULES),
        many => {
            let many = u64::try_from(many).unwrap_or(u64::MAX);
            Line::checked("log", of(many, "promise"), promise::RULES, findings)
        }
    });
}

fn audit_lines(seen: &Seen<'_>, findings: &Findings, lines: &mut Vec<Line>) {
    let audited = seen.audited;
    let found = findings.any_of(SEED_RULES);
    if audited.seeds.is_empty() && !found {
        lines.push(Line::not_checked("audit", "no seed", "none was revealed", SEED_RULES));
    } else if audited.seeds.is_empty() {
        lines.push(Line::checked("audit", "the seed", SEED_RULES, findings));
    }
    for (commit, reveal) in audited.seeds.iter().take(8) {
        let what = format!("seed committed at {commit}, revealed at {reveal}");
        lines.push(Line::checked("audit", what, SEED_RULES, findings));
    }
    lines.push(match (audited.samples, audited.not_drawn) {
        (0, 0) => Line::not_checked("audit", "no sample", "none was drawn", SAMPLE_RULES),
        (0, _) if !findings.any_of(SAMPLE_RULES) => {
            let why = if audited.redraw {
                "its seed or manifest is not there"
            } else {
                "not the anchor's charter"
            };
            Line::not_checked("audit", "the sample", why, SAMPLE_RULES)
        }
        (0, _) => Line::checked("audit", "the sample", SAMPLE_RULES, findings),
        (samples, _) => {
            let what =
                format!("{} redrawn in {}", of(audited.draws, "draw"), of(samples, "sample"));
            Line::checked("audit", what, SAMPLE_RULES, findings)
        }
    });
}

fn custody_line(seen: &Seen<'_>) -> Line {
    let kind = ArtifactKind::CustodyEvent.as_str();
    match seen.counts.by_kind.get(kind).copied().unwrap_or(0) {
        0 if seen.custody_owed => {
            Line::not_checked("custody", "no events", "owed and not there", &[])
        }
        0 => Line::not_checked("custody", "no events", "none owed by this charter", &[]),
        many => {
            let why = "signatures only, not seals and times";
            Line::not_checked("custody", of(many, "event"), why, &[])
        }
    }
}

fn owed_line(seen: &Seen<'_>, findings: &Findings) -> Line {
    let owed = u64::try_from(seen.owed).unwrap_or(u64::MAX);
    let close = match seen.closed_at {
        Some(index) => format!("closed at {index}"),
        None => "not closed".to_owned(),
    };
    let what = format!("{close}, {} owed", of(owed, "entry type"));
    Line::checked("complete", what, charter::OWED_RULES, findings)
}

/// All that depends on a charter.
fn not_judged(why: &str, findings: &Findings) -> Vec<Line> {
    let groups: [(&'static str, &str, &[&[&'static Rule]]); 7] = [
        (
            "log",
            "leaves, tiles, heads, witnesses",
            &[
                LEAF_RULES,
                TILE_RULES,
                head::RULES,
                heads::ROOT_RULES,
                heads::TIME_RULES,
                head::WITNESS_RULES,
                since::RULES,
                promise::RULES,
            ],
        ),
        ("roles", "signatures", &[entry::ROLE_RULES]),
        ("artifacts", "digests and form", &[entry::ARTIFACT_RULES, ledger::RULES]),
        ("raw files", "digests and sizes", &[raw::RULES]),
        ("audit", "seed and samples", &[SEED_RULES, SAMPLE_RULES]),
        ("booth", "campaigns and snapshots", booth::ALL),
        ("complete", "what is owed", &[charter::OWED_RULES]),
    ];
    groups
        .into_iter()
        .map(|(section, what, rules)| {
            let rules = rules.concat();
            if findings.any_of(&rules) {
                Line::checked(section, what, &rules, findings)
            } else {
                Line::not_checked(section, what, why, &rules)
            }
        })
        .collect()
}

/// `1 leaf`, `27 leaves`.
fn of(count: u64, noun: &str) -> String {
    if count == 1 {
        return format!("1 {noun}");
    }
    match noun {
        "leaf" => format!("{count} leaves"),
        "head by size" => format!("{count} heads by size"),
        _ => format!("{count} {noun}s"),
    }
}

/// Every rule is one that some line speaks of: what is found never leaves all lines at "holds".
#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::finding::{Finding, table};
    use crate::report::Status;

    #[test]
    fn no_line_says_the_opposite_of_its_verdict() {
        let mut findings = Findings::default();
        assert_eq!(accounted(20, &findings), "20 files, all of them accounted for");
        findings.push(Finding::new(&bundle::UNREADABLE, "x", "a", "b"));
        assert_eq!(accounted(20, &findings), "20 files");
        findings.push(Finding::new(&bundle::STRANGE_NAME, "x", "a", "b"));
        findings.push(Finding::new(&bundle::UNREACHED, "y", "a", "b"));
        assert_eq!(accounted(20, &findings), "20 files, 2 not accounted for");
        for rule in [ledger::RULES[0], since::RULES[0]] {
            findings.push(Finding::new(rule, "x", "a", "b"));
        }
        let counts = Counts { files: Some(20), ..Counts::default() };
        let seen = Seen {
            counts: &counts,
            audited: &Audited::default(),
            booths: &Booths::default(),
            options: &Options::default(),
            since: Some(7),
            closed_at: None,
            owed: 1,
            custody_owed: true,
            stopped: None,
        };
        let lines = lines(&seen, &findings);
        for line in lines.iter().filter(|line| line.status == Status::Fails) {
            for claim in ["all of them", "nothing twice", "grown from"] {
                assert!(!line.what.contains(claim), "{}", line.what);
            }
        }
        assert!(lines.iter().any(|line| line.what == "growth from the older head of 7"));
        let custody = lines.iter().find(|line| line.section == "custody").unwrap();
        assert_eq!(custody.because.as_deref(), Some("owed and not there"));
    }

    #[test]
    fn every_rule_has_a_line() {
        let all = [
            files::RULES,
            charter::RULES,
            charter::ANCHOR_RULES,
            charter::OWED_RULES,
            LEAF_RULES,
            TILE_RULES,
            head::RULES,
            head::WITNESS_RULES,
            heads::ROOT_RULES,
            heads::TIME_RULES,
            since::RULES,
            promise::RULES,
            entry::ROLE_RULES,
            entry::ARTIFACT_RULES,
            entry::GIVEN_RULES,
            ledger::RULES,
            raw::RULES,
            SEED_RULES,
            SAMPLE_RULES,
        ];
        let all: Vec<&[&Rule]> = all.iter().chain(booth::ALL).copied().collect();
        let spoken: Vec<&str> = all.iter().flat_map(|rules| rules.iter().map(|r| r.id)).collect();
        let distinct: BTreeSet<&str> = spoken.iter().copied().collect();
        assert_eq!(spoken.len(), distinct.len(), "a rule stands in two lines");
        assert_eq!(distinct, table().map(|rule| rule.id).collect());
    }
}
