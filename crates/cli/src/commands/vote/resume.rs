//! `scrutineer vote resume`

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use booth_server::voter::{self, KeptRecord, Pace, Patience};
use clap::Args;
use service::clock::SystemClock;

use super::answer::{self, Form};
use super::cast::not_there;
use super::companion::Guide;
use super::{mandate, platform};
use crate::message::{Failure, Outcome};

/// Go on with a vote after a crash, or ask for its receipt
///
/// The very same request is sent again: it is not counted twice. Where the mandate was not typed
/// when the device crashed, it has to be given now.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer vote resume --keep my-vote.json")]
pub(crate) struct Resume {
    /// The file that `vote cast --keep` or `--receipt` wrote
    #[arg(long, value_name = "FILE")]
    keep: PathBuf,
    #[command(flatten)]
    mandate: mandate::Source,
    /// Another edge of the same campaign
    #[arg(long, value_name = "URL")]
    edge: Option<String>,
    /// Write vote, mandate and receipt to this file too
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

impl Resume {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let kept = read(&self.keep)?;
        let campaign = platform::campaign(&self.keep, &kept.campaign)?;
        if kept.record.mandate.is_none() && !self.mandate.is_given() {
            return Err(Failure::new("the mandate was not typed yet")
                .hint("give it now with --card or --token; --card - to type the card"));
        }
        self.receipt.as_deref().map_or(Ok(()), not_there)?;
        let typing = self.mandate.read()?;
        let edge = self.edge.unwrap_or(kept.edge);
        let client = platform::client(&edge, kept.roots.as_deref(), Patience::default())?;
        let mut guide = Guide {
            keep: Some(self.keep.clone()),
            edge,
            roots: kept.roots,
            campaign: kept.campaign,
        };
        let pace = Pace { receipt: Duration::from_secs(self.wait), ..Pace::default() };
        let is_whole = kept.record.mandate.is_some();
        let (typed, untyped) = typing.parts();
        let mandate = async move {
            // Nobody waits for a mandate that is there.
            if is_whole { std::future::pending().await } else { typed.await }
        };
        let record = kept.record;
        let (campaign_of_way, clock) = (Arc::clone(&campaign), SystemClock);
        let way =
            voter::resume(&client, &clock, campaign_of_way, record, pace, mandate, &mut guide);
        let arrival = platform::runtime()?.block_on(way);
        let form = Form { receipt: self.receipt.as_deref(), json: self.json };
        answer::of(arrival, &untyped, &campaign, &guide, &form, out)
    }
}

/// The record in a file.
pub(super) fn read(path: &Path) -> Result<KeptRecord, Failure> {
    KeptRecord::read(path).map_err(|error| {
        Failure::new(format_args!("cannot use {}: {error}", path.display()))
            .hint("give the file that `scrutineer vote cast` wrote with --keep or --receipt")
    })
}
