//! One number of users, tried: a run that lasts until it is clear whether the objective is kept.

use serde::Serialize;

use super::{GREATEST_STRIDE, SweepOptions};
use crate::design::ComponentConfig;
use crate::network::{Network, StationIdx};
use crate::objective::Objective;
use crate::sim::Simulation;
use crate::sim::estimate::{Estimate, FEWEST_BATCHES, Growth};
use crate::sim::metrics::{ClassMeasurements, Measurements};
use crate::sim::snapshot::{Outcome, Resource};
use crate::units::{SimDuration, SimTime};

/// Batches that a run is judged by at the earliest when it seems to keep the objective.
const BATCHES: usize = 20;
/// Times the latency limit that a run lasts at least, warm-up and measured span each: a backlog needs time to show.
const LEAST_LIMITS: f64 = 4.0;
/// Longest simulated time of a run [s], a quarter of it for the warm-up; ends runs in which little happens.
const LONGEST_SECS: f64 = 5000.0;
/// Widths of a 95 % interval on each side of a figure beyond which its verdict is certain. A search looks at many
/// figures, several times each, and must not be misled by the one in twenty that lies outside its interval.
const CERTAIN_WIDTHS: f64 = 1.5;
/// Share of its mean that the number of requests in flight may move by over the measured span of a settled system.
const SETTLED_SHARE: f64 = 0.1;
/// Utilisation from which a resource may be what limits.
const NEAR_LIMIT: f64 = 0.5;

/// Which part of an objective is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Breach {
    /// Too many requests fail.
    Errors,
    /// Answers take too long.
    Latency,
    /// More comes in than is done: the backlog grows without bound.
    Backlog,
}

/// One number of users, and what was measured there.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Point {
    /// Registered users.
    pub users: u64,
    /// Whether the objective is kept.
    pub kept: bool,
    /// Whether that is beyond chance; otherwise the figures as they are decided when the budget was spent.
    pub certain: bool,
    /// Which part is missed; null if none.
    pub breach: Option<Breach>,
    /// Requests that ended in the measured span.
    pub requests: u64,
    /// Length of the measured span [s].
    pub measured_secs: f64,
    /// Requests sent [1/s].
    pub arrival_rate_per_sec: f64,
    /// Latency at the objective's percentile [s].
    pub latency_secs: Estimate,
    /// Share of requests that failed, 0 to 1.
    pub error_share: Estimate,
    /// How fast the number of requests in flight changed.
    pub in_flight_growth: Growth,
}

/// What has run out where the objective is missed first.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Limiting {
    /// The component, as `c3`.
    pub component: String,
    /// The resource, as a snapshot names it: `cores` or `slots`.
    pub resource: String,
    /// Share of it that is in use, over all instances, 0 to 1.
    pub utilisation: f64,
    /// How most of the failed requests ended; null if none failed.
    pub main_failure: Option<String>,
}

/// A point with what the search goes on from.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub point: Point,
    /// Factor to the next number of users worth trying while there is no bracket.
    pub stride: f64,
    /// What has run out; looked for where the objective is missed.
    pub limiting: Option<Limiting>,
}

/// A run under way.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    simulation: Simulation,
    objective: Objective,
    options: SweepOptions,
    users: u64,
    /// Length of a batch, known once the warm-up has shown the rate of requests.
    batch: Option<SimDuration>,
    merged: Measurements,
    /// By batch: all classes together.
    classes: Vec<ClassMeasurements>,
    /// By batch: mean number of requests in flight.
    in_flight: Vec<f64>,
    /// By batch: mean number of messages that wait in queues.
    backlog: Vec<f64>,
    /// Number of batches at which to judge next.
    judge_at: usize,
    /// When the batch or stage of warm-up in progress ends.
    until: SimTime,
}

impl Trial {
    pub fn new(network: &Network, users: u64, objective: &Objective, options: &SweepOptions) -> Self {
        let mut network = network.clone();
        network.users = users;
        Self {
            simulation: Simulation::unwatched(network, options.seed),
            objective: *objective,
            options: *options,
            users,
            batch: None,
            merged: Measurements::default(),
            classes: Vec::new(),
            in_flight: Vec::new(),
            backlog: Vec::new(),
            judge_at: FEWEST_BATCHES,
            until: SimTime::from_secs_f64((LEAST_LIMITS * objective.latency_secs).min(LONGEST_SECS / 4.0)),
        }
    }

    /// Share of the budget used, 0 to 1.
    pub fn progress(&self) -> f64 {
        (self.simulation.events() as f64 / self.options.events_per_point as f64).min(1.0)
    }

    /// Goes on for about `events` events; the verdict, once there is one.
    pub fn advance(&mut self, events: u64) -> Option<Verdict> {
        let stop_at = self.simulation.events() + events;
        while self.simulation.events() < stop_at {
            let done = self.simulation.events();
            let spare = (stop_at - done).min(self.phase_budget().saturating_sub(done).max(1));
            if !self.simulation.advance_at_most(self.until, spare) && self.simulation.events() < self.phase_budget() {
                continue;
            }
            match self.batch {
                None => self.warm_up(),
                Some(batch) => {
                    self.end_batch(batch);
                    if self.classes.len() >= self.judge_at || self.is_spent() {
                        self.join_batches();
                        if let Some(verdict) = self.judge() {
                            return Some(verdict);
                        }
                        let anew = self.classes.is_empty();
                        self.judge_at = if anew { FEWEST_BATCHES } else { (2 * self.judge_at).min(2 * BATCHES) };
                    }
                }
            }
        }
        None
    }

    /// Events after which the present phase ends: a quarter of the budget for the warm-up, then all of it.
    const fn phase_budget(&self) -> u64 {
        if self.batch.is_none() { self.options.events_per_point / 4 } else { self.options.events_per_point }
    }

    fn is_spent(&self) -> bool {
        // With no time left for another batch, the last one was the last.
        let (longest, next) = self.batch.map_or((LONGEST_SECS / 4.0, SimDuration::ZERO), |batch| (LONGEST_SECS, batch));
        self.simulation.events() >= self.phase_budget()
            || self.simulation.now() + next >= SimTime::from_secs_f64(longest)
    }

    /// Ends a stage of the warm-up: another one as long as all before, or the first batch.
    fn warm_up(&mut self) {
        let now = self.simulation.now();
        let sent = self.simulation.requests();
        if sent < self.options.requests_per_point && !self.is_spent() {
            let doubled = now + now.since(SimTime::ZERO);
            self.until = doubled.min(SimTime::from_secs_f64(LONGEST_SECS / 4.0));
            return;
        }
        // What one request and one event have taken so far tells what the measured span needs and what it may take.
        let secs_for = |wanted: u64, so_far: u64| wanted as f64 * now.as_secs_f64() / (so_far as f64).max(1e-3);
        let wanted = secs_for(self.options.requests_per_point, sent).max(LEAST_LIMITS * self.objective.latency_secs);
        let affordable = secs_for(self.options.events_per_point / 4 * 3, self.simulation.events());
        let span = wanted.min(affordable).min(LONGEST_SECS - now.as_secs_f64());
        let batch = SimDuration::from_secs_f64(span / BATCHES as f64);
        self.simulation.take_measurements();
        self.batch = Some(batch);
        self.until = now + batch;
    }

    /// Messages that wait in queues, times seconds: users do not wait for them, but somebody does.
    fn messages_waiting(&self, measured: &Measurements) -> f64 {
        let stations = self.simulation.network().stations.iter().zip(&measured.stations);
        let queues = stations.filter(|(spec, _)| matches!(spec.config, ComponentConfig::Queue(_)));
        queues.map(|(_, measured)| measured.waiting_area).sum()
    }

    fn end_batch(&mut self, batch: SimDuration) {
        let measured = self.simulation.take_measurements();
        // The last batch of a spent run may be cut short, or empty; only whole ones are comparable.
        if measured.span >= batch || self.classes.is_empty() {
            self.in_flight.push(measured.in_flight_area / measured.span.as_secs_f64().max(1e-9));
            self.backlog.push(self.messages_waiting(&measured) / measured.span.as_secs_f64().max(1e-9));
            self.classes.push(measured.all_classes());
            self.merged.merge(&measured);
        }
        self.until = self.simulation.now() + batch;
    }

    /// Joins neighbouring batches once there are twice as many as needed: the longer batches are, the less they depend
    /// on each other.
    fn join_batches(&mut self) {
        if self.classes.len() < 2 * BATCHES {
            return;
        }
        self.batch = self.batch.map(|batch| batch + batch);
        let pairs = self.classes.chunks(2).map(|pair| {
            let mut both = pair[0].clone();
            both.merge(&pair[1]);
            both
        });
        self.classes = pairs.collect();
        for levels in [&mut self.in_flight, &mut self.backlog] {
            *levels = levels.chunks(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect();
        }
        self.until = self.simulation.now() + self.batch.expect("batches have a length");
    }

    /// Forgets what has been measured and measures anew, with batches twice as long: the system had not settled yet.
    fn forget(&mut self) {
        self.merged = Measurements::default();
        self.classes.clear();
        self.in_flight.clear();
        self.backlog.clear();
        self.batch = self.batch.map(|batch| batch + batch);
        self.until = self.simulation.now() + self.batch.expect("batches have a length");
    }

    /// Which way the number of requests in flight still moves beyond chance, by at least a share of itself: a cold cache
    /// leaves a backlog that takes its time to drain, and a slight overload one that takes its time to show.
    fn drift(&self, growth: &Growth) -> Drift {
        let span = self.batch.map_or(0.0, SimDuration::as_secs_f64) * self.in_flight.len() as f64;
        let mean = self.in_flight.iter().sum::<f64>() / self.in_flight.len().max(1) as f64;
        let slope = growth.per_sec.widened(CERTAIN_WIDTHS);
        let gain = growth.per_sec.value.abs() * span;
        if gain < SETTLED_SHARE * mean || gain < 10.0 {
            Drift::None
        } else if slope.low() > 0.0 {
            Drift::Up
        } else if slope.high() < 0.0 {
            Drift::Down
        } else {
            Drift::None
        }
    }

    /// The verdict if it is clear, or if the run has to end. If the system has not settled, what has been measured is
    /// forgotten.
    fn judge(&mut self) -> Option<Verdict> {
        let whole = self.merged.all_classes();
        let quantile = self.objective.percentile / 100.0;
        let of_batches = |figure: &dyn Fn(&ClassMeasurements) -> f64| -> Vec<f64> {
            self.classes.iter().filter(|batch| batch.outcomes.total() > 0).map(figure).collect()
        };
        let latency = Estimate::from_batches(
            whole.latency.quantile_secs(quantile),
            &of_batches(&|batch| batch.latency.quantile_secs(quantile)),
        );
        let errors =
            Estimate::from_batches(whole.outcomes.error_share(), &of_batches(&|batch| batch.outcomes.error_share()));
        let batch_secs = self.batch.map_or(0.0, SimDuration::as_secs_f64);
        let growth = Growth::of_levels(&self.in_flight, batch_secs);

        let limits = [
            (errors, self.objective.error_share, Breach::Errors),
            (latency, self.objective.latency_secs, Breach::Latency),
        ];
        let surely_missed =
            limits.iter().find(|(figure, limit, _)| figure.widened(CERTAIN_WIDTHS).low() > *limit).map(|limit| limit.2);
        let enough = self.classes.len() >= BATCHES;
        // Growth over the first few batches may be a warm-up that was too short.
        let queues_grow = Growth::of_levels(&self.backlog, batch_secs).growing;
        let backlog = ((growth.growing || queues_grow) && enough).then_some(Breach::Backlog);
        let surely_kept = enough
            && backlog.is_none()
            && limits.iter().all(|(figure, limit, _)| figure.widened(CERTAIN_WIDTHS).high() <= *limit);
        let breach = surely_missed
            .or(backlog)
            .or_else(|| limits.iter().find(|(figure, limit, _)| figure.value > *limit).map(|limit| limit.2));
        // What gets worse will not be better for waiting; anything else may change while the system settles.
        let settled = match self.drift(&growth) {
            Drift::None => true,
            Drift::Up => breach.is_some(),
            Drift::Down => false,
        };
        let certain = settled && (surely_missed.or(backlog).is_some() || surely_kept);
        if !certain && !self.is_spent() {
            if !settled {
                self.forget();
            }
            return None;
        }
        let measured_secs = self.merged.span.as_secs_f64();
        let point = Point {
            users: self.users,
            kept: breach.is_none(),
            certain,
            breach,
            requests: whole.outcomes.total(),
            measured_secs,
            arrival_rate_per_sec: whole.arrivals as f64 / measured_secs.max(1e-9),
            latency_secs: latency,
            error_share: errors,
            in_flight_growth: growth,
        };
        let uses = self.resource_uses();
        let busiest = uses.iter().map(|use_| use_.utilisation).fold(0.0, f64::max);
        let stride = if point.kept {
            (0.97 / busiest).clamp(1.05, GREATEST_STRIDE)
        } else if busiest < NEAR_LIMIT {
            // Nothing is short: fewer users will hardly help, and the sooner that is certain, the better.
            1.0 / GREATEST_STRIDE
        } else {
            let answered = whole.outcomes.get(Outcome::Answered) as f64 / (whole.arrivals as f64).max(1.0);
            (0.9 * answered).clamp(1.0 / GREATEST_STRIDE, 0.8)
        };
        let limiting = if point.kept { None } else { self.limiting(&uses, &whole) };
        Some(Verdict { point, stride, limiting })
    }

    /// Every resource with its use over the measured span, instances together.
    fn resource_uses(&self) -> Vec<ResourceUse> {
        let stations = &self.simulation.network().stations;
        let mut uses: Vec<ResourceUse> = Vec::new();
        for (position, first) in (0..).zip(stations).filter(|(_, station)| station.instance == 0) {
            for resource in [Resource::Cores, Resource::Slots] {
                let instances = stations.iter().zip(&self.merged.stations);
                let (used, there) = instances
                    .filter(|(station, _)| station.component == first.component)
                    .map(|(_, measured)| measured.used_and_there(resource))
                    .fold((0.0, 0.0), |(used, there), (more, of)| (used + more, there + of));
                if there > 0.0 {
                    uses.push(ResourceUse { station: StationIdx(position), resource, utilisation: used / there });
                }
            }
        }
        uses
    }

    /// What has run out. Callers hold their slots while they wait, so full slots are only a cause if nothing behind
    /// them is about as full.
    fn limiting(&self, uses: &[ResourceUse], whole: &ClassMeasurements) -> Option<Limiting> {
        let stations = &self.simulation.network().stations;
        let is_cause = |use_: &&ResourceUse| {
            use_.utilisation >= NEAR_LIMIT
                && !(use_.resource == Resource::Slots
                    && uses.iter().any(|other| {
                        let deeper = other.station == use_.station && other.resource == Resource::Cores
                            || other.station != use_.station && self.reaches(use_.station, other.station);
                        deeper && other.utilisation >= 0.9 * use_.utilisation
                    }))
        };
        let cause =
            uses.iter().filter(is_cause).max_by(|left, right| left.utilisation.total_cmp(&right.utilisation))?;
        let main_failure = Outcome::ALL
            .into_iter()
            .filter(|outcome| !outcome.is_success() && whole.outcomes.get(*outcome) > 0)
            .max_by_key(|outcome| whole.outcomes.get(*outcome));
        Some(Limiting {
            component: stations[cause.station.0 as usize].component.to_string(),
            resource: cause.resource.key().to_owned(),
            utilisation: cause.utilisation.min(1.0),
            main_failure: main_failure.map(|outcome| outcome.key().to_owned()),
        })
    }

    /// Whether calls made at `from` may lead to `to`.
    fn reaches(&self, from: StationIdx, to: StationIdx) -> bool {
        let network = self.simulation.network();
        let mut seen = vec![false; network.stations.len()];
        let mut open = vec![from];
        while let Some(station) = open.pop() {
            for link in &network.stations[station.0 as usize].outgoing {
                let link = &network.links[link.0 as usize];
                if !link.role.is_synchronous() {
                    continue;
                }
                for &target in &link.targets {
                    if !core::mem::replace(&mut seen[target.0 as usize], true) {
                        open.push(target);
                    }
                }
            }
        }
        seen[to.0 as usize]
    }
}

/// Which way the number of requests in flight moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drift {
    None,
    Up,
    Down,
}

/// How much of one resource of a component is used.
#[derive(Clone, Copy, Debug)]
struct ResourceUse {
    /// First station of the component.
    station: StationIdx,
    resource: Resource,
    utilisation: f64,
}
