//! When the leaves were made: kept as runs, since many share a second.

use canon::Timestamp;

/// The times of the leaves, by index.
#[derive(Debug, Default)]
pub(crate) struct Times {
    /// First index of each run, and the time of its leaves.
    runs: Vec<(u64, Timestamp)>,
}

impl Times {
    /// Takes the time of a leaf, in ascending order of indexes. The time before it, if it is
    /// earlier than that.
    pub(crate) fn push(&mut self, index: u64, time: Timestamp) -> Option<Timestamp> {
        match self.runs.last() {
            Some((_, last)) if time < *last => Some(*last),
            Some((_, last)) if time == *last => None,
            _ => {
                self.runs.push((index, time));
                None
            }
        }
    }

    /// The time of the leaf at an index: the latest that it or a leaf before it states.
    pub(crate) fn at(&self, index: u64) -> Option<Timestamp> {
        let after = self.runs.partition_point(|(first, _)| *first <= index);
        self.runs.get(after.checked_sub(1)?).map(|(_, time)| *time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_kept_by_run() {
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        let mut times = Times::default();
        for (index, seconds) in [(0, 10), (1, 10), (2, 12), (5, 12), (6, 20)] {
            assert_eq!(times.push(index, at(seconds)), None);
        }
        assert_eq!(times.push(7, at(19)), Some(at(20)));
        assert_eq!(times.runs.len(), 3);
        for (index, seconds) in [(0, 10), (1, 10), (2, 12), (4, 12), (6, 20), (9, 20)] {
            assert_eq!(times.at(index), Some(at(seconds)));
        }
        assert_eq!(Times::default().at(3), None);
    }
}
