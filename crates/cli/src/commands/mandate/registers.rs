//! Several stock registers together, as the list of voters is judged by.
//!
//! Cards are found by authority and look-up string. A key has one register as a rule, and may have
//! more: one was begun anew, or two offices issue with one key. So a mandate is unregistered only
//! if none of the given registers has it. Two registers of one key that are for two campaigns, and
//! two that have one card, are refused, and so is one that has a card twice: each is a mistake that
//! no answer may hide.

use std::collections::HashMap;
use std::path::PathBuf;

use canon::PublicKey;

use super::stock::{Card, Stock};
use crate::file;
use crate::message::Failure;

/// By the bytes of the authority's key.
pub(super) type Offices<'a> = HashMap<&'a [u8], Office<'a>>;

/// What the registers have of one authority.
pub(super) struct Office<'a> {
    /// Its first register, which names the key and the campaign.
    first: &'a Stock,
    /// By look-up string: the register, and the card.
    cards: HashMap<&'a str, (&'a Stock, &'a Card)>,
}

impl<'a> Office<'a> {
    /// Whose mandates these are.
    pub(super) const fn authority(&self) -> &PublicKey {
        self.first.authority()
    }

    /// The card with a look-up string, and the register that has it.
    pub(super) fn card(&self, look_up: &str) -> Option<(&'a Stock, &'a Card)> {
        self.cards.get(look_up).copied()
    }

    fn add(&mut self, stock: &'a Stock) -> Result<(), Failure> {
        let names = || (file::name(self.first.path()), file::name(stock.path()));
        if stock.campaign() != self.first.campaign() {
            let ((one, other), (here, there)) =
                (names(), (self.first.campaign(), stock.campaign()));
            return Err(Failure::new(format_args!(
                "{one} is for the campaign {here:?}, and {other}, of the same key, for {there:?}"
            ))
            .hint("its mandates count in both: look through each list with its own register"));
        }
        for card in stock.cards() {
            if let Some((before, first)) = self.cards.insert(&card.look_up, (stock, card)) {
                let look_up = &card.look_up;
                if std::ptr::eq(before, stock) {
                    let (name, one, two) = (file::name(stock.path()), first.serial, card.serial);
                    return Err(Failure::new(format_args!(
                        "{name} has the card {look_up} twice, as {one} and as {two}"
                    ))
                    .hint("the register is damaged: take a copy of it that is whole"));
                }
                let (before, here) = (file::name(before.path()), file::name(stock.path()));
                return Err(Failure::new(format_args!(
                    "the card {look_up} is in {before} and in {here}"
                ))
                .hint("give each register once, and no copy of it"));
            }
        }
        Ok(())
    }
}

/// Reads registers, in their order.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Stock>, Failure> {
    paths.iter().map(|path| Stock::read(path)).collect()
}

/// What all registers have, by authority.
pub(super) fn offices(stocks: &[Stock]) -> Result<Offices<'_>, Failure> {
    let mut offices = Offices::new();
    for stock in stocks {
        let new = || Office { first: stock, cards: HashMap::new() };
        offices.entry(stock.authority().bytes()).or_insert_with(new).add(stock)?;
    }
    Ok(offices)
}
