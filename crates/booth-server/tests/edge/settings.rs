//! Configurations that do not hold are refused, with everything that is wrong.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use booth_server::edge::{EdgeConfig, EdgeError, EdgeServer};

use crate::solar::{Plan, Platform, campaign_text, configuration, noon};

/// What is said about a configuration, without the paths of this test.
fn said(folder: &Path) -> Vec<String> {
    let config = EdgeConfig::load(&folder.join("edge.toml"), &[]);
    let Err(error) = config.and_then(|config| EdgeServer::open(&config)) else { return Vec::new() };
    let text = error.to_string().replace(&format!("{}/", folder.display()), "");
    text.lines().map(str::to_owned).collect()
}

async fn platform() -> Platform {
    let platform = Platform::start(Plan::default(), &noon()).await;
    configuration(&[&platform]);
    platform
}

/// A text without the lines that hold a word.
fn without(text: &str, word: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.contains(word)).collect()
}

/// What is said after the text of a file was changed.
async fn changed(name: &str, change: impl FnOnce(String) -> String) -> Vec<String> {
    let platform = platform().await;
    let path = platform.folder.path().join(name);
    let text = change(std::fs::read_to_string(&path).unwrap());
    std::fs::write(&path, text).unwrap();
    said(platform.folder.path())
}

#[tokio::test]
async fn a_configuration_that_holds_is_taken() {
    assert_eq!(said(platform().await.folder.path()), [""; 0]);
    let in_an_entry = changed("edge.toml", |text| {
        text.replace("[[campaigns]]\n", "[[campaigns]]\nhosts = [\"a.example\"]\n")
    });
    assert_eq!(in_an_entry.await, [""; 0]);
}

/// The secrets of another campaign, of another year, or in each other's place.
#[tokio::test]
async fn secrets_have_to_be_those_that_the_campaign_commits_to() {
    let other = canon::base64::encode(&crate::solar::seed(99));
    let stamp = "campaign 1: stamp_seed is not the key that the campaign file commits to \
                 (stamp_key_sha256)";
    assert_eq!(changed("stamp-seed", |_| other.clone()).await, [stamp]);
    let decoy = "campaign 1: decoy_seed is not the key that the campaign file commits to \
                 (decoy_key_sha256)";
    assert_eq!(changed("decoy-seed", |_| other).await, [decoy]);
    let swapped = changed("edge.toml", |text| {
        text.replace("/stamp-seed", "/x")
            .replace("/decoy-seed", "/stamp-seed")
            .replace("/x", "/decoy-seed")
    });
    assert_eq!(swapped.await, [stamp, decoy]);
    let same = changed("edge.toml", |text| text.replace("/decoy-seed", "/stamp-seed"));
    assert_eq!(same.await, ["campaign 1: stamp_seed and decoy_seed have to be two different keys"]);
    let uncommitted = changed("campaign.toml", |text| without(&text, "sha256"));
    assert_eq!(
        uncommitted.await,
        ["stamp_key_sha256", "decoy_key_sha256"].map(|field| format!(
            "campaign 1: the campaign file does not commit to the stamps' keys ({field} is missing)"
        ))
    );
}

#[tokio::test]
async fn secrets_have_a_form_and_are_for_nobody_else() {
    for text in ["", "\n", "c2hvcnQ=", "not base64", &"A".repeat(44)] {
        let said = changed("edge-key", |_| text.to_owned()).await;
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with("campaign 1: edge_key"), "{said:?}");
        assert!(text.len() < 5 || !said[0].contains(text), "no part of it is told: {said:?}");
    }
    let pass = changed("pass-header", |_| " spaces ".to_owned()).await;
    assert_eq!(pass, ["campaign 1: pass holds characters that no header can carry"]);
    let platform = platform().await;
    let path = platform.folder.path().join("edge-key");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = said(platform.folder.path());
    assert_eq!(said, ["campaign 1: edge_key: edge-key can be read by others (mode 644)"]);
}

#[tokio::test]
async fn instances_are_addresses_one_list_a_shard() {
    for (from, to, expected) in [
        ("http://127.0.0.1", "ftp://127.0.0.1", "is not http://HOST:PORT or https://HOST:PORT"),
        ("http://127.0.0.1", "http://192.0.2.7", "so ask it over https, or say private_network"),
        ("http://127.0.0.1", "https://127.0.0.1", "so origin_tls has to name its roots"),
        ("http://127.0.0.1", "http://edge@127.0.0.1", "is not http://HOST:PORT"),
    ] {
        let said = changed("edge.toml", |text| text.replace(from, to)).await;
        assert_eq!(said.len(), 2, "one for each instance: {said:?}");
        assert!(said.iter().all(|line| line.contains(expected)), "{said:?}");
    }
    let private = changed("edge.toml", |text| {
        let text = text.replace("http://127.0.0.1", "http://192.0.2.7");
        text.replace("[[campaigns]]\n", "[[campaigns]]\nprivate_network = true\n")
    });
    assert_eq!(private.await, [""; 0]);
    let more = changed("edge.toml", |text| format!("{text}[[campaigns.shards]]\ninstances = []\n"));
    assert_eq!(
        more.await,
        [
            "campaign 1: the campaign has 2 shards, and instances are given for 3",
            "campaign 1: shard 2 has no instance",
        ]
    );
}

/// The figures help to tell whether a code was right: they are not for other machines by accident.
#[tokio::test]
async fn the_figures_stay_on_the_machine_unless_told() {
    let on = async |listen: &'static str, more: &'static str| {
        changed("edge.toml", move |text| {
            let line = "listen_internal = \"127.0.0.1:0\"";
            assert!(text.contains(line), "{text}");
            text.replace(line, &format!("listen_internal = \"{listen}\"{more}"))
        })
        .await
    };
    for listen in ["0.0.0.0:9180", "[::]:9180", "192.0.2.7:9180", "metrics.example:9180", ":9180"] {
        let said = on(listen, "").await;
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with(&format!("listen_internal = {listen:?} is reached")),
            "{said:?}"
        );
        assert_eq!(on(listen, "\ninternal_private_network = true").await, [""; 0]);
    }
    for listen in ["127.0.0.1:9180", "[::1]:9180", "localhost:9180"] {
        assert_eq!(on(listen, "").await, [""; 0]);
    }
}

#[tokio::test]
async fn everything_is_said_at_once() {
    let said = changed("edge.toml", |text| {
        let text = text.replace("[[campaigns]]\n", "[[campaigns]]\nhosts = [\"A.example:80\"]\n");
        let text = without(&text, "pass");
        let second = text[text.find("[[campaigns]]").unwrap()..].to_owned();
        let second = second.replace("/campaign.toml", "/absent.toml");
        let tls = "[tls]\ncertificates = \"none.pem\"\nkey = \"none.pem\"\n";
        format!("{text}{second}{tls}")
    });
    let said = said.await;
    let beginnings = [
        "[tls]: cannot read certificates from none.pem: ",
        "campaign 1: host \"A.example:80\" is not a lower-case host name",
        "campaign 1: give pass, or origin_tls with certificates",
        "campaign 2: host \"A.example:80\" is not a lower-case host name",
        "campaign 2: cannot read absent.toml: ",
        "campaign 2: give pass, or origin_tls with certificates",
    ];
    assert_eq!(said.len(), beginnings.len(), "{said:?}");
    for (line, beginning) in said.iter().zip(beginnings) {
        assert!(line.starts_with(beginning), "{line}");
    }
}

#[tokio::test]
async fn two_campaigns_are_not_asked_under_one_host() {
    let (one, two) = (platform().await, platform().await);
    configuration(&[&one, &two]);
    let said = said(one.folder.path());
    let shared = ["authority", "key of stamps", "key of stamps", "edge_key"];
    let shared =
        shared.map(|what| format!("campaigns 1 and 2 have one {what}: a key serves one campaign"));
    assert_eq!(said[0], "campaigns 1 and 2 are both asked under \"solar\"");
    assert_eq!(said[1..], shared);
}

/// One key that stamps in one campaign and makes decoys in the other: wrong codes of the one would
/// get genuine stamps of the other.
#[tokio::test]
async fn two_campaigns_of_one_edge_share_no_key() {
    for seeds in [20, 22] {
        let one = platform().await;
        let two = Platform::start(Plan { seeds, ..Plan::lunar() }, &noon()).await;
        configuration(&[&one, &two]);
        let said = said(one.folder.path());
        assert_eq!(said, ["campaigns 1 and 2 have one key of stamps: a key serves one campaign"]);
    }
    let one = platform().await;
    let two = Platform::start(Plan::lunar(), &noon()).await;
    std::fs::copy(one.folder.path().join("edge-key"), two.folder.path().join("edge-key")).unwrap();
    configuration(&[&one, &two]);
    let said = said(one.folder.path());
    assert_eq!(said, ["campaigns 1 and 2 have one edge_key: a key serves one campaign"]);
}

#[tokio::test]
async fn a_campaign_that_does_not_hold_and_an_unknown_key_are_refused() {
    let plan = Plan { work_bits: 300, ..Plan::default() };
    let said = changed("campaign.toml", |_| campaign_text(&plan)).await;
    assert!(said[0].contains("no device can show work of 300 bits"), "{said:?}");
    let platform = platform().await;
    let path = platform.folder.path().join("edge.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("listen_public = \"a\"\n{text}")).unwrap();
    let error = EdgeConfig::load(&path, &[]).unwrap_err();
    assert!(matches!(error, EdgeError::Config(_)) && error.to_string().contains("listen_public"));
    std::fs::write(&path, "listen = \"127.0.0.1:0\"\n").unwrap();
    let none = EdgeServer::open(&EdgeConfig::load(&path, &[]).unwrap()).err().unwrap();
    assert_eq!(none.to_string(), "there is no campaign to serve: add a table [[campaigns]]");
}
