//! The log and its witnesses as servers.
