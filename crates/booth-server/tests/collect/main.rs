//! The collecting instance, from outside: its ledger on faulty disks, its routes over HTTP.

mod certificates;
mod disk;
mod engine;
mod faults;
mod fixture;
#[cfg(target_os = "linux")]
mod folders;
mod ids;
mod instance;
mod ledger;
mod many;
mod publish;
mod receipts;
