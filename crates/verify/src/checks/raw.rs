//! Raw files: what manifests list, hashed in parallel and in pieces.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use artifact::bundle::{PIECE_BYTES, Source, SourceError};
use artifact::charter::PublicationRules;
use canon::{Digest, Hasher};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::error::CouldNotCheck;
use crate::finding::{Finding, Findings, Rule, artifact as art, booth};
use crate::replay::files::unreadable;
use crate::replay::ledger::RawFile;

mod scan;

use scan::Scan;

/// The rules about raw files.
pub(crate) static RULES: &[&Rule] =
    &[&art::RAW_MISSING, &art::RAW_DIGEST, &art::RAW_SIZE, &booth::LISTED_IN_FILE];

/// The largest raw file that is read, in bytes: 1 GiB, and never more than its manifest states.
const MAX_RAW_BYTES: u64 = 1024 * 1024 * 1024;

/// Hashes the files that have not been looked at before. How many were withheld.
pub(crate) fn check(
    source: &dyn Source,
    rules: &PublicationRules,
    due: Vec<RawFile>,
    seen: &mut BTreeMap<Digest, (bool, u64)>,
    findings: &mut Findings,
) -> Result<u64, CouldNotCheck> {
    let mut fresh: Vec<RawFile> = Vec::new();
    for file in due {
        if let Entry::Vacant(place) = seen.entry(file.sha256) {
            place.insert((false, file.index));
            fresh.push(file);
        }
    }
    let looked: Vec<(Outcome, Vec<Finding>)> =
        fresh.par_iter().map(|file| one(source, rules, file)).collect::<Result<_, _>>()?;
    let mut withheld = 0_u64;
    for (file, (outcome, own)) in fresh.iter().zip(looked) {
        findings.extend(own);
        match outcome {
            Outcome::There => {
                seen.insert(file.sha256, (true, file.index));
            }
            Outcome::Absent => {}
            Outcome::Withheld => withheld = withheld.saturating_add(1),
        }
    }
    Ok(withheld)
}

enum Outcome {
    There,
    Absent,
    Withheld,
}

fn one(
    source: &dyn Source,
    rules: &PublicationRules,
    file: &RawFile,
) -> Result<(Outcome, Vec<Finding>), CouldNotCheck> {
    let path = format!("artifact/{}", file.sha256);
    let mut findings = Vec::new();
    let subject = format!("{} of entry {}", file.name, file.index);
    let mut say = |rule, expected: String, found: String| {
        let finding = Finding::new(rule, &subject, expected, found);
        findings.push(Finding { index: Some(file.index), ..finding });
    };
    let limit = file.size.min(MAX_RAW_BYTES);
    let outcome = match hashed(source, &path, limit) {
        Ok(Some((size, digest, record))) => {
            if size != file.size {
                say(&art::RAW_SIZE, format!("{} bytes", file.size), format!("{size} bytes"));
            }
            if digest != file.sha256 {
                say(&art::RAW_DIGEST, file.sha256.to_string(), digest.to_string());
            }
            if let Some(record) = record {
                say(&booth::LISTED_IN_FILE, "no record of a list".to_owned(), record);
            }
            Outcome::There
        }
        Ok(None) if rules.withhold_file(&file.file_type) => Outcome::Withheld,
        Ok(None) => {
            say(&art::RAW_MISSING, path, "no file".to_owned());
            Outcome::Absent
        }
        // Not read any further: it is another file, whatever follows.
        Err(SourceError::TooLarge { .. }) if limit == file.size => {
            say(&art::RAW_SIZE, format!("{limit} bytes"), format!("more than {limit} bytes"));
            Outcome::There
        }
        Err(error) => {
            unreadable(&path, error, &mut findings)?;
            Outcome::There
        }
    };
    Ok((outcome, findings))
}

/// The size and digest of a file, of which only a piece is in memory, and the first record of the
/// booth path's lists in it.
fn hashed(
    source: &dyn Source,
    path: &str,
    limit: u64,
) -> Result<Option<(u64, Digest, Option<String>)>, SourceError> {
    let Some(mut reading) = source.reader(path, limit)? else {
        return Ok(None);
    };
    let (mut hasher, mut scan) = (Hasher::new(), Scan::default());
    let mut piece = vec![0; PIECE_BYTES];
    let mut size = 0_u64;
    loop {
        let count = reading.next(&mut piece)?;
        if count == 0 {
            return Ok(Some((size, hasher.finish(), scan.end())));
        }
        let bytes = piece.get(..count).unwrap_or_default();
        hasher.update(bytes);
        scan.piece(bytes);
        size = size.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }
}
