//! `scrutineer vote cast`

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use booth::totp::Station;
use booth_server::voter::{self, Pace, Patience, Plan};
use clap::Args;
use service::clock::SystemClock;

use super::answer::{self, Form};
use super::companion::Guide;
use super::mandate;
use super::platform::{self, Platform};
use crate::message::{Failure, Outcome};

/// Cast a vote, and check its receipt
///
/// The code is checked on this device by its seventh character, which is never sent. The stamp
/// comes first, then the device works while the mandate is typed. The vote is sent, again and
/// again if need be and always the same, until its receipt is here or the time is over. Acceptance
/// and receipt are checked by the campaign's receipt keys.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  scrutineer vote cast --edge https://solar.example.org \\\n      \
                  --campaign campaign.toml --code 2639176 --say 'Bold Jupiter' \\\n      \
                  --card - --keep my-vote.json\n  scrutineer vote cast ... --token token.txt \
                  --receipt my-vote.json\n\nThe files of --keep and --receipt say how you voted."
)]
pub(crate) struct Cast {
    #[command(flatten)]
    platform: Platform,
    #[command(flatten)]
    mandate: mandate::Source,
    /// The seven characters that the booth shows; none where the campaign is for remote votes
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// The option, as the ballot has it
    #[arg(long, value_name = "OPTION")]
    say: String,
    /// The booth's station, if its screen names one
    #[arg(long, value_name = "NAME")]
    station: Option<String>,
    /// Leading zero bits to search for, if more than the campaign asks for
    #[arg(long, value_name = "BITS", default_value_t = 0,
          value_parser = clap::value_parser!(u32).range(..=256))]
    work: u32,
    /// Keep in this file what it takes to go on after a crash
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// Write vote, mandate and receipt to this file, for `vote find`
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    /// How long to wait for the receipt once the vote is accepted
    #[arg(long, value_name = "SECONDS", default_value_t = 600,
          value_parser = clap::value_parser!(u64).range(..=1_000_000))]
    wait: u64,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Cast {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let code = self.code.as_deref().map(voter::typed_code).transpose();
        let code = code.map_err(|advice| Failure::new(advice.what).hint(advice.todo))?;
        let opened = self.platform.open()?;
        let campaign = Arc::clone(&opened.campaign);
        fits(code.is_some(), campaign.remote_of())?;
        if campaign.position(&self.say).is_none() {
            return Err(Failure::new(format_args!("{:?} is not on the ballot", self.say))
                .hint(format_args!("the ballot has: {}", campaign.options().join(", "))));
        }
        let station = self.station(&campaign)?;
        if !self.mandate.is_given() {
            return Err(Failure::new("no mandate is given")
                .hint("--card, --token or --image, and a file; --card - to type the card"));
        }
        for path in [&self.keep, &self.receipt].into_iter().flatten() {
            not_there(path)?;
        }
        let typing = self.mandate.read()?;
        let patience = Patience::default();
        let client = platform::client(&opened.edge, opened.roots.as_deref(), patience)?;
        let mut guide = Guide::new(&opened, self.keep.clone());
        let receipt = Duration::from_secs(self.wait);
        let pace = Pace { work_bits: self.work, receipt, ..Pace::default() };
        let plan = Plan { code, station, pace };
        let (mandate, untyped) = typing.parts();
        let way = voter::vote(
            &client,
            &SystemClock,
            Arc::clone(&campaign),
            &self.say,
            plan,
            mandate,
            &mut guide,
        );
        let arrival = platform::runtime()?.block_on(way);
        let form = Form { receipt: self.receipt.as_deref(), json: self.json };
        answer::of(arrival, &untyped, &campaign, &guide, &form, out)
    }

    /// The station, which the campaign has to name, or not.
    fn station(&self, campaign: &booth::campaign::Campaign) -> Result<Option<Station>, Failure> {
        let named: Vec<&str> = campaign.stations().iter().map(Station::as_str).collect();
        match &self.station {
            None if named.is_empty() => Ok(None),
            None => Err(Failure::new("this campaign has a code for each station")
                .hint("--station and the name that stands on the booth's screen")),
            Some(name) => match name.parse() {
                Ok(station) if campaign.stations().contains(&station) => Ok(Some(station)),
                _ => Err(Failure::new(format_args!("{name:?} is no station of this campaign"))
                    .hint("compare it with the booth's screen, letter by letter")),
            },
        }
    }
}

/// Whether a code is given where one is asked for, and none where none is.
fn fits(is_given: bool, remote_of: Option<&str>) -> Result<(), Failure> {
    match (is_given, remote_of) {
        (false, None) => Err(Failure::new("no code is given")
            .hint("--code and the seven characters that the booth shows")),
        (true, Some(booths)) => Err(Failure::new(
            "this campaign is for remote votes, without a code",
        )
        .hint(format_args!("leave --code out; in a booth, give the campaign file of {booths:?}"))),
        _ => Ok(()),
    }
}

/// A file that holds another vote is never written over.
pub(super) fn not_there(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Err(Failure::new(format_args!("{} is there already", path.display())).hint(
            "go on with that vote by `scrutineer vote resume --keep`, or choose another name",
        ));
    }
    Ok(())
}
