//! `scrutineer mandate show`

use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};

use booth::campaign::{Campaign, Draft};
use booth::card::{self, CardError};
use booth::mandate::{Authorities, MANDATE_BYTES, Mandate, MandateError, Unauthorised};
use canon::{Algorithm, PublicKey, base32, base64};
use clap::Args;
use imaging::scan::{Picture, codes};
use serde::Serialize;

use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Check a mandate, and say what is wrong with it and where
///
/// A mandate comes as the twelve lines of a card, as the 240 digits of a token, or as a picture
/// with its QR code. Each line of a card is judged by itself. With a campaign or a key it is judged
/// too whether the authority is the right one. With --as a mandate that holds is given out in
/// another of its forms, in the place of the report.
#[derive(Args)]
#[command(after_help = "Examples:\n  scrutineer mandate show --card typed.txt --campaign \
                        campaign.toml\n  scrutineer mandate show --image photograph.png\n  \
                        scrutineer mandate show --image card.png --as token > token\n\n\
                        Whoever reads a mandate can vote by it: --token - and --card - take it \
                        from stdin,\nwhich other users of the machine cannot read.\n\nExit \
                        status: 0 it holds, 1 it does not, 2 it could not be told.")]
#[group(skip)]
pub(crate) struct Show {
    #[command(flatten)]
    given: Given,
    /// The campaign: its authorities are the right ones
    #[arg(long, value_name = "FILE", conflicts_with = "authority")]
    campaign: Option<PathBuf>,
    /// The right authority's Ed25519 public key, base64
    #[arg(long, value_name = "KEY")]
    authority: Option<String>,
    /// Give a mandate that holds out in this form; whoever has it can vote by it
    #[arg(long = "as", value_name = "FORM", conflicts_with = "json")]
    form: Option<Form>,
    /// Answer in JSON Lines, one a mandate
    #[arg(long)]
    json: bool,
}

/// A form of a mandate.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Form {
    /// The 240 hexadecimal digits
    Token,
    /// The twelve lines of the card
    Card,
}

impl Form {
    fn of(self, mandate: &Mandate) -> String {
        match self {
            Self::Token => mandate.token(),
            Self::Card => card::write(mandate).join("\n"),
        }
    }
}

/// The mandate: one of the three.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Given {
    /// The twelve lines of a card, with or without their numbers; - for stdin
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
    /// The token, 240 hexadecimal digits; - for stdin
    #[arg(long, value_name = "HEX")]
    token: Option<String>,
    /// A picture with its QR code, PNG
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Wrong {
    /// The line of the card, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// The digit of the token, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    digit: Option<usize>,
    fault: String,
    hint: String,
}

impl Wrong {
    fn new(fault: &dyn Display, hint: &str) -> Self {
        Self { line: None, digit: None, fault: fault.to_string(), hint: hint.to_owned() }
    }
}

/// What came of one mandate.
#[derive(Serialize)]
struct Answer {
    holds: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    look_up: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Whether the authority is one of the campaign's; absent when nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    authorised: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Wrong>,
}

/// Whose mandates count, and what to call them.
struct Right {
    authorities: Authorities,
    name: String,
}

impl Show {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let right = self.right()?;
        let mut exit = Exit::Holds;
        for read in self.given.read()? {
            let form = read.as_ref().ok().zip(self.form).map(|(read, form)| form.of(read));
            let answer = judge(read, right.as_ref());
            if !answer.holds {
                exit = Exit::Fails;
            }
            if let Some(text) = form.filter(|_| answer.holds) {
                writeln!(out, "{text}")?;
            } else if self.json {
                serde_json::to_writer(&mut *out, &answer).map_err(std::io::Error::from)?;
                writeln!(out)?;
            } else {
                write(out, &answer, right.as_ref())?;
            }
        }
        Ok(exit)
    }

    fn right(&self) -> Result<Option<Right>, Failure> {
        if let Some(path) = &self.campaign {
            return campaign(path).map(Some);
        }
        let Some(text) = &self.authority else { return Ok(None) };
        let unfit = |error: &dyn Display| {
            Failure::new(format_args!("--authority: {error}"))
                .hint("give the public key that `scrutineer key show` prints")
        };
        let key = PublicKey::from_base64(Algorithm::Ed25519, text).map_err(|e| unfit(&e))?;
        let authorities = Authorities::new(vec![key]).map_err(|error| unfit(&error))?;
        Ok(Some(Right { authorities, name: "the one given".to_owned() }))
    }
}

fn campaign(path: &Path) -> Result<Right, Failure> {
    let name = file::name(path);
    let hint = "mend the campaign file, or take it from where the campaign publishes it";
    let draft: Draft = toml::from_slice(&file::read(path)?)
        .map_err(|error| Failure::new(format_args!("{name}: {}", error.message())).hint(hint))?;
    let campaign = Campaign::check(draft).map_err(|faults| {
        let said: Vec<String> = faults.iter().map(|fault| format!("\n  {fault}")).collect();
        Failure::new(format_args!("{name}: the campaign does not hold{}", said.concat())).hint(hint)
    })?;
    let name = format!("of the campaign {}", campaign.name());
    Ok(Right { authorities: campaign.authorities().clone(), name })
}

/// A mandate, whether it holds or not, or why there is none.
type Read = Result<Mandate, Vec<Wrong>>;

impl Given {
    /// What was given. A picture can have several.
    fn read(&self) -> Result<Vec<Read>, Failure> {
        if let Some(path) = &self.card {
            let bytes = file::read(path)?;
            return Ok(vec![of_card(&String::from_utf8_lossy(&bytes))]);
        }
        if let Some(token) = &self.token {
            if token == "-" {
                let bytes = file::read(Path::new("-"))?;
                return Ok(vec![of_token(&String::from_utf8_lossy(&bytes))]);
            }
            return Ok(vec![of_token(token)]);
        }
        let path = self.image.as_deref().unwrap_or(Path::new("-"));
        of_image(path)
    }
}

fn of_card(text: &str) -> Read {
    card::read(text).map_err(|error| match &error {
        CardError::Faults(faults) => {
            let faults = faults.iter().map(|(line, fault)| Wrong {
                line: Some(*line),
                ..Wrong::new(fault, &fault.hint())
            });
            faults.collect()
        }
        other => vec![Wrong::new(other, &other.hint())],
    })
}

fn of_token(token: &str) -> Read {
    Mandate::from_token(token).map_err(|error| match error {
        MandateError::Digit { at } => {
            let hint = "a token has the digits 0 to 9 and the letters a to f; look at that place \
                        again";
            vec![Wrong { digit: Some(at), ..Wrong::new(&error, hint) }]
        }
        MandateError::TokenLength { found } if found < 2 * MANDATE_BYTES => {
            vec![Wrong::new(&error, "something is missing: copy the token whole")]
        }
        other => vec![Wrong::new(&other, "copy the token again, and nothing else")],
    })
}

fn of_image(path: &Path) -> Result<Vec<Read>, Failure> {
    let name = file::name(path);
    let picture = Picture::read_png(&file::read(path)?)
        .map_err(|error| Failure::new(format_args!("{name}: {error}")).hint(error.hint()))?;
    let found = codes(&picture);
    if found.is_empty() {
        return Err(Failure::new(format_args!("{name}: no QR code can be read in it")).hint(
            "take it again: sharp, in even light, with white around the whole code; or type the \
             twelve lines",
        ));
    }
    let read = found.iter().map(|bytes| {
        Mandate::from_bytes(bytes).map_err(|_| {
            let held = bytes.len();
            vec![Wrong::new(
                &format_args!("the QR code holds {held} bytes, and a mandate has {MANDATE_BYTES}"),
                "this is the code of something else: look for the one on the card",
            )]
        })
    });
    Ok(read.collect())
}

fn judge(read: Read, right: Option<&Right>) -> Answer {
    let mandate = match read {
        Ok(mandate) => mandate,
        Err(faults) => {
            let (look_up, authority, id, authorised) = (None, None, None, None);
            return Answer { holds: false, look_up, authority, id, authorised, faults };
        }
    };
    let mut faults = Vec::new();
    if !mandate.holds() {
        faults.push(unsigned(&mandate));
    }
    let checked = right.map(|right| right.authorities.check(&mandate));
    if checked == Some(Err(Unauthorised::BadAuthority)) {
        let hint = "the card may be of another election: compare its title";
        faults.push(Wrong::new(&Unauthorised::BadAuthority, hint));
    }
    Answer {
        holds: faults.is_empty(),
        look_up: Some(mandate.look_up()),
        authority: Some(base64::encode(&mandate.id().authority)),
        id: Some(base32::encode(&mandate.id().id)),
        authorised: checked.map(|checked| checked != Err(Unauthorised::BadAuthority)),
        faults,
    }
}

/// A mandate whose signature does not hold: with the digit that is wrong, if it is only one.
fn unsigned(mandate: &Mandate) -> Wrong {
    match mandate.wrong_digit() {
        Some(digit) => Wrong {
            digit: Some(digit),
            ..Wrong::new(
                &format_args!("digit {digit} of the token is wrong"),
                "all the others are right: look at that place again",
            )
        },
        None => Wrong::new(
            &"the signature is not that of the key within",
            "more than one digit is wrong, or the mandate is not genuine: copy it again, or ask \
             for another",
        ),
    }
}

fn write(out: &mut dyn Write, answer: &Answer, right: Option<&Right>) -> std::io::Result<()> {
    let verdict = |holds: bool| if holds { "holds" } else { "fails" };
    for fault in &answer.faults {
        let place = match fault.line {
            Some(line) => format!("line {line}"),
            None => "mandate".to_owned(),
        };
        writeln!(out, "{place:<11} {}", fault.fault)?;
        for line in fault.hint.lines() {
            writeln!(out, "            {line}")?;
        }
    }
    if let Some(look_up) = &answer.look_up {
        writeln!(out, "look-up     {look_up}")?;
    }
    if let Some(id) = &answer.id {
        writeln!(out, "id          {id}")?;
    }
    if let Some(authority) = &answer.authority {
        writeln!(out, "authority   {authority}")?;
    }
    match (answer.authorised, right) {
        (Some(true), Some(right)) => writeln!(out, "            {}", right.name)?,
        (Some(false), Some(right)) => writeln!(out, "            not {}", right.name)?,
        _ if answer.authority.is_some() => {
            writeln!(out, "            not compared: name a campaign or a key")?;
        }
        _ => {}
    }
    writeln!(out)?;
    writeln!(out, "The mandate {}.", verdict(answer.holds))?;
    if answer.holds {
        writeln!(out, "This does not show that it has not been used, nor that it is not void.")?;
    }
    Ok(())
}
