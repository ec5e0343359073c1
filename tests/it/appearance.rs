//! What the picture makes of load: trouble is seen coming, and nothing looks better for turning work away.

use std::collections::BTreeMap;

use headroom::design::edit::Edit;
use headroom::design::examples::{Example, starter};
use headroom::design::field::Value;
use headroom::design::script::Action;
use headroom::design::{Design, Kind};
use headroom::ids::ComponentId;
use headroom::learn::alerts::{Alert, Limit, Watch};
use headroom::network::compile;
use headroom::scene::Figures;
use headroom::scene::figures::State;
use headroom::sim::Simulation;
use headroom::units::SimTime;

/// What is seen of a run in its last seconds.
struct Seen {
    /// State, and how far its gauge reaches with what is held back.
    parts: BTreeMap<ComponentId, (State, f64)>,
    error_share: f64,
    in_flight: u64,
}

/// Lets so many users at a design, and looks at it as the page does, for fifteen seconds.
fn look(design: &Design, users: u64) -> Seen {
    let mut network = compile(design).expect("the design runs");
    network.users = users;
    let mut simulation = Simulation::new(network, 5);
    let mut figures = Figures::default();
    let mut in_flight = 0;
    for tenth in 1..=150 {
        if tenth == 101 {
            simulation.take_measurements();
        }
        simulation.advance(SimTime::from_secs_f64(f64::from(tenth) / 10.0));
        let snapshot = simulation.snapshot();
        figures.observe(&snapshot, design);
        in_flight = snapshot.in_flight;
    }
    Seen {
        parts: figures.components.iter().map(|(&id, figures)| (id, (figures.state, figures.asked))).collect(),
        error_share: simulation.take_measurements().all_classes().outcomes.error_share(),
        in_flight,
    }
}

/// Sets a parameter of all components of a kind.
fn with(mut design: Design, kind: Kind, key: &'static str, value: &Value) -> Design {
    let ids: Vec<ComponentId> = design.components().filter(|of| of.config.kind() == kind).map(|of| of.id).collect();
    for id in ids {
        design.apply(Edit::SetParameter(id, key, value.clone())).expect("a parameter of this kind");
    }
    design
}

fn with_breakers(mut design: Design) -> Design {
    let ids: Vec<_> = design.links().map(|link| link.id).collect();
    for id in ids {
        design.apply(Edit::SetLinkParameter(id, "breaker_error_share", Value::Number(0.5))).expect("links break");
    }
    design
}

/// Servers that take in no more than they can do soon.
fn limited(design: Design) -> Design {
    let design = with(design, Kind::Server, "concurrency", &Value::Number(64.0));
    with(design, Kind::Server, "queue_limit", &Value::Number(100.0))
}

/// How much shorter a gauge may get: what is held back is worked out from a second or two.
const CHANCE: f64 = 0.05;

#[test]
fn nothing_looks_healthier_at_twice_the_load() {
    let designs = [
        ("starter", starter(), 5_000, 8),
        ("shedding", with(starter(), Kind::Server, "shed_after_secs", &Value::Number(0.05)), 5_000, 8),
        ("short queues", with(starter(), Kind::Server, "queue_limit", &Value::Number(0.0)), 5_000, 8),
        ("breakers", with_breakers(starter()), 5_000, 8),
        ("replicated", Example::REPLICATED.design(), 5_000, 8),
        ("reference", Example::REFERENCE.design(), 2_750, 6),
        ("reference with limits", limited(Example::REFERENCE.design()), 2_750, 6),
    ];
    let mut healthier = Vec::new();
    for (name, design, fewest, doublings) in designs {
        let mut before: Option<(u64, Seen)> = None;
        for users in (0..doublings).map(|doubling| fewest << doubling) {
            let seen = look(&design, users);
            if let Some((fewer, before)) = &before {
                for (id, &(state, asked)) in &seen.parts {
                    let called = &design.component(*id).expect("drawn").name;
                    let then = before.parts[id];
                    // What dies of its load is dead at one moment and back at the next.
                    let is_better = state < then.0.min(State::Saturated);
                    let is_shorter = asked < then.1 - CHANCE && state != State::Down && then.0 != State::Down;
                    if is_better || is_shorter {
                        healthier.push(format!(
                            "{name}: {called} is {state:?} ({asked:.2}) with {users} users, {then:?} with {fewer}"
                        ));
                    }
                }
            }
            before = Some((users, seen));
        }
        let (_, last) = before.expect("loads were tried");
        let is_overloaded = last.error_share > 0.1 || last.in_flight > 100_000;
        let is_red = last.parts.values().any(|&(state, _)| state >= State::Saturated);
        assert!(is_overloaded && is_red, "{name} copes with everything that was tried");
    }
    assert!(healthier.is_empty(), "{}", healthier.join("\n"));
}

#[test]
fn colours_turn_warm_well_before_the_first_failure() {
    for design in [starter(), Example::REPLICATED.design()] {
        let mut warm_at = None;
        let mut loads = (0..50).map(|step| (4_000.0 * 1.1_f64.powi(step)) as u64);
        let failing_at = loads.find(|&users| {
            let seen = look(&design, users);
            if seen.parts.values().any(|&(state, _)| state >= State::Warm) {
                warm_at.get_or_insert(users);
            }
            seen.error_share > 0.001
        });
        let failing_at = failing_at.expect("it gives way") as f64;
        let warm_at = warm_at.expect("something was warm by then") as f64;
        assert!(warm_at < 0.8 * failing_at, "warm at {warm_at}, failures at {failing_at}");
    }
}

/// Lets a run go on for a while with what is done to it; gives its alerts, and the share of requests that fail by tenths
/// of a second.
fn watch(design: &Design, secs: u32, acts: &[(u32, Action)]) -> (Vec<Alert>, Vec<f64>) {
    let mut simulation = Simulation::new(compile(design).expect("the design runs"), 5);
    let (mut watch, mut alerts, mut failing) = (Watch::default(), Vec::new(), Vec::new());
    for second in 0..secs {
        simulation.advance(SimTime::from_secs_f64(f64::from(second)));
        for (_, action) in acts.iter().filter(|(at, _)| *at == second) {
            simulation.act(action.clone());
        }
        simulation.advance(SimTime::from_secs_f64(f64::from(second + 1)));
        for sample in simulation.snapshot().samples {
            failing.push(sample.outcomes.error_share());
            alerts.extend(watch.observe(&sample, &design.settings().objective));
        }
    }
    (alerts, failing)
}

fn begin_of(alerts: &[Alert], limit: Limit) -> f64 {
    let begins = alerts.iter().find(|alert| alert.limit == limit && alert.is_missed);
    begins.unwrap_or_else(|| panic!("no alert for {limit:?} in {alerts:?}")).at.as_secs_f64()
}

#[test]
fn alerts_begin_and_end_with_a_failure() {
    let design = starter();
    let database = design.components().find(|part| part.config.kind() == Kind::SqlDatabase).expect("it has one").id;
    assert_eq!(watch(&design, 40, &[]).0, [], "all is well");
    for users in [500, 5_000] {
        let acts = [(0, Action::SetUsers(users)), (20, Action::Kill(database)), (30, Action::Restore(database))];
        let (alerts, failing) = watch(&design, 60, &acts);
        let errors: Vec<&Alert> = alerts.iter().filter(|alert| alert.limit == Limit::Errors).collect();
        let [begin, end] = errors[..] else { panic!("one alert, and its end: {errors:?}") };
        let moments =
            || failing.iter().enumerate().filter(|&(_, &share)| share > 0.0).map(|(at, _)| (at + 1) as f64 / 10.0);
        let (first, last) = (moments().next().expect("requests fail"), moments().next_back().expect("requests fail"));
        assert!(begin.is_missed && (first..first + 1.0).contains(&begin.at.as_secs_f64()), "{first} s: {begin:?}");
        assert!(!end.is_missed && (last..last + 6.0).contains(&end.at.as_secs_f64()), "{last} s: {end:?}");
    }
}

#[test]
fn alerts_match_the_onset_of_failures_under_growing_load() {
    for (design, fewest) in [(starter(), 3_000.0), (Example::REPLICATED.design(), 10_000.0)] {
        let users = |second: u32| (fewest * 1.06_f64.powi(second.cast_signed())) as u64;
        let growth: Vec<(u32, Action)> = (0..70).map(|second| (second, Action::SetUsers(users(second)))).collect();
        let (alerts, failing) = watch(&design, 70, &growth);
        let told = begin_of(&alerts, Limit::Errors);
        let first = failing.iter().position(|&share| share > 0.0).expect("it gives way") as f64 / 10.0;
        let lasting = failing.windows(10).position(|second| second.iter().all(|&share| share > 0.01));
        let lasting = lasting.expect("it gives way for good") as f64 / 10.0;
        assert!(told >= first, "alert at {told} s, first failure at {first} s");
        assert!(told <= lasting + 1.0, "alert at {told} s, failures for good from {lasting} s");
        let slow = begin_of(&alerts, Limit::Latency);
        assert!(slow <= told, "slow answers are told of at {slow} s, failures at {told} s");
    }
}
