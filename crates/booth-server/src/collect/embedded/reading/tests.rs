use booth::batch::Halves;
use booth::campaign::Period;
use booth::stamp::{PlatformStamp, VoterStamp};
use booth::work::Nonce;
use testkit::campaign::{START, Solar};
use testkit::faults::{Faults, MemoryDisk};

use super::*;

fn campaign() -> Campaign {
    let key = canon::PrivateKey::from_seed(canon::Algorithm::Ed25519, &[1; 32]).unwrap();
    let rules = Solar { authority: key.public().to_base64(), ..Solar::default() };
    Campaign::check(toml::from_str(&rules.to_string()).unwrap()).unwrap()
}

fn halves(number: u8) -> Halves {
    let period = Period::beginning(START.parse().unwrap());
    let vote = Vote {
        platform: PlatformStamp { period, signature: [number; 64] },
        stamp: VoterStamp::from_bytes([number; 20]),
        nonce: Nonce::from(u64::from(number)),
        say: "Bold Jupiter".to_owned(),
    };
    Halves::new(vote, Mandate::from_parts([1; 32], [number; 64], [number; 24]))
}

/// Two lists of two lines, and a cut that counts some.
fn read_as(votes: u32) -> Result<(Votes, Voters), LedgerError> {
    let memory = MemoryDisk::new(&Faults::none());
    let disk: Arc<dyn Disk> = Arc::new(memory);
    let names = ["solar-vote.log".to_owned(), "solar-auth.log".to_owned()];
    let all = [1, 2].map(halves);
    let texts = [
        all.iter().map(|one| one.vote.vote().line()).collect::<String>(),
        all.iter().map(|one| one.voter.mandate().voters_line()).collect::<String>(),
    ];
    for (name, text) in names.iter().zip(&texts) {
        disk.create(name).unwrap().append(text.as_bytes()).unwrap();
    }
    let [vote, auth] = &texts;
    let record = CutRecord {
        is_given_up: false,
        number: 0,
        ends: Ends { votes: vote.len() as u64, voters: auth.len() as u64 },
        votes,
        votes_digest: Digest::of(vote.as_bytes()),
        voters_digest: Digest::of(auth.as_bytes()),
        stamps_crc: 0,
        mandates_crc: 0,
        covers: vec![0],
    };
    read(&disk, &campaign(), &names, &[record])
}

/// A cut and its lines that do not agree are damage, with a file and a place, and no panic.
#[test]
fn a_cut_that_counts_other_lines_than_there_are_is_damage() {
    let (votes, voters) = read_as(2).unwrap();
    assert_eq!((votes.stamps.len(), voters.mandates.len()), (2, 2));
    for count in [1, 3] {
        let error = read_as(count).err().expect("damage");
        let LedgerError::Damaged { name, offset: 0, .. } = &error else {
            panic!("{count}: {error}");
        };
        assert_eq!(name, "solar-vote.log");
    }
}
