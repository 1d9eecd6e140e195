//! Why a picture is not read.

/// A border of the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Border {
    /// The upper one, as the ballot is read.
    Upper,
    /// The lower one.
    Lower,
    /// The left one.
    Left,
    /// The right one.
    Right,
}

impl Border {
    const fn word(self) -> &'static str {
        match self {
            Self::Upper => "upper",
            Self::Lower => "lower",
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

impl core::fmt::Display for Border {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.pad(self.word())
    }
}

/// The rule by which a picture is refused.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// One shade all over: a blank sheet, or none.
    #[error("the picture shows nothing: no ink on it")]
    Blank,
    /// No border of timing marks.
    #[error("the picture shows no ballot: it has {found} bars that look like timing marks")]
    NoMarks {
        /// Bars of about the right form.
        found: usize,
    },
    /// A border has too few of its timing marks, or none.
    #[error("the {border} border has {found} of its {of} timing marks")]
    Marks {
        /// The border.
        border: Border,
        /// Marks that were found.
        found: usize,
        /// Marks that were printed.
        of: usize,
    },
    /// The borders are not as far apart as on this paper.
    #[error(
        "the paper has another form: its height is {found_thousandths} thousandths of its \
         width, and {expected_thousandths} is right"
    )]
    Form {
        /// Height by width as found, in thousandths.
        found_thousandths: u32,
        /// Height by width as printed.
        expected_thousandths: u32,
    },
    /// The marks are where no printing and scanning puts them.
    #[error("the picture is distorted: a timing mark is {micrometres} micrometres off")]
    Distorted {
        /// How far the worst one is from where the others say.
        micrometres: u32,
    },
    /// Dirt on the scanner's glass that cannot be taken out.
    #[error("{count} streaks run through the picture, and they are too broad or too many")]
    Streaks {
        /// How many.
        count: usize,
    },
    /// Neither code of the side can be read.
    #[error("neither of the side's two codes can be read")]
    Codes,
    /// The two codes contradict each other.
    #[error("the side's two codes say different things")]
    CodesDiffer,
    /// The code of another thing, or of a newer program.
    #[error("the side's code is not one of a ballot that this program reads: {0}")]
    Label(paper::layout::code::LabelError),
    /// A ballot of another election, or of another definition of this one.
    #[error("the ballot belongs to another definition, whose digest begins with {}", hex(found))]
    OtherElection {
        /// The first bytes of that definition's digest.
        found: [u8; 10],
    },
    /// The code names a style, sheet or side that the definition does not have.
    #[error(
        "the ballot says style {style}, sheet {sheet}, {}: the definition has no such side",
        if *.is_back { "back" } else { "front" }
    )]
    UnknownSide {
        /// The style, from 0.
        style: u16,
        /// The sheet, from 0.
        sheet: u8,
        /// Whether it is a back.
        is_back: bool,
    },
    /// Too many ovals are not where the geometry has them.
    #[error("{missing} of {of} ovals are not where they were printed")]
    Ovals {
        /// Ovals without an outline at their place.
        missing: usize,
        /// Ovals of the side.
        of: usize,
    },
}

impl Refusal {
    /// The rule in one word, for tables.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::NoMarks { .. } => "no-ballot",
            Self::Marks { .. } => "timing-marks",
            Self::Form { .. } => "paper-form",
            Self::Distorted { .. } => "distorted",
            Self::Streaks { .. } => "streaks",
            Self::Codes => "codes",
            Self::CodesDiffer => "codes-differ",
            Self::Label(_) => "label",
            Self::OtherElection { .. } => "other-election",
            Self::UnknownSide { .. } => "unknown-side",
            Self::Ovals { .. } => "ovals",
        }
    }

    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Blank => "scan the sheet again, the printed side to the glass",
            Self::NoMarks { .. } => "scan a ballot, whole and flat, at 200 dpi or more",
            Self::Marks { .. } => "scan it again with all four edges in the picture",
            Self::Form { .. } => "check that the whole sheet is in the picture, and its paper",
            Self::Distorted { .. } => "flatten the sheet and scan it again",
            Self::Streaks { .. } => "clean the scanner's glass and scan it again",
            Self::Codes | Self::CodesDiffer => {
                "scan it again; if it stays so, a person reads it and remakes it"
            }
            Self::Label(_) => "see that this is a ballot of this election",
            Self::OtherElection { .. } => "sort it out: it is not of this election",
            Self::UnknownSide { .. } | Self::Ovals { .. } => {
                "check that the geometry is the one it was printed with"
            }
        }
    }
}

fn hex(bytes: &[u8; 10]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}
