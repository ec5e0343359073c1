//! Explanations: data, and predicates over designs and snapshots.

pub mod advice;
pub mod alerts;
pub mod explain;
pub mod figures;
pub mod series;
pub mod shelf;
pub mod why_slow;
