//! Floods of an instance by somebody who has the pass header: an edge that was broken into, or
//! whoever found the header. They have the public lists, and an authority's key for new votes.

use booth_server::campaign::read_campaign;

use super::*;

/// Votes that may wait for the disk at the first instance.
const QUEUE: usize = 1;

/// How often more votes are sent there than may wait, until some of them find the queue full.
const ROUNDS: usize = 10;

/// Requests of one place in such a round.
const VOTES: usize = 4;

/// Votes that an instance told to come back.
const BUSY: &str = "collect_answers_total{status=\"503\"}";

/// A request of an edge, with the fields of a vote.
fn asked(path: &str, pass: &str, request: &VoteRequest) -> String {
    let mut lines = format!("X-Pull: {pass}\r\nnonce: {}\r\n", request.vote.nonce);
    for (name, value) in request.headers() {
        lines.extend([name, ": ", &value, "\r\n"]);
    }
    get(path, HOST, &lines)
}

/// Every place that strangers to each other may have at one time says `count` requests.
async fn everybody(
    from: u8,
    to: SocketAddr,
    count: usize,
    request: impl Fn(usize) -> String,
) -> Statuses {
    let places = SHARE * count;
    let text = |address: usize| {
        let request = &request;
        each(count, move |n| request(address * places + n))
    };
    let (a, b, c, d) = tokio::join!(
        flood(from, to, text(0)),
        flood(from + 1, to, text(1)),
        flood(from + 2, to, text(2)),
        flood(from + 3, to, text(3)),
    );
    [a, b, c, d].into_iter().fold(Statuses::new(), sum)
}

impl Platform {
    /// The first instance again, with a short queue.
    fn shorten_the_queue(&mut self) {
        let path = self.home.path().join("solar/collect-0/collect.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("queue = {QUEUE}\n{text}")).unwrap();
        let listen = self.instances[0].url().trim_start_matches("http://").to_owned();
        self.instances[0].kill();
        self.instances[0] = super::super::instance(self.home.path(), 0, &listen);
    }

    /// The votes and the mandates of a shard's lists.
    fn published(&self, shard: usize) -> (Vec<Vote>, Vec<Mandate>) {
        let list = |ending: &str| {
            let path = format!("solar/collect-{shard}/state/solar-{ending}.log");
            std::fs::read_to_string(self.home.path().join(path)).unwrap()
        };
        let votes = list("vote");
        let votes = votes.split_inclusive('\n').map(|line| Vote::from_line(line).unwrap());
        let voters = list("auth");
        let voters = voters.lines().map(|line| Mandate::from_voters_line(line).unwrap());
        (votes.collect(), voters.collect())
    }
}

/// What an instance shows of its figures, to whoever has the pass.
async fn figure((from, to): (u8, SocketAddr), pass: &str, name: &str) -> usize {
    let asked = get("/metrics", HOST, &format!("X-Pull: {pass}\r\n"));
    let answer = String::from_utf8(heard(from, to, asked.into_bytes()).await).unwrap();
    let line = answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0, |value| value.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_pass_of_an_instance_takes_no_more_of_its_memory() {
    let mut platform = Platform::with(0, LIMITS, |_| ());
    platform.shorten_the_queue();
    platform.serves(60, "7");
    let pass = std::fs::read_to_string(platform.home.path().join("solar/edge/pass-header"));
    let pass = pass.unwrap().trim_end().to_owned();
    let addresses = platform.instances.iter();
    let addresses: Vec<SocketAddr> =
        addresses.map(|one| one.url().trim_start_matches("http://").parse().unwrap()).collect();
    let watched: Vec<_> = platform.instances.iter().map(Watched::from_here_on).collect();

    replays(&platform, addresses[1], &pass).await;
    let busy = async |from: u8| figure((from, addresses[0]), &pass, BUSY).await;
    let honest = busy(48).await;
    let turned_away = full_queue(&platform, addresses[0], &pass).await;
    assert!(turned_away > 0, "the queue was never full");
    assert_eq!(busy(49).await, honest + turned_away, "all of them by the queue");

    let before = platform.published(0).0.len();
    platform.serves(8, "8");
    assert!(platform.published(0).0.len() > before, "honest voters came there too");
    for process in watched {
        let growth = process.growth();
        println!("{} KiB more for who has the pass", growth / 1024);
        assert!(
            growth <= 4 * SHARE * PLACE,
            "an instance took {} KiB more than before",
            growth / 1024
        );
    }
}

/// Votes that are published already, with mandates that are, by both paths.
async fn replays(platform: &Platform, to: SocketAddr, pass: &str) {
    let (votes, voters) = platform.published(1);
    assert!(!votes.is_empty() && votes.len() == voters.len());
    let all = 4 * SHARE;
    let strangers = (403, all);
    // Each vote of the list with each mandate.
    let crossed = |number: usize| VoteRequest {
        vote: votes[number % votes.len()].clone(),
        mandate: voters[number / votes.len() % voters.len()],
    };
    for (from, path) in [(50, "/vote"), (54, "/repeat")] {
        let counts = everybody(from, to, 15, |n| asked(path, pass, &crossed(n))).await;
        assert_eq!(counts, [(204, 15 * all), strangers].into(), "{path}");
    }
    // Stamps that nobody has seen, with mandates that have voted.
    let unknown = |number: usize| VoteRequest {
        vote: new(number).vote,
        mandate: voters[number % voters.len()],
    };
    for (from, path) in [(58, "/repeat"), (62, "/vote")] {
        let counts = everybody(from, to, 15, |n| asked(path, pass, &unknown(n))).await;
        assert_eq!(counts, [(481, 15 * all), strangers].into(), "{path}");
    }
    assert_eq!(platform.published(1), (votes, voters), "nothing was recorded");
}

/// New votes, more of them at one time than may wait: how many were turned away.
async fn full_queue(platform: &Platform, to: SocketAddr, pass: &str) -> usize {
    let path = platform.home.path().join("solar/campaign.toml");
    let campaign = read_campaign(&path).unwrap();
    let is_own = |request: &VoteRequest| campaign.shard_of(request.mandate.id()).0 == 0;
    let mut fresh = (0..).map(new).filter(is_own);
    let (all, before) = (4 * SHARE, platform.published(0).0.len());
    let (mut recorded, mut turned_away) = (0, 0);
    for round in 0..ROUNDS {
        let votes: Vec<_> = fresh.by_ref().take(VOTES * all).collect();
        let from = 66 + 4 * u8::try_from(round).unwrap();
        let counts = everybody(from, to, VOTES, |n| asked("/vote", pass, &votes[n])).await;
        let count = |status: u16| counts.get(&status).copied().unwrap_or_default();
        assert_eq!(count(204) + count(503), VOTES * all, "{counts:?}");
        assert_eq!(count(403), all, "{counts:?}");
        (recorded, turned_away) = (recorded + count(204), turned_away + count(503));
        if turned_away > 0 {
            break;
        }
    }
    assert_eq!(platform.published(0).0.len(), before + recorded, "and no other");
    turned_away
}

/// A new vote of the authority's, with a stamp of nobody's: instances do not judge stamps.
fn new(number: usize) -> VoteRequest {
    let authority = PrivateKey::from_seed(Algorithm::Ed25519, &AUTHORITY_SEED).unwrap();
    let platform = PlatformStamp {
        period: Period::beginning("2026-01-01T00:00:00Z".parse().unwrap()),
        signature: drawn("new stamp", number),
    };
    let stamp = VoterStamp::from_bytes(drawn("new voter", number));
    let say = "Bold Jupiter".to_owned();
    let vote = Vote { platform, stamp, nonce: Nonce::from(number as u64), say };
    VoteRequest { vote, mandate: Mandate::issue(&authority, drawn("new", number)).unwrap() }
}
