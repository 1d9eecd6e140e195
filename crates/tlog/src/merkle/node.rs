//! Full subtrees, where they are read from, and roots computed from them.

use canon::Digest;

use super::{empty_root, node_hash};

/// The place of a full subtree: 2^level leaves from `index * 2^level` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Height above the leaves, 0..=63.
    pub level: u8,
    /// Position among the nodes of its level, from 0.
    pub index: u64,
}

/// A source of the hashes of full subtrees.
///
/// What it yields is not trusted: a proof made from wrong nodes fails its check.
pub trait NodeReader {
    /// Why a node could not be read.
    type Error;

    /// The hash of the full subtree of 2^level leaves at `index` (see [`Node`]).
    fn node(&self, level: u8, index: u64) -> Result<Digest, Self::Error>;
}

impl<R: NodeReader + ?Sized> NodeReader for &R {
    type Error = R::Error;

    fn node(&self, level: u8, index: u64) -> Result<Digest, Self::Error> {
        (**self).node(level, index)
    }
}

/// The root of the tree of `size` leaves, from its full subtrees.
///
/// Reads one node for each bit set in `size`; size 0 reads none and gives the empty root.
pub fn root_at<R: NodeReader>(size: u64, reader: &R) -> Result<Digest, R::Error> {
    Span { start: 0, end: size }.root(reader)
}

/// The nodes that [`root_at`] reads, from left to right.
///
/// They are the parts of a [`Frontier`](super::Frontier) of that size.
pub fn root_nodes(size: u64) -> Vec<Node> {
    Span { start: 0, end: size }.nodes()
}

/// The leaves `start..end` as a subtree in the sense of RFC 6962: `start` is a multiple of
/// the least power of two that is not below `end - start`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Span {
    fn width(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether it is one leaf, or nothing: not to be split further.
    pub(super) fn is_single(self) -> bool {
        self.width() <= 1
    }

    /// The two children: the left one of 2^k leaves, 2^k the largest power of two below the
    /// width. Meaningful for widths of two and more.
    pub(super) fn split(self) -> (Self, Self) {
        let level = self.width().saturating_sub(1).checked_ilog2().unwrap_or(0);
        let middle = self.start.saturating_add(leaves_below(level));
        (Self { start: self.start, end: middle }, Self { start: middle, end: self.end })
    }

    /// The full subtrees that make it up, from left to right, each smaller than the one before.
    pub(super) fn nodes(self) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut rest = self;
        while let Some(level) = rest.width().checked_ilog2() {
            // A u64 has a logarithm below 64, so neither conversion nor shift loses anything.
            nodes.push(Node {
                level: u8::try_from(level).unwrap_or(u8::MAX),
                index: rest.start.wrapping_shr(level),
            });
            rest.start = rest.start.saturating_add(leaves_below(level));
        }
        nodes
    }

    /// Its hash, from the nodes that make it up.
    pub(super) fn root<R: NodeReader>(self, reader: &R) -> Result<Digest, R::Error> {
        let mut root = None;
        for node in self.nodes().iter().rev() {
            let hash = reader.node(node.level, node.index)?;
            root = Some(match root {
                None => hash,
                Some(right) => node_hash(&hash, &right),
            });
        }
        Ok(root.unwrap_or_else(empty_root))
    }
}

/// 2^level, for a level below 64.
fn leaves_below(level: u32) -> u64 {
    1_u64.checked_shl(level).unwrap_or(0)
}
