//! Several campaigns at one edge, told apart by `Host`.

use crate::client::Client;
use crate::solar::{OPTIONS, Plan, Platform, configuration, noon, serve};

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
    let lunar = Plan { name: "lunar", authority: 2, instances: vec![1], ..Plan::default() };
    let lunar = Platform::start(lunar, &clock).await;
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

/// Campaigns have their own keys, tables and instances: a vote for one does not reach the other.
#[tokio::test]
async fn a_vote_for_one_campaign_counts_in_that_one() {
    let clock = noon();
    let solar = Platform::start(Plan { instances: vec![1], ..Plan::default() }, &clock).await;
    let lunar = Plan { name: "lunar", authority: 2, instances: vec![1], ..Plan::default() };
    let lunar = Platform::start(lunar, &clock).await;
    let (address, _, _running) = serve(&configuration(&[&solar, &lunar]), &[], &clock).await;
    let mut client = Client::connect(address).await;
    let code = crate::solar::codes_of(&solar.behind, None).current.to_string();
    let stamps = crate::solar::stamps_of(&client.get("/stamp", &[("TOTP", &code)]).await);
    let request = crate::solar::mined(stamps, crate::solar::mandate(1), OPTIONS[0]);
    let head = |host: &str| {
        let lines =
            request.headers().into_iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let lines: String = lines.collect();
        format!("GET {} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n", request.path())
    };
    assert_eq!(client.say(head("lunar.example.org").as_bytes()).await.status, 484);
    assert_eq!(client.say(head("solar.example.org").as_bytes()).await.status, 204);
    assert_eq!((solar.instances[0][0].votes(), lunar.instances[0][0].votes()), (1, 0));
}
