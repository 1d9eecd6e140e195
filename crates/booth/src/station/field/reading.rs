//! Reading a map, line by line.

use std::collections::{BTreeMap, BTreeSet};

use super::{Field, FieldError, Generator, Location, MAX_BYTES, Place, Problem, name};
use crate::station::Wraps;
use crate::totp::{Day, Station};

/// What has been read.
#[derive(Default)]
struct Reader {
    places: Vec<Place>,
    locations: BTreeSet<Location>,
    stations: BTreeSet<Station>,
    /// Whether the last line has to have days below it.
    is_open: bool,
    is_daily: Option<bool>,
}

pub(super) fn read(text: &str) -> Result<Field, FieldError> {
    let mut line = 1;
    let mut reader = Reader::default();
    let result = if text.len() > MAX_BYTES {
        Err(Problem::Long)
    } else {
        text.split_terminator('\n').enumerate().try_for_each(|(index, found)| {
            line = index.saturating_add(1);
            reader.line(found)
        })
    };
    let ended = result.and_then(|()| reader.ends());
    ended.map_err(|problem| FieldError { line, problem })?;
    if reader.places.is_empty() {
        return Err(FieldError { line, problem: Problem::Empty });
    }
    Ok(Field { places: reader.places })
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), Problem> {
        let content = line.trim_start_matches(' ');
        let depth = line.len().saturating_sub(content.len());
        match depth {
            _ if content.is_empty() && depth == 0 => Ok(()),
            0 if content.starts_with('#') => {
                if content.chars().any(char::is_control) {
                    Err(Problem::Form)
                } else {
                    Ok(())
                }
            }
            0 => self.ends().and_then(|()| self.location(content)),
            2 => self.ends().and_then(|()| self.generator(content)),
            4 => self.day(content),
            _ => Err(Problem::Form),
        }
    }

    /// Whether a new place or generator may begin, or the map end.
    fn ends(&self) -> Result<(), Problem> {
        if self.is_open { Err(Problem::Nothing) } else { Ok(()) }
    }

    fn location(&mut self, content: &str) -> Result<(), Problem> {
        let written = content.strip_suffix(':').ok_or(Problem::Form)?;
        let read = name::read(written).ok_or(Problem::Name)?;
        let location: Location = read.parse().map_err(|_| Problem::Name)?;
        if !self.locations.insert(location.clone()) {
            return Err(Problem::LocationTwice(location.0));
        }
        self.places.push(Place { location, generators: Vec::new() });
        Ok(())
    }

    fn generator(&mut self, content: &str) -> Result<(), Problem> {
        let (written, value) = match content.split_once(": ") {
            Some((written, value)) => (written, Some(value)),
            None => (content.strip_suffix(':').ok_or(Problem::Form)?, None),
        };
        let read = name::read(written).ok_or(Problem::Name)?;
        let station: Station = read.parse().map_err(|_| Problem::Name)?;
        let place = self.places.last_mut().ok_or(Problem::Form)?;
        if !self.stations.insert(station.clone()) {
            return Err(Problem::GeneratorTwice(station));
        }
        if *self.is_daily.get_or_insert(value.is_none()) != value.is_none() {
            return Err(Problem::Mixed);
        }
        self.is_open = value.is_none();
        let wraps = match value {
            Some(value) => Wraps::Same(value.parse().map_err(|_| Problem::Secret)?),
            None => Wraps::Daily(BTreeMap::new()),
        };
        place.generators.push(Generator { station, wraps });
        Ok(())
    }

    fn day(&mut self, content: &str) -> Result<(), Problem> {
        let (day, value) = content.split_once(": ").ok_or(Problem::Form)?;
        let day: Day = name::read(day).ok_or(Problem::Name)?.parse().map_err(|_| Problem::Form)?;
        let wrapped = value.parse().map_err(|_| Problem::Secret)?;
        let last = self.places.last_mut().and_then(|place| place.generators.last_mut());
        let Some(Generator { wraps: Wraps::Daily(days), .. }) = last else {
            return Err(Problem::Form);
        };
        if days.insert(day, wrapped).is_some() {
            return Err(Problem::DayTwice);
        }
        self.is_open = false;
        Ok(())
    }
}
