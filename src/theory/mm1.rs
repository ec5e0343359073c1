//! M/M/1: Poisson arrivals, exponential service, one server, no limit.

use super::are_rates;

/// Mean wait in the queue of M/M/1, before service starts [s]: ρ/(μ − λ).
///
/// `arrival_rate` (λ) and `service_rate` (μ) in [1/s]. `None` when the queue has no steady state (λ ≥ μ).
///
/// # Sources
/// L. Kleinrock, *Queueing Systems I* (1975), §3.2.
pub fn mm1_mean_wait(arrival_rate: f64, service_rate: f64) -> Option<f64> {
    spare_rate(arrival_rate, service_rate).map(|spare| arrival_rate / service_rate / spare)
}

/// Mean response time of M/M/1, wait and service [s]: 1/(μ − λ).
///
/// `arrival_rate` (λ) and `service_rate` (μ) in [1/s]. `None` when the queue has no steady state (λ ≥ μ).
///
/// # Sources
/// L. Kleinrock, *Queueing Systems I* (1975), §3.2.
pub fn mm1_mean_response(arrival_rate: f64, service_rate: f64) -> Option<f64> {
    spare_rate(arrival_rate, service_rate).map(|spare| 1.0 / spare)
}

/// Mean number of requests waiting or in service in M/M/1: ρ/(1 − ρ).
///
/// `arrival_rate` (λ) and `service_rate` (μ) in [1/s]. `None` when the queue has no steady state (λ ≥ μ).
///
/// # Sources
/// L. Kleinrock, *Queueing Systems I* (1975), §3.2.
pub fn mm1_mean_in_system(arrival_rate: f64, service_rate: f64) -> Option<f64> {
    spare_rate(arrival_rate, service_rate).map(|spare| arrival_rate / spare)
}

/// The response time of M/M/1 that the share `quantile` of requests stays below, in [0, 1) [s]. Response times are
/// exponential with rate μ − λ under first come, first served.
///
/// `arrival_rate` (λ) and `service_rate` (μ) in [1/s]. `None` when the queue has no steady state (λ ≥ μ).
///
/// # Sources
/// L. Kleinrock, *Queueing Systems I* (1975), §5.6.
pub fn mm1_response_quantile(arrival_rate: f64, service_rate: f64, quantile: f64) -> Option<f64> {
    spare_rate(arrival_rate, service_rate).map(|spare| -libm::log1p(-quantile) / spare)
}

/// The wait in the queue of M/M/1 that the share `quantile` of requests stays below, in [0, 1) [s]: nothing for the
/// share 1 − ρ that finds the server free, exponential with rate μ − λ for the rest.
///
/// `arrival_rate` (λ) and `service_rate` (μ) in [1/s]. `None` when the queue has no steady state (λ ≥ μ).
///
/// # Sources
/// L. Kleinrock, *Queueing Systems I* (1975), §5.6.
pub fn mm1_wait_quantile(arrival_rate: f64, service_rate: f64, quantile: f64) -> Option<f64> {
    let utilisation = arrival_rate / service_rate;
    spare_rate(arrival_rate, service_rate).map(|spare| (libm::log(utilisation / (1.0 - quantile)) / spare).max(0.0))
}

/// μ − λ, if the queue has a steady state.
fn spare_rate(arrival_rate: f64, service_rate: f64) -> Option<f64> {
    (are_rates(arrival_rate, service_rate) && arrival_rate < service_rate).then_some(service_rate - arrival_rate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::close::assert_close;

    #[test]
    fn textbook_values_at_eighty_per_cent() {
        // λ = 8/s, μ = 10/s: W = 0.5 s, Wq = 0.4 s, L = 4.
        assert_close(mm1_mean_response(8.0, 10.0).unwrap(), 0.5, 12);
        assert_close(mm1_mean_wait(8.0, 10.0).unwrap(), 0.4, 12);
        assert_close(mm1_mean_in_system(8.0, 10.0).unwrap(), 4.0, 12);
    }

    #[test]
    fn quantiles_invert_the_exponential_tail() {
        // The 90th percentile of an exponential is 2.302585 means.
        assert_close(mm1_response_quantile(8.0, 10.0, 0.9).unwrap(), 0.5 * core::f64::consts::LN_10, 12);
        // A fifth of the requests does not wait at all.
        assert_close(mm1_wait_quantile(8.0, 10.0, 0.2).unwrap(), 0.0, 12);
        let wait = mm1_wait_quantile(8.0, 10.0, 0.95).unwrap();
        assert_close(0.8 * libm::exp(-2.0 * wait), 0.05, 12);
    }

    #[test]
    fn there_is_no_steady_state_at_full_load() {
        assert_eq!(mm1_mean_wait(10.0, 10.0), None);
        assert_eq!(mm1_mean_response(11.0, 10.0), None);
        assert_eq!(mm1_mean_response(f64::NAN, 10.0), None);
    }
}
