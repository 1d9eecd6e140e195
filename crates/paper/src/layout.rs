//! Where everything stands on a ballot: the one geometry that printer and scanner both read.
//!
//! ```text
//! +--------------------------------------------+
//! | == == == == == == == == == == == == == ==  |   timing marks on all four borders
//! | ==  Jurisdiction, election, date  [code] ==|   the header, with the second code
//! | ==  +------------+  +------------+       ==|
//! | ==  | Contest    |  | Contest    |       ==|   contests in columns
//! | ==  | ( ) name   |  | ( ) name   |       ==|   ovals to the left of names
//! | ==  +------------+  +------------+       ==|
//! | == [code]  Page 1 of 2, turn over        ==|   the footer, with the first code
//! | == == == == == == == == == == == == == ==  |
//! +--------------------------------------------+
//! ```
//!
//! - [`length`] measures in whole micrometres, so that every machine gets the same places.
//! - [`frame`] says where timing marks and codes stand on each paper.
//! - [`code`] is what the codes say: definition, style, sheet, side.
//! - [`geometry`] lists the ovals and write-in lines of every style.

pub mod code;
pub mod frame;
pub mod geometry;
pub mod length;

pub use code::{Label, Purpose};
pub use frame::Frame;
pub use geometry::{Geometry, Oval, Side, Target, WriteIn};
pub use length::{Area, Length, Point};
