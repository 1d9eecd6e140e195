//! The demonstration: interrupted, and what it leaves of honest and dishonest publishers.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A demonstration that makes its folder in another.
fn demonstration(within: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_scrutineer"))
        .args(["demo", "--once"])
        .env("TMPDIR", within)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn send(signal: &str, child: &Child) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
}

fn count(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_demonstration_that_is_interrupted_leaves_nothing() {
    for signal in ["-INT", "-TERM"] {
        let temporary = tempfile::tempdir().unwrap();
        let mut child = demonstration(temporary.path());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // The keys are there, and the rest is still to come.
        let line = lines.find(|line| line.as_ref().unwrap().contains("keys")).unwrap().unwrap();
        assert_eq!(count(temporary.path()), 1, "{line}");
        send(signal, &child);
        lines.for_each(drop);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("interrupted") && said.contains("nothing is left"), "{said}");
        assert_eq!(count(temporary.path()), 0);
    }
}

#[test]
fn a_second_signal_ends_it_at_once_and_leaves_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let mut child = demonstration(temporary.path());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    // Behind this line the servers start, which takes them a while.
    let line = lines.find(|line| line.as_ref().unwrap().contains("charter")).unwrap().unwrap();
    assert_eq!(count(temporary.path()), 1, "{line}");
    send("-INT", &child);
    let heard = said.next().unwrap().unwrap();
    assert!(heard.contains("a second Ctrl-C"), "{heard}");
    send("-INT", &child);
    lines.for_each(drop);
    said.for_each(drop);
    let code = child.wait().unwrap().code();
    // 2 where the step was done before the second signal came.
    assert!(matches!(code, Some(130 | 2)), "{code:?}");
    assert_eq!(count(temporary.path()), 0);
}

/// The ids that `scrutineer verify` finds, and its exit code.
fn found(folder: &Path, more: &[&str]) -> (Vec<String>, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_scrutineer"))
        .args(["verify", "bundle", "--anchor", "anchor.toml", "--json", "--lists"])
        .args(more)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect(&said);
    let counts = report["finding_counts"].as_object().unwrap();
    (counts.keys().cloned().collect(), output.status.code())
}

#[test]
fn what_it_leaves_is_verified_and_each_dishonest_publisher_is_found_out() {
    let temporary = tempfile::tempdir().unwrap();
    let demo = Command::new(env!("CARGO_BIN_EXE_scrutineer"))
        .args(["demo", "--once", "--folder", "demo"])
        .current_dir(&temporary)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&demo.stdout).into_owned();
    assert_eq!(demo.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&demo.stderr));
    let booth = temporary.path().join("demo/booth");
    let finds = |place: &str, more: &[&str], ids: &[&str]| {
        let (found, exit) = found(&booth.join(place), more);
        assert_eq!(found, ids, "{place} {more:?}");
        assert_eq!(exit, Some(i32::from(!ids.is_empty())), "{place} {more:?}");
    };
    finds("", &["solar/publish/state", "--receipt", "receipt.json"], &[]);
    finds("miscounts", &["lists"], &["BTH-049"]);
    // The lists are right, and who has no page has nothing to hold against them.
    std::fs::remove_dir_all(booth.join("miscounts/lists/solar")).unwrap();
    finds("miscounts", &["lists"], &[]);
    finds("drops-one", &["lists"], &["BTH-020"]);
    let receipt = ["lists", "--receipt", "../receipt.json"];
    finds("drops-one", &receipt, &["BTH-020", "BTH-032", "BTH-033"]);
    // Log and lists agree in all but the mandate: nobody needs a receipt to see it.
    finds("adds-one", &["lists"], &["BTH-024", "BTH-039"]);
    finds("adds-one", &receipt, &["BTH-024", "BTH-039"]);
    finds("two-faces", &["lists"], &["BTH-006"]);
    finds("two-faces", &["other-lists"], &["BTH-006", "BTH-020"]);
    // A list of somebody else is no face of this log.
    finds("", &["two-faces/lists"], &["BTH-020"]);
}
