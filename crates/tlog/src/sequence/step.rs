//! The sequencer and its steps.

use std::collections::VecDeque;

use canon::{Digest, Timestamp};

use super::Stop;
use crate::merkle::{Frontier, FrontierError, Head, check_consistency};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// New leaves, in order. Their `timestamp` is the one that [`Sequencer::stamp`] gave and
    /// that their bytes contain.
    Accept {
        /// The time that all of them bear.
        timestamp: Timestamp,
        /// Their leaf hashes: `SHA-256(0x00 || entry)`.
        leaves: Vec<Digest>,
    },
    /// The write-ahead log is synced up to this number of entries.
    Durable {
        /// Entries synced, all from the first one on counted.
        size: u64,
    },
    /// It is time for a head, or storing or signing the last one failed.
    ///
    /// A growth that was on its way is given up: [`Input::Stored`] for it is a contradiction
    /// from now on.
    Publish,
    /// Everything that the growth needs is stored and synced.
    Stored {
        /// The size up to which it is stored: [`Output::Store`]'s `new`.
        size: u64,
        /// The consistency proof from [`Output::Store`]'s `signed` size to this one, made from
        /// the tiles as they now stand in the store.
        proof: Vec<Digest>,
    },
    /// The signature over this head exists.
    Signed {
        /// The head as [`Output::Sign`] gave it.
        head: Head,
    },
}

/// What the server is to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Write the leaves to the write-ahead log at these positions.
    Accepted {
        /// The index of the first of them.
        first: u64,
        /// The index after the last of them.
        end: u64,
    },
    /// Acknowledge the entries at these positions; the range may be empty.
    Acknowledge {
        /// The index of the first of them.
        first: u64,
        /// The index after the last of them.
        end: u64,
    },
    /// Store the tiles and bundles of the growth and everything that the entries refer to.
    /// Nothing needs to be stored when `old` equals `new`.
    Store {
        /// The size up to which everything is stored already.
        old: u64,
        /// The size to store up to.
        new: u64,
        /// The size from which [`Input::Stored`] must prove consistency.
        signed: u64,
    },
    /// Record this head and its time where [`Recovery`](super::Recovery) will find them, then
    /// sign it.
    Sign {
        /// Size and root.
        head: Head,
        /// The time of the signature.
        timestamp: Timestamp,
    },
    /// The checkpoint over this head may be seen.
    Serve {
        /// Size and root.
        head: Head,
    },
}

/// The state of a log between two steps. See the [module](super) for its rules.
#[derive(Clone, Debug)]
pub struct Sequencer {
    /// The tree of the synced entries.
    synced: Frontier,
    /// Leaves accepted and not synced yet, oldest first.
    waiting: VecDeque<Digest>,
    /// The time of the last leaf accepted.
    last_leaf: Option<Timestamp>,
    /// The time of the last head given out for signing.
    last_head: Option<Timestamp>,
    /// The size up to which everything is stored.
    stored: u64,
    /// The head that will cover the growth on its way to the store.
    storing: Option<Head>,
    /// The last head given out for signing. It counts as signed from then on, for whether a
    /// signer that failed has signed cannot be known.
    signed: Head,
    /// Whether that head still waits for [`Input::Signed`].
    is_signing: bool,
    stopped: Option<Stop>,
}

impl Default for Sequencer {
    fn default() -> Self {
        Self::new()
    }
}

impl Sequencer {
    /// The sequencer of a new log. After a restart, use [`Recovery`](super::Recovery).
    pub fn new() -> Self {
        Self::resume(Frontier::new(), None, None, Head::empty())
    }

    pub(super) fn resume(
        synced: Frontier,
        last_leaf: Option<Timestamp>,
        last_head: Option<Timestamp>,
        signed: Head,
    ) -> Self {
        Self {
            synced,
            waiting: VecDeque::new(),
            last_leaf,
            last_head,
            stored: signed.size,
            storing: None,
            signed,
            is_signing: false,
            stopped: None,
        }
    }

    /// Number of entries accepted: the index of the next one.
    pub fn accepted(&self) -> u64 {
        self.synced.size().saturating_add(u64::try_from(self.waiting.len()).unwrap_or(u64::MAX))
    }

    /// Number of entries synced and acknowledged.
    pub fn durable(&self) -> u64 {
        self.synced.size()
    }

    /// Number of entries stored.
    pub fn stored(&self) -> u64 {
        self.stored
    }

    /// The last head given out for signing; the empty head before the first.
    pub fn head(&self) -> Head {
        self.signed
    }

    /// Why the sequencer stopped, if it has.
    pub fn stopped(&self) -> Option<&Stop> {
        self.stopped.as_ref()
    }

    /// The time that leaves accepted now bear: `now`, or, if the clock has stepped back, the
    /// latest time that a leaf or a head bears.
    pub fn stamp(&self, now: Timestamp) -> Timestamp {
        [self.last_leaf, self.last_head].into_iter().flatten().fold(now, Timestamp::max)
    }

    /// Takes one input at the time `now` and says what to do.
    ///
    /// An error is final: it is given again for every later input.
    pub fn step(&mut self, input: Input, now: Timestamp) -> Result<Output, Stop> {
        if let Some(stop) = &self.stopped {
            return Err(stop.clone());
        }
        let answer = match input {
            Input::Accept { timestamp, leaves } => self.accept(timestamp, leaves),
            Input::Durable { size } => self.acknowledge(size),
            Input::Publish => Ok(self.publish()),
            Input::Stored { size, proof } => self.sign(size, &proof, now),
            Input::Signed { head } => self.serve(head),
        };
        if let Err(stop) = &answer {
            self.stopped = Some(stop.clone());
        }
        answer
    }

    fn accept(&mut self, timestamp: Timestamp, leaves: Vec<Digest>) -> Result<Output, Stop> {
        if let Some(last) = self.last_leaf
            && timestamp < last
        {
            return Err(Stop::TimeDecreases { last, found: timestamp });
        }
        let first = self.accepted();
        let end = u64::try_from(leaves.len()).ok().and_then(|count| first.checked_add(count));
        let end = end.ok_or(FrontierError::Full { size: first })?;
        if first < end {
            self.last_leaf = Some(timestamp);
        }
        self.waiting.extend(leaves);
        Ok(Output::Accepted { first, end })
    }

    fn acknowledge(&mut self, size: u64) -> Result<Output, Stop> {
        let first = self.durable();
        let accepted = self.accepted();
        let grown = size.checked_sub(first).and_then(|grown| usize::try_from(grown).ok());
        let Some(grown) = grown.filter(|grown| *grown <= self.waiting.len()) else {
            return Err(Stop::Durable { found: size, synced: first, accepted });
        };
        for leaf in self.waiting.drain(..grown) {
            self.synced.push(leaf)?;
        }
        Ok(Output::Acknowledge { first, end: size })
    }

    fn publish(&mut self) -> Output {
        let head = self.synced.head();
        self.storing = Some(head);
        Output::Store { old: self.stored, new: head.size, signed: self.signed.size }
    }

    fn sign(&mut self, size: u64, proof: &[Digest], now: Timestamp) -> Result<Output, Stop> {
        let asked = self.storing.map(|head| head.size);
        let Some(head) = self.storing.take().filter(|head| head.size == size) else {
            return Err(Stop::Stored { found: size, asked });
        };
        let old = self.signed;
        check_consistency(old.size, &old.root, head.size, &head.root, proof)
            .map_err(|fault| Stop::Fork { old, new: head, fault: Box::new(fault) })?;
        let timestamp = self.stamp(now);
        self.stored = size;
        self.signed = head;
        self.last_head = Some(timestamp);
        self.is_signing = true;
        Ok(Output::Sign { head, timestamp })
    }

    fn serve(&mut self, head: Head) -> Result<Output, Stop> {
        if !self.is_signing || head != self.signed {
            return Err(Stop::Signed { found: head });
        }
        self.is_signing = false;
        Ok(Output::Serve { head })
    }
}
