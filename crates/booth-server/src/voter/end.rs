//! How a vote can end, in words and with the evidence.

use booth::answer::Refusal;
use booth::campaign::{Campaign, Period};
use booth::receipt::{AcceptanceFault, ReceiptFault, SignedAcceptance, SignedReceipt};
use canon::base64;
use serde_json::{Value, json};

use super::client::ClientError;
use super::record::Record;
use super::refused::Refused;
use super::words::Advice;

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The vote is published, and its receipt holds.
    Received,
    /// The vote is accepted; its batch is still open.
    Waiting,
    /// The vote left the device, and nobody said what became of it.
    Unknown,
    /// It was not cast in the time that the voter had.
    TimeUp,
    /// The edge could not be used.
    NotReached(ClientError),
    /// The edge refused it, or would have: then nothing was sent.
    Refused(Refused),
    /// The stamps of half an hour ago are not taken any more.
    TooLate,
    /// The code was not asked with in time.
    CodeOld,
    /// No mandate was typed.
    NoMandate,
    /// The platform contradicts itself or the campaign.
    Lied(Lie),
}

/// What a platform must not do, and what shows that it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lie {
    /// Another ballot than the campaign's.
    Ballot {
        /// Its options.
        found: Vec<String>,
    },
    /// A stamp of another period than the present one.
    Period {
        /// Which.
        found: Period,
    },
    /// An acceptance that does not hold.
    Acceptance {
        /// Why.
        fault: AcceptanceFault,
        /// What was signed, if it has the form.
        signed: Option<SignedAcceptance>,
    },
    /// Two acceptances of one vote name two batches.
    TwoPlaces {
        /// The first.
        first: SignedAcceptance,
        /// The second.
        second: SignedAcceptance,
    },
    /// A receipt that does not hold.
    Receipt {
        /// Why.
        fault: ReceiptFault,
        /// What was signed, if it has the form.
        signed: Option<SignedReceipt>,
    },
    /// A receipt of another batch than the one that was promised.
    Moved {
        /// The promise.
        accepted: SignedAcceptance,
        /// The receipt.
        receipt: SignedReceipt,
    },
    /// A vote that was accepted is refused.
    Broken {
        /// The promise.
        accepted: SignedAcceptance,
        /// The refusal, which is not signed.
        refused: Refused,
    },
    /// A vote that was promised, or receipted, is not in a list that should hold it.
    NotListed {
        /// The promise.
        accepted: Option<SignedAcceptance>,
        /// The receipt.
        receipt: Option<SignedReceipt>,
        /// The lines of the receipt that are not listed; others' may be among them.
        missing: Vec<String>,
    },
}

impl End {
    /// The end when this device itself finds what an edge would refuse.
    pub const fn refused_here(refusal: Refusal) -> Self {
        Self::Refused(Refused { refusal, retry_after_s: None })
    }

    /// A name for programs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Waiting => "waiting",
            Self::Unknown => "unknown",
            Self::TimeUp => "time-up",
            Self::NotReached(_) => "not-reached",
            Self::Refused(_) => "refused",
            Self::TooLate => "too-late",
            Self::CodeOld => "code-old",
            Self::NoMandate => "no-mandate",
            Self::Lied(_) => "contradiction",
        }
    }

    /// What happened, and what to do.
    pub fn advice(&self) -> Advice {
        match self {
            Self::Received => Advice::new(
                "Your vote is published, and the receipt holds.",
                "Look for it in the list of votes with `scrutineer vote find`.",
            ),
            Self::Waiting => Advice::new(
                "Your vote is accepted. Its receipt comes when it is published with others; in an \
                 official campaign, when voting is over.",
                "Ask for it then with `scrutineer vote resume`, or look in the list at the end.",
            ),
            Self::Unknown => Advice::new(
                "Your vote was sent, and nobody said whether it was counted.",
                "Send the same vote again with `scrutineer vote resume`: it is not counted twice. \
                 Or look for it in the list when the campaign is over.",
            ),
            Self::TimeUp => Advice::new(
                "The time was over before your vote was cast.",
                "Your mandate is still good. Go on with `scrutineer vote resume`, or begin again \
                 with a new code.",
            ),
            Self::NotReached(error) => Advice::new(
                format!("{}.", sentence(&error.to_string())),
                "Check the address and the connection, then begin again.",
            ),
            Self::Refused(refused) => refused.advice(),
            Self::TooLate => Advice::new(
                "The stamp of this vote is older than half an hour.",
                "Your mandate is still good. Begin again with a new code from the booth.",
            ),
            Self::CodeOld => Advice::new(
                "The edge did not answer while the code was good.",
                "Begin again with the code that the booth shows now.",
            ),
            Self::NoMandate => Advice::new(
                "No mandate was given, so nothing was sent.",
                "Go on with `scrutineer vote resume` and the card, or begin again.",
            ),
            Self::Lied(lie) => lie.advice(),
        }
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Lie {
    /// What happened, and what to do.
    pub fn advice(&self) -> Advice {
        const SHOW: &str = "Keep the file with the evidence, and show it to the observers of the \
                            election.";
        let (what, todo) = match self {
            Self::Ballot { .. } => (
                "The edge shows another ballot than the campaign file.".to_owned(),
                "Nothing was sent. Check the address and the campaign file; if both are right, \
                 tell the observers.",
            ),
            Self::Period { found } => (
                format!(
                    "The edge gave a stamp of another time, {found}, which could mark your vote."
                ),
                "Nothing was sent. Check the clock of this device; if it is right, tell the \
                 observers.",
            ),
            Self::Acceptance { fault, .. } => {
                (format!("The platform's acceptance is wrong: {fault}."), SHOW)
            }
            Self::TwoPlaces { .. } => {
                ("The platform promised one vote for two batches.".to_owned(), SHOW)
            }
            Self::Receipt { fault, .. } => {
                (format!("The platform's receipt is wrong: {fault}."), SHOW)
            }
            Self::Moved { .. } => {
                ("The receipt is of another batch than the one that was promised.".to_owned(), SHOW)
            }
            Self::Broken { .. } => {
                ("The platform accepted this vote, and refuses it now.".to_owned(), SHOW)
            }
            Self::NotListed { .. } => (
                "The lists do not have this vote and its mandate as they were cast.".to_owned(),
                SHOW,
            ),
        };
        Advice::new(what, todo)
    }

    /// Whether a signature of the platform proves it to others; else it is this device's word.
    pub const fn is_proof(&self) -> bool {
        match self {
            Self::TwoPlaces { .. } | Self::Moved { .. } => true,
            Self::NotListed { accepted, receipt, .. } => accepted.is_some() || receipt.is_some(),
            Self::Receipt { fault, signed } => {
                signed.is_some() && !matches!(fault, ReceiptFault::Signature)
            }
            _ => false,
        }
    }

    /// What others can check, without the mandate: who has this learns no more of the voter than
    /// what is said here. A receipt is kept whole; which line is the holder's it does not say.
    pub fn evidence(&self, campaign: &Campaign, record: Option<&Record>) -> Value {
        let (acceptances, receipts) = self.signed();
        let found = match self {
            Self::Ballot { found } => json!({ "ballot": found }),
            Self::Period { found } => json!({ "p_utc": found.to_string() }),
            Self::Broken { refused, .. } => json!({ "status": refused.refusal.status() }),
            Self::NotListed { missing, .. } => json!({ "missing": missing }),
            _ => Value::Null,
        };
        let key = record.and_then(|record| campaign.receipt_key(record.shard(campaign)?));
        json!({
            "form": "scrutineer/vote-evidence/v1",
            "campaign": campaign.name(),
            "what": self.advice().what,
            "proof": self.is_proof(),
            "receipt_key": key.map(canon::PublicKey::to_base64),
            "acceptances": acceptances.iter().map(|one| json!({
                "signed": one.acceptance.signed_text(),
                "signature": base64::encode(&one.signature),
            })).collect::<Vec<_>>(),
            "receipts": receipts.iter().map(|one| json!({
                "signed": one.receipt.signed_text(),
                "signature": base64::encode(&one.signature),
            })).collect::<Vec<_>>(),
            "found": found,
        })
    }

    fn signed(&self) -> (Vec<&SignedAcceptance>, Vec<&SignedReceipt>) {
        match self {
            Self::Ballot { .. } | Self::Period { .. } => (Vec::new(), Vec::new()),
            Self::Acceptance { signed, .. } => (signed.iter().collect(), Vec::new()),
            Self::TwoPlaces { first, second } => (vec![first, second], Vec::new()),
            Self::Receipt { signed, .. } => (Vec::new(), signed.iter().collect()),
            Self::Moved { accepted, receipt } => (vec![accepted], vec![receipt]),
            Self::Broken { accepted, .. } => (vec![accepted], Vec::new()),
            Self::NotListed { accepted, receipt, .. } => {
                (accepted.iter().collect(), receipt.iter().collect())
            }
        }
    }
}
