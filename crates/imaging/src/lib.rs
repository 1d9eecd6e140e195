//! Ink to data and back: what is printed for people, and what is read again from pictures.
//!
//! In scope: pixels, pages, QR codes. Out of scope: what a vote or a mandate means.
