//! No core dumps: what a process holds in memory stays there when it crashes.
//!
//! A server holds keys and, until a batch is cut, votes beside their voters; a client holds a vote
//! and its mandate. A crash must not write them to a disk, nor hand them to a program that collects
//! dumps, nor may another process of the same user read them.

use std::io;

/// Asks the kernel for it, for this process and, as to the limit, for all that it starts.
///
/// Two requests, since a limit of zero does not stop a dump that is piped to a program (core(5)),
/// and since a process that cannot be dumped cannot be traced by its equals either (prctl(2)).
/// Elsewhere than on Linux it does nothing.
pub fn forbid() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, Resource, Rlimit};

        let none = Rlimit { current: Some(0), maximum: Some(0) };
        rustix::process::setrlimit(Resource::Core, none)?;
        rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    #[test]
    fn neither_to_a_file_nor_to_a_program() {
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::Dumpable);
        super::forbid().unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        assert_eq!(getrlimit(Resource::Core).maximum, Some(0));
    }
}
