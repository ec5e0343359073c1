//! Looks at a run from outside: closes intervals of fixed simulated length, makes samples and snapshots of them, and
//! adds them up. Nothing here changes what happens.
//!
//! Where nobody wants intervals, only their sum, they are not closed: under a small load an interval has a dozen events,
//! and closing it would cost more than all of them.

use std::collections::VecDeque;

use super::condition::Presence;
use super::core::Core;
use super::metrics::{Histogram, LinkMeasurements, Measurements, StationMeasurements};
use super::snapshot::{
    Health, LinkSnapshot, OutcomeCounts, Resource, ResourceUse, Sample, StationSnapshot, used_together,
};
use super::station::Station;
use crate::design::price::{MONTH_SECS, Priced};
use crate::ids::ComponentId;
use crate::network::{LinkIdx, Network, StationIdx};
use crate::sorted::sort_by;
use crate::units::{SimDuration, SimTime};

/// Length of an interval.
pub const INTERVAL: SimDuration = SimDuration::from_millis(100);
/// Intervals after which the figures for people start anew; they then span the batch before and the one begun, so one to
/// two simulated seconds: short enough to follow a change, long enough not to flicker.
const BATCH: u32 = 10;
/// Samples kept for a viewer that does not come; the oldest go first.
const SAMPLES_KEPT: usize = 3000;

/// What a station has done over some time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    /// Busy cores, times seconds.
    pub busy_area: f64,
    /// Calls here, times seconds.
    pub in_system_area: f64,
    /// Calls that arrived.
    pub arrivals: u64,
    /// Calls that ended.
    pub ended: u64,
    /// Of these, those that failed.
    pub failed: u64,
    /// Of these, those that were answered.
    pub answered: u64,
    /// Time from arrival to answer of those that were answered, summed up [s].
    pub response_secs: f64,
}

impl Load {
    /// Adds what another station did, or the same one at another time.
    pub fn add(&mut self, other: &Self) {
        self.busy_area += other.busy_area;
        self.in_system_area += other.in_system_area;
        self.arrivals += other.arrivals;
        self.ended += other.ended;
        self.failed += other.failed;
        self.answered += other.answered;
        self.response_secs += other.response_secs;
    }

    fn of(counts: &StationMeasurements) -> Self {
        let answered = counts.response.count();
        Self {
            busy_area: counts.busy_cores_area,
            in_system_area: counts.in_system_area,
            arrivals: counts.arrivals,
            ended: counts.outcomes.total(),
            failed: counts.outcomes.failed(),
            answered,
            response_secs: if answered > 0 { counts.response.mean_secs() * answered as f64 } else { 0.0 },
        }
    }
}

/// What has been seen of a run.
#[derive(Clone, Debug)]
pub struct Observer {
    interval_ends: SimTime,
    /// The interval that ended last, by place of station and link; with the times of stations and links only if they were
    /// gathered at its end.
    last: Measurements,
    /// The batch of intervals before, and the one begun.
    recent: [Measurements; 2],
    /// Intervals in the batch begun.
    batched: u32,
    /// Latency of all classes in the interval that ended last.
    latency: Histogram,
    samples: VecDeque<Sample>,
    /// Everything since measurements were taken last, up to the last end of an interval.
    total: Measurements,
    total_since: SimTime,
    /// Up to when levels and capacities have been entered into `core.window`.
    gathered: SimTime,
    /// What each station has done since somebody asked; `None` while nobody wants to know.
    load: Option<Vec<Load>>,
    load_since: SimTime,
    /// Whether somebody looks at the times of stations at the end of each interval.
    times_are_watched: bool,
    /// Whether intervals are closed even if nobody looks at loads and times at their ends.
    keeps_intervals: bool,
}

impl Default for Observer {
    fn default() -> Self {
        Self {
            interval_ends: SimTime::ZERO + INTERVAL,
            last: Measurements::default(),
            recent: [Measurements::default(), Measurements::default()],
            batched: 0,
            latency: Histogram::default(),
            samples: VecDeque::new(),
            total: Measurements::default(),
            total_since: SimTime::ZERO,
            gathered: SimTime::ZERO,
            load: None,
            load_since: SimTime::ZERO,
            times_are_watched: false,
            keeps_intervals: true,
        }
    }
}

impl Observer {
    /// When the present interval ends.
    pub const fn interval_ends(&self) -> SimTime {
        self.interval_ends
    }

    /// Starts or stops closing intervals: without, there are no samples and no figures of the last seconds.
    pub const fn keep_intervals(&mut self, wanted: bool) {
        self.keeps_intervals = wanted;
    }

    /// Whether somebody wants to know about single intervals.
    const fn closes_intervals(&self) -> bool {
        self.keeps_intervals || self.times_are_watched || self.load.is_some()
    }

    /// The present interval is over.
    pub fn end_interval(
        &mut self,
        core: &mut Core,
        network: &Network,
        stations: &mut [Station],
        shown_stations: &[StationIdx],
    ) {
        core.settle_replication();
        for place in shown_stations.iter().map(|place| place.0 as usize) {
            if core.conditions[place].presence().works()
                && let Some(used) = stations[place].memory_used(core)
            {
                core.window.stations[place].memory_sum += used;
                core.window.stations[place].memory_samples += 1;
                core.window.stations[place].memory_limit_sum += stations[place].memory_limit().unwrap_or(0.0);
            }
        }
        self.interval_ends = core.now + INTERVAL;
        self.batched = self.batched % BATCH + 1;
        if self.closes_intervals() {
            self.close_interval(core, network, stations, shown_stations);
        } else if self.batched == BATCH {
            // Levels have to be looked at now and then.
            self.gather(core, stations);
        }
    }

    /// Closes the present interval.
    fn close_interval(
        &mut self,
        core: &mut Core,
        network: &Network,
        stations: &[Station],
        shown_stations: &[StationIdx],
    ) {
        if self.batched == 1 {
            self.recent.swap(0, 1);
            self.recent[1].clear();
        }
        self.close_window(core, stations, self.batched == BATCH);
        let span = self.last.span.as_secs_f64();
        let mut outcomes = OutcomeCounts::default();
        let mut arrivals = 0;
        self.latency.clear();
        for class in &self.last.classes {
            arrivals += class.arrivals;
            outcomes.merge(&class.outcomes);
            self.latency.merge(&class.latency);
        }
        core.tracer.adapt(if span > 0.0 { arrivals as f64 / span } else { 0.0 });
        let utilisation = self.utilisation(core, network, stations, shown_stations);
        let (mut monthly_rent_usd, mut usage_usd) = (0.0, 0.0);
        for (spec, place) in network.stations.iter().zip(shown_stations) {
            if core.conditions[place.0 as usize].presence() != Presence::Absent {
                monthly_rent_usd += spec.monthly_usd();
            }
            let price = spec.config.usage();
            if !price.is_free() {
                let counts = self.last.stations.get(place.0 as usize);
                usage_usd += counts.map_or(0.0, |counts| counts.usage_usd(&price));
                usage_usd += network.monthly_keeping_usd(spec) * span / MONTH_SECS;
            }
        }
        if self.samples.len() == SAMPLES_KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample {
            at: core.now,
            interval: self.last.span,
            users: core.users,
            arrival_rate: per_sec(arrivals, span),
            outcomes,
            latency: self.latency.percentiles(),
            latency_bands: self.latency.bands(),
            in_flight: core.in_flight.value(),
            monthly_rent_usd,
            usage_usd,
            utilisation,
        });
    }

    /// Utilisation of each component's scarcest resource in the last interval.
    fn utilisation(
        &self,
        core: &Core,
        network: &Network,
        stations: &[Station],
        shown_stations: &[StationIdx],
    ) -> Vec<(ComponentId, f32)> {
        let span = self.last.span.as_secs_f64();
        let mut places = shown_stations.iter();
        let components = network.stations.chunk_by(|one, next| one.component == next.component);
        components
            .filter_map(|machines| {
                let machines_used: Vec<(Health, Vec<ResourceUse>)> = places
                    .by_ref()
                    .take(machines.len())
                    .map(|&place| {
                        let counts = self.last.stations.get(place.0 as usize);
                        let used = counts.map(|counts| resources(counts, span, &stations[place.0 as usize]));
                        (health(core, place), used.unwrap_or_default())
                    })
                    .collect();
                let used = used_together(machines_used.iter().map(|(health, used)| (*health, used.as_slice())));
                used.first().map(|scarcest| (machines[0].component, scarcest.utilisation() as f32))
            })
            .collect()
    }

    /// Everything measured since this was called last, in the order of the network shown.
    pub fn take(
        &mut self,
        core: &mut Core,
        stations: &[Station],
        shown_stations: &[StationIdx],
        shown_links: &[LinkIdx],
    ) -> Measurements {
        core.settle_replication();
        self.close_window(core, stations, true);
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

    /// What was measured in the interval that ended last, by place; the times of stations only if they are watched.
    pub const fn last(&self) -> &Measurements {
        &self.last
    }

    /// Starts or stops gathering the times of stations at the end of each interval for [`Observer::last`].
    pub const fn watch_times(&mut self, wanted: bool) {
        self.times_are_watched = wanted;
    }

    /// Hands the samples over.
    pub fn take_samples(&mut self) -> Vec<Sample> {
        self.samples.drain(..).collect()
    }

    /// Forgets the samples that nobody has taken.
    pub fn forget_samples(&mut self) {
        self.samples.clear();
    }

    /// About how much memory measurements take [bytes].
    pub fn footprint_bytes(&self) -> usize {
        [&self.last, &self.recent[0], &self.recent[1], &self.total].map(Measurements::footprint_bytes).iter().sum()
    }

    /// Starts or stops adding up the load for [`Observer::take_load`].
    pub fn watch_load(&mut self, wanted: bool) {
        if wanted != self.load.is_some() {
            self.load = wanted.then(Vec::new);
        }
    }

    /// What each station has done, by place, since this was asked last, and how long that was.
    pub fn take_load(&mut self, now: SimTime) -> (Vec<Load>, SimDuration) {
        let load = self.load.as_mut().map(core::mem::take).unwrap_or_default();
        (load, now.since(core::mem::replace(&mut self.load_since, now)))
    }

    /// Moves what the core has counted into `last`, and adds it to `recent` and `total`.
    ///
    /// The times of stations and links are many counts, most of which a short interval does not touch: they go on being
    /// recorded where they are until a batch ends, unless they are to be `complete` or somebody watches them.
    fn close_window(&mut self, core: &mut Core, stations: &[Station], complete: bool) {
        core.enter_answers();
        core.enter_demand();
        self.gather(core, stations);
        core::mem::swap(&mut self.last, &mut core.window);
        core.window.clear();
        core.window.stations.resize_with(core.identities.len(), Default::default);
        core.window.links.resize_with(core.links.len(), Default::default);
        core.window.regions.resize_with(self.last.regions.len(), Default::default);
        if !(complete || self.times_are_watched || self.load.is_some()) {
            self.last.swap_times(&mut core.window);
        }
        if let Some(load) = &mut self.load {
            load.resize(self.last.stations.len(), Load::default());
            for (sum, counts) in load.iter_mut().zip(&self.last.stations) {
                sum.add(&Load::of(counts));
            }
        }
        if self.closes_intervals() {
            self.recent[1].merge(&self.last);
        }
        self.total.merge(&self.last);
    }

    /// Where intervals are not closed, puts aside what was counted up to now, because things are about to change.
    pub fn note_change(&mut self, core: &mut Core, stations: &[Station]) {
        if !self.closes_intervals() {
            self.close_window(core, stations, true);
        }
    }

    /// Enters areas, spans and arrivals up to now.
    fn gather(&mut self, core: &mut Core, stations: &[Station]) {
        let now = core.now;
        let since = now.since(core::mem::replace(&mut self.gathered, now));
        let span = since.as_secs_f64();
        for ((station, condition), counts) in stations.iter().zip(&core.conditions).zip(&mut core.window.stations) {
            if condition.presence() != Presence::Absent
                && let Some(machine) = station.machine()
            {
                counts.core_capacity_area += span * machine.size().cores.map_or(0.0, f64::from);
                counts.slot_capacity_area += span * machine.size().slots.map_or(0.0, f64::from);
            }
        }
        for (levels, counts) in core.levels.iter_mut().zip(&mut core.window.stations) {
            counts.arrivals += u64::from(core::mem::take(&mut levels.arrivals));
            counts.in_system_area += levels.in_system.take_area(now);
            counts.waiting_area += levels.waiting.take_area(now);
            counts.busy_cores_area += levels.busy_cores.take_area(now);
            counts.used_slots_area += levels.used_slots.take_area(now);
            counts.down_secs += levels.down.take_area(now);
            counts.absent_secs += levels.absent.take_area(now);
        }
        for (link, counts) in core.links.iter_mut().zip(&mut core.window.links) {
            counts.attempts += u64::from(core::mem::take(&mut link.attempts));
            counts.connections_area += link.connections.take_area(now);
        }
        core.window.in_flight_area += core.in_flight.take_area(now);
        core.window.span += since;
    }

    /// Figures of the last one to two seconds up to the end of an interval, by station shown; times, levels and health are
    /// up to this moment.
    pub fn stations(&self, core: &mut Core, stations: &[Station], shown: &[StationIdx]) -> Vec<StationSnapshot> {
        let span = self.recent_secs();
        shown
            .iter()
            .map(|&place| {
                let mut counts = StationMeasurements::default();
                for batch in &self.recent {
                    if let Some(batch) = batch.stations.get(place.0 as usize) {
                        counts.merge(batch);
                    }
                }
                counts.merge_times(&core.window.stations[place.0 as usize]);
                core.add_demand_of(place, &mut counts);
                let levels = &core.levels[place.0 as usize];
                let station = &stations[place.0 as usize];
                let (component, instance) = core.identities[place.0 as usize];
                StationSnapshot {
                    component,
                    instance,
                    health: health(core, place),
                    arrival_rate: per_sec(counts.arrivals, span),
                    throughput: per_sec(counts.outcomes.total(), span),
                    outcomes: counts.outcomes,
                    queue_length: if span > 0.0 { counts.waiting_area / span } else { 0.0 },
                    in_system: levels.in_system.value(),
                    waiting: levels.waiting.value(),
                    queue_limit: station.machine().and_then(|machine| machine.size().queue_limit).map(u64::from),
                    resources: resources(&counts, span, station),
                    wait: counts.wait.percentiles(),
                    response: counts.response.percentiles(),
                    particulars: station.particulars(core, place, &counts),
                }
            })
            .collect()
    }

    /// Figures of the last one to two seconds up to the end of an interval, by link shown; times are up to this moment.
    pub fn links(&self, core: &Core, shown: &[LinkIdx]) -> Vec<LinkSnapshot> {
        let span = self.recent_secs();
        shown
            .iter()
            .map(|&place| {
                let mut counts = LinkMeasurements::default();
                for batch in &self.recent {
                    if let Some(batch) = batch.links.get(place.0 as usize) {
                        counts.merge(batch);
                    }
                }
                counts.merge_times(&core.window.links[place.0 as usize]);
                LinkSnapshot {
                    link: core.links[place.0 as usize].id,
                    attempt_rate: per_sec(counts.attempts, span),
                    retry_rate: per_sec(counts.retries, span),
                    outcomes: counts.outcomes,
                    response: counts.response.percentiles(),
                }
            })
            .collect()
    }

    /// Length of what the figures for people span [s].
    fn recent_secs(&self) -> f64 {
        self.recent.iter().map(|batch| batch.span.as_secs_f64()).sum()
    }
}

fn health(core: &Core, place: StationIdx) -> Health {
    match core.conditions[place.0 as usize].presence() {
        Presence::Serving | Presence::Draining => Health::Up,
        Presence::Down => Health::Down,
        Presence::Starting => Health::Starting,
        Presence::Absent => Health::Absent,
    }
}

/// Use of a station's limited resources over `span` seconds, scarcest first.
fn resources(counts: &StationMeasurements, span: f64, station: &Station) -> Vec<ResourceUse> {
    let Some(machine) = station.machine() else { return Vec::new() };
    let size = machine.size();
    let used = |area: f64| if span > 0.0 { area / span } else { 0.0 };
    let mut resources: Vec<ResourceUse> =
        [(Resource::Cores, counts.busy_cores_area, size.cores), (Resource::Slots, counts.used_slots_area, size.slots)]
            .into_iter()
            .filter_map(|(resource, area, capacity)| {
                Some(ResourceUse { resource, used: used(area), capacity: f64::from(capacity?) })
            })
            .collect();
    if let Some(capacity) = station.memory_limit()
        && counts.memory_samples > 0
    {
        let used = counts.memory_sum / counts.memory_samples as f64;
        resources.push(ResourceUse { resource: Resource::Memory, used, capacity });
    }
    sort_by(&mut resources, |a, b| b.scarcity().total_cmp(&a.scarcity()));
    resources
}

fn per_sec(count: u64, secs: f64) -> f64 {
    if secs > 0.0 { count as f64 / secs } else { 0.0 }
}
