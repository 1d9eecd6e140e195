//! `scrutineer station show`

use std::io::{IsTerminal as _, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use booth_server::station::{Opened, Screen, Watched};
use clap::Args;
use service::clock::SystemClock;
use service::stop::{self, Stop};

use super::screen;
use crate::message::{Exit, Failure, Outcome};

/// Show the code, on the whole terminal
///
/// Until it is ended with Ctrl-C. No code is shown when the clock was set back or was found wrong,
/// or when the token fails; the screen then says why. With --once the status is 2 then, and 1 when
/// codes of today were known before their time.
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
        whole_terminal(&Watched::new(station), out)
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
            _ if screen.ahead.is_some() => Ok(Exit::Fails),
            _ => Ok(Exit::Holds),
        }
    }
}

/// Draws the screen until a signal comes.
fn whole_terminal(station: &Watched, out: &mut dyn Write) -> Outcome {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        Failure::new(format_args!("cannot start threads: {error}"))
            .hint("check the limits on processes and memory")
    })?;
    let ended = runtime.block_on(async {
        let stop = stop::on_signals().map_err(|error| {
            Failure::new(format_args!("cannot hear signals: {error}")).hint("try again")
        })?;
        let terminal = Terminal::begin(out)?;
        draw(station, stop, &mut *terminal.0).await?;
        Ok(Exit::Holds)
    });
    // A token that hangs is not waited for.
    runtime.shutdown_background();
    ended
}

/// Another screen than the shell's, which comes back however this ends.
struct Terminal<'a>(&'a mut dyn Write);

impl<'a> Terminal<'a> {
    fn begin(out: &'a mut dyn Write) -> std::io::Result<Self> {
        write!(out, "{}", screen::BEGIN)?;
        Ok(Self(out))
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        // Nobody is left to tell if this fails.
        let _ = write!(self.0, "{}", screen::END).and_then(|()| self.0.flush());
    }
}

/// Four times a second, until it is told to stop.
async fn draw(station: &Watched, mut stop: Stop, out: &mut dyn Write) -> std::io::Result<()> {
    let mut last = None;
    loop {
        let screen = tokio::select! {
            () = stop.asked() => return Ok(()),
            screen = station.screen() => screen,
        };
        if last.as_ref() != Some(&screen) {
            write!(out, "{}", screen::drawn(&screen)).and_then(|()| out.flush())?;
            last = Some(screen);
        }
        tokio::select! {
            () = stop.asked() => return Ok(()),
            () = tokio::time::sleep(Duration::from_millis(250)) => {}
        }
    }
}

#[cfg(test)]
mod tests;
