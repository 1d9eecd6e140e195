//! Elections made by the testkit, verified whole and after every kind of damage.

mod attack;
mod dishonest;
mod json;
mod mutations;
mod stage;
mod whole;
mod withheld;
