//! Signed things and the bundles they travel in.
