//! `scrutineer station`

mod check;
mod init;
mod logged;
mod map;
mod places;
mod revealed;
mod rules;
mod screen;
mod serve;
mod show;
mod signers;
mod update;

use std::io::Write;
use std::path::Path;

use booth_server::station::{CONFIG_FILE, StationConfig, StationError};
use clap::{Args, Subcommand};
use service::config::Override;

use crate::message::{Failure, Outcome};
use crate::serving::config_file;

/// Show the codes of a booth, and check them after the close
///
/// A station has its secret in a token that never gives it out. It gets the secret from a map that
/// everybody can read, and then works offline for days. docs/operate/station.md says more.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer station init booth-7 \\\n      \
                  --station 8704-2A05-B259-1090 \\\n      \
                  --map https://example.org/field.yml --time-server time.cloudflare.com \\\n      \
                  --module /usr/lib/softhsm/libsofthsm2.so --label booth-7 \\\n      \
                  --pin-file pin --wrapping-key 8704-2A05-B259-1090.key\n  \
                  scrutineer station update booth-7\n  scrutineer station show booth-7")]
pub(crate) struct Station {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    Map(map::Map),
    Places(places::Places),
    Update(update::Update),
    Show(show::Show),
    Serve(serve::Serve),
    Check(check::Check),
}

impl Station {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Init(verb) => verb.run(out),
            Command::Map(verb) => verb.run(out),
            Command::Places(verb) => verb.run(out),
            Command::Update(verb) => verb.run(out),
            Command::Show(verb) => verb.run(out),
            Command::Serve(verb) => verb.run(out),
            Command::Check(verb) => verb.run(out),
        }
    }
}

/// The message for a station that does not do its part.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn failed(error: StationError) -> Failure {
    let failure = Failure::new(&error).hint(error.hint());
    if error.is_finding() { failure.failing() } else { failure }
}

/// The configuration of a station: the file, or the one in a folder.
fn load(path: &Path, flags: &[Override]) -> Result<StationConfig, Failure> {
    StationConfig::load(&config_file(path, CONFIG_FILE), flags).map_err(failed)
}
