//! A small election with its log and its three witnesses, in one temporary folder.
//!
//! ```text
//! log/  witness-0/ …     made by `log init` and `witness init`
//! log/charter.json       signed by the election's clerk
//! anchor.toml            made by `charter anchor`
//! ```

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use artifact::admit::{self, Founded};
use artifact::payload::CitedHead;
use artifact::register::WitnessPolicy;
use artifact::role::Role;
use log_server::log::client::{Client, History};
use log_server::log::{Description, Receipt, Submission};
use service::clock::{Clock as _, SystemClock};
use testkit::election::{Election, Placed, Plan};
use tlog::checkpoint::Checkpoint;
use tlog::merkle::Head;

use crate::process::{Process, run};

/// How long one request may take: servers answer or die, they do not hang.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many witnesses there are; two of them must cosign a head.
pub(crate) const WITNESSES: usize = 3;

pub(crate) struct World {
    // Before the folder, so that the processes end first.
    pub(crate) witnesses: Vec<Option<Process>>,
    pub(crate) log: Option<Process>,
    pub(crate) election: Election,
    pub(crate) policy: Arc<WitnessPolicy>,
    pub(crate) founded: Founded,
    /// The log's configuration as `log init` wrote it.
    config: String,
    home: tempfile::TempDir,
}

impl World {
    /// Makes folders, keys and charter with the binary. Nothing runs yet.
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let at = home.path();
        let mut plan = Plan { threshold: 2, phases: Vec::new(), ..Plan::default() };
        plan.holders.push(("platform", "operators", Role::Platform));
        let origin = plan.origin.clone();
        let mut election = Election::new(plan);
        run(at, &["log", "init", "log", "--origin", &origin, "--listen", "127.0.0.1:0"], 0);
        let config = std::fs::read_to_string(at.join("log/log.toml")).unwrap();
        let description = std::fs::read(at.join("log/log.json")).unwrap();
        let description: Description = serde_json::from_slice(&description).unwrap();
        let charter = &mut election.charter;
        charter.created = SystemClock.now();
        charter.log.head_interval_s = 1;
        charter.log.checkpoint_key = description.checkpoint_key.parse().unwrap();
        charter.log.timestamp_key = description.timestamp_key.parse().unwrap();
        for key in charter.keys.iter_mut().filter(|key| key.role == Role::Log) {
            key.key = description.promise_key.clone();
        }
        for (number, witness) in charter.witnesses.list.iter_mut().enumerate() {
            let (folder, name) = (format!("witness-{number}"), witness.name.to_string());
            let listen = ["--log", "log/log.json", "--listen", "127.0.0.1:0"];
            let init = ["witness", "init", &folder, "--name", &name];
            let key = run(at, &[&init[..], &listen].concat(), 0);
            witness.key = key.trim().parse().unwrap();
        }
        let charter = election.sign("charter/v1", &election.charter, &["clerk"]);
        std::fs::write(at.join("log/charter.json"), &charter).unwrap();
        let anchor = run(at, &["charter", "anchor", "log/charter.json"], 0);
        std::fs::write(at.join("anchor.toml"), anchor).unwrap();
        let founded = admit::found(&charter).unwrap();
        Self {
            witnesses: (0..WITNESSES).map(|_| None).collect(),
            log: None,
            election,
            policy: Arc::new(founded.register.witness_policy_at(1).unwrap().clone()),
            founded,
            config,
            home,
        }
    }

    /// A world whose servers run.
    pub(crate) fn serving() -> Self {
        let mut world = Self::new();
        world.start();
        world
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.home().join(path)
    }

    /// Starts whatever does not run; the witnesses first, for the log asks them.
    pub(crate) fn start(&mut self) {
        for number in 0..WITNESSES {
            if self.witnesses[number].is_none() {
                let folder = format!("witness-{number}");
                let witness = Process::serve(self.home(), &["witness", "serve", &folder]);
                self.witnesses[number] = Some(witness);
            }
        }
        self.configure();
        if self.log.is_none() {
            self.log = Some(Process::serve(self.home(), &["log", "serve", "log"]));
        }
    }

    /// Tells the log where its witnesses are; nobody is where none runs.
    pub(crate) fn configure(&self) {
        let mut config = self.config.clone();
        for (witness, name) in self.witnesses.iter().zip(self.election.witness_names()) {
            let url = witness.as_ref().map_or("http://127.0.0.1:1", Process::url);
            config.push_str("\n[[witnesses]]\n");
            writeln!(config, "name = \"{name}\"\nurl = \"{url}\"").unwrap();
        }
        std::fs::write(self.path("log/log.toml"), config).unwrap();
    }

    pub(crate) fn url(&self) -> &str {
        self.log.as_ref().expect("a log that runs").url()
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.url(), PATIENCE)
    }

    /// SIGKILL for the log.
    pub(crate) fn kill_log(&mut self) {
        self.log.take().expect("a log that runs").kill();
    }

    /// The submission of an entry that the election made.
    pub(crate) fn submission(&self, placed: Placed) -> Submission {
        let entry = self.election.entries.iter().find(|entry| entry.digest == placed.digest);
        Submission { artifact: entry.unwrap().artifact.clone().into(), files: Vec::new() }
    }

    /// A release of software: an artifact that stands for any other.
    pub(crate) fn software(&mut self, name: &str) -> Submission {
        let placed = self.election.software(name);
        self.submission(placed)
    }

    /// What the charter says; it is never amended here.
    pub(crate) fn history(&self) -> History {
        History::of_charter(&self.founded)
    }

    pub(crate) fn add(&self, submission: &Submission) -> Receipt {
        self.client().add(submission, Some(&self.history())).unwrap()
    }

    /// Submits a release of this name.
    pub(crate) fn add_software(&mut self, name: &str) -> Receipt {
        let submission = self.software(name);
        self.add(&submission)
    }

    /// The bytes of the first published head of `size` entries or more.
    pub(crate) fn published(&self, size: u64) -> Vec<u8> {
        let client = self.client();
        loop {
            match client.get("/checkpoint") {
                Ok(bytes) if head(&bytes).size >= size => return bytes,
                // Not witnessed yet.
                Ok(_) | Err(log_server::log::client::ClientError::Refused { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Closes the election behind `size` entries, and waits for the head over all of it.
    pub(crate) fn close(&mut self, size: u64) {
        let cited = head(&self.published(size));
        assert_eq!(cited.size, size);
        let cited = CitedHead { root_hash: cited.root, tree_size: cited.size };
        let placed = self.election.close_with(size, cited);
        assert_eq!(self.add(&self.submission(placed)).index, size);
        self.published(size + 1);
    }

    /// The names of the witnesses that cosigned a head; it must be enough of them.
    pub(crate) fn cosigned(&self, checkpoint: &[u8]) -> Vec<String> {
        let judged = self.policy.judge(checkpoint).unwrap();
        assert!(judged.quorum_met);
        judged.cosigned.iter().map(|line| line.witness.name.to_string()).collect()
    }
}

/// The head that a signed checkpoint states.
pub(crate) fn head(checkpoint: &[u8]) -> Head {
    Checkpoint::parse_signed(checkpoint).unwrap().0.head()
}
