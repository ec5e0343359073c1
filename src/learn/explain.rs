//! What is going on, in one plain sentence: the first thing that breaks, why, and how far the design carries.
//!
//! Looks at causes before symptoms: what is dead comes before what is full, and what is full at the end of a chain of
//! calls before whoever waits for it. A queue that grows is called that; no waiting time is given for it, because it
//! has none.

use super::figures::{ComponentFigures, Totals};
use crate::design::{Component, Design};
use crate::entry::significant;
use crate::format;
use crate::ids::ComponentId;
use crate::network::{Problem, Severity};
use crate::sim::snapshot::{Outcome, Particulars, Resource, Snapshot};
use crate::sorted;
use crate::text::{fill, text};

/// Utilisation from which a resource counts as exhausted: queues in front of it are long whatever the design.
const SATURATED: f64 = 0.95;
/// Utilisation from which a resource is worth a warning.
const HOT: f64 = 0.7;
/// Utilisation below which the busiest part has nearly nothing to do.
const IDLE: f64 = 0.05;
/// Share of failed requests that nobody needs to hear about.
const NEGLIGIBLE: f64 = 0.001;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Nothing runs yet, or cannot.
    Idle,
    /// All is well.
    Healthy,
    /// Something gets scarce.
    Hot,
    /// Something is exhausted, or requests fail.
    Saturated,
    /// Something is dead.
    Down,
}

impl Tone {
    /// Name in style sheets.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Healthy => "healthy",
            Self::Hot => "hot",
            Self::Saturated => "saturated",
            Self::Down => "down",
        }
    }

    /// The tone of a utilisation, 0 to 1.
    pub fn of_utilisation(utilisation: f64) -> Self {
        if utilisation >= SATURATED {
            Self::Saturated
        } else if utilisation >= HOT {
            Self::Hot
        } else {
            Self::Healthy
        }
    }
}

/// How many users a design serves within its objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// Not even one.
    None,
    /// So many.
    UpTo(u64),
    /// As many as can be set.
    WholeRange,
}

/// Multiple of the usual traffic from which on it is said that how far a design carries is about usual traffic.
const WORTH_SAYING: f64 = 1.1;

/// Everything that the sentence is made from.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The drawing.
    pub design: &'a Design,
    /// What is wrong with it, worst first.
    pub problems: &'a [Problem],
    /// The newest figures.
    pub snapshot: &'a Snapshot,
    /// The last few seconds.
    pub recent: Totals,
    /// A component whose memory has run out in the last few seconds.
    pub out_of_memory: Option<ComponentId>,
    /// How far the design carries; `None` while it is not known.
    pub capacity: Option<Capacity>,
}

/// What to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// How bad it is.
    pub tone: Tone,
    /// What was found, as a key of `assets/text` under `verdict`; equal keys and components mean the same finding with
    /// other figures.
    pub finding: &'static str,
    /// The component that it is about.
    pub component: Option<ComponentId>,
    /// The sentence, or two.
    pub sentence: String,
}

/// Finds the sentence for a situation.
///
/// # Complexity
/// O(components × links).
pub fn explain(situation: &Situation<'_>) -> Explanation {
    let mut explanation = unfinished(situation).unwrap_or_else(|| {
        let seen = seen(situation);
        without_primary(situation, &seen)
            .or_else(|| out_of_memory(situation))
            .or_else(|| dead(situation, &seen, true))
            .or_else(|| exhausted(situation, &seen))
            .or_else(|| dead(situation, &seen, false))
            .or_else(|| failing(situation))
            .unwrap_or_else(|| busiest(situation, &seen))
    });
    if let Some(capacity) = situation.capacity.filter(|_| explanation.tone != Tone::Idle) {
        let now_secs = situation.snapshot.now.as_secs_f64();
        let factor = situation.design.settings().traffic.factor(now_secs);
        explanation.sentence.push(' ');
        explanation.sentence.push_str(&carries_under(capacity, factor));
    }
    explanation
}

/// How far a design carries, as a sentence.
pub fn carries(capacity: Capacity) -> String {
    carries_under(capacity, 1.0)
}

/// The same while there is a multiple of its usual traffic: capacity is measured at the usual.
fn carries_under(capacity: Capacity, factor: f64) -> String {
    match capacity {
        Capacity::None => text("verdict.carries_none").to_owned(),
        Capacity::WholeRange => text("verdict.carries_all").to_owned(),
        Capacity::UpTo(users) => {
            // The knee is measured to a few per cent; more digits would claim more than is known.
            let about = significant(users as f64, 2) as u64;
            let key = match about {
                _ if factor >= WORTH_SAYING => "verdict.carries_usual",
                1 => "verdict.carries_one",
                _ => "verdict.carries",
            };
            fill(key, &[("users", &format::grouped(about)), ("factor", &format::number(factor))])
        }
    }
}

/// The figures of one component beside what is drawn.
struct Seen<'a> {
    component: &'a Component,
    figures: ComponentFigures,
}

fn seen<'a>(situation: &Situation<'a>) -> Vec<Seen<'a>> {
    let figures = ComponentFigures::all(situation.snapshot).into_iter();
    let drawn =
        figures.filter_map(|(id, figures)| situation.design.component(id).map(|component| (component, figures)));
    drawn.map(|(component, figures)| Seen { component, figures }).collect()
}

fn tell(tone: Tone, finding: &'static str, about: Option<&Component>, values: &[(&str, &str)]) -> Explanation {
    let name = about.map_or("", |component| component.name.as_str());
    let mut values = values.to_vec();
    values.push(("name", name));
    let sentence = fill(&format!("verdict.{finding}"), &values);
    Explanation { tone, finding, component: about.map(|component| component.id), sentence }
}

fn unfinished(situation: &Situation<'_>) -> Option<Explanation> {
    if situation.design.components().next().is_none() {
        return Some(tell(Tone::Idle, "empty", None, &[]));
    }
    if let Some(problem) = situation.problems.iter().find(|problem| problem.severity() == Severity::Error) {
        let about = problem.component.and_then(|id| situation.design.component(id));
        return Some(tell(Tone::Idle, "cannot_run", about, &[("problem", &problem.to_string())]));
    }
    (situation.snapshot.requests == 0).then(|| tell(Tone::Idle, "waiting", None, &[]))
}

/// A group of databases that has no primary at the moment.
fn without_primary(situation: &Situation<'_>, seen: &[Seen<'_>]) -> Option<Explanation> {
    let failing_over = seen.iter().find(|seen| {
        matches!(seen.figures.particulars, Particulars::Database { failing_over: true, .. }) && !seen.figures.is_down()
    })?;
    let failed = share_failed(situation);
    // The sentence is about who died, not about who will take over.
    let dead = seen.iter().find(|seen| {
        seen.figures.is_down() && matches!(seen.figures.particulars, Particulars::Database { is_primary: true, .. })
    });
    let about = dead.unwrap_or(failing_over).component;
    Some(tell(Tone::Down, "no_primary", Some(about), &[("failed", &failed)]))
}

/// A machine has died of its load: its memory was the limit, whatever its cores say now that it has been started again.
fn out_of_memory(situation: &Situation<'_>) -> Option<Explanation> {
    let about = situation.design.component(situation.out_of_memory?)?;
    let failed = share_failed(situation);
    Some(tell(Tone::Down, "out_of_memory", Some(about), &[("failed", &failed)]))
}

/// Something has died, and requests fail because of it, or do not.
fn dead(situation: &Situation<'_>, seen: &[Seen<'_>], must_hurt: bool) -> Option<Explanation> {
    let worst = seen
        .iter()
        .filter(|seen| seen.figures.n_up < seen.figures.n_machines)
        .min_by_key(|seen| (!seen.figures.is_down(), seen.component.id))?;
    let hurts = share_not_turned_away(situation) > NEGLIGIBLE;
    if must_hurt && !hurts {
        return None;
    }
    let failed = share_failed(situation);
    let down = (worst.figures.n_machines - worst.figures.n_up).to_string();
    let machines = worst.figures.n_machines.to_string();
    let values = [("failed", failed.as_str()), ("down", &down), ("machines", &machines)];
    let finding = match (worst.figures.is_down(), hurts) {
        (true, true) => "down",
        (true, false) => "down_but_served",
        (false, true) => "partly_down",
        (false, false) => "partly_down_but_served",
    };
    Some(tell(Tone::Down, finding, Some(worst.component), &values))
}

fn exhausted(situation: &Situation<'_>, seen: &[Seen<'_>]) -> Option<Explanation> {
    let saturated: sorted::Set<ComponentId> =
        seen.iter().filter(|seen| seen.figures.utilisation() >= SATURATED).map(|seen| seen.component.id).collect();
    // Whoever calls a saturated component has its slots full because it waits: the cause is the last one.
    let cause = seen
        .iter()
        .filter(|seen| saturated.contains(&seen.component.id))
        .filter(|seen| !calls_any(situation.design, seen.component.id, &saturated))
        .max_by(|a, b| a.figures.queue_length.total_cmp(&b.figures.queue_length))?;
    let figures = &cause.figures;
    let busy = busy(figures);
    let refused = figures.outcomes.get(Outcome::Refused);
    let ended = figures.outcomes.total();
    let refused_share = format::share(if ended == 0 { 0.0 } else { refused as f64 / ended as f64 });
    let waiting = format::grouped(figures.waiting);
    let limit = figures.queue_limit.map(format::grouped).unwrap_or_default();
    let wait = format::duration(figures.wait.mean_secs);
    let failed = share_failed(situation);
    let mut values = vec![
        ("busy", busy.as_str()),
        ("refused", &refused_share),
        ("waiting", &waiting),
        ("limit", &limit),
        ("wait", &wait),
        ("failed", &failed),
    ];
    let net_growth = figures.arrival_rate - figures.throughput;
    let is_growing = situation.recent.growth_per_sec > 0.02 * situation.recent.arrival_rate && figures.waiting > 0;
    let full_in;
    let finding = if refused > 0 {
        "refuses"
    } else if is_growing {
        match figures.queue_limit.filter(|&limit| net_growth > 0.0 && limit > figures.waiting) {
            Some(limit) => {
                full_in = format::duration(significant((limit - figures.waiting) as f64 / net_growth, 2));
                values.push(("full_in", &full_in));
                "grows_until_full"
            }
            None => "grows",
        }
    } else if situation.recent.outcomes.error_share() > NEGLIGIBLE {
        "bottleneck_failing"
    } else {
        "bottleneck"
    };
    Some(tell(Tone::Saturated, finding, Some(cause.component), &values))
}

/// Requests fail although nothing is dead or exhausted.
fn failing(situation: &Situation<'_>) -> Option<Explanation> {
    let outcomes = situation.recent.outcomes;
    if outcomes.error_share() <= situation.design.settings().objective.error_share.max(NEGLIGIBLE) {
        return None;
    }
    let worst = Outcome::ALL
        .into_iter()
        .filter(|outcome| !outcome.is_success())
        .max_by_key(|&outcome| outcomes.get(outcome))
        .expect("there are outcomes that are failures");
    let failed = share_failed(situation);
    let cause = format!("outcomes.{}.because", worst.key());
    Some(tell(Tone::Saturated, "failing", None, &[("failed", &failed), ("cause", text(&cause))]))
}

fn busiest(situation: &Situation<'_>, seen: &[Seen<'_>]) -> Explanation {
    let top = seen
        .iter()
        .filter(|seen| seen.figures.scarcest().is_some())
        .max_by(|a, b| a.figures.scarcity().total_cmp(&b.figures.scarcity()));
    if situation.recent.span_secs > 0.0 && situation.recent.arrival_rate == 0.0 && situation.recent.in_flight == 0 {
        return tell(Tone::Healthy, "nobody", None, &[]);
    }
    let Some(top) = top else { return tell(Tone::Healthy, "well", None, &[]) };
    let busy = busy(&top.figures);
    let wait = format::duration(top.figures.wait.mean_secs);
    let values = [("busy", busy.as_str()), ("wait", &wait)];
    if top.figures.utilisation() >= HOT {
        tell(Tone::Hot, "hot", Some(top.component), &values)
    } else if top.figures.utilisation() < IDLE {
        tell(Tone::Healthy, "idle", Some(top.component), &values)
    } else {
        tell(Tone::Healthy, "busiest", Some(top.component), &values)
    }
}

/// `97 % of its cores are busy`.
fn busy(figures: &ComponentFigures) -> String {
    // Where cores are exhausted, places fill up behind them: the cores are the cause.
    let cores = figures.resources.iter().find(|used| used.resource == Resource::Cores);
    let Some(scarcest) = cores.filter(|cores| cores.utilisation() >= SATURATED).or_else(|| figures.scarcest()) else {
        return String::new();
    };
    let key = match scarcest.resource {
        Resource::Cores => "verdict.busy_cores",
        Resource::Slots => "verdict.busy_slots",
        Resource::Memory => "verdict.busy_memory",
    };
    fill(key, &[("share", &format::share(scarcest.utilisation()))])
}

/// Share of requests that failed, but for those that somebody turned away, who was alive to do it.
fn share_not_turned_away(situation: &Situation<'_>) -> f64 {
    let outcomes = situation.recent.outcomes;
    let turned_away = [Outcome::Refused, Outcome::Shed, Outcome::RateLimited, Outcome::Blocked];
    let turned_away: u64 = turned_away.into_iter().map(|outcome| outcomes.get(outcome)).sum();
    (outcomes.failed() - turned_away) as f64 / outcomes.total().max(1) as f64
}

fn share_failed(situation: &Situation<'_>) -> String {
    format::share(situation.recent.outcomes.error_share())
}

/// Whether `from` waits, directly or through others, for one of `targets` other than itself.
fn calls_any(design: &Design, from: ComponentId, targets: &sorted::Set<ComponentId>) -> bool {
    let mut open = vec![from];
    let mut visited = sorted::Set::from([from]);
    while let Some(id) = open.pop() {
        for link in design.links_from(id).into_iter().filter(|link| link.role.is_synchronous()) {
            if visited.insert(link.to) {
                if targets.contains(&link.to) {
                    return true;
                }
                open.push(link.to);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests;
