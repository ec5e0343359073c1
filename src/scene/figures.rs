//! Live figures by component and link, put together from the engine's snapshots: machines of a component added up, the
//! last half minute kept for sparklines.
//!
//! Figures in words are those of the snapshot, unchanged, so that card, panel and report agree. What moves is smoothed for
//! the eye: the length of a gauge, of a queue, and the *strain* that decides about the colour. Strain grows with the load
//! and stays high where calls are turned away, so that nothing looks healthier because it sheds what it cannot do.

use std::collections::VecDeque;

use crate::design::fault::FaultKind;
use crate::design::{Design, Kind, Link};
use crate::ids::{ComponentId, LinkId};
use crate::sim::snapshot::{
    Happening, Health, LinkSnapshot, LogEntry, Outcome, OutcomeCounts, Particulars, Resource, ResourceUse, Snapshot,
    StationSnapshot, used_together,
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
/// Most strain that calls which others turn away can put on a component that never sees them: it would give way next,
/// but it is not the one to turn red.
const HELD_BACK_MOST: f64 = 0.9;
/// Strain of its own between which that limit goes away: what was near its end before the others gave way stays there.
const HELD_BACK_FREE: [f64; 2] = [0.7, 0.8];
/// Greatest share held back that anything can be worked out from.
const HELD_BACK_LIMIT: f64 = 0.999;
/// What is known of the calls meant for a component.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Held {
    /// This share of them, 0 to 1, is turned away before they reach it.
    Back(f64),
    /// Its callers have found it failing and given up sending: what they do send says nothing of it.
    Off,
    /// All who would call it are dead, or not called themselves: it would be asked for what it was asked for last.
    Silent,
}

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

/// What strains a component whose gauge does not show it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// This share of what it is asked fails here, 0 to 1.
    Fails(f64),
    /// Machines do not work.
    Lost {
        /// How many.
        down: usize,
        /// Of how many.
        of: usize,
    },
    /// Its queue is so full, 0 to 1.
    Queues(f64),
    /// Others turn away what it would be asked for.
    HeldBack,
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
    /// The share that would be in use if no call were turned away here or on its way here, smoothed, at least `gauge`:
    /// what goes beyond the gauge is drawn as held back.
    pub asked: f64,
    /// How near it is to its limits, or how far beyond, 0 to 1, smoothed: the greatest of the share of its scarcest
    /// resource, of how full its queue is and of how much fails here; see [`ComponentFigures::state`].
    pub strain: f64,
    /// How it is doing.
    pub state: State,
    /// How full the fullest of its queues is on average, 0 to 1.
    fullness: f64,
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
    /// Share of the calls that it ended by turning them away, here or at someone it called, 0 to 1.
    turned_away: f64,
    /// The most frequent failure, if there is any.
    pub main_failure: Option<Outcome>,
    /// 99th percentile of the time from arrival to answer at its slowest machine, calls to others included [s]; `None` if
    /// nothing was answered.
    pub p99_secs: Option<f64>,
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

    /// Whether none of its machines work.
    fn is_dead(&self) -> bool {
        self.machines_up() == 0 && !self.machines.is_empty()
    }

    /// How it is doing, if it was in state `before`.
    fn state_after(&self, before: Option<State>) -> State {
        if self.is_dead() {
            return State::Down;
        }
        let up = self.machines_up();
        let state = before.map_or_else(|| State::of_strain(self.strain), |before| State::after(before, self.strain));
        if up < self.machines.iter().filter(|machine| machine.health != Health::Starting).count() {
            state.max(State::Hot)
        } else {
            state
        }
    }

    /// What strains it, if that is not the resource that its gauge shows.
    pub fn reason(&self) -> Option<Reason> {
        let of_gauge = State::of_strain(self.gauge + STATE_STAYS);
        let (up, machines) = (self.machines_up(), self.machines.len());
        match self.state {
            State::Calm | State::Down => None,
            state if of_gauge >= state => None,
            _ if self.own_failure_share() >= FAILING[0] => Some(Reason::Fails(self.own_failure_share())),
            State::Hot if up < machines => Some(Reason::Lost { down: machines - up, of: machines }),
            _ if State::of_strain(libm::sqrt(self.fullness) + STATE_STAYS) > of_gauge => {
                Some(Reason::Queues(self.fullness))
            }
            _ if self.asked > self.gauge + 0.01 => Some(Reason::HeldBack),
            _ => None,
        }
    }

    /// Whether calls fail here, and not only now and then.
    pub fn is_failing(&self) -> bool {
        self.own_failure_share() > FAILING[1]
    }

    /// Whether it keeps calls to itself because too many before have failed.
    fn has_open_circuit(&self) -> bool {
        self.main_failure == Some(Outcome::CircuitOpen) && self.is_failing()
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
        let held = self.held(design);
        for (id, figures) in self.components.iter_mut() {
            // Users are what strains the system; what befalls them is told where it happens.
            let is_users = design.component(*id).is_some_and(|component| component.config.kind() == Kind::Users);
            let raw = if is_users { 0.0 } else { strains[id] };
            let past = before.get(id);
            let share = figures.scarcest.map_or(0.0, |(_, share)| share);
            // Who is asked for less because others turn calls away is under the strain of all of them.
            let (raw, asked) = match held.get(id).copied().unwrap_or(Held::Back(0.0)) {
                Held::Back(held_back) => {
                    let turned_away = figures.turned_away.min(figures.own_failure_share());
                    let let_in = 1.0 - held_back;
                    (strain_for_all(raw, let_in), in_use_for_all(share, let_in * (1.0 - turned_away)))
                }
                Held::Off => (1.0, 1.0),
                Held::Silent => past.map_or((raw, share), |past| (past.strain.max(raw), past.asked.max(share))),
            };
            figures.strain = past.map_or(raw, |past| towards(past.strain, raw));
            figures.asked = past.map_or(asked, |past| towards(past.asked, asked)).max(figures.gauge);
            figures.state = figures.state_after(past.map(|past| past.state));
        }
    }

    /// Takes sparklines from what is known of the last half minute: `utilisation` gives times [s] and the shares of the
    /// components then, oldest first. Those that show something else keep theirs.
    pub fn recall<'a>(&mut self, utilisation: impl Iterator<Item = (f64, &'a [(ComponentId, f32)])>) {
        let has_gauge = |figures: &ComponentFigures| figures.scarcest.is_some();
        for (_, figures) in self.components.iter_mut().filter(|(_, figures)| has_gauge(figures)) {
            figures.history.clear();
        }
        for (secs, shares) in utilisation {
            for (id, share) in shares {
                if let Some(figures) = self.components.get_mut(id).filter(|figures| has_gauge(figures)) {
                    figures.history.push_back((secs, *share));
                }
            }
        }
    }

    /// What is known of the calls meant for each component; nothing for those that all of them reach.
    fn held(&self, design: &Design) -> sorted::Map<ComponentId, Held> {
        let mut held = sorted::Map::new();
        let fails = |id: &ComponentId| self.components.get(id).map_or(0.0, ComponentFigures::own_failure_share);
        let is_dead = |id: &ComponentId| self.components.get(id).is_some_and(ComponentFigures::is_dead);
        if !self.components.keys().any(|id| fails(id) > FAILING[1] || is_dead(id)) {
            return held;
        }
        let waits = |id: &ComponentId| {
            let mut calls = design.links_to(*id);
            calls.retain(|link| link.role.is_synchronous());
            (*id, calls)
        };
        let called: Vec<(ComponentId, Vec<&Link>)> = self.components.keys().map(waits).collect();
        // Each round goes one call further down, until there is nothing new to be found there.
        for _ in 0..HELD_BACK_DEPTH {
            let mut next = sorted::Map::new();
            for (id, calls) in &called {
                let (id, mut sent, mut wanted) = (*id, 0.0, 0.0);
                let (mut is_cut_off, mut is_called, mut is_silent) = (false, false, true);
                for link in calls {
                    let rate = self.links.get(&link.id).map_or(0.0, |figures| figures.attempt_rate);
                    let above = held.get(&link.from).copied().unwrap_or(Held::Back(0.0));
                    let let_in = if let Held::Back(share) = above { 1.0 - share } else { 1.0 };
                    sent += rate;
                    wanted += rate / (let_in * (1.0 - fails(&link.from).min(HELD_BACK_LIMIT)));
                    is_cut_off |= link.config.breaker_error_share.is_some()
                        && self.components.get(&link.from).is_some_and(ComponentFigures::has_open_circuit);
                    is_called = true;
                    is_silent &= matches!(above, Held::Silent | Held::Off) || is_dead(&link.from);
                }
                let share = if wanted > sent { (1.0 - sent / wanted).min(HELD_BACK_LIMIT) } else { 0.0 };
                if is_called && is_silent {
                    next.insert(id, Held::Silent);
                } else if is_cut_off {
                    next.insert(id, Held::Off);
                } else if share > 0.0 {
                    next.insert(id, Held::Back(share));
                }
            }
            if next == held {
                break;
            }
            held = next;
        }
        held
    }
}

/// The share in use, 0 to 1, if all calls were let in, of which it is `share` with the part that is.
fn in_use_for_all(share: f64, let_in: f64) -> f64 {
    (share / let_in.max(1.0 - HELD_BACK_LIMIT)).min(1.0)
}

/// The strain that calls put on a component of which others let only a part reach it.
fn strain_for_all(raw: f64, let_in: f64) -> f64 {
    let [bound, free] = HELD_BACK_FREE;
    let freedom = ((raw - bound) / (free - bound)).clamp(0.0, 1.0);
    let most = HELD_BACK_MOST + (1.0 - HELD_BACK_MOST) * freedom;
    raw.max(in_use_for_all(raw, let_in).min(most))
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
    remember(&mut history, snapshot, stations[0].component, scarcest.is_some(), throughput);
    let failure_rate = throughput * outcomes.error_share();
    let fullness = fullness(&stations);
    let figures = ComponentFigures {
        machines,
        scarcest,
        gauge,
        asked: gauge,
        strain: 0.0,
        state: State::default(),
        fullness,
        waiting,
        queue,
        arrival_rate: sum(|station| station.arrival_rate),
        throughput,
        failure_rate,
        own_failure_rate: failure_rate,
        turned_away: turned_away(&outcomes),
        main_failure,
        p99_secs: p99_secs(&stations),
        // Kinds with something special to tell have one machine.
        particulars: stations[0].particulars.clone(),
        history,
    };
    (figures, share.max(libm::sqrt(fullness)))
}

/// The 99th percentile where it is longest: percentiles of several machines cannot be put together.
fn p99_secs(stations: &[&StationSnapshot]) -> Option<f64> {
    let answered = stations.iter().filter(|station| station.response.count > 0);
    answered.map(|station| station.response.p99_secs).reduce(f64::max)
}

/// Share of calls that were turned away instead of being worked on, 0 to 1.
fn turned_away(outcomes: &OutcomeCounts) -> f64 {
    let turned_away = [Outcome::Refused, Outcome::Unavailable, Outcome::Shed, Outcome::RateLimited];
    let count: u64 = turned_away.into_iter().map(|outcome| outcomes.get(outcome)).sum();
    if count == 0 { 0.0 } else { count as f64 / outcomes.total() as f64 }
}

/// How full the fullest queue is on average, 0 to 1; 0 where there is no limit.
fn fullness(stations: &[&StationSnapshot]) -> f64 {
    let full = stations.iter().filter_map(|station| {
        let limit = station.queue_limit.filter(|&limit| limit > 0)?;
        Some((station.queue_length / limit as f64).min(1.0))
    });
    full.fold(0.0, f64::max)
}

/// The scarcest resource with the share in use.
fn scarcest(stations: &[&StationSnapshot]) -> Option<(Resource, f64)> {
    let used = used_together(stations.iter().map(|station| (station.health, station.resources.as_slice())));
    used.first().map(|scarcest| (scarcest.resource, scarcest.utilisation()))
}

/// Adds the newest points to a sparkline and drops what is too old.
fn remember(
    history: &mut VecDeque<(f64, f32)>,
    snapshot: &Snapshot,
    component: ComponentId,
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
            if let Ok(place) = sample.utilisation.binary_search_by_key(&component, |&(id, _)| id) {
                push(sample.at.as_secs_f64(), sample.utilisation[place].1);
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
pub(crate) mod tests;
