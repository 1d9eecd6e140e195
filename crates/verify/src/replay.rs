//! The replay: a bundle read from its first leaf to its head, and judged on the way.
//!
//! ```text
//! list files -> head (size) -> charter -> windows of leaf tiles -> heads, audit, duplicates
//!                                          |  tiles beside them, in parallel
//!                                          |  times, amendments, in order
//!                                          |  artifacts, in parallel
//! ```

use std::collections::{BTreeMap, BTreeSet};

use artifact::admit::Founded;
use artifact::bundle::Source;
use artifact::leaf::Leaf;
use artifact::register::Register;
use artifact::role::EntryType;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;
use tlog::tile::Place;

use crate::checks::booth::{self, LookUp};
use crate::checks::entry::{self, Court, Given, Judged};
use crate::checks::promise::{self, PromisedLeaf};
use crate::checks::{charter, raw};
use crate::commitment::Commitment;
use crate::error::CouldNotCheck;
use crate::finding::{Finding, Findings, artifact as art, log};
use crate::growth::Growth;
use crate::options::{Options, Progress};
use crate::report::{Anchored, Report};

mod booths;
mod end;
pub(crate) mod files;
pub(crate) mod leaves;
pub(crate) mod ledger;
mod lines;
pub(crate) mod platform;
mod policy;
mod start;
pub(crate) mod times;
pub(crate) mod tree;

use booths::Booths;
use files::{Files, Got, LEVELS, LeafStep, Row};
use leaves::{LeafTile, Line, TileOutcome};
use ledger::Ledger;
use times::Times;
use tree::Tree;

/// Leaf tiles that are read before their artifacts are judged, for each thread.
const WINDOW_TILES: usize = 32;

/// Replays a bundle.
///
/// The answer is a report, whatever the bundle holds; an error means that the source could not be
/// read, or that one of the options is not what it should be.
pub fn replay(
    source: &dyn Source,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report, CouldNotCheck> {
    started(source, options, progress, false).map(|(report, _)| report)
}

/// Replays a bundle, and tells beside the report how the lists of each campaign grew: what the
/// differential audit is made from. Only a report that does not fail vouches for it.
///
/// # Errors
/// As [`replay`].
pub fn replay_growth(
    source: &dyn Source,
    options: &Options,
    progress: &dyn Progress,
) -> Result<(Report, Vec<Growth>), CouldNotCheck> {
    let (report, booths) = started(source, options, progress, true)?;
    Ok((report, booths.growth()))
}

/// Replays a bundle, and tells beside the report what each campaign has committed to about its
/// booths. Only a report that does not fail vouches for it.
///
/// # Errors
/// As [`replay`].
pub fn replay_commitments(
    source: &dyn Source,
    options: &Options,
    progress: &dyn Progress,
) -> Result<(Report, Vec<Commitment>), CouldNotCheck> {
    let (report, booths) = started(source, options, progress, false)?;
    Ok((report, booths.commitments()))
}

fn started(
    source: &dyn Source,
    options: &Options,
    progress: &dyn Progress,
    in_course: bool,
) -> Result<(Report, Booths), CouldNotCheck> {
    let threads = options.threads;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|_| CouldNotCheck::Threads { threads })?;
    pool.install(|| run(source, options, progress, in_course))
}

fn run(
    source: &dyn Source,
    options: &Options,
    progress: &dyn Progress,
    in_course: bool,
) -> Result<(Report, Booths), CouldNotCheck> {
    let promises = promise::read(&options.promises)?;
    let since = options.since.as_deref().map(start::old_size).transpose()?;
    let given = entry::given(&options.artifacts);
    let void = booth::void(&options.voided);
    let void = void.map_err(|number| CouldNotCheck::Voided { number })?;
    let mut findings = Findings::default();
    let receipts = booth::receipt::read(&options.receipts);
    let receipts = receipts.map_err(|(number, why)| CouldNotCheck::Receipt { number, why })?;
    progress.stage("files");
    let mut files = Files::of(source, &mut findings)?;
    let (head, size) = start::head(source, &files, &mut findings)?;
    files.read_sizes(source, size, &mut findings)?;
    let Some(founded) = charter::open(source, &files, size, &mut findings)? else {
        let report = start::no_further(source, &files, options, None, findings);
        return Ok((report, Booths::default()));
    };
    let anchored = charter::anchored(options.anchor.as_ref(), &founded, &mut findings);
    // Whoever made this charter may have signed any size, and an address can go on for ever.
    if anchored == Anchored::Mismatch && !files.listed {
        let report = start::no_further(source, &files, options, Some(&founded), findings);
        return Ok((report, Booths::default()));
    }
    let tree = Tree::asked_for(files.heads.iter().copied().chain(since).chain([size]));
    let mut replay = Replay {
        source,
        options,
        progress,
        files,
        findings,
        head,
        size,
        anchored,
        register: founded.register.clone(),
        founded,
        given,
        void,
        receipts,
        policy_sizes: vec![0],
        blind_from: None,
        tree,
        times: Times::default(),
        ledger: Ledger::default(),
        promised: promises.iter().map(|given| (given.index(), None)).collect(),
        tiles: 0,
        entries: 0,
        withheld_files: 0,
        in_course,
    };
    if replay.may_go_on() {
        replay.entries()?;
    }
    replay.end(&promises)
}

/// A replay under way.
struct Replay<'a> {
    source: &'a dyn Source,
    options: &'a Options,
    progress: &'a dyn Progress,
    files: Files,
    findings: Findings,
    /// What was read at `checkpoint`, once.
    head: Got,
    /// The size that it claims.
    size: u64,
    founded: Founded,
    anchored: Anchored,
    register: Register,
    /// Artifacts that were given beside the bundle.
    given: Given<'a>,
    /// Mandates that were declared void.
    void: BTreeSet<LookUp>,
    /// Receipts and acceptances of voters.
    receipts: Vec<booth::receipt::Given>,
    /// Sizes at which a witness policy begins.
    policy_sizes: Vec<u64>,
    /// The first amendment that cannot be read because it is of a later version.
    blind_from: Option<u64>,
    tree: Tree,
    times: Times,
    ledger: Ledger,
    /// What stands at indexes that promises speak of.
    promised: BTreeMap<u64, Option<PromisedLeaf>>,
    /// Files of the tree that were compared.
    tiles: u64,
    /// Leaves that were read.
    entries: u64,
    /// Raw files that the charter lets withhold.
    withheld_files: u64,
    /// Whether the votes by option are to be kept of each snapshot.
    in_course: bool,
}

impl Replay<'_> {
    /// Reads and judges all entries, window by window.
    fn entries(&mut self) -> Result<(), CouldNotCheck> {
        self.progress.stage("entries");
        let window = rayon::current_num_threads().saturating_mul(WINDOW_TILES);
        // The steps borrow the list of files, which does not change any more.
        let files = std::mem::take(&mut self.files);
        let mut places: Vec<Place> = Vec::with_capacity(window);
        let mut outcome = Ok(true);
        for step in files.leaf_tiles(self.size) {
            match step {
                LeafStep::Read(place) => places.push(place),
                LeafStep::Gap { first, end } => self.gap(first, end),
            }
            if places.len() >= window {
                outcome = self.window(&files, &places);
                places.clear();
                if !matches!(outcome, Ok(true)) {
                    break;
                }
            }
        }
        if matches!(outcome, Ok(true)) {
            outcome = self.window(&files, &places);
        }
        self.files = files;
        outcome.map(|_| ())
    }

    fn gap(&mut self, first: u64, end: u64) {
        let last = end.saturating_sub(1);
        let subject = Place::new(first >> 8, 256)
            .map_or_else(|_| "leaf/".to_owned(), |place| Row::Leaves.path(place));
        let expected = format!("leaves {first} to {last}");
        self.findings.push(Finding::new(&log::LEAVES_MISSING, subject, expected, "no file"));
    }

    /// Reads the leaf tiles at these places and judges their entries. False if a source without a
    /// list has no more.
    fn window(&mut self, files: &Files, places: &[Place]) -> Result<bool, CouldNotCheck> {
        let election_id = self.register.election_id().to_string();
        let source = self.source;
        let outcomes: Vec<TileOutcome> = places
            .par_iter()
            .map(|place| leaves::read(source, files, &election_id, *place))
            .collect::<Result<_, _>>()?;
        let mut tiles: Vec<LeafTile> = Vec::with_capacity(outcomes.len());
        let mut more = true;
        for outcome in outcomes {
            self.findings.extend(outcome.findings);
            self.tiles = self.tiles.saturating_add(outcome.compared);
            match outcome.tile {
                Some(tile) => tiles.push(tile),
                None => more = files.listed,
            }
        }
        for tile in &tiles {
            self.in_order(tile)?;
        }
        let lines: Vec<&Line> = tiles.iter().flat_map(|tile| &tile.lines).collect();
        self.judge(&lines)?;
        self.entries = self.entries.saturating_add(u64::try_from(lines.len()).unwrap_or(0));
        self.progress.entries(self.entries, self.size);
        Ok(more)
    }

    /// What has to be done in the log's order: the tree, the times, and changes of the register.
    fn in_order(&mut self, tile: &LeafTile) -> Result<(), CouldNotCheck> {
        self.tree.add(&tile.hashes, tile.root);
        let place = tile.hashes.place;
        for (index, promised) in self.promised.range_mut(place.first()..place.end()) {
            let at = usize::try_from(index.saturating_sub(place.first())).unwrap_or(usize::MAX);
            let leaf = tile.lines.get(at).and_then(|line| line.leaf.clone());
            let hash = tile.hashes.hashes.get(at).copied();
            *promised = hash.map(|hash| PromisedLeaf { hash, leaf });
        }
        for Line { index, leaf } in &tile.lines {
            let Some(leaf) = leaf else { continue };
            if let Some(before) = self.times.push(*index, leaf.timestamp) {
                let expected = format!("{before} or later");
                let found = leaf.timestamp.to_string();
                self.findings.push(Finding::entry(&log::LEAF_TIME_BACK, *index, expected, found));
            }
            if changes_register(leaf) {
                self.change(*index, leaf)?;
            }
        }
        Ok(())
    }

    /// Judges an amendment or a close and puts it into force.
    fn change(&mut self, index: u64, leaf: &Leaf) -> Result<(), CouldNotCheck> {
        let court = Court {
            source: self.source,
            register: &self.register,
            given: &self.given,
            blind_from: self.blind_from,
        };
        let (judged, there) = court.judge(index, leaf)?;
        if let Judged::Good(admitted, _) = &judged {
            let change = &admitted.payload;
            if charter::enact(&mut self.register, change, index, &mut self.findings) {
                self.policy_sizes.push(index.saturating_add(2));
            }
        }
        if let Judged::Bad(findings) = &judged
            && findings.iter().any(|finding| finding.rule == &art::VERSION_UNKNOWN)
        {
            self.blind_from.get_or_insert(index);
        }
        record(&mut self.ledger, &mut self.findings, index, leaf, judged, there);
        Ok(())
    }

    /// Judges all other artifacts of a window, then the raw files that they list.
    fn judge(&mut self, lines: &[&Line]) -> Result<(), CouldNotCheck> {
        let court = Court {
            source: self.source,
            register: &self.register,
            given: &self.given,
            blind_from: self.blind_from,
        };
        let parts: Vec<(Ledger, Findings)> = lines
            .par_chunks(64)
            .map(|lines| part(&court, lines))
            .collect::<Result<_, CouldNotCheck>>()?;
        for (ledger, findings) in parts {
            self.ledger.append(ledger);
            self.findings.append(findings);
        }
        let due = std::mem::take(&mut self.ledger.raw_due);
        let rules = &self.register.charter().publication;
        let (raw, findings) = (&mut self.ledger.raw, &mut self.findings);
        let withheld = raw::check(self.source, rules, due, raw, findings)?;
        self.withheld_files = self.withheld_files.saturating_add(withheld);
        Ok(())
    }
}

/// Judges some neighbouring entries.
fn part(court: &Court<'_>, lines: &[&Line]) -> Result<(Ledger, Findings), CouldNotCheck> {
    let mut ledger = Ledger::default();
    let mut findings = Findings::default();
    for Line { index, leaf } in lines {
        let Some(leaf) = leaf.as_ref().filter(|leaf| !changes_register(leaf)) else {
            continue;
        };
        let (judged, there) = court.judge(*index, leaf)?;
        record(&mut ledger, &mut findings, *index, leaf, judged, there);
    }
    Ok((ledger, findings))
}

/// Whether a leaf says that its artifact changes the register: those are judged in order.
fn changes_register(leaf: &Leaf) -> bool {
    matches!(leaf.entry_type, EntryType::Amendment | EntryType::Close)
}

/// Remembers how an entry came out.
fn record(
    ledger: &mut Ledger,
    findings: &mut Findings,
    index: u64,
    leaf: &Leaf,
    judged: Judged,
    there: bool,
) {
    let digest = leaf.artifact_sha256;
    if !there {
        ledger.not_there(digest);
    }
    match judged {
        Judged::Good(admitted, statement) => {
            ledger.saw(index, digest, Some(statement));
            ledger.admit(index, &admitted);
        }
        Judged::Withheld(own) => {
            ledger.saw(index, digest, None);
            ledger.withhold(leaf.entry_type);
            findings.extend(own);
        }
        Judged::Bad(own) => {
            ledger.saw(index, digest, None);
            findings.extend(own);
        }
    }
}
