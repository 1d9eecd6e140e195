//! TLS, by rustls: what a server shows, and whom it believes.
//!
//! ```text
//! [tls]
//! certificates = "tls/chain.pem"     # its own first, then those between it and the root
//! key = "tls/key.pem"                # PKCS #8; mode 0600
//! client_roots = "tls/edges.pem"     # optional: whose clients alone are let in (mutual TLS)
//! ```
//!
//! Paths are taken from the configuration file's own folder. Certificates are read when a server
//! starts; to change one, start it again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use serde::Deserialize;

/// The table `[tls]` of a server's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerTls {
    /// The certificate chain, PEM.
    pub certificates: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
    /// The roots of the clients that are let in; anybody where there are none.
    #[serde(default)]
    pub client_roots: Option<PathBuf>,
}

/// What a client shows and whom it believes: the table of a server that calls others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientTls {
    /// The roots of the servers that it calls, PEM.
    pub roots: PathBuf,
    /// The chain that it shows to them, if it shows one.
    #[serde(default)]
    pub certificates: Option<PathBuf>,
    /// The key of that chain.
    #[serde(default)]
    pub key: Option<PathBuf>,
}

/// Why TLS cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing or holds something else.
    #[error("cannot read {what} from {}: {source}", .path.display())]
    File {
        /// What it should hold.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: rustls::pki_types::pem::Error,
    },
    /// A file holds nothing of what it should.
    #[error("{} holds no certificate", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A chain without its key, or a key without its chain.
    #[error("a certificate chain and its key go together, and one of them is missing")]
    Half,
    /// Certificates and key do not fit.
    #[error("certificates and key cannot be used: {0}")]
    Unfit(#[from] rustls::Error),
    /// No client could be let in by these roots.
    #[error("the clients' roots cannot be used: {0}")]
    Clients(#[from] rustls::server::VerifierBuilderError),
}

impl ServerTls {
    /// Reads the files, from a folder.
    pub fn read(&self, base: &Path) -> Result<Arc<ServerConfig>, TlsError> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?;
        let builder = match &self.client_roots {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let roots = Arc::new(roots(&base.join(path))?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
                builder.with_client_cert_verifier(verifier.build()?)
            }
        };
        let chain = chain(&base.join(&self.certificates))?;
        let mut config = builder.with_single_cert(chain, key(&base.join(&self.key))?)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl ClientTls {
    /// Reads the files, from a folder.
    pub fn read(&self, base: &Path) -> Result<ClientConfig, TlsError> {
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots(&base.join(&self.roots))?);
        Ok(match (&self.certificates, &self.key) {
            (None, None) => builder.with_no_client_auth(),
            (Some(certificates), Some(path)) => builder
                .with_client_auth_cert(chain(&base.join(certificates))?, key(&base.join(path))?)?,
            _ => return Err(TlsError::Half),
        })
    }
}

/// The cryptography that TLS is done with.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |source| TlsError::File { what: "certificates", path: path.to_path_buf(), source };
    let read = CertificateDer::pem_file_iter(path).map_err(failed)?;
    let chain = read.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    if chain.is_empty() {
        return Err(TlsError::Empty { path: path.to_path_buf() });
    }
    Ok(chain)
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(path).map_err(|source| TlsError::File {
        what: "a private key",
        path: path.to_path_buf(),
        source,
    })
}

fn roots(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    for certificate in chain(path)? {
        store.add(certificate)?;
    }
    Ok(store)
}

#[cfg(test)]
mod tests;
