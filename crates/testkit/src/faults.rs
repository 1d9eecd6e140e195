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
mod store;

pub use disk::MemoryDisk;
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
}

impl Fault {
    /// Every one.
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
        self.alive()?;
        let fault = {
            let mut state = self.state();
            let count = state.seen.entry(what.to_owned()).or_default();
            let nth = *count;
            *count += 1;
            let planned =
                state.plan.as_ref().filter(|(point, _)| point.what == what && point.nth == nth);
            let fault = planned.map(|(_, fault)| *fault);
            state.hit |= fault.is_some();
            state.dead |=
                matches!(fault, Some(Fault::DiesBefore | Fault::DiesWithin | Fault::DiesAfter));
            fault
        };
        let failed = || io::Error::other(format!("injected at {what}"));
        match fault {
            None => whole(),
            Some(Fault::Lost | Fault::DiesBefore) => Err(failed()),
            Some(Fault::DiesWithin) => {
                half();
                Err(failed())
            }
            Some(Fault::Reported | Fault::DiesAfter) => {
                whole()?;
                Err(failed())
            }
        }
    }
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
}

#[cfg(test)]
mod tests;
