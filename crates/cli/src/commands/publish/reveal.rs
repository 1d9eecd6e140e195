//! `scrutineer publish reveal`

use std::io::Write;
use std::path::PathBuf;

use booth_server::publish::{self, RevealError};
use clap::Args;
use serde_json::json;
use service::clock::{Clock as _, SystemClock};

use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Gather what a campaign has committed to, after its close
///
/// Reads the keys of stamps and decoys, the seed of the codes and the salt of the snapshots in the
/// folder that `collect init` made, where the folders edge, booth and publish stand together again.
/// Compares each with its digest in the campaign file, and writes the public keys, seed and salt
/// into a file. A publisher that finds it puts it on the log. Refused before the campaign's end.
#[derive(Args)]
#[command(
    after_help = "Example:\n  scrutineer publish reveal solar --out solar/publish/reveal.json"
)]
pub(crate) struct Reveal {
    /// The platform's folder
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The file to write: reveal.json in the publisher's folder, unless publish.toml says otherwise
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Reveal {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let reveal = publish::gather(&self.folder, SystemClock.now()).map_err(failed)?;
        let text = canon::json::to_canonical(&reveal).map_err(Failure::new)?;
        file::replace_private(&self.out, &text)?;
        if self.json {
            let (stamp_key, decoy_key) = (&reveal.stamp_key, &reveal.decoy_key);
            let written = file::name(&self.out);
            let told =
                json!({ "decoy_key": decoy_key, "stamp_key": stamp_key, "written": written });
            writeln!(out, "{told}")?;
            return Ok(Exit::Holds);
        }
        writeln!(out, "stamp key  {}", reveal.stamp_key)?;
        writeln!(out, "decoy key  {}", reveal.decoy_key)?;
        writeln!(out, "written    {}", file::name(&self.out))?;
        Ok(Exit::Holds)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn failed(error: RevealError) -> Failure {
    let hint = match &error {
        RevealError::TooEarly { .. } => "come again after the end, and check this machine's clock",
        RevealError::Other { .. } => "find the file that was drawn for this campaign",
        _ => "put the folders edge, booth and publish of `collect init` into one folder",
    };
    Failure::new(&error).hint(hint)
}
