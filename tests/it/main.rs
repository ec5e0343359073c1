//! The native tests that see the crate from outside, in one binary.

mod design;
mod examples;
mod files;
mod golden;
mod layering;
mod random;
mod runs;
mod texts;
