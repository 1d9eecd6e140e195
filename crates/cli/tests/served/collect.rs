//! A collecting instance that is killed at many moments while votes come in, and one that tells
//! everything it can.

use std::path::{Path, PathBuf};

use booth::campaign::Period;
use booth::mandate::Mandate;
use booth::request::VoteRequest;
use booth::stamp::{PlatformStamp, VoterStamp};
use booth::vote::Vote;
use booth::work::Nonce;
use canon::{Algorithm, Digest, PrivateKey, base64};
use testkit::campaign::{OPTIONS, Solar};
use testkit::platform::genuine;

use crate::process::{Process, run};

pub(crate) mod client;
mod killed;
mod published;
mod told;

/// The start of the campaign, whose first stamp period lasts until its end.
const START: &str = "2020-11-03T07:00:00Z";

/// The folder of a platform whose instance keeps its batch keys beside the spool, as a test may.
struct Platform {
    home: tempfile::TempDir,
    authority: PrivateKey,
}

impl Platform {
    fn new(k: u32) -> Self {
        let home = tempfile::tempdir().unwrap();
        let authority = PrivateKey::from_seed(Algorithm::Ed25519, &[7; 32]).unwrap();
        let rules = Solar {
            authority: authority.public().to_base64(),
            time: (START, "2999-11-03T07:00:00Z"),
            k,
            more: "stamp_period_s = 99999999999\n",
            ..Solar::default()
        };
        std::fs::write(home.path().join("rules.toml"), rules.to_string()).unwrap();
        run(home.path(), &["collect", "init", "solar", "--campaign", "rules.toml"], 0);
        let platform = Self { home, authority };
        platform.change("solar/collect-0/collect.toml", |text| text + "batch_keys = \"keys\"\n");
        platform
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn change(&self, name: &str, change: impl FnOnce(String) -> String) {
        std::fs::write(self.path(name), change(self.read(name))).unwrap();
    }

    fn home(&self) -> &Path {
        self.home.path()
    }

    fn pass(&self) -> String {
        self.read("solar/edge/pass-header").trim_end().to_owned()
    }

    /// The request with a number, under a genuine stamp.
    fn stamped(&self, number: usize) -> VoteRequest {
        let seed = |name: &str| {
            let text = self.read(&format!("solar/edge/{name}"));
            let bytes = base64::decode(text.trim_end().as_bytes()).unwrap();
            <[u8; 32]>::try_from(bytes).unwrap()
        };
        let fresh = Digest::of(format!("fresh {number}").as_bytes()).0;
        let mut request = self.request(number);
        let (period, vote) = (Period::beginning(START.parse().unwrap()), &mut request.vote);
        vote.platform = genuine([&seed("stamp-seed"), &seed("decoy-seed")], period, &fresh);
        request
    }

    /// The request with a number: an instance judges neither work nor stamps.
    fn request(&self, number: usize) -> VoteRequest {
        let draw = |what: &str| Digest::of(format!("{what} {number}").as_bytes()).0;
        let signature = [draw("one"), draw("two")].concat();
        let period = Period::beginning(START.parse().unwrap());
        let vote = Vote {
            platform: PlatformStamp { period, signature: signature.try_into().unwrap() },
            stamp: VoterStamp::from_bytes(*draw("stamp").first_chunk().unwrap()),
            nonce: Nonce::from(number as u64),
            say: OPTIONS[number % 3].to_owned(),
        };
        let id = *draw("id").first_chunk().unwrap();
        VoteRequest { vote, mandate: Mandate::issue(&self.authority, id).unwrap() }
    }
}

const SERVE: [&str; 5] = ["collect", "serve", "solar/collect-0", "--listen", "127.0.0.1:0"];

/// The diary never holds a secret, a mandate or a stamp, however much it tells.
#[test]
fn the_diary_keeps_every_secret() {
    let platform = Platform::new(2);
    let instance = Process::telling(platform.home(), &SERVE, "trace");
    let mut client = client::Client::new(instance.url(), &platform.pass());
    let mut never = vec![platform.read("solar/collect-0/passphrase").trim_end().to_owned()];
    for number in 0..6 {
        let request = platform.request(number);
        assert!(matches!(client.vote(&request).unwrap().status, 202 | 204));
        never.extend(request.mandate.fields());
        never.extend([request.mandate.look_up(), request.mandate.token()]);
        never.extend([request.vote.stamp.to_string(), request.vote.platform.signature_text()]);
        never.push(request.vote.nonce.to_string());
    }
    // Refusals are no reason to tell more.
    let twice = VoteRequest { vote: platform.request(7).vote, ..platform.request(1) };
    assert_eq!(client.vote(&twice).unwrap().status, 481);
    let (status, said) = instance.terminate();
    assert!(status.success() && said.contains("the instance listens"), "{said}");
    for name in ["receipt.pem", "totp-seed", "draw-key", "pass-header"] {
        let text = platform.read(&format!("solar/collect-0/{name}"));
        never.extend(text.lines().filter(|line| line.len() > 20).map(str::to_owned));
    }
    assert!(never.len() > 50);
    for secret in &never {
        assert!(!said.contains(secret.as_str()), "{secret} stands in the diary");
    }
    assert!(!said.contains("Bold Jupiter") && said.contains("TRACE"), "{said}");
}
