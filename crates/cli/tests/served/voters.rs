//! Voters against a whole platform: an edge and two instances, each a process of its own.

use std::path::Path;
use std::process::Command;

use canon::{Algorithm, PrivateKey, base64};
use serde_json::Value;
use testkit::campaign::Solar;

use crate::process::{Process, command, run};

#[cfg(target_os = "linux")]
mod floods;
mod killed;

const AUTHORITY_SEED: [u8; 32] = [77; 32];

/// The passphrase that the commands of these tests have in their environment.
const PASSPHRASE: &[u8] = b"correct horse battery staple";

/// A platform that serves, in a folder with what its authority has.
struct Platform {
    home: tempfile::TempDir,
    instances: Vec<Process>,
    edge: Process,
}

impl Platform {
    fn start() -> Self {
        Self::of(0)
    }

    /// One whose batches have at least so many votes.
    fn of(k: u32) -> Self {
        Self::with(k, "", |_| ())
    }

    /// One whose edge and instances have these lines more, and whose edge is changed besides.
    fn with(k: u32, lines: &str, change: impl FnOnce(&mut toml::Table)) -> Self {
        let home = tempfile::tempdir().unwrap();
        let authority = PrivateKey::from_seed(Algorithm::Ed25519, &AUTHORITY_SEED).unwrap();
        let pem = authority.to_encrypted_pem(PASSPHRASE, &mut service::random::system()).unwrap();
        service::disk::write_private(&home.path().join("authority.pem"), pem.as_bytes()).unwrap();
        let rules = Solar {
            purpose: "demonstration",
            options: &["Bold Jupiter", "Shiny Saturn", "Caf\u{e9} Neptune"],
            authority: authority.public().to_base64(),
            time: ("2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z"),
            k,
            work_bits: 6,
            shards: 2,
            ..Solar::default()
        };
        std::fs::write(home.path().join("solar.toml"), rules.to_string()).unwrap();
        run(home.path(), &["collect", "init", "solar", "--campaign", "solar.toml"], 0);
        for shard in 0..2 {
            let path = home.path().join(format!("solar/collect-{shard}/collect.toml"));
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, format!("{text}batch_keys = \"keys\"\n{lines}")).unwrap();
        }
        let instances = [0, 1].map(|shard| instance(home.path(), shard, "127.0.0.1:0"));
        let path = home.path().join("solar/edge/edge.toml");
        let text = std::fs::read_to_string(&path).unwrap() + lines;
        let mut config: toml::Table = toml::from_str(&text).unwrap();
        let shards = config["campaigns"][0]["shards"].as_array_mut().unwrap();
        for (shard, instance) in shards.iter_mut().zip(&instances) {
            shard["instances"] = vec![instance.url().to_owned()].into();
        }
        change(&mut config);
        std::fs::write(&path, toml::to_string(&config).unwrap()).unwrap();
        let edge = Process::serve(
            home.path(),
            &["edge", "serve", "solar/edge", "--listen", "127.0.0.1:0"],
        );
        Self { home, instances: instances.into(), edge }
    }

    /// The lines of both shards' lists with an ending.
    fn lines(&self, ending: &str) -> Vec<String> {
        let lists = [0, 1].map(|shard| {
            let path = format!("solar/collect-{shard}/state/solar-{ending}.log");
            std::fs::read_to_string(self.home.path().join(path)).unwrap_or_default()
        });
        lists.iter().flat_map(|list| list.lines()).map(str::to_owned).collect()
    }

    /// The words of a crowd: eight at one time, and two minutes for receipts, unless it is said
    /// otherwise.
    fn voters<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let words = "vote crowd --json --campaign solar/campaign.toml --authority authority.pem \
                     --totp-seed solar/booth/totp-seed";
        let usual = [["--together", "8"], ["--wait", "120"]];
        let usual = usual.into_iter().filter(|[name, _]| !more.contains(name)).flatten();
        let words = words.split_whitespace().chain(["--edge", self.edge.url()]);
        words.chain(usual).chain(more.iter().copied()).collect()
    }

    /// The words of a crowd whose run is held against the lists.
    fn crowd<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let lists = "--votes solar/collect-0/state/solar-vote.log \
                     --votes solar/collect-1/state/solar-vote.log \
                     --voters solar/collect-0/state/solar-auth.log \
                     --voters solar/collect-1/state/solar-auth.log";
        self.voters(&lists.split_whitespace().chain(more.iter().copied()).collect::<Vec<_>>())
    }
}

fn instance(home: &Path, shard: usize, listen: &str) -> Process {
    let config = format!("solar/collect-{shard}");
    Process::serve(home, &["collect", "serve", &config, "--listen", listen])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// What came of a crowd.
fn told(stdout: &[u8]) -> Value {
    serde_json::from_slice(stdout).unwrap()
}

#[test]
fn a_client_written_from_the_seed_votes_at_a_real_edge() {
    let platform = Platform::start();
    let seed = std::fs::read(platform.home.path().join("solar/booth/totp-seed")).unwrap();
    let seed = base64::decode(seed.trim_ascii()).unwrap();
    let script =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../booth-server/tests/python/vote_from_seed.py");
    for option in ["Bold Jupiter", "Caf\u{e9} Neptune"] {
        let output = Command::new("python3")
            .args(["-B", script, platform.edge.url(), &hex(&AUTHORITY_SEED), &hex(&seed)])
            .args([option, "6"])
            .output()
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
        let lines: Vec<String> = told.lines().map(str::to_owned).collect();
        assert_eq!((lines[0].as_str(), lines.len()), ("204", 1 + 3 + 2));
        assert!(platform.lines("vote").contains(&lines[4]), "the receipt comes after the list");
        assert!(platform.lines("auth").contains(&lines[5]));
    }
}

#[test]
fn a_crowd_with_hostile_voters_leaves_votes_voters_and_receipts_equal() {
    let platform = Platform::start();
    let words = platform.crowd(&["--crowd", "80", "--hostile", "0.25", "--seed", "3"]);
    let output = command(platform.home.path(), &words).output().unwrap();
    let told = told(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told:#}");
    assert_eq!(told["surprises"], serde_json::json!([]));
    assert_eq!((&told["accepted"], &told["failed"]), (&told["receipts"], &0.into()));
    assert_eq!(told["lists"]["votes"], told["receipts"]);
    assert_eq!(platform.lines("vote").len(), platform.lines("auth").len());
}
