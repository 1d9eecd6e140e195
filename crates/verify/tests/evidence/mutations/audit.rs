//! AUD: the seed and the samples.

use artifact::payload::Sample;
use artifact::payload::audit::Generator;
use canon::Digest;
use testkit::election::{Election, HINSDALE_SEED as SEED, Placed, Plan};

use super::Case;

mutations! {
    a_reveal_of_nothing: "AUD-001", audit(|election, parts| {
        let head = election.head();
        election.seed_reveal(SEED, Digest([7; 32]), head);
        let _ = parts;
    });
    a_reveal_of_another_seed: "AUD-002", audit(|election, parts| {
        let head = election.head();
        election.seed_reveal("12345678901234567890", parts.commit.digest, head);
    });
    a_reveal_that_cites_another_root: "AUD-003", audit(|election, parts| {
        let mut head = election.head();
        head.root_hash = Digest([7; 32]);
        election.seed_reveal(SEED, parts.commit.digest, head);
    });
    a_reveal_that_cites_a_head_before_the_commitment: "AUD-004", audit(|election, parts| {
        let head = first_head(election);
        election.seed_reveal(SEED, parts.commit.digest, head);
    });
    a_sample_without_a_reveal: "AUD-005", sampled(|sample| sample.reveal = Digest([7; 32]));
    a_sample_from_an_unknown_manifest: "AUD-006", sampled(|sample| {
        sample.ballot_manifest = Digest([7; 32]);
    });
    a_manifest_after_the_reveal: "AUD-007", {
        let mut election = Election::new(Plan::default());
        election.result();
        let commit = election.seed_commit(SEED);
        let head = election.head();
        let reveal = election.seed_reveal(SEED, commit.digest, head);
        let (_, manifest) = election.ballot_manifest();
        let sample = election.sample(SEED, reveal.digest, manifest, Generator::ColoradoV1, 5);
        election.submit(&sample, &["auditor"]);
        closed(election)
    };
    a_manifest_that_cannot_be_read: "AUD-008", {
        let mut election = Election::new(Plan::default());
        let csv = b"County,Tabulator,Batch,# of Ballots,Location\nExample,1,1,many,Bin\n";
        election.manifest("clerk", &[("m.csv", "ballot_manifest/csv", csv)]);
        election.result();
        let commit = election.seed_commit(SEED);
        let head = election.head();
        let reveal = election.seed_reveal(SEED, commit.digest, head);
        let digest = Digest::of(csv);
        let sample = election.sample(SEED, reveal.digest, digest, Generator::ColoradoV1, 5);
        election.submit(&sample, &["auditor"]);
        closed(election)
    };
    a_sample_from_other_cards: "AUD-009", sampled(|sample| sample.cards += 1);
    a_card_that_was_not_drawn: "AUD-010", sampled(|sample| {
        sample.draws[3].card = "102-1-7".parse().unwrap();
    });
    results_after_the_reveal: "AUD-011", {
        let mut election = Election::new(Plan::default());
        let (_, manifest) = election.ballot_manifest();
        let commit = election.seed_commit(SEED);
        let head = election.head();
        let reveal = election.seed_reveal(SEED, commit.digest, head);
        election.result();
        let sample = election.sample(SEED, reveal.digest, manifest, Generator::HkdfV1, 5);
        election.submit(&sample, &["auditor"]);
        closed(election)
    };
    a_seed_in_reserve: "AUD-012", audit(|election, parts| {
        election.seed_commit("98765432109876543210");
        let head = election.head();
        election.seed_reveal(SEED, parts.commit.digest, head);
    });
    a_seed_revealed_twice: "AUD-013", audit(|election, parts| {
        for _ in 0..2 {
            let head = election.head();
            election.seed_reveal(SEED, parts.commit.digest, head);
        }
    });
}

struct Parts {
    manifest: Digest,
    commit: Placed,
}

/// An audit up to the commitment, what the test does then, and the close.
fn audit(rest: impl FnOnce(&mut Election, &Parts)) -> Case {
    let mut election = Election::new(Plan::default());
    let (_, manifest) = election.ballot_manifest();
    election.result();
    let commit = election.seed_commit(SEED);
    rest(&mut election, &Parts { manifest, commit });
    closed(election)
}

/// An audit whose sample by Colorado's generator is changed before it is signed.
fn sampled(change: impl FnOnce(&mut Sample)) -> Case {
    audit(|election, parts| {
        let head = election.head();
        let reveal = election.seed_reveal(SEED, parts.commit.digest, head);
        let generator = Generator::ColoradoV1;
        let mut sample = election.sample(SEED, reveal.digest, parts.manifest, generator, 12);
        change(&mut sample);
        election.submit(&sample, &["auditor"]);
    })
}

fn closed(mut election: Election) -> Case {
    election.close();
    Case::whole(&election)
}

/// How to cite the head over the charter alone.
fn first_head(election: &Election) -> artifact::payload::CitedHead {
    artifact::payload::CitedHead { root_hash: election.root(1), tree_size: 1 }
}

#[test]
fn a_card_that_was_not_drawn_by_ticket_is_found_too() {
    let case = audit(|election, parts| {
        let head = election.head();
        let reveal = election.seed_reveal(SEED, parts.commit.digest, head);
        let generator = Generator::HkdfV1;
        let mut sample = election.sample(SEED, reveal.digest, parts.manifest, generator, 12);
        sample.draws.swap(2, 3);
        sample.draws[2].draw = 3;
        sample.draws[3].draw = 4;
        election.submit(&sample, &["auditor"]);
    });
    let report = super::find("AUD-010", &case);
    assert_eq!(report.finding_counts["AUD-010"], 2);
}
