//! README's session: what it tells a stranger to type, run as it stands there.
//!
//! ```text
//!     cargo xtask demo --once --folder target/demo    # a remark
//!     cargo scrutineer verb --option \
//!         value
//! ```
//!
//! In scope: the first block of README.md that is set in by four columns. The folder of the
//! demonstration is another one here, so that nobody's is in the way; all else is as written.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser as _;

use crate::command::succeeds;
use crate::{Arguments, Chore, demo, workspace};

/// One command of the session, in words.
type Words = Vec<String>;

/// Runs the session with the binary that is built already; true when each command says 0.
pub(crate) fn holds() -> Result<bool> {
    let readme = std::fs::read_to_string(workspace::root().join("README.md"))?;
    let folder = workspace::target()?.join("session");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context("the last session's folder cannot be removed")?;
    }
    let commands = moved(commands(&readme)?, &folder)?;
    for words in &commands {
        println!("\n    {}", words.join(" "));
        if !obeyed(words)? {
            println!("this line of README.md's session failed: {}", words.join(" "));
            return Ok(false);
        }
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(true)
}

/// Runs one command; true when it exits with 0.
fn obeyed(words: &[String]) -> Result<bool> {
    match words {
        [cargo, alias, rest @ ..] if cargo == "cargo" && alias == "scrutineer" => {
            let mut command = Command::new(demo::binary()?);
            succeeds(command.args(rest).current_dir(workspace::root()))
        }
        _ => match chore(words)? {
            Chore::Demo(arguments) => Ok(demo::hold(arguments.passed_on())? == ExitCode::SUCCESS),
            // This is what runs now.
            Chore::Test(_) => Ok(true),
            _ => bail!("a chore that the session cannot hold: {}", words.join(" ")),
        },
    }
}

/// A `cargo xtask` command as the program itself reads it.
fn chore(words: &[String]) -> Result<Chore> {
    let [cargo, alias, rest @ ..] = words else {
        bail!("too short for a command: {}", words.join(" "));
    };
    ensure!(cargo == "cargo" && alias == "xtask", "not a command of ours: {}", words.join(" "));
    Ok(Arguments::try_parse_from(["xtask"].into_iter().chain(rest.iter().map(String::as_str)))?
        .chore)
}

/// The commands of the first block that is set in, without their remarks.
fn commands(text: &str) -> Result<Vec<Words>> {
    let mut commands = Vec::new();
    let mut open: Option<Words> = None;
    let block = text.lines().skip_while(|line| !is_set_in(line)).take_while(|line| is_set_in(line));
    for line in block {
        let line = line.split_once(" #").map_or(line, |(command, _)| command).trim();
        let goes_on = line.strip_suffix('\\');
        let words = goes_on.unwrap_or(line).split_whitespace().map(str::to_owned);
        let mut command = open.take().unwrap_or_default();
        command.extend(words);
        if goes_on.is_some() {
            open = Some(command);
        } else {
            commands.push(command);
        }
    }
    ensure!(open.is_none(), "the last line of the session ends in a backslash");
    ensure!(!commands.is_empty(), "there is no session: no line is set in by four columns");
    Ok(commands)
}

fn is_set_in(line: &str) -> bool {
    line.starts_with("    ")
}

/// The commands with another folder in place of the one that the first of them names.
fn moved(mut commands: Vec<Words>, folder: &Path) -> Result<Vec<Words>> {
    let first = commands.first().map(Vec::as_slice).unwrap_or_default();
    let at = first.iter().position(|word| word == "--folder");
    let named = at.and_then(|at| first.get(at + 1)).cloned();
    let named = named.context("the session does not begin with a demonstration in a --folder")?;
    let folder = folder.to_str().context("the target folder's name is not UTF-8")?;
    for word in commands.iter_mut().flatten() {
        if let Some(inside) = word.strip_prefix(&named) {
            *word = format!("{folder}{inside}");
        }
    }
    Ok(commands)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "Words.\n\n    cargo xtask demo --folder target/x   # it\n\
        \x20   cargo scrutineer verify target/x/a.zip \\\n        --json  # more\n\n\
        \x20   not this\n";

    #[test]
    fn a_session_is_read_and_moved() {
        let commands = moved(commands(SESSION).unwrap(), Path::new("/tmp/new")).unwrap();
        let lines: Vec<String> = commands.iter().map(|words| words.join(" ")).collect();
        let expected =
            ["cargo xtask demo --folder /tmp/new", "cargo scrutineer verify /tmp/new/a.zip --json"];
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_is_no_session_is_refused() {
        assert!(commands("Words.\n").is_err());
        assert!(commands("    cargo xtask \\\n\nWords.\n").is_err());
        assert!(moved(vec![vec!["cargo".to_owned()]], Path::new("/tmp/new")).is_err());
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Words>();
        assert!(obeyed(&words("cargo xtask polish")).is_err());
        assert!(obeyed(&words("cargo xtask test --quickly")).is_err());
        assert!(obeyed(&words("rm target/x")).is_err());
        assert!(obeyed(&words("cargo xtask test")).unwrap());
    }

    /// Both pages that name commands name chores that there are, and cargo knows both names.
    #[test]
    fn chores_are_called_by_their_names() {
        let read = |path: &str| std::fs::read_to_string(workspace::root().join(path)).unwrap();
        for page in ["README.md", "CONTRIBUTING.md"] {
            let page = read(page);
            let set_in = page.lines().filter(|line| is_set_in(line)).map(str::trim);
            let chores: Vec<&str> =
                set_in.filter(|line| line.starts_with("cargo xtask ")).collect();
            assert!(chores.len() >= 2, "{chores:?}");
            for line in chores {
                let words = line.split("  ").next().unwrap().split(' ').map(str::to_owned);
                chore(&words.collect::<Words>()).unwrap();
            }
        }
        let aliases: toml::Table = read(".cargo/config.toml").parse().unwrap();
        assert!(aliases["alias"]["xtask"].is_str() && aliases["alias"]["scrutineer"].is_str());
    }

    /// The session holds a demonstration and leaves out no command of the product by its form.
    #[test]
    fn the_session_of_the_readme_is_found_whole() {
        let commands = commands(&read_readme()).unwrap();
        let verbs: Vec<&str> = commands.iter().map(|words| words[2].as_str()).collect();
        assert_eq!(verbs, ["demo", "verify", "audit", "audit", "test"]);
    }

    fn read_readme() -> String {
        std::fs::read_to_string(workspace::root().join("README.md")).unwrap()
    }
}
