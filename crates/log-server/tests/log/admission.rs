//! What is accepted, what is refused, and under which register.

use artifact::admit::Refusal;
use bytes::Bytes;
use canon::Digest;
use log_server::log::{Submission, SubmitError};
use testkit::election::Plan;
use tlog::note::{KeyType, NoteSigner};

use crate::world::{World, add, check_receipt, refuse};

#[tokio::test]
async fn the_same_artifact_gets_the_same_answer() {
    let mut world = World::new();
    let log = world.open().await;
    let submission = world.software("release");
    let first = add(&log, &submission).await;
    for round in 0..3 {
        world.wait(10);
        let again = add(&log, &submission).await;
        assert!(again.is_duplicate);
        assert_eq!(log_server::log::Receipt { is_duplicate: false, ..again }, first, "{round}");
        // Once out of the write-ahead log, once from the store.
        log.publish().await.unwrap();
    }
    assert_eq!(log.size(), 2);
    log.close().await.unwrap();
}

#[tokio::test]
async fn many_at_once_get_one_place_each() {
    let mut world = World::new();
    let log = std::sync::Arc::new(world.open().await);
    let submissions: Vec<_> =
        (0..40).map(|number| world.software(&format!("release {}", number % 20))).collect();
    let tasks: Vec<_> = submissions
        .into_iter()
        .map(|submission| {
            let log = std::sync::Arc::clone(&log);
            tokio::spawn(async move { log.submit(submission).await.unwrap() })
        })
        .collect();
    let mut indexes = std::collections::BTreeMap::new();
    for task in tasks {
        let receipt = task.await.unwrap();
        check_receipt(&world, &receipt);
        *indexes.entry(receipt.index).or_insert(0) += 1;
    }
    assert_eq!(indexes, (1..=20).map(|index| (index, 2)).collect());
    assert_eq!(log.size(), 21);
}

#[tokio::test]
async fn the_same_statement_under_other_signatures_is_refused() {
    let mut world = World::new();
    let log = world.open().await;
    let submission = world.software("release");
    add(&log, &submission).await;
    // The same payload, signed by a second key as well.
    let envelope = canon::SignedBytes::parse(&submission.artifact).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(envelope.payload).unwrap();
    let both = world.election.sign("software/v1", &payload, &["maker", "clerk"]);
    let other = Submission { artifact: both.into(), files: Vec::new() };
    let refused = refuse(&log, &other).await;
    assert!(matches!(refused, SubmitError::OtherSignatures { index: 1 }), "{refused}");
    log.publish().await.unwrap();
    log.close().await.unwrap();
    for forget in [false, true] {
        if forget {
            // Without the file of statements they are read out of the artifacts.
            service::disk::Disk::remove(&world.disk, "statements").unwrap();
        }
        let log = world.open().await;
        let refused = refuse(&log, &other).await;
        assert!(matches!(refused, SubmitError::OtherSignatures { index: 1 }), "{refused}");
        log.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_wrong_role_an_unknown_key_and_a_broken_signature_are_refused() {
    let mut world = World::new();
    let log = world.open().await;
    let submission = world.software("release");
    let envelope = canon::SignedBytes::parse(&submission.artifact).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(envelope.payload).unwrap();
    let sign = |holder| Submission {
        artifact: world.election.sign("software/v1", &payload, &[holder]).into(),
        files: Vec::new(),
    };
    let wrong_role = refuse(&log, &sign("auditor")).await;
    assert!(matches!(wrong_role, SubmitError::Refused(Refusal::Role { .. })));
    let unknown = refuse(&log, &sign("stranger")).await;
    assert!(matches!(unknown, SubmitError::Refused(Refusal::KeyUnknown { .. })));
    let text = String::from_utf8(submission.artifact.to_vec()).unwrap();
    let changed = text.replace("\"version\":\"1.0\"", "\"version\":\"1.1\"");
    assert_ne!(text, changed);
    let changed = Submission { artifact: Bytes::from(changed), files: Vec::new() };
    let broken = refuse(&log, &changed).await;
    assert!(matches!(broken, SubmitError::Refused(Refusal::Signature { .. })));
    let charter = &world.election.charter;
    let second = Submission {
        artifact: world.election.sign("charter/v1", charter, &["clerk", "auditor"]).into(),
        files: Vec::new(),
    };
    let second = refuse(&log, &second).await;
    assert!(matches!(second, SubmitError::Refused(Refusal::SecondCharter { .. })), "{second}");
    assert_eq!(log.size(), 1);
    log.close().await.unwrap();
}

#[tokio::test]
async fn raw_files_come_with_their_manifest_and_only_with_it() {
    let mut world = World::new();
    let log = world.open().await;
    let (placed, digest) = world.election.ballot_manifest();
    let file = Bytes::from(world.election.raw[&digest].clone());
    let bare = world.submission(placed);
    let with = |files: &[&Bytes]| Submission {
        files: files.iter().map(|file| (*file).clone()).collect(),
        ..bare.clone()
    };
    let other = Bytes::from_static(b"other");
    for files in [&[][..], &[&other], &[&file, &other]] {
        let refused = refuse(&log, &with(files)).await;
        assert!(matches!(refused, SubmitError::Files(_)), "{refused}");
    }
    let software = world.software("release");
    let unwanted = Submission { files: vec![file.clone()], ..software };
    assert!(matches!(refuse(&log, &unwanted).await, SubmitError::UnwantedFiles(1)));
    add(&log, &with(&[&file])).await;
    log.publish().await.unwrap();
    assert_eq!(world.store.objects()[&format!("artifact/{digest}")], file);
    log.close().await.unwrap();
}

#[tokio::test]
async fn what_the_charter_withholds_is_not_in_the_public_store() {
    let plan = Plan { cvrs: artifact::charter::Publication::Withheld, ..Plan::default() };
    let mut world = World::planned(plan, &testkit::faults::Faults::none());
    let log = world.open().await;
    let definition = world.election.definition();
    let cvrs = world.election.cvrs(&definition.digest, "1");
    let image = ("front.png", "image/png", b"ink".as_slice());
    let manifest = world.election.manifest("scanner-1", &[image]);
    let mut submissions = vec![world.submission(definition), world.submission(cvrs)];
    submissions
        .push(Submission { files: vec![Bytes::from_static(b"ink")], ..world.submission(manifest) });
    for submission in &submissions {
        add(&log, submission).await;
    }
    log.publish().await.unwrap();
    log.close().await.unwrap();
    let withheld = [Digest::of(b"ink"), cvrs.digest].map(|digest| format!("artifact/{digest}"));
    let mut found: Vec<_> = world.withheld.objects().into_keys().collect();
    found.sort_by_key(|path| withheld.iter().position(|expected| expected == path));
    assert_eq!(found, withheld);
    assert!(withheld.iter().all(|path| !world.store.objects().contains_key(path)));
    // A restart reads them from where they are.
    let log = world.open().await;
    assert!(add(&log, &submissions[1]).await.is_duplicate);
    log.close().await.unwrap();
}

#[tokio::test]
async fn an_amendment_is_in_force_for_every_entry_after_it() {
    let mut world = World::new();
    let log = world.open().await;
    let before = world.software("before");
    let first = add(&log, &before).await;
    let amendment = world.election.revoke_key("maker");
    let amendment = world.submission(amendment);
    add(&log, &amendment).await;
    let after = world.software("after");
    let refused = refuse(&log, &after).await;
    assert!(matches!(refused, SubmitError::Refused(Refusal::KeyRevoked { .. })), "{refused}");
    // What stood there before the revocation still gets its answer.
    assert_eq!(add(&log, &before).await.leaf, first.leaf);
    log.publish().await.unwrap();
    log.close().await.unwrap();
    let log = world.open().await;
    let refused = refuse(&log, &after).await;
    assert!(matches!(refused, SubmitError::Refused(Refusal::KeyRevoked { .. })), "{refused}");
    log.close().await.unwrap();
}

#[tokio::test]
async fn no_entry_slips_in_under_a_register_that_an_amendment_ended() {
    for round in 0..20 {
        let mut world = World::new();
        world.settings.batch_entries = 1 + round % 3;
        let log = std::sync::Arc::new(world.open().await);
        let mut submissions: Vec<_> =
            (0..10).map(|number| world.software(&format!("release {number}"))).collect();
        let amendment = world.election.revoke_key("maker");
        submissions.insert(round % 10, world.submission(amendment));
        let amendment = Digest::of(&submissions[round % 10].artifact);
        let tasks: Vec<_> = submissions
            .into_iter()
            .map(|submission| {
                let log = std::sync::Arc::clone(&log);
                tokio::spawn(async move { log.submit(submission).await })
            })
            .collect();
        let mut placed = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(receipt) => placed.push((receipt.index, receipt.artifact)),
                Err(SubmitError::Refused(Refusal::KeyRevoked { .. })) => {}
                Err(error) => panic!("{error}"),
            }
        }
        let last = placed.iter().max().unwrap();
        assert_eq!(last.1, amendment, "nothing by the revoked key stands behind the amendment");
    }
}

#[tokio::test]
async fn an_amendment_changes_whose_cosignatures_count() {
    let mut world = World::new();
    let log = world.open().await;
    log.publish().await.unwrap();
    let mut amendment = world.election.amendment();
    amendment.remove_witnesses = vec!["witness.example/league".parse().unwrap()];
    amendment.threshold = Some(2);
    let amendment = world.election.submit(&amendment, &["clerk"]);
    let amendment = world.submission(amendment);
    add(&log, &amendment).await;
    world.witnesses[0].set_away(true);
    // The head that first covers the amendment is judged by the rules before it.
    assert!(!log.publish().await.unwrap().is_witnessed);
    let submission = world.software("release");
    add(&log, &submission).await;
    assert!(log.publish().await.unwrap().is_witnessed);
    let names: Vec<_> = log.published().unwrap().witnesses.iter().map(|w| w.0.clone()).collect();
    assert_eq!(names, ["witness.example/university", "witness.example/herald"]);
    log.close().await.unwrap();
}

#[tokio::test]
async fn a_witness_that_an_amendment_adds_is_asked_at_once_and_after_a_restart() {
    let mut world = World::new();
    let name = "witness.example/newcomer";
    let newcomer = world.add_witness(world.election.keys.note(name, KeyType::Cosignature));
    let log = world.open().await;
    assert!(log.publish().await.unwrap().is_witnessed);
    assert_eq!(newcomer.head(), None, "nobody asks a witness that does not count");
    let amendment = world.election.add_witness(name, 4);
    let amendment = world.submission(amendment);
    add(&log, &amendment).await;
    assert!(log.publish().await.unwrap().is_witnessed);
    let submission = world.software("release");
    add(&log, &submission).await;
    let publication = log.publish().await.unwrap();
    assert!(publication.is_witnessed, "all four must sign");
    assert_eq!(newcomer.head(), Some(publication.head));
    log.close().await.unwrap();
    let log = world.open().await;
    let submission = world.software("after a restart");
    add(&log, &submission).await;
    let publication = log.publish().await.unwrap();
    assert!(publication.is_witnessed);
    assert_eq!(newcomer.head(), Some(publication.head));
    log.close().await.unwrap();
}

#[tokio::test]
async fn a_witness_whose_key_changed_under_its_name_is_asked_with_the_new_one() {
    let mut world = World::new();
    let log = world.open().await;
    log.publish().await.unwrap();
    let name = "witness.example/league";
    let key = world.election.keys.key("the league's second");
    let signer = NoteSigner::from_key(name, KeyType::Cosignature, key.into()).unwrap();
    let second = signer.verifier().to_string();
    let league = world.add_witness(signer);
    log.close().await.unwrap();
    // The address in the configuration is that of the new witness from now on.
    world.witnesses.remove(0);
    let log = world.open().await;
    let mut amendment = world.election.amendment();
    let mut listed = world.election.charter.witnesses.list[0].clone();
    assert_eq!(listed.name.as_str(), name);
    listed.key = second.parse().unwrap();
    amendment.remove_witnesses = vec![listed.name.clone()];
    amendment.add_witnesses = vec![listed];
    let amendment = world.election.submit(&amendment, &["clerk"]);
    let amendment = world.submission(amendment);
    add(&log, &amendment).await;
    assert!(!log.publish().await.unwrap().is_witnessed, "the old key is asked for, and away");
    let submission = world.software("release");
    add(&log, &submission).await;
    let publication = log.publish().await.unwrap();
    assert!(publication.is_witnessed);
    assert_eq!(league.head(), Some(publication.head));
    log.close().await.unwrap();
}

#[tokio::test]
async fn nothing_follows_the_close() {
    let mut world = World::new();
    let log = world.open().await;
    log.publish().await.unwrap();
    let late = world.software("late");
    world.election.entries.pop();
    let close = world.election.close();
    let close = world.submission(close);
    add(&log, &close).await;
    let refused = refuse(&log, &late).await;
    assert!(matches!(refused, SubmitError::Refused(Refusal::AfterClose { .. })), "{refused}");
    assert!(log.publish().await.unwrap().is_witnessed);
    log.close().await.unwrap();
    let log = world.open().await;
    let refused = refuse(&log, &late).await;
    assert!(matches!(refused, SubmitError::Refused(Refusal::AfterClose { .. })), "{refused}");
    log.close().await.unwrap();
}

#[tokio::test]
async fn too_much_waiting_is_refused_and_the_log_goes_on() {
    let mut world = World::new();
    // Room for four entries at a time.
    world.settings.waiting_bytes = 8192;
    let log = world.open().await;
    log.publish().await.unwrap();
    let mut waiting: Vec<_> =
        (0..20).map(|number| world.software(&format!("release {number}"))).collect();
    let mut rounds = 0;
    while !waiting.is_empty() {
        let all = waiting.iter().map(|submission| log.submit(submission.clone()));
        let answers = futures::future::join_all(all).await;
        let mut answers = answers.into_iter();
        let before = waiting.len();
        waiting.retain(|_| match answers.next().unwrap() {
            Ok(_) => false,
            Err(SubmitError::Busy) => true,
            Err(error) => panic!("{error}"),
        });
        assert_eq!(waiting.len(), before.saturating_sub(4), "four at a time");
        log.publish().await.unwrap();
        rounds += 1;
    }
    assert_eq!(rounds, 5);
    assert_eq!(log.size(), 21);
    let file = vec![b'x'; 5000];
    let placed = world.election.manifest("clerk", &[("a.csv", "ballot_manifest/csv", &file)]);
    let large = Submission { files: vec![file.into()], ..world.submission(placed) };
    let refused = refuse(&log, &large).await;
    assert!(matches!(refused, SubmitError::TooLarge { most: 4096, .. }), "{refused}");
    log.close().await.unwrap();
}

/// The only thread for long work is taken until the small submission has its receipt.
#[test]
fn a_large_submission_is_judged_beside_the_small_ones() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let mut world = World::new();
        let log = world.open().await;
        let small = world.software("release");
        let file = vec![b'x'; 100_000];
        let placed = world.election.manifest("auditor", &[("a.csv", "text", &file)]);
        let large = Submission { files: vec![file.into()], ..world.submission(placed) };
        let (release, released) = std::sync::mpsc::channel();
        let taken = tokio::task::spawn_blocking(move || released.recv());
        let after_small = async {
            let receipt = add(&log, &small).await;
            release.send(()).unwrap();
            receipt
        };
        let (large, small) = tokio::join!(add(&log, &large), after_small);
        assert_eq!((small.index, large.index), (1, 2));
        check_receipt(&world, &large);
        taken.await.unwrap().unwrap();
        log.close().await.unwrap();
    });
}
