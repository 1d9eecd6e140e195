//! Units of the format: districts, precincts and splits.

use std::collections::{BTreeSet, HashMap, HashSet};

use artifact::id::{Language, Name};
use artifact::payload::definition::{District, Precinct, Split, Words};
use paper::definition::{MOST_AREAS, MOST_PRECINCTS, MOST_SPLITS};

use super::OUR_DISTRICT;
use super::error::{ImportError, Notes, What};
use super::object::{Object, Texts, every, id, translated};

/// Units beyond these make no definition.
const MOST_UNITS: usize = MOST_AREAS.saturating_add(MOST_PRECINCTS).saturating_add(MOST_SPLITS);
/// References from units to their parts.
const MOST_PARTS: usize = 200_000;

/// A `ReportingUnit`.
pub(super) struct Unit {
    pub(super) id: Name,
    kind: String,
    other: Option<String>,
    parts: Vec<String>,
    place: String,
    texts: Option<Texts>,
}

/// All units of a file.
pub(super) struct Units {
    list: Vec<Unit>,
    at: HashMap<String, usize>,
}

/// Voters who vote on the same: a split, or a precinct that is not split.
pub(super) struct Area {
    precinct: usize,
    split: Option<usize>,
    pub(super) districts: BTreeSet<usize>,
}

impl Units {
    pub(super) fn read(root: &mut Object, notes: &mut Notes) -> Result<Self, ImportError> {
        let mut units = Self { list: Vec::new(), at: HashMap::new() };
        let mut parts = 0_usize;
        let objects = root.objects("GpUnit")?;
        within("units", objects.len(), MOST_UNITS)?;
        for mut object in objects {
            let reference = object.required("@id")?;
            let ours = object.identifiers(notes)?;
            let unit = Unit {
                id: id(&object.at("@id"), ours.id.as_ref(), &reference)?,
                kind: object.required("Type")?,
                other: object.text("OtherType")?,
                parts: object.ids("ComposingGpUnitIds")?,
                place: object.place.clone(),
                texts: object.texts("Name", notes)?,
            };
            parts = parts.saturating_add(unit.parts.len());
            within("parts of units", parts, MOST_PARTS)?;
            if units.at.insert(reference.clone(), units.list.len()).is_some() {
                return Err(ImportError::Twice { place: object.at("@id"), id: reference });
            }
            units.list.push(unit);
            object.finish(notes);
        }
        for unit in &units.list {
            for part in &unit.parts {
                units.find(&format!("{}.ComposingGpUnitIds", unit.place), part)?;
            }
        }
        Ok(units)
    }

    pub(super) fn find(&self, place: &str, reference: &str) -> Result<usize, ImportError> {
        let unknown = || ImportError::Unknown { place: place.to_owned(), id: reference.to_owned() };
        self.at.get(reference).copied().ok_or_else(unknown)
    }

    pub(super) fn unit(&self, at: usize) -> Option<&Unit> {
        self.list.get(at)
    }

    /// The name of a unit; one without a name is called by its id.
    pub(super) fn words(
        &self,
        at: usize,
        languages: &[Language],
        notes: &mut Notes,
    ) -> Result<Option<Words>, ImportError> {
        let Some(unit) = self.list.get(at) else { return Ok(None) };
        let place = format!("{}.Name", unit.place);
        if let Some(texts) = &unit.texts {
            return translated(&place, texts).map(Some);
        }
        let (class, member) = ("ReportingUnit".to_owned(), "@id".to_owned());
        notes.add(&place, What::EveryLanguage { class, member });
        every(&place, unit.id.as_str(), languages).map(Some)
    }

    fn of_kind(&self, kind: &str) -> Vec<usize> {
        let units = self.list.iter().enumerate();
        units.filter(|(_, unit)| unit.kind == kind).map(|(at, _)| at).collect()
    }

    /// The precincts with their splits. Where the file has none, the units of its styles are taken,
    /// or else the election's own.
    pub(super) fn areas(&self, of_styles: &[usize], scope: usize, notes: &mut Notes) -> Vec<Area> {
        let is_split: HashSet<usize> = self.of_kind("split-precinct").into_iter().collect();
        let mut precincts = self.of_kind("precinct");
        let mut has_parent = HashSet::new();
        let mut areas = Vec::new();
        if precincts.is_empty() && is_split.is_empty() {
            precincts = if of_styles.is_empty() { vec![scope] } else { of_styles.to_vec() };
            for unit in precincts.iter().filter_map(|at| self.list.get(*at)) {
                notes.add(&unit.place, What::PrecinctMade { unit: unit.id.to_string() });
            }
        }
        for precinct in precincts {
            let parts = self.list.get(precinct).map_or(&[][..], |unit| &unit.parts);
            let parts = parts.iter().filter_map(|part| self.at.get(part).copied());
            let splits: Vec<usize> = parts.filter(|part| is_split.contains(part)).collect();
            has_parent.extend(splits.iter().copied());
            let area = |split| Area { precinct, split, districts: BTreeSet::new() };
            if splits.is_empty() {
                areas.push(area(None));
            }
            areas.extend(splits.into_iter().map(|split| area(Some(split))));
        }
        let mut orphans: Vec<usize> = is_split.difference(&has_parent).copied().collect();
        orphans.sort_unstable();
        let own = |precinct| Area { precinct, split: None, districts: BTreeSet::new() };
        areas.extend(orphans.into_iter().map(own));
        areas
    }

    /// The areas within a unit: what it is made of, at any depth.
    pub(super) fn within(&self, unit: usize, areas: &[Area]) -> Vec<usize> {
        let mut reached = HashSet::from([unit]);
        let mut open = vec![unit];
        while let Some(at) = open.pop() {
            let parts = self.list.get(at).map_or(&[][..], |unit| &unit.parts);
            for part in parts.iter().filter_map(|part| self.at.get(part).copied()) {
                if reached.insert(part) {
                    open.push(part);
                }
            }
        }
        let inside = |area: &Area| {
            reached.contains(&area.precinct)
                || area.split.is_some_and(|split| reached.contains(&split))
        };
        areas.iter().enumerate().filter(|(_, area)| inside(area)).map(|(at, _)| at).collect()
    }

    /// The units that are districts: those of contests, and those that say that they are.
    pub(super) fn districts(&self, of_contests: &HashSet<usize>) -> Vec<usize> {
        let units = self.list.iter().enumerate();
        let is = |at: usize, unit: &Unit| {
            of_contests.contains(&at) || unit.other.as_deref() == Some(OUR_DISTRICT)
        };
        units.filter(|(at, unit)| is(*at, unit)).map(|(at, _)| at).collect()
    }

    pub(super) fn district_list(
        &self,
        districts: &[usize],
        languages: &[Language],
        notes: &mut Notes,
    ) -> Result<Vec<District>, ImportError> {
        let mut list = Vec::new();
        for at in districts {
            if let (Some(unit), Some(name)) =
                (self.list.get(*at), self.words(*at, languages, notes)?)
            {
                list.push(District { id: unit.id.clone(), name });
            }
        }
        Ok(list)
    }

    /// The precincts of a definition; areas without a district are left out.
    pub(super) fn precincts(
        &self,
        areas: &[Area],
        languages: &[Language],
        notes: &mut Notes,
    ) -> Result<Vec<Precinct>, ImportError> {
        let mut list: Vec<(usize, Precinct)> = Vec::new();
        for area in areas {
            let (Some(precinct), Some(split)) =
                (self.list.get(area.precinct), self.list.get(area.split.unwrap_or(area.precinct)))
            else {
                continue;
            };
            if area.districts.is_empty() {
                let what = What::SplitLeftOut { split: split.id.to_string() };
                notes.add(&split.place, what);
                continue;
            }
            let ids = area.districts.iter().filter_map(|at| self.list.get(*at));
            let split = Split {
                districts: ids.map(|unit| unit.id.clone()).collect(),
                id: split.id.clone(),
            };
            match list.last_mut() {
                Some((at, last)) if *at == area.precinct => last.splits.push(split),
                _ => {
                    let Some(name) = self.words(area.precinct, languages, notes)? else { continue };
                    let id = precinct.id.clone();
                    list.push((area.precinct, Precinct { id, name, splits: vec![split] }));
                }
            }
        }
        Ok(list.into_iter().map(|(_, precinct)| precinct).collect())
    }

    /// The id of the split that an area becomes.
    pub(super) fn split_id(&self, area: &Area) -> Option<&Name> {
        self.list.get(area.split.unwrap_or(area.precinct)).map(|unit| &unit.id)
    }
}

/// Refuses more than a definition may have.
pub(super) fn within(what: &'static str, count: usize, most: usize) -> Result<(), ImportError> {
    if count > most { Err(ImportError::TooMany { what, count, most }) } else { Ok(()) }
}
