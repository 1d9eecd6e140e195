//! The list of links of a trial, encrypted to its auditors: [`booth::link`].
//!
//! ```text
//! state/solar-link.log         a line for each group of votes, in the order of arrival
//! ```
//!
//! Lines become durable before the records that they speak of. An end in between leaves lines of
//! votes that were not recorded; their voters ask again, and the same content stands in the list
//! twice. So [`read_links`] gives what differs, to be compared with the public lists.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Read as _};
use std::sync::Arc;

use booth::batch::Halves;
use booth::campaign::Campaign;
use booth::link::{self, LinkError, LinkKey};
use booth::request::VoteRequest;
use service::disk::{Disk, DiskFile};

use super::embedded::io as failed;
use super::ledger::{LedgerError, Record};

/// The longest line that is read: what could become durable at once is far less.
const MAX_LINE: u64 = 256 << 20;

/// The list, open for appending.
pub(super) struct Links {
    campaign: Campaign,
    name: String,
    file: Box<dyn DiskFile>,
}

impl Links {
    /// The list of a campaign that names auditors; others have none.
    pub(super) fn open(
        disk: &Arc<dyn Disk>,
        campaign: &Campaign,
    ) -> Result<Option<Self>, LedgerError> {
        if campaign.link_auditors().is_empty() {
            return Ok(None);
        }
        let name = format!("{}-link.log", campaign.name());
        let there = disk.names().map_err(failed("list", &name))?.contains(&name);
        let file = if there {
            // A line that an end interrupted is cut off.
            let whole = whole_lines(&**disk, &name)?;
            disk.open(&name, whole).map_err(failed("open", &name))?
        } else {
            let file = disk.create(&name).map_err(failed("create", &name))?;
            disk.sync_names().map_err(failed("sync", "the folder of the lists"))?;
            file
        };
        Ok(Some(Self { campaign: campaign.clone(), name, file }))
    }

    /// Appends the line of some records, durably.
    pub(super) fn append(&mut self, records: &[Record]) -> Result<(), LedgerError> {
        let records = records.iter().map(|record| &record.halves);
        let line = link::line(&self.campaign, records, &mut service::random::bytes);
        self.file.append(line.as_bytes()).map_err(failed("write", &self.name))?;
        self.file.sync().map_err(failed("sync", &self.name))
    }
}

/// What a list of links cannot be read for.
#[derive(Debug, thiserror::Error)]
pub enum LinksError {
    /// The file cannot be read.
    #[error("the list of links cannot be read: {0}")]
    Read(#[from] io::Error),
    /// A line is not opened.
    #[error("line {number}: {reason}")]
    Line {
        /// Which, from 1.
        number: u64,
        /// Why.
        #[source]
        reason: LinkError,
    },
}

/// Who voted how, by a trial's list of links: each vote once, in the order of arrival. A last line
/// without its line feed is a write that was interrupted, and is passed over.
pub fn read_links(
    list: impl io::Read,
    key: &LinkKey,
    campaign: &Campaign,
) -> Result<Vec<VoteRequest>, LinksError> {
    let mut reader = BufReader::new(list);
    let (mut found, mut seen, mut line) = (Vec::new(), HashSet::new(), String::new());
    for number in 1.. {
        line.clear();
        (&mut reader).take(MAX_LINE).read_line(&mut line)?;
        if !line.ends_with('\n') {
            break;
        }
        let opened = key.open(campaign, &line);
        for request in opened.map_err(|reason| LinksError::Line { number, reason })? {
            let halves = Halves::from(request.clone());
            if seen.insert((*halves.vote.digest(), *halves.voter.digest())) {
                found.push(request);
            }
        }
    }
    Ok(found)
}

/// Bytes up to the end of the last whole line.
fn whole_lines(disk: &dyn Disk, name: &str) -> Result<u64, LedgerError> {
    let mut reader = BufReader::new(disk.read(name).map_err(failed("read", name))?);
    let (mut whole, mut line) = (0, Vec::new());
    loop {
        line.clear();
        reader.read_until(b'\n', &mut line).map_err(failed("read", name))?;
        if line.last() != Some(&b'\n') {
            return Ok(whole);
        }
        whole += line.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use artifact::charter::Purpose;
    use booth::campaign::{Draft, Period};
    use booth::mandate::Mandate;
    use booth::stamp::{PlatformStamp, VoterStamp};
    use booth::vote::Vote;
    use booth::work::Nonce;
    use canon::{Algorithm, PrivateKey, Timestamp};
    use service::disk::FolderDisk;
    use testkit::outside::outside;

    use super::*;

    fn key() -> LinkKey {
        LinkKey::new(&[9; 32])
    }

    fn authority() -> PrivateKey {
        PrivateKey::from_seed(Algorithm::Ed25519, &[1; 32]).unwrap()
    }

    fn start() -> Timestamp {
        "2026-11-03T07:00:00Z".parse().unwrap()
    }

    fn campaign(purpose: Purpose, link_auditors: Vec<String>) -> Campaign {
        let draft = Draft {
            name: "solar".to_owned(),
            purpose,
            options: vec!["Bold Jupiter".to_owned(), "Shiny Saturn".to_owned()],
            authorities: vec![authority().public().to_base64()],
            start: start(),
            end: start().plus_seconds(3_600).unwrap(),
            stamp_period_s: 3_600,
            k: 5,
            work_bits: 0,
            shards: 1,
            stations: Vec::new(),
            stamps_per_code: Some(40),
            receipt_keys: Vec::new(),
            stamp_key_sha256: None,
            decoy_key_sha256: None,
            totp_seed_sha256: None,
            snapshot_salt_sha256: None,
            link_auditors,
            remote_of: None,
        };
        Campaign::check(draft).unwrap()
    }

    fn request(number: u8) -> VoteRequest {
        let vote = Vote {
            platform: PlatformStamp { period: Period::beginning(start()), signature: [number; 64] },
            stamp: VoterStamp::from_bytes([number; 20]),
            nonce: Nonce::from(u64::from(number)),
            say: "Bold Jupiter".to_owned(),
        };
        let mandate = Mandate::issue(&authority(), [number; 24]).unwrap();
        VoteRequest { vote, mandate }
    }

    fn record(number: u8) -> Record {
        Record { batch: 0, halves: request(number).into() }
    }

    fn disk(folder: &tempfile::TempDir) -> Arc<dyn Disk> {
        Arc::new(FolderDisk::open(folder.path()).unwrap())
    }

    #[test]
    fn a_trials_votes_are_linked_for_its_auditors_and_go_on_after_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let disk = disk(&folder);
        let campaign = campaign(Purpose::Trial, vec![key().auditor().to_string()]);
        let mut links = Links::open(&disk, &campaign).unwrap().unwrap();
        links.append(&[record(1), record(2)]).unwrap();
        drop(links);
        let path = folder.path().join("solar-link.log");
        let mut torn = std::fs::read(&path).unwrap();
        torn.extend_from_slice(b"YWdlLWVuY3J5cHRpb24");
        std::fs::write(&path, &torn).unwrap();
        let read = || read_links(&*std::fs::read(&path).unwrap(), &key(), &campaign).unwrap();
        assert_eq!(read(), [1, 2].map(request));
        let mut links = Links::open(&disk, &campaign).unwrap().unwrap();
        // The second one again: its recording was interrupted, and its voter asked once more.
        links.append(&[record(2), record(3)]).unwrap();
        assert_eq!(read(), [1, 2, 3].map(request));
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 2, "a line for each group");
        let changed = text.replacen('\n', "\nAAAA\n", 1);
        let error = read_links(changed.as_bytes(), &key(), &campaign).unwrap_err();
        assert_eq!(error.to_string(), "line 2: a line of the list is an age file in base64");
    }

    /// The judge from outside: an auditor needs nothing of ours.
    #[test]
    fn age_itself_opens_what_an_instance_writes() {
        let folder = tempfile::tempdir().unwrap();
        let identity = folder.path().join("identity");
        let found = ["age", "rage"].into_iter().find(|tool| {
            let made = Command::new(format!("{tool}-keygen")).arg("-o").arg(&identity).output();
            made.is_ok_and(|made| made.status.success())
        });
        let Some(tool) = outside("age or rage", found) else { return };
        let text = std::fs::read_to_string(&identity).unwrap();
        let made = LinkKey::from_file(&text).unwrap().auditor().to_string();
        let auditors = vec![key().auditor().to_string(), made];
        let campaign = campaign(Purpose::Trial, auditors);
        let disk = disk(&folder);
        let mut links = Links::open(&disk, &campaign).unwrap().unwrap();
        // Several chunks of 64 KiB, then one vote.
        let many: Vec<Record> = (0..=250).map(record).collect();
        links.append(&many).unwrap();
        links.append(&[record(251)]).unwrap();
        let list = std::fs::read_to_string(folder.path().join("solar-link.log")).unwrap();
        let opened = list.lines().map(|line| {
            let file = folder.path().join("one.age");
            std::fs::write(&file, canon::base64::decode(line.as_bytes()).unwrap()).unwrap();
            let opened = Command::new(tool).arg("-d").arg("-i").arg(&identity).arg(&file).output();
            let opened = opened.unwrap();
            assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
            String::from_utf8(opened.stdout).unwrap()
        });
        let opened: Vec<String> = opened.collect();
        let lines = |number| {
            let halves = record(number).halves;
            [halves.vote.line().to_owned(), halves.voter.line().to_owned()]
        };
        let expected = (0..=250).flat_map(lines).collect::<String>();
        let found = |text: &String| {
            let content = text.strip_prefix("scrutineer/links/v1 solar\n").unwrap();
            let lines = content.lines().filter(|line| !line.is_empty());
            lines.flat_map(|line| [line, "\n"]).collect::<String>()
        };
        let found: Vec<String> = opened.iter().map(found).collect();
        assert_eq!(found, [expected, lines(251).concat()]);
    }

    #[test]
    fn nobody_elses_votes_are_linked() {
        let folder = tempfile::tempdir().unwrap();
        for purpose in [Purpose::Trial, Purpose::Official, Purpose::Demonstration, Purpose::Test] {
            let campaign = campaign(purpose, Vec::new());
            assert!(Links::open(&disk(&folder), &campaign).unwrap().is_none());
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
