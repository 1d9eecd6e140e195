//! Audit statistics without file formats: samples and risks.
