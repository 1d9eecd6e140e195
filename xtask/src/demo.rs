//! `cargo xtask demo`: builds the binary and lets it hold the demonstration.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::command::{cargo, succeeds};
use crate::workspace;

/// What `cargo xtask demo` takes; everything is handed on to `scrutineer demo`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Handed on, as they are: `--once` ends by itself and leaves nothing running
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    passed_on: Vec<OsString>,
}

impl Arguments {
    /// What is handed on.
    pub(crate) fn passed_on(&self) -> &[OsString] {
        &self.passed_on
    }
}

/// The binary as cargo leaves it for the development profile.
///
/// The crates that hash and sign are optimised there too (root manifest), so a release build would
/// cost minutes and save little.
pub(crate) fn binary() -> Result<PathBuf> {
    Ok(workspace::target()?.join("debug/scrutineer"))
}

/// `cargo xtask demo`.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    if !succeeds(cargo().args(["build", "--package", "cli", "--bin", "scrutineer"]))? {
        bail!("the binary could not be built");
    }
    hold(&arguments.passed_on)
}

/// Runs the demonstration of a binary that is there already, and passes its exit code on.
pub(crate) fn hold(arguments: &[OsString]) -> Result<ExitCode> {
    let binary = binary()?;
    let status = Command::new(&binary)
        .arg("demo")
        .args(arguments)
        .current_dir(workspace::root())
        .status()
        .with_context(|| format!("could not start {}", binary.display()))?;
    // A child that a signal ended has no code of its own.
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
