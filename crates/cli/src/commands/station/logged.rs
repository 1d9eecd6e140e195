//! What the whole log says of a station's map and seed.

use std::io::Write;
use std::path::PathBuf;

use booth::Secret as Seed;
use canon::{Digest, Timestamp};
use clap::Args;
use serde_json::{Map, Value, json};
use verify::report::Anchored;
use verify::{Commitment, MapEntry, Options, replay_commitments};

use crate::commands::verify::{Bar, anchor, vouched};
use crate::message::Failure;
use crate::progress;

/// A bundle, in the place of single artifacts.
#[derive(Args)]
#[allow(clippy::struct_field_names, reason = "a flag's name is the field's")]
pub(super) struct Bundle {
    /// The whole log, in the place of its artifacts: a folder, a zip, or an address. It says which
    /// entry's map this is, and whether another one stood before or came later
    #[arg(
        long,
        value_name = "BUNDLE|URL",
        conflicts_with_all = ["seed", "reveal", "campaign", "charter"]
    )]
    bundle: Option<String>,
    /// The anchor from the authority, as a file or as the lines of a poster
    #[arg(long, value_name = "FILE", requires = "bundle")]
    anchor: Option<PathBuf>,
    /// The campaign, where the log has several
    #[arg(long, value_name = "NAME", requires = "bundle")]
    of: Option<String>,
}

/// What a log says.
pub(super) struct Logged {
    bundle: String,
    is_anchored: bool,
    commitment: Commitment,
    revealed_by: u64,
    place: Place,
}

/// Which of the campaign's maps one is.
enum Place {
    /// The one that counted when the code was seen.
    Counted(MapEntry),
    /// Another one of the log.
    Other(MapEntry),
    /// None of them.
    Foreign,
    /// The campaign never named any.
    None,
}

impl Bundle {
    /// Replays the bundle, if there is one; the seed, and what else the log says of a map and a
    /// time.
    pub(super) fn read(
        &self,
        map: &[u8],
        at: Timestamp,
    ) -> Result<Option<(Seed, Logged)>, Failure> {
        let Some(bundle) = &self.bundle else { return Ok(None) };
        let options = Options {
            anchor: self.anchor.as_deref().map(anchor).transpose()?,
            ..Options::default()
        };
        let bar = Bar(progress::bar("checking", 0));
        let answer =
            verify::open(bundle).and_then(|source| replay_commitments(&*source, &options, &bar));
        bar.0.finish_and_clear();
        let (report, all) = answer.map_err(|error| Failure::new(&error).hint(error.hint()))?;
        vouched(&report, "`scrutineer verify` with the same bundle and anchor tells all of it")?;
        let commitment = self.chosen(all)?;
        let Some((revealed_by, seed)) = commitment.totp_seed else {
            return Err(Failure::new("the seed of the codes is not on the log yet")
                .hint("the platform reveals it after the close: come again then"));
        };
        let logged = Logged {
            bundle: report.bundle,
            is_anchored: report.anchored == Anchored::Yes,
            revealed_by,
            place: Place::of(&commitment, Digest::of(map), at),
            commitment,
        };
        Ok(Some((Seed::new(seed.as_bytes()), logged)))
    }

    fn chosen(&self, all: Vec<Commitment>) -> Result<Commitment, Failure> {
        let names: Vec<String> = all.iter().map(|one| one.campaign.clone()).collect();
        let is_asked = |one: &Commitment| self.of.as_ref().is_none_or(|of| *of == one.campaign);
        let mut asked = all.into_iter().filter(is_asked);
        match (asked.next(), asked.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(Failure::new("the log has several campaigns")
                .hint(format_args!("name one of them with --of: {}", names.join(", ")))),
            _ => Err(Failure::new("the log has no such campaign").hint(format_args!(
                "it has {} of them: {}",
                names.len(),
                names.join(", ")
            ))),
        }
    }
}

impl Place {
    fn of(commitment: &Commitment, map: Digest, at: Timestamp) -> Self {
        let is_it = |one: &&MapEntry| one.sha256 == Some(map);
        if let Some(counted) = commitment.map_at(at).filter(is_it) {
            return Self::Counted(*counted);
        }
        match commitment.maps.iter().rev().find(is_it) {
            Some(other) => Self::Other(*other),
            None if commitment.maps.iter().all(|one| one.sha256.is_none()) => Self::None,
            None => Self::Foreign,
        }
    }
}

/// ` at 2026-11-22T19:59:00Z`, where the time is known.
fn at(one: &MapEntry) -> String {
    one.logged_at.map_or_else(String::new, |time| format!(" at {time}"))
}

impl Logged {
    /// Whether the map is the one that counted; none where there never was any.
    pub(super) const fn map_is_committed(&self) -> Option<bool> {
        match self.place {
            Place::Counted(_) => Some(true),
            Place::Other(_) | Place::Foreign => Some(false),
            Place::None => None,
        }
    }

    /// Whether an anchor vouches for the charter.
    pub(super) const fn is_anchored(&self) -> bool {
        self.is_anchored
    }

    pub(super) fn print(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let Commitment { campaign, holder, entry, maps, .. } = &self.commitment;
        writeln!(out, "campaign  {campaign}, entry {entry}, by {holder}")?;
        writeln!(
            out,
            "seed      is the one that the campaign committed to, revealed by entry {}",
            self.revealed_by
        )?;
        match &self.place {
            Place::Counted(one) => {
                let entry = one.entry;
                writeln!(out, "map       is the one that counted then, of entry {entry}{}", at(one))
            }
            Place::Other(one) => {
                let entry = one.entry;
                writeln!(
                    out,
                    "map       is not the one that counted then: it is of entry {entry}"
                )?;
                writeln!(out, "         {}", at(one))
            }
            Place::Foreign => writeln!(out, "map       is none that the campaign committed to"),
            Place::None => {
                writeln!(out, "map       held against nothing: the campaign committed to none")
            }
        }?;
        for change in maps.iter().skip(1) {
            let what = if change.sha256.is_some() { "another map" } else { "no map any more" };
            writeln!(out, "changed   entry {}{} names {what}", change.entry, at(change))?;
            if change.has_begun {
                writeln!(
                    out,
                    "          while votes were taken: ask which booths it changed, why"
                )?;
            }
        }
        let (how, bundle) = (self.is_anchored, &self.bundle);
        let how = if how { "holds" } else { "consistent, not authenticated (--anchor)" };
        writeln!(out, "evidence  {how}: {bundle}")
    }

    pub(super) fn members(&self) -> Map<String, Value> {
        let map_entry = match &self.place {
            Place::Counted(one) | Place::Other(one) => Some(one.entry),
            Place::Foreign | Place::None => None,
        };
        let maps = self.commitment.maps.iter().map(|one| {
            let MapEntry { entry, logged_at, sha256, has_begun } = one;
            json!({ "entry": entry, "logged_at": logged_at, "sha256": sha256,
                    "has_begun": has_begun })
        });
        let members = [
            ("seed_is_committed", json!(true)),
            ("map_is_committed", json!(self.map_is_committed())),
            ("signed_by", json!(self.commitment.holder)),
            ("anchored", json!(self.is_anchored)),
            ("campaign_entry", json!(self.commitment.entry)),
            ("map_entry", json!(map_entry)),
            ("maps", json!(maps.collect::<Vec<_>>())),
            ("reveal_entry", json!(self.revealed_by)),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
