//! Judges from outside: programs of others that a test asks, where they are installed.

/// What a test found of a tool. Where there is none the test says so and goes on without it, but
/// on machines whose word counts (`CI` is set): a judge that never sat has judged nothing.
///
/// # Panics
///
/// If `CI` is set, and nothing was found.
pub fn outside<T>(tool: &str, found: Option<T>) -> Option<T> {
    judged(tool, found, std::env::var_os("CI").is_some())
}

#[expect(clippy::print_stdout, reason = "it is what a test says")]
fn judged<T>(tool: &str, found: Option<T>, is_ci: bool) -> Option<T> {
    assert!(
        found.is_some() || !is_ci,
        "{tool} is not on this machine, and CI is set: .ci/tools installs it"
    );
    if found.is_none() {
        println!("skipped: {tool} is not on this machine");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judge_may_be_missing_where_nobody_counts_on_it() {
        assert_eq!(judged("a tool", None::<u8>, false), None);
        assert_eq!(judged("a tool", Some(1), true), Some(1));
        let missing = std::panic::catch_unwind(|| judged("a tool", None::<u8>, true));
        assert!(missing.is_err());
    }
}
