//! Text to glyphs: what joins, what changes its form, what is read from the right.

use std::ops::Range;
use std::sync::Arc;

use harfrust::{Buffer, Direction, Language, ShapeOptions, ShaperFont};
use icu_properties::props::Script;
use paper::layout::language::is_from_right;
use paper::layout::{Length, Letters, TypesetError};
use unicode_bidi::{BidiInfo, Level};

use super::{Library, Typeface, script};

/// A glyph, in units of its typeface's em.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// Its number in the font.
    pub id: u16,
    /// How far the pen goes to the right.
    pub advance: i32,
    /// To the right of the pen.
    pub x: i32,
    /// Above the baseline.
    pub y: i32,
}

/// Glyphs that stand for some text together: mostly one for one letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// From left to right.
    pub glyphs: Vec<Glyph>,
    /// What they stand for.
    pub text: String,
}

/// Clusters of one typeface, from left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The clusters.
    pub clusters: Vec<Cluster>,
    /// The typeface.
    pub typeface: Arc<Typeface>,
}

impl Run {
    /// Its width in ems.
    #[allow(clippy::cast_precision_loss, reason = "a line has some thousand units an em")]
    pub fn width(&self) -> f32 {
        self.units() as f32 / f32::from(self.typeface.units())
    }

    fn units(&self) -> i64 {
        let glyphs = self.clusters.iter().flat_map(|cluster| &cluster.glyphs);
        glyphs.fold(0, |sum, glyph| sum.saturating_add(i64::from(glyph.advance)))
    }
}

/// A line that was shaped.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shaped {
    /// From left to right.
    pub runs: Vec<Run>,
}

impl Shaped {
    /// Its width with letters of an em, rounded up.
    pub fn width(&self, em: Length) -> Length {
        let width = self.runs.iter().fold(0_i64, |sum, run| {
            let units = i64::from(run.typeface.units());
            let wide = run.units().saturating_mul(i64::from(em.get()));
            let up = units.saturating_sub(1);
            sum.saturating_add(wide.saturating_add(up).checked_div(units).unwrap_or(0))
        });
        Length::micrometres(i32::try_from(width).unwrap_or(i32::MAX))
    }
}

/// A part of a line in one typeface and one script.
struct Item {
    range: Range<usize>,
    script: Option<Script>,
    typeface: Arc<Typeface>,
}

/// Shapes a line, which has no line feed.
pub(super) fn line(
    library: &Library,
    text: &str,
    letters: Letters<'_>,
) -> Result<Shaped, TypesetError> {
    let level = if is_from_right(letters.language) { Level::rtl() } else { Level::ltr() };
    let turned = BidiInfo::new(text, Some(level));
    let mut shaped = Shaped::default();
    for paragraph in &turned.paragraphs {
        let (levels, runs) = turned.visual_runs(paragraph, paragraph.range.clone());
        for range in runs {
            let is_turned = levels.get(range.start).is_some_and(Level::is_rtl);
            let mut items = items(library, text, range, letters)?;
            if is_turned {
                items.reverse();
            }
            for item in items {
                shaped.runs.push(run(text, item, letters, is_turned)?);
            }
        }
    }
    Ok(shaped)
}

/// Splits a part of a line by typefaces and scripts, in the order of reading.
fn items(
    library: &Library,
    text: &str,
    range: Range<usize>,
    letters: Letters<'_>,
) -> Result<Vec<Item>, TypesetError> {
    let mut items: Vec<Item> = Vec::new();
    for (at, letter) in text.get(range.clone()).unwrap_or_default().char_indices() {
        let start = range.start.saturating_add(at);
        let end = start.saturating_add(letter.len_utf8());
        let last = items.last_mut();
        if script::is_unseen(letter) {
            if let Some(last) = last {
                last.range.end = end;
            }
            continue;
        }
        let at_work = last.as_ref().map(|last| &last.typeface);
        let typeface = library.pick(letter, letters.weight, at_work).ok_or_else(|| {
            let (file, text) = (script::file(letter), text.to_owned());
            TypesetError::Character { character: letter, file, text }
        })?;
        let script = Some(script::of(letter)).filter(|_| !script::is_of_none(letter));
        match last {
            Some(last)
                if last.typeface == *typeface
                    && (script.is_none() || last.script.is_none() || last.script == script) =>
            {
                last.range.end = end;
                last.script = last.script.or(script);
            }
            _ => items.push(Item { range: start..end, script, typeface: typeface.clone() }),
        }
    }
    Ok(items)
}

/// Shapes an item.
fn run(text: &str, item: Item, letters: Letters<'_>, is_turned: bool) -> Result<Run, TypesetError> {
    let own = text.get(item.range.clone()).unwrap_or_default();
    let mut buffer = Buffer::new();
    buffer.push_str(own);
    buffer.set_pre_context(text.get(..item.range.start).unwrap_or_default());
    buffer.set_post_context(text.get(item.range.end..).unwrap_or_default());
    let direction = if is_turned { Direction::RightToLeft } else { Direction::LeftToRight };
    buffer.set_direction(direction);
    buffer.set_language(Language::new(letters.language.as_str()));
    buffer.guess_segment_properties();
    let font = ShaperFont::new(item.typeface.font());
    let damaged = || TypesetError::Font { name: item.typeface.name().to_owned() };
    harfrust::shape(&font, &mut buffer, ShapeOptions::new()).map_err(|_| damaged())?;
    let mut starts: Vec<usize> =
        buffer.glyph_infos().iter().filter_map(|info| usize::try_from(info.cluster).ok()).collect();
    starts.sort_unstable();
    starts.dedup();
    let mut clusters: Vec<(u32, Cluster)> = Vec::new();
    for (info, position) in buffer.glyph_infos().iter().zip(buffer.glyph_positions()) {
        let id = u16::try_from(info.glyph_id).map_err(|_| damaged())?;
        let glyph =
            Glyph { id, advance: position.x_advance, x: position.x_offset, y: position.y_offset };
        match clusters.last_mut() {
            Some((start, cluster)) if *start == info.cluster => cluster.glyphs.push(glyph),
            _ => {
                let start = usize::try_from(info.cluster).unwrap_or(usize::MAX);
                let next = starts.iter().find(|other| **other > start);
                let end = next.copied().unwrap_or(own.len());
                let text = own.get(start..end).unwrap_or_default().to_owned();
                clusters.push((info.cluster, Cluster { glyphs: vec![glyph], text }));
            }
        }
    }
    let clusters = clusters.into_iter().map(|(_, cluster)| cluster).collect();
    Ok(Run { clusters, typeface: item.typeface })
}

#[cfg(test)]
mod tests;
