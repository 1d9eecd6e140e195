//! One line of a report: a check, what it looked at, and how it came out.

use serde::{Serialize, Serializer, ser::SerializeSeq};

use crate::finding::{Effect, Finding, Findings, Rule};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing was found against it.
    Holds,
    /// Something was.
    Fails,
    /// Something is owed.
    Incomplete,
    /// It was not checked, or not by this verifier.
    NotChecked,
}

impl Status {
    /// The status in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Incomplete => "incomplete",
            Self::NotChecked => "not checked",
        }
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The part of the evidence: `log`, `roles`, `audit`.
    pub section: &'static str,
    /// What was looked at, with its numbers.
    pub what: String,
    /// How it came out.
    pub status: Status,
    /// Why, where the status alone does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The ids that this check can find, those found first.
    pub ids: Vec<&'static str>,
}

impl Line {
    /// A check that was made: its status follows from the findings of its rules.
    pub fn checked(
        section: &'static str,
        what: impl Into<String>,
        rules: &[&'static Rule],
        findings: &Findings,
    ) -> Self {
        let mut found: Vec<&'static Rule> =
            rules.iter().copied().filter(|rule| findings.count(rule) > 0).collect();
        found.sort_by_key(|rule| (rule.effect, rule.id));
        let status = match found.first().map(|rule| rule.effect) {
            None => Status::Holds,
            Some(Effect::Fails) => Status::Fails,
            Some(Effect::Incomplete) => Status::Incomplete,
            Some(Effect::CouldNotCheck | Effect::NotAuthenticated) => Status::NotChecked,
        };
        let because = (!found.is_empty())
            .then(|| found.iter().map(|rule| rule.id).collect::<Vec<_>>().join(", "));
        Self { section, what: what.into(), status, because, ids: ids(rules) }
    }

    /// A check that was not made, and why.
    pub fn not_checked(
        section: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
        rules: &[&'static Rule],
    ) -> Self {
        Self {
            section,
            what: what.into(),
            status: Status::NotChecked,
            because: Some(why.into()),
            ids: ids(rules),
        }
    }
}

fn ids(rules: &[&'static Rule]) -> Vec<&'static str> {
    rules.iter().map(|rule| rule.id).collect()
}

/// A finding as a report lists it, with the texts of its rule.
#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    effect: Effect,
    title: &'a str,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    section: &'a str,
    rule: &'a str,
    expected: &'a str,
    found: &'a str,
    advice: &'a str,
}

pub(super) fn findings<S: Serializer>(
    findings: &[Finding],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(findings.len()))?;
    for finding in findings {
        list.serialize_element(&Entry {
            id: finding.rule.id,
            effect: finding.rule.effect,
            title: finding.rule.title,
            subject: &finding.subject,
            index: finding.index,
            section: finding.rule.section,
            rule: finding.rule.rule,
            expected: &finding.expected,
            found: &finding.found,
            advice: finding.rule.advice,
        })?;
    }
    list.end()
}
