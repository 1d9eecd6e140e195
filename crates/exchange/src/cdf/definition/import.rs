//! From SP 1500-20 to a definition.

use std::collections::HashSet;

use artifact::id::{CalendarDate, ElectionId, Language};
use artifact::payload::BallotDefinition;
use artifact::payload::definition::{ElectionType, Paper};
use paper::definition::{Description, MOST_CONTESTS, MOST_STYLES, derive, is_by_party};

use super::contests::{Context, Taken, lines_of_layout};
use super::error::{ImportError, Note, Notes, What};
use super::object::{Object, Texts, read, translated};
use super::places::{Area, Units, within};
use super::styles::{Found, find_rules};
use crate::json::{MOST_BYTES, Value};

/// A definition, and what of the file is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The definition. Whether it holds together is not judged here.
    pub definition: BallotDefinition,
    /// What was not taken over, or taken otherwise than it stands.
    pub notes: Vec<Note>,
}

/// Reads a file of at most 64 MiB. The election gets the id that is given, or its own where the
/// file is an export of ours, or one made of its title and day.
pub fn import(bytes: &[u8], election_id: Option<ElectionId>) -> Result<Imported, ImportError> {
    if bytes.len() > MOST_BYTES {
        return Err(ImportError::TooLarge { bytes: bytes.len(), most: MOST_BYTES });
    }
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| ImportError::Json(error.to_string()))?;
    let mut notes = Notes::default();
    let mut root = Object::new(String::new(), value)
        .map_err(|error| ImportError::Format(error.to_string()))?;
    let election = head(&mut root)?;
    let definition = Reading { root, election, notes: &mut notes }.definition(election_id)?;
    Ok(Imported { definition, notes: notes.into_list() })
}

/// Judges what the file says of itself, and gives its election.
fn head(root: &mut Object) -> Result<Object, ImportError> {
    if root.class != "BallotDefinition" {
        return Err(ImportError::Format(root.class.clone()));
    }
    let version = root.required("Version")?;
    if version != "1.0.0" {
        return Err(ImportError::Format(format!("version {version}")));
    }
    // Of the file, not of the election.
    for member in ["Issuer", "IssuerAbbreviation", "GeneratedDate", "VendorApplicationId"] {
        root.text(member)?;
    }
    for member in ["SequenceStart", "SequenceEnd"] {
        root.whole(member)?;
    }
    let mut elections = root.objects("Election")?;
    match (elections.pop(), elections.len()) {
        (Some(election), 0) => Ok(election),
        (None, _) => Err(ImportError::Elections(0)),
        (Some(_), others) => Err(ImportError::Elections(others.saturating_add(1))),
    }
}

struct Reading<'a> {
    root: Object,
    election: Object,
    notes: &'a mut Notes,
}

impl Reading<'_> {
    fn definition(mut self, id: Option<ElectionId>) -> Result<BallotDefinition, ImportError> {
        let units = Units::read(&mut self.root, self.notes)?;
        let missing = ImportError::Missing { place: self.election.place.clone(), member: "Name" };
        let title = self.election.texts("Name", self.notes)?.ok_or(missing)?;
        let styles = self.styles(&units)?;
        let languages = languages(&styles, &title);
        let (context, parties) =
            Context::read(&mut self.root, &mut self.election, languages, self.notes)?;
        let scope_place = self.election.at("ElectionScopeId");
        let scope = units.find(&scope_place, &self.election.required("ElectionScopeId")?)?;
        let taken = self.contests(&context, &units, &styles)?;
        let areas = self.areas(&units, &styles, scope, &taken);
        let date = self.date()?;
        let election_id = self.id(id, &title, &date)?;
        let election_type = self.election_type()?;
        let languages = &context.languages;
        let jurisdiction = units.words(scope, languages, self.notes)?;
        let of_contests = taken.iter().map(|taken| taken.district).collect();
        let districts = units.districts(&of_contests);
        let description = Description {
            contests: taken.iter().map(|taken| taken.contest.clone()).collect(),
            date,
            districts: units.district_list(&districts, languages, self.notes)?,
            election_id,
            files: Vec::new(),
            jurisdiction: match jurisdiction {
                Some(name) => name,
                None => return Err(ImportError::NoVoters),
            },
            languages: languages.clone(),
            paper: self.paper()?,
            parties,
            precincts: units.precincts(&areas, languages, self.notes)?,
            title: translated(&self.election.at("Name"), &title)?,
            election_type,
        };
        if description.precincts.is_empty() || description.contests.is_empty() {
            return Err(ImportError::NoVoters);
        }
        let definition = self.placed(description, &context, &styles, &taken, (&units, &areas))?;
        self.election.finish(self.notes);
        self.root.finish(self.notes);
        Ok(definition)
    }

    fn styles(&mut self, units: &Units) -> Result<Vec<Found>, ImportError> {
        let objects = self.election.objects("BallotStyle")?;
        within("ballot styles", objects.len(), MOST_STYLES)?;
        let mut styles = Vec::new();
        for (object, number) in objects.into_iter().zip(1..) {
            styles.push(Found::read(object, number, units, self.notes)?);
        }
        Ok(styles)
    }

    fn contests(
        &mut self,
        context: &Context,
        units: &Units,
        styles: &[Found],
    ) -> Result<Vec<Taken>, ImportError> {
        let objects = self.election.objects("Contest")?;
        within("contests", objects.len(), MOST_CONTESTS)?;
        let mut list: Vec<Taken> = Vec::new();
        for object in objects {
            let place = object.at("@id");
            let Some(mut taken) = context.contest(object, units, self.notes)? else { continue };
            if list.iter().any(|other| other.reference == taken.reference) {
                return Err(ImportError::Twice { place, id: taken.reference });
            }
            let ordered = styles.iter().flat_map(|style| &style.contests);
            let mine = ordered.filter(|ordered| ordered.contest == taken.reference);
            let lines = mine.map(|ordered| ordered.lines).max().unwrap_or_default();
            lines_of_layout(&mut taken, lines, self.notes);
            list.push(taken);
        }
        Ok(list)
    }

    /// Which splits there are, and in which districts they lie: the parts of the districts, and
    /// what the styles of their voters have.
    fn areas(
        &mut self,
        units: &Units,
        styles: &[Found],
        scope: usize,
        taken: &[Taken],
    ) -> Vec<Area> {
        let mut of_styles: Vec<usize> =
            styles.iter().flat_map(|style| style.units.iter().copied()).collect();
        of_styles.sort_unstable();
        of_styles.dedup();
        let mut areas = units.areas(&of_styles, scope, self.notes);
        let of_contests: HashSet<usize> = taken.iter().map(|taken| taken.district).collect();
        for district in units.districts(&of_contests) {
            for at in units.within(district, &areas) {
                if let Some(area) = areas.get_mut(at) {
                    area.districts.insert(district);
                }
            }
        }
        for style in styles {
            for unit in &style.units {
                for at in units.within(*unit, &areas) {
                    let contests = style.contests.iter().filter_map(|ordered| {
                        taken.iter().find(|taken| taken.reference == ordered.contest)
                    });
                    for contest in contests {
                        let area = areas.get_mut(at);
                        if area.is_some_and(|area| area.districts.insert(contest.district)) {
                            self.notes.add(&style.place, What::DistrictsFromStyles);
                        }
                    }
                }
            }
        }
        areas
    }

    fn placed(
        &mut self,
        description: Description,
        context: &Context,
        found: &[Found],
        taken: &[Taken],
        voters: (&Units, &[Area]),
    ) -> Result<BallotDefinition, ImportError> {
        let mut definition = derive(description);
        if found.is_empty() {
            self.notes.add("Election[0]", What::StylesDerived);
            return Ok(definition);
        }
        let by_party = is_by_party(&definition);
        definition.styles.clear();
        for style in found {
            let styles = style.styles(context, taken, voters, by_party, self.notes)?;
            definition.styles.extend(styles);
        }
        if definition.styles.is_empty() {
            return Err(ImportError::NoVoters);
        }
        find_rules(&mut definition, self.notes);
        Ok(definition)
    }

    fn date(&mut self) -> Result<CalendarDate, ImportError> {
        let (place, start) = (self.election.at("EndDate"), self.election.required("StartDate")?);
        let end = self.election.required("EndDate")?;
        if start != end {
            self.notes.add(&self.election.at("StartDate"), What::FirstDay { start });
        }
        read(&place, &end)
    }

    fn election_type(&mut self) -> Result<ElectionType, ImportError> {
        let place = self.election.at("Type");
        let kind = self.election.required("Type")?;
        Ok(match kind.as_str() {
            "general" => ElectionType::General,
            "primary" | "partisan-primary-closed" | "partisan-primary-open" => {
                ElectionType::Primary
            }
            "runoff" => ElectionType::Runoff,
            "special" => ElectionType::Special,
            _ => {
                self.notes.add(&place, What::ElectionType { kind });
                ElectionType::Special
            }
        })
    }

    fn id(
        &mut self,
        given: Option<ElectionId>,
        title: &Texts,
        date: &CalendarDate,
    ) -> Result<ElectionId, ImportError> {
        let ours = self.election.identifiers(self.notes)?;
        let place = self.election.at("ExternalIdentifier");
        if let Some(id) = given {
            return Ok(id);
        }
        if let Some(id) = ours.id {
            return read(&place, &id);
        }
        let title = title.first().map_or("", |(_, text)| text.as_str()).to_lowercase();
        let words = title.split(|symbol: char| !symbol.is_ascii_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let mut id: String = words.join("-").chars().take(50).collect();
        if id.is_empty() {
            id.push_str("election");
        }
        let id = format!("{}-{date}", id.trim_end_matches('-'));
        self.notes.add(&self.election.place, What::IdMade { id: id.clone() });
        read(&place, &id)
    }

    fn paper(&mut self) -> Result<Paper, ImportError> {
        let mut found = None;
        for mut format in self.root.objects("BallotFormat")? {
            let unit = format.required("MeasurementUnit")?;
            let long = points(format.number("LongEdge")?, &unit);
            let short = points(format.number("ShortEdge")?, &unit);
            format.text("@id")?;
            format.text("Orientation")?;
            format.text("SelectionCaptureMethod")?;
            format.objects("ExternalIdentifier")?;
            found = found.or_else(|| super::parts::paper_of(short, long));
            format.finish(self.notes);
        }
        Ok(found.unwrap_or_else(|| {
            self.notes.add("BallotFormat", What::PaperTaken);
            Paper::Letter
        }))
    }
}

fn points(length: Option<f64>, unit: &str) -> f64 {
    let points = match unit {
        "in" => 72.0,
        "mm" => 72.0 / 25.4,
        "pc" => 12.0,
        _ => 1.0,
    };
    length.unwrap_or_default() * points
}

/// The languages of the styles, or else those of the election's name.
fn languages(styles: &[Found], title: &Texts) -> Vec<Language> {
    let mut languages: Vec<Language> = Vec::new();
    let of_styles = styles.iter().flat_map(|style| &style.languages);
    for language in of_styles {
        if !languages.contains(language) {
            languages.push(language.clone());
        }
    }
    if languages.is_empty() {
        languages.extend(title.iter().map(|(language, _)| language.clone()));
    }
    languages
}
