use std::collections::BTreeSet;

use super::{Effect, Finding, Findings, LISTED_PER_ID, families, log, page, table};

/// Where the page stands, seen from this crate.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/spec/findings.md");

#[test]
fn ids_are_unique_ordered_and_of_their_family() {
    let mut seen = BTreeSet::new();
    for family in families() {
        let mut before = 0;
        for rule in family.rules {
            let number =
                rule.id.strip_prefix(family.prefix).and_then(|rest| rest.strip_prefix('-'));
            let number = number.filter(|digits| digits.len() == 3).unwrap_or_else(|| {
                panic!("{} is no id of {}", rule.id, family.prefix);
            });
            // Numbers may be missing: one that is given up is not used again.
            let number: u16 = number.parse().unwrap();
            assert!(number > before, "{} stands behind {before}", rule.id);
            before = number;
            assert!(seen.insert(rule.id), "{} stands twice", rule.id);
        }
    }
    assert!(seen.len() > 50);
}

#[test]
fn titles_differ_and_texts_are_sentences() {
    let mut titles = BTreeSet::new();
    for rule in table() {
        assert!(titles.insert(rule.title), "{}: {} stands twice", rule.id, rule.title);
        assert!(!rule.title.ends_with('.'), "{}", rule.id);
        for text in [rule.rule, rule.advice] {
            assert!(text.ends_with('.'), "{}: {text}", rule.id);
            assert!(text.starts_with(char::is_uppercase), "{}: {text}", rule.id);
            for word in ["!", "Please", "please", "secure", "trusted"] {
                assert!(!text.contains(word), "{}: {text}", rule.id);
            }
        }
        assert!(!rule.section.is_empty());
    }
}

#[test]
fn the_page_is_made_from_the_table() {
    let page = std::fs::read_to_string(PAGE).expect("docs/spec/findings.md");
    assert!(page == page::markdown(), "write docs/spec/findings.md again from the table");
}

#[test]
fn findings_are_counted_beyond_those_listed() {
    let mut findings = Findings::default();
    for index in 0..1000_u64 {
        findings.push(Finding::entry(&log::LEAF_TIME_BACK, 999 - index, "later", "earlier"));
    }
    findings.push(Finding::new(&log::HEAD_MISSING, "checkpoint", "a head", "nothing"));
    assert_eq!(findings.count(&log::LEAF_TIME_BACK), 1000);
    assert_eq!(findings.total(), 1001);
    assert!(findings.any_with(Effect::Fails) && !findings.any_with(Effect::Incomplete));
    let listed = findings.into_sorted();
    assert_eq!(listed.len(), LISTED_PER_ID + 1);
    assert_eq!(listed[0].rule.id, "LOG-001");
    // The first by index, though they came last.
    assert_eq!(listed[1].index, Some(0));
    assert!(listed[1].index < listed[2].index);
}
