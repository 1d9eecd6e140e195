//! Reading leaves and proofs of what is published.

use std::sync::Arc;

use artifact::leaf::{self, MAX_LEAVES_BYTES};
use bytes::Bytes;
use canon::Digest;
use service::store::StoreError;
use tlog::merkle::ProofError;
use tlog::proof::TlogProof;
use tlog::tile::{LeafPath, Place, decode_leaves};

use super::prove::{self, ProveError};
use super::state::{Published, Shared};

/// Why something cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No such leaf or artifact stands in the log.
    #[error("no entry has this {what}")]
    Unknown {
        /// What was asked for.
        what: &'static str,
    },
    /// The entry stands in the log, and no published head covers it.
    #[error("entry {index} is not under a head of {size} entries")]
    NotCovered {
        /// Where it stands.
        index: u64,
        /// The head.
        size: u64,
    },
    /// No head has been published.
    #[error("no head has been published")]
    NoHead,
    /// A size beyond the published head.
    #[error("the published head has {published} entries, not {asked}")]
    Beyond {
        /// The size asked for.
        asked: u64,
        /// The size of the published head.
        published: u64,
    },
    /// There is no such proof.
    #[error(transparent)]
    Bounds(#[from] ProofError),
    /// No witnessed checkpoint of that size was kept.
    #[error("no checkpoint of {size} entries was published")]
    NoCheckpoint {
        /// The size.
        size: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store is damaged.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}

impl From<ProveError> for ReadError {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::Bounds(fault) => Self::Bounds(fault),
            ProveError::Store(fault) => Self::Store(fault),
            ProveError::Tile(fault) => Self::Damaged(fault.to_string()),
        }
    }
}

/// An inclusion proof with what it proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// Where the entry stands.
    pub index: u64,
    /// The size of the tree.
    pub size: u64,
    /// The entry's hash in the tree.
    pub leaf_hash: Digest,
    /// The audit path.
    pub hashes: Vec<Digest>,
    /// The root that it leads to.
    pub root: Digest,
}

/// What an inclusion proof is asked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The leaf hash.
    Leaf(Digest),
    /// The artifact's digest.
    Artifact(Digest),
}

/// The canonical leaf of a durable entry.
pub(crate) async fn leaf(shared: &Shared, index: u64) -> Result<Bytes, ReadError> {
    if let Some(leaf) = shared.tail().get(index) {
        return Ok(leaf.leaf.clone());
    }
    // What has left the tail stands in a full bundle.
    let damaged = |what: &str| ReadError::Damaged(format!("leaf {index}: {what}"));
    let place = Place::holding(index, u64::MAX).ok_or_else(|| damaged("no place"))?;
    let path = LeafPath(place).to_string();
    let bytes = shared.stores.public.get(&path, MAX_LEAVES_BYTES).await?;
    let bytes = bytes.ok_or_else(|| damaged("its bundle is missing"))?;
    let at = usize::try_from(index - place.first()).unwrap_or(usize::MAX);
    let lines = decode_leaves(&bytes, place.width()).unwrap_or_default();
    let line = lines.get(at).ok_or_else(|| damaged("its bundle is too short"))?;
    Ok(bytes.slice_ref(line))
}

/// The published head, and `asked` or its size.
fn size_under(shared: &Shared, asked: Option<u64>) -> Result<(Arc<Published>, u64), ReadError> {
    let published = shared.published().ok_or(ReadError::NoHead)?;
    let most = published.head.size;
    match asked {
        Some(asked) if asked > most => Err(ReadError::Beyond { asked, published: most }),
        Some(asked) => Ok((published, asked)),
        None => Ok((published, most)),
    }
}

/// The inclusion of an entry in the tree of `size` entries, or of the published head.
pub(crate) async fn inclusion(
    shared: &Shared,
    wanted: Wanted,
    size: Option<u64>,
) -> Result<Inclusion, ReadError> {
    let (index, what) = match wanted {
        Wanted::Leaf(hash) => (shared.read_index(|index| index.leaf(&hash)), "leaf hash"),
        Wanted::Artifact(digest) => {
            (shared.read_index(|index| index.artifact(&digest)), "artifact digest")
        }
    };
    let index = index.filter(|index| *index < shared.durable());
    let index = index.ok_or(ReadError::Unknown { what })?;
    let (published, size) = size_under(shared, size)?;
    if index >= size {
        return Err(ReadError::NotCovered { index, size });
    }
    let text = leaf(shared, index).await?;
    let leaf_hash = tlog::merkle::leaf_hash(&leaf::entry_of(&text));
    let held = published.head.size;
    let hashes = prove::inclusion(&shared.stores.public, index, size, held).await?;
    let root = tlog::merkle::root_of_inclusion(&leaf_hash, index, size, &hashes)?;
    Ok(Inclusion { index, size, leaf_hash, hashes, root })
}

/// The same as a C2SP tlog-proof, with the checkpoint of that size.
pub(crate) async fn tlog_proof(
    shared: &Shared,
    wanted: Wanted,
    size: Option<u64>,
) -> Result<TlogProof, ReadError> {
    let (published, size) = size_under(shared, size)?;
    let inclusion = inclusion(shared, wanted, Some(size)).await?;
    let checkpoint = if size == published.head.size {
        published.checkpoint.clone()
    } else {
        let path = format!("checkpoints/{size}");
        let most = tlog::note::MAX_NOTE_BYTES as u64;
        let found = shared.stores.public.get(&path, most).await?;
        found.ok_or(ReadError::NoCheckpoint { size })?
    };
    TlogProof::new(inclusion.index, inclusion.hashes, &checkpoint, None)
        .map_err(|error| ReadError::Damaged(error.to_string()))
}

/// The consistency of two sizes, the later one at most that of the published head.
pub(crate) async fn consistency(
    shared: &Shared,
    from: u64,
    to: u64,
) -> Result<Vec<Digest>, ReadError> {
    let (published, to) = size_under(shared, Some(to))?;
    let held = published.head.size;
    Ok(prove::consistency_within(&shared.stores.public, from, to, held).await?)
}
