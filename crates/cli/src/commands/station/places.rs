//! `scrutineer station places`

use std::io::Write;
use std::path::PathBuf;

use booth::station::{Days, Field, Misfit, Place, Wraps};
use booth_server::station::StationError;
use canon::Digest;
use clap::Args;
use serde_json::{Value, json};

use super::rules::{Logged, Rules};
use super::signers::Signers;
use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// List the places of a deployment map, and hold it against its campaign
///
/// Needs no secret. Compares the stations' names, the kind of their seeds and the days with the
/// campaign, and the map's digest with what the campaign committed to. The status is 0 when all of
/// it fits, 1 when something does not, and 2 when there was no committed digest to compare with and
/// --uncommitted does not say that this will do.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer station places field.yml \\\n      \
                  --campaign campaign.json --charter charter.json")]
pub(crate) struct Places {
    /// The map, as it was published
    #[arg(value_name = "MAP")]
    map: PathBuf,
    /// The artifact by which the campaign was logged (`campaign/v1`), or a campaign file
    #[arg(long, value_name = "FILE")]
    campaign: PathBuf,
    #[command(flatten)]
    signers: Signers,
    /// Do without a committed digest
    #[arg(long)]
    uncommitted: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// What came of it.
struct Compared {
    digest: Digest,
    days: Days,
    misfits: Vec<Misfit>,
    /// None where nothing was committed to.
    is_committed: Option<bool>,
    exit: Exit,
}

impl Places {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let map = file::read(&self.map)?;
        let field = field(&map, &file::name(&self.map)).map_err(Failure::failing)?;
        let founded = self.signers.read()?;
        let rules = Rules::signed(&self.campaign, founded.as_ref())?;
        let compared = self.compare(&map, &field, &rules);
        if self.json {
            writeln!(out, "{}", compared.told(&field, &rules))?;
        } else {
            compared.tell(&field, &rules, out)?;
        }
        Ok(compared.exit)
    }

    fn compare(&self, map: &[u8], field: &Field, rules: &Rules) -> Compared {
        let digest = Digest::of(map);
        let committed = rules.logged.as_ref().and_then(|logged| logged.deployment_map);
        let is_committed = committed.map(|committed| committed == digest);
        let misfits = field.misfits(&rules.campaign);
        let is_wrong = misfits.iter().any(|misfit| !misfit.is_for_later());
        let exit = match is_committed {
            _ if is_wrong => Exit::Fails,
            Some(false) => Exit::Fails,
            None if !self.uncommitted => Exit::CouldNotCheck,
            _ => Exit::Holds,
        };
        Compared { digest, days: Days::of(&rules.campaign), misfits, is_committed, exit }
    }
}

impl Compared {
    fn tell(&self, field: &Field, rules: &Rules, out: &mut dyn Write) -> std::io::Result<()> {
        for place in field.places() {
            writeln!(out, "{}", place.location)?;
            for station in &place.generators {
                writeln!(out, "  {}  {}", station.station, kind(&station.wraps))?;
            }
        }
        let (name, days) = (rules.campaign.name(), self.days);
        writeln!(out, "\nsha256    {}", self.digest)?;
        writeln!(out, "campaign  {name}, {days}, {}", named(rules.campaign.stations().len()))?;
        let committed = match (self.is_committed, &rules.logged) {
            (Some(true), _) => "is the one that the campaign committed to",
            (Some(false), _) => "is not the one that the campaign committed to",
            (None, Some(_)) => "held against no digest: the campaign committed to none",
            (None, None) => "held against no digest: the artifact campaign/v1 has it",
        };
        writeln!(out, "map       {committed}")?;
        match &rules.logged {
            Some(Logged { signer: Some(signer), .. }) => writeln!(out, "signed by {signer}")?,
            Some(_) => writeln!(out, "signed    not checked: --charter names who may sign")?,
            None => {}
        }
        if self.misfits.is_empty() {
            writeln!(out, "stations  are those of the campaign, on all its days")?;
        }
        for misfit in &self.misfits {
            let row = if misfit.is_for_later() { "later " } else { "differs" };
            writeln!(out, "{row:<9} {misfit}")?;
        }
        writeln!(out, "\nThis does not show what stands at these places, nor what the secrets are.")
    }

    fn told(&self, field: &Field, rules: &Rules) -> Value {
        let told = |is_for_later: bool| -> Vec<String> {
            let some = self.misfits.iter().filter(|one| one.is_for_later() == is_for_later);
            some.map(ToString::to_string).collect()
        };
        let days = [self.days.first, self.days.last].map(|day| day.to_string());
        json!({
            "places": field.places().iter().map(place).collect::<Vec<_>>(),
            "sha256": self.digest,
            "campaign": rules.campaign.name(),
            "campaign_days": days,
            "map_is_committed": self.is_committed,
            "signed_by": rules.logged.as_ref().and_then(|logged| logged.signer.as_ref()),
            "differs": told(false),
            "lacking": told(true),
            "holds": self.exit == Exit::Holds,
        })
    }
}

/// The map of a file.
pub(super) fn field(map: &[u8], from: &str) -> Result<Field, Failure> {
    let text = std::str::from_utf8(map).unwrap_or("\u{fffd}");
    text.parse().map_err(|source| {
        let error = StationError::Map { from: from.to_owned(), source };
        Failure::new(&error).hint(error.hint())
    })
}

fn place(place: &Place) -> Value {
    let stations = place.generators.iter().map(|one| {
        let days = match &one.wraps {
            Wraps::Same(_) => None,
            Wraps::Daily(days) => Some(days.keys().map(ToString::to_string).collect::<Vec<_>>()),
        };
        json!({ "station": one.station.to_string(), "days": days })
    });
    json!({ "place": place.location.to_string(), "stations": stations.collect::<Vec<_>>() })
}

fn kind(wraps: &Wraps) -> String {
    let Wraps::Daily(days) = wraps else { return "the seed of all stations".to_owned() };
    let ends = (days.first_key_value(), days.last_key_value());
    let (Some((first, _)), Some((last, _))) = ends else { return "no day".to_owned() };
    format!("a seed a day, {} from {first} to {last}", days.len())
}

fn named(stations: usize) -> String {
    match stations {
        0 => "one seed for all stations".to_owned(),
        1 => "1 station".to_owned(),
        many => format!("{many} stations"),
    }
}
