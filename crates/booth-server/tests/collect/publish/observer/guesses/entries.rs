//! Guesses by the entries of the log and their times.

use std::collections::BTreeMap;

use super::super::seen::{Entry, Seen};
use super::{Guesses, in_cuts};

/// Those who came between two snapshots on the log are the lines by which the second has more.
pub(super) fn after_the_visit(seen: &Seen) -> Guesses {
    let mut guesses = vec![None; seen.visitors.len()];
    let (mut from, mut known) = (0, 0);
    for entry in seen.entries.iter().filter(|entry| entry.records > 0) {
        let until = seen.came_before(entry.at);
        let lines = &seen.lists[0][known..entry.records];
        for (visitor, line) in (from..until).rev().zip(lines.iter().rev()) {
            guesses[visitor] = Some(line.clone());
        }
        if known < entry.records {
            from = until;
        }
        known = entry.records;
    }
    guesses
}

/// Who passed the door between two entries was at a station that has given more stamps; the lines
/// of a cut are taken to stand by station.
pub(super) fn stations(seen: &Seen) -> Guesses {
    let mut station = vec![String::new(); seen.visitors.len()];
    let (mut from, mut known) = (0, BTreeMap::new());
    for Entry { at, stamps, .. } in seen.entries.iter().filter(|one| !one.stamps.is_empty()) {
        let until = seen.came_before(*at);
        let grown = stamps.iter().flat_map(|(station, stamps)| {
            let before = known.get(station).copied().unwrap_or_default();
            (before..*stamps).map(move |_| station)
        });
        for (visitor, name) in (from..until).zip(grown) {
            station[visitor].clone_from(name);
        }
        (from, known) = (until, stamps.clone());
    }
    in_cuts(seen, |cut, mut visitors| {
        visitors.sort_by_key(|at| &station[*at]);
        visitors.into_iter().zip(&cut.lines[0]).collect()
    })
}
