//! M/M/c: Poisson arrivals, exponential service, c servers behind one queue. Erlang's B and C.

use super::are_rates;

/// Erlang B: probability that a call finds all `servers` busy when calls that find no server go away (M/M/c/c).
///
/// `offered_load` (a = λ/μ) in erlangs, not negative. Holds for service times of any distribution.
///
/// # Complexity
/// O(c) time, no allocation: B(0) = 1, B(c) = a·B(c−1) / (c + a·B(c−1)), which neither overflows nor cancels.
///
/// # Sources
/// A. K. Erlang (1917); L. Kleinrock, *Queueing Systems I* (1975), §3.6.
pub fn erlang_b(offered_load: f64, servers: u32) -> f64 {
    (1..=servers).fold(1.0, |blocking, server| {
        let carried = offered_load * blocking;
        carried / (f64::from(server) + carried)
    })
}

/// Erlang C: probability that a request of M/M/c has to wait.
///
/// `offered_load` (a = λ/μ) in erlangs. `None` when the queue has no steady state (a ≥ c).
///
/// # Complexity
/// O(c) time, no allocation: Erlang B by recurrence, then B → C.
///
/// # Sources
/// A. K. Erlang (1917); L. Kleinrock, *Queueing Systems I* (1975), §3.5.
pub fn erlang_c(offered_load: f64, servers: u32) -> Option<f64> {
    let servers_f64 = f64::from(servers);
    if !(offered_load >= 0.0 && offered_load < servers_f64) {
        return None;
    }
    let blocking = erlang_b(offered_load, servers);
    Some(servers_f64 * blocking / (servers_f64 - offered_load * (1.0 - blocking)))
}

/// Mean wait in the queue of M/M/c, before service starts [s].
///
/// `arrival_rate` (λ) and `service_rate` (μ, per server) in [1/s]. `None` when the queue has no steady state
/// (λ ≥ c·μ).
///
/// # Complexity
/// O(c) time, no allocation.
///
/// # Sources
/// Erlang C; L. Kleinrock, *Queueing Systems I* (1975), §3.5.
pub fn mmc_mean_wait(arrival_rate: f64, service_rate: f64, servers: u32) -> Option<f64> {
    if !are_rates(arrival_rate, service_rate) {
        return None;
    }
    erlang_c(arrival_rate / service_rate, servers)
        .map(|waiting| waiting / (f64::from(servers) * service_rate - arrival_rate))
}

/// Mean response time of M/M/c, wait and service [s].
///
/// `arrival_rate` (λ) and `service_rate` (μ, per server) in [1/s]. `None` when the queue has no steady state
/// (λ ≥ c·μ).
///
/// # Complexity
/// O(c) time, no allocation.
///
/// # Sources
/// Erlang C; L. Kleinrock, *Queueing Systems I* (1975), §3.5.
pub fn mmc_mean_response(arrival_rate: f64, service_rate: f64, servers: u32) -> Option<f64> {
    mmc_mean_wait(arrival_rate, service_rate, servers).map(|wait| wait + 1.0 / service_rate)
}

/// Probability that the response time of M/M/c is longer than `time` [s] under first come, first served.
///
/// `arrival_rate` (λ) and `service_rate` (μ, per server) in [1/s]. `None` when the queue has no steady state
/// (λ ≥ c·μ). With C the probability of waiting and a the offered load it is
/// e^(−μt) · (1 + C·(1 − e^(−μt(c−1−a))) / (c − 1 − a)).
///
/// # Complexity
/// O(c) time, no allocation.
///
/// # Sources
/// D. Gross, J. Shortle, J. Thompson, C. Harris, *Fundamentals of Queueing Theory* (2008), §2.3.
pub fn mmc_response_tail(arrival_rate: f64, service_rate: f64, servers: u32, time: f64) -> Option<f64> {
    if !are_rates(arrival_rate, service_rate) {
        return None;
    }
    let offered_load = arrival_rate / service_rate;
    let waiting = erlang_c(offered_load, servers)?;
    let services = service_rate * time;
    let spare = f64::from(servers) - 1.0 - offered_load;
    // (1 − e^(−x·spare)) / spare tends to x as spare vanishes, where the quotient itself is undefined.
    let weight = if spare.abs() < 1e-9 { services } else { -libm::expm1(-services * spare) / spare };
    Some(libm::exp(-services) * (1.0 + waiting * weight))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::close::assert_close;
    use crate::theory::{mm1_mean_wait, mm1_response_quantile};

    #[test]
    fn erlang_b_as_tabulated() {
        // Traffic tables: 10 erlangs on 10 trunks lose 21.5 %, 5 on 10 lose 1.84 %, 4.46 on 10 lose 1 %.
        assert_close(erlang_b(10.0, 10), 0.2146, 4);
        assert_close(erlang_b(5.0, 10), 0.018_385, 6);
        assert_close(erlang_b(4.461, 10), 0.01, 4);
        assert_close(erlang_b(0.0, 3), 0.0, 12);
    }

    #[test]
    fn erlang_c_as_tabulated() {
        // Two servers: C = 2ρ²/(1 + ρ). Ten servers, 8 erlangs: 0.4092.
        assert_close(erlang_c(1.6, 2).unwrap(), 2.0 * 0.64 / 1.8, 12);
        assert_close(erlang_c(8.0, 10).unwrap(), 0.4092, 4);
        assert_eq!(erlang_c(10.0, 10), None);
    }

    #[test]
    fn one_server_is_mm1() {
        assert_close(mmc_mean_wait(8.0, 10.0, 1).unwrap(), mm1_mean_wait(8.0, 10.0).unwrap(), 12);
        let median = mm1_response_quantile(8.0, 10.0, 0.5).unwrap();
        assert_close(mmc_response_tail(8.0, 10.0, 1, median).unwrap(), 0.5, 12);
    }

    #[test]
    fn the_tail_integrates_to_the_mean_response() {
        // E[T] = ∫ P(T > t) dt; here c − 1 − a is 0.4 first and exactly 0 then.
        for arrival_rate in [16.0, 20.0] {
            let step = 1e-4;
            let sum: f64 = (0..200_000)
                .map(|slice| mmc_response_tail(arrival_rate, 10.0, 3, (f64::from(slice) + 0.5) * step).unwrap() * step)
                .sum();
            assert_close(sum, mmc_mean_response(arrival_rate, 10.0, 3).unwrap(), 6);
        }
    }
}
