//! What may stand in a list once: keys of a fixed size, kept whole and compared at the end.

use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelIterator as _, IntoParallelRefMutIterator as _,
    ParallelIterator as _,
};

/// Buckets by first byte, so that none has to be moved as a whole when it grows.
const BUCKETS: usize = 256;

/// Every key that came, `N` bytes each and nothing beside.
#[derive(Debug)]
pub(super) struct Once<const N: usize> {
    buckets: Vec<Vec<[u8; N]>>,
    /// The lengths of the buckets when [`Once::repeated`] was asked last.
    asked: Vec<usize>,
}

impl<const N: usize> Once<N> {
    /// No key yet.
    pub(super) fn new() -> Self {
        Self { buckets: vec![Vec::new(); BUCKETS], asked: vec![0; BUCKETS] }
    }

    /// Takes a key. The byte at `spread` tells the bucket: one that differs from key to key.
    pub(super) fn push(&mut self, key: [u8; N], spread: usize) {
        let bucket = key.get(spread).copied().map_or(0, usize::from);
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            bucket.push(key);
        }
    }

    /// How many keys came since this was asked last that had come since then before. It sorts them
    /// where they are, so it takes no room.
    pub(super) fn repeated(&mut self) -> u64 {
        let each = self.buckets.par_iter_mut().zip(&mut self.asked).map(|(bucket, asked)| {
            let new = bucket.get_mut(*asked..).unwrap_or_default();
            new.sort_unstable();
            let twice = new.iter().zip(new.iter().skip(1)).filter(|(one, next)| one == next);
            let twice = u64::try_from(twice.count()).unwrap_or(u64::MAX);
            *asked = bucket.len();
            twice
        });
        each.sum()
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

    #[test]
    fn what_repeats_is_counted_since_it_was_asked_last() {
        let mut once = Once::<2>::new();
        for (keys, repeated) in [
            (&[[1, 9], [2, 9], [1, 9], [1, 9], [2, 7]][..], 2),
            (&[][..], 0),
            (&[[1, 9], [2, 7], [3, 9]][..], 0),
            (&[[3, 8], [3, 8]][..], 1),
        ] {
            for key in keys {
                once.push(*key, 1);
            }
            assert_eq!(once.repeated(), repeated, "{keys:?}");
        }
        let twice = [([1, 9], 4), ([2, 7], 2), ([3, 8], 2)];
        assert_eq!(once.twice(), twice);
    }
}
