//! Campaign files and the secrets beside them.

use std::path::{Path, PathBuf};

use booth::campaign::{Campaign, CampaignFault, Draft};
use service::config::{self, ConfigError};

/// Why a campaign file is refused.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    /// The file cannot be read, or does not have the form of one.
    #[error(transparent)]
    File(#[from] ConfigError),
    /// Its rules do not fit together.
    #[error("{}: {}", .path.display(), told(.faults))]
    Faults {
        /// The file.
        path: PathBuf,
        /// All that is wrong.
        faults: Vec<CampaignFault>,
    },
}

fn told(faults: &[CampaignFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Reads a campaign file and checks it as a whole.
pub fn read_campaign(path: &Path) -> Result<Campaign, CampaignError> {
    checked(path, config::load(path, &[])?)
}

/// The campaign of a file's text, checked as a whole; `path` is for messages only.
pub fn campaign_of_text(path: &Path, text: &str) -> Result<Campaign, CampaignError> {
    checked(path, config::decode(path, text, &[])?)
}

fn checked(path: &Path, draft: Draft) -> Result<Campaign, CampaignError> {
    let path = path.to_path_buf();
    Campaign::check(draft).map_err(|faults| CampaignError::Faults { path, faults })
}
