//! `cargo xtask long`: the runs that take too long for every change, in a release build.
//!
//! Each is a test that also runs short with all others; here an environment variable makes it as
//! long as it is meant to be. What a run has measured, it says in a line that begins with
//! "measured:", and the summary at the end is what docs/measurements.md wants to know.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::command::{cargo, succeeds};
use crate::workspace;

/// What `cargo xtask long` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only the runs whose name contains this: kill, stamp, observer
    filter: Option<String>,
    /// Votes during which processes are killed
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    votes: u64,
    /// Questions for stamps, with right and with wrong codes
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    queries: u64,
    /// Visitors of the day that is watched
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    visitors: u64,
}

/// One run: a test, and what makes it long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    name: &'static str,
    target: &'static str,
    test: &'static str,
    variable: &'static str,
    flag: &'static str,
    value: u64,
}

/// What came of a run.
struct Ran {
    is_well: bool,
    measured: Vec<String>,
    took: Duration,
}

impl Arguments {
    fn runs(&self) -> Vec<Run> {
        let all = [
            Run {
                name: "kill",
                target: "served",
                test: "voters::killed::whichever_process_is_killed_votes_are_voters_are_receipts",
                variable: "SCRUTINEER_KILL_VOTES",
                flag: "--votes",
                value: self.votes,
            },
            Run {
                name: "stamp",
                target: "edge",
                test: "distinguishing::answers_to_right_and_wrong_codes_cannot_be_told_apart",
                variable: "SCRUTINEER_STAMP_QUERIES",
                flag: "--queries",
                value: self.queries,
            },
            self.observed(
                "observer",
                "publish::observer::the_strongest_observer_relates_no_two_lines",
            ),
            self.observed(
                "observer-official",
                "publish::observer::the_strongest_observer_of_an_official_day_relates_no_two_lines",
            ),
        ];
        let filter = self.filter.as_deref().unwrap_or_default();
        all.into_iter().filter(|run| run.name.contains(filter)).collect()
    }

    /// A day that somebody watches.
    const fn observed(&self, name: &'static str, test: &'static str) -> Run {
        Run {
            name,
            target: "collect",
            test,
            variable: "SCRUTINEER_OBSERVED_VISITORS",
            flag: "--visitors",
            value: self.visitors,
        }
    }
}

impl Run {
    fn run(self) -> Result<Ran> {
        let begun = Instant::now();
        let mut child = release()
            .args(["--test", self.target, "--", "--exact", "--nocapture", self.test])
            .env(self.variable, self.value.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .context("could not start cargo")?;
        let output = child.stdout.take().context("cargo has no output")?;
        let (mut measured, mut has_run) = (Vec::new(), false);
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            std::io::stdout().flush()?;
            measured.extend(measurement(&line).map(str::to_owned));
            has_run |= line.starts_with("test result: ok. 1 passed");
        }
        // A filter that names no test passes too.
        let is_well = child.wait()?.success() && has_run;
        Ok(Ran { is_well, measured, took: begun.elapsed() })
    }
}

/// All runs are built together: a crate alone would be compiled with other features, and anew.
fn release() -> Command {
    let mut command = cargo();
    command.args(["test", "--release", "--package", "cli", "--package", "booth-server"]);
    command
}

/// What a line says was measured; the name of the test may stand before it.
fn measurement(line: &str) -> Option<&str> {
    line.split_once("measured: ").map(|(_, said)| said)
}

/// `cargo xtask long`.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let runs = arguments.runs();
    let mut build = release();
    build.arg("--no-run").args(runs.iter().flat_map(|run| ["--test", run.target]));
    if runs.is_empty() || !succeeds(&mut build)? {
        bail!("there is no such run, or its test could not be built");
    }
    let mut ended = Vec::new();
    for run in &runs {
        println!("{}: {}={}", run.name, run.variable, run.value);
        ended.push(run.run()?);
    }
    println!("\nfor docs/measurements.md, with the machine and what ran beside it:");
    println!("commit {}", commit()?);
    for (run, ran) in runs.iter().zip(&ended) {
        let outcome = if ran.is_well { "as it should" } else { "FAILED" };
        println!("{}: {outcome}, {} s", run.name, ran.took.as_secs());
        println!("  cargo xtask long {} {} {}", run.name, run.flag, run.value);
        for line in &ran.measured {
            println!("  {line}");
        }
    }
    let is_well = ended.iter().all(|ran| ran.is_well);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The commit, and whether something was changed since.
fn commit() -> Result<String> {
    let output = Command::new("git")
        .args(["describe", "--always", "--exclude=*", "--dirty=, with changes"])
        .current_dir(workspace::root())
        .output()
        .context("could not start git")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_is_found_behind_the_name_of_its_test() {
        assert_eq!(measurement("measured: 3 kills"), Some("3 kills"));
        assert_eq!(measurement("test a::b ... measured: t 0.3"), Some("t 0.3"));
        assert_eq!(measurement("test a::b ... ok"), None);
    }

    #[test]
    fn a_filter_chooses_among_the_runs() {
        let runs = |filter: Option<&str>| {
            let filter = filter.map(str::to_owned);
            let runs = Arguments { filter, votes: 1, queries: 2, visitors: 3 }.runs();
            runs.iter().map(|run| (run.name, run.value)).collect::<Vec<_>>()
        };
        let observed = [("observer", 3), ("observer-official", 3)];
        assert_eq!(runs(None), [[("kill", 1), ("stamp", 2)], observed].concat());
        assert_eq!(runs(Some("observer")), observed);
        assert_eq!(runs(Some("stamp")), [("stamp", 2)]);
        assert_eq!(runs(Some("other")), []);
    }
}
