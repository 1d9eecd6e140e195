//! Who is who in a crowd: all of it drawn from the seed and the voter's number.

use booth::campaign::Campaign;
use booth::mandate::Mandate;
use canon::{Digest, PrivateKey};

use super::CrowdPlan;

/// How a hostile voter is hostile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Votes, then sends the same request again and again.
    Replayer,
    /// Makes up a voter stamp.
    ForgedStamp,
    /// Votes with a stamp that a wrong code got.
    WrongCode,
    /// Votes with a mandate that no authority of the campaign gave.
    WrongMandate,
    /// Votes twice with one mandate.
    DoubleVoter,
    /// Votes, then uses the stamp for another mandate.
    SharedStamp,
    /// Sends headers that do not have their form.
    Malformed,
    /// Sends half a request and then nothing.
    Slow,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Replayer,
        Self::ForgedStamp,
        Self::WrongCode,
        Self::WrongMandate,
        Self::DoubleVoter,
        Self::SharedStamp,
        Self::Malformed,
        Self::Slow,
    ];

    /// What to call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replayer => "replayer",
            Self::ForgedStamp => "forged stamp",
            Self::WrongCode => "wrong code",
            Self::WrongMandate => "wrong mandate",
            Self::DoubleVoter => "double voter",
            Self::SharedStamp => "shared stamp",
            Self::Malformed => "malformed",
            Self::Slow => "slow",
        }
    }

    /// Its place among [`Kind::ALL`].
    pub(super) fn place(self) -> usize {
        Self::ALL.into_iter().position(|kind| kind == self).unwrap_or_default()
    }
}

/// Whether somebody keeps to the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Votes once.
    Honest,
    /// Does something else.
    Hostile(Kind),
}

/// One voter of a crowd.
#[derive(Debug, Clone)]
pub struct Member {
    /// Counted from 0.
    pub number: u64,
    /// What they do.
    pub role: Role,
    /// Their mandate.
    pub mandate: Mandate,
    /// Their option.
    pub say: String,
    seed: u64,
}

impl Member {
    /// The voter with a number.
    pub fn new(campaign: &Campaign, authority: &PrivateKey, plan: &CrowdPlan, number: u64) -> Self {
        let drawn = draw(plan.seed, number, "role");
        let [chance, kind, say, _] = numbers(&drawn);
        let hostile = chance % 1_000 < u64::from(plan.hostile_per_mille);
        let kind = Kind::ALL[usize::try_from(kind % 8).unwrap_or_default()];
        let options = campaign.options();
        let say = usize::try_from(say % options.len() as u64).unwrap_or_default();
        let mut member = Self {
            number,
            role: if hostile { Role::Hostile(kind) } else { Role::Honest },
            mandate: Mandate::from_parts([0; 32], [0; 64], [0; 24]),
            say: options[say].clone(),
            seed: plan.seed,
        };
        member.mandate = member.mandate_of(authority, "mandate");
        member
    }

    /// A mandate that an authority gives to this voter; another one for each name.
    pub(super) fn mandate_of(&self, authority: &PrivateKey, name: &str) -> Mandate {
        let drawn = self.bytes(name);
        let mut id = [0; 24];
        id.copy_from_slice(&drawn[..24]);
        // An Ed25519 key signs whatever it is given.
        Mandate::issue(authority, id).unwrap_or(Mandate::from_parts([0; 32], [0; 64], id))
    }

    /// 32 bytes of this voter's, others for each name.
    pub(super) fn bytes(&self, name: &str) -> [u8; 32] {
        draw(self.seed, self.number, name).0
    }
}

fn draw(seed: u64, number: u64, name: &str) -> Digest {
    let parts = [b"scrutineer/crowd/v1\n", &seed.to_be_bytes()[..], &number.to_be_bytes()];
    Digest::of_parts(&[parts[0], parts[1], parts[2], name.as_bytes()])
}

fn numbers(digest: &Digest) -> [u64; 4] {
    let (words, _) = digest.0.as_chunks::<8>();
    [0, 1, 2, 3].map(|at| words.get(at).map_or(0, |word| u64::from_be_bytes(*word)))
}
