//! What a campaign has committed to, told after its close.
//!
//! The publisher knows the digests only, until somebody who has the secrets puts the file of
//! [`gather`] where it looks: `reveal.json`, the payload of `reveal/v1`.

use std::io;
use std::path::{Path, PathBuf};

use artifact::id::{KeyText, Salt};
use artifact::kind::ArtifactKind;
use artifact::payload::{Payload, PayloadError, Reveal};
use booth::stamp::StampKeys;
use canon::{Digest, Timestamp, base64};
use service::config::{Secret, SecretError};
use zeroize::Zeroizing;

use super::config::{PublishConfig, Rules};
use super::error::PublishError;
use super::log::{self, LogFault};

/// Why nothing is revealed.
#[derive(Debug, thiserror::Error)]
pub enum RevealError {
    /// Voting goes on.
    #[error("the campaign ends at {end}, and these keys tell stamps from decoys until then")]
    TooEarly {
        /// Its end.
        end: Timestamp,
    },
    /// A file that cannot be read.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A secret that cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A secret that is none.
    #[error("{} does not hold the base64 of 32 bytes", .path.display())]
    Form {
        /// The file.
        path: PathBuf,
    },
    /// No payload of `reveal/v1`.
    #[error("{}: {why}", .path.display())]
    Payload {
        /// The file.
        path: PathBuf,
        /// Why.
        why: PayloadError,
    },
    /// The campaign's file or the publisher's.
    #[error(transparent)]
    Publish(#[from] Box<PublishError>),
    /// The campaign file commits to nothing.
    #[error(transparent)]
    Log(#[from] LogFault),
    /// Another value than was committed to.
    #[error("{what} is not what the campaign has committed to")]
    Other {
        /// Which.
        what: &'static str,
    },
}

/// Gathers what is revealed from the folder of a platform, where the folders of its roles stand
/// together again: `edge`, `booth` and `publish`. Refused before the campaign's end.
pub fn gather(folder: &Path, now: Timestamp) -> Result<Reveal, RevealError> {
    let config = PublishConfig::load(&folder.join("publish/publish.toml"), &[]);
    let rules = config.and_then(|config| config.rules_alone()).map_err(Box::new)?;
    check_over(&rules, now)?;
    let secret = |name: &str| {
        let path = folder.join(name);
        let text = Secret::File(path.clone()).read(Path::new(""))?;
        let bytes = base64::decode(&text).map(Zeroizing::new);
        let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        bytes.map(Zeroizing::new).ok_or(RevealError::Form { path })
    };
    let (stamp, decoy) = (secret("edge/stamp-seed")?, secret("edge/decoy-seed")?);
    let keys = StampKeys::new(&stamp, &decoy);
    let keys = keys.map_err(|_| RevealError::Other { what: "edge/stamp-seed" })?;
    let text = |key: &canon::PublicKey| {
        let text = key.to_base64().parse::<KeyText>();
        text.map_err(|_| RevealError::Other { what: "edge/stamp-seed" })
    };
    let reveal = Reveal {
        campaign: rules.name.clone(),
        decoy_key: text(keys.decoy_key())?,
        election_id: rules.election_id.clone(),
        snapshot_salt: Salt::new(*secret("publish/snapshot-salt")?),
        stamp_key: text(keys.stamp_key())?,
        totp_seed: Salt::new(*secret("booth/totp-seed")?),
    };
    check(&reveal, &rules)?;
    Ok(reveal)
}

/// What lies in a file, if there is one. Before the campaign's end nobody looks.
pub(super) fn read(
    path: &Path,
    rules: &Rules,
    now: Timestamp,
) -> Result<Option<Reveal>, RevealError> {
    check_over(rules, now)?;
    let bytes = match std::fs::read(path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(RevealError::File { path: path.to_path_buf(), source }),
    };
    match Payload::decode_strict(ArtifactKind::Reveal, &bytes) {
        Ok(Payload::Reveal(reveal)) => {
            check(&reveal, rules)?;
            Ok(Some(*reveal))
        }
        Ok(_) => Ok(None),
        Err(why) => Err(RevealError::Payload { path: path.to_path_buf(), why }),
    }
}

fn check_over(rules: &Rules, now: Timestamp) -> Result<(), RevealError> {
    let end = rules.campaign.end();
    if now < end { Err(RevealError::TooEarly { end }) } else { Ok(()) }
}

/// Whether it is what was committed to.
fn check(reveal: &Reveal, rules: &Rules) -> Result<(), RevealError> {
    let committed = log::commitments(rules)?;
    let of_key =
        |key: &KeyText| base64::decode(key.as_str().as_bytes()).map(|key| Digest::of(&key));
    let of_salt = |salt: &Salt| Some(Digest::of(salt.as_bytes()));
    let named = (&reveal.campaign, &reveal.election_id) == (&rules.name, &rules.election_id);
    let each = [
        ("campaign", named.then_some(Digest::of(b"")), Digest::of(b"")),
        ("stamp_key", of_key(&reveal.stamp_key), committed.stamp_key),
        ("decoy_key", of_key(&reveal.decoy_key), committed.decoy_key),
        ("totp_seed", of_salt(&reveal.totp_seed), committed.totp_seed),
        ("snapshot_salt", of_salt(&reveal.snapshot_salt), committed.snapshot_salt),
    ];
    match each.into_iter().find(|(_, found, committed)| *found != Some(*committed)) {
        Some((what, ..)) => Err(RevealError::Other { what }),
        None => Ok(()),
    }
}
