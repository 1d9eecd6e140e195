//! Large elections, streamed to disk: for benches of a million entries.
//!
//! Entries are signed in parallel, a block of leaf tiles at a time, and written as they come, so
//! that memory holds one block. The election has a charter, `entries` less two custody events of
//! about 700 bytes signed by eight keys, and a close.

use std::fs;
use std::io;
use std::path::Path;
use std::thread;

use artifact::charter::Close;
use artifact::leaf::{Leaf, LeafType, Originator, entry_of};
use artifact::payload::office::CustodyStep;
use artifact::payload::{CitedHead, CustodyEvent};
use artifact::role::{EntryType, Role};
use canon::{Digest, PrivateKey, Signer, Timestamp};
use tlog::merkle::leaf_hash;
use tlog::tile::{Edge, EntriesPath, LeafPath, Place, encode_entries};

use super::{Bundle, Election, HeadPlan, Plan};

/// Leaf tiles that are held in memory.
const BLOCK_TILES: u64 = 64;

/// Holders of custody keys.
const HOLDERS: [&str; 8] =
    ["store-1", "store-2", "store-3", "store-4", "store-5", "store-6", "store-7", "store-8"];

/// Takes the files of a large bundle, in no particular order.
pub trait Sink {
    /// Takes one file.
    fn file(&mut self, path: &str, bytes: &[u8]) -> io::Result<()>;
}

/// Writes files into a folder.
pub struct FolderSink<'a> {
    root: &'a Path,
}

impl<'a> FolderSink<'a> {
    /// Files below this folder.
    pub fn new(root: &'a Path) -> Self {
        Self { root }
    }
}

impl Sink for FolderSink<'_> {
    fn file(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let place = self.root.join(path);
        match fs::write(&place, bytes) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(place.parent().unwrap_or(self.root))?;
                fs::write(&place, bytes)
            }
            written => written,
        }
    }
}

/// One signed entry.
struct Made {
    line: Vec<u8>,
    artifact: Vec<u8>,
    digest: Digest,
}

/// Writes an election of so many entries, at least 3, and returns its charter's artifact.
pub fn write(entries: u64, sink: &mut dyn Sink) -> io::Result<Vec<u8>> {
    let mut plan = Plan { phases: Vec::new(), ..Plan::default() };
    plan.holders.extend(HOLDERS.map(|holder| (holder, "county", Role::Custody)));
    let election = Election::new(plan);
    let charter = election.entries[0].clone();
    let begins = election.charter.created;
    let mut tree = Tree { sink, edge: Edge::new(), pending: Vec::new() };
    tree.add(Made {
        line: charter.leaf,
        artifact: charter.artifact.clone(),
        digest: charter.digest,
    })?;
    let last = entries - 1;
    while tree.size() < last {
        let next = tree.size();
        let end = last.min((next / 256 + BLOCK_TILES) * 256);
        for made in signed(&election, next, end, begins) {
            tree.add(made)?;
        }
    }
    let root = tree.edge.frontier().root();
    let at = |index: u64| begins.saturating_plus_seconds(index / 1000);
    tree.head(&election, &HeadPlan { root: Some(root), ..HeadPlan::at(last, at(last)) })?;
    let close = Close {
        election_id: election.charter.election_id.clone(),
        entries: last,
        head: CitedHead { root_hash: root, tree_size: last },
        statement: "The record is complete.".parse().expect("a text"),
    };
    let artifact = election.sign("close/v1", &close, &["clerk"]);
    let made = made(&election, artifact, EntryType::Close, "clerk", Role::Authority, at(last));
    tree.add(made)?;
    tree.finish()?;
    let root = tree.edge.frontier().root();
    tree.head(&election, &HeadPlan { root: Some(root), ..HeadPlan::at(entries, at(entries)) })?;
    Ok(charter.artifact)
}

/// Signs the entries of a range on all cores.
fn signed(election: &Election, from: u64, to: u64, begins: Timestamp) -> Vec<Made> {
    let threads = thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let share = (to - from).div_ceil(threads);
    let keys: Vec<PrivateKey> = HOLDERS.iter().map(|holder| election.keys.key(holder)).collect();
    thread::scope(|scope| {
        let tasks: Vec<_> = (0..threads)
            .map(|task| {
                let first = from + task * share;
                let end = to.min(first + share);
                let keys = &keys;
                scope.spawn(move || {
                    (first..end)
                        .map(|index| event(election, keys, index, begins))
                        .collect::<Vec<Made>>()
                })
            })
            .collect();
        tasks.into_iter().flat_map(|task| task.join().expect("a task")).collect()
    })
}

/// A custody event with a note that brings it to about 700 bytes.
fn event(election: &Election, keys: &[PrivateKey], index: u64, begins: Timestamp) -> Made {
    let which = usize::try_from(index % HOLDERS.len() as u64).expect("one of eight");
    let time = begins.saturating_plus_seconds(index / 1000);
    let note = format!(
        "Container {index} was counted, sealed and photographed by two people of different \
         parties; both have signed the paper log that lies with it. Nothing was found open or \
         out of place, and the seal's number was read aloud."
    );
    let payload = CustodyEvent {
        container: format!("C{index}").parse().expect("a container"),
        election_id: election.charter.election_id.clone(),
        event: CustodyStep::Stored,
        from: None,
        note: Some(note.parse().expect("a text")),
        seal: format!("S-{index:09}").parse().expect("a seal"),
        time,
        to: Some("county warehouse, room 2".parse().expect("a place")),
    };
    let kind = "custody_event/v1".parse().expect("a kind");
    let signer: &dyn Signer = &keys[which];
    let bytes = canon::envelope::sign_to_bytes(&kind, &payload, &[signer]).expect("an envelope");
    made(election, bytes, EntryType::CustodyEvent, HOLDERS[which], Role::Custody, time)
}

fn made(
    election: &Election,
    artifact: Vec<u8>,
    entry_type: EntryType,
    holder: &str,
    role: Role,
    timestamp: Timestamp,
) -> Made {
    let digest = Digest::of(&artifact);
    let leaf = Leaf {
        artifact_sha256: digest,
        artifact_size: artifact.len() as u64,
        election_id: election.charter.election_id.clone(),
        entry_type,
        originator: Originator { id: holder.parse().expect("a holder"), role },
        timestamp,
        r#type: LeafType::V1,
    };
    Made { line: leaf.to_bytes(), artifact, digest }
}

/// The tree as it is written, one leaf tile at a time.
struct Tree<'a> {
    sink: &'a mut dyn Sink,
    edge: Edge,
    pending: Vec<Vec<u8>>,
}

impl Tree<'_> {
    fn size(&self) -> u64 {
        self.edge.size()
    }

    fn add(&mut self, made: Made) -> io::Result<()> {
        self.sink.file(&format!("artifact/{}", made.digest), &made.artifact)?;
        let hash = leaf_hash(&entry_of(&made.line));
        self.pending.push(made.line);
        for tile in self.edge.extend(&[hash]).expect("a small tree") {
            self.sink.file(&tile.path().to_string(), &tile.to_bytes())?;
        }
        if self.pending.len() == 256 {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes the leaves and entries at hand.
    fn flush(&mut self) -> io::Result<()> {
        let size = self.size();
        let Some(place) = size.checked_sub(1).and_then(|last| Place::holding(last, size)) else {
            return Ok(());
        };
        let lines = std::mem::take(&mut self.pending);
        let entries = encode_entries(lines.iter().map(|line| entry_of(line))).expect("entries");
        self.sink.file(&EntriesPath(place).to_string(), &entries)?;
        let mut text = lines.join(&b'\n');
        text.push(b'\n');
        self.sink.file(&LeafPath(place).to_string(), &text)
    }

    /// Writes what is partial at the end.
    fn finish(&mut self) -> io::Result<()> {
        if !self.pending.is_empty() {
            self.flush()?;
        }
        let partial: Vec<_> = self.edge.partial().collect();
        for tile in partial {
            self.sink.file(&tile.path().to_string(), &tile.to_bytes())?;
        }
        Ok(())
    }

    fn head(&mut self, election: &Election, plan: &HeadPlan) -> io::Result<()> {
        let bytes = election.head_bytes(plan);
        self.sink.file(&format!("checkpoints/{}", plan.size), &bytes)?;
        self.sink.file("checkpoint", &bytes)
    }
}

impl Sink for Bundle {
    fn file(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.files.insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }
}
