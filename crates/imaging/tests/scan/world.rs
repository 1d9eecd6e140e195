//! A small election: one style of one side.

use artifact::payload::definition::Paper;
use canon::Digest;
use imaging::scan::Picture;
use paper::layout::geometry::StyleSheets;
use paper::layout::{
    Area, Frame, Geometry, Label, Length, Oval, Point, Purpose, Side, Target, WriteIn,
};
use testkit::ballots::{Base, Damage, Scan};

/// What is printed and what a scanner knows of it.
pub(crate) struct World {
    pub(crate) geometry: Geometry,
    pub(crate) label: Label,
    pub(crate) base: Base,
}

impl World {
    /// Three columns of 24 ovals, the last one in each with a write-in line.
    pub(crate) fn of(paper: Paper, name: &[u8]) -> Self {
        let content = Frame::of(paper).content();
        let mut side = Side::default();
        for (column, contest) in (0..3).zip(0_u32..) {
            for (row, line) in (0..24).zip(0_u32..) {
                let x = content.x.plus(Length::hundredths(600 + column * 6_300));
                let y = content.y.plus(Length::hundredths(600 + row * 850));
                let target = if line == 23 { Target::WriteIn(0) } else { Target::Choice(line) };
                side.ovals.push(Oval { centre: Point { x, y }, contest, rank: 1, target });
                if line == 23 {
                    let area = Area {
                        height: Length::hundredths(600),
                        width: Length::hundredths(4_000),
                        x: x.plus(Length::hundredths(500)),
                        y: y.less(Length::hundredths(400)),
                    };
                    side.write_ins.push(WriteIn { area, contest, line: 0 });
                }
            }
        }
        let definition = Digest::of(name);
        let label = Label {
            definition: Label::short(&definition),
            style: 0,
            sheet: 0,
            is_back: false,
            purpose: Purpose::Official,
        };
        let base = Base::sketch(Frame::of(paper), &label, &side, 7);
        let styles = vec![StyleSheets { sheets: vec![vec![side]] }];
        Self { geometry: Geometry { definition, paper, styles }, label, base }
    }

    pub(crate) fn side(&self) -> &Side {
        self.geometry.side(0, 0, 0).unwrap()
    }

    /// The paper's width and height in millimetres.
    pub(crate) fn size(&self) -> (f32, f32) {
        let (width, height) = Frame::of(self.geometry.paper).size();
        (width.millimetres(), height.millimetres())
    }

    /// A picture of the unmarked side.
    pub(crate) fn scanned(&self, damage: &Damage) -> Picture {
        picture(damage.scan(&self.base))
    }
}

pub(crate) fn picture(scan: Scan) -> Picture {
    Picture::new(scan.width, scan.height, scan.grey).unwrap()
}
