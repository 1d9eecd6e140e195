//! Progress on stderr, where it is a terminal: how far, how fast, how long still.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for work whose amount is known.
pub(crate) fn bar(what: &'static str, total: u64) -> ProgressBar {
    styled(
        ProgressBar::new(total),
        "{msg}  {wide_bar} {human_pos} of {human_len}  {per_sec}, {eta} left",
        what,
    )
}

/// A bar for bytes; of stdin, whose `total` is not known, 0, it only counts.
pub(crate) fn bytes(what: &'static str, total: u64) -> ProgressBar {
    if total == 0 {
        return styled(ProgressBar::no_length(), "{msg}  {bytes}  {bytes_per_sec}", what);
    }
    let template = "{msg}  {wide_bar} {bytes} of {total_bytes}  {bytes_per_sec}, {eta} left";
    styled(ProgressBar::new(total), template, what)
}

/// A counter for work whose end is not known. Silent when the answers themselves go to the
/// terminal: they show progress enough.
pub(crate) fn counter(what: &'static str) -> ProgressBar {
    if std::io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    styled(ProgressBar::no_length(), "{msg}  {human_pos}  {per_sec}, {elapsed} so far", what)
}

fn styled(bar: ProgressBar, template: &str, what: &'static str) -> ProgressBar {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.with_message(what)
}
