//! `scrutineer`: run elections whose outcome anyone can check, and check them.
//!
//! One binary with the verbs of every role. `args` reads the command line, each verb is a file in
//! `commands`, and `message` says how it ended: stdout is the answer, stderr is for people.
//!
//! In scope: reading the command line and files, asking for passphrases, progress, words for
//! people, and the demonstration. Out of scope: every rule of the evidence; the crates below have
//! those.
#![allow(clippy::doc_markdown, reason = "doc comments of options are shown to people as help")]

mod args;
mod commands;
mod demo;
mod file;
mod message;
mod passphrase;
mod private_key;
mod progress;
mod serving;

use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    forbid_dumps();
    let outcome = args::parse().and_then(|command| command.run(&mut out));
    // What was answered before a failure stays answered, and stands above the message.
    let flushed = out.flush().map_err(message::Failure::from);
    drop(out);
    // Also where the command line could not be read.
    let is_json = std::env::args_os().skip(1).any(|word| word == "--json");
    message::finish(outcome.and_then(|exit| flushed.map(|()| exit)), is_json)
}

/// Some verbs hold keys, others a vote beside its voter: it is asked for all. Where a sandbox does
/// not let it be, who verifies something must not be kept from it.
fn forbid_dumps() {
    if let Err(error) = service::dumps::forbid() {
        let text = "a crash may write what this process holds to the disk";
        let _ = writeln!(std::io::stderr(), "warning: {text}: {error}");
    }
}
