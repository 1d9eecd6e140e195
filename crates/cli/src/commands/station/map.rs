//! `scrutineer station map`

use std::io::Write;
use std::path::PathBuf;

use booth::station::Wraps;
use booth_server::station::{self, MapConfig};
use canon::Digest;
use clap::Args;

use crate::file;
use crate::message::{Exit, Outcome};

/// Build the deployment map: which station stands where, with its wrapped secret
///
/// The list names each station, its place and its wrapping key, and the campaign's seed. The map is
/// public: nobody can read a secret in it without the token that it is wrapped for.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer station map stations.toml --out field.yml")]
pub(crate) struct Map {
    /// The list of stations
    #[arg(value_name = "FILE")]
    stations: PathBuf,
    /// The map to write; one that is there is replaced
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Map {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let config = MapConfig::load(&self.stations).map_err(super::failed)?;
        let field = station::build_map(&config).map_err(super::failed)?;
        let text = field.to_string();
        file::replace(&self.out, text.as_bytes())?;
        let stations = field.generators().count();
        writeln!(out, "map       {}", file::name(&self.out))?;
        writeln!(out, "sha256    {}", Digest::of(text.as_bytes()))?;
        writeln!(out, "stations  {stations}, in {} places", field.places().len())?;
        let first = field.generators().next().map(|(_, one)| &one.wraps);
        match first {
            Some(Wraps::Daily(days)) => writeln!(out, "secrets   one a day, {}", days.len())?,
            _ => writeln!(out, "secrets   the same in all stations")?,
        }
        Ok(Exit::Holds)
    }
}
