//! The list of voters, line by line.

use std::collections::{BTreeMap, BTreeSet};

use booth::campaign::{Campaign, Shard};
use booth::mandate::{LOOK_UP_CHARS, Mandate, Unauthorised};
use booth::publish::List;
use canon::{Digest, base64};

use super::once::Once;
use super::stream::{At, Lines};
use super::votes::{no_record, sorted};
use crate::finding::{Finding, Findings, booth as rules};

/// Bytes that are kept of a mandate: the place of its authority and its id.
const ID: usize = 2 + 24;

/// The first characters of a mandate's signature.
pub(crate) type LookUp = [u8; LOOK_UP_CHARS];

/// The look-up strings of files, one a line; empty lines are passed over. The number, from 1, of a
/// file that has another line.
pub(crate) fn void(files: &[Vec<u8>]) -> Result<BTreeSet<LookUp>, usize> {
    let mut void = BTreeSet::new();
    for (number, file) in (1_usize..).zip(files) {
        for line in file.split(|byte| *byte == b'\n') {
            let line = line.trim_ascii();
            let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
            match LookUp::try_from(line) {
                Ok(look_up) if line.iter().all(is_base64) => {
                    void.insert(look_up);
                }
                _ if line.is_empty() => {}
                _ => return Err(number),
            }
        }
    }
    Ok(void)
}

/// Where the signature stands in a line.
const SIGNATURE_AT: usize = 45;

/// What a line says.
pub(super) struct Said {
    digest: Digest,
    /// Nothing where the line is no mandate.
    voter: Option<SaidVoter>,
}

struct SaidVoter {
    id: [u8; 24],
    /// The place of the authority among the campaign's.
    authority: Option<usize>,
    judged: Result<(), Unauthorised>,
    is_void: bool,
    /// Its shard, where the campaign has several.
    shard: Option<Shard>,
}

/// All voters so far.
pub(super) struct Voters<'a> {
    rules: &'a Campaign,
    path: &'a str,
    void: &'a BTreeSet<LookUp>,
    before: Option<Digest>,
    ids: Once<ID>,
    /// Mandates by shard of this snapshot, where there are several.
    groups: BTreeMap<Shard, u64>,
    /// Void mandates that stand in the list.
    pub(super) voided: u64,
    /// Mandates of the shards that are counted.
    pub(super) of_shards: BTreeMap<Shard, u64>,
}

impl<'a> Voters<'a> {
    /// No voters yet. `void` is what the authorities have declared void; those of the shards in
    /// `of_shards` are counted.
    pub(super) fn new(
        rules: &'a Campaign,
        path: &'a str,
        void: &'a BTreeSet<LookUp>,
        of_shards: BTreeMap<Shard, u64>,
    ) -> Self {
        let (ids, groups) = (Once::new(), BTreeMap::new());
        Self { rules, path, void, before: None, ids, groups, voided: 0, of_shards }
    }

    /// What a snapshot adds as a whole, once its last line is in. Whose shard a mandate is of, all
    /// can tell: somebody who is one of few of their shard stands among few.
    fn end(&mut self, at: At<'_>, findings: &mut Findings) {
        let k = u64::from(self.rules.k());
        let groups = std::mem::take(&mut self.groups);
        let all = groups.values().copied().fold(0, u64::saturating_add);
        // Where all of them are fewer, the entry itself was found.
        let smallest = groups.into_iter().min_by_key(|(_, voters)| *voters);
        let small = smallest.filter(|(_, voters)| *voters < k && all >= k);
        if let Some((Shard(shard), voters)) = small.filter(|_| !at.link.snapshot.is_last) {
            let expected = format!("no voter or at least {k} of each shard");
            let found = format!("{voters} of shard {shard}");
            let rule = &rules::CROWD_SMALL;
            findings.push(Finding::entry(rule, at.link.index, expected, found));
        }
    }

    /// Finds the mandates that stand twice, whatever their signatures.
    pub(super) fn twice(self, findings: &mut Findings) {
        for (key, times) in self.ids.twice() {
            let id = key.split_at(2).1;
            let expected = format!("the mandate with id {} once", base64::encode(id));
            let found = format!("{times} times");
            findings.push(Finding::new(&rules::MANDATE_TWICE, self.path, expected, found));
        }
    }
}

impl Lines for Voters<'_> {
    type Said = Said;

    const LIST: List = List::Voters;

    fn judge(&self, line: &[u8]) -> Said {
        let authorities = self.rules.authorities();
        let voter = booth::publish::voter_of(line).map(|mandate: Mandate| SaidVoter {
            id: mandate.id().id,
            authority: authorities.position(&mandate.id().authority),
            judged: authorities.check(&mandate),
            is_void: !self.void.is_empty() && self.is_void(line),
            shard: (self.rules.shards() > 1).then(|| self.rules.shard_of(mandate.id())),
        });
        Said { digest: Digest::of(line), voter }
    }

    fn take(&mut self, at: At<'_>, said: Said, findings: &mut Findings) {
        let Said { digest, voter } = said;
        sorted(&mut self.before, digest, at, self.path, findings);
        match voter {
            Some(voter) => self.judge_voter(at, &voter, findings),
            None => no_record(at, self.path, "a mandate", findings),
        }
        if at.is_last {
            self.end(at, findings);
        }
    }
}

impl Voters<'_> {
    /// What is wrong with a mandate by itself, and where it counts.
    fn judge_voter(&mut self, at: At<'_>, voter: &SaidVoter, findings: &mut Findings) {
        let mut find = |rule, expected: &str, found: &str| {
            let subject = format!("line {} of {}", at.line, self.path);
            findings.push(Finding::new(rule, subject, expected, found));
        };
        match voter.judged {
            Ok(()) => {}
            Err(Unauthorised::BadAuthority) => {
                let expected = "a mandate of an authority that the campaign names";
                find(&rules::MANDATE_AUTHORITY, expected, "another key");
            }
            Err(Unauthorised::BadSignature) => {
                let expected = "its authority's signature over its id";
                find(&rules::MANDATE_SIGNATURE, expected, "another signature");
            }
        }
        self.voided = self.voided.saturating_add(u64::from(voter.is_void));
        if let Some(shard) = voter.shard {
            let of_shard = self.groups.entry(shard).or_default();
            *of_shard = of_shard.saturating_add(1);
            if let Some(count) = self.of_shards.get_mut(&shard) {
                *count = count.saturating_add(1);
            }
        }
        if let Some(authority) = voter.authority.and_then(|at| u16::try_from(at).ok()) {
            let mut key = [0; ID];
            let bytes = authority.to_be_bytes().into_iter().chain(voter.id);
            key.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
            self.ids.push(key, 2);
        }
    }

    fn is_void(&self, line: &[u8]) -> bool {
        let signature = line.get(SIGNATURE_AT..).unwrap_or_default();
        signature.first_chunk().is_some_and(|look_up: &LookUp| self.void.contains(look_up))
    }
}
