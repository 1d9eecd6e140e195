//! The demonstration, interrupted.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

#[test]
fn a_demonstration_that_is_interrupted_leaves_nothing() {
    for signal in ["-INT", "-TERM"] {
        let temporary = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_scrutineer"))
            .args(["demo", "--once"])
            .env("TMPDIR", temporary.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // The keys are there, and the rest is still to come.
        let line = lines.find(|line| line.as_ref().unwrap().contains("keys")).unwrap().unwrap();
        assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 1, "{line}");
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        lines.for_each(drop);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("interrupted") && said.contains("nothing is left"), "{said}");
        assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
    }
}
