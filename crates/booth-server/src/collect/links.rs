//! The list of links of a trial, encrypted to its auditors: [`booth::link`].
//!
//! ```text
//! state/solar-link.log         a line for each vote and auditor, in the order of arrival
//! ```
//!
//! Lines become durable before the records that they speak of. An end in between leaves lines of a
//! vote that was not recorded; its voter asks again, and the same content stands in the list twice.
//! So who reads it counts different contents, and compares them with the public lists.

use std::io::{BufRead as _, BufReader};
use std::sync::Arc;

use booth::campaign::Campaign;
use service::disk::{Disk, DiskFile};

use super::embedded::io;
use super::ledger::{LedgerError, Record};

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
        let there = disk.names().map_err(io("list", &name))?.contains(&name);
        let file = if there {
            // A line that an end interrupted is cut off.
            let whole = whole_lines(&**disk, &name)?;
            disk.open(&name, whole).map_err(io("open", &name))?
        } else {
            let file = disk.create(&name).map_err(io("create", &name))?;
            disk.sync_names().map_err(io("sync", "the folder of the lists"))?;
            file
        };
        Ok(Some(Self { campaign: campaign.clone(), name, file }))
    }

    /// Appends the lines of some records, durably.
    pub(super) fn append(&mut self, records: &[Record]) -> Result<(), LedgerError> {
        let mut lines = String::new();
        for record in records {
            for auditor in self.campaign.link_auditors() {
                let drawn = service::random::bytes();
                lines.push_str(&auditor.line(&self.campaign, &record.halves, drawn));
            }
        }
        self.file.append(lines.as_bytes()).map_err(io("write", &self.name))?;
        self.file.sync().map_err(io("sync", &self.name))
    }
}

/// Bytes up to the end of the last whole line.
fn whole_lines(disk: &dyn Disk, name: &str) -> Result<u64, LedgerError> {
    let mut reader = BufReader::new(disk.read(name).map_err(io("read", name))?);
    let (mut whole, mut line) = (0, Vec::new());
    loop {
        line.clear();
        reader.read_until(b'\n', &mut line).map_err(io("read", name))?;
        if line.last() != Some(&b'\n') {
            return Ok(whole);
        }
        whole += line.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use artifact::charter::Purpose;
    use booth::campaign::{Draft, Period};
    use booth::link::LinkKey;
    use booth::mandate::Mandate;
    use booth::request::VoteRequest;
    use booth::stamp::{PlatformStamp, VoterStamp};
    use booth::vote::Vote;
    use booth::work::Nonce;
    use canon::{Algorithm, PrivateKey, Timestamp};
    use service::disk::FolderDisk;

    use super::*;

    fn key() -> LinkKey {
        LinkKey::new(&[9; 32]).unwrap()
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
            link_auditors,
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
        let campaign = campaign(Purpose::Trial, vec![key().auditor().to_base64()]);
        let mut links = Links::open(&disk, &campaign).unwrap().unwrap();
        links.append(&[record(1), record(2)]).unwrap();
        drop(links);
        let path = folder.path().join("solar-link.log");
        let mut torn = std::fs::read(&path).unwrap();
        torn.extend_from_slice(b"0123456789abcdef AAAA");
        std::fs::write(&path, &torn).unwrap();
        let mut links = Links::open(&disk, &campaign).unwrap().unwrap();
        links.append(&[record(3)]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let opened: Vec<_> =
            text.lines().map(|line| key().open(&campaign, line).unwrap()).collect();
        let expected = [1, 2, 3].map(request);
        assert_eq!(opened, expected);
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
