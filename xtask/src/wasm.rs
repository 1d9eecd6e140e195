//! Whether the rules of the booth compile for a browser.
//!
//! `booth` has neither clock nor disk nor network of its own, so that a page can run the very code
//! that a server runs. For WebAssembly a standard library is needed, which comes with the
//! toolchain, or whose source comes with Debian's compiler for that purpose.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::command::{cargo, succeeds};
use crate::workspace;

const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's compiler, of the packages `rustc-web` and `rust-web-src`.
const DEBIAN: &str = "/usr/bin/rustc";

/// Where the standard library comes from.
enum Library {
    /// It is compiled already.
    Ready,
    /// From source, by this compiler.
    Source(&'static str),
}

/// Compiles it. `None`: there is no standard library to compile it with.
pub(crate) fn compiles() -> Result<Option<bool>> {
    let Some(library) = library() else { return Ok(None) };
    let mut command = cargo();
    command.args(["check", "--quiet", "--package", "booth", "--target", TARGET]);
    command.arg("--target-dir").arg(workspace::target()?.join("wasm"));
    if let Library::Source(rustc) = library {
        // Only a compiler that is told to may compile its own library.
        command.env("RUSTC", rustc).env("RUSTC_BOOTSTRAP", "1");
        command.arg("-Zbuild-std=std,panic_abort");
    }
    succeeds(&mut command).map(Some)
}

fn library() -> Option<Library> {
    let ready = printed("rustc", &["--print", "target-libdir", "--target", TARGET]);
    if ready.is_some_and(|folder| folder.is_dir()) {
        return Some(Library::Ready);
    }
    let root = printed(DEBIAN, &["--print", "sysroot"])?;
    root.join("lib/rustlib/src/rust/library/Cargo.lock").exists().then_some(Library::Source(DEBIAN))
}

/// The path that a compiler prints, if it is there.
fn printed(rustc: &str, arguments: &[&str]) -> Option<PathBuf> {
    let output =
        Command::new(rustc).args(arguments).current_dir(workspace::root()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| Path::new(text.trim()).to_path_buf())
}
