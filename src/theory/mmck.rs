//! M/M/c/K: Poisson arrivals, exponential service, c servers, and no more than K requests inside; others are refused.

/// Steady state of M/M/c/K.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MmckFigures {
    /// Share of arrivals refused because K are inside.
    pub blocking: f64,
    /// Requests served [1/s].
    pub throughput: f64,
    /// Mean number inside, waiting or in service.
    pub mean_in_system: f64,
    /// Mean response time of those served [s].
    pub mean_response: f64,
}

/// Steady state of M/M/c/K: `servers` (c) servers, at most `capacity` (K) requests waiting or in service.
///
/// `arrival_rate` (λ) and `service_rate` (μ, per server) in [1/s]. Any load has a steady state. `None` for rates that
/// are not finite and positive, and for K < c or c = 0.
///
/// # Complexity
/// O(K) time, no allocation: the probabilities of birth and death, scaled to the greatest so far.
///
/// # Sources
/// L. Kleinrock, *Queueing Systems I* (1975), §3.5 to 3.7; Little's law for the response time.
pub fn mmck(arrival_rate: f64, service_rate: f64, servers: u32, capacity: u32) -> Option<MmckFigures> {
    if !super::are_rates(arrival_rate, service_rate) || servers == 0 || capacity < servers {
        return None;
    }
    let offered_load = arrival_rate / service_rate;
    // Weight of the state with n inside is that of n − 1 times a / min(n, c).
    let (mut weight, mut total, mut inside) = (1.0, 1.0, 0.0);
    for state in 1..=capacity {
        weight *= offered_load / f64::from(state.min(servers));
        total += weight;
        inside += f64::from(state) * weight;
        if total > 1e200 {
            // Only ratios count; without this an overloaded queue with many places would overflow.
            (weight, total, inside) = (weight * 1e-200, total * 1e-200, inside * 1e-200);
        }
    }
    let blocking = weight / total;
    let throughput = arrival_rate * (1.0 - blocking);
    let mean_in_system = inside / total;
    Some(MmckFigures { blocking, throughput, mean_in_system, mean_response: mean_in_system / throughput })
}

/// Share of arrivals that M/M/1/K refuses: (1 − ρ)·ρᴷ / (1 − ρᴷ⁺¹), or 1/(K + 1) at ρ = 1.
///
/// `arrival_rate` (λ) and `service_rate` (μ) in [1/s]; `capacity` (K) counts the one in service. `None` for rates that
/// are not finite and positive, and for K = 0.
///
/// # Complexity
/// O(K), see [`mmck`].
///
/// # Sources
/// L. Kleinrock, *Queueing Systems I* (1975), §3.6.
pub fn mm1k_blocking(arrival_rate: f64, service_rate: f64, capacity: u32) -> Option<f64> {
    mmck(arrival_rate, service_rate, 1, capacity).map(|figures| figures.blocking)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::close::assert_close;
    use crate::theory::{erlang_b, mm1_mean_response};

    #[test]
    fn one_server_follows_the_closed_form() {
        let formula = |rho: f64, k: i32| (1.0 - rho) * rho.powi(k) / (1.0 - rho.powi(k + 1));
        assert_close(mm1k_blocking(8.0, 10.0, 5).unwrap(), formula(0.8, 5), 12);
        assert_close(mm1k_blocking(15.0, 10.0, 5).unwrap(), formula(1.5, 5), 12);
        assert_close(mm1k_blocking(10.0, 10.0, 5).unwrap(), 1.0 / 6.0, 12);
    }

    #[test]
    fn without_waiting_places_it_is_erlang_b() {
        assert_close(mmck(50.0, 10.0, 10, 10).unwrap().blocking, erlang_b(5.0, 10), 12);
    }

    #[test]
    fn with_many_places_it_is_mm1() {
        assert_close(mmck(8.0, 10.0, 1, 500).unwrap().mean_response, mm1_mean_response(8.0, 10.0).unwrap(), 9);
    }

    #[test]
    fn hopeless_overload_does_not_overflow() {
        let figures = mmck(1000.0, 10.0, 1, 10_000).unwrap();
        assert_close(figures.throughput, 10.0, 9);
        assert_close(figures.blocking, 0.99, 9);
    }
}
