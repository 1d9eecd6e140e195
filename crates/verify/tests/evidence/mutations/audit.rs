//! AUD: the seed and the samples.

use artifact::payload::audit::Generator;
use artifact::payload::{Sample, SeedReveal};
use artifact::role::EntryType;
use canon::{Digest, SignedBytes};
use testkit::election::{Election, Entry, HINSDALE_SEED as SEED, Placed, Plan, small_manifest};

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
    a_seed_that_no_sample_uses: "AUD-014", seeds(|election, parts, reveals| {
        let [(seed, reveal), ..] = reveals else { unreachable!() };
        draw(election, seed, *reveal, parts.manifest);
    });
    the_better_of_two_seeds: "AUD-015", seeds(|election, parts, reveals| {
        for (seed, reveal) in reveals {
            draw(election, seed, *reveal, parts.manifest);
        }
    });
    a_plan_after_the_commitment: "AUD-016", audit(|election, parts| {
        election.audit_plan("mayor", parts.manifest, 12);
        let head = election.head();
        election.seed_reveal(SEED, parts.commit.digest, head);
    });
    a_sample_from_a_manifest_that_was_not_planned: "AUD-017", planned(|election, manifest| {
        election.audit_plan("mayor", manifest, 12);
        let other = other_manifest(election);
        election.audit_plan("mayor", other, 12);
    });
    one_card_where_the_plan_says_more: "AUD-018", planned(|election, manifest| {
        election.audit_plan("mayor", manifest, 44);
    });
    a_manifest_of_more_cards_than_anybody_has: "AUD-019", {
        let mut election = Election::new(Plan::default());
        let csv = "Tabulator,Batch,Ballots\n102,1,9007199254740991\n";
        let file = ("manifest.csv", "ballot_manifest/csv", csv.as_bytes());
        election.manifest("clerk", &[file]);
        election.result();
        let commit = election.seed_commit(SEED);
        let head = election.head();
        let reveal = election.seed_reveal(SEED, commit.digest, head);
        let manifest = Digest::of(csv.as_bytes());
        let sample = election.sample(SEED, reveal.digest, manifest, Generator::HkdfV1, 5);
        let sample = Sample { cards: (1 << 53) - 1, ..sample };
        election.submit(&sample, &["auditor"]);
        closed(election)
    };
    a_seed_that_is_known_already: "AUD-020", {
        let mut election = Election::new(Plan::default());
        let (_, manifest) = election.ballot_manifest();
        election.audit_plan("mayor", manifest, 12);
        election.result();
        sampled_under(&mut election, SEED, "one", manifest);
        // From here on everybody can try lists of the same cards, and take the best.
        let other = other_manifest(&mut election);
        election.audit_plan("mayor", other, 12);
        sampled_under(&mut election, SEED, "two", other);
        closed(election)
    };
    one_list_of_cards_in_two_files: "AUD-021", {
        let mut election = Election::new(Plan::default());
        let (_, manifest) = election.ballot_manifest();
        let other = other_manifest(&mut election);
        election.result();
        let reveal = revealed(&mut election, SEED, "one");
        draw(&mut election, SEED, reveal, manifest);
        draw(&mut election, SEED, reveal, other);
        closed(election)
    };
    the_other_generator: "AUD-022", planned(|election, manifest| {
        election.audit_plan_by("mayor", manifest, 12, Generator::HkdfV1);
    });
}

struct Parts {
    manifest: Digest,
    commit: Placed,
}

/// An audit up to the commitment, what the test does then, a sample for each seed that was revealed
/// and not used, and the close.
fn audit(rest: impl FnOnce(&mut Election, &Parts)) -> Case {
    let mut election = Election::new(Plan::default());
    let (_, manifest) = election.ballot_manifest();
    election.result();
    let commit = election.seed_commit(SEED);
    rest(&mut election, &Parts { manifest, commit });
    for (seed, reveal) in unused(&election) {
        draw(&mut election, &seed, reveal, manifest);
    }
    closed(election)
}

/// The seeds that were revealed and that no sample cites, with their reveals.
fn unused(election: &Election) -> Vec<(String, Digest)> {
    let mut cited = Vec::new();
    let mut reveals = Vec::new();
    for Entry { artifact, digest, .. } in &election.entries {
        let envelope = SignedBytes::parse(artifact).unwrap();
        if let Ok(sample) = envelope.payload_as::<Sample>() {
            cited.push(sample.reveal);
        } else if let Ok(reveal) = envelope.payload_as::<SeedReveal>() {
            reveals.push((reveal.seed.to_string(), *digest));
        }
    }
    reveals.retain(|(_, reveal)| !cited.contains(reveal));
    reveals
}

/// A sample of twelve cards by Colorado's generator.
fn draw(election: &mut Election, seed: &str, reveal: Digest, manifest: Digest) {
    let sample = election.sample(seed, reveal, manifest, Generator::ColoradoV1, 12);
    election.submit(&sample, &["auditor"]);
}

/// A seed committed to under a salt, and revealed: its reveal.
fn revealed(election: &mut Election, seed: &str, salt: &str) -> Digest {
    let commit = election.seed_commit_under(seed, salt);
    let head = election.head();
    election.seed_reveal_under(seed, salt, commit.digest, head).digest
}

/// The same, and a sample drawn with it.
fn sampled_under(election: &mut Election, seed: &str, salt: &str, manifest: Digest) {
    let reveal = revealed(election, seed, salt);
    draw(election, seed, reveal, manifest);
}

/// An audit with three seeds, all committed and all revealed in order, and what is drawn with them.
fn seeds(rest: impl FnOnce(&mut Election, &Parts, &[(&str, Digest)])) -> Case {
    let mut election = Election::new(Plan::default());
    let (_, manifest) = election.ballot_manifest();
    election.result();
    let seeds = [SEED, "11111111111111111111", "22222222222222222222"];
    let commits = seeds.map(|seed| election.seed_commit(seed));
    let head = election.head();
    let reveals: Vec<(&str, Digest)> = seeds
        .iter()
        .zip(&commits)
        .map(|(seed, commit)| (*seed, election.seed_reveal(seed, commit.digest, head).digest))
        .collect();
    let [commit, ..] = commits;
    rest(&mut election, &Parts { manifest, commit }, &reveals);
    closed(election)
}

/// An audit with plans made in time, and a sample of twelve cards from the first manifest.
fn planned(plan: impl FnOnce(&mut Election, Digest)) -> Case {
    let mut election = Election::new(Plan::default());
    let (_, manifest) = election.ballot_manifest();
    plan(&mut election, manifest);
    election.result();
    let commit = election.seed_commit(SEED);
    let head = election.head();
    let reveal = election.seed_reveal(SEED, commit.digest, head);
    draw(&mut election, SEED, reveal.digest, manifest);
    closed(election)
}

/// The same cards in another file: an empty line more at its end.
fn other_manifest(election: &mut Election) -> Digest {
    let csv = format!("{}\n", small_manifest());
    election.manifest("clerk", &[("again.csv", "ballot_manifest/csv", csv.as_bytes())]);
    Digest::of(csv.as_bytes())
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

/// The ids that a case shows, each with how often.
fn shown(case: &Case) -> Vec<(&'static str, u64)> {
    let report = verify::replay(&*case.source, &case.options, &verify::Silent).unwrap();
    report.finding_counts.into_iter().collect()
}

#[test]
fn cards_that_a_sample_only_claims_are_not_drawn_from() {
    // The total of the manifest is compared first, so a wrong one costs nothing.
    let claimed = sampled(|sample| sample.cards = (1 << 53) - 1);
    assert_eq!(shown(&claimed), [("AUD-009", 1)]);
}

/// An audit whose steps before the sample come in this order.
fn ordered(order: &str, phases: Option<Vec<(&'static str, Vec<EntryType>)>>) -> Case {
    let mut plan = Plan::default();
    if let Some(phases) = phases {
        plan.phases = phases;
    }
    let mut election = Election::new(plan);
    let (mut manifest, mut commit, mut reveal) = (None, None, None);
    for step in order.split(' ') {
        match step {
            "manifest" => manifest = Some(election.ballot_manifest().1),
            "result" => drop(election.result()),
            "corrected" => drop(election.result_of("Mayor, corrected")),
            "commit" => commit = Some(election.seed_commit(SEED)),
            "reveal" => {
                let head = election.head();
                reveal =
                    Some(election.seed_reveal(SEED, commit.as_ref().unwrap().digest, head).digest);
            }
            _ => unreachable!("{step}"),
        }
    }
    draw(&mut election, SEED, reveal.unwrap(), manifest.unwrap());
    closed(election)
}

#[test]
fn what_the_committer_could_still_fit_to_the_seed_is_found() {
    assert_eq!(shown(&ordered("manifest result commit reveal", None)), []);
    // After the reveal everybody knows the seed; after the commitment one party does.
    let late = |order| shown(&ordered(order, None));
    assert_eq!(late("result commit manifest reveal"), [("AUD-007", 1)]);
    assert_eq!(late("result commit reveal manifest"), [("AUD-007", 1)]);
    assert_eq!(late("manifest commit result reveal"), [("AUD-011", 1)]);
    // A placeholder in time does not hide the real results, whenever they come.
    assert_eq!(late("manifest result commit corrected reveal"), [("AUD-011", 1)]);
    assert_eq!(late("manifest result commit reveal corrected"), [("AUD-011", 1)]);
    assert_eq!(late("manifest commit result reveal corrected"), [("AUD-011", 2)]);
}

#[test]
fn a_charter_may_have_results_certified_after_the_audit() {
    let audit = ("audit", vec![EntryType::SeedReveal, EntryType::Sample]);
    let certified = ("certification", vec![EntryType::Result]);
    let order = "manifest commit reveal result";
    assert_eq!(shown(&ordered(order, Some(vec![audit.clone(), certified.clone()]))), []);
    // What is owed first stands first, and so does what nobody owes.
    let first = Some(vec![certified, audit.clone()]);
    assert_eq!(shown(&ordered(order, first)), [("AUD-011", 1)]);
    assert_eq!(shown(&ordered(order, Some(vec![audit]))), [("AUD-011", 1)]);
}

#[test]
fn of_several_seeds_each_one_more_is_found() {
    let one = seeds(|election, parts, reveals| {
        let (seed, reveal) = reveals[1];
        draw(election, seed, reveal, parts.manifest);
    });
    assert_eq!(shown(&one), [("AUD-014", 2)]);
    let all = seeds(|election, parts, reveals| {
        for (seed, reveal) in reveals {
            draw(election, seed, *reveal, parts.manifest);
        }
    });
    assert_eq!(shown(&all), [("AUD-015", 2)]);
}

#[test]
fn a_sample_is_held_against_the_last_plan_before_the_commitment() {
    let kept = planned(|election, manifest| {
        let other = other_manifest(election);
        election.audit_plan("mayor", other, 99);
        election.audit_plan("mayor", manifest, 12);
    });
    assert_eq!(shown(&kept), []);
    let other_contest = planned(|election, manifest| {
        election.audit_plan("mayor", manifest, 12);
        let other = other_manifest(election);
        election.audit_plan("sheriff", other, 99);
    });
    assert_eq!(shown(&other_contest), []);
    let smaller = planned(|election, manifest| {
        election.audit_plan("mayor", manifest, 5);
        election.audit_plan("sheriff", manifest, 13);
    });
    assert_eq!(shown(&smaller), [("AUD-018", 1)]);
    // A plan that comes when the seed is known does not take the place of an earlier one.
    let mut election = Election::new(Plan::default());
    let (_, manifest) = election.ballot_manifest();
    election.audit_plan("mayor", manifest, 44);
    election.result();
    let commit = election.seed_commit(SEED);
    election.audit_plan("mayor", manifest, 1);
    let head = election.head();
    let reveal = election.seed_reveal(SEED, commit.digest, head);
    draw(&mut election, SEED, reveal.digest, manifest);
    assert_eq!(shown(&closed(election)), [("AUD-018", 1)]);
}
