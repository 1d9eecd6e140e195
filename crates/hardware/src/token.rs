//! Tokens of stations.

mod file;
#[cfg(feature = "pkcs11")]
mod pkcs11;

pub use file::FileToken;
#[cfg(feature = "pkcs11")]
pub use pkcs11::{Pkcs11Error, Pkcs11Token, Socket};
