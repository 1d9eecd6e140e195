//! Policies: which logs are known, which witnesses, and which of them are enough.
//!
//! Source: C2SP `tlog-policy.md` (draft at commit 5ba5ee8). A policy is a file of lines:
//!
//! ```text
//! log <vkey> [<url>]
//! witness <name> <vkey> [<url>]
//! group <name> any|all|<k> <member>...
//! quorum <name>|none
//! ```
//!
//! Words are parted by spaces and tabs; empty lines and lines that begin with `#` are passed
//! over. A name is defined on an earlier line than it is used, is a member of one group at most,
//! and there is exactly one quorum line. Names are bytes and mean nothing outside the file.
//!
//! Beyond the specification, a public key occurs once in the whole file and no witness carries a
//! log's name: a log never counts toward its own quorum.
//!
//! An election's charter becomes such a policy by [`Policy::of_organisations`]: a group `any` of
//! each organisation's witnesses, and as quorum `k` of these groups, so that the threshold counts
//! organisations and not machines.

mod fault;
mod judge;
mod parse;
#[cfg(test)]
mod tests;

use core::fmt;

pub use fault::{PolicyError, PolicyFault};
pub use judge::{Cosigned, JudgeError, Judgement};

use crate::note::VerifierKey;

/// The most logs, witnesses or groups of a policy, each. The specification asks for 32.
pub const MAX_DEFINITIONS: usize = 1024;

/// The largest policy file, in bytes.
pub const MAX_POLICY_BYTES: usize = 1024 * 1024;

/// A name or a URL of a policy file: bytes without space, tab or control character.
///
/// Compared byte by byte, never as Unicode text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Vec<u8>);

impl Name {
    /// The name with these bytes; they are checked where the name is used.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(bytes.as_ref().to_vec())
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The bytes as text; what is not UTF-8 is shown as U+FFFD.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

/// A known log. The name of its key is its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The key of its plain signature, type 0x01.
    pub key: VerifierKey,
    /// Where it is found, if the file says so.
    pub url: Option<Name>,
}

/// A known witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Its name in this file.
    pub name: Name,
    /// The key of its cosignatures, type 0x04.
    pub key: VerifierKey,
    /// Where checkpoints are submitted to it, if the file says so.
    pub url: Option<Name>,
}

/// How many of a group's members it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// One of them.
    Any,
    /// All of them.
    All,
    /// So many of them, from 1 to their number.
    AtLeast(usize),
}

/// Witnesses and earlier groups that count as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name in this file.
    pub name: Name,
    /// How many of the members it takes.
    pub threshold: Threshold,
    members: Vec<Member>,
}

/// A witness or a group, by its position in the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// What has to have cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quorum {
    None,
    Of(Member),
}

/// An organisation and the witnesses that it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its name, without spaces.
    pub name: String,
    /// The keys of its witnesses, type 0x04, one at least.
    pub witnesses: Vec<VerifierKey>,
}

/// Known logs, known witnesses, and which of the witnesses are enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    quorum: Quorum,
}

impl Policy {
    /// Reads a policy file.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        parse::file(bytes)
    }

    /// The policy under which a threshold counts organisations: a head is enough when witnesses
    /// of `threshold` different organisations have cosigned it.
    ///
    /// The groups are named `org+<name>` and `+organisations`; a witness has its key's name, in
    /// which there is no plus sign, so none can be taken for a group. The threshold lies between 1
    /// and the number of organisations.
    pub fn of_organisations(
        logs: &[VerifierKey],
        organisations: &[Organisation],
        threshold: usize,
    ) -> Result<Self, PolicyError> {
        let mut builder = parse::Builder::default();
        for key in logs {
            builder.next_line();
            builder.log(key.clone(), None)?;
        }
        let mut groups = Vec::new();
        for organisation in organisations {
            let mut members = Vec::new();
            for key in &organisation.witnesses {
                builder.next_line();
                let name = Name::new(key.name());
                builder.witness(name.clone(), key.clone(), None)?;
                members.push(name);
            }
            let name = Name::new(format!("org+{}", organisation.name));
            builder.next_line();
            builder.group(name.clone(), &Name::new("any"), &members)?;
            groups.push(name);
        }
        let top = Name::new("+organisations");
        builder.next_line();
        builder.group(top.clone(), &Name::new(threshold.to_string()), &groups)?;
        builder.next_line();
        builder.quorum(&top)?;
        builder.finish()
    }

    /// The policy `quorum none`: a log's own signature is enough. For logs that nobody watches.
    pub fn without_witnesses(logs: &[VerifierKey]) -> Result<Self, PolicyError> {
        let mut builder = parse::Builder::default();
        for key in logs {
            builder.next_line();
            builder.log(key.clone(), None)?;
        }
        builder.next_line();
        builder.quorum(&Name::new("none"))?;
        builder.finish()
    }

    /// The known logs, in the file's order.
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// The known witnesses, in the file's order.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// The groups, in the file's order.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Whether the quorum is `none`, so that no cosignature is asked for.
    pub fn asks_no_witness(&self) -> bool {
        self.quorum == Quorum::None
    }

    /// The names of a group's members.
    pub fn members<'p>(&'p self, group: &'p Group) -> impl Iterator<Item = &'p Name> {
        group.members.iter().filter_map(|member| self.name_of(*member))
    }

    /// Whether the witnesses with these keys are enough. Keys of others count for nothing.
    pub fn is_met_by(&self, cosigners: &[&VerifierKey]) -> bool {
        let Quorum::Of(quorum) = self.quorum else {
            return true;
        };
        let cosigned: Vec<bool> =
            self.witnesses.iter().map(|witness| cosigners.contains(&&witness.key)).collect();
        let mut met: Vec<bool> = Vec::with_capacity(self.groups.len());
        let holds = |member: Member, met: &[bool]| match member {
            Member::Witness(index) => cosigned.get(index).copied().unwrap_or(false),
            Member::Group(index) => met.get(index).copied().unwrap_or(false),
        };
        // A group's members stand before it, so one pass in the file's order is enough.
        for group in &self.groups {
            let count = group.members.iter().filter(|member| holds(**member, &met)).count();
            met.push(count >= group.needed());
        }
        holds(quorum, &met)
    }

    /// The file: logs, witnesses and groups in their order, then the quorum. Comments and
    /// spacing of a file that was read are not kept.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for log in &self.logs {
            let key = log.key.to_string();
            write_line(&mut out, "log", [key.as_bytes()], &log.url);
        }
        for witness in &self.witnesses {
            let key = witness.key.to_string();
            let words = [witness.name.as_bytes(), key.as_bytes()];
            write_line(&mut out, "witness", words, &witness.url);
        }
        for group in &self.groups {
            let threshold = group.threshold.to_string();
            let words = [group.name.as_bytes(), threshold.as_bytes()];
            write_line(&mut out, "group", words, self.members(group));
        }
        let quorum = match self.quorum {
            Quorum::None => None,
            Quorum::Of(member) => self.name_of(member),
        };
        let none: &[u8] = b"none";
        write_line(&mut out, "quorum", [quorum.map_or(none, Name::as_bytes)], &None);
        out
    }

    fn name_of(&self, member: Member) -> Option<&Name> {
        match member {
            Member::Witness(index) => self.witnesses.get(index).map(|witness| &witness.name),
            Member::Group(index) => self.groups.get(index).map(|group| &group.name),
        }
    }
}

fn write_line<'w>(
    out: &mut Vec<u8>,
    first: &str,
    words: impl IntoIterator<Item = &'w [u8]>,
    names: impl IntoIterator<Item = &'w Name>,
) {
    out.extend_from_slice(first.as_bytes());
    for word in words.into_iter().chain(names.into_iter().map(Name::as_bytes)) {
        out.push(b' ');
        out.extend_from_slice(word);
    }
    out.push(b'\n');
}

impl Group {
    /// The number of members that it takes.
    pub fn needed(&self) -> usize {
        match self.threshold {
            Threshold::Any => 1,
            Threshold::All => self.members.len(),
            Threshold::AtLeast(count) => count,
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::All => f.write_str("all"),
            Self::AtLeast(count) => write!(f, "{count}"),
        }
    }
}
