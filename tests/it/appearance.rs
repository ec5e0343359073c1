//! What the picture makes of load: trouble is seen coming, and nothing looks better for turning work away.

use std::collections::BTreeMap;

use headroom::design::edit::Edit;
use headroom::design::examples::{Example, starter};
use headroom::design::field::Value;
use headroom::design::{Design, Kind};
use headroom::ids::ComponentId;
use headroom::network::compile;
use headroom::scene::Figures;
use headroom::scene::figures::State;
use headroom::sim::Simulation;
use headroom::units::SimTime;

/// What is seen of a run in its last seconds.
struct Seen {
    states: BTreeMap<ComponentId, State>,
    error_share: f64,
}

/// Lets so many users at a design, and looks at it as the page does, from the tenth to the fifteenth second.
fn look(design: &Design, users: u64) -> Seen {
    let mut network = compile(design).expect("the design runs");
    network.users = users;
    let mut simulation = Simulation::new(network, 5);
    simulation.advance(SimTime::from_secs_f64(10.0));
    simulation.take_measurements();
    let mut figures = Figures::default();
    for tenth in 101..=150 {
        simulation.advance(SimTime::from_secs_f64(f64::from(tenth) / 10.0));
        figures.observe(&simulation.snapshot(), design);
    }
    Seen {
        states: figures.components.iter().map(|(&id, figures)| (id, figures.state)).collect(),
        error_share: simulation.take_measurements().all_classes().outcomes.error_share(),
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

#[test]
fn nothing_looks_healthier_at_twice_the_load() {
    let designs = [
        ("starter", starter()),
        ("shedding", with(starter(), Kind::Server, "shed_after_secs", &Value::Number(0.05))),
        ("short queues", with(starter(), Kind::Server, "queue_limit", &Value::Number(0.0))),
        ("breakers", with_breakers(starter())),
        ("replicated", Example::REPLICATED.design()),
    ];
    for (name, design) in designs {
        let mut before: Option<(u64, Seen)> = None;
        for users in (0..8).map(|doubling| 5_000 << doubling) {
            let seen = look(&design, users);
            // Whoever asks a machine that has died of its load has nothing to hope for; that is no healthy look.
            if seen.states.values().any(|&state| state == State::Down) {
                continue;
            }
            if let Some((fewer, before)) = &before {
                for (id, state) in &seen.states {
                    let called = &design.component(*id).expect("drawn").name;
                    let then = before.states[id];
                    assert!(*state >= then, "{name}: {called} is {state:?} with {users} users, {then:?} with {fewer}");
                }
            }
            before = Some((users, seen));
        }
        let (_, last) = before.expect("loads were tried");
        assert!(last.error_share > 0.1 && last.states.values().any(|&state| state == State::Saturated), "{name}");
    }
}

#[test]
fn colours_turn_warm_well_before_the_first_failure() {
    for design in [starter(), Example::REPLICATED.design()] {
        let loads = (0..40).map(|step| (4_000.0 * 1.1_f64.powi(step)) as u64);
        let mut warm_at = None;
        for users in loads {
            let seen = look(&design, users);
            if seen.states.values().any(|&state| state >= State::Warm) {
                warm_at.get_or_insert(users);
            }
            if seen.error_share > 0.001 {
                let warm_at = warm_at.expect("something was warm by then") as f64;
                assert!(warm_at < 0.8 * users as f64, "warm at {warm_at}, failures at {users}");
                break;
            }
        }
    }
}
