//! Findings: what the evidence shows that it should not.
//!
//! Bad evidence is an answer, not an error. Each finding names one rule of a fixed table (its id
//! never changes and is never used again for something else), the thing that breaks it, what was
//! expected and what was found. The table is the source of `docs/spec/findings.md`.

use std::collections::BTreeMap;

use serde::Serialize;

pub mod artifact;
pub mod audit;
pub mod booth;
pub mod bundle;
pub mod charter;
pub mod log;
pub mod page;
pub mod role;

/// How many findings of one id a report lists; the rest are counted.
pub const LISTED_PER_ID: usize = 50;

/// What a finding does to the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The evidence is bad. Exit code 1.
    Fails,
    /// This verifier cannot judge it. Exit code 2.
    CouldNotCheck,
    /// Something is owed and not yet there. Exit code 2.
    Incomplete,
    /// Nothing outside the bundle vouches for it. Exit code 2.
    NotAuthenticated,
}

impl Effect {
    /// The effect in words, as reports and the page of findings say it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Fails => "fails",
            Self::CouldNotCheck => "could not check",
            Self::Incomplete => "incomplete",
            Self::NotAuthenticated => "not authenticated",
        }
    }
}

/// One row of the table: a rule that evidence can break.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stable id, `LOG-004`.
    pub id: &'static str,
    /// What it does to the verdict.
    pub effect: Effect,
    /// Where the rule stands: section numbers are of the PVTL-X specification.
    pub section: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// The rule.
    pub rule: &'static str,
    /// What a reader can do.
    pub advice: &'static str,
}

/// Declares rules as statics, and `RULES`, the list of them in order.
macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $effect:ident, $section:literal, $title:literal,
       $rule:literal, $advice:literal;)*) => {
        $(
            #[doc = concat!($id, ": ", $title, ".")]
            pub static $name: $crate::finding::Rule = $crate::finding::Rule {
                id: $id,
                effect: $crate::finding::Effect::$effect,
                section: $section,
                title: $title,
                rule: $rule,
                advice: $advice,
            };
        )*
        /// The rules of this family, by id.
        pub static RULES: &[&$crate::finding::Rule] = &[$(&$name),*];
    };
}
pub(crate) use rules;

/// A family of ids: its prefix, what it is about, and its rules.
pub struct Family {
    /// The letters before the dash.
    pub prefix: &'static str,
    /// What the family is about.
    pub about: &'static str,
    /// Its rules, by id.
    pub rules: &'static [&'static Rule],
}

/// The whole table, in the order of the page.
pub fn families() -> [Family; 7] {
    [
        Family { prefix: "BUN", about: "the files of the bundle", rules: bundle::RULES },
        Family { prefix: "LOG", about: "the log, its heads and promises", rules: log::RULES },
        Family { prefix: "CHA", about: "the charter and what it owes", rules: charter::RULES },
        Family { prefix: "ROL", about: "keys, roles and signatures", rules: role::RULES },
        Family { prefix: "ART", about: "artifacts and raw files", rules: artifact::RULES },
        Family { prefix: "AUD", about: "the audit", rules: audit::RULES },
        Family { prefix: "BTH", about: "the booth path", rules: booth::RULES },
    ]
}

/// Every rule of the table.
pub fn table() -> impl Iterator<Item = &'static Rule> {
    families().into_iter().flat_map(|family| family.rules.iter().copied())
}

/// One breach of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// The file or thing that breaks it, `tile/0/000` or `entry 14`.
    pub subject: String,
    /// The entry's index, where it is about one entry.
    pub index: Option<u64>,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl Finding {
    /// A breach of `rule` by `subject`.
    pub fn new(
        rule: &'static Rule,
        subject: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            subject: subject.into(),
            index: None,
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// A breach of `rule` by the entry at `index`.
    pub fn entry(
        rule: &'static Rule,
        index: u64,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self { index: Some(index), ..Self::new(rule, format!("entry {index}"), expected, found) }
    }
}

/// Findings as they come in: some of each id are kept, all are counted.
///
/// A bundle in which everything is wrong must not fill the memory of who looks at it. Which are
/// kept does not depend on the order in which they came.
#[derive(Debug, Default)]
pub struct Findings {
    by_id: BTreeMap<&'static str, (u64, Vec<Finding>)>,
}

impl Findings {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        let (count, kept) = self.by_id.entry(finding.rule.id).or_default();
        *count = count.saturating_add(1);
        keep(kept, finding);
    }

    /// Adds several, in order.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.push(finding);
        }
    }

    /// Takes in what was found elsewhere.
    pub fn append(&mut self, other: Self) {
        for (id, (more, listed)) in other.by_id {
            let (count, kept) = self.by_id.entry(id).or_default();
            *count = count.saturating_add(more);
            for finding in listed {
                keep(kept, finding);
            }
        }
    }

    /// How many of one rule there are.
    pub fn count(&self, rule: &Rule) -> u64 {
        self.by_id.get(rule.id).map_or(0, |(count, _)| *count)
    }

    /// How many there are in all.
    pub fn total(&self) -> u64 {
        self.by_id.values().map(|(count, _)| *count).fold(0, u64::saturating_add)
    }

    /// True if any of the rules is broken.
    pub fn any_of(&self, rules: &[&Rule]) -> bool {
        rules.iter().any(|rule| self.count(rule) > 0)
    }

    /// True if any finding has this effect.
    pub fn any_with(&self, effect: Effect) -> bool {
        self.by_id.values().filter_map(|(_, kept)| kept.first()).any(|f| f.rule.effect == effect)
    }

    /// The counts by id.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.by_id.iter().map(|(id, (count, _))| (*id, *count)).collect()
    }

    /// The kept ones: by effect, then in the table's order, then by index and subject.
    pub fn into_sorted(self) -> Vec<Finding> {
        let order: BTreeMap<&str, usize> =
            table().enumerate().map(|(place, rule)| (rule.id, place)).collect();
        let mut all: Vec<Finding> = self.by_id.into_values().flat_map(|(_, kept)| kept).collect();
        all.sort_by(|a, b| {
            let key = |f: &Finding| (f.rule.effect, order.get(f.rule.id).copied(), f.index);
            key(a).cmp(&key(b)).then_with(|| a.subject.cmp(&b.subject))
        });
        all
    }
}

/// Puts a finding among those kept, which are the first by index and subject.
fn keep(kept: &mut Vec<Finding>, finding: Finding) {
    fn key(finding: &Finding) -> (Option<u64>, &str, &str, &str) {
        let Finding { index, subject, expected, found, .. } = finding;
        (*index, subject, expected, found)
    }
    let place = kept.partition_point(|other| key(other) <= key(&finding));
    if place < LISTED_PER_ID {
        kept.insert(place, finding);
        kept.truncate(LISTED_PER_ID);
    }
}

#[cfg(test)]
mod tests;
