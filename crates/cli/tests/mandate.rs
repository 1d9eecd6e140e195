//! Cards on disk: who may read them, and that none leaves which the register does not have,
//! wherever a run ends.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};

use booth::mandate::Mandate;
use imaging::print::card::{Heading, Wording, lay_out};
use imaging::print::png;
use imaging::scan::{Picture, codes};
use serde_json::Value;

fn scrutineer(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_scrutineer"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("SCRUTINEER_PASSPHRASE", "x")
        .output()
        .unwrap()
}

fn issue(folder: &Path, count: &str) -> Output {
    let arguments = ["--key", "clerk.pem", "--title", "Solar", "--out", "cards"];
    let arguments = [&["--campaign", "solar"], &arguments[..]].concat();
    let stock = ["--stock", "stock.jsonl", "--count", count, "--json"];
    scrutineer(folder, &[&["mandate", "issue"], &arguments[..], &stock[..]].concat())
}

/// A folder with the authority's key in it.
fn office() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(scrutineer(folder.path(), &["key", "new", "clerk.pem"]).status.success());
    folder
}

fn answer(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The look-up strings of a register, by number.
fn register(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let cards = text.lines().skip(1).map(|line| serde_json::from_str::<Value>(line).unwrap());
    cards.map(|card| card["look_up"].as_str().unwrap().to_owned()).collect()
}

fn mandate_in(picture: &Path) -> Mandate {
    let picture = Picture::read_png(&fs::read(picture).unwrap()).unwrap();
    let found = codes(&picture);
    Mandate::from_bytes(found.first().expect("a code")).unwrap()
}

#[test]
fn pictures_list_and_register_tell_of_the_same_mandates() {
    let office = office();
    let at = office.path();
    answer(&issue(at, "3"));
    let list = fs::read_to_string(at.join("cards/~list")).unwrap();
    let list: BTreeMap<&str, &str> =
        list.lines().map(|line| line.split_once(' ').unwrap()).collect();
    let register = register(&at.join("stock.jsonl"));
    assert_eq!((list.len(), register.len()), (3, 3));
    for (name, look_up) in &list {
        let mandate = mandate_in(&at.join("cards").join(name));
        assert!(mandate.holds());
        assert_eq!(mandate.look_up(), **look_up);
        assert_eq!(*name, format!("{}.png", canon::base32::encode(&mandate.id().id)));
        assert!(register.iter().any(|registered| registered == look_up), "{look_up}");
    }
    let named: BTreeSet<&str> = list.values().copied().collect();
    assert_eq!(named.len(), 3, "a mandate came twice");
    // The register is handed to people who must not vote by it.
    let text = fs::read_to_string(at.join("stock.jsonl")).unwrap();
    let mandate = mandate_in(&at.join("cards").join(list.keys().next().unwrap()));
    assert!(!text.contains(&mandate.fields()[2]) && !text.contains("Solar"));
}

#[cfg(unix)]
#[test]
fn what_can_be_voted_by_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let office = office();
    let at = office.path();
    answer(&issue(at, "1"));
    let printed = scrutineer(at, &["mandate", "print", "cards", "--out", "sheets.pdf"]);
    assert!(printed.status.success());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&at.join("cards")), 0o700);
    for entry in fs::read_dir(at.join("cards")).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    for name in ["stock.jsonl", "sheets.pdf"] {
        assert_eq!(mode(&at.join(name)), 0o600, "{name}");
    }
}

/// The run ended after the cards were made and before the register had them: nothing was issued.
#[test]
fn cards_that_were_never_registered_are_made_anew() {
    let office = office();
    let at = office.path();
    answer(&issue(at, "2"));
    fs::rename(at.join("cards"), at.join("cards.partial")).unwrap();
    let lost = register(&at.join("stock.jsonl"));
    fs::remove_file(at.join("stock.jsonl")).unwrap();
    let again = answer(&issue(at, "2"));
    assert_eq!((&again["finished"], &again["last"]), (&false.into(), &2.into()));
    let register = register(&at.join("stock.jsonl"));
    assert!(register.iter().all(|look_up| !lost.contains(look_up)));
    assert!(!at.join("cards.partial").exists());
    assert_eq!(fs::read_dir(at.join("cards")).unwrap().count(), 3);
}

/// The run ended in the middle of the pictures, before there was a list.
#[test]
fn half_a_folder_of_cards_is_made_anew() {
    let office = office();
    let at = office.path();
    answer(&issue(at, "1"));
    fs::rename(at.join("cards"), at.join("earlier")).unwrap();
    fs::create_dir(at.join("cards.partial")).unwrap();
    fs::write(at.join("cards.partial/TORN.png"), b"half a picture").unwrap();
    let again = answer(&issue(at, "2"));
    assert_eq!((&again["first"], &again["last"]), (&2.into(), &3.into()));
    assert!(!at.join("cards/TORN.png").exists());
}

/// The run ended after the register had the cards and before the folder had its name.
#[test]
fn cards_that_were_registered_are_only_named() {
    let office = office();
    let at = office.path();
    answer(&issue(at, "3"));
    let before = register(&at.join("stock.jsonl"));
    let list = fs::read(at.join("cards/~list")).unwrap();
    fs::rename(at.join("cards"), at.join("left.partial")).unwrap();
    // Others went on in between.
    answer(&issue(at, "1"));
    fs::rename(at.join("cards"), at.join("others")).unwrap();
    fs::rename(at.join("left.partial"), at.join("cards.partial")).unwrap();
    let again = answer(&issue(at, "3"));
    assert_eq!((&again["finished"], &again["cards"]), (&true.into(), &3.into()));
    assert_eq!((&again["first"], &again["last"]), (&1.into(), &3.into()));
    let after = register(&at.join("stock.jsonl"));
    assert_eq!((&after[..3], after.len()), (&before[..], 4), "issued twice");
    assert_eq!(fs::read(at.join("cards/~list")).unwrap(), list);
}

/// Two offices at one register would give one number twice.
#[test]
fn a_register_is_changed_by_one_process_at_a_time() {
    let office = office();
    let at = office.path();
    let lock = File::create(at.join("stock.jsonl.lock")).unwrap();
    lock.lock().unwrap();
    let refused = issue(at, "1");
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("stock.jsonl is being changed by another process"), "{said}");
    assert!(!at.join("cards").exists() && !at.join("cards.partial").exists());
    drop(lock);
    answer(&issue(at, "1"));
}

/// A picture whose mandate somebody changed: the sheet would carry a card that cannot vote.
#[test]
fn a_card_that_cannot_vote_is_not_printed() {
    let office = office();
    let at = office.path();
    answer(&issue(at, "1"));
    let list = fs::read_to_string(at.join("cards/~list")).unwrap();
    let name = list.split(' ').next().unwrap();
    let mut bytes = mandate_in(&at.join("cards").join(name)).to_bytes();
    bytes[119] ^= 1;
    let forged = Mandate::from_bytes(&bytes).unwrap();
    let page = lay_out(&forged, &Heading::default(), &Wording::default()).unwrap();
    fs::write(at.join("cards/forged.png"), png::write(&page, &[("Title", "Solar")]).unwrap())
        .unwrap();
    let refused = scrutineer(at, &["mandate", "print", "cards", "--out", "sheets.pdf"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("cards/forged.png: the mandate's signature does not hold"), "{said}");
    assert!(!at.join("sheets.pdf").exists());
}
