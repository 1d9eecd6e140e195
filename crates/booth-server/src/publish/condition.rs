//! How the last barrier went: for anybody, so without a word of what an instance said.

use booth::campaign::Shard;

use super::intake::Lie;

/// How the last barrier went.
#[derive(Debug, Clone, Default)]
pub(super) struct Condition {
    /// Shards that were not reached.
    pub(super) away: Vec<Shard>,
    /// Shards of which nothing is taken any more, because every instance has lied.
    pub(super) stopped: Vec<Shard>,
    /// Shards one of whose instances has lied, while another may be heard.
    pub(super) doubted: Vec<Shard>,
    /// Shards for which the last snapshot waits.
    pub(super) awaited: Vec<Shard>,
    /// Whether no snapshot could be taken that should have been.
    pub(super) has_failed: bool,
    /// What was said that cannot be, since the start.
    pub(super) lies: Vec<Lie>,
}

impl Condition {
    /// What is wrong, one thing each.
    pub(super) fn troubles(&self) -> Vec<String> {
        let shards = |what: &str, all: &[Shard]| {
            (!all.is_empty()).then(|| format!("{what}: {}", named(all)))
        };
        let failed = "no snapshot could be taken: the publisher's journal says why";
        let told = "told what cannot be, the publisher's journal says what";
        let all = [
            shards("not reached", &self.away),
            shards(&format!("stopped, for all its instances {told}"), &self.stopped),
            shards(&format!("an instance {told}, and is asked no more"), &self.doubted),
            shards("the last snapshot waits for", &self.awaited),
            self.has_failed.then(|| failed.to_owned()),
        ];
        all.into_iter().flatten().collect()
    }
}

fn named(shards: &[Shard]) -> String {
    shards.iter().map(|shard| format!("shard {shard}")).collect::<Vec<_>>().join(", ")
}
