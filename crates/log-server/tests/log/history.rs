//! What a client keeps of a log: it reads only what has grown, and holds old heads against it.

use std::time::Duration;

use artifact::admit::{Founded, found};
use canon::Digest;
use log_server::log::client::{Client, ClientError, Fault, History, HistoryFileError};
use testkit::canned::CannedServer;
use testkit::election::{Election, HeadPlan, Plan};

/// An election with an amendment at entry 1, and a head over so many entries.
fn election(size: u64) -> Election {
    let mut election = Election::new(Plan::default());
    let mut amendment = election.amendment();
    amendment.remove_witnesses = vec!["witness.example/herald".parse().unwrap()];
    amendment.threshold = Some(2);
    election.submit(&amendment, &["clerk"]);
    grow(&mut election, size);
    election
}

fn grow(election: &mut Election, size: u64) {
    for number in election.size()..size {
        election.software(&format!("release {number}"));
    }
    election.head();
}

fn founded(election: &Election) -> Founded {
    found(&election.entries[0].artifact).unwrap()
}

fn client(server: &CannedServer) -> Client {
    Client::new(&server.url(), Duration::from_secs(20))
}

fn fault(answer: Result<(), ClientError>) -> Fault {
    match answer.unwrap_err() {
        ClientError::Evidence(evidence) => evidence.fault,
        error => panic!("{error}"),
    }
}

#[test]
fn only_what_has_grown_is_read_again() {
    let mut election = election(300);
    let founded = founded(&election);
    let server = CannedServer::start(election.bundle().files);
    let history = client(&server).history(&founded).unwrap();
    assert_eq!((history.size(), history.register().amendments()), (300, 1));
    let mut kept = History::from_file(&history.to_file(), &founded).unwrap();
    // The whole first bundle and the amendment are out of reach now.
    grow(&mut election, 2_600);
    let mut files = election.bundle().files;
    files.remove("leaf/000").unwrap();
    files.remove(&format!("artifact/{}", election.entries[1].digest)).unwrap();
    let server = CannedServer::start(files);
    client(&server).extend(&mut kept).unwrap();
    assert_eq!((kept.size(), kept.register().amendments()), (2_600, 1));
    let again = client(&server).history(&founded).unwrap_err();
    assert!(matches!(again, ClientError::Amendments(_)), "{again}");
}

#[test]
fn a_head_that_is_older_is_held_against_what_was_read() {
    let mut election = election(300);
    let founded = founded(&election);
    let older = election.heads.last().unwrap().clone();
    grow(&mut election, 400);
    let server = CannedServer::start(election.bundle().files);
    let mut history = client(&server).history(&founded).unwrap();
    server.set("/checkpoint", 200, election.head_bytes(&older));
    client(&server).extend(&mut history).unwrap();
    assert_eq!(history.size(), 400);
    let other = HeadPlan { root: Some(Digest::of(b"other")), ..older };
    server.set("/checkpoint", 200, election.head_bytes(&other));
    let found = fault(client(&server).extend(&mut history));
    assert!(matches!(found, Fault::Leaves { size: 300 }), "{found}");
    assert_eq!(history.size(), 400);
}

#[test]
fn what_does_not_lead_to_the_head_is_not_kept() {
    let mut election = election(300);
    let founded = founded(&election);
    let server = CannedServer::start(election.bundle().files);
    let mut history = client(&server).history(&founded).unwrap();
    let before = history.to_file();
    grow(&mut election, 310);
    let mut files = election.bundle().files;
    let head =
        HeadPlan { root: Some(Digest::of(b"other")), ..election.heads.last().unwrap().clone() };
    files.insert("checkpoint".to_owned(), election.head_bytes(&head));
    let found = fault(client(&CannedServer::start(files)).extend(&mut history));
    assert!(matches!(found, Fault::Leaves { size: 310 }), "{found}");
    assert_eq!(history.to_file(), before);
}

#[test]
fn a_damaged_file_or_one_of_another_election_is_refused() {
    let election = election(3);
    let founded = founded(&election);
    let server = CannedServer::start(election.bundle().files);
    let file = client(&server).history(&founded).unwrap().to_file();
    for at in 0..file.len() {
        let mut bad = file.clone();
        bad[at] ^= 1;
        let error = History::from_file(&bad, &founded).unwrap_err();
        assert_eq!(error, HistoryFileError::Damaged, "{at}");
        assert!(History::from_file(&file[..at], &founded).is_err(), "{at}");
    }
    let other = Election::new(Plan { begins: "2024-11-02T08:00:00Z", ..Plan::default() });
    let other = found(&other.entries[0].artifact).unwrap();
    let error = History::from_file(&file, &other).unwrap_err();
    assert!(matches!(error, HistoryFileError::OtherCharter { .. }), "{error}");
}
