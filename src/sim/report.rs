//! All figures of a run, with confidence intervals.
