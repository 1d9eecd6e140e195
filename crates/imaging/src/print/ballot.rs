//! A ballot on its pages: the frame, the codes, and what was laid out.

use artifact::id::Language;
use paper::layout::frame::{MARK, MODULE};
use paper::layout::geometry::{OVAL, OVAL_LINE};
use paper::layout::{
    Area, Frame, Ink, Label, Laid, LaidSide, Length, Letters, Line, Purpose, Weight,
};

use super::page::{Mark, Page};
use super::qr::Modules;
use super::shape::Shaped;
use super::{Library, PrintError};

/// The bar behind a title.
const BAR: f32 = 0.86;

/// What says that a ballot does not count: 8 % of black, so that it fills no oval.
const WATERMARK: f32 = 0.92;

/// How much of a side's diagonal it takes, and its largest em in millimetres.
const REACH: (f32, f32) = (0.75, 70.0);

/// What is drawn across a ballot that is not official.
#[derive(Clone, Copy, Debug)]
pub struct Watermark<'a> {
    /// Its language.
    pub language: &'a Language,
    /// What it says.
    pub text: &'a str,
}

/// What the codes of a ballot say, but for sheet and side.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// The first bytes of the definition's digest.
    pub definition: [u8; 10],
    /// The style, from 0.
    pub style: u16,
    /// What it is printed for.
    pub purpose: Purpose,
}

/// The pages of a ballot, side by side of each sheet.
pub fn pages(
    laid: &Laid,
    frame: Frame,
    identity: Identity,
    watermark: Option<Watermark<'_>>,
    library: &Library,
) -> Result<Vec<Page>, PrintError> {
    let mut pages = Vec::new();
    for (sheet, sides) in (0..).zip(&laid.sheets) {
        for (side, is_back) in sides.iter().zip([false, true]) {
            let Identity { definition, style, purpose } = identity;
            let label = Label { definition, style, sheet, is_back, purpose };
            pages.push(page(side, frame, label, watermark, library)?);
        }
    }
    Ok(pages)
}

fn page(
    side: &LaidSide,
    frame: Frame,
    label: Label,
    watermark: Option<Watermark<'_>>,
    library: &Library,
) -> Result<Page, PrintError> {
    let (width, height) = frame.size();
    let (width, height) = (width.millimetres(), height.millimetres());
    let mut marks = Vec::new();
    if let Some(watermark) = watermark {
        across(&mut marks, (width, height), watermark, library)?;
    }
    marks.extend(frame.printed().map(|centre| {
        let (wide, high) = MARK;
        let (x, y) = (centre.x.less(wide.part(2)), centre.y.less(high.part(2)));
        bar(Area { height: high, width: wide, x, y })
    }));
    for (area, is_second) in frame.codes().into_iter().zip([false, true]) {
        let modules = Modules::of(&label.to_bytes(is_second))?;
        let (x, y) = (area.x.millimetres(), area.y.millimetres());
        marks.push(Mark::Code { x, y, module: MODULE.millimetres(), modules });
    }
    for ink in &side.inks {
        draw(&mut marks, ink, library)?;
    }
    Ok(Page { width, height, marks })
}

fn bar(area: Area) -> Mark {
    let [x, y, width, height] = millimetres(area);
    Mark::Bar { x, y, width, height }
}

fn millimetres(area: Area) -> [f32; 4] {
    [area.x, area.y, area.width, area.height].map(Length::millimetres)
}

fn draw(marks: &mut Vec<Mark>, ink: &Ink, library: &Library) -> Result<(), PrintError> {
    match ink {
        Ink::Bar(area) => {
            let [x, y, width, height] = millimetres(*area);
            marks.push(Mark::Shade { x, y, width, height, grey: BAR });
        }
        Ink::Rule(area) => marks.push(bar(*area)),
        Ink::Oval { centre, is_filled } => {
            let (width, height) = (OVAL.0.millimetres(), OVAL.1.millimetres());
            let line = (!is_filled).then_some(OVAL_LINE.millimetres());
            let (x, y) = (centre.x.millimetres(), centre.y.millimetres());
            marks.push(Mark::Oval { x, y, width, height, line });
        }
        Ink::Line(line) => text(marks, line, library)?,
    }
    Ok(())
}

fn text(marks: &mut Vec<Mark>, line: &Line, library: &Library) -> Result<(), PrintError> {
    let letters = Letters { language: &line.language, weight: line.weight, size: line.size };
    let shaped = library.shape(&line.text, letters)?;
    let place = (line.area.x.millimetres(), line.baseline.millimetres());
    set(marks, &shaped, line.size.millimetres(), place, (1.0, 0.0), 0.0);
    Ok(())
}

/// Puts the runs of a line one after the other.
fn set(
    marks: &mut Vec<Mark>,
    shaped: &Shaped,
    size: f32,
    (mut x, mut y): (f32, f32),
    along: (f32, f32),
    grey: f32,
) {
    for run in &shaped.runs {
        marks.push(Mark::Run { run: run.clone(), size, x, y, along, grey });
        let width = run.width() * size;
        (x, y) = (x + width * along.0, y - width * along.1);
    }
}

/// A word from the lower left to the upper right, below everything else.
fn across(
    marks: &mut Vec<Mark>,
    (width, height): (f32, f32),
    watermark: Watermark<'_>,
    library: &Library,
) -> Result<(), PrintError> {
    let Watermark { language, text } = watermark;
    let size = Length::hundredths(1000);
    let letters = Letters { language, weight: Weight::Bold, size };
    let shaped = library.shape(text, letters)?;
    let ems = shaped.width(size).millimetres() / size.millimetres();
    let diagonal = width.mul_add(width, height * height).sqrt();
    let (right, up) = (width / diagonal, height / diagonal);
    let size = (diagonal * REACH.0 / ems.max(1.0)).min(REACH.1);
    let (long, high) = (ems * size, 0.7 * size);
    // The middle of the word in the middle of the side.
    let x = f32::midpoint(width - long * right, high * up);
    let y = f32::midpoint(height + long * up, high * right);
    set(marks, &shaped, size, (x, y), (right, up), WATERMARK);
    Ok(())
}
