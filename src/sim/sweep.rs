//! The knee of a design: most users served within an objective.
