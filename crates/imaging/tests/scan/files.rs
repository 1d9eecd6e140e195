//! Files as scanners write them. Poppler, not this project, makes the JPEG, PNG and TIFF files.

use std::path::Path;
use std::process::Command;

use artifact::payload::definition::Paper;
use imaging::scan::ballot;
use imaging::scan::file::File;
use paper::interpret::{Judgement, Thresholds};
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref};
use testkit::ballots::{Damage, Dice, Pen, Scan, Stroke};

use crate::world::World;

/// A side with every third oval filled in, in a clean scan.
fn marked() -> (World, Scan) {
    let mut world = World::of(Paper::Letter, b"an election");
    let ovals = world.side().ovals.clone();
    let mut dice = Dice::new(5);
    for oval in ovals.iter().step_by(3) {
        let pen = Pen { breadth: 0.7, shade: 30 };
        pen.mark(&mut world.base, oval.centre, Stroke::Fill, 0.6, &mut dice);
    }
    // White is white: poppler would make a pattern of dots of the lightest grey in black and white.
    let scan = Damage { tone: (255, 0), blur: 0.0, ..Damage::none(200.0) }.scan(&world.base);
    (world, scan)
}

/// Whether a file's page shows the side with the marks where they were made.
fn holds(world: &World, bytes: &[u8], page: usize, what: &str) {
    let file = File::open(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    let picture = file.picture(page).unwrap_or_else(|error| panic!("{what}: {error}"));
    let seen = ballot::read_side(&picture, &world.geometry);
    let seen = seen.unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(seen.label, world.label, "{what}");
    for (at, ink) in seen.ovals.iter().enumerate() {
        let expected = if at % 3 == 0 { Judgement::Marked } else { Judgement::Empty };
        assert_eq!(Thresholds::default().judge(ink.thousandths), expected, "{what}: oval {at}");
    }
}

/// A picture, or a strip of one, that a PDF shows.
struct Strip<'a> {
    width: usize,
    height: usize,
    bytes: &'a [u8],
    filter: Option<Filter>,
}

/// A PDF with so many pages, each of the same strips one below the other.
fn pdf(strips: &[Strip<'_>], pages: i32) -> Vec<u8> {
    let count = i32::try_from(strips.len()).unwrap();
    let image = |at: i32| Ref::new(3 + at);
    let page = |at: i32| Ref::new(3 + count + at);
    let content = Ref::new(3 + count + pages);
    let mut pdf = Pdf::new();
    pdf.catalog(Ref::new(1)).pages(Ref::new(2));
    pdf.pages(Ref::new(2)).kids((0..pages).map(page)).count(pages);
    let rows: usize = strips.iter().map(|strip| strip.height).sum();
    let mut drawn = Content::new();
    let mut top = 792.0;
    for (at, strip) in (0_i32..).zip(strips) {
        let mut object = pdf.image_xobject(image(at), strip.bytes);
        object.width(strip.width as i32).height(strip.height as i32).bits_per_component(8);
        object.color_space().device_gray();
        if let Some(filter) = strip.filter {
            object.filter(filter);
        }
        object.finish();
        let height = 792.0 * strip.height as f32 / rows as f32;
        top -= height;
        drawn.save_state().transform([612.0, 0.0, 0.0, height, 0.0, top]);
        drawn.x_object(Name(format!("I{at}").as_bytes())).restore_state();
    }
    for at in 0..pages {
        let mut writer = pdf.page(page(at));
        writer.parent(Ref::new(2)).media_box(Rect::new(0.0, 0.0, 612.0, 792.0)).contents(content);
        let mut resources = writer.resources();
        let mut objects = resources.x_objects();
        for at in 0..count {
            objects.pair(Name(format!("I{at}").as_bytes()), image(at));
        }
    }
    pdf.stream(content, &drawn.finish());
    pdf.finish()
}

fn raw<'a>(scan: &Scan, bytes: &'a [u8]) -> Strip<'a> {
    Strip { width: scan.width, height: bytes.len() / scan.width, bytes, filter: None }
}

/// What poppler makes of a PDF.
fn poppler(folder: &Path, pdf: &[u8], options: &[&str], ending: &str) -> Vec<u8> {
    std::fs::write(folder.join("in.pdf"), pdf).unwrap();
    let mut command = Command::new("pdftoppm");
    command.args(["-r", "200", "-singlefile"]).args(options);
    let status = command.arg(folder.join("in.pdf")).arg(folder.join("out")).status().unwrap();
    assert!(status.success(), "{options:?}");
    std::fs::read(folder.join(format!("out.{ending}"))).unwrap()
}

#[test]
fn a_pdf_of_pictures_is_read_whole_or_in_strips() {
    let (world, scan) = marked();
    let one = pdf(&[raw(&scan, &scan.grey)], 3);
    assert_eq!(File::open(&one).unwrap().pages(), 3);
    holds(&world, &one, 2, "one picture a page");
    let strips: Vec<Strip<'_>> =
        scan.grey.chunks(scan.width * 300).map(|strip| raw(&scan, strip)).collect();
    holds(&world, &pdf(&strips, 1), 0, "strips");
}

#[test]
fn what_poppler_writes_is_read() {
    let found = Command::new("pdftoppm").arg("-v").output().ok();
    if testkit::outside::outside("pdftoppm", found).is_none() {
        return;
    }
    let (world, scan) = marked();
    let source = pdf(&[raw(&scan, &scan.grey)], 1);
    let folder = tempfile::tempdir().unwrap();
    let make = |options: &[&str], ending: &str| poppler(folder.path(), &source, options, ending);
    for (options, ending) in [
        (&["-gray", "-png"][..], "png"),
        (&["-png"], "png"),
        (&["-mono", "-png"], "png"),
        (&["-gray", "-jpeg", "-jpegopt", "quality=40"], "jpg"),
        (&["-jpeg", "-jpegopt", "quality=90"], "jpg"),
        (&["-jpeg", "-jpegopt", "progressive=y"], "jpg"),
        (&["-gray", "-tiff", "-tiffcompression", "none"], "tif"),
        (&["-gray", "-tiff", "-tiffcompression", "lzw"], "tif"),
        (&["-tiff", "-tiffcompression", "deflate"], "tif"),
        (&["-tiff", "-tiffcompression", "packbits"], "tif"),
        (&["-mono", "-tiff", "-tiffcompression", "none"], "tif"),
    ] {
        holds(&world, &make(options, ending), 0, &format!("{options:?}"));
    }
    let jpeg = make(&["-gray", "-jpeg"], "jpg");
    let (width, height) = (scan.width, scan.height);
    let strip = Strip { width, height, bytes: &jpeg, filter: Some(Filter::DctDecode) };
    holds(&world, &pdf(&[strip], 1), 0, "a JPEG in a PDF");
}

#[test]
fn files_that_hold_no_picture_are_refused() {
    for bytes in [&b""[..], b"GIF89a", b"%PDF-1.7 and nothing", b"\x89PNG\r\n", b"II*\0\0\0\0\0"] {
        let read = File::open(bytes).and_then(|file| file.picture(0));
        assert!(read.is_err(), "{bytes:?}");
    }
    let words = {
        let mut pdf = Pdf::new();
        pdf.catalog(Ref::new(1)).pages(Ref::new(2));
        pdf.pages(Ref::new(2)).kids([Ref::new(3)]).count(1);
        let media = Rect::new(0.0, 0.0, 612.0, 792.0);
        pdf.page(Ref::new(3)).parent(Ref::new(2)).media_box(media);
        pdf.finish()
    };
    let error = File::open(&words).unwrap().picture(0).unwrap_err();
    assert!(error.to_string().contains("shows no picture"), "{error}");
}

#[test]
fn a_picture_of_twenty_thousand_pixels_is_refused_by_its_header() {
    // The header of a JPEG file (ITU-T T.81, B.2.2): 20,000 by 20,000 pixels, one component.
    let mut jpeg = vec![0xff, 0xd8, 0xff, 0xc0, 0, 11, 8];
    jpeg.extend(20_000_u16.to_be_bytes());
    jpeg.extend(20_000_u16.to_be_bytes());
    jpeg.extend([1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
    let error = File::open(&jpeg).unwrap().picture(0).unwrap_err();
    assert!(error.to_string().contains("20000 by 20000 pixels"), "{error}");
}
