//! What a publisher knows between two barriers.

use super::error::PublishError;
use super::intake::Intake;
use super::liars::Liars;
use super::store::Store;
use super::texts::Texts;

/// What changes at a barrier.
pub(super) struct Inner {
    /// None after a write has failed: what is on the disk has to be read again.
    pub(super) store: Option<Store>,
    pub(super) intakes: Vec<Intake>,
    pub(super) liars: Liars,
    /// What is shown of the snapshots.
    pub(super) texts: Texts,
    /// Whether nothing is published any more until the next start.
    is_stopped: bool,
}

impl Inner {
    pub(super) fn new(store: Store, intakes: Vec<Intake>, texts: Texts) -> Self {
        let liars = Liars::default();
        Self { store: Some(store), intakes, liars, texts, is_stopped: false }
    }

    /// Whether something can be published.
    pub(super) const fn goes_on(&self) -> bool {
        !self.is_stopped
    }

    /// Publishes nothing any more after an error that trying again does not mend.
    pub(super) const fn stop(&mut self, error: &PublishError) {
        self.is_stopped |= error.is_final();
    }
}
