//! What the two codes of a side say.
//!
//! ```text
//! 2   "SB"
//! 1   version: 1
//! 10  the first bytes of SHA-256 over the canonical bytes of the definition
//! 2   style, from 0, big endian
//! 1   sheet, from 0
//! 1   bit 0: the back; bit 1: the second code, at the upper right;
//!     bits 4 to 7: what it was printed for, 0 official, 1 test, 2 sample, 3 proof
//! 17  bytes, as a QR code of version 3 with the strongest error correction
//! ```

use canon::Digest;

/// Bytes of a label.
pub const LABEL_BYTES: usize = 17;

const MAGIC: [u8; 3] = *b"SB\x01";
const BACK: u8 = 1;
const SECOND: u8 = 2;

/// What a ballot was printed for. Only official ballots are counted in an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To be voted on.
    Official,
    /// For the logic-and-accuracy test.
    Test,
    /// To be shown to voters beforehand.
    Sample,
    /// To be read by those who approve it.
    Proof,
}

/// What a side is: the bytes of its codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    /// The first ten bytes of the definition's digest.
    pub definition: [u8; 10],
    /// The style, from 0.
    pub style: u16,
    /// The sheet, from 0.
    pub sheet: u8,
    /// Whether it is the back.
    pub is_back: bool,
    /// What it was printed for.
    pub purpose: Purpose,
}

/// Why bytes are no label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Another thing's code, such as that of a leaflet.
    #[error("not the code of a ballot")]
    Foreign,
    /// A ballot of a newer program.
    #[error("the code of a ballot in version {0}, this program reads version 1")]
    Version(u8),
    /// Bits that mean nothing in this version.
    #[error("the code of a ballot with bits that mean nothing")]
    Bits,
}

impl Label {
    /// Whether it names this definition.
    pub fn is_of(&self, definition: &Digest) -> bool {
        definition.0.starts_with(&self.definition)
    }

    /// The first bytes of a definition's digest, as they stand in labels.
    pub fn short(definition: &Digest) -> [u8; 10] {
        definition.0.first_chunk().copied().unwrap_or_default()
    }

    /// The bytes of the first code, or of the second.
    pub fn to_bytes(&self, is_second: bool) -> [u8; LABEL_BYTES] {
        let mut bytes = [0; LABEL_BYTES];
        let purpose = match self.purpose {
            Purpose::Official => 0_u8,
            Purpose::Test => 1,
            Purpose::Sample => 2,
            Purpose::Proof => 3,
        };
        let back = if self.is_back { BACK } else { 0 };
        let second = if is_second { SECOND } else { 0 };
        let parts = MAGIC.into_iter().chain(self.definition).chain(self.style.to_be_bytes());
        let parts = parts.chain([self.sheet, back | second | purpose << 4]);
        bytes.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        bytes
    }

    /// Reads the bytes of a code: the label, and whether it is the second code.
    pub fn read(bytes: &[u8]) -> Result<(Self, bool), LabelError> {
        let bytes: &[u8; LABEL_BYTES] = match bytes {
            [b'S', b'B', version, ..] if *version != 1 => {
                return Err(LabelError::Version(*version));
            }
            _ => bytes.try_into().map_err(|_| LabelError::Foreign)?,
        };
        let [m0, m1, m2, definition @ .., high, low, sheet, bits] = *bytes;
        if [m0, m1, m2] != MAGIC {
            return Err(LabelError::Foreign);
        }
        let purpose = match bits >> 2 {
            0 => Purpose::Official,
            4 => Purpose::Test,
            8 => Purpose::Sample,
            12 => Purpose::Proof,
            _ => return Err(LabelError::Bits),
        };
        let style = u16::from_be_bytes([high, low]);
        let label = Self { definition, style, sheet, is_back: bits & BACK != 0, purpose };
        Ok((label, bits & SECOND != 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURPOSES: [Purpose; 4] =
        [Purpose::Official, Purpose::Test, Purpose::Sample, Purpose::Proof];

    fn label(purpose: Purpose, is_back: bool) -> Label {
        let definition = *b"0123456789";
        Label { definition, style: 0x0102, sheet: 3, is_back, purpose }
    }

    #[test]
    fn the_bytes_are_those_that_are_drawn() {
        let bytes = label(Purpose::Test, true).to_bytes(true);
        assert_eq!(&bytes, b"SB\x010123456789\x01\x02\x03\x13");
    }

    #[test]
    fn every_label_comes_back() {
        for purpose in PURPOSES {
            for (is_back, is_second) in [(false, false), (true, false), (false, true), (true, true)]
            {
                let label = label(purpose, is_back);
                assert_eq!(Label::read(&label.to_bytes(is_second)), Ok((label, is_second)));
            }
        }
    }

    #[test]
    fn what_is_no_label_is_refused() {
        let bytes = label(Purpose::Official, false).to_bytes(false);
        for cut in 0..LABEL_BYTES {
            assert_eq!(Label::read(&bytes[..cut]), Err(LabelError::Foreign), "{cut}");
        }
        assert_eq!(Label::read(&[0; LABEL_BYTES]), Err(LabelError::Foreign));
        let mut newer = bytes;
        newer[2] = 2;
        assert_eq!(Label::read(&newer), Err(LabelError::Version(2)));
        for bit in [2, 3, 6, 7] {
            let mut other = bytes;
            other[16] |= 1 << bit;
            assert_eq!(Label::read(&other), Err(LabelError::Bits), "{bit}");
        }
    }
}
