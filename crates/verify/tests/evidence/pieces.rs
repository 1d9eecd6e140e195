//! Raw files are hashed as they come, and no further than their manifest says.

use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};

use artifact::bundle::{MemorySource, Reading, Source, SourceError};
use canon::Digest;
use testkit::election::{Bundle, Election, Plan};
use verify::{Options, Silent, Verdict, replay};

use crate::stage::{anchor, memory};

/// A bundle of which one file goes on for ever, and is only given in pieces.
struct Endless {
    bundle: MemorySource,
    path: String,
    given: AtomicU64,
}

struct Zeros<'a>(&'a AtomicU64);

impl Read for Zeros<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        buffer.fill(0);
        self.0.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        Ok(buffer.len())
    }
}

impl Source for Endless {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        assert_ne!(path, self.path, "a raw file is not asked for whole");
        self.bundle.read(path, limit)
    }

    fn reader<'a>(&'a self, path: &str, limit: u64) -> Result<Option<Reading<'a>>, SourceError> {
        if path == self.path {
            return Ok(Some(Reading::plain(path, Zeros(&self.given), limit)));
        }
        self.bundle.reader(path, limit)
    }

    fn each_path(&self, see: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        self.bundle.each_path(see)
    }

    fn describe(&self) -> String {
        "an endless bundle".into()
    }
}

/// An election with one raw file of these bytes.
fn election(raw: &[u8]) -> Election {
    let mut election = Election::new(Plan { phases: Vec::new(), ..Plan::default() });
    election.manifest("auditor", &[("export.bin", "export/bin", raw)]);
    election.head();
    election.close();
    election
}

#[test]
fn an_endless_raw_file_is_read_up_to_its_stated_size() {
    let raw = vec![0; 100_000];
    let election = election(&raw);
    let source = Endless {
        bundle: memory(&election.bundle()),
        path: format!("artifact/{}", Digest::of(&raw)),
        given: AtomicU64::new(0),
    };
    let options = Options { anchor: Some(anchor(&election)), ..Options::default() };
    let report = replay(&source, &options, &Silent).unwrap();
    assert_eq!(report.finding_counts.into_iter().collect::<Vec<_>>(), [("ART-014", 1)]);
    let finding = &report.findings[0];
    assert_eq!(
        (finding.expected.as_str(), finding.found.as_str()),
        ("100000 bytes", "more than 100000 bytes")
    );
    assert!(source.given.into_inner() <= 100_001);
}

#[test]
fn a_raw_file_of_many_pieces_holds_and_each_of_its_bytes_counts() {
    let raw: Vec<u8> = (0_u32..60_000).flat_map(u32::to_be_bytes).collect();
    let election = election(&raw);
    let mut bundle = election.bundle();
    let verdict = |bundle: &Bundle| {
        let options = Options { anchor: Some(anchor(&election)), ..Options::default() };
        let report = replay(&memory(bundle), &options, &Silent).unwrap();
        (report.verdict, report.finding_counts.into_iter().collect::<Vec<_>>())
    };
    assert_eq!(verdict(&bundle), (Verdict::Holds, vec![]));
    let path = format!("artifact/{}", Digest::of(&raw));
    for at in [0, 65_535, 65_536, 131_072, raw.len() - 1] {
        bundle.file(&path)[at] ^= 1;
        assert_eq!(verdict(&bundle), (Verdict::Fails, vec![("ART-013", 1)]), "{at}");
        bundle.file(&path)[at] ^= 1;
    }
    bundle.file(&path).pop();
    assert_eq!(verdict(&bundle), (Verdict::Fails, vec![("ART-013", 1), ("ART-014", 1)]));
}
