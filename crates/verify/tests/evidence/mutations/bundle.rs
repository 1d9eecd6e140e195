//! BUN: files that are too many, or cannot be read.

use artifact::bundle::{ZipLimits, ZipSource, encode_sizes};
use testkit::election::Bundle;

use super::Case;
use crate::stage::whole;

mutations! {
    a_strange_name: "BUN-001", Case::changed(|bundle| {
        bundle.files.insert("notes.txt".into(), b"hello".to_vec());
    });
    an_artifact_that_nothing_names: "BUN-002", Case::changed(|bundle| {
        bundle.files.insert(format!("artifact/{}", canon::Digest::of(b"x")), b"x".to_vec());
    });
    a_name_twice_in_a_zip: "BUN-003", twice("checkpoint");
    a_file_too_large: "BUN-004", Case::changed(|bundle| {
        let path = bundle.files.keys().find(|path| path.starts_with("tile/0/")).unwrap().clone();
        *bundle.file(&path) = vec![0; 9000];
    });
    a_partial_tile_without_its_head: "BUN-005", {
        let mut election = whole();
        election.heads[0].published = false;
        Case::whole(&election)
    };
    a_list_of_heads_that_leaves_one_out: "BUN-006", Case::changed(|bundle| {
        let sizes = bundle.sizes();
        bundle.files.insert("checkpoints/sizes".into(), encode_sizes(sizes.into_iter().skip(1)));
    });
}

/// A zip in which a file stands twice, the second time with other bytes.
fn twice(path: &str) -> Case {
    let election = whole();
    let bundle = election.bundle();
    let files = bundle.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    let zip = Bundle::zip_of(files.chain([(path, b"something else".as_slice())]));
    let source = ZipSource::from_bytes("twice.zip", zip, ZipLimits::default()).unwrap();
    Case::of(&election, &bundle).reading(source)
}

#[test]
fn an_artifact_twice_in_a_zip_is_found_too() {
    let path = whole().bundle().files.keys().find(|path| path.starts_with("artifact/")).cloned();
    let name = "an_artifact_twice_in_a_zip_is_found_too";
    super::exactly(name, "BUN-003", &twice(&path.unwrap()));
}

#[test]
fn a_list_of_heads_is_held_against_the_heads() {
    let case = |change: fn(&mut Vec<u64>)| {
        Case::changed(|bundle| {
            let mut sizes = bundle.sizes();
            change(&mut sizes);
            bundle.files.insert("checkpoints/sizes".into(), encode_sizes(sizes));
        })
    };
    super::find("BUN-006", &case(|sizes| sizes.push(1 << 40)));
    super::find("BUN-006", &case(|sizes| sizes.reverse()));
    super::find(
        "BUN-006",
        &Case::changed(|bundle| {
            bundle.files.insert("checkpoints/sizes".into(), b"x".to_vec());
        }),
    );
    let good = case(|_| {});
    let report = verify::replay(&*good.source, &good.options, &verify::Silent).unwrap();
    assert!(report.finding_counts.is_empty(), "{:?}", report.findings);
}
