//! Ink to data and back: what is printed for people, and what is read again from pictures.
//!
//! In scope: pixels, pages, QR codes, ballots as they are printed and scanned. Out of scope: files
//! on disk, what a mandate means, and what a mark means: a mandate is laid out as `booth::mandate`
//! and `booth::card` write it, a ballot as `paper::layout` has it, and both are read back by the
//! same.
//!
//! ```text
//! Mandate --- print::card::lay_out ---> Page --- print::png::write ---> PNG, 8 bit grey
//! Laid ------ print::ballot -------------/ \----- print::pdf::write ---> PDF, vectors
//! PNG ------- scan::Picture::read_png --> Picture --- scan::codes ----> bytes of its QR codes
//! any file -- scan::file::File ----------/ \----- scan::ballot --------> ink in each oval
//! ```
//!
//! One layout goes to both, so that what stands on paper and in the picture cannot differ.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

pub mod print;
pub mod scan;
