//! The oldest compiler: what `rust-version` says, held against what is built.
//!
//! Cargo refuses an older compiler, and clippy refuses functions of the standard library that are
//! younger (`incompatible_msrv`). Here the third part is checked: no dependency asks for more. Out
//! of scope: parts of the language that are younger, which only that compiler itself can refuse.

use anyhow::{Context as _, Result};
use cargo_metadata::semver::Version;
use cargo_metadata::{Metadata, MetadataCommand};

use crate::workspace;

/// Compares both workspaces' dependencies with `rust-version`; true when none asks for more.
pub(crate) fn holds() -> Result<bool> {
    let metadata = workspace::metadata()?;
    let ours = metadata
        .workspace_packages()
        .into_iter()
        .find_map(|package| package.rust_version.clone())
        .context("no crate of the workspace has a rust-version")?;
    let fuzz = MetadataCommand::new()
        .manifest_path(workspace::root().join("fuzz/Cargo.toml"))
        .exec()
        .context("cargo metadata failed for fuzz/Cargo.toml")?;
    let mut younger = [younger(&metadata, &ours), younger(&fuzz, &ours)].concat();
    younger.sort();
    younger.dedup();
    for line in &younger {
        println!("{line}, and rust-version in Cargo.toml is {ours}; raise it, or keep the older");
    }
    Ok(younger.is_empty())
}

/// The packages that ask for a compiler that is younger than ours.
fn younger(metadata: &Metadata, ours: &Version) -> Vec<String> {
    let asked = metadata.packages.iter().filter_map(|package| {
        let asked = package.rust_version.as_ref()?;
        (asked > ours)
            .then(|| format!("{} {} asks for Rust {asked}", package.name, package.version))
    });
    asked.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_that_asks_for_more_is_named() {
        let metadata = workspace::metadata().unwrap();
        let ours = Version::new(1, 0, 0);
        let found = younger(&metadata, &ours);
        assert!(found.iter().any(|line| line.starts_with("canon 0.1.0 asks for")), "{found:?}");
        assert_eq!(younger(&metadata, &Version::new(9, 0, 0)), [""; 0]);
    }
}
