//! The end of a replay: what can be judged only when all entries are known, and the report.

use std::collections::{BTreeMap, BTreeSet};

use artifact::role::{EntryType, Role};
use canon::Digest;
use tlog::merkle::leaf_hash;
use tlog::tile::{Place, decode_leaves};

use super::booths::Booths;
use super::lines::{Seen, lines};
use super::policy::{amended, stated};
use super::start::{election, owned};
use super::{LEVELS, Replay, Row};
use crate::checks::audit::Audited;
use crate::checks::entry::strangers;
use crate::checks::head::LogKeys;
use crate::checks::heads::{Frame, Heads};
use crate::checks::promise::{Against, Given};
use crate::checks::{audit, booth, charter, since};
use crate::error::CouldNotCheck;
use crate::finding::log;
use crate::report::{
    Anchored, Counts, DOES_NOT_SHOW, FORMAT, NOT_CHECKED, Report, SHARED_BOOTH_CODE, SHARED_CODE,
    Verdict,
};

use super::leaves::{MAX_LEAF_TILE_BYTES, TileOutcome, concatenated};

impl Replay<'_> {
    /// The keys that may stand on heads.
    pub(super) fn log_keys(&self) -> LogKeys {
        LogKeys::of(&self.register, &self.policy_sizes)
    }

    /// Judges the rest and writes the report; beside it what is known of the campaigns.
    pub(super) fn end(mut self, promises: &[Given<'_>]) -> Result<(Report, Booths), CouldNotCheck> {
        self.upper_tiles()?;
        self.files.strays(self.size, &mut self.findings);
        self.progress.stage("heads");
        let keys = self.log_keys();
        let roots = self.roots()?;
        let heads = self.heads(&keys, &roots)?;
        let since = self.options.since.as_deref().and_then(|bytes| {
            since::check(bytes, &keys, &roots, heads.last.as_ref(), &mut self.findings)
        });
        let (register, leaves) = (&self.register, &self.promised);
        let against = Against { register, keys: &keys, leaves, heads: &heads };
        for promise in promises {
            promise.check(&against, &mut self.findings);
        }
        self.progress.stage("artifacts");
        self.ledger.duplicates(&mut self.findings);
        self.ledger.dangling(&mut self.findings);
        let (reached, present) = self.ledger.reached();
        if self.tree.known() == self.size && self.all_leaves_read() {
            let found = &mut self.findings;
            self.files.stray_artifacts(self.source, &reached, present, found)?;
        }
        strangers(&self.given, &reached, &mut self.findings);
        drop(reached);
        charter::owed(&self.register, &self.ledger, &mut self.findings);
        // Whoever made another charter than the anchor's also chose how much there is to judge.
        let asked = self.anchored != Anchored::Mismatch;
        let held = if asked { self.campaigns() } else { Vec::new() };
        let (listed, told) = self.lists(&held);
        let booth = Booths { held, listed, told };
        self.progress.stage("audit");
        let found = &mut self.findings;
        let audited = audit::check(self.source, &self.register, &self.ledger, asked, found)?;
        let report = self.report(&keys, &heads, &audited, &booth, since);
        Ok((report, booth))
    }

    /// The campaigns of the booth path, judged by their entries.
    fn campaigns(&mut self) -> Vec<booth::Held> {
        booth::entries(&self.register, &self.ledger, &self.times, &mut self.findings)
    }

    /// If a leaf could not be read, what it reaches is not known either.
    fn all_leaves_read(&self) -> bool {
        self.findings.count(&log::LEAF_MALFORMED) == 0
    }

    /// Compares the tiles above the leaves.
    fn upper_tiles(&mut self) -> Result<(), CouldNotCheck> {
        if self.tree.known() < self.size {
            return Ok(());
        }
        let mut outcome = TileOutcome::default();
        let mut hashes = self.tree.level();
        for level in 1..LEVELS {
            let row = Row::Hashes(level);
            let items = row.items(self.size);
            let mut first = 0_u64;
            while let Some(place) = Place::holding(first, items) {
                let start = usize::try_from(first).unwrap_or(usize::MAX);
                let under = hashes.get(start..).unwrap_or_default();
                for copy in self.files.copies(row, place) {
                    let wanted = concatenated(under, copy);
                    outcome.hash_tile(self.source, &self.files, level, copy, &wanted)?;
                }
                first = first.saturating_add(256);
            }
            hashes = super::tree::above(&hashes);
        }
        self.findings.extend(outcome.findings);
        self.tiles = self.tiles.saturating_add(outcome.compared);
        Ok(())
    }

    /// The roots of every size that a head is known or cited for.
    fn roots(&self) -> Result<BTreeMap<u64, Digest>, CouldNotCheck> {
        let mut roots = self.tree.roots();
        let cited: BTreeSet<u64> =
            self.ledger.citations.iter().map(|cited| cited.head.tree_size).collect();
        for size in cited {
            if roots.contains_key(&size) || size > self.tree.known() {
                continue;
            }
            if let Some(root) = self.root_late(size)? {
                roots.insert(size, root);
            }
        }
        Ok(roots)
    }

    /// A root nobody asked for before: the leaf tile at its edge is read again.
    fn root_late(&self, size: u64) -> Result<Option<Digest>, CouldNotCheck> {
        let edge = if size.is_multiple_of(256) { size.saturating_sub(1) } else { size };
        let Some(place) = Place::holding(edge, self.size.max(size)) else {
            return Ok(None);
        };
        let limit = MAX_LEAF_TILE_BYTES;
        let mut findings = Vec::new();
        let got = self.files.read(self.source, Row::Leaves, place, limit, &mut findings)?;
        let super::Got::Bytes(bytes) = got else {
            return Ok(None);
        };
        let lines = decode_leaves(&bytes, place.width()).unwrap_or_default();
        let hashes: Vec<Digest> =
            lines.into_iter().map(|line| leaf_hash(&artifact::leaf::entry_of(line))).collect();
        Ok(self.tree.root_with(size, &hashes))
    }

    /// Judges all heads: those listed or told, and of a source without a list the cited too.
    fn heads(
        &mut self,
        keys: &LogKeys,
        roots: &BTreeMap<u64, Digest>,
    ) -> Result<Heads, CouldNotCheck> {
        let cited = self.ledger.citations.iter().map(|cited| cited.head.tree_size);
        let cited = cited.filter(|_| !self.files.listed);
        let known = self.files.heads.iter().copied().chain(cited);
        let mut sizes: BTreeSet<u64> = known.filter(|size| *size <= self.size).collect();
        sizes.insert(self.size);
        let sizes: Vec<u64> = sizes.into_iter().collect();
        let frame = Frame {
            source: self.source,
            files: &self.files,
            checkpoint: &self.head,
            register: &self.register,
            keys,
            roots,
            times: &self.times,
            blind_from: self.blind_from,
            size: self.size,
        };
        let heads = frame.judge(&sizes, &mut self.findings)?;
        heads.cited(&self.ledger.citations, &mut self.findings);
        Ok(heads)
    }

    /// Entries whose artifacts were not seen.
    fn unseen(&self) -> u64 {
        self.ledger.withheld.values().copied().fold(0, u64::saturating_add)
    }

    /// Everything that the charter withholds and that was not seen.
    fn withheld(&self) -> u64 {
        self.unseen().saturating_add(self.withheld_files)
    }

    fn report(
        self,
        keys: &LogKeys,
        heads: &Heads,
        audited: &Audited,
        booths: &Booths,
        since: Option<u64>,
    ) -> Report {
        let raw_there = self.ledger.raw.values().filter(|(there, _)| *there).count();
        let counts = Counts {
            entries: self.entries,
            artifacts: self.ledger.by_kind.values().copied().fold(0, u64::saturating_add),
            by_kind: self
                .ledger
                .by_kind
                .iter()
                .map(|(kind, count)| (kind.to_string(), *count))
                .collect(),
            signatures: self.ledger.signatures,
            keys: count(self.ledger.keys.len()),
            amendments: self.register.amendments(),
            raw_files: count(raw_there),
            tiles: self.tiles,
            heads: heads.count(),
            draws: audited.draws,
            withheld: self.withheld(),
            files: self.files.listed.then_some(self.files.count),
        };
        let seen = Seen {
            counts: &counts,
            audited,
            booths,
            options: self.options,
            since,
            closed_at: self.register.closed_at(),
            owed: self.founded.charter.owed().len(),
            custody_owed: self.founded.charter.owed().contains(&EntryType::CustodyEvent),
            stopped: None,
        };
        let checks = lines(&seen, &self.findings);
        let campaigns = booths.report(!self.options.voided.is_empty());
        let mut shared_code = owned(SHARED_CODE);
        if !campaigns.is_empty() {
            shared_code.push(SHARED_BOOTH_CODE.to_owned());
        }
        let verdict = Verdict::of(&self.findings);
        Report {
            format: FORMAT,
            verdict,
            exit_code: verdict.exit_code(),
            bundle: self.source.describe(),
            election: Some(election(&self.founded)),
            anchored: self.anchored,
            linked: self.ledger.linked.iter().cloned().collect(),
            witnesses_amended: amended(&self.register, &self.policy_sizes, self.size),
            head: heads.last.as_ref().map(|head| stated(head, &self.register, keys)),
            campaigns,
            checks,
            not_checked: self.not_checked(audited, booths),
            shared_code,
            does_not_show: self.does_not_show(),
            finding_counts: self.findings.counts(),
            findings: self.findings.into_sorted(),
            counts,
        }
    }

    /// What a good verdict does not show: of every bundle, and of this one.
    fn does_not_show(&self) -> Vec<String> {
        let mut texts = owned(DOES_NOT_SHOW);
        for (organisation, duties) in self.register.joined_duties() {
            let duties: Vec<&str> = duties.into_iter().map(Role::as_str).collect();
            let duties = duties.join(" and ");
            texts.push(format!("that {duties} are apart: {organisation} has keys of each"));
        }
        texts
    }

    /// What was not checked: of every bundle, and of this one.
    fn not_checked(&self, audited: &Audited, booths: &Booths) -> Vec<String> {
        let mut texts = owned(NOT_CHECKED);
        let unseen = self.unseen();
        if unseen > 0 {
            texts.push(format!(
                "{unseen} entries whose artifacts the charter withholds were judged by their \
                 leaves alone. Give an artifact with --artifact to have it judged.",
            ));
        }
        if self.withheld_files > 0 {
            texts.push(format!(
                "{} raw files that the charter withholds were not hashed.",
                self.withheld_files
            ));
        }
        booths.not_checked(self.options, &mut texts);
        if audited.not_drawn > 0 {
            texts.push(format!("{} samples were not drawn again.", audited.not_drawn));
        }
        if audited.plans == 0 && audited.samples > 0 {
            let text = "There is no audit plan: nothing says how many cards were to be drawn, nor \
                        from which manifest.";
            texts.push(text.to_owned());
        }
        if audited.choices > 0 {
            let text = "Samples by two generators were drawn with one seed and no plan names a \
                        generator: nothing says which of them counts.";
            texts.push(text.to_owned());
        }
        if !self.files.listed {
            let text = "An address cannot be listed: only the heads that are cited were checked, \
                        and not whether each entry was covered in time.";
            texts.push(text.to_owned());
        }
        if self.files.pending {
            let text = "checkpoint.pending is still short of its witnesses and shows nothing.";
            texts.push(text.to_owned());
        }
        texts
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
