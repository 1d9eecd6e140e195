//! Synthetic voters: marks of every human style on printed sides, and what printers, pockets and
//! scanners do to paper, all from a seed.
//!
//! ```text
//! printed side, 400 dots an inch --- pen ----> the same with marks, and how much each covers
//!                                 --- damage -> a picture as a scanner writes it
//! ```
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::many_single_char_names,
    reason = "places and shades of pictures, far from the ends of every type"
)]

pub mod base;
pub mod damage;
pub mod dice;
pub mod pen;

pub use base::Base;
pub use damage::{Damage, Scan};
pub use dice::Dice;
pub use pen::{Pen, Stroke};
