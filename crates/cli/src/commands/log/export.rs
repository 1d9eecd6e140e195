//! `scrutineer log export`

use std::io::Write;
use std::path::PathBuf;

use artifact::bundle::{self, CopyError, FolderSink, Sink, SinkError, ZipSink};
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
        let mut sink = self.sink().map_err(|error| cannot_write(&error))?;
        let copied = bundle::export(&*source, &mut *sink).map_err(|error| match error {
            CopyError::Sink(error) => cannot_write(&error),
            other => Failure::new(other).hint("check the address; has the log published a head?"),
        })?;
        if self.json {
            let answer = json!({
                "files": copied.files, "bytes": copied.bytes, "missing": copied.missing,
                "owed": copied.owed,
            });
            writeln!(out, "{answer}")?;
        } else {
            writeln!(out, "{} files, {} bytes", copied.files, copied.bytes)?;
            for path in &copied.missing {
                let is_owed = copied.owed.contains(path);
                let why = if is_owed { "" } else { ", and withheld by the charter" };
                writeln!(out, "not there{why}: {path}")?;
            }
        }
        if copied.owed.is_empty() {
            return Ok(Exit::Holds);
        }
        let count = copied.owed.len();
        Err(Failure::new(format_args!("the copy is not whole: {count} files are not there"))
            .hint("take another copy, or ask the log for them; `verify` names them as findings")
            .failing())
    }

    fn sink(&self) -> Result<Box<dyn Sink>, SinkError> {
        if self.to.extension().is_some_and(|extension| extension == "zip") {
            Ok(Box::new(ZipSink::create(&self.to)?))
        } else {
            Ok(Box::new(FolderSink::create(&self.to)?))
        }
    }
}

fn cannot_write(error: &SinkError) -> Failure {
    Failure::new(error).hint(format_args!(
        "check the folder of {}, your rights in it, and the room on that disk",
        file::name("the bundle".as_ref())
    ))
}
