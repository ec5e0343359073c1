//! The native tests that see the crate from outside, in one binary.

mod caching;
mod cli;
mod compute;
mod conservation;
mod delivery;
mod demand;
mod design;
mod drawing;
mod examples;
mod faults;
mod files;
mod golden;
mod journeys;
mod laws;
mod layering;
mod measuring;
mod messages;
mod quorums;
mod random;
mod readme;
mod resilience;
mod runs;
mod texts;
mod theory;
