//! Where passphrases come from: a file, the environment, or a person. Never the command line,
//! which other users of the machine can read.

use std::path::PathBuf;

use clap::Args;
use zeroize::Zeroizing;

use crate::file;
use crate::message::Failure;

pub(crate) const VARIABLE: &str = "SCRUTINEER_PASSPHRASE";

/// The passphrase of a private key. Without the option it is taken from the environment variable
/// `SCRUTINEER_PASSPHRASE`, or asked for.
#[derive(Args)]
pub(crate) struct Source {
    /// File that holds the passphrase, - for stdin; else SCRUTINEER_PASSPHRASE, or asked for
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Source {
    /// The passphrase of a key that exists.
    pub(crate) fn known(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        match self.given()? {
            Some(given) => Ok(given),
            None => prompt("Passphrase: "),
        }
    }

    /// The passphrase of a new key: a person has to type it twice.
    pub(crate) fn fresh(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if let Some(given) = self.given()? {
            return Ok(given);
        }
        let first = prompt("New passphrase: ")?;
        if *first != *prompt("The same again: ")? {
            return Err(Failure::new("the two passphrases differ").hint("try again"));
        }
        Ok(first)
    }

    /// What file or environment say.
    fn given(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let passphrase = if let Some(path) = &self.passphrase_file {
            let mut bytes = Zeroizing::new(file::read(path)?);
            // Editors end a file with a line break; it is not part of the passphrase.
            for end in *b"\n\r" {
                if bytes.last() == Some(&end) {
                    bytes.pop();
                }
            }
            bytes
        } else if let Some(value) = std::env::var_os(VARIABLE) {
            Zeroizing::new(value.into_encoded_bytes())
        } else {
            return Ok(None);
        };
        not_empty(passphrase).map(Some)
    }
}

fn prompt(words: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let typed = rpassword::prompt_password(words).map_err(|error| {
        Failure::new(format_args!("cannot ask for the passphrase: {error}")).hint(format_args!(
            "give it with --passphrase-file FILE or in the environment as {VARIABLE}"
        ))
    })?;
    not_empty(Zeroizing::new(typed.into_bytes()))
}

fn not_empty(passphrase: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if passphrase.is_empty() {
        return Err(Failure::new("the passphrase is empty")
            .hint("six words picked by dice make a good one"));
    }
    Ok(passphrase)
}
