//! M/G/1: Poisson arrivals, service times of any distribution, one server; first come first served, or shared.

/// Mean wait in the queue of M/G/1 under first come, first served [s]: λ·S²·(1 + cv²) / (2·(1 − ρ)).
///
/// `arrival_rate` (λ) in [1/s]; `mean_service` (S) in [s]; `service_cv` is the coefficient of variation, standard
/// deviation over mean: 0 for constant, 1 for exponential service. `None` when the queue has no steady state (λ·S ≥ 1).
///
/// # Sources
/// Pollaczek–Khinchine mean value formula; L. Kleinrock, *Queueing Systems I* (1975), §5.6.
pub fn mg1_mean_wait(arrival_rate: f64, mean_service: f64, service_cv: f64) -> Option<f64> {
    let utilisation = arrival_rate * mean_service;
    (utilisation > 0.0 && utilisation < 1.0 && service_cv >= 0.0)
        .then(|| utilisation * mean_service * (1.0 + service_cv * service_cv) / (2.0 * (1.0 - utilisation)))
}

/// Mean wait in the queue of M/D/1, where every service takes `service` [s]: half that of M/M/1.
///
/// `arrival_rate` (λ) in [1/s]. `None` when the queue has no steady state (λ·S ≥ 1).
///
/// # Sources
/// Pollaczek–Khinchine with a coefficient of variation of 0; L. Kleinrock, *Queueing Systems I* (1975), §5.6.
pub fn md1_mean_wait(arrival_rate: f64, service: f64) -> Option<f64> {
    mg1_mean_wait(arrival_rate, service, 0.0)
}

/// Mean response time of M/G/1 under processor sharing [s]: S/(1 − ρ), whatever the distribution of service.
///
/// `arrival_rate` (λ) in [1/s]; `mean_service` (S) in [s], of a request that has the server to itself. `None` when
/// there is no steady state (λ·S ≥ 1).
///
/// # Sources
/// L. Kleinrock, *Queueing Systems II* (1976), §4.4.
pub fn mg1_ps_mean_response(arrival_rate: f64, mean_service: f64) -> Option<f64> {
    let utilisation = arrival_rate * mean_service;
    (utilisation > 0.0 && utilisation < 1.0).then(|| mean_service / (1.0 - utilisation))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::close::assert_close;
    use crate::theory::{mm1_mean_response, mm1_mean_wait};

    #[test]
    fn exponential_service_gives_mm1_and_constant_service_half_of_it() {
        let mm1 = mm1_mean_wait(8.0, 10.0).unwrap();
        assert_close(mg1_mean_wait(8.0, 0.1, 1.0).unwrap(), mm1, 12);
        assert_close(md1_mean_wait(8.0, 0.1).unwrap(), mm1 / 2.0, 12);
    }

    #[test]
    fn pollaczek_khinchine_in_numbers() {
        // λ = 5/s, S = 0.1 s, cv = 2: 0.5 · 0.1 · 5 / (2 · 0.5) = 0.25 s.
        assert_close(mg1_mean_wait(5.0, 0.1, 2.0).unwrap(), 0.25, 12);
        assert_eq!(mg1_mean_wait(10.0, 0.1, 2.0), None);
    }

    #[test]
    fn sharing_takes_as_long_as_mm1() {
        assert_close(mg1_ps_mean_response(8.0, 0.1).unwrap(), mm1_mean_response(8.0, 10.0).unwrap(), 12);
        assert_eq!(mg1_ps_mean_response(10.0, 0.1), None);
    }
}
