use std::io::{Cursor, Read as _, Write as _};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;
use crate::bundle::{BundlePath, MemorySource, Sink};
use canon::Digest;

fn open(bytes: Vec<u8>) -> Result<ZipSource, SourceError> {
    ZipSource::from_bytes("test.zip", bytes, ZipLimits::default())
}

fn artifact(bytes: &[u8]) -> BundlePath {
    BundlePath::Artifact(Digest::of(bytes))
}

/// A zip of ours with these artifacts and a checkpoint.
fn ours(contents: &[&[u8]]) -> Vec<u8> {
    let mut paths: Vec<(BundlePath, &[u8])> =
        contents.iter().map(|bytes| (artifact(bytes), *bytes)).collect();
    paths.sort_unstable_by_key(|(path, _)| path.to_string());
    let mut sink = ZipSink::in_memory();
    for (path, bytes) in paths {
        sink.write(&path, bytes).unwrap();
    }
    sink.write(&BundlePath::Checkpoint, b"head").unwrap();
    sink.finish().unwrap();
    sink.into_bytes()
}

/// A zip by other software.
fn theirs(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Where `needle` stands in `bytes`, counted from the end.
fn last(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).rposition(|window| window == needle).unwrap()
}

#[test]
fn other_software_reads_what_we_write() {
    let long = vec![7; 100_000];
    let contents: [&[u8]; 3] = [b"one", b"", &long];
    let bytes = ours(&contents);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    assert_eq!(archive.len(), 4);
    for expected in contents {
        let mut file = archive.by_name(&artifact(expected).to_string()).unwrap();
        assert_eq!(file.compression(), CompressionMethod::Stored);
        assert_eq!(file.last_modified().unwrap().to_string(), "1980-01-01 00:00:00");
        assert_eq!(file.unix_mode(), Some(0o100_644));
        let mut found = Vec::new();
        // This compares the checksum too.
        file.read_to_end(&mut found).unwrap();
        assert_eq!(found, expected);
    }
}

#[test]
fn we_read_what_other_software_writes() {
    let long = b"a long line of text\n".repeat(10_000);
    let name = artifact(&long).to_string();
    let files: [(&str, &[u8]); 3] = [("checkpoint", b"head"), (&name, &long), ("notes.txt", b"x")];
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let zip = open(theirs(&files, method)).unwrap();
        for (name, bytes) in files {
            assert_eq!(zip.read(name, 1_000_000).unwrap().unwrap(), bytes, "{name}");
        }
        assert_eq!(zip.paths().unwrap().unwrap(), [&name, "checkpoint", "notes.txt"]);
        assert!(zip.read("checkpoints/1", 9).unwrap().is_none());
    }
}

#[test]
fn folders_streams_and_large_headers_are_read() {
    let mut writer = ZipWriter::new_stream(Vec::new());
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    writer.add_directory("artifact/", options).unwrap();
    writer.start_file("checkpoint", options.large_file(true)).unwrap();
    writer.write_all(b"head of a stream").unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let zip = open(bytes).unwrap();
    assert_eq!(zip.paths().unwrap().unwrap(), ["checkpoint"]);
    assert_eq!(zip.read("checkpoint", 16).unwrap().unwrap(), b"head of a stream");
}

#[test]
fn one_bundle_is_one_zip() {
    let mut log = MemorySource::new();
    log.insert("checkpoint", "head");
    let contents: [&[u8]; 2] = [b"one", b"two"];
    assert_eq!(ours(&contents), ours(&[contents[1], contents[0]]));
}

#[test]
fn more_files_than_16_bits_count() {
    let mut sink = ZipSink::in_memory();
    for size in 100_000..170_000_u64 {
        sink.write(&BundlePath::CheckpointAt(size), &size.to_be_bytes()).unwrap();
    }
    sink.finish().unwrap();
    let bytes = sink.into_bytes();
    let archive = zip::ZipArchive::new(Cursor::new(bytes.clone())).unwrap();
    assert_eq!(archive.len(), 70_000);
    let zip = open(bytes).unwrap();
    assert_eq!(zip.paths().unwrap().unwrap().len(), 70_000);
    let read = zip.read("checkpoints/169999", 8).unwrap().unwrap();
    assert_eq!(read, 169_999_u64.to_be_bytes());
}

#[test]
fn a_name_that_stands_twice_is_neither() {
    // No writer makes such a zip on purpose: two names of one length, made one afterwards.
    let one = artifact(b"one").to_string();
    let two = artifact(b"two").to_string();
    let mut bytes = theirs(&[(&one, b"one"), (&two, b"two")], CompressionMethod::Stored);
    for _ in 0..2 {
        let at = last(&bytes, two.as_bytes());
        bytes[at..at + one.len()].copy_from_slice(one.as_bytes());
    }
    let zip = open(bytes).unwrap();
    assert!(matches!(zip.read(&one, 9), Err(SourceError::Twice { times: 2, .. })));
    let listed = zip.paths().unwrap().unwrap();
    assert_eq!(listed.iter().filter(|path| **path == one).count(), 2);
}

#[test]
fn the_local_header_must_agree() {
    let bytes = ours(&[b"one"]);
    let local = 0;
    // Signature, flags, method, size, length of the name, name.
    for at in [0, 6, 8, 18, 22, 26, 30, 40] {
        let mut changed = bytes.clone();
        changed[local + at] ^= 1;
        let zip = open(changed).unwrap();
        let read = zip.read(&artifact(b"one").to_string(), 9);
        assert!(matches!(read, Err(SourceError::Zip { .. })), "{at}: {read:?}");
    }
}

#[test]
fn a_changed_byte_is_handed_out_for_the_verifier_to_name() {
    let mut bytes = ours(&[b"evidence"]);
    let at = bytes.windows(8).position(|window| window == b"evidence").unwrap();
    bytes[at] = b'E';
    let read = open(bytes).unwrap().read(&artifact(b"evidence").to_string(), 9);
    assert_eq!(read.unwrap().unwrap(), b"Evidence");
}

#[test]
fn bombs_do_not_go_off() {
    // A deflated file that claims less than it unpacks to.
    let name = artifact(b"x").to_string();
    let zeros = vec![0; 1_000_000];
    let mut bytes = theirs(&[(&name, &zeros)], CompressionMethod::Deflated);
    let header = last(&bytes, b"PK\x01\x02");
    bytes[header + 24..header + 28].copy_from_slice(&10_u32.to_le_bytes());
    bytes[22..26].copy_from_slice(&10_u32.to_le_bytes());
    let read = open(bytes.clone()).unwrap().read(&name, 10);
    assert!(matches!(read, Err(SourceError::Zip { .. })), "{read:?}");
    // One that claims more than deflate can do.
    bytes[header + 24..header + 28].copy_from_slice(&2_000_000_000_u32.to_le_bytes());
    assert!(matches!(open(bytes), Err(SourceError::Zip { .. })));
    // Two entries for the same bytes.
    let one = artifact(b"one").to_string();
    let two = artifact(b"two").to_string();
    let mut bytes = theirs(&[(&one, b"one"), (&two, b"two")], CompressionMethod::Stored);
    let header = last(&bytes, b"PK\x01\x02");
    bytes[header + 42..header + 46].copy_from_slice(&0_u32.to_le_bytes());
    let error = open(bytes).unwrap_err();
    assert!(error.to_string().contains("share bytes"), "{error}");
}

#[test]
fn limits_on_the_directory_hold() {
    let bytes = ours(&[b"one", b"two"]);
    let open = |limits| ZipSource::from_bytes("z", bytes.clone(), limits);
    assert!(open(ZipLimits { files: 3, ..ZipLimits::default() }).is_ok());
    assert!(open(ZipLimits { files: 2, ..ZipLimits::default() }).is_err());
    assert!(open(ZipLimits { directory_bytes: 100, ..ZipLimits::default() }).is_err());
}

#[test]
fn zips_with_two_readings_are_refused() {
    let bytes = ours(&[b"one"]);
    let refused = |bytes: Vec<u8>| matches!(open(bytes), Err(SourceError::Zip { .. }));
    // A comment, which may hold another directory.
    let mut commented = bytes.clone();
    let end = commented.len();
    commented[end - 2] = 1;
    commented.push(b'x');
    assert!(refused(commented));
    // Anything between directory and end.
    let mut gap = bytes.clone();
    gap.insert(end - 22, 0);
    assert!(refused(gap));
    // Two parts, an encrypted file, another count.
    for (at, value) in [(end - 18, 1), (end - 14, 9), (end - 12, 9)] {
        let mut changed = bytes.clone();
        changed[at] = value;
        assert!(open(changed).is_err(), "{at}");
    }
    let mut encrypted = bytes.clone();
    let header = last(&bytes, b"PK\x01\x02");
    encrypted[header + 8] |= 1;
    assert!(refused(encrypted));
    let mut packed = bytes;
    packed[header + 10] = 14;
    // The last header is the checkpoint's: packed by LZMA, or so it says.
    let zip = open(packed).unwrap();
    assert!(matches!(zip.read("checkpoint", 9), Err(SourceError::Zip { .. })));
}

/// A zip of one file after which `hidden` stands, and its directory with everything moved along.
fn with_hidden(before: bool, hidden: &[u8]) -> Vec<u8> {
    let mut bytes = ours(&[]);
    let header = last(&bytes, b"PK\x01\x02");
    let length = u32::try_from(hidden.len()).unwrap();
    let moved = |bytes: &mut Vec<u8>, at: usize| {
        let field: [u8; 4] = bytes[at..at + 4].try_into().unwrap();
        let field = u32::from_le_bytes(field) + length;
        bytes[at..at + 4].copy_from_slice(&field.to_le_bytes());
    };
    let end = bytes.len();
    moved(&mut bytes, end - 6);
    if before {
        moved(&mut bytes, header + 42);
    }
    bytes.splice(if before { 0..0 } else { header..header }, hidden.iter().copied());
    bytes
}

#[test]
fn nothing_stands_beside_the_files_of_the_directory() {
    // A second checkpoint that programs which read from the front would take.
    let whole = ours(&[]);
    let second = &whole[..last(&whole, b"PK\x01\x02")];
    assert!(second.starts_with(b"PK\x03\x04"));
    let behind = open(with_hidden(false, second)).and_then(|zip| zip.read("checkpoint", 9));
    assert!(matches!(behind, Err(SourceError::Zip { .. })), "{behind:?}");
    let before = open(with_hidden(true, second));
    assert!(matches!(before, Err(SourceError::Zip { .. })), "{before:?}");
    assert!(open(with_hidden(true, b"")).unwrap().read("checkpoint", 9).unwrap().is_some());
}

#[test]
fn no_file_has_another_name_for_other_programs() {
    let whole = ours(&[]);
    let header = last(&whole, b"PK\x01\x02");
    // Info-ZIP's Unicode path: version, CRC-32 of the name, the other name.
    let field = [&[0x75, 0x70, 9, 0, 1, 0, 0, 0, 0][..], b"evil"].concat();
    let with = |at: usize, length_at: usize, directory_moves: bool| {
        let mut bytes = whole.clone();
        bytes[length_at] = u8::try_from(field.len()).unwrap();
        bytes.splice(at..at, field.iter().copied());
        let end = bytes.len() - if directory_moves { 6 } else { 10 };
        bytes[end] += u8::try_from(field.len()).unwrap();
        bytes
    };
    let name = "checkpoint".len();
    let central = open(with(header + 46 + name, header + 30, false));
    assert!(matches!(central, Err(SourceError::Zip { .. })), "{central:?}");
    let local = open(with(30 + name, 28, true)).and_then(|zip| zip.read("checkpoint", 9));
    assert!(matches!(local, Err(SourceError::Zip { .. })), "{local:?}");
    let mut commented = whole.clone();
    commented[header + 32] = 1;
    commented.insert(header + 46 + name, b'x');
    let end = commented.len() - 10;
    commented[end] += 1;
    assert!(matches!(open(commented), Err(SourceError::Zip { .. })));
}

#[test]
fn a_zip_cut_short_is_refused_at_every_length() {
    let bytes = ours(&[b"one", b"two"]);
    for length in 0..bytes.len() {
        assert!(open(bytes[..length].to_vec()).is_err(), "{length}");
    }
}

#[test]
fn a_file_beyond_4_gib_is_found() {
    // A sparse file: the noughts of the first two files are not there.
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("large.zip");
    let small = ours(&[]);
    let file = File::create_new(&path).unwrap();
    for (at, piece) in write::far_zip(3 << 30, b"head") {
        std::os::unix::fs::FileExt::write_all_at(&file, &piece, at).unwrap();
    }
    let zip = ZipSource::open(&path, ZipLimits::default()).unwrap();
    assert_eq!(zip.read("checkpoint", 9).unwrap().unwrap(), b"head");
    let mut archive = zip::ZipArchive::new(File::open(&path).unwrap()).unwrap();
    let mut found = String::new();
    archive.by_name("checkpoint").unwrap().read_to_string(&mut found).unwrap();
    assert_eq!(found, "head");
    assert!(open(small).is_ok());
}

#[test]
fn many_threads_read_one_zip() {
    let contents: Vec<Vec<u8>> = (0..200_u64).map(|n| n.to_be_bytes().repeat(50)).collect();
    let contents: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("z"), ours(&contents)).unwrap();
    let zip = ZipSource::open(place.path().join("z"), ZipLimits::default()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for expected in &contents {
                    let found = zip.read(&artifact(expected).to_string(), 400).unwrap();
                    assert_eq!(found.unwrap(), *expected);
                }
            });
        }
    });
}

#[test]
fn a_path_that_is_no_zip_is_refused() {
    let place = tempfile::tempdir().unwrap();
    assert!(matches!(
        ZipSource::open(place.path(), ZipLimits::default()),
        Err(SourceError::NotAFile { .. } | SourceError::Io { .. })
    ));
    assert!(matches!(
        ZipSource::open(place.path().join("none"), ZipLimits::default()),
        Err(SourceError::Io { .. })
    ));
}

proptest! {
    #[test]
    fn changed_zips_make_no_reader_panic(
        changes in prop::collection::vec((0_usize..2000, any::<u8>()), 1..6),
        from_end in any::<bool>(),
    ) {
        let mut bytes = ours(&[b"one", &[b'a'; 300]]);
        let length = bytes.len();
        for (at, to) in changes {
            let at = if from_end { length - 1 - at % 300 } else { at % length };
            bytes[at] = to;
        }
        if let Ok(zip) = open(bytes) {
            for path in zip.paths().unwrap().unwrap() {
                let _ = zip.read(&path, 1_000_000);
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = open(bytes);
    }
}
