//! A crate imports only crates of strictly lower floors, and keeps out what its floor keeps out.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, PackageId};

use super::{Tree, Violation};

/// The house. A crate that is not in this table has no place yet.
const FLOORS: [(&str, u64); 18] = [
    ("canon", 0),
    ("tlog", 1),
    ("rla", 1),
    ("artifact", 2),
    ("office", 3),
    ("paper", 3),
    ("booth", 3),
    ("imaging", 4),
    ("exchange", 4),
    ("hardware", 4),
    ("verify", 4),
    ("wasm", 5),
    ("service", 5),
    ("log-server", 6),
    ("booth-server", 6),
    ("testkit", 6),
    ("cli", 7),
    ("xtask", 8),
];

/// Crates for tests: nothing that ships depends on them.
const TEST_ONLY: [&str; 1] = ["testkit"];

/// The highest floor that is free of I/O runtimes.
const LAST_PURE_FLOOR: u64 = 4;

/// Runtimes and servers, kept above [`LAST_PURE_FLOOR`].
const RUNTIMES: [&str; 8] =
    ["tokio", "axum", "hyper", "mio", "async-std", "smol", "futures", "async-trait"];

/// The crates that may use `anyhow`: they only report to people.
const MAY_USE_ANYHOW: [&str; 2] = ["cli", "xtask"];

/// A crate of the workspace, as cargo sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crate {
    pub(crate) name: String,
    /// The manifest, from the root.
    pub(crate) manifest: String,
    /// `package.metadata.scrutineer.floor`.
    pub(crate) floor: Option<u64>,
    /// Names of direct dependencies that are needed to run or to build it.
    pub(crate) needs: BTreeSet<String>,
    /// Names of direct dependencies of its tests.
    pub(crate) tests_need: BTreeSet<String>,
    /// Names of everything that it brings along, at any depth, tests left out.
    pub(crate) reaches: BTreeSet<String>,
}

impl Crate {
    /// Every member of the workspace.
    pub(crate) fn all(metadata: &Metadata) -> Vec<Self> {
        let edges = edges(metadata);
        let root = &metadata.workspace_root;
        let mut crates = Vec::new();
        for package in metadata.workspace_packages() {
            let direct = |kinds: &[DependencyKind]| {
                let wanted = package.dependencies.iter().filter(|one| kinds.contains(&one.kind));
                wanted.map(|one| one.name.clone()).collect()
            };
            let manifest = package.manifest_path.strip_prefix(root);
            crates.push(Self {
                name: package.name.to_string(),
                manifest: manifest.unwrap_or(&package.manifest_path).to_string(),
                floor: package.metadata["scrutineer"]["floor"].as_u64(),
                needs: direct(&[DependencyKind::Normal, DependencyKind::Build]),
                tests_need: direct(&[DependencyKind::Development]),
                reaches: reach(metadata, &edges, &package.id),
            });
        }
        crates
    }

    /// The folder of the manifest, with a closing `/`.
    pub(crate) fn folder(&self) -> &str {
        self.manifest.strip_suffix("Cargo.toml").unwrap_or(&self.manifest)
    }
}

type Edges<'a> = BTreeMap<&'a PackageId, Vec<&'a PackageId>>;

/// Who needs whom to run, from the resolved graph.
fn edges(metadata: &Metadata) -> Edges<'_> {
    let mut edges = Edges::new();
    for node in metadata.resolve.iter().flat_map(|resolve| &resolve.nodes) {
        let normal = node.deps.iter().filter(|dependency| {
            dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
        });
        edges.insert(&node.id, normal.map(|dependency| &dependency.pkg).collect());
    }
    edges
}

fn reach(metadata: &Metadata, edges: &Edges<'_>, from: &PackageId) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(id) = waiting.pop() {
        for next in edges.get(id).into_iter().flatten() {
            if seen.insert(*next) {
                waiting.push(next);
            }
        }
    }
    seen.into_iter().map(|id| metadata[id].name.to_string()).collect()
}

/// The rule `floor`.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let floors: BTreeMap<&str, u64> = FLOORS.into_iter().collect();
    let mut found = Vec::new();
    for one in &tree.crates {
        let mut report = |advice: String| {
            let path = one.manifest.clone();
            found.push(Violation { path, line: 0, rule: "floor", advice });
        };
        let Some(&floor) = floors.get(one.name.as_str()) else {
            report(format!("{} is not in the table of floors; add it there", one.name));
            continue;
        };
        if one.floor != Some(floor) {
            report(format!(
                "[package.metadata.scrutineer] must say floor = {floor} for {}",
                one.name
            ));
        }
        imports(one, floor, &floors, &mut report);
        kept_out(one, floor, &mut report);
    }
    found
}

fn imports(one: &Crate, floor: u64, floors: &BTreeMap<&str, u64>, report: &mut impl FnMut(String)) {
    for need in &one.needs {
        if TEST_ONLY.contains(&need.as_str()) {
            report(format!("{need} is for tests; move it to [dev-dependencies]"));
        } else if let Some(other) = floors.get(need.as_str()).filter(|other| **other >= floor) {
            report(format!(
                "{} (floor {floor}) imports {need} (floor {other}); only lower floors may be \
                 imported: move the shared part down",
                one.name
            ));
        }
    }
}

fn kept_out(one: &Crate, floor: u64, report: &mut impl FnMut(String)) {
    let names = one.needs.union(&one.tests_need);
    for name in names {
        if name == "anyhow" && !MAY_USE_ANYHOW.contains(&one.name.as_str()) {
            report("anyhow belongs to cli and xtask; write a thiserror enum".to_owned());
        }
    }
    if floor > LAST_PURE_FLOOR {
        return;
    }
    for runtime in RUNTIMES {
        if one.needs.contains(runtime) || one.reaches.contains(runtime) {
            report(format!(
                "{runtime} comes along, but floors 0 to {LAST_PURE_FLOOR} have no runtime; \
                 `cargo tree -p {} -i {runtime}` shows the way it came",
                one.name
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_up(name: &str, floor: Option<u64>, needs: &[&str]) -> Crate {
        Crate {
            name: name.to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            floor,
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            ..Crate::default()
        }
    }

    fn advice(one: Crate) -> Vec<String> {
        let tree = Tree { files: Vec::new(), crates: vec![one] };
        check(&tree).into_iter().map(|violation| violation.advice).collect()
    }

    #[test]
    fn a_lawful_crate_passes() {
        assert_eq!(advice(made_up("artifact", Some(2), &["canon", "tlog", "serde"])), [""; 0]);
    }

    #[test]
    fn a_missing_or_wrong_floor_is_refused() {
        assert!(advice(made_up("canon", None, &[]))[0].contains("floor = 0"));
        assert!(advice(made_up("canon", Some(1), &[]))[0].contains("floor = 0"));
        assert!(advice(made_up("cellar", Some(0), &[]))[0].contains("not in the table"));
    }

    #[test]
    fn siblings_and_upper_floors_may_not_be_imported() {
        assert!(advice(made_up("tlog", Some(1), &["rla"]))[0].contains("imports rla (floor 1)"));
        assert!(advice(made_up("paper", Some(3), &["verify"]))[0].contains("floor 4"));
    }

    #[test]
    fn tests_may_look_anywhere_but_nothing_ships_with_the_test_kit() {
        let mut one = made_up("verify", Some(4), &[]);
        one.tests_need.insert("testkit".to_owned());
        assert_eq!(advice(one), [""; 0]);
        assert!(advice(made_up("cli", Some(7), &["testkit"]))[0].contains("dev-dependencies"));
    }

    #[test]
    fn runtimes_stay_above_floor_four_however_they_come() {
        let mut one = made_up("verify", Some(4), &[]);
        one.reaches.insert("tokio".to_owned());
        assert!(advice(one)[0].contains("tokio comes along"));
        assert!(advice(made_up("artifact", Some(2), &["hyper"]))[0].contains("hyper"));
        assert_eq!(advice(made_up("service", Some(5), &["tokio", "axum"])), [""; 0]);
    }

    #[test]
    fn anyhow_stays_with_those_who_speak_to_people() {
        assert!(advice(made_up("service", Some(5), &["anyhow"]))[0].contains("thiserror"));
        let mut one = made_up("tlog", Some(1), &[]);
        one.tests_need.insert("anyhow".to_owned());
        assert_eq!(advice(one).len(), 1);
        assert_eq!(advice(made_up("cli", Some(7), &["anyhow"])), [""; 0]);
    }

    #[test]
    fn the_workspace_itself_is_read() {
        let metadata = crate::workspace::metadata().unwrap();
        let crates = Crate::all(&metadata);
        let tlog = crates.iter().find(|one| one.name == "tlog").unwrap();
        assert_eq!(tlog.floor, Some(1));
        assert_eq!(tlog.folder(), "crates/tlog/");
        assert!(tlog.needs.contains("canon") && tlog.tests_need.contains("proptest"));
        assert!(tlog.reaches.contains("sha2"), "through canon or directly");
        assert!(!tlog.reaches.contains("proptest"));
    }
}
