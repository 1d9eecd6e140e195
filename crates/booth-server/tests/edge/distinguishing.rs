//! The attack: somebody who has no code asks for stamps, to find out which of them are genuine.
//!
//! The distinguisher knows everything that comes over the wire, and for half of the answers which
//! kind they are; it has to tell the kinds of the other half. In the prototype it needs two
//! answers: all genuine stamps of a second are equal.
//!
//! A long run also takes the time of each answer: see [`testkit::latency`]. A short one does not
//! judge by time, for it has too few answers and all other tests beside it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use canon::{Digest, base64};
use testkit::latency::Latencies;

use crate::client::{Client, Reply};
use crate::solar::{Edge, Plan};

/// Pairs of questions, one with a right code and one with a wrong one. `SCRUTINEER_STAMP_QUERIES`
/// says how many questions; `cargo xtask long` asks for a million.
fn pairs() -> usize {
    let asked = std::env::var("SCRUTINEER_STAMP_QUERIES").ok().map(|text| text.parse().unwrap());
    asked.unwrap_or(3_000_usize) / 2
}

/// So many pairs are judged by time too.
const MANY: usize = 100_000;

/// What a long run has to find when it is there.
const DELAY: Duration = Duration::from_micros(5);

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

/// Learns how often each bit is set in answers of each kind, and guesses by the weight of the
/// evidence of all bits. It keeps no answer, so a million are no more to it than a thousand.
#[derive(Default)]
struct Distinguisher {
    /// By bit, in how many answers of each kind it was set.
    set: Vec<[f64; 2]>,
    answers: [f64; 2],
    /// By bit, how often it is set in each kind, by what was learned before the guesses.
    shares: Vec<[f64; 2]>,
    guesses: f64,
    right: f64,
}

impl Distinguisher {
    /// Takes an answer of a known kind: 0 or 1.
    fn learn(&mut self, kind: usize, bits: &[bool]) {
        self.set.resize(self.set.len().max(bits.len()), [0.0; 2]);
        self.answers[kind] += 1.0;
        for (set, bit) in self.set.iter_mut().zip(bits) {
            set[kind] += f64::from(u8::from(*bit));
        }
    }

    /// Ends the lesson.
    fn settle(&mut self) {
        let answers = self.answers;
        let share = |set: &[f64; 2]| [0, 1].map(|kind| (set[kind] + 0.5) / (answers[kind] + 1.0));
        self.shares = self.set.iter().map(share).collect();
    }

    /// Guesses the kind of an answer, and is then told.
    fn guess(&mut self, kind: usize, bits: &[bool]) {
        let each = self.shares.iter().enumerate().map(|(at, [zero, one])| match bits.get(at) {
            Some(true) => (one / zero).ln(),
            _ => ((1.0 - one) / (1.0 - zero)).ln(),
        });
        let guessed = usize::from(each.sum::<f64>() > 0.0);
        self.guesses += 1.0;
        self.right += f64::from(u8::from(guessed == kind));
        self.learn(kind, bits);
    }

    /// By how many standard deviations the guesses are better than a coin's, or worse.
    fn deviations(&self) -> f64 {
        (self.right - self.guesses / 2.0).abs() / (self.guesses / 4.0).sqrt()
    }

    /// By how many standard deviations the bit that differs most between the kinds differs.
    fn most_unequal(&self) -> f64 {
        let unequal = |set: &[f64; 2]| {
            let [zero, one] = [0, 1].map(|kind| set[kind] / self.answers[kind]);
            let both = f64::midpoint(zero, one);
            let spread =
                (both * (1.0 - both) * (1.0 / self.answers[0] + 1.0 / self.answers[1])).sqrt();
            if spread > 0.0 { (zero - one).abs() / spread } else { 0.0 }
        };
        self.set.iter().map(unequal).fold(0.0, f64::max)
    }
}

async fn ask(client: &mut Client, code: &str) -> Reply {
    timed(client, code, Duration::ZERO).await.0
}

/// Asks after a while that counts, and takes the time.
async fn timed(client: &mut Client, code: &str, delay: Duration) -> (Reply, Duration) {
    let head = format!("GET /stamp HTTP/1.1\r\nHost: solar.example.org\r\nTOTP: {code}\r\n\r\n");
    let begun = Instant::now();
    while begun.elapsed() < delay {
        std::hint::spin_loop();
    }
    let reply = client.say(head.as_bytes()).await;
    let time = begun.elapsed();
    assert_eq!(reply.status, 204);
    (reply, time)
}

/// The two kinds in an order that is drawn for each pair: who is asked second finds a warmer cache.
fn order(pair: usize) -> [usize; 2] {
    if Digest::of(&pair.to_be_bytes()).0[0] & 1 == 1 { [0, 1] } else { [1, 0] }
}

/// Right and wrong codes, in pairs. Each code is asked for as the next, the present and the last
/// one, and the clock goes on under the questions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_to_right_and_wrong_codes_cannot_be_told_apart() {
    let edge = Edge::start(Plan::default()).await;
    let mut client = edge.client().await;
    let mut distinguisher = Distinguisher::default();
    let mut latencies = Latencies::default();
    let (mut shapes, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let codes = || [edge.codes().next.to_string(), edge.wrong_code().to_string()];
    let mut asked = codes();
    let mut before = [ask(&mut client, &asked[0]).await, ask(&mut client, &asked[1]).await];
    let pairs = pairs();
    // A step of the clock now and then, of which the campaign has some four thousand.
    let step = (pairs / 2_000).max(20);
    for pair in 1..=pairs {
        if pair == pairs / 2 {
            distinguisher.settle();
        }
        if pair % step == 0 {
            edge.clock().advance(30);
        }
        if pair % (3 * step) == 0 {
            asked = codes();
        }
        // An edge closes a connection after a million answers.
        if pair % MANY == 0 {
            client = edge.client().await;
        }
        if pair % (pairs / 20).max(MANY / 20) == 0 {
            println!("{pair} of {pairs} pairs are asked");
        }
        for kind in order(pair) {
            let (reply, time) = timed(&mut client, &asked[kind], Duration::ZERO).await;
            latencies.add(kind, time);
            let names = reply.headers.iter().map(|(name, value)| (name.clone(), value.len()));
            shapes.insert(names.collect::<Vec<_>>());
            assert!(seen.insert(signature(&reply)), "no answer comes twice");
            let found = bits(&reply, &before[kind]);
            if pair < pairs / 2 {
                distinguisher.learn(kind, &found);
            } else {
                distinguisher.guess(kind, &found);
            }
            before[kind] = reply;
        }
    }
    assert_eq!(shapes.len(), 1, "one form for both: {shapes:?}");
    let key = crate::solar::stamp_keys();
    let kinds = before.map(|last| crate::solar::stamps_of(&last).0.is_genuine(key.stamp_key()));
    assert_eq!(kinds, [true, false], "there was something to tell apart");
    let (right, guesses) = (distinguisher.right, distinguisher.guesses);
    let (deviations, unequal) = (distinguisher.deviations(), distinguisher.most_unequal());
    println!(
        "measured: {right} of {guesses} guesses are right, {deviations:.2} standard deviations \
         from chance; the most unequal bit is off by {unequal:.2}"
    );
    assert!(deviations < 5.0, "{right} of {guesses} are better than chance");
    // Of some thousand bits the most unequal is off by four or so; by six once in 100,000 runs.
    assert!(unequal < 6.0, "a bit is off by {unequal} standard deviations");
    if pairs >= MANY {
        let found = told_by_time("right and wrong codes", &latencies);
        assert!(!found, "the time of an answer tells a right code");
        delays_are_found(&mut client, &asked[1], pairs / 10).await;
    }
}

/// Whether the time tells two kinds apart.
#[allow(clippy::print_stdout, reason = "a long run says what it measured")]
fn told_by_time(name: &str, latencies: &Latencies) -> bool {
    let comparison = latencies.compare().unwrap();
    let ([zero, one], cut) = (comparison.means, comparison.cut.as_secs_f64() * 1e6);
    println!(
        "measured: {name}: {zero:.2} and {one:.2} us on the mean up to {cut:.0} us, Welch's t \
         {:.2}; beyond that {:.2} standard deviations apart",
        comparison.t, comparison.slow
    );
    comparison.tells()
}

/// The control of a long run: at the same edge, a delay of some microseconds is found.
async fn delays_are_found(client: &mut Client, code: &str, pairs: usize) {
    let mut latencies = Latencies::default();
    for pair in 0..pairs {
        for kind in order(pair) {
            let delay = [Duration::ZERO, DELAY][kind];
            latencies.add(kind, timed(client, code, delay).await.1);
        }
    }
    assert!(told_by_time("one code, with 5 us for every other question", &latencies));
}

/// What is told of answers of two kinds, 1,500 of each, made by number.
fn told(make: impl Fn(usize, u64) -> Vec<bool>) -> Distinguisher {
    let mut distinguisher = Distinguisher::default();
    for number in 0..1_500 {
        if number == 750 {
            distinguisher.settle();
        }
        for kind in [0, 1] {
            let bits = make(kind, number);
            if number < 750 {
                distinguisher.learn(kind, &bits);
            } else {
                distinguisher.guess(kind, &bits);
            }
        }
    }
    distinguisher
}

fn noise(kind: usize, number: u64) -> Vec<bool> {
    let digest = Digest::of(format!("{kind} {number}").as_bytes());
    digest.0.into_iter().flat_map(|byte| (0..8).map(move |at| byte >> at & 1 == 1)).collect()
}

/// The distinguisher finds what is there, and nothing where nothing is: one bit that is set a
/// little more often, and the prototype, whose answers of one kind are all equal.
#[test]
fn the_distinguisher_can_tell_apart_what_differs() {
    let nothing = told(noise);
    assert!(nothing.deviations() < 5.0 && nothing.most_unequal() < 6.0);
    let one_bit = told(|kind, number| {
        let mut bits = noise(kind, number);
        bits[77] |= kind == 1 && number % 3 == 0;
        bits
    });
    assert!(one_bit.most_unequal() > 6.0, "{}", one_bit.most_unequal());
    let prototype = told(|kind, _| noise(kind, 0));
    assert!(prototype.deviations() > 30.0, "all guesses are right");
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
    let figures = async || {
        let excess = edge.metric("edge_stamps_excess_total{station=\"solar/\"}").await;
        (excess, edge.metric("edge_stamps_genuine{station=\"solar/\"}").await)
    };
    // The attack: whoever reads the figures sees them move when a code was right. They move by the
    // quarter of an hour.
    assert_eq!(figures().await, (None, None));
    edge.clock().advance(900);
    assert_eq!(figures().await, (Some(7), Some(3)));
    ask(&mut client, &edge.wrong_code().to_string()).await;
    let right = edge.codes().current.to_string();
    ask(&mut client, &right).await;
    edge.clock().advance(899);
    assert_eq!(figures().await, (Some(7), Some(3)));
    edge.clock().advance(1);
    assert_eq!(figures().await, (Some(7), Some(4)));
    let next = edge.codes().next.to_string();
    let (platform, _) = crate::solar::stamps_of(&ask(&mut client, &next).await);
    assert!(platform.is_genuine(key.stamp_key()), "other codes go on");
}
