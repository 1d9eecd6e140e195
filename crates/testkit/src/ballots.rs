//! Synthetic voters: marks of every human style on printed sides, and what printers, pockets and
//! scanners do to paper, all from a seed.
//!
//! ```text
//! printed side, 400 dots an inch --- pen ----> the same with marks, and how much each covers
//!                                 --- damage -> a picture as a scanner writes it
//! ```

pub mod base;
pub mod damage;
pub mod dice;
pub mod pen;

pub use base::Base;
pub use damage::{Damage, Scan};
pub use dice::Dice;
pub use pen::{Pen, Stroke};
