//! `scrutineer paper print`

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use artifact::id::Language;
use artifact::kind::ArtifactKind;
use artifact::payload::Payload;
use artifact::payload::definition::BallotDefinition;
use canon::Digest;
use clap::{Args, ValueEnum};
use imaging::print::ballot::{Identity, Watermark, pages};
use imaging::print::{Library, PrintError, pdf};
use paper::layout::{
    Frame, Geometry, Label, Laid, LayoutError, Printing, Purpose, Wording, Wordings, lay_out,
};
use rayon::prelude::*;
use serde::Serialize;

use crate::message::{Exit, Failure, Outcome};
use crate::{file, progress};

/// Make the ballots of a definition: a PDF a style, and what a scanner has to know
///
/// The folder gets one PDF a style, `geometry.json` with the place of every oval, the definition
/// in canonical form, and `manifest.txt` with the SHA-256 of each file (`sha256sum -c` reads it).
/// Noto Sans with Latin, Greek and Cyrillic letters is built in; for other scripts give fonts, the
/// bold ones too. A ballot that is not official says so across each side and in its codes.
#[derive(Args)]
#[command(after_help = "Examples:\n  scrutineer paper print definition.json --out ballots\n  \
                  scrutineer paper print definition.json --out samples --purpose sample \\\n      \
                  --font NotoSansArabic-Regular.ttf --font NotoSansArabic-Bold.ttf\n\n\
                  Print in the sheets' own size, not fitted to the page.")]
pub(crate) struct Print {
    /// The ballot definition, - for stdin
    #[arg(value_name = "DEFINITION")]
    definition: PathBuf,
    /// The folder to make
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Print this style only; may be given several times
    #[arg(long, value_name = "ID")]
    style: Vec<String>,
    /// What the ballots are for
    #[arg(long, value_name = "PURPOSE", default_value = "official")]
    purpose: For,
    /// A font file: .ttf, .otf or .ttc; may be given several times
    #[arg(long, value_name = "FILE")]
    font: Vec<PathBuf>,
    /// The ballot's own words by language, as JSON, instead of those built in
    #[arg(long, value_name = "FILE")]
    words: Option<PathBuf>,
    /// Leave the backs white
    #[arg(long)]
    one_sided: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum For {
    /// To be voted on
    Official,
    /// For the logic-and-accuracy test
    Test,
    /// To be shown to voters beforehand
    Sample,
    /// To be read by those who approve it
    Proof,
}

impl For {
    const fn purpose(self) -> Purpose {
        match self {
            Self::Official => Purpose::Official,
            Self::Test => Purpose::Test,
            Self::Sample => Purpose::Sample,
            Self::Proof => Purpose::Proof,
        }
    }

    /// What stands across a ballot.
    fn across(self, words: &Wording) -> Option<String> {
        match self {
            Self::Official => None,
            Self::Test => Some(words.test.clone().into_owned()),
            Self::Sample => Some(words.sample.clone().into_owned()),
            Self::Proof => Some(words.proof.clone().into_owned()),
        }
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    styles: usize,
    sheets: usize,
    pages: usize,
    definition: Digest,
    folder: &'a Path,
}

/// What all styles have in common.
struct Press<'a> {
    definition: &'a BallotDefinition,
    digest: Digest,
    library: Library,
    wordings: Wordings,
    main: &'a Language,
    purpose: For,
}

impl Print {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        if self.out.exists() {
            return Err(there(&self.out));
        }
        let definition = read(&self.definition)?;
        let wanted = self.wanted(&definition)?;
        let canonical = canon::json::to_canonical(&definition).map_err(Failure::new)?;
        let main = definition.languages.first();
        let main = main.ok_or_else(|| Failure::new("the definition has no language"))?;
        let press = Press {
            definition: &definition,
            digest: Digest::of(&canonical),
            library: self.library()?,
            wordings: self.wordings()?,
            main,
            purpose: self.purpose,
        };
        let printing = Printing { one_sided: self.one_sided, wordings: Some(&press.wordings) };
        let laid = press.lay_out(printing)?;
        let staged = Staged::beside(&self.out)?;
        let mut listed = press.print(&laid, &wanted, staged.path())?;
        let geometry = Geometry {
            definition: press.digest,
            paper: definition.paper,
            styles: laid.iter().map(Laid::geometry).collect(),
        };
        let geometry = canon::json::to_canonical(&geometry).map_err(Failure::new)?;
        listed.push(write(staged.path(), "definition.json", &canonical)?);
        listed.push(write(staged.path(), "geometry.json", &geometry)?);
        listed.sort_by(|(one, _), (other, _)| one.cmp(other));
        let lines = listed.iter().map(|(name, digest)| format!("{digest}  {name}\n"));
        let manifest = lines.collect::<Vec<String>>().concat();
        write(staged.path(), "manifest.txt", manifest.as_bytes())?;
        staged.finish(&self.out)?;
        let printed = || laid.iter().zip(&wanted).filter(|(_, is_wanted)| **is_wanted);
        let answer = Answer {
            styles: printed().count(),
            sheets: printed().map(|(laid, _)| laid.sheets.len()).sum(),
            pages: printed().flat_map(|(laid, _)| &laid.sheets).map(Vec::len).sum(),
            definition: press.digest,
            folder: &self.out,
        };
        if self.json {
            serde_json::to_writer(&mut *out, &answer).map_err(std::io::Error::from)?;
            writeln!(out)?;
            return Ok(Exit::Holds);
        }
        writeln!(out, "styles      {}, a PDF each", answer.styles)?;
        writeln!(out, "sheets      {}, {} pages", answer.sheets, answer.pages)?;
        writeln!(out, "definition  {}", answer.definition)?;
        writeln!(out, "folder      {}", self.out.display())?;
        Ok(Exit::Holds)
    }

    /// For each style whether it is printed.
    fn wanted(&self, definition: &BallotDefinition) -> Result<Vec<bool>, Failure> {
        let mut asked: HashSet<&str> = self.style.iter().map(String::as_str).collect();
        let is_all = asked.is_empty();
        let wanted = definition.styles.iter();
        let wanted = wanted.map(|style| asked.remove(style.id.as_str()) || is_all).collect();
        match asked.into_iter().min() {
            None => Ok(wanted),
            Some(id) => Err(Failure::new(format_args!("the definition has no style {id:?}"))
                .hint("name a style of the definition, or none to print all")),
        }
    }

    fn library(&self) -> Result<Library, Failure> {
        let mut library = Library::built_in().map_err(|error| refused(&error))?;
        for path in &self.font {
            library.add(&file::name(path), file::read(path)?).map_err(|error| refused(&error))?;
        }
        Ok(library)
    }

    fn wordings(&self) -> Result<Wordings, Failure> {
        let Some(path) = &self.words else { return Ok(Wordings::default()) };
        let given: BTreeMap<Language, Wording> = canon::json::from_strict(&file::read(path)?)
            .map_err(|error| {
                Failure::new(format_args!("{}: {error}", file::name(path)))
                    .hint("docs/operate/paper.md shows the form of the file")
            })?;
        Ok(Wordings::given(given))
    }
}

impl Press<'_> {
    fn lay_out(&self, printing: Printing<'_>) -> Result<Vec<Laid>, Failure> {
        let bar = progress::bar("laying out", self.definition.styles.len() as u64);
        let laid = (0..self.definition.styles.len()).into_par_iter().map(|style| {
            let laid = lay_out(self.definition, style, &self.library, printing);
            bar.inc(1);
            laid.map_err(|error| unlaid(&error))
        });
        let laid = laid.collect();
        bar.finish_and_clear();
        laid
    }

    /// Writes the PDF of each style that is wanted; gives their names and digests.
    fn print(
        &self,
        laid: &[Laid],
        wanted: &[bool],
        folder: &Path,
    ) -> Result<Vec<(String, Digest)>, Failure> {
        let wanted: Vec<usize> =
            (0..laid.len()).filter(|style| wanted.get(*style).copied().unwrap_or(false)).collect();
        let bar = progress::bar("printing", wanted.len() as u64);
        let listed = wanted.par_iter().filter_map(|style| Some((*style, laid.get(*style)?)));
        let listed = listed.map(|(style, laid)| {
            let listed = self.document(style, laid, folder);
            bar.inc(1);
            listed
        });
        let listed = listed.collect();
        bar.finish_and_clear();
        listed
    }

    fn document(
        &self,
        style: usize,
        laid: &Laid,
        folder: &Path,
    ) -> Result<(String, Digest), Failure> {
        let number = u16::try_from(style)
            .map_err(|_| Failure::new("the definition has more than 65,536 styles"))?;
        let identity = Identity {
            definition: Label::short(&self.digest),
            style: number,
            purpose: self.purpose.purpose(),
        };
        let words = self.wordings.of(self.main);
        let across = words.and_then(|words| self.purpose.across(&words));
        let watermark = across.as_deref().map(|text| Watermark { language: self.main, text });
        let frame = Frame::of(self.definition.paper);
        let pages = pages(laid, frame, identity, watermark, &self.library)
            .map_err(|error| refused(&error))?;
        let id = self.definition.styles.get(style).map_or("", |style| style.id.as_str());
        let election = self.definition.title.of(self.main).map_or("", |title| title.as_str());
        let title = format!("{election}: {id}");
        let bytes = pdf::write_in(&pages, &title, Some(self.main.as_str()))
            .map_err(|error| refused(&error))?;
        write(folder, &name(style, id), &bytes)
    }
}

/// The file of a style: its number from 1, and what of its id is safe in a name everywhere.
fn name(style: usize, id: &str) -> String {
    let safe = |letter: char| {
        if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' }
    };
    let id: String = id.chars().map(safe).take(60).collect();
    format!("{:04}-{id}.pdf", style.saturating_add(1))
}

fn read(path: &Path) -> Result<BallotDefinition, Failure> {
    let bytes = file::read(path)?;
    let decoded = Payload::decode_strict(ArtifactKind::BallotDefinition, &bytes);
    match decoded {
        Ok(Payload::BallotDefinition(definition)) => whole(path, *definition),
        Ok(_) => Err(Failure::new(format_args!("{} is no definition", file::name(path)))),
        Err(error) => Err(Failure::new(format_args!("{}: {error}", file::name(path)))
            .hint("give the payload of a ballot definition: docs/spec/artifacts.md has its form")),
    }
}

/// Ballots are printed from a definition that holds together, and from no other.
fn whole(path: &Path, definition: BallotDefinition) -> Result<BallotDefinition, Failure> {
    let faults = paper::definition::check(&definition);
    let Some(first) = faults.first() else { return Ok(definition) };
    let more = match faults.len() {
        1 => String::new(),
        count => format!(", the first of {count} faults"),
    };
    Err(Failure::new(format_args!("{}: {first}{more}", file::name(path)))
        .hint("`scrutineer paper define check` names all faults, with what to do about each"))
}

fn unlaid(error: &LayoutError) -> Failure {
    use paper::layout::TypesetError::Character;
    let failure = Failure::new(error);
    match error {
        LayoutError::Typeset { error: Character { file, .. }, .. } => {
            failure.hint(format_args!("give a font file that has it: --font {file}"))
        }
        LayoutError::Wording(_) => failure.hint("give the words of that language with --words"),
        error => failure.hint(error.hint()),
    }
}

fn refused(error: &PrintError) -> Failure {
    Failure::new(error).hint(error.hint())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(String, Digest), Failure> {
    let path = folder.join(name);
    fs::write(&path, bytes).map_err(|error| file::cannot_write(&path, &error))?;
    Ok((name.to_owned(), Digest::of(bytes)))
}

fn there(path: &Path) -> Failure {
    Failure::new(format_args!("{} is there already", path.display()))
        .hint("choose another folder: ballots are never overwritten")
}

/// A folder that has its name only when it is whole.
struct Staged(tempfile::TempDir);

impl Staged {
    fn beside(out: &Path) -> Result<Self, Failure> {
        let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or_else(|| Path::new("."));
        let made = tempfile::Builder::new().prefix(".printing-").tempdir_in(parent);
        made.map(Self).map_err(|error| file::cannot_write(out, &error))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn finish(self, out: &Path) -> Result<(), Failure> {
        // An empty folder would be replaced without a word.
        if out.exists() {
            return Err(there(out));
        }
        fs::rename(self.path(), out).map_err(|error| file::cannot_write(out, &error))
    }
}
