//! `scrutineer publish check-ins`

use std::io::Write;
use std::path::PathBuf;

use artifact::id::{CampaignName, StationId};
use artifact::payload::check_ins::PlaceCheckIns;
use artifact::payload::{CheckIns as Payload, sign};
use canon::{Signer, Timestamp};
use clap::Args;

use crate::commands::{charter, log};
use crate::message::{Exit, Failure, Outcome};
use crate::{file, passphrase, private_key};

/// Commit to how many voters have checked in
///
/// Signs a check_ins/v1 for the authority: of everybody who had checked in at an instant, how many
/// they are, since the opening. Votes are held against it: there are never more. Read the time,
/// then count; a count of later people under an earlier time does no harm, the other way round
/// honest votes may seem too many. No names, and no place with fewer than ten voters by itself.
/// With --log it is submitted too, and the log's promise is kept beside the file.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    scrutineer publish check-ins solar --charter charter.json --key clerk.pem --count 812 \\\n    \
    --at 2026-11-03T12:00:00Z --out check-ins-12.json --log https://log.example\n  \
    scrutineer publish check-ins solar --charter charter.json --key clerk.pem --count 812 \\\n    \
    --at 2026-11-03T12:00:00Z --place town-hall=412 --elsewhere 400 --out check-ins-12.json")]
pub(crate) struct CheckIns {
    /// The campaign
    #[arg(value_name = "CAMPAIGN")]
    campaign: CampaignName,
    /// The signed charter of the election
    #[arg(long, value_name = "FILE")]
    charter: PathBuf,
    /// A private key file of role authority
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: passphrase::Source,
    /// Voters who had checked in, at all places
    #[arg(long, value_name = "N")]
    count: u64,
    /// The instant, as 2026-11-03T12:00:00Z
    #[arg(long, value_name = "TIME")]
    at: Timestamp,
    /// Voters of one place; may be given again
    #[arg(long = "place", value_name = "PLACE=N", value_parser = place)]
    places: Vec<(StationId, u64)>,
    /// Voters of all places that are not told by themselves
    #[arg(long, value_name = "N", requires = "places")]
    elsewhere: Option<u64>,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Submit it to the log at this address
    #[arg(long, value_name = "URL")]
    log: Option<String>,
}

impl CheckIns {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let founded = charter::read(&self.charter)?;
        let places = self.places.into_iter().map(|(place, voters)| (Some(place), voters));
        let places = places.chain(self.elsewhere.map(|voters| (None, voters)));
        let payload = Payload {
            campaign: self.campaign,
            election_id: founded.charter.election_id.clone(),
            places: places.map(|(place, voters)| PlaceCheckIns { place, voters }).collect(),
            time: self.at,
            voters: self.count,
        };
        let key = private_key::open(&self.key, &self.passphrase.known()?)?;
        let envelope = sign(&payload, &[&key as &dyn Signer]).map_err(|error| {
            Failure::new(error).hint("each place once, ten voters or more, and all of them --count")
        })?;
        // The same count again is the same artifact; another one never takes its name.
        let kept = file::keep(&self.out, &envelope)?;
        writeln!(out, "written   {}", kept.display())?;
        match &self.log {
            None => Ok(Exit::Holds),
            Some(url) => log::submit(&kept, url, &self.charter, out),
        }
    }
}

/// `town-hall=412`
fn place(text: &str) -> Result<(StationId, u64), String> {
    let (place, voters) = text.split_once('=').ok_or("there is no = in it")?;
    let voters = voters.parse().map_err(|_| "what follows = is no count".to_owned())?;
    Ok((place.parse().map_err(|error| format!("{error}"))?, voters))
}
