//! Live figures by component and link, put together from the engine's snapshots: machines of a component added up, the
//! last half minute kept for sparklines.
//!
//! Figures in words are those of the snapshot, unchanged, so that card, panel and report agree. Only the length of a
//! gauge is smoothed for the eye.

use std::collections::VecDeque;

use crate::design::Design;
use crate::design::fault::FaultKind;
use crate::ids::{ComponentId, LinkId};
use crate::sim::snapshot::{
    Happening, Health, LinkSnapshot, LogEntry, Outcome, OutcomeCounts, Particulars, Resource, Snapshot, StationSnapshot,
};
use crate::sorted;

/// Span of a sparkline in simulated time [s].
pub const HISTORY_SECS: f64 = 30.0;
/// Most points that a sparkline keeps.
const HISTORY_POINTS: usize = 120;
/// Share of the way that a gauge goes towards a new value with each snapshot.
const SMOOTHING: f64 = 0.35;

/// How a component is doing, from its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Room to spare.
    Calm,
    /// From 60 %.
    Warm,
    /// From 80 %, or with a machine lost.
    Hot,
    /// From 95 %, or refusing work.
    Saturated,
    /// All machines dead.
    Down,
}

/// A machine of a component.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Machine {
    /// Whether it works.
    pub health: Health,
    /// Share of its scarcest resource in use.
    pub utilisation: f64,
}

/// Live figures of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentFigures {
    /// Its machines, by instance.
    pub machines: Vec<Machine>,
    /// Its scarcest resource with the share in use over all machines that work; `None` if it has no such limit.
    pub scarcest: Option<(Resource, f64)>,
    /// The same share, smoothed, for the length of the gauge.
    pub gauge: f64,
    /// Calls waiting.
    pub waiting: u64,
    /// Calls that reached it [1/s].
    pub arrival_rate: f64,
    /// Calls that it ended [1/s].
    pub throughput: f64,
    /// Calls that it ended in failure [1/s].
    pub failure_rate: f64,
    /// Of these, the ones that failed here and not at someone it called [1/s].
    pub own_failure_rate: f64,
    /// The most frequent failure, if there is any.
    pub main_failure: Option<Outcome>,
    /// What only its kind has to tell.
    pub particulars: Particulars,
    /// Simulated time [s] and value of the sparkline, oldest first: utilisation 0 to 1, or throughput [1/s] where there
    /// is no scarcest resource.
    pub history: VecDeque<(f64, f32)>,
}

impl ComponentFigures {
    /// Machines that work.
    pub fn machines_up(&self) -> usize {
        self.machines.iter().filter(|machine| machine.health == Health::Up).count()
    }

    /// How the component is doing.
    pub fn state(&self) -> State {
        let up = self.machines_up();
        if up == 0 && !self.machines.is_empty() {
            return State::Down;
        }
        let utilisation = self.scarcest.map_or(0.0, |(_, share)| share);
        let refuses = self.main_failure == Some(Outcome::Refused) && self.own_failure_rate > 0.01 * self.throughput;
        match utilisation {
            _ if refuses => State::Saturated,
            share if share >= 0.95 => State::Saturated,
            share if share >= 0.8 => State::Hot,
            _ if up < self.machines.len() => State::Hot,
            share if share >= 0.6 => State::Warm,
            _ => State::Calm,
        }
    }
}

/// Live figures of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LinkFigures {
    /// Attempts sent, log entries for a `replicate` link [1/s].
    pub attempt_rate: f64,
    /// Share of the attempts that failed, 0 to 1.
    pub error_share: f64,
}

/// Everything that a picture needs to know about a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// By component.
    pub components: sorted::Map<ComponentId, ComponentFigures>,
    /// By link.
    pub links: sorted::Map<LinkId, LinkFigures>,
    /// What is wrong with components, as the log tells; a dead machine is told by its health instead.
    pub faults: sorted::Map<ComponentId, Vec<FaultKind>>,
    /// What is wrong with links.
    pub link_faults: sorted::Map<LinkId, Vec<FaultKind>>,
    /// Registered users.
    pub users: u64,
    /// Simulated time [s].
    pub now_secs: f64,
}

impl Figures {
    /// The figures of one snapshot of `design` alone.
    pub fn of(snapshot: &Snapshot, design: &Design) -> Self {
        let mut figures = Self::default();
        figures.observe(snapshot, design);
        figures
    }

    /// Takes in the next snapshot of `design`. Time that runs backwards means another run: the past is forgotten.
    pub fn observe(&mut self, snapshot: &Snapshot, design: &Design) {
        let now_secs = snapshot.now.as_secs_f64();
        if now_secs < self.now_secs {
            self.components.clear();
            self.faults.clear();
            self.link_faults.clear();
        }
        for entry in &snapshot.log {
            self.follow(entry);
        }
        self.now_secs = now_secs;
        self.users = snapshot.users;
        self.links = snapshot.links.iter().map(|link| (link.link, link_figures(link))).collect();
        let mut positions: sorted::Map<ComponentId, Vec<usize>> = sorted::Map::new();
        for (position, station) in snapshot.stations.iter().enumerate() {
            positions.get_or_insert_with(station.component, Vec::new).push(position);
        }
        self.components.retain(|id, _| positions.contains_key(id));
        for (id, positions) in positions {
            // Replaced where it stands: taking it out would move all that come after it.
            let past = self.components.get_mut(&id).map(|past| (past.gauge, core::mem::take(&mut past.history)));
            let mut figures = component_figures(snapshot, &positions, past);
            // What came back failed from others did not fail here.
            let passed_on = design.links_from(id).into_iter().filter_map(|link| self.links.get(&link.id));
            let passed_on: f64 = passed_on.map(|link| link.attempt_rate * link.error_share).sum();
            figures.own_failure_rate = own_failures(figures.failure_rate, passed_on);
            self.components.insert(id, figures);
        }
    }
}

impl Figures {
    /// Takes in a line of the log.
    fn follow(&mut self, entry: &LogEntry) {
        if !matches!(entry.happening, Happening::FaultBegan(_) | Happening::FaultEnded(_)) {
            return;
        }
        let faults = match entry.link {
            Some(link) => self.link_faults.get_or_insert_with(link, Vec::new),
            None => self.faults.get_or_insert_with(entry.component, Vec::new),
        };
        match entry.happening {
            // These are over as soon as they have happened.
            Happening::FaultBegan(FaultKind::Flush | FaultKind::Disconnect | FaultKind::Restart) => {}
            Happening::FaultBegan(kind) if !faults.contains(&kind) => faults.push(kind),
            Happening::FaultEnded(Some(kind)) => faults.retain(|known| *known != kind),
            Happening::FaultEnded(None) => faults.clear(),
            _ => {}
        }
    }
}

/// Failures that remain when those of others are taken off; what differs by the edges of the interval is none [1/s].
fn own_failures(failure_rate: f64, passed_on: f64) -> f64 {
    let own = failure_rate - passed_on;
    if own > 0.15 * failure_rate { own } else { 0.0 }
}

fn link_figures(link: &LinkSnapshot) -> LinkFigures {
    LinkFigures { attempt_rate: link.attempt_rate, error_share: link.outcomes.error_share() }
}

/// `past` is the length of the gauge and the sparkline so far.
fn component_figures(
    snapshot: &Snapshot,
    positions: &[usize],
    past: Option<(f64, VecDeque<(f64, f32)>)>,
) -> ComponentFigures {
    let stations: Vec<&StationSnapshot> = positions.iter().map(|&position| &snapshot.stations[position]).collect();
    let machines = stations
        .iter()
        .filter(|station| station.health != Health::Absent)
        .map(|station| Machine {
            health: station.health,
            utilisation: station.resources.first().map_or(0.0, |resource| resource.utilisation()),
        })
        .collect();
    let scarcest = scarcest(&stations);
    let share = scarcest.map_or(0.0, |(_, share)| share);
    let mut outcomes = OutcomeCounts::default();
    for station in &stations {
        outcomes.merge(&station.outcomes);
    }
    let sum = |figure: fn(&StationSnapshot) -> f64| stations.iter().map(|station| figure(station)).sum::<f64>();
    let throughput = sum(|station| station.throughput);
    let main_failure = Outcome::ALL
        .into_iter()
        .filter(|outcome| !outcome.is_success() && outcomes.get(*outcome) > 0)
        .max_by_key(|&outcome| outcomes.get(outcome));
    let (gauge, mut history) = past
        .map_or_else(|| (share, VecDeque::new()), |(gauge, history)| (gauge + (share - gauge) * SMOOTHING, history));
    remember(&mut history, snapshot, positions, scarcest.is_some(), throughput);
    ComponentFigures {
        machines,
        scarcest,
        gauge,
        waiting: stations.iter().map(|station| station.waiting).sum(),
        arrival_rate: sum(|station| station.arrival_rate),
        throughput,
        failure_rate: throughput * outcomes.error_share(),
        own_failure_rate: throughput * outcomes.error_share(),
        main_failure,
        // Kinds with something special to tell have one machine.
        particulars: stations[0].particulars.clone(),
        history,
    }
}

/// The resource with the greatest share in use, over the machines that work.
fn scarcest(stations: &[&StationSnapshot]) -> Option<(Resource, f64)> {
    let mut totals: Vec<(Resource, f64, f64)> = Vec::new();
    let is_any_up = stations.iter().any(|station| station.health == Health::Up);
    for station in stations.iter().filter(|station| !is_any_up || station.health == Health::Up) {
        for resource in &station.resources {
            match totals.iter_mut().find(|total| total.0 == resource.resource) {
                Some(total) => {
                    total.1 += resource.used;
                    total.2 += resource.capacity;
                }
                None => totals.push((resource.resource, resource.used, resource.capacity)),
            }
        }
    }
    totals
        .into_iter()
        .filter(|&(_, _, capacity)| capacity > 0.0)
        .map(|(resource, used, capacity)| (resource, (used / capacity).min(1.0)))
        // Of equals the first, else the name would jump while nothing is in use.
        .reduce(|most, other| if other.1 > most.1 { other } else { most })
}

/// Adds the newest points to a sparkline and drops what is too old.
fn remember(
    history: &mut VecDeque<(f64, f32)>,
    snapshot: &Snapshot,
    positions: &[usize],
    has_utilisation: bool,
    throughput: f64,
) {
    let now_secs = snapshot.now.as_secs_f64();
    let spacing = HISTORY_SECS / HISTORY_POINTS as f64;
    let mut push = |secs: f64, value: f32| {
        if history.back().is_none_or(|&(last, _)| secs >= last + spacing) {
            history.push_back((secs, value));
        }
    };
    if has_utilisation {
        for sample in &snapshot.samples {
            // A sample of an earlier network may have fewer stations.
            if positions.iter().all(|&position| position < sample.utilisation.len()) {
                let sum: f32 = positions.iter().map(|&position| sample.utilisation[position]).sum();
                push(sample.at.as_secs_f64(), sum / positions.len() as f32);
            }
        }
    } else {
        push(now_secs, throughput as f32);
    }
    while history.front().is_some_and(|&(secs, _)| secs < now_secs - HISTORY_SECS) {
        history.pop_front();
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::sim::snapshot::{Percentiles, ResourceUse, Sample};
    use crate::units::SimTime;

    /// A station with so many cores in use.
    pub fn station(component: u32, instance: u32, used: f64, capacity: f64) -> StationSnapshot {
        StationSnapshot {
            component: ComponentId(component),
            instance,
            health: Health::Up,
            arrival_rate: 100.0,
            throughput: 100.0,
            outcomes: OutcomeCounts::of(&[(Outcome::Answered, 100)]),
            queue_length: 0.0,
            in_system: 4,
            waiting: 0,
            queue_limit: Some(1000),
            resources: vec![ResourceUse { resource: Resource::Cores, used, capacity }],
            wait: Percentiles::default(),
            response: Percentiles::default(),
            particulars: Particulars::None,
        }
    }

    #[test]
    fn machines_of_a_component_are_added_up() {
        let snapshot =
            Snapshot { stations: vec![station(1, 0, 1.0, 4.0), station(1, 1, 3.0, 4.0)], ..Default::default() };
        let figures = &Figures::of(&snapshot, &Design::new()).components[&ComponentId(1)];
        assert_eq!(figures.scarcest, Some((Resource::Cores, 0.5)));
        assert_eq!(figures.throughput, 200.0);
        assert_eq!(figures.machines.len(), 2);
        assert_eq!(figures.state(), State::Calm);
    }

    #[test]
    fn dead_machines_neither_help_nor_hide_the_load_of_the_others() {
        let mut dead = station(1, 1, 0.0, 4.0);
        dead.health = Health::Down;
        let snapshot = Snapshot { stations: vec![station(1, 0, 3.9, 4.0), dead.clone()], ..Default::default() };
        let figures = &Figures::of(&snapshot, &Design::new()).components[&ComponentId(1)];
        assert_eq!(figures.scarcest, Some((Resource::Cores, 0.975)));
        assert_eq!(figures.state(), State::Saturated);
        let all_dead = Snapshot { stations: vec![dead], ..Default::default() };
        assert_eq!(Figures::of(&all_dead, &Design::new()).components[&ComponentId(1)].state(), State::Down);
    }

    #[test]
    fn refusals_mean_saturation_whatever_the_cores_say() {
        let mut refusing = station(1, 0, 0.1, 4.0);
        refusing.outcomes = OutcomeCounts::of(&[(Outcome::Answered, 50), (Outcome::Refused, 50)]);
        let snapshot = Snapshot { stations: vec![refusing], ..Default::default() };
        let figures = &Figures::of(&snapshot, &Design::new()).components[&ComponentId(1)];
        assert_eq!(figures.state(), State::Saturated);
        assert_eq!(figures.main_failure, Some(Outcome::Refused));
        assert_eq!(figures.failure_rate, 50.0);
    }

    #[test]
    fn failures_are_counted_where_they_happen() {
        let design = crate::scene::tests::three_in_a_row();
        let mut refusing = station(2, 0, 4.0, 4.0);
        refusing.outcomes = OutcomeCounts::of(&[(Outcome::Answered, 50), (Outcome::Refused, 50)]);
        let mut users = station(1, 0, 0.0, 0.0);
        users.outcomes = refusing.outcomes;
        let link = LinkSnapshot {
            link: LinkId(4),
            attempt_rate: 100.0,
            retry_rate: 0.0,
            outcomes: refusing.outcomes,
            response: Percentiles::default(),
        };
        let snapshot = Snapshot { stations: vec![users, refusing], links: vec![link], ..Default::default() };
        let figures = Figures::of(&snapshot, &design);
        let users = &figures.components[&ComponentId(1)];
        assert_eq!((users.failure_rate, users.own_failure_rate, users.state()), (50.0, 0.0, State::Calm));
        let server = &figures.components[&ComponentId(2)];
        assert_eq!((server.own_failure_rate, server.state()), (50.0, State::Saturated));
    }

    #[test]
    fn faults_are_known_from_the_line_that_begins_them_to_the_line_that_ends_them() {
        let (slow, lost) = (FaultKind::ALL[0], FaultKind::ALL[1]);
        let entry =
            |link, happening| LogEntry { at: SimTime::ZERO, component: ComponentId(1), instance: 0, link, happening };
        let mut figures = Figures::default();
        let mut tell = |log| {
            figures.observe(&Snapshot { log, ..Default::default() }, &Design::new());
            (figures.faults.get(&ComponentId(1)).cloned(), figures.link_faults.get(&LinkId(4)).cloned())
        };
        let began = [
            entry(None, Happening::FaultBegan(slow)),
            entry(None, Happening::FaultBegan(slow)),
            entry(Some(LinkId(4)), Happening::FaultBegan(lost)),
        ];
        assert_eq!(tell(began.to_vec()), (Some(vec![slow]), Some(vec![lost])));
        let ended =
            [entry(None, Happening::FaultEnded(Some(slow))), entry(Some(LinkId(4)), Happening::FaultEnded(None))];
        assert_eq!(tell(ended.to_vec()), (Some(Vec::new()), Some(Vec::new())));
    }

    #[test]
    fn the_sparkline_keeps_half_a_minute_and_starts_anew_with_a_run() {
        let mut figures = Figures::default();
        let at = |secs: f64| Snapshot {
            now: SimTime::from_secs_f64(secs),
            stations: vec![station(1, 0, 2.0, 4.0)],
            samples: vec![Sample { at: SimTime::from_secs_f64(secs), utilisation: vec![0.5], ..Default::default() }],
            ..Default::default()
        };
        for second in 0..100 {
            figures.observe(&at(f64::from(second)), &Design::new());
        }
        let history = &figures.components[&ComponentId(1)].history;
        assert_eq!((history.front().unwrap().0, history.back().unwrap().0), (69.0, 99.0));
        figures.observe(&at(1.0), &Design::new());
        assert_eq!(figures.components[&ComponentId(1)].history.len(), 1);
    }
}
