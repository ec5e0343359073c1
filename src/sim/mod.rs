//! The engine: a discrete-event simulation of every single request. Its state at a time is a function of network, seed
//! and the timed list of interventions; it knows no clock but its own and no browser.

mod engine;
pub mod estimate;
pub mod metrics;
pub mod report;
pub mod snapshot;
pub mod sweep;

pub use self::engine::Simulation;
