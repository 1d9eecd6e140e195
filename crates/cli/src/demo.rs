//! The demonstration: the records of a real audit, from keys to a verified bundle; then a vote in
//! public booths, from a campaign to two lists, which are verified and forged.
//!
//! ```text
//! keys -> charter, anchor -> log and witnesses -> records -> seed -> samples -> bundle
//!                                                                                 |
//!                        the cards found in the county's report <- its sample <- verify,
//!                                                                         change, verify
//! ```
//!
//! The servers are the real ones, on loopback ports that the system chooses, and everything goes
//! in and out over HTTP.

mod booth;
mod charter;
mod county;
mod ending;
mod interrupt;
mod records;
mod servers;
mod stage;
mod world;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use artifact::payload::audit::Generator;
use artifact::payload::{AuditPlan, CitedHead, PayloadType, Sample};
use canon::Digest;

use crate::message::{Exit, Failure, Outcome};
use service::stop::Stop;

use self::booth::Election;
pub(crate) use interrupt::Interrupt;
use servers::{Entry, Servers};
use stage::Stage;
use world::World;

/// Text of the demonstration into a type with a grammar of its own.
macro_rules! text {
    ($text:expr) => {
        $text.parse().map_err(|error| anyhow::anyhow!("{:?}: {error}", $text))?
    };
}
pub(crate) use text;

/// How the demonstration is to go.
pub(crate) struct Wanted<'a> {
    /// The folder, new or empty, in which everything is left.
    pub(crate) folder: &'a Path,
    /// Whether the folder stays.
    pub(crate) kept: bool,
    /// Whether to leave the servers running until interrupted.
    pub(crate) stay: bool,
    /// Whether to colour what is said.
    pub(crate) colour: bool,
}

/// Runs it, and says whether everything came out as it has to. A signal ends it between two steps,
/// so that the caller can remove what was made.
pub(crate) fn run(wanted: &Wanted<'_>, interrupt: &Interrupt, out: &mut dyn Write) -> Outcome {
    let asked = &interrupt.asked;
    let mut stage = Stage::new(out, wanted.colour, asked.clone());
    match play(wanted, asked, &mut stage) {
        Ok(true) => Ok(Exit::Holds),
        Ok(false) => Ok(Exit::Fails),
        Err(_) if asked.is_asked() => {
            let left = if wanted.kept { "what it made so far is there" } else { "nothing is left" };
            Err(Failure::new("the demonstration was interrupted").hint(left))
        }
        Err(error) => {
            let failure = Failure::new(format_args!("the demonstration broke off: {error:#}"));
            let needs = "it needs loopback ports, a writable folder, and somebody who reads";
            Err(if wanted.kept {
                let folder = wanted.folder.display();
                failure.hint(format_args!("what it made so far is in {folder}; {needs}"))
            } else {
                failure.hint(needs)
            })
        }
    }
}

fn play(wanted: &Wanted<'_>, asked: &Stop, stage: &mut Stage<'_>) -> anyhow::Result<bool> {
    let booths = wanted.folder.join("booth");
    std::thread::scope(|scope| {
        // Keys in files take a while: those of the campaign are made beside the audit.
        let election = scope.spawn(|| Election::start(&booths));
        let (audited, servers) = audit_half(wanted, stage)?;
        let election = election.join().map_err(|_| anyhow::anyhow!("a thread has panicked"))?;
        let election = election.context("cannot make the campaign's keys and log")?;
        let (voted, platform) = booth::play(wanted, election, stage)?;
        if wanted.stay {
            ending::stay(wanted, &servers, &platform, asked.clone(), stage)?;
        }
        platform.stop()?;
        servers.stop()?;
        Ok(audited && voted)
    })
}

/// The audit; whether everything came out as it has to, and the servers, which go on.
fn audit_half(wanted: &Wanted<'_>, stage: &mut Stage<'_>) -> anyhow::Result<(bool, Servers)> {
    stage.heading(
        "Hinsdale County, Colorado, November 2024: a real audit, published and replayed",
    )?;
    let world = World::make(wanted.folder).context("cannot make keys and charter")?;
    let anchor = world.ground.anchor();
    std::fs::write(wanted.folder.join("anchor.toml"), anchor.to_toml()?)?;
    std::fs::write(wanted.folder.join("poster.txt"), anchor.to_poster())?;
    stage.step("keys", "9, each encrypted in a file that only its owner can read")?;
    stage.step("charter", &format!("{}, and its anchor", anchor.short()))?;
    let servers = Servers::start(&world.ground)?;
    stage.step("servers", &format!("the log at {}, 3 witnesses", servers.log_url()))?;
    let logged = audit(&world, &servers, stage)?;
    Ok((ending::check(wanted, &servers, &anchor, &logged, stage)?, servers))
}

/// What will be looked for in the bundle.
struct Logged {
    /// The sample drawn as Colorado did.
    sample: Entry,
    /// The results, which will be changed.
    result: Entry,
}

/// Everything that goes into the log, in its order.
fn audit(world: &World, servers: &Servers, stage: &mut Stage<'_>) -> anyhow::Result<Logged> {
    let drawing = county::drawing().map_err(|failure| anyhow::anyhow!("{failure:?}"))?;
    let manifest = records::manifest()?;
    servers.add(&manifest, &world.clerk, &[county::MANIFEST])?;
    stage.step("committed", "the county's ballot manifest: 618 cards in 26 batches")?;
    let result = records::result()?;
    let plans = records::plans(&drawing, &result)?;
    let result = servers.add(&result, &world.totals, &[])?;
    stage.more("the results of 2 contests")?;
    for plan in &plans {
        servers.add(plan, &world.auditor, &[])?;
        let (contest, size) = (&plan.contests[0], plan.initial_sample.unwrap_or_default());
        let by = plan.generator.map_or("", Generator::as_str);
        stage.more(&format!("a plan: {size} draws by {by} for a risk of 3 %: {contest}"))?;
    }
    let salt = world::random();
    let commit = records::seed_commit(&drawing.seed, &salt)?;
    let commit = servers.add(&commit, &world.auditor, &[])?.digest;
    stage.more("the salted hash of a seed that nobody has told yet")?;
    let head = witnessed(servers, stage)?;
    let reveal = records::seed_reveal(&drawing.seed, salt, commit, head)?;
    let reveal = servers.add(&reveal, &world.auditor, &[])?.digest;
    stage.step("revealed", &format!("the seed {}", drawing.seed))?;
    let sample = samples(world, servers, stage, &drawing.seed, &plans, reveal)?;
    let head = witnessed(servers, stage)?;
    servers.add(
        &records::close(county::ELECTION_ID, servers.entries(), head)?,
        &world.clerk,
        &[],
    )?;
    stage.step("closed", "nothing can be added any more")?;
    witnessed(servers, stage)?;
    Ok(Logged { sample, result })
}

/// Draws and commits the sample of each plan; the entry of the one by Colorado's generator.
fn samples(
    world: &World,
    servers: &Servers,
    stage: &mut Stage<'_>,
    seed: &str,
    plans: &[AuditPlan],
    reveal: Digest,
) -> anyhow::Result<Entry> {
    let mut colorado = None;
    for plan in plans {
        let generator = plan.generator.context("a plan without a generator")?;
        let count = plan.initial_sample.context("a plan without a sample")?;
        let sample = records::sample(seed, count, generator, reveal)?;
        let entry = servers.add(&sample, &world.auditor, &[])?;
        let drawn = cards(&sample).len();
        match generator {
            Generator::ColoradoV1 => {
                colorado = Some(entry);
                let what = format!("{count} draws with Colorado's generator: {drawn} cards");
                stage.step("drawn", &what)?;
            }
            Generator::HkdfV1 => stage.more(&format!("{drawn} cards by lowest HKDF ticket"))?,
        }
    }
    colorado.context("no plan by Colorado's generator")
}

/// The different cards of a sample.
fn cards(sample: &Sample) -> BTreeSet<String> {
    sample.draws.iter().map(|draw| draw.card.to_string()).collect()
}

/// Waits for a head over everything so far that enough witnesses have cosigned.
fn witnessed(servers: &Servers, stage: &mut Stage<'_>) -> anyhow::Result<CitedHead> {
    let head = servers.head()?;
    stage.step(
        "witnessed",
        &format!("a head of {} entries, cosigned by {} of 3", head.cited.tree_size, head.cosigned),
    )?;
    Ok(head.cited)
}

/// The name of a payload's kind, for messages.
fn kind_of<P: PayloadType>(_: &P) -> &'static str {
    P::KIND.as_str()
}
