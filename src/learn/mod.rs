//! Explanations: data, and predicates over designs and snapshots.

pub mod advice;
pub mod explain;
pub mod figures;
pub mod series;
