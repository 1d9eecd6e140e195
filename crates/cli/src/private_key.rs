//! Private keys in their encrypted files.

use std::path::Path;

use canon::PrivateKey;
use zeroize::Zeroizing;

use crate::file;
use crate::message::Failure;

/// Opens the key in a file.
pub(crate) fn open(path: &Path, passphrase: &[u8]) -> Result<PrivateKey, Failure> {
    let pem = Zeroizing::new(file::read(path)?);
    let text = std::str::from_utf8(&pem).map_err(|_| {
        Failure::new(format_args!("{} is not a PEM file", file::name(path)))
            .hint("give the file that `scrutineer key new` made")
    })?;
    PrivateKey::from_encrypted_pem(text, passphrase).map_err(|error| {
        Failure::new(format_args!("cannot open the key in {}: {error}", file::name(path)))
            .hint("check the passphrase, and that the file is the one `scrutineer key new` made")
    })
}
