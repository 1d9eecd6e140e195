//! Where the batch keys may lie, and that they stay there.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use booth::campaign::Shard;
use booth_server::collect::{Disks, Embedded, Ledger as _, LedgerError, Opening, Record};
use service::config::Override;
use service::disk::{Disk, FolderDisk};
use testkit::faults::{Crash, Faults};

use crate::fixture::{World, campaign, is_promise, noon, requests};
use crate::instance::{Platform, Running};

/// Starts an instance with its state and its batch keys here; what it is refused for.
fn start(platform: &Platform, state: &Path, keys: &Path, more: &[Override]) -> Option<String> {
    let own = [
        Override::new("state", state.to_str().unwrap()),
        Override::new("batch_keys", keys.to_str().unwrap()),
    ];
    let config = platform.config(0, &[&own, more].concat());
    match Running::try_start(platform, &config, noon()) {
        Ok(running) => {
            running.stop();
            None
        }
        Err(error) => Some(format!("{error}: {}", error.hint())),
    }
}

/// Another disk than the spool's is not enough for an election, unless somebody says so.
#[test]
fn the_keys_of_an_election_lie_in_memory() {
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let disk = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (state, keys) = (memory.path().join("state"), disk.path().join("keys"));
    for purpose in ["official", "trial"] {
        let platform = Platform::new(purpose, 50, 1);
        let refused = start(&platform, &state.join(purpose), &keys.join(purpose), &[]).unwrap();
        assert!(refused.contains("batch_keys_on_disk"), "{refused}");
        let told = [Override::new("batch_keys_on_disk", true)];
        let started = start(&platform, &state.join(purpose), &keys.join(purpose), &told);
        assert_eq!(started, None);
        let (state, keys) = (disk.path().join(purpose), memory.path().join(purpose));
        assert_eq!(start(&platform, &state, &keys, &[]), None);
    }
}

/// The attack: make the folder of the batch keys before the instance does, and keep a hand in it.
#[test]
fn a_folder_that_somebody_else_has_made_is_refused() {
    let platform = Platform::new("test", 50, 1);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let set = |name: &str, mode: u32| {
        std::fs::set_permissions(path(name), PermissionsExt::from_mode(mode)).unwrap();
    };
    assert_eq!(start(&platform, &path("state"), &path("keys"), &[]), None);
    for name in ["state", "keys", "state/spool"] {
        set(name, 0o777);
        let refused = start(&platform, &path("state"), &path("keys"), &[]).unwrap();
        assert!(refused.contains("others have rights"), "{name}: {refused}");
        set(name, 0o700);
    }
    symlink(path("keys"), path("link")).unwrap();
    let refused = start(&platform, &path("state"), &path("link"), &[]).unwrap();
    assert!(refused.contains("is a link"), "{refused}");
    assert_eq!(start(&platform, &path("state"), &path("keys"), &[]), None);
}

/// The operating system clears what a user has in memory when they log out.
#[test]
fn keys_that_somebody_removes_are_written_again() {
    let campaign = campaign(50);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let open = || {
        let disk =
            |name: &str| -> Arc<dyn Disk> { Arc::new(FolderDisk::open(&path(name)).unwrap()) };
        let disks = Disks { lists: disk("lists"), spool: disk("spool"), keys: disk("keys") };
        Embedded::open(disks, &campaign, Shard(0), Opening::default())
    };
    let (ledger, _) = open().unwrap();
    let record = |number: usize| Record { batch: 0, halves: requests()[number].clone().into() };
    ledger.append(0, &[record(0), record(1)]).unwrap();
    std::fs::remove_dir_all(path("keys")).unwrap();
    ledger.keep_keys();
    ledger.append(2, &[record(2)]).unwrap();
    drop(ledger);
    let (ledger, recovered) = open().unwrap();
    assert_eq!((recovered.batches.pending(), recovered.position), (3, 3));
    drop(ledger);
    std::fs::remove_dir_all(path("keys")).unwrap();
    let lost = open().map(|_| ()).unwrap_err();
    assert!(matches!(lost, LedgerError::KeysMissing { votes: 3, .. }), "{lost}");
}

#[test]
fn every_cut_looks_after_the_keys_of_the_others() {
    let world = World::new(&Faults::none());
    let mut driver = world.open(&campaign(3)).unwrap();
    driver.cast(&requests()[..5]).unwrap();
    let names = world.key_names();
    for name in &names {
        world.keys.remove(name).unwrap();
    }
    // The sixth makes the first batch due.
    assert!(is_promise(&driver.cast(&requests()[5..6]).unwrap()[0]));
    assert_eq!(world.key_names(), names[1..]);
    assert_eq!(world.after(Crash::Kill).open(&campaign(3)).unwrap().pending(), 3);
}
