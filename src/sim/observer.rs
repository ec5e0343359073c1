//! Looks at a run from outside: closes intervals of fixed simulated length, makes samples and snapshots of them, and
//! adds them up. Nothing here changes what happens.

use std::collections::VecDeque;

use super::core::Core;
use super::metrics::{LinkMeasurements, Measurements, StationMeasurements};
use super::snapshot::{
    Health, LinkSnapshot, OutcomeCounts, Particulars, Resource, ResourceUse, Sample, StationSnapshot,
};
use super::station::Station;
use crate::network::{LinkIdx, StationIdx};
use crate::units::{SimDuration, SimTime};

/// Length of an interval.
pub const INTERVAL: SimDuration = SimDuration::from_millis(100);
/// Samples kept for a viewer that does not come; the oldest go first.
const SAMPLES_KEPT: usize = 3000;

/// What has been seen of a run.
#[derive(Clone, Debug)]
pub struct Observer {
    interval_ends: SimTime,
    /// The interval that ended last, by place of station and link.
    last: Measurements,
    last_particulars: Vec<Particulars>,
    samples: VecDeque<Sample>,
    /// Everything since measurements were taken last, up to the last end of an interval.
    total: Measurements,
    total_since: SimTime,
    /// Begin of the interval that `core.window` counts.
    window_since: SimTime,
}

impl Default for Observer {
    fn default() -> Self {
        Self {
            interval_ends: SimTime::ZERO + INTERVAL,
            last: Measurements::default(),
            last_particulars: Vec::new(),
            samples: VecDeque::new(),
            total: Measurements::default(),
            total_since: SimTime::ZERO,
            window_since: SimTime::ZERO,
        }
    }
}

impl Observer {
    /// When the present interval ends.
    pub const fn interval_ends(&self) -> SimTime {
        self.interval_ends
    }

    /// Closes the present interval.
    pub fn end_interval(
        &mut self,
        core: &mut Core,
        stations: &[Station],
        shown_stations: &[StationIdx],
        shown_links: &[LinkIdx],
    ) {
        core.settle_replication();
        self.last_particulars =
            shown_stations.iter().map(|&place| stations[place.0 as usize].particulars(core, place)).collect();
        self.close_window(core);
        self.interval_ends = core.now + INTERVAL;
        let span = self.last.span.as_secs_f64();
        let all = self.last.all_classes();
        core.tracer.adapt(if span > 0.0 { all.arrivals as f64 / span } else { 0.0 });
        let utilisation = shown_stations
            .iter()
            .map(|&place| {
                let resources = self.resources(place, &stations[place.0 as usize]);
                resources.first().map_or(0.0, |resource| resource.utilisation() as f32)
            })
            .collect();
        if self.samples.len() == SAMPLES_KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample {
            at: core.now,
            interval: self.last.span,
            users: core.users,
            arrival_rate: per_sec(all.arrivals, span),
            outcomes: all.outcomes,
            latency: all.latency.percentiles(),
            in_flight: core.in_flight.value(),
            utilisation,
        });
        debug_assert!(shown_links.len() <= self.last.links.len(), "every link has its counts");
    }

    /// Everything measured since this was called last, in the order of the network shown.
    pub fn take(&mut self, core: &mut Core, shown_stations: &[StationIdx], shown_links: &[LinkIdx]) -> Measurements {
        core.settle_replication();
        self.close_window(core);
        let mut total = core::mem::take(&mut self.total);
        total.span = core.now.since(self.total_since);
        self.total_since = core.now;
        total.stations.resize_with(core.identities.len(), Default::default);
        total.links.resize_with(core.links.len(), Default::default);
        total.stations = shown_stations
            .iter()
            .map(|place| core::mem::take(&mut total.stations[place.0 as usize]))
            .collect::<Vec<StationMeasurements>>();
        total.links = shown_links
            .iter()
            .map(|place| core::mem::take(&mut total.links[place.0 as usize]))
            .collect::<Vec<LinkMeasurements>>();
        total
    }

    /// Hands the samples over.
    pub fn take_samples(&mut self) -> Vec<Sample> {
        self.samples.drain(..).collect()
    }

    /// Moves what the core has counted into `last` and `total`.
    fn close_window(&mut self, core: &mut Core) {
        let now = core.now;
        for (levels, counts) in core.levels.iter_mut().zip(&mut core.window.stations) {
            counts.in_system_area += levels.in_system.take_area(now);
            counts.waiting_area += levels.waiting.take_area(now);
            counts.busy_cores_area += levels.busy_cores.take_area(now);
            counts.used_slots_area += levels.used_slots.take_area(now);
            counts.down_secs += levels.down.take_area(now);
        }
        core.window.in_flight_area += core.in_flight.take_area(now);
        core.window.span = now.since(self.window_since);
        self.window_since = now;
        core::mem::swap(&mut self.last, &mut core.window);
        self.total.merge(&self.last);
        core.window.clear();
        core.window.stations.resize_with(core.identities.len(), Default::default);
        core.window.links.resize_with(core.links.len(), Default::default);
    }

    /// Figures of the interval that ended last, by station shown; levels and health are those of this moment.
    pub fn stations(&self, core: &mut Core, stations: &[Station], shown: &[StationIdx]) -> Vec<StationSnapshot> {
        let span = self.last.span.as_secs_f64();
        let nothing = StationMeasurements::default();
        let mut snapshots = Vec::with_capacity(shown.len());
        for (position, &place) in shown.iter().enumerate() {
            let counts = self.last.stations.get(place.0 as usize).unwrap_or(&nothing);
            let levels = &core.levels[place.0 as usize];
            let station = &stations[place.0 as usize];
            let (component, instance) = core.identities[place.0 as usize];
            let (waiting, in_system) = (levels.waiting.value(), levels.in_system.value());
            let is_up = core.is_up[place.0 as usize];
            // Before the first interval has ended, and for a newcomer until the next one has.
            let particulars = match self.last_particulars.get(position) {
                Some(particulars) if self.last_particulars.len() == shown.len() => particulars.clone(),
                _ => station.particulars(core, place),
            };
            snapshots.push(StationSnapshot {
                component,
                instance,
                health: if is_up { Health::Up } else { Health::Down },
                arrival_rate: per_sec(counts.arrivals, span),
                throughput: per_sec(counts.outcomes.total(), span),
                outcomes: counts.outcomes,
                queue_length: if span > 0.0 { counts.waiting_area / span } else { 0.0 },
                in_system,
                waiting,
                queue_limit: station.machine().and_then(|machine| machine.size().queue_limit).map(u64::from),
                resources: self.resources(place, station),
                wait: counts.wait.percentiles(),
                response: counts.response.percentiles(),
                particulars,
            });
        }
        snapshots
    }

    /// Figures of the interval that ended last, by link shown.
    pub fn links(&self, core: &Core, shown: &[LinkIdx]) -> Vec<LinkSnapshot> {
        let span = self.last.span.as_secs_f64();
        shown
            .iter()
            .map(|&place| {
                let counts = self.last.links.get(place.0 as usize);
                LinkSnapshot {
                    link: core.links[place.0 as usize].id,
                    attempt_rate: counts.map_or(0.0, |counts| per_sec(counts.attempts, span)),
                    retry_rate: counts.map_or(0.0, |counts| per_sec(counts.retries, span)),
                    outcomes: counts.map_or(OutcomeCounts::default(), |counts| counts.outcomes),
                    response: counts.map(|counts| counts.response.percentiles()).unwrap_or_default(),
                }
            })
            .collect()
    }

    /// Use of a station's limited resources over the last interval, scarcest first.
    fn resources(&self, place: StationIdx, station: &Station) -> Vec<ResourceUse> {
        let span = self.last.span.as_secs_f64();
        let Some((counts, machine)) = self.last.stations.get(place.0 as usize).zip(station.machine()) else {
            return Vec::new();
        };
        let size = machine.size();
        let used = |area: f64| if span > 0.0 { area / span } else { 0.0 };
        let mut resources: Vec<ResourceUse> = [
            (Resource::Cores, counts.busy_cores_area, size.cores),
            (Resource::Slots, counts.used_slots_area, size.slots),
        ]
        .into_iter()
        .filter_map(|(resource, area, capacity)| {
            Some(ResourceUse { resource, used: used(area), capacity: f64::from(capacity?) })
        })
        .collect();
        resources.sort_by(|a, b| b.utilisation().total_cmp(&a.utilisation()));
        resources
    }
}

fn per_sec(count: u64, secs: f64) -> f64 {
    if secs > 0.0 { count as f64 / secs } else { 0.0 }
}
