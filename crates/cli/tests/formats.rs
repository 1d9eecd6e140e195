//! Framed submissions and configuration files, as other programs and people make them.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use log_server::log::{FrameError, LogConfig, Submission};
use log_server::witness::WitnessConfig;
use serde::Deserialize;
use service::config::decode;

fn vectors(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(folder)
}

#[derive(Deserialize)]
struct Frames {
    good: Vec<Framed>,
    bad: Vec<Broken>,
}

#[derive(Deserialize)]
struct Framed {
    name: String,
    frames: String,
    pieces: Vec<String>,
}

#[derive(Deserialize)]
struct Broken {
    name: String,
    frames: String,
    offset: usize,
}

fn unhex(text: &str) -> Bytes {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    assert!(rest.is_empty());
    let byte = |pair: &[u8; 2]| {
        u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).expect("two hexadecimal digits")
    };
    pairs.iter().map(byte).collect()
}

#[test]
fn framed_submissions_are_read_and_written() {
    let file = std::fs::read(vectors("submission").join("frames.json")).unwrap();
    let cases: Frames = serde_json::from_slice(&file).unwrap();
    for case in &cases.good {
        let mut pieces = case.pieces.iter().map(|piece| unhex(piece));
        let artifact = pieces.next().unwrap();
        let expected = Submission { artifact, files: pieces.collect() };
        let frames = unhex(&case.frames);
        assert_eq!(Submission::from_frames(&frames).as_ref(), Ok(&expected), "{}", case.name);
        assert_eq!(expected.to_frames(), frames, "{}", case.name);
    }
    for case in &cases.bad {
        let broken = Err(FrameError::Broken { offset: case.offset });
        assert_eq!(Submission::from_frames(&unhex(&case.frames)), broken, "{}", case.name);
    }
    assert!(cases.good.len() >= 5 && cases.bad.len() >= 8);
}

#[test]
fn configuration_files_are_strict() {
    let mut judged = [0, 0];
    for entry in std::fs::read_dir(vectors("configuration")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "README.md" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let bare = name.strip_prefix("invalid-");
        let is_read = if bare.unwrap_or(&name).starts_with("log") {
            decode::<LogConfig>(&path, &text, &[]).is_ok()
        } else {
            let config = decode::<WitnessConfig>(&path, &text, &[]);
            config.is_ok_and(|config| config.known_logs().is_ok())
        };
        assert_eq!(is_read, bare.is_none(), "{name}");
        judged[usize::from(bare.is_some())] += 1;
    }
    assert_eq!(judged, [3, 9]);
}
