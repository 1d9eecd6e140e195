//! Campaigns of the booth path in which everything holds, and what the report says of them.

use artifact::charter::Purpose;
use verify::Verdict;
use verify::report::Status;

use crate::stage::{anchor, replayed};
use crate::world::World;

#[test]
fn honest_campaigns_have_no_finding() {
    for purpose in [Purpose::Test, Purpose::Official, Purpose::Trial, Purpose::Demonstration] {
        let world = World::whole(purpose);
        let report = replayed(&world.election.bundle(), Some(anchor(&world.election)));
        assert_eq!(report.verdict, Verdict::Holds, "{purpose}: {:?}", report.findings);
        let booth: Vec<_> = report.checks.iter().filter(|line| line.section == "booth").collect();
        assert_eq!(booth[0].what, "1 campaign, 1 revealed");
        assert_eq!(booth[1].what, "4 snapshots that follow each other");
        assert!(booth[..3].iter().all(|line| line.status == Status::Holds));
    }
}

#[test]
fn an_open_campaign_owes_nothing_yet() {
    let mut world = World::new().day();
    world.election.head();
    let report = replayed(&world.election.bundle(), Some(anchor(&world.election)));
    assert_eq!(report.verdict, Verdict::Incomplete, "{:?}", report.findings);
    assert_eq!(report.finding_counts.keys().copied().collect::<Vec<_>>(), ["CHA-010"]);
}
