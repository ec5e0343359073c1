//! What a report consists of: plain data with stable names, written as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use super::series::TimeSeries;
use super::traces::Traces;
use crate::sim::estimate::{Estimate, Growth};
use crate::sim::snapshot::Alert;
use crate::units::SimTime;

/// All figures of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Report {
    /// Version of the program that made it.
    pub headroom_version: String,
    /// Title of the design; empty if the network came without one.
    pub title: String,
    /// Seed of all random streams.
    pub seed: u64,
    /// Digest of everything that happened, as 16 hexadecimal digits; equal digests mean equal runs.
    pub fingerprint: String,
    /// Events handled, warm-up included.
    pub events: u64,
    /// Requests sent, warm-up included.
    pub requests: u64,
    /// Registered users at the start.
    pub users: u64,
    /// Simulated time before anything was measured [s].
    pub warm_up_secs: f64,
    /// Simulated time measured [s].
    pub measured_secs: f64,
    /// Batches that the intervals come from.
    pub batches: u32,
    /// What was promised, and whether it was kept.
    pub objective: ObjectiveFigures,
    /// What it costs.
    pub cost: CostFigures,
    /// All requests together, as users see them.
    pub total: ClassFigures,
    /// By class, those of which requests were sent: `read`, `write`, `static`, `upload`, `job`, `live`.
    pub classes: BTreeMap<String, ClassFigures>,
    /// By region of the users, in the order in which regions were drawn; those without users are left out.
    pub regions: Vec<RegionFigures>,
    /// By component, in the order in which they were drawn.
    pub components: Vec<ComponentFigures>,
    /// By link, in the order in which they were drawn.
    pub links: Vec<LinkFigures>,
    /// Alerts that monitoring raised in the measured time, oldest first; of many only the newest.
    pub alerts: Vec<AlertFigures>,
    /// Figures over time, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_series: Option<TimeSeries>,
    /// Single requests, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traces: Option<Traces>,
}

/// The objective and how it was met.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ObjectiveFigures {
    /// Percentile of latency that is limited, in (0, 100).
    pub percentile: f64,
    /// Its limit [s].
    pub latency_limit_secs: f64,
    /// Latency at that percentile [s]; null if nothing was answered or requests pile up.
    pub latency_secs: Option<Estimate>,
    /// Greatest share of requests that may fail, 0 to 1.
    pub error_share_limit: f64,
    /// Share of ended requests that were answered, 0 to 1; null if none ended.
    pub availability: Option<Estimate>,
    /// Share that failed over the share that may fail: above 1, the error budget shrinks. Null if none may fail.
    pub error_budget_burn_rate: Option<Estimate>,
    /// Whether both limits were kept, and no backlog grew.
    pub kept: bool,
}

/// What a design costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CostFigures {
    /// Rent and use of all components [USD per month].
    pub monthly_usd: f64,
    /// Of it, rent, which does not depend on the load.
    pub monthly_rent_usd: f64,
    /// Of it, use: traffic, requests and storage that are paid for one by one, as if the measured span went on all month.
    pub monthly_usage_usd: f64,
    /// Rent and use for every thousand registered users at the start [USD per month].
    pub monthly_usd_per_thousand_users: f64,
}

/// Percentiles of a time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TimeFigures {
    /// Number of values.
    pub count: u64,
    /// Mean [s].
    pub mean_secs: Estimate,
    /// Median [s].
    pub p50_secs: Estimate,
    /// 90th percentile [s].
    pub p90_secs: Estimate,
    /// 95th percentile [s].
    pub p95_secs: Estimate,
    /// 99th percentile [s].
    pub p99_secs: Estimate,
    /// 99.9th percentile [s].
    pub p999_secs: Estimate,
    /// Greatest value [s].
    pub max_secs: f64,
}

/// How many ended in one way.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct OutcomeFigures {
    /// Number.
    pub count: u64,
    /// Number per second [1/s].
    pub rate_per_sec: Estimate,
    /// Share of all that ended, 0 to 1; null if none did.
    pub share: Option<Estimate>,
}

/// Outcomes by name: `answered`, `refused`, `timed_out`, `target_down`, `unavailable`, `abandoned`.
pub type Outcomes = BTreeMap<String, OutcomeFigures>;

/// A class of requests, end to end.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ClassFigures {
    /// Requests sent [1/s].
    pub arrival_rate_per_sec: Estimate,
    /// Requests that ended, one way or another [1/s].
    pub completion_rate_per_sec: Estimate,
    /// Requests answered [1/s].
    pub success_rate_per_sec: Estimate,
    /// Share of ended requests that failed, 0 to 1; null if none ended.
    pub error_share: Option<Estimate>,
    /// How requests ended.
    pub outcomes: Outcomes,
    /// Share of answers that were out of date, 0 to 1; null if there were none.
    pub stale_share: Option<Estimate>,
    /// Share of answers that lacked something, because an optional part did not answer, 0 to 1; null if there were none.
    pub degraded_share: Option<Estimate>,
    /// Latency of answered requests, from wanting to having; null if nothing was answered, or if requests pile up, so
    /// that latency grows without bound.
    pub latency: Option<TimeFigures>,
    /// Of it, waiting: for slots and cores, before repetitions, and for answers that never came; null where latency is.
    pub waiting: Option<TimeFigures>,
    /// Of it, service: the work on the way, one part after the other; null where latency is.
    pub service: Option<TimeFigures>,
    /// Of it, the rest: on the way; null where latency is.
    pub network: Option<TimeFigures>,
    /// Requests in flight, on average; for all classes together only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<Estimate>,
    /// How the number in flight moved; for all classes together only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_flight_growth: Option<Growth>,
}

/// The users of one region, all classes together.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct RegionFigures {
    /// Identity, as `f3`.
    pub region: String,
    /// What people call it; empty if the network came without names.
    pub name: String,
    /// Where it lies, as in files.
    pub place: String,
    /// What its users see.
    #[serde(flatten)]
    pub figures: ClassFigures,
}

/// One component, its instances together.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ComponentFigures {
    /// Identity, as `c3`.
    pub component: String,
    /// What people call it; empty if the network came without names.
    pub name: String,
    /// Kind, as in the catalogue.
    pub kind: String,
    /// Rent of all instances [USD per month].
    pub monthly_usd: f64,
    /// What its use costs beside the rent [USD per month]; for kinds that are paid for by use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monthly_usage_usd: Option<Estimate>,
    /// Connections that others have open to it, on average: attempts under way by all links that lead to it.
    pub connections: Estimate,
    /// Figures of all instances together.
    #[serde(flatten)]
    pub figures: StationFigures,
    /// Figures of each instance, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<StationFigures>,
}

/// One station, or several alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct StationFigures {
    /// Calls that arrived [1/s].
    pub arrival_rate_per_sec: Estimate,
    /// Calls that ended, one way or another [1/s].
    pub completion_rate_per_sec: Estimate,
    /// Calls answered [1/s].
    pub success_rate_per_sec: Estimate,
    /// Share of ended calls that failed, 0 to 1; null if none ended.
    pub error_share: Option<Estimate>,
    /// How calls ended.
    pub outcomes: Outcomes,
    /// Calls here, waiting or not, on average.
    pub in_system: Estimate,
    /// Calls waiting for a slot or a core, on average.
    pub queue_length: Estimate,
    /// How the number waiting moved.
    pub queue_growth: Growth,
    /// Busy share of each resource, 0 to 1: `cores`, `slots`, `memory`; those without a limit are left out.
    pub utilisation: BTreeMap<String, Estimate>,
    /// Waiting time of calls that went into service; null if none did.
    pub wait: Option<TimeFigures>,
    /// Time in service of answered calls; null if there were none.
    pub service: Option<TimeFigures>,
    /// Time from arrival to answer of answered calls, calls to others included; null if there were none.
    pub response: Option<TimeFigures>,
    /// Memory taken by all instances together, on average [bytes].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<Estimate>,
    /// Bytes of files taken in [bytes/s]; for kinds that take some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_bytes_per_sec: Option<Estimate>,
    /// Bytes of files handed out [bytes/s]; for kinds that hand some out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_bytes_per_sec: Option<Estimate>,
    /// Share of the time in which it was alive, 0 to 1.
    pub availability: Estimate,
    /// Machines that were there, on average, where an autoscaler decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances_running: Option<Estimate>,
    /// Share of look-ups that found a value, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit_ratio: Option<Estimate>,
    /// Share of hits on values that had changed at their source, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_hit_share: Option<Estimate>,
    /// Entries that went to make room [1/s].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eviction_rate_per_sec: Option<Estimate>,
    /// Reads that missed a write the primary had [1/s].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_read_rate_per_sec: Option<Estimate>,
    /// Time from commit on the primary to being applied here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replication_lag: Option<TimeFigures>,
    /// Writes that the primary has and this server has not applied, on average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replication_lag_writes: Option<Estimate>,
    /// Acknowledged writes lost by failovers, split brains and lost data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost_writes: Option<u64>,
    /// Writes of other primaries that were discarded because a later one of this primary, which did not know of them, won.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflicts: Option<u64>,
    /// The same by time [1/s].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict_rate_per_sec: Option<Estimate>,
    /// Writes taken while another server was the primary too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diverging_writes: Option<u64>,
    /// Backups that were restored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<RecoveryFigures>,
    /// What only third parties have to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub third_party: Option<ThirdPartyFigures>,
    /// What only message queues have to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<MessageFigures>,
    /// What only services with open connections have to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections: Option<ConnectionFigures>,
}

/// The connections of a WebSocket service. A connection is answered when it ends, so `response` tells how long they
/// lasted.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ConnectionFigures {
    /// Connections open, on average, those being opened included.
    pub open: Estimate,
    /// Connections opened [1/s].
    pub open_rate_per_sec: Estimate,
    /// Connections closed by their users [1/s].
    pub close_rate_per_sec: Estimate,
    /// Connections that broke because the service died.
    pub broken: u64,
    /// Messages that connections sent [1/s].
    pub received_rate_per_sec: Estimate,
    /// Share of these that could not be dealt with, 0 to 1; null if there were none.
    pub failed_share: Option<Estimate>,
    /// Messages that connections got [1/s].
    pub delivery_rate_per_sec: Estimate,
    /// Time from a message's coming in to its being handed out; null if none was.
    pub delivery: Option<TimeFigures>,
}

/// What restoring backups cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct RecoveryFigures {
    /// Restores that have ended.
    pub restores: u64,
    /// Recovery point: greatest age of the backup at the loss [s]. Writes since then are lost.
    pub recovery_point_secs: f64,
    /// Recovery time: longest time from the loss to the first answer [s]; 0 if none has ended.
    pub recovery_time_secs: f64,
}

/// The calls of a third party.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ThirdPartyFigures {
    /// Calls carried out [1/s]; each has its price.
    pub carried_out_rate_per_sec: Estimate,
    /// Repetitions that it recognised by their keys.
    pub recognised: u64,
    /// Repetitions that it took for something new, and did twice.
    pub duplicates: u64,
}

/// The messages of a queue. How many wait is its `queue_length`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MessageFigures {
    /// Messages accepted [1/s].
    pub publish_rate_per_sec: Estimate,
    /// Deliveries [1/s].
    pub delivery_rate_per_sec: Estimate,
    /// Messages done [1/s].
    pub completion_rate_per_sec: Estimate,
    /// Share of deliveries that were not the first of their message, 0 to 1; null if there were none.
    pub redelivered_share: Option<Estimate>,
    /// Jobs done for messages that somebody else had done before.
    pub duplicates: u64,
    /// Messages given up after too many deliveries.
    pub dead_lettered: u64,
    /// Messages that became too old.
    pub expired: u64,
    /// Messages lost with a queue that does not keep them on disk.
    pub lost: u64,
    /// Time from being accepted to the first delivery; null if there was none.
    pub age: Option<TimeFigures>,
    /// Time from being accepted to being done; null if nothing was.
    pub completion: Option<TimeFigures>,
}

/// One link.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct LinkFigures {
    /// Identity, as `l7`.
    pub link: String,
    /// Component at its start, as `c3`.
    pub from: String,
    /// Component at its end, as `c3`.
    pub to: String,
    /// What travels, as in files.
    pub role: String,
    /// Attempts sent [1/s]; log entries for a `replicate` link.
    pub attempt_rate_per_sec: Estimate,
    /// Of these, repetitions [1/s].
    pub retry_rate_per_sec: Estimate,
    /// Share of ended attempts that failed as the caller saw it, 0 to 1; null if none ended.
    pub error_share: Option<Estimate>,
    /// How attempts ended, as the caller saw it.
    pub outcomes: Outcomes,
    /// Time from sending to answer of answered attempts, for a `replicate` link from commit to being applied; null if
    /// there were none.
    pub response: Option<TimeFigures>,
    /// Of its mean, waiting, there and wherever the call led; null where the response is.
    pub waiting_mean_secs: Option<Estimate>,
    /// Of its mean, service.
    pub service_mean_secs: Option<Estimate>,
    /// Of its mean, the rest: on the way.
    pub network_mean_secs: Option<Estimate>,
    /// Connections open on it, on average: attempts under way, each holding one. Log entries of a `replicate` link share
    /// one that stays open and is not counted.
    pub connections: Estimate,
}

/// An alert with its times since the start of the run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AlertFigures {
    /// The monitoring that raised it, as `c9`.
    pub monitor: String,
    /// The component that it is about, as `c3`.
    pub component: String,
    /// What people call that; empty if the network came without names.
    pub name: String,
    /// The rule that was broken: `unreachable`, `errors`, `latency`, `slow_queries`, `utilisation`, `queue_length`,
    /// `replication_lag`, `backlog_age`, `burn_rate`.
    pub rule: String,
    /// When the fault began that it is probably about [s]; null if none was injected.
    pub fault_at_secs: Option<f64>,
    /// When the rule was first seen broken [s].
    pub seen_at_secs: f64,
    /// When it was raised [s].
    pub fired_at_secs: f64,
    /// When something was done about it [s]; null if nothing was by the end of the measured time.
    pub acted_at_secs: Option<f64>,
    /// When it was over [s]; null if it was not by then.
    pub resolved_at_secs: Option<f64>,
}

impl AlertFigures {
    pub(super) fn new(alert: &Alert) -> Self {
        Self {
            monitor: alert.monitor.to_string(),
            component: alert.component.to_string(),
            name: String::new(),
            rule: alert.rule.key().to_owned(),
            fault_at_secs: alert.fault_at.map(SimTime::as_secs_f64),
            seen_at_secs: alert.seen_at.as_secs_f64(),
            fired_at_secs: alert.fired_at.as_secs_f64(),
            acted_at_secs: alert.acted_at.map(SimTime::as_secs_f64),
            resolved_at_secs: alert.resolved_at.map(SimTime::as_secs_f64),
        }
    }
}

impl Report {
    /// Fills in what the network does not know: the title, and what people call components and regions.
    pub fn name<'a>(&mut self, title: &str, name_of: impl Fn(&str) -> Option<&'a str>) {
        title.clone_into(&mut self.title);
        for component in &mut self.components {
            component.name = name_of(&component.component).unwrap_or_default().to_owned();
        }
        for alert in &mut self.alerts {
            alert.name = name_of(&alert.component).unwrap_or_default().to_owned();
        }
        for region in &mut self.regions {
            region.name = name_of(&region.region).unwrap_or_default().to_owned();
        }
    }
}
