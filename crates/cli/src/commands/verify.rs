//! `scrutineer verify`

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use artifact::anchor::Anchor;
use clap::Args;
use indicatif::ProgressBar;
use verify::terminal::{Style, render};
use verify::{Lists, Options, Report, Verdict, replay};

use crate::message::{Exit, Failure, Outcome};
use crate::{file, progress};

/// Replay the evidence of an election
///
/// Reads a bundle (a folder, a zip, or the address of a log), checks everything in it against
/// everything else and against the anchor, and says what holds, what does not, and what that does
/// not show. Nothing is trusted but the anchor. Without an anchor the answer is at best
/// "consistent, not authenticated": a wholly forged election is consistent too.
#[derive(Args)]
#[command(after_help = "Examples:\n  scrutineer verify bundle.zip --anchor anchor.toml\n  \
                  scrutineer verify http://127.0.0.1:8700 --anchor poster.txt \
                  --since old\n\nExit status: 0 the evidence holds, 1 it fails, 2 it could not \
                  be checked, is not\nauthenticated, or is not complete yet.")]
pub(crate) struct Verify {
    /// The bundle: a folder, a zip, or an address
    #[arg(value_name = "BUNDLE|URL")]
    bundle: String,
    /// The anchor from the authority, as a file or as the lines of a poster
    #[arg(long, value_name = "FILE")]
    anchor: Option<PathBuf>,
    /// An older signed head of the same log: it must still be a part of it
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// A promise that the log gave for an entry; may be given again
    #[arg(long = "promise", value_name = "FILE")]
    promises: Vec<PathBuf>,
    /// An artifact that the charter withholds from the bundle: it is judged too; may be given again
    #[arg(long = "artifact", value_name = "FILE")]
    artifacts: Vec<PathBuf>,
    /// The two lists of each campaign of the booth path: a folder or zip, or their publisher's
    /// address
    #[arg(long, value_name = "FOLDER|URL")]
    lists: Option<String>,
    /// A voter's record with a receipt or an acceptance, held against the list; may be given again
    #[arg(long = "receipt", value_name = "FILE")]
    receipts: Vec<PathBuf>,
    /// Look-up strings of void mandates, one a line: counts those that voted; may be given again
    #[arg(long, value_name = "FILE")]
    voided: Vec<PathBuf>,
    /// Threads; one a core unless given
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    threads: usize,
    /// Answer in JSON, as schemas/report.schema.json has it
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let options = Options {
            anchor: self.anchor.as_deref().map(anchor).transpose()?,
            since: self.since.as_deref().map(file::read).transpose()?,
            promises: self
                .promises
                .iter()
                .map(|path| file::read(path))
                .collect::<Result<_, _>>()?,
            artifacts: self
                .artifacts
                .iter()
                .map(|path| file::read(path))
                .collect::<Result<_, _>>()?,
            lists: self.lists.as_deref().map(lists).transpose()?,
            voided: self.voided.iter().map(|path| file::read(path)).collect::<Result<_, _>>()?,
            receipts: self
                .receipts
                .iter()
                .map(|path| file::read(path))
                .collect::<Result<_, _>>()?,
            threads: self.threads,
        };
        let begun = Instant::now();
        let bar = Bar(progress::bar("checking", 0));
        let answer = verify::open(&self.bundle).and_then(|source| replay(&*source, &options, &bar));
        bar.0.finish_and_clear();
        let report = answer.map_err(|error| Failure::new(&error).hint(error.hint()))?;
        if self.json {
            let json = report
                .to_json()
                .map_err(|error| Failure::new(error).hint("leave --json out to read the report"))?;
            out.write_all(&json)?;
            writeln!(out)?;
        } else {
            let style = Style { colour: colour(), elapsed: Some(begun.elapsed()) };
            out.write_all(render(&report, style).as_bytes())?;
        }
        Ok(exit(report.verdict))
    }
}

/// The exit status of a verdict.
pub(crate) fn exit(verdict: Verdict) -> Exit {
    match verdict.exit_code() {
        0 => Exit::Holds,
        1 => Exit::Fails,
        _ => Exit::CouldNotCheck,
    }
}

/// Refuses evidence that fails, or of which a part could not be judged: nothing is told of it.
pub(crate) fn vouched(report: &Report, hint: &str) -> Result<(), Failure> {
    let (what, is_failing) = match report.verdict {
        Verdict::Fails => ("the evidence fails", true),
        Verdict::CouldNotCheck => ("the evidence could not be judged", false),
        Verdict::Holds | Verdict::Incomplete | Verdict::NotAuthenticated => return Ok(()),
    };
    let mut text = what.to_owned();
    let effect = report.findings.first().map(|first| first.rule.effect);
    let gravest = report.findings.iter().filter(|one| Some(one.rule.effect) == effect);
    for (place, finding) in gravest.take(3).enumerate() {
        let sign = if place == 0 { ':' } else { ';' };
        let (id, title) = (finding.rule.id, finding.rule.title);
        let _ = write!(text, "{sign} {id}, {title} ({})", finding.subject);
    }
    let failure = Failure::new(text).hint(hint);
    Err(if is_failing { failure.failing() } else { failure })
}

/// Colour on a terminal, unless the user wants none.
pub(crate) fn colour() -> bool {
    std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The anchor in a file.
pub(crate) fn anchor(path: &Path) -> Result<Anchor, Failure> {
    Anchor::parse(&file::read(path)?).map_err(|error| {
        Failure::new(format_args!("{}: {error}", file::name(path)))
            .hint("get the anchor again from where the authority publishes it")
    })
}

/// The lists at a place.
pub(crate) fn lists(place: &str) -> Result<Lists, Failure> {
    verify::open_lists(place).map_err(|error| Failure::new(&error).hint(error.hint()))
}

/// A replay's progress on a terminal.
pub(crate) struct Bar(pub(crate) ProgressBar);

impl verify::Progress for Bar {
    fn entries(&self, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
    }
}
