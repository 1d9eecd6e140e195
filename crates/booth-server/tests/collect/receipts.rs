//! What the answers of an instance tell about the votes of others.

use service::config::Override;

use crate::fixture::{noon, request};
use crate::instance::{Answer, Platform, Running, until};

/// The attackers vote just before and just after their target, all with the same campaign and keys,
/// in an instance of its own; what they are told at once, and what they are told after the close.
fn sandwich(platform: &Platform, name: &str, order: &[u32]) -> [Vec<Answer>; 2] {
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
    let receipt =
        |number| until(|| Some(instance.vote(&request(number))).filter(|one| one.status == 204));
    let receipts = ATTACKERS.map(receipt).to_vec();
    assert_eq!(ATTACKERS.map(receipt).to_vec(), receipts, "asking again shows nothing new");
    instance.stop();
    let own = ATTACKERS.map(|number| {
        at_once.iter().find(|(one, _)| *one == number).map(|(_, answer)| answer.clone()).unwrap()
    });
    [own.to_vec(), receipts]
}

const ATTACKERS: [u32; 2] = [0, 3];

/// The attack: vote just before and just after the target, and compare what comes back. The
/// prototype's receipts show the most recent stamp of every option, so that the stamp which changed
/// is the target's.
#[test]
fn the_sandwich_tells_nothing_over_http() {
    let platform = Platform::new("test", 12, 1);
    let crowd = [6, 9, 4, 7, 8, 11];
    let around = |target: u32| [&crowd[..], &[ATTACKERS[0], target, ATTACKERS[1]]].concat();
    // Target 1 chose Saturn, target 2 Pluto.
    let [first, _] = sandwich(&platform, "first", &around(1));
    let [second, receipts] = sandwich(&platform, "second", &around(2));
    assert_eq!(first, second, "what is told at once does not depend on the target");
    assert!(first.iter().all(|answer| answer.headers.keys().all(|name| !name.contains("receipt"))));
    // Nor do the receipts depend on when the target came.
    let mut early = around(2);
    early.retain(|number| *number != 2);
    early.insert(0, 2);
    let [_, otherwise] = sandwich(&platform, "third", &early);
    assert_eq!(receipts, otherwise);
}
