//! `scrutineer paper define`

mod check;
mod derive;
mod example;
mod foreign;
mod show;

use std::io::Write;
use std::path::Path;

use artifact::payload::{BallotDefinition, PayloadType as _};
use clap::{Args, Subcommand};
use paper::definition::Fault;

use crate::file;
use crate::message::{Failure, Outcome};

/// Make a ballot definition, judge it, and exchange it with other systems
///
/// A definition says what is voted on, who votes on what, and how it stands on paper:
/// docs/spec/definition.md. Begin with an example, or import one; write the election without
/// styles and let `derive` make them; `check` until no fault is left. Then sign it as an artifact:
/// `scrutineer artifact sign --kind ballot_definition/v1 --key designer.pem definition.json`.
#[derive(Args)]
#[command(after_help = "Example:\n  \
    scrutineer paper define example --of city --out definition.json\n  \
    scrutineer paper define check definition.json\n  \
    scrutineer artifact sign --kind ballot_definition/v1 --key designer.pem \\\n      \
    definition.json > definition.artifact.json")]
pub(crate) struct Define {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Example(example::Example),
    Derive(derive::Derive),
    Check(check::Check),
    Import(foreign::Import),
    Export(foreign::Export),
    Show(show::Show),
}

impl Define {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Example(verb) => verb.run(out),
            Command::Derive(verb) => verb.run(out),
            Command::Check(verb) => verb.run(out),
            Command::Import(verb) => verb.run(out),
            Command::Export(verb) => verb.run(out),
            Command::Show(verb) => verb.run(out),
        }
    }
}

/// The longest definition that is read: what an artifact may hold.
const MOST_BYTES: usize = 16 << 20;

/// Reads strict JSON in any layout. Rules beyond the form are for `check`.
fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let bytes = file::read(path)?;
    if bytes.len() > MOST_BYTES {
        let size = bytes.len();
        return Err(Failure::new(format_args!("{}: {size} bytes", file::name(path)))
            .hint("a definition has at most 16 MiB"));
    }
    canon::json::from_strict(&bytes).map_err(|error| {
        Failure::new(format_args!("{}: {error}", file::name(path)))
            .hint(format_args!("{}; docs/spec/definition.md has every member", error.hint()))
    })
}

/// Writes a definition in canonical form into a new file.
fn write(path: &Path, definition: &BallotDefinition) -> Result<(), Failure> {
    let bytes = canon::json::to_canonical(definition)
        .map_err(|error| Failure::new(error).hint("numbers go up to 9007199254740991"))?;
    create(path, &bytes)
}

/// Writes a new file; one that is there is left alone.
fn create(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::io::ErrorKind;
    let written = std::fs::File::create_new(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::new(format_args!("{} is there already", path.display()))
                .hint("choose another name: nothing is overwritten")
        }
        _ => file::cannot_write(path, &error),
    })
}

/// What a definition has, in a line.
fn summary(definition: &BallotDefinition) -> String {
    let splits: usize = definition.precincts.iter().map(|one| one.splits.len()).sum();
    let count = |number: usize, one: &str| {
        if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
    };
    format!(
        "{}, {}, {}, {}",
        count(definition.contests.len(), "contest"),
        count(definition.precincts.len(), "precinct"),
        count(splits, "split"),
        count(definition.styles.len(), "style"),
    )
}

/// Every fault of a definition: where, what, and what to do.
fn list(out: &mut dyn Write, faults: &[Fault]) -> Result<(), Failure> {
    for fault in faults {
        writeln!(out, "{fault}\n    {}", fault.wrong.advice())?;
    }
    Ok(())
}

/// The digest by which printed ballots and records name a definition.
fn digest(definition: &BallotDefinition) -> Result<canon::Digest, Failure> {
    let bytes = canon::json::to_canonical(definition)
        .map_err(|error| Failure::new(error).hint("numbers go up to 9007199254740991"))?;
    Ok(canon::Digest::of(&bytes))
}

/// Tells of a definition that was written, with its faults.
fn tell(out: &mut dyn Write, path: &Path, definition: &BallotDefinition) -> Result<(), Failure> {
    let faults = paper::definition::check(definition);
    writeln!(out, "{:<9} {}", "written", path.display())?;
    writeln!(out, "{:<9} {}", "election", definition.election_id())?;
    writeln!(out, "{:<9} {}", "has", summary(definition))?;
    writeln!(out, "{:<9} {}", "digest", digest(definition)?)?;
    if !faults.is_empty() {
        let count = faults.len();
        let faults = if count == 1 { "1 fault".to_owned() } else { format!("{count} faults") };
        let shown = path.display();
        writeln!(out, "{:<9} {faults}: `scrutineer paper define check {shown}`", "to mend")?;
    }
    Ok(())
}
