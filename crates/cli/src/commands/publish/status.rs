//! `scrutineer publish status`

use std::io::Write;
use std::time::Duration;

use booth_server::publish::{LogStatus, SnapshotStatus, Status};
use clap::Args;
use log_server::log::client::Client;

use crate::message::{Exit, Failure, Outcome};

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Ask a publisher how it stands
///
/// Its last snapshot, the shards that add nothing, and what waits for the log. The exit status is
/// 1 when something is wrong: a shard is not reached or stopped, no snapshot comes, the log is not
/// told. It is 2 when no publisher answers. None of this is evidence: `scrutineer verify` judges
/// what was published.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer publish status https://solar.example")]
pub(crate) struct StatusOf {
    /// The publisher's address, that of the world or the internal one
    #[arg(value_name = "URL")]
    url: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl StatusOf {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let hint = "give the address of a publisher that runs, as https://solar.example";
        let answer = Client::new(&self.url, PATIENCE).get("/status.json");
        let answer = answer.map_err(|error| Failure::new(&error).hint(hint))?;
        let status: Status = serde_json::from_slice(&answer).map_err(|error| {
            Failure::new(format_args!("{}: this is no publisher's status: {error}", self.url))
                .hint(hint)
        })?;
        let exit = if status.is_well() { Exit::Holds } else { Exit::Fails };
        if self.json {
            let mut told = serde_json::to_value(&status).map_err(Failure::new)?;
            told["is_well"] = status.is_well().into();
            told["overdue_s"] = status.is_overdue().into();
            writeln!(out, "{told}")?;
        } else {
            tell(&status, out)?;
        }
        Ok(exit)
    }
}

fn tell(status: &Status, out: &mut dyn Write) -> Result<(), Failure> {
    let Status { campaign, purpose, end, shards, .. } = status;
    writeln!(out, "campaign  {campaign} ({purpose}), until {end}")?;
    match &status.snapshot {
        Some(SnapshotStatus { number, records, taken_at, age_s, is_last }) => {
            let last = if *is_last { ", the last one" } else { "" };
            writeln!(out, "snapshot  {number}{last}: {records} records")?;
            writeln!(out, "taken     {taken_at}, {age_s} s ago")?;
        }
        None => writeln!(out, "snapshot  none yet")?,
    }
    if status.snapshot.as_ref().is_none_or(|snapshot| !snapshot.is_last) {
        writeln!(out, "next      in {} s, every {} s", status.next_s, status.snapshot_s)?;
    }
    writeln!(out, "shards    {}", shards.count)?;
    for (what, all) in [
        ("away", &shards.away),
        ("stopped", &shards.stopped),
        ("doubted", &shards.doubted),
        ("awaited", &shards.awaited),
    ] {
        if !all.is_empty() {
            let all: Vec<String> = all.iter().map(ToString::to_string).collect();
            writeln!(out, "{what:<9} {}", all.join(", "))?;
        }
    }
    match &status.log {
        Some(LogStatus { placed, waiting, .. }) => {
            writeln!(out, "log       {placed} artifacts placed, {waiting} wait")?;
        }
        None => writeln!(out, "log       none is told")?,
    }
    writeln!(out)?;
    for trouble in &status.troubles {
        writeln!(out, "trouble   {trouble}")?;
    }
    if let Some(age_s) = status.is_overdue() {
        writeln!(out, "trouble   no snapshot for {age_s} s")?;
    }
    if status.is_well() {
        writeln!(out, "Nothing is wrong by its own word.")?;
    }
    writeln!(out, "This does not show that what it publishes is right: scrutineer verify does.")?;
    Ok(())
}
