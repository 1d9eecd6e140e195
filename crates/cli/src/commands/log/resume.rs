//! `scrutineer log resume`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use log_server::log::{self, LogConfig, Resumed, Risks};
use serde_json::json;

use crate::message::{Exit, Failure, Outcome};
use crate::progress;
use crate::serving::config_file;

/// Continue a lost log from a copy of what it had published
///
/// The folder holds log.toml, the charter and the three keys from their backup, and no
/// write-ahead log. The witnesses that count by the copy's amendments are asked what they last saw:
/// if one has seen more than the copy covers, the log is not resumed, for it would sign a second
/// history. Then everything in the copy is checked and stored anew; it must be whole, and enough
/// witnesses must have cosigned its head. A copy without `checkpoint.pending` may hide a head that
/// was signed and served; say so with --pending-heads-are-lost. Afterwards `log serve` goes on from
/// the head of the copy. Nothing is signed here.
#[derive(Args)]
#[command(after_help = "Examples:\n  scrutineer log resume county-log \
                  --from https://mirror.example/county-2026\n  \
                  scrutineer log resume county-log --from bundle.zip \
                  --pending-heads-are-lost --without witness.example/press")]
pub(crate) struct Resume {
    /// The log's folder, or its configuration file
    #[arg(value_name = "FOLDER|FILE")]
    config: PathBuf,
    /// The copy: the address of a mirror, an exported folder, or a zip
    #[arg(long, value_name = "URL|BUNDLE")]
    from: String,
    /// A witness to go on without if it cannot be asked; it might know of a larger head. May be
    /// given again
    #[arg(long, value_name = "NAME")]
    without: Vec<String>,
    /// Go on although the copy has no `checkpoint.pending` as new as its `checkpoint`. If somebody
    /// has fetched a later one, the log may sign a second root for its size
    #[arg(long)]
    pending_heads_are_lost: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Resume {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let path = config_file(&self.config, "log.toml");
        let config = LogConfig::load(&path, &[]).map_err(|error| super::failed(&error))?;
        let source =
            verify::open(&self.from).map_err(|error| Failure::new(&error).hint(error.hint()))?;
        let bar = progress::bar("reading and copying", 0);
        let risks = Risks { without: &self.without, pending_is_lost: self.pending_heads_are_lost };
        let resumed = log::resume(&config, &*source, risks, &mut |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        let resumed = resumed.map_err(|error| super::failed(&error))?;
        if self.json {
            let answer = json!({
                "size": resumed.head.size,
                "root_hash": resumed.head.root,
                "withheld": resumed.withheld,
                "left_out": resumed.left_out,
            });
            writeln!(out, "{answer}")?;
        } else {
            self.print(out, &resumed)?;
        }
        Ok(Exit::Holds)
    }

    fn print(&self, out: &mut dyn Write, resumed: &Resumed) -> std::io::Result<()> {
        writeln!(out, "entries   {}", resumed.head.size)?;
        writeln!(out, "root      {}", resumed.head.root)?;
        if resumed.withheld > 0 {
            writeln!(
                out,
                "withheld  {} files that the copy does not have; put them back from your backup",
                resumed.withheld
            )?;
        }
        for name in &resumed.left_out {
            writeln!(out, "not asked {name}: whether it has seen a larger head is not known")?;
        }
        writeln!(
            out,
            "\nGo on with: scrutineer log serve {}\n\
             Entries that were promised and are not among these are lost; submit them again.",
            self.config.display()
        )
    }
}
