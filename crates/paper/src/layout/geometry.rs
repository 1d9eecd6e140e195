//! What a scanner has to know of every printed side: its ovals and its write-in lines.
//!
//! It is made together with the printed pages and travels with the definition, so that a scanner
//! needs no fonts, and a stranger who has the pictures of ballots can judge every mark anew.

use artifact::payload::definition::Paper;
use canon::Digest;
use serde::{Deserialize, Serialize};

use super::length::{Area, Length, Point};

/// The width and height of an oval, its line included.
pub const OVAL: (Length, Length) = (Length::hundredths(508), Length::hundredths(330));

/// The width of an oval's line.
pub const OVAL_LINE: Length = Length::micrometres(250);

/// What a mark in an oval stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// A choice of the contest: its place in the definition, from 0.
    Choice(u32),
    /// A write-in line of the contest, from 0.
    WriteIn(u32),
}

/// An oval on a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oval {
    /// Its centre.
    pub centre: Point,
    /// The contest's place in the definition, from 0.
    pub contest: u32,
    /// The preference that it stands for, from 1; 1 too where the contest is not ranked.
    pub rank: u32,
    /// What a mark in it stands for.
    pub target: Target,
}

/// A line on which a name may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteIn {
    /// Where writing may stand; a little more is cut out for people.
    pub area: Area,
    /// The contest's place in the definition, from 0.
    pub contest: u32,
    /// Which of its write-in lines, from 0.
    pub line: u32,
}

/// One printed side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// Its ovals, in the order of reading.
    pub ovals: Vec<Oval>,
    /// Its write-in lines.
    pub write_ins: Vec<WriteIn>,
}

/// One style: its sheets, each with its front and, where it is printed, its back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StyleSheets {
    /// The sides of each sheet: one or two.
    pub sheets: Vec<Vec<Side>>,
}

/// The geometry of an election: that of each style, in the order of the definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Geometry {
    /// SHA-256 over the canonical bytes of the definition.
    pub definition: Digest,
    /// The paper.
    pub paper: Paper,
    /// The styles.
    pub styles: Vec<StyleSheets>,
}

impl Geometry {
    /// A side: style, sheet and side from 0.
    pub fn side(&self, style: usize, sheet: usize, side: usize) -> Option<&Side> {
        self.styles.get(style)?.sheets.get(sheet)?.get(side)
    }
}
