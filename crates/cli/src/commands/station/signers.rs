//! Whose signatures count.

use std::path::{Path, PathBuf};

use artifact::admit::{Founded, Refusal};
use artifact::kind::{self, ArtifactKind};
use artifact::payload::Payload;
use canon::SignedBytes;
use clap::Args;

use crate::commands::charter;
use crate::file;
use crate::message::Failure;

/// The charter, and what was amended since.
#[derive(Args)]
pub(super) struct Signers {
    /// The signed charter of the election: signatures are checked too
    #[arg(long, value_name = "FILE")]
    charter: Option<PathBuf>,
    /// A signed amendment of the charter; again for each, in the order of the log
    #[arg(long = "amendment", value_name = "FILE", requires = "charter")]
    amendments: Vec<PathBuf>,
}

impl Signers {
    /// Who may sign; none where no charter was named.
    pub(super) fn read(&self) -> Result<Option<Founded>, Failure> {
        let Some(path) = &self.charter else { return Ok(None) };
        let mut founded = charter::read(path)?;
        for path in &self.amendments {
            let wrong = |why: &dyn std::fmt::Display| {
                Failure::new(format_args!("{}: {why}", file::name(path)))
                    .hint("name all amendments of this charter, in the order of the log")
            };
            match founded.enact(&file::read(path)?) {
                Ok(admitted) if admitted.kind == ArtifactKind::Amendment => {}
                Ok(admitted) => return Err(wrong(&format_args!("it is {}", admitted.kind))),
                Err(error) => return Err(wrong(&error)),
            }
        }
        Ok(Some(founded))
    }
}

/// The payload of an artifact, and who has signed it where there is a charter.
pub(super) fn artifact(
    path: &Path,
    bytes: &[u8],
    founded: Option<&Founded>,
) -> Result<(Payload, Option<String>), Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::new(format_args!("{}: {error}", file::name(path)))
            .hint("take the artifact from the bundle; `scrutineer artifact check` says more")
    };
    let Some(founded) = founded else {
        let payload = unsigned(bytes).map_err(|error| wrong(&error).failing())?;
        return Ok((payload, None));
    };
    match founded.judge(bytes) {
        Ok(admitted) => Ok((admitted.payload, Some(admitted.originator.id.to_string()))),
        Err(unknown @ Refusal::KeyUnknown { .. }) => Err(wrong(&unknown)
            .hint("an amendment may have named the key: --amendment FILE, for each of the log")),
        // An artifact by itself does not say when it was signed.
        Err(revoked @ Refusal::KeyRevoked { .. }) => Err(wrong(&revoked).hint(
            "whether it was logged before, the whole bundle says: `scrutineer verify`, or \
             --bundle of `station check`",
        )),
        Err(error) => Err(wrong(&error).failing()),
    }
}

fn unsigned(bytes: &[u8]) -> Result<Payload, String> {
    let envelope = SignedBytes::parse(bytes).map_err(|error| error.to_string())?;
    let kind = kind::recognise(envelope.kind).map_err(|error| error.to_string())?;
    Payload::decode(kind, envelope.payload).map_err(|error| error.to_string())
}
