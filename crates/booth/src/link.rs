//! The list of links: which mandate cast which vote, for a trial's auditors alone.
//!
//! A trial may give up the secrecy of its votes, so that everything about them can be traced while
//! people come to know the system. Its campaign file then names auditors:
//!
//! ```toml
//! purpose = "trial"
//! link_auditors = ["<base64 of an X25519 public key>"]
//! ```
//!
//! Any other campaign that names one is refused: there, no such list can be made. The instance
//! writes a line for each vote and auditor, and keeps no key that opens it:
//!
//! ```text
//! auditor, 16 hexadecimal digits SP base64( encapsulated key, 32 bytes || ciphertext ) LF
//!
//! auditor      the first eight bytes of SHA-256 of the public key
//! ciphertext   HPKE (RFC 9180), base mode, of the vote's line and the voter's line, one after the
//!              other: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305
//! info         "scrutineer/link/v1" LF campaign LF
//! ```

use std::convert::Infallible;
use std::fmt;

use canon::{Digest, base64};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{
    Deserializable as _, Kem, OpModeR, OpModeS, Serializable as _, setup_receiver,
    setup_sender_with_rng,
};
use rand_core::{TryCryptoRng, TryRng};
use zeroize::Zeroize as _;

use crate::batch::Halves;
use crate::campaign::Campaign;
use crate::mandate::Mandate;
use crate::request::VoteRequest;
use crate::text;
use crate::vote::Vote;

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type Encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey;

/// Bytes of an encapsulated key.
const ENCAPSULATED: usize = 32;

/// Characters that name an auditor in a line.
const NAME_CHARS: usize = 16;

/// Why a link cannot be made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// No key that anything can be encrypted to.
    #[error("an auditor's key is an X25519 public key: 32 bytes in base64")]
    Key,
    /// Not of the form of a line.
    #[error("a line of the list is the auditor in 16 digits, a space, and base64")]
    Line,
    /// Encrypted to somebody else.
    #[error("this line is for another auditor")]
    OtherAuditor,
    /// Changed, or of another campaign.
    #[error("the line was changed, or belongs to another campaign")]
    Changed,
    /// Opened, and no vote with its voter.
    #[error("what the line holds is no vote and no voter")]
    Content,
}

/// Somebody who may read the links of a trial.
#[derive(Clone, PartialEq, Eq)]
pub struct Auditor(PublicKey);

impl Auditor {
    /// The auditor with this public key, in base64. Keys of low order are refused: whatever is
    /// encrypted to them is open to all.
    pub fn from_base64(text: &str) -> Result<Self, LinkError> {
        let bytes = text::from_base64::<32>(text).ok_or(LinkError::Key)?;
        let auditor = Self(PublicKey::from_bytes(&bytes).map_err(|_| LinkError::Key)?);
        auditor.seal(b"", b"", [1; 32]).map(|_| auditor).ok_or(LinkError::Key)
    }

    /// The public key in base64.
    pub fn to_base64(&self) -> String {
        base64::encode(&self.0.to_bytes())
    }

    /// The name of the auditor in a line.
    pub fn name(&self) -> String {
        Digest::of(&self.0.to_bytes()).to_string().chars().take(NAME_CHARS).collect()
    }

    /// The line of a vote and its voter. `drawn` is 32 random bytes, never used before.
    pub fn line(&self, campaign: &Campaign, record: &Halves, drawn: [u8; 32]) -> String {
        let content = [record.vote.line(), record.voter.line()].concat();
        // The key was tried when the campaign was checked, and so short a text can be encrypted.
        let sealed = self.seal(content.as_bytes(), info(campaign).as_bytes(), drawn);
        format!("{} {}\n", self.name(), base64::encode(&sealed.unwrap_or_default()))
    }

    fn seal(&self, content: &[u8], info: &[u8], drawn: [u8; 32]) -> Option<Vec<u8>> {
        let mut drawn = Drawn(drawn);
        let (key, mut context) = setup_sender_with_rng::<
            ChaCha20Poly1305,
            HkdfSha256,
            X25519HkdfSha256,
        >(&OpModeS::Base, &self.0, info, &mut drawn)
        .ok()?;
        let mut sealed = key.to_bytes().to_vec();
        sealed.extend(context.seal(content, b"").ok()?);
        Some(sealed)
    }
}

impl fmt::Debug for Auditor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Auditor({})", self.name())
    }
}

/// What an auditor reads the list with.
pub struct LinkKey {
    key: PrivateKey,
    auditor: Auditor,
}

impl LinkKey {
    /// The key of 32 secret random bytes.
    pub fn new(bytes: &[u8; 32]) -> Result<Self, LinkError> {
        let key = PrivateKey::from_bytes(bytes).map_err(|_| LinkError::Key)?;
        let auditor = Auditor(X25519HkdfSha256::sk_to_pk(&key));
        Ok(Self { key, auditor })
    }

    /// Who holds it.
    pub const fn auditor(&self) -> &Auditor {
        &self.auditor
    }

    /// The vote and the voter of a line; its line feed may be missing.
    pub fn open(&self, campaign: &Campaign, line: &str) -> Result<VoteRequest, LinkError> {
        let line = line.strip_suffix('\n').unwrap_or(line);
        let (name, sealed) = line.split_once(' ').ok_or(LinkError::Line)?;
        let sealed = base64::decode(sealed.as_bytes()).ok_or(LinkError::Line)?;
        let (key, sealed) = sealed.split_first_chunk::<ENCAPSULATED>().ok_or(LinkError::Line)?;
        if name != self.auditor.name() {
            return Err(LinkError::OtherAuditor);
        }
        let key = Encapsulated::from_bytes(key).map_err(|_| LinkError::Changed)?;
        let info = info(campaign);
        let mut context = setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.key,
            &key,
            info.as_bytes(),
        )
        .map_err(|_| LinkError::Changed)?;
        let content = context.open(sealed, b"").map_err(|_| LinkError::Changed)?;
        read(&content).ok_or(LinkError::Content)
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkKey({}, ..)", self.auditor.name())
    }
}

fn info(campaign: &Campaign) -> String {
    format!("scrutineer/link/v1\n{}\n", campaign.name())
}

fn read(content: &[u8]) -> Option<VoteRequest> {
    let (vote, voter) = std::str::from_utf8(content).ok()?.split_once('\n')?;
    let vote = Vote::from_line(vote).ok()?;
    let mandate = Mandate::from_voters_line(voter).ok()?;
    Some(VoteRequest { vote, mandate })
}

/// Randomness that was drawn before. It is asked for once, for the seed of the encapsulated key;
/// asked for more it would give zeros.
struct Drawn([u8; 32]);

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        to.fill(0);
        to.iter_mut().zip(&self.0).for_each(|(to, from)| *to = *from);
        self.0.zeroize();
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

impl Drop for Drawn {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests;
