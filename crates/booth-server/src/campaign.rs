//! Campaign files and the secrets beside them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use artifact::charter::Purpose;
use booth::campaign::{Campaign, CampaignFault, Draft};
use icu_normalizer::ComposingNormalizerBorrowed;
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
    /// Two options that nobody can tell from each other.
    #[error(
        "{}: option {number} looks like option {of}: they differ only in how Unicode writes them",
        .path.display()
    )]
    Alike {
        /// The file.
        path: PathBuf,
        /// The later one, from 1.
        number: usize,
        /// The earlier one.
        of: usize,
    },
}

/// Fewer votes together than this are warned of in an official campaign.
const FEW: u32 = 10;

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
    let file = path.to_path_buf();
    let campaign = Campaign::check(draft)
        .map_err(|faults| CampaignError::Faults { path: file.clone(), faults })?;
    if let Some((number, of)) = alike(campaign.options()) {
        return Err(CampaignError::Alike { path: file, number, of });
    }
    if let Some(warning) = warning(&campaign) {
        tracing::warn!(campaign = campaign.name(), "{warning}");
    }
    Ok(campaign)
}

/// The first option, from 1, that is an earlier one in other characters: `é` is one, or two that
/// are drawn as one. They are the same in normal form C (UAX 15).
fn alike(options: &[String]) -> Option<(usize, usize)> {
    let normal = ComposingNormalizerBorrowed::new_nfc();
    let mut seen = BTreeMap::new();
    (1..).zip(options).find_map(|(number, option)| {
        seen.insert(normal.normalize(option), number).map(|of| (number, of))
    })
}

/// What is taken, and has to be thought of.
pub fn warning(campaign: &Campaign) -> Option<String> {
    let k = campaign.k();
    let is_told = campaign.purpose() == Purpose::Official && k < FEW;
    is_told.then(|| {
        format!(
            "with k = {k} the votes of few people are published together, and where those agree, \
             everybody knows how each of them voted"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../../vectors/booth/campaign.toml");
    const OPTIONS: &str = r#"options = ["Bold Jupiter", "Shiny Saturn", "Humble Pluto"]"#;

    /// The campaign of the vector after some changes.
    fn read(changes: &[[&str; 2]]) -> Result<Campaign, CampaignError> {
        let mut text = FILE.to_owned();
        for [from, to] in changes {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        campaign_of_text(Path::new("campaign.toml"), &text)
    }

    /// The attack: two options that look the same, so that votes for one are counted for the other.
    #[test]
    fn options_that_differ_in_unicode_alone_are_refused() {
        // The pairs of figure 3 and 5 of UAX 15, and Hangul.
        for [one, other] in [
            ["Caf\u{e9}", "Cafe\u{301}"],
            ["\u{c5}land", "\u{212b}land"],
            ["\u{1e69}ea", "s\u{307}\u{323}ea"],
            ["\u{ac00}", "\u{1100}\u{1161}"],
        ] {
            let options = format!("options = [\"Earth\", \"{one}\", \"{other}\"]");
            let refused = read(&[[OPTIONS, &options]]).unwrap_err();
            let is_told = matches!(refused, CampaignError::Alike { number: 3, of: 2, .. });
            assert!(is_told, "{refused}");
            let alone = format!("options = [\"Earth\", \"{other}\"]");
            assert_eq!(read(&[[OPTIONS, &alone]]).unwrap().options()[1], other);
        }
        read(&[[OPTIONS, "options = [\"Caf\u{e9}\", \"Cafe au lait\"]"]]).unwrap();
    }

    #[test]
    fn an_official_campaign_of_small_batches_is_warned_of() {
        let told = |k: &str, purpose: &str| {
            let (k, purpose) = (format!("k = {k}"), format!("purpose = \"{purpose}\""));
            let changes = [["k = 50", &*k], ["purpose = \"demonstration\"", &*purpose]];
            warning(&read(&changes).unwrap()).is_some()
        };
        assert!(told("9", "official"));
        assert!(!told("10", "official") && !told("9", "test"));
    }
}
