//! LOG: leaves, tiles, heads, and what the log promised.

use canon::{Digest, Timestamp};
use testkit::election::{Election, HeadPlan, Plan};

use super::Case;
use crate::stage::{Fickle, flip, whole};

mutations! {
    no_head: "LOG-001", Case::changed(|bundle| drop(bundle.files.remove("checkpoint")));
    a_head_that_is_none: "LOG-002", Case::changed(|bundle| {
        *bundle.file("checkpoint") = b"nothing\n".to_vec();
    });
    a_head_of_another_log: "LOG-003", last_head(|head| {
        head.origin = Some("log.example/other".into());
    });
    a_head_not_signed: "LOG-004", last_head(|head| head.signed = false);
    a_head_without_time: "LOG-005", last_head(|head| head.timed = false);
    a_head_short_of_witnesses: "LOG-006", last_head(|head| {
        head.witnesses = Some(vec![
            "witness.example/league".into(),
            "witness.example/herald".into(),
        ]);
    });
    a_witness_line_from_another_head: "LOG-007", Case::changed(|bundle| {
        let line = witness_line(&bundle.files["checkpoints/1"]);
        let old = witness_line(&bundle.files["checkpoint"]);
        let head = String::from_utf8(bundle.files["checkpoint"].clone()).unwrap();
        *bundle.file("checkpoint") = head.replace(&old, &line).into_bytes();
    });
    a_head_with_another_root: "LOG-008", last_head(|head| head.root = Some(Digest([7; 32])));
    a_head_under_another_name: "LOG-009", Case::changed(|bundle| {
        let head = bundle.files.remove("checkpoints/1").unwrap();
        bundle.files.insert("checkpoints/2".into(), head);
    });
    a_later_head_with_an_earlier_time: "LOG-010", {
        let mut election = whole();
        let first = election.heads[0].time;
        election.heads[1].time = Timestamp::from_unix(first.unix() - 1).unwrap();
        Case::whole(&election)
    };
    a_head_before_its_leaf: "LOG-011", last_head(|head| {
        head.time = Timestamp::from_unix(head.time.unix() - 2).unwrap();
    });
    an_entry_covered_too_late: "LOG-012", {
        let mut election = Election::new(Plan::default());
        election.software("one");
        election.wait(3602);
        Case::whole(&election.complete())
    };
    no_leaves: "LOG-013", Case::changed(|bundle| {
        let path = newest(bundle, "leaf/");
        bundle.files.remove(&path);
    });
    a_leaf_that_is_none: "LOG-014", {
        let mut election = whole();
        let leaf = &mut election.entry_mut(3).leaf;
        leaf.insert(1, b' ');
        Case::whole(&election)
    };
    a_leaf_of_another_election: "LOG-015", {
        let mut election = whole();
        election.change_leaf(3, |leaf| leaf.election_id = "other".parse().unwrap());
        Case::whole(&election)
    };
    a_leaf_before_the_one_before_it: "LOG-016", {
        let mut election = whole();
        election.change_leaf(3, |leaf| {
            leaf.timestamp = Timestamp::from_unix(leaf.timestamp.unix() - 2).unwrap();
        });
        Case::whole(&election)
    };
    no_entries: "LOG-017", Case::changed(|bundle| {
        let path = newest(bundle, "tile/entries/");
        bundle.files.remove(&path);
    });
    entries_of_other_leaves: "LOG-018", Case::changed(|bundle| {
        let path = newest(bundle, "tile/entries/");
        flip(bundle.file(&path));
    });
    no_tile: "LOG-019", Case::changed(|bundle| {
        let path = newest(bundle, "tile/0/");
        bundle.files.remove(&path);
    });
    a_tile_of_another_tree: "LOG-020", Case::changed(|bundle| {
        let path = newest(bundle, "tile/0/");
        flip(bundle.file(&path));
    });
    a_narrower_leaf_tile_that_differs: "LOG-021", Case::changed(|bundle| {
        flip(bundle.file("leaf/000.p/1"));
    });
    no_head_where_one_is_cited: "LOG-022", {
        let mut election = whole();
        election.heads[1].published = false;
        Case::whole(&election)
    };
    an_older_head_of_another_log: "LOG-023", {
        let other = Election::new(Plan { seed: 2, ..Plan::default() });
        let head = other.head_bytes(&other.heads[0]);
        Case::whole(&whole()).with(|options| options.since = Some(head))
    };
    an_older_head_that_is_newer: "LOG-024", {
        let mut election = whole();
        let older = Case::whole(&election);
        election.software("later");
        election.head();
        let head = election.head_bytes(election.heads.last().unwrap());
        older.with(|options| options.since = Some(head))
    };
    a_log_that_has_shrunk: "LOG-025", since(|head| {
        head.size = 1000;
        head.root = Some(Digest([7; 32]));
    });
    a_log_that_was_rewritten: "LOG-026", since(|head| head.root = Some(Digest([7; 32])));
    a_promise_of_another_log: "LOG-027", {
        let other = Election::new(Plan { seed: 2, ..Plan::default() });
        promised(&other, 3, Digest([7; 32]), other.now)
    };
    a_promise_for_another_leaf: "LOG-028", {
        let election = whole();
        promised(&election, 3, Digest([7; 32]), election.charter.created)
    };
    a_promise_not_yet_due: "LOG-029", {
        let election = whole();
        promised(&election, 1000, Digest([7; 32]), election.now)
    };
    a_line_of_a_stranger: "LOG-030", {
        let mut election = whole();
        let mut names = election.witness_names();
        names.push("witness.example/stranger".into());
        election.heads.last_mut().unwrap().witnesses = Some(names);
        Case::whole(&election)
    };
    a_head_whose_leaves_are_other_ones_the_second_time: "LOG-031", {
        let mut election = Election::new(Plan { phases: Vec::new(), ..Plan::default() });
        election.software("one");
        election.head();
        election.software("two");
        election.close();
        let source = Fickle::new(&election.bundle(), |path, times, bytes| {
            // The charter is found, the entries are read, then a cited root is asked for.
            if path.starts_with("leaf/") && times == 2 {
                flip(bytes);
            }
        });
        Case::whole(&election).reading(source)
    };
    an_older_head_and_none_to_hold_it_against: "LOG-032", {
        let election = whole();
        let head = election.head_bytes(&election.heads[0]);
        let mut bundle = election.bundle();
        bundle.files.remove("checkpoint");
        Case::of(&election, &bundle).with(|options| options.since = Some(head))
    };
    a_line_of_the_log_that_fails_beside_one_that_holds: "LOG-033", Case::changed(|bundle| {
        let of_log = |head: &[u8]| {
            let head = String::from_utf8(head.to_vec()).unwrap();
            head.lines().find(|line| line.starts_with("— log.example")).unwrap().to_owned()
        };
        let line = of_log(&bundle.files["checkpoints/1"]);
        let head = bundle.file("checkpoint");
        head.extend_from_slice(format!("{line}\n").as_bytes());
    });
    a_head_dated_otherwise_than_by_its_witnesses: "LOG-034", {
        let mut election = whole();
        let last = election.heads.len() - 1;
        election.date_back(last.., 601);
        Case::whole(&election)
    };
    a_promise_for_the_day_after: "LOG-035", {
        let election = whole();
        let made = election.charter.created;
        let deadline = made.saturating_plus_seconds(86_400);
        let promise = election.promise_by(3, election.leaf_hash(3), made, deadline);
        Case::whole(&election).with(|options| options.promises.push(promise))
    };
}

fn last_head(change: impl FnOnce(&mut HeadPlan)) -> Case {
    let mut election = whole();
    change(election.heads.last_mut().unwrap());
    Case::whole(&election)
}

/// An older head, of the size and time of the election's second, after a change.
fn since(change: impl FnOnce(&mut HeadPlan)) -> Case {
    let election = whole();
    let mut head = election.heads[1].clone();
    change(&mut head);
    let bytes = election.head_bytes(&head);
    Case::whole(&election).with(|options| options.since = Some(bytes))
}

fn promised(log: &Election, index: u64, leaf_hash: Digest, at: Timestamp) -> Case {
    let promise = log.promise(index, leaf_hash, at);
    Case::whole(&whole()).with(|options| options.promises.push(promise))
}

/// The line of one witness, as it stands in a head.
fn witness_line(head: &[u8]) -> String {
    let head = String::from_utf8(head.to_vec()).unwrap();
    head.lines().find(|line| line.contains("witness.example/league")).unwrap().to_owned()
}

/// The widest file of a row.
fn newest(bundle: &testkit::election::Bundle, row: &str) -> String {
    let width = |path: &String| -> u64 {
        path.rsplit_once(".p/").map_or(256, |(_, width)| width.parse().unwrap())
    };
    let row = bundle.files.keys().filter(|path| path.starts_with(row));
    row.max_by_key(|path| width(path)).unwrap().clone()
}

#[test]
fn promises_that_were_kept_are_no_finding() {
    let election = whole();
    let hash = election.leaf_hash(3);
    let case = promised(&election, 3, hash, election.charter.created);
    let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
    assert_eq!(report.exit_code, 0, "{:?}", report.findings);
}

#[test]
fn a_promise_is_broken_when_the_deadline_has_passed() {
    let election = whole();
    let long_ago = Timestamp::from_unix(election.charter.created.unix() - 100_000).unwrap();
    let case = promised(&election, 1000, Digest([7; 32]), long_ago);
    super::exactly("a_promise_is_broken_when_the_deadline_has_passed", "LOG-028", &case);
}

#[test]
fn an_older_head_of_this_log_is_no_finding() {
    let case = since(|_| {});
    let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
    assert_eq!(report.exit_code, 0, "{:?}", report.findings);
}
