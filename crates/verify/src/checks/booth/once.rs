//! What may stand in a list once: keys of a fixed size, kept whole and compared at the end.

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

/// Buckets by first byte, so that none has to be moved as a whole when it grows.
const BUCKETS: usize = 256;

/// Every key that came, `N` bytes each and nothing beside.
#[derive(Debug)]
pub(super) struct Once<const N: usize> {
    buckets: Vec<Vec<[u8; N]>>,
}

impl<const N: usize> Once<N> {
    /// No key yet.
    pub(super) fn new() -> Self {
        Self { buckets: vec![Vec::new(); BUCKETS] }
    }

    /// Takes a key. The byte at `spread` tells the bucket: one that differs from key to key.
    pub(super) fn push(&mut self, key: [u8; N], spread: usize) {
        let bucket = key.get(spread).copied().map_or(0, usize::from);
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            bucket.push(key);
        }
    }

    /// The keys that came more than once, in order, and how often.
    pub(super) fn twice(self) -> Vec<([u8; N], usize)> {
        let sorted = self.buckets.into_par_iter().flat_map_iter(|mut bucket| {
            bucket.sort_unstable();
            let equal = bucket.chunk_by(|one, next| one == next);
            let twice = equal.filter(|equal| equal.len() > 1);
            let found: Vec<_> =
                twice.filter_map(|equal| Some((*equal.first()?, equal.len()))).collect();
            found
        });
        let mut twice: Vec<_> = sorted.collect();
        twice.sort_unstable();
        twice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_twice_is_told_with_its_number() {
        let mut once = Once::<2>::new();
        for key in [[1, 9], [2, 9], [1, 9], [1, 8], [2, 7], [2, 9], [2, 9]] {
            once.push(key, 1);
        }
        assert_eq!(once.twice(), [([1, 9], 2), ([2, 9], 3)]);
        assert_eq!(Once::<2>::new().twice(), []);
    }
}
