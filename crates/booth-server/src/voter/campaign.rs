//! Campaign files, as a record holds them.

use std::path::PathBuf;

use booth::campaign::{Campaign, CampaignFault, Draft};
use service::config::{self, ConfigError};

/// Why a text is no campaign file.
#[derive(Debug, thiserror::Error)]
pub enum CampaignTextError {
    /// It does not have the form of one.
    #[error(transparent)]
    Form(#[from] ConfigError),
    /// Its rules do not fit together.
    #[error("{}: {}", .name.display(), told(.faults))]
    Faults {
        /// What to call it.
        name: PathBuf,
        /// All that is wrong.
        faults: Vec<CampaignFault>,
    },
}

fn told(faults: &[CampaignFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The campaign of a file's text, whose name is for messages only.
pub fn campaign(name: PathBuf, text: &str) -> Result<Campaign, CampaignTextError> {
    let draft: Draft = config::decode(&name, text, &[])?;
    Campaign::check(draft).map_err(|faults| CampaignTextError::Faults { name, faults })
}
