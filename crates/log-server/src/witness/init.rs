//! A witness's files: how they are made, and how its key is read.

use std::path::Path;
use std::sync::Arc;

use canon::{Algorithm, PrivateKey};
use tlog::note::{KeyType, NoteSigner, VerifierKey};

use super::{Record, WitnessConfig, WitnessError, config};

/// Reads a witness's signer from its encrypted key file.
pub(super) fn read_signer(
    name: &str,
    path: &Path,
    passphrase: &[u8],
) -> Result<NoteSigner, WitnessError> {
    let bad = |reason: String| WitnessError::KeyFile { path: path.to_path_buf(), reason };
    let pem = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    let key = PrivateKey::from_encrypted_pem(&pem, passphrase).map_err(|e| bad(e.to_string()))?;
    NoteSigner::from_key(name, KeyType::Cosignature, Arc::new(key))
        .map_err(|source| WitnessError::Key { what: "name and key".to_owned(), source })
}

/// Makes a new witness in an empty folder: key file, record and configuration. Gives the key to
/// tell to the logs, which has to be listed in their charters.
pub fn init(
    folder: &Path,
    config: &WitnessConfig,
    passphrase: &[u8],
) -> Result<VerifierKey, WitnessError> {
    let write = |path: &Path, result: std::io::Result<()>| {
        result.map_err(|source| WitnessError::Write { path: path.to_path_buf(), source })
    };
    write(folder, service::disk::make_private_folder(folder))?;
    let mut rng = service::random::system();
    let key_path = folder.join(&config.key);
    let bad = |error: canon::KeyError| WitnessError::KeyFile {
        path: key_path.clone(),
        reason: error.to_string(),
    };
    let key = Arc::new(PrivateKey::generate(Algorithm::Ed25519, &mut rng).map_err(bad)?);
    let signer = NoteSigner::from_key(&config.name, KeyType::Cosignature, Arc::clone(&key))
        .map_err(|source| WitnessError::Key { what: "name".to_owned(), source })?;
    let pem = key.to_encrypted_pem(passphrase, &mut rng).map_err(bad)?;
    write(&key_path, service::disk::write_private(&key_path, pem.as_bytes()))?;
    Record::create(&folder.join(&config.state), signer.verifier())?;
    let config_path = folder.join(config::FILE_NAME);
    let text = config.to_toml();
    write(&config_path, service::disk::write_durably(&config_path, text.as_bytes()))?;
    Ok(signer.verifier().clone())
}
