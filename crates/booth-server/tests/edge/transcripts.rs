//! What a voter's device and an edge say to each other, as it stands in the prototype's
//! description: `transcripts/*.txt`.
//!
//! Lines with `>` are sent, lines with `<` have to come, in any order of the headers and with no
//! others but `date`. `~` stands for any one character, and so does `{NAME}` for a value of the
//! test.

use std::path::Path;

use crate::client::Client;
use crate::solar::{Edge, Plan};

fn fits(line: &str, pattern: &str) -> bool {
    line.len() == pattern.len()
        && line.bytes().zip(pattern.bytes()).all(|(a, b)| a == b || b == b'~')
}

/// Plays a script: each block of `>` lines, and the head that has to come.
async fn play(edge: &Edge, name: &str, values: &[(&str, String)]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/edge/transcripts").join(name);
    let mut text = std::fs::read_to_string(path).unwrap();
    for (key, value) in values {
        text = text.replace(&format!("{{{key}}}"), value);
    }
    let mut client: Client = edge.client().await;
    for block in text.split("\n\n").filter(|block| block.contains('>')) {
        let lines = |mark: &str| -> Vec<String> {
            let lines = block.lines().filter_map(|line| line.strip_prefix(mark));
            lines.map(|line| line.trim().to_owned()).collect()
        };
        let head = lines(">").join("\r\n");
        let reply = client.say(format!("{head}\r\n\r\n").as_bytes()).await;
        let mut expected = lines("<");
        let status = expected.remove(0);
        assert!(status.starts_with(&format!("HTTP/1.1 {}", reply.status)), "{name}: {reply:?}");
        let mut found: Vec<String> =
            reply.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        expected.sort();
        found.sort();
        let all = expected.len() == found.len()
            && found.iter().zip(&expected).all(|(line, pattern)| fits(line, pattern));
        assert!(all, "{name}: {found:#?} instead of {expected:#?}");
    }
}

#[tokio::test]
async fn the_edge_speaks_as_the_prototype_does() {
    let edge = Edge::start(Plan { k: 0, ..Plan::default() }).await;
    let request = edge.vote(1, "Bold Jupiter").await;
    let [key, signature, id] = request.mandate.fields();
    let values = [
        ("code", edge.codes().current.to_string()),
        ("wrong", edge.wrong_code().to_string()),
        ("nonce", request.vote.nonce.to_string()),
        ("p-sig", request.vote.platform.signature_text()),
        ("voter", request.vote.stamp.to_string()),
        ("auth-pkey", key),
        ("auth-sig", signature),
        ("auth-id", id),
    ];
    for name in ["hello.txt", "list.txt", "stamp.txt", "vote.txt"] {
        play(&edge, name, &values).await;
    }
}
