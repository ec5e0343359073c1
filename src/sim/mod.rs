//! The engine: a discrete-event simulation of every single request. Its state at a time is a function of network, seed
//! and the timed list of interventions; it knows no clock but its own and no browser.

mod calendar;
mod call;
mod condition;
mod core;
mod distribution;
mod engine;
pub mod estimate;
mod event;
mod mechanism;
pub mod metrics;
mod observer;
mod policy;
pub mod popularity;
pub mod report;
pub mod rng;
mod sizes;
pub mod snapshot;
mod station;
pub mod sweep;
mod trace;
mod transport;
mod ziggurat;

pub use self::engine::Simulation;
