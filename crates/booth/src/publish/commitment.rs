//! Commitments to lists that are not told yet.

use std::fmt;

use canon::Digest;

use crate::secret::Secret;

/// One of the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// `<campaign>-vote.log`.
    Votes,
    /// `<campaign>-auth.log`.
    Voters,
}

impl List {
    /// Both, votes first.
    pub const BOTH: [Self; 2] = [Self::Votes, Self::Voters];

    /// The word by which salts tell them apart.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Votes => "votes",
            Self::Voters => "voters",
        }
    }

    /// The name of its file.
    pub fn file_name(self, campaign: &str) -> String {
        match self {
            Self::Votes => format!("{campaign}-vote.log"),
            Self::Voters => format!("{campaign}-auth.log"),
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What hides the digests of the lists while interim results are not told: 32 random bytes, of
/// which the campaign commits to the digest, and which are revealed at the close.
///
/// ```text
/// salt       = HMAC-SHA-256( secret, "scrutineer/snapshot-salt/v1" LF number LF list LF )
/// commitment = SHA-256( "scrutineer/snapshot/v1" LF salt digest )
/// ```
///
/// Without it, whoever knows all lines but a few could try what the others are.
#[derive(Debug, Clone)]
pub struct SnapshotSalt(Secret);

impl SnapshotSalt {
    /// The salt of 32 random bytes.
    pub const fn new(secret: Secret) -> Self {
        Self(secret)
    }

    /// The commitment to the digest of a list as it stands in the snapshot with this number.
    pub fn commit(&self, number: u64, list: List, digest: &Digest) -> Digest {
        let number = number.to_string();
        let parts =
            [b"scrutineer/snapshot-salt/v1\n", number.as_bytes(), b"\n", list.name().as_bytes()];
        let salt = self.0.begin(&parts).end(&[b"\n"]);
        Digest::of_parts(&[b"scrutineer/snapshot/v1\n", &salt, digest.as_bytes()])
    }
}
