//! `scrutineer paper define show`

use std::io::Write;
use std::path::PathBuf;

use artifact::payload::BallotDefinition;
use artifact::payload::definition::Style;
use clap::Args;

use crate::message::{Exit, Failure, Outcome};

/// Show the styles of a definition: which voters take each, and how many contests it has
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer paper define show definition.json")]
pub(crate) struct Show {
    /// The definition, - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Splits that are named in a row; the others are counted.
const NAMED: usize = 4;

impl Show {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let definition: BallotDefinition = super::read(&self.file)?;
        let main = definition.languages.first();
        let words = |texts: &artifact::payload::definition::Words| {
            main.and_then(|language| texts.of(language))
                .map_or_else(String::new, ToString::to_string)
        };
        writeln!(out, "{}, {}", words(&definition.jurisdiction), words(&definition.title))?;
        writeln!(out, "{}, {}", definition.date, super::summary(&definition))?;
        writeln!(out)?;
        table(out, &definition.styles)?;
        Ok(Exit::Holds)
    }
}

fn table(out: &mut dyn Write, styles: &[Style]) -> Result<(), Failure> {
    let width = |longest: Option<usize>, heading: &str| longest.unwrap_or(0).max(heading.len());
    let ids = styles.iter().map(|style| style.id.as_str().chars().count());
    let party =
        |style: &Style| style.party.as_ref().map_or_else(|| "all".into(), ToString::to_string);
    let parties = styles.iter().map(|style| party(style).chars().count());
    let (id_width, party_width) = (width(ids.max(), "style"), width(parties.max(), "party"));
    let head = ["style", "party"];
    writeln!(out, "{:<id_width$}  {:<party_width$}  contests  splits", head[0], head[1])?;
    for style in styles {
        let named: Vec<&str> =
            style.splits.iter().take(NAMED).map(artifact::id::Name::as_str).collect();
        let others = style.splits.len().saturating_sub(NAMED);
        let more = if others == 0 { String::new() } else { format!(" and {others} more") };
        let (party, contests) = (party(style), style.contests.len());
        let splits = named.join(", ");
        writeln!(
            out,
            "{:<id_width$}  {party:<party_width$}  {contests:>8}  {splits}{more}",
            style.id
        )?;
    }
    Ok(())
}
