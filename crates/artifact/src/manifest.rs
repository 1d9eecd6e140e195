//! Manifests: lists of raw files with name, digest, size and type (section 6.2, appendix A.2).
//!
//! ```text
//! {"election_id":"…","origin":{"id":"<holder>","role":"<role>"},
//!  "purpose":"export|storage|records",
//!  "files":[{"name":"…","sha256":"<64 hex>","size":1,"type":"ballot_manifest/csv"}]}
//! ```
//!
//! The origin signs: its id and role are those of the envelope's first signature, which
//! [`crate::admit`] checks. The files themselves stand in a bundle at `artifact/<sha256>`, and
//! travel to the log behind the envelope in the order of the list.

use canon::Digest;
use serde::{Deserialize, Serialize};

use crate::form::{listed, words};
use crate::id::{ElectionId, FileName, FileType};
use crate::kind::ArtifactKind;
use crate::leaf::Originator;
use crate::payload::{Broken, PayloadType};

words! {
    /// Why a manifest was made.
    pub enum Purpose ("a manifest's purpose") {
        /// A device's export on removable media (section 7.3).
        Export = "export",
        /// What an immutable store holds (section 14.3).
        Storage = "storage",
        /// Files that enter the evidence.
        Records = "records",
    }
}

/// One file of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The file's name where it came from.
    pub name: FileName,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Its bytes, at least one.
    pub size: u64,
    /// What it is.
    pub r#type: FileType,
}

impl File {
    /// The entry for bytes at hand.
    pub fn of(name: FileName, r#type: FileType, bytes: &[u8]) -> Self {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Self { name, sha256: Digest::of(bytes), size, r#type }
    }

    /// Whether these bytes are the file.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        u64::try_from(bytes.len()) == Ok(self.size) && Digest::of(bytes) == self.sha256
    }
}

/// `manifest/v1`: a list of raw files, signed by their origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The election.
    pub election_id: ElectionId,
    /// Who lists the files, and signs.
    pub origin: Originator,
    /// Why.
    pub purpose: Purpose,
    /// The files, no name twice.
    #[serde(deserialize_with = "listed")]
    pub files: Vec<File>,
}

/// A raw file that is not what its manifest says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// More or fewer files than listed.
    #[error("the manifest lists {listed} files, {found} came")]
    Count {
        /// Files in the list.
        listed: usize,
        /// Files at hand.
        found: usize,
    },
    /// A file has another length.
    #[error("{name} must have {listed} bytes, found {found}")]
    Size {
        /// The file.
        name: FileName,
        /// Bytes in the list.
        listed: u64,
        /// Bytes at hand.
        found: u64,
    },
    /// A file has other bytes.
    #[error("{name} must have digest {listed}, found {found}")]
    Digest {
        /// The file.
        name: FileName,
        /// The digest in the list.
        listed: Digest,
        /// The digest of the bytes at hand.
        found: Digest,
    },
}

impl Manifest {
    /// Compares raw files, in the order of the list, with what the manifest says of them.
    pub fn compare<B: AsRef<[u8]>>(&self, raw: &[B]) -> Vec<Mismatch> {
        let mut mismatches = Vec::new();
        if raw.len() != self.files.len() {
            mismatches.push(Mismatch::Count { listed: self.files.len(), found: raw.len() });
        }
        for (file, bytes) in self.files.iter().zip(raw) {
            mismatches.extend(file.compare(bytes.as_ref()));
        }
        mismatches
    }

    /// The files of one type.
    pub fn of_type<'a>(&'a self, file_type: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| file.r#type == *file_type)
    }
}

impl File {
    /// What differs between the listed file and bytes at hand, if anything.
    pub fn compare(&self, bytes: &[u8]) -> Option<Mismatch> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size != self.size {
            return Some(Mismatch::Size {
                name: self.name.clone(),
                listed: self.size,
                found: size,
            });
        }
        let digest = Digest::of(bytes);
        (digest != self.sha256).then(|| Mismatch::Digest {
            name: self.name.clone(),
            listed: self.sha256,
            found: digest,
        })
    }
}

impl PayloadType for Manifest {
    const KIND: ArtifactKind = ArtifactKind::Manifest;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        crate::payload::rule::distinct(
            &mut broken,
            "files",
            "no name twice",
            self.files.iter().map(|file| &file.name),
        );
        for file in &self.files {
            if file.size == 0 {
                broken.push(Broken::new("files", "size at least 1", &file.name));
            }
        }
        broken.extend(self.sizes_that_differ());
        broken
    }
}

impl Manifest {
    /// One digest cannot have two sizes.
    fn sizes_that_differ(&self) -> Option<Broken> {
        let mut by_digest: Vec<_> =
            self.files.iter().map(|file| (file.sha256, file.size)).collect();
        by_digest.sort_unstable();
        by_digest.dedup();
        by_digest.windows(2).find_map(|pair| match pair {
            [(one, _), (two, _)] if one == two => {
                Some(Broken::new("files", "one size for one digest", one))
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests;
