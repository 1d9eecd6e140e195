//! What every server needs: HTTP, limits, clock, metrics, storage.
