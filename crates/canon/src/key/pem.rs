//! Private keys in files, encrypted with a passphrase.
//!
//! ```text
//! scrutineer key ed25519 7479f27bea1af025dd388cbbbbf806832d0957bfbfe7396eb0b5cb5cf7253a83
//! -----BEGIN ENCRYPTED PRIVATE KEY-----
//! base64 of EncryptedPrivateKeyInfo (RFC 5958, 3):
//!   PBES2 (RFC 8018): scrypt (RFC 7914, 7) with N = 2^14, r = 8, p = 5, then AES-256-CBC
//!   around PrivateKeyInfo: Ed25519 as RFC 8410 has it, P-256 as RFC 5915 has it
//! -----END ENCRYPTED PRIVATE KEY-----
//! ```
//!
//! The line in front (RFC 7468, 2 allows it) names the public key. AES-CBC does not notice that a
//! file was changed; with that line a changed key is found when the file is opened.
//!
//! `openssl pkey -in FILE` reads it: 16 MiB for scrypt is what OpenSSL 3 allows by default, so the
//! work is raised by `p`.

use p256::pkcs8::EncodePrivateKey as _;
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::pem::PemLabel as _;
use pkcs8::der::{Decode as _, SecretDocument, pem::LineEnding};
use pkcs8::pkcs5::{self, EncryptionScheme, pbes2};
use pkcs8::{
    AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef, ObjectIdentifier, PrivateKeyInfoRef,
};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use super::private::{Secret, fill};
use super::stack::wiping;
use super::{Algorithm, KeyError, PrivateKey};

/// id-Ed25519 (RFC 8410).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// id-ecPublicKey (RFC 5480).
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// Begins the line that names the public key.
const NAME: &str = "scrutineer key ";

const SCRYPT_N: u64 = 1 << 14;
const SCRYPT_R: u16 = 8;
const SCRYPT_P: u16 = 5;

/// Bytes of memory that scrypt may take for a foreign file.
const MEMORY_LIMIT: u64 = 256 << 20;
/// Blocks of 128 bytes that scrypt may mix for a foreign file; ours takes 1.3 million.
const MIX_LIMIT: u64 = 1 << 24;
/// Iterations of PBKDF2 for a foreign file; current advice is 600,000.
const ITERATION_LIMIT: u64 = 10_000_000;
/// Bytes of a key file; ours have about 500.
const FILE_LIMIT: u64 = 64 << 10;

impl PrivateKey {
    /// The key as PEM, encrypted with a passphrase.
    pub fn to_encrypted_pem<R: TryCryptoRng + ?Sized>(
        &self,
        passphrase: &[u8],
        rng: &mut R,
    ) -> Result<Zeroizing<String>, KeyError> {
        if passphrase.is_empty() {
            return Err(KeyError::EmptyPassphrase);
        }
        let document = wiping(|| self.document().ok().map(Box::new)).ok_or(KeyError::Malformed)?;
        let info =
            PrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_| KeyError::Malformed)?;
        let parameters = parameters(rng)?;
        let encrypt = || info.encrypt_with_params(parameters, passphrase).ok().map(Box::new);
        let encrypted = wiping(encrypt).ok_or(KeyError::Malformed)?;
        let pem = encrypted
            .to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)
            .map_err(|_| KeyError::Malformed)?;
        let (alg, id) = (self.alg(), self.public().id());
        Ok(Zeroizing::new(format!("{NAME}{alg} {id}\n{}", pem.as_str())))
    }

    /// The key of an encrypted PEM: PBES2 with scrypt or PBKDF2, and AES.
    ///
    /// A file may name what its decryption costs, so costs beyond reason are refused before
    /// anything is computed.
    pub fn from_encrypted_pem(pem: &str, passphrase: &[u8]) -> Result<Self, KeyError> {
        limit("bytes of file", pem.len() as u64, FILE_LIMIT)?;
        let begin = pem.find("-----BEGIN ").ok_or(KeyError::NotEncryptedPem)?;
        let (front, pem) = pem.split_at_checked(begin).ok_or(KeyError::NotEncryptedPem)?;
        let (label, document) =
            SecretDocument::from_pem(pem.trim_end()).map_err(|_| KeyError::NotEncryptedPem)?;
        if label != EncryptedPrivateKeyInfoRef::PEM_LABEL {
            return Err(KeyError::NotEncryptedPem);
        }
        let encrypted = EncryptedPrivateKeyInfoRef::from_der(document.as_bytes())
            .map_err(|error| KeyError::Scheme { scheme: error.to_string() })?;
        let EncryptionScheme::Pbes2(parameters) = &encrypted.encryption_algorithm else {
            return Err(KeyError::Scheme { scheme: "PBES1".to_owned() });
        };
        judge_cost(&parameters.kdf)?;
        let mut refused = KeyError::Passphrase;
        let decrypt = || {
            let plain = encrypted.decrypt(passphrase).map_err(|error| refused = refusal(&error));
            plain.ok().map(Box::new)
        };
        let plain = wiping(decrypt).ok_or(refused)?;
        let info =
            PrivateKeyInfoRef::try_from(plain.as_bytes()).map_err(|_| KeyError::Passphrase)?;
        let key = Self::from_info(&info)?;
        for named in front.lines().filter_map(|line| line.trim().strip_prefix(NAME)) {
            if named != format!("{} {}", key.alg(), key.public().id()) {
                return Err(KeyError::OtherKey { found: key.public().id() });
            }
        }
        Ok(key)
    }

    fn from_info(info: &PrivateKeyInfoRef<'_>) -> Result<Self, KeyError> {
        if info.algorithm.oid == ED25519 {
            let seed = <&OctetStringRef>::from_der(info.private_key.as_bytes())
                .map_err(|_| KeyError::Malformed)?;
            // Lent, not copied: the document that holds it wipes itself.
            let seed = <&[u8; 32]>::try_from(seed.as_bytes()).map_err(|_| KeyError::Malformed)?;
            return Self::from_seed(Algorithm::Ed25519, seed);
        }
        if info.algorithm.oid == EC_PUBLIC_KEY {
            let foreign = || KeyError::ForeignKey { oid: parameters_oid(&info.algorithm) };
            if info.algorithm.parameters_oid() != Ok(p256_oid()) {
                return Err(foreign());
            }
            let key = wiping(|| p256::ecdsa::SigningKey::try_from(info.clone()).ok().map(Box::new));
            return Self::from_secret(Secret::EcdsaP256(key.ok_or(KeyError::Malformed)?));
        }
        Err(KeyError::ForeignKey { oid: info.algorithm.oid.to_string() })
    }

    /// PKCS#8 without encryption. Ed25519 in the first version, without the public key, which
    /// OpenSSL before 3.4 does not read.
    fn document(&self) -> Result<SecretDocument, KeyError> {
        match self.secret() {
            Secret::Ed25519(key) => {
                // OCTET STRING (32 bytes) within the OCTET STRING of PKCS#8 (RFC 8410, 7).
                let mut curve_key = Zeroizing::new([0_u8; 34]);
                let (tag, seed) = curve_key.split_at_mut(2);
                tag.copy_from_slice(&[0x04, 0x20]);
                seed.copy_from_slice(key.seed());
                let octets =
                    OctetStringRef::new(curve_key.as_ref()).map_err(|_| KeyError::Malformed)?;
                let algorithm = AlgorithmIdentifierRef { oid: ED25519, parameters: None };
                SecretDocument::try_from(PrivateKeyInfoRef::new(algorithm, octets))
                    .map_err(|_| KeyError::Malformed)
            }
            Secret::EcdsaP256(key) => key.to_pkcs8_der().map_err(|_| KeyError::Malformed),
        }
    }
}

fn p256_oid() -> ObjectIdentifier {
    use p256::pkcs8::AssociatedOid as _;
    p256::NistP256::OID
}

fn parameters_oid(algorithm: &AlgorithmIdentifierRef<'_>) -> String {
    match algorithm.parameters_oid() {
        Ok(oid) => oid.to_string(),
        Err(_) => algorithm.oid.to_string(),
    }
}

/// Fresh parameters with fresh salt and initial vector.
fn parameters<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<pbes2::Parameters, KeyError> {
    let mut salt = [0_u8; 16];
    let mut iv = [0_u8; 16];
    fill(rng, &mut salt)?;
    fill(rng, &mut iv)?;
    let salt = pbes2::Salt::new(salt).map_err(|_| KeyError::Malformed)?;
    let scrypt = pbes2::ScryptParams {
        salt,
        cost_parameter: SCRYPT_N,
        block_size: SCRYPT_R,
        parallelization: SCRYPT_P,
        key_length: None,
    };
    Ok(pbes2::Parameters {
        kdf: scrypt.into(),
        encryption: pbes2::EncryptionScheme::Aes256Cbc { iv },
    })
}

fn limit(what: &'static str, wanted: u64, limit: u64) -> Result<(), KeyError> {
    if wanted > limit { Err(KeyError::Cost { what, wanted, limit }) } else { Ok(()) }
}

/// Refuses what would fill the memory or run for minutes.
fn judge_cost(kdf: &pbes2::Kdf) -> Result<(), KeyError> {
    match kdf {
        pbes2::Kdf::Scrypt(scrypt) => {
            if !scrypt.cost_parameter.is_power_of_two() || scrypt.cost_parameter < 2 {
                return Err(KeyError::Scheme { scheme: "scrypt with an N that is none".into() });
            }
            let (n, r) = (scrypt.cost_parameter, u64::from(scrypt.block_size));
            let p = u64::from(scrypt.parallelization);
            let blocks = n.saturating_add(p).saturating_mul(r);
            limit("bytes of memory", blocks.saturating_mul(128), MEMORY_LIMIT)?;
            limit(
                "blocks of scrypt",
                n.saturating_mul(r).saturating_mul(2).saturating_mul(p),
                MIX_LIMIT,
            )
        }
        pbes2::Kdf::Pbkdf2(pbkdf2) => {
            limit("iterations of PBKDF2", pbkdf2.iteration_count.into(), ITERATION_LIMIT)
        }
        other => Err(KeyError::Scheme { scheme: other.oid().to_string() }),
    }
}

fn refusal(error: &pkcs8::Error) -> KeyError {
    match error {
        pkcs8::Error::EncryptedPrivateKey(
            error @ (pkcs5::Error::UnsupportedAlgorithm { .. }
            | pkcs5::Error::AlgorithmParametersInvalid { .. }
            | pkcs5::Error::NoPbes1CryptSupport),
        ) => KeyError::Scheme { scheme: error.to_string() },
        _ => KeyError::Passphrase,
    }
}

#[cfg(test)]
mod tests;
