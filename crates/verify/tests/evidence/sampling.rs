//! Whoever draws wants another sample: what they may choose once one is known, and what it costs
//! the reader to find out.

use artifact::payload::Sample;
use artifact::payload::audit::Generator;
use canon::Digest;
use testkit::election::{Election, HINSDALE_SEED as SEED, Plan, small_manifest};
use verify::{Options, Report, Silent, replay};

use crate::stage::{anchor, memory, whole};

const OTHER_SEED: &str = "98765432109876543210";

fn report(election: &Election, options: &Options) -> Report {
    replay(&memory(&election.bundle()), options, &Silent).unwrap()
}

/// The ids that an election shows once it is closed, each with how often.
fn shown(mut election: Election) -> Vec<(&'static str, u64)> {
    election.close();
    let options = Options { anchor: Some(anchor(&election)), ..Options::default() };
    report(&election, &options).finding_counts.into_iter().collect()
}

fn logged(election: &mut Election, csv: &str) -> Digest {
    election.manifest("clerk", &[("manifest.csv", "ballot_manifest/csv", csv.as_bytes())]);
    Digest::of(csv.as_bytes())
}

fn draw(election: &mut Election, seed: &str, reveal: Digest, manifest: Digest, by: Generator) {
    let sample = election.sample(seed, reveal, manifest, by, 12);
    election.submit(&sample, &["auditor"]);
}

/// A seed committed to under a salt, revealed, and used for one sample.
fn sampled(election: &mut Election, seed: &str, salt: &str, manifest: Digest) {
    let commit = election.seed_commit_under(seed, salt);
    let head = election.head();
    let reveal = election.seed_reveal_under(seed, salt, commit.digest, head);
    draw(election, seed, reveal.digest, manifest, Generator::HkdfV1);
}

/// An election whose first sample, by ticket and as planned, is not to somebody's liking.
fn disliked() -> (Election, Digest) {
    let mut election = Election::new(Plan::default());
    let (_, manifest) = election.ballot_manifest();
    election.result();
    election.audit_plan("mayor", manifest, 12);
    sampled(&mut election, SEED, "one", manifest);
    (election, manifest)
}

/// Other files with the same cards in the same order.
fn spellings() -> Vec<(&'static str, String)> {
    let csv = small_manifest();
    vec![
        ("an empty line", format!("{csv}\n")),
        ("another line end", csv.replace('\n', "\r\n")),
        ("a mark at the start", format!("\u{feff}{csv}")),
        ("spaces", csv.replace(',', ", ")),
        ("another place", csv.replace("Bin #1", "Bin #2")),
        ("a column more", csv.replace("Bin #1", "Bin #1,x")),
        ("quotation marks", csv.replace("102", "\"102\"")),
        ("zeros in front", csv.replace(",25,", ",025,")),
    ]
}

#[test]
fn a_seed_that_was_told_draws_no_second_sample_under_another_commitment() {
    let (mut election, _) = disliked();
    assert_eq!(shown(disliked().0), []);
    let other = logged(&mut election, &format!("{}\n", small_manifest()));
    election.audit_plan("mayor", other, 12);
    sampled(&mut election, SEED, "two", other);
    // The manifest and its plan are late for the seed, which was committed to before.
    let found = [("AUD-007", 1), ("AUD-016", 1), ("AUD-020", 1), ("AUD-021", 1)];
    assert_eq!(shown(election), found);
}

#[test]
fn a_second_commitment_to_the_same_seed_makes_no_plan_timely() {
    let (mut election, manifest) = disliked();
    election.audit_plan("mayor", manifest, 1);
    let commit = election.seed_commit_under(SEED, "two");
    let head = election.head();
    let reveal = election.seed_reveal_under(SEED, "two", commit.digest, head);
    let sample = election.sample(SEED, reveal.digest, manifest, Generator::ColoradoV1, 5);
    election.submit(&sample, &["auditor"]);
    assert_eq!(shown(election), [("AUD-018", 1), ("AUD-020", 1)]);
}

#[test]
fn a_manifest_written_otherwise_is_no_other_manifest() {
    for (how, csv) in spellings() {
        let (mut election, manifest) = disliked();
        let other = logged(&mut election, &csv);
        assert_ne!(other, manifest, "{how}");
        election.audit_plan("mayor", other, 12);
        sampled(&mut election, OTHER_SEED, "two", other);
        assert_eq!(shown(election), [("AUD-015", 1), ("AUD-021", 1)], "{how}");
    }
}

#[test]
fn one_batch_of_an_earlier_sample_is_enough_for_its_seed() {
    // In another order, or with one batch less, it is another list; the paper is the same.
    let csv = small_manifest();
    let (head, rows) = csv.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.rotate_left(1);
    let turned = format!("{head}\n{}\n", rows.join("\n"));
    let less = format!("{head}\n{}\n", rows[..2].join("\n"));
    for (csv, same) in [(turned, true), (less, false)] {
        let (mut election, _) = disliked();
        let other = logged(&mut election, &csv);
        election.audit_plan("mayor", other, 12);
        sampled(&mut election, OTHER_SEED, "two", other);
        let found = shown(election);
        assert_eq!(found.iter().any(|(id, _)| *id == "AUD-021"), same, "{found:?}");
        assert!(found.contains(&("AUD-015", 1)), "{found:?}");
    }
}

#[test]
fn other_paper_may_have_another_seed() {
    let (mut election, _) = disliked();
    let csv = small_manifest().replace(",10", ",20");
    let other = logged(&mut election, &csv);
    election.audit_plan("sheriff", other, 12);
    let commit = election.seed_commit(OTHER_SEED);
    let head = election.head();
    let reveal = election.seed_reveal(OTHER_SEED, commit.digest, head);
    let by = Generator::ColoradoV1;
    let mut sample = election.sample(OTHER_SEED, reveal.digest, other, by, 12);
    for draw in &mut sample.draws {
        draw.card = draw.card.as_str().replacen("10", "20", 1).parse().unwrap();
    }
    election.submit(&sample, &["auditor"]);
    assert_eq!(shown(election), []);
}

/// An election with two samples from one seed, by both generators, under these plans.
fn by_both(plans: &[(&str, Option<Generator>)]) -> Election {
    let mut election = Election::new(Plan::default());
    let (_, manifest) = election.ballot_manifest();
    election.result();
    for (contest, generator) in plans {
        match generator {
            Some(generator) => election.audit_plan_by(contest, manifest, 12, *generator),
            None => election.audit_plan(contest, manifest, 12),
        };
    }
    let commit = election.seed_commit(SEED);
    let head = election.head();
    let reveal = election.seed_reveal(SEED, commit.digest, head).digest;
    for generator in [Generator::ColoradoV1, Generator::HkdfV1] {
        draw(&mut election, SEED, reveal, manifest, generator);
    }
    election
}

#[test]
fn a_plan_says_by_which_generator_is_drawn() {
    let (colorado, hkdf) = (Some(Generator::ColoradoV1), Some(Generator::HkdfV1));
    assert_eq!(shown(by_both(&[("mayor", colorado)])), [("AUD-022", 1)]);
    assert_eq!(shown(by_both(&[("mayor", hkdf)])), [("AUD-022", 1)]);
    assert_eq!(shown(by_both(&[("mayor", colorado), ("sheriff", hkdf)])), []);
    // The last word on a contest counts.
    assert_eq!(shown(by_both(&[("mayor", colorado), ("mayor", hkdf)])), [("AUD-022", 1)]);
    // A plan that names none binds none.
    assert_eq!(shown(by_both(&[("mayor", colorado), ("sheriff", None)])), []);
}

#[test]
fn a_report_says_that_either_of_two_samples_may_have_been_looked_at() {
    let says = |plans: &[(&str, Option<Generator>)]| {
        let mut election = by_both(plans);
        election.close();
        let report = report(&election, &Options::default());
        report.not_checked.iter().any(|text| text.contains("two generators"))
    };
    assert!(says(&[]) && says(&[("mayor", None)]));
    assert!(!says(&[("mayor", Some(Generator::ColoradoV1))]));
}

/// A manifest of one line, and a sample of twelve of its cards by ticket.
fn large(cards: u64, plan: Plan) -> Election {
    let mut election = Election::new(plan);
    let csv = format!("Tabulator,Batch,Ballots\n102,1,{cards}\n");
    let manifest = logged(&mut election, &csv);
    election.result();
    let commit = election.seed_commit(SEED);
    let head = election.head();
    let reveal = election.seed_reveal(SEED, commit.digest, head);
    let sample = election.sample(SEED, reveal.digest, manifest, Generator::HkdfV1, 12);
    election.submit(&Sample { cards, ..sample }, &["auditor"]);
    election
}

#[test]
fn no_line_of_a_manifest_keeps_a_machine_busy_for_an_hour() {
    // The most that used to be walked through was 2^32.
    assert_eq!(shown(large((1 << 28) + 1, Plan::default())), [("AUD-019", 1)]);
    assert_eq!(shown(large((1 << 32) - 1, Plan::default())), [("AUD-019", 1)]);
}

#[test]
fn a_strangers_bundle_is_not_drawn_again() {
    let mut forged = large(1 << 28, Plan { seed: 666, ..Plan::default() });
    forged.close();
    let options = Options { anchor: Some(anchor(&whole())), ..Options::default() };
    let report = report(&forged, &options);
    assert!(report.has("CHA-003") && !report.has("AUD-010"), "{:?}", report.finding_counts);
    assert_eq!(report.counts.draws, 0);
    let line = report.checks.iter().find(|line| line.what == "the sample").unwrap();
    assert_eq!(line.because.as_deref(), Some("not the anchor's charter"));
    assert!(report.not_checked.iter().any(|text| text.contains("1 samples were not drawn again")));
}
