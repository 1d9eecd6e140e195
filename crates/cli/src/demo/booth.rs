//! The booth half: a campaign, its platform, and a crowd that votes, some of it hostile; then a
//! stranger who verifies it, and publishers that are dishonest.
//!
//! ```text
//! authority -> campaign -> two instances, an edge -> crowd -> close -> receipts
//!                                  |                                      |
//!                              publisher -> both lists -------------------+-> as many, as cast
//!                                  |            |
//!                  log, witnesses <+-> bundle --+-> a stranger verifies
//!                                               |
//!                                        one drops a vote, one adds one, one has two faces
//! ```

mod dishonest;
mod election;
mod growth;
mod platform;
mod publisher;
mod receipt;
mod shown;
mod stranger;
mod twin;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use booth::Secret;
use booth::vote::Vote;
use booth_server::voter::crowd::{Crowd, CrowdPlan, Kind, Lists, Means, Report, Step, Tally};
use booth_server::voter::{Client, Patience};
use canon::PrivateKey;
use service::clock::SystemClock;

use super::Wanted;
use super::stage::Stage;
use dishonest::Dishonest;
pub(super) use election::Election;
use election::Evidence;
pub(super) use platform::Platform;
use platform::{K, SHARDS, WORK_BITS};
use publisher::SNAPSHOT_S;
use receipt::Kept;
use shown::{Shown, Told};

/// How many come to vote.
const VOTERS: u64 = 2_000;

/// Of a thousand, how many are hostile.
const HOSTILE_PER_MILLE: u32 = 50;

/// How many are served at one time: nobody waits longer than a booth's code is good for.
const TOGETHER: usize = 32;

/// Runs it, and says whether everything came out as it has to; the platform goes on.
pub(super) fn play(
    wanted: &Wanted<'_>,
    election: Election,
    stage: &mut Stage<'_>,
) -> anyhow::Result<(bool, Platform)> {
    stage.part("Campaign \"Solar\": a vote in public booths, from the voters' own devices")?;
    let (mut platform, authority) = Platform::start(wanted.folder, election)?;
    introduce(&platform, stage)?;
    let tally = Arc::new(Tally::new());
    let crowd = crowd(&platform, authority, &tally)?;
    let runtime = platform.runtime();
    let closing = close_after(&mut platform, &tally);
    let (report, closed) = runtime.block_on(async { tokio::join!(crowd.run(), closing) });
    closed?;
    let resisted = voted(&report, &tally, stage)?;
    let evidence = published(&platform, stage)?;
    let counted = counted(&platform, &report, stage)?;
    let (verified, caught) = verified(wanted, &platform, &report, &evidence, stage)?;
    stage.text(match (resisted && counted, verified, caught) {
        (true, true, true) => {
            "Votes, voters and receipts are as many, every vote counts as cast, no attack\n\
             succeeded, the whole of it holds, and each dishonest publisher was caught.\n\
             This does not show that nobody watched a voter, nor what a voter's own device\n\
             did; that the lists cannot be related rests on the platform, which sees vote and\n\
             mandate together for a moment; and a vote that was never shown at all is missed\n\
             only by who holds its receipt."
        }
        (false, ..) => {
            "Votes, voters and receipts do not agree, or an attack met what it should not have."
        }
        (_, false, _) => "The evidence of the campaign does not hold.",
        (.., false) => "A dishonest publisher was not caught at what it did.",
    })?;
    Ok((resisted && counted && verified && caught, platform))
}

/// Tells what there is.
fn introduce(platform: &Platform, stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.step("platform", &format!("{SHARDS} instances, and an edge at {}", platform.edge()))?;
    stage.more(&format!(
        "9 options; a vote shows {WORK_BITS} bits of work, {} hashes on the mean",
        1_u64 << WORK_BITS
    ))?;
    stage.more(&format!("votes are published in batches of at least {K}, sorted"))?;
    stage.step("publisher", &format!("both lists at {}", platform.publisher()?.url()))?;
    let log = platform.election.servers.log_url();
    stage.more(&format!("a snapshot every {SNAPSHOT_S} s, of which it tells a log"))?;
    stage.more(&format!("the log at {log}, 3 witnesses"))?;
    Ok(())
}

/// Closes the campaign once everybody was served. However fast that goes, one snapshot is taken
/// when half of them were.
async fn close_after(platform: &mut Platform, tally: &Tally) -> anyhow::Result<()> {
    let mut ticks = tokio::time::interval(Duration::from_millis(100));
    while tally.served() < VOTERS / 2 {
        ticks.tick().await;
    }
    platform.publisher()?.snapshot().await?;
    while tally.served() < VOTERS {
        ticks.tick().await;
    }
    platform.close().await
}

fn crowd(platform: &Platform, authority: PrivateKey, tally: &Arc<Tally>) -> anyhow::Result<Crowd> {
    let seed = std::fs::read_to_string(platform.totp_seed())?;
    let totp = Secret::from_base64(seed.trim_end()).context("the seed of the codes is none")?;
    let means = Means { authority, totp: Some(totp), station: None };
    let plan = CrowdPlan {
        voters: VOTERS,
        rate: None,
        together: TOGETHER,
        hostile_per_mille: HOSTILE_PER_MILLE,
        seed: 1,
        patience: Duration::from_mins(3),
        round: Duration::from_millis(500),
    };
    let patience = Patience { connect: Duration::from_secs(10), ..Patience::default() };
    let client = Client::new(platform.edge(), None, patience)?;
    let (clock, campaign) = (Arc::new(SystemClock), Arc::new(platform.campaign.clone()));
    Ok(Crowd::new(&client, clock, campaign, plan, means, Arc::clone(tally)))
}

/// Tells how the voters fared; whether all honest ones have their receipts, and no hostile one had
/// success.
fn voted(report: &Report, tally: &Tally, stage: &mut Stage<'_>) -> anyhow::Result<bool> {
    let seconds = report.served.as_secs_f64();
    let median = tally.times(Step::Cast).percentile(50).as_secs_f64() * 1e3;
    stage.step("voted", &format!("{VOTERS} voters in {seconds:.1} s, {median:.0} ms a vote"))?;
    let fared: Vec<_> = Kind::ALL.iter().map(|kind| (kind, tally.fared(*kind))).collect();
    let attacks: u64 = fared.iter().map(|(_, (refused, met))| refused + met).sum();
    let through: u64 = fared.iter().map(|(_, (_, met))| met).sum();
    stage.more(&format!("{attacks} of them hostile in 8 ways; {through} attacks succeeded"))?;
    let accepted = report.accepted();
    Ok(through == 0 && tally.failed() == 0 && accepted > 0 && report.receipts() == accepted)
}

/// Waits for the end of publishing, closes the election, and exports what its log has published.
fn published(platform: &Platform, stage: &mut Stage<'_>) -> anyhow::Result<Evidence> {
    let publisher = platform.publisher()?;
    let snapshots = platform.runtime().block_on(publisher.finish())?;
    stage.step("closed", "what waited for more votes of its kind was published too")?;
    let (evidence, copied) = platform.election.close(publisher.url(), VOTERS)?;
    stage
        .step("logged", &format!("the rules, {snapshots} snapshots, and the keys of the stamps"))?;
    let size = copied.bytes.div_ceil(1000);
    stage.more(&format!("the authority's count: {VOTERS} voters checked in"))?;
    stage.more(&format!("booth/bundle: {} files, {size} kB, without any vote", copied.files))?;
    Ok(evidence)
}

/// Counts the lists as they are published; whether they are what was cast.
fn counted(platform: &Platform, report: &Report, stage: &mut Stage<'_>) -> anyhow::Result<bool> {
    let [votes, voters] = platform.lists()?;
    let mut lists = Lists::new(&report.records);
    votes.split_inclusive('\n').for_each(|line| lists.vote_line(line));
    voters.split_inclusive('\n').for_each(|line| lists.voter_line(line));
    let found = lists.finish();
    let receipts = report.receipts();
    stage.step(
        "lists",
        &format!("{} votes = {} voters = {receipts} receipts", found.votes, found.voters),
    )?;
    let cast = counts(report.records.iter().filter_map(|record| Some(record.request()?.vote)));
    let listed = votes.lines().map(Vote::from_line).collect::<Result<Vec<_>, _>>()?;
    let counted = counts(listed);
    for option in platform.campaign.options() {
        let count = |counts: &BTreeMap<String, u64>| counts.get(option).copied().unwrap_or(0);
        stage.more(&format!("{option:<13}{:>5}  cast {:>5}", count(&counted), count(&cast)))?;
    }
    Ok(found.holds() && counted == cast)
}

/// Has a stranger verify the campaign, and then what dishonest publishers make of it: whether it
/// holds, and whether those were caught.
fn verified(
    wanted: &Wanted<'_>,
    platform: &Platform,
    report: &Report,
    evidence: &Evidence,
    stage: &mut Stage<'_>,
) -> anyhow::Result<(bool, bool)> {
    let home = std::path::absolute(wanted.folder)?.join("booth");
    let told = Told::read(&evidence.bundle)?;
    let honest = Shown::of(&platform.lists()?, &told)?;
    let voter = Kept::write(&home.join("receipt.json"), &report.records, &honest, platform)?;
    let votes = u64::try_from(report.accepted())?;
    let holds = stranger::look(evidence, voter.file.clone(), votes, stage)?;
    let grown = growth::look(evidence, stage)?;
    let (told, honest, voter) = (&told, &honest, &voter);
    let dishonest = Dishonest { home, runtime: platform.runtime(), told, honest, voter };
    Ok((holds && grown, dishonest.play(stage)?))
}

/// Votes by option.
fn counts(votes: impl IntoIterator<Item = Vote>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for vote in votes {
        *counts.entry(vote.say).or_default() += 1;
    }
    counts
}
