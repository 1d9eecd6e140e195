//! Sides of ballots, drawn, marked, damaged and read back.
//!
//! What is in the ovals is known because the test put it there: `testkit::ballots` counts the dots
//! that a pen covered. `SCRUTINEER_SIDES` reads so many sides instead of the few of a usual run.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "places and shades of pictures, far from the ends of every type"
)]

mod accuracy;
mod files;
mod refused;
mod world;
