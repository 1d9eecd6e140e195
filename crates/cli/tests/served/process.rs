//! Processes of the binary that do not outlive the test.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// The passphrase of every key.
const PASSPHRASE: &str = "correct horse battery staple";

/// A command of the binary in this folder.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scrutineer"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("SCRUTINEER_PASSPHRASE", PASSPHRASE)
        .env("RUST_LOG", "info")
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    command
}

/// Runs a command to its end, which must be this exit status; what it wrote on stdout.
pub(crate) fn run(folder: &Path, arguments: &[&str], exit: i32) -> String {
    let Output { status, stdout, stderr } = command(folder, arguments).output().unwrap();
    let (stdout, stderr) = (text(&stdout), text(&stderr));
    assert_eq!(status.code(), Some(exit), "{arguments:?}\n{stdout}{stderr}");
    stdout
}

/// Runs a command that cannot be done; what it wrote on stderr.
pub(crate) fn refuse(folder: &Path, arguments: &[&str]) -> String {
    let output = command(folder, arguments).output().unwrap();
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}\n{stderr}");
    assert!(stderr.contains("\nhint: "), "{stderr}");
    stderr
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A server under way. Dropping it kills and reaps it.
pub(crate) struct Process {
    child: Child,
    url: String,
    said: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts a server, and returns when it listens.
    pub(crate) fn serve(folder: &Path, arguments: &[&str]) -> Self {
        Self::telling(folder, arguments, "info")
    }

    /// The same, telling as much as this value of `RUST_LOG` says.
    pub(crate) fn telling(folder: &Path, arguments: &[&str], level: &str) -> Self {
        let mut command = command(folder, arguments);
        command.env("RUST_LOG", level);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (sender, address) = channel();
        let shared = Arc::clone(&said);
        let reader = std::thread::spawn(move || read(stderr, &shared, &sender));
        let mut process = Self { child, url: String::new(), said, reader: Some(reader) };
        let Ok(address) = address.recv() else {
            // It has ended; the guard reaps it.
            panic!("{arguments:?} does not listen:\n{}", process.said.lock().unwrap());
        };
        process.url = format!("http://{address}");
        process
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, and the process is gone when this returns.
    pub(crate) fn kill(&mut self) {
        self.end();
    }

    /// SIGTERM; how it ended, and what it said.
    pub(crate) fn terminate(mut self) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        self.end();
        let said = self.said.lock().unwrap().clone();
        (status, said)
    }

    fn end(&mut self) {
        // It may have ended by itself. The id is ours until it is reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Keeps what a server says, and tells the address at which it listens.
fn read(stderr: ChildStderr, said: &Mutex<String>, address: &Sender<String>) {
    let mut address = Some(address.clone());
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let told = line.split_whitespace().find_map(|word| word.strip_prefix("address="));
        if let (Some(told), true) = (told, line.contains(" listens"))
            && let Some(waiting) = address.take()
        {
            let _ = waiting.send(told.to_owned());
        }
        let mut said = said.lock().unwrap();
        said.push_str(&line);
        said.push('\n');
    }
}
