//! How figures moved: everything that counts, over intervals of fixed simulated length from the start of the run, the
//! warm-up included.
//!
//! A series has one column for each figure and one value for each interval; null where there was nothing to measure. A
//! column that never had a value is left out. Memory does not grow with the time simulated: unless an interval is asked
//! for, a run is cut into at most [`MOST_POINTS`] of them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::use_of;
use crate::design::FrameKind;
use crate::network::{Network, StationSpec};
use crate::sim::metrics::{
    ClassMeasurements, Histogram, LinkMeasurements, Measurements, QueueMeasurements, StationMeasurements,
};
use crate::sim::snapshot::{Outcome, OutcomeCounts, RequestClass, Resource};
use crate::units::{SimDuration, SimTime};

/// Intervals that a run is cut into at most, unless their length is asked for.
pub const MOST_POINTS: u64 = 120;

/// Columns of figures by name, with one value for each interval.
pub type Columns = BTreeMap<String, Vec<Option<f64>>>;

/// Figures over time.
///
/// Columns of requests (`total`, `classes`, `regions`): `arrival_rate_per_sec`, `completion_rate_per_sec`,
/// `success_rate_per_sec`, `error_share`, `stale_share`, `latency_mean_secs`, `latency_p50_secs`, `latency_p95_secs`,
/// `latency_p99_secs`, `latency_max_secs`, `waiting_mean_secs`, `service_mean_secs`, `network_mean_secs`; for all
/// together also `users` (registered, at the end of the interval) and `in_flight`.
///
/// Columns of components: `arrival_rate_per_sec`, `completion_rate_per_sec`, `success_rate_per_sec`, `error_share`,
/// `queue_length`, `in_system`, `cores_utilisation`, `slots_utilisation`, `memory_utilisation`, `memory_bytes`,
/// `wait_mean_secs`, `wait_p99_secs`, `response_mean_secs`, `response_p50_secs`, `response_p99_secs`, `availability`,
/// `instances_running`, `hit_ratio`, `stale_hit_share`, `stale_read_rate_per_sec`, `replication_lag_mean_secs`,
/// `replication_lag_p99_secs`, `replication_lag_writes`, `lost_writes`, `backlog_age_mean_secs`,
/// `backlog_age_max_secs`.
///
/// Columns of links: `attempt_rate_per_sec`, `retry_rate_per_sec`, `error_share`, `response_mean_secs`,
/// `response_p99_secs`, `connections`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TimeSeries {
    /// Length of each interval [s]; the last may be shorter.
    pub interval_secs: f64,
    /// Ends of the intervals, from the start of the run [s]. Those up to the warm-up are not in the other figures.
    pub at_secs: Vec<f64>,
    /// All requests together.
    pub total: Columns,
    /// By class, those of which requests were sent.
    pub classes: BTreeMap<String, Columns>,
    /// By region of the users, as `f3`; those without users are left out.
    pub regions: BTreeMap<String, Columns>,
    /// By component, as `c3`, its instances together.
    pub components: BTreeMap<String, Columns>,
    /// By link, as `l7`.
    pub links: BTreeMap<String, Columns>,
}

/// Writes a run down, interval by interval.
#[derive(Debug)]
pub(super) struct Recorder<'a> {
    network: &'a Network,
    interval: SimDuration,
    interval_ends: SimTime,
    so_far: Measurements,
    series: TimeSeries,
}

impl<'a> Recorder<'a> {
    /// A recorder of a run of `network` that begins now and ends at `end`, with intervals of a length asked for, or of
    /// a round one.
    pub fn new(network: &'a Network, end: SimTime, interval: Option<SimDuration>) -> Self {
        let interval = interval.unwrap_or_else(|| round_interval(end.since(SimTime::ZERO)));
        let series = TimeSeries { interval_secs: interval.as_secs_f64(), ..TimeSeries::default() };
        Self { network, interval, interval_ends: SimTime::ZERO + interval, so_far: Measurements::default(), series }
    }

    /// When somebody has to look at the run next.
    pub const fn interval_ends(&self) -> SimTime {
        self.interval_ends
    }

    /// Takes note of what was measured up to `now` since the last time.
    pub fn add(&mut self, measured: &Measurements, now: SimTime, users: u64) {
        self.so_far.merge(measured);
        if now >= self.interval_ends {
            self.end_interval(now, users);
            self.interval_ends = now + self.interval;
        }
    }

    /// What was written down up to `now`, the end of the run.
    pub fn finish(mut self, now: SimTime, users: u64) -> TimeSeries {
        if !self.so_far.span.is_zero() {
            self.end_interval(now, users);
        }
        let drop_empty = |columns: &mut Columns| columns.retain(|_, values| values.iter().any(Option::is_some));
        drop_empty(&mut self.series.total);
        for group in
            [&mut self.series.classes, &mut self.series.regions, &mut self.series.components, &mut self.series.links]
        {
            group.values_mut().for_each(drop_empty);
        }
        let was_used = |_: &String, columns: &mut Columns| {
            columns.get("arrival_rate_per_sec").is_some_and(|rates| rates.iter().flatten().any(|&rate| rate > 0.0))
        };
        self.series.classes.retain(was_used);
        self.series.regions.retain(was_used);
        self.series
    }

    fn end_interval(&mut self, now: SimTime, users: u64) {
        let measured = core::mem::take(&mut self.so_far);
        let secs = measured.span.as_secs_f64();
        self.series.at_secs.push(now.as_secs_f64());
        let all = measured.all_classes();
        put(&mut self.series.total, class_values(&all, secs));
        put(
            &mut self.series.total,
            [("users", Some(users as f64)), ("in_flight", Some(measured.in_flight_area / secs))],
        );
        for (class, values) in RequestClass::ALL.into_iter().zip(&measured.classes) {
            put(self.series.classes.entry(class.key().to_owned()).or_default(), class_values(values, secs));
        }
        let regions = self.network.frames.iter().filter(|frame| frame.kind == FrameKind::Region);
        for (region, values) in regions.zip(&measured.regions) {
            put(self.series.regions.entry(region.id.to_string()).or_default(), class_values(values, secs));
        }
        for first in self.network.stations.iter().filter(|station| station.instance == 0) {
            let mut together = StationMeasurements::default();
            let mut count = 0;
            for position in self.network.stations_of(first.component) {
                // Machines may have come or gone.
                if let Some(measured) = measured.stations.get(position.0 as usize) {
                    together.merge(measured);
                }
                count += 1;
            }
            let columns = self.series.components.entry(first.component.to_string()).or_default();
            put(columns, station_values(self.network, first, &together, count, secs));
        }
        for (link, values) in self.network.links.iter().zip(&measured.links) {
            put(self.series.links.entry(link.id.to_string()).or_default(), link_values(values, secs));
        }
    }
}

/// The shortest length of 1, 2 or 5 times a power of ten that cuts `span` into few enough intervals, from a tenth of a
/// second.
fn round_interval(span: SimDuration) -> SimDuration {
    let tenth = SimDuration::from_millis(100).as_nanos();
    let mut candidates = (0..).flat_map(|power: u32| [1, 2, 5].map(|factor| tenth * factor * 10_u64.pow(power)));
    let fits = |interval: &u64| span.as_nanos().div_ceil(*interval) <= MOST_POINTS;
    SimDuration::from_nanos(candidates.find(fits).expect("a long enough interval spans everything"))
}

fn put<const N: usize>(columns: &mut Columns, values: [(&str, Option<f64>); N]) {
    for (name, value) in values {
        match columns.get_mut(name) {
            Some(column) => column.push(value),
            None => {
                columns.insert(name.to_owned(), vec![value]);
            }
        }
    }
}

fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}

fn error_share(outcomes: &OutcomeCounts) -> Option<f64> {
    share(outcomes.failed(), outcomes.total())
}

/// A figure of times, if there were any.
fn of_times(times: &Histogram, figure: impl Fn(&Histogram) -> f64) -> Option<f64> {
    (times.count() > 0).then(|| figure(times))
}

fn class_values(of: &ClassMeasurements, secs: f64) -> [(&'static str, Option<f64>); 13] {
    let answered = of.outcomes.get(Outcome::Answered);
    [
        ("arrival_rate_per_sec", Some(of.arrivals as f64 / secs)),
        ("completion_rate_per_sec", Some(of.outcomes.total() as f64 / secs)),
        ("success_rate_per_sec", Some(answered as f64 / secs)),
        ("error_share", error_share(&of.outcomes)),
        ("stale_share", share(of.stale, answered)),
        ("latency_mean_secs", of_times(&of.latency, Histogram::mean_secs)),
        ("latency_p50_secs", of_times(&of.latency, |times| times.quantile_secs(0.5))),
        ("latency_p95_secs", of_times(&of.latency, |times| times.quantile_secs(0.95))),
        ("latency_p99_secs", of_times(&of.latency, |times| times.quantile_secs(0.99))),
        ("latency_max_secs", of_times(&of.latency, Histogram::max_secs)),
        ("waiting_mean_secs", of_times(&of.waiting, Histogram::mean_secs)),
        ("service_mean_secs", of_times(&of.service, Histogram::mean_secs)),
        ("network_mean_secs", of_times(&of.network, Histogram::mean_secs)),
    ]
}

/// Figures of `stations` stations alike, measured together.
fn station_values(
    network: &Network,
    spec: &StationSpec,
    of: &StationMeasurements,
    stations: u32,
    secs: f64,
) -> [(&'static str, Option<f64>); 26] {
    let running = f64::from(stations) - of.absent_secs / secs;
    let used = |resource| {
        let (used, there) = use_of(network, spec, resource, running, of);
        (there > 0.0).then(|| used / there)
    };
    let memory = (of.memory_samples > 0).then(|| of.memory_sum / of.memory_samples as f64 * running);
    let lag_writes = spec.replication_group.map(|_| of.lag_writes_area / secs);
    let messages = of.queue.as_deref();
    let age = |figure: fn(&Histogram) -> f64| {
        messages.and_then(|messages: &QueueMeasurements| of_times(&messages.age, figure))
    };
    [
        ("arrival_rate_per_sec", Some(of.arrivals as f64 / secs)),
        ("completion_rate_per_sec", Some(of.outcomes.total() as f64 / secs)),
        ("success_rate_per_sec", Some(of.outcomes.get(Outcome::Answered) as f64 / secs)),
        ("error_share", error_share(&of.outcomes)),
        ("queue_length", Some(of.waiting_area / secs)),
        ("in_system", Some(of.in_system_area / secs)),
        ("cores_utilisation", used(Resource::Cores)),
        ("slots_utilisation", used(Resource::Slots)),
        ("memory_utilisation", used(Resource::Memory)),
        ("memory_bytes", memory),
        ("wait_mean_secs", of_times(&of.wait, Histogram::mean_secs)),
        ("wait_p99_secs", of_times(&of.wait, |times| times.quantile_secs(0.99))),
        ("response_mean_secs", of_times(&of.response, Histogram::mean_secs)),
        ("response_p50_secs", of_times(&of.response, |times| times.quantile_secs(0.5))),
        ("response_p99_secs", of_times(&of.response, |times| times.quantile_secs(0.99))),
        ("availability", (running > 0.0).then(|| 1.0 - of.down_secs / secs / running)),
        ("instances_running", (spec.spares > 0 || spec.config.instances_vary()).then_some(running)),
        ("hit_ratio", share(of.hits, of.hits + of.misses)),
        ("stale_hit_share", share(of.stale_hits, of.hits).filter(|_| of.stale_hits > 0)),
        ("stale_read_rate_per_sec", (of.stale_reads > 0).then(|| of.stale_reads as f64 / secs)),
        ("replication_lag_mean_secs", of_times(&of.replication_lag, Histogram::mean_secs)),
        ("replication_lag_p99_secs", of_times(&of.replication_lag, |times| times.quantile_secs(0.99))),
        ("replication_lag_writes", lag_writes),
        ("lost_writes", (of.lost_writes > 0).then_some(of.lost_writes as f64)),
        ("backlog_age_mean_secs", age(Histogram::mean_secs)),
        ("backlog_age_max_secs", age(Histogram::max_secs)),
    ]
}

fn link_values(of: &LinkMeasurements, secs: f64) -> [(&'static str, Option<f64>); 6] {
    [
        ("attempt_rate_per_sec", Some(of.attempts as f64 / secs)),
        ("retry_rate_per_sec", Some(of.retries as f64 / secs)),
        ("error_share", error_share(&of.outcomes)),
        ("response_mean_secs", of_times(&of.response, Histogram::mean_secs)),
        ("response_p99_secs", of_times(&of.response, |times| times.quantile_secs(0.99))),
        ("connections", Some(of.connections_area / secs)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_round_and_not_too_many() {
        let of = |secs| round_interval(SimDuration::from_secs_f64(secs)).as_secs_f64();
        assert_eq!(of(1.0), 0.1);
        assert_eq!(of(12.0), 0.1);
        assert_eq!(of(12.1), 0.2);
        assert_eq!(of(70.0), 1.0);
        assert_eq!(of(86_400.0), 1000.0);
    }
}
