//! Whether two campaigns of an edge have one seed for the codes of their booths.
//!
//! An edge knows no seed, but the codes that instances tell. That those of three steps agree by
//! chance has odds of one to 10^18.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use booth::totp::Codes;

/// Steps for which codes are remembered.
const STEPS: u64 = 4;

/// The codes of the last steps, and whose they are.
#[derive(Default)]
pub(super) struct Seeds(Mutex<BTreeMap<(u64, String), String>>);

impl Seeds {
    /// Whether no other campaign has these codes.
    pub(super) fn are_own(&self, codes: &Codes, campaign: &str) -> bool {
        let Codes { step, last, current, next } = codes;
        let key = (*step, format!("{last} {current} {next}"));
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|(at, _), _| at.abs_diff(*step) <= STEPS);
        let owner = seen.entry(key).or_insert_with(|| campaign.to_owned());
        if owner != campaign {
            tracing::error!(
                one = owner,
                other = campaign,
                "two campaigns have one seed for the codes of their booths: a code of one gets \
                 stamps in the other; none are given to the second"
            );
        }
        owner == campaign
    }
}
