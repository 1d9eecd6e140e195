//! Contests, their options, and the people in them.

use std::collections::HashMap;

use artifact::id::{Language, Name};
use artifact::payload::definition::{Choice, Contest, Party, Subject, Words};
use paper::definition::{MOST_CHOICES, MOST_VOTES};

use super::counting::{method, numbers, rotation, text};
use super::error::{ImportError, Notes, What};
use super::object::{Object, Texts, every, id, translated};
use super::places::{Units, within};

/// A `Candidate`.
struct Candidate {
    detail: Option<Texts>,
    name: Texts,
    party: Option<Name>,
    place: String,
}

/// What contests refer to.
pub(super) struct Context {
    pub(super) languages: Vec<Language>,
    pub(super) parties: HashMap<String, Party>,
    candidates: HashMap<String, Candidate>,
}

/// A contest that was taken over.
pub(super) struct Taken {
    pub(super) contest: Contest,
    pub(super) district: usize,
    /// The references of its choices.
    pub(super) options: Vec<String>,
    /// How often an option has no reference but is a line.
    pub(super) lines: Vec<String>,
    pub(super) place: String,
    pub(super) reference: String,
}

impl Context {
    pub(super) fn read(
        root: &mut Object,
        election: &mut Object,
        languages: Vec<Language>,
        notes: &mut Notes,
    ) -> Result<(Self, Vec<Party>), ImportError> {
        let mut context = Self { languages, parties: HashMap::new(), candidates: HashMap::new() };
        let mut list = Vec::new();
        for mut object in root.objects("Party")? {
            let reference = object.required("@id")?;
            let ours = object.identifiers(notes)?;
            let place = object.at("Name");
            let missing = ImportError::Missing { place: object.place.clone(), member: "Name" };
            let name = object.texts("Name", notes)?.ok_or(missing)?;
            let party = Party {
                id: id(&object.at("@id"), ours.id.as_ref(), &reference)?,
                name: translated(&place, &name)?,
            };
            list.push(party.clone());
            if context.parties.insert(reference.clone(), party).is_some() {
                return Err(ImportError::Twice { place: object.at("@id"), id: reference });
            }
            object.finish(notes);
        }
        let mut people = HashMap::new();
        for mut object in root.objects("Person")? {
            let reference = object.required("@id")?;
            people.insert(reference, object.texts("Profession", notes)?);
            object.finish(notes);
        }
        for mut object in election.objects("Candidate")? {
            let reference = object.required("@id")?;
            let candidate = context.candidate(&mut object, &people, notes)?;
            if context.candidates.insert(reference.clone(), candidate).is_some() {
                return Err(ImportError::Twice { place: object.at("@id"), id: reference });
            }
            object.finish(notes);
        }
        Ok((context, list))
    }

    fn candidate(
        &self,
        object: &mut Object,
        people: &HashMap<String, Option<Texts>>,
        notes: &mut Notes,
    ) -> Result<Candidate, ImportError> {
        object.identifiers(notes)?;
        let missing = ImportError::Missing { place: object.place.clone(), member: "BallotName" };
        let name = object.texts("BallotName", notes)?.ok_or(missing)?;
        let place = object.at("PartyId");
        let party = object.text("PartyId")?.map(|party| self.party(&place, &party)).transpose()?;
        let person = object.at("PersonId");
        let detail = match object.text("PersonId")? {
            None => None,
            Some(id) => match people.get(&id) {
                Some(detail) => detail.clone(),
                None => return Err(ImportError::Unknown { place: person, id }),
            },
        };
        Ok(Candidate { detail, name, party, place: object.place.clone() })
    }

    pub(super) fn party(&self, place: &str, reference: &str) -> Result<Name, ImportError> {
        let unknown = || ImportError::Unknown { place: place.to_owned(), id: reference.to_owned() };
        self.parties.get(reference).map(|party| party.id.clone()).ok_or_else(unknown)
    }

    /// A contest, or none with a note where it cannot be counted as a definition counts.
    pub(super) fn contest(
        &self,
        mut object: Object,
        units: &Units,
        notes: &mut Notes,
    ) -> Result<Option<Taken>, ImportError> {
        let reference = object.required("@id")?;
        let ours = object.identifiers(notes)?;
        let id = id(&object.at("@id"), ours.id.as_ref(), &reference)?;
        let shown = id.to_string();
        let subject = match object.class.as_str() {
            "CandidateContest" | "PartyContest" => Subject::Office,
            "RetentionContest" => Subject::Retention,
            "BallotMeasureContest" => Subject::Measure,
            "ActivationContest" => {
                object.ids("ControlledContestIds")?;
                notes.add(&object.place, What::Effect { contest: shown.clone() });
                Subject::Measure
            }
            class => {
                let what = What::LeftOut { contest: shown, class: class.to_owned() };
                notes.add(&object.place, what);
                return Ok(None);
            }
        };
        let district_place = object.at("ElectionDistrictId");
        let district = units.find(&district_place, &object.required("ElectionDistrictId")?)?;
        let Some(method) = method(&mut object, &shown, notes)? else { return Ok(None) };
        let options = self.options(&mut object, notes)?;
        if options.choices.is_empty() {
            notes.add(&object.place, What::NoChoices { contest: shown });
            return Ok(None);
        }
        let party_place = object.at("PrimaryPartyIds");
        let mut parties = object.ids("PrimaryPartyIds")?.into_iter();
        let party = parties.next().map(|party| self.party(&party_place, &party)).transpose()?;
        if parties.next().is_some() {
            let (class, member) = (object.class.clone(), "PrimaryPartyIds".to_owned());
            notes.add(&party_place, What::Member { class, member });
        }
        let title = self.title(&mut object, notes)?;
        self.kept(&mut object, &title, notes)?;
        let contest = Contest {
            choices: options.choices,
            district: units.unit(district).map_or_else(|| id.clone(), |unit| unit.id.clone()),
            method,
            party,
            ranks: None,
            rotation: rotation(&mut object, &ours)?,
            subject,
            text: text(&mut object, subject, notes)?,
            title,
            vote_for: 1,
            write_ins: u64::try_from(options.lines.len()).unwrap_or(u64::MAX),
            id,
        };
        let (options, lines) = (options.references, options.lines);
        let place = object.place.clone();
        let mut taken = Taken { contest, district, options, lines, place, reference };
        numbers(&mut object, &mut taken.contest, notes)?;
        object.finish(notes);
        Ok(Some(taken))
    }

    /// Who is kept in office or not: to be said by the title, for a definition has no other place.
    fn kept(
        &self,
        object: &mut Object,
        title: &Words,
        notes: &mut Notes,
    ) -> Result<(), ImportError> {
        let place = object.at("CandidateId");
        let Some(id) = object.text("CandidateId")? else { return Ok(()) };
        let Some(candidate) = self.candidates.get(&id) else {
            return Err(ImportError::Unknown { place, id });
        };
        let named = |(language, name): &(Language, String)| {
            title.of(language).is_some_and(|title| title.as_str().contains(name.as_str()))
        };
        if !candidate.name.iter().all(named) {
            let (class, member) = (object.class.clone(), "CandidateId".to_owned());
            notes.add(&place, What::Member { class, member });
        }
        Ok(())
    }

    fn title(&self, object: &mut Object, notes: &mut Notes) -> Result<Words, ImportError> {
        let name = object.required("Name")?;
        let place = object.at("BallotTitle");
        if let Some(title) = object.texts("BallotTitle", notes)? {
            return translated(&place, &title);
        }
        let (class, member) = (object.class.clone(), "Name".to_owned());
        let place = object.at("Name");
        if self.languages.len() > 1 {
            notes.add(&place, What::EveryLanguage { class, member });
        }
        every(&place, &name, &self.languages)
    }
}

#[derive(Default)]
struct Options {
    choices: Vec<Choice>,
    lines: Vec<String>,
    references: Vec<String>,
}

impl Context {
    fn options(&self, object: &mut Object, notes: &mut Notes) -> Result<Options, ImportError> {
        let mut options = Options::default();
        let list = object.objects("ContestOption")?;
        within("options of a contest", list.len(), MOST_CHOICES.saturating_mul(2))?;
        for mut option in list {
            let reference = option.required("@id")?;
            let ours = option.identifiers(notes)?;
            let choice = id(&option.at("@id"), ours.id.as_ref(), &reference)?;
            let place = option.place.clone();
            if option.class == "CandidateOption" && option.flag("IsWriteIn")? {
                options.lines.push(reference);
                option.finish(notes);
                continue;
            }
            let choice = match option.class.as_str() {
                "CandidateOption" => self.people(&mut option, choice, notes)?,
                "PartyOption" => self.of_parties(&mut option, choice)?,
                "BallotMeasureOption" | "ActivationOption" => {
                    if option.class == "ActivationOption" {
                        option.flag("CausesActivation")?;
                    }
                    let missing = ImportError::Missing { place, member: "Selection" };
                    let name = option.texts("Selection", notes)?.ok_or(missing)?;
                    let name = translated(&option.at("Selection"), &name)?;
                    Choice { detail: None, id: choice, name, parties: Vec::new() }
                }
                class => {
                    let (expected, found) = ("an option of a contest", class.to_owned());
                    return Err(ImportError::Form { place, expected, found });
                }
            };
            options.choices.push(choice);
            options.references.push(reference);
            option.finish(notes);
        }
        Ok(options)
    }

    fn people(
        &self,
        option: &mut Object,
        choice: Name,
        notes: &mut Notes,
    ) -> Result<Choice, ImportError> {
        let place = option.at("CandidateIds");
        let ids = option.ids("CandidateIds")?;
        let mut people = Vec::new();
        for id in ids {
            let unknown = ImportError::Unknown { place: place.clone(), id: id.clone() };
            people.push(self.candidates.get(&id).ok_or(unknown)?);
        }
        let Some((first, others)) = people.split_first() else {
            let place = option.place.clone();
            return Err(ImportError::Missing { place, member: "CandidateIds" });
        };
        let mut parties = Vec::new();
        let endorsed = option.at("EndorsementPartyIds");
        for party in option.ids("EndorsementPartyIds")? {
            parties.push(self.party(&endorsed, &party)?);
        }
        if parties.is_empty() {
            parties.extend(first.party.clone());
        }
        let mut detail = first.detail.clone();
        if !others.is_empty() {
            notes.add(&place, What::SeveralPeople { choice: choice.to_string() });
            detail = Some(joined(first.detail.as_ref(), others));
        }
        let at = |member: &str| format!("{}.{member}", first.place);
        Ok(Choice {
            detail: detail.map(|texts| translated(&at("PersonId"), &texts)).transpose()?,
            id: choice,
            name: translated(&at("BallotName"), &first.name)?,
            parties,
        })
    }

    fn of_parties(&self, option: &mut Object, choice: Name) -> Result<Choice, ImportError> {
        let place = option.at("PartyIds");
        let ids = option.ids("PartyIds")?;
        let first = ids.first().and_then(|id| self.parties.get(id));
        let missing = ImportError::Missing { place: option.place.clone(), member: "PartyIds" };
        let name = first.map(|party| party.name.clone()).ok_or(missing)?;
        let parties = ids.iter().map(|id| self.party(&place, id)).collect::<Result<_, _>>()?;
        Ok(Choice { detail: None, id: choice, name, parties })
    }
}

/// What stands below the first person's name: their own detail, then the others, with commas.
fn joined(detail: Option<&Texts>, others: &[&Candidate]) -> Texts {
    let mut joined = Texts::new();
    for texts in detail.into_iter().chain(others.iter().map(|other| &other.name)) {
        for (language, text) in texts {
            match joined.iter_mut().find(|(known, _)| known == language) {
                Some((_, known)) => {
                    known.push_str(", ");
                    known.push_str(text);
                }
                None => joined.push((language.clone(), text.clone())),
            }
        }
    }
    joined
}

/// Lines that only the layout has: as many as a voter may mark, at most.
pub(super) fn lines_of_layout(taken: &mut Taken, lines: u64, notes: &mut Notes) {
    let contest = &mut taken.contest;
    let most = contest.ranks.unwrap_or(contest.vote_for).min(MOST_VOTES);
    if lines > 0 && taken.lines.is_empty() && contest.subject == Subject::Office {
        contest.write_ins = lines.min(most);
        let (contest, lines) = (contest.id.to_string(), contest.write_ins);
        notes.add(&taken.place, What::LinesFromLayout { contest, lines });
    }
}
