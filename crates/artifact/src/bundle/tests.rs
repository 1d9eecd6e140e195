use std::fs;

use proptest::prelude::*;
use tlog::checkpoint::Checkpoint;
use tlog::merkle;
use tlog::note::KeyType;
use tlog::tile::{Edge, EntriesPath, LeafPath, encode_entries, places_for_growth};

use super::*;
use crate::admit;
use crate::fixture::{founded, note_signer, payload, signed};
use crate::leaf::{Leaf, LeafType};
use crate::manifest::{File, Manifest};
use crate::payload::{CitedHead, SeedCommit, SeedReveal};
use crate::register::Register;
use canon::Digest;

mod pieces;

/// A small log of `count` entries as its files: charter, seed commitment, manifest with two raw
/// files, seed reveal, then commitments again, each of its own.
fn small_log(count: u64) -> MemorySource {
    let founded = founded();
    let mut bundle = MemorySource::new();
    let mut entries = vec![signed(&founded.charter, &["county-clerk"])];
    entries.push(signed(&payload::<SeedCommit>("hinsdale"), &["audit-lead"]));
    let raw: [&[u8]; 3] = [b"County,Tabulator\n", b"notes", b"ink"];
    let file = |((name, kind), bytes): ((&str, &str), &[u8])| {
        File::of(name.parse().unwrap(), kind.parse().unwrap(), bytes)
    };
    let names = [("a.csv", "text"), ("b.txt", "text"), ("c.png", "image/png")];
    let files = names.into_iter().zip(raw).map(file).collect();
    entries.push(signed(&Manifest { files, ..payload("records") }, &["county-clerk"]));
    let head = CitedHead { root_hash: Digest::of(b"root"), tree_size: 2 };
    entries.push(signed(&SeedReveal { head, ..payload("hinsdale") }, &["audit-lead"]));
    for index in 4..count {
        let commitment = Digest::of(&index.to_be_bytes());
        entries.push(signed(&SeedCommit { commitment, ..payload("hinsdale") }, &["audit-lead"]));
    }
    let leaves: Vec<Leaf> = entries
        .iter()
        .zip(0..)
        .map(|(bytes, index)| leaf_of(bytes, &founded.register, index))
        .collect();
    for bytes in entries {
        bundle.insert(BundlePath::Artifact(Digest::of(&bytes)).to_string(), bytes);
    }
    for bytes in raw {
        bundle.insert(BundlePath::Artifact(Digest::of(bytes)).to_string(), bytes);
    }
    publish(&mut bundle, &leaves);
    bundle
}

fn leaf_of(bytes: &[u8], register: &Register, index: u64) -> Leaf {
    let admitted = admit::judge(bytes, register, index).unwrap();
    Leaf {
        artifact_sha256: admitted.digest,
        artifact_size: admitted.size,
        election_id: register.election_id().clone(),
        entry_type: admitted.entry_type,
        originator: admitted.originator,
        timestamp: "2024-11-19T16:40:00Z".parse().unwrap(),
        r#type: LeafType::V1,
    }
}

fn publish(bundle: &mut MemorySource, leaves: &[Leaf]) {
    let mut edge = Edge::new();
    let hashes: Vec<Digest> = leaves.iter().map(Leaf::leaf_hash).collect();
    for tile in edge.grow(&hashes).unwrap() {
        bundle.insert(tile.path().to_string(), tile.to_bytes());
    }
    for place in places_for_growth(0, leaves.len() as u64) {
        let at = |index| usize::try_from(index).unwrap();
        let part = &leaves[at(place.first())..at(place.end())];
        let entries: Vec<[u8; 32]> = part.iter().map(Leaf::entry).collect();
        let bytes = encode_entries(entries.iter().map(<[u8; 32]>::as_slice)).unwrap();
        bundle.insert(EntriesPath(place).to_string(), bytes);
        let mut text = Vec::new();
        for leaf in part {
            text.extend(leaf.to_bytes());
            text.push(b'\n');
        }
        bundle.insert(LeafPath(place).to_string(), text);
    }
    for size in [2, leaves.len()] {
        let mut frontier = merkle::Frontier::new();
        for hash in &hashes[..size] {
            frontier.push(*hash).unwrap();
        }
        let bytes = checkpoint(size as u64, frontier.root());
        bundle.insert(format!("checkpoints/{size}"), bytes.clone());
        bundle.insert("checkpoint", bytes);
    }
    let sizes = encode_sizes([2, leaves.len() as u64]);
    bundle.insert("checkpoints/sizes", sizes);
}

fn checkpoint(size: u64, root: Digest) -> Vec<u8> {
    let origin = "log.example/hinsdale-2024";
    let signer = note_signer(origin, KeyType::Ed25519, "log-checkpoint");
    let mut note = Checkpoint::new(origin, size, root).unwrap().to_note().unwrap();
    let line = signer.sign(note.text()).unwrap();
    note.add(line).unwrap();
    note.to_bytes()
}

fn contents(source: &dyn Source) -> Vec<(String, Vec<u8>)> {
    let paths = source.paths().unwrap().unwrap();
    let read = |path: String| {
        let bytes = source.read(&path, 10_000_000).unwrap().unwrap();
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn every_legal_path_has_one_spelling() {
    let digest = Digest::of(b"x");
    for text in [
        "checkpoint".to_owned(),
        "checkpoint.pending".into(),
        "checkpoints/0".into(),
        "checkpoints/9223372036854775807".into(),
        "checkpoints/sizes".into(),
        "tile/0/000".into(),
        "tile/0/x001/x234/067.p/8".into(),
        "tile/63/000.p/255".into(),
        "tile/entries/000".into(),
        "tile/entries/x001/000.p/1".into(),
        "leaf/000.p/27".into(),
        format!("artifact/{digest}"),
    ] {
        assert_eq!(text.parse::<BundlePath>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "/",
        "checkpoint/",
        "Checkpoint",
        "checkpoints",
        "checkpoints/",
        "checkpoints/01",
        "checkpoints/-1",
        "checkpoints/+1",
        "checkpoints/9223372036854775808",
        "checkpoints/1/2",
        "checkpoints/sizes/",
        "checkpoints/Sizes",
        "tile/0/0",
        "tile/64/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/x000/000",
        "tile/entries",
        "tile/entries/",
        "tile/data/000",
        "leaf/0",
        "leaf/tile/0/000",
        "artifact/0badcafe",
        "../checkpoint",
        "./checkpoint",
        "notes.txt",
    ] {
        assert!(text.parse::<BundlePath>().is_err(), "{text:?}");
    }
    let upper = digest.to_string().to_uppercase();
    assert!(format!("artifact/{upper}").parse::<BundlePath>().is_err());
    assert!(BundlePath::CheckpointSizes.is_mutable());
    assert!(BundlePath::Checkpoint.is_mutable() && !BundlePath::CheckpointAt(3).is_mutable());
}

#[test]
fn a_bundle_survives_folder_and_zip() {
    let log = small_log(300);
    let place = tempfile::tempdir().unwrap();
    let mut folder = FolderSink::create(place.path().join("bundle")).unwrap();
    let copied = export(&log, &mut folder).unwrap();
    assert_eq!(copied.missing, Vec::<String>::new());
    assert_eq!(copied.files, log.iter().count() as u64);
    let folder = FolderSource::open(place.path().join("bundle")).unwrap();
    assert_eq!(contents(&folder), contents(&log));

    let mut zip = ZipSink::create(place.path().join("bundle.zip")).unwrap();
    assert_eq!(export(&folder, &mut zip).unwrap(), copied);
    let zip = ZipSource::open(place.path().join("bundle.zip"), ZipLimits::default()).unwrap();
    assert_eq!(contents(&zip), contents(&log));

    let mut memory = MemorySink::new();
    export(&zip, &mut memory).unwrap();
    assert_eq!(contents(&memory.into_source()), contents(&log));
    for described in [folder.describe(), zip.describe()] {
        assert!(described.contains("bundle"), "{described}");
    }
}

#[test]
fn an_export_holds_what_the_head_reaches_and_no_more() {
    let mut log = small_log(5);
    let legal = log.clone();
    log.insert("notes.txt", "x");
    log.insert(format!("artifact/{}", Digest::of(b"stray")), "stray");
    log.insert("checkpoint.pending", "x");
    log.insert("checkpoints/6", "of the future");
    log.insert("checkpoints/sizes", "2\n5\n6\n");
    let mut sink = MemorySink::new();
    export(&log, &mut sink).unwrap();
    assert_eq!(contents(&sink.into_source()), contents(&legal));
    let reached = reach(&log).unwrap();
    assert_eq!(reached.size, 5);
    assert!(reached.paths.contains(&BundlePath::CheckpointAt(2)));
}

#[test]
fn withheld_artifacts_are_missing_not_wrong() {
    let mut log = small_log(5);
    let image = format!("artifact/{}", Digest::of(b"ink"));
    log.remove(&image).unwrap();
    let copied = export(&log, &mut MemorySink::new()).unwrap();
    assert_eq!((copied.missing, copied.owed), (vec![image.clone()], vec![]));
    // What the charter does not withhold is owed.
    let notes = format!("artifact/{}", Digest::of(b"notes"));
    log.remove(&notes).unwrap();
    log.remove("tile/entries/000.p/5").unwrap();
    let copied = export(&log, &mut MemorySink::new()).unwrap();
    let mut missing = vec![image, notes.clone()];
    missing.sort_unstable();
    assert_eq!(copied.missing[..2], missing);
    assert_eq!(copied.owed, [notes, "tile/entries/000.p/5".to_owned()]);
}

/// A bundle that can be read but not listed, like a web site.
struct Unlisted(MemorySource);

impl Source for Unlisted {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        self.0.read(path, limit)
    }

    fn each_path(&self, _: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        Ok(false)
    }

    fn describe(&self) -> String {
        "unlisted".into()
    }
}

#[test]
fn a_site_without_a_list_is_exported_whole() {
    let log = small_log(5);
    let mut sink = MemorySink::new();
    export(&Unlisted(log.clone()), &mut sink).unwrap();
    // The head cited by the seed reveal is found too.
    assert_eq!(contents(&sink.into_source()), contents(&log));
}

#[test]
fn heads_that_a_site_tells_of_are_exported() {
    let mut log = small_log(5);
    // No artifact cites them; one is told of and not there, one is beyond the head.
    let bytes = log.bytes("checkpoints/2").unwrap().to_vec();
    for size in [3, 4, 6] {
        log.insert(format!("checkpoints/{size}"), bytes.clone());
    }
    log.insert("checkpoints/sizes", "1\n3\n4\n5\n6\n");
    let mut sink = MemorySink::new();
    export(&Unlisted(log.clone()), &mut sink).unwrap();
    let exported = sink.into_source();
    assert_eq!(head_sizes(&exported).unwrap(), Some(vec![2, 3, 4, 5]));
    assert_eq!(exported.bytes("checkpoints/sizes").unwrap(), b"2\n3\n4\n5\n");
    // Of a site that tells nothing, those that are cited.
    log.remove("checkpoints/sizes").unwrap();
    assert_eq!(head_sizes(&Unlisted(log.clone())).unwrap(), None);
    assert_eq!(reach(&Unlisted(log.clone())).unwrap().heads, [2, 5]);
    log.insert("checkpoints/sizes", "5\n4\n");
    let refused = reach(&Unlisted(log.clone()));
    assert!(matches!(refused, Err(ReachError::Sizes(SizesError { line: 2 }))), "{refused:?}");
    log.insert("checkpoints/sizes", vec![b'1'; usize::try_from(MAX_SIZES_BYTES).unwrap() + 1]);
    let refused = reach(&Unlisted(log));
    assert!(matches!(refused, Err(ReachError::Source(SourceError::TooLarge { .. }))));
}

#[test]
fn a_list_of_sizes_has_one_form() {
    for sizes in [&[][..], &[0], &[1, 2, 300], &[(1 << 63) - 1]] {
        assert_eq!(parse_sizes(&encode_sizes(sizes.iter().copied())).unwrap(), sizes);
    }
    assert_eq!(encode_sizes([1, 20]), b"1\n20\n");
    for (text, line) in [
        ("1", 1),
        ("\n", 1),
        ("1\n2", 2),
        ("1\n\n2\n", 2),
        ("1\n1\n", 2),
        ("2\n10\n3\n", 3),
        ("01\n", 1),
        ("+1\n", 1),
        ("1 \n", 1),
        ("1\r\n", 1),
        ("9223372036854775808\n", 1),
    ] {
        assert_eq!(parse_sizes(text.as_bytes()), Err(SizesError { line }), "{text:?}");
    }
}

#[test]
fn what_cannot_be_reached_is_told() {
    let mut log = small_log(5);
    log.remove("leaf/000.p/5").unwrap();
    assert!(matches!(reach(&log), Err(ReachError::Missing { path }) if path == "leaf/000.p/5"));
    let mut log = small_log(5);
    let leaves = log.bytes_mut("leaf/000.p/5").unwrap();
    let second = leaves.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    leaves[second] = b'[';
    assert!(matches!(reach(&log), Err(ReachError::Leaf { line: 2, .. })));
    log.insert("checkpoint", "no checkpoint");
    assert!(matches!(reach(&log), Err(ReachError::Checkpoint(_))));
    // A head that claims more entries than there could be leaves costs nothing.
    log.insert("checkpoint", checkpoint((1 << 63) - 1, Digest::of(b"x")));
    assert!(matches!(reach(&log), Err(ReachError::Missing { .. })));
    assert!(matches!(reach(&MemorySource::new()), Err(ReachError::Missing { .. })));
}

#[test]
fn limits_hold_for_every_source() {
    let log = small_log(5);
    let place = tempfile::tempdir().unwrap();
    export(&log, &mut FolderSink::create(place.path().join("b")).unwrap()).unwrap();
    let folder = FolderSource::open(place.path().join("b")).unwrap();
    let mut zip = ZipSink::in_memory();
    export(&log, &mut zip).unwrap();
    let zip = ZipSource::from_bytes("z", zip.into_bytes(), ZipLimits::default()).unwrap();
    let size = log.bytes("checkpoint").unwrap().len() as u64;
    for source in [&log as &dyn Source, &folder, &zip] {
        assert!(source.read("checkpoint", size).unwrap().is_some());
        assert!(matches!(
            source.read("checkpoint", size - 1),
            Err(SourceError::TooLarge { limit, .. }) if limit == size - 1
        ));
        assert!(source.read("checkpoints/7", 9).unwrap().is_none());
        assert!(source.read("tile/0/001", 9).unwrap().is_none());
        assert!(source.read("checkpoint/x", 9).unwrap().is_none());
    }
    for source in [&folder as &dyn Source, &zip] {
        for path in ["../b/checkpoint", "/etc/passwd", "", "a//b", "./checkpoint", "a\\b", "a\0"] {
            assert!(matches!(source.read(path, 9), Err(SourceError::Path { .. })), "{path:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("bundle");
    export(&small_log(5), &mut FolderSink::create(&root).unwrap()).unwrap();
    fs::write(place.path().join("secret"), "secret").unwrap();
    fs::create_dir(place.path().join("elsewhere")).unwrap();
    fs::write(place.path().join("elsewhere/7"), "secret").unwrap();
    symlink(place.path().join("secret"), root.join("checkpoint.pending")).unwrap();
    fs::remove_dir_all(root.join("checkpoints")).unwrap();
    symlink(place.path().join("elsewhere"), root.join("checkpoints")).unwrap();
    let folder = FolderSource::open(&root).unwrap();
    for path in ["checkpoint.pending", "checkpoints/7"] {
        assert!(matches!(folder.read(path, 100), Err(SourceError::NotAFile { .. })), "{path}");
    }
    let listed = folder.paths().unwrap().unwrap();
    let names: Vec<_> = listed.iter().map(String::as_str).collect();
    // The links are listed as themselves, nothing behind them is.
    assert!(names.contains(&"checkpoints") && names.contains(&"checkpoint.pending"));
    assert!(!names.contains(&"checkpoints/7"));
    // The folder that the caller names may itself be behind a link.
    symlink(&root, place.path().join("link")).unwrap();
    let linked = FolderSource::open(place.path().join("link")).unwrap();
    assert!(linked.read("checkpoint", 10_000).unwrap().is_some());
}

#[test]
fn folders_are_told_from_files() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("file"), "x").unwrap();
    assert!(matches!(
        FolderSource::open(place.path().join("file")),
        Err(SourceError::NotAFile { .. })
    ));
    assert!(matches!(
        FolderSource::open(place.path().join("nothing")),
        Err(SourceError::Io { .. })
    ));
    assert!(matches!(FolderSink::create(place.path()), Err(SinkError::NotEmpty { .. })));
    fs::create_dir(place.path().join("checkpoint")).unwrap();
    let folder = FolderSource::open(place.path()).unwrap();
    assert!(matches!(folder.read("checkpoint", 9), Err(SourceError::NotAFile { .. })));
}

#[test]
fn nothing_is_written_over() {
    let place = tempfile::tempdir().unwrap();
    let mut sink = FolderSink::create(place.path().join("b")).unwrap();
    sink.write(&BundlePath::Checkpoint, b"one").unwrap();
    assert!(matches!(sink.write(&BundlePath::Checkpoint, b"two"), Err(SinkError::Io { .. })));
    fs::write(place.path().join("b.zip"), "mine").unwrap();
    assert!(matches!(ZipSink::create(place.path().join("b.zip")), Err(SinkError::Io { .. })));
    assert_eq!(fs::read(place.path().join("b.zip")).unwrap(), b"mine");
}

#[cfg(feature = "url")]
mod site {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;

    use super::*;

    /// Answers each request for `/base/<path>` by what `answer` says of the path.
    fn serve(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let answer = Arc::clone(&answer);
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let mut request = String::new();
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    reader.read_line(&mut request).unwrap();
                    let mut line = String::new();
                    while reader.read_line(&mut line).unwrap() > 2 {
                        line.clear();
                    }
                    let path = request.split(' ').nth(1).unwrap();
                    let path = path.strip_prefix("/base/").unwrap();
                    // The client may hang up on what it does not want.
                    let _ = stream.write_all(&answer(path));
                });
            }
        });
        format!("http://{address}/base/")
    }

    fn ok(bytes: &[u8]) -> Vec<u8> {
        let length = bytes.len();
        let mut out =
            format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n")
                .into_bytes();
        out.extend(bytes);
        out
    }

    fn status(line: &str) -> Vec<u8> {
        format!("HTTP/1.1 {line}\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx").into_bytes()
    }

    #[test]
    fn a_site_is_a_bundle() {
        let log = small_log(5);
        let served = log.clone();
        let base =
            serve(move |path| served.bytes(path).map_or_else(|| status("404 Not Found"), ok));
        let site = UrlSource::open(&base, UrlLimits::default()).unwrap();
        assert!(site.paths().unwrap().is_none());
        let mut sink = MemorySink::new();
        export(&site, &mut sink).unwrap();
        assert_eq!(contents(&sink.into_source()), contents(&log));
        assert!(site.read("checkpoints/7", 100).unwrap().is_none());
        assert!(matches!(
            site.read("checkpoint", 10),
            Err(SourceError::TooLarge { limit: 10, .. })
        ));
        assert!(matches!(site.read("../x", 10), Err(SourceError::Path { .. })));
        assert_eq!(site.describe(), base.trim_end_matches('/'));
    }

    #[test]
    fn other_answers_are_errors() {
        let base = serve(|path| match path {
            "checkpoint" => b"HTTP/1.1 302 Found\r\nlocation: /base/leaf/000\r\n\r\n".to_vec(),
            "leaf/000" => status("500 Internal Server Error"),
            "leaf/001" => status("206 Partial Content"),
            "leaf/002" => b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nshort".to_vec(),
            _ => b"not http at all\r\n\r\n".to_vec(),
        });
        let site = UrlSource::open(&base, UrlLimits::default()).unwrap();
        for path in ["checkpoint", "leaf/000", "leaf/001", "leaf/002", "leaf/003"] {
            let read = site.read(path, 100);
            assert!(matches!(read, Err(SourceError::Http { .. })), "{path}: {read:?}");
        }
    }

    #[test]
    fn a_compressed_answer_is_limited_by_what_it_unpacks_to() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(&vec![b'a'; 1_000_000]).unwrap();
        let packed = packed.finish().unwrap();
        let base = serve(move |_| {
            let mut out = format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n",
                packed.len()
            )
            .into_bytes();
            out.extend(&packed);
            out
        });
        let site = UrlSource::open(&base, UrlLimits::default()).unwrap();
        assert_eq!(site.read("leaf/000", 1_000_000).unwrap().unwrap().len(), 1_000_000);
        assert!(matches!(site.read("leaf/000", 999_999), Err(SourceError::TooLarge { .. })));
    }

    #[test]
    fn only_plain_addresses_are_taken() {
        for base in ["ftp://x", "x", "file:///etc", "https://x/?a", "https://x/#a", ""] {
            assert!(UrlSource::open(base, UrlLimits::default()).is_err(), "{base}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_path_reader_panic(text in "(tile|leaf|artifact|checkpoints)?/?.{0,90}") {
        if let Ok(path) = text.parse::<BundlePath>() {
            prop_assert_eq!(path.to_string(), text);
        }
    }
}
