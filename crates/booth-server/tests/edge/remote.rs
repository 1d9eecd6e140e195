//! Remote votes: a campaign of its own beside the one of the booths, whose stamps take no code.

use std::net::SocketAddr;
use std::sync::Arc;

use booth::stamp::{PlatformStamp, VoterStamp};
use booth_server::collect;
use booth_server::edge::{EdgeConfig, EdgeServer};
use canon::Signer as _;
use service::clock::ManualClock;
use service::stop::StopHandle;
use testkit::campaign::{OPTIONS, Solar};

use crate::client::{Client, Reply};
use crate::hosts::head;
use crate::solar::{
    Plan, Platform, authority, codes_of, configuration, mandate_of, mined, noon, seed, serve,
    stamps_of,
};

const BOOTHS: &str = "solar";
const REMOTE: &str = "solar-remote";
/// The number of the remote mandates' authority.
const AUTHORITY: u8 = 3;

fn remote_plan() -> Plan {
    Plan {
        name: REMOTE,
        authority: AUTHORITY,
        seeds: 121,
        instances: vec![1],
        rules: "remote_of = \"solar\"\n",
        ..Plan::default()
    }
}

/// Both forms of one campaign at one edge.
struct Both {
    booths: Platform,
    remote: Platform,
    address: SocketAddr,
    internal: SocketAddr,
    clock: Arc<ManualClock>,
    _running: StopHandle,
}

async fn platforms(remote: Plan) -> (Platform, Platform, Arc<ManualClock>) {
    let clock = noon();
    let booths = Platform::start(Plan { instances: vec![1], ..Plan::default() }, &clock).await;
    let remote = Platform::start(remote, &clock).await;
    (booths, remote, clock)
}

impl Both {
    async fn start() -> Self {
        let (booths, remote, clock) = platforms(remote_plan()).await;
        let path = configuration(&[&booths, &remote]);
        let (address, internal, running) = serve(&path, &[], &clock).await;
        Self { booths, remote, address, internal, clock, _running: running }
    }

    async fn ask(&self, host: &str, headers: &str) -> Reply {
        let head = format!("GET /stamp HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
        Client::connect(self.address).await.say(head.as_bytes()).await
    }

    /// The stamps of the booth.
    async fn in_booth(&self) -> (PlatformStamp, VoterStamp) {
        let code = codes_of(&self.booths.behind, None).current;
        stamps_of(&self.ask(BOOTHS, &format!("TOTP: {code}\r\n")).await)
    }

    /// The stamps that a wrong code gets.
    async fn decoy(&self) -> (PlatformStamp, VoterStamp) {
        let codes = codes_of(&self.booths.behind, None);
        let taken = [codes.last, codes.current, codes.next].map(|code| code.to_string());
        let mut wrong = (0..).map(|code| format!("{code:06}"));
        let wrong = wrong.find(|code| !taken.contains(code)).unwrap();
        stamps_of(&self.ask(BOOTHS, &format!("TOTP: {wrong}\r\n")).await)
    }

    /// Remote stamps.
    async fn anywhere(&self) -> (PlatformStamp, VoterStamp) {
        stamps_of(&self.ask(REMOTE, "").await)
    }

    async fn cast(&self, host: &str, stamps: (PlatformStamp, VoterStamp), by: (u8, u32)) -> u16 {
        let request = mined(stamps, mandate_of(by.0, by.1), OPTIONS[0]);
        Client::connect(self.address).await.say(&head(&request, host)).await.status
    }

    /// Votes that the instances of each form have got.
    fn votes(&self) -> (usize, usize) {
        (self.booths.instances[0][0].votes(), self.remote.instances[0][0].votes())
    }
}

#[tokio::test]
async fn a_remote_vote_takes_no_code_and_counts_apart() {
    let both = Both::start().await;
    let stamps = both.anywhere().await;
    assert_eq!(both.cast(REMOTE, stamps, (AUTHORITY, 1)).await, 204);
    assert_eq!(both.votes(), (0, 1));
    assert_eq!(both.cast(BOOTHS, both.in_booth().await, (1, 1)).await, 204);
    assert_eq!(both.votes(), (1, 1));
    assert_eq!(both.remote.instances[0][0].asked("/totp"), 0, "there is nothing to compare");
}

/// The attack: whoever has a mandate for the booths asks for a stamp without having been in one.
#[tokio::test]
async fn no_stamp_without_a_code_where_the_campaign_does_not_say_so() {
    let both = Both::start().await;
    for headers in ["", "Station: 8704-2A05-B259-1090\r\n", "TOTP: \r\n"] {
        assert_eq!(both.ask(BOOTHS, headers).await.status, 486, "{headers:?}");
    }
    // A device that has the two campaigns mixed up is told so, and its code is not taken for one.
    let code = codes_of(&both.booths.behind, None).current;
    for headers in [format!("TOTP: {code}\r\n"), "Station: A\r\n".to_owned()] {
        assert_eq!(both.ask(REMOTE, &headers).await.status, 486, "{headers:?}");
    }
    let alone = Platform::start(Plan { instances: vec![1], ..Plan::lunar() }, &noon()).await;
    let (address, _, _running) = serve(&configuration(&[&alone]), &[], &alone.behind.clock).await;
    assert_eq!(Client::connect(address).await.get("/stamp", &[]).await.status, 486);
    both.clock.advance(2 * 86_400);
    assert_eq!(both.ask(REMOTE, "").await.status, 485, "the campaign is over");
}

/// The attacks: a stamp that takes no code with a mandate for the booths, which would be a vote
/// from home in their lists; and the reverse.
#[tokio::test]
async fn mandates_and_stamps_of_the_two_forms_do_not_mix() {
    let both = Both::start().await;
    assert_eq!(both.cast(BOOTHS, both.anywhere().await, (1, 1)).await, 488);
    assert_eq!(both.cast(REMOTE, both.anywhere().await, (1, 1)).await, 484);
    assert_eq!(both.cast(REMOTE, both.in_booth().await, (AUTHORITY, 1)).await, 488);
    assert_eq!(both.cast(BOOTHS, both.in_booth().await, (AUTHORITY, 1)).await, 484);
    // Halves of two stamps: the signature of one form with the voter stamp of the other.
    let (remote, own) = (both.anywhere().await, both.in_booth().await);
    assert_eq!(both.cast(BOOTHS, (remote.0, own.1), (1, 2)).await, 488);
    assert_eq!(both.cast(REMOTE, (own.0, remote.1), (AUTHORITY, 2)).await, 488);
    assert_eq!(both.votes(), (0, 0));
}

/// The attack: remote votes as a touchstone. Where decoys of the booths count as stamps of the
/// other form, as in the prototype's proposal, one vote tells whether a code was right.
#[tokio::test]
async fn decoys_stay_unknown_with_remote_stamps_at_hand() {
    let both = Both::start().await;
    let keys = [&both.booths.plan, &both.remote.plan].map(|plan| {
        booth::stamp::StampKeys::new(&seed(plan.seeds), &seed(plan.seeds + 1)).unwrap()
    });
    let [own, remote] = &keys;
    let (decoy, genuine) = (both.decoy().await, both.in_booth().await);
    assert!(decoy.0.is_genuine(own.decoy_key()) && genuine.0.is_genuine(own.stamp_key()));
    assert!(both.anywhere().await.0.is_genuine(remote.stamp_key()));
    for (number, stamps) in (1..).zip([decoy, genuine]) {
        let asked = [(REMOTE, AUTHORITY), (BOOTHS, AUTHORITY), (REMOTE, 1)];
        let mut answers = Vec::new();
        for (host, authority) in asked {
            answers.push(both.cast(host, stamps, (authority, number)).await);
        }
        assert_eq!(answers, [488, 484, 484], "right or wrong, it is the same");
        assert!(!stamps.0.is_genuine(remote.stamp_key()));
    }
    // The prototype's proposal: no edge begins with it. 22 is the seed of the booths' decoys.
    for seeds in [21, 22] {
        let (booths, remote, _) = platforms(Plan { seeds, ..remote_plan() }).await;
        let path = configuration(&[&booths, &remote]);
        let refused = EdgeServer::open(&EdgeConfig::load(&path, &[]).unwrap()).err().unwrap();
        let said = "campaigns 1 and 2 have one key of stamps: a key serves one campaign";
        assert!(refused.to_string().contains(said), "{refused}");
    }
}

/// What the platform cannot tell: a mandate names nobody. Who is given one of each form votes in
/// both; whoever issues them has to see to it.
#[tokio::test]
async fn somebody_with_a_mandate_of_each_form_votes_in_both() {
    let both = Both::start().await;
    assert_eq!(both.cast(BOOTHS, both.in_booth().await, (1, 1)).await, 204);
    assert_eq!(both.cast(REMOTE, both.anywhere().await, (AUTHORITY, 1)).await, 204);
    assert_eq!(both.votes(), (1, 1));
    // With one mandate nobody does, for no edge begins with an authority of both.
    let (booths, remote, _) = platforms(Plan { authority: 1, ..remote_plan() }).await;
    let path = configuration(&[&booths, &remote]);
    let refused = EdgeServer::open(&EdgeConfig::load(&path, &[]).unwrap()).err().unwrap();
    let said = "campaigns 1 and 2 have one authority: a key serves one campaign";
    assert_eq!(refused.to_string(), said);
}

/// The attack: stamps without end, which cost no code. None is remembered, the instances hear
/// nothing of it, and one mandate has no more stamps in use than any other.
#[tokio::test]
async fn a_flood_of_remote_stamps_is_remembered_nowhere() {
    let both = Both::start().await;
    let mut client = Client::connect(both.address).await;
    let mut stamps = Vec::new();
    for _ in 0..200 {
        let head = format!("GET /stamp HTTP/1.1\r\nHost: {REMOTE}\r\n\r\n");
        stamps.push(stamps_of(&client.say(head.as_bytes()).await));
    }
    assert_eq!(remembered(&both, "stamps").await, Some(0));
    assert_eq!(both.remote.instances[0][0].asked("/totp"), 0);
    let (mut statuses, one) = (Vec::new(), (AUTHORITY, 1));
    for stamps in stamps.into_iter().take(9) {
        statuses.push(both.cast(REMOTE, stamps, one).await);
    }
    assert_eq!(statuses.first(), Some(&204));
    assert!(statuses[1..].iter().all(|status| [481, 429].contains(status)), "{statuses:?}");
    assert_eq!(both.votes().1, 1, "{statuses:?}");
}

async fn remembered(both: &Both, table: &str) -> Option<u64> {
    let mut client = Client::connect(both.internal).await;
    client.send(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    let text = client.rest().await;
    let name = format!("edge_remembered{{table=\"{REMOTE}/{table}\"}} ");
    let line = text.lines().find_map(|line| line.strip_prefix(&name));
    line.map(|value| value.parse().unwrap())
}

/// The attack: a remote campaign with another ballot or other hours, or beside nothing, so that its
/// counts cannot be put together with those of the booths.
#[tokio::test]
async fn a_remote_campaign_is_served_beside_the_one_of_the_booths_and_fits_it() {
    let said = async |change: &dyn Fn(String) -> String, with_booths: bool| {
        let (booths, remote, _) = platforms(remote_plan()).await;
        let path = remote.folder.path().join("campaign.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, change(text)).unwrap();
        let served = if with_booths { vec![&booths, &remote] } else { vec![&remote] };
        let path = configuration(&served);
        let opened = EdgeServer::open(&EdgeConfig::load(&path, &[]).unwrap());
        opened.err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(said(&|text| text, true).await, "");
    assert_eq!(
        said(&|text| text, false).await,
        "campaign 1 is for the remote votes of \"solar\", which this edge does not serve"
    );
    for (from, to, what) in [
        ("Humble Pluto", "Great Comet", "options"),
        ("\"Bold Jupiter\", \"Shiny Saturn\"", "\"Shiny Saturn\", \"Bold Jupiter\"", "options"),
        ("2026-11-04T20:00:00Z", "2026-11-05T20:00:00Z", "time"),
        ("2026-11-03T07:00:00Z", "2026-11-03T06:00:00Z", "time"),
        ("\"test\"", "\"demonstration\"", "purpose"),
    ] {
        let changed = said(&|text| text.replace(from, to), true).await;
        let expected = format!("campaign 2 is for the remote votes of campaign 1: another {what}");
        assert_eq!(changed, expected);
    }
}

#[test]
fn the_platform_of_remote_votes_has_nothing_for_a_booth() {
    let folder = tempfile::tempdir().unwrap();
    let has_booth = |name: &str, more: &str| {
        let given = folder.path().join("given.toml");
        let authority = authority(AUTHORITY).public_key().to_base64();
        let rules = Solar { name, authority, more, ..Solar::default() };
        std::fs::write(&given, rules.to_string()).unwrap();
        let made = collect::init(&folder.path().join(name), &given).unwrap();
        assert!(made.folder.join("edge/stamp-seed").exists());
        made.folder.join("booth").exists()
    };
    assert!(has_booth(BOOTHS, ""));
    assert!(!has_booth(REMOTE, "remote_of = \"solar\"\n"));
}
