//! The stand-in for development: keys in this process's memory.

use booth::Secret;
use booth::station::{Protection, SeedKey, Token, TokenFault, Wrapped, WrappingKey};
use booth::totp;

/// A token that is none: its wrapping key came from a file, and whoever has the file has
/// every secret that is wrapped for it. It says so ([`Protection::FileForDevelopment`]), and every
/// display repeats it.
#[derive(Clone, Debug)]
pub struct FileToken(WrappingKey);

impl FileToken {
    /// A token with the key of a file.
    pub const fn new(key: WrappingKey) -> Self {
        Self(key)
    }
}

impl Token for FileToken {
    fn unwrap(&self, wrapped: &Wrapped) -> Result<Box<dyn SeedKey>, TokenFault> {
        let seed = self.0.unwrap(wrapped).map_err(|_| TokenFault::Foreign)?;
        Ok(Box::new(FileKey(seed)))
    }

    fn protection(&self) -> Protection {
        Protection::FileForDevelopment
    }
}

struct FileKey(Secret);

impl SeedKey for FileKey {
    fn mac(&self, message: &[u8; 8]) -> Result<[u8; 32], TokenFault> {
        Ok(totp::mac(&self.0, message))
    }
}
