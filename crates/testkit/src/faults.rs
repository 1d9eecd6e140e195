//! Disks and stores that fail at a chosen write, and what is left of them after a crash.
//!
//! A first run without a fault tells every write point: `write 00.wal`, the third time it is
//! written. Further runs let one point fail in one way, and a test looks at what follows.
//!
//! ```text
//! let faults = Faults::none();
//! run(&MemoryDisk::new(&faults));
//! for point in faults.points() {
//!     for fault in Fault::ALL {
//!         let disk = MemoryDisk::new(&Faults::at(&point, fault));
//!         run(&disk);
//!         restart(&disk.after(Crash::Kill, &Faults::none()));
//!     }
//! }
//! ```

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod disk;
mod either;
mod folder;
mod store;

pub use disk::MemoryDisk;
pub use either::{FaultyStore, Kind};
pub use folder::FolderStore;
pub use store::MemoryStore;

/// What happens at a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not done, and an error is reported.
    Lost,
    /// It is done, and an error is reported.
    Reported,
    /// The process dies before it is done.
    DiesBefore,
    /// The process dies when half of it is done, where it has halves.
    DiesWithin,
    /// The process dies when it is done and nobody has been told.
    DiesAfter,
    /// It is done, and success is reported. The process dies at the next barrier of a store, before
    /// it is done, and a power cut takes the write back.
    TakenBack,
    /// A sync or barrier is not done, and an error is reported. What it should have made durable is
    /// forgotten: it is shown as before, no later sync or barrier covers it, and a power cut takes
    /// it away. Only what is written anew is covered again.
    Forgotten,
}

impl Fault {
    /// Every one that any write may meet. [`Fault::TakenBack`] is for those that a barrier makes
    /// durable, [`Fault::Forgotten`] for barriers and syncs of files: see [`Point::is_sync`].
    pub const ALL: [Self; 5] =
        [Self::Lost, Self::Reported, Self::DiesBefore, Self::DiesWithin, Self::DiesAfter];
}

/// A write that a run makes: what it writes, and how often that was written before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// The operation and its object.
    pub what: String,
    /// From 0.
    pub nth: u32,
}

impl Point {
    /// Whether it makes durable what was written before. Not so the sync of a folder: a file system
    /// that cannot write names takes no more writes, so that nothing is forgotten.
    pub fn is_sync(&self) -> bool {
        let is_file = self.what.starts_with("sync ") && self.what != "sync folder";
        is_file || self.what.starts_with("barrier ")
    }
}

/// What survives a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// The process was killed: everything that was written, durable or not.
    Kill,
    /// The power was cut: everything that was made durable; of the rest, what this seed says.
    PowerCut(u64),
}

/// Decides at every write of a run what happens. Clones share the decision.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    plan: Option<(Point, Fault)>,
    seen: BTreeMap<String, u32>,
    hit: bool,
    dead: bool,
    /// Whether the process dies at the next barrier.
    is_doomed: bool,
}

/// How a write goes: what is done of it, and whether success is reported.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    pub(crate) extent: Extent,
    is_told: bool,
    /// Whether a power cut takes it back.
    pub(crate) is_taken_back: bool,
    /// Whether what it should have made durable is forgotten.
    is_forgotten: bool,
}

/// What is done of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Nothing,
    Half,
    Whole,
}

impl Course {
    fn of(fault: Option<Fault>) -> Self {
        let extent = match fault {
            Some(Fault::Lost | Fault::DiesBefore | Fault::Forgotten) => Extent::Nothing,
            Some(Fault::DiesWithin) => Extent::Half,
            None | Some(Fault::Reported | Fault::DiesAfter | Fault::TakenBack) => Extent::Whole,
        };
        let is_taken_back = fault == Some(Fault::TakenBack);
        let is_told = fault.is_none() || is_taken_back;
        Self { extent, is_told, is_taken_back, is_forgotten: fault == Some(Fault::Forgotten) }
    }

    /// What the process is told of a write that was done.
    pub(crate) fn tell(self, what: &str) -> io::Result<()> {
        if self.is_told { Ok(()) } else { Err(io::Error::other(format!("injected at {what}"))) }
    }
}

impl Faults {
    /// No fault.
    pub fn none() -> Self {
        Self::default()
    }

    /// One fault, at one point.
    pub fn at(point: &Point, fault: Fault) -> Self {
        let state = State { plan: Some((point.clone(), fault)), ..State::default() };
        Self(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every write made so far, in the order of their names.
    pub fn points(&self) -> Vec<Point> {
        let state = self.state();
        let all = state
            .seen
            .iter()
            .flat_map(|(what, count)| (0..*count).map(|nth| Point { what: what.clone(), nth }));
        all.collect()
    }

    /// Whether the fault has happened.
    pub fn hit(&self) -> bool {
        self.state().hit
    }

    /// Whether the process has died.
    pub fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// Lets the process die now.
    pub fn die(&self) {
        self.state().dead = true;
    }

    /// An error once the process has died: a dead process reads nothing either.
    pub(crate) fn alive(&self) -> io::Result<()> {
        if self.is_dead() { Err(io::Error::other("the process has died")) } else { Ok(()) }
    }

    /// Makes a write, or not. `whole` does it, `half` does as much as a crash may leave.
    pub(crate) fn write<T>(
        &self,
        what: &str,
        whole: impl FnOnce() -> io::Result<T>,
        half: impl FnOnce(),
    ) -> io::Result<T> {
        let course = self.next(what)?;
        let done = match course.extent {
            Extent::Nothing => None,
            Extent::Half => {
                half();
                None
            }
            Extent::Whole => Some(whole()?),
        };
        course.tell(what)?;
        Ok(done.expect("what is told as done is done"))
    }

    /// Makes a sync, or not. `sync` does it, and `forget` makes sure that no later one does.
    pub(crate) fn sync(
        &self,
        what: &str,
        sync: impl FnOnce() -> io::Result<()>,
        forget: impl FnOnce(),
    ) -> io::Result<()> {
        let course = self.next(what)?;
        if course.is_forgotten {
            forget();
        }
        if course.extent == Extent::Whole {
            sync()?;
        }
        course.tell(what)
    }

    /// How the next write goes.
    pub(crate) fn next(&self, what: &str) -> io::Result<Course> {
        let mut state = self.state();
        state.dead |= state.is_doomed && what.starts_with("barrier");
        if state.dead {
            return Err(io::Error::other("the process has died"));
        }
        let count = state.seen.entry(what.to_owned()).or_default();
        let nth = *count;
        *count += 1;
        let planned =
            state.plan.as_ref().filter(|(point, _)| point.what == what && point.nth == nth);
        let fault = planned.map(|(_, fault)| *fault);
        state.hit |= fault.is_some();
        state.dead |=
            matches!(fault, Some(Fault::DiesBefore | Fault::DiesWithin | Fault::DiesAfter));
        state.is_doomed |= fault == Some(Fault::TakenBack);
        Ok(Course::of(fault))
    }
}

/// What a power cut leaves of bytes that no barrier covered: nothing at all, a beginning, zeros of
/// the same length, other bytes, or all of them.
pub(crate) fn left(bytes: &[u8], choices: &mut Choices) -> Option<Vec<u8>> {
    match choices.below(5) {
        0 => None,
        1 => Some(bytes[..choices.below(bytes.len())].to_vec()),
        2 => Some(vec![0; bytes.len()]),
        3 => Some((0..choices.below(2 * bytes.len() + 2)).map(|_| choices.byte()).collect()),
        _ => Some(bytes.to_vec()),
    }
}

/// What a power cut leaves of bytes that a failed barrier has forgotten: nothing, or zeros.
pub(crate) fn forgotten(bytes: &[u8], choices: &mut Choices) -> Option<Vec<u8>> {
    (choices.below(2) == 0).then(|| vec![0; bytes.len()])
}

/// Numbers that follow from a seed, to choose what a power cut leaves.
#[derive(Debug)]
pub(crate) struct Choices(u64);

impl Choices {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    /// A number below `bound`, or 0 for 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        // xorshift64*: Marsaglia, "Xorshift RNGs" (2003), with Vigna's multiplier.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        usize::try_from(number).unwrap_or(0).checked_rem(bound).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
