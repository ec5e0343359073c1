//! The knee of a design: the greatest number of users whom it serves within an objective, measured by simulation.
//!
//! Each number of users that is tried is a run of its own from a cold start under the same seed, so that all of them
//! meet the same random streams (common random numbers). The search brackets the knee, taking its strides from the
//! utilisation it measures, and halves the bracket until it is as narrow as asked for.
//!
//! A run lasts until its verdict is beyond chance, or until its budget of events is spent: then the figures as they are
//! decide, and the point says so. A backlog that keeps growing misses any objective, for the latency would follow.
//!
//! The search works in slices and reads no clock, so a browser's worker can do it between other things. The script and the
//! traffic of a design are left out: the question is what the design carries while nothing is done to it.

mod trial;

use serde::Serialize;

pub use self::trial::{Breach, Limiting, Point};
use self::trial::{Trial, Verdict};
use crate::design::USERS_RANGE;
use crate::design::traffic::Traffic;
use crate::network::Network;
use crate::objective::Objective;

/// Greatest stride of the search for the bracket, as a factor.
const GREATEST_STRIDE: f64 = 32.0;

/// How thoroughly to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SweepOptions {
    /// Seed of all random streams of every run.
    pub seed: u64,
    /// Width at which the bracket is narrow enough, as a share of the number of users, above 0.
    pub resolution: f64,
    /// Requests to measure at each number of users before it can be judged as kept.
    pub requests_per_point: u64,
    /// Events that a run may take, warm-up included.
    pub events_per_point: u64,
}

impl SweepOptions {
    /// Two significant digits in a few seconds, for an answer while somebody waits.
    pub const fn quick(seed: u64) -> Self {
        Self { seed, resolution: 0.02, requests_per_point: 30_000, events_per_point: 3_000_000 }
    }

    /// Nearly three significant digits, for a report.
    pub const fn thorough(seed: u64) -> Self {
        Self { seed, resolution: 0.005, requests_per_point: 200_000, events_per_point: 40_000_000 }
    }
}

/// How far a network carries.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Capacity {
    /// Most users served within the objective; null if not even one is.
    pub users: Option<u64>,
    /// Fewest users found to miss it; null if the whole range is served.
    pub missed_at: Option<u64>,
    /// Which part of the objective is missed first; null if none is.
    pub breach: Option<Breach>,
    /// What has run out there; null if the objective is missed with nothing near its limit.
    pub limiting: Option<Limiting>,
    /// Every number of users tried, in the order of trying.
    pub points: Vec<Point>,
}

/// Measures how many users `network` serves within `objective`. `progress` is called now and then with the share done,
/// 0 to 1, as far as it can be foreseen.
pub fn find_capacity(
    network: &Network,
    objective: &Objective,
    options: &SweepOptions,
    mut progress: impl FnMut(f64),
) -> Capacity {
    let mut search = CapacitySearch::new(network, objective, options);
    loop {
        if let Some(capacity) = search.advance(200_000) {
            return capacity;
        }
        progress(search.progress());
    }
}

/// A search under way.
#[derive(Clone, Debug)]
pub struct CapacitySearch {
    network: Network,
    objective: Objective,
    options: SweepOptions,
    trial: Trial,
    /// Most users that kept the objective, with the stride that their utilisation suggests.
    kept: Option<(u64, f64)>,
    /// Fewest users that missed it.
    missed: Option<Verdict>,
    points: Vec<Point>,
}

impl CapacitySearch {
    /// A search that starts at the network's own number of users.
    pub fn new(network: &Network, objective: &Objective, options: &SweepOptions) -> Self {
        let mut network = network.clone();
        network.script.clear();
        network.traffic = Traffic::default();
        let first = network.users.clamp(*USERS_RANGE.start(), *USERS_RANGE.end());
        let trial = Trial::new(&network, first, objective, options);
        Self { network, objective: *objective, options: *options, trial, kept: None, missed: None, points: Vec::new() }
    }

    /// Goes on for about `events` events. The answer, once it is found; after that the search starts over.
    pub fn advance(&mut self, events: u64) -> Option<Capacity> {
        let verdict = self.trial.advance(events)?;
        self.points.push(verdict.point.clone());
        let users = verdict.point.users;
        let next = if verdict.point.kept {
            self.kept = Some((users, verdict.stride));
            self.next_users()
        } else {
            let stride = verdict.stride;
            self.missed = Some(verdict);
            match self.kept {
                Some(_) => self.next_users(),
                None => (users > *USERS_RANGE.start()).then(|| rounded(users as f64 * stride, 1, users)),
            }
        };
        match next {
            Some(next) => {
                self.trial = Trial::new(&self.network, next, &self.objective, &self.options);
                None
            }
            None => Some(self.answer()),
        }
    }

    /// Share done, 0 to 1, as far as it can be foreseen.
    pub fn progress(&self) -> f64 {
        // Two or three points to find the bracket, then one for each halving.
        let halvings = match (&self.kept, &self.missed) {
            (Some((kept, _)), Some(missed)) => {
                let width = missed.point.users as f64 / *kept as f64 - 1.0;
                libm::log2(width / self.options.resolution).max(0.0)
            }
            _ => 6.0,
        };
        let done = self.points.len() as f64 + self.trial.progress();
        (done / (self.points.len() as f64 + 1.0 + halvings)).min(1.0)
    }

    /// The number of users to try once `kept` is known; `None` when the answer is.
    fn next_users(&self) -> Option<u64> {
        let (kept, stride) = self.kept?;
        let Some(missed) = &self.missed else {
            let greatest = *USERS_RANGE.end();
            return (kept < greatest).then(|| rounded(kept as f64 * stride, kept + 1, greatest + 1));
        };
        let missed = missed.point.users;
        let narrow = missed as f64 <= kept as f64 * (1.0 + self.options.resolution);
        (!narrow && missed - kept > 1).then(|| rounded((kept as f64 * missed as f64).sqrt(), kept + 1, missed))
    }

    fn answer(&mut self) -> Capacity {
        let missed = self.missed.take();
        let kept = self.kept.take();
        Capacity {
            users: kept.map(|(users, _)| users),
            missed_at: missed.as_ref().map(|verdict| verdict.point.users),
            breach: missed.as_ref().and_then(|verdict| verdict.point.breach),
            limiting: missed.and_then(|verdict| verdict.limiting),
            points: core::mem::take(&mut self.points),
        }
    }
}

/// `users` rounded to three significant digits, where that leaves it from `least` up to but not including `beyond`.
fn rounded(users: f64, least: u64, beyond: u64) -> u64 {
    let exact = (users.round() as u64).clamp(least, beyond - 1);
    let unit = 10_u64.pow(exact.max(1).ilog10().saturating_sub(2));
    let round = (exact + unit / 2) / unit * unit;
    if (least..beyond).contains(&round) { round } else { exact }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_users_are_round_where_there_is_room() {
        assert_eq!(rounded(123_456.0, 1, 1_000_000), 123_000);
        assert_eq!(rounded(0.3, 1, 10), 1);
        assert_eq!(rounded(1234.4, 1231, 1239), 1234);
        assert_eq!(rounded(5e9, 2, 100_000_001), 100_000_000);
    }
}
