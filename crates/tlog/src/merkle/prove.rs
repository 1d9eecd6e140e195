//! Inclusion and consistency proofs, made from full subtrees.

use canon::Digest;

use super::check::ProofError;
use super::node::{Node, NodeReader, Span};

/// Why a proof could not be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TreeError<E: std::error::Error + 'static> {
    /// There is no such proof: the index or a size is out of bounds.
    #[error(transparent)]
    Bounds(ProofError),
    /// A node that the proof needs could not be read.
    #[error("a node of the tree could not be read")]
    Read(#[source] E),
}

/// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1), the leaf's
/// own sibling first.
///
/// At most 64 hashes. Fails with [`ProofError::Index`] unless `index < size`.
pub fn inclusion_proof<R>(
    index: u64,
    size: u64,
    reader: &R,
) -> Result<Vec<Digest>, TreeError<R::Error>>
where
    R: NodeReader,
    R::Error: std::error::Error + 'static,
{
    hashes(inclusion_spans(index, size).map_err(TreeError::Bounds)?, reader)
}

/// The proof that the tree of `old` leaves is a prefix of the tree of `new` leaves
/// (RFC 6962 §2.1.2).
///
/// Empty when `old` is 0 or equals `new`: then there is nothing to prove but the roots
/// themselves. Fails with [`ProofError::Shrinks`] when `old > new`.
pub fn consistency_proof<R>(
    old: u64,
    new: u64,
    reader: &R,
) -> Result<Vec<Digest>, TreeError<R::Error>>
where
    R: NodeReader,
    R::Error: std::error::Error + 'static,
{
    hashes(consistency_spans(old, new).map_err(TreeError::Bounds)?, reader)
}

/// The nodes that [`inclusion_proof`] reads, for callers that must fetch them beforehand.
pub fn inclusion_nodes(index: u64, size: u64) -> Result<Vec<Node>, ProofError> {
    Ok(nodes(&inclusion_spans(index, size)?))
}

/// The nodes that [`consistency_proof`] reads, for callers that must fetch them beforehand.
pub fn consistency_nodes(old: u64, new: u64) -> Result<Vec<Node>, ProofError> {
    Ok(nodes(&consistency_spans(old, new)?))
}

fn nodes(spans: &[Span]) -> Vec<Node> {
    spans.iter().flat_map(|span| span.nodes()).collect()
}

fn hashes<R>(spans: Vec<Span>, reader: &R) -> Result<Vec<Digest>, TreeError<R::Error>>
where
    R: NodeReader,
    R::Error: std::error::Error + 'static,
{
    spans.into_iter().map(|span| span.root(reader).map_err(TreeError::Read)).collect()
}

/// PATH(m, D\[n\]) of RFC 6962 §2.1.1 as the subtrees whose hashes it lists.
///
/// The RFC walks from the leaf up; here the walk goes from the root down, noting the sibling
/// at each step, and is then turned round.
fn inclusion_spans(index: u64, size: u64) -> Result<Vec<Span>, ProofError> {
    if index >= size {
        return Err(ProofError::Index { index, size });
    }
    let mut path = Vec::new();
    let mut here = Span { start: 0, end: size };
    while !here.is_single() {
        let (left, right) = here.split();
        if index < right.start {
            path.push(right);
            here = left;
        } else {
            path.push(left);
            here = right;
        }
    }
    path.reverse();
    Ok(path)
}

/// PROOF(m, D\[n\]) of RFC 6962 §2.1.2 as the subtrees whose hashes it lists.
///
/// The walk goes from the new root down to the subtree that ends where the old tree ends. That
/// subtree's own hash is left out when it is the whole old tree, for the verifier has it: the
/// flag `b` of the RFC. For equal sizes that is all there is.
fn consistency_spans(old: u64, new: u64) -> Result<Vec<Span>, ProofError> {
    if old > new {
        return Err(ProofError::Shrinks { old, new });
    }
    let mut path = Vec::new();
    if old == 0 {
        return Ok(path);
    }
    let mut here = Span { start: 0, end: new };
    while here.end != old {
        let (left, right) = here.split();
        if old <= right.start {
            path.push(right);
            here = left;
        } else {
            path.push(left);
            here = right;
        }
    }
    if here.start != 0 {
        path.push(here);
    }
    path.reverse();
    Ok(path)
}
