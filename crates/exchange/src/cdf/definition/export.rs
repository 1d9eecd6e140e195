//! From a definition to SP 1500-20.

use std::collections::HashMap;

use artifact::id::{Language, Name};
use artifact::payload::BallotDefinition;
use artifact::payload::definition::{Choice, Contest, ElectionType, Method, Style, Subject};
use canon::Timestamp;
use serde_json::{Value, json};

use super::error::{Note, Notes, What};
use super::parts::{class, format, id, numbers, ours, refer, texts, variation};
use super::{OUR_DISTRICT, OUR_ID, OUR_ROTATION};

/// The file, and what of the definition is not in it. `generated` is the time that the file says it
/// was made at.
pub fn export(definition: &BallotDefinition, generated: Timestamp) -> (Value, Vec<Note>) {
    let mut notes = Notes::default();
    unsaid(definition, &mut notes);
    let writing = Writing::new(definition);
    let main = definition.languages.first();
    let issuer = main.and_then(|language| definition.jurisdiction.of(language));
    let file = class(
        "BallotDefinition",
        json!({
            "BallotFormat": [format(definition.paper)],
            "Election": [writing.election()],
            "GeneratedDate": generated.to_string(),
            "GpUnit": writing.units(),
            "Issuer": issuer.map_or("", Name::as_str),
            "IssuerAbbreviation": definition.election_id.as_str(),
            "Party": writing.parties(),
            "Person": writing.people(),
            "SequenceEnd": 1,
            "SequenceStart": 1,
            "VendorApplicationId": "Scrutineer",
            "Version": "1.0.0",
        }),
    );
    (file, notes.into_list())
}

/// What the format has no place for.
fn unsaid(definition: &BallotDefinition, notes: &mut Notes) {
    if !definition.files.is_empty() {
        notes.add("files", What::Files { count: definition.files.len() });
    }
    let order: HashMap<&Name, usize> =
        definition.districts.iter().enumerate().map(|(at, one)| (&one.id, at)).collect();
    for split in definition.precincts.iter().flat_map(|precinct| &precinct.splits) {
        if !split.districts.is_sorted_by_key(|district| order.get(district)) {
            notes.add(&format!("split \"{}\"", split.id), What::DistrictOrder);
        }
    }
    let questions = definition.contests.iter().filter(|one| one.subject != Subject::Office);
    for contest in questions {
        let members = [
            ("party", contest.party.is_some()),
            ("method", contest.method != Method::Plurality),
            ("vote_for", contest.vote_for != 1),
            ("write_ins", contest.write_ins > 0),
            ("detail", contest.choices.iter().any(|choice| choice.detail.is_some())),
            ("parties", contest.choices.iter().any(|choice| !choice.parties.is_empty())),
        ];
        for (member, _) in members.into_iter().filter(|(_, is)| *is) {
            let what = What::Question { contest: contest.id.to_string(), member };
            notes.add(&format!("contest \"{}\"", contest.id), what);
        }
    }
}

/// References are numbers, so that they are names in XML too.
struct Writing<'a> {
    definition: &'a BallotDefinition,
    contests: HashMap<&'a Name, (usize, &'a Contest)>,
    districts: HashMap<&'a Name, usize>,
    parties: HashMap<&'a Name, usize>,
    splits: HashMap<&'a Name, usize>,
}

impl<'a> Writing<'a> {
    fn new(definition: &'a BallotDefinition) -> Self {
        let splits = definition.precincts.iter().flat_map(|precinct| &precinct.splits);
        let contests = definition.contests.iter().enumerate();
        Self {
            definition,
            contests: contests.map(|(at, one)| (&one.id, (at, one))).collect(),
            districts: numbers(definition.districts.iter().map(|one| &one.id)),
            parties: numbers(definition.parties.iter().map(|one| &one.id)),
            splits: numbers(splits.map(|one| &one.id)),
        }
    }

    fn units(&self) -> Vec<Value> {
        let definition = self.definition;
        let mut parts: Vec<Vec<String>> = vec![Vec::new(); definition.districts.len()];
        let mut voters = Vec::new();
        let mut precincts = Vec::new();
        for (at, precinct) in definition.precincts.iter().enumerate() {
            let mut own = Vec::new();
            for split in &precinct.splits {
                let reference = refer("split", self.splits.get(&split.id));
                for district in &split.districts {
                    let at = self.districts.get(district);
                    if let Some(parts) = at.and_then(|at| parts.get_mut(*at)) {
                        parts.push(reference.clone());
                    }
                }
                voters.push(class(
                    "ReportingUnit",
                    json!({
                        "@id": reference, "ExternalIdentifier": id(&split.id),
                        "Type": "split-precinct",
                    }),
                ));
                own.push(reference);
            }
            precincts.push(class(
                "ReportingUnit",
                json!({
                    "@id": format!("precinct-{at}"), "ComposingGpUnitIds": own,
                    "ExternalIdentifier": id(&precinct.id), "Name": texts(&precinct.name),
                    "Type": "precinct",
                }),
            ));
        }
        let mut units = vec![class(
            "ReportingUnit",
            json!({
                "@id": "jurisdiction", "Name": texts(&definition.jurisdiction),
                "OtherType": "jurisdiction", "Type": "other",
            }),
        )];
        for ((at, district), parts) in definition.districts.iter().enumerate().zip(parts) {
            units.push(class(
                "ReportingUnit",
                json!({
                    "@id": format!("district-{at}"), "ComposingGpUnitIds": parts,
                    "ExternalIdentifier": id(&district.id), "Name": texts(&district.name),
                    "OtherType": OUR_DISTRICT, "Type": "other",
                }),
            ));
        }
        units.extend(precincts);
        units.extend(voters);
        units
    }

    fn parties(&self) -> Vec<Value> {
        let parties = self.definition.parties.iter().enumerate();
        let party = parties.map(|(at, party)| {
            let reference = format!("party-{at}");
            class(
                "Party",
                json!({
                    "@id": reference, "ExternalIdentifier": id(&party.id),
                    "Name": texts(&party.name),
                }),
            )
        });
        party.collect()
    }

    /// Every choice of an office, with its numbers.
    fn choices(&self) -> impl Iterator<Item = (usize, usize, &'a Choice)> {
        let contests = self.definition.contests.iter().enumerate();
        let offices = contests.filter(|(_, contest)| contest.subject == Subject::Office);
        offices.flat_map(|(contest, list)| {
            list.choices.iter().enumerate().map(move |(at, choice)| (contest, at, choice))
        })
    }

    fn people(&self) -> Vec<Value> {
        let person = |(contest, at, choice): (usize, usize, &Choice)| {
            let detail = choice.detail.as_ref()?;
            let members =
                json!({ "@id": format!("person-{contest}-{at}"), "Profession": texts(detail) });
            Some(class("Person", members))
        };
        self.choices().filter_map(person).collect()
    }

    fn candidates(&self) -> Vec<Value> {
        let candidate = |(contest, at, choice): (usize, usize, &Choice)| {
            let person = choice.detail.as_ref().map(|_| format!("person-{contest}-{at}"));
            let party = choice.parties.first().map(|party| refer("party", self.parties.get(party)));
            class(
                "Candidate",
                json!({
                    "@id": format!("candidate-{contest}-{at}"), "BallotName": texts(&choice.name),
                    "PartyId": party, "PersonId": person,
                }),
            )
        };
        let mut candidates: Vec<Value> = self.choices().map(candidate).collect();
        let contests = self.definition.contests.iter().enumerate();
        for (at, contest) in contests.filter(|(_, one)| one.subject == Subject::Retention) {
            let reference = format!("candidate-{at}");
            let members = json!({ "@id": reference, "BallotName": texts(&contest.title) });
            candidates.push(class("Candidate", members));
        }
        candidates
    }

    fn election(&self) -> Value {
        let definition = self.definition;
        let kind = match definition.election_type {
            ElectionType::General => "general",
            ElectionType::Primary => "primary",
            ElectionType::Special => "special",
            ElectionType::Runoff => "runoff",
        };
        let contests = definition.contests.iter().enumerate();
        class(
            "Election",
            json!({
                "BallotStyle":
                    definition.styles.iter().map(|style| self.style(style)).collect::<Vec<_>>(),
                "Candidate": self.candidates(),
                "Contest": contests.map(|(at, one)| self.contest(at, one)).collect::<Vec<_>>(),
                "ElectionScopeId": "jurisdiction",
                "EndDate": definition.date.as_str(),
                "ExternalIdentifier": [ours(OUR_ID, definition.election_id.as_str())],
                "Name": texts(&definition.title),
                "StartDate": definition.date.as_str(),
                "Type": kind,
            }),
        )
    }

    fn contest(&self, at: usize, contest: &Contest) -> Value {
        let mut identifiers = vec![ours(OUR_ID, contest.id.as_str())];
        identifiers.extend(contest.rotation.map(|rule| ours(OUR_ROTATION, rule.as_str())));
        let main = self.definition.languages.first();
        let name = main.and_then(|language| contest.title.of(language));
        let choices = contest.choices.iter().enumerate();
        let mut options: Vec<Value> =
            choices.map(|(number, choice)| self.option(at, number, contest, choice)).collect();
        let mut members = json!({
            "@id": format!("contest-{at}"),
            "BallotTitle": texts(&contest.title),
            "ElectionDistrictId": refer("district", self.districts.get(&contest.district)),
            "ExternalIdentifier": identifiers,
            "HasRotation": contest.rotation.is_some(),
            "Name": name.map_or("", Name::as_str),
            "VoteVariation": variation(contest),
        });
        let text = contest.text.as_ref().map_or(Value::Null, texts);
        let (name, text_member) = match contest.subject {
            Subject::Office => ("CandidateContest", "BallotSubTitle"),
            Subject::Retention => ("RetentionContest", "FullText"),
            Subject::Measure => ("BallotMeasureContest", "FullText"),
        };
        let mut set = |member: &str, value: Value| {
            if let Value::Object(members) = &mut members {
                members.insert(member.to_owned(), value);
            }
        };
        set(text_member, text);
        if contest.subject == Subject::Retention {
            set("CandidateId", format!("candidate-{at}").into());
        }
        if contest.subject == Subject::Office {
            for line in 0..contest.write_ins {
                let members = json!({ "@id": format!("line-{at}-{line}"), "IsWriteIn": true });
                options.push(class("CandidateOption", members));
            }
            let is_ranked = contest.method == Method::Ranked;
            set("VotesAllowed", if is_ranked { 1 } else { contest.vote_for }.into());
            if is_ranked {
                set("NumberElected", contest.vote_for.into());
                set("RanksAllowed", contest.ranks.map_or(Value::Null, Value::from));
            }
            let party = contest.party.as_ref();
            let party = party.map(|party| json!([refer("party", self.parties.get(party))]));
            set("PrimaryPartyIds", party.unwrap_or_default());
        }
        set("ContestOption", options.into());
        class(name, members)
    }

    fn option(&self, at: usize, number: usize, contest: &Contest, choice: &Choice) -> Value {
        let reference = format!("option-{at}-{number}");
        if contest.subject != Subject::Office {
            return class(
                "BallotMeasureOption",
                json!({
                    "@id": reference, "ExternalIdentifier": id(&choice.id),
                    "Selection": texts(&choice.name),
                }),
            );
        }
        let parties = choice.parties.iter().map(|party| refer("party", self.parties.get(party)));
        let parties: Vec<String> = parties.collect();
        class(
            "CandidateOption",
            json!({
                "@id": reference, "CandidateIds": [format!("candidate-{at}-{number}")],
                "EndorsementPartyIds": parties, "ExternalIdentifier": id(&choice.id),
            }),
        )
    }

    fn style(&self, style: &Style) -> Value {
        let splits = style.splits.iter().map(|split| refer("split", self.splits.get(split)));
        let placed = style.contests.iter().filter_map(|placed| {
            let (at, contest) = self.contests.get(&placed.contest)?;
            let place = |id: &Name| contest.choices.iter().position(|choice| choice.id == *id);
            let order = placed.choices.iter().filter_map(place);
            let mut order: Vec<String> =
                order.map(|number| format!("option-{at}-{number}")).collect();
            if !order.is_empty() && contest.subject == Subject::Office {
                order.extend((0..contest.write_ins).map(|line| format!("line-{at}-{line}")));
            }
            let members = json!({
                "ContestId": format!("contest-{at}"), "OrderedContestOptionIds": order,
            });
            Some(class("OrderedContest", members))
        });
        let party = style.party.as_ref();
        let party = party.map(|party| json!([refer("party", self.parties.get(party))]));
        let languages = self.definition.languages.iter().map(Language::as_str);
        class(
            "BallotStyle",
            json!({
                "ExternalIdentifier": id(&style.id),
                "GpUnitIds": splits.collect::<Vec<_>>(),
                "Language": languages.collect::<Vec<_>>(),
                "OrderedContent": placed.collect::<Vec<_>>(),
                "PartyIds": party,
            }),
        )
    }
}
