//! Snapshots, each held against the one before.

use artifact::charter::Purpose;
use artifact::id::StationId;
use artifact::payload::Snapshot;
use artifact::payload::platform::{ListState, StationStamps};
use canon::Timestamp;

use super::campaign::{Campaigns, Held};
use crate::finding::{Finding, Findings, Rule, booth as rules};
use crate::replay::platform::{Logged, Platform};
use crate::replay::times::Times;

/// A snapshot that follows those before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// Its entry.
    pub(crate) index: u64,
    /// When it was logged, by the log's clock.
    pub(crate) logged_at: Option<Timestamp>,
    /// What it says.
    pub(crate) snapshot: Snapshot,
}

/// Puts the snapshots to their campaigns.
pub(super) fn build(
    all: &mut Campaigns,
    platform: &Platform,
    times: &Times,
    findings: &mut Findings,
) {
    for logged in &platform.snapshots {
        if let Some(held) = all.of(&logged.what.campaign, logged, findings) {
            add(held, logged, times, findings);
        }
    }
}

/// Judges a snapshot and, if it follows, makes it the last of the chain.
fn add(held: &mut Held, logged: &Logged<Snapshot>, times: &Times, findings: &mut Findings) {
    let Logged { index, what: snapshot, .. } = logged;
    let (index, number) = (*index, snapshot.number);
    let mut find = |rule, expected: String, found: String| {
        findings.push(Finding::entry(rule, index, expected, found));
    };
    let before = held.chain.last();
    if let Some(last) = before.filter(|link| link.snapshot.is_last) {
        let (of, at) = (last.snapshot.number, last.index);
        let expected = format!("nothing after snapshot {of} at entry {at}, the last");
        return find(&rules::AFTER_LAST, expected, format!("snapshot {number}"));
    }
    let next = held.next;
    if number != next {
        // Their numbers ascend.
        let found = held.chain.binary_search_by_key(&number, |link| link.snapshot.number);
        if let Some(link) = found.ok().and_then(|at| held.chain.get(at)) {
            let expected = format!("one snapshot {number}, that at entry {}", link.index);
            return find(&rules::TWO_FACES, expected, "another one".to_owned());
        }
        find(&rules::SNAPSHOT_GAP, format!("snapshot {next}"), format!("snapshot {number}"));
        if number < next {
            return;
        }
    }
    held.next = number.saturating_add(1);
    judge(held, logged, times, &mut find);
    stamps(held, snapshot, &mut find);
    taken(held, logged, times, &mut find);
    let before = held.chain.last().map(|link| &link.snapshot);
    // A list that shrank is no list that the next one could be held against.
    if before.is_none_or(|before| !shrank(before, snapshot, &mut find)) {
        let logged_at = times.at(index);
        held.chain.push(Link { index, logged_at, snapshot: snapshot.clone() });
    }
}

/// What a snapshot says by itself, and what it adds.
fn judge(
    held: &Held,
    logged: &Logged<Snapshot>,
    times: &Times,
    find: &mut impl FnMut(&'static Rule, String, String),
) {
    let Logged { index, what: Snapshot { votes, voters, is_last, .. }, .. } = logged;
    if votes.records != voters.records {
        let expected = "as many votes as voters".to_owned();
        let found = format!("{} votes, {} voters", votes.records, voters.records);
        find(&rules::UNEQUAL, expected, found);
    }
    let is_over = held.was_over(*index, times);
    let (end, k) = (held.end_at(*index), held.published.k);
    let at = || times.at(*index).map_or_else(String::new, |time| format!(" at {time}"));
    if *is_last && !is_over {
        let expected = format!("a last snapshot at {end} or later");
        find(&rules::LAST_EARLY, expected, format!("one{}", at()));
    }
    let tells = votes.digest.is_some() || voters.digest.is_some();
    if held.published.purpose == Purpose::Official && tells && !is_over {
        let expected = format!("commitments before {end}");
        find(&rules::TOLD_EARLY, expected, format!("digests{}", at()));
    }
    let before = held.chain.last().map(|link| &link.snapshot);
    let lists: [fn(&Snapshot) -> &ListState; 2] = [|it| &it.votes, |it| &it.voters];
    let growth = lists.map(|list| {
        let had = before.map_or(0, |before| list(before).records);
        list(&logged.what).records.saturating_sub(had)
    });
    let small = growth.into_iter().find(|growth| (1..k).contains(growth));
    if let Some(found) = small.filter(|_| !*is_last) {
        let expected = format!("no record or at least {k} more than before");
        find(&rules::CROWD_SMALL, expected, format!("{found} more"));
    }
}

/// Seconds by which the clock of a platform, or of an authority, may be ahead of the log's.
pub(super) const AHEAD_S: u64 = 300;

/// Holds the time that the platform states against the log's and the one before.
fn taken(
    held: &Held,
    logged: &Logged<Snapshot>,
    times: &Times,
    find: &mut impl FnMut(&'static Rule, String, String),
) {
    let taken_at = logged.what.taken_at;
    let most = times.at(logged.index).map(|time| time.saturating_plus_seconds(AHEAD_S));
    if let Some(most) = most.filter(|most| taken_at > *most) {
        find(&rules::TAKEN_AT, format!("{most} or earlier"), taken_at.to_string());
    }
    let before = held.chain.last().map(|link| link.snapshot.taken_at);
    if let Some(before) = before.filter(|before| taken_at < *before) {
        find(&rules::TAKEN_AT, format!("{before} or later"), taken_at.to_string());
    }
}

/// Holds the stamps that a snapshot tells of against the campaign's stations and what was told.
fn stamps(held: &Held, snapshot: &Snapshot, find: &mut impl FnMut(&'static Rule, String, String)) {
    let stations = &held.published.stations;
    let place = |station: Option<&StationId>| {
        station.map_or_else(|| "all stations".to_owned(), |name| format!("station {name}"))
    };
    for StationStamps { station, .. } in &snapshot.stamps_issued {
        let is_known = station.as_ref().map_or(stations.is_empty(), |name| stations.contains(name));
        if !is_known {
            let expected = "stamps by stations of the campaign".to_owned();
            find(&rules::STAMPS_FELL, expected, place(station.as_ref()));
        }
    }
    if snapshot.stamps_issued.is_empty() {
        return;
    }
    for StationStamps { station, stamps: before } in
        held.told_stamps().map_or(&[][..], |link| &link.snapshot.stamps_issued)
    {
        let mut now = snapshot.stamps_issued.iter().filter(|one| one.station == *station);
        let now = now.next().map_or(0, |one| one.stamps);
        if now < *before {
            let of = place(station.as_ref());
            let expected = format!("{before} stamps of {of} or more");
            find(&rules::STAMPS_FELL, expected, format!("{now}"));
        }
    }
}

/// Whether a list is shorter than it was.
fn shrank(
    before: &Snapshot,
    after: &Snapshot,
    find: &mut impl FnMut(&'static Rule, String, String),
) -> bool {
    let mut is_shorter = false;
    let pairs = [("votes", &before.votes, &after.votes), ("voters", &before.voters, &after.voters)];
    for (list, before, after) in pairs {
        let bytes = before.bytes.zip(after.bytes);
        let (unit, had, has) = match bytes {
            _ if after.records < before.records => ("records", before.records, after.records),
            Some((had, has)) if has < had => ("bytes", had, has),
            _ => continue,
        };
        is_shorter = true;
        let expected = format!("{had} {unit} of {list} or more");
        find(&rules::SHRUNK, expected, format!("{has} {unit}"));
    }
    is_shorter
}
