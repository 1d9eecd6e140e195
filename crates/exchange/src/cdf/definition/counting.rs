//! How a contest is counted, and what stands below its title.

use artifact::payload::definition::{Contest, Method, Rotation, Subject};
use paper::definition::MOST_RANKS;

use super::error::{ImportError, Notes, What};
use super::object::{Long, Object, Ours, read, translated};

/// The method; none, with a note, where a definition counts in no such way.
pub(super) fn method(
    object: &mut Object,
    contest: &str,
    notes: &mut Notes,
) -> Result<Option<Method>, ImportError> {
    let (contest, place) = (contest.to_owned(), object.at("VoteVariation"));
    Ok(match object.text("VoteVariation")?.as_deref() {
        None | Some("plurality" | "n-of-m") => Some(Method::Plurality),
        Some("approval") => Some(Method::Approval),
        Some("rcv") => Some(Method::Ranked),
        Some(variation @ ("majority" | "super-majority")) => {
            notes.add(&place, What::Majority { contest, variation: variation.to_owned() });
            Some(Method::Plurality)
        }
        Some(variation) => {
            notes.add(&place, What::Variation { contest, variation: variation.to_owned() });
            None
        }
    })
}

pub(super) fn rotation(object: &mut Object, ours: &Ours) -> Result<Option<Rotation>, ImportError> {
    object.flag("HasRotation")?;
    let place = object.at("ExternalIdentifier");
    ours.rotation.as_ref().map(|rule| read(&place, rule)).transpose()
}

/// What stands below the title: the first of these that there is.
pub(super) fn text(
    object: &mut Object,
    subject: Subject,
    notes: &mut Notes,
) -> Result<Option<Long>, ImportError> {
    let members: &[&str] = match subject {
        Subject::Office => &["BallotSubTitle"],
        Subject::Retention | Subject::Measure => &["FullText", "SummaryText", "BallotSubTitle"],
    };
    for member in members {
        let place = object.at(member);
        if let Some(texts) = object.texts(member, notes)? {
            return translated(&place, &texts).map(Some);
        }
    }
    Ok(None)
}

pub(super) fn numbers(
    object: &mut Object,
    contest: &mut Contest,
    notes: &mut Notes,
) -> Result<(), ImportError> {
    let shown = contest.id.to_string();
    let votes = object.whole("VotesAllowed")?.unwrap_or(1);
    let elected = object.whole("NumberElected")?;
    let ranks = object.whole("RanksAllowed")?;
    let choices = u64::try_from(contest.choices.len()).unwrap_or(u64::MAX);
    let options = choices.saturating_add(contest.write_ins);
    if contest.method == Method::Ranked {
        contest.vote_for = elected.unwrap_or(votes);
        contest.ranks = Some(ranks.unwrap_or_else(|| {
            let ranks = options.min(MOST_RANKS);
            notes.add(&object.place, What::RanksTaken { contest: shown, ranks });
            ranks
        }));
        return Ok(());
    }
    contest.vote_for = votes;
    if let Some(elected) = elected.filter(|elected| *elected != votes) {
        notes.add(&object.at("NumberElected"), What::Elected { contest: shown, elected });
    }
    if let Some(ranks) = ranks {
        let (class, member) = (object.class.clone(), format!("RanksAllowed {ranks}"));
        notes.add(&object.at("RanksAllowed"), What::Member { class, member });
    }
    Ok(())
}
