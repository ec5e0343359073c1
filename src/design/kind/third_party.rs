//! Third party: a service that somebody else runs, such as a payment provider. It takes its time, allows so many calls,
//! is away now and then, and sends a bill.

use crate::design::field::{self, Control, config};
use crate::design::price::{Priced, UsagePrice};
use crate::distribution::Distribution;

config! {
    /// Parameters of a third party.
    pub struct ThirdParty {
        /// How long it takes for a call.
        response_time: Distribution = Distribution::Lognormal { mean_secs: 0.4, cv: 0.8 }, field::time(0.0, 600.0), "s",
            "an authorisation of a card takes about 0.3 to 1 s";
        /// Calls per second that it allows us; further ones are turned away (HTTP 429).
        rate_limit_per_sec: Option<f64> = Some(100.0), field::optional_number(0.001, 1e9), "calls/s",
            "Stripe: 100 operations per second in live mode";
        /// Calls that may come at once after a quiet time.
        burst: f64 = 100.0, field::number(1.0, 1e9), "calls", "a second's worth";
        /// Share of calls that it answers with an error.
        error_share: f64 = 0.0, field::number(0.0, 1.0), "", "off; contracts allow about one in a thousand";
        /// Share of the time in which it is there at all; it fails and comes back at random moments (exponential).
        availability: f64 = 1.0, field::number(0.5, 1.0), "", "off; contracts promise 0.999 to 0.9999";
        /// Mean length of the times in which it is away.
        outage_secs: f64 = 300.0, field::number(0.001, 1e6), "s", "reported incidents last minutes to hours";
        /// Whether it recognises a call that is repeated, and does not do it a second time.
        idempotency_keys: bool = true, Control::Flag, "", "Stripe: a key for each request, kept for 24 h";
        /// Price of a call that it has carried out.
        usd_per_call: f64 = 0.01, field::number(0.0, 1e6), "USD", "a text message about $0.01, a card payment $0.05 to 0.30";
    }
}

impl Priced for ThirdParty {
    /// It is paid by the call.
    fn monthly_usd(&self) -> f64 {
        0.0
    }

    fn usage(&self) -> UsagePrice {
        UsagePrice { call_usd: self.usd_per_call, ..UsagePrice::default() }
    }
}
