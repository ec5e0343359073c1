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
        /// The one with fewer requests in flight of two drawn at random.
        TwoChoices = "two_choices",
        /// The one that is expected to answer sooner of two drawn at random: by the time its answers took of late, slow
        /// ones weighing most, and its requests in flight.
        LeastTime = "least_time",
        /// By a ring that client or item are hashed to.
        ConsistentHash = "consistent_hash",
    }
}

choice! {
    /// What a ring hashes.
    pub enum HashOn {
        /// Who asks.
        Client = "client",
        /// What is asked for.
        Item = "item",
    }
}

choice! {
    /// How much of a request a balancer sees.
    pub enum BalancingLayer {
        /// All of it: it can repeat requests, see errors and keep cookies.
        Application = "layer7",
        /// Connections only.
        Transport = "layer4",
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
        /// How much of a request it sees.
        layer: BalancingLayer = BalancingLayer::Application, Control::Choice(BalancingLayer::WORDS), "",
            "ALB, Envoy and nginx work on layer 7";
        /// Processor time per request on layer 4.
        forward_work: Distribution = Distribution::constant(0.000_001), field::time(0.0, 10.0), "s",
            "IPVS forwards about a million packets per second and core";
        /// Requests per second beyond which new ones are turned away.
        rate_limit_per_sec: Option<f64> = None, field::optional_number(0.001, 1e9), "req/s", "off; nginx limit_req";
        /// How long a client keeps its target.
        sticky_secs: Option<f64> = None, field::optional_number(0.001, 1e9), "s", "off; ALB cookies last 1 s to 7 days";
        /// What the ring of consistent hashing hashes.
        hash_on: HashOn = HashOn::Client, Control::Choice(HashOn::WORDS), "", "Envoy hashes what it is told to";
        /// Points that each target has on the ring.
        ring_points: u32 = 160, field::whole(1, 10_000), "points", "ketama: 160 per server";
        /// Requests in flight of a target over the average from which its keys overflow to the next on the ring.
        ring_load_bound: Option<f64> = None, field::optional_number(1.0, 100.0), "",
            "off; Vimeo and HAProxy use 1.25 (hash-balance-factor 125)";
        /// Time over which a new or returning target gets its full share.
        slow_start_secs: Option<f64> = None, field::optional_number(0.001, 3600.0), "s", "off; ALB: 30 s to 900 s";
        /// Share of healthy targets below which all are used, healthy or not.
        panic_threshold: f64 = 0.0, field::number(0.0, 1.0), "", "off; Envoy: 0.5";
        /// Failures in a row after which a target is left out for a while.
        outlier_failures: Option<u32> = None, field::optional_whole(1, 1000), "failures", "off; Envoy: 5 (consecutive_5xx)";
        /// How long it is left out the first time; each further time longer by as much, up to ten times.
        outlier_ejection_secs: f64 = 30.0, field::number(0.001, 3600.0), "s", "Envoy: base 30 s, at most 300 s";
        /// Share of the targets that may be left out; one may be in any case.
        outlier_max_share: f64 = 0.1, field::number(0.0, 1.0), "", "Envoy: 10 %";
        /// How long it waits for the answer to a health check.
        health_check_timeout_secs: f64 = 5.0, field::number(0.001, 300.0), "s", "ALB: 5 s";
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
