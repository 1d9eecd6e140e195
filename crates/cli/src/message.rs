//! How a command ends: an exit status, and for people a message with what to do.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};

/// The exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It holds, or what was asked for is done.
    Holds = 0,
    /// The evidence fails.
    Fails = 1,
    /// It could not be checked or done.
    CouldNotCheck = 2,
}

/// The result of a command.
pub(crate) type Outcome = Result<Exit, Failure>;

/// Why a command gave no answer: it was not carried out, or a log answered what does not hold
/// ([`Failure::failing`]).
#[derive(Debug)]
pub(crate) struct Failure {
    /// What happened; empty where there is nobody to tell, or all is said.
    message: String,
    /// What to do.
    hint: Option<String>,
    exit: Exit,
}

impl Failure {
    pub(crate) fn new(message: impl Display) -> Self {
        Self { message: message.to_string(), hint: None, exit: Exit::CouldNotCheck }
    }

    /// What happened.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Ends without a word.
    pub(crate) const fn silent(exit: Exit) -> Self {
        Self { message: String::new(), hint: None, exit }
    }

    /// The answer was had, and it is evidence that fails.
    pub(crate) fn failing(mut self) -> Self {
        self.exit = Exit::Fails;
        self
    }

    /// Says what to do.
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        // A log may have none to give.
        self.hint = Some(hint.to_string()).filter(|hint| !hint.trim().is_empty());
        self
    }
}

/// Only the writing of the answer fails in this way; files have messages of their own.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == ErrorKind::BrokenPipe {
            // The reader has gone. Not status 0: it has not seen the whole answer.
            return Self::silent(Exit::CouldNotCheck);
        }
        Self::new(format_args!("cannot write the answer: {error}"))
            .hint("check where the output goes, and the room on that disk")
    }
}

/// Says on stderr how it ended, and where JSON was asked for on stdout too; gives the exit status.
pub(crate) fn finish(outcome: Outcome, is_json: bool) -> ExitCode {
    let exit = match outcome {
        Ok(exit) => exit,
        Err(failure) => {
            if is_json && !failure.message.is_empty() {
                let mut answer = serde_json::json!({ "error": failure.message });
                if let Some(hint) = &failure.hint {
                    answer["hint"] = hint.as_str().into();
                }
                // Nobody is left to tell if this fails.
                let _ = writeln!(io::stdout().lock(), "{answer}");
            }
            tell(&failure);
            failure.exit
        }
    };
    ExitCode::from(exit as u8)
}

fn tell(failure: &Failure) {
    if failure.message.is_empty() {
        return;
    }
    let error = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let hint = Style::new().bold().fg_color(Some(AnsiColor::Blue.into()));
    // Strips the colour where stderr is no terminal. Nobody is left to tell if this fails.
    let mut err = anstream::stderr().lock();
    let _ = writeln!(err, "{error}error:{error:#} {}", failure.message);
    if let Some(text) = &failure.hint {
        let _ = writeln!(err, "\n{hint}hint:{hint:#} {text}");
    }
}
