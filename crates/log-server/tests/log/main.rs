//! The log as a whole: in process over disks and stores in memory, and over HTTP.

mod admission;
mod faults;
mod http;
mod lying;
mod proofs;
mod recovery;
mod resume;
mod served;
mod slice;
mod world;
