//! `scrutineer key`

mod new;
mod show;

use std::io::Write;

use canon::PublicKey;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::message::Outcome;

/// Make and show keys
///
/// A private key is kept in a PEM file (PKCS#8), encrypted with a passphrase, that openssl reads
/// too. The passphrase comes from --passphrase-file, from the environment variable
/// SCRUTINEER_PASSPHRASE, or is asked for; never from the command line.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer key new clerk.pem")]
pub(crate) struct Key {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    New(new::New),
    Show(show::Show),
}

impl Key {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::New(verb) => verb.run(out),
            Command::Show(verb) => verb.run(out),
        }
    }
}

/// A public key as a charter names it, and its id.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    key: &'a PublicKey,
    key_id: canon::KeyId,
}

/// Writes what may be known of a key.
fn describe(out: &mut dyn Write, key: &PublicKey, json: bool) -> std::io::Result<()> {
    if json {
        serde_json::to_writer(&mut *out, &Answer { key, key_id: key.id() })?;
        return writeln!(out);
    }
    writeln!(out, "key id      {}", key.id())?;
    writeln!(out, "algorithm   {}", key.alg())?;
    writeln!(out, "public key  {}", key.to_base64())
}
