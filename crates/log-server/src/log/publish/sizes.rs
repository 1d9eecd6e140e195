//! The list of the published heads' sizes, for readers who cannot list the store.

use std::collections::BTreeSet;

use artifact::bundle::{BundlePath, MAX_SIZES_BYTES, encode_sizes};
use futures::TryStreamExt;
use service::store::{Store, StoreError};

/// The sizes of the heads under `checkpoints/`, as the store tells them.
#[derive(Debug)]
pub(crate) struct Sizes {
    told: BTreeSet<u64>,
}

impl Sizes {
    /// Reads the heads that the store lists, and mends the list that it tells if that differs:
    /// the process may have ended between the two.
    pub(crate) async fn mend(store: &Store) -> Result<Self, StoreError> {
        let listed: Vec<(String, u64)> = store.list_below("checkpoints").try_collect().await?;
        let told = listed.iter().filter_map(|(path, _)| match path.parse() {
            Ok(BundlePath::CheckpointAt(size)) => Some(size),
            _ => None,
        });
        let sizes = Self { told: told.collect() };
        let bytes = encode_sizes(sizes.told.iter().copied());
        let path = BundlePath::CheckpointSizes.to_string();
        let stored = match store.get(&path, MAX_SIZES_BYTES).await {
            Err(StoreError::TooLarge { .. }) => None,
            stored => stored?,
        };
        if stored.unwrap_or_default() != bytes {
            tracing::info!(heads = sizes.told.len(), "wrote the list of the heads anew");
            store.put_mutable(&path, bytes.into()).await?;
        }
        Ok(sizes)
    }

    /// Tells of one more head, which must stand there already.
    pub(crate) async fn add(&mut self, store: &Store, size: u64) -> Result<(), StoreError> {
        if self.told.contains(&size) {
            return Ok(());
        }
        let bytes = encode_sizes(self.told.iter().copied().chain([size]));
        store.put_mutable(&BundlePath::CheckpointSizes.to_string(), bytes.into()).await?;
        self.told.insert(size);
        Ok(())
    }
}
