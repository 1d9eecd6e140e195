//! From paper to data: pictures, the QR codes in them, and the sides of ballots.

pub mod ballot;
mod code;
pub mod file;
mod ink;
mod picture;

pub use code::codes;
pub use picture::{MAX_SIDE, Picture, PictureError};
