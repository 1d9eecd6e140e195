//! `scrutineer digest`

use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::file;
use crate::message::{Exit, Failure, Outcome};
use crate::progress;

/// Bytes read at a time.
const PIECE: usize = 1 << 16;

/// Print the SHA-256 digest of a file, of its canonical bytes if it is JSON
///
/// The rule of the evidence: JSON is hashed in its canonical form, so that layout does not count;
/// anything else is hashed as it stands. A file counts as JSON if the first thing in it, but for
/// white space and a byte order mark, is { or [; it must then be strict JSON, as `canon` wants it.
/// With --raw the bytes are hashed as they stand, whatever they are: so are foreign JSON files
/// (of vendors, of NIST) that break our rules.
#[derive(Args)]
#[command(after_help = "Examples:\n  scrutineer digest charter.json\n  \
                        scrutineer digest --raw manifest.csv")]
pub(crate) struct Digest {
    /// The file, - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Hash the bytes as they stand, JSON too
    #[arg(long)]
    raw: bool,
    /// Answer in JSON: digest, what was hashed ("canonical" or "raw"), and its size in bytes
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Answer {
    digest: canon::Digest,
    form: &'static str,
    size: u64,
}

impl Digest {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let mut input = file::open(&self.file)?;
        // Enough to tell what it is; a pipe may hand it over byte by byte.
        let mut start = Vec::new();
        let peeked = input.by_ref().take(PIECE as u64).read_to_end(&mut start);
        peeked.map_err(|error| file::cannot_read(&self.file, &error))?;
        let is_json = !self.raw && looks_like_json(&start);
        let input = Cursor::new(start).chain(input);
        let answer = if is_json { canonical(&self.file, input)? } else { raw(&self.file, input)? };
        if self.json {
            serde_json::to_writer(&mut *out, &answer).map_err(std::io::Error::from)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{}", answer.digest)?;
        }
        Ok(Exit::Holds)
    }
}

/// White space of JSON and a byte order mark aside, whether an object or array begins here.
fn looks_like_json(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    matches!(start.trim_ascii_start().first(), Some(b'{' | b'['))
}

fn canonical(path: &Path, mut input: impl Read) -> Result<Answer, Failure> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(|error| file::cannot_read(path, &error))?;
    let bytes = canon::json::canonicalize(&bytes).map_err(|error| {
        Failure::new(format_args!("{}: {error}", file::name(path)))
            .hint(format_args!("{}; or --raw hashes the bytes as they stand", error.hint()))
    })?;
    let size = bytes.len() as u64;
    Ok(Answer { digest: canon::Digest::of(&bytes), form: "canonical", size })
}

/// Piece by piece, so that files larger than memory have a digest too.
fn raw(path: &Path, mut input: impl Read) -> Result<Answer, Failure> {
    let length = std::fs::metadata(path).map_or(0, |data| data.len());
    let bar = progress::bytes("hashing", length);
    let mut hasher = canon::Hasher::new();
    let mut size = 0;
    let mut piece = vec![0; PIECE];
    loop {
        match input.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => {
                hasher.update(&piece[..count]);
                size += count as u64;
                bar.inc(count as u64);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(file::cannot_read(path, &error)),
        }
    }
    bar.finish_and_clear();
    Ok(Answer { digest: hasher.finish(), form: "raw", size })
}
