//! `scrutineer log`

mod add;
mod export;
mod init;
mod prove;
mod resume;
mod serve;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use artifact::admit::Founded;
use clap::{Args, Subcommand};
use log_server::log::LogError;
use log_server::log::client::{Client, ClientError, History};

use crate::file;
use crate::message::{Failure, Outcome};

/// Run a log, and use one
///
/// The log takes signed artifacts, makes them durable, and publishes heads that witnesses have
/// cosigned. docs/operate/log.md tells how to run one, docs/spec/log-api.md how to speak to it.
#[derive(Args)]
#[command(
    after_help = "Example:\n  scrutineer log init county-log --origin log.example/county-2026\n  \
                  scrutineer log serve county-log"
)]
pub(crate) struct Log {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    Serve(serve::Serve),
    Add(add::Add),
    Prove(prove::Prove),
    Export(export::Export),
    Resume(resume::Resume),
}

impl Log {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Init(verb) => verb.run(out),
            Command::Serve(verb) => verb.run(out),
            Command::Add(verb) => verb.run(out),
            Command::Prove(verb) => verb.run(out),
            Command::Export(verb) => verb.run(out),
            Command::Resume(verb) => verb.run(out),
        }
    }
}

/// Submits an artifact as `log add` does, with the charter to check the promise by.
pub(crate) fn submit(artifact: &Path, url: &str, charter: &Path, out: &mut dyn Write) -> Outcome {
    add::Add::of(artifact, url, charter).run(out)
}

/// How long one request to a log may take.
const PATIENCE: Duration = Duration::from_mins(1);

fn client(url: &str) -> Client {
    Client::new(url, PATIENCE)
}

/// The charter and every amendment under the log's head. A fault is kept beside what was to be
/// submitted.
fn history(
    client: &Client,
    founded: &Founded,
    kept: Option<&Path>,
    beside: &Path,
) -> Result<History, Failure> {
    let mut history = kept_history(founded, kept)?;
    client.extend(&mut history).map_err(|error| refused(&error, beside))?;
    keep_history(&history, kept)?;
    Ok(history)
}

/// What was read of a log by an earlier call; the charter alone if none was.
fn kept_history(founded: &Founded, kept: Option<&Path>) -> Result<History, Failure> {
    let Some(path) = kept.filter(|path| path.exists()) else {
        return Ok(History::of_charter(founded));
    };
    History::from_file(&file::read(path)?, founded).map_err(|error| {
        Failure::new(format_args!("{}: {error}", path.display()))
            .hint("remove the file: the log is then read from its beginning")
    })
}

fn keep_history(history: &History, kept: Option<&Path>) -> Result<(), Failure> {
    kept.map_or(Ok(()), |path| file::replace(path, &history.to_file()))
}

/// The message for a log that cannot start or had to stop.
fn failed(error: &LogError) -> Failure {
    Failure::new(error).hint(error.hint())
}

/// The message for a log that does not answer as it should. An answer that does not hold is kept
/// in `<beside>.evidence`.
fn refused(error: &ClientError, beside: &Path) -> Failure {
    let ClientError::Evidence(evidence) = error else {
        return Failure::new(error).hint(error.hint());
    };
    let fault = &evidence.fault;
    let failure = Failure::new(error);
    let failure = match file::keep(&with_ending(beside, "evidence"), &evidence.answer) {
        Ok(path) => failure.hint(format_args!(
            "the log's answer is kept in {}\n{}",
            path.display(),
            fault.hint()
        )),
        Err(unkept) => failure.hint(format_args!("{}; {}", unkept.message(), fault.hint())),
    };
    if fault.is_certain() { failure.failing() } else { failure }
}

/// The path with an ending behind all it has.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}
