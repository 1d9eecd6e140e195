//! The header by which an instance knows its edges.

use std::fmt;

use canon::Digest;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// What an edge shows to an instance, where the two do not know each other by certificates, which
/// is the better way. Wiped when dropped, and never shown.
pub struct PassHeader(Zeroizing<[u8; 32]>);

impl PassHeader {
    /// The header with this value.
    pub fn new(value: &str) -> Self {
        Self(Zeroizing::new(Digest::of(value.as_bytes()).0))
    }

    /// Whether this is the value. Digests are compared, without a branch: how long it takes tells
    /// neither how much of it was right nor how long it is.
    pub fn accept(&self, given: &[u8]) -> bool {
        self.0.ct_eq(&Digest::of(given).0).into()
    }
}

impl fmt::Debug for PassHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PassHeader(..)")
    }
}
