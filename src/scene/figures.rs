//! Live figures by component and link, put together from the engine's snapshots: machines of a component added up, the
//! last half minute kept for sparklines.
//!
//! Figures in words are those of the snapshot, unchanged, so that card, panel and report agree. What moves is smoothed for
//! the eye: the length of a gauge, of a queue, and the *strain* that decides about the colour. Strain grows with the load
//! and stays high where calls are turned away, so that nothing looks healthier because it sheds what it cannot do.

use std::collections::VecDeque;

use crate::design::fault::FaultKind;
use crate::design::{Design, Kind};
use crate::ids::{ComponentId, LinkId};
use crate::sim::snapshot::{
    Happening, Health, LinkSnapshot, LogEntry, Outcome, OutcomeCounts, Particulars, Resource, ResourceUse, Snapshot,
    StationSnapshot,
};
use crate::sorted;

/// Span of a sparkline in simulated time [s].
pub const HISTORY_SECS: f64 = 30.0;
/// Most points that a sparkline keeps.
const HISTORY_POINTS: usize = 120;
/// Share of the way that what moves goes towards a new value with each snapshot.
const SMOOTHING: f64 = 0.25;
/// How far strain must fall below the border of a state to leave it: a value that trembles there is no news.
const STATE_STAYS: f64 = 0.04;
/// Shares of calls that fail here from which a component is hot, and from which it is saturated.
const FAILING: [f64; 2] = [0.001, 0.01];
/// Most strain that calls which others turn away can put on a component that never sees them.
const HELD_BACK_MOST: f64 = 0.9;
/// Greatest share held back that anything can be worked out from.
const HELD_BACK_LIMIT: f64 = 0.999;
/// Share held back from a component whose callers have given up sending: what they do send says nothing.
const CUT_OFF: f64 = 1.0;
/// How many calls down those who are held back are looked for.
const HELD_BACK_DEPTH: u32 = 4;

/// How a component is doing, from its figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Room to spare.
    #[default]
    Calm,
    /// From a strain of 0.6.
    Warm,
    /// From 0.8, or with a machine lost.
    Hot,
    /// From 0.95.
    Saturated,
    /// All machines dead.
    Down,
}

impl State {
    /// Strain from which each state is reached, but for the one of the dead.
    const FROM: [(f64, Self); 3] = [(0.95, Self::Saturated), (0.8, Self::Hot), (0.6, Self::Warm)];

    /// The state of something under this strain, 0 to 1.
    pub fn of_strain(strain: f64) -> Self {
        Self::FROM.into_iter().find(|&(from, _)| strain >= from).map_or(Self::Calm, |(_, state)| state)
    }

    /// The state under this strain of something that was in state `before`.
    fn after(before: Self, strain: f64) -> Self {
        let next = Self::of_strain(strain);
        if before == Self::Down { next } else { next.max(before.min(Self::of_strain(strain + STATE_STAYS))) }
    }
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
    /// How near it is to its limits, or how far beyond, 0 to 1, smoothed: the greatest of the share of its scarcest
    /// resource, of how full its queue is and of how much fails here; see [`ComponentFigures::state`].
    pub strain: f64,
    /// How it is doing.
    pub state: State,
    /// Calls waiting.
    pub waiting: u64,
    /// The same number, smoothed, for the height of the stack.
    pub queue: f64,
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

    /// How it is doing, if it was in state `before`.
    fn state_after(&self, before: Option<State>) -> State {
        let up = self.machines_up();
        if up == 0 && !self.machines.is_empty() {
            return State::Down;
        }
        let state = before.map_or_else(|| State::of_strain(self.strain), |before| State::after(before, self.strain));
        if up < self.machines.iter().filter(|machine| machine.health != Health::Starting).count() {
            state.max(State::Hot)
        } else {
            state
        }
    }

    /// Whether it keeps calls to itself because too many before have failed.
    fn has_open_circuit(&self) -> bool {
        self.main_failure == Some(Outcome::CircuitOpen) && self.own_failure_share() > FAILING[1]
    }

    /// Share of the calls that it ended which failed here, 0 to 1.
    fn own_failure_share(&self) -> f64 {
        if self.throughput > 0.0 { (self.own_failure_rate / self.throughput).min(1.0) } else { 0.0 }
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
        let mut before = core::mem::take(&mut self.components);
        let mut strains = sorted::Map::new();
        for (&id, positions) in positions.iter() {
            let past = before.get_mut(&id);
            let (mut figures, strain) = component_figures(snapshot, positions, past);
            // What came back failed from others did not fail here.
            let passed_on = design.links_from(id).into_iter().filter_map(|link| self.links.get(&link.id));
            let passed_on: f64 = passed_on.map(|link| link.attempt_rate * link.error_share).sum();
            figures.own_failure_rate = own_failures(figures.failure_rate, passed_on);
            strains.insert(id, strain.max(strain_of_failures(figures.own_failure_share())));
            self.components.insert(id, figures);
        }
        let held_back = self.held_back(design);
        for (id, figures) in self.components.iter_mut() {
            // Users are what strains the system; what befalls them is told where it happens.
            let is_users = design.component(*id).is_some_and(|component| component.config.kind() == Kind::Users);
            let raw = if is_users { 0.0 } else { strains[id] };
            // Who is asked for less because others turn calls away would be under the strain of all of them, but it is
            // not the one to turn red.
            let raw = match held_back.get(id) {
                None => raw,
                // Its callers have found it failing.
                Some(&CUT_OFF) => 1.0,
                Some(&held_back) => raw.max((raw / (1.0 - held_back)).min(HELD_BACK_MOST)),
            };
            let past = before.get(id);
            figures.strain = past.map_or(raw, |past| towards(past.strain, raw));
            figures.state = figures.state_after(past.map(|past| past.state));
        }
    }

    /// The share of the calls meant for each component that are turned away before they reach it; nothing for those
    /// where it is none.
    fn held_back(&self, design: &Design) -> sorted::Map<ComponentId, f64> {
        let mut held_back = sorted::Map::new();
        let fails = |id: &ComponentId| self.components.get(id).map_or(0.0, ComponentFigures::own_failure_share);
        if !self.components.keys().any(|id| fails(id) > FAILING[1]) {
            return held_back;
        }
        // Each round goes one call further down.
        for _ in 0..HELD_BACK_DEPTH {
            let mut next = sorted::Map::new();
            for &id in self.components.keys() {
                let (mut sent, mut wanted) = (0.0, 0.0);
                let mut is_cut_off = false;
                for link in design.links_to(id).into_iter().filter(|link| link.role.is_synchronous()) {
                    let rate = self.links.get(&link.id).map_or(0.0, |figures| figures.attempt_rate);
                    let above = held_back.get(&link.from).map_or(0.0, |above: &f64| above.min(HELD_BACK_LIMIT));
                    sent += rate;
                    wanted += rate / ((1.0 - above) * (1.0 - fails(&link.from).min(HELD_BACK_LIMIT)));
                    is_cut_off |= self.components.get(&link.from).is_some_and(ComponentFigures::has_open_circuit);
                }
                if is_cut_off {
                    next.insert(id, CUT_OFF);
                } else if wanted > sent {
                    next.insert(id, (1.0 - sent / wanted).min(HELD_BACK_LIMIT));
                }
            }
            held_back = next;
        }
        held_back
    }
}

/// Part of the way from one value to the next.
fn towards(from: f64, to: f64) -> f64 {
    from + (to - from) * SMOOTHING
}

/// Failures strain a component however little it is busy: from the first share hot, from the second saturated.
fn strain_of_failures(share: f64) -> f64 {
    let [hot, saturated] = FAILING;
    if share <= 0.0 {
        0.0
    } else if share < hot {
        0.8 * share / hot
    } else {
        (0.8 + 0.15 * libm::log(share / hot) / libm::log(saturated / hot)).min(1.0)
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

/// The figures of a component, and its strain as far as it can be told from itself; failures are still to be told apart
/// from those of others.
fn component_figures(
    snapshot: &Snapshot,
    positions: &[usize],
    past: Option<&mut ComponentFigures>,
) -> (ComponentFigures, f64) {
    let stations: Vec<&StationSnapshot> = positions.iter().map(|&position| &snapshot.stations[position]).collect();
    let machines = stations
        .iter()
        .filter(|station| station.health != Health::Absent)
        .map(|station| Machine {
            health: station.health,
            utilisation: station.resources.first().map_or(0.0, ResourceUse::utilisation),
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
    let waiting: u64 = stations.iter().map(|station| station.waiting).sum();
    let (gauge, queue, mut history) = past.map_or_else(
        || (share, waiting as f64, VecDeque::new()),
        |past| {
            let history = core::mem::take(&mut past.history);
            (towards(past.gauge, share), towards(past.queue, waiting as f64), history)
        },
    );
    remember(&mut history, snapshot, positions, scarcest.is_some(), throughput);
    let failure_rate = throughput * outcomes.error_share();
    let figures = ComponentFigures {
        machines,
        scarcest,
        gauge,
        strain: 0.0,
        state: State::default(),
        waiting,
        queue,
        arrival_rate: sum(|station| station.arrival_rate),
        throughput,
        failure_rate,
        own_failure_rate: failure_rate,
        main_failure,
        // Kinds with something special to tell have one machine.
        particulars: stations[0].particulars.clone(),
        history,
    };
    (figures, share.max(libm::sqrt(fullness(&stations))))
}

/// How full the fullest queue is on average, 0 to 1; 0 where there is no limit.
fn fullness(stations: &[&StationSnapshot]) -> f64 {
    let full = stations.iter().filter_map(|station| {
        let limit = station.queue_limit.filter(|&limit| limit > 0)?;
        Some((station.queue_length / limit as f64).min(1.0))
    });
    full.fold(0.0, f64::max)
}

/// The scarcest resource with the share in use, over the machines that work.
fn scarcest(stations: &[&StationSnapshot]) -> Option<(Resource, f64)> {
    let mut totals: Vec<ResourceUse> = Vec::new();
    let is_any_up = stations.iter().any(|station| station.health == Health::Up);
    for station in stations.iter().filter(|station| !is_any_up || station.health == Health::Up) {
        for resource in &station.resources {
            match totals.iter_mut().find(|total| total.resource == resource.resource) {
                Some(total) => {
                    total.used += resource.used;
                    total.capacity += resource.capacity;
                }
                None => totals.push(*resource),
            }
        }
    }
    totals
        .into_iter()
        .filter(|total| total.capacity > 0.0)
        // Of equals the first, else the name would jump while nothing is in use.
        .reduce(|most, other| if other.scarcity() > most.scarcity() { other } else { most })
        .map(|total| (total.resource, total.utilisation()))
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
        assert_eq!(figures.state, State::Calm);
    }

    #[test]
    fn dead_machines_neither_help_nor_hide_the_load_of_the_others() {
        let mut dead = station(1, 1, 0.0, 4.0);
        dead.health = Health::Down;
        let snapshot = Snapshot { stations: vec![station(1, 0, 3.9, 4.0), dead.clone()], ..Default::default() };
        let figures = &Figures::of(&snapshot, &Design::new()).components[&ComponentId(1)];
        assert_eq!(figures.scarcest, Some((Resource::Cores, 0.975)));
        assert_eq!(figures.state, State::Saturated);
        let all_dead = Snapshot { stations: vec![dead], ..Default::default() };
        assert_eq!(Figures::of(&all_dead, &Design::new()).components[&ComponentId(1)].state, State::Down);
    }

    #[test]
    fn strain_moves_without_jumps_and_a_tremble_at_a_border_changes_no_state() {
        let mut figures = Figures::default();
        let mut at = |used: f64| {
            figures
                .observe(&Snapshot { stations: vec![station(1, 0, used, 4.0)], ..Default::default() }, &Design::new());
            let figures = &figures.components[&ComponentId(1)];
            (figures.strain, figures.state)
        };
        let (mut before, _) = at(0.4);
        for _ in 0..30 {
            let (strain, _) = at(3.4);
            assert!(strain - before <= 0.75 * SMOOTHING + 1e-9, "{before} to {strain}");
            before = strain;
        }
        for used in [3.15, 3.25, 3.1, 3.3, 3.12] {
            assert_eq!(at(used).1, State::Hot);
        }
        assert_eq!((0..30).map(|_| at(2.9).1).last(), Some(State::Warm));
    }

    #[test]
    fn memory_counts_only_when_it_gets_short() {
        let with_memory = |share: f64| {
            let mut idle = station(1, 0, 0.04, 4.0);
            idle.resources.push(ResourceUse { resource: Resource::Memory, used: share, capacity: 1.0 });
            let snapshot = Snapshot { stations: vec![idle], ..Default::default() };
            Figures::of(&snapshot, &Design::new()).components[&ComponentId(1)].scarcest
        };
        assert_eq!(with_memory(0.5), Some((Resource::Cores, 0.01)));
        assert_eq!(with_memory(0.75), Some((Resource::Memory, 0.75)));
    }

    #[test]
    fn who_is_asked_less_because_others_turn_calls_away_does_not_look_better() {
        let design = crate::scene::tests::three_in_a_row();
        let link = |id| LinkSnapshot {
            link: LinkId(id),
            attempt_rate: 100.0,
            retry_rate: 0.0,
            outcomes: OutcomeCounts::of(&[(Outcome::Answered, 100)]),
            response: Percentiles::default(),
        };
        let strain = |shed: u64, used: f64| {
            let mut front = station(2, 0, 4.0, 4.0);
            front.outcomes = OutcomeCounts::of(&[(Outcome::Answered, 100 - shed), (Outcome::Shed, shed)]);
            let stations = vec![station(1, 0, 0.0, 0.0), front, station(3, 0, used, 4.0)];
            let links = design.links().map(|drawn| link(drawn.id.0)).collect();
            Figures::of(&Snapshot { stations, links, ..Default::default() }, &design).components[&ComponentId(3)].strain
        };
        assert_eq!(strain(0, 2.0), 0.5);
        assert!((strain(50, 1.0) - 0.5).abs() < 1e-9, "half of the calls take half of the cores: {}", strain(50, 1.0));
        assert_eq!(strain(75, 2.0), HELD_BACK_MOST);
    }

    #[test]
    fn refusals_mean_saturation_whatever_the_cores_say() {
        let mut refusing = station(1, 0, 0.1, 4.0);
        refusing.outcomes = OutcomeCounts::of(&[(Outcome::Answered, 50), (Outcome::Refused, 50)]);
        let snapshot = Snapshot { stations: vec![refusing], ..Default::default() };
        let figures = &Figures::of(&snapshot, &Design::new()).components[&ComponentId(1)];
        assert_eq!(figures.state, State::Saturated);
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
        assert_eq!((users.failure_rate, users.own_failure_rate, users.state), (50.0, 0.0, State::Calm));
        let server = &figures.components[&ComponentId(2)];
        assert_eq!((server.own_failure_rate, server.state), (50.0, State::Saturated));
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
