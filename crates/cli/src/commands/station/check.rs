//! `scrutineer station check`

use std::io::Write;
use std::path::PathBuf;

use booth::station::{Seen, Wraps};
use booth::totp::{Code, STEP_S, Station};
use booth_server::station::read_wrapping_key;
use canon::Timestamp;
use clap::Args;
use serde_json::json;

use super::revealed::Source;
use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Compare a code that you saw in a booth with the map, after the close
///
/// The platform publishes the seed of the codes after the close, as an artifact on the log or as a
/// file. A campaign may exchange its map while votes are taken: give the whole bundle, and the map
/// is held against the one that counted when the code was seen. The status is 0 when the code is
/// the station's code of that time and seed and map are those that the campaign committed to, 1
/// when one of this is not so, and 2 when it could not be told, when the bundle's anchor was not
/// given, or when seed or map were held against nothing and --uncommitted does not say that this
/// will do.
#[derive(Args)]
#[command(after_help = "Examples:\n  scrutineer station check --map field.yml \\\n      \
                  --bundle https://log.example.org --anchor anchor.toml \\\n      \
                  --station 8704-2A05-B259-1090 --code 2639176 \\\n      \
                  --at 2026-11-22T14:03:00Z\n  \
                  scrutineer station check --map field.yml \\\n      \
                  --reveal reveal.json --campaign campaign.json --charter charter.json \\\n      \
                  --station 8704-2A05-B259-1090 --code 2639176 \\\n      \
                  --at 2026-11-22T14:03:00Z")]
pub(crate) struct Check {
    /// The map, as it was published
    #[arg(long, value_name = "FILE")]
    map: PathBuf,
    #[command(flatten)]
    source: Source,
    /// The station's name, from its screen
    #[arg(long, value_name = "NAME")]
    station: Station,
    /// The code with its check character
    #[arg(long, value_name = "CODE")]
    code: String,
    /// When it was on the screen, in UTC
    #[arg(long, value_name = "TIME")]
    at: Timestamp,
    /// The station's wrapping key, if you have it: the map's secret is opened and compared too
    #[arg(long, value_name = "FILE")]
    wrapping_key: Option<PathBuf>,
    /// Do without what the campaign has committed to
    #[arg(long)]
    uncommitted: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let code = Code::from_typed(&self.code).map_err(|error| {
            Failure::new(error).hint("a code is seven characters, as in 263 917 6")
        })?;
        let map = file::read(&self.map)?;
        let field = super::places::field(&map, &file::name(&self.map))?;
        let told = self.source.read(&map, self.at)?;
        let seen = Seen::judge(&field, &told.seed, &self.station, code, self.at);
        let found = field.find(&self.station);
        let is_wrapped = match (&self.wrapping_key, found) {
            (Some(path), Some((_, wraps))) => {
                let key = read_wrapping_key(path).map_err(super::failed)?;
                Some(wraps.hold(&key, &told.seed, &self.station))
            }
            _ => None,
        };
        let holds = seen == Seen::Right && is_wrapped != Some(false) && told.holds();
        let exit = match holds {
            false => Exit::Fails,
            true if told.may_be_forged() => Exit::CouldNotCheck,
            true if !told.is_whole() && !self.uncommitted => Exit::CouldNotCheck,
            true => Exit::Holds,
        };
        let words = words(seen);
        let place = found.map(|(location, _)| location.to_string());
        if self.json {
            let mut answer = json!({
                "station": self.station.to_string(),
                "place": place,
                "holds": exit == Exit::Holds,
                "code": words,
                "map_holds_the_seed": is_wrapped,
            });
            answer.as_object_mut().into_iter().for_each(|all| all.extend(told.members()));
            writeln!(out, "{answer}")?;
            return Ok(exit);
        }
        writeln!(out, "station   {}", self.station)?;
        writeln!(out, "place     {}", place.as_deref().unwrap_or("none on the map"))?;
        writeln!(out, "code      {words}")?;
        match is_wrapped {
            Some(true) => writeln!(out, "wrapped   the map has this seed for the station")?,
            Some(false) => writeln!(out, "wrapped   the map has another secret for the station")?,
            None => {}
        }
        told.print(out)?;
        if let Some((_, Wraps::Same(_))) = found {
            writeln!(
                out,
                "\nAll stations have one seed: this does not show which of them it was."
            )?;
        }
        writeln!(out, "This does not show that the code was seen at that place, or by whom.")?;
        Ok(exit)
    }
}

fn words(seen: Seen<'_>) -> String {
    let minutes = |steps: u64| {
        let seconds = steps.saturating_mul(STEP_S);
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    };
    match seen {
        Seen::Right => "is the station's code of that time".into(),
        Seen::Earlier(steps) => {
            format!("is the station's code of {} earlier: a clock was off", minutes(steps))
        }
        Seen::Later(steps) => {
            format!("is the station's code of {} later: a clock was off", minutes(steps))
        }
        Seen::OfAnother(station) => format!("is the code of another station, {station}"),
        Seen::NotOnMap => "cannot be right: the map does not have this station".into(),
        Seen::Foreign => "is no code of that time".into(),
    }
}
