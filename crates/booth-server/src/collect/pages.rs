//! Whether this system gives huge pages, which the tables of what was seen ask for.
//!
//! ```text
//! /sys/kernel/mm/transparent_hugepage/enabled      always [madvise] never
//! ```
//!
//! Where it says never, nothing fails and nothing is told: the tables only answer slower. So it is
//! looked at once, when an instance starts.

const ENABLED: &str = "/sys/kernel/mm/transparent_hugepage/enabled";

/// Tells the journal if there are none.
pub(super) fn look() {
    let setting = std::fs::read_to_string(ENABLED).ok();
    if !are_given(setting.as_deref()) {
        tracing::info!(
            setting = setting.as_deref().map_or("not there", str::trim_end),
            "no huge pages here: with many millions of votes each of them takes longer to be \
             looked up; write madvise to {ENABLED}"
        );
    }
}

/// Whether the setting gives them to who asks.
fn are_given(setting: Option<&str>) -> bool {
    setting.is_some_and(|text| text.contains("[always]") || text.contains("[madvise]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The three texts that Linux has there: Documentation/admin-guide/mm/transhuge.rst.
    #[test]
    fn only_never_gives_none() {
        assert!(are_given(Some("[always] madvise never\n")));
        assert!(are_given(Some("always [madvise] never\n")));
        assert!(!are_given(Some("always madvise [never]\n")));
        assert!(!are_given(None), "a kernel without them");
    }
}
