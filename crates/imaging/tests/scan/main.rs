//! Sides of ballots, drawn, marked, damaged and read back.
//!
//! What is in the ovals is known because the test put it there: `testkit::ballots` counts the dots
//! that a pen covered. `SCRUTINEER_SIDES` reads so many sides instead of the few of a usual run.

mod accuracy;
mod files;
mod refused;
mod world;
