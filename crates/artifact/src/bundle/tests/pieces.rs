//! Files read and copied in pieces.

use std::cell::Cell;
use std::io::{Cursor, Read, Write as _};
use std::path::PathBuf;

use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};

use super::*;

/// Bytes that do not repeat with any period that matters.
fn noise(length: usize) -> Vec<u8> {
    (0_u64..).flat_map(|number| Digest::of(&number.to_be_bytes()).0).take(length).collect()
}

/// A zip by other software, all deflated.
fn deflated(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn zip_of(bytes: Vec<u8>) -> ZipSource {
    ZipSource::from_bytes("test.zip", bytes, ZipLimits::default()).unwrap()
}

#[test]
fn every_source_gives_the_same_bytes_in_pieces() {
    for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES] {
        let bytes = noise(length);
        let path = BundlePath::Artifact(Digest::of(&bytes));
        let text = path.to_string();
        let size = length as u64;
        let mut memory = MemorySource::new();
        memory.insert(&text, bytes.as_slice());
        let place = tempfile::tempdir().unwrap();
        let mut sink = FolderSink::create(place.path().join("b")).unwrap();
        sink.write(&path, &bytes).unwrap();
        let folder = FolderSource::open(place.path().join("b")).unwrap();
        let mut sink = ZipSink::in_memory();
        sink.write(&path, &bytes).unwrap();
        sink.finish().unwrap();
        let stored = zip_of(sink.into_bytes());
        let packed = zip_of(deflated(&[(&text, &bytes)]));
        for source in [&memory as &dyn Source, &folder, &stored, &packed] {
            let read = || source.reader(&text, size).unwrap().unwrap();
            assert!(read().rest().unwrap() == bytes, "{length} of {}", source.describe());
            assert!(source.read(&text, size).unwrap().unwrap() == bytes);
            let mut found = Vec::new();
            let (mut reading, mut piece) = (read(), [0; 1000]);
            loop {
                match reading.next(&mut piece).unwrap() {
                    0 => break,
                    count => found.extend_from_slice(&piece[..count]),
                }
            }
            assert!(found == bytes);
            assert!(source.reader("artifact/none", 9).unwrap().is_none());
            if let Some(less) = size.checked_sub(1) {
                let refused = source.reader(&text, less).map(drop);
                assert!(matches!(refused, Err(SourceError::TooLarge { .. })));
            }
        }
    }
}

#[test]
fn a_file_that_goes_on_beyond_its_limit_is_left_there() {
    let mut reading = Reading::plain("artifact/x", std::io::repeat(7), 1000);
    let mut piece = [0; 600];
    assert_eq!(reading.next(&mut piece).unwrap(), 600);
    assert!(matches!(reading.next(&mut piece), Err(SourceError::TooLarge { limit: 1000, .. })));
}

#[test]
fn a_packed_file_stops_at_the_size_it_states() {
    let zeros = vec![0; 8 << 20];
    let path = format!("artifact/{}", Digest::of(&zeros));
    let mut bytes = deflated(&[(&path, &zeros)]);
    // Eight MiB in a few thousand bytes: refused by its own size before a byte is unpacked.
    let zip = zip_of(bytes.clone());
    assert!(matches!(zip.reader(&path, 5000), Err(SourceError::TooLarge { limit: 5000, .. })));
    assert!(matches!(zip.read(&path, 5000), Err(SourceError::TooLarge { limit: 5000, .. })));
    // The same with a lie about the size, in both places where it stands.
    let directory = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    for at in [22, directory + 24] {
        assert_eq!(bytes[at..at + 4], (8_u32 << 20).to_le_bytes());
        bytes[at..at + 4].copy_from_slice(&70_000_u32.to_le_bytes());
    }
    let zip = zip_of(bytes);
    assert!(matches!(zip.read(&path, 1 << 30), Err(SourceError::Zip { .. })));
    let mut reading = zip.reader(&path, 1 << 30).unwrap().unwrap();
    let mut piece = vec![0; 1 << 20];
    let mut seen = 0;
    let refused = loop {
        match reading.next(&mut piece) {
            Ok(count) => seen += count,
            Err(error) => break error,
        }
        assert!(seen <= 70_000);
    };
    assert!(matches!(refused, SourceError::Zip { .. }), "{refused}");
}

#[test]
fn a_zip_written_in_pieces_is_the_same_zip() {
    for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 5] {
        let bytes = noise(length);
        let path = BundlePath::Artifact(Digest::of(&bytes));
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("b.zip");
        let mut whole = ZipSink::in_memory();
        let mut pieces = ZipSink::in_memory();
        let mut onto_disk = ZipSink::create(&file).unwrap();
        whole.write(&path, &bytes).unwrap();
        for sink in [&mut pieces, &mut onto_disk] {
            let reading = Reading::plain("x", bytes.as_slice(), 1 << 30);
            assert_eq!(sink.write_from(&path, reading).unwrap(), length as u64);
        }
        for sink in [&mut whole, &mut pieces, &mut onto_disk] {
            sink.write(&BundlePath::Checkpoint, b"head").unwrap();
            let again = Reading::plain("x", bytes.as_slice(), 1 << 30);
            assert!(matches!(
                sink.write_from(&path, again),
                Err(CopyError::Sink(SinkError::Order { .. }))
            ));
            sink.finish().unwrap();
        }
        let whole = whole.into_bytes();
        assert!(whole == pieces.into_bytes(), "{length}");
        assert!(whole == fs::read(&file).unwrap(), "{length}");
        // Other software compares the checksum that was written last.
        let mut archive = ::zip::ZipArchive::new(Cursor::new(whole)).unwrap();
        let mut found = Vec::new();
        archive.by_name(&path.to_string()).unwrap().read_to_end(&mut found).unwrap();
        assert!(found == bytes);
    }
}

/// A log with one large file that is only ever given in pieces, and only as the copy grows.
struct Large {
    log: MemorySource,
    path: String,
    copy: PathBuf,
}

const LARGE: usize = 6 << 20;

/// Zeros, as long as whoever takes them does not hold back more than two MiB.
struct Zeros<'a> {
    given: Cell<usize>,
    copy: &'a PathBuf,
}

impl Read for Zeros<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let given = self.given.get();
        let written = fs::metadata(self.copy).map_or(0, |found| found.len());
        assert!(given as u64 <= written + (2 << 20), "{given} read, {written} written");
        let count = buffer.len().min(LARGE - given);
        buffer[..count].fill(0);
        self.given.set(given + count);
        Ok(count)
    }
}

impl Source for Large {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        assert_ne!(path, self.path, "a large file is not asked for whole");
        self.log.read(path, limit)
    }

    fn reader<'a>(&'a self, path: &str, limit: u64) -> Result<Option<Reading<'a>>, SourceError> {
        if path != self.path {
            return self.log.reader(path, limit);
        }
        let zeros = Zeros { given: Cell::new(0), copy: &self.copy };
        Ok(Some(Reading::plain(path, zeros, limit)))
    }

    fn each_path(&self, see: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        self.log.each_path(see)
    }

    fn describe(&self) -> String {
        "a large log".into()
    }
}

#[test]
fn a_large_file_is_never_held_while_it_is_copied() {
    let digest = Digest::of(&vec![0; LARGE]);
    let path = BundlePath::Artifact(digest);
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("folder");
    let zip = place.path().join("bundle.zip");
    let large = |copy| Large { log: small_log(5), path: path.to_string(), copy };
    let mut paths = reach(&small_log(5)).unwrap().paths;
    paths.push(path);
    let into_folder = large(folder.join(path.to_string()));
    let copied = copy(&into_folder, &mut FolderSink::create(&folder).unwrap(), &paths).unwrap();
    let into_zip = large(zip.clone());
    assert_eq!(copy(&into_zip, &mut ZipSink::create(&zip).unwrap(), &paths).unwrap(), copied);
    let zip = ZipSource::open(&zip, ZipLimits::default()).unwrap();
    assert!(contents(&zip) == contents(&FolderSource::open(&folder).unwrap()));
}

/// A log that publishes a larger head right after its head was read.
struct Growing {
    log: MemorySource,
    asked: std::sync::atomic::AtomicU64,
}

impl Source for Growing {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        let order = std::sync::atomic::Ordering::Relaxed;
        if path == "checkpoint" && self.asked.fetch_add(1, order) > 0 {
            return Ok(Some(checkpoint(9, Digest::of(b"larger"))));
        }
        self.log.read(path, limit)
    }

    fn each_path(&self, _: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        Ok(false)
    }

    fn describe(&self) -> String {
        "a growing log".into()
    }
}

#[test]
fn an_export_ends_at_the_head_that_it_began_with() {
    let growing = Growing { log: small_log(5), asked: 0.into() };
    let mut sink = MemorySink::new();
    export(&growing, &mut sink).unwrap();
    assert_eq!(contents(&sink.into_source()), contents(&growing.log));
}
