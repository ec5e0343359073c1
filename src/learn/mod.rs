//! Explanations: data, and predicates over designs and snapshots.
