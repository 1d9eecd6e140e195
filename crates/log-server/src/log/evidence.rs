//! What witnesses hold against the log: heads with its own signature that its entries do not
//! lead to. One such head is proof that a state of this log is lost, and signing on would fork.

use std::collections::BTreeSet;
use std::sync::Arc;

use artifact::register::{CountedWitness, Register, WitnessPolicy};
use canon::Digest;
use service::store::Store;
use tlog::merkle::{Head, check_consistency, empty_root};
use tlog::tile::Edge;

use super::cosign::{CosignError, Cosigner};
use super::error::LogError;
use super::keys::LogKeys;
use super::prove::{self, ProveError};
use super::state::Settings;
use super::witnesses::{Client, Witnesses};

/// What the witnesses of a register answered.
pub(crate) struct Answers {
    /// The policies that they belong to.
    policies: Vec<WitnessPolicy>,
    /// Of each witness the head with our own signature that it holds, or why it did not answer.
    pub(crate) answers: Vec<(CountedWitness, Result<Option<Head>, CosignError>)>,
}

/// Asks each witness of a register what it last saw, for a log of `size` entries.
pub(crate) async fn ask_each(
    witnesses: &Witnesses,
    register: &Register,
    size: u64,
    keys: &LogKeys,
) -> Answers {
    // The last entry may have changed the policy: for heads of this size the old one counts, for
    // those of which a lost state may have had more, the new one.
    let policies = [size, u64::MAX].map(|size| register.witness_policy_at(size));
    let policies: Vec<_> = policies.into_iter().flatten().cloned().collect();
    let mut asked: Vec<(CountedWitness, Client)> = Vec::new();
    for (witness, cosigner) in policies.iter().flat_map(|policy| witnesses.of(policy)) {
        if asked.iter().all(|(known, _)| *known != witness) {
            asked.push((witness, cosigner));
        }
    }
    let answers = asked.iter().map(async |(_, cosigner)| match cosigner {
        Some(cosigner) => last_seen(keys, cosigner).await,
        None => Err(CosignError::Unreachable { why: "no address is known for it".to_owned() }),
    });
    let answers = futures::future::join_all(answers).await;
    let witnesses = asked.into_iter().map(|(witness, _)| witness);
    Answers { policies, answers: witnesses.zip(answers).collect() }
}

/// Asks the witnesses of a register what they last saw, for a log of `size` entries: the heads
/// with our own signature that they hold.
///
/// Refuses when so few of them answer that a quorum may hold a head that is not told here, unless
/// the settings say so.
pub(crate) async fn ask(
    witnesses: &Witnesses,
    register: &Register,
    size: u64,
    keys: &LogKeys,
    settings: &Settings,
) -> Result<Vec<(String, Head)>, LogError> {
    let Answers { policies, answers } = ask_each(witnesses, register, size, keys).await;
    let (mut heads, mut answered) = (Vec::new(), Vec::new());
    for (witness, answer) in answers {
        let name = witness.name.to_string();
        match answer {
            Ok(head) => {
                answered.push(witness);
                heads.extend(head.map(|head| (name, head)));
            }
            Err(error) if settings.ask_all_witnesses => {
                return Err(LogError::Unasked { name, why: error.to_string() });
            }
            Err(error) => {
                tracing::warn!(witness = name, %error, "it cannot be asked what it last saw");
            }
        }
    }
    if !settings.start_unasked {
        policies.iter().try_for_each(|policy| enough(policy, &answered))?;
    }
    Ok(heads)
}

/// What one witness last saw of us: a head with our own signature, if it has any.
///
/// A checkpoint that we did not sign proves nothing about us.
pub(crate) async fn last_seen(
    keys: &LogKeys,
    cosigner: &Arc<dyn Cosigner>,
) -> Result<Option<Head>, CosignError> {
    let (cosigner, origin) = (Arc::clone(cosigner), keys.checkpoint.verifier().name().to_owned());
    let asked = tokio::task::spawn_blocking(move || cosigner.last_seen(&origin)).await;
    let bytes =
        asked.unwrap_or_else(|error| Err(CosignError::Unreachable { why: error.to_string() }))?;
    Ok(bytes.and_then(|bytes| keys.read_plain(&bytes).ok()))
}

/// The trees that this log can prove something about.
pub(crate) struct Here<'a> {
    /// Holds the tiles of the edge's tree.
    pub(crate) store: &'a Store,
    /// The tree that is stored.
    pub(crate) edge: &'a Edge,
    /// Leaf hashes that follow it, as many as are durable.
    pub(crate) after: Vec<Digest>,
}

impl Here<'_> {
    /// Holds a head that `who` has, and that we signed, against our own entries.
    pub(crate) async fn judge(&self, who: &str, seen: &Head) -> Result<(), LogError> {
        let here = self.edge.size() + self.after.len() as u64;
        let who = who.to_owned();
        if seen.size > here {
            return Err(LogError::Behind { who, size: seen.size, here });
        }
        if self.has(seen).await? { Ok(()) } else { Err(LogError::Forked { who, size: seen.size }) }
    }

    /// Whether our own tree of that size has that root.
    async fn has(&self, seen: &Head) -> Result<bool, LogError> {
        let stored = self.edge.size();
        let mut tree = self.edge.frontier();
        if seen.size == 0 {
            return Ok(seen.root == empty_root());
        }
        if seen.size < stored {
            let proof = match prove::consistency(self.store, seen.size, stored).await {
                Ok(proof) => proof,
                Err(ProveError::Store(error)) => return Err(error.into()),
                Err(error) => return Err(LogError::Damaged { what: error.to_string() }),
            };
            let root = tree.root();
            return Ok(check_consistency(seen.size, &seen.root, stored, &root, &proof).is_ok());
        }
        for leaf in &self.after {
            if tree.size() == seen.size {
                break;
            }
            tree.push(*leaf).map_err(|error| LogError::Damaged { what: error.to_string() })?;
        }
        Ok(tree.head() == *seen)
    }
}

/// Refuses when a quorum of a policy could have cosigned something that nobody was asked about:
/// when the organisations with a witness that did not answer are as many as the threshold.
fn enough(policy: &WitnessPolicy, answered: &[CountedWitness]) -> Result<(), LogError> {
    let is_silent = |witness: &&CountedWitness| !answered.contains(witness);
    let silent: Vec<_> = policy.witnesses.iter().filter(is_silent).collect();
    let organisations: BTreeSet<_> = silent.iter().map(|witness| &witness.organisation).collect();
    if (organisations.len() as u64) < policy.threshold {
        return Ok(());
    }
    let names: Vec<_> = silent.iter().map(|witness| witness.name.to_string()).collect();
    Err(LogError::TooFewAsked { names: names.join(", "), threshold: policy.threshold })
}
