//! Measuring an answer.

use serde::{Deserialize, Serialize};

use super::Prompt;
use super::run::{Run, Second, grows, together};
use crate::design::Design;
use crate::design::kind::Kind;
use crate::design::script::Action;
use crate::ids::ComponentId;
use crate::network::{Network, Problem, StationSpec};
use crate::objective::Objective;
use crate::sim::sweep::{Capacity, CapacitySearch, SweepOptions};
use crate::sorted;

/// Length of a run at a load, of which the last part is measured [s].
const LOAD_SECS: u32 = 40;
/// How much of it is measured [s].
const MEASURED_SECS: u32 = 20;
/// When a machine is lost [s].
const LOSS_AT_SECS: u32 = 15;
/// Length of a run in which a machine is lost [s].
const LOSS_SECS: u32 = 75;
/// Seconds at the end of such a run that tell whether service has come back.
const LAST_SECS: usize = 10;
/// Share of requests in a second that may fail before it counts as a second without service.
const OUTAGE_SHARE: f64 = 0.01;

/// What an answer is measured against.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// Registered users that it must serve.
    pub users: u64,
    /// Registered users that it must grow to.
    pub growth_users: u64,
    /// What must be kept.
    pub objective: Objective,
    /// Longest time without service when a machine dies [s].
    pub recovery_secs: f64,
    /// Greatest rent of all machines [USD per month].
    pub monthly_usd: f64,
    /// Seed of all random streams.
    pub seed: u64,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// At the stated load.
    pub stated: Load,
    /// At the growth target.
    pub growth: Load,
    /// With each component short of a machine, in the order in which they were drawn.
    pub losses: Vec<Loss>,
    /// Most users served within the objective; `None` if not even one is.
    pub capacity: Option<u64>,
    /// What gives way first beyond that, as its identity prints; `None` if nothing is near its limit.
    pub limiting: Option<String>,
    /// Rent of all machines [USD per month].
    pub monthly_usd: f64,
}

/// An answer under a load.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Registered users.
    pub users: u64,
    /// Requests sent [1/s].
    pub arrival_rate: f64,
    /// Latency at the objective's percentile [s]; `None` if nothing was answered, or if requests pile up.
    pub latency_secs: Option<f64>,
    /// Share of requests that failed, 0 to 1.
    pub error_share: f64,
    /// Whether the objective was kept.
    pub kept: bool,
    /// From which second on it was missed for good [s since the start]; `None` if it was kept, or missed now and then.
    pub missed_from_secs: Option<u32>,
}

/// An answer with a component short of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// The component.
    pub component: ComponentId,
    /// Its machines; one of them dies.
    pub machines: u32,
    /// What came of it.
    pub outcome: LossOutcome,
    /// Requests that failed from then on.
    pub failed: u64,
}

/// What came of a loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum LossOutcome {
    /// Nobody noticed.
    Unnoticed,
    /// Service came back.
    Recovered {
        /// After so long [s].
        secs: f64,
    },
    /// Answers came, but too late to the end.
    Slow,
    /// Service did not come back: a single point of failure.
    Lost,
}

/// What is asked for, and whether the answer does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// What.
    pub kind: GoalKind,
    /// Whether.
    pub met: bool,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoalKind {
    /// The objective at the stated load.
    Stated,
    /// The objective at the growth target.
    Growth,
    /// Service that comes back in time whatever machine dies.
    Losses,
    /// A rent within the budget.
    Cost,
}

impl GoalKind {
    /// Name in texts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Growth => "growth",
            Self::Losses => "losses",
            Self::Cost => "cost",
        }
    }
}

impl Report {
    /// All that is asked for, and whether the answer does it.
    pub fn goals(&self, terms: &Terms) -> [Goal; 4] {
        let met = |kind, met| Goal { kind, met };
        [
            met(GoalKind::Stated, self.stated.kept),
            met(GoalKind::Growth, self.growth.kept),
            met(GoalKind::Losses, self.losses.iter().all(|loss| loss.is_survived(terms))),
            met(GoalKind::Cost, self.monthly_usd <= terms.monthly_usd),
        ]
    }

    /// Whether the answer does everything that is asked for.
    pub fn passes(&self, terms: &Terms) -> bool {
        self.goals(terms).iter().all(|goal| goal.met)
    }

    /// Components without which there is no service.
    pub fn single_points_of_failure(&self) -> impl Iterator<Item = &Loss> {
        self.losses.iter().filter(|loss| loss.outcome == LossOutcome::Lost)
    }
}

impl Loss {
    /// Whether service came back in time.
    pub fn is_survived(&self, terms: &Terms) -> bool {
        match self.outcome {
            LossOutcome::Unnoticed => true,
            LossOutcome::Recovered { secs } => secs <= terms.recovery_secs,
            LossOutcome::Slow | LossOutcome::Lost => false,
        }
    }
}

/// Measures an answer to a task. `progress` is called now and then with the share done, 0 to 1.
///
/// # Errors
/// What keeps the answer from running.
pub fn examine(
    prompt: &Prompt,
    answer: &Design,
    seed: u64,
    mut progress: impl FnMut(f64),
) -> Result<Report, Vec<Problem>> {
    let mut examination = Examination::new(&prompt.network(answer)?, &prompt.terms(seed));
    loop {
        if let Some(report) = examination.advance(200_000) {
            return Ok(report);
        }
        progress(examination.progress());
    }
}

/// A measurement under way.
#[derive(Clone, Debug)]
pub struct Examination {
    network: Network,
    terms: Terms,
    /// What is left to do, the next one last.
    left: Vec<Task>,
    now: Step,
    done: usize,
    loads: Vec<Load>,
    losses: Vec<Loss>,
}

#[derive(Clone, Copy, Debug)]
enum Task {
    Load(u64),
    Lose(ComponentId, u32),
    Capacity,
}

#[derive(Clone, Debug)]
enum Step {
    Load(u64, Run),
    Lose(ComponentId, u32, Run),
    Capacity(Box<CapacitySearch>),
}

impl Examination {
    /// Begins to measure `network`.
    pub fn new(network: &Network, terms: &Terms) -> Self {
        let mut left = vec![Task::Capacity];
        left.extend(losable(network).into_iter().rev().map(|(component, machines)| Task::Lose(component, machines)));
        left.push(Task::Load(terms.growth_users));
        let now = begin(network, terms, Task::Load(terms.users));
        Self { network: network.clone(), terms: *terms, left, now, done: 0, loads: Vec::new(), losses: Vec::new() }
    }

    /// Goes on for about `events` events. The report, once all is measured; nothing is to be asked after that.
    pub fn advance(&mut self, events: u64) -> Option<Report> {
        match &mut self.now {
            Step::Load(users, run) => {
                if !run.advance(events) {
                    return None;
                }
                self.loads.push(judge_load(*users, &run.seconds, &self.terms.objective));
            }
            Step::Lose(component, machines, run) => {
                if !run.advance(events) {
                    return None;
                }
                self.losses.push(judge_loss(*component, *machines, &run.seconds, &self.terms.objective));
            }
            Step::Capacity(search) => {
                let capacity = search.advance(events)?;
                return Some(self.report(capacity));
            }
        }
        self.done += 1;
        let next = self.left.pop().expect("measuring the capacity comes last and ends it");
        self.now = begin(&self.network, &self.terms, next);
        None
    }

    /// Share done, 0 to 1, as far as it can be foreseen.
    pub fn progress(&self) -> f64 {
        let now = match &self.now {
            Step::Load(_, run) | Step::Lose(_, _, run) => run.progress(),
            Step::Capacity(search) => search.progress(),
        };
        (self.done as f64 + now) / (self.done + self.left.len() + 1) as f64
    }

    fn report(&mut self, capacity: Capacity) -> Report {
        Report {
            stated: self.loads[0],
            growth: self.loads[1],
            losses: core::mem::take(&mut self.losses),
            capacity: capacity.users,
            limiting: capacity.limiting.map(|limiting| limiting.component),
            monthly_usd: rent(&self.network),
        }
    }
}

fn begin(network: &Network, terms: &Terms, task: Task) -> Step {
    match task {
        Task::Load(users) => Step::Load(users, Run::new(network, users, terms.seed, LOAD_SECS, None)),
        Task::Lose(component, machines) => {
            let action = if machines > 1 { Action::KillInstance(component, 0) } else { Action::Kill(component) };
            let act = Some((LOSS_AT_SECS, action));
            Step::Lose(component, machines, Run::new(network, terms.users, terms.seed, LOSS_SECS, act))
        }
        Task::Capacity => {
            // One significant digit and a half: what is asked is what gives way, and about when.
            let options = SweepOptions {
                seed: terms.seed,
                resolution: 0.1,
                requests_per_point: 10_000,
                events_per_point: 1_500_000,
            };
            let network = Network { users: terms.growth_users, ..network.clone() };
            Step::Capacity(Box::new(CapacitySearch::new(&network, &terms.objective, &options)))
        }
    }
}

/// The components that may lose a machine, with the number of their machines, in the order in which they were drawn.
/// Users are people; names, edges, queues, object storage and third parties are run by others, on more machines than
/// anyone could kill; nobody waits for monitoring and pipelines.
fn losable(network: &Network) -> Vec<(ComponentId, u32)> {
    let mut found: Vec<(ComponentId, u32)> = Vec::new();
    for station in &network.stations {
        if matches!(
            station.config.kind(),
            Kind::Users
                | Kind::Dns
                | Kind::Cdn
                | Kind::Queue
                | Kind::ObjectStorage
                | Kind::ThirdParty
                | Kind::Pipeline
                | Kind::Monitoring
        ) {
            continue;
        }
        match found.iter_mut().find(|(component, _)| *component == station.component) {
            Some((_, machines)) => *machines += 1,
            None => found.push((station.component, 1)),
        }
    }
    sorted::sort_by(&mut found, |one, other| one.0.cmp(&other.0));
    found
}

/// Rent of all machines [USD per month].
fn rent(network: &Network) -> f64 {
    network.stations.iter().map(StationSpec::monthly_usd).sum()
}

fn judge_load(users: u64, seconds: &[Second], objective: &Objective) -> Load {
    // A run that was cut short is judged by its last part all the same.
    let measured = &seconds[seconds.len().saturating_sub(MEASURED_SECS as usize)..];
    let whole = together(measured);
    let grows = grows(measured);
    let latency = whole.latency.quantile_secs(objective.percentile / 100.0);
    let error_share = whole.outcomes.error_share();
    let kept = !grows
        && whole.latency.count() > 0
        && error_share <= objective.error_share
        && latency <= objective.latency_secs;
    let missed = seconds.iter().rev().take_while(|second| second.misses(objective, OUTAGE_SHARE)).count();
    let from = u32::try_from(seconds.len() - missed).expect("runs last minutes");
    Load {
        users,
        arrival_rate: whole.arrivals as f64 / measured.len().max(1) as f64,
        latency_secs: (!grows && whole.latency.count() > 0).then_some(latency),
        error_share,
        kept,
        missed_from_secs: (!kept && missed > 0).then_some(from),
    }
}

fn judge_loss(component: ComponentId, machines: u32, seconds: &[Second], objective: &Objective) -> Loss {
    let after = &seconds[(LOSS_AT_SECS as usize).min(seconds.len())..];
    let errors = OUTAGE_SHARE.max(objective.error_share);
    let last_bad = after.iter().rposition(|second| second.misses(objective, errors));
    let last = &after[after.len().saturating_sub(LAST_SECS)..];
    let outcome = match last_bad {
        None => LossOutcome::Unnoticed,
        Some(_) if last.iter().filter(|second| second.error_share() > errors).count() * 2 > last.len() => {
            LossOutcome::Lost
        }
        Some(_) if last.iter().filter(|second| second.misses(objective, errors)).count() * 2 > last.len() => {
            LossOutcome::Slow
        }
        Some(position) => LossOutcome::Recovered { secs: (position + 1) as f64 },
    };
    Loss { component, machines, outcome, failed: together(after).outcomes.failed() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::examples;
    use crate::network::compile;

    fn terms(users: u64) -> Terms {
        Terms {
            users,
            growth_users: 10 * users,
            objective: Objective::default(),
            recovery_secs: 40.0,
            monthly_usd: 1000.0,
            seed: 1,
        }
    }

    fn report(design: &Design, terms: &Terms) -> Report {
        let mut examination = Examination::new(&compile(design).expect("it runs"), terms);
        loop {
            if let Some(report) = examination.advance(50_000) {
                return report;
            }
            assert!((0.0..=1.0).contains(&examination.progress()));
        }
    }

    #[test]
    fn one_server_and_its_database_are_single_points_of_failure() {
        let design = examples::starter();
        let terms = terms(1000);
        let report = report(&design, &terms);
        let lost: Vec<_> = report.single_points_of_failure().map(|loss| loss.component).collect();
        let named = |name| design.component_named(name).expect("the starter has it").id;
        assert_eq!(lost, [named("Web server"), named("Database")]);
        assert!(report.stated.kept && report.stated.latency_secs.is_some_and(|secs| secs < 0.5), "{report:?}");
        assert!(report.capacity.is_some_and(|users| users > 10_000), "{report:?}");
        assert!(!report.passes(&terms));
        let met: Vec<bool> = report.goals(&terms).iter().map(|goal| goal.met).collect();
        assert_eq!(met, [true, true, false, true]);
    }

    #[test]
    fn too_many_users_miss_the_objective_from_a_moment_on() {
        let terms = terms(100_000);
        let report = report(&examples::starter(), &terms);
        assert!(!report.growth.kept && report.growth.error_share > 0.5, "{report:?}");
        assert!(report.growth.missed_from_secs.is_some_and(|secs| secs < 20), "{report:?}");
        assert_eq!(report.limiting.as_deref(), Some("c3"), "the web server gives way first");
    }

    #[test]
    fn replicas_and_peers_take_over() {
        let design = examples::Example::REPLICATED.design();
        let report = report(&design, &terms(1000));
        let outcome = |name: &str| {
            let id = design.component_named(name).expect("it is drawn").id;
            report.losses.iter().find(|loss| loss.component == id).expect("it was lost").outcome
        };
        for component in design.components().filter(|component| component.config.kind() == Kind::SqlDatabase) {
            assert_ne!(outcome(&component.name), LossOutcome::Lost, "{}", component.name);
        }
        let balancer = design.components().find(|component| component.config.kind() == Kind::LoadBalancer);
        assert_eq!(outcome(&balancer.expect("there is one").name), LossOutcome::Lost);
    }
}
