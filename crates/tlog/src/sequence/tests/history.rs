//! Random histories of a log over a disk and a store that fail, with a clock that steps back.
//!
//! The world keeps what outlives the process: the synced part of the write-ahead log, the
//! objects stored, the heads recorded before they were signed. Every write may be lost, done
//! but reported failed, or be the last thing that the process does. What the outside has seen,
//! acknowledgements and signed heads, is noted and compared after each step.

use std::collections::BTreeMap;
use std::convert::Infallible;

use canon::Digest;
use proptest::prelude::*;

use super::super::*;
use crate::merkle::consistency_proof;
use crate::merkle::tests::{Definition, leaves};
use crate::tile::{Edge, TilePath, TileReader};

/// How a write goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Done,
    /// Not done, and reported so.
    Lost,
    /// Done, and reported as failed.
    Denied,
    /// Not done: the process dies first.
    DiesBefore,
    /// Done: the process dies right after.
    DiesAfter,
}

impl Fate {
    fn is_done(self) -> bool {
        matches!(self, Self::Done | Self::Denied | Self::DiesAfter)
    }

    fn is_death(self) -> bool {
        matches!(self, Self::DiesBefore | Self::DiesAfter)
    }
}

#[derive(Clone, Debug)]
enum Event {
    /// So many entries are submitted.
    Submit(usize),
    /// The write-ahead log is synced; if that fails, so many entries are on disk all the same.
    Sync(Fate, usize),
    /// A head is due; the write at this position has another fate than being done.
    Publish(usize, Fate),
    /// The clock moves by so many seconds.
    Clock(i64),
    /// The process is killed between two steps.
    Kill,
}

fn fate() -> impl Strategy<Value = Fate> {
    use Fate::{Denied, DiesAfter, DiesBefore, Done, Lost};
    prop::sample::select(vec![Done, Done, Done, Lost, Denied, DiesBefore, DiesAfter])
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => prop_oneof![4 => 0_usize..6, 1 => 200_usize..300].prop_map(Event::Submit),
        4 => (fate(), 0_usize..8).prop_map(|(fate, part)| Event::Sync(fate, part)),
        4 => (0_usize..8, fate()).prop_map(|(at, fate)| Event::Publish(at, fate)),
        1 => (-500_i64..600).prop_map(Event::Clock),
        1 => Just(Event::Kill),
    ]
}

/// A log and all around it.
struct World {
    clock: Timestamp,
    log: Sequencer,
    /// The tiles' edge at the stored size.
    edge: Edge,
    /// Entries that the process holds and has not synced.
    unsynced: Vec<(Timestamp, Digest)>,
    // What outlives the process.
    synced: Vec<(Timestamp, Digest)>,
    store: BTreeMap<TilePath, Vec<u8>>,
    heads: Vec<(Head, Timestamp)>,
    // What the outside has seen.
    acknowledged: Vec<Digest>,
    signed: Vec<(Head, Timestamp)>,
    /// Entries submitted so far, which keeps them apart.
    submitted: u64,
    writes: usize,
}

/// A write failed, or the process died at it.
struct Broken(Fate);

impl World {
    fn new() -> Self {
        Self {
            clock: Timestamp::from_unix(1_730_000_000).unwrap(),
            log: Sequencer::new(),
            edge: Edge::new(),
            unsynced: Vec::new(),
            synced: Vec::new(),
            store: BTreeMap::new(),
            heads: Vec::new(),
            acknowledged: Vec::new(),
            signed: Vec::new(),
            submitted: 0,
            writes: 0,
        }
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Submit(count) => self.submit(*count),
            Event::Sync(fate, part) => self.sync(*fate, *part),
            Event::Publish(at, fate) => {
                self.writes = 0;
                if let Err(Broken(fate)) = self.publish(*at, *fate)
                    && fate.is_death()
                {
                    self.restart();
                }
            }
            Event::Clock(seconds) => {
                self.clock = Timestamp::from_unix(self.clock.unix() + seconds).unwrap();
            }
            Event::Kill => self.restart(),
        }
        self.check();
    }

    fn submit(&mut self, count: usize) {
        let timestamp = self.log.stamp(self.clock);
        let from = self.submitted as usize;
        self.submitted += count as u64;
        let new = leaves(self.submitted).split_off(from);
        let input = Input::Accept { timestamp, leaves: new.clone() };
        let first = (self.synced.len() + self.unsynced.len()) as u64;
        let accepted = self.log.step(input, self.clock).unwrap();
        assert_eq!(accepted, Output::Accepted { first, end: first + count as u64 });
        self.unsynced.extend(new.into_iter().map(|leaf| (timestamp, leaf)));
    }

    /// A sync that is not reported done cannot be repeated: what the disk holds is known only
    /// after reading it again.
    fn sync(&mut self, fate: Fate, part: usize) {
        let count = if fate.is_done() { self.unsynced.len() } else { part };
        let count = count.min(self.unsynced.len());
        self.synced.extend(self.unsynced.drain(..count));
        if fate != Fate::Done {
            return self.restart();
        }
        let size = self.synced.len() as u64;
        let output = self.log.step(Input::Durable { size }, self.clock).unwrap();
        let Output::Acknowledge { first, end } = output else { panic!("{output:?}") };
        assert_eq!((first, end), (self.acknowledged_size(), size));
        for (_, leaf) in &self.synced[first as usize..end as usize] {
            self.acknowledged.push(*leaf);
        }
    }

    /// Entries found on disk after a restart count as acknowledged: a submitter who asks again
    /// is told their index.
    fn acknowledged_size(&self) -> u64 {
        self.acknowledged.len() as u64
    }

    fn write(&mut self, at: usize, fate: Fate, done: impl FnOnce(&mut Self)) -> Result<(), Broken> {
        let fate = if self.writes == at { fate } else { Fate::Done };
        self.writes += 1;
        if fate.is_done() {
            done(self);
        }
        if fate == Fate::Done { Ok(()) } else { Err(Broken(fate)) }
    }

    fn publish(&mut self, at: usize, fate: Fate) -> Result<(), Broken> {
        let output = self.log.step(Input::Publish, self.clock).unwrap();
        let Output::Store { old, new, signed } = output else { panic!("{output:?}") };
        assert_eq!((old, new), (self.edge.size(), self.acknowledged_size()));
        let grown: Vec<_> = self.synced[old as usize..new as usize].iter().map(|e| e.1).collect();
        let mut edge = self.edge.clone();
        for tile in edge.grow(&grown).unwrap() {
            self.write(at, fate, |world| {
                let before = world.store.insert(tile.path(), tile.to_bytes());
                assert!(before.is_none_or(|bytes| bytes == tile.to_bytes()), "an object changed");
            })?;
        }
        let proof = {
            let source = |path: &TilePath| Ok::<_, Infallible>(self.store.get(path).cloned());
            consistency_proof(signed, new, &TileReader::new(source, new)).unwrap()
        };
        let output = self.log.step(Input::Stored { size: new, proof }, self.clock).unwrap();
        self.edge = edge;
        let Output::Sign { head, timestamp } = output else { panic!("{output:?}") };
        self.write(at, fate, |world| world.heads.push((head, timestamp)))?;
        self.write(at, fate, |world| world.signed.push((head, timestamp)))?;
        let served = self.log.step(Input::Signed { head }, self.clock).unwrap();
        assert_eq!(served, Output::Serve { head });
        Ok(())
    }

    fn restart(&mut self) {
        self.unsynced.clear();
        self.log = self.recover(&self.synced).unwrap();
        let store = &self.store;
        let source = |path: &TilePath| Ok::<_, Infallible>(store.get(path).cloned());
        self.edge = Edge::read(&self.log.head(), &source).unwrap();
        self.acknowledged = self.check_acknowledged();
    }

    fn recover(&self, synced: &[(Timestamp, Digest)]) -> Result<Sequencer, Stop> {
        let mut recovery = Recovery::new(self.heads.iter().copied())?;
        for (timestamp, leaf) in synced {
            recovery.replay(*timestamp, *leaf)?;
        }
        recovery.finish()
    }

    /// No acknowledged entry is lost or has moved; gives all that is on disk.
    fn check_acknowledged(&self) -> Vec<Digest> {
        let on_disk: Vec<_> = self.synced.iter().map(|entry| entry.1).collect();
        assert!(on_disk.starts_with(&self.acknowledged), "an acknowledged entry is lost");
        on_disk
    }

    fn check(&self) {
        let on_disk = self.check_acknowledged();
        assert!(self.synced.is_sorted_by_key(|entry| entry.0), "the time of a leaf decreases");
        let sizes_and_times = |(head, time): &(Head, Timestamp)| (head.size, *time);
        assert!(self.signed.iter().map(sizes_and_times).is_sorted(), "a head goes back");
        assert!(self.signed.is_sorted_by_key(|signed| signed.1), "the time of a head decreases");
        if let Some((head, time)) = self.signed.last() {
            let size = head.size as usize;
            assert_eq!(Definition::root(&on_disk[..size]), head.root, "a head does not extend");
            assert!(self.synced[..size].iter().all(|entry| entry.0 <= *time));
        }
    }

    /// Every head ever signed is that of the entries now on disk: one root for a size, and
    /// each a prefix of the next.
    fn check_heads(&self) {
        let on_disk = self.check_acknowledged();
        let mut roots = BTreeMap::new();
        for (head, _) in &self.signed {
            assert_eq!(*roots.entry(head.size).or_insert(head.root), head.root);
        }
        for (size, root) in roots {
            assert_eq!(Definition::root(&on_disk[..size as usize]), root);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_fails_nothing_acknowledged_is_lost_and_nothing_forks(
        events in prop::collection::vec(event(), 1..60),
    ) {
        let mut world = World::new();
        for event in &events {
            world.take(event);
        }
        world.restart();
        world.check();
        world.check_heads();
        // Once nothing fails any more, all of it gets a head.
        world.take(&Event::Submit(3));
        world.take(&Event::Sync(Fate::Done, 0));
        world.take(&Event::Publish(0, Fate::Done));
        let (head, _) = world.signed[world.signed.len() - 1];
        prop_assert_eq!(head.size, world.synced.len() as u64);
        world.check_heads();
    }

    #[test]
    fn a_disk_that_went_back_or_changed_is_refused(
        events in prop::collection::vec(event(), 1..30), at in any::<prop::sample::Index>(),
    ) {
        let mut world = World::new();
        for event in &events {
            world.take(event);
        }
        let covered = world.heads.last().map_or(0, |(head, _)| head.size as usize);
        prop_assume!(covered > 0);
        let at = at.index(covered);
        let lost = world.recover(&world.synced[..at]).map(|log| log.head());
        let is_lost = matches!(lost, Err(Stop::Lost { .. }));
        prop_assert!(is_lost, "{:?}", lost);
        let mut changed = world.synced.clone();
        changed[at].1.0[31] ^= 0x80;
        let changed = world.recover(&changed).map(|log| log.head());
        let is_changed = matches!(changed, Err(Stop::Changed { .. }));
        prop_assert!(is_changed, "{:?}", changed);
    }

    #[test]
    fn no_inputs_make_it_panic_or_go_on_after_a_stop(
        inputs in prop::collection::vec((0_u8..5, 0_u64..6, 0_i64..20, 0_usize..4), 0..40),
    ) {
        let mut log = Sequencer::new();
        let mut stopped = None;
        for (kind, size, seconds, count) in inputs {
            let now = super::at(seconds);
            let head = log.head();
            let input = match kind {
                0 => Input::Accept { timestamp: now, leaves: leaves(count as u64) },
                1 => Input::Durable { size },
                2 => Input::Publish,
                3 => Input::Stored { size, proof: leaves(count as u64) },
                _ => Input::Signed { head },
            };
            let answer = log.step(input, now);
            if let Some(stop) = &stopped {
                prop_assert_eq!(&answer, &Err::<Output, Stop>(Stop::clone(stop)));
            }
            stopped = stopped.or(answer.err());
            prop_assert!(log.stored() <= log.durable() && log.durable() <= log.accepted());
            prop_assert!(head.size <= log.head().size);
        }
    }
}
