//! How the lists of a campaign grew, as log and lists show it, and the series of the differential
//! audit that is made of it.
//!
//! ```text
//! campaign/v1 --> options, stations, k, shards, stamp period
//! snapshot/v1 --> records, stamps issued, taken_at --\
//! leaf -------------------------------- timestamp ----+--> points --> series, and its origin
//! list of votes --> votes by option ------------------+
//! check_ins/v1 -----------------------------------------/
//! ```
//!
//! The `time` of a series is the log's: `taken_at` is the publisher's own word, and whoever may
//! choose the times of a curve can smooth any jump. A snapshot that the log got late is left out,
//! since the log's time says nothing of it. `docs/spec/differential.md` argues it.

use booth::differential::{Series, SeriesFault, Snapshot};
use canon::Timestamp;
use serde::Serialize;

/// Seconds by which a snapshot may reach the log later than others do, and still be taken to have
/// been made when the log got it.
pub const LATE_S: i64 = 60;

/// The name of all stations together, where they have one seed.
const ALL_STATIONS: &str = "all";

/// What is known of the growth of one campaign's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    /// The campaign's name.
    pub campaign: String,
    /// What can be voted for, in the order of the ballot.
    pub options: Vec<String>,
    /// The stations that have seeds of their own.
    pub stations: Vec<String>,
    /// Votes that are published together, at least.
    pub k: u64,
    /// Shards.
    pub shards: usize,
    /// Seconds of a stamp period.
    pub stamp_period_s: u64,
    /// The snapshots that follow one another, in the log's order.
    pub points: Vec<Point>,
    /// Check-ins that the authority has committed to: as of when, and how many, in the log's order.
    pub check_ins: Vec<(Timestamp, u64)>,
}

/// A snapshot of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Its number.
    pub number: u64,
    /// When the platform says that it was taken.
    pub taken_at: Timestamp,
    /// When the log got it.
    pub logged_at: Timestamp,
    /// Lines of the list of votes.
    pub votes: u64,
    /// Lines of the list of voters.
    pub voters: u64,
    /// Votes by option, counted in the list; none where it was not read.
    pub by_option: Option<Vec<u64>>,
    /// Stamps issued, by station, or of all together; none where the snapshot tells of none.
    pub stamps: Option<Vec<u64>>,
    /// Whether it says that it is the last.
    pub is_last: bool,
}

/// Where a series comes from, and what was left out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// Snapshots on the log.
    pub on_log: u64,
    /// Those in the series.
    pub in_series: u64,
    /// Those left out because one that came later has the same second of the log.
    pub in_one_second: u64,
    /// Those left out because the log got them late.
    pub late: u64,
    /// Votes published in the steps of the series from which late snapshots are left out.
    pub late_votes: u64,
    /// Seconds from `taken_at` to the log's time: the middle one of all snapshots. Below 0 where
    /// the publisher's clock is ahead of the log's.
    pub usual_delay_s: i64,
    /// By how much the latest snapshot took longer.
    pub largest_delay_s: i64,
    /// The number of that snapshot.
    pub latest: u64,
    /// Whether the options were counted in the list.
    pub options_counted: bool,
    /// Snapshots of the series that tell of stamps.
    pub with_stamps: u64,
    /// Snapshots of the series that a count of check-ins is held against.
    pub with_check_ins: u64,
}

impl Growth {
    /// The series, by the log's times, and where it comes from.
    ///
    /// # Errors
    /// When there is no series to be made, such as of one snapshot.
    pub fn series(&self) -> Result<(Series, Origin), SeriesFault> {
        let (usual, latest) = self.delays();
        let is_late = |point: &Point| delay(point).saturating_sub(usual) > LATE_S;
        let mut kept: Vec<&Point> = Vec::new();
        let (mut late, mut in_one_second, mut late_votes) = (0_u64, 0_u64, 0_u64);
        let mut has_gap = false;
        for point in &self.points {
            // Without the last one nobody could say that nothing waits any more.
            if is_late(point) && !point.is_last {
                late = late.saturating_add(1);
                has_gap = true;
                continue;
            }
            let before = kept.last().map_or(0, |before| before.votes);
            if std::mem::take(&mut has_gap) || is_late(point) {
                let came = point.votes.saturating_sub(before);
                late_votes = late_votes.saturating_add(came);
            }
            if kept.last().is_some_and(|before| before.logged_at >= point.logged_at) {
                kept.pop();
                in_one_second = in_one_second.saturating_add(1);
            }
            kept.push(point);
        }
        let mut series = self.of(&kept);
        self.check_in(&mut series.snapshots);
        let with_check_ins = series.snapshots.iter().filter(|one| one.check_ins.is_some()).count();
        let series = series.checked()?;
        let latest = latest.map_or((0, 0), |point| (delay(point), point.number));
        let origin = Origin {
            on_log: count(self.points.len()),
            in_series: count(kept.len()),
            in_one_second,
            late,
            late_votes,
            usual_delay_s: usual,
            largest_delay_s: latest.0.saturating_sub(usual),
            latest: latest.1,
            options_counted: kept.iter().all(|point| point.by_option.is_some()),
            with_stamps: count(kept.iter().filter(|point| point.stamps.is_some()).count()),
            with_check_ins: count(with_check_ins),
        };
        Ok((series, origin))
    }

    /// Puts each count of check-ins to the newest snapshot that the log had by then: whoever cast
    /// these votes had checked in. The other way round, a count would be held against votes of
    /// people who came after it. Of several counts, the first is the closest.
    fn check_in(&self, snapshots: &mut [Snapshot]) {
        for (time, voters) in &self.check_ins {
            let until = snapshots.partition_point(|one| one.time <= *time);
            let newest = until.checked_sub(1).and_then(|newest| snapshots.get_mut(newest));
            if let Some(newest) = newest {
                newest.check_ins.get_or_insert(*voters);
            }
        }
    }

    /// The middle of all delays, so that no single snapshot can move it, and the latest snapshot.
    fn delays(&self) -> (i64, Option<&Point>) {
        let mut delays: Vec<i64> = self.points.iter().map(delay).collect();
        delays.sort_unstable();
        let usual = delays.get(delays.len() / 2).copied().unwrap_or(0);
        // The first of several that took as long.
        (usual, self.points.iter().rev().max_by_key(|point| delay(point)))
    }

    fn of(&self, kept: &[&Point]) -> Series {
        let with_stamps = kept.iter().any(|point| point.stamps.is_some());
        let snapshots = kept.iter().map(|point| Snapshot {
            time: point.logged_at,
            votes: point.votes,
            voters: point.voters,
            by_option: point.by_option.clone(),
            stamps: point.stamps.clone(),
            check_ins: None,
        });
        Series {
            campaign: self.campaign.clone(),
            options: self.options.clone(),
            stations: match self.stations.as_slice() {
                [] if with_stamps => vec![ALL_STATIONS.to_owned()],
                stations => stations.to_vec(),
            },
            k: u32::try_from(self.k).unwrap_or(u32::MAX),
            shards: u16::try_from(self.shards).unwrap_or(u16::MAX),
            stamp_period_s: self.stamp_period_s,
            closed: kept.last().is_some_and(|last| last.is_last),
            snapshots: snapshots.collect(),
        }
    }
}

/// Seconds from when a snapshot is said to be taken to when the log got it.
const fn delay(point: &Point) -> i64 {
    point.logged_at.seconds_since(point.taken_at)
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
