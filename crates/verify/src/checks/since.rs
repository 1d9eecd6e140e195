//! Consistency with a head that somebody kept from earlier.

use std::collections::BTreeMap;

use canon::Digest;

use super::head::{HeadRead, LogKeys, read};
use crate::finding::{Finding, Findings, Rule, log};

/// The rules about an older head.
pub(crate) static RULES: &[&Rule] = &[
    &log::OLD_HEAD_FOREIGN,
    &log::OLD_HEAD_LARGER,
    &log::SHRUNK,
    &log::FORKED,
    &log::OLD_HEAD_NOT_HELD,
];

/// How reports call it.
const PATH: &str = "the older head";

/// Holds an older head against the log. Its witnesses are not asked for: the log's signature is
/// enough to hold the log to it.
pub(crate) fn check(
    bytes: &[u8],
    keys: &LogKeys,
    roots: &BTreeMap<u64, Digest>,
    last: Option<&HeadRead>,
    findings: &mut Findings,
) -> Option<u64> {
    let mut own = Vec::new();
    let old = read(PATH, bytes, keys, false, &mut own)?;
    if !old.signed {
        let expected = format!("a signature by {}", keys.checkpoint);
        findings.push(Finding::new(&log::OLD_HEAD_FOREIGN, PATH, expected, "none that holds"));
        return Some(old.size);
    }
    let Some(last) = last else {
        findings.push(not_held(&old, "no head to hold it against"));
        return Some(old.size);
    };
    if old.size > last.size {
        let later = matches!((old.time, last.time), (Some(old), Some(new)) if old <= new);
        let rule = if later { &log::SHRUNK } else { &log::OLD_HEAD_LARGER };
        let (expected, found) = (old.size.to_string(), last.size.to_string());
        findings.push(Finding::new(rule, PATH, format!("{expected} entries or more"), found));
        return Some(old.size);
    }
    match roots.get(&old.size) {
        Some(root) if *root != old.root => {
            let (expected, found) = (old.root.to_string(), root.to_string());
            findings.push(Finding::new(&log::FORKED, PATH, expected, found));
        }
        Some(_) => {}
        None => findings.push(not_held(&old, "not all of them were read")),
    }
    Some(old.size)
}

/// Nothing is known against it, and nothing for it.
fn not_held(old: &HeadRead, found: &str) -> Finding {
    Finding::new(&log::OLD_HEAD_NOT_HELD, PATH, format!("the root over {} leaves", old.size), found)
}
