//! Rules of one payload that a schema cannot state.

use core::fmt::{self, Display};
use std::collections::HashSet;
use std::hash::Hash;

/// A rule that a payload breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The member, as `draws`.
    pub member: &'static str,
    /// What must hold.
    pub rule: &'static str,
    /// What was found instead.
    pub found: String,
}

impl Broken {
    pub(crate) fn new(member: &'static str, rule: &'static str, found: impl Display) -> Self {
        Self { member, rule, found: found.to_string() }
    }
}

impl Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}, found {}", self.member, self.rule, self.found)
    }
}

/// Reports every value that comes a second time, once.
pub(crate) fn distinct<T: Eq + Hash + Display>(
    broken: &mut Vec<Broken>,
    member: &'static str,
    rule: &'static str,
    values: impl Iterator<Item = T>,
) {
    let mut seen = HashSet::new();
    let mut told = HashSet::new();
    for value in values {
        if seen.contains(&value) {
            if !told.contains(&value) {
                broken.push(Broken::new(member, rule, &value));
                told.insert(value);
            }
        } else {
            seen.insert(value);
        }
    }
}

/// `1 rule`, `2 rules`.
pub(crate) fn count(broken: &[Broken]) -> String {
    match broken.len() {
        1 => "1 rule".into(),
        many => format!("{many} rules"),
    }
}

/// Every broken rule in one line.
pub(crate) fn join(broken: &[Broken]) -> String {
    broken.iter().map(Broken::to_string).collect::<Vec<_>>().join("; ")
}
