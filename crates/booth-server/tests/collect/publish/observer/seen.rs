//! What the observer has of a day.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use booth::request::VoteRequest;
use booth::vote::Vote;

/// Everything that is watched, shown or published, and all that lies open on the disks.
#[derive(Clone)]
pub(super) struct Seen {
    /// Those who came, in their order.
    pub(super) visitors: Vec<Visitor>,
    /// The states of the lists, as snapshots show them.
    pub(super) states: Vec<State>,
    /// The published lists after the close: votes, voters.
    pub(super) lists: [Vec<String>; 2],
    /// The cuts in the lists of the instances, shard by shard.
    pub(super) cuts: Vec<CutSeen>,
    /// Votes that a batch is promised to have.
    pub(super) k: usize,
}

/// Somebody who went into the booth, and whose mandate was read over their shoulder.
#[derive(Clone)]
pub(super) struct Visitor {
    /// Seconds since 1970.
    pub(super) at: u64,
    /// The start of the stamp period then.
    pub(super) period: u64,
    pub(super) shard: usize,
    /// The line that the list of voters will have.
    pub(super) mandate: String,
    /// What changed on the disks of the platform before the next one came.
    pub(super) changes: Vec<Change>,
    /// What one of the observer's own people brings along; of the others there is nothing.
    pub(super) own: Option<Own>,
}

/// The vote and the receipt of somebody who works for the observer.
#[derive(Clone)]
pub(super) struct Own {
    pub(super) line: String,
    /// The stamps of the receipt.
    pub(super) receipt: Vec<String>,
}

/// A file of which the size or the time has changed.
#[derive(Clone)]
pub(super) struct Change {
    /// Its path below the folder of the platform.
    pub(super) file: String,
    pub(super) before: u64,
    pub(super) after: u64,
}

/// The lists as one snapshot shows them.
#[derive(Clone)]
pub(super) struct State {
    /// When it was taken, in seconds since 1970.
    pub(super) at: u64,
    /// The lines that it adds, of both lists.
    pub(super) added: Range<usize>,
    /// Bytes of the list of votes.
    pub(super) vote_bytes: u64,
}

/// A cut of an instance.
#[derive(Clone)]
pub(super) struct CutSeen {
    pub(super) shard: usize,
    /// Lines of votes, and of voters.
    pub(super) lines: [Vec<String>; 2],
    /// Where its votes begin in the shard's list, in bytes.
    pub(super) from: u64,
}

/// A day, and what the observer wants to know.
#[derive(Clone)]
pub(super) struct Day {
    pub(super) seen: Seen,
    /// The line of each visitor's vote.
    pub(super) truth: Vec<String>,
}

impl Seen {
    /// Those of a cut, in the order in which they came.
    pub(super) fn visitors_of(&self, cut: &CutSeen) -> Vec<usize> {
        let is_of = |at: &usize| cut.lines[1].contains(&self.visitors[*at].mandate);
        (0..self.visitors.len()).filter(is_of).collect()
    }

    /// How many had come when a snapshot was taken.
    pub(super) fn came_before(&self, state: &State) -> usize {
        self.visitors.partition_point(|visitor| visitor.at < state.at)
    }

    /// The cut of a visitor.
    pub(super) fn cut_of(&self, visitor: usize) -> Option<&CutSeen> {
        let mandate = &self.visitors[visitor].mandate;
        self.cuts.iter().find(|cut| cut.lines[1].contains(mandate))
    }

    /// Whether a line is that of one of the observer's own people.
    pub(super) fn is_own(&self, line: &str) -> bool {
        self.visitors.iter().filter_map(|one| one.own.as_ref()).any(|own| own.line == line)
    }
}

/// The vote of a line.
pub(super) fn vote(line: &str) -> Vote {
    Vote::from_line(line).unwrap()
}

/// The line that a request will have in the list of voters.
pub(super) fn mandate(request: &VoteRequest) -> String {
    request.mandate.voters_line()
}

/// Sizes and times of all files below a folder.
pub(super) struct Disk {
    root: PathBuf,
    files: BTreeMap<String, (u64, SystemTime)>,
}

impl Disk {
    pub(super) fn new(root: PathBuf) -> Self {
        let mut disk = Self { root, files: BTreeMap::new() };
        disk.changes();
        disk
    }

    /// What has changed since it was asked last.
    pub(super) fn changes(&mut self) -> Vec<Change> {
        let mut files = BTreeMap::new();
        look(&self.root, &self.root, &mut files);
        let before = std::mem::replace(&mut self.files, files);
        let mut changes = Vec::new();
        for (file, now) in &self.files {
            let then = before.get(file);
            if then != Some(now) {
                let before = then.map_or(0, |(bytes, _)| *bytes);
                changes.push(Change { file: file.clone(), before, after: now.0 });
            }
        }
        changes
    }
}

fn look(root: &Path, folder: &Path, files: &mut BTreeMap<String, (u64, SystemTime)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // A segment or a key may go while this looks.
        let Ok(metadata) = std::fs::metadata(&path) else { continue };
        if metadata.is_dir() {
            look(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, (metadata.len(), metadata.modified().unwrap()));
        }
    }
}
