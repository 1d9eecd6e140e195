//! The verifier alone: reads a bundle, prints a report, and does nothing else.
//!
//! For strangers: no server, no key, no clock, and the shortest list of dependencies.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod args;
mod progress;

use std::collections::BTreeMap;
use std::fs;
use std::io::{IsTerminal, Write as _, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;

use args::{Command, HELP, Request};
use artifact::anchor::Anchor;
use progress::Bar;
use verify::terminal::{Style, render};
use verify::{Lists, Options, open_lists, replay};

/// What could not be done, and what to do about it.
struct Trouble {
    error: String,
    hint: String,
}

fn main() -> ExitCode {
    let said = match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => print(HELP.as_bytes()).map(|()| 0),
        Ok(Command::Version) => {
            print(format!("scrutineer-verify {}\n", env!("CARGO_PKG_VERSION")).as_bytes())
                .map(|()| 0)
        }
        Ok(Command::Verify(request)) => verify(&request),
        Err(error) => Err(Trouble {
            error: error.to_string(),
            hint: "scrutineer-verify --help lists the options".to_owned(),
        }),
    };
    match said {
        Ok(code) => ExitCode::from(code),
        Err(trouble) => {
            if std::env::args_os().skip(1).any(|word| word == "--json") {
                let (error, hint) = (&trouble.error, &trouble.hint);
                let answer = BTreeMap::from([("error", error), ("hint", hint)]);
                let mut line = canon::json::to_canonical(&answer).unwrap_or_default();
                line.push(b'\n');
                let _ = stdout().write_all(&line);
            }
            let _ = writeln!(stderr(), "error: {}\n\nhint: {}", trouble.error, trouble.hint);
            ExitCode::from(2)
        }
    }
}

fn verify(request: &Request) -> Result<u8, Trouble> {
    let options = Options {
        anchor: request.anchor.as_deref().map(anchor).transpose()?,
        since: request.since.as_deref().map(file).transpose()?,
        promises: request.promises.iter().map(|path| file(path)).collect::<Result<_, _>>()?,
        artifacts: request.artifacts.iter().map(|path| file(path)).collect::<Result<_, _>>()?,
        lists: request.lists.as_deref().map(lists).transpose()?,
        voided: request.voided.iter().map(|path| file(path)).collect::<Result<_, _>>()?,
        receipts: request.receipts.iter().map(|path| file(path)).collect::<Result<_, _>>()?,
        threads: request.threads,
    };
    let bar = Bar::new();
    let answer = verify::open(&request.bundle).and_then(|source| replay(&*source, &options, &bar));
    bar.clear();
    let report = answer
        .map_err(|error| Trouble { error: error.to_string(), hint: error.hint().to_owned() })?;
    if request.json {
        let mut json = report.to_json().map_err(|error| Trouble {
            error: error.to_string(),
            hint: "leave --json out to read the report".to_owned(),
        })?;
        json.push(b'\n');
        print(&json)?;
    } else {
        let style = Style { colour: colour(), elapsed: Some(bar.elapsed()) };
        print(render(&report, style).as_bytes())?;
    }
    Ok(report.exit_code)
}

/// Colour on a terminal, unless the user has said that they want none.
fn colour() -> bool {
    stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn anchor(path: &Path) -> Result<Anchor, Trouble> {
    let bytes = file(path)?;
    Anchor::parse(&bytes).map_err(|error| Trouble {
        error: format!("{} is not an anchor: {error}", path.display()),
        hint: "get the anchor again from where the authority publishes it".to_owned(),
    })
}

fn lists(place: &str) -> Result<Lists, Trouble> {
    open_lists(place)
        .map_err(|error| Trouble { error: error.to_string(), hint: error.hint().to_owned() })
}

fn file(path: &Path) -> Result<Vec<u8>, Trouble> {
    fs::read(path).map_err(|error| Trouble {
        error: format!("{} could not be read: {error}", path.display()),
        hint: "check the path, and that you may read the file".to_owned(),
    })
}

fn print(bytes: &[u8]) -> Result<(), Trouble> {
    let mut out = stdout();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    written.map_err(|error| Trouble {
        error: format!("the report could not be written: {error}"),
        hint: "check where the output goes".to_owned(),
    })
}
