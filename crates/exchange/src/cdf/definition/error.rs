//! Why a file is not taken, and what of one that is taken is not taken over.

use core::fmt;
use std::collections::HashMap;

use artifact::id::GrammarError;

/// Why a file is no ballot definition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// More bytes than are read.
    #[error("{bytes} bytes, at most {most} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// More of something than a definition may have.
    #[error("{count} {what}, at most {most} are taken")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many.
        count: usize,
        /// The limit.
        most: usize,
    },
    /// Not JSON, or a name stands twice in an object.
    #[error("not JSON that can be read: {0}")]
    Json(String),
    /// Not the format, or another version of it.
    #[error("not a BallotDefinition in version 1.0.0: found {0}")]
    Format(String),
    /// A member that the format asks for.
    #[error("{place}: `{member}` is missing")]
    Missing {
        /// The object.
        place: String,
        /// The member.
        member: &'static str,
    },
    /// A member of another type.
    #[error("{place}: expected {expected}, found {found}")]
    Form {
        /// The member.
        place: String,
        /// What the format says.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A text that cannot stand in a definition.
    #[error("{place}: {error}")]
    Text {
        /// The member.
        place: String,
        /// What is wrong with it.
        error: GrammarError,
    },
    /// A reference to nothing.
    #[error("{place}: refers to {id:?}, which is not in the file")]
    Unknown {
        /// The member.
        place: String,
        /// The id.
        id: String,
    },
    /// Two things of one id.
    #[error("{place}: {id:?} stands twice in the file")]
    Twice {
        /// The second.
        place: String,
        /// The id.
        id: String,
    },
    /// No election, or several.
    #[error("the file has {0} elections; one is taken")]
    Elections(usize),
    /// Nobody votes in it.
    #[error("no voter has a contest that could be taken over")]
    NoVoters,
}

impl ImportError {
    /// What to do.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } | Self::TooMany { .. } | Self::Elections(_) => {
                "divide the file, one election each"
            }
            Self::Json(_) => "export the file anew from the system that it comes from",
            Self::Format(_) => "give the JSON of NIST SP 1500-20, version 1.0.0",
            Self::Missing { .. }
            | Self::Form { .. }
            | Self::Unknown { .. }
            | Self::Twice { .. } => {
                "the file breaks its own format there; have the system that wrote it mended"
            }
            Self::Text { .. } => "change the text in the system that the file comes from",
            Self::NoVoters => "the notes say what was left out",
        }
    }
}

/// What was not taken over, or was taken otherwise than it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum What {
    /// A member that a definition has no place for.
    #[error("`{member}` of {class} is not taken over")]
    Member {
        /// The class of the object.
        class: String,
        /// The member.
        member: String,
    },
    /// A contest that governs others.
    #[error("the contest {contest:?} ({class}) is left out: votes in it govern other contests")]
    LeftOut {
        /// Its id.
        contest: String,
        /// Its class.
        class: String,
    },
    /// A contest that is counted in a way that a definition does not know.
    #[error("the contest {contest:?} is left out: it is counted as {variation:?}")]
    Variation {
        /// Its id.
        contest: String,
        /// How it is counted.
        variation: String,
    },
    /// A contest whose options are no choices.
    #[error("the contest {contest:?} is left out: it has no choices")]
    NoChoices {
        /// Its id.
        contest: String,
    },
    /// A contest taken without its effect.
    #[error(
        "the contest {contest:?} is taken as a question: that it puts others into force is not"
    )]
    Effect {
        /// Its id.
        contest: String,
    },
    /// The file has no styles.
    #[error("the file has no ballot styles: they were derived")]
    StylesDerived,
    /// The file has no precincts.
    #[error("the file has no precincts: {unit:?} was taken for one")]
    PrecinctMade {
        /// The unit.
        unit: String,
    },
    /// Districts of a split out of what its voters vote on.
    #[error("which districts a split lies in was taken from its ballot styles")]
    DistrictsFromStyles,
    /// Voters without a contest.
    #[error("the split {split:?} is left out: no contest is put to its voters")]
    SplitLeftOut {
        /// Its id.
        split: String,
    },
    /// A text without a language.
    #[error("`{member}` of {class} names no language: it was taken for all")]
    EveryLanguage {
        /// The class of the object.
        class: String,
        /// The member.
        member: String,
    },
    /// The election's id is new.
    #[error("the election has no id of ours: it was called {id:?}")]
    IdMade {
        /// The new id.
        id: String,
    },
    /// Paper of no known size.
    #[error("no paper of a size that is printed on is named: letter was taken")]
    PaperTaken,
    /// The election lasts.
    #[error("the election begins on {start}; its last day was taken")]
    FirstDay {
        /// The first day.
        start: String,
    },
    /// A sort of election that we do not have.
    #[error("the election's type is {kind:?}: it was taken for a special one")]
    ElectionType {
        /// The type.
        kind: String,
    },
    /// The rule by which choices change places.
    #[error("no rule of rotation gives the orders of {contest:?} on the styles")]
    NoRule {
        /// The contest.
        contest: String,
    },
    /// A rule of rotation that was found by trying.
    #[error("the orders of {contest:?} follow the rotation {rule:?}, which was taken")]
    RuleFound {
        /// The contest.
        contest: String,
        /// The rule.
        rule: &'static str,
    },
    /// Several people in one choice.
    #[error("the choice {choice:?} has several people: those behind the first are its detail")]
    SeveralPeople {
        /// Its id.
        choice: String,
    },
    /// Lines that stand in the layout only.
    #[error("the write-in lines of {contest:?} stand in the layout only: {lines} were taken")]
    LinesFromLayout {
        /// The contest.
        contest: String,
        /// How many.
        lines: u64,
    },
    /// A number of preferences that the file does not give.
    #[error("the contest {contest:?} does not say how many ranks it has: {ranks} were taken")]
    RanksTaken {
        /// The contest.
        contest: String,
        /// How many.
        ranks: u64,
    },
    /// More winners or fewer than votes.
    #[error("the contest {contest:?} elects {elected}: how many win is not part of a definition")]
    Elected {
        /// The contest.
        contest: String,
        /// How many win.
        elected: u64,
    },
    /// A majority that a winner must have.
    #[error("the contest {contest:?} asks for a {variation}: it is counted as plurality")]
    Majority {
        /// The contest.
        contest: String,
        /// How it is counted.
        variation: String,
    },
    /// Contests in an order of their own on a style.
    #[error("contests stand in the order of the file's list on every style")]
    ContestOrder,
    /// Files that belong to the definition.
    #[error("the digests of {count} files are not part of the format")]
    Files {
        /// How many.
        count: usize,
    },
    /// The order in which a split names its districts.
    #[error("the order in which splits name their districts is not part of the format")]
    DistrictOrder,
    /// What answers to a question cannot have.
    #[error("`{member}` of the question {contest:?} is not part of the format")]
    Question {
        /// The contest.
        contest: String,
        /// The member.
        member: &'static str,
    },
}

/// One thing that was not taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// How often.
    pub count: u64,
    /// Where it came first.
    pub place: String,
    /// What it is.
    pub what: What,
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.what)?;
        if self.count > 1 { write!(out, " ({} times)", self.count) } else { Ok(()) }
    }
}

/// Notes in the order of their first places; equal ones are counted.
#[derive(Default)]
pub(super) struct Notes {
    list: Vec<Note>,
    at: HashMap<What, usize>,
}

impl Notes {
    pub(super) fn add(&mut self, place: &str, what: What) {
        if let Some(note) = self.at.get(&what).and_then(|at| self.list.get_mut(*at)) {
            note.count = note.count.saturating_add(1);
        } else {
            self.at.insert(what.clone(), self.list.len());
            self.list.push(Note { count: 1, place: place.to_owned(), what });
        }
    }

    pub(super) fn into_list(self) -> Vec<Note> {
        self.list
    }
}
