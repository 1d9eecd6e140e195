//! What the platform has revealed, held against what its campaign committed to.

use std::io::Write;
use std::path::{Path, PathBuf};

use artifact::payload::{Campaign, Payload, Reveal};
use booth::Secret as Seed;
use canon::{Digest, Timestamp};
use clap::Args;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::logged::{Bundle, Logged};
use super::signers::{Signers, artifact};
use crate::file;
use crate::message::Failure;

/// Where the seed of the codes comes from.
#[derive(Args)]
pub(super) struct Source {
    /// File with the seed of the codes, base64, as the platform published it
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present_any = ["reveal", "bundle"],
        conflicts_with = "charter"
    )]
    seed: Option<PathBuf>,
    /// The artifact by which the platform revealed the seed (`reveal/v1`), in the place of --seed
    #[arg(long, value_name = "FILE", conflicts_with = "seed", requires = "campaign")]
    reveal: Option<PathBuf>,
    /// The artifact by which it committed to the seed before the opening (`campaign/v1`)
    #[arg(long, value_name = "FILE", requires = "reveal")]
    campaign: Option<PathBuf>,
    #[command(flatten)]
    signers: Signers,
    #[command(flatten)]
    bundle: Bundle,
}

/// The seed, and what is known of it.
pub(super) struct Told {
    pub(super) seed: Seed,
    against: Against,
}

/// What seed and map were held against.
enum Against {
    /// Nothing: there is the seed alone.
    Nothing,
    /// Two artifacts.
    Artifacts(Revealed),
    /// The whole log.
    Log(Box<Logged>),
}

/// What two artifacts say together.
struct Revealed {
    seed_is_committed: bool,
    /// None where the campaign names no map.
    map_is_committed: Option<bool>,
    /// Who has signed both artifacts; none where nobody was asked for a charter.
    signer: Option<String>,
}

impl Source {
    /// Reads the seed, and compares it and the map with the commitments.
    ///
    /// The code was seen at a time; the log says which map counted then.
    pub(super) fn read(&self, map: &[u8], at: Timestamp) -> Result<Told, Failure> {
        if let Some((seed, logged)) = self.bundle.read(map, at)? {
            return Ok(Told { seed, against: Against::Log(Box::new(logged)) });
        }
        if let (Some(reveal), Some(campaign)) = (&self.reveal, &self.campaign) {
            return self.revealed(reveal, campaign, map);
        }
        // The arguments have one or the other.
        let path = self.seed.as_deref().unwrap_or(Path::new("-"));
        let text = Zeroizing::new(file::read(path)?);
        let text = std::str::from_utf8(&text).map_or("", str::trim_end);
        let seed = Seed::from_base64(text).ok_or_else(|| {
            Failure::new(format_args!("{} is not 32 bytes in base64", file::name(path)))
                .hint("take the seed that the platform has published after the close")
        })?;
        Ok(Told { seed, against: Against::Nothing })
    }

    fn revealed(&self, reveal: &Path, campaign: &Path, map: &[u8]) -> Result<Told, Failure> {
        let founded = self.signers.read()?;
        let (told, revealer) = artifact(reveal, &file::read(reveal)?, founded.as_ref())?;
        let (rules, founder) = artifact(campaign, &file::read(campaign)?, founded.as_ref())?;
        let (Payload::Reveal(told), Payload::Campaign(rules)) = (&told, &rules) else {
            let files = format!("{}, {}", file::name(reveal), file::name(campaign));
            return Err(Failure::new(format_args!("{files}: not a reveal/v1 and a campaign/v1"))
                .hint("--reveal and --campaign each take the artifact of their name"));
        };
        if told.election_id != rules.election_id || told.campaign != rules.name {
            return Err(Failure::new("the reveal is of another campaign")
                .hint("take both artifacts from the log of one election"));
        }
        if revealer != founder {
            return Err(Failure::new("the reveal is signed by another platform than the campaign")
                .hint("what one holder committed to is revealed by that holder")
                .failing());
        }
        let seed = seed(told);
        let revealed = Revealed { signer: revealer, ..compare(told, rules, map) };
        Ok(Told { seed, against: Against::Artifacts(revealed) })
    }
}

fn seed(told: &Reveal) -> Seed {
    Seed::new(told.totp_seed.as_bytes())
}

fn compare(told: &Reveal, rules: &Campaign, map: &[u8]) -> Revealed {
    Revealed {
        seed_is_committed: Digest::of(told.totp_seed.as_bytes()) == rules.commitments.totp_seed,
        map_is_committed: rules.deployment_map.map(|digest| Digest::of(map) == digest),
        signer: None,
    }
}

impl Told {
    /// Whether nothing contradicts a commitment.
    pub(super) fn holds(&self) -> bool {
        match &self.against {
            Against::Nothing => true,
            Against::Artifacts(it) => it.seed_is_committed && it.map_is_committed != Some(false),
            Against::Log(it) => it.map_is_committed() != Some(false),
        }
    }

    /// Whether both were held against a commitment.
    pub(super) const fn is_whole(&self) -> bool {
        match &self.against {
            Against::Nothing => false,
            Against::Artifacts(it) => it.map_is_committed.is_some(),
            Against::Log(it) => it.map_is_committed().is_some(),
        }
    }

    /// Whether it may be another election's that was made to fit.
    pub(super) const fn may_be_forged(&self) -> bool {
        matches!(&self.against, Against::Log(it) if !it.is_anchored())
    }

    /// Says it to a person.
    pub(super) fn print(&self, out: &mut dyn Write) -> Result<(), Failure> {
        let revealed = match &self.against {
            Against::Nothing => {
                let nothing = "held against nothing: --reveal and --campaign have the commitment";
                writeln!(out, "seed      {nothing}")?;
                writeln!(out, "map       {nothing}")?;
                return Ok(());
            }
            Against::Log(logged) => return Ok(logged.print(out)?),
            Against::Artifacts(revealed) => revealed,
        };
        let committed = |is: bool| if is { "is" } else { "is not" };
        let seed = committed(revealed.seed_is_committed);
        writeln!(out, "seed      {seed} the one that the campaign committed to")?;
        match revealed.map_is_committed.map(committed) {
            Some(map) => writeln!(out, "map       {map} the one that the campaign committed to")?,
            None => {
                writeln!(out, "map       held against nothing: the campaign committed to none")?;
            }
        }
        match &revealed.signer {
            Some(signer) => writeln!(out, "signed by {signer}")?,
            None => writeln!(out, "signed    not checked: --charter names who may sign")?,
        }
        writeln!(out, "entry     not known: --bundle says which, and whether the map was changed")?;
        Ok(())
    }

    /// Says it to a program.
    pub(super) fn members(&self) -> Map<String, Value> {
        let revealed = match &self.against {
            Against::Log(logged) => return logged.members(),
            Against::Artifacts(revealed) => Some(revealed),
            Against::Nothing => None,
        };
        let members = [
            ("seed_is_committed", json!(revealed.map(|it| it.seed_is_committed))),
            ("map_is_committed", json!(revealed.and_then(|it| it.map_is_committed))),
            ("signed_by", json!(revealed.and_then(|it| it.signer.as_ref()))),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
