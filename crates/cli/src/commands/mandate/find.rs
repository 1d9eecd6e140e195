//! `scrutineer mandate find`

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::path::PathBuf;

use booth::mandate::{Mandate, VOTERS_LINE_BYTES};
use clap::Args;
use serde::Serialize;

use super::stock::{Card, Stock};
use crate::message::{Exit, Failure, Outcome};
use crate::{file, progress};

/// Lines between two steps of the counter.
const STEP: u64 = 4096;

/// Find the numbers of cards in the list of voters
///
/// Each line of the list of voters is looked up in the stock register: its number, its stack, and
/// whether it is void. Lines of other authorities are counted and passed over. A line that bears
/// this authority's signature and is not in the register was signed without being entered: it is
/// named.
#[derive(Args)]
#[command(after_help = "Examples:\n  scrutineer mandate find --stock stock.jsonl voters.txt\n  \
                        scrutineer mandate find --stock stock.jsonl --line \
                        'uBgXB... QhD6q... HgJab...'\n\nExit status: 0 every card that voted is \
                        good, 1 a void or unregistered one voted,\n2 it could not be told.")]
pub(crate) struct Find {
    /// The stock register
    #[arg(long, value_name = "FILE")]
    stock: PathBuf,
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
    /// Signed by the authority, and not in the register.
    Unregistered,
    /// It says to be the authority's, and the signature does not hold.
    Forged,
    Other,
}

#[derive(Serialize)]
struct Row<'a> {
    line: u64,
    state: State,
    look_up: &'a str,
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
    other: u64,
}

impl Find {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let stock = Stock::read(&self.stock)?;
        let cards: HashMap<&str, &Card> =
            stock.cards().iter().map(|card| (card.look_up.as_str(), card)).collect();
        let search = Search { stock: &stock, cards, json: self.json };
        let mut counts = Counts::default();
        if !self.json {
            writeln!(out, "{:>9}  {:>7}  {:<12}  look-up", "number", "stack", "state")?;
        }
        if let Some(line) = &self.line {
            search.line(out, line.trim_end(), &mut counts)?;
        } else if let Some(list) = &self.list {
            search.list(out, list, &mut counts)?;
        }
        if !self.json {
            counts.write(out)?;
        }
        let bad = counts.void + counts.unregistered + counts.forged;
        // One line that was asked for by itself has to be found.
        let missed = self.line.is_some() && counts.good == 0;
        Ok(if bad > 0 || missed { Exit::Fails } else { Exit::Holds })
    }
}

struct Search<'a> {
    stock: &'a Stock,
    cards: HashMap<&'a str, &'a Card>,
    json: bool,
}

impl Search<'_> {
    /// Looks up every line of a list; nothing is held but the line at hand.
    fn list(
        &self,
        out: &mut dyn Write,
        list: &std::path::Path,
        counts: &mut Counts,
    ) -> Result<(), Failure> {
        let mut input = BufReader::with_capacity(1 << 16, file::open(list)?);
        let counter = progress::counter("looking up");
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let limit = VOTERS_LINE_BYTES as u64 + 1;
            let count = input.by_ref().take(limit).read_until(b'\n', &mut bytes);
            if count.map_err(|error| file::cannot_read(list, &error))? == 0 {
                break;
            }
            let text = String::from_utf8_lossy(&bytes);
            self.line(out, &text, counts)?;
            if counts.lines.is_multiple_of(STEP) {
                counter.inc(STEP);
            }
        }
        counter.finish_and_clear();
        Ok(())
    }

    fn line(&self, out: &mut dyn Write, text: &str, counts: &mut Counts) -> Result<(), Failure> {
        counts.lines += 1;
        let line = counts.lines;
        let mandate = Mandate::from_voters_line(text).map_err(|error| {
            Failure::new(format_args!("line {line}: {error}"))
                .hint("give a line of the list of voters, or the list as it was published")
        })?;
        let look_up = mandate.look_up();
        let (state, card) = self.judge(&mandate, &look_up);
        counts.add(state);
        if state == State::Other {
            return Ok(());
        }
        let (serial, stack) = (card.map(|card| card.serial), card.map(|card| card.stack));
        let reason = card.and_then(|card| card.void.as_deref());
        if self.json {
            let row = Row { line, state, look_up: &look_up, serial, stack, reason };
            serde_json::to_writer(&mut *out, &row).map_err(std::io::Error::from)?;
            writeln!(out)?;
            return Ok(());
        }
        let number = |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
        let (serial, stack, state) = (number(serial), number(stack), state.word());
        write!(out, "{serial:>9}  {stack:>7}  {state:<12}  {look_up}")?;
        match reason {
            Some(reason) => writeln!(out, "  {reason}")?,
            None => writeln!(out)?,
        }
        Ok(())
    }

    /// What a line is. Signatures are judged only where they decide: the lists' own are judged when
    /// the votes are taken, and again by `verify`.
    fn judge(&self, mandate: &Mandate, look_up: &str) -> (State, Option<&Card>) {
        if mandate.id().authority != *self.stock.authority().bytes() {
            return (State::Other, None);
        }
        match self.cards.get(look_up).copied() {
            Some(card) if card.void.is_some() => (State::Void, Some(card)),
            Some(card) => (State::Good, Some(card)),
            None if mandate.holds() => (State::Unregistered, None),
            None => (State::Forged, None),
        }
    }
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Void => "void",
            Self::Unregistered => "unregistered",
            Self::Forged => "forged",
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
            State::Other => &mut self.other,
        };
        *count += 1;
    }

    fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let Self { lines, good, void, unregistered, forged, other } = self;
        writeln!(out)?;
        writeln!(out, "lines         {lines}, of other authorities {other}")?;
        writeln!(out, "good          {good}")?;
        writeln!(out, "void          {void}")?;
        writeln!(out, "unregistered  {unregistered}")?;
        if *forged > 0 {
            writeln!(out, "forged        {forged}: the signature does not hold")?;
        }
        Ok(())
    }
}
