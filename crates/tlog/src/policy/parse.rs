//! A policy put together line by line, from a file or by program; the rules are the same.

use core::str::FromStr;
use std::collections::{BTreeMap, BTreeSet};

use super::{
    Group, Log, MAX_DEFINITIONS, MAX_POLICY_BYTES, Member, Name, Policy, PolicyError, PolicyFault,
    Quorum, Threshold, Witness,
};
use crate::note::{KeyType, VerifierKey};

const LOG: &str = "log <vkey> [<url>]";
const WITNESS: &str = "witness <name> <vkey> [<url>]";
const GROUP: &str = "group <name> any|all|<k> <member>...";
const QUORUM: &str = "quorum <name>|none";

/// Reads a policy file.
pub(super) fn file(bytes: &[u8]) -> Result<Policy, PolicyError> {
    let mut builder = Builder::default();
    if bytes.len() > MAX_POLICY_BYTES {
        builder.next_line();
        return Err(builder.error(PolicyFault::TooLarge));
    }
    for line in bytes.split(|&byte| byte == b'\n') {
        builder.next_line();
        builder.line(line)?;
    }
    builder.finish()
}

/// A policy in the making.
#[derive(Default)]
pub(super) struct Builder {
    line: usize,
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    quorum: Option<Quorum>,
    names: BTreeMap<Name, Member>,
    members: BTreeSet<Name>,
    /// Raw public keys, with the key name of the line that brought them.
    keys: BTreeMap<Vec<u8>, String>,
}

impl Builder {
    /// Counts a line: errors name the latest.
    pub(super) fn next_line(&mut self) {
        self.line = self.line.saturating_add(1);
    }

    fn error(&self, fault: PolicyFault) -> PolicyError {
        PolicyError { line: self.line, fault }
    }

    fn line(&mut self, line: &[u8]) -> Result<(), PolicyError> {
        let allowed = |byte: u8| matches!(byte, b'\t' | 0x20..=0x7e | 0x80..=0xff);
        if let Some(&byte) = line.iter().find(|&&byte| !allowed(byte)) {
            return Err(self.error(PolicyFault::Byte { byte }));
        }
        let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
        let words: Vec<&[u8]> = line.split(blank).filter(|word| !word.is_empty()).collect();
        let Some((&first, rest)) = words.split_first() else {
            return Ok(());
        };
        if first.starts_with(b"#") {
            return Ok(());
        }
        let form = |form| self.error(PolicyFault::Form { form });
        match (first, rest) {
            (b"log", [key] | [key, _]) => {
                let key = self.key(key)?;
                self.log(key, rest.get(1).map(Name::new))
            }
            (b"log", _) => Err(form(LOG)),
            (b"witness", [name, key] | [name, key, _]) => {
                let key = self.key(key)?;
                self.witness(Name::new(name), key, rest.get(2).map(Name::new))
            }
            (b"witness", _) => Err(form(WITNESS)),
            (b"group", [name, threshold, members @ ..]) if !members.is_empty() => {
                let members: Vec<Name> = members.iter().map(Name::new).collect();
                self.group(Name::new(name), &Name::new(threshold), &members)
            }
            (b"group", _) => Err(form(GROUP)),
            (b"quorum", [name]) => self.quorum(&Name::new(name)),
            (b"quorum", _) => Err(form(QUORUM)),
            (word, _) => Err(self.error(PolicyFault::UnknownWord { word: Name::new(word) })),
        }
    }

    fn key(&self, bytes: &[u8]) -> Result<VerifierKey, PolicyError> {
        let text = String::from_utf8_lossy(bytes);
        VerifierKey::from_str(&text).map_err(|error| self.error(error.into()))
    }

    /// A log line.
    pub(super) fn log(&mut self, key: VerifierKey, url: Option<Name>) -> Result<(), PolicyError> {
        self.check_key(&key, KeyType::Ed25519)?;
        self.check_roles(&key, self.witnesses.iter().map(|witness| &witness.key))?;
        self.check_room(self.logs.len())?;
        self.logs.push(Log { key, url });
        Ok(())
    }

    /// A witness line.
    pub(super) fn witness(
        &mut self,
        name: Name,
        key: VerifierKey,
        url: Option<Name>,
    ) -> Result<(), PolicyError> {
        self.check_new_name(&name)?;
        self.check_key(&key, KeyType::Cosignature)?;
        self.check_roles(&key, self.logs.iter().map(|log| &log.key))?;
        self.check_room(self.witnesses.len())?;
        self.names.insert(name.clone(), Member::Witness(self.witnesses.len()));
        self.witnesses.push(Witness { name, key, url });
        Ok(())
    }

    /// A group line.
    pub(super) fn group(
        &mut self,
        name: Name,
        threshold: &Name,
        members: &[Name],
    ) -> Result<(), PolicyError> {
        self.check_new_name(&name)?;
        let threshold = self.threshold(threshold, members.len())?;
        let mut resolved = Vec::with_capacity(members.len());
        for member in members {
            resolved.push(self.defined(member)?);
            if !self.members.insert(member.clone()) {
                let name = member.clone();
                return Err(self.error(PolicyFault::SecondMembership { name }));
            }
        }
        self.check_room(self.groups.len())?;
        self.names.insert(name.clone(), Member::Group(self.groups.len()));
        self.groups.push(Group { name, threshold, members: resolved });
        Ok(())
    }

    /// The quorum line.
    pub(super) fn quorum(&mut self, name: &Name) -> Result<(), PolicyError> {
        if self.quorum.is_some() {
            return Err(self.error(PolicyFault::SecondQuorum));
        }
        self.quorum = Some(match name.as_bytes() {
            b"none" => Quorum::None,
            _ => Quorum::Of(self.defined(name)?),
        });
        Ok(())
    }

    /// The policy, if nothing is missing.
    pub(super) fn finish(self) -> Result<Policy, PolicyError> {
        let line = self.line.saturating_add(1);
        let quorum = self.quorum.ok_or(PolicyError { line, fault: PolicyFault::NoQuorum })?;
        Ok(Policy { logs: self.logs, witnesses: self.witnesses, groups: self.groups, quorum })
    }

    fn defined(&self, name: &Name) -> Result<Member, PolicyError> {
        let undefined = || self.error(PolicyFault::UndefinedName { name: name.clone() });
        self.names.get(name).copied().ok_or_else(undefined)
    }

    /// `any`, `all`, or a decimal number without sign or leading zero, from 1 to the members.
    fn threshold(&self, written: &Name, members: usize) -> Result<Threshold, PolicyError> {
        let bad = || self.error(PolicyFault::Threshold { threshold: written.clone(), members });
        if members == 0 {
            return Err(bad());
        }
        match written.as_bytes() {
            b"any" => Ok(Threshold::Any),
            b"all" => Ok(Threshold::All),
            digits => core::str::from_utf8(digits)
                .ok()
                .and_then(crate::checkpoint::parse_decimal)
                .and_then(|count| usize::try_from(count).ok())
                .filter(|count| (1..=members).contains(count))
                .map(Threshold::AtLeast)
                .ok_or_else(bad),
        }
    }

    fn check_new_name(&self, name: &Name) -> Result<(), PolicyError> {
        let bytes = name.as_bytes();
        let bad = bytes.is_empty() || bytes == b"none" || bytes.iter().any(|&byte| byte <= b' ');
        if bad || bytes.contains(&0x7f) {
            return Err(self.error(PolicyFault::BadName { name: name.clone() }));
        }
        if self.names.contains_key(name) {
            return Err(self.error(PolicyFault::DuplicateName { name: name.clone() }));
        }
        Ok(())
    }

    fn check_key(&mut self, key: &VerifierKey, needed: KeyType) -> Result<(), PolicyError> {
        let name = key.name().to_owned();
        if key.kind() != needed {
            let found = key.kind();
            return Err(self.error(PolicyFault::KeyType { name, found, needed }));
        }
        let raw = key.public_key().bytes().to_vec();
        if let Some(earlier) = self.keys.insert(raw, name.clone()) {
            return Err(self.error(PolicyFault::DuplicateKey { name, earlier }));
        }
        Ok(())
    }

    /// No key of the other role may have this key's name.
    fn check_roles<'k>(
        &self,
        key: &VerifierKey,
        mut others: impl Iterator<Item = &'k VerifierKey>,
    ) -> Result<(), PolicyError> {
        if others.any(|other| other.name() == key.name()) {
            let name = key.name().to_owned();
            return Err(self.error(PolicyFault::LogAsWitness { name }));
        }
        Ok(())
    }

    fn check_room(&self, taken: usize) -> Result<(), PolicyError> {
        if taken >= MAX_DEFINITIONS { Err(self.error(PolicyFault::TooMany)) } else { Ok(()) }
    }
}
