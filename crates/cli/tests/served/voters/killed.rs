//! SIGKILL of edge and instances at many moments while a crowd votes.
//!
//! `SCRUTINEER_KILL_VOTES` says how many votes; a short run has 300.

use std::io::Read as _;
use std::process::{Child, Stdio};

use canon::Digest;
use service::clock::{Clock as _, SystemClock};

use super::{Platform, instance, told};
use crate::collect::client::Client;
use crate::process::{Process, command};

/// How many processes are killed.
const KILLS: usize = 12;

impl Platform {
    /// Votes that are published, or wait in the instances for the others of their batch. None when
    /// an instance does not answer.
    fn recorded(&self) -> Option<usize> {
        let pass = std::fs::read_to_string(self.home.path().join("solar/edge/pass-header"));
        let pass = pass.unwrap();
        let pending = self.instances.iter().map(|instance| {
            let figures = Client::new(instance.url(), pass.trim_end()).ask("/metrics", "").ok()?;
            let pending =
                figures.body.lines().find_map(|line| line.strip_prefix("collect_pending "));
            pending?.parse::<usize>().ok()
        });
        Some(pending.sum::<Option<usize>>()? + self.lines("vote").len())
    }

    /// Waits until so many are.
    fn wait_for(&self, votes: usize, crowd: &mut Child) {
        while self.recorded().is_none_or(|recorded| recorded < votes) {
            if let Some(status) = crowd.try_wait().unwrap() {
                let mut said = String::new();
                crowd.stdout.take().unwrap().read_to_string(&mut said).unwrap();
                panic!("the crowd ended before {votes} votes were recorded: {status}\n{said}");
            }
            std::thread::yield_now();
        }
    }

    /// Kills a process, 0 the edge and then the instances, and starts it again where it was.
    fn kill(&mut self, which: usize) {
        let place = |process: &Process| process.url().trim_start_matches("http://").to_owned();
        if which == 0 {
            self.edge.kill();
            let listen = place(&self.edge);
            let serve = ["edge", "serve", "solar/edge", "--listen", &listen];
            self.edge = Process::serve(self.home.path(), &serve);
        } else {
            let listen = place(&self.instances[which - 1]);
            self.instances[which - 1].kill();
            self.instances[which - 1] = instance(self.home.path(), which - 1, &listen);
        }
    }

    /// The polls close: what waits for others is published.
    fn close(&mut self) {
        let now = SystemClock.now().to_string();
        for shard in 0..self.instances.len() {
            let path = format!("solar/collect-{shard}/campaign.toml");
            let path = self.home.path().join(path);
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains("2099-01-01T00:00:00Z"));
            std::fs::write(&path, text.replace("2099-01-01T00:00:00Z", &now)).unwrap();
            let listen = self.instances[shard].url().trim_start_matches("http://").to_owned();
            self.instances[shard].kill();
            let config = format!("solar/collect-{shard}");
            let serve = ["collect", "serve", &config, "--listen", &listen, "--clock-checked"];
            self.instances[shard] = Process::serve(self.home.path(), &serve);
        }
    }
}

#[test]
fn whichever_process_is_killed_votes_are_voters_are_receipts() {
    let count = std::env::var("SCRUTINEER_KILL_VOTES").ok().and_then(|text| text.parse().ok());
    let count: usize = count.unwrap_or(300);
    let mut platform = Platform::of(5);
    let number = count.to_string();
    let words = ["--crowd", &number, "--seed", "9"];
    let mut crowd = command(platform.home.path(), &platform.crowd(&words))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for round in 0..KILLS {
        let seed = Digest::of(format!("scrutineer way kill {round}").as_bytes()).0;
        let within = usize::from(seed[0]) * count / (KILLS * 256);
        platform.wait_for(count * round / KILLS + within, &mut crowd);
        platform.kill(usize::from(seed[1]) % 3);
    }
    platform.wait_for(count, &mut crowd);
    platform.close();
    let output = crowd.wait_with_output().unwrap();
    let told = told(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told:#}");
    assert_eq!((&told["accepted"], &told["receipts"]), (&count.into(), &count.into()));
    assert_eq!((&told["failed"], &told["lists"]["holds"]), (&0.into(), &true.into()));
    assert_eq!((platform.lines("vote").len(), platform.lines("auth").len()), (count, count));
}
