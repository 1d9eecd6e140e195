//! The command line: one definition gives the parser, the help, completions and man pages.

use clap::builder::styling::{AnsiColor, Styles};
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser};

use crate::commands::Command;
use crate::message::{Exit, Failure};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Blue.on_default().bold())
    .usage(AnsiColor::Blue.on_default().bold());

const ENDING: &str = "\
Exit status: 0 it holds or is done, 1 the evidence fails, 2 it could not be checked or done.

Not certified. Not for binding public elections.";

/// Elections whose outcome anyone can check.
#[derive(Parser)]
#[command(
    name = "scrutineer",
    version,
    after_help = ENDING,
    max_term_width = 80,
    styles = STYLES,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// The command that was asked for. Help and the version are answered here.
pub(crate) fn parse() -> Result<Command, Failure> {
    match Arguments::try_parse() {
        Ok(arguments) => Ok(arguments.command),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                error.print()?;
                Err(Failure::silent(Exit::Holds))
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                error.print()?;
                Err(Failure::silent(Exit::CouldNotCheck))
            }
            _ => Err(usage(&error)),
        },
    }
}

/// The whole definition, for completions and man pages.
pub(crate) fn definition() -> clap::Command {
    Arguments::command()
}

/// Puts clap's complaint into the form of all our messages: what is wrong, then what to do.
fn usage(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n");
    let what = paragraphs.next().unwrap_or_default().trim();
    let what = what.strip_prefix("error: ").unwrap_or(what);
    let hints = paragraphs
        .map(str::trim)
        .filter_map(|paragraph| match paragraph.strip_prefix("tip: ") {
            Some(tip) => Some(tip.to_owned()),
            None => paragraph.strip_prefix("Usage: ").map(|usage| format!("usage: {usage}")),
        })
        .collect::<Vec<_>>();
    let hint =
        if hints.is_empty() { "--help shows what there is".into() } else { hints.join("\n") };
    Failure::new(what).hint(hint)
}
