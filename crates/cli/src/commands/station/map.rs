//! `scrutineer station map`

use std::io::Write;
use std::path::PathBuf;

use booth::station::{Field, Misfit, Wraps};
use booth_server::station::{self, Built, MapConfig};
use canon::Digest;
use clap::Args;
use serde_json::json;

use super::rules::Rules;
use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Build the deployment map: which station stands where, with its wrapped secret
///
/// The list names each station, its place and its wrapping key, and the campaign's seed. The map is
/// public: nobody can read a secret in it without the token that it is wrapped for. It is held
/// against the campaign, and not written where it does not fit: stations of other names, seeds of
/// the other kind, days that are missing, another seed than the one that was committed to.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer station map stations.toml \\\n      \
                  --campaign campaign.toml --out field.yml")]
pub(crate) struct Map {
    /// The list of stations
    #[arg(value_name = "FILE")]
    stations: PathBuf,
    /// The campaign: its file, or the artifact by which it was logged (`campaign/v1`)
    #[arg(long, value_name = "FILE", required_unless_present = "no_campaign")]
    campaign: Option<PathBuf>,
    /// Compare with no campaign: for development, never for an election
    #[arg(long, conflicts_with = "campaign")]
    no_campaign: bool,
    /// Take a map for some of the campaign's days; a later one has to bring the others
    #[arg(long, requires = "campaign")]
    some_days: bool,
    /// The map to write; one that is there is replaced
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Map {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let config = MapConfig::load(&self.stations).map_err(super::failed)?;
        let rules = self.campaign.as_deref().map(Rules::read).transpose()?;
        let campaign = rules.as_ref().map(|rules| &rules.campaign);
        let Built { field, misfits } =
            station::build_map(&config, campaign).map_err(super::failed)?;
        if misfits.iter().any(|misfit| !(self.some_days && misfit.is_for_later())) {
            return Err(refused(&misfits));
        }
        let text = field.to_string();
        file::replace(&self.out, text.as_bytes())?;
        let has_seed = campaign.is_some_and(|campaign| campaign.totp_seed_sha256().is_some());
        let against = match campaign {
            None => "nothing: no campaign was named".to_owned(),
            Some(campaign) if has_seed => {
                format!("{}: stations, days and seed fit", campaign.name())
            }
            Some(campaign) => {
                let name = campaign.name();
                format!("{name}: stations and days fit; it does not commit to a seed yet")
            }
        };
        if self.json {
            let answer = json!({
                "map": file::name(&self.out),
                "sha256": Digest::of(text.as_bytes()),
                "stations": field.generators().count(),
                "places": field.places().len(),
                "days": days(&field),
                "campaign": campaign.map(booth::campaign::Campaign::name),
                "seed_is_committed": campaign.map(|_| has_seed),
                "lacking": misfits.iter().map(ToString::to_string).collect::<Vec<_>>(),
            });
            writeln!(out, "{answer}")?;
            return Ok(Exit::Holds);
        }
        writeln!(out, "map       {}", file::name(&self.out))?;
        writeln!(out, "sha256    {}", Digest::of(text.as_bytes()))?;
        writeln!(
            out,
            "stations  {}, in {} places",
            field.generators().count(),
            field.places().len()
        )?;
        match days(&field) {
            Some(days) => writeln!(out, "secrets   one a day, {}", days.len())?,
            None => writeln!(out, "secrets   the same in all stations")?,
        }
        writeln!(out, "campaign  {against}")?;
        for misfit in &misfits {
            writeln!(out, "later     {misfit}")?;
        }
        Ok(Exit::Holds)
    }
}

/// The days of the first station, where each has seeds of its own.
fn days(field: &Field) -> Option<Vec<String>> {
    match field.generators().next().map(|(_, one)| &one.wraps) {
        Some(Wraps::Daily(days)) => Some(days.keys().map(ToString::to_string).collect()),
        _ => None,
    }
}

fn refused(misfits: &[Misfit]) -> Failure {
    let told: Vec<String> = misfits.iter().map(ToString::to_string).collect();
    let hint = if misfits.iter().all(Misfit::is_for_later) {
        "list all days of the campaign, or say --some-days and publish a later map in time"
    } else {
        "mend the list of stations or its seed, so that the map is of this campaign; nothing was \
         written"
    };
    Failure::new(told.join("\n")).hint(hint).failing()
}
