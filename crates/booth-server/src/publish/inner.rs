//! What a publisher knows between two barriers.

use booth::campaign::Shard;

use super::close::Without;
use super::error::PublishError;
use super::intake::Intake;
use super::store::Store;

/// What changes at a barrier.
pub(super) struct Inner {
    /// None after a write has failed: what is on the disk has to be read again.
    pub(super) store: Option<Store>,
    pub(super) intakes: Vec<Intake>,
    stopped: Option<Stopped>,
}

/// Why nothing is published any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stopped {
    /// Of what this shard said; until the campaign is closed without it.
    By(Shard),
    /// Until the next start.
    Damage,
}

impl Inner {
    pub(super) const fn new(store: Store, intakes: Vec<Intake>) -> Self {
        Self { store: Some(store), intakes, stopped: None }
    }

    /// Whether something can be published, without these shards.
    pub(super) fn goes_on(&mut self, without: &[Without]) -> bool {
        let is_left_out = |shard| without.iter().any(|one| one.shard() == shard);
        match self.stopped {
            Some(Stopped::By(shard)) if is_left_out(shard) => self.stopped = None,
            Some(_) => return false,
            None => {}
        }
        true
    }

    /// Publishes nothing any more after an error that trying again does not mend.
    pub(super) fn stop(&mut self, error: &PublishError) {
        if error.is_final() {
            self.stopped = Some(match error {
                PublishError::Lie(lie) => Stopped::By(lie.shard()),
                _ => Stopped::Damage,
            });
        }
    }
}
