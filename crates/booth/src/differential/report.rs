//! What the analysis says, as a value: for JSON, for text ([`super::text`]) and for the picture.

use canon::{Digest, Timestamp};
use serde::{Serialize, Serializer};

use super::exact::Rule;
use super::power::Power;
use super::test::Test;

/// The whole answer.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The campaign.
    pub campaign: String,
    /// The digest of the series' canonical bytes, which is also the seed of every simulation.
    pub seed: Digest,
    /// The first snapshot.
    pub from: Timestamp,
    /// The last snapshot.
    pub to: Timestamp,
    /// Snapshots.
    pub snapshots: usize,
    /// Votes in the last one.
    pub votes: u64,
    /// Votes that are published together, at least.
    pub k: u32,
    /// Shards.
    pub shards: u16,
    /// Windows that the day was cut into; 0 where it was not.
    pub windows: usize,
    /// Seconds of a window.
    pub window_s: u64,
    /// Seconds between snapshots: half of the steps are longer.
    pub cadence_s: u64,
    /// The longest time without a snapshot, in seconds.
    pub longest_step_s: u64,
    /// Times without snapshots that are not judged.
    pub gaps: Vec<GapLine>,
    /// What is not judged because of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
    /// Why the day was not cut into windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<String>,
    /// Simulated honest days.
    pub draws: u32,
    /// The chance that an honest campaign has any finding.
    #[serde(serialize_with = "decimal")]
    pub false_alarms: f64,
    /// What was compared exactly.
    pub rules: Vec<RuleLine>,
    /// What was compared by statistics.
    pub tests: Vec<TestLine>,
    /// How many of the tests that count were made.
    pub tests_made: usize,
    /// How many tests count.
    pub tests_counting: usize,
    /// What was found or noted.
    pub findings: Vec<Finding>,
    /// The sum of it.
    pub verdict: Verdict,
    /// What the tests are able to find, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power: Option<Power>,
    /// What all this cannot show.
    pub not_shown: Vec<&'static str>,
}

/// The sum of an analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The growth was judged, and nothing was found by the tests that were made.
    NothingFound,
    /// Something was found.
    Found,
    /// Nothing was found, and the growth could not be judged.
    NotChecked,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleLine {
    /// The rule.
    pub rule: Rule,
    /// Snapshots that it was held against; 0: not checked.
    pub snapshots: usize,
    /// How often it was broken.
    pub broken: usize,
}

/// One test.
#[derive(Debug, Clone, Serialize)]
pub struct TestLine {
    /// The test.
    pub test: Test,
    /// Its statistic, with the source.
    pub statistic: &'static str,
    /// Whether it is held against the campaign, or only noted.
    pub counts: bool,
    /// What came of it; `None` where it was not made.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
    /// Why it was not made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Snapshots that it was made on: those that tell of what it compares.
    pub snapshots: usize,
    /// What it was made without, though some snapshots tell of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partly: Option<String>,
    /// What came in gaps of those snapshots, where they are not all there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
}

/// A time without snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GapLine {
    /// The last snapshot before.
    pub from: Timestamp,
    /// The first one after.
    pub to: Timestamp,
    /// Votes that came between the two.
    pub votes: u64,
    /// Votes that would have come at the pace of the windows on both sides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual: Option<u64>,
}

/// What is not judged because of gaps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    /// Windows that the gaps would have been, with what is left of their edges.
    pub windows: usize,
    /// Votes that came in them.
    pub votes: u64,
    /// The share of all votes of the series.
    #[serde(serialize_with = "decimal")]
    pub share: f64,
}

/// What came of a test.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Made {
    /// Values that were compared, all at once.
    pub comparisons: usize,
    /// Its false-alarm rate a campaign.
    #[serde(serialize_with = "decimal")]
    pub level: f64,
    /// The chance of a greatest value as great as this one on an honest day.
    #[serde(serialize_with = "decimal")]
    pub p: f64,
    /// How much more the day varies than simulated ones: a ratio of variances.
    #[serde(serialize_with = "decimal")]
    pub spread: f64,
}

impl Made {
    /// Whether it found something.
    pub fn is_found(&self) -> bool {
        self.p <= self.level + 1e-9
    }
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The rule or test.
    pub check: &'static str,
    /// The option or station, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// From when.
    pub from: Timestamp,
    /// Until when; of a rule both are snapshots.
    pub to: Timestamp,
    /// When the windows begin that a finding about the whole day speaks of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Timestamp>,
    /// What is wrong.
    pub text: String,
    /// The chance of it on an honest day; a rule is never broken on one.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "decimals")]
    pub p: Option<f64>,
    /// False where it is only noted.
    pub counts: bool,
}

/// A real number as a string, since canonical JSON has integers only.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
pub(super) fn decimal<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{value:.4}"))
}

#[expect(clippy::ref_option, reason = "serde hands out references")]
fn decimals<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    decimal(&value.unwrap_or_default(), serializer)
}

/// What no analysis of growth can show.
pub const NOT_SHOWN: [&str; 3] = [
    "This does not show that the votes are those that people cast. Votes that are moved slowly, a \
     small share all day long, leave the growth smooth: --power says how little of that is found.",
    "Something found is a question, not an answer. Buses, rain, queues and a station that opens \
     late move the growth too.",
    "Stamps and check-ins are as good as whoever counts them.",
];
