//! Secrets in tokens.
//!
//! In scope: the token of a station, which unwraps the secret of the codes and uses it without ever
//! giving it out. Out of scope: what the codes are, and when they are shown; [`booth::station`] has
//! that.
//!
//! - [`token`]: a token behind PKCS #11 (feature `pkcs11`), and a stand-in for development.
//!
//! The module of a PKCS #11 token is code of its maker's, which runs inside this process. It is
//! loaded from a path that the caller names, and reaches whatever devices it likes.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

pub mod token;
