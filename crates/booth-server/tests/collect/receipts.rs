//! What the answers of an instance tell about the votes of others.

use std::collections::{BTreeMap, BTreeSet};

use service::config::Override;

use crate::fixture::{noon, request, vote};
use crate::instance::{Answer, Platform, Running, until};

/// The attackers vote just before and just after their target, all with the same campaign and keys,
/// in an instance of its own; what they are told at once, and the stamps that they are shown by
/// option when they ask again and again after the close.
fn sandwich(platform: &Platform, name: &str, order: &[u32]) -> ([Answer; 2], [Shown; 2]) {
    let keys = platform.path(&format!("{name}-keys"));
    let more = [Override::new("state", name), Override::new("batch_keys", keys.to_str().unwrap())];
    let instance = Running::try_start(platform, &platform.config(0, &more), noon()).unwrap();
    let at_once: Vec<(u32, Answer)> =
        order.iter().map(|number| (*number, instance.vote(&request(*number)))).collect();
    // Asked again, still nothing more.
    for (number, answer) in &at_once {
        assert_eq!(answer.status, 202);
        assert_eq!(instance.vote(&request(*number)), *answer);
    }
    instance.clock.advance(2 * 86_400);
    let shown = ATTACKERS.map(|number| {
        let mut shown = Shown::new();
        for _ in 0..ANSWERS {
            let answer =
                until(|| Some(instance.vote(&request(number))).filter(|one| one.status == 204));
            let lines = answer.headers.iter().filter(|(name, _)| is_line(name));
            for (stamp, option) in lines.map(|(_, line)| line.split_once(' ').unwrap()) {
                shown.entry(option.to_owned()).or_default().insert(stamp.to_owned());
            }
        }
        shown
    });
    instance.stop();
    let own = ATTACKERS.map(|number| {
        at_once.iter().find(|(one, _)| *one == number).map(|(_, answer)| answer.clone()).unwrap()
    });
    (own, shown)
}

/// Stamps by option.
type Shown = BTreeMap<String, BTreeSet<String>>;

const ATTACKERS: [u32; 2] = [0, 3];

/// Answers for each attacker: one of four stamps is missing from so many once in ten million times.
const ANSWERS: usize = 60;

fn is_line(header: &str) -> bool {
    header.strip_prefix("receipt").is_some_and(|number| number.parse::<u32>().is_ok())
}

/// What an attacker is shown by a draw from all that voted: their own stamp for their option, and
/// any stamp for each of the others.
fn drawn_from(order: &[u32], attacker: u32) -> Shown {
    let mut shown = Shown::new();
    let own = vote(attacker);
    for vote in order.iter().copied().map(vote).filter(|it| it.say != own.say || *it == own) {
        shown.entry(vote.say).or_default().insert(vote.stamp.to_string());
    }
    shown
}

/// The attack: vote just before and just after the target, and compare what comes back. The
/// prototype's receipts show the most recent stamp of every option, so that the stamp which changed
/// is the target's.
#[test]
fn the_sandwich_tells_nothing_over_http() {
    let platform = Platform::new("test", 12, 1);
    let crowd = [6, 9, 4, 7, 8, 11];
    let around = |target: u32| [&crowd[..], &[ATTACKERS[0], target, ATTACKERS[1]]].concat();
    // Target 1 chose Saturn, target 2 Pluto.
    let (first, _) = sandwich(&platform, "first", &around(1));
    let (second, shown) = sandwich(&platform, "second", &around(2));
    assert_eq!(first, second, "what is told at once does not depend on the target");
    assert!(first.iter().all(|answer| !answer.headers.keys().any(|name| is_line(name))));
    // What is shown later is drawn from all of the batch, whenever the target came.
    assert_eq!(shown, ATTACKERS.map(|attacker| drawn_from(&around(2), attacker)));
    let mut early = around(2);
    early.retain(|number| *number != 2);
    early.insert(0, 2);
    let (_, otherwise) = sandwich(&platform, "third", &early);
    assert_eq!(shown, otherwise);
}
