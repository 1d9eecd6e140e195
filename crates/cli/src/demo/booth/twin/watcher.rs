//! Witnesses in this process, which keep the rules of [`tlog::witness`].

use std::sync::{Arc, Mutex, PoisonError};

use artifact::register::CountedWitness;
use log_server::log::Description;
use log_server::log::cosign::{CosignError, Cosigner, Prove, Reach, SignedHead};
use tlog::note::{KeyType, Note, NoteSignature, NoteSigner, VerifierKey};
use tlog::witness::{ClockRule, KnownLogs, Recorded, Refusal, Request, State};

use crate::demo::charter::WITNESSES;
use crate::demo::world;

/// The witnesses that a charter names, found by their keys.
pub(super) struct Watchers(Vec<Arc<Watcher>>);

/// One of them.
struct Watcher {
    signer: NoteSigner,
    known: KnownLogs,
    recorded: Mutex<Option<Recorded>>,
}

impl Watchers {
    /// New ones, which watch this log.
    pub(super) fn new(log: &Description) -> anyhow::Result<Self> {
        let watcher = |(name, _): (&str, &str)| {
            let key = Arc::new(world::fresh_key()?);
            let checkpoint_key = log.checkpoint_key.parse()?;
            Ok(Arc::new(Watcher {
                signer: NoteSigner::from_key(name, KeyType::Cosignature, key)?,
                known: KnownLogs::new([(log.origin.clone(), vec![checkpoint_key])])?,
                recorded: Mutex::new(None),
            }))
        };
        Ok(Self(WITNESSES.into_iter().map(watcher).collect::<anyhow::Result<_>>()?))
    }

    /// Their keys, for the charter.
    pub(super) fn keys(&self) -> Vec<VerifierKey> {
        self.0.iter().map(|watcher| watcher.signer.verifier().clone()).collect()
    }
}

impl Reach for Watchers {
    fn reach(&self, witness: &CountedWitness) -> Option<Arc<dyn Cosigner>> {
        let found = self.0.iter().find(|known| *known.signer.verifier() == witness.key)?;
        Some(Arc::clone(found) as Arc<dyn Cosigner>)
    }
}

impl Cosigner for Watcher {
    fn name(&self) -> &str {
        self.signer.verifier().name()
    }

    fn cosign(
        &self,
        head: &SignedHead,
        prove: Prove<'_>,
    ) -> Result<Vec<NoteSignature>, CosignError> {
        let odd = |why: &dyn std::fmt::Display| CosignError::Unreachable { why: why.to_string() };
        let refused = |refusal: Refusal| CosignError::Refused {
            status: refusal.status_code(),
            why: refusal.to_string(),
        };
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        let old = recorded.as_ref().map_or(0, |recorded| recorded.head.size);
        let note = Note::parse(&head.checkpoint).map_err(|error| odd(&error))?;
        let request = Request::new(old, prove(old)?, note).map_err(refused)?;
        let submission = self.known.authenticate(request).map_err(refused)?;
        let state = State { recorded: recorded.as_ref(), last_signed: None };
        let now = world::now().map_err(|error| odd(&error))?;
        let signed = submission.step(state, now, ClockRule::default(), &self.signer);
        let update = signed.map_err(refused)?;
        *recorded = Some(update.recorded);
        NoteSignature::parse_lines(update.answer.as_bytes()).map_err(|error| odd(&error))
    }

    fn last_seen(&self, _: &str) -> Result<Option<Vec<u8>>, CosignError> {
        let recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(recorded.as_ref().map(|recorded| recorded.checkpoint.clone()))
    }
}
