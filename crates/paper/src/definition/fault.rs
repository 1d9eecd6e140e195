//! What can be wrong with a definition, each with a place and what to do about it.

use core::fmt;

use artifact::id::{Language, Name};
use serde::Serialize;
use serde::ser::SerializeStruct as _;

/// One fault of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, as `contests[3] "mayor" choices[1] "ada"`; counted from 0.
    pub place: String,
    /// What is wrong there.
    pub wrong: Wrong,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.wrong)
    }
}

/// `{"advice","code","message","place"}`.
impl Serialize for Fault {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fault = serializer.serialize_struct("Fault", 4)?;
        fault.serialize_field("advice", &self.wrong.advice())?;
        fault.serialize_field("code", self.wrong.code())?;
        fault.serialize_field("message", &self.wrong.to_string())?;
        fault.serialize_field("place", &self.place)?;
        fault.end()
    }
}

/// One row for each fault: its values, its code, what is wrong, what to do.
macro_rules! faults {
    ($(
        $(#[$doc:meta])*
        $variant:ident { $($field:ident: $type:ty),* } $code:literal $message:literal
        $advice:literal;
    )+) => {
        /// What is wrong.
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        pub enum Wrong {
            $(
                $(#[$doc])*
                #[error($message)]
                $variant { $( #[doc = concat!("The ", stringify!($field), ".")] $field: $type ),* },
            )+
        }

        impl Wrong {
            /// A name that stays the same when the words change.
            pub const fn code(&self) -> &'static str {
                match self { $( Self::$variant { .. } => $code, )+ }
            }

            /// What to do.
            pub fn advice(&self) -> String {
                match self { $(
                    Self::$variant { $($field),* } => {
                        let _ = ($($field,)*);
                        format!($advice)
                    }
                )+ }
            }
        }
    };
}

faults! {
    /// A rule of single lists, which the form of the artifact has too.
    Rule { rule: &'static str, found: String } "rule"
        "breaks the rule `{rule}`: found {found}"
        "change it until the rule holds; the artifact is refused as it is";
    /// More of something than this program takes.
    TooMany { what: &'static str, count: u64, most: u64 } "too_many"
        "{count} {what}, at most {most} are taken"
        "divide the election, or take out {what} that are not needed";
    /// A language of the definition has no text here.
    TextMissing { language: Language } "text_missing"
        "no text in {language}"
        "add the text in {language}, or take {language} out of `languages`";
    /// A text in a language that the ballots do not have.
    TextForeign { language: Language } "text_foreign"
        "a text in {language}, which is not among `languages`"
        "take the text out, or add {language} to `languages`";
    /// A text of which nothing is seen on paper.
    Invisible { language: Language } "invisible"
        "nothing of the text in {language} can be seen"
        "write the text anew in {language}";
    /// A district that is not in the list.
    UnknownDistrict { district: Name } "unknown_district"
        "names the district \"{district}\", which is not among `districts`"
        "add the district, or correct its id";
    /// A party that is not in the list.
    UnknownParty { party: Name } "unknown_party"
        "names the party \"{party}\", which is not among `parties`"
        "add the party, or correct its id";
    /// A split that no precinct has.
    UnknownSplit { split: Name } "unknown_split"
        "names the split \"{split}\", which no precinct has"
        "add the split to its precinct, or correct its id";
    /// A contest that is not in the list.
    UnknownContest { contest: Name } "unknown_contest"
        "names the contest \"{contest}\", which is not among `contests`"
        "add the contest, or correct its id";
    /// One id listed twice.
    Twice { id: Name } "twice"
        "names \"{id}\" twice"
        "name it once";
    /// Ids that people and files take for the same.
    CaseOnly { other: String } "case_only"
        "its id differs from that of {other} only in capital letters"
        "give one of the two another id";
    /// Choices that a voter cannot tell apart.
    SameName { other: String, language: Language } "same_name"
        "reads like {other} in {language}"
        "give each of the two a `detail` that tells them apart, in {language} too";
    /// Approval: every option may be marked.
    ApprovalVotes { found: u64, expected: u64 } "approval_votes"
        "`vote_for` is {found} in an approval contest of {expected} options"
        "set `vote_for` to {expected}: the choices and the write-in lines together";
    /// A question with one answer.
    OneAnswer {} "one_answer"
        "a question with fewer than two answers"
        "list at least two choices, as yes and no";
    /// A question to which people may write answers.
    AnswerWriteIns { found: u64 } "answer_write_ins"
        "{found} write-in lines under a question"
        "set `write_ins` to 0, or `subject` to `office`";
    /// Answers that change places.
    AnswersRotate {} "answers_rotate"
        "the answers to a question change places"
        "take `rotation` out: only the candidates for an office rotate";
    /// A party's contest on the ballot of all.
    PartyContest { party: Name } "party_contest"
        "a contest of the party \"{party}\" in a general election"
        "take `party` out, or set `type` to `primary`";
    /// A contest on which nobody votes.
    NoVoters {} "no_voters"
        "no split has its district, so nobody votes on it"
        "add the district to the splits whose voters vote on it";
    /// Voters without a contest.
    NoContests {} "no_contests"
        "no contest is put to its voters"
        "take the split out, or add the districts that it lies in";
    /// Voters without a ballot.
    NoStyle { party: String } "no_style"
        "no style for its voters{party}"
        "add the split to a style, or let `derive` make the styles";
    /// Voters with two ballots.
    TwoStyles { other: Name } "two_styles"
        "its voters have the style \"{other}\" too"
        "take the split out of one of the two";
    /// A style for the voters of a party that votes on nothing there.
    StyleUnneeded { split: Name } "style_unneeded"
        "no contest is put to these voters of split \"{split}\""
        "take the split out of this style";
    /// The ballot of a primary says whose it is.
    PartyMissing {} "party_missing"
        "a style without a party, where each voter takes the ballot of one"
        "say whose ballot it is in `party`";
    /// A ballot for all names a party.
    PartyNeedless { party: Name } "party_needless"
        "a style of the party \"{party}\", where no contest is a party's"
        "take `party` out of the style";
    /// A contest that these voters vote on is not on their ballot.
    ContestMissing { contest: Name, split: Name } "contest_missing"
        "lacks the contest \"{contest}\", on which split \"{split}\" votes"
        "add the contest, or give the split a style of its own";
    /// A contest on which these voters do not vote is on their ballot.
    ContestExtra { contest: Name, split: Name } "contest_extra"
        "has the contest \"{contest}\", on which split \"{split}\" does not vote"
        "take the contest out, or give the split a style of its own";
    /// Contests in another order than the definition's.
    ContestOrder { contest: Name } "contest_order"
        "the contest \"{contest}\" stands behind one that follows it in `contests`"
        "put the contests in the order of `contests`";
    /// An order of choices that leaves one out, adds one, or has one twice.
    NotAnOrder {} "not_an_order"
        "the choices are not those of the contest, each once"
        "list every choice of the contest once";
    /// An order of choices that is the definition's.
    OrderNeedless {} "order_needless"
        "the order of the choices is that of the contest"
        "take `choices` out: it stands only where the order is another";
    /// An order of choices that the rule of rotation does not give.
    OrderWrong { expected: String } "order_wrong"
        "the order of the choices is not what the rotation gives"
        "begin with {expected}, as the rule of the contest says";
    /// Splits in one style whose precincts have different orders.
    OrdersDiffer { split: Name, other: Name } "orders_differ"
        "splits \"{split}\" and \"{other}\" lie in precincts with different orders of choices"
        "give each order a style of its own";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_where_what_and_what_to_do() {
        let wrong = Wrong::TextMissing { language: "es".parse().unwrap() };
        let fault = Fault { place: "contests[3] \"mayor\" title".into(), wrong };
        assert_eq!(fault.to_string(), "contests[3] \"mayor\" title: no text in es");
        let json = serde_json::to_string(&fault).unwrap();
        assert_eq!(
            json,
            "{\"advice\":\"add the text in es, or take es out of `languages`\",\
             \"code\":\"text_missing\",\"message\":\"no text in es\",\
             \"place\":\"contests[3] \\\"mayor\\\" title\"}"
        );
    }
}
