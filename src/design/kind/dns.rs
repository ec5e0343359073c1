//! DNS: answers are cached by the clients' resolvers for their time to live.

use crate::design::field::{self, Control, choice, config};
use crate::design::price::Priced;
use crate::distribution::Distribution;

choice! {
    /// How an answer is picked among the records.
    pub enum DnsRouting {
        /// One record after the other.
        RoundRobin = "round_robin",
        /// Any record, all equally likely.
        Random = "random",
        /// In proportion to the weights of the records' links.
        Weighted = "weighted",
        /// The record whose target is nearest to those who ask.
        Latency = "latency",
        /// The first record whose target is healthy, in the order in which they were drawn.
        Failover = "failover",
    }
}

config! {
    /// Parameters of a DNS service.
    pub struct Dns {
        /// How an answer is picked among the records.
        routing: DnsRouting = DnsRouting::RoundRobin, Control::Choice(DnsRouting::WORDS), "", "simple routing";
        /// How long resolvers keep an answer.
        ttl_secs: f64 = 60.0, field::number(0.0, 172_800.0), "s", "Route 53: 60 s for records that may change";
        /// Caching resolvers between users and this service; each keeps its own copy of the answer.
        resolvers: u32 = 100, field::whole(1, 1_000_000), "", "a few large providers' resolvers serve most users";
        /// Time between two health checks of what the records name; without checks, dead targets are named as well.
        health_check_interval_secs: Option<f64> = None, field::optional_number(0.05, 3600.0), "s",
            "off; Route 53: every 10 s or 30 s";
        /// Checks in a row that have to fail, or to pass, before it is believed.
        health_check_threshold: u32 = 3, field::whole(1, 10), "checks", "Route 53: 3";
        /// Time to answer one question.
        answer_time: Distribution = Distribution::constant(0.001), field::time(0.0, 60.0), "s",
            "authoritative servers answer in about a millisecond";
    }
}

impl Priced for Dns {
    /// A hosted zone of Route 53.
    fn monthly_usd(&self) -> f64 {
        0.5
    }
}
