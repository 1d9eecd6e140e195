//! Where the bytes of a bundle come from.

use std::io;

use super::Reading;

/// A bundle that can be read from many threads at once.
pub trait Source: Sync {
    /// The bytes at a path, `None` when there are none. More than `limit` bytes is an error, and
    /// no more than that is ever held.
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError>;

    /// The same bytes in pieces, for files that may be large. Sources that hold or fetch files
    /// piece by piece say how; the others read the file and hand it out.
    fn reader<'a>(&'a self, path: &str, limit: u64) -> Result<Option<Reading<'a>>, SourceError> {
        let bytes = self.read(path, limit)?;
        Ok(bytes.map(|bytes| Reading::plain(path, io::Cursor::new(bytes), limit)))
    }

    /// Shows every path, in no order; one that stands there twice comes twice. False where the
    /// source cannot be listed.
    ///
    /// Paths that no bundle may hold are shown as they are, so that they can be told.
    fn each_path(&self, see: &mut dyn FnMut(&str)) -> Result<bool, SourceError>;

    /// Every path in ascending order, `None` where the source cannot be listed.
    fn paths(&self) -> Result<Option<Vec<String>>, SourceError> {
        let mut paths = Vec::new();
        if !self.each_path(&mut |path| paths.push(path.to_owned()))? {
            return Ok(None);
        }
        paths.sort_unstable();
        Ok(Some(paths))
    }

    /// The source in words, for reports.
    fn describe(&self) -> String;
}

impl<S: Source + ?Sized> Source for &S {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        (**self).read(path, limit)
    }

    fn reader<'a>(&'a self, path: &str, limit: u64) -> Result<Option<Reading<'a>>, SourceError> {
        (**self).reader(path, limit)
    }

    fn each_path(&self, see: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        (**self).each_path(see)
    }

    fn describe(&self) -> String {
        (**self).describe()
    }
}

impl<S: Source + Send + ?Sized> Source for Box<S> {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        (**self).read(path, limit)
    }

    fn reader<'a>(&'a self, path: &str, limit: u64) -> Result<Option<Reading<'a>>, SourceError> {
        (**self).reader(path, limit)
    }

    fn each_path(&self, see: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        (**self).each_path(see)
    }

    fn describe(&self) -> String {
        (**self).describe()
    }
}

/// Why bytes could not be read. It says nothing about what they would be.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A path with parts that could lead elsewhere.
    #[error("{path:?} is not a relative path of plain parts")]
    Path {
        /// The path.
        path: String,
    },
    /// More bytes than were allowed.
    #[error("{path} has more than the {limit} bytes allowed")]
    TooLarge {
        /// The path.
        path: String,
        /// The limit.
        limit: u64,
    },
    /// Something other than a plain file, a symbolic link for one.
    #[error("{path} is not a plain file")]
    NotAFile {
        /// The path.
        path: String,
    },
    /// A path that stands in a zip more than once.
    #[error("{path} stands in the zip {times} times")]
    Twice {
        /// The path.
        path: String,
        /// How often.
        times: usize,
    },
    /// The operating system refused.
    #[error("{path}: {error}")]
    Io {
        /// The path, or the file that holds it.
        path: String,
        /// What it said.
        error: io::Error,
    },
    /// A zip that cannot be read.
    #[error("{path}: not a zip that can be read: {why}")]
    Zip {
        /// The zip, or the path within it.
        path: String,
        /// What is wrong.
        why: &'static str,
    },
    /// A server gave neither the file nor 404.
    #[error("{url}: {why}")]
    Http {
        /// The address.
        url: String,
        /// What came instead.
        why: String,
    },
}

/// Refuses a path whose parts could lead out of the bundle or have a second spelling.
pub(super) fn plain(path: &str) -> Result<(), SourceError> {
    let part = |part: &str| {
        !matches!(part, "" | "." | "..")
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    if path.len() <= 512 && path.split('/').all(part) {
        Ok(())
    } else {
        Err(SourceError::Path { path: path.chars().take(120).collect() })
    }
}

/// Compares the length of bytes at hand with a limit.
pub(super) fn within(path: &str, length: u64, limit: u64) -> Result<(), SourceError> {
    if length > limit {
        return Err(SourceError::TooLarge { path: path.into(), limit });
    }
    Ok(())
}
