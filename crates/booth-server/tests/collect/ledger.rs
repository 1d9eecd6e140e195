//! What is on the disk, and what damage to it does.

use artifact::charter::Purpose;
use booth::campaign::{Campaign, Draft, Shard};
use booth::collect::Reply;
use booth::request::VoteRequest;
use booth_server::collect::seen::key_of;
use booth_server::collect::{Embedded, Ledger as _, LedgerError, Opening, Record};
use service::disk::Disk as _;
use testkit::faults::{Crash, Fault, Faults, MemoryDisk, Point};

use crate::fixture::{
    OPTIONS, World, campaign, draft, is_promise, key, mandate, numbers, request, requests,
};

/// Ten votes of k = 3: three batches, of which one is cut.
fn begun() -> World {
    let world = World::new(&Faults::none());
    let mut driver = world.open(&campaign(3)).unwrap();
    for group in requests()[..10].chunks(2) {
        assert!(driver.cast(group).unwrap().iter().all(is_promise));
    }
    assert_eq!(driver.pending(), 4);
    world
}

/// Replaces a file's bytes.
fn change(disk: &MemoryDisk, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = disk.content().remove(name).unwrap();
    change(&mut bytes);
    disk.open(name, 0).unwrap().append(&bytes).unwrap();
}

fn refusal(world: &World) -> String {
    world.open(&campaign(3)).map(|_| ()).unwrap_err().to_string()
}

/// The attack: take the disk, but not the memory of the machine.
#[test]
fn nothing_is_readable_before_the_cut() {
    let world = World::new(&Faults::none());
    let mut driver = world.open(&campaign(50)).unwrap();
    assert!(driver.cast(&requests()[..60]).unwrap().iter().all(is_promise));
    let mut files = world.lists.content();
    files.extend(world.spool.content());
    let holds = |part: &[u8]| {
        files.values().any(|bytes| bytes.windows(part.len()).any(|found| found == part))
    };
    for request in &requests()[..60] {
        let [key, signature, id] = request.mandate.fields();
        let vote = &request.vote;
        let texts = [vote.stamp.to_string(), vote.say.clone(), key, signature, id];
        for text in &texts {
            assert!(!holds(text.as_bytes()), "{text}");
        }
        let raw: [&[u8]; 4] = [
            vote.stamp.bytes(),
            &request.mandate.id().id,
            &vote.digest().0,
            &key_of(&request.mandate.id().digest()),
        ];
        for part in raw {
            assert!(!holds(part));
        }
    }
    assert_eq!(world.lines(), [Vec::<String>::new(), Vec::new()]);
}

/// The attack: write down who comes when, and read the options off the lengths of the records.
#[test]
fn all_records_have_one_length() {
    let mut lengths = Vec::new();
    for say in OPTIONS {
        for digits in [8, 32] {
            let world = World::new(&Faults::none());
            let mut driver = world.open(&campaign(3)).unwrap();
            let mut request = request(1);
            request.vote.say = say.to_owned();
            request.vote.nonce = booth::work::Nonce::new(&vec![7; digits]).unwrap();
            assert!(is_promise(&driver.cast(&[request]).unwrap()[0]));
            lengths.push(world.spool.content().values().map(Vec::len).sum::<usize>());
        }
    }
    lengths.dedup();
    assert_eq!(lengths.len(), 1, "{lengths:?}");
}

/// The attack: after the cut, take everything there is, and look for what ties the two lists.
#[test]
fn after_the_cut_nothing_ties_a_vote_to_its_voter() {
    let world = begun();
    let mut driver = world.open(&campaign(3)).unwrap();
    driver.close().unwrap();
    drop(driver);
    assert!(world.key_names().is_empty());
    let [votes, voters] = world.lines();
    assert_eq!((votes.len(), voters.len()), (10, 10));
    // The files beside the lists have the lists' own order, and nothing else of it.
    let short: Vec<u8> = voters
        .iter()
        .map(|line| booth::mandate::Mandate::from_voters_line(line).unwrap())
        .flat_map(|mandate| key_of(&mandate.id().digest()))
        .collect();
    assert_eq!(world.file("mandates.seen"), short);
    let stamps: Vec<u8> = votes
        .iter()
        .flat_map(|line| *booth::vote::Vote::from_line(line).unwrap().stamp.bytes())
        .collect();
    let kept: Vec<u8> =
        world.file("stamps.seen").chunks(53).flat_map(|one| one[..20].to_vec()).collect();
    assert_eq!(kept, stamps);
    let names: Vec<String> = world.lists.content().into_keys().collect();
    let expected = ["cuts.log", "mandates.seen", "solar-auth.log", "solar-vote.log", "stamps.seen"];
    assert_eq!(names, expected);
}

/// The attack: look for the bytes of a key whose name is gone.
#[test]
fn a_key_is_overwritten_before_it_is_removed() {
    let name = "0000000000000000.key";
    let point = Point { what: format!("remove {name}"), nth: 0 };
    let world = World::new(&Faults::at(&point, Fault::Lost));
    let mut driver = world.open(&campaign(3)).unwrap();
    driver.cast(&requests()[..3]).unwrap();
    let key = world.keys.content().remove(name).unwrap();
    assert!(key.len() == 36 && key.iter().any(|byte| *byte != 0));
    driver.cast(&requests()[3..6]).unwrap_err();
    assert_eq!(world.keys.content().remove(name).unwrap(), [0; 36]);
}

#[test]
fn a_record_sealed_under_one_key_does_not_pass_for_another() {
    let world = begun();
    let names = world.key_names();
    assert_eq!(names, ["0000000000000002.key", "0000000000000003.key"]);
    let other = world.keys.content().remove(&names[1]).unwrap();
    change(&world.keys, &names[0], |bytes| *bytes = other);
    assert!(refusal(&world).contains("does not open under its batch's key"));
}

/// Fourteen votes that are all pending, in several segments.
fn pending() -> World {
    let world = World::new(&Faults::none());
    let mut driver = world.open(&campaign(50)).unwrap();
    for group in requests()[..14].chunks(2) {
        assert!(driver.cast(group).unwrap().iter().all(is_promise));
    }
    world
}

#[test]
fn a_torn_last_record_is_cut_off_and_damage_elsewhere_is_refused() {
    let open = |world: &World| {
        let opened = world.open(&campaign(50));
        opened.map(|driver| driver.pending()).map_err(|error| error.to_string())
    };
    let whole = pending();
    let names: Vec<String> = whole.spool.content().into_keys().collect();
    let (first, last) = (&names[0], names.last().unwrap());
    assert!(names.len() > 2, "{names:?}");
    // A write that was interrupted: what is there of it is cut off, and the rest stands.
    let torn = whole.after(Crash::Kill);
    change(&torn.spool, last, |bytes| bytes.extend_from_slice(&[7; 30]));
    assert_eq!(open(&torn), Ok(14));
    assert_eq!(torn.spool.content()[last], whole.spool.content()[last]);
    let half = whole.after(Crash::Kill);
    change(&half.spool, last, |bytes| bytes.truncate(bytes.len() - 1));
    half.keys.remove("0000000000000000.mark").unwrap();
    assert_eq!(open(&half), Ok(12), "nothing says that the last group was acknowledged");
    // One changed byte with whole frames behind it, or in a segment that another one follows.
    for (at, expected) in [(100, "is damaged at byte 64"), (2_500, "is damaged at byte")] {
        let rotten = whole.after(Crash::Kill);
        change(&rotten.spool, first, |bytes| bytes[at] ^= 1);
        let refused = open(&rotten).unwrap_err();
        assert!(refused.contains(expected), "{refused}");
    }
    // A segment between others, or the whole spool, is gone.
    let gap = whole.after(Crash::Kill);
    gap.spool.remove(&names[1]).unwrap();
    assert!(open(&gap).unwrap_err().contains("records before this segment are missing"));
    let none = whole.after(Crash::Kill);
    for name in &names {
        none.spool.remove(name).unwrap();
    }
    assert!(open(&none).unwrap_err().contains("the spool is not there"));
}

/// The last frame was whole, synced and acknowledged; then the disk forgot it. A write that was
/// interrupted looks the same, but for the mark.
#[test]
fn what_was_acknowledged_is_never_cut_off_by_itself() {
    let whole = pending();
    let last = whole.spool.content().into_keys().next_back().unwrap();
    let damages: [fn(&mut Vec<u8>); 4] = [
        |bytes| bytes.truncate(bytes.len() - 1),
        |bytes| *bytes.last_mut().unwrap() ^= 1,
        |bytes| bytes.truncate(64),
        |bytes| bytes.truncate(10),
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        let rotten = whole.after(Crash::Kill);
        change(&rotten.spool, &last, damage);
        let before = [&rotten.lists, &rotten.spool, &rotten.keys].map(MemoryDisk::content);
        for _ in 0..2 {
            let refused = rotten.open(&campaign(50)).map(|_| ()).unwrap_err();
            assert!(
                matches!(refused, LedgerError::Rotten { known: 14, .. }),
                "{number}: {refused}"
            );
            let after = [&rotten.lists, &rotten.spool, &rotten.keys].map(MemoryDisk::content);
            assert_eq!(after, before, "{number}: nothing was changed");
        }
        // Somebody has to say that they are lost; and says it once.
        let mut driver = rotten.open_as(&campaign(50), true).unwrap();
        let lost = driver.lost;
        assert!(lost > 0 && driver.pending() as u64 + lost == 14, "{number}");
        assert!(driver.cast(&requests()[..14]).unwrap().iter().all(is_promise));
        assert_eq!(rotten.open(&campaign(50)).unwrap().lost, 0, "{number}");
    }
    let gone = whole.after(Crash::Kill);
    gone.spool.remove(&last).unwrap();
    let refused = gone.open(&campaign(50)).map(|_| ()).unwrap_err();
    assert!(matches!(refused, LedgerError::Rotten { known: 14, .. }), "{refused}");
}

#[test]
fn lists_that_are_not_what_was_cut_are_refused() {
    for (name, expected) in [
        ("solar-vote.log", "these are not the lines that were cut"),
        ("solar-auth.log", "these are not the lines that were cut"),
    ] {
        let changed = begun();
        change(&changed.lists, name, |bytes| bytes[20] ^= 1);
        // It opens by the short forms, and finds out while it runs.
        let mut driver = changed.open(&campaign(3)).unwrap();
        assert!(is_promise(&driver.cast(&requests()[10..11]).unwrap()[0]));
        let found = driver.check_lists().unwrap_err();
        assert!(found.contains(expected), "{found}");
        let refused = driver.cast(&requests()[11..12]).unwrap_err().to_string();
        assert_eq!(refused, found);
        assert!(matches!(driver.cast(&requests()[12..13]), Err(LedgerError::Stopped)));
        // Where the short forms have to be made anew, it is found at the start.
        changed
            .lists
            .remove(if name.contains("vote") { "stamps.seen" } else { "mandates.seen" })
            .unwrap();
        assert!(refusal(&changed).contains(expected), "{}", refusal(&changed));
        let short = begun();
        change(&short.lists, name, |bytes| bytes.truncate(bytes.len() - 1));
        assert!(refusal(&short).contains("shorter than its cuts say"));
        let gone = begun();
        gone.lists.remove(name).unwrap();
        assert!(refusal(&gone).contains("is not there"));
        // What no cut covers is cut off.
        let more = begun();
        let whole = more.file(name);
        change(&more.lists, name, |bytes| bytes.extend_from_slice(b"half a line"));
        more.open(&campaign(3)).unwrap().check_lists().unwrap();
        assert_eq!(more.file(name), whole);
    }
    let gone = begun();
    gone.lists.remove("cuts.log").unwrap();
    assert!(refusal(&gone).contains("cuts.log is not there"));
}

#[test]
fn the_short_forms_are_made_anew() {
    for name in ["stamps.seen", "mandates.seen"] {
        let damages: [fn(&mut Vec<u8>); 4] = [
            |bytes| bytes.clear(),
            |bytes| bytes[60] ^= 1,
            |bytes| bytes.truncate(70),
            |bytes| bytes.extend_from_slice(&[0; 100]),
        ];
        for damage in damages {
            let world = begun();
            let mut driver = world.open(&campaign(3)).unwrap();
            driver.close().unwrap();
            drop(driver);
            let whole = world.file(name);
            change(&world.lists, name, damage);
            let mut driver = world.open(&campaign(3)).unwrap();
            assert_eq!(driver.sizes(), (10, 10));
            assert_eq!(world.file(name), whole);
            // Receipts too are those of before. In an official campaign they come at the close.
            driver.close().unwrap();
            let replies = driver.cast(&requests()[..10]).unwrap();
            assert!(replies.iter().all(|reply| matches!(reply, Reply::Receipt(_))));
        }
    }
}

/// A power cut takes no more of the short forms than was written since their last sync, whatever
/// the disk keeps of the rest; and what it took is read from the lists, from there on.
#[test]
fn a_power_cut_takes_little_of_the_short_forms() {
    for seed in 0..40 {
        let world = World::new(&Faults::none());
        let mut driver = world.open(&campaign(3)).unwrap();
        for requests in requests().chunks(5) {
            driver.cast(requests).unwrap();
        }
        driver.close().unwrap();
        drop(driver);
        let after = world.after(Crash::PowerCut(seed));
        let cut = after.lines()[0].len();
        assert_eq!(cut, requests().len());
        for (name, bytes) in [("stamps.seen", 53), ("mandates.seen", 16)] {
            let (whole, left) = (world.file(name), after.file(name));
            assert_eq!(whole.len(), cut * bytes);
            // Six votes bring the next sync, so fewer are behind the last one.
            let synced = whole.len() - 5 * bytes;
            assert!(left.len() >= synced, "{name}: {} of {}", left.len(), whole.len());
            assert_eq!(left[..synced], whole[..synced]);
        }
        // What lies before is not asked for again: were it read, this would be found.
        change(&after.lists, "solar-vote.log", |bytes| bytes[20] ^= 1);
        let driver = after.open(&campaign(3)).unwrap();
        assert_eq!(driver.sizes(), (cut, cut));
        assert_eq!(after.file("stamps.seen"), world.file("stamps.seen"));
    }
}

#[test]
fn every_vote_has_its_receipt_or_promise_after_a_restart() {
    let world = begun();
    let own = |world: &World| -> Vec<String> {
        let replies = world.open(&campaign(3)).unwrap().cast(&requests()[..10]).unwrap();
        assert!(replies.iter().all(is_promise));
        let told = |(reply, request): (&Reply, &VoteRequest)| match reply {
            // The other lines are drawn anew each time.
            Reply::Receipt(receipt) => {
                let stamp = request.vote.stamp.to_string();
                let line = receipt.lines.iter().find(|line| line.starts_with(&stamp)).unwrap();
                format!("{} {line}", receipt.place)
            }
            other => format!("{other:?}"),
        };
        replies.iter().zip(&requests()[..10]).map(told).collect()
    };
    let first = own(&world);
    assert_eq!(own(&world), first);
    assert_eq!(own(&world.after(Crash::Kill)), first);
}

#[test]
fn another_campaigns_files_are_refused() {
    let world = begun();
    let opened =
        Embedded::open(world.disks(), &campaign(3), Shard(1), Opening::default()).map(|_| ());
    assert!(matches!(opened, Err(LedgerError::OtherLedger { .. })), "{opened:?}");
}

/// The attack: with one shard more, mandates that have voted belong to another instance, which has
/// not seen them.
#[test]
fn the_rules_of_a_campaign_that_has_begun_do_not_change() {
    let world = begun();
    let begun = draft(3);
    let changes = [
        Draft { shards: 2, ..begun.clone() },
        Draft { k: 4, ..begun.clone() },
        Draft { stamp_period_s: 43_200, ..begun.clone() },
        Draft { start: begun.start.plus_seconds(60).unwrap(), ..begun.clone() },
        Draft { authorities: vec![key(2).public().to_base64()], ..begun.clone() },
        Draft { options: begun.options.iter().rev().cloned().collect(), ..begun.clone() },
        Draft { purpose: Purpose::Test, ..begun.clone() },
    ];
    let open = |draft: Draft| {
        let campaign = Campaign::check(draft).unwrap();
        Embedded::open(world.disks(), &campaign, Shard(0), Opening::default()).map(|_| ())
    };
    for change in changes {
        let opened = open(change.clone());
        assert!(matches!(opened, Err(LedgerError::OtherLedger { .. })), "{change:?}");
    }
    // Only the end may move.
    open(Draft { end: begun.end.plus_seconds(3_600).unwrap(), ..begun.clone() }).unwrap();
}

/// Two instances of one shard with one ledger: who is behind writes nothing.
#[test]
fn who_is_behind_writes_nothing() {
    let world = World::new(&Faults::none());
    let opened = Embedded::open(world.disks(), &campaign(3), Shard(0), Opening::default());
    let (ledger, recovered) = opened.unwrap();
    let record = |number| Record { batch: 0, halves: request(number).into() };
    assert_eq!(ledger.append(recovered.position, &[record(1)]).unwrap(), 1);
    let length = |world: &World| world.spool.content().values().map(Vec::len).sum::<usize>();
    let before = length(&world);
    let behind = ledger.append(recovered.position, &[record(2)]).unwrap_err();
    assert!(matches!(behind, LedgerError::Behind { position: 1 }), "{behind}");
    assert_eq!(length(&world), before);
    assert_eq!(ledger.append(1, &[record(2)]).unwrap(), 2);
}

#[test]
fn the_spool_shrinks_when_batches_are_cut() {
    let world = World::new(&Faults::none());
    let mut driver = world.open(&campaign(3)).unwrap();
    let mut most = 0;
    for request in requests() {
        driver.cast(std::slice::from_ref(request)).unwrap();
        most = most.max(world.spool.content().len());
    }
    assert!((2..7).contains(&most), "{most}");
    assert_eq!(numbers(&world)[0].len(), 96);
    assert!(numbers(&world)[1].len() == 96 && mandate(1) == requests()[1].mandate);
}
