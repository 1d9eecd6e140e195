//! Sessions with the real binary, as text: `transcripts/*.txt`.
//!
//! ```text
//! # a remark
//! = FILE                           the lines of `<` are this file's, not stdin's
//! @ NAME=value                     environment of the next command
//! < a line for stdin
//! $ scrutineer verb 'two words'    runs in a folder of the transcript's own
//! > a line expected on stdout
//! ! a line expected on stderr
//! ? 2                              the exit status expected; 0 if none stands there
//! ```
//!
//! Lines of `=`, `@` and `<` stand before their command, the others behind it. `[..]` in an
//! expected line is any text, a line `...` any lines; `\` at the end of a line means that no line
//! break follows. `$VECTORS` is the folder of vectors.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

#[derive(Default)]
struct Step {
    at: usize,
    command: String,
    environment: Vec<(String, String)>,
    stdin: String,
    file: Option<String>,
    stdout: String,
    stderr: String,
    exit: i32,
}

#[test]
fn every_transcript_is_what_the_binary_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut faults = String::new();
    let mut steps = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let home = tempfile::tempdir().unwrap();
        for step in parse(&std::fs::read_to_string(&path).unwrap()) {
            steps += 1;
            if let Err(fault) = run(&step, home.path()) {
                writeln!(faults, "{name}:{}: {}\n{fault}", step.at, step.command).unwrap();
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(steps > 30, "only {steps} commands were found");
}

fn parse(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut coming = Step::default();
    for (number, line) in text.lines().enumerate() {
        let (sign, rest) = line.split_at(line.len().min(1));
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        let last = steps.last_mut();
        match sign {
            "" | "#" => {}
            "@" => {
                let (name, value) = rest.split_once('=').expect("NAME=value");
                coming.environment.push((name.to_owned(), value.to_owned()));
            }
            "=" => coming.file = Some(rest.to_owned()),
            "<" => coming.stdin += &line_of(rest),
            "$" => {
                coming.at = number + 1;
                coming.command.push_str(rest);
                steps.push(std::mem::take(&mut coming));
            }
            ">" => last.expect("a command above").stdout += &line_of(rest),
            "!" => last.expect("a command above").stderr += &line_of(rest),
            "?" => last.expect("a command above").exit = rest.parse().expect("a number"),
            other => panic!("line {} begins with {other:?}", number + 1),
        }
    }
    steps
}

fn line_of(rest: &str) -> String {
    match rest.strip_suffix('\\') {
        Some(open) => open.to_owned(),
        None => format!("{rest}\n"),
    }
}

fn run(step: &Step, home: &Path) -> Result<(), String> {
    if let Some(file) = &step.file {
        std::fs::write(home.join(file), &step.stdin).unwrap();
    }
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors");
    let words = words(&step.command.replace("$VECTORS", vectors));
    assert_eq!(words.first().map(String::as_str), Some("scrutineer"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_scrutineer"))
        .args(&words[1..])
        .current_dir(home)
        .env_clear()
        .envs(step.environment.iter().cloned())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    if step.file.is_none() {
        // A command that refuses its options does not read.
        let _ = stdin.write_all(step.stdin.as_bytes());
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).replace(vectors, "$VECTORS");
    let stderr = String::from_utf8_lossy(&output.stderr).replace(vectors, "$VECTORS");
    if output.status.code() != Some(step.exit) {
        return Err(format!("exit {}, expected {}\n{stdout}{stderr}", output.status, step.exit));
    }
    for (what, expected, found) in
        [("stdout", &step.stdout, &stdout), ("stderr", &step.stderr, &stderr)]
    {
        if !matches_text(expected, found) {
            return Err(format!("{what} expected:\n{expected}{what} found:\n{found}"));
        }
    }
    Ok(())
}

/// Splits at spaces; single quotes keep them.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, part) in command.split('\'').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn matches_text(expected: &str, found: &str) -> bool {
    let expected: Vec<&str> = expected.split_inclusive('\n').collect();
    let found: Vec<&str> = found.split_inclusive('\n').collect();
    matches_lines(&expected, &found)
}

fn matches_lines(expected: &[&str], found: &[&str]) -> bool {
    match expected.split_first() {
        None => found.is_empty(),
        Some((&"...\n", rest)) => (0..=found.len()).any(|skip| matches_lines(rest, &found[skip..])),
        Some((line, rest)) => found.split_first().is_some_and(|(first, others)| {
            matches_line(line, first) && matches_lines(rest, others)
        }),
    }
}

fn matches_line(expected: &str, found: &str) -> bool {
    match expected.split_once("[..]") {
        None => expected == found,
        Some((start, rest)) => found.strip_prefix(start).is_some_and(|found| {
            found
                .char_indices()
                .map(|(at, _)| at)
                .chain([found.len()])
                .any(|at| matches_line(rest, &found[at..]))
        }),
    }
}

#[test]
fn the_matcher_tells_right_from_wrong() {
    assert!(matches_text("a\n...\nd\n", "a\nb\nc\nd\n"));
    assert!(matches_text("key [..] is [..].\n", "key 12 is new.\n"));
    assert!(!matches_text("a\n", "a"));
    assert!(!matches_text("a\n...\nd\n", "a\nb\n"));
    assert!(!matches_text("key [..]x\n", "key 12\n"));
    assert!(!matches_text("", "more\n"));
}
