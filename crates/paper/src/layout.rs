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
//! - [`engine`] puts the contests of a style in their places; what knows fonts answers it as
//!   [`typesetter`], and [`wording`] has the words that no definition has.
//! - [`ink`] is what it gives: everything that is printed, and where.

pub mod code;
pub mod engine;
pub mod frame;
pub mod geometry;
pub mod ink;
pub mod language;
pub mod length;
pub mod typesetter;
pub mod wording;

pub use code::{Label, Purpose};
pub use engine::{LayoutError, Printing, lay_out};
pub use frame::Frame;
pub use geometry::{Geometry, Oval, Side, Target, WriteIn};
pub use ink::{Ink, Laid, LaidSide, Line, Role, Weight};
pub use length::{Area, Length, Point};
pub use typesetter::{Letters, SetLine, TypesetError, Typesetter};
pub use wording::{Wording, Wordings};
