//! Elections made by the testkit, verified whole and after every kind of damage.

mod attack;
mod booth;
mod dishonest;
mod growth;
mod json;
mod mutations;
mod pages;
mod pieces;
mod sampling;
mod stage;
mod told;
mod whole;
mod withheld;
mod world;
