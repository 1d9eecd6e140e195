//! Asking the witnesses, and judging what came.

use std::sync::Arc;
use std::time::Duration;

use artifact::register::WitnessPolicy;
use service::store::Store;
use tlog::note::{Note, NoteSignature};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::Publisher;
use crate::log::cosign::{CosignError, Cosigner, SignedHead};
use crate::log::error::LogError;
use crate::log::evidence::{self, Here};
use crate::log::prove;
use crate::log::state::{Published, Shared};

/// One witness's answer.
type Answer = (Arc<dyn Cosigner>, Result<Vec<NoteSignature>, CosignError>);

impl Publisher {
    /// Asks every witness of the policy in force for a cosignature; the head with their lines if
    /// it meets the threshold.
    pub(super) async fn ask_witnesses(
        &self,
        signed: &SignedHead,
    ) -> Result<Option<Published>, LogError> {
        let epoch = self.shared.epoch();
        let damaged = |error: &dyn std::fmt::Display| LogError::Damaged { what: error.to_string() };
        let Some(policy) = epoch.register.witness_policy_at(signed.head.size) else {
            return Err(damaged(&"the register has no witness policy"));
        };
        let mut note = Note::parse(&signed.checkpoint).map_err(|error| damaged(&error))?;
        for (cosigner, answer) in self.gather(signed, policy).await {
            let name = cosigner.name().to_owned();
            let is_counted = match answer {
                Ok(lines) => add_lines(&mut note, lines, policy),
                Err(error) => {
                    tracing::warn!(witness = name, %error, "no cosignature");
                    if matches!(error, CosignError::Ahead { .. } | CosignError::Refused { .. }) {
                        self.check_evidence(&cosigner).await?;
                    }
                    false
                }
            };
            let outcome = if is_counted { "cosigned" } else { "failed" };
            let label = format!("{name} {outcome}");
            self.shared.figures.cosignatures.with_label_values(&[&label]).inc();
        }
        let checkpoint = note.to_bytes();
        let published = judge(&self.shared, policy, checkpoint.into())
            .map_err(|what| LogError::Damaged { what })?;
        if published.is_none() {
            tracing::warn!(size = signed.head.size, "the head is short of its threshold");
        }
        Ok(published)
    }

    /// What came until everybody has answered or the wait is over.
    async fn gather(&self, signed: &SignedHead, policy: &WitnessPolicy) -> Vec<Answer> {
        let mut running = JoinSet::new();
        for cosigner in self.witnesses.of(policy).into_iter().filter_map(|(_, client)| client) {
            let shared = Arc::clone(&self.shared);
            let signed = signed.clone();
            let handle = Handle::current();
            running.spawn_blocking(move || {
                let answer = cosign(&cosigner, &signed, &shared.stores.public, &handle);
                (cosigner, answer)
            });
        }
        let mut answers = Vec::new();
        let over =
            tokio::time::sleep(self.shared.settings.cosign_wait.max(Duration::from_millis(1)));
        let mut over = std::pin::pin!(over);
        loop {
            tokio::select! {
                biased;
                next = running.join_next() => match next {
                    None => break,
                    Some(Ok(answer)) => answers.push(answer),
                    Some(Err(error)) => tracing::error!(%error, "asking a witness failed"),
                },
                () = &mut over => break,
            }
        }
        // Who answers too late is asked again for the next head.
        running.detach_all();
        answers
    }

    /// Stops the log when a witness that would not cosign holds a head that we signed and that
    /// our entries do not lead to: one that we no longer have, or another tree of its size.
    async fn check_evidence(&self, cosigner: &Arc<dyn Cosigner>) -> Result<(), LogError> {
        let seen = match evidence::last_seen(&self.shared.keys, cosigner).await {
            Ok(Some(seen)) => seen,
            // A claim without our signature is the witness's own affair.
            Ok(None) => return Ok(()),
            Err(error) => {
                tracing::warn!(witness = cosigner.name(), %error, "it does not say what it saw");
                return Ok(());
            }
        };
        let (stored, durable) = (self.edge.size(), self.shared.durable());
        let here = Here {
            store: &self.shared.stores.public,
            edge: &self.edge,
            after: self.shared.tail().range(stored, durable).map(|leaf| leaf.leaf_hash).collect(),
        };
        here.judge(cosigner.name(), &seen).await
    }
}

/// Adds the lines that are by a counted witness and hold; whether there was any.
fn add_lines(note: &mut Note, lines: Vec<NoteSignature>, policy: &WitnessPolicy) -> bool {
    let mut added = false;
    for line in lines {
        let holds = policy
            .witnesses
            .iter()
            .any(|witness| witness.key.verify(note.text(), &line).is_ok_and(|time| time.is_some()));
        added |= holds && note.add(line).is_ok();
    }
    added
}

/// Asks one witness, with the proof from whatever size it knows. Blocks.
pub(crate) fn cosign(
    cosigner: &Arc<dyn Cosigner>,
    signed: &SignedHead,
    store: &Store,
    handle: &Handle,
) -> Result<Vec<NoteSignature>, CosignError> {
    let new = signed.head.size;
    let prove = |old: u64| {
        let made = handle.block_on(prove::consistency(store, old, new));
        made.map_err(|error| CosignError::NoProof { why: error.to_string() })
    };
    cosigner.cosign(signed, &prove)
}

/// A checkpoint of ours as it is published; `None` if it does not meet the threshold.
pub(crate) fn judge(
    shared: &Shared,
    policy: &WitnessPolicy,
    checkpoint: bytes::Bytes,
) -> Result<Option<Published>, String> {
    let (head, time) = shared.keys.read_own(&checkpoint).map_err(|error| error.to_string())?;
    let judgement = policy.judge(&checkpoint).map_err(|error| error.to_string())?;
    if !judgement.quorum_met {
        return Ok(None);
    }
    let witnesses = judgement
        .cosigned
        .iter()
        .filter_map(|line| {
            let witness = policy.witness(&line.witness.key)?;
            Some((witness.name.to_string(), line.time))
        })
        .collect();
    Ok(Some(Published { head, time, checkpoint, witnesses }))
}
