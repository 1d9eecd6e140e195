//! `scrutineer demo`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::commands::verify::colour;
use crate::demo::{self, Interrupt, Wanted};
use crate::message::{Failure, Outcome};

/// Hold a real audit and a vote in booths on this machine, and prove them
///
/// Makes keys, a charter and its anchor, starts a log and three witnesses on loopback, publishes
/// the November 2024 audit of Hinsdale County, Colorado, exports the bundle, verifies it as a
/// stranger would, changes one byte, and verifies again. Then two thousand voters, some of them
/// hostile, vote over an edge and two collecting instances, and a publisher tells another log of
/// both lists while they do. That is verified too, and four publishers that are dishonest are
/// caught. Nothing leaves this machine.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer demo --once --folder demo-files")]
pub(crate) struct Demo {
    /// End when all is shown; otherwise the servers go on until Ctrl-C
    #[arg(long)]
    once: bool,
    /// Leave everything that is made in this new folder; otherwise it is removed at the end
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl Demo {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let interrupt = Interrupt::hear()?;
        let temporary;
        let folder = match &self.folder {
            Some(folder) if folder.exists() => {
                return Err(Failure::new(format_args!("{} is there already", folder.display()))
                    .hint("name a folder that is not there yet"));
            }
            Some(folder) => folder.clone(),
            None => {
                temporary = interrupt.temporary_folder().map_err(|error| {
                    Failure::new(format_args!("cannot make a temporary folder: {error}"))
                        .hint("name one with --folder")
                })?;
                temporary.path().to_path_buf()
            }
        };
        let (stay, kept) = (!self.once, self.folder.is_some());
        demo::run(&Wanted { folder: &folder, kept, stay, colour: colour() }, &interrupt, out)
    }
}
