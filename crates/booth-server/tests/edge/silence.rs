//! Nothing that an edge writes into its journal holds a secret, however much it is told to tell.

use std::io::Write;
use std::sync::{Arc, Mutex};

use canon::base64;
use tokio::sync::Notify;
use tracing_subscriber::fmt::MakeWriter;

use crate::instance::Script;
use crate::solar::{Edge, PASS, Plan, mandate, mined, seed};

/// What was written, by all tests of this process together.
#[derive(Clone, Default)]
struct Journal {
    written: Arc<Mutex<Vec<u8>>>,
    /// Rings with each line of the alarm.
    alarm: Arc<Notify>,
}

const ALARM: &str = "more stamps than its booth can hold";

impl Write for Journal {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.written.lock().unwrap().extend_from_slice(bytes);
        if String::from_utf8_lossy(bytes).contains(ALARM) {
            self.alarm.notify_one();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Journal {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Journal {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.written.lock().unwrap()).into_owned()
    }
}

/// Whether a text holds a number that no digit stands beside.
fn holds_number(text: &str, number: &str) -> bool {
    text.match_indices(number).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + number.len()..].chars().next();
        ![before, after].into_iter().flatten().any(|found| found.is_ascii_alphanumeric())
    })
}

#[tokio::test]
async fn no_secret_reaches_the_journal() {
    let journal = Journal::default();
    // As with RUST_LOG=trace.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .without_time()
        .with_writer(journal.clone())
        .init();
    let rules = "stamps_per_code = 1\n";
    let edge = Edge::start(Plan { instances: vec![2], rules, ..Plan::default() }).await;
    let mut hidden = vec![PASS.to_owned()];
    hidden.extend([21, 22, 23, 31].map(|number| base64::encode(&seed(number))));
    let code = edge.codes().current;
    let mut requests = vec![
        mined(edge.stamps(code).await, mandate(1), "Bold Jupiter"),
        mined(edge.stamps(code).await, mandate(2), "Bold Jupiter"),
        mined(edge.stamps(edge.wrong_code()).await, mandate(3), "Great Comet"),
    ];
    requests.push(mined((requests[1].vote.platform, requests[0].vote.stamp), mandate(4), "x"));
    let scripts =
        [Script::Says(500, Vec::new()), Script::Says(302, vec![("location", "/")]), Script::Well];
    for script in scripts {
        for instance in edge.platform.all() {
            instance.does(script.clone());
        }
        for request in &requests {
            edge.cast(request).await;
        }
        edge.client().await.get("/list", &[]).await;
        edge.client().await.say(b"nonsense\r\n\r\n").await;
        edge.clock().advance(5);
    }
    for request in &requests {
        hidden.extend(request.headers().into_iter().skip(1).take(5).map(|(_, value)| value));
        hidden.push(request.path());
        hidden.push(request.mandate.look_up());
        hidden.push(request.digest().to_string());
    }
    // The alarm tells the station, and not the code.
    journal.alarm.notified().await;
    let text = journal.text();
    assert!(text.contains("an instance failed"), "{text}");
    for secret in hidden {
        assert!(!text.contains(&secret), "{secret}");
    }
    let codes = edge.codes();
    for code in [codes.last, codes.current, codes.next, code].map(|code| code.to_string()) {
        assert!(!holds_number(&text, &code), "{code}");
    }
}
