//! The files of a bundle: which are there, which must be, and which nothing accounts for.
//!
//! Tiles and heads are few and are remembered by place and size. Artifacts are many: they are
//! counted here, and looked through a second time only if the count is not the one that the
//! leaves account for.

use std::collections::{BTreeMap, BTreeSet};

use artifact::bundle::{BundlePath, MAX_SIZES_BYTES, Source, SourceError, parse_sizes};
use canon::Digest;
use tlog::tile::{EntriesPath, LeafPath, Place, TilePath};

use crate::error::CouldNotCheck;
use crate::finding::{Finding, Findings, Rule, bundle, log};

/// Levels of tiles that a tree of less than 2^64 leaves can have.
pub(crate) const LEVELS: u8 = 8;

/// A row of files that grow with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    /// `leaf/…`
    Leaves,
    /// `tile/entries/…`
    Entries,
    /// `tile/<level>/…`
    Hashes(u8),
}

impl Row {
    /// The path of a place of this row.
    pub(crate) fn path(self, place: Place) -> String {
        match self {
            Self::Leaves => LeafPath(place).to_string(),
            Self::Entries => EntriesPath(place).to_string(),
            Self::Hashes(level) => {
                TilePath::at(level, place).map_or_else(|_| String::new(), |path| path.to_string())
            }
        }
    }

    /// Bits by which the row is shorter than the log.
    fn shift(self) -> u32 {
        match self {
            Self::Leaves | Self::Entries => 0,
            Self::Hashes(level) => u32::from(level).saturating_mul(8),
        }
    }

    /// Items of the row in a log of this size.
    pub(crate) fn items(self, size: u64) -> u64 {
        size.checked_shr(self.shift()).unwrap_or(0)
    }

    /// The first bytes of a full file that a place of this width holds.
    fn cut(self, mut bytes: Vec<u8>, width: u16) -> Vec<u8> {
        let width = usize::from(width);
        let length = match self {
            Self::Hashes(_) => width.saturating_mul(32),
            Self::Entries => width.saturating_mul(34),
            Self::Leaves => {
                let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
                ends.map(|(at, _)| at.saturating_add(1))
                    .nth(width.saturating_sub(1))
                    .unwrap_or(bytes.len())
            }
        };
        bytes.truncate(length);
        bytes
    }
}

/// A step through the leaf tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeafStep {
    /// A tile to read.
    Read(Place),
    /// Leaves of which no file is there.
    Gap {
        /// The first of them.
        first: u64,
        /// The index after the last.
        end: u64,
    },
}

/// Who tells of the heads under `checkpoints/`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Told {
    /// Nobody yet.
    #[default]
    No,
    /// `checkpoints/sizes` is listed, and not read yet.
    ToRead,
    /// These are all, by the list of files or by `checkpoints/sizes`.
    All,
}

/// What is known of a bundle's files before any is read.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// Whether the source could be listed.
    pub(crate) listed: bool,
    /// Files in all.
    pub(crate) count: u64,
    /// Files under `artifact/`.
    artifacts: u64,
    /// Whether `checkpoint` is there.
    pub(crate) checkpoint: bool,
    /// Whether `checkpoint.pending` is there, which is no part of the evidence.
    pub(crate) pending: bool,
    /// Sizes with a file under `checkpoints/`: those listed, or told by `checkpoints/sizes`.
    pub(crate) heads: BTreeSet<u64>,
    /// Who tells of them.
    told: Told,
    /// Widths of the files of a row at a number.
    places: BTreeMap<(Row, u64), BTreeSet<u16>>,
}

impl Files {
    /// Goes through the source's list, if it has one.
    pub(crate) fn of(source: &dyn Source, findings: &mut Findings) -> Result<Self, CouldNotCheck> {
        let mut files = Self::default();
        files.listed = source.each_path(&mut |path| {
            files.count = files.count.saturating_add(1);
            match path.parse::<BundlePath>() {
                Ok(known) if files.note(&known) => {}
                Ok(_) => {
                    let expected = "one file of this name";
                    findings.push(Finding::new(&bundle::TWICE, path, expected, "another one"));
                }
                Err(error) => findings.push(Finding::new(
                    &bundle::STRANGE_NAME,
                    path,
                    "a path of a bundle",
                    error.to_string(),
                )),
            }
        })?;
        Ok(files)
    }

    /// Reads what `checkpoints/sizes` tells of heads of up to `size` entries.
    ///
    /// Without a list it is the only word about heads that nothing cites. To be read after the
    /// head: a log that grows tells of a head's size before it shows the head.
    pub(crate) fn read_sizes(
        &mut self,
        source: &dyn Source,
        size: u64,
        findings: &mut Findings,
    ) -> Result<(), CouldNotCheck> {
        if self.listed && std::mem::replace(&mut self.told, Told::All) == Told::No {
            return Ok(());
        }
        let path = BundlePath::CheckpointSizes.to_string();
        let mut own = Vec::new();
        let got = get(source, &path, MAX_SIZES_BYTES, &mut own)?;
        findings.extend(own);
        let Got::Bytes(bytes) = got else {
            return Ok(());
        };
        let told = match parse_sizes(&bytes) {
            Ok(told) => told,
            Err(error) => {
                let expected = "one size a line, ascending";
                let found = error.to_string();
                findings.push(Finding::new(&bundle::SIZES_DIFFER, path, expected, found));
                return Ok(());
            }
        };
        if !self.listed {
            self.heads = told.into_iter().filter(|told| *told <= size).collect();
            self.told = Told::All;
            return Ok(());
        }
        let told: BTreeSet<u64> = told.into_iter().collect();
        for size in told.symmetric_difference(&self.heads) {
            let head = format!("checkpoints/{size}");
            let (expected, found) = if told.contains(size) {
                (format!("{head}, which the list names"), "no file".to_owned())
            } else {
                ("a list that names every head".to_owned(), format!("{head} beside it"))
            };
            findings.push(Finding::new(&bundle::SIZES_DIFFER, &path, expected, found));
        }
        Ok(())
    }

    /// Whether the heads are all that were published, as far as anybody tells.
    pub(crate) fn all_heads_told(&self) -> bool {
        self.told == Told::All
    }

    /// Remembers one file; false if it was there already.
    fn note(&mut self, path: &BundlePath) -> bool {
        match path {
            BundlePath::Checkpoint => !std::mem::replace(&mut self.checkpoint, true),
            BundlePath::CheckpointPending => !std::mem::replace(&mut self.pending, true),
            BundlePath::CheckpointAt(size) => self.heads.insert(*size),
            BundlePath::CheckpointSizes => {
                std::mem::replace(&mut self.told, Told::ToRead) == Told::No
            }
            BundlePath::Tile(tile) => self.place(Row::Hashes(tile.level()), tile.place()),
            BundlePath::Entries(entries) => self.place(Row::Entries, entries.0),
            BundlePath::Leaf(leaves) => self.place(Row::Leaves, leaves.0),
            BundlePath::Artifact(_) => {
                self.artifacts = self.artifacts.saturating_add(1);
                true
            }
        }
    }

    fn place(&mut self, row: Row, place: Place) -> bool {
        self.places.entry((row, place.number())).or_default().insert(place.width())
    }

    /// True if the list names nothing of a bundle.
    pub(crate) fn is_nothing(&self) -> bool {
        let empty = self.heads.is_empty() && self.places.is_empty() && self.artifacts == 0;
        self.listed && !self.checkpoint && empty
    }

    fn has(&self, row: Row, place: Place) -> bool {
        let widths = self.places.get(&(row, place.number()));
        widths.is_some_and(|widths| widths.contains(&place.width()))
    }

    /// The file of a place.
    ///
    /// A source that cannot be listed may have dropped a partial tile once the full one was there
    /// (C2SP tlog-tiles); then the full one is cut.
    pub(crate) fn read(
        &self,
        source: &dyn Source,
        row: Row,
        place: Place,
        limit: u64,
        findings: &mut Vec<Finding>,
    ) -> Result<Got, CouldNotCheck> {
        if self.listed && !self.has(row, place) {
            return Ok(Got::Nothing);
        }
        let got = get(source, &row.path(place), limit, findings)?;
        if self.listed || place.is_full() || !matches!(got, Got::Nothing) {
            return Ok(got);
        }
        Ok(match get(source, &row.path(place.full()), limit, findings)? {
            Got::Bytes(bytes) => Got::Bytes(row.cut(bytes, place.width())),
            other => other,
        })
    }

    /// The place itself and every narrower copy of it that the list names.
    ///
    /// A log keeps the partial tiles of its earlier heads for as long as the full one is not
    /// there; an export leaves them out.
    pub(crate) fn copies(&self, row: Row, place: Place) -> impl Iterator<Item = Place> + use<> {
        let there = self.places.get(&(row, place.number())).into_iter().flatten();
        let mut widths: BTreeSet<u16> =
            there.copied().filter(|width| *width < place.width()).collect();
        widths.insert(place.width());
        let number = place.number();
        widths.into_iter().filter_map(move |width| Place::new(number, width).ok())
    }

    /// The leaf tiles to read for a log of this size, in order, with the gaps between them.
    ///
    /// A source without a list is asked for all. Of one with a list only what is there is read:
    /// a head can claim any size.
    pub(crate) fn leaf_tiles(&self, size: u64) -> Box<dyn Iterator<Item = LeafStep> + '_> {
        let count = size.div_ceil(256);
        let place = move |number: u64| Place::holding(number << 8, size);
        if !self.listed {
            return Box::new((0..count).filter_map(place).map(LeafStep::Read));
        }
        let mut next = 0_u64;
        let there = self.places.range((Row::Leaves, 0)..(Row::Leaves, count));
        let steps = there.map(|((_, number), _)| *number).chain([count]).flat_map(move |number| {
            let gap = (next < number).then_some(LeafStep::Gap {
                first: next.saturating_mul(256),
                end: number.saturating_mul(256).min(size),
            });
            next = number.saturating_add(1);
            let read = place(number).filter(|_| number < count).map(LeafStep::Read);
            gap.into_iter().chain(read)
        });
        Box::new(steps)
    }

    /// Everything in the list that a log of this size does not reach.
    ///
    /// A partial tile that is no part of a published size is a finding of its own: the head was
    /// left out, or never came.
    pub(crate) fn strays(&self, size: u64, findings: &mut Findings) {
        for (&(row, number), widths) in &self.places {
            let items = row.items(size);
            for place in widths.iter().filter_map(|width| Place::new(number, *width).ok()) {
                if place.end() > items {
                    let expected = format!("{items} items in this row");
                    let found = format!("items {} to {}", place.first(), place.end());
                    unreached(row.path(place), expected, found, findings);
                } else if !place.is_full() && place.end() < items && !self.is_published(row, place)
                {
                    findings.push(Finding::new(
                        &bundle::UNPUBLISHED_WIDTH,
                        row.path(place),
                        "a head of this size under checkpoints/",
                        "none",
                    ));
                }
            }
        }
        for head in self.heads.range(size.saturating_add(1)..) {
            let expected = format!("no head of more than {size} entries");
            let path = format!("checkpoints/{head}");
            findings.push(Finding::new(&log::SIZE_DIFFERS, path, expected, head.to_string()));
        }
    }

    fn is_published(&self, row: Row, place: Place) -> bool {
        let first = place.end().checked_shl(row.shift()).unwrap_or(u64::MAX);
        let mut after = self.heads.range(first..);
        after.next().is_some_and(|size| row.items(*size) == place.end())
    }

    /// Looks for artifacts that nothing reaches, if the count says that there are any. `reached`
    /// is sorted; `present` is how many of them could be read.
    pub(crate) fn stray_artifacts(
        &self,
        source: &dyn Source,
        reached: &[Digest],
        present: u64,
        findings: &mut Findings,
    ) -> Result<(), CouldNotCheck> {
        if !self.listed || self.artifacts == present {
            return Ok(());
        }
        source.each_path(&mut |path| {
            let Ok(BundlePath::Artifact(digest)) = path.parse() else {
                return;
            };
            // A name that comes twice was found when its file was to be read.
            if reached.binary_search(&digest).is_err() {
                let expected = "a leaf or a manifest that names it".to_owned();
                unreached(path.to_owned(), expected, "none".to_owned(), findings);
            }
        })?;
        Ok(())
    }
}

fn unreached(path: String, expected: String, found: String, findings: &mut Findings) {
    findings.push(Finding::new(&bundle::UNREACHED, path, expected, found));
}

/// What was found at a path.
#[derive(Debug)]
pub(crate) enum Got {
    /// The file.
    Bytes(Vec<u8>),
    /// Something that cannot be read; a finding says so.
    Unreadable,
    /// Nothing.
    Nothing,
}

/// The file at a path. One that is there and cannot be read is a finding, not the end.
pub(crate) fn get(
    source: &dyn Source,
    path: &str,
    limit: u64,
    findings: &mut Vec<Finding>,
) -> Result<Got, CouldNotCheck> {
    match source.read(path, limit) {
        Ok(Some(bytes)) => Ok(Got::Bytes(bytes)),
        Ok(None) => Ok(Got::Nothing),
        Err(error) => unreadable(path, error, findings).map(|()| Got::Unreadable),
    }
}

/// Says what is wrong with a file that is there; an error if it is not the file's fault.
pub(crate) fn unreadable(
    path: &str,
    error: SourceError,
    findings: &mut Vec<Finding>,
) -> Result<(), CouldNotCheck> {
    match error {
        SourceError::Twice { times, .. } => {
            // Other names that come twice are found in the list.
            if path.starts_with("artifact/") {
                let found = format!("{times} of them");
                findings.push(Finding::new(&bundle::TWICE, path, "one file of this name", found));
            }
            Ok(())
        }
        SourceError::TooLarge { .. } | SourceError::NotAFile { .. } | SourceError::Zip { .. } => {
            let expected = "a file that can be read";
            findings.push(Finding::new(&bundle::UNREADABLE, path, expected, error.to_string()));
            Ok(())
        }
        _ => Err(error.into()),
    }
}

/// The rules about files.
pub(crate) static RULES: &[&Rule] = &[
    &bundle::STRANGE_NAME,
    &bundle::UNREACHED,
    &bundle::TWICE,
    &bundle::UNREADABLE,
    &bundle::UNPUBLISHED_WIDTH,
    &bundle::SIZES_DIFFER,
];
