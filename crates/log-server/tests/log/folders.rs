//! The folders of a served log: who may look into them, how one process leaves them to the next,
//! and what is refused before they are opened.

use std::path::Path;

use log_server::log::{LogConfig, Server};
use service::limits::Limits;
use service::stop;
use testkit::election::Plan;

use crate::served::{Served, serve, serve_with};

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_from_the_world_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let mut served = serve_with(Plan::default(), Limits::default(), 1).await;
    served.goes_on().await;
    let home = served.folder.path().to_path_buf();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for name in ["keys", "wal", "withheld", "witness-0"] {
        assert_eq!(mode(&home.join(name)), 0o700, "{name}");
    }
    let mut files = 0;
    for folder in ["keys", "wal", "witness-0"] {
        for file in std::fs::read_dir(home.join(folder)).unwrap() {
            let path = file.unwrap().path();
            // It holds a process id.
            if path.file_name().unwrap() != "lock" {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                files += 1;
            }
        }
    }
    assert!(files > 5, "three keys, a segment, two copies of the record");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_end_in_good_order_nobody_looks_for_what_a_killed_process_left() {
    let mut served = serve(Limits::default()).await;
    served.goes_on().await;
    let Served { folder, log, stop, server, .. } = served;
    drop(log);
    stop.ask();
    server.await.unwrap().unwrap();
    let mut config = LogConfig::load(&folder.path().join("log.toml"), &[]).unwrap();
    config.start_unasked = true;
    let staged = folder.path().join("published/artifact/aa#1");
    std::fs::write(&staged, "half").unwrap();
    for is_killed in [false, true] {
        if is_killed {
            // A process that is killed leaves its number there.
            std::fs::write(folder.path().join("wal/lock"), "1\n").unwrap();
        }
        let server = Server::open(&config).await.unwrap();
        assert_eq!(staged.exists(), !is_killed);
        let (handle, stop) = stop::pair();
        handle.ask();
        server.run(stop).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_that_no_record_could_hold_are_refused() {
    let served = serve(Limits::default()).await;
    let path = served.folder.path().join("log.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (largest, too_large) = (1_u64 << 31, (1_u64 << 31) + 1);
    for (line, is_fine) in [
        (format!("[limits]\nbody_bytes = {largest}"), true),
        (format!("[limits]\nbody_bytes = {too_large}"), false),
        ("waiting_mib = 1".to_owned(), true),
        ("waiting_mib = 0".to_owned(), false),
        ("waiting_mib = 1048577".to_owned(), false),
    ] {
        std::fs::write(&path, format!("{text}\n{line}\n")).unwrap();
        let loaded = LogConfig::load(&path, &[]);
        assert_eq!(loaded.is_ok(), is_fine, "{line}");
        if let Err(refused) = loaded {
            let name = line.rsplit('\n').next().unwrap().split(' ').next().unwrap();
            assert!(refused.to_string().contains(name), "{refused}");
        }
    }
    served.end().await;
}
