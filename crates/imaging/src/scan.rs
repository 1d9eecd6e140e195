//! From paper to data: pictures, and the QR codes in them.

mod code;
mod ink;
mod picture;

pub use code::codes;
pub use picture::{MAX_SIDE, Picture, PictureError};
