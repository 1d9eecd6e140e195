//! What every test here needs: an election's anchor, its bundle as a source, a replay.

use artifact::anchor::Anchor;
use artifact::bundle::MemorySource;
use canon::Digest;
use testkit::election::{Bundle, Election, Plan};
use verify::{Options, Report, Silent, replay};

/// The anchor of an election's charter.
pub(crate) fn anchor(election: &Election) -> Anchor {
    let artifact = &election.entries[0].artifact;
    let charter = canon::SignedBytes::parse(artifact).unwrap().payload_as().unwrap();
    Anchor::from_charter(&charter, Digest::of(artifact))
}

/// A bundle in memory.
pub(crate) fn memory(bundle: &Bundle) -> MemorySource {
    let mut source = MemorySource::new();
    for (path, bytes) in &bundle.files {
        source.insert(path.clone(), bytes.clone());
    }
    source
}

/// The report on a bundle.
pub(crate) fn replayed(bundle: &Bundle, anchor: Option<Anchor>) -> Report {
    let options = Options { anchor, ..Options::default() };
    replay(&memory(bundle), &options, &Silent).unwrap()
}

/// A whole small election in which everything holds.
pub(crate) fn whole() -> Election {
    Election::new(Plan::default()).complete()
}

/// Changes one byte in the middle of a file.
pub(crate) fn flip(bytes: &mut [u8]) {
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
}
