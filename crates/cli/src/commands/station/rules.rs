//! The campaign that a map is held against.

use std::path::Path;

use artifact::admit::Founded;
use artifact::payload::Payload;
use booth::campaign::Campaign;
use booth_server::campaign::campaign_of_text;
use canon::Digest;

use super::signers;
use crate::file;
use crate::message::Failure;

/// A campaign's rules, and what its platform committed to.
pub(super) struct Rules {
    pub(super) campaign: Campaign,
    /// None where a file was read that its platform keeps, which commits to no map.
    pub(super) logged: Option<Logged>,
}

/// What stands on the log beside the rules.
pub(super) struct Logged {
    /// The digest of the deployment map.
    pub(super) deployment_map: Option<Digest>,
    /// Who has signed; none where nobody was asked for a charter.
    pub(super) signer: Option<String>,
}

impl Rules {
    /// Of a campaign file, or of the artifact by which it was logged.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        Self::signed(path, None)
    }

    /// The same, and an artifact's signatures are checked by a charter.
    pub(super) fn signed(path: &Path, founded: Option<&Founded>) -> Result<Self, Failure> {
        let bytes = file::read(path)?;
        if bytes.trim_ascii_start().first() == Some(&b'{') {
            return Self::logged(path, &bytes, founded);
        }
        let text = std::str::from_utf8(&bytes).unwrap_or("\u{fffd}");
        let campaign = campaign_of_text(path, text).map_err(|error| {
            Failure::new(error).hint("take the campaign file, or the artifact campaign/v1")
        })?;
        Ok(Self { campaign, logged: None })
    }

    fn logged(path: &Path, bytes: &[u8], founded: Option<&Founded>) -> Result<Self, Failure> {
        let (payload, signer) = signers::artifact(path, bytes, founded)?;
        let Payload::Campaign(published) = &payload else {
            return Err(Failure::new(format_args!("{}: not a campaign/v1", file::name(path)))
                .hint("take the campaign's artifact from the bundle"));
        };
        let campaign = Campaign::from_published(published).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Failure::new(format_args!("{}: {}", file::name(path), faults.join("; ")))
                .hint("the platform's rules do not fit together: `scrutineer verify` says more")
                .failing()
        })?;
        let logged = Logged { deployment_map: published.deployment_map, signer };
        Ok(Self { campaign, logged: Some(logged) })
    }
}
