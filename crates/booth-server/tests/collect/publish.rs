//! The publisher behind instances, real ones and such as lie.

mod faults;
mod hidden;
mod http;
mod lies;
mod observer;
mod passes;
mod tls;
mod whole;
mod world;
