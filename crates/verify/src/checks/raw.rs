//! Raw files: what manifests list, hashed in parallel.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use artifact::bundle::Source;
use artifact::charter::PublicationRules;
use canon::Digest;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::error::CouldNotCheck;
use crate::finding::{Finding, Findings, Rule, artifact as art};
use crate::replay::files::{Got, get};
use crate::replay::ledger::RawFile;

/// The rules about raw files.
pub(crate) static RULES: &[&Rule] = &[&art::RAW_MISSING, &art::RAW_DIGEST, &art::RAW_SIZE];

/// The largest raw file that is read, in bytes: 1 GiB.
pub(crate) const MAX_RAW_BYTES: u64 = 1024 * 1024 * 1024;

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
    let mut unreadable = Vec::new();
    let outcome = match get(source, &path, MAX_RAW_BYTES, &mut unreadable)? {
        Got::Bytes(bytes) => {
            let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            if size != file.size {
                say(&art::RAW_SIZE, format!("{} bytes", file.size), format!("{size} bytes"));
            }
            let digest = Digest::of(&bytes);
            if digest != file.sha256 {
                say(&art::RAW_DIGEST, file.sha256.to_string(), digest.to_string());
            }
            Outcome::There
        }
        Got::Unreadable => Outcome::There,
        Got::Nothing if rules.withhold_file(&file.file_type) => Outcome::Withheld,
        Got::Nothing => {
            say(&art::RAW_MISSING, path, "no file".to_owned());
            Outcome::Absent
        }
    };
    findings.append(&mut unreadable);
    Ok((outcome, findings))
}
