//! `scrutineer audit size`

use std::io::{BufRead, BufReader, Read as _, Write};

use clap::Args;
use rla::risk::{DilutedMargin, Discrepancies, Gamma, RiskError, RiskLimit, sample_size};
use serde::Deserialize;

use crate::message::{Exit, Failure, Outcome};
use crate::progress;

/// Bytes that a line may have.
const MAX_LINE: usize = 1 << 16;

/// Lines between two steps of the counter.
const STEP: u64 = 4096;

/// How many cards a ballot-level comparison audit has to look at
///
/// The Kaplan-Markov sample size: with so many cards drawn, and these discrepancies among them,
/// the risk limit is met. With --batch, one contest a line is read from stdin and one answer a
/// line written to stdout, in the same order; the names are those of the options, and only
/// ballots, margin and risk_limit must be there.
#[derive(Args)]
#[command(after_help = r#"Examples:
  scrutineer audit size --ballots 516401 --margin 37549 --risk-limit 0.03
  scrutineer audit size --batch < contests.jsonl

A line of contests.jsonl:
  {"ballots":516401,"margin":37549,"risk_limit":"0.03","gamma":"1.03905",
   "one_over":0,"two_over":0,"one_under":0,"two_under":0}    (on one line)
and its answer:
  {"sample_size":101}

The size supposes that the manifest accounts for every card. It may exceed the
number of ballots when the margin is small: count them all by hand then."#)]
pub(crate) struct Size {
    /// Ballot cards that the sample is drawn from
    #[arg(long, value_name = "CARDS", required_unless_present = "batch")]
    ballots: Option<u64>,
    /// Smallest margin between a winner and a loser, in votes
    #[arg(long, value_name = "VOTES", required_unless_present = "batch")]
    margin: Option<u64>,
    /// Largest chance that a wrong outcome passes, such as 0.03
    #[arg(long, value_name = "LIMIT", required_unless_present = "batch")]
    risk_limit: Option<RiskLimit>,
    /// Error inflation factor, greater than 1
    #[arg(long, value_name = "FACTOR", default_value_t = Gamma::USUAL)]
    gamma: Gamma,
    /// One-vote overstatements found or expected
    #[arg(long, value_name = "CARDS", default_value_t = 0)]
    one_over: u64,
    /// Two-vote overstatements
    #[arg(long, value_name = "CARDS", default_value_t = 0)]
    two_over: u64,
    /// One-vote understatements
    #[arg(long, value_name = "CARDS", default_value_t = 0)]
    one_under: u64,
    /// Two-vote understatements
    #[arg(long, value_name = "CARDS", default_value_t = 0)]
    two_under: u64,
    /// Read JSON Lines on stdin, write JSON Lines on stdout
    #[arg(long, conflicts_with_all = [
        "ballots", "margin", "risk_limit", "gamma",
        "one_over", "two_over", "one_under", "two_under",
    ])]
    batch: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// One contest, from the options or from a line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contest {
    ballots: u64,
    margin: u64,
    risk_limit: RiskLimit,
    #[serde(default)]
    gamma: Gamma,
    #[serde(default)]
    one_over: u64,
    #[serde(default)]
    two_over: u64,
    #[serde(default)]
    one_under: u64,
    #[serde(default)]
    two_under: u64,
}

impl Contest {
    fn size(&self) -> Result<u64, RiskError> {
        let margin = DilutedMargin::new(self.margin, self.ballots)?;
        let found = Discrepancies {
            one_over: self.one_over,
            two_over: self.two_over,
            one_under: self.one_under,
            two_under: self.two_under,
        };
        sample_size(self.risk_limit, self.gamma, margin, found)
    }
}

impl Size {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let (Some(ballots), Some(margin), Some(risk_limit)) =
            (self.ballots, self.margin, self.risk_limit)
        else {
            return batch(std::io::stdin().lock(), out);
        };
        let contest = Contest {
            ballots,
            margin,
            risk_limit,
            gamma: self.gamma,
            one_over: self.one_over,
            two_over: self.two_over,
            one_under: self.one_under,
            two_under: self.two_under,
        };
        let size = contest.size().map_err(|error| Failure::new(error).hint(error.hint()))?;
        if self.json {
            writeln!(out, "{{\"sample_size\":{size}}}")?;
            return Ok(Exit::Holds);
        }
        writeln!(out, "sample size  {size} cards")?;
        if size >= ballots {
            writeln!(out, "There are {ballots} ballots: count them all by hand.")?;
        }
        Ok(Exit::Holds)
    }
}

/// Answers line by line. Nothing is held but the line at hand.
fn batch(input: impl std::io::Read, out: &mut dyn Write) -> Outcome {
    let mut input = BufReader::with_capacity(MAX_LINE, input);
    let counter = progress::counter("contests");
    let mut line = Vec::new();
    for number in 1_u64.. {
        if input.buffer().is_empty() {
            // About to wait for input: whoever writes it may be waiting for the answer.
            out.flush()?;
        }
        line.clear();
        let limit = MAX_LINE as u64 + 1;
        let count = input.by_ref().take(limit).read_until(b'\n', &mut line).map_err(|error| {
            Failure::new(format_args!("cannot read stdin: {error}")).hint("check what feeds it")
        })?;
        if count == 0 {
            break;
        }
        let size = answer(&line).map_err(|fault| fault.at(number))?;
        writeln!(out, "{{\"sample_size\":{size}}}")?;
        if number % STEP == 0 {
            counter.inc(STEP);
        }
    }
    counter.finish_and_clear();
    Ok(Exit::Holds)
}

/// What is wrong with a line, and what to do.
struct LineFault {
    column: Option<usize>,
    what: String,
    hint: &'static str,
}

impl LineFault {
    fn at(self, line: u64) -> Failure {
        let place = match self.column {
            Some(column) => format!("line {line}, column {column}"),
            None => format!("line {line}"),
        };
        Failure::new(format_args!("{place}: {}", self.what)).hint(self.hint)
    }
}

fn answer(line: &[u8]) -> Result<u64, LineFault> {
    if line.len() > MAX_LINE {
        let what = format!("the line is longer than {MAX_LINE} bytes");
        return Err(LineFault { column: None, what, hint: "write one contest a line" });
    }
    if line.trim_ascii().is_empty() {
        let what = "the line is empty".to_owned();
        return Err(LineFault {
            column: None,
            what,
            hint: "write one contest a line, and no more",
        });
    }
    let contest: Contest =
        canon::json::from_strict(line.trim_ascii_end()).map_err(|error| LineFault {
            column: error.at.map(|place| place.column),
            what: error.fault.to_string(),
            hint: error.hint(),
        })?;
    contest.size().map_err(|error| LineFault {
        column: None,
        what: error.to_string(),
        hint: error.hint(),
    })
}
