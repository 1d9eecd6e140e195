//! Lines in the order of a list.

use canon::Digest;

/// Lines sorted by their SHA-256, as a snapshot adds them to a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sorted<'a>(Vec<Keyed<'a>>);

/// A line, and the first eight bytes of its SHA-256 as a big-endian number.
type Keyed<'a> = (u64, &'a [u8]);

/// Lines that wait to be sorted.
#[derive(Debug, Default)]
pub(super) struct Unsorted<'a>(Vec<Keyed<'a>>);

impl<'a> Unsorted<'a> {
    pub(super) fn push(&mut self, line: &'a [u8]) {
        let first = Digest::of(line).as_bytes().first_chunk().copied().unwrap_or_default();
        self.0.push((u64::from_be_bytes(first), line));
    }

    /// Two lines with one key are hashed again; nobody meets them who does not seek them.
    pub(super) fn sorted(mut self) -> Sorted<'a> {
        self.0.sort_unstable_by(|(key, line), (other_key, other)| {
            key.cmp(other_key).then_with(|| Digest::of(line).cmp(&Digest::of(other)))
        });
        Sorted(self.0)
    }
}

impl<'a> Sorted<'a> {
    /// The lines, each with its line feed.
    pub fn lines(&self) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().map(|(_, line)| *line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As if the first bytes of all digests were the same.
    #[test]
    fn lines_with_one_key_stand_by_the_rest_of_their_digests() {
        let lines: Vec<String> = (0..100).map(|number| format!("{number}\n")).collect();
        let mut unsorted = Unsorted::default();
        for line in &lines {
            unsorted.push(line.as_bytes());
        }
        let same = Unsorted(unsorted.0.iter().map(|(_, line)| (7, *line)).collect());
        let (sorted, same) = (unsorted.sorted(), same.sorted());
        assert!(sorted.lines().eq(same.lines()));
        assert!(sorted.lines().is_sorted_by_key(Digest::of));
        assert_eq!(sorted.lines().count(), 100);
    }
}
