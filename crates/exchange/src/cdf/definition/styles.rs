//! Ballot styles: who takes which, and the order of choices on it.

use artifact::id::{Language, Name};
use artifact::payload::BallotDefinition;
use artifact::payload::definition::{Placed, Rotation, Style, Subject};
use paper::definition::{Wrong, check};

use super::contests::{Context, Taken};
use super::error::{ImportError, Notes, What};
use super::object::{Object, read};
use super::places::{Area, Units};

/// A `BallotStyle` as it stands.
pub(super) struct Found {
    pub(super) languages: Vec<Language>,
    pub(super) contests: Vec<Ordered>,
    id: String,
    parties: Vec<String>,
    pub(super) place: String,
    pub(super) units: Vec<usize>,
}

/// An `OrderedContest`.
pub(super) struct Ordered {
    pub(super) contest: String,
    /// Write-in lines that only the layout has.
    pub(super) lines: u64,
    options: Vec<String>,
    place: String,
}

impl Found {
    pub(super) fn read(
        mut object: Object,
        number: usize,
        units: &Units,
        notes: &mut Notes,
    ) -> Result<Self, ImportError> {
        let ours = object.identifiers(notes)?;
        let mut languages = Vec::new();
        let place = object.at("Language");
        for language in object.ids("Language")? {
            languages.push(read(&place, &language)?);
        }
        let place = object.at("GpUnitIds");
        let ids = object.ids("GpUnitIds")?;
        if ids.is_empty() {
            let place = object.place.clone();
            return Err(ImportError::Missing { place, member: "GpUnitIds" });
        }
        let found = ids.iter().map(|id| units.find(&place, id)).collect::<Result<_, _>>()?;
        let mut contests = Vec::new();
        content(&mut object, &mut contests, notes)?;
        let style = Self {
            contests,
            id: ours.id.or(ours.local).unwrap_or_else(|| number.to_string()),
            languages,
            parties: object.ids("PartyIds")?,
            place: object.place.clone(),
            units: found,
        };
        object.finish(notes);
        Ok(style)
    }

    /// The styles of a definition: one for each party that the style is for.
    pub(super) fn styles(
        &self,
        context: &Context,
        taken: &[Taken],
        voters: (&Units, &[Area]),
        is_by_party: bool,
        notes: &mut Notes,
    ) -> Result<Vec<Style>, ImportError> {
        let contests = self.placed(taken, notes)?;
        let (units, areas) = voters;
        let mut splits: Vec<Name> = Vec::new();
        for unit in &self.units {
            for area in units.within(*unit, areas) {
                let area = areas.get(area).filter(|area| !area.districts.is_empty());
                let id = area.and_then(|area| units.split_id(area));
                splits.extend(id.filter(|id| !splits.contains(id)).cloned());
            }
        }
        if contests.is_empty() || splits.is_empty() {
            let what = What::SplitLeftOut { split: self.id.clone() };
            notes.add(&self.place, what);
            return Ok(Vec::new());
        }
        let place = format!("{}.PartyIds", self.place);
        let mut parties = Vec::new();
        for party in &self.parties {
            parties.push(Some(context.party(&place, party)?));
        }
        if !is_by_party && !parties.is_empty() {
            let (class, member) = ("BallotStyle".to_owned(), "PartyIds".to_owned());
            notes.add(&place, What::Member { class, member });
            parties.clear();
        }
        if parties.is_empty() {
            parties.push(None);
        }
        let several = parties.len() > 1;
        let style = |party: Option<Name>| {
            let id = match &party {
                Some(party) if several => format!("{}-{party}", self.id),
                _ => self.id.clone(),
            };
            let (contests, splits) = (contests.clone(), splits.clone());
            Ok(Style { contests, id: read(&self.place, &id)?, party, splits })
        };
        parties.into_iter().map(style).collect()
    }

    /// The contests in the order of the file's list.
    fn placed(&self, taken: &[Taken], notes: &mut Notes) -> Result<Vec<Placed>, ImportError> {
        let mut placed = Vec::new();
        for ordered in &self.contests {
            let mut contests = taken.iter().enumerate();
            let Some((at, contest)) = contests.find(|(_, one)| one.reference == ordered.contest)
            else {
                continue;
            };
            let mut choices = Vec::new();
            for option in &ordered.options {
                if contest.lines.contains(option) {
                    continue;
                }
                let place = contest.options.iter().position(|one| one == option);
                let choice = place.and_then(|place| contest.contest.choices.get(place));
                let unknown =
                    || ImportError::Unknown { place: ordered.place.clone(), id: option.clone() };
                choices.push(choice.map(|choice| choice.id.clone()).ok_or_else(unknown)?);
            }
            if choices.iter().eq(contest.contest.choices.iter().map(|choice| &choice.id)) {
                choices.clear();
            }
            placed.push((at, Placed { choices, contest: contest.contest.id.clone() }));
        }
        if !placed.is_sorted_by_key(|(at, _)| *at) {
            notes.add(&format!("{}.OrderedContent", self.place), What::ContestOrder);
            placed.sort_by_key(|(at, _)| *at);
        }
        Ok(placed.into_iter().map(|(_, placed)| placed).collect())
    }
}

/// Contests, also those below headers.
fn content(
    object: &mut Object,
    contests: &mut Vec<Ordered>,
    notes: &mut Notes,
) -> Result<(), ImportError> {
    for mut part in object.objects("OrderedContent")? {
        if part.class == "OrderedHeader" {
            content(&mut part, contests, notes)?;
        } else {
            let place = part.at("OrderedContestOptionIds");
            contests.push(Ordered {
                contest: part.required("ContestId")?,
                lines: lines(&mut part, notes)?,
                options: part.ids("OrderedContestOptionIds")?,
                place,
            });
        }
        part.finish(notes);
    }
    Ok(())
}

/// The layout is not taken over; only how many options are lines to write on.
fn lines(part: &mut Object, notes: &mut Notes) -> Result<u64, ImportError> {
    let mut most = 0;
    for mut physical in part.objects("Physical")? {
        let (class, member) = (part.class.clone(), "Physical".to_owned());
        notes.add(&physical.place, What::Member { class, member });
        let mut lines = 0_u64;
        for mut option in physical.objects("PhysicalContestOption")? {
            let is_option = option.text("ContestOptionId")?.is_some();
            let is_line = !option.objects("WriteInPosition")?.is_empty();
            lines = lines.saturating_add(u64::from(is_line && !is_option));
        }
        most = most.max(lines);
    }
    Ok(most)
}

/// Finds by trying which rule gives the orders of contests whose rule the file does not tell.
pub(super) fn find_rules(definition: &mut BallotDefinition, notes: &mut Notes) {
    let is_turned = |definition: &BallotDefinition, at: usize| {
        let contest = definition.contests.get(at);
        contest.is_some_and(|contest| {
            contest.rotation.is_none()
                && contest.subject == Subject::Office
                && definition
                    .styles
                    .iter()
                    .flat_map(|style| &style.contests)
                    .any(|placed| placed.contest == contest.id && !placed.choices.is_empty())
        })
    };
    let mut open: Vec<usize> =
        (0..definition.contests.len()).filter(|at| is_turned(definition, *at)).collect();
    for (rule, name) in [(Rotation::Precinct, "precinct"), (Rotation::Style, "style")] {
        for at in &open {
            set(definition, *at, Some(rule));
        }
        let wrong: Vec<String> = check(definition)
            .into_iter()
            .filter(|fault| {
                matches!(fault.wrong, Wrong::OrderWrong { .. } | Wrong::OrdersDiffer { .. })
            })
            .map(|fault| fault.place)
            .collect();
        open.retain(|at| {
            let Some(contest) = definition.contests.get(*at) else { return false };
            let end = format!(" \"{}\"", contest.id);
            let fails = wrong.iter().any(|place| place.ends_with(&end));
            if !fails {
                let contest = contest.id.to_string();
                notes.add("Election[0]", What::RuleFound { contest, rule: name });
            }
            fails
        });
    }
    for at in open {
        set(definition, at, None);
        if let Some(contest) = definition.contests.get(at) {
            notes.add("Election[0]", What::NoRule { contest: contest.id.to_string() });
        }
    }
}

fn set(definition: &mut BallotDefinition, at: usize, rule: Option<Rotation>) {
    if let Some(contest) = definition.contests.get_mut(at) {
        contest.rotation = rule;
    }
}
