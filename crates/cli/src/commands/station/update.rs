//! `scrutineer station update`

use std::io::Write;
use std::path::PathBuf;

use booth::station::{ClockCheck, Wraps};
use booth_server::station::{self, Source, Updated, known_ahead};
use clap::Args;
use serde_json::json;
use service::clock::SystemClock;

use crate::message::{Exit, Failure, Outcome};

/// Fetch the station's secret from the map, and compare its clock
///
/// Put the station online before. Where station.toml says `commitment`, a map that is not
/// the one that the campaign has committed to on the log is refused, with status 1. A secret that
/// its token does not take is not kept. The status is 2 when the clock could not be compared, and 1
/// when it is so wrong that no code will be shown, or was so far ahead that codes of today were
/// known before their time.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer station update booth-7")]
pub(crate) struct Update {
    /// The station's folder
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// A map that was brought as a file, instead of fetching it
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// The platform's signed campaign that was brought as a file, instead of what `commitment` in
    /// station.toml names
    #[arg(long, value_name = "FILE")]
    campaign: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Update {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let mut config = super::load(&self.folder, &[])?;
        if let Some(file) = &self.campaign {
            config.bring_campaign(file).map_err(super::failed)?;
        }
        let source = self.map.map_or(Source::Address, Source::File);
        let updated = station::update(&config, &source, &SystemClock).map_err(super::failed)?;
        if self.json {
            writeln!(out, "{}", told(&updated))?;
        } else {
            tell(&updated, out)?;
        }
        if let Some(ahead) = &updated.ahead {
            let hint = "ask who had the station; a map with a new seed makes other codes";
            return Err(Failure::new(known_ahead(ahead)).hint(hint).failing());
        }
        match updated.clock {
            Ok(check) if check.is_usable() => Ok(Exit::Holds),
            Ok(check) => {
                let seconds = check.offset().as_secs();
                let message = format!("the clock is {seconds} seconds off: no code is shown");
                Err(Failure::new(message).hint("set the clock, then run this again").failing())
            }
            Err(error) => {
                let message =
                    format!("the secret is updated, but the clock was not compared: {error}");
                Err(Failure::new(message)
                    .hint("see that the station is online and that UDP port 123 is open"))
            }
        }
    }
}

fn tell(updated: &Updated, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "place     {}", updated.location)?;
    writeln!(out, "map       {}", updated.map_sha256)?;
    match &updated.committed_by {
        Some(campaign) => writeln!(out, "          as campaign {campaign} has committed to")?,
        None => writeln!(out, "          held against no commitment: see [commitment]")?,
    }
    let which = if updated.is_same_secret { "the same as before" } else { "a new one" };
    match &updated.wraps {
        Wraps::Same(_) => writeln!(out, "secret    {which}")?,
        Wraps::Daily(days) => {
            let ends = (days.first_key_value(), days.last_key_value());
            if let (Some((first, _)), Some((last, _))) = ends {
                writeln!(out, "secret    {which}, for {} days from {first} to {last}", days.len())?;
            }
        }
    }
    writeln!(out, "updated   {}", updated.updated)?;
    if let Ok(ClockCheck { offset_ms, agreed, asked, .. }) = &updated.clock {
        writeln!(out, "clock     off by {offset_ms} ms, by {agreed} of {asked} time servers")?;
    }
    Ok(())
}

fn told(updated: &Updated) -> serde_json::Value {
    let clock = updated.clock.as_ref().ok().map(|check| {
        let ClockCheck { at, offset_ms, agreed, asked } = check;
        json!({ "at": at, "offset_ms": offset_ms, "agreed": agreed, "asked": asked })
    });
    let days = match &updated.wraps {
        Wraps::Same(_) => None,
        Wraps::Daily(days) => Some(days.keys().map(ToString::to_string).collect::<Vec<_>>()),
    };
    let ahead =
        updated.ahead.map(|ahead| json!({ "until": ahead.until, "known_at": ahead.known_at }));
    json!({
        "ahead": ahead,
        "place": updated.location,
        "map_sha256": updated.map_sha256,
        "committed_by": updated.committed_by,
        "same_secret": updated.is_same_secret,
        "days": days,
        "updated": updated.updated,
        "clock": clock,
    })
}
