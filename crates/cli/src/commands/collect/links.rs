//! `scrutineer collect links`

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use booth::campaign::Campaign;
use booth::link::LinkKey;
use booth::request::VoteRequest;
use booth_server::campaign::read_campaign;
use booth_server::collect::read_links;
use clap::Args;
use serde_json::json;
use zeroize::Zeroizing;

use crate::commands::vote::lines;
use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Open the list of links of a trial: who voted how
///
/// For its auditors alone, with the key that age-keygen made. Each vote is shown once: the line of
/// the list of voters and the line of the list of votes, side by side. With both lists it shows
/// whether they are the ones that the links tell of instead; the exit status is 1 when they are
/// not.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    scrutineer collect links solar-link.log --identity key.txt --campaign campaign.toml\n  \
    scrutineer collect links solar-link.log --identity key.txt --campaign campaign.toml \\\n      \
    --votes solar-vote.log --voters solar-auth.log")]
pub(crate) struct Links {
    /// The lists of links, one a shard
    #[arg(value_name = "FILE", required = true)]
    lists: Vec<PathBuf>,
    /// The auditor's key, as age-keygen wrote it
    #[arg(long, value_name = "FILE")]
    identity: PathBuf,
    /// The rules of the campaign
    #[arg(long, value_name = "FILE")]
    campaign: PathBuf,
    /// A list of votes; may be given again
    #[arg(long, value_name = "FILE", requires = "voters")]
    votes: Vec<PathBuf>,
    /// A list of voters; may be given again
    #[arg(long, value_name = "FILE", requires = "votes")]
    voters: Vec<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Links {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let campaign = read_campaign(&self.campaign).map_err(|error| Failure::new(&error))?;
        let key = key(&self.identity)?;
        let mut links = Vec::new();
        for path in &self.lists {
            links.extend(links_of(path, &key, &campaign)?);
        }
        if self.votes.is_empty() && self.json {
            let each = |VoteRequest { vote, mandate }: &VoteRequest| {
                let (vote, voter) = (vote.line(), mandate.voters_line());
                json!({ "vote": vote.trim_end(), "voter": voter.trim_end() })
            };
            let told: Vec<_> = links.iter().map(each).collect();
            writeln!(out, "{}", json!({ "links": told }))?;
            return Ok(Exit::Holds);
        }
        if self.votes.is_empty() {
            for VoteRequest { vote, mandate } in &links {
                write!(out, "{} {}", mandate.voters_line().trim_end(), vote.line())?;
            }
            return Ok(Exit::Holds);
        }
        let compared = Compared::of(&links, &set(&self.votes)?, &set(&self.voters)?);
        if self.json {
            writeln!(out, "{}", compared.json())?;
        } else {
            compared.tell(out)?;
        }
        Ok(if compared.holds() { Exit::Holds } else { Exit::Fails })
    }
}

fn key(path: &Path) -> Result<LinkKey, Failure> {
    let bytes = Zeroizing::new(file::read(path)?);
    let key = std::str::from_utf8(&bytes).ok().and_then(|text| LinkKey::from_file(text).ok());
    key.ok_or_else(|| {
        Failure::new(format_args!("{} is no key of age", file::name(path))).hint(
            "give the file that age-keygen wrote; one with a passphrase only age itself opens",
        )
    })
}

fn links_of(path: &Path, key: &LinkKey, campaign: &Campaign) -> Result<Vec<VoteRequest>, Failure> {
    read_links(file::open(path)?, key, campaign).map_err(|error| {
        Failure::new(format_args!("{}: {error}", file::name(path))).hint(
            "give the list of an instance, its campaign file, and the key of an auditor in it",
        )
    })
}

fn set(paths: &[PathBuf]) -> Result<HashSet<String>, Failure> {
    let mut found = HashSet::new();
    for path in paths {
        lines(path, |line| {
            found.insert(line.to_owned());
        })?;
    }
    Ok(found)
}

/// The links beside the two lists.
struct Compared {
    links: usize,
    lists: [usize; 2],
    /// Lines of a list that no link has.
    unlinked: [usize; 2],
    /// Links with one half listed and the other not.
    halved: usize,
    /// Links with neither.
    unlisted: usize,
}

impl Compared {
    fn of(links: &[VoteRequest], votes: &HashSet<String>, voters: &HashSet<String>) -> Self {
        let (mut halved, mut unlisted) = (0, 0);
        let mut linked = [HashSet::new(), HashSet::new()];
        for link in links {
            let [vote, voter] = [link.vote.line(), link.mandate.voters_line()];
            match (votes.contains(&vote), voters.contains(&voter)) {
                (true, true) => {}
                (false, false) => unlisted += 1,
                _ => halved += 1,
            }
            linked[0].insert(vote);
            linked[1].insert(voter);
        }
        let unlinked =
            [votes.difference(&linked[0]).count(), voters.difference(&linked[1]).count()];
        let lists = [votes.len(), voters.len()];
        Self { links: links.len(), lists, unlinked, halved, unlisted }
    }

    fn holds(&self) -> bool {
        self.unlinked == [0; 2] && self.halved == 0
    }

    fn json(&self) -> serde_json::Value {
        let Self { links, lists, unlinked, halved, unlisted } = self;
        let of = |[votes, voters]: &[usize; 2]| json!({ "voters": voters, "votes": votes });
        json!({
            "halved": halved,
            "holds": self.holds(),
            "links": links,
            "lists": of(lists),
            "unlinked": of(unlinked),
            "unlisted": unlisted,
        })
    }

    fn tell(&self, out: &mut dyn Write) -> Result<(), Failure> {
        let Self { links, lists, unlinked, halved, unlisted } = self;
        writeln!(out, "links     {links}")?;
        writeln!(out, "lists     {} votes, {} voters", lists[0], lists[1])?;
        writeln!(out, "unlinked  {} votes, {} voters", unlinked[0], unlinked[1])?;
        writeln!(
            out,
            "halved    {halved}, with the vote listed and not the voter, or the reverse"
        )?;
        writeln!(out, "unlisted  {unlisted}, not cut yet or never recorded")?;
        writeln!(out)?;
        let said = if self.holds() {
            "Each line of the lists is the vote or the voter of a link."
        } else {
            "The lists are not those that the links tell of."
        };
        writeln!(out, "{said}")?;
        writeln!(out, "This does not show that the links are true: the instance wrote both.")?;
        Ok(())
    }
}
