//! Bundles: the whole body of evidence as files of fixed paths.
//!
//! A folder, a zip and a web site hold the same paths with the same bytes; the published state of
//! a log is exactly these. The form is specified in `docs/spec/bundle.md`.
//!
//! ```text
//! checkpoint                    the latest witnessed head, a signed note
//! checkpoints/<size>            the witnessed head of that size
//! checkpoints/sizes             the sizes of those heads, one a line
//! tile/<L>/<N>[.p/<W>]          hashes of the tree
//! tile/entries/<N>[.p/<W>]      the entries, 32 bytes each after their length
//! leaf/<N>[.p/<W>]              the leaves, canonical, one a line
//! artifact/<sha256>             envelopes and raw files
//! ```
//!
//! A [`Source`] hands out bytes and judges nothing. What it cannot read is an error; bytes that
//! are wrong are for the verifier to name.

mod folder;
mod memory;
mod overlay;
mod path;
mod reach;
mod reading;
mod sink;
mod sizes;
mod source;
#[cfg(feature = "url")]
mod url;
mod zip;

pub use folder::{FolderSink, FolderSource};
pub use memory::{MemorySink, MemorySource};
pub use path::{BundlePath, PathError};
pub use reach::{Reach, ReachError, reach};
pub use reading::{PIECE_BYTES, Reading};
pub use sink::{Copied, CopyError, MAX_FILE_BYTES, Sink, SinkError, copy, export};
pub use sizes::{
    MAX_SIZES_BYTES, ReadSizesError, SizesError, encode_sizes, head_sizes, parse_sizes,
};
pub use source::{Source, SourceError};
#[cfg(feature = "url")]
pub use url::{UrlLimits, UrlSource};
pub use zip::{ZipLimits, ZipSink, ZipSource};

#[cfg(test)]
mod tests;
