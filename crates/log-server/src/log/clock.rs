//! The log's clock at a start.
//!
//! A running log sees its clock step. Between two processes nobody does: a machine that comes up
//! an hour ahead would date an hour of entries and heads ahead, and dates never go back. So before
//! anything is accepted, the witnesses are asked to cosign the last signed head once more. They
//! sign their own time, and it must be near ours.

use std::sync::Arc;

use artifact::register::{CountedWitness, Register};
use canon::Timestamp;
use tlog::merkle::Head;
use tlog::note::{MAX_NOTE_BYTES, Note};
use tlog::sequence::Sequencer;
use tlog::witness::START_BOUND_S;
use tokio::runtime::Handle;

use super::cosign::{Cosigner, SignedHead};
use super::error::LogError;
use super::keys::LogKeys;
use super::publish::PENDING;
use super::publish::witness::cosign;
use super::storer::Stores;
use super::witnesses::Witnesses;

/// What a log has when it starts.
pub(crate) struct Here<'a> {
    pub(crate) keys: &'a LogKeys,
    pub(crate) stores: &'a Stores,
    pub(crate) witnesses: &'a Witnesses,
}

impl Here<'_> {
    /// Refuses a clock that is behind what this log has signed, or far from those of at least half
    /// of the witnesses that tell theirs. Without a head, or a witness that answers, nothing is
    /// known and nothing refused.
    pub(crate) async fn check(
        &self,
        now: Timestamp,
        sequencer: &Sequencer,
        register: &Register,
    ) -> Result<(), LogError> {
        let behind_s = sequencer.stamp(now).seconds_since(now).unsigned_abs();
        if behind_s > START_BOUND_S {
            return Err(LogError::ClockBehind { behind_s });
        }
        let Some(signed) = self.last_signed(sequencer.head()).await? else {
            return Ok(());
        };
        let times = self.ask(&signed, register).await;
        let count = times.len();
        let mut apart: Vec<(i64, String)> = Vec::new();
        for (name, time) in times {
            let off_s = now.seconds_since(time);
            if off_s.unsigned_abs() > START_BOUND_S {
                tracing::warn!(witness = name, off_s, "its clock and ours are apart");
                apart.push((off_s, name));
            }
        }
        // One witness with a wrong clock does not keep the log away; as many as not do.
        if apart.len() * 2 < count || apart.is_empty() {
            return Ok(());
        }
        apart.sort_unstable();
        let off_s = apart.get(apart.len() / 2).map_or(0, |(off_s, _)| *off_s);
        let names: Vec<_> = apart.into_iter().map(|(_, name)| name).collect();
        Err(LogError::ClockApart { off_s, names: names.join(", ") })
    }

    /// The head that was signed last, as it stands at `checkpoint.pending`.
    async fn last_signed(&self, head: Head) -> Result<Option<SignedHead>, LogError> {
        let bytes = self.stores.public.get(PENDING, MAX_NOTE_BYTES as u64).await?;
        let found = bytes.filter(|bytes| self.keys.read_plain(bytes).is_ok_and(|it| it == head));
        Ok(found.map(|bytes| SignedHead { head, checkpoint: bytes.to_vec() }))
    }

    /// The times at which the witnesses of the policy for this head cosign it now.
    async fn ask(&self, signed: &SignedHead, register: &Register) -> Vec<(String, Timestamp)> {
        let Some(policy) = register.witness_policy_at(signed.head.size) else {
            return Vec::new();
        };
        let Ok(note) = Note::parse(&signed.checkpoint) else {
            return Vec::new();
        };
        let asked = self.witnesses.of(policy).into_iter();
        let asked = asked.filter_map(|(witness, client)| Some((witness, client?)));
        let times = asked.map(async |(witness, cosigner)| {
            let time = self.ask_one(signed, note.text(), &witness, cosigner).await?;
            Some((witness.name.to_string(), time))
        });
        futures::future::join_all(times).await.into_iter().flatten().collect()
    }

    async fn ask_one(
        &self,
        signed: &SignedHead,
        text: &str,
        witness: &CountedWitness,
        cosigner: Arc<dyn Cosigner>,
    ) -> Option<Timestamp> {
        let (signed, store) = (signed.clone(), self.stores.public.clone());
        let handle = Handle::current();
        let ask = move || cosign(&cosigner, &signed, &store, &handle);
        let lines = tokio::task::spawn_blocking(ask).await.ok()?.ok()?;
        lines.iter().filter_map(|line| witness.key.verify(text, line).ok().flatten()).max()
    }
}
