//! Replication lag: the time a write spends on its way to a replica and in the replica's apply queue.
//!
//! A single applier with exponential apply times behind a Poisson stream of commits is M/M/1, and the lag is the time
//! of flight plus the response time of that queue. Commits are a Poisson stream if writes reach the primary as one and
//! its service is M/M/c (Burke's theorem); a constant time of flight keeps it one.
//!
//! # Sources
//! P. J. Burke, *The output of a queuing system*, Operations Research 4 (1956); for M/M/1 see `mm1`.

use super::mm1::{mm1_mean_response, mm1_response_quantile};

/// Mean replication lag [s]: time of flight plus mean response time of the apply queue.
///
/// `write_rate` and `apply_rate` in [1/s]; `flight` in [s]. `None` when the replica cannot keep up (the lag grows
/// without bound).
///
/// # Sources
/// See the module.
pub fn replication_lag_mean(write_rate: f64, apply_rate: f64, flight: f64) -> Option<f64> {
    mm1_mean_response(write_rate, apply_rate).map(|response| flight + response)
}

/// The replication lag that the share `quantile` of writes stays below, in [0, 1) [s].
///
/// `write_rate` and `apply_rate` in [1/s]; `flight` in [s]. `None` when the replica cannot keep up (the lag grows
/// without bound).
///
/// # Sources
/// See the module.
pub fn replication_lag_quantile(write_rate: f64, apply_rate: f64, flight: f64, quantile: f64) -> Option<f64> {
    mm1_response_quantile(write_rate, apply_rate, quantile).map(|response| flight + response)
}

/// Share of reads on an asynchronous replica that miss a write of what they read: one that the primary took within the
/// last `lag` [s]. `popularity[key]` is the share of reads, and of writes, for that key and sums to 1.
///
/// `write_rate` in [1/s], Poisson, as reads are; the lag is constant. Exact: writes of a key are a Poisson stream of rate
/// write_rate·pᵢ, and a read sees it at a random moment.
///
/// # Complexity
/// O(keys).
///
/// # Sources
/// R. W. Wolff, *Poisson arrivals see time averages*, Operations Research 30 (1982).
pub fn asynchronous_stale_share(popularity: &[f64], write_rate: f64, lag: f64) -> f64 {
    popularity.iter().map(|share| -share * libm::expm1(-share * write_rate * lag)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::close::assert_close;

    #[test]
    fn lag_is_flight_and_apply_queue() {
        // 800 writes/s, 1 ms to apply each, 2 ms away: 2 ms + 1/(1000 − 800) s.
        assert_close(replication_lag_mean(800.0, 1000.0, 0.002).unwrap(), 0.007, 12);
        assert_close(
            replication_lag_quantile(800.0, 1000.0, 0.002, 0.99).unwrap(),
            0.002 + 0.005 * libm::log(100.0),
            12,
        );
        assert_eq!(replication_lag_mean(1000.0, 1000.0, 0.002), None);
    }

    #[test]
    fn a_single_key_is_stale_unless_nobody_has_written_for_as_long_as_the_lag() {
        assert_close(asynchronous_stale_share(&[1.0], 10.0, 0.1), 1.0 - libm::exp(-1.0), 12);
        assert_close(asynchronous_stale_share(&[0.5, 0.5], 20.0, 0.1), 1.0 - libm::exp(-1.0), 12);
        assert_close(asynchronous_stale_share(&[0.5, 0.5], 20.0, 0.0), 0.0, 12);
    }
}
