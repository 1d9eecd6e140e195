//! The attack: whoever watches the door all day, and has everything that is shown, published or
//! lies open on a disk, guesses whose vote is whose.
//!
//! The observer knows who came, when and in which order, and every mandate; each state of the
//! published lists as soon as it is there, with its time and size; the snapshots on the log with
//! their times, and how many stamps each station has given; P-UTC, P-SIG, stamps and nonces; the
//! lists of the instances with their cuts; names, sizes and times of all files of instances and
//! publisher, looked at after each visitor, and what is appended to those that are not secret; and
//! receipts of people of their own, who ask again and again, all day long and after the close.
//!
//! A guess is the line of a visitor's vote. In a batch of `k` votes one of `k` is right by chance.
//! How often they are right in all is held against a bound that chance alone passes once in a
//! million, for each strategy: see [`verdict::Verdict::limit`]. What sees nothing here has to
//! succeed on days on which something is wrong.
//!
//! How small a leak is found follows from the number of guesses: see [`verdict::Verdict::power`].
//! Among 960 visitors, in batches of ten, a strategy that guesses for all of them finds a leak with
//! 80 % that gives away 76 votes of 1,000 for certain, and one of 97 with 99 %; among 20,000, for
//! which `SCRUTINEER_OBSERVED_VISITORS` is there (`cargo xtask long observer`), one of 16 and one
//! of 20. `what_so_many_visitors_find` computes it.

mod day;
mod disk;
mod guesses;
mod planted;
mod seen;
mod verdict;
mod voters;

use std::sync::LazyLock;

use artifact::charter::Purpose;

use self::day::{Plan, run};
use self::planted::{
    batch_by_batch, by_station, drawn_beside, drawn_from_the_last, paired, shortened_at_once,
    truth, unpadded, with_cuts,
};
use self::seen::Day;
use self::verdict::{found, verdicts};

/// A day as it is promised.
const HONEST: Plan = Plan {
    visitors: 960,
    k: 10,
    promised: 10,
    purpose: Purpose::Test,
    stamp_period_s: 6 * 3_600,
    own: 5,
    is_counting: false,
};

/// One that is changed in one thing after the other.
static DAY: LazyLock<Day> = LazyLock::new(|| run(&HONEST));

/// Visitors of a day, where the environment makes it larger.
fn visitors() -> Option<usize> {
    std::env::var("SCRUTINEER_OBSERVED_VISITORS").ok().map(|text| text.parse().unwrap())
}

/// Judges a day on which nothing is wrong.
#[expect(clippy::print_stdout, reason = "what a long run has measured is for the documents")]
fn judge(day: &Day, purpose: Purpose) {
    assert!(day.seen.entries.iter().all(|entry| !entry.stamps.is_empty()));
    for verdict in verdicts(day) {
        let (name, chance, limit) = (verdict.strategy, verdict.chance(), verdict.limit());
        println!(
            "measured: {purpose}, {name}: {} of {} right, {chance:.0} by chance, limit {limit}, \
             80 % power at {} in 1,000",
            verdict.hits,
            verdict.guesses(),
            verdict.smallest(0.8),
        );
        assert!(!verdict.is_related(), "{verdict:?}, and {limit} are too many");
        assert!(verdict.guesses() > 0, "{verdict:?}");
    }
}

/// The day that is promised: everything is told at once, and receipts come with each cut.
#[test]
fn the_strongest_observer_relates_no_two_lines() {
    match visitors() {
        None => judge(&DAY, HONEST.purpose),
        Some(visitors) => judge(&run(&Plan { visitors, ..HONEST }), HONEST.purpose),
    }
}

/// An official one: results and receipts come after the close, and sizes and commitments before.
#[test]
fn the_strongest_observer_of_an_official_day_relates_no_two_lines() {
    let (visitors, purpose) = (visitors().unwrap_or(480), Purpose::Official);
    judge(&run(&Plan { visitors, purpose, ..HONEST }), purpose);
}

/// Asserts that strategies find something on a day.
#[track_caller]
fn finds(day: &Day, names: &[&str]) {
    let wrong = found(day);
    for name in names {
        assert!(wrong.contains(name), "{name}: {:?}", verdicts(day));
    }
}

/// Whoever cuts does not sort, sorts pairs, or sorts by station.
#[test]
fn an_observer_relates_what_is_not_sorted() {
    for (is_reversed, name) in
        [(false, "the order in a cut"), (true, "the order in a cut, newest first")]
    {
        let unsorted = with_cuts(&DAY, |visitors, cut| {
            cut.lines[0] = truth(&DAY, visitors);
            if is_reversed {
                cut.lines[0].reverse();
            }
        });
        finds(&unsorted, &[name]);
    }
    let pairs = with_cuts(&DAY, |visitors, cut| {
        cut.lines[0] = paired(&DAY, visitors, &cut.lines[1]);
    });
    finds(
        &pairs,
        &[
            "the same place by hash in both lists of a cut",
            "the same place in both published lists",
            "all of them together",
        ],
    );
    finds(&by_station(&DAY), &["stations that grew between two entries"]);
}

/// What lies beside the lists is written as people come, or in their order.
#[test]
fn an_observer_relates_what_plain_files_tell() {
    finds(&unpadded(&DAY), &["the growth of the spool"]);
    finds(&shortened_at_once(&DAY), &["what stamps.seen grew by at the visit"]);
    let in_order = with_cuts(&DAY, |visitors, cut| cut.short[0] = truth(&DAY, visitors));
    let names = ["the order of stamps.seen", "the order that marks tell, in stamps.seen"];
    finds(&in_order, &names);
    let pairs = with_cuts(&DAY, |visitors, cut| {
        cut.short[0] = paired(&DAY, visitors, &cut.short[1]);
    });
    finds(&pairs, &["the same place in stamps.seen and mandates.seen"]);
}

/// Draws that are not even give away who came beside the holder.
#[test]
fn an_observer_relates_what_receipts_show_often_or_early() {
    let before = drawn_beside(&DAY, true);
    finds(&before, &["stamps that the next one's receipts show often"]);
    let behind = drawn_beside(&DAY, false);
    finds(&behind, &["stamps that the last one's receipts show often"]);
    let last = drawn_from_the_last(&DAY);
    finds(&last, &["what receipts show first after the visit"]);
}

/// A demonstration publishes one by one: then what goes by time and size finds nearly everybody.
#[test]
fn an_observer_relates_what_is_published_one_by_one() {
    let plan = Plan { visitors: 120, k: 0, purpose: Purpose::Demonstration, own: 2, ..HONEST };
    let day = run(&plan);
    finds(
        &day,
        &[
            "the order in the published list",
            "the snapshot after the visit",
            "the rate of arrival",
            "the bytes between two states",
            "the entry on the log after the visit",
            "lists that grow on the disks",
            "all of them together",
        ],
    );
    // Receipts say it to those who see no disk.
    let mut outside = day;
    outside.seen.cuts.clear();
    finds(&outside, &["receipts from before and after"]);
}

/// Devices and edges that count where they should draw, and stamp periods of a minute.
#[test]
fn an_observer_relates_what_was_counted_and_who_is_alone() {
    let purpose = Purpose::Demonstration;
    let plan = Plan { visitors: 120, purpose, stamp_period_s: 60, is_counting: true, ..HONEST };
    let day = run(&plan);
    finds(
        &day,
        &[
            "nonces in order",
            "P-SIG in order",
            "stamps in order",
            "the stamp period",
            "the last cut",
            "all of them together",
        ],
    );
    // Nearly all of them are in the last cut, most in a batch of their own.
    finds(&batch_by_batch(&day), &["batches of the spool, in the order of cuts.log"]);
}
