//! Which status each refusal gets: chosen here and nowhere else.

use artifact::admit::{self, Blame};
use axum::http::StatusCode;
use service::http::Refusal;

use super::{ReadError, SUBMISSION_MEDIA_TYPE};
use crate::log::submit::{FrameError, SubmitError};

/// A submission that gets no place.
pub(super) fn submission(error: &SubmitError) -> Refusal {
    let (status, word, hint) = match error {
        SubmitError::Refused(refusal) => return artifact(refusal),
        SubmitError::Files(_) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "raw_files",
            "send every file that the manifest lists, in its order, unchanged",
        ),
        SubmitError::UnwantedFiles(_) => (
            StatusCode::BAD_REQUEST,
            "unwanted_files",
            "raw files enter the log behind a manifest that lists them",
        ),
        SubmitError::OtherSignatures { .. } => (
            StatusCode::CONFLICT,
            "other_signatures",
            "submit the artifact as it stands in the log, or change what it says",
        ),
        SubmitError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", "send it again"),
        SubmitError::TooLarge { .. } => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "split it, or ask the operator for more room",
        ),
        SubmitError::Stopped => (
            StatusCode::SERVICE_UNAVAILABLE,
            "stopped",
            "send it again later: what was placed is then told, and nothing is placed twice",
        ),
        SubmitError::NoPromiseKey { .. } => (
            StatusCode::SERVICE_UNAVAILABLE,
            "no_promise_key",
            "send it again once the operator has put the log's new promise key into place",
        ),
        SubmitError::Clock(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "clock_stepped",
            "send it again once the operator has put the log's clock right",
        ),
        SubmitError::Internal(_) => return Refusal::ourselves(error),
    };
    let refusal = Refusal::new(status, word, error.to_string()).hint(hint);
    match error {
        SubmitError::Busy => refusal.retry_after(1),
        SubmitError::Stopped | SubmitError::NoPromiseKey { .. } | SubmitError::Clock(_) => {
            refusal.retry_after(30)
        }
        _ => refusal,
    }
}

/// An artifact that may not stand in the log.
fn artifact(refusal: &admit::Refusal) -> Refusal {
    let (status, hint) = match refusal.blame() {
        Blame::Size => (StatusCode::PAYLOAD_TOO_LARGE, "split it into several artifacts"),
        Blame::Form => (
            StatusCode::BAD_REQUEST,
            "send the envelope's canonical bytes; scrutineer artifact sign writes them",
        ),
        Blame::Kind => (StatusCode::UNPROCESSABLE_ENTITY, "docs/spec lists the kinds"),
        Blame::Order => (StatusCode::CONFLICT, "nothing can be placed before or behind what is"),
        Blame::Authority => (
            StatusCode::FORBIDDEN,
            "sign with a key that the charter and its amendments name for this",
        ),
        Blame::Content => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "mend the payload after its schema and sign it again",
        ),
    };
    Refusal::new(status, refusal.code(), refusal.to_string()).hint(hint)
}

/// A framed body that breaks off.
pub(super) fn frames(error: FrameError) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "bad_frames", error.to_string())
        .hint("each piece is a length of four bytes, big-endian, and so many bytes")
}

/// A body of a type that is not taken.
pub(super) fn media_type(found: &str) -> Refusal {
    let found: String = found.chars().take(80).collect();
    Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "media_type",
        format!("a submission of type {found:?} is not taken"),
    )
    .hint(format!("send application/json or {SUBMISSION_MEDIA_TYPE}"))
}

/// A query that cannot be read.
pub(super) fn query(what: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "bad_query", what)
        .hint("docs/spec/log-api.md lists the parameters")
}

/// A path that no bundle has.
pub(super) fn path() -> Refusal {
    Refusal::not_found("no published object can have this path")
}

/// A path with nothing there.
pub(super) fn absent() -> Refusal {
    Refusal::not_found("nothing is published at this path")
}

/// Something that cannot be read or proved.
pub(super) fn reading(error: &ReadError) -> Refusal {
    let refusal = |status, word| Refusal::new(status, word, error.to_string());
    match error {
        ReadError::Unknown { .. } => refusal(StatusCode::NOT_FOUND, "unknown_entry"),
        ReadError::NotCovered { .. } => refusal(StatusCode::NOT_FOUND, "not_covered")
            .hint("ask again after the next head")
            .retry_after(5),
        ReadError::NoHead => refusal(StatusCode::NOT_FOUND, "no_head")
            .hint("no head has met its threshold yet; checkpoint.pending holds the last one")
            .retry_after(5),
        ReadError::Beyond { .. } => refusal(StatusCode::NOT_FOUND, "beyond_head")
            .hint("ask for a size up to that of the published head"),
        ReadError::Bounds(_) => refusal(StatusCode::BAD_REQUEST, "no_such_proof")
            .hint("the index stands below the size, the older size below the newer"),
        ReadError::NoCheckpoint { .. } => refusal(StatusCode::NOT_FOUND, "no_checkpoint")
            .hint("leave tree_size out for a proof under the published head"),
        ReadError::Store(_) | ReadError::Damaged(_) => Refusal::ourselves(error),
    }
}
