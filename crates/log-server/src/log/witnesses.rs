//! The witnesses that are asked: those of the policy in force, whatever amendments make of it.

use std::sync::{Arc, Mutex, PoisonError};

use artifact::register::{CountedWitness, WitnessPolicy};

use super::cosign::{Cosigner, Reach};

/// How a witness is reached; none without an address.
pub(crate) type Client = Option<Arc<dyn Cosigner>>;

/// Clients of witnesses, made when a policy first names them and kept from then on, with their
/// connections.
pub(crate) struct Witnesses {
    reach: Arc<dyn Reach>,
    known: Mutex<Vec<(CountedWitness, Client)>>,
}

impl Witnesses {
    pub(crate) fn new(reach: Arc<dyn Reach>) -> Self {
        Self { reach, known: Mutex::new(Vec::new()) }
    }

    /// The witnesses of a policy, each with how it is reached; a witness whose key changed under
    /// its old name is another one.
    pub(crate) fn of(&self, policy: &WitnessPolicy) -> Vec<(CountedWitness, Client)> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::with_capacity(policy.witnesses.len());
        for witness in &policy.witnesses {
            if let Some(client) = known.iter().find(|(known, _)| known == witness) {
                found.push(client.clone());
                continue;
            }
            let cosigner = self.reach.reach(witness);
            if cosigner.is_none() {
                tracing::warn!(witness = %witness.name, "no address is known for it");
            }
            known.push((witness.clone(), cosigner.clone()));
            found.push((witness.clone(), cosigner));
        }
        found
    }
}
