//! `snapshots.json`, kept as text: a snapshot adds its own, and what stands before it is neither
//! written nor compressed again.
//!
//! ```text
//! {"snapshots":[ <payload>,<payload>, ... ]}LF
//! |--- whole chunks ---|---- open chunk ----|
//! ```
//!
//! A chunk is whole when it has so many bytes; it is compressed once. The open one is compressed at
//! each snapshot.

use std::sync::Arc;

use artifact::payload::Snapshot;
use bytes::Bytes;
use canon::Hasher;
use service::http::gzip;

use super::page::Page;

/// Bytes of a whole chunk, at least.
const CHUNK: usize = 64 * 1024;

const BEGIN: &[u8] = br#"{"snapshots":["#;
const END: &[u8] = b"]}\n";

/// What the log is told of all snapshots, and the page that has it.
#[derive(Debug)]
pub(super) struct Texts {
    payloads: Vec<Arc<Snapshot>>,
    /// Whole chunks, plain and compressed.
    whole: [Vec<Bytes>; 2],
    open: Vec<u8>,
    /// Of the whole chunks.
    hasher: Hasher,
    sum: gzip::Sum,
}

impl Texts {
    pub(super) fn new() -> Self {
        let (payloads, whole) = (Vec::new(), [Vec::new(), vec![Bytes::from_static(&gzip::HEAD)]]);
        let (hasher, sum) = (Hasher::new(), gzip::Sum::default());
        Self { payloads, whole, open: BEGIN.to_vec(), hasher, sum }
    }

    /// How many snapshots it has.
    pub(super) const fn count(&self) -> usize {
        self.payloads.len()
    }

    /// Adds the next snapshot.
    pub(super) fn push(&mut self, payload: Snapshot) {
        if !self.payloads.is_empty() {
            self.open.push(b',');
        }
        // Forms of our own are always written.
        self.open.extend(serde_json::to_vec(&payload).unwrap_or_default());
        self.payloads.push(Arc::new(payload));
        if self.open.len() >= CHUNK {
            let chunk = std::mem::take(&mut self.open);
            self.hasher.update(&chunk);
            self.sum.update(&chunk);
            let [plain, packed] = &mut self.whole;
            packed.push(gzip::part(&chunk).into());
            plain.push(chunk.into());
        }
    }

    /// What the log is told of each.
    pub(super) fn payloads(&self) -> Arc<[Arc<Snapshot>]> {
        self.payloads.iter().map(Arc::clone).collect()
    }

    /// The page as it is now.
    pub(super) fn page(&self) -> Page {
        let rest = [self.open.as_slice(), END].concat();
        let (mut hasher, mut sum) = (self.hasher.clone(), self.sum.clone());
        hasher.update(&rest);
        sum.update(&rest);
        let [plain, packed] = &self.whole;
        let last = [gzip::part(&rest).as_slice(), &sum.tail()].concat();
        let and = |whole: &[Bytes], last: Vec<u8>| {
            whole.iter().cloned().chain([Bytes::from(last)]).collect()
        };
        Page { plain: and(plain, rest), gzip: and(packed, last), digest: hasher.finish() }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use canon::{Digest, Timestamp};

    use super::*;

    fn snapshot(number: u64) -> Snapshot {
        let state = |name: &str| artifact::payload::platform::ListState {
            bytes: None,
            commitment: Some(Digest::of(format!("{name} {number}").as_bytes())),
            digest: None,
            records: number,
        };
        Snapshot {
            campaign: "solar".parse().unwrap(),
            election_id: "solar".parse().unwrap(),
            is_last: false,
            number,
            stamps_issued: Vec::new(),
            taken_at: Timestamp::from_unix(0).unwrap().plus_seconds(120 * number).unwrap(),
            voters: state("voters"),
            votes: state("votes"),
            without: Vec::new(),
        }
    }

    fn whole(parts: &[Bytes]) -> Vec<u8> {
        parts.concat()
    }

    /// With whatever number of snapshots, over many chunks: the page is the JSON text of all of
    /// them, and its compressed form is that text.
    #[test]
    fn a_page_that_grows_is_the_page_that_is_made_at_once() {
        let mut texts = Texts::new();
        for number in 0..1_000_u64 {
            if number % 97 == 0 || number < 3 {
                let all: Vec<Snapshot> = (0..number).map(snapshot).collect();
                let mut text = serde_json::to_vec(&serde_json::json!({ "snapshots": [] })).unwrap();
                if !all.is_empty() {
                    let all: Vec<String> =
                        all.iter().map(|one| serde_json::to_string(one).unwrap()).collect();
                    text = format!("{{\"snapshots\":[{}]}}", all.join(",")).into_bytes();
                }
                text.push(b'\n');
                let page = texts.page();
                assert!(whole(&page.plain) == text, "{number}");
                assert_eq!(page.digest, Digest::of(&text), "{number}");
                let mut inflated = Vec::new();
                let packed = whole(&page.gzip);
                let mut decoder = flate2::bufread::GzDecoder::new(packed.as_slice());
                decoder.read_to_end(&mut inflated).unwrap();
                assert!(inflated == text && decoder.into_inner().is_empty(), "{number}");
                assert_eq!(texts.payloads().len(), texts.count());
            }
            texts.push(snapshot(number));
        }
        assert!(texts.whole[0].len() > 3, "several chunks");
    }
}
