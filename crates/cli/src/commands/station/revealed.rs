//! What the platform has revealed, held against what its campaign committed to.

use std::io::Write;
use std::path::{Path, PathBuf};

use artifact::admit::{self, Founded, Refusal};
use artifact::kind;
use artifact::payload::{Campaign, Payload, Reveal};
use booth::Secret as Seed;
use canon::{Digest, SignedBytes};
use clap::Args;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::commands::charter;
use crate::file;
use crate::message::Failure;

/// Where the seed of the codes comes from.
#[derive(Args)]
pub(super) struct Source {
    /// File with the seed of the codes, base64, as the platform published it
    #[arg(long, value_name = "FILE", required_unless_present = "reveal")]
    seed: Option<PathBuf>,
    /// The artifact by which the platform revealed the seed (`reveal/v1`), in the place of --seed
    #[arg(long, value_name = "FILE", conflicts_with = "seed", requires = "campaign")]
    reveal: Option<PathBuf>,
    /// The artifact by which it committed to the seed before the opening (`campaign/v1`)
    #[arg(long, value_name = "FILE", requires = "reveal")]
    campaign: Option<PathBuf>,
    /// The signed charter of the election: the signatures of both artifacts are checked too
    #[arg(long, value_name = "FILE", requires = "reveal")]
    charter: Option<PathBuf>,
}

/// The seed, and what is known of it.
pub(super) struct Told {
    pub(super) seed: Seed,
    /// None where there is nothing but the seed.
    revealed: Option<Revealed>,
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
    pub(super) fn read(&self, map: &[u8]) -> Result<Told, Failure> {
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
        Ok(Told { seed, revealed: None })
    }

    fn revealed(&self, reveal: &Path, campaign: &Path, map: &[u8]) -> Result<Told, Failure> {
        let founded = self.charter.as_deref().map(charter::read).transpose()?;
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
        Ok(Told { seed, revealed: Some(revealed) })
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

/// The payload of an artifact, and who has signed it where there is a charter.
pub(super) fn artifact(
    path: &Path,
    bytes: &[u8],
    founded: Option<&Founded>,
) -> Result<(Payload, Option<String>), Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::new(format_args!("{}: {error}", file::name(path)))
            .hint("take the artifact from the bundle; `scrutineer artifact check` says more")
    };
    let Some(founded) = founded else {
        let payload = unsigned(bytes).map_err(|error| wrong(&error).failing())?;
        return Ok((payload, None));
    };
    // Any index behind the charter will do: amendments are not known here.
    match admit::judge(bytes, &founded.register, 1) {
        Ok(admitted) => Ok((admitted.payload, Some(admitted.originator.id.to_string()))),
        Err(unknown @ (Refusal::KeyUnknown { .. } | Refusal::KeyNotYet { .. })) => {
            Err(wrong(&unknown).hint(
                "an amendment may have named the key: `scrutineer verify` of the whole bundle \
                 judges it",
            ))
        }
        Err(error) => Err(wrong(&error).failing()),
    }
}

fn unsigned(bytes: &[u8]) -> Result<Payload, String> {
    let envelope = SignedBytes::parse(bytes).map_err(|error| error.to_string())?;
    let kind = kind::recognise(envelope.kind).map_err(|error| error.to_string())?;
    Payload::decode(kind, envelope.payload).map_err(|error| error.to_string())
}

impl Told {
    /// Whether nothing contradicts a commitment.
    pub(super) fn holds(&self) -> bool {
        self.revealed
            .as_ref()
            .is_none_or(|it| it.seed_is_committed && it.map_is_committed != Some(false))
    }

    /// Whether both were held against a commitment.
    pub(super) fn is_whole(&self) -> bool {
        self.revealed.as_ref().is_some_and(|it| it.map_is_committed.is_some())
    }

    /// Says it to a person.
    pub(super) fn print(&self, out: &mut dyn Write) -> Result<(), Failure> {
        let Some(revealed) = &self.revealed else {
            let nothing = "held against nothing: --reveal and --campaign have the commitment";
            writeln!(out, "seed      {nothing}")?;
            writeln!(out, "map       {nothing}")?;
            return Ok(());
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
        Ok(())
    }

    /// Says it to a program.
    pub(super) fn members(&self) -> Map<String, Value> {
        let revealed = self.revealed.as_ref();
        let members = [
            ("seed_is_committed", json!(revealed.map(|it| it.seed_is_committed))),
            ("map_is_committed", json!(revealed.and_then(|it| it.map_is_committed))),
            ("signed_by", json!(revealed.and_then(|it| it.signer.as_ref()))),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
