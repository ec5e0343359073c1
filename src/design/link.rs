//! Links: who talks to whom, about what, and how patiently.

use serde::{Deserialize, Serialize};

use super::field::{self, Control, choice, config, differing, put_differing};
use crate::distribution::Distribution;
use crate::ids::{ComponentId, LinkId};

choice! {
    /// What travels along a link.
    pub enum LinkRole {
        /// Users' requests, and those that servers pass on.
        Requests = "requests",
        /// Requests for static files only.
        Static = "static",
        /// Connections that stay open, for messages either way.
        Live = "live",
        /// Questions for an address.
        Resolve = "resolve",
        /// The address that a DNS service gives out. Nothing travels along it: clients talk to the address themselves.
        Record = "record",
        /// Gets, sets and deletes of cached values.
        Lookup = "lookup",
        /// Reading and writing queries.
        Queries = "queries",
        /// Reading queries only.
        Reads = "reads",
        /// Writing queries only.
        Writes = "writes",
        /// What runs on a machine. Nothing travels along it: the part competes for the machine's cores
        /// and memory, or runs as containers on the nodes of a pool.
        Hosts = "hosts",
        /// What a delivery pipeline brings new versions of; of a container pool, all that it hosts. Nothing travels along it.
        Deploys = "deploys",
        /// What a cache loads from its origin on a miss.
        Fetch = "fetch",
        /// The log that a primary ships to a replica.
        Replicate = "replicate",
        /// Messages for a queue.
        Publish = "publish",
        /// Messages that a worker takes from a queue. The worker asks for them.
        Consume = "consume",
        /// Files that users send.
        Uploads = "uploads",
        /// Files that a server or worker keeps elsewhere.
        Objects = "objects",
        /// Who is logged in.
        Sessions = "sessions",
        /// What the nodes of a cluster tell each other. Nobody draws it.
        Peers = "peers",
        /// What monitoring looks at. Nothing travels that counts as a call.
        Observe = "observe",
    }
}

impl LinkRole {
    /// Whether a caller waits at its end for an answer.
    pub const fn is_synchronous(self) -> bool {
        !matches!(self, Self::Record | Self::Hosts | Self::Deploys | Self::Replicate | Self::Peers | Self::Observe)
    }

    /// Whether reading queries may go this way.
    pub const fn carries_reads(self) -> bool {
        matches!(self, Self::Queries | Self::Reads)
    }

    /// Whether writing queries may go this way.
    pub const fn carries_writes(self) -> bool {
        matches!(self, Self::Queries | Self::Writes)
    }
}

config! {
    /// Parameters of a link.
    pub struct LinkConfig {
        /// Time from one end to the other, one way.
        latency: Distribution = Distribution::constant(0.000_25), field::time(0.0, 3600.0), "s",
            "napkin-math: 250 µs within a region; 10 to 40 ms to users on the same continent";
        /// How long the caller waits for the answer.
        timeout_secs: Option<f64> = Some(15.0), field::optional_number(0.000_001, 86_400.0), "s", "Envoy route: 15 s";
        /// How often a failed or timed-out attempt is repeated.
        retries: u32 = 0, field::whole(0, 10), "", "off; AWS SDKs make 3 attempts";
        /// Longest pause before the first repetition; doubles with each, drawn evenly from zero (full jitter).
        retry_backoff_secs: f64 = 0.025, field::number(0.0, 60.0), "s", "Envoy: 25 ms base";
        /// Longest that the pause before a repetition becomes.
        retry_backoff_cap_secs: f64 = 20.0, field::number(0.0, 3600.0), "s", "AWS SDKs: 20 s";
        /// Whether pauses are drawn at random, so that callers do not come back all at once.
        retry_jitter: bool = true, Control::Flag, "", "full jitter (M. Brooker, 2015)";
        /// Repetitions that are allowed as a share of requests; each machine that calls has a budget of its own.
        retry_budget_share: Option<f64> = None, field::optional_number(0.0, 10.0), "", "off; Envoy and Finagle: 0.2";
        /// Repetitions per second that are allowed whatever the share.
        retry_budget_min_per_sec: f64 = 10.0, field::number(0.0, 1e6), "1/s", "Finagle: 10 per second";
        /// Share of failures from which callers send nothing for a while; each machine that calls has its own breaker.
        breaker_error_share: Option<f64> = None, field::optional_number(0.0, 1.0), "", "off; Hystrix and resilience4j: 0.5";
        /// Time that failures are counted over.
        breaker_window_secs: f64 = 10.0, field::number(0.01, 3600.0), "s", "Hystrix: 10 s";
        /// Calls in that time below which the breaker stays closed.
        breaker_min_calls: u32 = 20, field::whole(1, 1_000_000), "calls", "Hystrix: 20; resilience4j: 100";
        /// How long nothing is sent.
        breaker_open_secs: f64 = 5.0, field::number(0.001, 3600.0), "s", "Hystrix: 5 s; resilience4j: 60 s";
        /// Calls that are let through after that; all must succeed.
        breaker_probes: u32 = 1, field::whole(1, 1000), "calls", "Hystrix: 1; resilience4j: 10";
        /// Time without an answer after which a second attempt is sent beside the first.
        hedge_after_secs: Option<f64> = None, field::optional_number(0.000_001, 3600.0), "s",
            "off; usual: the 95th percentile of latency (The Tail at Scale, 2013)";
        /// Whether the slower of two attempts is called off once the other has been answered.
        hedge_cancel: bool = false, Control::Flag, "", "off; The Tail at Scale: tied requests tell each other";
        /// Connections that each machine that calls may use at the same time.
        pool_size: Option<u32> = None, field::optional_whole(1, 1_000_000), "connections", "off; HikariCP: 10; SysSimulator: 100";
        /// Calls that may wait for a connection; beyond that they fail at once.
        pool_queue_limit: Option<u32> = Some(1024), field::optional_whole(0, 100_000_000), "calls", "Envoy: 1,024 pending";
        /// How long a call waits for a connection.
        pool_wait_secs: Option<f64> = Some(30.0), field::optional_number(0.000_001, 3600.0), "s", "HikariCP: 30 s";
        /// Weight among the targets of a load balancer.
        weight: f64 = 1.0, field::number(0.0, 1_000_000.0), "", "all alike";
        /// Whether the caller does without the answer when there is none. Only where requests are passed on.
        optional: bool = false, Control::Flag, "", "off; recommendations and the like can be left out";
        /// Share of calls and of answers that get lost on the way.
        loss_share: f64 = 0.0, field::number(0.0, 1.0), "", "off; 1, 5 and 30 % are usual in experiments";
        /// What fits through each way.
        bandwidth_megabits_per_sec: Option<f64> = None, field::optional_number(0.001, 1e6), "Mbit/s",
            "off; a cloud machine has 1 to 25 Gbit/s";
        /// Size of a call.
        request_bytes: f64 = 1000.0, field::number(0.0, 1e10), "bytes", "headers and cookies of a usual request: about 1 kB";
        /// Size of an answer.
        response_bytes: f64 = 10_000.0, field::number(0.0, 1e10), "bytes", "a page fragment or an API answer: 1 to 100 kB";
    }
}

impl Serialize for LinkConfig {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        differing(self, &Self::default()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LinkConfig {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut config = Self::default();
        put_differing(&mut config, Vec::deserialize(deserializer)?).map_err(serde::de::Error::custom)?;
        Ok(config)
    }
}

/// An arrow of the drawing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Lasting identity.
    pub id: LinkId,
    /// Who asks.
    pub from: ComponentId,
    /// Who answers.
    pub to: ComponentId,
    /// What travels.
    pub role: LinkRole,
    /// Parameters.
    pub config: LinkConfig,
}
