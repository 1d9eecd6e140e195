//! The folders of the embedded ledger: where they may lie, and that they stay.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use artifact::charter::Purpose;
use booth::campaign::Campaign;
use service::disk::FolderDisk;
use service::folder;
use service::lock::FolderLock;

use super::config::CollectConfig;
use super::embedded::{Disks, Embedded, Opening};
use super::error::CollectError;
use super::ledger::{Ledger, LedgerError, Recovered};

/// How often it is seen to that the batch keys are still there.
const PERIOD: Duration = Duration::from_secs(10);

/// What an open ledger holds until its end: locks that keep others out of its folders, and a
/// thread that looks after them.
pub(super) struct Held {
    _locks: [FolderLock; 2],
    _keeper: Sender<()>,
}

/// A ledger, and what it knows.
pub(super) type Opened = (Arc<dyn Ledger>, Recovered, Held);

/// Opens the embedded ledger of a configuration.
pub(super) fn open_ledger(
    config: &CollectConfig,
    campaign: &Campaign,
) -> Result<Opened, CollectError> {
    let (state, keys) = (config.state(), config.batch_keys(campaign)?);
    let folder = |path: &Path| {
        folder::make_own(path)?;
        let opened = FolderDisk::open(path).map(Arc::new);
        opened.map_err(|source| CollectError::File { path: path.to_path_buf(), source })
    };
    let spool = state.join("spool");
    let disks = Disks { lists: folder(&state)?, spool: folder(&spool)?, keys: folder(&keys)? };
    let locks = [FolderLock::take(&state)?, FolderLock::take(&keys)?];
    judge_place(config, campaign, &spool, &keys)?;
    let pending_votes_are_lost = config.pending_votes_are_lost;
    let opening = Opening { pending_votes_are_lost, ..Opening::default() };
    let (ledger, recovered) = Embedded::open(disks, campaign, config.shard(), opening)?;
    let ledger = Arc::new(ledger);
    let keeper = look_after(Arc::clone(&ledger)).map_err(CollectError::Thread)?;
    Ok((ledger, recovered, Held { _locks: locks, _keeper: keeper }))
}

/// Whether the keys lie apart from what they seal: in memory, or where the configuration says that
/// they may.
fn judge_place(
    config: &CollectConfig,
    campaign: &Campaign,
    spool: &Path,
    keys: &Path,
) -> Result<(), CollectError> {
    let is_election = !matches!(campaign.purpose(), Purpose::Demonstration | Purpose::Test);
    if is_one_file_system(spool, keys)? {
        if is_election {
            return Err(LedgerError::SameFileSystem.into());
        }
        tracing::warn!("the batch keys lie beside what they seal; not for an election");
        return Ok(());
    }
    let in_memory = folder::is_in_memory(keys)
        .map_err(|source| CollectError::File { path: keys.to_path_buf(), source })?;
    if !in_memory && is_election && !config.batch_keys_on_disk {
        return Err(LedgerError::KeysOnDisk.into());
    }
    if !in_memory {
        tracing::warn!("the batch keys lie on a disk, which may keep what is overwritten");
    }
    Ok(())
}

/// Compares the lists with what was cut, and then sees to it that the batch keys stay, until what
/// is given here is dropped.
fn look_after(ledger: Arc<Embedded>) -> std::io::Result<Sender<()>> {
    let (keeper, ended) = channel();
    let look = move || {
        if let Err(error) = ledger.check_lists() {
            tracing::error!(error, "a list is not what was cut; nothing is taken any more");
        }
        while ended.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
            ledger.keep_keys();
        }
    };
    std::thread::Builder::new().name("keeper".into()).spawn(look).map(|_| keeper)
}

/// Whether two folders lie on one file system. Outside Unix nobody can tell, so it is taken for so.
fn is_one_file_system(one: &Path, other: &Path) -> Result<bool, CollectError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let device = |path: &Path| match std::fs::metadata(path) {
            Ok(metadata) => Ok(metadata.dev()),
            Err(source) => Err(CollectError::File { path: path.to_path_buf(), source }),
        };
        Ok(device(one)? == device(other)?)
    }
    #[cfg(not(unix))]
    {
        let _ = (one, other);
        Ok(true)
    }
}

/// The folder below which batch keys lie by default: the service's own, that of the machine's
/// services if it is this user's, the user's, or the one that everybody shares.
pub(super) fn memory(
    variable: impl Fn(&str) -> Option<PathBuf>,
    is_ours: impl Fn(&Path) -> bool,
) -> PathBuf {
    let of_service = variable("RUNTIME_DIRECTORY").and_then(|all| {
        // systemd names several with colons between.
        all.to_str()?.split(':').next().map(PathBuf::from)
    });
    let of_machine = || Some(PathBuf::from("/run/scrutineer"));
    let of_user = || variable("XDG_RUNTIME_DIR");
    of_service
        .or_else(of_machine)
        .filter(|path| is_ours(path))
        .or_else(|| of_user().filter(|path| is_ours(path)))
        .unwrap_or_else(|| PathBuf::from("/dev/shm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_keys_lie_by_default() {
        let default = |variables: &[(&str, &str)], ours: &[&str]| {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| PathBuf::from(value))
            };
            let path = memory(variable, |path| ours.iter().any(|own| path == Path::new(own)));
            path.to_str().unwrap().to_owned()
        };
        let service = ("RUNTIME_DIRECTORY", "/run/collect:/run/other");
        let user = ("XDG_RUNTIME_DIR", "/run/user/1000");
        let all = ["/run/collect", "/run/scrutineer", "/run/user/1000"];
        assert_eq!(default(&[service, user], &all), "/run/collect");
        assert_eq!(default(&[user], &all), "/run/scrutineer");
        assert_eq!(default(&[user], &all[2..]), "/run/user/1000");
        assert_eq!(default(&[], &all[2..]), "/dev/shm");
        assert_eq!(default(&[user], &[]), "/dev/shm");
    }
}
