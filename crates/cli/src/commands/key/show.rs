//! `scrutineer key show`

use std::io::Write;
use std::path::PathBuf;

use canon::PrivateKey;
use clap::Args;
use zeroize::Zeroizing;

use crate::message::{Exit, Failure, Outcome};
use crate::{file, passphrase};

/// Show the public half of a private key, and its id
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer key show clerk.pem --json")]
pub(crate) struct Show {
    /// The file of the private key
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    passphrase: passphrase::Source,
    /// Show the public key in JSON: alg, key, key_id
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let pem = Zeroizing::new(file::read(&self.file)?);
        let fault = |error: &dyn std::fmt::Display| {
            Failure::new(format_args!("{}: {error}", file::name(&self.file)))
        };
        let text = std::str::from_utf8(&pem).map_err(|_| {
            fault(&"not a PEM file").hint("`scrutineer key new FILE` makes a private key")
        })?;
        let passphrase = self.passphrase.known()?;
        let key = PrivateKey::from_encrypted_pem(text, &passphrase)
            .map_err(|error| fault(&error).hint("check the file and the passphrase"))?;
        super::describe(out, key.public(), self.json)?;
        Ok(Exit::Holds)
    }
}
