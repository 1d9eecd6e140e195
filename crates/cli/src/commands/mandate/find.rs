//! `scrutineer mandate find`

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::path::{Path, PathBuf};

use booth::mandate::{Mandate, VOTERS_LINE_BYTES};
use clap::Args;
use rayon::prelude::*;
use serde::Serialize;

use super::registers::{self, Offices};
use super::stock::{Card, Stock};
use crate::message::{Exit, Failure, Outcome};
use crate::{file, progress};

/// Lines that are judged together, on all cores.
const GROUP: usize = 4096;

/// Find the numbers of cards in the list of voters
///
/// Each line of the list of voters is looked up in the stock register: its number, its stack, and
/// whether it is void. Lines of other authorities are counted and passed over. Every signature of
/// the registers' authorities is judged. Named are: a line whose signature does not hold, a mandate
/// that comes a second time, and a line that bears the signature and is in no register: it was
/// signed without being entered. Where a key has several registers, give all of them.
#[derive(Args)]
#[command(after_help = "Examples:\n  scrutineer mandate find --stock stock.jsonl voters.txt\n  \
                        scrutineer mandate find --stock stock.jsonl --line \
                        'uBgXB... QhD6q... HgJab...'\n\nExit status: 0 every card that voted is \
                        good, 1 one is void, unregistered,\nforged or there twice, 2 it \
                        could not be told.")]
pub(crate) struct Find {
    /// The stock register; may be given again, for the others of its key and for other keys
    #[arg(long, value_name = "FILE", required = true)]
    stock: Vec<PathBuf>,
    /// One line of the list of voters
    #[arg(long, value_name = "LINE", required_unless_present = "list", conflicts_with = "list")]
    line: Option<String>,
    /// The list of voters; - for stdin
    #[arg(value_name = "LIST")]
    list: Option<PathBuf>,
    /// Answer in JSON Lines
    #[arg(long)]
    json: bool,
}

/// What a line turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Good,
    Void,
    /// Signed by the authority, and in no register.
    Unregistered,
    /// It says to be the authority's, and the signature does not hold.
    Forged,
    /// It came before in the list.
    Twice,
    Other,
}

#[derive(Serialize)]
struct Row<'a> {
    line: u64,
    state: State,
    look_up: &'a str,
    /// The register, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    stock: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// How many lines were what.
#[derive(Default)]
struct Counts {
    lines: u64,
    good: u64,
    void: u64,
    unregistered: u64,
    forged: u64,
    twice: u64,
    other: u64,
}

impl Find {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let stocks = registers::read(&self.stock)?;
        let (offices, several) = (registers::offices(&stocks)?, stocks.len() > 1);
        let seen = HashMap::new();
        let mut search = Search { offices, several, json: self.json, seen, lines: 0 };
        let mut counts = Counts::default();
        if !self.json {
            write!(out, "{:>9}  {:>7}  {:<12}  ", "number", "stack", "state")?;
            let titles = format!("{:<22}  register", "look-up");
            writeln!(out, "{}", if several { &titles } else { "look-up" })?;
        }
        if let Some(line) = &self.line {
            search.group(out, &[mandate(1, line.trim_end())?], &mut counts)?;
        } else if let Some(list) = &self.list {
            search.list(out, list, &mut counts)?;
        }
        if !self.json {
            counts.write(out)?;
        }
        let bad = counts.void + counts.unregistered + counts.forged + counts.twice;
        // One line that was asked for by itself has to be found.
        let missed = self.line.is_some() && counts.good == 0;
        Ok(if bad > 0 || missed { Exit::Fails } else { Exit::Holds })
    }
}

/// The mandate of a line.
fn mandate(line: u64, text: &str) -> Result<Mandate, Failure> {
    Mandate::from_voters_line(text).map_err(|error| {
        Failure::new(format_args!("line {line}: {error}"))
            .hint("give a line of the list of voters, or the list as it was published")
    })
}

struct Search<'a> {
    offices: Offices<'a>,
    /// Whether there are several registers, so that a number alone does not say which card it is.
    several: bool,
    json: bool,
    /// The mandates so far: by authority, their ids. A list of 100 million takes some gigabytes.
    seen: HashMap<[u8; 32], HashSet<[u8; 24]>>,
    /// Lines so far.
    lines: u64,
}

impl<'a> Search<'a> {
    /// Looks up every line of a list; no more is held of it than a group, and the ids.
    fn list(
        &mut self,
        out: &mut dyn Write,
        list: &Path,
        counts: &mut Counts,
    ) -> Result<(), Failure> {
        let mut input = BufReader::with_capacity(1 << 16, file::open(list)?);
        let counter = progress::counter("looking up");
        let (mut bytes, mut group) = (Vec::new(), Vec::with_capacity(GROUP));
        let mut faulty = None;
        while faulty.is_none() {
            bytes.clear();
            let limit = VOTERS_LINE_BYTES as u64 + 1;
            let count = input.by_ref().take(limit).read_until(b'\n', &mut bytes);
            if count.map_err(|error| file::cannot_read(list, &error))? == 0 {
                break;
            }
            let number = self.lines + group.len() as u64 + 1;
            match mandate(number, &String::from_utf8_lossy(&bytes)) {
                Ok(mandate) => group.push(mandate),
                Err(failure) => faulty = Some(failure),
            }
            if group.len() == GROUP {
                self.group(out, &group, counts)?;
                counter.inc(GROUP as u64);
                group.clear();
            }
        }
        // What stands before a line that cannot be read is told all the same.
        self.group(out, &group, counts)?;
        counter.finish_and_clear();
        faulty.map_or(Ok(()), Err)
    }

    /// Tells of some lines, in their order.
    fn group(
        &mut self,
        out: &mut dyn Write,
        group: &[Mandate],
        counts: &mut Counts,
    ) -> Result<(), Failure> {
        let judge = |mandate: &Mandate| {
            let authority = self.offices.get(mandate.id().authority.as_slice())?.authority();
            Some(authority.verify(&mandate.id().id, mandate.signature()).is_ok())
        };
        let judged: Vec<Option<bool>> = group.par_iter().map(judge).collect();
        for (mandate, holds) in group.iter().zip(judged) {
            self.lines += 1;
            counts.lines += 1;
            let Some(holds) = holds else {
                counts.add(State::Other);
                continue;
            };
            let look_up = mandate.look_up();
            let (state, card) = self.state(mandate, &look_up, holds);
            counts.add(state);
            self.tell(out, &look_up, state, card)?;
        }
        Ok(())
    }

    /// What a line of an authority is. A copy of a line whose signature was altered where the
    /// look-up string does not show it has a registered string too: the signature decides first.
    fn state(
        &mut self,
        mandate: &Mandate,
        look_up: &str,
        holds: bool,
    ) -> (State, Option<(&'a Stock, &'a Card)>) {
        if !holds {
            return (State::Forged, None);
        }
        let id = mandate.id();
        let office = self.offices.get(id.authority.as_slice());
        let card = office.and_then(|office| office.card(look_up));
        let state = match card {
            _ if !self.seen.entry(id.authority).or_default().insert(id.id) => State::Twice,
            Some((_, card)) if card.void.is_some() => State::Void,
            Some(_) => State::Good,
            None => State::Unregistered,
        };
        (state, card)
    }

    fn tell(
        &self,
        out: &mut dyn Write,
        look_up: &str,
        state: State,
        found: Option<(&Stock, &Card)>,
    ) -> Result<(), Failure> {
        let card = found.map(|(_, card)| card);
        let stock = found.filter(|_| self.several).map(|(stock, _)| file::name(stock.path()));
        let (serial, stack) = (card.map(|card| card.serial), card.map(|card| card.stack));
        let reason = card.and_then(|card| card.void.as_deref());
        if self.json {
            let row = Row { line: self.lines, state, look_up, stock, serial, stack, reason };
            serde_json::to_writer(&mut *out, &row).map_err(std::io::Error::from)?;
            writeln!(out)?;
            return Ok(());
        }
        let number = |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
        let (serial, stack, state) = (number(serial), number(stack), state.word());
        write!(out, "{serial:>9}  {stack:>7}  {state:<12}  {look_up}")?;
        if self.several {
            write!(out, "  {}", stock.as_deref().unwrap_or("-"))?;
        }
        match reason {
            Some(reason) => writeln!(out, "  {reason}")?,
            None => writeln!(out)?,
        }
        Ok(())
    }
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Void => "void",
            Self::Unregistered => "unregistered",
            Self::Forged => "forged",
            Self::Twice => "twice",
            Self::Other => "other",
        }
    }
}

impl Counts {
    fn add(&mut self, state: State) {
        let count = match state {
            State::Good => &mut self.good,
            State::Void => &mut self.void,
            State::Unregistered => &mut self.unregistered,
            State::Forged => &mut self.forged,
            State::Twice => &mut self.twice,
            State::Other => &mut self.other,
        };
        *count += 1;
    }

    fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let Self { lines, good, void, unregistered, forged, twice, other } = self;
        writeln!(out)?;
        writeln!(out, "lines         {lines}, of other authorities {other}")?;
        writeln!(out, "good          {good}")?;
        writeln!(out, "void          {void}")?;
        writeln!(out, "unregistered  {unregistered}")?;
        if *forged > 0 {
            writeln!(out, "forged        {forged}: the signature does not hold")?;
        }
        if *twice > 0 {
            writeln!(out, "twice         {twice}: the mandate came before in the list")?;
        }
        Ok(())
    }
}
