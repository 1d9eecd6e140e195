//! Heads that an address tells of: whether a log kept its word is judged there too.

use artifact::bundle::{MemorySource, Source, encode_sizes};
use testkit::election::{Bundle, Election, Plan};
use testkit::source::Unlisted;
use verify::{Options, Report, Silent, Verdict, replay};

use crate::stage::{anchor, memory};

/// An election whose entry 1 is covered after so many seconds, and its later ones at once, with
/// more than the promised hour between its heads; the promise of entry 1.
fn slow(covered_after: u64) -> (Election, Vec<u8>) {
    let mut election = Election::new(Plan::default());
    let at = election.now;
    election.software("one");
    election.wait(covered_after);
    election.head();
    election.wait(4000);
    let promise = election.promise(1, election.leaf_hash(1), at);
    (election.complete(), promise)
}

fn judged(source: &dyn Source, election: &Election, promise: &[u8]) -> Report {
    let options = Options {
        anchor: Some(anchor(election)),
        promises: vec![promise.to_vec()],
        ..Options::default()
    };
    replay(source, &options, &Silent).unwrap()
}

/// The bundle as an address serves it.
fn served(bundle: &Bundle, sizes: Option<Vec<u8>>) -> Unlisted {
    let mut source: MemorySource = memory(bundle);
    if let Some(sizes) = sizes {
        source.insert("checkpoints/sizes", sizes);
    }
    Unlisted(source)
}

#[test]
fn a_promise_that_was_kept_is_seen_to_be_kept_at_an_address() {
    let (election, promise) = slow(60);
    let bundle = election.bundle();
    let told = served(&bundle, Some(encode_sizes(bundle.sizes())));
    let report = judged(&told, &election, &promise);
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
    // A log that grows tells of heads before it shows them.
    let told = served(&bundle, Some(encode_sizes(bundle.sizes().into_iter().chain([1 << 40]))));
    assert_eq!(judged(&told, &election, &promise).verdict, Verdict::Holds);
}

#[test]
fn without_all_heads_nobody_can_say_that_a_promise_was_broken() {
    let (election, promise) = slow(60);
    let mut bundle = election.bundle();
    let early = bundle.sizes().into_iter().filter(|size| *size > 1).min().unwrap();
    let source = served(&bundle, None);
    let report = judged(&source, &election, &promise);
    assert_eq!(report.verdict, Verdict::Incomplete, "{:?}", report.findings);
    assert!(report.has("LOG-029") && !report.has("LOG-028") && !report.has("LOG-012"));
    // Nor when the address tells of a head and does not give it.
    bundle.files.remove(&format!("checkpoints/{early}"));
    let all = election.bundle().sizes();
    let report = judged(&served(&bundle, Some(encode_sizes(all))), &election, &promise);
    assert!(report.has("BUN-006") && !report.has("LOG-028"), "{:?}", report.findings);
    let report = judged(&served(&bundle, Some(b"1 2 3".to_vec())), &election, &promise);
    assert!(report.has("BUN-006") && report.has("LOG-029") && !report.has("LOG-028"));
}

#[test]
fn a_promise_that_was_broken_is_found_at_an_address_too() {
    let (election, promise) = slow(3700);
    let bundle = election.bundle();
    let told = served(&bundle, Some(encode_sizes(bundle.sizes())));
    let report = judged(&told, &election, &promise);
    assert!(report.has("LOG-028") && report.has("LOG-012"), "{:?}", report.findings);
    assert_eq!(report.exit_code, 1);
}
