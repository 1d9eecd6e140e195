//! The log as a whole: in process over disks and stores in memory, and over HTTP.

mod admission;
mod clock;
mod ends;
mod faults;
mod folder_faults;
mod folders;
mod forgotten;
mod history;
mod http;
mod left_over;
mod lying;
mod promise_key;
mod proofs;
mod recovery;
mod resume;
mod resume_faults;
mod served;
mod sizes;
mod slice;
mod standing;
mod world;
