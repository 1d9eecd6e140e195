//! `scrutineer mandate void`

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::stock::{Lock, Stock};
use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Mark cards of the stock as void
///
/// The numbers stand on the cards. A card that is void already keeps its first reason. The register
/// is what `mandate find` judges the list of voters by; it keeps nobody from voting by itself.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer mandate void --stock stock.jsonl --from 301 \
                        --to 400 \\\n      --reason 'stack 4 was lost with the van' \
                        --list void.txt")]
pub(crate) struct Void {
    /// The stock register
    #[arg(long, value_name = "FILE")]
    stock: PathBuf,
    /// The first number
    #[arg(long, value_name = "NUMBER")]
    from: u64,
    /// The last number
    #[arg(long, value_name = "NUMBER")]
    to: u64,
    /// Why, on one line and without a name
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Write the look-up strings of all void cards there, one a line, to be published
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Answer {
    from: u64,
    to: u64,
    voided: u64,
    void_before: u64,
    void_in_stock: usize,
}

impl Void {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let reason = self.reason.trim();
        if reason.is_empty() || reason.contains(char::is_control) {
            return Err(Failure::new("a reason is one line of text")
                .hint("say what happened: --reason 'stack 4 was lost with the van'"));
        }
        // Not to make a lock file beside a register that is not there.
        let mut stock = Stock::read(&self.stock)?;
        let _lock = Lock::take(&self.stock)?;
        stock = Stock::read(stock.path())?;
        let last = stock.cards().len() as u64;
        if self.from == 0 || self.from > self.to || self.to > last {
            let (from, to, name) = (self.from, self.to, file::name(&self.stock));
            let message = format_args!("{name} has no cards {from} to {to}").to_string();
            return Err(Failure::new(message).hint(format_args!("it has numbers 1 to {last}")));
        }
        let (mut voided, mut void_before) = (0, 0);
        let range = self.from..=self.to;
        for card in stock.cards_mut().iter_mut().filter(|card| range.contains(&card.serial)) {
            if card.void.is_some() {
                void_before += 1;
            } else {
                card.void = Some(reason.to_owned());
                voided += 1;
            }
        }
        stock.write()?;
        let look_ups = void_cards(&stock);
        let void_in_stock = look_ups.len();
        if let Some(list) = &self.list {
            let lines: String = look_ups.iter().flat_map(|look_up| [look_up, "\n"]).collect();
            file::replace(list, lines.as_bytes())?;
        }
        let (from, to) = (self.from, self.to);
        if self.json {
            let answer = Answer { from, to, voided, void_before, void_in_stock };
            serde_json::to_writer(&mut *out, &answer).map_err(std::io::Error::from)?;
            writeln!(out)?;
            return Ok(Exit::Holds);
        }
        writeln!(out, "void        numbers {from} to {to}: {voided} cards, {void_before} before")?;
        writeln!(out, "stock       {last} cards, {void_in_stock} void")?;
        if let Some(list) = &self.list {
            writeln!(out, "list        {}, for verify --voided", file::name(list))?;
        }
        Ok(Exit::Holds)
    }
}

/// The look-up strings of all void cards, in their own order, which says nothing of the cards'.
fn void_cards(stock: &Stock) -> BTreeSet<&str> {
    let void = stock.cards().iter().filter(|card| card.void.is_some());
    void.map(|card| card.look_up.as_str()).collect()
}
