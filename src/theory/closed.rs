//! Closed networks: a fixed number of users who wait for the answer, think, and ask again.

/// A station of a closed network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosedStation {
    /// Service time that one interaction needs here in all, over all its visits [s].
    pub demand: f64,
    /// Servers behind the one queue, at least 1.
    pub servers: u32,
}

/// Steady state of a closed network.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosedNetwork {
    /// Interactions finished [1/s].
    pub throughput: f64,
    /// Mean time from asking to answer [s].
    pub response: f64,
    /// Mean number at each station, waiting or in service; `in_system[station]`.
    pub in_system: Vec<f64>,
}

/// Exact mean value analysis of a closed network: `users` users with a mean think time of `think` [s] and `stations`
/// with exponential service, first come, first served (or shared).
///
/// # Panics
/// If a station has no server.
///
/// # Complexity
/// O(users · Σ servers) time; memory for Σ servers numbers.
///
/// # Sources
/// M. Reiser, S. Lavenberg, *Mean-value analysis of closed multichain queuing networks*, JACM 27 (1980); several
/// servers as in E. Lazowska, J. Zahorjan, G. Graham, K. Sevcik, *Quantitative System Performance* (1984), §20.2.
pub fn closed_network(users: u32, think: f64, stations: &[ClosedStation]) -> ClosedNetwork {
    assert!(stations.iter().all(|station| station.servers > 0), "a station needs a server");
    let mut in_system = vec![0.0; stations.len()];
    // Probabilities that 0 .. c − 1 are at a station; with no users it is empty for certain.
    let mut few: Vec<Vec<f64>> = stations
        .iter()
        .map(|station| {
            let mut probabilities = vec![0.0; station.servers as usize];
            probabilities[0] = 1.0;
            probabilities
        })
        .collect();
    let mut figures = ClosedNetwork { throughput: 0.0, response: 0.0, in_system: in_system.clone() };
    for population in 1..=users {
        let responses: Vec<f64> = stations
            .iter()
            .zip(&in_system)
            .zip(&few)
            .map(|((station, &queue), few)| {
                // What an arrival finds is what the network with one user fewer has (arrival theorem).
                let idle_servers: f64 = (1..station.servers).rev().zip(few).map(|(idle, p)| f64::from(idle) * p).sum();
                station.demand / f64::from(station.servers) * (1.0 + queue + idle_servers)
            })
            .collect();
        let response: f64 = responses.iter().sum();
        let throughput = f64::from(population) / (think + response);
        for ((queue, few), (station, time)) in in_system.iter_mut().zip(&mut few).zip(stations.iter().zip(&responses)) {
            *queue = throughput * time;
            let busy = throughput * station.demand;
            for present in (1..few.len()).rev() {
                few[present] = busy / present as f64 * few[present - 1];
            }
            let servers = f64::from(station.servers);
            let idle: f64 = few.iter().enumerate().skip(1).map(|(present, p)| (servers - present as f64) * p).sum();
            // Rounding can take an empty station slightly below zero once it never is empty.
            few[0] = (1.0 - (busy + idle) / servers).max(0.0);
        }
        figures = ClosedNetwork { throughput, response, in_system: in_system.clone() };
    }
    figures
}

/// The machine repairman, M/M/c//N: `users` users think for `think` [s] on average, exponentially, and are served by
/// `servers` servers, each taking `service` [s] on average, exponentially. Probabilities of birth and death, without
/// the arrival theorem.
///
/// # Panics
/// If there is no server.
///
/// # Complexity
/// O(users) time and memory.
///
/// # Sources
/// L. Kleinrock, *Queueing Systems I* (1975), §3.8.
pub fn machine_repairman(users: u32, think: f64, service: f64, servers: u32) -> ClosedNetwork {
    assert!(servers > 0, "a station needs a server");
    // Logarithms of the weights: with many users the weights themselves overflow.
    let mut logs = vec![0.0];
    for present in 1..=users {
        let ratio = f64::from(users - present + 1) * service / (think * f64::from(present.min(servers)));
        logs.push(logs[present as usize - 1] + libm::log(ratio));
    }
    let greatest = logs.iter().copied().fold(f64::MIN, f64::max);
    let (mut total, mut inside, mut busy) = (0.0, 0.0, 0.0);
    for (present, log) in (0..=users).zip(&logs) {
        let weight = libm::exp(log - greatest);
        total += weight;
        inside += f64::from(present) * weight;
        busy += f64::from(present.min(servers)) * weight;
    }
    let throughput = busy / total / service;
    let in_system = inside / total;
    ClosedNetwork { throughput, response: in_system / throughput, in_system: vec![in_system] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::close::assert_close;

    const CENTRAL_SERVER: [ClosedStation; 3] = [
        ClosedStation { demand: 2.0, servers: 1 },
        ClosedStation { demand: 3.0, servers: 1 },
        ClosedStation { demand: 1.0, servers: 1 },
    ];

    #[test]
    fn the_textbook_timesharing_system() {
        // R. Jain, The Art of Computer Systems Performance Analysis (1991), example 34.2: demands 2, 3 and 1 s, think
        // time 4 s. One user: R = 6 s; two: R = 2·1.2 + 3·1.3 + 1·1.1 = 7.4 s, X = 2/11.4.
        let one = closed_network(1, 4.0, &CENTRAL_SERVER);
        assert_close(one.response, 6.0, 12);
        let two = closed_network(2, 4.0, &CENTRAL_SERVER);
        assert_close(two.response, 7.4, 12);
        assert_close(two.throughput, 2.0 / 11.4, 12);
        // Many users: the slowest station alone decides.
        assert_close(closed_network(100, 4.0, &CENTRAL_SERVER).throughput, 1.0 / 3.0, 9);
    }

    #[test]
    fn one_station_is_the_machine_repairman() {
        for servers in [1, 2, 4] {
            for users in [1, 3, 20, 60] {
                let mva = closed_network(users, 1.0, &[ClosedStation { demand: 0.1, servers }]);
                let birth_death = machine_repairman(users, 1.0, 0.1, servers);
                assert_close(mva.throughput, birth_death.throughput, 6);
                assert_close(mva.response, birth_death.response, 6);
            }
        }
    }

    #[test]
    fn as_many_servers_as_users_means_no_waiting() {
        let figures = machine_repairman(5, 1.0, 0.25, 5);
        assert_close(figures.response, 0.25, 12);
        assert_close(figures.throughput, 4.0, 12);
    }

    #[test]
    fn millions_of_users_do_not_overflow() {
        let figures = machine_repairman(1_000_000, 1000.0, 0.01, 8);
        assert_close(figures.throughput, 800.0, 6);
    }
}
