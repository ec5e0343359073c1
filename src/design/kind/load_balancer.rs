//! Load balancer: spreads requests over its targets and stops using those that fail their health checks.

use crate::design::field::{self, Control, choice, config};
use crate::design::price::{Priced, machine_usd};
use crate::distribution::Distribution;

choice! {
    /// How the next target is chosen.
    pub enum BalancingMethod {
        /// One after the other.
        RoundRobin = "round_robin",
        /// The one with the fewest requests in flight; ties go round.
        LeastConnections = "least_connections",
        /// Always the same one for the same client.
        IpHash = "ip_hash",
        /// Any, all equally likely.
        Random = "random",
    }
}

config! {
    /// Parameters of a load balancer.
    pub struct LoadBalancer {
        /// How the next target is chosen.
        method: BalancingMethod = BalancingMethod::RoundRobin, Control::Choice(BalancingMethod::WORDS), "",
            "default of nginx and HAProxy";
        /// Processor cores.
        cores: u32 = 8, field::whole(1, 256), "cores", "nginx sizing guide: 8 cores carry 525,000 req/s of 1 KB";
        /// Processor time per request.
        request_work: Distribution = Distribution::constant(0.000_05), field::time(0.0, 10.0), "s",
            "napkin-math: a proxy spends 50 µs per request";
        /// Requests in flight beyond which new ones are refused.
        connection_limit: Option<u32> = Some(100_000), field::optional_whole(1, 100_000_000), "requests",
            "order of magnitude of a tuned proxy";
        /// Time between two health checks of a target.
        health_check_interval_secs: f64 = 5.0, field::number(0.05, 300.0), "s", "ALB allows 5 s to 300 s; its default is 30 s";
        /// Failed checks in a row after which a target gets no more traffic.
        unhealthy_threshold: u32 = 2, field::whole(1, 10), "checks", "ALB: 2";
        /// Passed checks in a row after which it gets traffic again.
        healthy_threshold: u32 = 2, field::whole(1, 10), "checks", "ALB allows 2 to 10; its default is 5";
    }
}

impl Priced for LoadBalancer {
    fn monthly_usd(&self) -> f64 {
        machine_usd(self.cores)
    }
}
