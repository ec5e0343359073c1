//! What the engine counts: by station, by link, by class and end to end. Everything merges exactly, so that intervals
//! add up to batches and batches to a run.

mod histogram;
mod sum;

pub use self::histogram::Histogram;
pub use self::sum::Sum;
use super::call::Split;
use super::snapshot::{Outcome, OutcomeCounts, RequestClass, Resource};
use crate::design::price::UsagePrice;
use crate::units::{SimDuration, SimTime};

/// A number that changes at known times, with the area under it, for time averages; below 2³².
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Level {
    /// The area since it was taken last is this plus value times now, in nanoseconds and modulo 2⁶⁴; it is taken often
    /// enough not to reach that. A change then costs two additions.
    offset: u64,
    value: u32,
}

impl Level {
    /// Changes the number.
    #[inline]
    pub const fn set(&mut self, now: SimTime, value: u64) {
        debug_assert!(value <= u32::MAX as u64, "levels are numbers of calls, cores and the like");
        self.add(now, value.cast_signed().wrapping_sub(self.value() as i64));
    }

    /// Adds `delta`; the result must not be negative.
    #[inline]
    pub const fn add(&mut self, now: SimTime, delta: i64) {
        self.offset = self.offset.wrapping_sub(delta.cast_unsigned().wrapping_mul(now.as_nanos()));
        self.value = self.value.wrapping_add_signed(delta as i32);
    }

    /// The number now.
    #[inline]
    pub const fn value(&self) -> u64 {
        self.value as u64
    }

    /// The area since it was taken last, in value times seconds; starts a new one.
    pub const fn take_area(&mut self, now: SimTime) -> f64 {
        let left = self.value().wrapping_mul(now.as_nanos());
        let area = self.offset.wrapping_add(left);
        self.offset = 0_u64.wrapping_sub(left);
        area as f64 * 1e-9
    }
}

/// What was measured at one station. What every call counts comes first, on as few lines of the caches as possible: one
/// for each histogram, and one for the others.
#[derive(Clone, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub struct StationMeasurements {
    /// Waiting time of calls that went into service.
    pub wait: Histogram,
    /// Time in service of calls that were answered.
    pub service: Histogram,
    /// Time from arrival to answer of calls that were answered.
    pub response: Histogram,
    /// Calls that arrived.
    pub arrivals: u64,
    /// How calls ended.
    pub outcomes: OutcomeCounts,
    /// Calls waiting, times seconds.
    pub waiting_area: f64,
    /// Calls here, times seconds.
    pub in_system_area: f64,
    /// Busy cores, times seconds.
    pub busy_cores_area: f64,
    /// Used slots, times seconds.
    pub used_slots_area: f64,
    /// Memory taken at the ends of intervals, summed up [bytes].
    pub memory_sum: f64,
    /// Number of those.
    pub memory_samples: u64,
    /// Memory that there was at these moments, summed up [bytes].
    pub memory_limit_sum: f64,
    /// Cores that there were, times seconds; 0 where they are not limited.
    pub core_capacity_area: f64,
    /// Slots that there were, times seconds; 0 where they are not limited.
    pub slot_capacity_area: f64,
    /// Time that the station was dead [s].
    pub down_secs: f64,
    /// Time that the station was not there at all [s].
    pub absent_secs: f64,
    /// Look-ups that found a value.
    pub hits: u64,
    /// Look-ups that found none.
    pub misses: u64,
    /// Values found that had changed at their source.
    pub stale_hits: u64,
    /// Entries that went to make room.
    pub evictions: u64,
    /// Reads that missed a write the primary had.
    pub stale_reads: u64,
    /// Writes that a replica has not applied, times seconds.
    pub lag_writes_area: f64,
    /// From commit on the primary to being applied here.
    pub replication_lag: Histogram,
    /// Acknowledged writes lost by failovers, split brains and lost disks.
    pub lost_writes: u64,
    /// Writes of other primaries that were discarded here, because one of this primary that did not know of them won.
    pub conflicts: u64,
    /// Writes taken while another server was the primary too.
    pub diverging_writes: u64,
    /// Restored backups.
    pub recovery: Option<Box<RecoveryMeasurements>>,
    /// Rows that moved from one shard to another.
    pub moved_rows: u64,
    /// Files that came in.
    pub files_in: u64,
    /// Files that went out.
    pub files_out: u64,
    /// Bytes of files that came in.
    pub bytes_in: f64,
    /// Bytes of files that went out.
    pub bytes_out: f64,
    /// What only queues count.
    pub queue: Option<Box<QueueMeasurements>>,
    /// What only services with open connections count.
    pub connections: Option<Box<ConnectionMeasurements>>,
    /// What only third parties count.
    pub third_party: Option<Box<ThirdPartyMeasurements>>,
}

impl StationMeasurements {
    /// What was used of that which is paid for one by one, at `price` [USD]; keeping files apart.
    pub fn usage_usd(&self, price: &UsagePrice) -> f64 {
        let files = self.files_out as f64 * price.million_gets_usd + self.files_in as f64 * price.million_puts_usd;
        let calls = self.third_party.as_ref().map_or(0, |counts| counts.carried_out) as f64;
        self.bytes_out * 1e-9 * price.gb_out_usd + files * 1e-6 + calls * price.call_usd
    }
}

/// What was measured of backups that were restored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecoveryMeasurements {
    /// Restored backups.
    pub restores: u64,
    /// Greatest age of the backup at the loss [s].
    pub point_secs: f64,
    /// Longest time from the loss to the first answer [s].
    pub time_secs: f64,
}

impl RecoveryMeasurements {
    /// Adds what `other` measured in another span.
    pub const fn merge(&mut self, other: &Self) {
        self.restores += other.restores;
        self.point_secs = self.point_secs.max(other.point_secs);
        self.time_secs = self.time_secs.max(other.time_secs);
    }
}

/// What was measured at a third party.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThirdPartyMeasurements {
    /// Calls that it carried out.
    pub carried_out: u64,
    /// Repetitions that it recognised.
    pub recognised: u64,
    /// Repetitions that it took for something new.
    pub duplicates: u64,
}

impl ThirdPartyMeasurements {
    /// Adds what `other` measured in another span.
    pub const fn merge(&mut self, other: &Self) {
        self.carried_out += other.carried_out;
        self.recognised += other.recognised;
        self.duplicates += other.duplicates;
    }
}

/// What was measured at a service that holds connections open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConnectionMeasurements {
    /// Connections that were opened.
    pub opened: u64,
    /// Connections that were closed by their users.
    pub closed: u64,
    /// Connections that broke because the service died.
    pub broken: u64,
    /// Messages that connections sent.
    pub received: u64,
    /// Of these, messages that could not be dealt with.
    pub failed: u64,
    /// Messages that connections got.
    pub delivered: u64,
    /// From a message's coming in to its being handed out, once for each instance that hands it out.
    pub delivery: Histogram,
}

impl ConnectionMeasurements {
    /// Adds what `other` measured in another span.
    pub fn merge(&mut self, other: &Self) {
        self.opened += other.opened;
        self.closed += other.closed;
        self.broken += other.broken;
        self.received += other.received;
        self.failed += other.failed;
        self.delivered += other.delivered;
        self.delivery.merge(&other.delivery);
    }
}

/// What was measured at a message queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueMeasurements {
    /// Messages that were accepted.
    pub published: u64,
    /// Deliveries.
    pub delivered: u64,
    /// Of these, such as were not the first of their message.
    pub redelivered: u64,
    /// Messages that were done.
    pub acknowledged: u64,
    /// Jobs done for messages that somebody else had done before.
    pub duplicates: u64,
    /// Messages given up after too many deliveries.
    pub dead_lettered: u64,
    /// Messages that became too old.
    pub expired: u64,
    /// Messages lost with the queue.
    pub lost: u64,
    /// From being accepted to the first delivery.
    pub age: Histogram,
    /// From being accepted to being done.
    pub completion: Histogram,
}

impl QueueMeasurements {
    /// Adds what `other` measured in another span.
    pub fn merge(&mut self, other: &Self) {
        self.published += other.published;
        self.delivered += other.delivered;
        self.redelivered += other.redelivered;
        self.acknowledged += other.acknowledged;
        self.duplicates += other.duplicates;
        self.dead_lettered += other.dead_lettered;
        self.expired += other.expired;
        self.lost += other.lost;
        self.age.merge(&other.age);
        self.completion.merge(&other.completion);
    }
}

/// Adds what only some kinds of station measure.
fn merge_boxed<T: Clone>(mine: &mut Option<Box<T>>, theirs: &Option<Box<T>>, merge: impl Fn(&mut T, &T)) {
    match (mine, theirs) {
        (Some(mine), Some(theirs)) => merge(mine, theirs),
        (mine @ None, Some(theirs)) => *mine = Some(theirs.clone()),
        (_, None) => {}
    }
}

/// What was measured on one link, in an order like that of [`StationMeasurements`].
#[derive(Clone, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub struct LinkMeasurements {
    /// Time from sending to answer of answered attempts; for a `replicate` link, from commit to being applied.
    pub response: Histogram,
    /// Of it, waiting, summed up.
    pub waiting: Sum,
    /// Of it, service, summed up.
    pub service: Sum,
    /// Attempts sent; log entries for a `replicate` link.
    pub attempts: u64,
    /// How attempts ended, as the caller saw it.
    pub outcomes: OutcomeCounts,
    /// Attempts sent that were repetitions.
    pub retries: u64,
    /// Attempts under way, times seconds.
    pub connections_area: f64,
}

/// What was measured of one class of requests, end to end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassMeasurements {
    /// Requests sent.
    pub arrivals: u64,
    /// How requests ended.
    pub outcomes: OutcomeCounts,
    /// Answers that were out of date.
    pub stale: u64,
    /// Answers that lacked something optional.
    pub degraded: u64,
    /// Latency of answered requests.
    pub latency: Histogram,
    /// Of it, waiting: for slots and cores, before repetitions, and in vain for answers.
    pub waiting: Histogram,
    /// Of it, service.
    pub service: Histogram,
    /// Of it, the rest: on the way.
    pub network: Histogram,
}

/// Everything measured over some span of simulated time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measurements {
    /// Length of the span.
    pub span: SimDuration,
    /// By position in [`RequestClass::ALL`].
    pub classes: [ClassMeasurements; RequestClass::ALL.len()],
    /// By region of the users, all classes together.
    pub regions: Vec<ClassMeasurements>,
    /// Requests in flight anywhere, times seconds.
    pub in_flight_area: f64,
    /// By station of the network.
    pub stations: Vec<StationMeasurements>,
    /// By link of the network.
    pub links: Vec<LinkMeasurements>,
}

impl StationMeasurements {
    /// Forgets everything, keeps the memory.
    fn clear(&mut self) {
        let [wait, service, response, replication_lag] =
            [&mut self.wait, &mut self.service, &mut self.response, &mut self.replication_lag].map(Histogram::recycle);
        *self = Self { wait, service, response, replication_lag, ..Self::default() };
    }

    /// Exchanges the times recorded with those of `other`, and nothing else.
    const fn swap_times(&mut self, other: &mut Self) {
        core::mem::swap(&mut self.wait, &mut other.wait);
        core::mem::swap(&mut self.service, &mut other.service);
        core::mem::swap(&mut self.response, &mut other.response);
        core::mem::swap(&mut self.replication_lag, &mut other.replication_lag);
    }

    /// Adds the times that `other` recorded, and nothing else.
    pub fn merge_times(&mut self, other: &Self) {
        self.wait.merge(&other.wait);
        self.service.merge(&other.service);
        self.response.merge(&other.response);
        self.replication_lag.merge(&other.replication_lag);
    }

    /// Adds the times of requests of one class that users at this station have sent.
    pub fn merge_requests(&mut self, class: &ClassMeasurements) {
        self.wait.merge(&class.waiting);
        self.service.merge(&class.service);
        self.response.merge(&class.latency);
    }

    /// How much of a resource was used, and how much there was, in the same unit; nothing where it is not limited.
    pub const fn used_and_there(&self, resource: Resource) -> (f64, f64) {
        match resource {
            Resource::Cores => (self.busy_cores_area, self.core_capacity_area),
            Resource::Slots => (self.used_slots_area, self.slot_capacity_area),
            Resource::Memory => (self.memory_sum, self.memory_limit_sum),
        }
    }

    /// Adds what `other` measured in another span.
    pub fn merge(&mut self, other: &Self) {
        self.arrivals += other.arrivals;
        self.outcomes.merge(&other.outcomes);
        self.merge_times(other);
        self.waiting_area += other.waiting_area;
        self.in_system_area += other.in_system_area;
        self.busy_cores_area += other.busy_cores_area;
        self.used_slots_area += other.used_slots_area;
        self.memory_sum += other.memory_sum;
        self.memory_samples += other.memory_samples;
        self.memory_limit_sum += other.memory_limit_sum;
        self.core_capacity_area += other.core_capacity_area;
        self.slot_capacity_area += other.slot_capacity_area;
        self.down_secs += other.down_secs;
        self.absent_secs += other.absent_secs;
        self.hits += other.hits;
        self.misses += other.misses;
        self.stale_hits += other.stale_hits;
        self.evictions += other.evictions;
        self.stale_reads += other.stale_reads;
        self.lag_writes_area += other.lag_writes_area;
        self.lost_writes += other.lost_writes;
        self.conflicts += other.conflicts;
        self.diverging_writes += other.diverging_writes;
        merge_boxed(&mut self.recovery, &other.recovery, RecoveryMeasurements::merge);
        self.moved_rows += other.moved_rows;
        self.files_in += other.files_in;
        self.files_out += other.files_out;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        merge_boxed(&mut self.queue, &other.queue, QueueMeasurements::merge);
        merge_boxed(&mut self.connections, &other.connections, ConnectionMeasurements::merge);
        merge_boxed(&mut self.third_party, &other.third_party, ThirdPartyMeasurements::merge);
    }
}

impl LinkMeasurements {
    /// Records that an attempt was answered: after what time, and what that was spent on.
    #[allow(clippy::inline_always, reason = "where nearly every attempt ends")]
    #[inline(always)]
    pub fn record_answer(&mut self, took: SimDuration, split: Split) {
        self.response.record(took);
        self.waiting.add(split.waiting.as_nanos());
        self.service.add(split.service.as_nanos());
    }

    /// Forgets everything, keeps the memory.
    fn clear(&mut self) {
        *self = Self { response: self.response.recycle(), ..Self::default() };
    }

    /// Adds the times that `other` recorded, and nothing else.
    pub fn merge_times(&mut self, other: &Self) {
        self.response.merge(&other.response);
    }

    /// Adds what `other` measured in another span.
    pub fn merge(&mut self, other: &Self) {
        self.attempts += other.attempts;
        self.retries += other.retries;
        self.outcomes.merge(&other.outcomes);
        self.merge_times(other);
        self.waiting += other.waiting;
        self.service += other.service;
        self.connections_area += other.connections_area;
    }
}

impl ClassMeasurements {
    /// Counts a request that has ended, where it is not its class that counts it.
    #[inline(never)]
    pub fn record_elsewhere(&mut self, outcome: Outcome, latency: SimDuration, split: Split, stale: bool) {
        self.record_end(outcome, latency, split, stale);
    }

    /// Counts a request that has ended.
    #[allow(clippy::inline_always, reason = "where nearly every request ends")]
    #[inline(always)]
    pub fn record_end(&mut self, outcome: Outcome, latency: SimDuration, split: Split, stale: bool) {
        self.outcomes.record(outcome);
        if outcome.is_success() {
            self.latency.record(latency);
            self.waiting.record_or_none(split.waiting);
            self.service.record(split.service);
            self.network.record_or_none(latency - split.waiting - split.service);
            self.stale += u64::from(stale);
        }
    }

    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        let [latency, waiting, service, network] =
            [&mut self.latency, &mut self.waiting, &mut self.service, &mut self.network].map(Histogram::recycle);
        *self = Self { latency, waiting, service, network, ..Self::default() };
    }

    /// Adds what `other` measured in another span, or of another class.
    pub fn merge(&mut self, other: &Self) {
        self.arrivals += other.arrivals;
        self.outcomes.merge(&other.outcomes);
        self.stale += other.stale;
        self.degraded += other.degraded;
        self.latency.merge(&other.latency);
        self.waiting.merge(&other.waiting);
        self.service.merge(&other.service);
        self.network.merge(&other.network);
    }
}

impl Measurements {
    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        self.span = SimDuration::ZERO;
        self.in_flight_area = 0.0;
        self.classes.iter_mut().chain(&mut self.regions).for_each(ClassMeasurements::clear);
        self.stations.iter_mut().for_each(StationMeasurements::clear);
        self.links.iter_mut().for_each(LinkMeasurements::clear);
    }

    /// Exchanges the times that stations and links have recorded with those of `other`, and nothing else.
    pub fn swap_times(&mut self, other: &mut Self) {
        for (mine, theirs) in self.stations.iter_mut().zip(&mut other.stations) {
            mine.swap_times(theirs);
        }
        for (mine, theirs) in self.links.iter_mut().zip(&mut other.links) {
            core::mem::swap(&mut mine.response, &mut theirs.response);
        }
    }

    /// Adds what `other` measured in another span of the same network; stations and links that only `other` has are
    /// added.
    pub fn merge(&mut self, other: &Self) {
        self.span += other.span;
        for (mine, theirs) in self.classes.iter_mut().zip(&other.classes) {
            mine.merge(theirs);
        }
        if self.regions.len() < other.regions.len() {
            self.regions.resize_with(other.regions.len(), Default::default);
        }
        for (mine, theirs) in self.regions.iter_mut().zip(&other.regions) {
            mine.merge(theirs);
        }
        self.in_flight_area += other.in_flight_area;
        if self.stations.len() < other.stations.len() {
            self.stations.resize_with(other.stations.len(), Default::default);
        }
        for (mine, theirs) in self.stations.iter_mut().zip(&other.stations) {
            mine.merge(theirs);
        }
        if self.links.len() < other.links.len() {
            self.links.resize_with(other.links.len(), Default::default);
        }
        for (mine, theirs) in self.links.iter_mut().zip(&other.links) {
            mine.merge(theirs);
        }
    }

    /// About how much memory this takes [bytes].
    pub fn footprint_bytes(&self) -> usize {
        let all = |histograms: &[&Histogram]| histograms.iter().map(|of| of.footprint_bytes()).sum::<usize>();
        let classes = self.classes.iter().chain(&self.regions);
        let classes: usize = classes.map(|of| all(&[&of.latency, &of.waiting, &of.service, &of.network])).sum();
        let stations = self.stations.iter().map(|of| {
            size_of::<StationMeasurements>() + all(&[&of.wait, &of.service, &of.response, &of.replication_lag])
        });
        let stations: usize = stations.sum();
        let links: usize = self.links.iter().map(|of| size_of::<LinkMeasurements>() + all(&[&of.response])).sum();
        classes + stations + links
    }

    /// All classes together.
    pub fn all_classes(&self) -> ClassMeasurements {
        let mut all = ClassMeasurements::default();
        for class in &self.classes {
            all.merge(class);
        }
        all
    }
}
