//! `cargo xtask test`: every check, in order, with its time, and a summary.
//!
//! The order puts what is quick and often wrong first. The steps share what they build: clippy and
//! the documentation read the same checked dependencies; the tests, their doc tests and the
//! demonstration use one set of compiled crates.

use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::command::{cargo, succeeds};
use crate::{demo, deny, fuzz, oldest, session, tidy, wasm, workspace};

/// What `cargo xtask test` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these steps; without them, all
    steps: Vec<String>,
}

/// How a step went.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Passed(Option<String>),
    Failed,
    NotRun(String),
    /// It was not run either, for what not every machine can have. That is said, and is enough
    /// everywhere.
    Skipped(String),
}

struct Step {
    name: &'static str,
    run: fn() -> Result<Outcome>,
}

/// Every step, in order.
const STEPS: [Step; 12] = [
    Step { name: "locked", run: locked },
    Step { name: "fmt", run: fmt },
    Step { name: "tidy", run: || tidy::holds().map(judged) },
    Step { name: "clippy", run: clippy },
    Step { name: "shapes", run: shapes },
    Step { name: "wasm", run: wasm },
    Step { name: "build", run: build },
    Step { name: "test", run: test },
    Step { name: "doc", run: doc },
    Step { name: "deny", run: denied },
    Step { name: "fuzz", run: || fuzz::short_run().map(judged) },
    Step { name: "demo", run: demonstration },
];

fn judged(holds: bool) -> Outcome {
    if holds { Outcome::Passed(None) } else { Outcome::Failed }
}

/// Both lock files are whole: what is built is what they name, on every machine. And none of it
/// asks for a younger compiler than we do.
fn locked() -> Result<Outcome> {
    let resolve = |manifest: &str| {
        let arguments = ["metadata", "--locked", "--format-version", "1", "--manifest-path"];
        succeeds(cargo().args(arguments).arg(manifest).stdout(Stdio::null()))
    };
    Ok(judged(resolve("Cargo.toml")? && resolve("fuzz/Cargo.toml")? && oldest::holds()?))
}

fn fmt() -> Result<Outcome> {
    let workspace = succeeds(cargo().args(["fmt", "--all", "--check"]))?;
    let manifest = ["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"];
    Ok(judged(succeeds(cargo().args(manifest))? && workspace))
}

fn clippy() -> Result<Outcome> {
    let arguments =
        ["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"];
    Ok(judged(succeeds(cargo().args(arguments))?))
}

/// What ships or is fuzzed in another shape than the workspace builds it in.
///
/// Without its feature `url` a reader of bundles has the shortest list of dependencies, and no
/// other step compiles it like that. The fuzz targets are a workspace of their own.
fn shapes() -> Result<Outcome> {
    let lint = |arguments: &[&str]| {
        let mut command = cargo();
        command.args(["clippy", "--quiet"]).args(arguments);
        command.arg("--target-dir").arg(workspace::target()?);
        succeeds(command.args(["--", "--deny", "warnings"]))
    };
    let mut holds = true;
    for package in ["artifact", "verify"] {
        holds &= lint(&["--package", package, "--no-default-features"])?;
    }
    holds &= lint(&["--manifest-path", "fuzz/Cargo.toml"])?;
    Ok(judged(holds))
}

/// The rules of the booth, for a browser. No toolchain brings the standard library for it itself.
/// `.ci/tools` installs one where packages can be had; where none can, the step is skipped and no
/// failure.
fn wasm() -> Result<Outcome> {
    Ok(match wasm::compiles()? {
        Some(holds) => judged(holds),
        None => Outcome::Skipped("booth was not compiled: no standard library".to_owned()),
    })
}

/// Tests and binaries in one go: asking for the tests too settles on one set of features.
fn build() -> Result<Outcome> {
    Ok(judged(succeeds(cargo().args(["build", "--workspace", "--bins", "--lib", "--tests"]))?))
}

/// All tests. What a key leaves on the stack is a question to the optimiser, so that test runs with
/// it too.
fn test() -> Result<Outcome> {
    let all = succeeds(cargo().args(["test", "--workspace", "--no-fail-fast"]))?;
    let optimised = ["test", "--release", "--package", "canon", "--test", "stack"];
    Ok(judged(succeeds(cargo().args(optimised))? && all))
}

fn doc() -> Result<Outcome> {
    let mut command = cargo();
    command.args(["doc", "--workspace", "--no-deps", "--quiet"]);
    command.env("RUSTDOCFLAGS", "--deny warnings");
    Ok(judged(succeeds(&mut command)?))
}

fn denied() -> Result<Outcome> {
    Ok(match deny::check()? {
        deny::Outcome::Holds(note) => Outcome::Passed(note),
        deny::Outcome::Fails => Outcome::Failed,
        deny::Outcome::NotRun(reason) => Outcome::NotRun(reason),
    })
}

/// The demonstration, and what the README does with what it leaves. With the binary that the tests
/// used.
fn demonstration() -> Result<Outcome> {
    if !demo::binary()?.is_file() {
        return Ok(Outcome::NotRun("the binary was not built".to_owned()));
    }
    session::holds().map(judged)
}

/// `cargo xtask test`.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    for name in &arguments.steps {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        ensure!(known.contains(&name.as_str()), "no step {name}; there are {}", known.join(", "));
    }
    let chosen = STEPS.iter().filter(|step| {
        arguments.steps.is_empty() || arguments.steps.iter().any(|name| name == step.name)
    });
    if std::env::var_os("CI").is_some() && arguments.steps.is_empty() {
        // What is missing then, the checks say.
        succeeds(&mut Command::new(workspace::root().join(".ci/tools")))?;
    }
    let mut lines = Vec::new();
    for step in chosen {
        println!("\n==> {}", step.name);
        let start = Instant::now();
        let outcome = (step.run)().unwrap_or_else(|error| {
            println!("{error:#}");
            Outcome::Failed
        });
        lines.push((step.name, outcome, start.elapsed()));
    }
    println!("\n{}", summary(&lines));
    let strict = std::env::var_os("CI").is_some();
    let holds = lines.iter().all(|(_, outcome, _)| outcome.is_enough(strict));
    if holds {
        return Ok(ExitCode::SUCCESS);
    }
    if strict && lines.iter().any(|(_, outcome, _)| matches!(outcome, Outcome::NotRun(_))) {
        println!("CI is set, so a step that was not run counts as one that failed");
    }
    Ok(ExitCode::FAILURE)
}

impl Outcome {
    /// True when the whole may succeed with it. Where nobody reads the summary (`strict`), a step
    /// that was not run must not pass for one that holds.
    fn is_enough(&self, strict: bool) -> bool {
        match self {
            Self::Passed(_) | Self::Skipped(_) => true,
            Self::Failed => false,
            Self::NotRun(_) => !strict,
        }
    }
}

/// A line a step, and a last line with the counts.
fn summary(lines: &[(&str, Outcome, Duration)]) -> String {
    let mut text: Vec<String> = Vec::new();
    let (mut passed, mut failed, mut not_run) = (0, 0, 0);
    for (name, outcome, time) in lines {
        let word = match outcome {
            Outcome::Passed(None) => "passed".to_owned(),
            Outcome::Passed(Some(note)) => format!("passed; {note}"),
            Outcome::Failed => "failed".to_owned(),
            Outcome::NotRun(reason) => format!("not run: {reason}"),
            Outcome::Skipped(reason) => format!("skipped: {reason}"),
        };
        match outcome {
            Outcome::Passed(_) => passed += 1,
            Outcome::Failed => failed += 1,
            Outcome::NotRun(_) | Outcome::Skipped(_) => not_run += 1,
        }
        text.push(format!("{name:<8}{:>8.1} s  {word}", time.as_secs_f64()));
    }
    let skipped = if not_run == 0 { String::new() } else { format!(", {not_run} skipped") };
    text.push(format!("{passed} passed, {failed} failed{skipped}"));
    text.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_and_explains() {
        let lines = [
            ("fmt", Outcome::Passed(None), Duration::from_millis(1_200)),
            ("deny", Outcome::NotRun("no tool".to_owned()), Duration::ZERO),
            ("demo", Outcome::Failed, Duration::from_secs(14)),
        ];
        let expected = "fmt          1.2 s  passed\ndeny         0.0 s  not run: no tool\n\
                        demo        14.0 s  failed\n1 passed, 1 failed, 1 skipped";
        assert_eq!(summary(&lines), expected);
        assert!(summary(&lines[..1]).ends_with("\n1 passed, 0 failed"));
        let skipped = ("wasm", Outcome::Skipped("no library".to_owned()), Duration::ZERO);
        let expected = "wasm         0.0 s  skipped: no library\n0 passed, 0 failed, 1 skipped";
        assert_eq!(summary(&[skipped]), expected);
    }

    #[test]
    fn a_step_that_was_not_run_is_not_enough_where_nobody_looks() {
        let not_run = Outcome::NotRun("no tool".to_owned());
        assert!(not_run.is_enough(false) && !not_run.is_enough(true));
        assert!(Outcome::Skipped("no library".to_owned()).is_enough(true));
        assert!(Outcome::Passed(None).is_enough(true));
        assert!(!Outcome::Failed.is_enough(false));
    }

    #[test]
    fn an_unknown_step_is_refused() {
        let arguments = Arguments { steps: vec!["tidy".to_owned(), "polish".to_owned()] };
        let error = run(&arguments).unwrap_err().to_string();
        assert!(error.contains("no step polish") && error.contains("clippy"), "{error}");
    }
}
