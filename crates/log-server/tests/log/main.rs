//! The log as a whole: in process over disks and stores in memory, and over HTTP.

mod admission;
mod ends;
mod faults;
mod http;
mod promise_key;
mod recovery;
mod resume;
mod sizes;
mod slice;
mod world;
