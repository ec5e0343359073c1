//! CDN: edges near the users that keep copies of files and load what they lack from an origin.

use crate::design::field::{self, Control, choice, config};
use crate::design::kind::cache::Eviction;
use crate::design::price::{Priced, UsagePrice};
use crate::distribution::Distribution;

choice! {
    /// What users do for files when the CDN fails.
    pub enum WhenDown {
        /// They ask where they send their other requests.
        Fallback = "fallback",
        /// They get errors.
        Error = "error",
    }
}

config! {
    /// Parameters of a CDN. It has one edge for each group of users that is connected to it.
    pub struct Cdn {
        /// Bytes that fit each edge.
        capacity_bytes: f64 = 1e10, field::number(1.0, 1e15), "bytes", "10 GB of an edge's disk for one site";
        /// Which file goes when there is no room.
        eviction: Eviction = Eviction::Lru, Control::Choice(Eviction::WORDS), "", "Varnish, nginx and Apache Traffic Server: LRU";
        /// How long a copy may be used.
        ttl_secs: f64 = 86_400.0, field::number(0.001, 31_536_000.0), "s", "CloudFront: 24 h";
        /// How long after that it may still be handed out while it is loaded anew.
        stale_while_revalidate_secs: f64 = 0.0, field::number(0.0, 31_536_000.0), "s", "off (RFC 5861)";
        /// How long after that it may still be handed out when the origin fails.
        stale_if_error_secs: f64 = 0.0, field::number(0.0, 31_536_000.0), "s", "off (RFC 5861)";
        /// Whether several who ask for what is missing at the same time cause one load.
        request_collapsing: bool = true, Control::Flag, "", "on in Fastly and CloudFront";
        /// Whether all edges load through one of their kind near the origin.
        origin_shield: bool = false, Control::Flag, "", "off; an option of CloudFront and Fastly";
        /// Whether a changed file gets another name, so that no old copy is asked for.
        versioned_objects: bool = false, Control::Flag, "", "off; build tools put a hash into the name";
        /// What users do for files when the CDN fails.
        when_down: WhenDown = WhenDown::Error, Control::Choice(WhenDown::WORDS), "", "a second CDN or the origin has to be set up";
        /// Time until the first byte of a copy goes out.
        hit_time: Distribution = Distribution::Lognormal { mean_secs: 0.002, cv: 0.5 }, field::time(0.0, 60.0), "s",
            "an edge's disk and network: a few milliseconds";
        /// How fast a file gets to the user.
        bytes_per_sec: f64 = 6_000_000.0, field::number(1000.0, 1e12), "bytes/s", "50 Mbit/s of a user's line";
        /// Price of a gigabyte that leaves an edge.
        usd_per_gb: f64 = 0.05, field::number(0.0, 100.0), "USD", "napkin-math: CDN egress $0.05/GB";
    }
}

impl Priced for Cdn {
    /// It is paid by what it sends.
    fn monthly_usd(&self) -> f64 {
        0.0
    }

    fn usage(&self) -> UsagePrice {
        UsagePrice { gb_out_usd: self.usd_per_gb, ..UsagePrice::default() }
    }
}
