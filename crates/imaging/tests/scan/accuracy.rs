//! How well marks are told from empty ovals, over a seeded grid of damage.

use std::collections::BTreeMap;

use artifact::payload::definition::Paper;
use imaging::scan::ballot::{self, OvalInk, Refusal, Sighting};
use paper::interpret::{Judgement, Thresholds};
use rayon::prelude::*;
use testkit::ballots::{Damage, Dice, Pen, Stroke};

use crate::world::{World, picture};

/// What became of the ovals of some sides.
#[derive(Debug, Default)]
struct Tally {
    sides: usize,
    refused: BTreeMap<&'static str, usize>,
    /// Ovals that were left empty, and what they were taken for.
    empty: Counts,
    /// Marks that cover a quarter of the inside or more.
    strong: Counts,
    /// Marks that cover a tenth to a quarter.
    weak: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    as_empty: usize,
    unclear: usize,
    as_mark: usize,
}

impl Counts {
    fn add(&mut self, ink: OvalInk) {
        self.all += 1;
        match Thresholds::default().judge(ink.thousandths) {
            Judgement::Empty => self.as_empty += 1,
            Judgement::Unclear => self.unclear += 1,
            Judgement::Marked => self.as_mark += 1,
        }
    }
}

impl Tally {
    fn add(&mut self, truth: &[f32], seen: Result<Sighting, Refusal>) {
        self.sides += 1;
        match seen {
            Err(refusal) => *self.refused.entry(refusal.rule()).or_default() += 1,
            Ok(seen) => {
                for (covered, ink) in truth.iter().zip(seen.ovals) {
                    let counts = match covered {
                        0.0 => &mut self.empty,
                        ..0.25 => &mut self.weak,
                        _ => &mut self.strong,
                    };
                    counts.add(ink);
                }
            }
        }
    }
}

/// A side with a third of its ovals marked in every style, damaged and read.
fn read(world: &World, seed: u64) -> (Vec<f32>, Result<Sighting, Refusal>) {
    let mut dice = Dice::new(seed);
    let mut base = world.base.clone();
    let truth = world.side().ovals.iter().map(|oval| {
        if !dice.happens(0.3) {
            return 0.0;
        }
        let stroke = Stroke::ALL[dice.below(Stroke::ALL.len())];
        let part = dice.between(0.1, 1.0);
        Pen::some(&mut dice).mark(&mut base, oval.centre, stroke, part, &mut dice)
    });
    let truth: Vec<f32> = truth.collect();
    let dpi = [200.0, 200.0, 240.0, 300.0][dice.below(4)];
    let damage = Damage::some(dpi, world.size(), &mut dice);
    let seen = ballot::read_side(&picture(damage.scan(&base)), &world.geometry);
    (truth, seen)
}

#[test]
fn marks_are_told_from_empty_ovals_whatever_happened_to_the_paper() {
    let sides = std::env::var("SCRUTINEER_SIDES").ok();
    let sides: u64 = sides.map_or(40, |sides| sides.parse().unwrap());
    let world = World::of(Paper::Letter, b"an election");
    let mut tally = Tally::default();
    let all: Vec<_> = (0..sides).into_par_iter().map(|seed| read(&world, seed)).collect();
    for (seed, (truth, seen)) in (0_u64..).zip(all) {
        if let Ok(seen) = &seen {
            assert_eq!(seen.label, world.label, "seed {seed}");
            for (at, (covered, ink)) in truth.iter().zip(&seen.ovals).enumerate() {
                let judged = Thresholds::default().judge(ink.thousandths);
                let is_misread = (*covered == 0.0 && judged == Judgement::Marked)
                    || (*covered > 0.0 && judged == Judgement::Empty);
                assert!(!is_misread, "seed {seed}, oval {at}: {covered} covered, {ink:?}");
            }
        }
        tally.add(&truth, seen);
    }
    println!("measured: {tally:?}");
    let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
    let refused: usize = tally.refused.values().sum();
    assert!(share(refused, tally.sides) < 0.02, "{tally:?}");
    assert!(share(tally.strong.unclear, tally.strong.all) <= 0.03, "{tally:?}");
    // In a short run a single speck in the wrong place is more than the share that is allowed.
    assert!(tally.empty.unclear <= 3 + tally.empty.all / 1000, "{tally:?}");
}

#[test]
fn every_paper_is_read_any_way_up() {
    for paper in [Paper::Letter, Paper::Legal, Paper::Inches17, Paper::Inches22, Paper::A4] {
        let world = World::of(paper, b"an election");
        for quarters in 0..4 {
            let damage = Damage { quarters, skew: 1.0, ..Damage::none(200.0) };
            let damage = Damage { beyond: [8.0; 4], ..damage };
            let seen = ballot::read_side(&world.scanned(&damage), &world.geometry);
            let seen = seen.unwrap_or_else(|error| panic!("{paper:?} {quarters}: {error}"));
            assert_eq!(seen.label, world.label);
            assert_eq!(seen.ovals.len(), 72);
            assert!(seen.ovals.iter().all(|ink| ink.thousandths < 30), "{paper:?} {quarters}");
            assert!(seen.write_ins.iter().all(|ink| ink.thousandths < 25), "{:?}", seen.write_ins);
        }
    }
}

#[test]
fn a_line_through_an_empty_oval_is_no_mark_and_one_through_a_mark_leaves_it() {
    use testkit::ballots::damage::{Fold, Streak};
    let world = World::of(Paper::Letter, b"an election");
    let oval = world.side().ovals[10];
    let (x, y) = (oval.centre.x.millimetres(), oval.centre.y.millimetres());
    let mut marked = world.base.clone();
    let pen = Pen { breadth: 0.6, shade: 30 };
    let covered = pen.mark(&mut marked, oval.centre, Stroke::Fill, 0.7, &mut Dice::new(1));
    assert!(covered >= 0.7);
    let fold = Fold { is_level: true, at: y, lean: 0.0, breadth: 0.4, darkness: 0.8, shift: 0.0 };
    let streak = Streak { at: x / 215.9, breadth: 3, shade: 20 };
    let folded = Damage { folds: vec![fold], ..Damage::none(200.0) };
    let streaked = Damage { streaks: vec![streak], ..Damage::none(200.0) };
    for (damage, is_fold) in [(folded, true), (streaked, false)] {
        let empty = ballot::read_side(&world.scanned(&damage), &world.geometry).unwrap();
        assert!(empty.ovals[10].thousandths < 30, "{:?}", empty.ovals[10]);
        // A fold that is straight to the pixel is a streak to whoever looks.
        assert!(empty.lines.folds + empty.lines.streaks == 1, "{is_fold}: {:?}", empty.lines);
        let full = ballot::read_side(&picture(damage.scan(&marked)), &world.geometry).unwrap();
        assert!(full.ovals[10].thousandths > 400, "{:?}", full.ovals[10]);
    }
}
