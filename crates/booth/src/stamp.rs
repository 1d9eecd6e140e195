//! Stamps: the platform's, which says nothing to anybody but the edge, and the voter's, which names
//! the vote.
//!
//! ```text
//! platform stamp   P-UTC: start of a stamp period, seconds since 1970 in decimal digits
//!                  P-SIG: Ed25519 over those digits, base64
//! voter stamp      HGJA-BZ0S-... eight groups of four Crockford symbols: 20 bytes
//!                  random (16) || HMAC-SHA-256( edge key, random || P-UTC || P-SIG || slot )[0..4]
//! ```
//!
//! A platform stamp is signed under the campaign's stamp key when the booth's code was right, and
//! under its decoy key when it was not. Both public keys stay secret until the close, and each
//! signature is drawn afresh, so that two answers to one question differ as much as two answers to
//! two.

mod platform;
mod voter;

pub use platform::{PlatformStamp, StampKeys};
pub use voter::{SLOT_S, STAMP_CHARS, StampError, VoterStamp, WINDOW_S};

#[cfg(test)]
mod tests;
