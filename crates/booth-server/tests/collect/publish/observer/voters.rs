//! Those who come, and what edges and devices do for them.

use booth::Secret;
use booth::campaign::Campaign;
use booth::edge::{Desk, EdgeSecrets};
use booth::request::VoteRequest;
use booth::stamp::{PlatformStamp, StampKeys, VoterStamp};
use booth::totp::{Codes, Station};
use booth::vote::Vote;
use booth::work::{Miner, Nonce};
use booth_server::wire::StationSaid;
use canon::{Digest, Timestamp};

use super::day::Plan;

/// Options whose lines have different lengths.
pub(super) const OPTIONS: [&str; 6] = [
    "Io",
    "Ceres",
    "Bold Jupiter",
    "Humble Pluto, now a dwarf",
    "Shiny Saturn with all of its rings",
    "The comet that nobody has on the list of theirs",
];

/// Stations behind the one door that is watched.
pub(super) const STATIONS: [&str; 8] = ["s-1", "s-2", "s-3", "s-4", "s-5", "s-6", "s-7", "s-8"];

/// Seconds in which people come.
const OPEN_S: u64 = 10 * 3_600 + 3_000;

/// Numbers from a seed.
pub(super) struct Draw(pub(super) u64);

impl Draw {
    pub(super) fn bytes(&mut self) -> [u8; 32] {
        self.0 += 1;
        Digest::of_parts(&[b"a simulated day\n", &self.0.to_be_bytes()]).0
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        u64::from_be_bytes(*self.bytes().first_chunk().unwrap()) % bound
    }
}

/// What edges and devices do.
pub(super) struct Voters {
    campaign: Campaign,
    desk: Desk,
    secrets: EdgeSecrets,
    seed: Secret,
    draw: Draw,
    /// The number of each visitor's station.
    pub(super) stations: Vec<usize>,
    is_counting: bool,
}

impl Voters {
    pub(super) fn new(campaign: Campaign, plan: &Plan) -> Self {
        let stamps = StampKeys::new(&[51; 32], &[52; 32]).unwrap();
        let secrets = EdgeSecrets { stamps, edge_key: Secret::new(&[53; 32]) };
        let (desk, seed, mut draw) = (Desk::new(), Secret::new(&[54; 32]), Draw(0));
        let station = |_| usize::try_from(draw.below(STATIONS.len() as u64)).unwrap();
        let stations = (0..plan.visitors).map(station).collect();
        Self { campaign, desk, secrets, seed, draw, stations, is_counting: plan.is_counting }
    }

    /// What the edge says of stamps.
    pub(super) fn issued(&self) -> Vec<StationSaid> {
        let said = |(station, stamps): (Option<&Station>, u64)| StationSaid {
            stamps,
            station: station.map(|station| station.as_str().to_owned()),
        };
        self.desk.totals().map(said).collect()
    }

    pub(super) fn request(&mut self, number: u32, now: Timestamp) -> VoteRequest {
        let codes = Codes::at(&self.seed, now);
        let station = self.campaign.stations()[self.stations[number as usize]].clone();
        let station = Some(&station);
        let judged = self.desk.judge(&self.campaign, station, &codes, codes.current, now).unwrap();
        let random = *self.draw.bytes().first_chunk().unwrap();
        let stamps = judged.stamp(&self.secrets, (&self.draw.bytes(), random));
        let say = OPTIONS[usize::try_from(self.draw.below(6)).unwrap()].to_owned();
        let (platform, stamp) = (stamps.platform, stamps.voter);
        let mut vote = Vote { platform, stamp, nonce: Nonce::from(0), say };
        if self.is_counting {
            let count = number.to_be_bytes();
            let mut signature = vote.platform.signature;
            signature[..4].copy_from_slice(&count);
            vote.platform = PlatformStamp { signature, ..vote.platform };
            let mut stamp = *vote.stamp.bytes();
            stamp[..4].copy_from_slice(&count);
            vote.stamp = VoterStamp::from_bytes(stamp);
            vote.nonce = Nonce::from(u64::from(number));
        } else {
            let mut miner = Miner::new(vote.puzzle(), self.draw.below(u64::MAX));
            miner.run(64);
            vote.nonce = miner.best().unwrap().nonce;
        }
        VoteRequest { vote, mandate: crate::fixture::mandate(number) }
    }

    /// When people come: all day long, a third of them within twenty minutes.
    pub(super) fn arrivals(&mut self, visitors: usize) -> Vec<u64> {
        let mut times: Vec<u64> = (0..visitors)
            .map(|number| match number % 3 {
                0 => 4 * 3_600 + self.draw.below(1_200),
                _ => self.draw.below(OPEN_S),
            })
            .collect();
        times.sort_unstable();
        times
    }
}
