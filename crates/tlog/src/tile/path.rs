//! The paths of tiles and bundles, read strictly and written exactly.

use std::fmt;
use std::str::FromStr;

use super::{FULL_WIDTH, TileError};

/// The greatest number of a tile or bundle: beyond it the first leaf would pass 2^64.
const LAST_NUMBER: u64 = (1 << 56) - 1;

/// The number and width of a tile or bundle: `<N>[.p/<W>]`.
///
/// ```text
/// 000            number 0, full
/// x001/x234/067  number 1,234,067, full
/// 273.p/112      number 273, the first 112 of 256
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    number: u64,
    width: u16,
}

impl Place {
    /// The place with this number (0..=2^56 - 1) and width (1..=256).
    pub fn new(number: u64, width: u16) -> Result<Self, TileError> {
        if number > LAST_NUMBER {
            Err(TileError::Number(number))
        } else if width == 0 || width > FULL_WIDTH {
            Err(TileError::Width(width))
        } else {
            Ok(Self { number, width })
        }
    }

    /// The place that holds item `index` of a row of `count` items; none if `index >= count`.
    ///
    /// It is full if 256 items are there, and as wide as the row is there otherwise.
    pub fn holding(index: u64, count: u64) -> Option<Self> {
        if index >= count {
            return None;
        }
        let first = index & !0xff;
        let there = count.checked_sub(first)?.min(u64::from(FULL_WIDTH));
        Some(Self { number: index >> 8, width: u16::try_from(there).ok()? })
    }

    /// Position among the places of its row, from 0.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Number of items, 1..=256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it holds all 256 items.
    pub fn is_full(&self) -> bool {
        self.width == FULL_WIDTH
    }

    /// The full place of the same number.
    #[must_use]
    pub fn full(&self) -> Self {
        Self { number: self.number, width: FULL_WIDTH }
    }

    /// The index of its first item.
    pub fn first(&self) -> u64 {
        // The number is below 2^56.
        self.number << 8
    }

    /// The index after its last item; saturates in the very last place.
    pub fn end(&self) -> u64 {
        self.first().saturating_add(u64::from(self.width))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut divisor = 1_000_000_000_000_000_u64;
        while divisor > 1 {
            if self.number >= divisor {
                write!(f, "x{:03}/", group(self.number, divisor))?;
            }
            divisor = divisor.wrapping_div(1000);
        }
        write!(f, "{:03}", group(self.number, 1))?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

/// Three decimal digits of `number`, the lowest of them worth `divisor`.
fn group(number: u64, divisor: u64) -> u64 {
    number.checked_div(divisor).unwrap_or(0) % 1000
}

impl FromStr for Place {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let (digits, width) = match text.split_once(".p/") {
            None => (text, FULL_WIDTH),
            Some((digits, width)) => (digits, partial_width(width)?),
        };
        let mut number = 0_u64;
        let mut groups = digits.split('/').peekable();
        let mut is_first = true;
        while let Some(written) = groups.next() {
            let value = if groups.peek().is_some() {
                let inner = written.strip_prefix('x');
                inner.and_then(three_digits).ok_or(TileError::Path("a group is not x and 3 digits"))
            } else {
                three_digits(written).ok_or(TileError::Path("the last group is not 3 digits"))
            }?;
            if is_first && value == 0 && groups.peek().is_some() {
                return Err(TileError::Path("the first group is x000"));
            }
            is_first = false;
            number = number
                .checked_mul(1000)
                .and_then(|higher| higher.checked_add(value))
                .ok_or(TileError::Number(u64::MAX))?;
        }
        Self::new(number, width)
    }
}

fn three_digits(text: &str) -> Option<u64> {
    let is_digits = text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
    if is_digits { text.parse().ok() } else { None }
}

fn partial_width(text: &str) -> Result<u16, TileError> {
    match plain_number(text) {
        Some(width @ 1..=255) => Ok(width),
        _ => Err(TileError::Path("the width of a partial tile is not 1 to 255")),
    }
}

/// A decimal number of at most three digits, without leading zeros.
fn plain_number(text: &str) -> Option<u16> {
    let is_plain = (1..=3).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if is_plain { text.parse().ok() } else { None }
}

/// The path of a tile of hashes: `tile/<L>/<N>[.p/<W>]`.
///
/// ```text
/// tile/0/000            the leaf hashes of the first 256 entries
/// tile/1/001.p/17       the first 17 hashes of the second tile of level 1
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    level: u8,
    place: Place,
}

impl TilePath {
    /// The path with this level (0..=63), number (0..=2^56 - 1) and width (1..=256).
    pub fn new(level: u8, index: u64, width: u16) -> Result<Self, TileError> {
        Self::at(level, Place::new(index, width)?)
    }

    /// The path of the tile at a place of a level (0..=63).
    pub fn at(level: u8, place: Place) -> Result<Self, TileError> {
        if level > 63 { Err(TileError::Level(level)) } else { Ok(Self { level, place }) }
    }

    /// Tile level; each is 8 levels of the tree.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Position among the tiles of its level, from 0.
    pub fn index(&self) -> u64 {
        self.place.number()
    }

    /// Number of hashes, 1..=256.
    pub fn width(&self) -> u16 {
        self.place.width()
    }

    /// Number and width.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Whether it is a full tile.
    pub fn is_full(&self) -> bool {
        self.place.is_full()
    }

    /// The path of the full tile of the same level and number.
    #[must_use]
    pub fn full(&self) -> Self {
        Self { level: self.level, place: self.place.full() }
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/{}", self.level, self.place)
    }
}

impl FromStr for TilePath {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let rest = text.strip_prefix("tile/").ok_or(TileError::Path("it does not begin tile/"))?;
        let (level, place) =
            rest.split_once('/').ok_or(TileError::Path("there is no number after the level"))?;
        let level = plain_number(level)
            .and_then(|level| u8::try_from(level).ok())
            .ok_or(TileError::Path("the level is not a number from 0 to 63"))?;
        Self::at(level, place.parse()?)
    }
}

/// The path of a bundle of entries: `tile/entries/<N>[.p/<W>]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntriesPath(pub Place);

impl fmt::Display for EntriesPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/entries/{}", self.0)
    }
}

impl FromStr for EntriesPath {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let place = text.strip_prefix("tile/entries/");
        place.ok_or(TileError::Path("it does not begin tile/entries/"))?.parse().map(Self)
    }
}

/// The path of a bundle of leaves, the canonical texts whose digests are the entries:
/// `leaf/<N>[.p/<W>]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafPath(pub Place);

impl fmt::Display for LeafPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "leaf/{}", self.0)
    }
}

impl FromStr for LeafPath {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let place = text.strip_prefix("leaf/");
        place.ok_or(TileError::Path("it does not begin leaf/"))?.parse().map(Self)
    }
}
