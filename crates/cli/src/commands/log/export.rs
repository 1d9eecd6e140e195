//! `scrutineer log export`

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use artifact::bundle::{self, Copied, CopyError, FolderSink, Sink, SinkError, Source, ZipSink};
use clap::Args;
use serde_json::json;

use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Copy what a log has published into a bundle
///
/// A name that ends in .zip makes a zip, any other a folder. A folder or zip serves as the source
/// too, so that a bundle can be turned into the other form. The copy is not checked: `verify` does
/// that. Files that are missing are named; the exit code is 1 if one of them is not withheld by the
/// charter.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer log export http://127.0.0.1:8700 bundle.zip")]
pub(crate) struct Export {
    /// The log's address, or a bundle
    #[arg(value_name = "URL|BUNDLE")]
    from: String,
    /// The folder or zip to make
    #[arg(value_name = "BUNDLE")]
    to: PathBuf,
    /// Answer in JSON: files, bytes, what is missing, and what of it is not withheld
    #[arg(long)]
    json: bool,
}

impl Export {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        if self.to.exists() {
            return Err(Failure::new(format_args!("{} is there already", self.to.display()))
                .hint("choose another name; bundles are never overwritten"));
        }
        let source =
            verify::open(&self.from).map_err(|error| Failure::new(&error).hint(error.hint()))?;
        // Under the final name there is never a part of a bundle.
        let mut part = self.to.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        if part.exists() {
            return Err(Failure::new(format_args!("{} is there already", part.display()))
                .hint("another export writes it, or one broke off: then remove it"));
        }
        let copied = self.copy(&*source, &part).inspect_err(|_| remove(&part))?;
        fs::rename(&part, &self.to).map_err(|error| {
            Failure::new(format_args!("cannot rename {}: {error}", part.display()))
                .hint("the bundle is whole; rename it by hand")
        })?;
        if self.json {
            let answer = json!({
                "files": copied.files, "bytes": copied.bytes, "missing": copied.missing,
                "owed": copied.owed,
            });
            writeln!(out, "{answer}")?;
            // The answer names what is not there: one object is enough.
            return Ok(if copied.owed.is_empty() { Exit::Holds } else { Exit::Fails });
        }
        tell(&copied, out)?;
        if copied.owed.is_empty() {
            return Ok(Exit::Holds);
        }
        let count = copied.owed.len();
        Err(Failure::new(format_args!("the copy is not whole: {count} files are not there"))
            .hint("take another copy, or ask the log for them; `verify` names them as findings")
            .failing())
    }

    fn copy(&self, source: &dyn Source, part: &Path) -> Result<Copied, Failure> {
        let mut sink = self.sink(part).map_err(|error| cannot_write(&error))?;
        bundle::export(source, &mut *sink).map_err(|error| match error {
            CopyError::Sink(error) => cannot_write(&error),
            other => Failure::new(other).hint("check the address; has the log published a head?"),
        })
    }

    fn sink(&self, part: &Path) -> Result<Box<dyn Sink>, SinkError> {
        if self.to.extension().is_some_and(|extension| extension == "zip") {
            Ok(Box::new(ZipSink::create(part)?))
        } else {
            Ok(Box::new(FolderSink::create(part)?))
        }
    }
}

fn tell(copied: &Copied, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "{} files, {} bytes", copied.files, copied.bytes)?;
    for path in &copied.missing {
        let is_owed = copied.owed.contains(path);
        let why = if is_owed { "" } else { ", and withheld by the charter" };
        writeln!(out, "not there{why}: {path}")?;
    }
    Ok(())
}

/// Removes what an export left that broke off; what cannot be removed stays under its own name.
fn remove(part: &Path) {
    let _ = if part.is_dir() { fs::remove_dir_all(part) } else { fs::remove_file(part) };
}

fn cannot_write(error: &SinkError) -> Failure {
    Failure::new(error).hint(format_args!(
        "check the folder of {}, your rights in it, and the room on that disk",
        file::name("the bundle".as_ref())
    ))
}
