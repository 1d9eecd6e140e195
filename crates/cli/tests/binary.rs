//! What transcripts cannot show: files and their modes, talking line by line, bulk.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

fn vectors(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(name)
}

fn scrutineer(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scrutineer"));
    command.args(arguments).env("SCRUTINEER_PASSPHRASE", "correct horse battery staple");
    command
}

fn piped(arguments: &[&str]) -> Child {
    scrutineer(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Feeds stdin from a thread of its own: neither side may wait for the other for ever.
fn feed(mut child: Child, input: Vec<u8>) -> Output {
    let mut stdin = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap().unwrap();
    output
}

#[cfg(unix)]
#[test]
fn a_private_key_is_for_its_owner_only_and_is_encrypted() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("clerk.pem");
    let made = scrutineer(&["key", "new", "--json"]).arg(&path).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "{text}");
    assert!(!text.contains("BEGIN PRIVATE KEY"), "{text}");
    // What was shown at the making is what the file holds.
    let shown = scrutineer(&["key", "show", "--json"]).arg(&path).output().unwrap();
    assert_eq!(made.stdout, shown.stdout);
    // A second making does not touch it.
    let again = scrutineer(&["key", "new"]).arg(&path).output().unwrap();
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn two_keys_are_never_the_same() {
    let home = tempfile::tempdir().unwrap();
    let key = |name: &str| {
        scrutineer(&["key", "new", "--json"]).arg(home.path().join(name)).output().unwrap().stdout
    };
    assert_ne!(key("one.pem"), key("two.pem"));
}

#[test]
fn every_contest_of_colorado_2024_is_answered_in_order() {
    let text = std::fs::read_to_string(vectors("colorado-2024/sample-sizes.csv")).unwrap();
    let (mut input, mut expected) = (String::new(), String::new());
    for row in text.lines().skip(1) {
        // Names of contests may hold commas; the other fields are counted from the right.
        let mut fields = row.rsplit(',');
        let mut next = || fields.next().unwrap();
        let (_estimated, size) = (next(), next());
        let (u2, u1, o2, o1, _audited) = (next(), next(), next(), next(), next());
        let (gamma, limit, margin, ballots) = (next(), next(), next(), next());
        writeln!(
            input,
            r#"{{"ballots":{ballots},"margin":{margin},"risk_limit":"{limit}","gamma":"{gamma}","one_over":{o1},"two_over":{o2},"one_under":{u1},"two_under":{u2}}}"#
        )
        .unwrap();
        writeln!(expected, r#"{{"sample_size":{size}}}"#).unwrap();
    }
    assert_eq!(expected.lines().count(), 1226);
    let output = feed(piped(&["audit", "size", "--batch"]), input.into_bytes());
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[test]
fn a_batch_answers_each_line_before_the_next_is_written() {
    let mut child = piped(&["audit", "size", "--batch"]);
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for (margin, size) in [(20, 24), (10, 48), (5, 96)] {
        writeln!(stdin, r#"{{"ballots":100,"margin":{margin},"risk_limit":"0.10"}}"#).unwrap();
        let mut answer = String::new();
        stdout.read_line(&mut answer).unwrap();
        assert_eq!(answer, format!("{{\"sample_size\":{size}}}\n"));
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

/// Started where dumps are allowed, and aborted while it works.
#[cfg(target_os = "linux")]
#[test]
fn a_crash_leaves_no_dump_of_memory() {
    use std::os::unix::process::ExitStatusExt as _;

    let home = tempfile::tempdir().unwrap();
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -c unlimited; exec \"$0\" audit size --batch"])
        .arg(env!("CARGO_BIN_EXE_scrutineer"))
        .current_dir(home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, r#"{{"ballots":100,"margin":20,"risk_limit":"0.10"}}"#).unwrap();
    let mut answer = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut answer).unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
    let killed = Command::new("kill").args(["-ABRT", &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(6));
    assert!(!status.core_dumped());
}

#[test]
fn a_line_without_end_is_refused_and_not_gathered() {
    let mut child = piped(&["audit", "size", "--batch"]);
    let mut stdin = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || {
        let blank = vec![b' '; 1 << 20];
        // Ends when the reader hangs up, long before this much is written.
        (0..4096).try_for_each(|_| stdin.write_all(&blank))
    });
    let output = child.wait_with_output().unwrap();
    assert!(feeder.join().unwrap().is_err(), "the whole line was read");
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("error: line 1: the line is longer than 65536 bytes\n"), "{stderr}");
}

#[test]
fn both_counties_of_colorado_2024_are_drawn() {
    let text = std::fs::read(vectors("colorado-2024/draws.json")).unwrap();
    let counties: serde_json::Value = serde_json::from_slice(&text).unwrap();
    for county in counties.as_array().unwrap() {
        let name = county["county"].as_str().unwrap();
        let manifest = vectors(&format!("colorado-2024/{name}BallotManifest.csv"));
        let output = scrutineer(&["audit", "draw", "--generator", "colorado", "--json"])
            .args(["--seed", county["seed"].as_str().unwrap()])
            .args(["--count", &county["n"].to_string()])
            .arg("--manifest")
            .arg(manifest)
            .output()
            .unwrap();
        assert!(output.status.success());
        let mut expected = String::new();
        let (draws, cards) = (&county["draws"], &county["imprinted_ids"]);
        for (at, index) in draws.as_array().unwrap().iter().enumerate() {
            expected.push_str(&line(
                &serde_json::json!(at + 1),
                index,
                cards[at].as_str().unwrap(),
            ));
        }
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{name}");
    }
}

/// A line of `audit draw --json`; these names hold no `-` of their own.
fn line(draw: &serde_json::Value, index: &serde_json::Value, card: &str) -> String {
    let parts: Vec<&str> = card.split('-').collect();
    let [container, batch, position] = parts[..] else { panic!("{card}") };
    let place = format!(r#""container":"{container}","batch":"{batch}","position":{position}"#);
    format!("{{\"draw\":{draw},\"index\":{index},\"card\":\"{card}\",{place}}}\n")
}

#[test]
fn samples_by_ticket_are_those_of_an_independent_hmac() {
    let text = std::fs::read(vectors("sampling/tickets.json")).unwrap();
    let all: serde_json::Value = serde_json::from_slice(&text).unwrap();
    for sample in all["samples"].as_array().unwrap() {
        let draws = sample["draws"].as_array().unwrap();
        let output = scrutineer(&["audit", "draw", "--generator", "hkdf", "--json"])
            .args(["--seed", sample["seed"].as_str().unwrap()])
            .args(["--election-id", sample["election_id"].as_str().unwrap()])
            .args(["--count", &draws.len().to_string()])
            .arg("--manifest")
            .arg(vectors(sample["manifest"].as_str().unwrap()))
            .output()
            .unwrap();
        assert!(output.status.success());
        let mut expected = String::new();
        for draw in draws {
            let card = draw["card"].as_str().unwrap().replace('/', "-");
            expected.push_str(&line(&draw["draw"], &draw["index"], &card));
        }
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}

#[test]
fn a_file_larger_than_a_read_has_the_digest_of_its_parts() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("bytes");
    let bytes: Vec<u8> = (0..1_000_003_u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(&path, &bytes).unwrap();
    let expected = format!("{}\n", canon::Digest::of(&bytes));
    let from_file = scrutineer(&["digest"]).arg(&path).output().unwrap();
    assert_eq!(String::from_utf8(from_file.stdout).unwrap(), expected);
    let from_pipe = feed(piped(&["digest", "-"]), bytes);
    assert_eq!(String::from_utf8(from_pipe.stdout).unwrap(), expected);
}

#[test]
fn a_reader_that_leaves_is_no_success_and_no_noise() {
    let manifest = vectors("colorado-2024/HinsdaleBallotManifest.csv");
    let mut child = scrutineer(&["audit", "draw", "--generator", "colorado", "--json"])
        .args(["--seed", "1", "--count", "1000000", "--manifest"])
        .arg(manifest)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(&first, br#"{"draw":1,"#);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stderr, b"");
}

/// What `-h` or `--help` says about a verb.
fn help(verb: &[String], flag: &str) -> String {
    let words: Vec<&str> = verb.iter().map(String::as_str).collect();
    let output = scrutineer(&words).arg(flag).output().unwrap();
    assert!(output.status.success(), "{verb:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The verbs below a verb, by its help: the first words under "Commands:".
fn verbs_below(verb: &[String]) -> Vec<Vec<String>> {
    let text = help(verb, "-h");
    let listed = text.split_once("\nCommands:\n").map_or("", |(_, listed)| listed);
    let names = listed.lines().take_while(|line| !line.is_empty());
    let names = names.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help");
    names.map(|name| [verb, &[name.to_owned()][..]].concat()).collect()
}

#[test]
fn every_help_has_an_example() {
    let mut waiting = verbs_below(&[]);
    // Not listed: it is for whoever packs the program.
    waiting.push(vec!["man".to_owned()]);
    let mut seen = Vec::new();
    while let Some(verb) = waiting.pop() {
        for flag in ["-h", "--help"] {
            let text = help(&verb, flag);
            let (_, examples) = text.split_once("\nExample").expect("examples");
            let example = format!("scrutineer {}", verb.join(" "));
            assert!(examples.contains(&example), "{text}");
        }
        waiting.extend(verbs_below(&verb));
        seen.push(verb.join(" "));
    }
    // The walk found the groups and went into them.
    for verb in ["log", "log prove", "witness serve", "audit draw", "key new", "verify", "demo"] {
        assert!(seen.iter().any(|found| found == verb), "{verb}: {seen:?}");
    }
}

#[test]
fn man_pages_are_written_for_every_command() {
    let home = tempfile::tempdir().unwrap();
    assert!(scrutineer(&["man"]).arg(home.path()).output().unwrap().status.success());
    for page in ["scrutineer.1", "scrutineer-canon.1", "scrutineer-audit-draw.1"] {
        let text = std::fs::read_to_string(home.path().join(page)).expect(page);
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
}
