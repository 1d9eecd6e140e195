//! The alarm of codes that are passed on.
//!
//! It goes off beside the requests: an answer that came later because somebody was told would
//! itself tell that its code was right.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use service::stop::Stop;

use super::site::Site;

/// How often the figures are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Warns of each station whose codes were asked for more stamps than they are good for, until
/// asked to stop.
pub(super) async fn watch(sites: Arc<[Arc<Site>]>, mut stop: Stop) {
    let mut before = BTreeMap::new();
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = stop.asked() => return,
            _ = ticks.tick() => {}
        }
        for (station, total) in sites.iter().flat_map(|site| site.excess()) {
            let last = before.insert(station.clone(), total).unwrap_or(0);
            if total > last {
                tracing::warn!(
                    station,
                    times = total - last,
                    "a code was asked for more stamps than its booth can hold people"
                );
            }
        }
    }
}
