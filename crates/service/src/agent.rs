//! How everybody here asks over HTTP, one question after the other.

use std::time::Duration;

use ureq::Agent;
use ureq::tls::TlsConfig;

use crate::tls;

/// An agent whose requests take no longer than `patience`.
///
/// Proxies of the environment are not used and redirects not followed: whom the caller named is
/// who is asked.
pub fn agent(patience: Duration) -> Agent {
    let tls = TlsConfig::builder().unversioned_rustls_crypto_provider(tls::provider()).build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(patience))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent("scrutineer")
        .build();
    config.into()
}
