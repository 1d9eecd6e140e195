//! `scrutineer mandate print`

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use booth::mandate::Mandate;
use clap::Args;
use imaging::print::card::{Heading, Wording, lay_out};
use imaging::print::{Page, Sheet, pdf};
use imaging::scan::{Picture, codes};
use rayon::prelude::*;
use serde::Serialize;

use super::wording;
use crate::message::{Exit, Failure, Outcome};
use crate::{file, progress};

/// Make sheets to print of the pictures of cards
///
/// Every picture's code is read back and its signature judged, so that no sheet carries a card that
/// cannot vote. Title, date and number are taken from the picture, where `mandate issue` put them.
/// The cards are in the order of their numbers. The sheets are A4: one card a sheet, half as large
/// again, or four in their own size (A6) with marks to cut along.
#[derive(Args)]
#[command(after_help = "Examples:\n  scrutineer mandate print cards --out sheets.pdf\n  \
                        scrutineer mandate print cards --out sheets.pdf --per-page 4\n\n\
                        Print in the sheets' own size, not fitted to the page.")]
pub(crate) struct Print {
    /// Folders of cards, or pictures
    #[arg(value_name = "FOLDER|FILE", required = true)]
    cards: Vec<PathBuf>,
    /// The PDF file to make
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Cards on a sheet: 1 or 4
    #[arg(long, value_name = "CARDS", default_value = "1", value_parser = ["1", "4"])]
    per_page: String,
    /// What is voted on, instead of what the pictures say
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// When, instead of what the pictures say
    #[arg(long, value_name = "TEXT")]
    date: Option<String>,
    /// The words on a card in another language, as `mandate issue` takes them
    #[arg(long, value_name = "FILE")]
    wording: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    cards: usize,
    sheets: usize,
    file: &'a Path,
    bytes: usize,
}

impl Print {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        if self.out.exists() {
            return Err(there(&self.out));
        }
        let wording = wording::read(self.wording.as_deref())?;
        let paths = pictures(&self.cards)?;
        let bar = progress::bar("reading", paths.len() as u64);
        let read: Result<Vec<_>, Failure> = paths
            .par_iter()
            .map(|path| {
                let card = self.card(path, &wording);
                bar.inc(1);
                card
            })
            .collect();
        bar.finish_and_clear();
        let mut cards = read?;
        cards.sort_by(|(one, path, _), (other, other_path, _)| {
            (one.is_none(), one, path).cmp(&(other.is_none(), other, other_path))
        });
        let pages: Vec<Page> = cards.into_iter().map(|(_, _, page)| page).collect();
        let sheet = if self.per_page == "4" { Sheet::Four } else { Sheet::One };
        let sheets: Vec<Page> = pages.chunks(sheet.cards()).map(|cards| sheet.of(cards)).collect();
        let title = self.title.as_deref().unwrap_or("Voting mandates");
        let bytes =
            pdf::write(&sheets, title).map_err(|error| Failure::new(&error).hint(error.hint()))?;
        file::create_private(&self.out, &bytes)?;
        let (cards, count) = (pages.len(), sheets.len());
        if self.json {
            let answer = Answer { cards, sheets: count, file: &self.out, bytes: bytes.len() };
            serde_json::to_writer(&mut *out, &answer).map_err(std::io::Error::from)?;
            writeln!(out)?;
            return Ok(Exit::Holds);
        }
        writeln!(out, "cards       {cards}, every code read back and every signature judged")?;
        writeln!(out, "sheets      {count} of A4, in {}", self.out.display())?;
        Ok(Exit::Holds)
    }

    /// The number and the page of one card.
    fn card(
        &self,
        path: &Path,
        wording: &Wording,
    ) -> Result<(Option<u64>, PathBuf, Page), Failure> {
        let name = file::name(path);
        let picture = Picture::read_png(&file::read(path)?)
            .map_err(|error| Failure::new(format_args!("{name}: {error}")).hint(error.hint()))?;
        let found = codes(&picture);
        let mandates: Vec<Mandate> =
            found.iter().filter_map(|bytes| Mandate::from_bytes(bytes).ok()).collect();
        let [mandate] = mandates.as_slice() else {
            let count = mandates.len();
            return Err(Failure::new(format_args!("{name}: {count} mandates are in the picture"))
                .hint("give pictures that `mandate issue` made: each has one"));
        };
        if !mandate.holds() {
            return Err(Failure::new(format_args!(
                "{name}: the mandate's signature does not hold"
            ))
            .hint("do not hand this card out: nobody can vote by it"));
        }
        let said = |keyword| picture.text(keyword).map(str::to_owned);
        let title = self.title.clone().or_else(|| said("Title")).ok_or_else(|| {
            Failure::new(format_args!("{name}: the picture does not say its title"))
                .hint("give it with --title")
        })?;
        let date = self.date.clone().or_else(|| said("Date")).unwrap_or_default();
        let number = said("Number").and_then(|number| number.parse().ok());
        let page = lay_out(mandate, &Heading { title, date, number }, wording)
            .map_err(|error| Failure::new(format_args!("{name}: {error}")).hint(error.hint()))?;
        Ok((number, path.to_owned(), page))
    }
}

/// The pictures of folders, and single ones.
fn pictures(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    for path in given {
        if !path.is_dir() {
            paths.push(path.clone());
            continue;
        }
        let entries = fs::read_dir(path).map_err(|error| file::cannot_read(path, &error))?;
        let before = paths.len();
        for entry in entries {
            let entry = entry.map_err(|error| file::cannot_read(path, &error))?;
            if entry.path().extension().is_some_and(|ending| ending == "png") {
                paths.push(entry.path());
            }
        }
        if paths.len() == before {
            return Err(Failure::new(format_args!("{} has no pictures in it", path.display()))
                .hint("give the folder that `mandate issue` made"));
        }
    }
    Ok(paths)
}

fn there(path: &Path) -> Failure {
    Failure::new(format_args!("{} is there already", path.display()))
        .hint("choose another name: sheets are never overwritten")
}
