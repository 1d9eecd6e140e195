//! The stock register: which cards there are, by number, and which of them are void.
//!
//! ```text
//! {"stock":"scrutineer/stock/v1","campaign":"solar","authority":"<base64 of the Ed25519 key>"}
//! {"serial":1,"stack":1,"look_up":"EohkV9iyqvafGVg6f46DKe"}
//! {"serial":2,"stack":1,"look_up":"...","void":"lost with the van"}
//! ```
//!
//! JSON Lines; the serials count from 1 without a gap. It holds no mandate and no name: whoever
//! reads it cannot vote by it. It is always replaced as a whole, so a process that dies leaves the
//! register as it was or as it was to be.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use booth::mandate::LOOK_UP_CHARS;
use canon::{Algorithm, PublicKey};
use serde::{Deserialize, Serialize};

use crate::file;
use crate::message::Failure;

/// The form that the first line names.
const FORM: &str = "scrutineer/stock/v1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    stock: String,
    campaign: String,
    authority: String,
}

/// One card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Card {
    /// Its number, from 1.
    pub(super) serial: u64,
    /// The stack that it was printed in.
    pub(super) stack: u64,
    /// How it is found in the list of voters.
    pub(super) look_up: String,
    /// Why it is void, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) void: Option<String>,
}

/// The register.
pub(super) struct Stock {
    path: PathBuf,
    campaign: String,
    authority: PublicKey,
    cards: Vec<Card>,
}

impl Stock {
    /// A register without cards, not yet written.
    pub(super) fn new(path: &Path, campaign: &str, authority: PublicKey) -> Self {
        let (path, campaign) = (path.to_owned(), campaign.to_owned());
        Self { path, campaign, authority, cards: Vec::new() }
    }

    /// Reads a register.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = file::read(path)?;
        let damaged = |line: usize, what: &str| {
            Failure::new(format_args!("{}: line {line}: {what}", file::name(path)))
                .hint("the register is damaged: take the last copy of it that is whole")
        };
        if bytes.last() != Some(&b'\n') {
            return Err(damaged(1, "the file does not end with a line feed"));
        }
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let head: Head = serde_json::from_slice(lines.next().unwrap_or_default())
            .map_err(|_| damaged(1, "this is not the head of a stock register"))?;
        if head.stock != FORM {
            return Err(damaged(1, &format!("the form is {}, not {FORM}", head.stock)));
        }
        let authority = PublicKey::from_base64(Algorithm::Ed25519, &head.authority)
            .map_err(|error| damaged(1, &error.to_string()))?;
        let mut cards: Vec<Card> = Vec::new();
        for (number, line) in (2..).zip(lines.filter(|line| !line.is_empty())) {
            let card: Card = serde_json::from_slice(line)
                .map_err(|_| damaged(number, "this is no card of a stock register"))?;
            let expected = cards.len() as u64 + 1;
            if card.serial != expected {
                return Err(damaged(number, &format!("card {expected} should stand here")));
            }
            let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
            if card.look_up.len() != LOOK_UP_CHARS || !card.look_up.bytes().all(is_base64) {
                return Err(damaged(number, "a look-up string has 22 characters of base64"));
            }
            cards.push(card);
        }
        Ok(Self { path: path.to_owned(), campaign: head.campaign, authority, cards })
    }

    /// Writes the register anew, for its owner only: it is there whole, or as it was.
    pub(super) fn write(&self) -> Result<(), Failure> {
        let (stock, authority) = (FORM.to_owned(), self.authority.to_base64());
        let head = Head { stock, campaign: self.campaign.clone(), authority };
        let mut bytes = Vec::with_capacity(80 * (self.cards.len() + 1));
        let written = serde_json::to_writer(&mut bytes, &head).and_then(|()| {
            self.cards.iter().try_for_each(|card| {
                bytes.push(b'\n');
                serde_json::to_writer(&mut bytes, card)
            })
        });
        written.map_err(|error| {
            Failure::new(format_args!("cannot write the register: {error}")).hint("try again")
        })?;
        bytes.push(b'\n');
        file::replace_private(&self.path, &bytes)
    }

    /// The campaign that the cards are for: a key serves one.
    pub(super) fn campaign(&self) -> &str {
        &self.campaign
    }

    /// Whose cards these are: one key, so that a number means one card.
    pub(super) const fn authority(&self) -> &PublicKey {
        &self.authority
    }

    /// The cards by their numbers.
    pub(super) fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// The cards, to be marked; their numbers stay.
    pub(super) fn cards_mut(&mut self) -> &mut [Card] {
        &mut self.cards
    }

    /// Adds a card at the end; gives its number.
    pub(super) fn add(&mut self, stack: u64, look_up: String) -> u64 {
        let serial = self.cards.len() as u64 + 1;
        self.cards.push(Card { serial, stack, look_up, void: None });
        serial
    }

    /// Where it stands.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Keeps other processes from changing a register, until it is dropped.
///
/// The lock is the operating system's, on a file of its own beside the register: the register
/// itself is replaced.
pub(super) struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl Lock {
    /// Locks the register at `path`, which need not be there yet, without waiting.
    pub(super) fn take(path: &Path) -> Result<Self, Failure> {
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        let name = PathBuf::from(name);
        let opened = OpenOptions::new().create(true).write(true).truncate(false).open(&name);
        let lock = opened.map_err(|error| file::cannot_write(&name, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self(lock)),
            Err(TryLockError::WouldBlock) => {
                let path = file::name(path);
                Err(Failure::new(format_args!("{path} is being changed by another process"))
                    .hint("wait until it has ended"))
            }
            Err(TryLockError::Error(error)) => Err(file::cannot_write(&name, &error)),
        }
    }
}
