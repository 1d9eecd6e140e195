//! `scrutineer collect init`

use std::io::Write;
use std::path::{Path, PathBuf};

use booth_server::collect;
use clap::Args;
use serde_json::json;

use crate::file;
use crate::message::{Exit, Outcome};

/// Make the folder of a platform: its keys and secrets, and what each server is told
///
/// The campaign file is copied with the public halves of what was drawn. Nothing is overwritten.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer collect init solar --campaign solar.toml")]
pub(crate) struct Init {
    /// The folder to make
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The rules of the campaign
    #[arg(long, value_name = "FILE")]
    campaign: PathBuf,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let platform = collect::init(&self.folder, &self.campaign).map_err(super::failed)?;
        if self.json {
            let folders = platform.instances.iter().map(|one| folder_of(one)).collect::<Vec<_>>();
            let told = json!({
                "campaign": file::name(&platform.campaign),
                "edge": folder_of(&platform.edge),
                "folder": file::name(&platform.folder),
                "instances": folders,
                "publisher": folder_of(&platform.publisher),
            });
            writeln!(out, "{told}")?;
            return Ok(Exit::Holds);
        }
        writeln!(out, "made {}", file::name(&platform.folder))?;
        writeln!(out, "publish  {}", file::name(&platform.campaign))?;
        for instance in &platform.instances {
            writeln!(out, "serve    scrutineer collect serve {}", folder_of(instance))?;
        }
        writeln!(out, "serve    scrutineer edge serve {}", folder_of(&platform.edge))?;
        writeln!(out, "serve    scrutineer publish serve {}", folder_of(&platform.publisher))?;
        writeln!(out, "carry    each folder to its own machine, and keep it from everybody else")?;
        Ok(Exit::Holds)
    }
}

/// The folder of a configuration: what `serve` takes.
fn folder_of(config: &Path) -> String {
    file::name(config.parent().unwrap_or(config))
}
