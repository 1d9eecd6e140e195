//! Who gets a connection.
//!
//! A client that is slow costs a connection for as long as the limits let it be slow. So one
//! address has a share of the places and no more, and a few places beside them are kept: in
//! those only `/healthz` is answered, so that whoever watches over a server still sees it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits::Limits;

/// Places that are kept beside the others.
const KEPT: usize = 8;

/// Of these, how many one address may have.
const KEPT_PER_PEER: usize = 2;

/// The bits of an IPv6 address that tell one network from another: whoever has one address has
/// 2^64 of them.
const NETWORK: u128 = !0 << 64;

/// The places of a server. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Doors {
    most: usize,
    per_peer: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    all: Count,
    by_peer: HashMap<IpAddr, Count>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    whole: usize,
    kept: usize,
}

impl Count {
    fn of(&mut self, is_kept: bool) -> &mut usize {
        if is_kept { &mut self.kept } else { &mut self.whole }
    }
}

/// A place, until this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    doors: Doors,
    peer: IpAddr,
    /// Whether it is one of those that are kept.
    pub(super) is_kept: bool,
}

impl Doors {
    pub(super) fn new(limits: &Limits) -> Self {
        let (most, per_peer) = (limits.connections.max(1), limits.per_peer());
        Self { most, per_peer, taken: Arc::default() }
    }

    /// A place for a client at this address, if there is one for it.
    pub(super) fn admit(&self, address: IpAddr) -> Option<Place> {
        let peer = network(address);
        let mut taken = self.taken();
        let own = taken.by_peer.get(&peer).copied().unwrap_or_default();
        let is_kept = taken.all.whole >= self.most || own.whole >= self.per_peer;
        if is_kept && (taken.all.kept >= KEPT || own.kept >= KEPT_PER_PEER) {
            return None;
        }
        *taken.all.of(is_kept) += 1;
        *taken.by_peer.entry(peer).or_default().of(is_kept) += 1;
        Some(Place { doors: self.clone(), peer, is_kept })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.doors.taken();
        *taken.all.of(self.is_kept) -= 1;
        let Some(own) = taken.by_peer.get_mut(&self.peer) else { return };
        *own.of(self.is_kept) -= 1;
        if *own == Count::default() {
            taken.by_peer.remove(&self.peer);
        }
    }
}

/// What counts as one address: of IPv6 the first 64 bits.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & NETWORK)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doors(connections: usize, connections_per_peer: Option<usize>) -> Doors {
        Doors::new(&Limits { connections, connections_per_peer, ..Limits::default() })
    }

    fn admit(doors: &Doors, address: &str) -> Option<Place> {
        doors.admit(address.parse().unwrap())
    }

    #[test]
    fn an_address_has_a_quarter_and_two_of_those_that_are_kept() {
        let doors = doors(16, None);
        let mut places: Vec<_> = (0..9).filter_map(|_| admit(&doors, "192.0.2.1")).collect();
        let kept: Vec<_> = places.iter().map(|place| place.is_kept).collect();
        assert_eq!(kept, [false, false, false, false, true, true]);
        assert!(!admit(&doors, "192.0.2.2").unwrap().is_kept, "another has its own");
        // The same address, written as a client of an IPv6 socket has it.
        assert!(admit(&doors, "::ffff:192.0.2.1").is_none());
        places.remove(0);
        assert!(!admit(&doors, "192.0.2.1").unwrap().is_kept);
        drop(places);
        assert_eq!(doors.taken().by_peer.len(), 0, "who has gone is forgotten");
        assert_eq!(doors.taken().all, Count::default());
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let doors = doors(16, Some(1));
        let _one = admit(&doors, "2001:db8::1").unwrap();
        assert!(admit(&doors, "2001:db8::ffff:2").unwrap().is_kept);
        assert!(!admit(&doors, "2001:db8:0:1::1").unwrap().is_kept);
    }

    #[test]
    fn a_few_places_are_kept_and_no_more() {
        let doors = doors(2, Some(1));
        let address = |last| IpAddr::from([192, 0, 2, last]);
        let places: Vec<_> = (0..20).filter_map(|last| doors.admit(address(last))).collect();
        assert_eq!(places.iter().filter(|place| !place.is_kept).count(), 2);
        assert_eq!(places.len(), 2 + KEPT);
    }
}
