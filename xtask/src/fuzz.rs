//! `cargo xtask fuzz`: builds the fuzz targets with plain stable Rust and runs them.
//!
//! The targets stand in `fuzz/`, a workspace of its own laid out as cargo-fuzz expects, so that
//! `cargo fuzz run` works too. Here the coverage counters are asked of the compiler directly, since
//! they need neither a nightly toolchain nor another tool; the price is that there is no address
//! sanitizer, which code without `unsafe` can do without.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::command::{cargo, listen, succeeds};
use crate::workspace::{self, File};

mod seeds;

/// What `cargo xtask fuzz` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// One target; without it, all of them
    target: Option<String>,
    /// How long each target runs
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Inputs longer than this are not tried: parsers have their own limits, tested elsewhere.
const LONGEST_INPUT: usize = 16 * 1024;

/// What a target may take over its time: reading its corpus, and ending.
const GRACE: Duration = Duration::from_mins(1);

/// The flags that give libFuzzer its counters, its comparisons and its places in the program.
const COVERAGE: [&str; 7] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions",
];

/// `cargo xtask fuzz`.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut targets = targets()?;
    if let Some(wanted) = &arguments.target {
        targets.retain(|target| target == wanted);
        ensure!(!targets.is_empty(), "there is no fuzz target {wanted}; see fuzz/fuzz_targets");
    }
    let holds = campaign(&targets, Duration::from_secs(arguments.seconds))?;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A run of every target; true when none found anything.
pub(crate) fn short_run() -> Result<bool> {
    campaign(&targets()?, Duration::from_secs(10))
}

/// The names of the targets: one file each.
fn targets() -> Result<Vec<String>> {
    let folder = workspace::root().join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).context("there is no fuzz/fuzz_targets")? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "rs") {
            names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    ensure!(!names.is_empty(), "fuzz/fuzz_targets is empty");
    Ok(names)
}

/// Builds, then runs the targets, as many at a time as there are cores.
fn campaign(targets: &[String], time: Duration) -> Result<bool> {
    let programs = build(targets)?;
    let files = workspace::files()?;
    let waiting: Mutex<Vec<&String>> = Mutex::new(targets.iter().rev().collect());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let holds = std::thread::scope(|scope| {
        let work = || -> Result<bool> {
            let mut holds = true;
            loop {
                let next =
                    waiting.lock().map_or_else(|lock| lock.into_inner().pop(), |mut l| l.pop());
                let Some(target) = next else { return Ok(holds) };
                holds &= one(target, &programs, &files, time)?;
            }
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    let mut all = true;
    for answer in holds {
        let Ok(answer) = answer else { bail!("a thread that ran fuzz targets ended early") };
        all &= answer?;
    }
    Ok(all)
}

/// Builds the targets and gives the folder that they are in.
fn build(targets: &[String]) -> Result<PathBuf> {
    let folder = workspace::target()?.join("fuzz");
    let triple = host()?;
    let mut command = cargo();
    command.args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml"]);
    // Naming the target keeps the flags from build scripts and macros, which run here and now.
    command.args(["--target", &triple, "--target-dir"]).arg(&folder);
    for target in targets {
        command.args(["--bin", target]);
    }
    command.env("RUSTFLAGS", COVERAGE.join(" "));
    ensure!(succeeds(&mut command)?, "the fuzz targets could not be built");
    Ok(folder.join(triple).join("release"))
}

/// The compiler's own triple.
fn host() -> Result<String> {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(workspace::root()).arg("-vV");
    let said = listen(&mut rustc, GRACE)?.context("rustc did not answer")?;
    let host = said.text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not name its host")
}

/// Runs one target and says what came of it; true when it found nothing.
fn one(target: &str, programs: &Path, files: &[File], time: Duration) -> Result<bool> {
    let root = workspace::root();
    let corpus = workspace::target()?.join("fuzz/corpus").join(target);
    let artifacts = workspace::target()?.join("fuzz/artifacts").join(target);
    std::fs::create_dir_all(&artifacts)?;
    let planted = seeds::collect(files, target).plant(&corpus)?;
    let mut command = Command::new(programs.join(target));
    command.current_dir(&root).stdin(Stdio::null()).arg(&corpus);
    // Inputs that once failed are kept with the sources and tried each time.
    let kept = root.join("fuzz/regressions").join(target);
    if kept.is_dir() {
        command.arg(kept);
    }
    command.arg(format!("-max_total_time={}", time.as_secs()));
    command.arg(format!("-max_len={LONGEST_INPUT}")).arg("-print_final_stats=1");
    command.args(["-timeout=10", "-rss_limit_mb=2048", "-verbosity=1"]);
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    let said = listen(&mut command, time + GRACE)?;
    let Some(said) = said else {
        println!("fuzz {target}: did not end in time");
        return Ok(false);
    };
    if !said.success {
        println!("{}", said.text);
        println!("fuzz {target}: found something; the input is in {}", artifacts.display());
        return Ok(false);
    }
    let runs = statistic(&said.text, "stat::number_of_executed_units:").unwrap_or("some");
    let covered = covered(&said.text).unwrap_or("some");
    println!("fuzz {target}: {runs} runs from {planted} seeds, {covered} edges, nothing found");
    Ok(true)
}

/// The value after a name in libFuzzer's closing statistics.
fn statistic<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// The last `cov: N` that libFuzzer printed.
fn covered(text: &str) -> Option<&str> {
    text.rsplit_once("cov: ").and_then(|(_, rest)| rest.split_whitespace().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_read() {
        let text = "#2 INITED cov: 11 ft: 3\n#9 DONE   cov: 87 ft: 90\n\
                    stat::number_of_executed_units: 5123\nstat::peak_rss_mb: 41\n";
        assert_eq!(statistic(text, "stat::number_of_executed_units:"), Some("5123"));
        assert_eq!(statistic(text, "stat::new_units_added:"), None);
        assert_eq!(covered(text), Some("87"));
    }

    /// The targets cannot inherit, since they are a workspace of their own.
    #[test]
    fn the_targets_keep_the_rules_of_the_workspace() {
        let read = |path: &str| -> toml::Table {
            std::fs::read_to_string(workspace::root().join(path)).unwrap().parse().unwrap()
        };
        let (ours, theirs) = (read("Cargo.toml"), read("fuzz/Cargo.toml"));
        let package = &ours["workspace"]["package"];
        for field in ["edition", "rust-version", "publish"] {
            assert_eq!(theirs["package"][field], package[field], "{field}");
        }
        assert_eq!(theirs["lints"], ours["workspace"]["lints"]);
    }

    #[test]
    fn every_target_is_declared_in_the_manifest_and_the_other_way_round() {
        let manifest = std::fs::read_to_string(workspace::root().join("fuzz/Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let declared = manifest["bin"].as_array().unwrap().iter();
        let mut declared: Vec<&str> = declared.map(|bin| bin["name"].as_str().unwrap()).collect();
        declared.sort_unstable();
        assert_eq!(declared, targets().unwrap());
    }
}
