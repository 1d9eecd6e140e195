//! `scrutineer vote find`

use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::path::{Path, PathBuf};

use artifact::payload::platform::LeftOut;
use booth::campaign::Campaign;
use booth::publish::Results;
use booth::vote::Found;
use booth_server::voter::{Finder, Meaning, Record, Sight};
use clap::Args;
use serde_json::json;
use service::clock::{Clock as _, SystemClock};

use super::{answer, platform, resume};
use crate::message::{Exit, Failure, Outcome};
use crate::{file, progress};

/// The longest line of a list, in bytes; what is longer is no line of one.
const MAX_LINE: u64 = 4_096;

/// Find your vote and your mandate in the published lists
///
/// The whole record is compared, nonce included: of two voters who were shown one stamp, only one
/// finds it. The lines of the receipt are looked for too, and the work that all votes show is
/// counted. What is not there although the platform
/// signed for it is kept as evidence, and the exit status is 1. What nobody promised by now is not
/// told: exit status 2. So is a vote that is missing because its shard was left out at the close,
/// as --results has it; what the platform signed for it is kept all the same.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer vote find --receipt my-vote.json \\\n      \
                  --votes solar-vote.log --voters solar-auth.log")]
pub(crate) struct Find {
    /// The file that `vote cast` wrote with --receipt or --keep
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
    /// A list of votes; may be given again, one a shard
    #[arg(long, value_name = "FILE", required = true)]
    votes: Vec<PathBuf>,
    /// A list of voters; may be given again
    #[arg(long, value_name = "FILE", required = true)]
    voters: Vec<PathBuf>,
    /// The publisher's results.json: whether the lists are the last ones, and which shards were
    /// left out at the close
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// The lists are the last ones: every batch is published
    #[arg(long)]
    closed: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Find {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let kept = resume::read(&self.receipt)?;
        let (campaign, record) = (platform::campaign(&self.receipt, &kept.campaign)?, kept.record);
        let Some(mut finder) = Finder::new(&campaign, &record) else {
            return Err(Failure::new("this vote was never cast")
                .hint("cast it with `scrutineer vote resume --keep`"));
        };
        for path in &self.votes {
            lines(path, |line| finder.vote_line(line))?;
        }
        for path in &self.voters {
            lines(path, |line| finder.voter_line(line))?;
        }
        let sight = finder.finish(&campaign, &record);
        let results = self.results.as_deref().map(|path| results(path, &campaign)).transpose()?;
        let is_last = results.as_ref().is_some_and(|results| results.is_last);
        let left_out = results.as_ref().and_then(|results| left_out(results, &campaign, &record));
        let left_out = left_out.filter(|_| sight.is_absent());
        let meaning = sight.meaning(&campaign, &record, self.closed || is_last);
        let evidence = match &meaning {
            Meaning::Fails(lie) => {
                Some(answer::evidence(lie, &campaign, Some(&record), &self.receipt)?)
            }
            _ => None,
        };
        let exit = match meaning {
            Meaning::Holds => Exit::Holds,
            // The platform has said so, and what is signed remains evidence.
            Meaning::Fails(_) if left_out.is_some() => Exit::CouldNotCheck,
            Meaning::Fails(_) => Exit::Fails,
            Meaning::Untold => Exit::CouldNotCheck,
        };
        if self.json {
            let answer = json!({
                "vote": word(sight.vote),
                "mandate": word(sight.mandate),
                "receipt_lines_missing": sight.missing,
                "votes": sight.sizes.0,
                "voters": sight.sizes.1,
                "work_hashes": u64::try_from(sight.work.total.hashes()).unwrap_or(u64::MAX),
                "votes_below_work": sight.work.short,
                "lines_unread": sight.work.unread,
                "left_out": left_out.map(|one| one.reason.to_string()),
                "holds": match exit {
                    Exit::Holds => Some(true),
                    Exit::Fails => Some(false),
                    Exit::CouldNotCheck => None,
                },
                "evidence_file": evidence,
            });
            writeln!(out, "{answer}")?;
        } else {
            told(&sight, &campaign, &record, out)?;
            match left_out {
                Some(one) => gone(one, evidence.is_some(), out)?,
                None => ending(exit, is_over(&campaign), out)?,
            }
            last_words(evidence.as_deref(), out)?;
        }
        Ok(exit)
    }
}

fn is_over(campaign: &Campaign) -> bool {
    SystemClock.now() >= campaign.end()
}

const fn word(found: Found) -> &'static str {
    match found {
        Found::AsCast => "as cast",
        Found::Changed => "changed",
        Found::Twice => "twice",
        Found::Missing => "missing",
    }
}

fn told(
    sight: &Sight,
    campaign: &Campaign,
    record: &Record,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let look_up = record.mandate.map(|mandate| mandate.look_up()).unwrap_or_default();
    let (votes, voters) = sight.sizes;
    writeln!(out, "vote      {:<39}  {}", record.stamp.to_string(), word(sight.vote))?;
    writeln!(out, "mandate   {look_up:<39}  {}", word(sight.mandate))?;
    if record.receipt.is_some() {
        let (all, missing) = (campaign.options().len(), sight.missing.len());
        let said = if missing == 0 { "all listed".into() } else { format!("{missing} not listed") };
        writeln!(out, "receipt   {:<39}  {said}", format!("{all} lines"))?;
    }
    writeln!(out, "lists     {votes} votes, {voters} voters")?;
    let (hashes, bits) = (sight.work.total.hashes(), campaign.work_bits());
    write!(out, "work      about {hashes} hashes")?;
    match sight.work.short {
        0 => writeln!(out, ", each vote {bits} bits or more")?,
        short => writeln!(out, ", {short} votes below the {bits} bits that are asked for")?,
    }
    if sight.work.unread > 0 {
        writeln!(out, "unread    {} lines that are no votes", sight.work.unread)?;
    }
    writeln!(out)?;
    Ok(())
}

/// The results that a publisher shows beside the lists.
fn results(path: &Path, campaign: &Campaign) -> Result<Results, Failure> {
    let name = file::name(path);
    let results: Results = canon::json::from_strict(&file::read(path)?).map_err(|error| {
        Failure::new(format_args!("{name} is no results.json: {error}"))
            .hint("give the file as the publisher serves it beside the lists")
    })?;
    if results.campaign.as_str() != campaign.name() {
        let (found, own) = (&results.campaign, campaign.name());
        return Err(Failure::new(format_args!("{name} is of campaign {found}, not of {own}"))
            .hint("give the results of the campaign that the vote was cast in"));
    }
    Ok(results)
}

/// What the results say of the record's shard, if it was left out.
fn left_out<'a>(results: &'a Results, campaign: &Campaign, record: &Record) -> Option<&'a LeftOut> {
    let shard = u64::from(record.shard(campaign)?.0);
    results.without.iter().find(|one| one.shard == shard)
}

/// A vote of a shard that was left out.
fn gone(one: &LeftOut, is_signed: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let LeftOut { reason, shard, .. } = one;
    writeln!(out, "Shard {shard}, which your vote belongs to, was left out at the close:")?;
    writeln!(out, "{reason}. Your vote is not counted.")?;
    if !is_signed {
        writeln!(out, "Nothing in the file shows that the platform had accepted it.")?;
    }
    Ok(())
}

fn ending(exit: Exit, is_over: bool, out: &mut dyn Write) -> Result<(), Failure> {
    match exit {
        Exit::Holds => writeln!(out, "Your vote stands in the list as you cast it.")?,
        Exit::Fails => {
            writeln!(out, "The lists do not have your vote and your mandate as you cast them.")?;
        }
        Exit::CouldNotCheck if is_over => {
            writeln!(out, "They are not there. Are these the last lists? Then say --closed.")?;
        }
        Exit::CouldNotCheck => {
            writeln!(
                out,
                "They are not there yet: votes are published together. Look again later."
            )?;
        }
    }
    Ok(())
}

fn last_words(evidence: Option<&Path>, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(path) = evidence {
        writeln!(out, "The evidence is kept in {}: show it to the observers.", path.display())?;
    }
    writeln!(out, "This does not show that other votes were counted as they were cast.")?;
    Ok(())
}

/// Gives each line of a list, with its line feed.
pub(crate) fn lines(path: &Path, mut take: impl FnMut(&str)) -> Result<(), Failure> {
    let mut input = BufReader::with_capacity(1 << 16, file::open(path)?);
    let bar = progress::bytes("reading", std::fs::metadata(path).map_or(0, |there| there.len()));
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = (&mut input)
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .map_err(|error| file::cannot_read(path, &error))?;
        if count == 0 {
            bar.finish_and_clear();
            return Ok(());
        }
        bar.inc(count as u64);
        if count as u64 == MAX_LINE && line.last() != Some(&b'\n') {
            return Err(Failure::new(format_args!("{} is no list", file::name(path)))
                .hint("give the lists of votes and of voters as they are published"));
        }
        // A line that is no text is nobody's, and is counted.
        take(&String::from_utf8_lossy(&line));
    }
}
