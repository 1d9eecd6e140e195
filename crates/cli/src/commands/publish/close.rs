//! `scrutineer publish close`

use std::io::Write;
use std::path::PathBuf;

use booth_server::publish::{self, CloseError, LeftOut, PublishConfig};
use clap::Args;
use serde_json::json;
use service::clock::{Clock as _, SystemClock};

use crate::message::{Exit, Failure, Outcome};
use crate::serving::config_file;

/// Close a campaign without a shard that is gone for good, or that lied
///
/// The last snapshot waits for every shard. After the campaign's end this says that it is to be
/// taken without one: what the shard gave before stays in the lists, and nothing more is taken of
/// it. A publisher that runs takes the last snapshot at its next barrier, when all other shards
/// have closed; one that is stopped does when it is started. Shard, reason and the number of its
/// records are told in the snapshot, on the log and in every report: votes that the shard had
/// accepted and not given are not counted, and their voters' acceptances remain valid evidence of
/// that.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer publish close solar/publish --without 1 \
                  --reason \"its disk burned\"")]
pub(crate) struct Close {
    /// The publisher's folder, or its configuration file
    #[arg(value_name = "FOLDER|FILE")]
    config: PathBuf,
    /// The number of the shard, from 0. May be given again
    #[arg(long, value_name = "SHARD", required = true)]
    without: Vec<u16>,
    /// Why, in one line, for everybody to read
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Close {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let path = config_file(&self.config, "publish.toml");
        let config = PublishConfig::load(&path, &[]);
        let config = config.map_err(|error| Failure::new(&error).hint(error.hint()))?;
        let now = SystemClock.now();
        let left_out = publish::close(&config, &self.without, &self.reason, now).map_err(failed)?;
        if self.json {
            writeln!(out, "{}", json!({ "without": left_out }))?;
            return Ok(Exit::Holds);
        }
        for LeftOut { reason, records, shard } in &left_out {
            let label = if *shard == left_out[0].shard { "without" } else { "" };
            writeln!(out, "{label:<9} shard {shard} ({reason}); {records} records of it stay")?;
        }
        writeln!(
            out,
            "\nThe publisher takes the last snapshot when all other shards have closed. Start it if"
        )?;
        writeln!(out, "it does not run. From then on nothing of this can be taken back.")?;
        Ok(Exit::Holds)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn failed(error: CloseError) -> Failure {
    Failure::new(&error).hint(error.hint())
}
