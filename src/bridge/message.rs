//! Messages between the page and the worker that runs the engine. Both come from one build, so inner types may travel.

use serde::{Deserialize, Serialize};

use crate::design::script::Action;
use crate::interview::{Report, Terms};
use crate::network::Network;
use crate::sim::snapshot::Snapshot;
use crate::units::SimTime;

/// Speed up to which every request is told of while it is under way [simulated seconds per real second]: a usual request
/// then takes seconds.
pub const SLOW_MOTION: f64 = 0.02;

/// Name of a run; answers of an older run are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunId(pub u32);

/// What the page tells the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToEngine {
    /// Starts a run from zero; ends the one before.
    Start {
        /// Its name.
        run: RunId,
        /// What to simulate.
        network: Network,
        /// Seed of all random streams.
        seed: u64,
    },
    /// Continues the present run with an edited network.
    Swap(Network),
    /// Does something to the running system now.
    Act(Action),
    /// Runs or rests.
    SetPlaying(bool),
    /// Simulated seconds per real second, above 0.
    SetSpeed(f64),
    /// Advances to the next event, then rests.
    Step,
    /// Goes back to where the last event had not happened yet, then rests.
    StepBack,
    /// Shows the run at an earlier time, or at a later one that it has reached before, and rests there. From there it
    /// goes on as it did, until something else is done.
    Seek(SimTime),
    /// Shows the run as far as it has come.
    GoLive,
    /// Runs to this simulated time as fast as it can, whether it plays or rests, and only then does either.
    SkipTo(SimTime),
    /// Rests when this simulated time is reached; `None` never.
    SetStopAt(Option<SimTime>),
    /// About how many requests to sample per real second, for the moving picture.
    SetTraceRate(u32),
    /// Asks for one snapshot; the page asks again once it has used it.
    WantSnapshot,
    /// Measures by separate runs how many users the network serves within an objective.
    FindCapacity {
        /// Number of the question, returned with the answer.
        question: u32,
        /// What to measure.
        network: Network,
        /// What must be kept.
        objective: crate::objective::Objective,
        /// Seed of all random streams.
        seed: u64,
    },
    /// Measures the answer to an interview by separate runs; [`FromEngine::Examining`] tells how far it has got.
    Examine {
        /// Number of the question, returned with the answer.
        question: u32,
        /// The answer, under the task's own traffic.
        network: Network,
        /// What it is measured against.
        terms: Terms,
    },
}

/// Which times of a run can be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The earliest.
    pub oldest: SimTime,
    /// How far the run has come.
    pub live: SimTime,
    /// How often something was done in the past, so that what came after has not happened.
    pub branches: u32,
    /// The time at which that was done last.
    pub branched_at: SimTime,
}

/// What was done to a run, by whom it watches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deed {
    /// When.
    pub at: SimTime,
    /// What; `None` for an edit of the drawing.
    pub action: Option<Action>,
}

/// What the engine tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromEngine {
    /// The worker listens; what was posted before is lost.
    Ready {
        /// The build that it comes from; a stranger is refused.
        build: String,
    },
    /// Figures of the present run.
    Snapshot {
        /// Which run.
        run: RunId,
        /// The figures.
        snapshot: Box<Snapshot>,
        /// Simulated seconds per real second reached lately.
        speed_reached: f64,
        /// Whether the run is going on.
        playing: bool,
        /// Which times can be shown.
        reach: Reach,
        /// What was done since the last snapshot, oldest first.
        deeds: Vec<Deed>,
    },
    /// The answer to [`ToEngine::FindCapacity`].
    Capacity {
        /// The question.
        question: u32,
        /// What was found; `None` if not even one user is served within the objective.
        capacity: Option<CapacityFound>,
    },
    /// How far an examination has got.
    Examining {
        /// The question.
        question: u32,
        /// Share done, 0 to 1.
        share: f64,
    },
    /// The answer to [`ToEngine::Examine`].
    Examined {
        /// The question.
        question: u32,
        /// What was measured.
        report: Box<Report>,
    },
    /// The engine has panicked; the run is over.
    Crashed {
        /// What the panic said.
        message: String,
    },
}

/// How far a network carries.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CapacityFound {
    /// Most users served within the objective.
    pub users: u64,
    /// Least number of users found to miss it; `None` if the whole range is served.
    pub missed_at: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::examples;
    use crate::network::compile;

    #[test]
    fn a_whole_network_survives_the_way_to_the_worker() {
        let network = compile(&examples::starter()).expect("the starter runs");
        let message = ToEngine::Start { run: RunId(7), network, seed: 3 };
        let bytes = postcard::to_allocvec(&message).expect("messages can be written");
        assert_eq!(postcard::from_bytes::<ToEngine>(&bytes).expect("messages can be read"), message);
    }
}
