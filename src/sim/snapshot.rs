//! What leaves the engine while it runs: figures of the last interval, new points of the series, sampled requests.
//!
//! A snapshot is plain data. Whoever shows it needs nothing else of the engine.

pub mod bands;
mod outcome;

use serde::{Deserialize, Serialize};

use self::bands::Bands;
pub use self::outcome::{Outcome, OutcomeCounts, RequestClass};
use crate::design::fault::FaultKind;
use crate::design::kind::monitoring::Remedy;
use crate::ids::{ComponentId, LinkId};
use crate::sorted::sort_by;
use crate::units::{SimDuration, SimTime};

/// Percentiles of a time over some interval [s]; all zero if nothing was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Percentiles {
    /// Number of values recorded.
    pub count: u64,
    /// Mean [s].
    pub mean_secs: f64,
    /// Median [s].
    pub p50_secs: f64,
    /// 90th percentile [s].
    pub p90_secs: f64,
    /// 95th percentile [s].
    pub p95_secs: f64,
    /// 99th percentile [s].
    pub p99_secs: f64,
    /// 99.9th percentile [s].
    pub p999_secs: f64,
    /// Greatest value [s].
    pub max_secs: f64,
}

/// A sample of the whole at one moment: the figures of the interval that ends there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// End of the interval.
    pub at: SimTime,
    /// Its length.
    pub interval: SimDuration,
    /// Registered users at its end.
    pub users: u64,
    /// Requests that users sent [req/s].
    pub arrival_rate: f64,
    /// How the requests that ended in it ended.
    pub outcomes: OutcomeCounts,
    /// Latency of answered requests, as users see it.
    pub latency: Percentiles,
    /// The same, by band of time.
    pub latency_bands: Bands,
    /// Requests in flight anywhere, at its end.
    pub in_flight: u64,
    /// Rent of the machines that are there at its end [USD per month].
    pub monthly_rent_usd: f64,
    /// What use cost in it beside the rent: traffic, requests and storage that are paid for one by one [USD].
    pub usage_usd: f64,
    /// Utilisation of each component's scarcest resource, as [`used_together`] tells it, 0 to 1; by identity, without
    /// components that have nothing that could run out.
    pub utilisation: Vec<(ComponentId, f32)>,
}

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resource {
    /// Processor cores.
    Cores,
    /// Places for requests being worked on: threads, slots, connections.
    Slots,
    /// Memory [bytes].
    Memory,
}

impl Resource {
    /// All resources.
    pub const ALL: [Self; 3] = [Self::Cores, Self::Slots, Self::Memory];

    /// Name in reports and texts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Cores => "cores",
            Self::Slots => "slots",
            Self::Memory => "memory",
        }
    }
}

/// How much of a resource is used.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourceUse {
    /// Which.
    pub resource: Resource,
    /// Mean number in use lately.
    pub used: f64,
    /// How many there are.
    pub capacity: f64,
}

/// Share of memory in use from which it counts as scarce. Below, it tells of caches and of what a process takes at rest,
/// not of load.
pub const MEMORY_COUNTS_FROM: f64 = 0.7;

impl ResourceUse {
    /// Share in use, 0 to 1.
    pub fn utilisation(&self) -> f64 {
        if self.capacity > 0.0 { (self.used / self.capacity).min(1.0) } else { 0.0 }
    }

    /// Orders resources by scarcity: the share in use, but memory comes behind everything else until it gets short.
    pub fn scarcity(&self) -> f64 {
        let share = self.utilisation();
        if self.resource == Resource::Memory && share < MEMORY_COUNTS_FROM { share - 1.0 } else { share }
    }
}

/// What the machines of a component use of each resource together, scarcest first. It is that of the machines that work,
/// or of all if none does: dead machines neither help nor hide the load of the others.
pub fn used_together<'a>(machines: impl Iterator<Item = (Health, &'a [ResourceUse])> + Clone) -> Vec<ResourceUse> {
    let is_any_up = machines.clone().any(|(health, _)| health == Health::Up);
    let mut totals: Vec<ResourceUse> = Vec::new();
    for (_, resources) in machines.filter(|&(health, _)| !is_any_up || health == Health::Up) {
        for resource in resources {
            match totals.iter_mut().find(|total| total.resource == resource.resource) {
                Some(total) => {
                    total.used += resource.used;
                    total.capacity += resource.capacity;
                }
                None => totals.push(*resource),
            }
        }
    }
    sort_by(&mut totals, |a, b| b.scarcity().total_cmp(&a.scarcity()));
    totals
}

/// Whether a machine works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Health {
    /// It works.
    Up,
    /// It is dead.
    Down,
    /// It is being started.
    Starting,
    /// It is not there: a place that an autoscaler may fill.
    Absent,
}

/// What only some kinds of component have to tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Particulars {
    /// Nothing special.
    None,
    /// A DNS service: share of the users' questions that their resolvers answered themselves, lately.
    Dns {
        /// Answered from a resolver's cache.
        cached: u64,
        /// Asked here.
        asked: u64,
    },
    /// A cache, lately.
    Cache {
        /// Look-ups that found a value.
        hits: u64,
        /// Look-ups that found none.
        misses: u64,
        /// Hits on values that had changed at their source since.
        stale_hits: u64,
        /// Entries now.
        entries: u64,
        /// Entries that fit.
        capacity: u64,
        /// Entries that had to go to make room.
        evictions: u64,
    },
    /// A load balancer, now.
    LoadBalancer {
        /// Targets that get traffic.
        healthy: u32,
        /// All targets.
        targets: u32,
    },
    /// A database server.
    Database {
        /// Whether it is the primary of its group now.
        is_primary: bool,
        /// Whether its group is without a primary and choosing one.
        failing_over: bool,
        /// Writes that the primary has and this server has not applied, now.
        lag_writes: u64,
        /// Age of the oldest of them [s].
        lag_secs: f64,
        /// Reads lately that missed a write the primary had.
        stale_reads: u64,
        /// Acknowledged writes lost since the start.
        lost_writes: u64,
        /// Writes of other primaries discarded here since the start, because later ones of this primary won.
        conflicts: u64,
    },
    /// A node of a NoSQL database, lately.
    NosqlDatabase {
        /// Reads coordinated here that missed a confirmed write.
        stale_reads: u64,
    },
    /// A shard router, now.
    ShardRouter {
        /// Shards.
        shards: u32,
        /// Share of the keys that are where they belong, 0 to 1; less than 1 while rows move.
        moved_share: f64,
    },
    /// An edge of a CDN, lately.
    Cdn {
        /// Files handed out without asking the origin.
        hits: u64,
        /// Files that had to be loaded.
        misses: u64,
        /// Files handed out that had changed at their origin since.
        stale_hits: u64,
        /// Copies now.
        entries: u64,
        /// Their size [bytes].
        bytes: u64,
        /// What fits [bytes].
        capacity_bytes: u64,
    },
    /// A WebSocket service.
    WebsocketService {
        /// Connections that are open, now.
        open: u64,
        /// Connections that it has descriptors for.
        limit: u64,
        /// Messages that connections sent, lately.
        received: u64,
        /// Messages that connections got, lately.
        delivered: u64,
        /// Connections that broke, lately.
        broken: u64,
    },
    /// A message queue.
    Queue {
        /// Messages that wait for a worker, now.
        waiting: u64,
        /// Messages that are being worked on, now.
        delivered: u64,
        /// Age of the oldest message that waits [s].
        oldest_secs: f64,
        /// Messages that fit; `None` if there is no limit.
        capacity: Option<u64>,
        /// Deliveries lately that were not the first of their message.
        redelivered: u64,
        /// Messages given up after too many deliveries since the start.
        dead_letters: u64,
    },
    /// A third party, lately.
    ThirdParty {
        /// Whether it is away, now.
        is_away: bool,
        /// Repetitions that it recognised.
        recognised: u64,
        /// Repetitions that it took for something new, and did twice.
        duplicates: u64,
    },
    /// A monitoring system, as of its last look.
    Monitoring {
        /// Components that it looks at.
        watched: u32,
        /// Rules that are broken, but not for long enough.
        pending: u32,
        /// Alerts.
        firing: u32,
    },
}

/// One machine or service lately.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationSnapshot {
    /// Its component.
    pub component: ComponentId,
    /// Which instance.
    pub instance: u32,
    /// Whether it works.
    pub health: Health,
    /// Calls that reached it [1/s].
    pub arrival_rate: f64,
    /// Calls that it ended [1/s].
    pub throughput: f64,
    /// How they ended, lately.
    pub outcomes: OutcomeCounts,
    /// Calls waiting for a slot or a core, on average.
    pub queue_length: f64,
    /// Calls here, waiting or not, now.
    pub in_system: u64,
    /// Calls waiting, now.
    pub waiting: u64,
    /// Waiting places; `None` if there is no limit or no queue.
    pub queue_limit: Option<u64>,
    /// Its resources, scarcest first.
    pub resources: Vec<ResourceUse>,
    /// Waiting time of calls that ended.
    pub wait: Percentiles,
    /// Time from arrival to answer, calls to others included.
    pub response: Percentiles,
    /// What only its kind has to tell.
    pub particulars: Particulars,
}

/// One link lately.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkSnapshot {
    /// Which link.
    pub link: LinkId,
    /// Attempts that were sent [1/s]; log entries for a `replicate` link.
    pub attempt_rate: f64,
    /// Of these, repetitions of failed ones [1/s].
    pub retry_rate: f64,
    /// How the attempts that ended in the interval ended, as the caller saw it.
    pub outcomes: OutcomeCounts,
    /// Time from sending to answer, as the caller saw it.
    pub response: Percentiles,
}

/// One visit of a sampled request to a station.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The span of the caller, as a position in [`Trace::spans`]; `None` for calls by the user.
    pub parent: Option<u32>,
    /// The link by which the call came.
    pub link: LinkId,
    /// Where it went.
    pub component: ComponentId,
    /// Which instance.
    pub instance: u32,
    /// When the caller sent it.
    pub sent: SimTime,
    /// When it arrived.
    pub arrived: SimTime,
    /// Time here until the work was under way: waiting for a slot, then for a core.
    pub waited: SimDuration,
    /// Time in service here.
    pub served: SimDuration,
    /// When the station was done with it.
    pub finished: SimTime,
    /// When the answer reached the caller.
    pub answered: SimTime,
    /// How it ended.
    pub outcome: Outcome,
    /// For a look-up in a cache, whether it was a hit.
    pub hit: Option<bool>,
    /// Whether what it answered was out of date.
    pub stale: bool,
}

/// A complete sampled request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Number of the request in the run, from 0.
    pub request: u64,
    /// What it wanted.
    pub class: RequestClass,
    /// The users that sent it.
    pub users: ComponentId,
    /// When the user wanted the answer.
    pub wanted: SimTime,
    /// When the user had it, or gave up.
    pub ended: SimTime,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the answer was out of date.
    pub stale: bool,
    /// Its spans in the order in which they were sent; retries are spans of their own.
    pub spans: Vec<Span>,
}

/// Something worth telling that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    /// A machine died.
    Killed,
    /// A process wanted more memory than there was, and was killed; it is being started again.
    OutOfMemory,
    /// A machine came back.
    Restored,
    /// An autoscaler starts a machine.
    Starting,
    /// A machine that was being started is there.
    Started,
    /// An autoscaler has let a machine go.
    Stopped,
    /// A delivery pipeline begins to bring a new version into service.
    DeploymentStarted,
    /// The new version is all there is, and has proved good.
    DeploymentFinished,
    /// The new version did badly, or did not come up in time: it is being taken back.
    DeploymentRolledBack,
    /// Something went wrong with a machine or link.
    FaultBegan(FaultKind),
    /// It has been put right; all that was wrong, if none is named.
    FaultEnded(Option<FaultKind>),
    /// A load balancer takes a target (component, instance) out.
    TargetEjected(ComponentId, u32),
    /// A load balancer uses a target (component, instance) again.
    TargetReturned(ComponentId, u32),
    /// The circuit breaker of a caller has opened: it sends nothing for a while.
    CircuitOpened,
    /// It has closed again.
    CircuitClosed,
    /// The loss of a primary has been noticed.
    FailoverStarted,
    /// This replica is the primary now; so many acknowledged writes were lost.
    Promoted {
        /// Writes that the old primary had acknowledged and this one never received.
        lost_writes: u64,
    },
    /// A failover found no replica to promote.
    NoReplicaToPromote,
    /// An old primary came back and follows the new one.
    Rejoined,
    /// An old primary that had gone on beside another found it; what only it had is thrown away.
    SplitEnded {
        /// Acknowledged writes that are lost by it.
        lost_writes: u64,
    },
    /// The last backup of a database is being restored.
    RestoreBegan {
        /// Acknowledged writes that came after it.
        lost_writes: u64,
        /// Whole seconds since it was made.
        lost_secs: u64,
    },
    /// Monitoring raises an alert.
    AlertFired {
        /// The rule that was broken.
        rule: AlertRule,
        /// When the fault began that it is probably about; `None` if none was injected.
        fault_at: Option<SimTime>,
    },
    /// An alert is over.
    AlertResolved(AlertRule),
    /// Something has been done about an alert.
    Acted(Remedy),
}

/// What a rule of monitoring is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AlertRule {
    /// A machine does not answer.
    Unreachable,
    /// Too many calls fail.
    Errors,
    /// Answers take too long.
    Latency,
    /// Service by itself takes too long.
    SlowQueries,
    /// Cores are too busy.
    Utilisation,
    /// Too many calls or messages wait.
    QueueLength,
    /// A replica lags too far behind.
    ReplicationLag,
    /// The oldest message is too old.
    BacklogAge,
    /// The error budget burns too fast.
    BurnRate,
}

impl AlertRule {
    /// All rules.
    pub const ALL: [Self; 9] = [
        Self::Unreachable,
        Self::Errors,
        Self::Latency,
        Self::SlowQueries,
        Self::Utilisation,
        Self::QueueLength,
        Self::ReplicationLag,
        Self::BacklogAge,
        Self::BurnRate,
    ];

    /// Name in reports and texts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Errors => "errors",
            Self::Latency => "latency",
            Self::SlowQueries => "slow_queries",
            Self::Utilisation => "utilisation",
            Self::QueueLength => "queue_length",
            Self::ReplicationLag => "replication_lag",
            Self::BacklogAge => "backlog_age",
            Self::BurnRate => "burn_rate",
        }
    }
}

/// An alert with its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Who raised it.
    pub monitor: ComponentId,
    /// What it is about.
    pub component: ComponentId,
    /// The rule that was broken.
    pub rule: AlertRule,
    /// When the fault began that it is probably about: the last one of the component before, or else of any, since the
    /// rule was last kept; `None` if none was injected.
    pub fault_at: Option<SimTime>,
    /// When the rule was first seen broken.
    pub seen_at: SimTime,
    /// When it was raised.
    pub fired_at: SimTime,
    /// When something was done about it; `None` if nothing was, or not yet.
    pub acted_at: Option<SimTime>,
    /// When it was over; `None` if it is not.
    pub resolved_at: Option<SimTime>,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When.
    pub at: SimTime,
    /// Where.
    pub component: ComponentId,
    /// Which instance.
    pub instance: u32,
    /// The link that it is about; the component is then the one at its end.
    pub link: Option<LinkId>,
    /// What.
    pub happening: Happening,
}

/// Everything a viewer needs about one moment of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Simulated time.
    pub now: SimTime,
    /// Registered users.
    pub users: u64,
    /// Requests in flight.
    pub in_flight: u64,
    /// Events handled since the start.
    pub events: u64,
    /// Requests sent since the start.
    pub requests: u64,
    /// Digest of everything that has happened since the start; equal digests mean equal runs.
    pub fingerprint: u64,
    /// Stations of the present network, in its order; figures of the last one to two simulated seconds.
    pub stations: Vec<StationSnapshot>,
    /// Links of the present network, in its order; figures of the last one to two simulated seconds.
    pub links: Vec<LinkSnapshot>,
    /// Samples taken since the last snapshot, oldest first.
    pub samples: Vec<Sample>,
    /// Sampled requests that ended since the last snapshot. One request in `trace_stride` is sampled.
    pub traces: Vec<Trace>,
    /// Requests that are under way now, with those of their spans that are on a link or at work; what has not happened
    /// yet stands at the time at which it will, or never. `None` unless somebody watches in slow motion.
    pub under_way: Option<Vec<Trace>>,
    /// One request in so many is sampled at present.
    pub trace_stride: u64,
    /// Log entries since the last snapshot.
    pub log: Vec<LogEntry>,
}
