//! `scrutineer audit draw`

use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use paper::audit::{self, BallotManifest, DrawError};
use serde::Serialize;

use crate::message::{Exit, Failure, Outcome};
use crate::{file, progress};

/// Draw the cards to look at from a ballot manifest and a public seed
///
/// The cards are numbered from 1 through the manifest, batch by batch; an index is such a number,
/// and a card is written tabulator-batch-position.
///
/// colorado: SHA-256 in counter mode, as Colorado's audits draw; with replacement, repeats kept.
///
/// hkdf: every card has a ticket and the lowest are the sample, in order; without replacement. A
/// ticket is HKDF-SHA-256 with the SHA-256 of the manifest's raw bytes as salt, the seed's digits
/// as key, and as info "scrutineer/ticket/v1", the election id and the card id
/// container/batch/position (the container is the manifest's tabulator), parted by zero bytes.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    scrutineer audit draw --manifest HinsdaleBallotManifest.csv \\\n      \
    --seed 53417960661093690826 --count 44 --generator colorado --json\n  \
    scrutineer audit draw --manifest manifest.csv --seed 53417960661093690826 \\\n      \
    --count 44 --generator hkdf --election-id hinsdale-2024\n\n\
    A draw is as good as its seed: it must be rolled in public after the manifest is\n\
    fixed.")]
pub(crate) struct Draw {
    /// The ballot manifest, CSV; - for stdin
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// The public seed, decimal digits
    #[arg(long, value_name = "DIGITS")]
    seed: String,
    /// How many draws, at most 2^24
    #[arg(long, value_name = "DRAWS", value_parser = clap::value_parser!(u64).range(1..=MAX_DRAWS))]
    count: u64,
    /// How to draw
    #[arg(long, value_name = "GENERATOR")]
    generator: Generator,
    /// The election id of the charter; hkdf needs it, colorado has no use for it
    #[arg(long, value_name = "ID", required_if_eq("generator", "hkdf"))]
    election_id: Option<String>,
    /// Answer in JSON Lines: draw, index, card, and the card's container, batch and position
    #[arg(long)]
    json: bool,
}

/// The most draws: 2^24. No artifact could carry them, and a wrong number would fill a disk.
const MAX_DRAWS: u64 = 1 << 24;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Generator {
    /// As Colorado draws: with replacement, repeats kept
    Colorado,
    /// By ticket: without replacement
    Hkdf,
}

#[derive(Serialize)]
struct Line<'a> {
    draw: u64,
    index: u64,
    card: &'a str,
    container: &'a str,
    batch: &'a str,
    position: u64,
}

impl Draw {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let bytes = file::read(&self.manifest)?;
        let manifest = BallotManifest::read(&bytes).map_err(|error| {
            Failure::new(format_args!("{}: {error}", file::name(&self.manifest))).hint(error.hint())
        })?;
        drop(bytes);
        let no_draw = |error: DrawError| Failure::new(error).hint(error.hint());
        let draws: Box<dyn Iterator<Item = audit::Draw<'_>>> = match self.generator {
            Generator::Colorado => {
                let draws = audit::draw::colorado(&manifest, &self.seed);
                let draws = draws.map_err(|error| no_draw(error.into()))?;
                let count = usize::try_from(self.count).unwrap_or(usize::MAX);
                Box::new(draws.take(count))
            }
            Generator::Hkdf => {
                let election_id = self.election_id.as_deref().unwrap_or_default();
                let draws = by_ticket(&manifest, &self.seed, election_id, self.count);
                Box::new(draws.map_err(no_draw)?.into_iter())
            }
        };
        if self.json {
            lines(out, draws)?;
        } else {
            self.table(out, &manifest, draws)?;
        }
        Ok(Exit::Holds)
    }

    /// For people: aligned, and what was drawn from what below.
    fn table<'a>(
        &self,
        out: &mut dyn Write,
        manifest: &BallotManifest,
        draws: impl Iterator<Item = audit::Draw<'a>>,
    ) -> std::io::Result<()> {
        let first = self.count.to_string().len().max("draw".len());
        let second = manifest.total().to_string().len().max("index".len());
        writeln!(out, "{:>first$}  {:>second$}  card", "draw", "index")?;
        let mut cards = HashSet::new();
        for audit::Draw { draw, index, card } in draws {
            writeln!(out, "{draw:>first$}  {index:>second$}  {card}")?;
            cards.insert(index);
        }
        writeln!(out)?;
        writeln!(out, "drawn     {} times, {} different cards", self.count, cards.len())?;
        let (total, batches) = (manifest.total(), manifest.batches().len());
        writeln!(out, "manifest  {total} cards in {batches} batches")?;
        writeln!(out, "digest    {}", manifest.digest())
    }
}

fn lines<'a>(
    out: &mut dyn Write,
    draws: impl Iterator<Item = audit::Draw<'a>>,
) -> std::io::Result<()> {
    let mut card = String::new();
    for draw in draws {
        card.clear();
        // Writing to a string does not fail.
        let _ = std::fmt::Write::write_fmt(&mut card, format_args!("{}", draw.card));
        let audit::Draw { draw, index, card: place } = draw;
        let (container, batch, position) = (place.tabulator, place.batch, place.position);
        let line = Line { draw, index, card: &card, container, batch, position };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Draws by ticket, with a bar where there is a terminal.
fn by_ticket<'a>(
    manifest: &'a BallotManifest,
    seed: &str,
    election_id: &str,
    count: u64,
) -> Result<Vec<audit::Draw<'a>>, DrawError> {
    let bar = progress::bar("drawing", manifest.total());
    let drawn = audit::draw::hkdf(manifest, seed, election_id, count, |cards| bar.inc(cards));
    bar.finish_and_clear();
    drawn
}
