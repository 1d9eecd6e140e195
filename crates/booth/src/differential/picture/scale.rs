//! Places on the picture, and texts that fit it.

use crate::differential::number::{floor, length};

/// Where a panel lies, and what its edges stand for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    /// Seconds since 1970 at the left edge.
    pub from: f64,
    /// And at the right one.
    pub to: f64,
    /// The greatest count.
    pub most: f64,
}

impl Frame {
    pub(super) fn x(&self, seconds: f64) -> f64 {
        let share = (seconds - self.from) / (self.to - self.from).max(1.0);
        self.left + share.clamp(0.0, 1.0) * (self.right - self.left)
    }

    pub(super) fn y(&self, count: f64) -> f64 {
        self.bottom - (count / self.most).clamp(0.0, 1.0) * (self.bottom - self.top)
    }

    /// Round counts above 0, two to five of them.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let power = 10.0_f64.powf(self.most.max(1.0).log10().floor());
        let steps = [0.2, 0.5, 1.0].map(|part| part * power);
        let step = steps.into_iter().find(|step| self.most / step <= 5.0).unwrap_or(power * 2.0);
        let step = step.max(1.0);
        let room = floor((self.bottom - self.top) / 30.0).max(1);
        let count = floor(self.most / step);
        let every = count.div_ceil(room).max(1);
        (1..=count)
            .filter(|at| at.checked_rem(every) == Some(0))
            .map(|at| step * length(at))
            .collect()
    }
}

/// Text as SVG has it.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A text broken at spaces into lines of at most `columns` characters, longer words cut.
pub(super) fn lines_of(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let word: String = if word.chars().count() > columns {
            word.chars().take(columns.saturating_sub(1)).chain(['…']).collect()
        } else {
            word.to_owned()
        };
        let Some(line) = lines.last_mut() else { break };
        let used = line.chars().count();
        if used > 0 && used.saturating_add(word.chars().count()).saturating_add(1) > columns {
            lines.push(word);
        } else {
            if used > 0 {
                line.push(' ');
            }
            line.push_str(&word);
        }
    }
    lines
}

/// Moves labels apart, downwards, so that none covers another.
pub(super) fn spread(labels: &mut [(f64, String)], distance: f64) {
    labels.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut free = f64::NEG_INFINITY;
    for (y, _) in labels {
        *y = y.max(free);
        free = *y + distance;
    }
}
