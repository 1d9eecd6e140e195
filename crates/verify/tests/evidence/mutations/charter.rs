//! CHA: the charter, the anchor, amendments, the close, and what is owed.

use artifact::role::EntryType;
use canon::Digest;
use testkit::election::{Election, Plan};

use super::Case;
use crate::stage::whole;

mutations! {
    no_charter: "CHA-001", Case::changed(|bundle| {
        let path = format!("artifact/{}", whole().entries[0].digest);
        bundle.files.remove(&path);
    });
    a_threshold_that_cannot_be_met: "CHA-002", {
        Case::whole(&Election::new(Plan { threshold: 9, ..Plan::default() }))
    };
    another_charter_than_the_anchors: "CHA-003", Case::whole(&whole()).with(|options| {
        options.anchor.as_mut().unwrap().charter = Digest([7; 32]);
    });
    another_election_than_the_anchors: "CHA-004", Case::whole(&whole()).with(|options| {
        options.anchor.as_mut().unwrap().election_id = "other".parse().unwrap();
    });
    other_witnesses_than_the_anchors: "CHA-005", Case::whole(&whole()).with(|options| {
        options.anchor.as_mut().unwrap().witnesses.as_mut().unwrap().list.pop();
    });
    an_amendment_that_revokes_a_strangers_key: "CHA-006", {
        let mut election = Election::new(Plan::default());
        election.revoke_key("stranger");
        Case::whole(&election.complete())
    };
    a_second_charter: "CHA-007", {
        let mut election = Election::new(Plan::default());
        let charter = election.charter.clone();
        election.submit(&charter, &["clerk"]);
        Case::whole(&election.complete())
    };
    an_entry_after_the_close: "CHA-008", {
        let mut election = whole();
        election.software("late");
        election.head();
        Case::whole(&election)
    };
    a_close_that_counts_wrongly: "CHA-009", {
        let mut election = Election::new(Plan { phases: Vec::new(), ..Plan::default() });
        let head = election.newest_head();
        election.close_with(7, head);
        Case::whole(&election)
    };
    no_close: "CHA-010", Case::whole(&Election::new(Plan::default()));
    nothing_of_what_is_owed: "CHA-011", {
        let phases = vec![("audit", vec![EntryType::Escalation])];
        Case::whole(&Election::new(Plan { phases, ..Plan::default() }).complete())
    };
    no_anchor: "CHA-012", Case::whole(&whole()).with(|options| options.anchor = None);
}

#[test]
fn a_close_that_cites_another_root_is_found() {
    let mut election = Election::new(Plan { phases: Vec::new(), ..Plan::default() });
    let mut head = election.newest_head();
    head.root_hash = Digest([7; 32]);
    election.close_with(1, head);
    let name = "a_close_that_cites_another_root_is_found";
    super::exactly(name, "CHA-009", &Case::whole(&election));
}
