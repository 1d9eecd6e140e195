//! `scrutineer vote crowd`

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use booth::Secret;
use booth::campaign::Campaign;
use booth_server::voter::crowd::{self, Crowd, CrowdPlan, Lists, Means, Prepared, Report, Tally};
use booth_server::voter::{Client, Patience};
use clap::Args;
use service::clock::SystemClock;
use service::config;
use tokio::runtime::Runtime;

use super::find::lines;
use super::platform::{self, Opened, Platform};
use super::tables::{Told, loaded, told};
use crate::message::{Exit, Failure, Outcome};
use crate::{file, passphrase, private_key, progress};

/// Try a platform with a crowd of voters, honest and hostile
///
/// A load generator and a simulator. The crowd issues its mandates itself from an authority's key
/// and knows the seed of the booths' codes. Who votes for what and who is hostile in which way
/// follows from --seed. At the end acceptances, receipts and, where they are given, the lists are
/// held against each other; status 1 says that they differ, or that an attack succeeded, status 2
/// that an honest vote was not accepted or its receipt has not come yet.
#[derive(Args)]
#[command(after_help = "Examples:\n  scrutineer vote crowd --crowd 2000 --hostile 0.1 \\\n      \
                  --edge http://127.0.0.1:8080 --campaign solar/campaign.toml \\\n      \
                  --authority authority.pem --totp-seed solar/booth/totp-seed \\\n      \
                  --votes solar/solar-vote.log --voters solar/solar-auth.log\n  \
                  scrutineer vote crowd --crowd 50000 --prepare votes.txt ...\n  \
                  scrutineer vote crowd --prepared votes.txt \\\n      \
                  --edge http://127.0.0.1:8080 --campaign solar/campaign.toml")]
pub(crate) struct CrowdVerb {
    #[command(flatten)]
    platform: Platform,
    /// How many voters
    #[arg(long, value_name = "N", required_unless_present = "prepared")]
    crowd: Option<u64>,
    /// An authority's private key, as `key new` made it
    #[arg(long, value_name = "FILE", required_unless_present = "prepared")]
    authority: Option<PathBuf>,
    #[command(flatten)]
    passphrase: passphrase::Source,
    /// The seed of the booths' codes, base64, mode 0600; remote votes have none
    #[arg(long, value_name = "FILE")]
    totp_seed: Option<PathBuf>,
    /// The station at which they vote, where stations have seeds of their own
    #[arg(long, value_name = "NAME")]
    station: Option<String>,
    /// What everything is drawn from
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Voters that arrive in a second; without it, as fast as they are served
    #[arg(long, value_name = "VOTERS", value_parser = rate)]
    rate: Option<f64>,
    /// Voters that are served at one time
    #[arg(long, value_name = "VOTERS", default_value_t = 64,
          value_parser = clap::value_parser!(u16).range(1..))]
    together: u16,
    /// Share of hostile voters, 0 to 1
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = per_mille)]
    hostile: u32,
    /// How long to ask for receipts
    #[arg(long, value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(..=1_000_000))]
    wait: u64,
    /// A list of votes to hold against the run; may be given again
    #[arg(long, value_name = "FILE", requires = "voters")]
    votes: Vec<PathBuf>,
    /// A list of voters; may be given again
    #[arg(long, value_name = "FILE", requires = "votes")]
    voters: Vec<PathBuf>,
    /// Prepare the votes and write them to this file; send none
    #[arg(long, value_name = "FILE", conflicts_with_all = ["prepared", "votes"])]
    prepare: Option<PathBuf>,
    /// Send the votes of this file, each once
    #[arg(long, value_name = "FILE", conflicts_with_all = ["crowd", "hostile", "rate", "votes"])]
    prepared: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| (0.001..=1e6).contains(rate));
    rate.ok_or_else(|| "a rate is a number from 0.001 to 1000000".to_owned())
}

fn per_mille(text: &str) -> Result<u32, String> {
    let share = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    let share = share.ok_or_else(|| "a share is a number from 0 to 1".to_owned())?;
    // At most a thousand.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
    Ok((share * 1_000.0).round() as u32)
}

impl CrowdVerb {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let opened = self.platform.open()?;
        // Under load an answer may take its time.
        let patience = Patience { connect: Duration::from_secs(10), ..Patience::default() };
        let client = platform::client(&opened.edge, opened.roots.as_deref(), patience)?;
        let runtime = platform::runtime()?;
        let tally = Arc::new(Tally::new());
        if let Some(path) = &self.prepared {
            return self.send(path, &runtime, &client, &opened, &tally, out);
        }
        let crowd = self.assemble(&client, &opened, &tally)?;
        match &self.prepare {
            Some(path) => self.write(path, &runtime, crowd, &tally, out),
            None => self.vote(&runtime, crowd, &tally, out),
        }
    }

    fn assemble(
        &self,
        client: &Client,
        opened: &Opened,
        tally: &Arc<Tally>,
    ) -> Result<Crowd, Failure> {
        let (Some(voters), Some(authority)) = (self.crowd, &self.authority) else {
            return Err(Failure::new("--crowd and --authority go together"));
        };
        let authority = private_key::open(authority, &self.passphrase.known()?)?;
        let known = opened.campaign.authorities().keys();
        if !known.contains(authority.public()) {
            return Err(Failure::new("this key is no authority of the campaign")
                .hint("give the key whose public half stands in the campaign file"));
        }
        let station = self.station.as_deref().map(str::parse).transpose();
        let station = station.map_err(|error| Failure::new(error).hint("see the campaign file"))?;
        let plan = CrowdPlan {
            voters,
            rate: self.rate,
            together: usize::from(self.together),
            hostile_per_mille: self.hostile,
            seed: self.seed,
            patience: Duration::from_secs(self.wait),
            round: Duration::from_secs(1),
        };
        let means = Means { authority, totp: self.totp(&opened.campaign)?, station };
        let (clock, campaign) = (Arc::new(SystemClock), Arc::clone(&opened.campaign));
        Ok(Crowd::new(client, clock, campaign, plan, means, Arc::clone(tally)))
    }

    /// The seed of the codes, where the campaign takes codes.
    fn totp(&self, campaign: &Campaign) -> Result<Option<Secret>, Failure> {
        match (&self.totp_seed, campaign.remote_of()) {
            (Some(path), None) => secret(path).map(Some),
            (None, Some(_)) => Ok(None),
            (None, None) => Err(Failure::new("a crowd at booths needs --totp-seed")
                .hint("give the totp-seed that `collect init` wrote into the folder `booth`")),
            (Some(_), Some(_)) => Err(Failure::new("remote votes take no code")
                .hint("leave --totp-seed out, or give the campaign file of the booths")),
        }
    }

    fn vote(
        &self,
        runtime: &Runtime,
        crowd: Crowd,
        tally: &Arc<Tally>,
        out: &mut dyn Write,
    ) -> Outcome {
        let total = self.crowd.unwrap_or_default();
        let report = watched(runtime, "voters", total, tally, crowd.run());
        let lists = if self.votes.is_empty() { None } else { Some(self.lists(&report)?) };
        let told_of = Told { voters: total, seed: self.seed, tally, report: &report, lists };
        told(&told_of, self.json, out)
    }

    fn lists(&self, report: &Report) -> Result<crowd::ListCheck, Failure> {
        let mut lists = Lists::new(&report.records);
        for path in &self.votes {
            lines(path, |line| lists.vote_line(line))?;
        }
        for path in &self.voters {
            lines(path, |line| lists.voter_line(line))?;
        }
        Ok(lists.finish())
    }

    fn write(
        &self,
        path: &Path,
        runtime: &Runtime,
        crowd: Crowd,
        tally: &Arc<Tally>,
        out: &mut dyn Write,
    ) -> Outcome {
        super::cast::not_there(path)?;
        let total = self.crowd.unwrap_or_default();
        let prepared = watched(runtime, "prepared", total, tally, crowd::prepare(crowd));
        let prepared = prepared.map_err(|error| {
            Failure::new(format_args!("the votes could not be prepared: {error}"))
                .hint("check that the edge runs and the campaign is open")
        })?;
        file::create_private(path, prepared.to_text().as_bytes())?;
        let count = prepared.0.len();
        if self.json {
            writeln!(out, "{}", serde_json::json!({ "prepared": count, "file": path }))?;
        } else {
            writeln!(out, "prepared  {count} votes in {}", path.display())?;
            writeln!(out, "They hold unspent mandates, and are good for half an hour.")?;
        }
        Ok(Exit::Holds)
    }

    fn send(
        &self,
        path: &Path,
        runtime: &Runtime,
        client: &Client,
        opened: &Opened,
        tally: &Arc<Tally>,
        out: &mut dyn Write,
    ) -> Outcome {
        // A line that is no text is no vote either.
        let text = String::from_utf8_lossy(&file::read(path)?).into_owned();
        let prepared = Prepared::parse(&text).map_err(|error| {
            Failure::new(format_args!("{}: {error}", file::name(path)))
                .hint("give the file that --prepare wrote")
        })?;
        let sent = prepared.0.len() as u64;
        let sending =
            crowd::load(client, &opened.campaign, prepared, usize::from(self.together), tally);
        let found = watched(runtime, "votes", sent, tally, sending);
        loaded(sent, &found, tally, self.json, out)
    }
}

fn secret(path: &Path) -> Result<Secret, Failure> {
    let hint = "the seed is base64 of 32 bytes in a file that only its owner can read";
    let bytes = config::Secret::File(path.to_path_buf()).read(Path::new(""));
    let bytes = bytes.map_err(|error| Failure::new(error).hint(hint))?;
    let text = std::str::from_utf8(&bytes).ok();
    text.and_then(Secret::from_base64)
        .ok_or_else(|| Failure::new(format_args!("{} holds no seed", path.display())).hint(hint))
}

/// Runs something while its progress is shown on stderr.
fn watched<T>(
    runtime: &Runtime,
    what: &'static str,
    total: u64,
    tally: &Arc<Tally>,
    running: impl Future<Output = T>,
) -> T {
    let bar = progress::bar(what, total);
    let ended = runtime.block_on(async {
        let mut running = std::pin::pin!(running);
        let mut ticks = tokio::time::interval(Duration::from_millis(200));
        loop {
            tokio::select! {
                ended = &mut running => return ended,
                _ = ticks.tick() => bar.set_position(tally.served()),
            }
        }
    });
    bar.finish_and_clear();
    ended
}
