use super::*;
use crate::finding::{Rule, artifact, charter, log, table};

fn with(rules: &[&'static Rule]) -> Findings {
    let mut findings = Findings::default();
    for rule in rules {
        findings.push(Finding::new(rule, "x", "a", "b"));
    }
    findings
}

#[test]
fn the_gravest_effect_decides() {
    assert_eq!(Verdict::of(&Findings::default()), Verdict::Holds);
    let no_anchor = &charter::NO_ANCHOR;
    assert_eq!(Verdict::of(&with(&[no_anchor])), Verdict::NotAuthenticated);
    assert_eq!(Verdict::of(&with(&[no_anchor, &charter::OPEN])), Verdict::Incomplete);
    let version = &artifact::VERSION_UNKNOWN;
    assert_eq!(Verdict::of(&with(&[no_anchor, &charter::OPEN, version])), Verdict::CouldNotCheck);
    assert_eq!(Verdict::of(&with(&[version, &log::FORKED, no_anchor])), Verdict::Fails);
}

#[test]
fn only_what_holds_exits_with_nought() {
    let codes = [
        (Verdict::Holds, 0),
        (Verdict::Fails, 1),
        (Verdict::CouldNotCheck, 2),
        (Verdict::Incomplete, 2),
        (Verdict::NotAuthenticated, 2),
    ];
    for (verdict, code) in codes {
        assert_eq!(verdict.exit_code(), code);
    }
    for rule in table() {
        assert_ne!(Verdict::of(&with(&[rule])).exit_code(), 0, "{}", rule.id);
    }
}

#[test]
fn a_line_says_the_gravest_of_its_rules() {
    let rules: &[&'static Rule] = &[&charter::OPEN, &charter::OWED, &charter::FAULTY];
    let line = |findings: &Findings| Line::checked("charter", "it", rules, findings);
    assert_eq!(line(&Findings::default()).status, Status::Holds);
    assert_eq!(line(&with(&[&charter::OWED])).status, Status::Incomplete);
    let both = line(&with(&[&charter::OWED, &charter::FAULTY]));
    assert_eq!(both.status, Status::Fails);
    assert_eq!(both.because.as_deref(), Some("CHA-002, CHA-011"));
}
