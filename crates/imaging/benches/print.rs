//! How long the ballots of a county take: styles laid out and written as PDF, on all cores.
//!
//!     cargo bench -p imaging --bench print -- 1000
#![allow(clippy::print_stdout, reason = "a bench says what it measured")]

use std::time::Instant;

use artifact::payload::definition::BallotDefinition;
use imaging::print::ballot::{Identity, pages};
use imaging::print::{Library, pdf};
use paper::layout::{Frame, Printing, Purpose, lay_out};
use rayon::prelude::*;

/// A county: each style has half of sixty contests, in two languages.
fn county(styles: usize) -> BallotDefinition {
    let city = include_str!("../tests/ballot/city.json");
    let mut county: BallotDefinition = serde_json::from_str(city).unwrap();
    let (contests, style) = (county.contests.clone(), county.styles[0].clone());
    county.contests = (0..60)
        .map(|number| {
            let mut contest = contests[number % contests.len()].clone();
            contest.id = format!("{}-{number}", contest.id).parse().unwrap();
            contest
        })
        .collect();
    county.styles = (0..styles)
        .map(|number| {
            let mut style = style.clone();
            style.id = format!("{number}").parse().unwrap();
            let own = |at: &usize| (at * 31 + number * 17) % 7 < 3;
            let placed = (0..60).filter(own).map(|at| {
                let mut placed = style.contests[0].clone();
                placed.contest = county.contests[at].id.clone();
                placed
            });
            style.contests = placed.collect();
            style
        })
        .collect();
    county
}

fn main() {
    let styles = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(1000);
    let county = county(styles);
    let library = Library::built_in().unwrap();
    let began = Instant::now();
    let printed = (0..styles).into_par_iter().map(|style| {
        let laid = lay_out(&county, style, &library, Printing::default()).unwrap();
        let identity = Identity {
            definition: [7; 10],
            style: u16::try_from(style).unwrap(),
            purpose: Purpose::Official,
        };
        let pages = pages(&laid, Frame::of(county.paper), identity, None, &library).unwrap();
        let bytes = pdf::write_in(&pages, "Ballot", Some("en")).unwrap();
        (pages.len(), bytes.len())
    });
    let printed: Vec<(usize, usize)> = printed.collect();
    let seconds = began.elapsed().as_secs_f64();
    let pages: usize = printed.iter().map(|(pages, _)| pages).sum();
    let bytes: usize = printed.iter().map(|(_, bytes)| bytes).sum();
    println!("{styles} styles, {pages} pages, {bytes} bytes in {seconds:.2} s");
}
