//! What is printed on a side, as a list of things with their places.

use artifact::id::Language;

use super::geometry::{OVAL, Side, StyleSheets};
use super::length::{Area, Length, Point};

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// What is read.
    Regular,
    /// What is seen first.
    Bold,
}

/// What a line of text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Whose election it is, which and when, and the page.
    Header,
    /// What to do next, and which ballot it is.
    Footer,
    /// How to vote.
    Instruction,
    /// The title of a contest.
    Title,
    /// The text or question of a contest.
    Question,
    /// How many may be marked.
    Count,
    /// Above a column of ovals: which preference it is.
    Rank,
    /// The name of a choice.
    Name,
    /// What stands below a name.
    Detail,
    /// The parties of a choice.
    Party,
    /// Above the lines to write on.
    WriteIn,
    /// That a contest goes on elsewhere, and its title once more where it does.
    Continued,
}

/// A line of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The box of the line: as wide as the text, as high as lines are apart.
    pub area: Area,
    /// From the upper border of the paper to the baseline.
    pub baseline: Length,
    /// The contest that it belongs to: its place in the definition, from 0.
    pub contest: Option<u32>,
    /// Its language.
    pub language: Language,
    /// What it is for.
    pub role: Role,
    /// The em.
    pub size: Length,
    /// What it says.
    pub text: String,
    /// How heavy it is.
    pub weight: Weight,
}

/// A thing that is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ink {
    /// A line of text, black.
    Line(Line),
    /// A grey bar, behind the title of a contest.
    Bar(Area),
    /// A black rule to write on.
    Rule(Area),
    /// An oval, around its centre: to be filled, or the picture of one that is filled.
    Oval {
        /// Its centre.
        centre: Point,
        /// Whether it is the picture.
        is_filled: bool,
    },
}

impl Ink {
    /// The place that it takes.
    pub fn area(&self) -> Area {
        match self {
            Self::Line(line) => line.area,
            Self::Bar(area) | Self::Rule(area) => *area,
            Self::Oval { centre, .. } => oval_area(*centre),
        }
    }

    /// The same, moved.
    pub(super) fn moved(mut self, by: Point) -> Self {
        match &mut self {
            Self::Line(line) => {
                line.area = moved(line.area, by);
                line.baseline = line.baseline.plus(by.y);
            }
            Self::Bar(area) | Self::Rule(area) => *area = moved(*area, by),
            Self::Oval { centre, .. } => *centre = centre.moved(by),
        }
        self
    }
}

/// The place of an oval around its centre, its line included.
pub const fn oval_area(centre: Point) -> Area {
    let (width, height) = OVAL;
    let (x, y) = (centre.x.less(width.part(2)), centre.y.less(height.part(2)));
    Area { height, width, x, y }
}

pub(super) const fn moved(area: Area, by: Point) -> Area {
    Area { x: area.x.plus(by.x), y: area.y.plus(by.y), ..area }
}

impl Point {
    /// The same, moved.
    pub(super) const fn moved(self, by: Self) -> Self {
        Self { x: self.x.plus(by.x), y: self.y.plus(by.y) }
    }
}

/// A side with all that is printed on it, but for the frame, which is the same on every side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaidSide {
    /// What is printed.
    pub inks: Vec<Ink>,
    /// What a scanner has to know of it.
    pub side: Side,
}

/// The ballot of a style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Laid {
    /// The sides of each sheet: one or two.
    pub sheets: Vec<Vec<LaidSide>>,
}

impl Laid {
    /// What a scanner has to know of it.
    pub fn geometry(&self) -> StyleSheets {
        let sides = |sheet: &Vec<LaidSide>| sheet.iter().map(|laid| laid.side.clone()).collect();
        StyleSheets { sheets: self.sheets.iter().map(sides).collect() }
    }
}
