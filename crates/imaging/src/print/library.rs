//! The typefaces that are at hand, and lines of text set in them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use icu_segmenter::LineSegmenter;
use icu_segmenter::options::{LineBreakOptions, LineBreakWordOption};
use paper::layout::{Length, Letters, SetLine, TypesetError, Typesetter, Weight};

use super::shape::{self, Shaped};
use super::{Face, PrintError, Typeface, script};

/// Typefaces in the order in which they are asked: the built-in ones, then those that were given.
#[derive(Debug)]
pub struct Library {
    faces: Vec<Arc<Typeface>>,
    shaped: RwLock<HashMap<Asked, Arc<Shaped>>>,
}

/// What was shaped: text, language, weight.
type Asked = (String, String, Weight);

/// The most texts whose shapes are kept.
const KEPT: usize = 200_000;

impl Library {
    /// The built-in typefaces: Noto Sans with Latin, Greek and Cyrillic letters.
    pub fn built_in() -> Result<Self, PrintError> {
        let mut library = Self { faces: Vec::new(), shaped: RwLock::default() };
        for face in [Face::Regular, Face::Bold] {
            library.add(face.name(), face.bytes().to_vec())?;
        }
        Ok(library)
    }

    /// Adds the fonts of a file: TrueType or OpenType, single or a collection.
    pub fn add(&mut self, file: &str, bytes: Vec<u8>) -> Result<(), PrintError> {
        let fonts = Typeface::of_file(file, bytes, self.faces.len())?;
        self.faces.extend(fonts.into_iter().map(Arc::new));
        self.shaped = RwLock::default();
        Ok(())
    }

    /// The first typeface of a weight that has a letter, else the first of any weight. One that is
    /// at work goes on where it can.
    pub(super) fn pick(
        &self,
        letter: char,
        weight: Weight,
        at_work: Option<&Arc<Typeface>>,
    ) -> Option<&Arc<Typeface>> {
        let has = |face: &&Arc<Typeface>| face.has(letter);
        let goes_on = at_work.filter(|_| script::is_of_none(letter)).filter(has);
        let goes_on = goes_on.and_then(|face| self.faces.get(face.number()));
        let of_weight = || self.faces.iter().filter(|face| face.weight() == weight).find(has);
        goes_on.or_else(of_weight).or_else(|| self.faces.iter().find(has))
    }

    /// A line of text as glyphs, from left to right.
    pub fn shape(&self, text: &str, letters: Letters<'_>) -> Result<Arc<Shaped>, TypesetError> {
        let asked = (text.to_owned(), letters.language.as_str().to_owned(), letters.weight);
        // What a thread left behind when it fell is whole: entries are put in at once.
        let known = self.shaped.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(shaped) = known.get(&asked) {
            return Ok(shaped.clone());
        }
        drop(known);
        let shaped = Arc::new(shape::line(self, text, letters)?);
        let mut known = self.shaped.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < KEPT {
            known.insert(asked, shaped.clone());
        }
        Ok(shaped)
    }

    /// The lines of one paragraph.
    fn paragraph(
        &self,
        text: &str,
        letters: Letters<'_>,
        width: Length,
        lines: &mut Vec<SetLine>,
    ) -> Result<(), TypesetError> {
        let mut options = LineBreakOptions::default();
        // Korean has spaces between its words, and is broken there.
        if letters.language.as_str().split('-').next() == Some("ko") {
            options.word_option = Some(LineBreakWordOption::KeepAll);
        }
        let breaks: Vec<usize> =
            LineSegmenter::new_dictionary(options).segment_str(text).skip(1).collect();
        let mut start = 0;
        let mut best: Option<(usize, SetLine)> = None;
        let mut coming = breaks.iter().peekable();
        while let Some(end) = coming.peek().copied() {
            let piece = text.get(start..*end).unwrap_or_default();
            let set = self.set(piece, letters)?;
            if set.width <= width {
                best = Some((*end, set));
                coming.next();
            } else if let Some((end, line)) = best.take() {
                lines.push(line);
                start = end;
            } else {
                return Err(TypesetError::Word { word: set.text, width });
            }
        }
        lines.extend(best.map(|(_, line)| line));
        Ok(())
    }

    /// A line as it stands: no space at its end, a soft hyphen there to be seen and nowhere else.
    fn set(&self, piece: &str, letters: Letters<'_>) -> Result<SetLine, TypesetError> {
        let text = piece.trim_end();
        let hyphen = if text.ends_with(SOFT_HYPHEN) { "-" } else { "" };
        let text = text.replace(SOFT_HYPHEN, "") + hyphen;
        let width = self.shape(&text, letters)?.width(letters.size);
        Ok(SetLine { text, width })
    }
}

const SOFT_HYPHEN: char = '\u{ad}';

impl Typesetter for Library {
    fn lines(
        &self,
        text: &str,
        letters: Letters<'_>,
        width: Length,
    ) -> Result<Vec<SetLine>, TypesetError> {
        let mut lines = Vec::new();
        for paragraph in text.split('\n') {
            let count = lines.len();
            self.paragraph(paragraph, letters, width, &mut lines)?;
            if lines.len() == count {
                lines.push(SetLine { text: String::new(), width: Length::ZERO });
            }
        }
        Ok(lines)
    }
}
