//! Programs of others judge what is printed. One that is not on the machine is named, and nothing
//! is judged by it.

use std::path::Path;
use std::process::{Command, Output};

use booth::card;
use imaging::print::{Sheet, pdf};
use imaging::scan::{Picture, codes};

use super::{figure, page, picture};

/// What a program says, if it is there.
#[allow(clippy::print_stdout, reason = "says which judge is missing")]
fn ask(program: &str, arguments: &[&str], folder: &Path) -> Option<Output> {
    let asked = Command::new(program).args(arguments).current_dir(folder).output();
    match asked {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("{program} is not on this machine and judges nothing");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

#[test]
fn zbar_reads_the_code() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("card.png"), picture()).unwrap();
    let arguments = ["--quiet", "--raw", "--oneshot", "-Sbinary", "card.png"];
    let Some(said) = ask("zbarimg", &arguments, folder.path()) else { return };
    assert!(said.status.success(), "{said:?}");
    assert_eq!(said.stdout, figure().0.to_bytes());
}

const ZXING: &str = "
import sys
try:
    import zxingcpp
    from PIL import Image
except ImportError:
    sys.exit(77)
found, = zxingcpp.read_barcodes(Image.open('card.png'))
level = getattr(found, 'ec_level', '') or found.extra.get('ECLevel', '')
print(found.bytes.hex(), level)
";

#[test]
fn zxing_reads_the_code_at_level_h() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("card.png"), picture()).unwrap();
    let Some(said) = ask("python3", &["-c", ZXING], folder.path()) else { return };
    if said.status.code() == Some(77) {
        println!("zxing-cpp or pillow is not on this machine and judges nothing");
        return;
    }
    let text = String::from_utf8(said.stdout).unwrap();
    assert_eq!(text.trim(), format!("{} H", figure().0.token()), "{:?}", said.stderr);
}

/// The text of a sheet, as it is copied from it or read aloud.
fn text_of(sheet: Sheet, cards: usize) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let bytes = pdf::write(&[sheet.of(&vec![page(); cards])], "Cards").unwrap();
    std::fs::write(folder.path().join("sheet.pdf"), bytes).unwrap();
    let said = ask("pdftotext", &["-layout", "sheet.pdf", "-"], folder.path())?;
    assert!(said.status.success() && said.stderr.is_empty(), "{said:?}");
    Some(String::from_utf8(said.stdout).unwrap())
}

#[test]
fn the_text_of_a_sheet_is_the_card() {
    let Some(text) = text_of(Sheet::One, 1) else { return };
    assert!(text.contains("Élection à Łódź, Київ and Αθήνα"), "{text}");
    assert!(text.contains("22 November 2026") && text.contains("No. 123"), "{text}");
    let (mandate, lines) = figure();
    let words: Vec<Vec<&str>> =
        text.lines().map(|line| line.split_whitespace().collect()).collect();
    for (number, line) in (1..).zip(&lines) {
        let expected = format!("{number} {line}");
        assert!(words.iter().any(|words| words.join(" ").ends_with(&expected)), "{expected}");
    }
    let numbered = words.iter().filter(|words| {
        words.len() == 6 && words.first().is_some_and(|word| word.parse::<usize>().is_ok())
    });
    let typed = numbered.map(|words| words[1..].concat());
    let typed: Vec<String> = typed.collect();
    assert_eq!(card::read(&typed.join("\n")), Ok(mandate));
}

#[test]
fn the_code_of_every_card_on_a_sheet_is_read() {
    let mandate = figure().0;
    for (sheet, cards) in [(Sheet::One, 1), (Sheet::Four, 4)] {
        let folder = tempfile::tempdir().unwrap();
        let bytes = pdf::write(&[sheet.of(&vec![page(); cards])], "Cards").unwrap();
        std::fs::write(folder.path().join("sheet.pdf"), bytes).unwrap();
        for at in 0..cards {
            // Cut along the marks, at 200 dots an inch.
            let (x, y) = (at % 2 * 827, at / 2 * 1169);
            let (width, height) = if cards == 1 { (1654, 2339) } else { (827, 1169) };
            let cut = [("-x", x), ("-y", y), ("-W", width), ("-H", height)];
            let cut = cut.map(|(name, length)| [name.to_owned(), length.to_string()]);
            let mut arguments = vec!["-r", "200", "-png", "-singlefile"];
            arguments.extend(cut.iter().flatten().map(String::as_str));
            arguments.extend(["sheet.pdf", "sheet"]);
            let Some(said) = ask("pdftoppm", &arguments, folder.path()) else { return };
            assert!(said.status.success() && said.stderr.is_empty(), "{said:?}");
            let png = std::fs::read(folder.path().join("sheet.png")).unwrap();
            let found = codes(&Picture::read_png(&png).unwrap());
            assert_eq!(found, [mandate.to_bytes()], "{sheet:?} {at}");
        }
    }
}
