use std::collections::BTreeMap;

use artifact::charter::Purpose;
use canon::Digest;

use super::*;
use crate::finding::{Findings, log};
use crate::report::{Counts, Election, FORMAT};

fn report() -> Report {
    let mut findings = Findings::default();
    findings.push(Finding::new(
        &log::TILE_DIFFERS,
        "tile/0/000.p/9",
        "item 4: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        "f0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    ));
    let checks = vec![
        Line::checked("log", "9 leaves", &[], &findings),
        Line::checked("log", "4 files of the tree", &[&log::TILE_DIFFERS], &findings),
        Line::not_checked("custody", "no events", "none owed by this charter", &[]),
    ];
    let verdict = Verdict::of(&findings);
    Report {
        campaigns: Vec::new(),
        format: FORMAT,
        verdict,
        exit_code: verdict.exit_code(),
        bundle: "folder x".to_owned(),
        election: Some(Election {
            id: "e".to_owned(),
            title: "An election\u{1b}[2J".to_owned(),
            purpose: Purpose::Test,
            charter_sha256: Digest([7; 32]),
            charter_short: "0W3G-E1R7".to_owned(),
        }),
        anchored: Anchored::Yes,
        linked: Vec::new(),
        witnesses_amended: None,
        head: None,
        checks,
        counts: Counts { by_kind: BTreeMap::new(), ..Counts::default() },
        finding_counts: findings.counts(),
        findings: findings.into_sorted(),
        not_checked: vec!["The votes were not counted again.".to_owned()],
        shared_code: Vec::new(),
        does_not_show: vec!["that the paper was kept safe".to_owned()],
    }
}

#[test]
fn a_report_reads_like_this() {
    let elapsed = Some(Duration::from_millis(214));
    let text = render(&report(), Style { colour: false, elapsed });
    let wanted = "\
An election?[2J
election    e (test election)
bundle      folder x
anchored    charter 0W3G-E1R7…, log keys and witnesses as the anchor has them
head        none that can be read

log         9 leaves                               holds
log         4 files of the tree                    fails: LOG-020
custody     no events                              not checked: none owed by
                                                   this charter

LOG-020     fails: a tile that is not that of the leaves
  rule      A tile holds the hashes of the tree over the leaves. (section 10.3;
            C2SP tlog-tiles)
  to do     Fetch the tile again; if it is the same everywhere, proofs made from
            it lead to another tree.
  in        tile/0/000.p/9
  expected  item 4:
            00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
  found     f0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff

not checked The votes were not counted again.

The evidence fails: 1 finding.  0.21 s
This does not show that the paper was kept safe.
";
    assert_eq!(text, wanted);
}

#[test]
fn colour_is_never_the_only_mark() {
    let plain = render(&report(), Style::default());
    let coloured = render(&report(), Style { colour: true, elapsed: None });
    assert!(coloured.contains("\u{1b}[32mholds\u{1b}[0m"));
    assert!(coloured.contains("\u{1b}[1;31mfails\u{1b}[0m: LOG-020"));
    let mut stripped = coloured;
    for code in ["\u{1b}[32m", "\u{1b}[1;31m", "\u{1b}[33m", "\u{1b}[0m"] {
        stripped = stripped.replace(code, "");
    }
    assert_eq!(stripped, plain);
}
