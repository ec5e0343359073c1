//! The simulation and its event loop.

use super::metrics::Measurements;
use super::snapshot::Snapshot;
use crate::design::script::Action;
use crate::network::Network;
use crate::units::SimTime;

/// A run of a network.
#[derive(Clone, Debug)]
pub struct Simulation {
    network: Network,
    now: SimTime,
}

impl Simulation {
    /// A run at time zero. Equal networks, seeds and interventions give equal runs, to the bit, on every machine.
    pub fn new(network: Network, _seed: u64) -> Self {
        Self { network, now: SimTime::ZERO }
    }

    /// The network as it is now.
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// Simulated time.
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// Events handled since the start.
    pub const fn events(&self) -> u64 {
        0
    }

    /// Requests sent since the start.
    pub const fn requests(&self) -> u64 {
        0
    }

    /// Digest of everything that has happened since the start; equal digests mean equal runs.
    pub const fn fingerprint(&self) -> u64 {
        0
    }

    /// Handles all events up to and including `until`; then the time is `until`.
    pub const fn advance(&mut self, until: SimTime) {
        self.now = until;
    }

    /// Handles events up to and including `until`, but about `events` at most. Returns whether `until` was reached; if
    /// not, the time is that of the last event handled.
    pub const fn advance_at_most(&mut self, until: SimTime, _events: u64) -> bool {
        self.advance(until);
        true
    }

    /// Handles the next event, whenever it is, with all that it causes at the same moment.
    pub const fn step(&mut self) {}

    /// Does something to the running system now.
    pub fn act(&mut self, _action: Action) {}

    /// Continues with an edited network. Stations that stay keep their queues, their pending work and their random
    /// streams; what removed stations worked on is lost.
    pub fn swap(&mut self, network: Network) {
        self.network = network;
    }

    /// Sets how many requests to sample as traces: about this many per simulated second. Sampling draws from no random
    /// stream and changes nothing else.
    pub const fn set_trace_rate(&mut self, _per_simulated_sec: f64) {}

    /// Everything measured since this was called last, or since the start; starts anew.
    pub fn take_measurements(&mut self) -> Measurements {
        Measurements::default()
    }

    /// The present moment for viewers. Samples, traces and log entries are handed over once.
    pub fn snapshot(&mut self) -> Snapshot {
        Snapshot::default()
    }
}
