//! Ink to data and back: what is printed for people, and what is read again from pictures.
//!
//! In scope: pixels, pages and QR codes. Out of scope: files, and what a mandate means; it is laid
//! out as `booth::mandate` and `booth::card` write it, and read back as bytes.
//!
//! ```text
//! Mandate --- print::card::lay_out ---> Page --- print::png::write ---> PNG, 8 bit grey
//!                                         \----- print::pdf::write ---> PDF, vectors
//! PNG ------- scan::Picture::read_png --> Picture --- scan::codes ----> bytes of its QR codes
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
