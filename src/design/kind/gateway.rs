//! Gateway: the door in front of services. It limits how often one may ask, and turns attacks away.

use crate::design::field::{self, Control, choice, config};
use crate::design::price::{Priced, machine_usd};
use crate::distribution::Distribution;

choice! {
    /// Whose requests a rate limit counts together.
    pub enum LimitScope {
        /// All requests.
        Everyone = "everyone",
        /// Those of each client.
        Each = "each_client",
    }
}

config! {
    /// Parameters of an API gateway, rate limiter or firewall.
    pub struct Gateway {
        /// Requests per second that are let through.
        rate_limit_per_sec: Option<f64> = Some(10_000.0), field::optional_number(0.001, 1e9), "req/s",
            "AWS API Gateway: 10,000 req/s per region";
        /// Requests that may come at once after a quiet time.
        burst: f64 = 5000.0, field::number(1.0, 1e9), "requests", "AWS API Gateway: 5,000 requests";
        /// Whose requests are counted together.
        limit_scope: LimitScope = LimitScope::Everyone, Control::Choice(LimitScope::WORDS), "",
            "AWS API Gateway limits an account as a whole, and single clients by usage plans";
        /// Share of attacks that are recognised.
        attack_block_share: f64 = 0.0, field::number(0.0, 1.0), "", "off; a firewall that knows the attack: 0.9 and more";
        /// Share of honest requests that are taken for attacks while it looks for any.
        false_positive_share: f64 = 0.001, field::number(0.0, 1.0), "", "one in a thousand, after tuning";
        /// Processor cores.
        cores: u32 = 8, field::whole(1, 256), "cores", "as the load balancer";
        /// Processor time per request.
        request_work: Distribution = Distribution::constant(0.000_1), field::time(0.0, 10.0), "s",
            "a proxy's 50 µs (napkin-math) and as much for keys, quotas and rules";
        /// Requests in flight beyond which new ones are refused.
        connection_limit: Option<u32> = Some(100_000), field::optional_whole(1, 100_000_000), "requests",
            "order of magnitude of a tuned proxy";
    }
}

impl Priced for Gateway {
    fn monthly_usd(&self) -> f64 {
        machine_usd(self.cores)
    }
}
