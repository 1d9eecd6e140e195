//! Lists and cuts of two shards, prepared once.
//!
//! ```text
//! <target>/tmp/publish-<votes>/
//!     votes-0 voters-0 cuts-0.json    and the same of shard 1
//!     done                            when all is whole
//! ```

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use booth::campaign::{Campaign, Period, Shard};
use booth::mandate::{Mandate, VOTERS_LINE_BYTES};
use booth::stamp::{PlatformStamp, VoterStamp};
use booth::vote::Vote;
use booth::work::Nonce;
use booth_server::wire::CutSaid;
use canon::Digest;
use testkit::campaign::OPTIONS;

use super::START;

/// Votes of a cut.
const CUT: usize = 50;

/// The lists of a shard as they are written, and what fills no cut yet.
struct Writing {
    votes: BufWriter<File>,
    voters: BufWriter<File>,
    cuts: Vec<CutSaid>,
    waiting: Vec<(String, String)>,
}

/// The folder with so many votes; what fills no cut is left out.
pub(super) fn prepare(campaign: &Campaign, count: usize) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("publish-{count}"));
    if folder.join("done").exists() {
        return folder;
    }
    let start = Instant::now();
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut shards = [0, 1].map(|shard| Writing::begin(&folder, shard));
    let period = Period::beginning(START.parse().expect("a time"));
    let authority = campaign.authorities().keys()[0].clone();
    let key: [u8; 32] = authority.bytes().try_into().expect("32 bytes");
    for number in 0..count {
        let draw = |what: u8| Digest::of_parts(&[&[what], &number.to_be_bytes()]).0;
        let signature = [draw(0), draw(1)].concat().try_into().expect("64 bytes");
        let vote = Vote {
            platform: PlatformStamp { period, signature },
            stamp: VoterStamp::from_bytes(*draw(2).first_chunk().expect("a stamp")),
            nonce: Nonce::from(number as u64),
            say: OPTIONS[number % 3].to_owned(),
        };
        let signature = [draw(3), draw(4)].concat().try_into().expect("64 bytes");
        let mandate = Mandate::from_parts(key, signature, *draw(5).first_chunk().expect("an id"));
        let Shard(shard) = campaign.shard_of(mandate.id());
        shards[usize::from(shard)].add(vote.line(), mandate.voters_line());
    }
    for (shard, writing) in shards.into_iter().enumerate() {
        writing.end(&folder, shard);
    }
    std::fs::write(folder.join("done"), b"").expect("a file");
    println!("{:>10.1} s to prepare {count} votes, once", start.elapsed().as_secs_f64());
    folder
}

impl Writing {
    fn begin(folder: &Path, shard: usize) -> Self {
        let file = |name: &str| {
            let file = File::create(folder.join(format!("{name}-{shard}")));
            BufWriter::new(file.expect("a file"))
        };
        let (cuts, waiting) = (Vec::new(), Vec::with_capacity(CUT));
        Self { votes: file("votes"), voters: file("voters"), cuts, waiting }
    }

    fn add(&mut self, vote: String, voter: String) {
        self.waiting.push((vote, voter));
        if self.waiting.len() == CUT {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let (mut votes, mut voters): (Vec<_>, Vec<_>) = self.waiting.drain(..).unzip();
        votes.sort_by_key(|line| Digest::of(line.as_bytes()));
        voters.sort_by_key(|line| Digest::of(line.as_bytes()));
        let (votes, voters) = (votes.concat(), voters.concat());
        assert_eq!(voters.len(), CUT * VOTERS_LINE_BYTES);
        self.cuts.push(CutSaid {
            records: CUT as u64,
            vote_bytes: votes.len() as u64,
            voters: Digest::of(voters.as_bytes()),
            votes: Digest::of(votes.as_bytes()),
        });
        self.votes.write_all(votes.as_bytes()).expect("a disk with room");
        self.voters.write_all(voters.as_bytes()).expect("a disk with room");
    }

    fn end(mut self, folder: &Path, shard: usize) {
        self.votes.flush().expect("a disk with room");
        self.voters.flush().expect("a disk with room");
        let cuts = serde_json::to_vec(&self.cuts).expect("a text");
        std::fs::write(folder.join(format!("cuts-{shard}.json")), cuts).expect("a file");
    }
}
