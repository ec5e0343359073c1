//! How long to run, for whom, and from which seed: the options that several commands share.

use clap::Args;

use super::Failure;
use crate::design::Design;
use crate::objective::Objective;
use crate::sim::report::RunOptions;
use crate::units::SimDuration;

/// Options of a run.
#[derive(Debug, Args)]
pub struct Options {
    /// Registered users, like 5000, 250k or 2m; those of the design if left out.
    #[arg(long, value_parser = super::parse_users)]
    users: Option<u64>,
    /// Simulated time to measure, like 60s or 5m.
    #[arg(long = "for", value_name = "TIME", default_value = "60s", value_parser = super::parse_duration)]
    duration: SimDuration,
    /// Simulated time before measuring begins.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = super::parse_duration)]
    warmup: SimDuration,
    /// Seed of all random streams.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Batches that the confidence intervals come from; fewer than 5 give none.
    #[arg(long, default_value_t = RunOptions::BATCHES, value_parser = clap::value_parser!(u32).range(1..=1000))]
    batches: u32,
}

impl Options {
    /// The options of a run of `design`, held against `objective` or the design's own.
    pub fn of(&self, design: &Design, objective: Option<Objective>) -> Result<RunOptions, Failure> {
        if self.duration.as_nanos() < u64::from(self.batches) {
            return Err(Failure::TooShort { for_secs: self.duration.as_secs_f64(), batches: self.batches });
        }
        Ok(RunOptions {
            users: self.users.unwrap_or(design.settings().users),
            warm_up: self.warmup,
            duration: self.duration,
            seed: self.seed,
            batches: self.batches,
            objective: objective.unwrap_or(design.settings().objective),
        })
    }
}
