//! Memory for the lines of a part: zeros at first, and few pages for the processor to know of.
//!
//! Of a table of some hundred megabytes almost every search meets a page that the processor has to
//! look up first, for longer than it waits for the line itself. So the memory is asked for in huge
//! pages of 2 MiB, where the system has them; elsewhere it is memory like all other.
//!
//! ```text
//! mapped   | .. |  huge page  |  huge page  | rest |
//!               ^ lines begin where a huge page can
//! ```

use std::alloc::{Layout, handle_alloc_error};

use memmap2::MmapMut;

/// Bytes of a line, which is one of the processor's cache.
pub(super) const LINE_BYTES: usize = 64;

/// Entries of a line.
pub(super) const SLOTS: usize = LINE_BYTES / 16;

/// Bytes of a huge page.
const HUGE: usize = 2 << 20;

/// A line: four entries; zero is none.
pub(super) type Line = [u8; LINE_BYTES];

/// Lines of zeros, at first.
#[derive(Debug)]
pub(super) struct Lines {
    memory: MmapMut,
    /// Where the first line begins, in bytes.
    start: usize,
    count: usize,
}

impl Lines {
    /// So many lines; without memory for them the process ends, as with any other allocation.
    pub(super) fn new(count: usize) -> Self {
        let bytes = count * LINE_BYTES;
        // What is not touched takes no memory: the room before the first line costs nothing.
        let room = if bytes < HUGE { 0 } else { HUGE };
        let Ok(memory) = MmapMut::map_anon((bytes + room).max(1)) else {
            let layout = Layout::array::<Line>(count).unwrap_or(Layout::new::<Line>());
            handle_alloc_error(layout)
        };
        let start = if room == 0 { 0 } else { memory.as_ptr().align_offset(HUGE).min(room) };
        #[cfg(target_os = "linux")]
        if room > 0 && memory.advise(memmap2::Advice::HugePage).is_err() {
            tracing::debug!("this system knows no huge pages");
        }
        Self { memory, start, count }
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Line] {
        let bytes = &self.memory[self.start..self.start + self.count * LINE_BYTES];
        bytes.as_chunks().0
    }

    /// All of them, to be written.
    pub(super) fn all_mut(&mut self) -> &mut [Line] {
        let bytes = &mut self.memory[self.start..self.start + self.count * LINE_BYTES];
        bytes.as_chunks_mut().0
    }
}

/// The entries of a line.
pub(super) fn entries(line: &Line) -> [u128; SLOTS] {
    let (entries, _) = line.as_chunks();
    let [first, second, third, fourth] = entries else { return [0; SLOTS] };
    [first, second, third, fourth].map(|entry| u128::from_ne_bytes(*entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_zeros_and_keep_what_is_written() {
        // Less than a huge page, one, and some with a rest.
        for bytes in [0, LINE_BYTES, HUGE - LINE_BYTES, HUGE, 3 * HUGE + 5 * LINE_BYTES] {
            let mut lines = Lines::new(bytes / LINE_BYTES);
            assert_eq!(lines.all().len(), lines.len());
            assert!(lines.all().iter().all(|line| *line == [0; LINE_BYTES]));
            for (number, line) in (1_u64..).zip(lines.all_mut()) {
                line[..8].copy_from_slice(&number.to_ne_bytes());
            }
            for (number, line) in (1_u128..).zip(lines.all()) {
                assert_eq!(entries(line), [number, 0, 0, 0]);
            }
        }
    }

    /// A huge page is one only from an address that it can begin at.
    #[test]
    fn large_parts_begin_where_a_huge_page_can() {
        let lines = Lines::new(2 * HUGE / LINE_BYTES);
        assert_eq!(lines.all().as_ptr().align_offset(HUGE), 0);
    }
}
