//! A log that loses everything but its keys and charter goes on from a copy.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use log_server::log::Wanted;
use serde_json::{Value, json};

use crate::process::{refuse, run};
use crate::world::{World, head};

/// A web site that hands out the files of a folder, until the test ends.
fn mirror(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let folder = folder.clone();
            std::thread::spawn(move || answer(&stream, &folder));
        }
    });
    url
}

/// Answers one request: `GET /<path> HTTP/1.1`.
fn answer(mut stream: &TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
    let (status, body) = match std::fs::read(folder.join(path)) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let length = body.len();
    write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n")?;
    stream.write_all(&body)
}

/// A world whose log has published six entries, one with a raw file.
fn published() -> World {
    let mut world = World::serving();
    for number in 1..5 {
        assert_eq!(world.add_software(&format!("release {number}")).index, number);
    }
    let (placed, digest) = world.election.ballot_manifest();
    let mut submission = world.submission(placed);
    submission.files = vec![world.election.raw[&digest].clone().into()];
    assert_eq!(world.add(&submission).index, 5);
    world.published(6);
    world
}

/// The machine is lost; keys, charter and configuration come from their backup.
fn lose(world: &World) {
    for folder in ["wal", "published", "withheld"] {
        let path = world.path("log").join(folder);
        if path.exists() {
            std::fs::remove_dir_all(path).unwrap();
        }
    }
}

#[test]
fn a_lost_log_goes_on_from_folder_zip_and_mirror() {
    let mut world = published();
    let old = world.published(6);
    std::fs::write(world.path("old"), &old).unwrap();
    let url = world.url().to_owned();
    run(world.home(), &["log", "export", &url, "copy"], 0);
    run(world.home(), &["log", "export", &url, "copy.zip"], 0);
    world.kill_log();
    // A mirror has everything that the log published; an export has no head short of witnesses.
    std::fs::rename(world.path("log/published"), world.path("mirror")).unwrap();
    let root = head(&old).root;
    let url = mirror(world.path("mirror"));
    let lost = "--pending-heads-are-lost";
    for (from, risks) in [("copy", &[lost][..]), ("copy.zip", &[lost]), (&url, &[])] {
        lose(&world);
        let resume = [&["log", "resume", "log", "--from", from, "--json"], risks].concat();
        let resumed = run(world.home(), &resume, 0);
        let resumed: Value = serde_json::from_str(&resumed).unwrap();
        let expected = json!({ "size": 6, "root_hash": root, "withheld": 0, "left_out": [] });
        assert_eq!(resumed, expected, "{from}");
        // Its note may be a later one than `old`: an idle log signs again from time to time.
        let resumed = std::fs::read(world.path("log/published/checkpoint")).unwrap();
        assert_eq!((head(&resumed).size, head(&resumed).root), (6, root), "{from}");
    }
    // A store that has outlived the write-ahead log is a copy too.
    std::fs::remove_dir_all(world.path("log/wal")).unwrap();
    run(world.home(), &["log", "resume", "log", "--from", "log/published"], 0);
    world.start();
    // The old entries are there, in their places.
    let entries: Vec<_> = world.election.entries.iter().map(|entry| entry.digest).collect();
    for (index, digest) in (1..).zip(&entries[1..]) {
        let proved = world.client().prove(Wanted::Artifact(*digest), &mut world.history()).unwrap();
        assert_eq!(proved.proof.index(), index);
    }
    assert_eq!(world.add_software("after the loss").index, 6);
    let new = world.published(7);
    // Whoever cosigned the old head cosigns the new one.
    let (before, after) = (world.cosigned(&old), world.cosigned(&new));
    assert!(before.iter().any(|name| after.contains(name)), "{before:?} {after:?}");
    world.close(7);
    let url = world.url().to_owned();
    run(world.home(), &["verify", &url, "--anchor", "anchor.toml", "--since", "old"], 0);
}

#[test]
fn a_log_is_not_resumed_where_it_could_fork() {
    let mut world = published();
    let url = world.url().to_owned();
    run(world.home(), &["log", "export", &url, "copy"], 0);
    let resume = ["log", "resume", "log", "--from", "copy", "--pending-heads-are-lost"];
    let serving = world.home().to_owned();
    let said = refuse(&serving, &resume);
    assert!(said.contains("in use"), "{said}");
    world.add_software("not in the copy");
    world.published(7);
    world.kill_log();
    let said = refuse(world.home(), &resume);
    assert!(said.contains("a write-ahead log stands here already"), "{said}");
    lose(&world);
    let said = refuse(world.home(), &resume[..5]);
    assert!(said.contains("what the log signed last is not known"), "{said}");
    assert!(said.contains("--pending-heads-are-lost"), "{said}");
    let said = refuse(world.home(), &resume);
    assert!(said.contains("holds a signed head of 7 entries"), "{said}");
    // A witness that is away must be named, and is told of.
    let names = world.election.witness_names();
    world.witnesses[1].take().unwrap().kill();
    let said = refuse(world.home(), &resume);
    assert!(said.contains("holds a signed head of 7 entries"), "{said}");
    let away = std::mem::take(&mut world.witnesses);
    drop(away);
    world.witnesses.resize_with(3, || None);
    world.configure();
    let said = refuse(world.home(), &resume);
    assert!(said.contains(&format!("the witness {} cannot be asked", names[0])), "{said}");
    let without: Vec<&str> = names.iter().flat_map(|name| ["--without", name]).collect();
    let resumed = run(world.home(), &[&resume[..], &without].concat(), 0);
    for name in &names {
        assert!(resumed.contains(&format!("not asked {name}")), "{resumed}");
    }
}

#[test]
fn a_copy_that_is_not_whole_is_refused() {
    let mut world = published();
    let url = world.url().to_owned();
    run(world.home(), &["log", "export", &url, "copy"], 0);
    world.kill_log();
    lose(&world);
    let artifact = world.path(&format!("copy/artifact/{}", world.election.entries[3].digest));
    let mut bytes = std::fs::read(&artifact).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&artifact, bytes).unwrap();
    let resume = ["log", "resume", "log", "--from", "copy", "--pending-heads-are-lost"];
    let said = refuse(world.home(), &resume);
    assert!(said.contains("the copy is damaged: artifact/"), "{said}");
    assert!(said.contains("take another copy"), "{said}");
    std::fs::remove_file(world.path("copy/checkpoint")).unwrap();
    let said = refuse(world.home(), &resume);
    assert!(said.contains("checkpoint is missing"), "{said}");
    let said = refuse(world.home(), &["log", "resume", "log", "--from", "nowhere"]);
    assert!(said.contains("nowhere"), "{said}");
}
