//! SIGTERM ends the servers in good order.

use artifact::bundle::{FolderSource, Source};
use testkit::election::{Election, Plan};

use crate::process::{command, refuse, run};
use crate::world::{World, head};

#[test]
fn a_log_that_is_told_to_stop_publishes_what_it_acknowledged() {
    let mut world = World::serving();
    let receipts: Vec<_> = (1..20).map(|n| world.add_software(&format!("release {n}"))).collect();
    let (status, said) = world.log.take().unwrap().terminate();
    assert_eq!(status.code(), Some(0), "{said}");
    // Nothing more was to be done: the files alone are the whole bundle.
    let published = FolderSource::open(world.path("log/published")).unwrap();
    let checkpoint = published.read("checkpoint", 1 << 20).unwrap().unwrap();
    assert_eq!(head(&checkpoint).size, 20);
    for receipt in &receipts {
        let path = format!("artifact/{}", receipt.artifact);
        assert!(published.read(&path, 1 << 20).unwrap().is_some(), "{path}");
    }
    for witness in world.witnesses.drain(..) {
        let (status, said) = witness.unwrap().terminate();
        assert_eq!(status.code(), Some(0), "{said}");
    }
    world.witnesses.resize_with(3, || None);
    world.start();
    let log = world.url().to_owned();
    for receipt in &receipts {
        let hash = receipt.leaf_hash.to_string();
        let charter = ["--charter", "log/charter.json"];
        let proof = ["log", "prove", "--leaf-hash", &hash, "--log", &log];
        let proof = run(world.home(), &[&proof[..], &charter].concat(), 0);
        assert!(proof.contains(&format!("\nindex {}\n", receipt.index)), "{proof}");
    }
}

/// What a server would find when it starts is found by `--check-config` too.
#[test]
fn a_configuration_is_checked_with_its_keys_and_charter() {
    let world = World::new();
    let check = ["log", "serve", "log", "--check-config"];
    let said = run(world.home(), &check, 0);
    assert!(said.ends_with("its keys open, and are the charter's\n"), "{said}");
    for passphrase in [Some("wrong"), None] {
        let mut command = command(world.home(), &check);
        match passphrase {
            Some(text) => command.env("SCRUTINEER_PASSPHRASE", text),
            None => command.env_remove("SCRUTINEER_PASSPHRASE"),
        };
        assert_eq!(command.output().unwrap().status.code(), Some(2), "{passphrase:?}");
    }
    // A charter of another log.
    let charter = world.path("log/charter.json");
    let own = std::fs::read(&charter).unwrap();
    let other = Election::new(Plan { seed: 666, ..Plan::default() });
    std::fs::write(&charter, &other.entries[0].artifact).unwrap();
    refuse(world.home(), &check);
    std::fs::write(&charter, own).unwrap();
    std::fs::rename(world.path("log/keys"), world.path("log/lost")).unwrap();
    refuse(world.home(), &check);
}
