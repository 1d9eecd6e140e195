//! `scrutineer completions`

use std::io::Write;

use clap::Args;
use clap_complete::Shell;

use crate::args;
use crate::message::{Exit, Outcome};

/// Print completions for a shell
#[derive(Args)]
#[command(
    hide = true,
    after_help = "Example:\n  scrutineer completions bash > /etc/bash_completion.d/scrutineer"
)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut args::definition(), "scrutineer", &mut script);
        out.write_all(&script)?;
        Ok(Exit::Holds)
    }
}
