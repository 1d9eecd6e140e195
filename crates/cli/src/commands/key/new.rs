//! `scrutineer key new`

use std::io::Write;
use std::path::PathBuf;

use canon::{Algorithm, PrivateKey};
use clap::Args;
use getrandom::SysRng;

use crate::message::{Exit, Failure, Outcome};
use crate::{file, passphrase};

/// Make a private key in a new file that only its owner may read
///
/// A file that is there already is left alone.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer key new clerk.pem\n\n\
                        The key cannot be recovered without its passphrase.")]
pub(crate) struct New {
    /// The file to make
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// ed25519, or ecdsa-p256 for hardware and systems that know no other
    #[arg(long, value_name = "ALGORITHM", default_value = "ed25519")]
    alg: Algorithm,
    #[command(flatten)]
    passphrase: passphrase::Source,
    /// Show the public key in JSON: alg, key, key_id
    #[arg(long)]
    json: bool,
}

impl New {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        if self.file.exists() {
            // Said before a person has typed a passphrase twice; the writing checks again.
            return Err(file::there_already(&self.file));
        }
        let passphrase = self.passphrase.fresh()?;
        let no_key = |error| {
            Failure::new(format_args!("cannot make the key: {error}"))
                .hint("the machine gives no randomness; restart it, or use another one")
        };
        let key = PrivateKey::generate(self.alg, &mut SysRng).map_err(no_key)?;
        let pem = key.to_encrypted_pem(&passphrase, &mut SysRng).map_err(no_key)?;
        file::create_private(&self.file, pem.as_bytes())?;
        super::describe(out, key.public(), self.json)?;
        Ok(Exit::Holds)
    }
}
