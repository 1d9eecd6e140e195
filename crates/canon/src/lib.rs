//! Bytes one can sign: canonical JSON, digests, keys, signatures, envelopes.
