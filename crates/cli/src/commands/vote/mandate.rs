//! The mandate as a person gives it: a card, typed line by line, or a token.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use booth::card::{self, LINES};
use booth::mandate::Mandate;
use clap::Args;
use imaging::scan::{Picture, codes};
use tokio::sync::oneshot;

use crate::file;
use crate::message::Failure;

/// The largest card or token, in bytes: more is no card.
const MAX_BYTES: usize = 4_096;

// No doc comment: it would stand in the help of the verbs.
#[derive(Args)]
#[group(multiple = false)]
pub(crate) struct Source {
    /// The mandate card's twelve lines in a file; - to type them
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
    /// The mandate's token in a file; - to type it
    #[arg(long, value_name = "FILE")]
    token: Option<PathBuf>,
    /// A picture of the card's QR code, PNG
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
}

/// A mandate that is on its way, and why it did not come if it does not.
pub(super) struct Typing {
    mandate: oneshot::Receiver<Mandate>,
    failure: mpsc::Receiver<Failure>,
}

impl Source {
    pub(super) const fn is_given(&self) -> bool {
        self.card.is_some() || self.token.is_some() || self.image.is_some()
    }

    /// Reads the mandate: a file at once; what is typed while the device works.
    pub(super) fn read(&self) -> Result<Typing, Failure> {
        let (give, mandate) = oneshot::channel();
        let (fail, failure) = mpsc::channel();
        let is_typed = [&self.card, &self.token].into_iter().flatten().any(|path| is_stdin(path));
        if is_typed {
            let is_card = self.card.is_some();
            // Nobody waits for this thread: a person may never type.
            std::thread::spawn(move || {
                // Whoever waited may have gone.
                let _ = match typed(is_card) {
                    Ok(mandate) => give.send(mandate).map_err(drop),
                    Err(failure) => fail.send(failure).map_err(drop),
                };
            });
        } else if let Some(mandate) = self.of_file()? {
            let _received_below = give.send(mandate);
        }
        Ok(Typing { mandate, failure })
    }

    fn of_file(&self) -> Result<Option<Mandate>, Failure> {
        if let Some(path) = &self.card {
            return of_card(&text(path)?).map(Some);
        }
        if let Some(path) = &self.image {
            return of_image(path).map(Some);
        }
        self.token.as_ref().map(|path| of_token(&text(path)?)).transpose()
    }
}

impl Typing {
    /// The mandate once it is typed, `None` if it will not be; and a place to ask why.
    pub(super) fn parts(
        self,
    ) -> (impl Future<Output = Option<Mandate>> + Send, mpsc::Receiver<Failure>) {
        let mandate = self.mandate;
        (async move { mandate.await.ok() }, self.failure)
    }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn text(path: &Path) -> Result<String, Failure> {
    let bytes = file::read(path)?;
    let text = (bytes.len() <= MAX_BYTES).then(|| String::from_utf8(bytes).ok()).flatten();
    text.ok_or_else(|| {
        Failure::new(format_args!("{} is neither a card nor a token", file::name(path)))
            .hint("a card is twelve lines, a token is 240 digits")
    })
}

fn of_card(text: &str) -> Result<Mandate, Failure> {
    card::read(text).map_err(|error| Failure::new(&error).hint(error.hint()))
}

fn of_token(text: &str) -> Result<Mandate, Failure> {
    Mandate::from_token(text)
        .map_err(|error| Failure::new(error).hint("copy the token again, or type the card instead"))
}

/// The one mandate of a picture. Of two codes nobody knows which is meant.
fn of_image(path: &Path) -> Result<Mandate, Failure> {
    let name = file::name(path);
    let picture = Picture::read_png(&file::read(path)?)
        .map_err(|error| Failure::new(format_args!("{name}: {error}")).hint(error.hint()))?;
    let codes = codes(&picture);
    let found: Vec<Mandate> =
        codes.iter().filter_map(|bytes| Mandate::from_bytes(bytes).ok()).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::new(format_args!("{name}: no mandate can be read in it"))
            .hint("take it again: sharp, in even light, the whole code; or type the card")),
        _ => Err(Failure::new(format_args!("{name}: there are {} mandates in it", found.len()))
            .hint("take a picture of one card alone")),
    }
}

fn typed(is_card: bool) -> Result<Mandate, Failure> {
    let is_person = io::stdin().is_terminal();
    if !is_person {
        let text = text(Path::new("-"))?;
        return if is_card { of_card(&text) } else { of_token(&text) };
    }
    if !is_card {
        return of_token(&ask("token: ")?);
    }
    loop {
        let lines = (1..=LINES).map(typed_line).collect::<Result<Vec<_>, _>>()?;
        match card::read(&lines.join("\n")) {
            Ok(mandate) => return Ok(mandate),
            Err(error) => tell(&format!("{error}: {}", error.hint())),
        }
    }
}

/// One line of the card, asked for until it is right in itself.
fn typed_line(number: usize) -> Result<String, Failure> {
    loop {
        let line = ask(&format!("line {number:>2}: "))?;
        match card::read_line(&line, number) {
            Ok(_) => return Ok(line),
            Err(fault) => tell(&format!("         {fault}: {}", fault.hint())),
        }
    }
}

fn tell(text: &str) {
    // Nobody is left to tell if this fails.
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

fn ask(words: &str) -> Result<String, Failure> {
    let _ = write!(anstream::stderr().lock(), "{words}");
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(count) if count > 0 => Ok(line),
        Ok(_) => Err(Failure::new("the mandate was not typed to its end")
            .hint("type it again with `scrutineer vote resume`")),
        Err(error) => Err(file::cannot_read(Path::new("-"), &error)),
    }
}
