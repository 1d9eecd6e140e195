//! SIGTERM ends the servers in good order.

use artifact::bundle::{FolderSource, Source};

use crate::process::run;
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
