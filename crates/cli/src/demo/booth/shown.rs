//! What a publisher shows of a campaign: both lists, and what it tells the log of them.

use std::path::Path;

use anyhow::Context as _;
use artifact::payload::platform::ListState;
use artifact::payload::{Campaign, PayloadType, Reveal, Snapshot};
use booth::publish::{List, OptionVotes, Results};
use booth::vote::Vote;
use canon::{Digest, SignedBytes};

use crate::demo::charter::CAMPAIGN;

/// What a publisher has told its log, as far as another one makes its own of it.
pub(super) struct Told {
    /// The rules, with the end at which voting was closed.
    pub(super) campaign: Campaign,
    /// A snapshot that was taken while the crowd voted.
    pub(super) early: Snapshot,
    /// The last one.
    pub(super) last: Snapshot,
    /// What was revealed.
    pub(super) reveal: Reveal,
}

impl Told {
    /// Reads it from a bundle in a folder.
    pub(super) fn read(bundle: &Path) -> anyhow::Result<Self> {
        let (mut campaigns, mut snapshots, mut reveal) = (Vec::new(), Vec::new(), None);
        for entry in std::fs::read_dir(bundle.join("artifact"))? {
            let bytes = std::fs::read(entry?.path())?;
            let artifact = SignedBytes::parse(&bytes)?;
            match artifact.kind {
                kind if kind == Campaign::KIND.as_str() => {
                    campaigns.push(artifact.payload_as::<Campaign>()?);
                }
                kind if kind == Snapshot::KIND.as_str() => {
                    snapshots.push(artifact.payload_as::<Snapshot>()?);
                }
                kind if kind == Reveal::KIND.as_str() => reveal = Some(artifact.payload_as()?),
                _ => {}
            }
        }
        snapshots.sort_by_key(|snapshot| snapshot.number);
        let last = snapshots.pop().context("no snapshot was told")?;
        let all = last.votes.records;
        let is_early = |one: &Snapshot| one.votes.records.saturating_mul(4) >= all;
        let early = snapshots.into_iter().find(is_early);
        let early = early.filter(|early| early.votes.records < all);
        Ok(Self {
            campaign: campaigns
                .into_iter()
                .min_by_key(|one| one.end)
                .context("no rules were told")?,
            early: early.context("no snapshot was told while the crowd voted")?,
            last,
            reveal: reveal.context("nothing was revealed")?,
        })
    }
}

/// Both lists line by line: what an early snapshot holds of them, then the rest.
#[derive(Clone)]
pub(super) struct Shown {
    pub(super) votes: Vec<String>,
    pub(super) voters: Vec<String>,
    /// Lines of each list in the early snapshot.
    pub(super) early: usize,
}

impl Shown {
    /// The lists of a publisher that took two snapshots.
    pub(super) fn of([votes, voters]: &[String; 2], told: &Told) -> anyhow::Result<Self> {
        let lines = |list: &String| list.split_inclusive('\n').map(str::to_owned).collect();
        let early = usize::try_from(told.early.votes.records)?;
        let mut shown = Self { votes: lines(votes), voters: lines(voters), early };
        shown.sort();
        Ok(shown)
    }

    /// Sorts what each snapshot adds, as an honest publisher does: the order gives nothing away.
    pub(super) fn sort(&mut self) {
        for list in [&mut self.votes, &mut self.voters] {
            let (first, rest) = list.split_at_mut(self.early);
            for part in [first, rest] {
                part.sort_by_cached_key(|line| Digest::of(line.as_bytes()));
            }
        }
    }

    /// The early snapshot of these lists.
    pub(super) fn early(&self, told: &Told) -> Snapshot {
        Snapshot {
            number: 0,
            votes: state(&self.votes[..self.early]),
            voters: state(&self.voters[..self.early]),
            ..told.early.clone()
        }
    }

    /// The last snapshot of these lists.
    pub(super) fn last(&self, told: &Told) -> Snapshot {
        Snapshot {
            number: 1,
            votes: state(&self.votes),
            voters: state(&self.voters),
            ..told.last.clone()
        }
    }

    /// The results of these lists, as an honest publisher shows them beside a snapshot.
    pub(super) fn results(&self, told: &Told, snapshot: &Snapshot) -> anyhow::Result<Results> {
        let says = self.votes.iter().map(|line| Ok(Vote::from_line(line)?.say));
        let says: Vec<String> = says.collect::<anyhow::Result<_>>()?;
        let count = |option: String| {
            let votes = says.iter().filter(|say| **say == option).count() as u64;
            OptionVotes { option, votes }
        };
        let options = told.campaign.options.iter().map(ToString::to_string);
        Ok(Results {
            campaign: snapshot.campaign.clone(),
            counts: options.map(count).collect(),
            doubled_stamps: None,
            is_last: snapshot.is_last,
            number: snapshot.number,
            purpose: told.campaign.purpose,
            records: snapshot.votes.records,
            taken_at: snapshot.taken_at,
            voters: snapshot.voters.clone(),
            votes: snapshot.votes.clone(),
            without: snapshot.without.clone(),
        })
    }

    /// Writes both lists into a new folder.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        for (list, lines) in [(List::Votes, &self.votes), (List::Voters, &self.voters)] {
            std::fs::write(folder.join(list.file_name(CAMPAIGN)), lines.concat())?;
        }
        Ok(())
    }
}

/// What a snapshot says of a list.
fn state(lines: &[String]) -> ListState {
    let bytes = lines.concat();
    ListState {
        bytes: Some(bytes.len() as u64),
        commitment: None,
        digest: Some(Digest::of(bytes.as_bytes())),
        records: lines.len() as u64,
    }
}
