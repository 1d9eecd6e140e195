//! Places of requests that are good for no new vote, by the address that asks.
//!
//! Such a request needs no work of its own: a published vote shows it, and may be asked for with
//! each published mandate. So one address has a share of the places, and takes another one only
//! while more are free than it holds. Whoever asks from many addresses is held by them to ever
//! less of each, and somebody who holds none finds a place.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// The places, and who holds them.
#[derive(Debug, Clone)]
pub(super) struct Shares {
    most: usize,
    per_peer: usize,
    taken: usize,
    by_peer: BTreeMap<IpAddr, usize>,
}

impl Shares {
    /// So many places, of which one address has a quarter unless it is said otherwise. Where it
    /// may have all of them, no address has a share only.
    pub(super) fn new(most: usize, per_peer: Option<usize>) -> Self {
        let per_peer = per_peer.unwrap_or(most / 4).max(1);
        Self { most, per_peer, taken: 0, by_peer: BTreeMap::new() }
    }

    /// Takes a place for somebody at this address, if there is one for them.
    pub(super) fn take(&mut self, peer: IpAddr) -> bool {
        let free = self.most.saturating_sub(self.taken);
        let own = self.by_peer.get(&peer).copied().unwrap_or_default();
        if free == 0 || self.is_used_up(peer) {
            return false;
        }
        self.taken = self.taken.saturating_add(1);
        self.by_peer.insert(peer, own.saturating_add(1));
        true
    }

    /// Whether an address has places, and would get no other one. Never where no address has a
    /// share only: there one client of a proxy would shut out all of them.
    pub(super) fn is_used_up(&self, peer: IpAddr) -> bool {
        let free = self.most.saturating_sub(self.taken);
        let own = self.by_peer.get(&peer).copied().unwrap_or_default();
        self.per_peer < self.most && own > 0 && own >= self.per_peer.min(free)
    }

    /// Gives a place back that was taken for this address.
    pub(super) fn give_back(&mut self, peer: IpAddr) {
        self.taken = self.taken.saturating_sub(1);
        let own = self.by_peer.remove(&peer).unwrap_or_default().saturating_sub(1);
        if own > 0 {
            self.by_peer.insert(peer, own);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(number: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, number])
    }

    /// As many places as somebody gets who asks for them without end.
    fn greedy(shares: &mut Shares, number: u8) -> usize {
        std::iter::repeat_with(|| shares.take(peer(number))).take_while(|taken| *taken).count()
    }

    #[test]
    fn an_address_has_a_quarter_and_no_more_than_it_leaves() {
        let mut shares = Shares::new(16, None);
        let held: Vec<_> = (1..=6).map(|number| greedy(&mut shares, number)).collect();
        assert_eq!(held, [4, 4, 4, 2, 1, 1]);
        assert!(!shares.take(peer(9)), "all are taken");
        // What comes back goes to who holds least.
        shares.give_back(peer(1));
        assert_eq!((1..=6).map(|number| greedy(&mut shares, number)).sum::<usize>(), 0);
        assert!(shares.take(peer(9)));
    }

    /// Somebody asks from twelve addresses without a pause. At first they hold all places; as these
    /// come back, less and less.
    #[test]
    fn places_that_come_back_go_round() {
        let mut shares = Shares::new(64, None);
        let ask = |shares: &mut Shares| (0..12).map(|number| greedy(shares, number)).sum::<usize>();
        assert_eq!(ask(&mut shares), 64);
        for _ in 0..64 {
            let (most, _) = shares.by_peer.iter().max_by_key(|(_, own)| **own).unwrap();
            shares.give_back(*most);
            ask(&mut shares);
        }
        assert_eq!(greedy(&mut shares, 99), 2, "of the four that are free");
    }

    #[test]
    fn who_has_gone_is_forgotten_and_a_proxy_has_all() {
        let mut shares = Shares::new(16, Some(16));
        assert_eq!(greedy(&mut shares, 1), 16);
        for _ in 0..16 {
            shares.give_back(peer(1));
        }
        assert_eq!((shares.taken, shares.by_peer.len()), (0, 0));
        assert_eq!(greedy(&mut Shares::new(1, None), 1), 1);
    }
}
