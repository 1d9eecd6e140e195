//! How everybody here speaks HTTP.

use std::time::Duration;

use ureq::Agent;

/// An agent whose requests take no longer than `patience`.
///
/// Proxies of the environment are not used and redirects not followed: whom the caller named is
/// who is asked.
pub(crate) fn agent(patience: Duration) -> Agent {
    let config = Agent::config_builder()
        .timeout_global(Some(patience))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent("scrutineer")
        .build();
    config.into()
}
