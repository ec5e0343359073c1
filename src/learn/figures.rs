//! Figures for people out of snapshots: a component with all its machines, and the whole over a few samples.

use crate::design::{Design, Kind};
use crate::ids::{ComponentId, LinkId};
use crate::sim::snapshot::bands::Bands;
use crate::sim::snapshot::{
    Health, LinkSnapshot, OutcomeCounts, Particulars, Percentiles, ResourceUse, Sample, Snapshot, StationSnapshot,
    used_together,
};
use crate::sorted;

/// A component over the last interval, all its machines taken together.
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentFigures {
    /// Machines that work.
    pub n_up: u32,
    /// All machines.
    pub n_machines: u32,
    /// Calls that reached it [1/s].
    pub arrival_rate: f64,
    /// Calls that it ended [1/s].
    pub throughput: f64,
    /// How they ended.
    pub outcomes: OutcomeCounts,
    /// Calls waiting, on average.
    pub queue_length: f64,
    /// Calls waiting, at the end.
    pub waiting: u64,
    /// Calls here, waiting or not, at the end.
    pub in_system: u64,
    /// Waiting places of all machines; `None` if there is no limit or no queue.
    pub queue_limit: Option<u64>,
    /// Resources of the machines that work, or of all if none does, scarcest first.
    pub resources: Vec<ResourceUse>,
    /// Waiting times of the machine where they are longest: percentiles of several machines cannot be put together.
    pub wait: Percentiles,
    /// Response times of the machine where they are longest.
    pub response: Percentiles,
    /// What only its kind has to tell, of its first machine.
    pub particulars: Particulars,
}

impl ComponentFigures {
    /// Gathers the figures of a component; `None` if the snapshot does not know it.
    pub fn of(snapshot: &Snapshot, component: ComponentId) -> Option<Self> {
        let first = snapshot.stations.iter().position(|station| station.component == component)?;
        Self::of_machines(snapshot.stations[first..].iter().take_while(|station| station.component == component))
    }

    /// Gathers the figures of all components, in one go.
    pub fn all(snapshot: &Snapshot) -> sorted::Map<ComponentId, Self> {
        let components = snapshot.stations.chunk_by(|one, next| one.component == next.component);
        components.filter_map(|machines| Some((machines[0].component, Self::of_machines(machines.iter())?))).collect()
    }

    /// Gathers the figures of the machines of one component, which are neighbours in a snapshot; `None` if there are none.
    fn of_machines<'a>(machines: impl Iterator<Item = &'a StationSnapshot> + Clone) -> Option<Self> {
        let resources = used_together(machines.clone().map(|machine| (machine.health, machine.resources.as_slice())));
        let mut rest = machines;
        let mut figures = Self { resources, ..Self::of_station(rest.next()?) };
        for machine in rest {
            figures.add(machine);
        }
        Some(figures)
    }

    fn of_station(station: &StationSnapshot) -> Self {
        Self {
            n_up: u32::from(station.health == Health::Up),
            n_machines: u32::from(station.health != Health::Absent),
            arrival_rate: station.arrival_rate,
            throughput: station.throughput,
            outcomes: station.outcomes,
            queue_length: station.queue_length,
            waiting: station.waiting,
            in_system: station.in_system,
            queue_limit: station.queue_limit,
            resources: Vec::new(),
            wait: station.wait,
            response: station.response,
            particulars: station.particulars.clone(),
        }
    }

    fn add(&mut self, station: &StationSnapshot) {
        self.n_up += u32::from(station.health == Health::Up);
        self.n_machines += u32::from(station.health != Health::Absent);
        self.arrival_rate += station.arrival_rate;
        self.throughput += station.throughput;
        self.outcomes.merge(&station.outcomes);
        self.queue_length += station.queue_length;
        self.waiting += station.waiting;
        self.in_system += station.in_system;
        self.queue_limit = self.queue_limit.zip(station.queue_limit).map(|(mine, theirs)| mine + theirs);
        if station.wait.mean_secs > self.wait.mean_secs {
            self.wait = station.wait;
        }
        if station.response.p99_secs > self.response.p99_secs {
            self.response = station.response;
        }
    }

    /// Its scarcest resource; `None` if it has none that could run out.
    pub fn scarcest(&self) -> Option<&ResourceUse> {
        self.resources.first()
    }

    /// Utilisation of its scarcest resource, 0 to 1.
    pub fn utilisation(&self) -> f64 {
        self.scarcest().map_or(0.0, ResourceUse::utilisation)
    }

    /// Scarcity of its scarcest resource, to find the busiest of several; −1 if it has none.
    pub fn scarcity(&self) -> f64 {
        self.scarcest().map_or(-1.0, ResourceUse::scarcity)
    }

    /// Whether no machine works.
    pub const fn is_down(&self) -> bool {
        self.n_up == 0
    }
}

/// The figures of a link; `None` if the snapshot does not know it.
pub fn link(snapshot: &Snapshot, link: LinkId) -> Option<&LinkSnapshot> {
    snapshot.links.iter().find(|figures| figures.link == link)
}

/// The whole over some samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Their length together [s].
    pub span_secs: f64,
    /// Requests that users sent [req/s].
    pub arrival_rate: f64,
    /// How the requests that ended ended.
    pub outcomes: OutcomeCounts,
    /// Requests in flight at the end.
    pub in_flight: u64,
    /// By how much more requests were in flight at the end than at the start, per second.
    pub growth_per_sec: f64,
    /// Latency of what was answered; percentiles to a band's width.
    pub latency: Percentiles,
}

impl Totals {
    /// Adds up samples, oldest first.
    pub fn over<'a>(samples: impl IntoIterator<Item = &'a Sample>) -> Self {
        let mut totals = Self::default();
        let mut at_start = None;
        let mut arrivals = 0.0;
        let (mut latencies, mut bands) = (Vec::new(), Bands::default());
        for sample in samples {
            let secs = sample.interval.as_secs_f64();
            totals.span_secs += secs;
            arrivals += sample.arrival_rate * secs;
            totals.outcomes.merge(&sample.outcomes);
            totals.in_flight = sample.in_flight;
            at_start.get_or_insert((sample.in_flight, totals.span_secs));
            latencies.push(sample.latency);
            bands.merge(&sample.latency_bands);
        }
        totals.latency = together(latencies, &bands);
        if totals.span_secs > 0.0 {
            totals.arrival_rate = arrivals / totals.span_secs;
        }
        if let Some((first, lead)) = at_start
            && totals.span_secs > lead
        {
            totals.growth_per_sec = (totals.in_flight as f64 - first as f64) / (totals.span_secs - lead);
        }
        totals
    }

    /// Requests that ended well [req/s].
    pub fn answered_rate(&self) -> f64 {
        if self.span_secs > 0.0 {
            self.outcomes.get(crate::sim::snapshot::Outcome::Answered) as f64 / self.span_secs
        } else {
            0.0
        }
    }
}

/// The whole over the last second or two as the cards of its users show it, so that all tell the same; `recent`, which is
/// made of samples, says what no card does: what is in flight, and the latency of several groups of users together.
pub fn told_by_users(design: &Design, snapshot: &Snapshot, recent: Totals) -> Totals {
    let groups = design.components().filter(|component| component.config.kind() == Kind::Users);
    let groups: Vec<ComponentFigures> = groups.filter_map(|group| ComponentFigures::of(snapshot, group.id)).collect();
    let mut totals = Totals { arrival_rate: 0.0, outcomes: OutcomeCounts::default(), ..recent };
    let mut ended_per_sec = 0.0;
    for group in &groups {
        totals.arrival_rate += group.arrival_rate;
        totals.outcomes.merge(&group.outcomes);
        ended_per_sec += group.throughput;
    }
    // Without an end there is nothing to divide by.
    if ended_per_sec > 0.0 {
        totals.span_secs = totals.outcomes.total() as f64 / ended_per_sec;
    }
    if let [only] = groups.as_slice() {
        totals.latency = only.response;
    }
    totals
}

/// Percentiles of several spans of time together, as near as `bands`, those of all of them, tell.
pub fn together(spans: impl IntoIterator<Item = Percentiles>, bands: &Bands) -> Percentiles {
    let mut spans = spans.into_iter().filter(|span| span.count > 0);
    let Some(first) = spans.next() else { return Percentiles::default() };
    let Some(second) = spans.next() else { return first };
    let (mut count, mut sum_secs, mut max_secs) = (0, 0.0, 0.0_f64);
    for span in [first, second].into_iter().chain(spans) {
        count += span.count;
        sum_secs += span.mean_secs * span.count as f64;
        max_secs = max_secs.max(span.max_secs);
    }
    let quantile = |share| bands.quantile_secs(share).unwrap_or_default().min(max_secs);
    Percentiles {
        count,
        mean_secs: sum_secs / count as f64,
        p50_secs: quantile(0.5),
        p90_secs: quantile(0.9),
        p95_secs: quantile(0.95),
        p99_secs: quantile(0.99),
        p999_secs: quantile(0.999),
        max_secs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Component;
    use crate::design::edit::Edit;
    use crate::geometry::Point;
    use crate::sim::snapshot::{Outcome, Resource};
    use crate::units::SimDuration;

    fn machine(instance: u32, busy: f64, wait_secs: f64) -> StationSnapshot {
        StationSnapshot {
            component: ComponentId(1),
            instance,
            health: if busy > 0.0 { Health::Up } else { Health::Down },
            arrival_rate: 10.0,
            throughput: 9.0,
            outcomes: OutcomeCounts::of(&[(Outcome::Answered, 9), (Outcome::Refused, 1)]),
            queue_length: 2.0,
            in_system: 5,
            waiting: 2,
            queue_limit: Some(100),
            resources: vec![ResourceUse { resource: Resource::Cores, used: busy, capacity: 4.0 }],
            wait: Percentiles { mean_secs: wait_secs, ..Percentiles::default() },
            response: Percentiles::default(),
            particulars: Particulars::None,
        }
    }

    #[test]
    fn machines_of_a_component_add_up() {
        let stations = vec![machine(0, 4.0, 0.5), machine(1, 0.0, 0.0), machine(2, 2.0, 0.1)];
        let snapshot = Snapshot { stations, ..Snapshot::default() };
        let figures = ComponentFigures::of(&snapshot, ComponentId(1)).expect("known");
        assert_eq!((figures.n_up, figures.n_machines), (2, 3));
        assert_eq!(figures.arrival_rate, 30.0);
        assert_eq!(figures.outcomes.get(Outcome::Refused), 3);
        assert_eq!(figures.queue_limit, Some(300));
        // Of the eight cores that are there.
        assert_eq!(figures.utilisation(), 0.75);
        assert_eq!(figures.wait.mean_secs, 0.5);
        assert_eq!(ComponentFigures::of(&snapshot, ComponentId(2)), None);
    }

    #[test]
    fn samples_add_up_by_their_length() {
        let sample = |rate, in_flight| Sample {
            interval: SimDuration::from_millis(500),
            arrival_rate: rate,
            in_flight,
            outcomes: OutcomeCounts::of(&[(Outcome::Answered, 10)]),
            ..Sample::default()
        };
        let totals = Totals::over(&[sample(100.0, 10), sample(300.0, 20), sample(200.0, 40)]);
        assert!((totals.arrival_rate - 200.0).abs() < 1e-9);
        assert!((totals.answered_rate() - 20.0).abs() < 1e-9);
        assert!((totals.growth_per_sec - 30.0).abs() < 1e-9);
        assert_eq!(Totals::over(&[]), Totals::default());
    }

    #[test]
    fn latency_is_that_of_all_samples_and_not_of_the_last() {
        let sample = |band: u8, secs: f64, count: u32| Sample {
            interval: SimDuration::from_millis(50),
            latency: Percentiles {
                count: count.into(),
                mean_secs: secs,
                p99_secs: secs,
                max_secs: secs,
                ..Percentiles::default()
            },
            latency_bands: Bands(vec![(band, count)]),
            ..Sample::default()
        };
        let low = Bands(vec![(40, 1)]).quantile_secs(0.5).expect("one");
        let high = Bands(vec![(60, 1)]).quantile_secs(0.5).expect("one");
        let totals = Totals::over(&[sample(60, high, 2), Sample::default(), sample(40, low, 98)]);
        assert_eq!(totals.latency.count, 100);
        assert!((totals.latency.p50_secs / low - 1.0).abs() < 0.05 && totals.latency.p99_secs == high);
        assert!((totals.latency.mean_secs - 0.98 * low - 0.02 * high).abs() < 1e-12);
        assert_eq!(Totals::over(&[sample(60, high, 2)]).latency.p99_secs, high);
    }

    #[test]
    fn the_whole_is_what_the_cards_of_its_users_show() {
        let response = |secs| Percentiles { count: 9, p99_secs: secs, ..Percentiles::default() };
        let mut design = Design::new();
        let mut stations = Vec::new();
        let recent = Totals { in_flight: 7, latency: response(3.0), span_secs: 2.0, ..Totals::default() };
        let nobody = told_by_users(&design, &Snapshot::default(), recent);
        assert_eq!((nobody.arrival_rate, nobody.answered_rate(), nobody.in_flight), (0.0, 0.0, 7));
        for (id, p99_secs) in [(1, 0.1), (2, 3.0)] {
            let component = Component {
                id: ComponentId(id),
                name: format!("Users {id}"),
                config: Kind::Users.default_config(),
                position: Point::default(),
                frame: None,
            };
            design.apply(Edit::AddComponent(component)).expect("new");
            let users = machine(0, 1.0, 0.0);
            stations.push(StationSnapshot { component: ComponentId(id), response: response(0.1), ..users });
            let snapshot = Snapshot { stations: stations.clone(), ..Snapshot::default() };
            let told = told_by_users(&design, &snapshot, recent);
            assert_eq!(told.latency.p99_secs, p99_secs);
            let groups = f64::from(id);
            assert_eq!(told.arrival_rate, 10.0 * groups);
            // Nine of ten that ended, of nine a second.
            assert!((told.answered_rate() - 8.1 * groups).abs() < 1e-9, "{told:?}");
        }
    }
}
