use booth::differential::SeriesFault;
use canon::Timestamp;

use super::{Growth, Origin, Point};

/// Ten o'clock, and so many seconds.
fn at(seconds: i64) -> Timestamp {
    let ten: Timestamp = "2026-11-03T10:00:00Z".parse().unwrap();
    Timestamp::from_unix(ten.unix() + seconds).unwrap()
}

/// Snapshots every two minutes, of ten votes each, that reach the log after so many seconds.
fn day(delays: &[i64]) -> Growth {
    let points = (0_u64..).zip(delays).map(|(number, delay)| {
        let taken = i64::try_from(number).unwrap() * 120;
        Point {
            number,
            taken_at: at(taken),
            logged_at: at(taken + delay),
            votes: 10 * number,
            voters: 10 * number,
            by_option: Some(vec![4 * number, 6 * number]),
            stamps: None,
            is_last: number + 1 == delays.len() as u64,
        }
    });
    Growth {
        campaign: "solar".to_owned(),
        options: vec!["Yes".to_owned(), "No".to_owned()],
        stations: Vec::new(),
        k: 5,
        shards: 2,
        stamp_period_s: 86_400,
        points: points.collect(),
        check_ins: Vec::new(),
    }
}

#[test]
fn the_time_of_a_series_is_the_logs() {
    let (series, origin) = day(&[1, 3, 2, 1, 41]).series().unwrap();
    let times: Vec<_> = series.snapshots.iter().map(|one| one.time).collect();
    assert_eq!(times, [1, 123, 242, 361, 521].map(at));
    let counts: Vec<_> =
        series.snapshots.iter().map(|one| one.by_option.clone().unwrap()).collect();
    assert_eq!(counts, [[0, 0], [4, 6], [8, 12], [12, 18], [16, 24]]);
    assert!(series.closed);
    assert_eq!((series.k, series.shards, series.stamp_period_s), (5, 2, 86_400));
    let expected = Origin {
        on_log: 5,
        in_series: 5,
        in_one_second: 0,
        late: 0,
        late_votes: 0,
        usual_delay_s: 2,
        largest_delay_s: 39,
        latest: 4,
        options_counted: true,
        with_stamps: 0,
        with_check_ins: 0,
    };
    assert_eq!(origin, expected);
}

#[test]
fn what_the_log_got_late_is_left_out_and_told_with_its_votes() {
    // The log was away for six minutes and got three snapshots at once.
    let (series, origin) = day(&[1, 1, 362, 242, 122, 1, 1]).series().unwrap();
    let votes: Vec<_> = series.snapshots.iter().map(|one| one.votes).collect();
    assert_eq!(votes, [0, 10, 50, 60]);
    assert_eq!((origin.late, origin.late_votes), (3, 40));
    assert_eq!((origin.largest_delay_s, origin.latest), (361, 2));
    assert_eq!((origin.on_log, origin.in_series), (7, 4));
}

#[test]
fn a_publisher_that_dates_a_jump_back_smooths_nothing() {
    // An hour's snapshots, submitted within a minute, each said to be taken when it was due.
    let hour: Vec<i64> = (0..30).map(|number| 3600 - 120 * number + 2 * number).collect();
    let (series, origin) = day(&hour).series().unwrap();
    let (first, last) = (series.snapshots[0].time, series.snapshots.last().unwrap().time);
    assert!(last.seconds_since(first) < 60, "no hour of growth was made of a minute");
    assert!(origin.late > 0);
}

#[test]
fn a_clock_that_is_off_all_day_is_no_delay() {
    for off in [-250, 250] {
        let (series, origin) = day(&[off + 1, off + 2, off + 1, off + 1]).series().unwrap();
        assert_eq!((series.snapshots.len(), origin.late), (4, 0));
        assert_eq!((origin.usual_delay_s, origin.largest_delay_s), (off + 1, 1));
    }
    // Nor can one snapshot that is dated ahead have all others left out.
    let mut growth = day(&[1, 1, 1, 1, 1]);
    growth.points[2].taken_at = at(240 + 300);
    let (series, origin) = growth.series().unwrap();
    assert_eq!((series.snapshots.len(), origin.late), (5, 0));
}

#[test]
fn of_one_second_the_newest_stands_and_the_last_always_does() {
    let mut growth = day(&[1, 1, 1, 1, 500]);
    for point in &mut growth.points[..2] {
        (point.taken_at, point.logged_at) = (at(240), at(241));
    }
    let (series, origin) = growth.series().unwrap();
    let votes: Vec<_> = series.snapshots.iter().map(|one| one.votes).collect();
    assert_eq!(votes, [20, 30, 40]);
    assert_eq!((origin.late, origin.in_one_second), (0, 2));
    let (series, origin) = day(&[1, 1, 1, 1, 500]).series().unwrap();
    assert_eq!(series.snapshots.len(), 5);
    assert!(series.closed);
    assert_eq!((origin.late, origin.late_votes, origin.largest_delay_s), (0, 10, 499));
}

#[test]
fn stamps_stand_under_their_stations_or_under_one_for_all() {
    let mut growth = day(&[1, 1, 1]);
    growth.points[1].stamps = Some(vec![12]);
    let (series, origin) = growth.series().unwrap();
    assert_eq!((series.stations, origin.with_stamps), (vec!["all".to_owned()], 1));
    assert_eq!(series.snapshots[1].stamps, Some(vec![12]));
    growth.stations = vec!["8704-2A05".to_owned(), "9955-1B00".to_owned()];
    growth.points[1].stamps = Some(vec![5, 7]);
    let (series, _) = growth.series().unwrap();
    assert_eq!(series.stations, growth.stations);
}

#[test]
fn check_ins_are_held_against_the_votes_of_their_time_and_no_later_ones() {
    let mut growth = day(&[1, 1, 1, 1]);
    // Twelve had checked in a minute after the snapshot with ten votes, thirteen just before the
    // next one, and all forty when all was over. One count is of before the opening.
    growth.check_ins = vec![(at(-60), 0), (at(181), 12), (at(240), 13), (at(9000), 40)];
    let (series, origin) = growth.series().unwrap();
    let told: Vec<_> = series.snapshots.iter().map(|one| one.check_ins).collect();
    assert_eq!(told, [None, Some(12), None, Some(40)]);
    assert_eq!(origin.with_check_ins, 2);
    assert!(series.snapshots.iter().all(|one| one.check_ins.is_none_or(|all| one.votes <= all)));
}

#[test]
fn there_is_no_series_of_one_snapshot() {
    assert_eq!(day(&[1]).series().unwrap_err(), SeriesFault::Snapshots { found: 1 });
    assert_eq!(day(&[]).series().unwrap_err(), SeriesFault::Snapshots { found: 0 });
}
