//! A client written from the prototype's paper alone, in another language, with cryptography of its
//! own: what it sends is taken, and what it gets is what that paper shows.

use std::process::{Command, Output};

use booth::mandate::Mandate;
use booth::totp::{code, step};
use booth::vote::{Found, Vote, find};
use service::clock::{Clock as _, SystemClock};

use crate::platform::{AUTHORITY_SEED, Act, Platform, Rules, TOTP_SEED};

/// The seeds of this test are one byte again and again.
fn hex(seed: [u8; 32]) -> String {
    format!("{:02x}", seed[0]).repeat(32)
}

async fn vote(edge: String, totp: [u8; 32], option: &'static str) -> Output {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/vote_from_seed.py");
    let run = move || {
        let secrets = [hex(AUTHORITY_SEED), hex(totp)];
        Command::new("python3")
            .arg("-B")
            .arg(script)
            .arg(edge)
            .args(secrets)
            .args([option, "6"])
            .output()
    };
    tokio::task::spawn_blocking(run).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_written_from_the_seed_votes_and_gets_its_receipt_at_once() {
    let platform = Platform::new(Rules { k: 0, work_bits: 6, shards: 2, is_remote: false });
    let url = platform.serve().await;
    for option in ["Bold Jupiter", "Caf\u{e9} Neptune"] {
        let output = vote(url.clone(), TOTP_SEED, option).await;
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!((lines[0], lines.len()), ("204", 1 + 4 + 2));
        let (votes, voters) = platform.lists();
        let own = Vote::from_line(lines[5]).unwrap();
        assert_eq!(own.say, option);
        assert!(own.score() >= 6);
        assert_eq!(find(&own, votes.iter().map(String::as_str)), Found::AsCast);
        let mandate = Mandate::from_voters_line(lines[6]).unwrap();
        assert!(voters.contains(&mandate.voters_line()));
    }
    assert_eq!(platform.lists().0.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_refused_with_another_secret_and_sees_a_false_receipt() {
    let platform = Platform::new(Rules { k: 0, work_bits: 6, shards: 2, is_remote: false });
    let url = platform.serve().await;
    let (now, other) = (step(SystemClock.now()), [32; 32]);
    let shown = |seed, step| code(&booth::Secret::new(&seed), step);
    assert!((now - 1..now + 3).all(|step| shown(other, step) != shown(TOTP_SEED, step)));
    let output = vote(url.clone(), other, "Bold Jupiter").await;
    assert!(!output.status.success());
    assert!(output.stdout.starts_with(b"488\n"));
    assert!(platform.lists().0.is_empty());
    platform.play(|call, judge| {
        let mut answer = judge();
        if call.is_vote() {
            let first = answer.headers[0].1.replace("Bold Jupiter", "Shiny Saturn");
            answer.headers[1].1 = first;
        }
        Act::Answer(answer)
    });
    let output = vote(url, TOTP_SEED, "Bold Jupiter").await;
    assert!(!output.status.success());
    assert!(output.stdout.starts_with(b"204\n"));
}
