//! Printed ballots, judged by programs of others: rasterised by poppler, read back by this crate.

mod pages;
mod scripts;

use artifact::id::Language;
use artifact::payload::definition::BallotDefinition;
use imaging::print::ballot::{Identity, Watermark, pages};
use imaging::print::{Library, Page, pdf};
use paper::layout::{Frame, Laid, Printing, Purpose, lay_out};

/// A small city in two languages.
fn city() -> BallotDefinition {
    serde_json::from_str(include_str!("city.json")).unwrap()
}

fn language(tag: &str) -> Language {
    tag.parse().unwrap()
}

/// A program of others, which has to be there where everything is installed.
#[allow(clippy::print_stdout, reason = "says which judge is missing")]
fn ask(program: &str, arguments: &[&str], folder: &std::path::Path) -> Option<Vec<u8>> {
    let asked = std::process::Command::new(program).args(arguments).current_dir(folder).output();
    match asked {
        Ok(output) => {
            assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
            Some(output.stdout)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            assert!(std::env::var_os("CI").is_none(), "{program} is not on this machine");
            println!("{program} is not on this machine and judges nothing");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

/// A ballot on its pages.
fn printed(
    definition: &BallotDefinition,
    style: u16,
    purpose: Purpose,
    library: &Library,
) -> (Laid, Vec<Page>) {
    let laid = lay_out(definition, style.into(), library, Printing::default()).unwrap();
    let identity = Identity { definition: *b"0123456789", style, purpose };
    let main = language("en");
    let watermark =
        (purpose != Purpose::Official).then_some(Watermark { language: &main, text: "SAMPLE" });
    let frame = Frame::of(definition.paper);
    let pages = pages(&laid, frame, identity, watermark, library).unwrap();
    (laid, pages)
}

fn document(pages: &[Page]) -> Vec<u8> {
    pdf::write_in(pages, "Ballot", Some("en")).unwrap()
}
