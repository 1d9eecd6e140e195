//! What edges say that they have given, and what is told of it.
//!
//! An edge counts from its start on, and forgets when it ends. So what each start has given is kept
//! under the number that the edge drew for it, and all of them are added up.

use booth::campaign::Campaign;

use super::record::{Boots, ByStation, Record};
use crate::wire::StampsSaid;

/// More than all stations of the world give: what is above is no count.
const MOST: u64 = 1 << 40;

/// Why what an edge says is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Odd {
    #[error("it speaks of another campaign")]
    Campaign,
    #[error("the number of its start is none")]
    Boot,
    #[error("it names a station that the campaign has not, or one twice")]
    Station,
    #[error("it says that it has given fewer stamps than it said before")]
    Fewer,
    #[error("it says that it has given more stamps than there can be")]
    TooMany,
}

/// What all starts of all edges have given.
#[derive(Debug, Clone, Default)]
pub(super) struct Stamps(Boots);

impl Stamps {
    /// What the records say: the last one that tells of stamps.
    pub(super) fn of(records: &[Record]) -> Self {
        let told = records.iter().rev().find(|record| !record.stamps.is_empty());
        Self(told.map(|record| record.stamps.clone()).unwrap_or_default())
    }

    /// Takes what an edge says; whether it is a start that was not heard of.
    pub(super) fn hear(&mut self, said: &StampsSaid, campaign: &Campaign) -> Result<bool, Odd> {
        if said.campaign != campaign.name() {
            return Err(Odd::Campaign);
        }
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if said.boot.len() != 32 || !said.boot.bytes().all(is_digit) {
            return Err(Odd::Boot);
        }
        let mut counts = none(campaign);
        for one in &said.stamps {
            let name = one.station.as_deref().unwrap_or_default();
            let count = counts.get_mut(name).filter(|count| **count == 0).ok_or(Odd::Station)?;
            if one.stamps > MOST {
                return Err(Odd::TooMany);
            }
            *count = one.stamps;
        }
        let before = self.0.get(&said.boot);
        let fell = |before: &ByStation| {
            let mut each = before.iter();
            each.any(|(name, stamps)| counts.get(name).is_none_or(|now| now < stamps))
        };
        if before.is_some_and(fell) {
            return Err(Odd::Fewer);
        }
        Ok(self.0.insert(said.boot.clone(), counts).is_none())
    }

    /// What each start has given.
    pub(super) const fn boots(&self) -> &Boots {
        &self.0
    }
}

/// No stamp at any station.
fn none(campaign: &Campaign) -> ByStation {
    let stations = campaign.stations().iter().map(booth::totp::Station::as_str);
    let alone = campaign.stations().is_empty().then_some("");
    stations.chain(alone).map(|name| (name.to_owned(), 0)).collect()
}
