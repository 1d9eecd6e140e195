//! NIST SP 1500-20, the Ballot Definition Common Data Format, version 1.0.0, as JSON.
//!
//! [`import`] makes a ballot definition of such a file, [`export`] such a file of a definition.
//! Each comes with notes of what it could not take over. An export that is imported again gives the
//! same definition, but for what its notes name. Whether the result holds together is for
//! `paper::definition::check` to say.
//!
//! ```text
//! SP 1500-20                                        ballot_definition/v1
//! Election Name, EndDate, Type                      title, date, type
//! ReportingUnit of ElectionScopeId                  jurisdiction
//! ReportingUnit of a contest's ElectionDistrictId   district; its parts are its splits
//! ReportingUnit precinct, split-precinct            precinct, split
//! Party, Coalition                                  party
//! CandidateContest, VoteVariation                   contest of an office, method
//! RetentionContest, BallotMeasureContest            retention, measure
//! PartyContest                                      contest whose choices are parties
//! CandidateOption, IsWriteIn                        choice, write-in line
//! Candidate BallotName, Person Profession           name, detail of a choice
//! BallotStyle OrderedContest                        style, order of choices
//! BallotFormat LongEdge, ShortEdge                  paper
//! ```
//!
//! Our own ids, the election's and the rule of rotation travel as `ExternalIdentifier` of type
//! `other`, with `OtherType` `scrutineer-id` or `scrutineer-rotation`.

mod contests;
mod counting;
mod error;
mod export;
mod import;
mod object;
mod parts;
mod places;
mod styles;

pub use error::{ImportError, Note, What};
pub use export::export;
pub use import::{Imported, import};

/// `OtherType` of an identifier that is an id of ours.
const OUR_ID: &str = "scrutineer-id";
/// `OtherType` of an identifier that is a rule of rotation.
const OUR_ROTATION: &str = "scrutineer-rotation";
/// `OtherType` of a unit that is a district and nothing else we know of.
const OUR_DISTRICT: &str = "district";

#[cfg(test)]
mod tests;
