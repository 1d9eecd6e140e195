//! `scrutineer station show`

use std::io::{IsTerminal as _, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use booth_server::station::{Opened, Screen};
use clap::Args;
use service::clock::SystemClock;
use service::stop;

use super::screen;
use crate::message::{Exit, Failure, Outcome};

/// Show the code, on the whole terminal
///
/// Until it is ended with Ctrl-C. No code is shown when the clock was set back or was found wrong,
/// or when the token fails; the screen then says why. With --once the status is 2 then.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer station show booth-7\n  \
                        scrutineer station show booth-7 --once")]
pub(crate) struct Show {
    /// The station's folder
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Print one line and end
    #[arg(long)]
    once: bool,
    /// Answer once, in JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let config = super::load(&self.folder, &[])?;
        let station = Opened::open(&config, Arc::new(SystemClock)).map_err(super::failed)?;
        if self.once || self.json {
            let screen = Screen::of(Ok(station.display().map_err(super::failed)?));
            return self.once(&screen, out);
        }
        if !std::io::stdout().is_terminal() {
            return Err(Failure::new("stdout is no terminal").hint("--once prints one line"));
        }
        whole_terminal(&station, out)
    }

    fn once(&self, screen: &Screen, out: &mut dyn Write) -> Outcome {
        if self.json {
            serde_json::to_writer(&mut *out, screen).map_err(std::io::Error::from)?;
            writeln!(out)?;
        } else if let Some(code) = screen.grouped() {
            writeln!(out, "{}", screen::line(screen, &code))?;
        }
        match (&screen.refused, &screen.hint) {
            (Some(_), _) if self.json => Ok(Exit::CouldNotCheck),
            (Some(refused), Some(hint)) => Err(Failure::new(refused).hint(hint)),
            _ => Ok(Exit::Holds),
        }
    }
}

/// Draws the screen four times a second until a signal comes.
fn whole_terminal(station: &Opened, out: &mut dyn Write) -> Outcome {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        Failure::new(format_args!("cannot start threads: {error}"))
            .hint("check the limits on processes and memory")
    })?;
    runtime.block_on(async {
        let mut stop = stop::on_signals().map_err(|error| {
            Failure::new(format_args!("cannot hear signals: {error}")).hint("try again")
        })?;
        write!(out, "{}", screen::BEGIN)?;
        let mut last = None;
        let ended = loop {
            let screen = Screen::of(station.display());
            if last.as_ref() != Some(&screen) {
                let drawn = write!(out, "{}", screen::drawn(&screen)).and_then(|()| out.flush());
                if let Err(error) = drawn {
                    break Err(error);
                }
                last = Some(screen);
            }
            tokio::select! {
                () = stop.asked() => break Ok(()),
                () = tokio::time::sleep(Duration::from_millis(250)) => {}
            }
        };
        write!(out, "{}", screen::END)?;
        ended?;
        Ok(Exit::Holds)
    })
}
