//! The campaign "Solar" of the booth path, as the file that its operator writes.

use std::fmt;

/// The options that most tests have.
pub const OPTIONS: [&str; 3] = ["Bold Jupiter", "Shiny Saturn", "Humble Pluto"];

/// The start that most tests have.
pub const START: &str = "2026-11-03T07:00:00Z";

/// The rules, one a line; `Display` is the text of the file. A test says what it wants otherwise.
///
/// ```
/// let rules = testkit::campaign::Solar { k: 0, ..Default::default() };
/// assert!(rules.to_string().contains("k = 0\n"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solar<'a> {
    /// Its name.
    pub name: &'a str,
    /// `official`, `test`, `trial` or `demonstration`.
    pub purpose: &'a str,
    /// What can be voted for.
    pub options: &'a [&'a str],
    /// The only authority's key, base64.
    pub authority: String,
    /// When it begins and ends.
    pub time: (&'a str, &'a str),
    /// The least number of votes of a batch.
    pub k: u32,
    /// The bits of work of a vote.
    pub work_bits: u32,
    /// How many shards.
    pub shards: u16,
    /// More lines, each with its line feed.
    pub more: &'a str,
}

impl Default for Solar<'_> {
    /// A test of one shard that asks for no work. The authority has to be named.
    fn default() -> Self {
        Self {
            name: "solar",
            purpose: "test",
            options: &OPTIONS,
            authority: String::new(),
            time: (START, "2026-11-04T20:00:00Z"),
            k: 3,
            work_bits: 0,
            shards: 1,
            more: "",
        }
    }
}

impl fmt::Display for Solar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, purpose, options, authority, time, k, work_bits, shards, more } = self;
        let (start, end) = time;
        writeln!(f, "name = {name:?}\npurpose = {purpose:?}\noptions = {options:?}")?;
        writeln!(f, "authorities = [{authority:?}]\nstart = {start:?}\nend = {end:?}")?;
        writeln!(f, "k = {k}\nwork_bits = {work_bits}\nshards = {shards}")?;
        f.write_str(more)
    }
}
