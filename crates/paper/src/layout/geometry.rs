//! What a scanner has to know of every printed side: its ovals and its write-in lines.
//!
//! It is made together with the printed pages and travels with the definition, so that a scanner
//! needs no fonts, and a stranger who has the pictures of ballots can judge every mark anew.

use artifact::payload::definition::Paper;
use canon::Digest;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::length::{Area, Length, Point};

/// The width and height of an oval, its line included.
pub const OVAL: (Length, Length) = (Length::hundredths(508), Length::hundredths(330));

/// The width of an oval's line.
pub const OVAL_LINE: Length = Length::micrometres(250);

/// What a mark in an oval stands for.
///
/// Wire form: `{"choice":2}` or `{"write_in":0}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A choice of the contest: its place in the definition, from 0.
    Choice(u32),
    /// A write-in line of the contest, from 0.
    WriteIn(u32),
}

/// The strict reader of `canon` knows no enums with a content, so this reads a map.
impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Wire {
            #[serde(default)]
            choice: Option<u32>,
            #[serde(default)]
            write_in: Option<u32>,
        }
        match Wire::deserialize(deserializer)? {
            Wire { choice: Some(at), write_in: None } => Ok(Self::Choice(at)),
            Wire { choice: None, write_in: Some(line) } => Ok(Self::WriteIn(line)),
            _ => Err(D::Error::custom("a target is `choice` or `write_in`")),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_back_by_the_strict_reader() {
        for (target, text) in
            [(Target::Choice(2), r#"{"choice":2}"#), (Target::WriteIn(0), r#"{"write_in":0}"#)]
        {
            assert_eq!(canon::json::to_canonical(&target).unwrap(), text.as_bytes());
            assert_eq!(canon::json::from_canonical::<Target>(text.as_bytes()).unwrap(), target);
        }
        for wrong in ["{}", r#"{"choice":1,"write_in":1}"#, r#"{"line":1}"#, r#"{"choice":null}"#] {
            assert!(canon::json::from_canonical::<Target>(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
