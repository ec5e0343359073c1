//! Journeys: how a design grows stage by stage, told in words and proved by simulation.
//!
//! A journey is a folder under `assets/journeys` with a `journey.json` and a design file for each stage:
//!
//! ```json
//! {
//!   "headroom_journey": 1,
//!   "title": "From one server to a million users",
//!   "about": "How one web server grows into a system that a million people use.",
//!   "stages": [
//!     {
//!       "design": "1-one-server.json",
//!       "title": "One server",
//!       "text": "Everything starts with one machine and one database.",
//!       "users": 1000,
//!       "breaks_at": 10000,
//!       "proof": [
//!         {
//!           "says": "Names are asked for first, and kept.",
//!           "windows": {"steady": [5, 35]},
//!           "expect": [{"figure": "components/DNS/hit_ratio", "in": "steady", "at_least": 0.5}]
//!         }
//!       ]
//!     }
//!   ]
//! }
//! ```
//!
//! **The rule of a stage.** The design keeps its objective at `users` and misses it at `breaks_at`; a sweep finds the
//! knee between the two. Whatever else a stage claims is a `proof`: the design runs at `users` with its own script, or
//! with the one given, and figures of the report over stated spans of simulated time are held against bounds. A figure
//! is a path into the report, as `run --json` prints it, with names in place of positions; `log/<component>/<what>`
//! counts lines of the log. A bound may be a multiple of another figure: of another window, or of another stage's
//! design run in the same way.
//!
//! Reading and checking know nothing of files on disk: whoever has the texts gives them.

mod check;
pub mod outline;
mod read;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

pub use self::check::{Finding, StageOutcome, check_stage};
pub use self::read::JourneyError;
use crate::design::Design;

/// The version of journey files.
const VERSION: u64 = 1;

/// An ordered list of stages.
#[derive(Clone, Debug)]
pub struct Journey {
    /// Name of its folder.
    pub key: String,
    /// Title.
    pub title: String,
    /// What it tells, in a sentence or two.
    pub about: String,
    /// Its stages in order.
    pub stages: Vec<Stage>,
}

/// One stage of a journey.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Name of its design file, without the ending.
    pub key: String,
    /// Title.
    pub title: String,
    /// What happens here and why, in a few sentences.
    pub text: String,
    /// Registered users that it serves.
    pub users: u64,
    /// Registered users that it no longer serves; `None` where load is not the point.
    pub breaks_at: Option<u64>,
    /// What else it claims.
    pub proof: Vec<Proof>,
    /// The design.
    pub design: Design,
}

/// A claim with what shows that it holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The claim, as a sentence.
    pub says: String,
    /// Registered users at the start; those of the stage if left out.
    #[serde(default)]
    pub users: Option<u64>,
    /// What happens, as in design files; the script of the design if left out.
    #[serde(default)]
    pub script: Option<Json>,
    /// Spans of simulated time that are measured, by name [s since the start]; they do not overlap.
    pub windows: BTreeMap<String, [f64; 2]>,
    /// What must hold.
    pub expect: Vec<Expectation>,
}

/// A figure with its bounds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Path into the report, as `total/latency/p99_secs` or `components/Web server/utilisation/cores`.
    pub figure: String,
    /// The window that it is measured in.
    #[serde(rename = "in")]
    pub window: String,
    /// The figure is not below this, times the reference.
    #[serde(default)]
    pub at_least: Option<f64>,
    /// The figure is not above this, times the reference.
    #[serde(default)]
    pub at_most: Option<f64>,
    /// What the bounds are multiples of; of one if left out.
    #[serde(default)]
    pub times: Option<Reference>,
}

/// Another figure that a bound is a multiple of.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Path into the report; that of the expectation if left out.
    #[serde(default)]
    pub figure: Option<String>,
    /// The window that it is measured in; that of the expectation if left out.
    #[serde(rename = "in", default)]
    pub window: Option<String>,
    /// Name of the stage whose design is run instead, at the same users; the stage itself if left out.
    #[serde(default)]
    pub stage: Option<String>,
}
