//! The marks of each ballot of a deck.

use std::collections::BTreeSet;

use super::{Face, Mark, Pattern};
use crate::layout::Target;

type Marks = BTreeSet<Mark>;

/// The ballots of a style; some may be alike.
pub(super) fn of_style(faces: &[Face]) -> Vec<(Pattern, Marks)> {
    let mut ballots = vec![(Pattern::Blank, Marks::new())];
    let longest = faces.iter().map(|face| face.options.len()).max().unwrap_or_default();
    for (at, number) in (0..longest).zip(1_u32..) {
        let marks = faces.iter().filter_map(|face| Some(face.mark(1, *face.options.get(at)?)));
        ballots.push((Pattern::Each(number), marks.collect()));
    }
    ballots.push((Pattern::Full, faces.iter().flat_map(Face::full).collect()));
    if faces.iter().any(|face| face.lines().next().is_some()) {
        ballots.push((Pattern::WriteIns, faces.iter().flat_map(Face::write_ins).collect()));
    }
    for face in faces {
        let Some(overvote) = face.overvote() else { continue };
        let others = faces.iter().filter(|other| other.contest != face.contest);
        let marks = others.flat_map(Face::full).chain(overvote);
        ballots.push((Pattern::Overvote(face.contest), marks.collect()));
    }
    if faces.iter().any(|face| face.is_ranked) {
        let rest = || faces.iter().filter(|face| !face.is_ranked).flat_map(Face::full);
        let ranked = || faces.iter().filter(|face| face.is_ranked);
        let ranking = ranked().flat_map(Face::full);
        ballots.push((Pattern::Ranking, rest().chain(ranking).collect()));
        let skipped = ranked().flat_map(Face::skipped);
        ballots.push((Pattern::SkippedRank, rest().chain(skipped).collect()));
        let duplicate = ranked().flat_map(Face::duplicate);
        ballots.push((Pattern::DuplicateRank, rest().chain(duplicate).collect()));
    }
    ballots
}

impl Face {
    fn mark(&self, rank: u32, target: Target) -> Mark {
        Mark { contest: self.contest, rank, target }
    }

    /// As many marks as are allowed, from the first option on; a ranked contest by 1, 2, 3.
    fn full(&self) -> Vec<Mark> {
        let ranked = (1..=self.most).zip(&self.options);
        ranked.map(|(rank, target)| self.mark(self.rank(rank), *target)).collect()
    }

    fn rank(&self, rank: u32) -> u32 {
        if self.is_ranked { rank } else { 1 }
    }

    fn lines(&self) -> impl Iterator<Item = Target> {
        self.options.iter().copied().filter(|target| matches!(target, Target::WriteIn(_)))
    }

    fn write_ins(&self) -> Vec<Mark> {
        let lines = (1..=self.most).zip(self.lines());
        lines.map(|(rank, target)| self.mark(self.rank(rank), target)).collect()
    }

    /// One mark more than is allowed; two marks at the first rank. None where all may be marked.
    fn overvote(&self) -> Option<Vec<Mark>> {
        let allowed = if self.is_ranked { 1 } else { usize::try_from(self.most).ok()? };
        let marks = self.options.get(..allowed.checked_add(1)?)?;
        Some(marks.iter().map(|target| self.mark(1, *target)).collect())
    }

    /// The first and the third rank.
    fn skipped(&self) -> Vec<Mark> {
        self.full().into_iter().filter(|mark| mark.rank != 2).collect()
    }

    /// The first option at every rank.
    fn duplicate(&self) -> Vec<Mark> {
        let first = self.options.first().copied();
        first
            .into_iter()
            .flat_map(|first| (1..=self.most).map(move |rank| (rank, first)))
            .map(|(rank, target)| self.mark(rank, target))
            .collect()
    }
}
