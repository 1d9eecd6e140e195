//! `scrutineer mandate issue`
//!
//! What is done in which order, so that a process may end anywhere:
//!
//! ```text
//! 1  OUT.partial/   every card and the list, each synced        nobody has a card yet
//! 2  the register   replaced by one that has the new cards      from here on they are issued
//! 3  OUT            the folder gets its name                    from here on they can leave
//! ```
//!
//! A run that ended before 2 left nothing in the register, and the next one with the same folder
//! begins anew. One that ended between 2 and 3 is finished by the next one: it only renames. So no
//! card leaves that is not in the register.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use booth::mandate::Mandate;
use canon::{Algorithm, PrivateKey, base32};
use clap::Args;
use imaging::print::PrintError;
use imaging::print::card::{Heading, Wording, lay_out};
use imaging::print::png;
use rayon::prelude::*;
use serde::Serialize;
use service::disk;

use super::stock::{Lock, Stock};
use super::wording;
use crate::message::{Exit, Failure, Outcome};
use crate::{file, passphrase, private_key, progress};

/// The list of what is in a folder of cards.
pub(super) const LIST: &str = "~list";

/// The register of cards that are in no other.
const OWN_STOCK: &str = "stock.jsonl";

/// The most cards at one time: they are all made before one of them counts.
const MOST: u64 = 1_000_000;

/// Sign new mandates and make a card of each
///
/// OUT gets one picture a mandate, named after its id in base32: the title, the date, a QR code,
/// the look-up string and twelve lines. `~list` has a line for each: file name, space, look-up
/// string. Everything is for its owner only, and whoever reads a card can vote by it.
///
/// The cards are numbered through in the stock register and belong to stacks. Nothing is
/// overwritten. A run that was interrupted is begun anew or finished by the same command: no card
/// leaves that is not in the register.
#[derive(Args)]
#[command(
    after_help = "Example:\n  scrutineer mandate issue --campaign solar --key clerk.pem \\\n      \
                        --count 500 --title 'Solar 2026' --date '22 November 2026' \\\n      \
                        --stock stock.jsonl --out cards"
)]
pub(crate) struct Issue {
    /// The name of the campaign that the cards are for: a key serves one
    #[arg(long, value_name = "NAME")]
    campaign: String,
    /// The authority's private key, Ed25519
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: passphrase::Source,
    /// How many, at most a million
    #[arg(long, value_name = "CARDS", value_parser = clap::value_parser!(u64).range(1..=MOST))]
    count: u64,
    /// What is voted on, as it is printed
    #[arg(long, value_name = "TEXT")]
    title: String,
    /// When, written out as it is printed
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    date: String,
    /// The folder to make
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// The stock register, made when it is not there; else stock.jsonl in OUT
    #[arg(long, value_name = "FILE")]
    stock: Option<PathBuf>,
    /// Cards in a stack
    #[arg(long, value_name = "CARDS", default_value_t = 100,
          value_parser = clap::value_parser!(u64).range(1..))]
    stack: u64,
    /// The words on a card in another language: document, number, use_it, look_up, foot, as TOML
    #[arg(long, value_name = "FILE")]
    wording: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    cards: u64,
    first: u64,
    last: u64,
    folder: &'a Path,
    stock: &'a Path,
    in_stock: usize,
    authority: String,
    /// An earlier run had made these cards; this one gave the folder its name.
    finished: bool,
}

/// A new card.
struct Fresh {
    mandate: Mandate,
    serial: u64,
    name: String,
}

impl Issue {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        if self.out.exists() {
            return Err(there(&self.out));
        }
        let wording = wording::read(self.wording.as_deref())?;
        let key = private_key::open(&self.key, &self.passphrase.known()?)?;
        let alg = key.public().alg();
        if alg != Algorithm::Ed25519 {
            return Err(Failure::new(format_args!("mandates are signed with ed25519, not {alg}"))
                .hint("make a key with `scrutineer key new`"));
        }
        // A title that cannot be printed is refused before anything is made.
        let sample = issue(&key)?;
        lay_out(&sample, &self.heading(u64::MAX), &wording).map_err(|error| unprinted(&error))?;
        let part = with_suffix(&self.out, ".partial");
        let (_lock, mut stock) = self.stock(&part, &key)?;
        if part.exists() {
            if let Some((first, cards)) = issued(&part, &stock)? {
                self.name(&part)?;
                return self.answer(out, &stock, first, cards, true);
            }
            fs::remove_dir_all(&part).map_err(|error| file::cannot_write(&part, &error))?;
        }
        let first = stock.cards().len() as u64 + 1;
        let fresh = self.draw(&key, &mut stock)?;
        disk::make_private_folder(&part).map_err(|error| file::cannot_write(&part, &error))?;
        self.draw_cards(&part, &fresh, &wording)?;
        write_list(&part, &fresh)?;
        stock.write()?;
        self.name(&part)?;
        self.answer(out, &stock, first, fresh.len() as u64, false)
    }

    /// The register, locked. One that is kept with the cards needs no lock: nobody else knows it.
    fn stock(&self, part: &Path, key: &PrivateKey) -> Result<(Option<Lock>, Stock), Failure> {
        let Some(path) = &self.stock else {
            return Ok((
                None,
                Stock::new(&part.join(OWN_STOCK), &self.campaign, key.public().clone()),
            ));
        };
        let lock = Lock::take(path)?;
        if !path.exists() {
            return Ok((Some(lock), Stock::new(path, &self.campaign, key.public().clone())));
        }
        let stock = Stock::read(path)?;
        if stock.authority() != key.public() {
            let (path, key) = (file::name(path), stock.authority().to_base64());
            return Err(Failure::new(format_args!("{path} belongs to the authority {key}"))
                .hint("each authority key has a register of its own: name another with --stock"));
        }
        if stock.campaign() != self.campaign {
            let (path, campaign) = (file::name(path), stock.campaign());
            return Err(Failure::new(format_args!("{path} is for the campaign {campaign:?}"))
                .hint(
                    "a mandate counts in every campaign that names its authority: make a key of \
                       its own for each campaign, with a register of its own",
                ));
        }
        Ok((Some(lock), stock))
    }

    /// New mandates, each in the register that is not yet written.
    fn draw(&self, key: &PrivateKey, stock: &mut Stock) -> Result<Vec<Fresh>, Failure> {
        let before = stock.cards().last().map_or(0, |card| card.stack);
        let bar = progress::bar("signing", self.count);
        let fresh = (0..self.count).map(|at| {
            let mandate = issue(key)?;
            let serial = stock.add(before + 1 + at / self.stack, mandate.look_up());
            bar.inc(1);
            let name = format!("{}.png", base32::encode(&mandate.id().id));
            Ok(Fresh { mandate, serial, name })
        });
        let fresh = fresh.collect();
        bar.finish_and_clear();
        fresh
    }

    /// Draws every card, on all cores.
    fn draw_cards(&self, part: &Path, fresh: &[Fresh], wording: &Wording) -> Result<(), Failure> {
        let bar = progress::bar("drawing", self.count);
        let drawn = fresh.par_iter().try_for_each(|one| {
            let heading = self.heading(one.serial);
            let page = lay_out(&one.mandate, &heading, wording);
            let number = one.serial.to_string();
            let texts =
                [("Title", &*heading.title), ("Date", &*heading.date), ("Number", &*number)];
            let bytes = page.and_then(|page| png::write(&page, &texts));
            let bytes = bytes.map_err(|error| unprinted(&error))?;
            file::create_private(&part.join(&one.name), &bytes)?;
            bar.inc(1);
            Ok(())
        });
        bar.finish_and_clear();
        drawn
    }

    fn heading(&self, serial: u64) -> Heading {
        Heading { title: self.title.clone(), date: self.date.clone(), number: Some(serial) }
    }

    /// The last step: the cards can leave.
    fn name(&self, part: &Path) -> Result<(), Failure> {
        let parent = match self.out.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let named = fs::rename(part, &self.out).and_then(|()| disk::sync_folder(parent));
        named.map_err(|error| {
            Failure::new(format_args!("cannot rename {}: {error}", part.display()))
                .hint("the cards are in the register; give the same command again")
        })
    }

    fn answer(
        &self,
        out: &mut dyn Write,
        stock: &Stock,
        first: u64,
        cards: u64,
        finished: bool,
    ) -> Outcome {
        let own = self.out.join(OWN_STOCK);
        let path = self.stock.as_deref().unwrap_or(&own);
        let last = first + cards - 1;
        let in_stock = stock.cards().len();
        let authority = stock.authority().to_base64();
        if self.json {
            let folder = &self.out;
            let stock = path;
            let answer =
                Answer { cards, first, last, folder, stock, in_stock, authority, finished };
            serde_json::to_writer(&mut *out, &answer).map_err(std::io::Error::from)?;
            writeln!(out)?;
            return Ok(Exit::Holds);
        }
        if finished {
            writeln!(out, "finished    an earlier run had made and registered these cards")?;
        }
        writeln!(out, "cards       {cards}, numbers {first} to {last}")?;
        writeln!(out, "folder      {}", self.out.display())?;
        writeln!(out, "stock       {}, {in_stock} cards", path.display())?;
        writeln!(out, "authority   {authority}")?;
        Ok(Exit::Holds)
    }
}

/// A mandate with a fresh id.
fn issue(key: &PrivateKey) -> Result<Mandate, Failure> {
    let mut id = [0; 24];
    getrandom::fill(&mut id).map_err(|error| {
        Failure::new(format_args!("cannot draw an id: {error}"))
            .hint("the machine gives no randomness; restart it, or use another one")
    })?;
    Mandate::issue(key, id)
        .map_err(|error| Failure::new(error).hint("check the key with `scrutineer key show`"))
}

/// The first number and the count of the cards that an earlier run left whole and registered;
/// none if it did not come so far. One run's numbers have no gap: it held the lock.
fn issued(part: &Path, stock: &Stock) -> Result<Option<(u64, u64)>, Failure> {
    let list = part.join(LIST);
    if !list.exists() {
        return Ok(None);
    }
    let text = file::read(&list)?;
    let text = String::from_utf8_lossy(&text);
    let known: HashMap<&str, u64> =
        stock.cards().iter().map(|card| (card.look_up.as_str(), card.serial)).collect();
    let serials: Option<Vec<u64>> =
        text.lines().map(|line| known.get(line.split_once(' ')?.1).copied()).collect();
    let serials = serials.unwrap_or_default();
    Ok(serials.iter().min().map(|first| (*first, serials.len() as u64)))
}

/// The list, in the order of the file names, which is no order of issue.
fn write_list(part: &Path, fresh: &[Fresh]) -> Result<(), Failure> {
    let mut lines: Vec<String> =
        fresh.iter().map(|one| format!("{} {}\n", one.name, one.mandate.look_up())).collect();
    lines.sort_unstable();
    file::create_private(&part.join(LIST), lines.concat().as_bytes())
}

fn unprinted(error: &PrintError) -> Failure {
    Failure::new(error).hint(error.hint())
}

fn there(path: &Path) -> Failure {
    Failure::new(format_args!("{} is there already", path.display()))
        .hint("choose another folder: cards are never overwritten")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
