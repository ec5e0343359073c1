//! One run of an answer, second by second.

use crate::design::script::Action;
use crate::network::Network;
use crate::objective::Objective;
use crate::sim::Simulation;
use crate::sim::estimate::Growth;
use crate::sim::metrics::ClassMeasurements;
use crate::units::SimTime;

/// Events after which a run ends however much of it is left: an answer that repeats itself to death is judged by what
/// there is.
const EVENTS_AT_MOST: u64 = 40_000_000;

/// One second of a run.
#[derive(Clone, Debug)]
pub struct Second {
    /// All classes together.
    pub measured: ClassMeasurements,
    /// Requests in flight, on average.
    pub in_flight: f64,
}

/// A run under way.
#[derive(Clone, Debug)]
pub struct Run {
    simulation: Simulation,
    /// What is done, and after how many seconds.
    act: Option<(u32, Action)>,
    /// Length of the run [s].
    length: u32,
    /// What has been seen, second by second.
    pub seconds: Vec<Second>,
}

impl Run {
    /// A run of so many seconds, in which something may be done.
    pub fn new(network: &Network, users: u64, seed: u64, length: u32, act: Option<(u32, Action)>) -> Self {
        let network = Network { users, ..network.clone() };
        Self { simulation: Simulation::new(network, seed), act, length, seconds: Vec::new() }
    }

    /// Goes on for about `events` events. Whether it is over.
    pub fn advance(&mut self, events: u64) -> bool {
        let stop_at = self.simulation.events() + events;
        while !self.is_over() {
            let second = u32::try_from(self.seconds.len()).expect("runs last minutes");
            if let Some((_, action)) = self.act.take_if(|(at, _)| *at <= second) {
                self.simulation.act(action);
            }
            let spare = stop_at.saturating_sub(self.simulation.events());
            if spare == 0 {
                return false;
            }
            if self.simulation.advance_at_most(SimTime::from_secs_f64(f64::from(second + 1)), spare) {
                let measured = self.simulation.take_measurements();
                self.seconds.push(Second { measured: measured.all_classes(), in_flight: measured.in_flight_area });
            }
        }
        true
    }

    /// Share done, 0 to 1.
    pub fn progress(&self) -> f64 {
        self.seconds.len() as f64 / f64::from(self.length)
    }

    fn is_over(&self) -> bool {
        self.seconds.len() >= self.length as usize || self.simulation.events() >= EVENTS_AT_MOST
    }
}

impl Second {
    /// Share of the requests ended that failed, 0 to 1.
    pub fn error_share(&self) -> f64 {
        self.measured.outcomes.error_share()
    }

    /// Whether the objective was missed in this second. So few requests tell little about rare errors, so up to
    /// `errors` of them may have failed.
    pub fn misses(&self, objective: &Objective, errors: f64) -> bool {
        self.error_share() > errors || self.latency_secs(objective) > objective.latency_secs
    }

    /// Latency at the objective's percentile [s].
    pub fn latency_secs(&self, objective: &Objective) -> f64 {
        self.measured.latency.quantile_secs(objective.percentile / 100.0)
    }
}

/// Several seconds together.
pub fn together(seconds: &[Second]) -> ClassMeasurements {
    let mut whole = ClassMeasurements::default();
    for second in seconds {
        whole.merge(&second.measured);
    }
    whole
}

/// Whether requests piled up through these seconds.
pub fn grows(seconds: &[Second]) -> bool {
    let levels: Vec<f64> = seconds.iter().map(|second| second.in_flight).collect();
    Growth::of_levels(&levels, 1.0).growing
}
