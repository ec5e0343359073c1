//! Database balancer: one address for a primary and its replicas.

use crate::design::field::{self, Control, choice, config};
use crate::design::price::{Priced, machine_usd};
use crate::distribution::Distribution;

choice! {
    /// Which database a read goes to. Writes go to the primary.
    pub enum ReadChoice {
        /// One after the other.
        RoundRobin = "round_robin",
        /// The one with the fewest queries in flight; ties go round.
        LeastConnections = "least_connections",
        /// The one that has applied most of the log; ties go round.
        LeastLag = "least_lag",
        /// Any, all equally likely.
        Random = "random",
    }
}

config! {
    /// Parameters of a database balancer.
    pub struct DatabaseBalancer {
        /// Which database a read goes to.
        method: ReadChoice = ReadChoice::LeastConnections, Control::Choice(ReadChoice::WORDS), "", "ProxySQL, pgpool: by load";
        /// Processor cores.
        cores: u32 = 4, field::whole(1, 256), "cores", "a small proxy machine";
        /// Processor time that passing one query on takes.
        query_work: Distribution = Distribution::constant(0.000_05), field::time(0.0, 60.0), "s", "napkin-math: a proxy takes 50 µs";
        /// Queries in flight; beyond that they wait.
        connection_limit: u32 = 10_000, field::whole(1, 100_000_000), "connections", "PgBouncer and ProxySQL: thousands of clients";
        /// Queries that may wait; beyond that they are refused.
        queue_limit: Option<u32> = Some(10_000), field::optional_whole(0, 100_000_000), "queries", "a pooler's waiting list";
        /// How long a database that did not answer the door is avoided, as long as there is another.
        avoid_failed_secs: f64 = 10.0, field::number(0.0, 3600.0), "s", "ProxySQL checks every few seconds";
    }
}

impl Priced for DatabaseBalancer {
    fn monthly_usd(&self) -> f64 {
        machine_usd(self.cores)
    }
}
