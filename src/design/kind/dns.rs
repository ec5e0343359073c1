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
