//! What the demonstration says while it goes on.

use std::io::{self, Write};

use anstyle::Style;
use service::stop::Stop;

/// Numbered steps on stdout, each with what came of it.
pub(super) struct Stage<'w> {
    out: &'w mut dyn Write,
    colour: bool,
    stop: Stop,
    step: usize,
}

impl<'w> Stage<'w> {
    pub(super) fn new(out: &'w mut dyn Write, colour: bool, stop: Stop) -> Self {
        Self { out, colour, stop, step: 0 }
    }

    /// Goes no further once a signal has come.
    fn go_on(&self) -> io::Result<()> {
        if self.stop.is_asked() {
            return Err(io::Error::other("interrupted"));
        }
        Ok(())
    }

    /// A heading, with a line of space around it.
    pub(super) fn heading(&mut self, text: &str) -> io::Result<()> {
        let style = if self.colour { Style::new().bold() } else { Style::new() };
        writeln!(self.out, "{style}{text}{style:#}\n")?;
        self.out.flush()
    }

    /// The heading of another part, set apart by an empty line before it.
    pub(super) fn part(&mut self, text: &str) -> io::Result<()> {
        self.go_on()?;
        writeln!(self.out)?;
        self.heading(text)
    }

    /// The next step is done.
    pub(super) fn step(&mut self, what: &str, outcome: &str) -> io::Result<()> {
        self.go_on()?;
        self.step += 1;
        writeln!(self.out, "{:>3}  {what:<11} {outcome}", self.step)?;
        self.out.flush()
    }

    /// More about the step before.
    pub(super) fn more(&mut self, text: &str) -> io::Result<()> {
        self.go_on()?;
        writeln!(self.out, "{:17}{text}", "")?;
        self.out.flush()
    }

    /// Text as it stands, set apart by an empty line before it.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        self.go_on()?;
        writeln!(self.out, "\n{}", text.trim_end())?;
        self.out.flush()
    }
}
