//! `scrutineer artifact sign`

use std::io::Write;
use std::path::PathBuf;

use artifact::kind;
use artifact::payload::Payload;
use canon::{PrivateKey, Signer};
use clap::Args;

use crate::message::{Exit, Failure, Outcome};
use crate::{file, passphrase, private_key};

/// Sign a payload into an artifact
///
/// The payload is strict JSON in any layout. It is read as its kind, in full, before anything is
/// signed. The first key's holder is the originator; further keys sign in the order given. The
/// envelope goes to stdout in canonical form, without a line break: these bytes are the artifact.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer artifact sign --kind charter/v1 --key clerk.pem \
                  charter-payload.json > charter.json")]
pub(crate) struct Sign {
    /// The payload, - for stdin
    #[arg(value_name = "PAYLOAD")]
    payload: PathBuf,
    /// The kind with its version, as seed_commit/v1
    #[arg(long, value_name = "KIND")]
    kind: String,
    /// A private key file; give it again for further signers, the originator's first
    #[arg(long = "key", value_name = "FILE", required = true)]
    keys: Vec<PathBuf>,
    #[command(flatten)]
    passphrase: passphrase::Source,
}

impl Sign {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let kind = kind::recognise(&self.kind).map_err(|error| {
            Failure::new(error).hint("docs/spec/artifacts.md lists the kinds with their versions")
        })?;
        let bytes = file::read(&self.payload)?;
        let payload = Payload::decode_strict(kind, &bytes).map_err(|error| {
            Failure::new(format_args!("{}: {error}", file::name(&self.payload)))
                .hint("compare it with the schema of that kind in schemas/; nothing was signed")
        })?;
        let passphrase = self.passphrase.known()?;
        let keys = self
            .keys
            .iter()
            .map(|path| private_key::open(path, &passphrase))
            .collect::<Result<Vec<PrivateKey>, _>>()?;
        let signers: Vec<&dyn Signer> = keys.iter().map(|key| key as &dyn Signer).collect();
        let envelope = payload
            .sign(&signers)
            .map_err(|error| Failure::new(error).hint("name each key once, at most 16 of them"))?;
        out.write_all(&envelope)?;
        Ok(Exit::Holds)
    }
}
