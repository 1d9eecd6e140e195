//! What a publisher tells beside the lists, held against the log and against the lists.
//!
//! Most people read these pages and not the lists, and nobody signs them. So what they say of a
//! snapshot has to be what the log has of it, and the votes by option what the list comes to.

use artifact::bundle::{Source, SourceError};
use artifact::payload::Snapshot;
use booth::publish::{OptionVotes, Results, Snapshots};
use serde::de::DeserializeOwned;

use super::campaign::Held;
use super::chain::Link;
use crate::finding::{Finding, Findings, Rule, booth as rules};

/// The rules about these pages.
pub(crate) static RESULT_RULES: &[&Rule] = &[&rules::RESULTS_WRONG];

/// The largest page of results: 1,024 shards that are left out, each with a reason.
const MAX_RESULTS_BYTES: u64 = 1 << 22;

/// How many bytes a page of snapshots may have beyond those of the snapshots that the log has: it
/// may be newer than the log.
const MORE_BYTES: u64 = 1 << 22;

/// Bytes of a snapshot that tells of no station, in a layout for people.
const SNAPSHOT_BYTES: u64 = 1024;

/// Bytes of a station in it.
const STATION_BYTES: u64 = 192;

/// What became of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Page<T> {
    /// It is there in its form.
    There(T),
    /// It is there, and is none.
    Wrong,
    /// There is none.
    Absent,
    /// It could not be read.
    Unread(String),
}

/// How far a page was held against the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// It is of the log's newest snapshot.
    Newest,
    /// It is of this earlier one.
    Earlier(u64),
    /// It is of a snapshot that the log does not have yet: it was held against nothing.
    Ahead(u64),
}

/// How the pages of a campaign are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// The page of results.
    pub(crate) results: Page<Age>,
    /// Whether votes by option were counted against it.
    pub(crate) is_counted: bool,
    /// The page of snapshots.
    pub(crate) snapshots: Page<Age>,
}

/// What the list of votes comes to at a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Votes by option, in the order of the ballot.
    pub(crate) counts: Vec<u64>,
    /// Votes whose stamp another vote of the same snapshot has too, without the first of each.
    pub(crate) doubled: u64,
}

/// The page of results; it is read before the lists, so that these are counted at its snapshot.
pub(crate) fn read(source: &dyn Source, held: &Held, findings: &mut Findings) -> Page<Results> {
    page(source, &Results::path(held.name().as_str()), MAX_RESULTS_BYTES, findings)
}

/// The records of the snapshot that results are of, where the log has it.
pub(crate) fn records(held: &Held, results: &Page<Results>) -> Option<u64> {
    let Page::There(results) = results else { return None };
    numbered(held, results.number).map(|link| link.snapshot.votes.records)
}

/// Holds both pages of a campaign against the log, and against what its lists come to.
pub(crate) fn hold(
    source: &dyn Source,
    held: &Held,
    results: Page<Results>,
    tally: Option<&Tally>,
    findings: &mut Findings,
) -> Told {
    let is_counted = tally.is_some();
    let results = results.map(|results| hold_results(held, &results, tally, findings));
    let path = Snapshots::path(held.name().as_str());
    let all: Page<Snapshots> = page(source, &path, most_bytes(held), findings);
    let all = match all {
        Page::There(all) if all.snapshots.is_empty() && !held.chain.is_empty() => Page::Absent,
        other => other,
    };
    let snapshots = all.map(|all| hold_snapshots(held, &all.snapshots, &path, findings));
    Told { results, is_counted, snapshots }
}

impl<T> Page<T> {
    fn map<U>(self, judge: impl FnOnce(T) -> U) -> Page<U> {
        match self {
            Self::There(page) => Page::There(judge(page)),
            Self::Wrong => Page::Wrong,
            Self::Absent => Page::Absent,
            Self::Unread(why) => Page::Unread(why),
        }
    }
}

impl Told {
    /// The pages that were held against the log.
    pub(crate) fn judged(&self) -> u64 {
        let pages = [&self.results, &self.snapshots].into_iter();
        let judged = pages.filter(|page| {
            !matches!(page, Page::Absent | Page::Unread(_) | Page::There(Age::Ahead(_)))
        });
        u64::try_from(judged.count()).unwrap_or(u64::MAX)
    }

    /// What of the pages was not looked at.
    pub(crate) fn not_checked(&self, held: &Held, texts: &mut Vec<String>) {
        let name = held.name().as_str();
        let pages = [
            (Results::path(name), "it is of", &self.results),
            (Snapshots::path(name), "it goes to", &self.snapshots),
        ];
        for (path, reaches, page) in pages {
            let newest = newest(held).unwrap_or(0);
            let why = match page {
                Page::There(Age::Newest) | Page::Wrong => continue,
                Page::Absent => "it is not there".to_owned(),
                Page::Unread(why) => format!("it could not be read: {why}"),
                Page::There(Age::Ahead(number)) => {
                    format!("{reaches} snapshot {number}, which this log does not have")
                }
                Page::There(Age::Earlier(number)) => {
                    format!("{reaches} snapshot {number}, and the newest of the log is {newest}")
                }
            };
            texts.push(format!("{path} was not held against the log's newest snapshot: {why}."));
        }
        let number = match &self.results {
            Page::There(Age::Newest) => newest(held),
            Page::There(Age::Earlier(number)) => Some(*number),
            _ => None,
        };
        let link = number.and_then(|number| numbered(held, number));
        if !self.is_counted && link.is_some_and(|link| link.snapshot.votes.digest.is_some()) {
            let path = Results::path(name);
            texts.push(format!("The votes by option of {path} were held against no list."));
        }
    }
}

fn page<T: DeserializeOwned>(
    source: &dyn Source,
    path: &str,
    most: u64,
    findings: &mut Findings,
) -> Page<T> {
    match source.read(path, most) {
        Ok(None) => Page::Absent,
        Ok(Some(bytes)) => match canon::json::from_strict(&bytes) {
            Ok(page) => Page::There(page),
            Err(error) => {
                let expected = "a page in its form";
                let found = error.to_string();
                findings.push(Finding::new(&rules::RESULTS_WRONG, path, expected, found));
                Page::Wrong
            }
        },
        Err(error) => Page::Unread(why(&error)),
    }
}

/// Why a page was not read, without where: the place is told beside it.
fn why(error: &SourceError) -> String {
    match error {
        SourceError::TooLarge { limit, .. } => format!("it has more than {limit} bytes"),
        SourceError::Http { why, .. } => why.clone(),
        other => other.to_string(),
    }
}

/// The most bytes that a page of these snapshots has.
fn most_bytes(held: &Held) -> u64 {
    let each = held.chain.iter().map(|link| {
        let stations = u64::try_from(link.snapshot.stamps_issued.len()).unwrap_or(u64::MAX);
        SNAPSHOT_BYTES.saturating_add(STATION_BYTES.saturating_mul(stations))
    });
    each.fold(MORE_BYTES, u64::saturating_add)
}

/// The snapshot of a number; their numbers ascend.
fn numbered(held: &Held, number: u64) -> Option<&Link> {
    let place = held.chain.binary_search_by_key(&number, |link| link.snapshot.number);
    held.chain.get(place.ok()?)
}

/// The number of the newest snapshot that the log has.
fn newest(held: &Held) -> Option<u64> {
    held.chain.last().map(|link| link.snapshot.number)
}

fn age(held: &Held, number: u64) -> Age {
    match newest(held) {
        Some(newest) if number == newest => Age::Newest,
        Some(newest) if number < newest => Age::Earlier(number),
        _ => Age::Ahead(number),
    }
}

fn hold_results(
    held: &Held,
    results: &Results,
    tally: Option<&Tally>,
    findings: &mut Findings,
) -> Age {
    let path = Results::path(held.name().as_str());
    let mut find = |expected: String, found: String| {
        findings.push(Finding::new(&rules::RESULTS_WRONG, &path, expected, found));
    };
    if results.campaign != *held.name() {
        find(format!("campaign {}", held.name()), format!("campaign {}", results.campaign));
    }
    if results.purpose != held.published.purpose {
        find(format!("purpose {}", held.published.purpose), results.purpose.to_string());
    }
    let Some(link) = numbered(held, results.number) else {
        return without_snapshot(held, results.number, &mut find);
    };
    state(results, link, &mut find);
    votes(held, results, link, tally, &mut find);
    age(held, results.number)
}

/// A page of a snapshot that the log does not have, or not in the row of those that follow.
fn without_snapshot(held: &Held, number: u64, find: &mut impl FnMut(String, String)) -> Age {
    let age = age(held, number);
    if let Some(last) = held.last() {
        let last = last.snapshot.number;
        find(format!("snapshot {last}, the last, or an earlier one"), format!("snapshot {number}"));
    } else if age == Age::Earlier(number) {
        find("a snapshot that the log has".to_owned(), format!("snapshot {number}"));
    }
    age
}

/// Holds what results say of their snapshot against the log.
fn state(results: &Results, link: &Link, find: &mut impl FnMut(String, String)) {
    let Link { index, snapshot, .. } = link;
    let Snapshot { number, is_last, taken_at, voters, votes, without, .. } = snapshot;
    let mut differs = |what: &str, logged: String, told: String| {
        let expected = format!("{what} of snapshot {number} as entry {index} has it: {logged}");
        find(expected, told);
    };
    if results.is_last != *is_last {
        differs("is_last", is_last.to_string(), results.is_last.to_string());
    }
    if results.taken_at != *taken_at {
        differs("taken_at", taken_at.to_string(), results.taken_at.to_string());
    }
    if results.records != votes.records {
        differs("records", votes.records.to_string(), results.records.to_string());
    }
    if results.voters != *voters {
        differs("voters", said(voters), said(&results.voters));
    }
    if results.votes != *votes {
        differs("votes", said(votes), said(&results.votes));
    }
    if results.without != *without {
        differs("without", said(without), said(&results.without));
    }
}

/// A part of a page, as it stands there.
fn said(part: &impl serde::Serialize) -> String {
    let text = canon::json::to_canonical(part).ok();
    text.and_then(|text| String::from_utf8(text).ok()).unwrap_or_default()
}

/// Holds the votes by option against the list. Where the log has commitments there are none.
fn votes(
    held: &Held,
    results: &Results,
    link: &Link,
    tally: Option<&Tally>,
    find: &mut impl FnMut(String, String),
) {
    let number = link.snapshot.number;
    if link.snapshot.votes.digest.is_none() {
        if !results.counts.is_empty() {
            let expected = format!("no votes by option, as the log has no digest at {number}");
            find(expected, "votes by option".to_owned());
        }
        return;
    }
    let options = held.published.options.iter().map(ToString::to_string);
    let names: Vec<String> = options.collect();
    if !names.iter().eq(results.counts.iter().map(|count| &count.option)) {
        find("the options of the ballot in their order".to_owned(), "others".to_owned());
    }
    let Some(tally) = tally else { return };
    for (option, votes) in names.iter().zip(&tally.counts) {
        let mut told = results.counts.iter().filter(|count| count.option == *option);
        let told = told.next().map_or(0, |OptionVotes { votes, .. }| *votes);
        if told != *votes {
            let expected = format!("{votes} votes for \"{option}\", as the list comes to");
            find(expected, format!("{told}"));
        }
    }
    let doubled = results.doubled_stamps.unwrap_or(0);
    if doubled != tally.doubled {
        let expected = format!("{} doubled stamps, as the list comes to", tally.doubled);
        find(expected, format!("{doubled}"));
    }
}

/// Holds a page of snapshots against the log, as far as this goes.
fn hold_snapshots(held: &Held, all: &[Snapshot], path: &str, findings: &mut Findings) -> Age {
    let mut find = |number: u64, expected: String, found: &str| {
        let subject = format!("snapshot {number} of {path}");
        findings.push(Finding::new(&rules::RESULTS_WRONG, subject, expected, found));
    };
    for (number, snapshot) in (0_u64..).zip(all) {
        if snapshot.number != number {
            find(number, format!("number {number}"), "another number");
            continue;
        }
        match (numbered(held, number), held.last()) {
            (Some(link), _) if link.snapshot == *snapshot => {}
            (Some(link), _) => {
                find(number, format!("what entry {} says", link.index), "another snapshot");
            }
            (None, Some(last)) if number > last.snapshot.number => {
                let expected = format!("none behind snapshot {}, the last", last.snapshot.number);
                find(number, expected, "one more");
            }
            // One that the log does not have yet, or that was found where it is missing.
            (None, _) => {}
        }
    }
    let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
    count.checked_sub(1).map_or(Age::Newest, |number| age(held, number))
}
