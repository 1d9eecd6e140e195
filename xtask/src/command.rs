//! Child processes: cargo and the binaries that it builds.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::workspace;

/// The cargo that started this chore, at the root of the workspace.
pub(crate) fn cargo() -> Command {
    let mut command =
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    command.current_dir(workspace::root());
    // A build on a machine that is thrown away gains nothing from the incremental cache.
    if std::env::var_os("CI").is_some() {
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

/// Runs to the end with the terminal's own output; true when it succeeded.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    let name = shown(command);
    Ok(command.status().with_context(|| format!("could not start {name}"))?.success())
}

/// What a child that was not shown on the terminal said.
pub(crate) struct Said {
    /// It ended with code 0.
    pub(crate) success: bool,
    /// Its standard output and standard error.
    pub(crate) text: String,
}

/// Runs with a limit on time and keeps what it says; `None` when the time ran out.
pub(crate) fn listen(command: &mut Command, limit: Duration) -> Result<Option<Said>> {
    let name = shown(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("could not start {name}"))?;
    let (sender, receiver) = mpsc::channel();
    for pipe in pipes(&mut child) {
        let sender = sender.clone();
        std::thread::spawn(move || {
            let mut pipe = pipe;
            let mut text = Vec::new();
            let read = pipe.read_to_end(&mut text);
            // The receiver is gone when the time ran out; then nobody wants the text.
            let _ = sender.send(read.map(|_| text));
        });
    }
    let mut text = String::new();
    for _ in 0..2 {
        let Ok(part) = receiver.recv_timeout(limit) else {
            child.kill().with_context(|| format!("could not stop {name}"))?;
            child.wait()?;
            return Ok(None);
        };
        text.push_str(&String::from_utf8_lossy(&part?));
    }
    let success = child.wait()?.success();
    Ok(Some(Said { success, text }))
}

/// The program's file name, for messages.
fn shown(command: &Command) -> String {
    Path::new(command.get_program())
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn pipes(child: &mut Child) -> Vec<Box<dyn std::io::Read + Send>> {
    let mut pipes: Vec<Box<dyn std::io::Read + Send>> = Vec::new();
    if let Some(output) = child.stdout.take() {
        pipes.push(Box::new(output));
    }
    if let Some(errors) = child.stderr.take() {
        pipes.push(Box::new(errors));
    }
    pipes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_heard_on_both_pipes() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let said = listen(&mut command, Duration::from_mins(1)).unwrap().unwrap();
        assert!(!said.success);
        assert!(said.text.contains("out") && said.text.contains("err"), "{}", said.text);
    }

    #[test]
    fn a_child_that_takes_too_long_is_stopped() {
        let mut endless = Command::new("tail");
        endless.args(["-f", "/dev/null"]);
        assert!(listen(&mut endless, Duration::from_millis(50)).unwrap().is_none());
    }
}
