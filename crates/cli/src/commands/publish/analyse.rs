//! `scrutineer publish analyse`

use std::io::Write;
use std::path::{Path, PathBuf};

use booth::differential::{self, Analysis, Report, Series, Settings, Verdict};
use clap::Args;
use serde::Serialize;

use super::evidence::{Evidence, Source};
use crate::message::{Exit, Failure, Outcome};
use crate::{file, progress};

/// Whether the lists of a campaign grew as voters make them
///
/// Reads the sizes of a day's snapshots. Compares exactly what must hold in each: as many voters
/// as votes, options that add up, no count that falls, never more votes than stamps or check-ins.
/// Compares by statistics what is smooth on honest days: the growth in total and by option, stamps
/// by station, stamps and check-ins against votes, the mixture of the options. The simulations are
/// seeded by the series, so that everybody gets the same answer. The series is a file, or is made
/// of a bundle and its lists as `publish series` does.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    scrutineer publish analyse series.json --svg growth.svg\n  \
    scrutineer publish analyse --bundle bundle.zip --anchor anchor.toml --lists lists\n  \
    scrutineer publish analyse series.json --power --json\n\n\
    The form of a series is in docs/spec/differential.md.\n\n\
    Exit status: 0 nothing was found, 1 something was found or the evidence fails, 2 it could\n\
    not be checked, or nothing was found and no anchor was given for the bundle.")]
pub(crate) struct Analyse {
    /// The series of snapshots, JSON; - for stdin
    #[arg(value_name = "SERIES", required_unless_present = "bundle", conflicts_with = "bundle")]
    series: Option<PathBuf>,
    /// Make the series of this bundle: a folder, a zip, or an address
    #[arg(long, value_name = "BUNDLE|URL")]
    bundle: Option<String>,
    #[command(flatten)]
    evidence: Evidence,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    /// Draw the growth into a file, with what was found marked
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Find out by simulation how small a manipulation each test finds
    #[arg(long)]
    power: bool,
    /// Simulated days for --power
    #[arg(long, value_name = "DAYS", default_value_t = 400, requires = "power",
          value_parser = clap::value_parser!(u32).range(20..=100_000))]
    days: u32,
}

/// The answer in JSON.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a Report,
    /// The evidence that the series was made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a Source>,
}

impl Analyse {
    /// The series, and where it comes from if it was made of a bundle.
    fn series(&self) -> Result<(Series, Option<Source>), Failure> {
        if let Some(bundle) = &self.bundle {
            let grown = self.evidence.grow(bundle)?;
            return Ok((grown.series, Some(grown.source)));
        }
        if self.evidence.is_given() {
            let text = "--anchor, --lists, --campaign and --threads are about a bundle";
            return Err(Failure::new(text).hint("name it with --bundle, in the place of SERIES"));
        }
        // One of the two is there: the command line is refused otherwise.
        let path = self.series.as_deref().unwrap_or(Path::new("-"));
        let series = Series::read(&file::read(path)?).map_err(|fault| {
            Failure::new(format_args!("{}: {fault}", file::name(path))).hint(fault.hint())
        })?;
        Ok((series, None))
    }

    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let (series, source) = self.series()?;
        let mut analysis = Analysis::of(series, Settings::default())
            .map_err(|error| Failure::new(&error).hint(error.hint()))?;
        if self.power {
            let bar = progress::bar("simulating", 0);
            analysis.power(self.days, &mut |done, all| {
                bar.set_length(all);
                bar.set_position(done);
            });
            bar.finish_and_clear();
        }
        if let Some(path) = &self.svg {
            file::replace(path, differential::picture(&analysis).as_bytes())?;
        }
        let report = analysis.report();
        if self.json {
            let answer = Answer { report, source: source.as_ref() };
            serde_json::to_writer(&mut *out, &answer).map_err(std::io::Error::from)?;
            writeln!(out)?;
        } else {
            if let Some(source) = &source {
                writeln!(out, "{}", source.rows())?;
            }
            out.write_all(differential::render(report).as_bytes())?;
        }
        let evidence = source.map_or(Exit::Holds, |source| source.exit());
        Ok(match report.verdict {
            Verdict::NothingFound => evidence,
            Verdict::Found => Exit::Fails,
            Verdict::NotChecked => Exit::CouldNotCheck,
        })
    }
}
