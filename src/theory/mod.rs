//! Closed forms of queueing theory: what a simulated part must come to where the answer is known.
//!
//! Tests hold the engine against these, and the page can lay them over its charts. Nothing here is simulated and the
//! engine does not read any of it: a formula that fed the engine could not be a check on it.
//!
//! Symbols, the same in every file: `arrival_rate` λ and `service_rate` μ in [1/s], μ per server; `servers` c;
//! `offered_load` a = λ/μ in erlangs; utilisation ρ = λ/(c·μ). `wait` is the time in the queue, `response` is wait and
//! service together. A function gives `None` where no steady state exists.
//!
//! # Sources
//! L. Kleinrock, *Queueing Systems I* (1975); M. Harchol-Balter, *Performance Modeling and Design of Computer Systems*
//! (2013); for each formula see its function.

mod closed;
mod lru;
mod mg1;
mod mm1;
mod mmc;
mod mmck;
mod quorum;
mod replication;

pub use self::closed::{ClosedNetwork, ClosedStation, closed_network, machine_repairman};
pub use self::lru::{lfu_hit_ratio, lru_hit_ratio, random_hit_ratio, ttl_hit_ratio, zipf_popularity};
pub use self::mg1::{md1_mean_wait, mg1_mean_wait, mg1_ps_mean_response};
pub use self::mm1::{mm1_mean_in_system, mm1_mean_response, mm1_mean_wait, mm1_response_quantile, mm1_wait_quantile};
pub use self::mmc::{erlang_b, erlang_c, mmc_mean_response, mmc_mean_wait, mmc_response_tail};
pub use self::mmck::{MmckFigures, mm1k_blocking, mmck};
pub use self::quorum::{order_statistic_mean, quorum_stale_share};
pub use self::replication::{asynchronous_stale_share, replication_lag_mean, replication_lag_quantile};

/// Whether both rates are finite and positive: the least that a formula asks for.
fn are_rates(arrival_rate: f64, service_rate: f64) -> bool {
    arrival_rate > 0.0 && service_rate > 0.0 && arrival_rate.is_finite() && service_rate.is_finite()
}

#[cfg(test)]
mod close {
    /// Fails unless `value` is `expected` to `digits` decimal places.
    #[track_caller]
    pub fn assert_close(value: f64, expected: f64, digits: i32) {
        let tolerance = 0.5 * 10_f64.powi(-digits);
        assert!((value - expected).abs() <= tolerance, "{value} is not {expected} to {digits} places");
    }
}
