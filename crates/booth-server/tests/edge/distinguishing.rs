//! The attack: somebody who has no code asks for stamps, to find out which of them are genuine.
//!
//! The distinguisher knows everything that comes over the wire, and for half of the answers which
//! kind they are; it has to tell the kinds of the other half. In the prototype it needs two
//! answers: all genuine stamps of a second are equal.

use std::collections::BTreeSet;

use canon::base64;

use crate::client::{Client, Reply};
use crate::solar::{Edge, Plan};

/// Answers of each kind. A million: `SCRUTINEER_STAMP_QUERIES=500000 cargo test …`
fn queries() -> usize {
    let asked = std::env::var("SCRUTINEER_STAMP_QUERIES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(1_500)
}

/// What is looked at of an answer: each bit of its head as it came, each bit of its signature and
/// stamp, and where these differ from the answer before to the same code.
fn bits(reply: &Reply, before: &Reply) -> Vec<bool> {
    let mut bytes = format!("{reply:?}").into_bytes();
    let (own, other) = (signature(reply), signature(before));
    bytes.extend(&own);
    bytes.extend(own.iter().zip(&other).map(|(one, two)| one ^ two));
    let bit = |byte: u8| (0..8).map(move |at| byte >> at & 1 == 1);
    bytes.into_iter().flat_map(bit).collect()
}

fn signature(reply: &Reply) -> Vec<u8> {
    base64::decode(reply.header("p-sig").unwrap().as_bytes()).unwrap()
}

/// Learns from the first half of each kind how often each bit is set, and guesses the second half
/// by the weight of the evidence of all bits: how many guesses were right, of how many.
#[expect(clippy::cast_precision_loss, reason = "counts of a few millions")]
fn distinguish(genuine: &[Vec<bool>], decoys: &[Vec<bool>]) -> (usize, usize) {
    let half = genuine.len() / 2;
    let width = genuine.iter().chain(decoys).map(Vec::len).max().unwrap();
    let share = |kind: &[Vec<bool>], at: usize| {
        let set = kind[..half].iter().filter(|bits| bits.get(at) == Some(&true)).count();
        (set as f64 + 0.5) / (half as f64 + 1.0)
    };
    let shares: Vec<_> = (0..width).map(|at| (share(genuine, at), share(decoys, at))).collect();
    let evidence = |bits: &Vec<bool>| {
        let each = shares.iter().enumerate().map(|(at, (genuine, decoy))| match bits.get(at) {
            Some(true) => (genuine / decoy).ln(),
            _ => ((1.0 - genuine) / (1.0 - decoy)).ln(),
        });
        each.sum::<f64>()
    };
    let found = genuine[half..].iter().filter(|bits| evidence(bits) > 0.0).count();
    let rejected = decoys[half..].iter().filter(|bits| evidence(bits) <= 0.0).count();
    (found + rejected, genuine.len() + decoys.len() - 2 * half)
}

/// By how many standard deviations the guesses are better than a coin's, or worse.
#[expect(clippy::cast_precision_loss, reason = "counts of a few millions")]
fn deviations((right, all): (usize, usize)) -> f64 {
    let (right, all) = (right as f64, all as f64);
    (right - all / 2.0).abs() / (all / 4.0).sqrt()
}

/// By how many standard deviations the bit that differs most between the kinds differs.
#[expect(clippy::cast_precision_loss, reason = "counts of a few millions")]
fn most_unequal(genuine: &[Vec<bool>], decoys: &[Vec<bool>]) -> f64 {
    let width = genuine.iter().chain(decoys).map(Vec::len).max().unwrap();
    let count = genuine.len() as f64;
    let set = |kind: &[Vec<bool>], at: usize| {
        kind.iter().filter(|bits| bits.get(at) == Some(&true)).count() as f64 / count
    };
    let unequal = |at| {
        let (one, other) = (set(genuine, at), set(decoys, at));
        let both = f64::midpoint(one, other);
        let spread = (both * (1.0 - both) * 2.0 / count).sqrt();
        if spread > 0.0 { (one - other).abs() / spread } else { 0.0 }
    };
    (0..width).map(unequal).fold(0.0, f64::max)
}

async fn ask(client: &mut Client, code: &str) -> Reply {
    let reply = client.get("/stamp", &[("TOTP", code)]).await;
    assert_eq!(reply.status, 204);
    reply
}

/// Right and wrong codes in turns. Each code is asked for as the next, the present and the last
/// one, and the clock goes on under the questions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_to_right_and_wrong_codes_cannot_be_told_apart() {
    let edge = Edge::start(Plan::default()).await;
    let mut client = edge.client().await;
    let (mut genuine, mut decoys) = (Vec::new(), Vec::new());
    let (mut shapes, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let (mut right, mut wrong) = (edge.codes().next.to_string(), edge.wrong_code().to_string());
    let mut before = [ask(&mut client, &right).await, ask(&mut client, &wrong).await];
    for number in 1..=queries() {
        if number % 20 == 0 {
            edge.clock().advance(30);
        }
        if number % 60 == 0 {
            (right, wrong) = (edge.codes().next.to_string(), edge.wrong_code().to_string());
        }
        for (kind, code) in [&right, &wrong].into_iter().enumerate() {
            let reply = ask(&mut client, code).await;
            let names = reply.headers.iter().map(|(name, value)| (name.clone(), value.len()));
            shapes.insert(names.collect::<Vec<_>>());
            assert!(seen.insert(signature(&reply)), "no answer comes twice");
            let found = bits(&reply, &before[kind]);
            if kind == 0 { &mut genuine } else { &mut decoys }.push(found);
            before[kind] = reply;
        }
    }
    assert_eq!(shapes.len(), 1, "one form for both: {shapes:?}");
    let key = crate::solar::stamp_keys();
    let kinds = before.map(|last| crate::solar::stamps_of(&last).0.is_genuine(key.stamp_key()));
    assert_eq!(kinds, [true, false], "there was something to tell apart");
    let told = distinguish(&genuine, &decoys);
    assert!(deviations(told) < 5.0, "{told:?} are better than chance");
    // Of some thousand bits the most unequal is off by four or so; by six once in 100,000 runs.
    let unequal = most_unequal(&genuine, &decoys);
    assert!(unequal < 6.0, "a bit is off by {unequal} standard deviations");
}

/// The distinguisher finds what is there: one bit that is set a little more often, and the
/// prototype, whose answers of one kind are all equal.
#[test]
fn the_distinguisher_can_tell_apart_what_differs() {
    let noise = |number: u64| {
        let digest = canon::Digest::of(&number.to_be_bytes());
        let bits = digest.0.into_iter().flat_map(|byte| (0..8).map(move |at| byte >> at & 1 == 1));
        bits.collect::<Vec<bool>>()
    };
    let kind = |from: u64| (from..from + 1_500).map(noise).collect::<Vec<_>>();
    let (one, mut other) = (kind(0), kind(10_000));
    assert!(deviations(distinguish(&one, &other)) < 5.0);
    assert!(most_unequal(&one, &other) < 6.0);
    for bits in other.iter_mut().step_by(3) {
        bits[77] = true;
    }
    assert!(most_unequal(&one, &other) > 6.0);
    let (sign, hole) = (vec![noise(1); 1_500], vec![noise(2); 1_500]);
    assert_eq!(distinguish(&sign, &hole), (1_500, 1_500));
}

/// The attack: a code is photographed and sent to a crowd. Beyond its number of stamps the crowd
/// gets decoys, is told nothing, and an alarm goes off inside.
#[tokio::test]
async fn a_code_that_is_passed_on_raises_an_alarm_that_nobody_outside_hears() {
    let rules = "stamps_per_code = 3\n";
    let edge = Edge::start(Plan { rules, ..Plan::default() }).await;
    let mut client = edge.client().await;
    let code = edge.codes().current.to_string();
    let key = crate::solar::stamp_keys();
    let mut genuine = 0;
    let mut shapes = BTreeSet::new();
    for _ in 0..10 {
        let reply = ask(&mut client, &code).await;
        let names = reply.headers.iter().map(|(name, value)| (name.clone(), value.len()));
        shapes.insert(names.collect::<Vec<_>>());
        let (platform, _) = crate::solar::stamps_of(&reply);
        genuine += usize::from(platform.is_genuine(key.stamp_key()));
    }
    assert_eq!((genuine, shapes.len()), (3, 1));
    assert_eq!(edge.metric("edge_stamps_excess_total{station=\"solar/\"}").await, Some(7));
    assert_eq!(edge.metric("edge_stamps_genuine{station=\"solar/\"}").await, Some(3));
    ask(&mut client, &edge.wrong_code().to_string()).await;
    assert_eq!(edge.metric("edge_stamps_excess_total{station=\"solar/\"}").await, Some(7));
    let next = edge.codes().next.to_string();
    let (platform, _) = crate::solar::stamps_of(&ask(&mut client, &next).await);
    assert!(platform.is_genuine(key.stamp_key()), "other codes go on");
}
