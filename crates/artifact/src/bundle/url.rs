//! A bundle on a web site.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use ureq::tls::TlsConfig;

use super::source::plain;
use super::{Reading, Source, SourceError};

/// How long a server may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UrlLimits {
    /// For a connection.
    pub connect_s: u64,
    /// For one file from first to last byte.
    pub file_s: u64,
}

impl Default for UrlLimits {
    fn default() -> Self {
        Self { connect_s: 10, file_s: 120 }
    }
}

/// A bundle on a web site: `<base>/<path>`, answered by 200 or 404 and nothing else.
///
/// Redirects are not followed and proxies of the environment not used: the bytes come from where
/// the caller said.
#[derive(Debug)]
pub struct UrlSource {
    base: String,
    agent: ureq::Agent,
}

impl UrlSource {
    /// A bundle below a base address, with or without a slash at its end.
    pub fn open(base: &str, limits: UrlLimits) -> Result<Self, SourceError> {
        let base = base.trim_end_matches('/').to_owned();
        if !(base.starts_with("http://") || base.starts_with("https://")) {
            let why = "an address begins with http:// or https://".into();
            return Err(SourceError::Http { url: base, why });
        }
        if base.contains(['?', '#']) {
            let why = "an address of a bundle has no ? or #".into();
            return Err(SourceError::Http { url: base, why });
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider).build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .timeout_connect(Some(Duration::from_secs(limits.connect_s)))
            .timeout_global(Some(Duration::from_secs(limits.file_s)))
            .max_redirects(0)
            .proxy(None)
            .http_status_as_error(false)
            .user_agent("scrutineer")
            .max_idle_connections_per_host(32)
            .max_idle_connections(32)
            .build();
        Ok(Self { base, agent: config.into() })
    }
}

impl UrlSource {
    /// The body that the server has at a path, and the address asked.
    fn body(&self, path: &str) -> Result<Option<(ureq::Body, String)>, SourceError> {
        plain(path)?;
        let url = format!("{}/{path}", self.base);
        let http = |why: String| SourceError::Http { url: url.clone(), why };
        let answer = self.agent.get(&url).call().map_err(|error| http(error.to_string()))?;
        match answer.status().as_u16() {
            200 => Ok(Some((answer.into_body(), url))),
            404 => Ok(None),
            status => Err(http(format!("status {status}, neither 200 nor 404"))),
        }
    }
}

impl Source for UrlSource {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        self.reader(path, limit)?.map(Reading::rest).transpose()
    }

    fn reader<'a>(&'a self, path: &str, limit: u64) -> Result<Option<Reading<'a>>, SourceError> {
        // The limit is on the bytes after any decompression.
        let body = self.body(path)?;
        Ok(body.map(|(body, url)| Reading::served(path, url, body.into_reader(), limit)))
    }

    fn each_path(&self, _: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        Ok(false)
    }

    fn describe(&self) -> String {
        self.base.clone()
    }
}
