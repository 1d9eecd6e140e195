//! Asking the witnesses, and judging what came.

use std::sync::Arc;
use std::time::Duration;

use artifact::register::WitnessPolicy;
use tlog::merkle::Head;
use tlog::note::{Note, NoteSignature};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::Publisher;
use crate::log::cosign::{CosignError, Cosigner, SignedHead};
use crate::log::error::LogError;
use crate::log::prove;
use crate::log::state::{Published, Shared};

/// One witness's answer.
type Answer = (Arc<dyn Cosigner>, Result<Vec<NoteSignature>, CosignError>);

impl Publisher {
    /// Asks every witness for a cosignature; the head with their lines if it meets the
    /// threshold.
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
        for (cosigner, answer) in self.gather(signed).await {
            let name = cosigner.name().to_owned();
            let is_counted = match answer {
                Ok(lines) => add_lines(&mut note, lines, policy),
                Err(CosignError::Ahead { size }) => {
                    self.check_ahead(&cosigner, size).await?;
                    false
                }
                Err(error) => {
                    tracing::warn!(witness = name, %error, "no cosignature");
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
    async fn gather(&self, signed: &SignedHead) -> Vec<Answer> {
        let mut running = JoinSet::new();
        for cosigner in &self.cosigners {
            let cosigner = Arc::clone(cosigner);
            let shared = Arc::clone(&self.shared);
            let signed = signed.clone();
            let handle = Handle::current();
            running.spawn_blocking(move || {
                let new = signed.head.size;
                let prove = |old: u64| {
                    let made = handle.block_on(prove::consistency(&shared.stores.public, old, new));
                    made.map_err(|error| CosignError::NoProof { why: error.to_string() })
                };
                let answer = cosigner.cosign(&signed, &prove);
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

    /// Stops the log when a witness holds a head that we signed and that we no longer have.
    async fn check_ahead(&self, cosigner: &Arc<dyn Cosigner>, size: u64) -> Result<(), LogError> {
        let here = self.shared.durable();
        match last_seen(&self.shared, cosigner).await {
            Ok(Some(head)) if head.size > here => {
                Err(LogError::Behind { who: cosigner.name().to_owned(), size: head.size, here })
            }
            // A claim without our signature is the witness's own affair.
            _ => {
                let name = cosigner.name();
                tracing::warn!(witness = name, size, "it claims a larger head without proof");
                Ok(())
            }
        }
    }
}

/// The last head with our own signature that a witness holds.
async fn last_seen(
    shared: &Arc<Shared>,
    cosigner: &Arc<dyn Cosigner>,
) -> Result<Option<Head>, CosignError> {
    let cosigner = Arc::clone(cosigner);
    let shared = Arc::clone(shared);
    let asked = tokio::task::spawn_blocking(move || {
        let origin = shared.keys.checkpoint.verifier().name();
        let bytes = cosigner.last_seen(origin)?;
        Ok(bytes.and_then(|bytes| shared.keys.read_plain(&bytes).ok()))
    });
    asked.await.unwrap_or_else(|error| Err(CosignError::Unreachable { why: error.to_string() }))
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
