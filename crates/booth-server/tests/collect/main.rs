//! The collecting instance, from outside: its ledger on faulty disks, its routes over HTTP.

mod faults;
mod fixture;
mod instance;
mod ledger;
