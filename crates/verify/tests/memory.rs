//! Ten times the ballots take no more memory. The bundle is made here and replayed in a process of
//! its own, whose high-water mark is then that of the replay.

use std::path::Path;
use std::process::Command;

use testkit::election::large;
use verify::{Options, Silent, open, replay};

/// Entries of the smaller bundle; each has an artifact of some 700 bytes.
const FEW: u64 = 3_000;

/// The folder for the process that replays.
const FOLDER: &str = "SCRUTINEER_TEST_BUNDLE";

/// The most bytes that this process has held at one time (proc(5), `VmHWM`).
fn high_water() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().trim().parse::<u64>().unwrap() * 1024
}

/// Replays what it is told to, and says what it took; without being told it does nothing.
#[test]
fn replaying() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let source = open(&folder).unwrap();
    let options = Options { threads: 1, ..Options::default() };
    let report = replay(&*source, &options, &Silent).unwrap();
    assert!(report.finding_counts.keys().all(|id| *id == "CHA-012"), "{:?}", report.findings);
    let counts = &report.counts;
    std::fs::write(
        Path::new(&folder).with_extension("said"),
        format!("{} {}", counts.artifacts, high_water()),
    )
    .unwrap();
}

/// The most bytes held while a bundle of so many entries is replayed.
fn replayed(entries: u64) -> u64 {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("bundle");
    std::fs::create_dir(&folder).unwrap();
    large::write(entries, &mut large::FolderSink::new(&folder)).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "replaying"])
        .env(FOLDER, &folder)
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    let said = std::fs::read_to_string(folder.with_extension("said")).unwrap();
    let (artifacts, bytes) = said.split_once(' ').unwrap();
    assert_eq!(artifacts, entries.to_string());
    bytes.parse().unwrap()
}

#[test]
fn ten_times_the_artifacts_take_no_more_memory() {
    let (few, many) = (replayed(FEW), replayed(10 * FEW));
    // What is kept of an entry is far less than its artifact and its leaf, and a window of leaves
    // and artifacts is all that is held.
    let more = 9 * FEW * 700;
    let grown = many.saturating_sub(few);
    assert!(grown < more / 2, "{grown} bytes more for {more} bytes of artifacts");
}
