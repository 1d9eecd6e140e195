//! SIGKILL of edge and instances at many moments while a crowd votes.
//!
//! `SCRUTINEER_KILL_VOTES` says how many votes; a short run has 300, and `cargo xtask long` asks
//! for a hundred thousand.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use canon::Digest;
use serde_json::Value;
use service::clock::{Clock as _, SystemClock};

use super::{Platform, instance, told};
use crate::collect::client::Client;
use crate::process::{Process, command};

/// Votes of a short run, and how many processes are killed in it.
const SHORT: usize = 300;
const KILLS: usize = 12;

/// In a long run one process is killed for so many votes.
const VOTES_PER_KILL: usize = 1_000;

/// How often the figures are looked at while the crowd votes.
const LOOK: Duration = Duration::from_millis(2);

/// A crowd under way in a process of its own.
struct Voting(Receiver<(Option<i32>, Vec<u8>)>);

impl Voting {
    fn begin(platform: &Platform, words: &[&str]) -> Self {
        let mut crowd = command(platform.home.path(), words)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            let mut said = Vec::new();
            crowd.stdout.take().unwrap().read_to_end(&mut said).unwrap();
            // A test that has failed does not listen.
            let _ = sender.send((crowd.wait().unwrap().code(), said));
        });
        Self(receiver)
    }

    /// Returns after a moment; the crowd must not have ended in it.
    fn goes_on(&self, votes: usize) {
        match self.0.recv_timeout(LOOK) {
            Err(RecvTimeoutError::Timeout) => {}
            ended => panic!("the crowd ended before {votes} votes were recorded: {ended:?}"),
        }
    }

    /// Its exit code and what it told.
    fn end(self) -> (Option<i32>, Value) {
        let (code, said) = self.0.recv().unwrap();
        (code, told(&said))
    }
}

/// A list that grows, of which each line is read once.
#[derive(Default)]
struct Growing {
    list: Option<BufReader<File>>,
    lines: usize,
}

impl Growing {
    /// How many whole lines there are now.
    fn count(&mut self, path: &Path) -> usize {
        if self.list.is_none() {
            self.list = File::open(path).ok().map(BufReader::new);
        }
        let Some(list) = &mut self.list else { return 0 };
        loop {
            let mut line = Vec::new();
            let count = list.read_until(b'\n', &mut line).unwrap();
            if line.last() != Some(&b'\n') {
                // The rest of it comes later.
                list.seek_relative(-i64::try_from(count).unwrap()).unwrap();
                return self.lines;
            }
            self.lines += 1;
        }
    }
}

/// What is known of a platform under way.
struct Watched {
    platform: Platform,
    pass: String,
    lists: [Growing; 2],
}

impl Watched {
    fn new(platform: Platform) -> Self {
        let pass = std::fs::read_to_string(platform.home.path().join("solar/edge/pass-header"));
        let pass = pass.unwrap().trim_end().to_owned();
        Self { platform, pass, lists: Default::default() }
    }

    /// Votes that are published, or wait in the instances for the others of their batch. None when
    /// an instance does not answer.
    fn recorded(&mut self) -> Option<usize> {
        let mut all = 0;
        for (shard, instance) in self.platform.instances.iter().enumerate() {
            let figures = Client::new(instance.url(), &self.pass).ask("/metrics", "").ok()?;
            let pending =
                figures.body.lines().find_map(|line| line.strip_prefix("collect_pending "));
            let path = format!("solar/collect-{shard}/state/solar-vote.log");
            all += pending?.parse::<usize>().ok()?;
            all += self.lists[shard].count(&self.platform.home.path().join(path));
        }
        Some(all)
    }

    /// Waits until so many are.
    fn wait_for(&mut self, votes: usize, crowd: &Voting) {
        while self.recorded().is_none_or(|recorded| recorded < votes) {
            crowd.goes_on(votes);
        }
    }

    /// Kills a process, 0 the edge and then the instances, and starts it again where it was.
    fn kill(&mut self, which: usize) {
        let platform = &mut self.platform;
        let place = |process: &Process| process.url().trim_start_matches("http://").to_owned();
        if which == 0 {
            platform.edge.kill();
            let listen = place(&platform.edge);
            let serve = ["edge", "serve", "solar/edge", "--listen", &listen];
            platform.edge = Process::serve(platform.home.path(), &serve);
        } else {
            let listen = place(&platform.instances[which - 1]);
            platform.instances[which - 1].kill();
            platform.instances[which - 1] = instance(platform.home.path(), which - 1, &listen);
            // The start cuts off what was not written whole.
            self.lists[which - 1] = Growing::default();
        }
    }

    /// The polls close: what waits for others is published.
    fn close(&mut self) {
        let now = SystemClock.now().to_string();
        let (home, instances) = (self.platform.home.path(), &mut self.platform.instances);
        for (shard, instance) in instances.iter_mut().enumerate() {
            let path = home.join(format!("solar/collect-{shard}/campaign.toml"));
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains("2099-01-01T00:00:00Z"));
            std::fs::write(&path, text.replace("2099-01-01T00:00:00Z", &now)).unwrap();
            let listen = instance.url().trim_start_matches("http://").to_owned();
            instance.kill();
            let config = format!("solar/collect-{shard}");
            let serve = ["collect", "serve", &config, "--listen", &listen, "--clock-checked"];
            *instance = Process::serve(home, &serve);
        }
    }

    /// The lines of both shards' lists with an ending: how many, and how many of them differ.
    fn lines(&self, ending: &str) -> (usize, usize) {
        let lines = self.platform.lines(ending);
        (lines.len(), lines.iter().collect::<BTreeSet<_>>().len())
    }
}

#[test]
fn whichever_process_is_killed_votes_are_voters_are_receipts() {
    let count = std::env::var("SCRUTINEER_KILL_VOTES").ok().map(|text| text.parse().unwrap());
    let count: usize = count.unwrap_or(SHORT);
    let kills = KILLS.max(count / VOTES_PER_KILL);
    let begun = Instant::now();
    let mut watched = Watched::new(Platform::of(5));
    let number = count.to_string();
    // More votes take longer to be told of.
    let more: &[&str] = if count > SHORT { &["--together", "32", "--wait", "1200"] } else { &[] };
    let words = [&["--crowd", &number, "--seed", "9"], more].concat();
    let crowd = Voting::begin(&watched.platform, &watched.platform.crowd(&words));
    let mut killed = [0; 3];
    for round in 0..kills {
        let seed = Digest::of(format!("scrutineer way kill {round}").as_bytes()).0;
        let within = usize::from(seed[0]) * count / (kills * 256);
        watched.wait_for(count * round / kills + within, &crowd);
        let which = usize::from(seed[1]) % 3;
        watched.kill(which);
        killed[which] += 1;
        let (kill, seconds) = (round + 1, begun.elapsed().as_secs());
        println!("kill {kill} of {kills}, of {count} votes, after {seconds} s");
    }
    watched.wait_for(count, &crowd);
    println!("all votes are recorded; the polls close, and receipts are asked for");
    watched.close();
    let (code, told) = crowd.end();
    assert_eq!(code, Some(0), "{told:#}");
    // Each voter was given an acceptance or a receipt, and all that was given is kept.
    assert_eq!((&told["accepted"], &told["receipts"]), (&count.into(), &count.into()));
    assert_eq!((&told["failed"], &told["ends"]), (&0.into(), &serde_json::json!({})));
    let lists = &told["lists"];
    assert_eq!((&lists["votes"], &lists["voters"]), (&count.into(), &count.into()));
    assert_eq!((&lists["votes_amiss"], &lists["voters_amiss"]), (&0.into(), &0.into()));
    assert_eq!((watched.lines("vote"), watched.lines("auth")), ((count, count), (count, count)));
    let [edge, one, two] = killed;
    println!(
        "measured: {kills} kills during {count} votes (edge {edge}, instances {one} and {two}): \
         {count} acceptances, votes, voters and receipts, none lost, none twice; {} s",
        begun.elapsed().as_secs()
    );
}
