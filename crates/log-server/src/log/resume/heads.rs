//! The heads that a lost log goes on from: of the copy, and of the witnesses.

use std::collections::BTreeSet;

use artifact::bundle::{BundlePath, head_sizes};
use artifact::register::Register;
use bytes::Bytes;
use canon::Timestamp;
use tlog::merkle::Head;
use tlog::note::MAX_NOTE_BYTES;
use tokio::runtime::Handle;

use super::ResumeParts;
use super::copying::Done;
use super::standing::{self, Standing};
use crate::log::error::LogError;
use crate::log::evidence::{self, Here};
use crate::log::publish::{CHECKPOINT, PENDING};
use crate::log::unsettled::Unsettled;
use crate::log::witnesses::Witnesses;

/// The latest heads of a copy.
pub(super) struct CopiedHeads {
    /// What stands at `checkpoint`. Its witnesses are judged when the amendments are known.
    witnessed: Signed,
    /// What stands at `checkpoint.pending`, where that is no smaller.
    pending: Option<Signed>,
    /// The larger of the two.
    pub(super) last: Head,
}

/// A head with our signatures.
#[derive(Clone)]
pub(super) struct Signed {
    pub(super) bytes: Bytes,
    pub(super) head: Head,
    pub(super) time: Timestamp,
}

/// What the witnesses said.
pub(super) struct Asked {
    /// The heads with our signature that they hold.
    pub(super) heads: Vec<(Head, Timestamp)>,
    /// Those that could not be asked, and were named for that case.
    pub(super) left_out: Vec<String>,
}

impl CopiedHeads {
    /// The heads with the times of their signatures.
    pub(super) fn signed(&self) -> impl Iterator<Item = (Head, Timestamp)> {
        [Some(&self.witnessed), self.pending.as_ref()]
            .into_iter()
            .flatten()
            .map(|signed| (signed.head, signed.time))
    }
}

/// The latest heads of the copy, with our own signatures.
pub(super) fn of_copy(parts: &ResumeParts<'_>) -> Result<CopiedHeads, LogError> {
    let witnessed = read(parts, CHECKPOINT)?;
    let witnessed =
        witnessed.ok_or_else(|| LogError::Copy { what: format!("{CHECKPOINT} is missing") })?;
    let pending = read(parts, PENDING)?.filter(|head| head.head.size >= witnessed.head.size);
    if pending.is_none() && !parts.risks.pending_is_lost {
        return Err(LogError::NoPending { size: witnessed.head.size });
    }
    let last = pending.as_ref().unwrap_or(&witnessed).head;
    Ok(CopiedHeads { witnessed, pending, last })
}

fn read(parts: &ResumeParts<'_>, path: &str) -> Result<Option<Signed>, LogError> {
    let Some(bytes) = parts.source.read(path, MAX_NOTE_BYTES as u64)? else {
        return Ok(None);
    };
    let (head, time) = parts.keys.read_own(&bytes).map_err(|error| LogError::Copy {
        what: format!("{path} is not a checkpoint of this log: {error}"),
    })?;
    Ok(Some(Signed { bytes: bytes.into(), head, time }))
}

/// Asks every witness in force what it last saw; refuses where one has seen more than the copy's
/// `last`.
pub(super) fn of_witnesses(
    parts: &ResumeParts<'_>,
    runtime: &Handle,
    register: &Register,
    last: Head,
) -> Result<Asked, LogError> {
    let witnesses = Witnesses::new(std::sync::Arc::clone(&parts.reach));
    let answers = evidence::ask_each(&witnesses, register, last.size, parts.keys);
    let answers = runtime.block_on(answers).answers;
    let (mut heads, mut left_out) = (Vec::new(), Vec::<String>::new());
    for (witness, answer) in answers {
        let name = witness.name.to_string();
        match answer {
            Ok(Some(seen)) if seen.size > last.size => {
                return Err(LogError::Behind { who: name, size: seen.size, here: last.size });
            }
            Ok(seen) => heads.extend(seen.map(|seen| (seen, Timestamp::MIN))),
            Err(_) if parts.risks.without.contains(&name) => {
                if !left_out.contains(&name) {
                    left_out.push(name);
                }
            }
            Err(error) => return Err(LogError::Unasked { name, why: error.to_string() }),
        }
    }
    Ok(Asked { heads, left_out })
}

/// The heads of the copy that are kept by their size: all that it tells of, or of a copy that
/// tells none those that artifacts cite. Each must have our signature, the root that the copied
/// entries lead to, and enough witnesses. The copy's tiles stand in the store by now. The largest
/// is the last.
pub(super) fn to_keep(
    parts: &ResumeParts<'_>,
    runtime: &Handle,
    copied: &CopiedHeads,
    done: &Done,
) -> Result<Vec<(Head, Bytes)>, LogError> {
    let here = Here { store: &parts.store, edge: &done.edge, after: Vec::new() };
    let judge = |path: &str, signed: &Signed| {
        enough(&done.register, path, signed)?;
        runtime.block_on(here.judge(path, &signed.head))
    };
    judge(CHECKPOINT, &copied.witnessed)?;
    let told = head_sizes(parts.source)?;
    let mut sizes: BTreeSet<u64> =
        told.into_iter().flatten().chain(done.cited.iter().copied()).collect();
    sizes.remove(&copied.witnessed.head.size);
    let mut kept = Vec::new();
    for size in sizes.into_iter().filter(|size| *size <= copied.last.size) {
        let path = BundlePath::CheckpointAt(size).to_string();
        let Some(earlier) = read(parts, &path)? else { continue };
        if earlier.head.size != size {
            let what = format!("{path} is a head of {} entries", earlier.head.size);
            return Err(LogError::Copy { what });
        }
        judge(&path, &earlier)?;
        kept.push((earlier.head, earlier.bytes));
    }
    kept.push((copied.witnessed.head, copied.witnessed.bytes.clone()));
    kept.sort_unstable_by_key(|(head, _)| head.size);
    Ok(kept)
}

/// Refuses a head that too few witnesses have cosigned.
fn enough(register: &Register, path: &str, signed: &Signed) -> Result<(), LogError> {
    let policy = register.witness_policy_at(signed.head.size);
    let is_met = policy
        .and_then(|policy| policy.judge(&signed.bytes).ok())
        .is_some_and(|judged| judged.quorum_met);
    if is_met {
        return Ok(());
    }
    let what = format!("{path} is not cosigned by as many witnesses as the charter asks for");
    Err(LogError::Copy { what })
}

/// Stores the heads: those by their size first, last the one that the log goes on from.
///
/// The largest head by its size tells the next resumption that nothing below may be replaced. So
/// everything that it covers, the smaller heads too, is durable before it is stored.
pub(super) async fn keep(
    parts: &ResumeParts<'_>,
    unsettled: &Unsettled,
    (copied, standing): (&CopiedHeads, &Standing),
    by_size: &[(Head, Bytes)],
) -> Result<(), LogError> {
    let store = &parts.store;
    let (smaller, largest) = by_size.split_at(by_size.len().saturating_sub(1));
    store.barrier().await?;
    for heads in [smaller, largest] {
        for (head, bytes) in heads {
            let path = BundlePath::CheckpointAt(head.size).to_string();
            // The first record of a head stands.
            if standing::head_at(parts, &path).await? != Some(*head) {
                store.put_new(unsettled.object(path, bytes.clone(), head.size)).await?;
            }
        }
        store.barrier().await?;
    }
    // Neither sizes nor times go back, of what is in the copy or of what stands here.
    let Standing { checkpoint, pending, .. } = standing;
    let witnessed = latest([Some(&copied.witnessed), checkpoint.as_ref()]);
    let last = latest([witnessed, copied.pending.as_ref(), pending.as_ref()]);
    for (path, head) in [(PENDING, last), (CHECKPOINT, witnessed)] {
        if let Some(head) = head {
            store.put_mutable(path, head.bytes.clone()).await?;
        }
    }
    Ok(())
}

/// The largest, and of those the one that was signed last.
fn latest<'a>(heads: impl IntoIterator<Item = Option<&'a Signed>>) -> Option<&'a Signed> {
    heads.into_iter().flatten().max_by_key(|signed| (signed.head.size, signed.time))
}
