//! The publisher behind instances, real ones and such as lie.

mod bounds;
mod close;
mod faults;
mod hidden;
mod http;
mod lies;
mod logbook;
mod observer;
mod passes;
mod rules;
mod stamps;
mod tls;
mod told;
mod whole;
mod world;
