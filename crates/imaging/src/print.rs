//! From data to paper: QR codes, pages, pictures of pages, PDF.

pub mod ballot;
pub mod card;
pub mod face;
pub mod library;
pub mod page;
pub mod pdf;
pub mod png;
pub mod qr;
mod raster;
mod script;
pub mod shape;
pub mod typeface;

pub use face::Face;
pub use library::Library;
pub use page::{Mark, Page, Sheet};
pub use typeface::Typeface;

/// Why something cannot be printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// A letter that the printed faces do not have.
    #[error("there is no {found:?} in the printed faces (character {at} of {text:?})")]
    Character {
        /// The letter.
        found: char,
        /// Its place in the text, from 1.
        at: usize,
        /// The text.
        text: String,
    },
    /// A text that does not fit its place, not even in small letters and on two lines.
    #[error("{text:?} is too long for its place on the card")]
    TooLong {
        /// The text.
        text: String,
    },
    /// More bytes than a QR code holds at error correction H: 1273.
    #[error("a QR code cannot hold {bytes} bytes")]
    Code {
        /// Bytes that were to be written.
        bytes: usize,
    },
    /// The faces in this program cannot be read: it was built wrong.
    #[error("the printed faces of this program are damaged")]
    Face,
    /// A file that is no font, or a damaged one.
    #[error("{file} is not a font that can be printed with")]
    Font {
        /// What it is called.
        file: String,
    },
    /// A text that cannot be set.
    #[error(transparent)]
    Typeset(#[from] paper::layout::TypesetError),
    /// No picture could be made of the pixels.
    #[error("the picture cannot be written")]
    Picture(#[source] ::png::EncodingError),
}

impl PrintError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Character { .. } => {
                "the faces have Latin, Greek and Cyrillic letters: write it in these"
            }
            Self::TooLong { .. } => "use fewer words",
            Self::Code { .. } => "print less",
            Self::Face => "build the program again from a fresh clone",
            Self::Font { .. } => "give a TrueType or OpenType file: .ttf, .otf or .ttc",
            Self::Typeset(_) => "give a font file that has the letters",
            Self::Picture(_) => "try again",
        }
    }
}
