//! Acceptances and receipts as the voter's device and everybody else reads them.

use std::str::FromStr;

use canon::PublicKey;

use super::{Acceptance, NO_STAMP, Place, Receipt};
use crate::campaign::{Campaign, Shard, from_header};
use crate::stamp::VoterStamp;
use crate::text;
use crate::vote::Vote;

/// A receipt with its signature, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedReceipt {
    /// What is signed.
    pub receipt: Receipt,
    /// The signature of the instance.
    pub signature: Vec<u8>,
}

/// An acceptance with its signature, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAcceptance {
    /// What is signed.
    pub acceptance: Acceptance,
    /// The signature of the instance.
    pub signature: Vec<u8>,
}

/// What is wrong with an acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcceptanceFault {
    /// A header is missing, or not of its form.
    #[error("the acceptance does not have the form of one")]
    Form,
    /// It is about another vote.
    #[error("the acceptance names another stamp than the voter's own")]
    NotOwn,
    /// The signature is not the instance's.
    #[error("the acceptance's signature does not hold")]
    Signature,
}

impl SignedAcceptance {
    /// The acceptance that some headers hold.
    pub fn from_headers<'a>(
        campaign: &Campaign,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, AcceptanceFault> {
        let (mut stamp, mut place, mut signature) = (None, None, None);
        for (name, value) in headers {
            match name.to_ascii_lowercase().as_str() {
                "accepted" => stamp = value.parse().ok(),
                "accepted-batch" => place = value.parse().ok(),
                "accepted-sig" => signature = text::from_base64::<64>(value),
                _ => {}
            }
        }
        let (Some(stamp), Some(place), Some(signature)) = (stamp, place, signature) else {
            return Err(AcceptanceFault::Form);
        };
        let campaign = campaign.name().to_owned();
        Ok(Self {
            acceptance: Acceptance { campaign, place, stamp },
            signature: signature.to_vec(),
        })
    }

    /// Whether the acceptance is the instance's, and about this stamp.
    pub fn check(&self, key: &PublicKey, own: &VoterStamp) -> Result<(), AcceptanceFault> {
        if !self.acceptance.holds(key, &self.signature) {
            return Err(AcceptanceFault::Signature);
        }
        if self.acceptance.stamp == *own { Ok(()) } else { Err(AcceptanceFault::NotOwn) }
    }
}

/// What is wrong with a receipt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    /// Lines are missing, or not of the form.
    #[error("the receipt does not have the form of one")]
    Form,
    /// The options are not those of the ballot, in its order.
    #[error("the receipt does not have a line for each option of the ballot")]
    Options,
    /// The option voted for does not show the voter's stamp.
    #[error("the option that was voted for does not show the voter's own stamp")]
    NotOwn,
    /// The voter's stamp stands at another option too.
    #[error("the voter's own stamp stands at an option that was not voted for")]
    OwnElsewhere,
    /// The signature is not the instance's.
    #[error("the receipt's signature does not hold")]
    Signature,
}

impl SignedReceipt {
    /// The receipt that some headers hold.
    pub fn from_headers<'a>(
        campaign: &Campaign,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ReceiptFault> {
        let mut lines: Vec<Option<String>> = vec![None; campaign.options().len()];
        let (mut place, mut signature) = (None, None);
        for (name, value) in headers {
            let name = name.to_ascii_lowercase();
            match name.strip_prefix("receipt") {
                Some("-batch") => place = value.parse().ok(),
                Some("-sig") => signature = text::from_base64::<64>(value),
                Some(number) => {
                    let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                    let line = at.and_then(|at| lines.get_mut(at)).ok_or(ReceiptFault::Options)?;
                    if line.replace(value.to_owned()).is_some() {
                        return Err(ReceiptFault::Form);
                    }
                }
                None => {}
            }
        }
        let lines: Option<Vec<String>> = lines.into_iter().collect();
        let lines = lines.ok_or(ReceiptFault::Options)?;
        let place = place.ok_or(ReceiptFault::Form)?;
        let signature = signature.ok_or(ReceiptFault::Form)?.to_vec();
        let receipt = Receipt { campaign: campaign.name().to_owned(), place, lines };
        Ok(Self { receipt, signature })
    }

    /// Whether the receipt is the instance's, has the whole ballot, and shows the voter's stamp
    /// at the voter's choice and nowhere else.
    pub fn check(
        &self,
        campaign: &Campaign,
        key: &PublicKey,
        own: &Vote,
    ) -> Result<(), ReceiptFault> {
        key.verify(self.receipt.signed_text().as_bytes(), &self.signature)
            .map_err(|_| ReceiptFault::Signature)?;
        let stamps = self.stamps(campaign)?;
        for (option, stamp) in campaign.options().iter().zip(stamps) {
            match (*option == own.say, stamp == Some(own.stamp)) {
                (true, false) => return Err(ReceiptFault::NotOwn),
                (false, true) => return Err(ReceiptFault::OwnElsewhere),
                _ => {}
            }
        }
        Ok(())
    }

    /// The stamps of the receipt, in the order of the ballot.
    pub fn stamps(&self, campaign: &Campaign) -> Result<Vec<Option<VoterStamp>>, ReceiptFault> {
        if self.receipt.lines.len() != campaign.options().len() {
            return Err(ReceiptFault::Options);
        }
        let mut stamps = Vec::new();
        for (line, expected) in self.receipt.lines.iter().zip(campaign.options()) {
            let (stamp, option) = line.split_once(' ').ok_or(ReceiptFault::Form)?;
            if from_header(option).as_ref() != Some(expected) {
                return Err(ReceiptFault::Options);
            }
            stamps.push(match stamp {
                NO_STAMP => None,
                stamp => Some(stamp.parse().map_err(|_| ReceiptFault::Form)?),
            });
        }
        Ok(stamps)
    }

    /// The lines whose record is not in the list of votes: proof of misconduct, if the signature
    /// holds. Which line was the holder's it does not say.
    pub fn missing(
        &self,
        campaign: &Campaign,
        is_listed: impl Fn(&VoterStamp, &str) -> bool,
    ) -> Result<Vec<&str>, ReceiptFault> {
        let stamps = self.stamps(campaign)?;
        let lines = self.receipt.lines.iter().zip(campaign.options()).zip(stamps);
        let unlisted = lines.filter(|((_, option), stamp)| {
            stamp.as_ref().is_some_and(|stamp| !is_listed(stamp, option))
        });
        Ok(unlisted.map(|((line, _), _)| line.as_str()).collect())
    }
}

/// A text that is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a place is the number of a shard, a stroke and the number of a batch, such as 0/12")]
pub struct PlaceError;

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let (shard, batch) = text.split_once('/').ok_or(PlaceError)?;
        let shard = text::from_decimal(shard).and_then(|shard| u16::try_from(shard).ok());
        let batch = text::from_decimal(batch);
        let (Some(shard), Some(batch)) = (shard, batch) else { return Err(PlaceError) };
        Ok(Self { shard: Shard(shard), batch })
    }
}
