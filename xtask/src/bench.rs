//! `cargo xtask bench`: every bench, shortened, for a first look at the numbers.
//!
//! The numbers of docs/measurements.md are taken with the settings given there.

use std::process::ExitCode;

use anyhow::Result;
use cargo_metadata::TargetKind;

use crate::command::{cargo, succeeds};
use crate::workspace;

/// What `cargo xtask bench` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only the benches whose crate or name contains this
    filter: Option<String>,
    /// With each bench's own settings instead of short ones
    #[arg(long)]
    full: bool,
}

/// A bench target.
#[derive(Debug, PartialEq, Eq)]
struct Bench {
    package: String,
    name: String,
}

/// `cargo xtask bench`.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut failed = Vec::new();
    let benches = chosen(all()?, arguments.filter.as_deref());
    for bench in &benches {
        let mut command = cargo();
        command.args(["bench", "--package", &bench.package, "--bench", &bench.name]);
        if !arguments.full {
            // Benches with a main of their own read the variable; criterion reads the flags.
            command.env("SCRUTINEER_BENCH_SHORT", "1");
            command.args(["--", "--warm-up-time", "0.5", "--measurement-time", "1"]);
            command.args(["--sample-size", "10", "--noplot"]);
        }
        if !succeeds(&mut command)? {
            failed.push(format!("{} of {}", bench.name, bench.package));
        }
    }
    println!("{} benches ran, {} failed", benches.len(), failed.len());
    for bench in &failed {
        println!("failed: {bench}");
    }
    Ok(if failed.is_empty() && !benches.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn all() -> Result<Vec<Bench>> {
    let metadata = workspace::metadata()?;
    let mut benches = Vec::new();
    for package in metadata.workspace_packages() {
        for target in package.targets.iter().filter(|target| target.is_kind(TargetKind::Bench)) {
            let (package, name) = (package.name.to_string(), target.name.clone());
            benches.push(Bench { package, name });
        }
    }
    Ok(benches)
}

fn chosen(mut benches: Vec<Bench>, filter: Option<&str>) -> Vec<Bench> {
    let filter = filter.unwrap_or_default();
    benches.retain(|bench| bench.package.contains(filter) || bench.name.contains(filter));
    benches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_looks_at_crate_and_name() {
        let bench = |package: &str, name: &str| Bench {
            package: package.to_owned(),
            name: name.to_owned(),
        };
        let all = || vec![bench("tlog", "proof"), bench("canon", "json"), bench("verify", "tlog")];
        assert_eq!(chosen(all(), None).len(), 3);
        assert_eq!(chosen(all(), Some("tlog")), [bench("tlog", "proof"), bench("verify", "tlog")]);
        assert_eq!(chosen(all(), Some("booth")), []);
    }
}
