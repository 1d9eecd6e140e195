//! The command line of the verifier, read by hand: no dependency for eight words.

use std::ffi::OsString;
use std::path::PathBuf;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Replays a bundle of election evidence and reports what it shows.

Usage: scrutineer-verify BUNDLE|URL [options]

  BUNDLE           a folder or a zip, as `scrutineer log export` writes it
  URL              the address of a log that serves the same paths

Options:
  --anchor FILE    the anchor, from outside the bundle (file or poster text);
                   without it the answer is at best \"not authenticated\"
  --since FILE     an older signed head of the same log: shows that the log
                   has only grown since
  --promise FILE   a promise that the log made; may be given several times
  --artifact FILE  an artifact that the charter withholds from the bundle; it is
                   judged too; may be given several times
  --lists FOLDER|URL
                   the two lists of each campaign of the booth path, as files, a
                   zip, or at their publisher: every record is judged
  --receipt FILE   a voter's record with a receipt or an acceptance: what was
                   signed must stand in the list; may be given several times
  --voided FILE    look-up strings of mandates that were declared void, one a
                   line: those that voted are counted; may be given
                   several times
  --json           write the report as JSON
  --threads N      use N threads; one a core if not given
  --help, --version

Exit codes: 0 the evidence holds, 1 it fails, 2 it could not be checked,
is incomplete, or is not authenticated.

Example:
  scrutineer-verify hinsdale.zip --anchor anchor.toml --since checkpoint.old
";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// `--help`.
    Help,
    /// `--version`.
    Version,
    /// Replay a bundle.
    Verify(Box<Request>),
}

/// A replay and its options.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) bundle: String,
    pub(crate) anchor: Option<PathBuf>,
    pub(crate) since: Option<PathBuf>,
    pub(crate) promises: Vec<PathBuf>,
    pub(crate) artifacts: Vec<PathBuf>,
    pub(crate) lists: Option<String>,
    pub(crate) voided: Vec<PathBuf>,
    pub(crate) receipts: Vec<PathBuf>,
    pub(crate) json: bool,
    pub(crate) threads: usize,
}

/// A command line that cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgsError {
    #[error("no bundle was given")]
    NoBundle,
    #[error("{0} was given after the bundle; one bundle is checked at a time")]
    SecondBundle(String),
    #[error("{0} is not an option")]
    Unknown(String),
    #[error("{0} needs a value")]
    NoValue(String),
    #[error("{0} was given twice")]
    Twice(String),
    #[error("--threads {0} is not a number from 1 to 1024")]
    Threads(String),
    #[error("{0:?} is not text")]
    NotText(OsString),
}

/// Reads the words after the program's name.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Command, ArgsError> {
    let mut words = words.into_iter();
    let mut request = Request::default();
    let mut bundle = None;
    let mut only_names = false;
    while let Some(word) = words.next() {
        let text = word.into_string().map_err(ArgsError::NotText)?;
        if only_names || !text.starts_with('-') {
            if bundle.is_some() {
                return Err(ArgsError::SecondBundle(text));
            }
            bundle = Some(text);
            continue;
        }
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(OsString::from(value))),
            None => (text, None),
        };
        let mut value = || {
            let value = inline.clone().or_else(|| words.next());
            value.ok_or_else(|| ArgsError::NoValue(name.clone()))
        };
        match name.as_str() {
            "--" => only_names = true,
            "--help" | "-h" => return Ok(Command::Help),
            "--version" | "-V" => return Ok(Command::Version),
            "--json" if inline.is_none() => request.json = true,
            "--anchor" => once(&mut request.anchor, &name, value()?)?,
            "--since" => once(&mut request.since, &name, value()?)?,
            "--promise" => request.promises.push(value()?.into()),
            "--artifact" => request.artifacts.push(value()?.into()),
            "--lists" => once(&mut request.lists, &name, text_of(value()?)?)?,
            "--receipt" => request.receipts.push(value()?.into()),
            "--voided" => request.voided.push(value()?.into()),
            "--threads" => request.threads = threads(value()?)?,
            _ => return Err(ArgsError::Unknown(name)),
        }
    }
    request.bundle = bundle.ok_or(ArgsError::NoBundle)?;
    Ok(Command::Verify(Box::new(request)))
}

fn text_of(value: OsString) -> Result<String, ArgsError> {
    value.into_string().map_err(ArgsError::NotText)
}

fn once<T>(slot: &mut Option<T>, name: &str, value: impl Into<T>) -> Result<(), ArgsError> {
    match slot.replace(value.into()) {
        None => Ok(()),
        Some(_) => Err(ArgsError::Twice(name.to_owned())),
    }
}

fn threads(value: OsString) -> Result<usize, ArgsError> {
    let text = text_of(value)?;
    match text.parse() {
        Ok(threads @ 1..=1024) => Ok(threads),
        _ => Err(ArgsError::Threads(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Command, ArgsError> {
        parse(words.iter().map(OsString::from))
    }

    #[test]
    fn options_stand_before_and_after_the_bundle() {
        let words = [
            "--anchor",
            "a.toml",
            "x.zip",
            "--since=old",
            "--promise",
            "p",
            "--promise",
            "q",
            "--artifact=a",
            "--artifact=b",
            "--lists",
            "http://lists",
            "--voided=v",
            "--receipt=r",
            "--json",
            "--threads",
            "3",
        ];
        let wanted = Request {
            bundle: "x.zip".into(),
            anchor: Some("a.toml".into()),
            since: Some("old".into()),
            promises: vec!["p".into(), "q".into()],
            artifacts: vec!["a".into(), "b".into()],
            lists: Some("http://lists".into()),
            voided: vec!["v".into()],
            receipts: vec!["r".into()],
            json: true,
            threads: 3,
        };
        assert_eq!(read(&words), Ok(Command::Verify(Box::new(wanted))));
        let Ok(Command::Verify(odd)) = read(&["--", "--odd"]) else { panic!("a name") };
        assert_eq!(odd.bundle, "--odd");
    }

    #[test]
    fn help_and_version_win() {
        assert_eq!(read(&["--help"]), Ok(Command::Help));
        assert_eq!(read(&["x", "-V"]), Ok(Command::Version));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert_eq!(read(&[]), Err(ArgsError::NoBundle));
        assert_eq!(read(&["a", "b"]), Err(ArgsError::SecondBundle("b".into())));
        assert_eq!(read(&["a", "--anchors", "b"]), Err(ArgsError::Unknown("--anchors".into())));
        assert_eq!(read(&["a", "--anchor"]), Err(ArgsError::NoValue("--anchor".into())));
        assert_eq!(read(&["a", "--json=1"]), Err(ArgsError::Unknown("--json".into())));
        let twice = ["a", "--since", "b", "--since", "c"];
        assert_eq!(read(&twice), Err(ArgsError::Twice("--since".into())));
        for number in ["0", "-1", "x", "1025"] {
            let wanted = Err(ArgsError::Threads(number.into()));
            assert_eq!(read(&["a", "--threads", number]), wanted);
        }
    }
}
