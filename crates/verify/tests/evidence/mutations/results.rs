//! BTH: what a publisher tells beside the lists.

use artifact::bundle::{MemorySource, Source};
use artifact::charter::Purpose;
use artifact::payload::platform::LeftOut;
use booth::mandate::Mandate;
use serde_json::{Value, json};
use testkit::platform::{END, worked};
use verify::{Lists, Options, Report, Silent, Verdict, replay};

use super::Case;
use super::booth::left_out_of;
use crate::stage::{anchor, memory};
use crate::world::{RESULTS, SNAPSHOTS, World};

mutations! {
    right_lists_with_wrong_counts: "BTH-049", told(|results, _| {
        results["counts"][0]["votes"] = json!(7);
        results["counts"][1]["votes"] = json!(5);
    });
}

/// An honest day whose publisher shows these pages beside the right lists.
fn told(change: impl FnOnce(&mut Value, &mut Value)) -> Case {
    let mut world = World::new().day().evening();
    world.reveal();
    told_of(&world.closed(), change)
}

fn told_of(world: &World, change: impl FnOnce(&mut Value, &mut Value)) -> Case {
    let [mut results, mut snapshots] = world.pages();
    change(&mut results, &mut snapshots);
    let mut lists = world.lists();
    lists.insert(RESULTS, results.to_string());
    lists.insert(SNAPSHOTS, snapshots.to_string());
    Case::whole(&world.election).with(|options| options.lists = Some(Lists::new(lists)))
}

fn judged(case: &Case) -> Report {
    replay(&*case.source, &case.options, &Silent).unwrap()
}

/// How the pages are told, in one line, and what was not judged of them.
fn line(report: &Report) -> (String, Vec<&String>) {
    let line = report.checks.iter().find(|line| line.ids.contains(&"BTH-049")).unwrap();
    let texts = report.not_checked.iter().filter(|text| text.contains(".json"));
    (line.what.clone(), texts.collect())
}

#[test]
fn honest_pages_hold_and_are_told_of() {
    let report = judged(&told(|_, _| ()));
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
    assert_eq!(line(&report), ("2 pages of results as log and lists have them".to_owned(), vec![]));
}

type Lie = fn(&mut Value, &mut Value);

/// One for each thing that a page says.
#[test]
fn every_lie_of_a_page_is_found() {
    let lies: [(&str, Lie); 22] = [
        ("campaign", |it, _| it["campaign"] = json!("lunar")),
        ("purpose", |it, _| it["purpose"] = json!("official")),
        ("is_last", |it, _| it["is_last"] = json!(false)),
        ("taken_at", |it, _| it["taken_at"] = json!(END)),
        ("records", |it, _| it["records"] = json!(18)),
        ("voters", |it, _| it["voters"]["digest"] = it["votes"]["digest"].clone()),
        ("votes", |it, _| it["votes"]["bytes"] = json!(1)),
        ("votes", |it, _| it["votes"]["records"] = json!(18)),
        ("without", |it, _| {
            it["without"] = json!([{"reason": "a fire", "records": 0, "shard": 1}]);
        }),
        ("counts", |it, _| it["counts"][2]["votes"] = json!(6)),
        ("an option more", |it, _| {
            let counts = it["counts"].as_array_mut().unwrap();
            counts.push(json!({"option": "Fat Neptune", "votes": 0}));
        }),
        ("an option less", |it, _| drop(it["counts"].as_array_mut().unwrap().pop())),
        ("options in another order", |it, _| it["counts"].as_array_mut().unwrap().swap(0, 2)),
        ("no counts", |it, _| drop(it.as_object_mut().unwrap().remove("counts"))),
        ("doubled stamps", |it, _| it["doubled_stamps"] = json!(1)),
        ("a snapshot that the log does not have", |it, _| it["number"] = json!(4)),
        ("another snapshot's number", |it, _| it["number"] = json!(2)),
        ("another form", |it, _| it["sum"] = json!(17)),
        ("an earlier snapshot", |_, all| {
            all["snapshots"][1]["taken_at"] = json!("2026-11-03T08:00:01Z");
        }),
        ("two snapshots swapped", |_, all| all["snapshots"].as_array_mut().unwrap().swap(1, 2)),
        ("one left out", |_, all| drop(all["snapshots"].as_array_mut().unwrap().remove(1))),
        ("one behind the last", |_, all| {
            let mut more = all["snapshots"][3].clone();
            more["number"] = json!(4);
            all["snapshots"].as_array_mut().unwrap().push(more);
        }),
    ];
    for (what, lie) in lies {
        let report = super::find("BTH-049", &told(lie));
        let found: Vec<_> = report.finding_counts.keys().copied().collect();
        assert_eq!(found, ["BTH-049"], "{what}");
    }
}

/// Votes by option of an official campaign, while it is open: the log has commitments, and so has
/// the page.
#[test]
fn while_commitments_are_told_a_page_has_no_counts() {
    let mut world = World::of(Purpose::Official).day();
    world.election.head();
    let ids = |report: &Report| report.finding_counts.keys().copied().collect::<Vec<_>>();
    let open = |change: Lie| {
        let case = told_of(&world, change);
        judged(&case)
    };
    let honest = open(|_, _| ());
    assert_eq!(ids(&honest), ["CHA-010"]);
    assert_eq!(line(&honest).0, "2 pages of results as log and lists have them");
    let early = open(|it, _| it["counts"] = json!([{"option": "Bold Jupiter", "votes": 5}]));
    assert_eq!(ids(&early), ["BTH-049", "CHA-010"]);
    let early =
        open(|it, _| it["votes"] = json!({"bytes": 1, "digest": "00".repeat(32), "records": 15}));
    assert_eq!(ids(&early), ["BTH-049", "CHA-010"]);
}

/// Two voters are shown one stamp and belong to two shards, so both votes stand in the list.
#[test]
fn doubled_stamps_are_counted_in_the_list() {
    let mut world = World::new().day();
    let (first, mandates) = (world.platform.vote("Bold Jupiter"), [(); 3]);
    let mut second = world.platform.vote("Shiny Saturn");
    second.stamp = first.stamp;
    let second = worked(second, world.platform.campaign.work_bits);
    let third = world.platform.vote("Humble Pluto");
    let mandates: [Mandate; 3] = mandates.map(|()| world.platform.mandate());
    world.platform.add([first, second, third].into_iter().zip(mandates).collect());
    world.snapshot();
    // That of an earlier snapshot counts no more: no publisher looks through what is published.
    let mut again = world.platform.vote("Humble Pluto");
    again.stamp = world.platform.cast[0].0.stamp;
    let again = worked(again, world.platform.campaign.work_bits);
    let mandate = world.platform.mandate();
    world.platform.add(vec![(again, mandate)]);
    let mut world = world.evening();
    world.reveal();
    let world = world.closed();
    let doubled = |told: Option<u64>| {
        let report = judged(&told_of(&world, |it, _| {
            if let Some(told) = told {
                it["doubled_stamps"] = json!(told);
            }
        }));
        // A stamp that stands twice is found whatever is told of it.
        assert_eq!(report.finding_counts["BTH-028"], 2, "{:?}", report.findings);
        report.has("BTH-049")
    };
    assert_eq!([None, Some(1), Some(2)].map(doubled), [true, false, true]);
}

/// A publisher that left a shard out may not hide it from those who read results alone.
#[test]
fn a_page_says_which_shard_is_left_out() {
    let world = left_out_of(World::two_shards(), 1);
    let left: Vec<LeftOut> = world.told.last().unwrap().without.clone();
    assert_eq!(left.len(), 1);
    let report = judged(&told_of(&world, |_, _| ()));
    assert_eq!(report.finding_counts.keys().copied().collect::<Vec<_>>(), ["BTH-045"]);
    let report = judged(&told_of(&world, |it, _| {
        it.as_object_mut().unwrap().remove("without");
    }));
    assert!(report.has("BTH-049"), "{:?}", report.findings);
}

/// Serves what is in memory, and refuses one path as a server does.
struct Refusing(MemorySource, &'static str);

impl Source for Refusing {
    fn read(
        &self,
        path: &str,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, artifact::bundle::SourceError> {
        if path == self.1 {
            let (url, why) = (format!("https://example.org/{path}"), "503".to_owned());
            return Err(artifact::bundle::SourceError::Http { url, why });
        }
        self.0.read(path, limit)
    }

    fn each_path(&self, _: &mut dyn FnMut(&str)) -> Result<bool, artifact::bundle::SourceError> {
        Ok(false)
    }

    fn describe(&self) -> String {
        "refusing".to_owned()
    }
}

/// What is not there, not readable, older or newer than the log is no finding, and is told.
#[test]
fn pages_that_cannot_be_judged_are_told_of() {
    let mut world = World::new().day();
    let early = world.pages();
    world.election.head();
    let anchor = anchor(&world.election);
    let bundle = memory(&world.election.bundle());
    world.platform.crowd(3);
    world.snapshot();
    let lists = || world.lists();
    let report = |lists: Lists| {
        let options =
            Options { anchor: Some(anchor.clone()), lists: Some(lists), ..Options::default() };
        let report = replay(&bundle, &options, &Silent).unwrap();
        assert_eq!(report.finding_counts.keys().copied().collect::<Vec<_>>(), ["CHA-010"]);
        let (what, texts) = line(&report);
        (what, texts.into_iter().cloned().collect::<Vec<_>>())
    };
    let none = report(Lists::new(lists()));
    let text = |page: &str, why: &str| {
        format!("solar/{page}.json was not held against the log's newest snapshot: {why}.")
    };
    let absent = ["results", "snapshots"].map(|page| text(page, "it is not there"));
    assert_eq!(none, ("published results".to_owned(), absent.to_vec()));
    let with = |[results, snapshots]: [Value; 2]| {
        let mut lists = lists();
        lists.insert(RESULTS, results.to_string());
        lists.insert(SNAPSHOTS, snapshots.to_string());
        lists
    };
    // The publisher is a snapshot ahead of the log that was read.
    let (what, texts) = report(Lists::new(with(world.pages())));
    assert_eq!(what, "published results");
    assert_eq!(
        texts,
        [
            text("results", "it is of snapshot 3, which this log does not have"),
            text("snapshots", "it goes to snapshot 3, which this log does not have"),
        ]
    );
    // A copy that somebody kept from before.
    let [mut results, snapshots] = early;
    let (what, texts) = report(Lists::new(with([results.clone(), snapshots.clone()])));
    assert_eq!((what.as_str(), texts.len()), ("2 pages of results as log and lists have them", 0));
    let earlier = world.told[1].clone();
    results["records"] = json!(earlier.votes.records);
    results["number"] = json!(1);
    results["votes"] = serde_json::to_value(&earlier.votes).unwrap();
    results["voters"] = serde_json::to_value(&earlier.voters).unwrap();
    results["counts"] = json!([
        {"option": "Bold Jupiter", "votes": 2},
        {"option": "Shiny Saturn", "votes": 2},
        {"option": "Humble Pluto", "votes": 2},
    ]);
    let (_, texts) = report(Lists::new(with([results.clone(), snapshots.clone()])));
    assert_eq!(texts, [text("results", "it is of snapshot 1, and the newest of the log is 2")]);
    // It is judged all the same.
    results["counts"][0]["votes"] = json!(3);
    let options = Options {
        anchor: Some(anchor.clone()),
        lists: Some(Lists::new(with([results, snapshots]))),
        ..Options::default()
    };
    assert!(replay(&bundle, &options, &Silent).unwrap().has("BTH-049"));
    // A server that does not answer, for the one page or the other.
    let (_, texts) = report(Lists::new(Refusing(with(world.pages()), RESULTS)));
    assert_eq!(texts[0], text("results", "it could not be read: 503"));
}
