//! The checks, one module a subject.

pub(crate) mod audit;
pub(crate) mod booth;
pub(crate) mod charter;
pub(crate) mod entry;
pub(crate) mod head;
pub(crate) mod heads;
pub(crate) mod promise;
pub(crate) mod raw;
pub(crate) mod since;
