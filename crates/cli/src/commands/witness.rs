//! `scrutineer witness`

mod init;
mod serve;

use std::io::Write;

use clap::{Args, Subcommand};
use log_server::witness::WitnessError;

use crate::message::{Failure, Outcome};

/// Run a witness: cosign only heads that extend what it has seen
///
/// A witness keeps a log from showing different trees to different people. It needs little: a
/// key, a clock and a disk that keeps what it is told. docs/operate/witness.md says more.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer witness init w1 --name witness.example/press \
                  --log log.json\n  \
                  scrutineer witness serve w1")]
pub(crate) struct Witness {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    Serve(serve::Serve),
}

impl Witness {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Init(verb) => verb.run(out),
            Command::Serve(verb) => verb.run(out),
        }
    }
}

/// The message for a witness that cannot start.
fn failed(error: &WitnessError) -> Failure {
    Failure::new(error).hint("docs/operate/witness.md lists the configuration and what to do")
}
