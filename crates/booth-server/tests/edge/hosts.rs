//! Several campaigns at one edge, told apart by `Host`.

use std::sync::Arc;

use booth::request::VoteRequest;
use booth::stamp::{PlatformStamp, VoterStamp};
use booth_server::edge::{EdgeConfig, EdgeServer};
use testkit::campaign::OPTIONS;

use crate::client::Client;
use crate::instance::{Behind, Instance};
use crate::solar::{
    Plan, Platform, codes_of, configuration, mandate, mandate_of, mined, noon, serve, stamps_of,
};

async fn list(address: std::net::SocketAddr, host: &str) -> (u16, Option<String>) {
    let head = format!("GET /list HTTP/1.1\r\n{host}\r\n");
    let reply = Client::connect(address).await.say(head.as_bytes()).await;
    (reply.status, reply.header("say01").map(str::to_owned))
}

#[tokio::test]
async fn a_campaign_is_asked_under_its_hosts_or_its_name() {
    let clock = noon();
    let hosts = "hosts = [\"vote.example.org\", \"solar.example.org\"]\n".to_owned();
    let solar = Plan { instances: vec![1], entry: hosts, ..Plan::default() };
    let solar = Platform::start(solar, &clock).await;
    let lunar = Platform::start(Plan::lunar(), &clock).await;
    let (address, _, _running) = serve(&configuration(&[&solar, &lunar]), &[], &clock).await;
    let found = (204, Some(OPTIONS[0].to_owned()));
    for host in ["vote.example.org", "VOTE.Example.org:8443", "solar.example.org"] {
        assert_eq!(list(address, &format!("Host: {host}\r\n")).await, found, "{host}");
    }
    assert_eq!(solar.instances[0][0].asked("/list"), 1);
    assert_eq!(lunar.instances[0][0].asked("/list"), 0);
    for host in ["lunar.example.org", "lunar", "Lunar.other.example:80"] {
        assert_eq!(list(address, &format!("Host: {host}\r\n")).await, found, "{host}");
    }
    assert_eq!(lunar.instances[0][0].asked("/list"), 1);
    for wrong in [
        "",
        "Host: \r\n",
        "Host: solar\r\n",
        "Host: mars.example.org\r\n",
        "Host: [::1]:80\r\n",
        "Host: lunar.a\r\nHost: lunar.a\r\n",
    ] {
        let (status, _) = list(address, wrong).await;
        assert_eq!(status, 400, "{wrong:?}");
    }
}

/// The head of a vote request to a host.
pub(crate) fn head(request: &VoteRequest, host: &str) -> Vec<u8> {
    let lines = request.headers().into_iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let lines: String = lines.collect();
    format!("GET {} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n", request.path()).into_bytes()
}

async fn stamps(
    client: &mut Client,
    platform: &Platform,
    host: &str,
) -> (PlatformStamp, VoterStamp) {
    let code = codes_of(&platform.behind, None).current;
    let head = format!("GET /stamp HTTP/1.1\r\nHost: {host}\r\nTOTP: {code}\r\n\r\n");
    stamps_of(&client.say(head.as_bytes()).await)
}

/// The attack: who may vote in two campaigns takes the stamps of one booth to the other campaign,
/// whose booth they never entered. Where two campaigns share the keys of stamps, it counts.
#[tokio::test]
async fn a_vote_for_one_campaign_counts_in_that_one() {
    let clock = noon();
    let solar = Platform::start(Plan { instances: vec![1], ..Plan::default() }, &clock).await;
    let lunar = Platform::start(Plan::lunar(), &clock).await;
    let (address, _, _running) = serve(&configuration(&[&solar, &lunar]), &[], &clock).await;
    let mut client = Client::connect(address).await;
    let solar_stamps = stamps(&mut client, &solar, "solar").await;
    let own = mined(solar_stamps, mandate(1), OPTIONS[0]);
    assert_eq!(client.say(&head(&own, "lunar")).await.status, 484);
    assert_eq!(client.say(&head(&own, "solar")).await.status, 204);
    let elsewhere = stamps(&mut client, &solar, "solar").await;
    let elsewhere = mined(elsewhere, mandate_of(2, 1), OPTIONS[0]);
    assert_eq!(client.say(&head(&elsewhere, "lunar")).await.status, 488);
    assert_eq!((solar.instances[0][0].votes(), lunar.instances[0][0].votes()), (1, 0));
}

/// The attack: one authority signs for the borough and for the county, so that a mandate of the one
/// votes in both. At edges of their own it does; one edge does not begin with both.
#[tokio::test]
async fn another_campaigns_mandate_does_not_count() {
    let clock = noon();
    let solar = Platform::start(Plan { instances: vec![1], ..Plan::default() }, &clock).await;
    let lunar = Platform::start(Plan { authority: 1, ..Plan::lunar() }, &clock).await;
    for platform in [&solar, &lunar] {
        let (address, _, _running) = serve(&configuration(&[platform]), &[], &clock).await;
        let mut client = Client::connect(address).await;
        let stamps = stamps(&mut client, platform, "any").await;
        let vote = mined(stamps, mandate(1), OPTIONS[0]);
        assert_eq!(client.say(&head(&vote, "any")).await.status, 204, "it is good in both");
    }
    let both = EdgeConfig::load(&configuration(&[&solar, &lunar]), &[]).unwrap();
    let refused = EdgeServer::open(&both).err().unwrap().to_string();
    assert_eq!(refused, "campaigns 1 and 2 have one authority: a key serves one campaign");
    let lunar = Platform::start(Plan::lunar(), &clock).await;
    let (address, _, _running) = serve(&configuration(&[&solar, &lunar]), &[], &clock).await;
    let mut client = Client::connect(address).await;
    let stamps = stamps(&mut client, &lunar, "lunar").await;
    let foreign = mined(stamps, mandate(1), OPTIONS[0]);
    assert_eq!(client.say(&head(&foreign, "lunar")).await.status, 484);
    assert_eq!(lunar.instances[0][0].votes(), 0);
}

/// The attack: one seed in the booths of two campaigns, so that a code of one is good in the other.
#[tokio::test]
async fn a_code_of_one_campaign_is_none_of_the_other() {
    let clock = noon();
    let solar = Platform::start(Plan { instances: vec![1], ..Plan::default() }, &clock).await;
    let mut lunar = Platform::start(Plan::lunar(), &clock).await;
    let behind = Behind {
        campaign: lunar.behind.campaign.clone(),
        clock: Arc::clone(&clock),
        totp_seed: solar.behind.totp_seed.clone(),
        ledgers: std::sync::Mutex::default(),
        stamps: std::sync::Mutex::default(),
    };
    lunar.instances = vec![vec![Instance::start(Arc::new(behind), 0).await]];
    let (address, _, _running) = serve(&configuration(&[&solar, &lunar]), &[], &clock).await;
    let mut client = Client::connect(address).await;
    let mut ask = async |host: &str| {
        let head = format!("GET /stamp HTTP/1.1\r\nHost: {host}\r\nTOTP: 123456\r\n\r\n");
        client.say(head.as_bytes()).await.status
    };
    for _ in 0..3 {
        assert_eq!((ask("solar").await, ask("lunar").await), (204, 503));
        clock.advance(31);
    }
}
