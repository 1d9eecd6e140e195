//! `scrutineer publish analyse`

use std::io::Write;
use std::path::PathBuf;

use booth::differential::{self, Analysis, Series, Settings, Verdict};
use clap::Args;

use crate::message::{Exit, Failure, Outcome};
use crate::{file, progress};

/// Whether the lists of a campaign grew as voters make them
///
/// Reads the sizes of a day's snapshots. Compares exactly what must hold in each: as many voters
/// as votes, options that add up, no count that falls, never more votes than stamps or check-ins.
/// Compares by statistics what is smooth on honest days: the growth in total and by option, stamps
/// by station, stamps and check-ins against votes, the mixture of the options. The simulations are
/// seeded by the series, so that everybody gets the same answer.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    scrutineer publish analyse series.json --svg growth.svg\n  \
    scrutineer publish analyse series.json --power --json\n\n\
    The form of a series is in docs/spec/differential.md.\n\n\
    Exit status: 0 nothing was found, 1 something was found, 2 it could not be checked.")]
pub(crate) struct Analyse {
    /// The series of snapshots, JSON; - for stdin
    #[arg(value_name = "SERIES")]
    series: PathBuf,
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

impl Analyse {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let bytes = file::read(&self.series)?;
        let series = Series::read(&bytes).map_err(|fault| {
            Failure::new(format_args!("{}: {fault}", file::name(&self.series))).hint(fault.hint())
        })?;
        drop(bytes);
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
            serde_json::to_writer(&mut *out, report).map_err(std::io::Error::from)?;
            writeln!(out)?;
        } else {
            out.write_all(differential::render(report).as_bytes())?;
        }
        Ok(match report.verdict {
            Verdict::NothingFound => Exit::Holds,
            Verdict::Found => Exit::Fails,
            Verdict::NotChecked => Exit::CouldNotCheck,
        })
    }
}
