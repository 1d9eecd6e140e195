//! What a voter gets: an acceptance at once, a receipt when the batch is cut.
//!
//! ```text
//! 202  Accepted: <voter stamp>            no word about the option
//!      Accepted-Batch: <shard>/<batch>
//!      Accepted-Sig: <base64>
//!
//! 204  Receipt01: <stamp> <option>        one line for each option of the ballot
//!      Receipt02: <stamp> <option>        one of the stamps is the voter's
//!      Receipt-Batch: <shard>/<batch>
//!      Receipt-Sig: <base64>
//!
//! signed:  scrutineer/acceptance/v1 LF campaign LF shard/batch LF stamp LF
//!          scrutineer/receipt/v1 LF campaign LF shard/batch LF  then each line's value and LF
//! ```
//!
//! The others' stamps are drawn from the closed batch, so that a receipt says nothing of when
//! somebody voted. A stamp that stands on a receipt and not in the list is proof of misconduct
//! that anybody can check, and does not say which line was its holder's.

use canon::{PublicKey, SignError, Signer, base64};

use crate::answer::Answer;
use crate::batch::BatchNumber;
use crate::campaign::{Campaign, Shard, to_header};
use crate::stamp::VoterStamp;

mod reader;
mod shelf;

pub use reader::{AcceptanceFault, PlaceError, ReceiptFault, SignedAcceptance, SignedReceipt};
pub use shelf::Shelf;

/// Seconds after which a voter should ask again, when the batch is still open.
const RETRY_S: u32 = 60;

/// What stands in the place of a stamp that there is none of.
const NO_STAMP: &str = "-";

/// Where a record stands: the shard and the batch, `0/12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The shard.
    pub shard: Shard,
    /// The batch, or one that covers its number.
    pub batch: BatchNumber,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.shard, self.batch)
    }
}

/// The promise that a record is on disk and will be in its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The campaign.
    pub campaign: String,
    /// Where the record will stand.
    pub place: Place,
    /// The voter's stamp.
    pub stamp: VoterStamp,
}

impl Acceptance {
    /// The bytes that are signed.
    pub fn signed_text(&self) -> String {
        let Self { campaign, place, stamp } = self;
        format!("scrutineer/acceptance/v1\n{campaign}\n{place}\n{stamp}\n")
    }

    /// The answer 202.
    pub fn answer(&self, key: &dyn Signer) -> Result<Answer, SignError> {
        let signature = key.sign(self.signed_text().as_bytes())?;
        let headers = vec![
            ("Accepted".to_owned(), self.stamp.to_string()),
            ("Accepted-Batch".to_owned(), self.place.to_string()),
            ("Accepted-Sig".to_owned(), base64::encode(&signature)),
        ];
        Ok(Answer { status: 202, headers, max_age_s: None, retry_after_s: Some(RETRY_S) })
    }

    /// Whether a signature of the instance stands behind it.
    pub fn holds(&self, key: &PublicKey, signature: &[u8]) -> bool {
        key.verify(self.signed_text().as_bytes(), signature).is_ok()
    }
}

/// A stamp for every option of the ballot, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The campaign.
    pub campaign: String,
    /// The closed batch.
    pub place: Place,
    /// The value of each line: a stamp or `-`, a space, the option as a header carries it.
    pub lines: Vec<String>,
}

impl Receipt {
    fn new(campaign: &Campaign, place: Place, stamps: Vec<Option<VoterStamp>>) -> Self {
        let lines = stamps.into_iter().zip(campaign.options()).map(|(stamp, option)| {
            let stamp = stamp.map_or_else(|| NO_STAMP.to_owned(), |stamp| stamp.to_string());
            format!("{stamp} {}", to_header(option))
        });
        Self { campaign: campaign.name().to_owned(), place, lines: lines.collect() }
    }

    /// The bytes that are signed.
    pub fn signed_text(&self) -> String {
        let Self { campaign, place, lines } = self;
        let mut text = format!("scrutineer/receipt/v1\n{campaign}\n{place}\n");
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// The answer 204.
    pub fn answer(&self, key: &dyn Signer) -> Result<Answer, SignError> {
        let signature = key.sign(self.signed_text().as_bytes())?;
        let lines = (1..).zip(&self.lines);
        let mut headers: Vec<(String, String)> =
            lines.map(|(number, line)| (format!("Receipt{number:02}"), line.clone())).collect();
        headers.push(("Receipt-Batch".to_owned(), self.place.to_string()));
        headers.push(("Receipt-Sig".to_owned(), base64::encode(&signature)));
        Ok(Answer { status: 204, headers, max_age_s: Some(300), retry_after_s: None })
    }
}

#[cfg(test)]
mod tests;
