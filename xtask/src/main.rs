//! The chores of the workspace, one file a chore: `cargo xtask --help` lists them.
//!
//! In scope: building, running and checking what is in this repository, from a fresh clone on a
//! machine that has a Rust toolchain, gcc and g++. Out of scope: anything that ships.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a chore speaks to a person")]

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod bench;
mod command;
mod demo;
mod deny;
mod fuzz;
mod long;
mod oldest;
mod session;
mod steps;
mod tidy;
mod vectors;
mod wasm;
mod workspace;

/// Chores of the Scrutineer workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Hold an election's audit on this machine, prove it, and catch a changed byte
    Demo(demo::Arguments),
    /// Run every check, in order, and say how each one went
    Test(steps::Arguments),
    /// Check the rules of the house: floors, sizes, names, words
    Tidy,
    /// Run the fuzz targets, all or one
    Fuzz(fuzz::Arguments),
    /// Run the benches with short settings
    Bench(bench::Arguments),
    /// Run what takes long, in a release build: kills during many votes, a million stamps
    Long(long::Arguments),
    /// Check that the test vectors are well-formed, and list them
    Vectors,
    /// Check dependencies: licences, sources, bans, advisories
    Deny,
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().chore {
        Chore::Demo(arguments) => demo::run(&arguments),
        Chore::Test(arguments) => steps::run(&arguments),
        Chore::Tidy => tidy::run(),
        Chore::Fuzz(arguments) => fuzz::run(&arguments),
        Chore::Bench(arguments) => bench::run(&arguments),
        Chore::Long(arguments) => long::run(&arguments),
        Chore::Vectors => vectors::run(),
        Chore::Deny => deny::run(),
    }
}
