//! The designs that come with the product do what is said of them.

use headroom::design::Kind;
use headroom::design::examples::Example;
use headroom::design::script::Action;
use headroom::ids::ComponentId;
use headroom::network::{Network, compile};
use headroom::objective::Objective;
use headroom::scene::{Figures, Theme, svg};
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::sim::snapshot::RequestClass;
use headroom::units::SimTime;

use crate::golden::assert_file;

const SEED: u64 = 1;

fn network(example: Example, users: u64) -> Network {
    let mut network = compile(&example.design()).expect("the examples run");
    network.users = users;
    network
}

/// What is measured from second `from` to second `to`.
fn measured(simulation: &mut Simulation, from: u64, to: u64) -> Measurements {
    let second = |count: u64| SimTime::from_nanos(count * headroom::units::NANOS_PER_SEC);
    simulation.advance(second(from));
    simulation.take_measurements();
    simulation.advance(second(to));
    simulation.take_measurements()
}

fn keeps_its_objective(measurements: &Measurements) -> bool {
    let all = measurements.all_classes();
    let Objective { percentile, latency_secs, error_share } = Objective::default();
    all.latency.quantile_secs(percentile / 100.0) < latency_secs && all.outcomes.error_share() <= error_share
}

/// Mean share of the cores in use, for the stations of a kind.
fn utilisation(network: &Network, measurements: &Measurements, kind: Kind, cores: f64) -> Vec<f64> {
    let of_kind = network.stations.iter().zip(&measurements.stations).filter(|(spec, _)| spec.config.kind() == kind);
    of_kind.map(|(_, station)| station.busy_cores_area / measurements.span.as_secs_f64() / cores).collect()
}

#[test]
fn the_starter_is_healthy_until_the_slider_is_pulled() {
    let start = Example::STARTER.design().settings().users;
    for (users, healthy) in [(start, true), (20_000, true), (100_000, false), (1_000_000, false)] {
        let measurements = measured(&mut Simulation::new(network(Example::STARTER, users), SEED), 10, 30);
        assert_eq!(keeps_its_objective(&measurements), healthy, "{users} users");
    }
}

#[test]
fn the_replicated_design_serves_its_users_and_more_of_them_break_it() {
    let users = Example::REPLICATED.design().settings().users;
    for (users, healthy) in [(users, true), (2 * users, false)] {
        let measurements = measured(&mut Simulation::new(network(Example::REPLICATED, users), SEED), 20, 50);
        assert_eq!(keeps_its_objective(&measurements), healthy, "{users} users");
    }
}

#[test]
fn the_replicated_design_takes_writes_again_after_a_failover() {
    let design = Example::REPLICATED.design();
    let primary: ComponentId = design.component_named("Primary").expect("drawn").id;
    let mut simulation = Simulation::new(network(Example::REPLICATED, design.settings().users), SEED);
    simulation.advance(SimTime::from_secs_f64(10.0));
    simulation.act(Action::Kill(primary));
    let writes =
        |measurements: &Measurements| measurements.classes[RequestClass::Write as usize].outcomes.error_share();
    let during = measured(&mut simulation, 20, 30);
    assert!(writes(&during) > 0.99, "{}", writes(&during));
    let after = measured(&mut simulation, 60, 80);
    assert!(writes(&after) < 0.001, "{}", writes(&after));
}

#[test]
fn the_reference_design_is_busy_but_stable() {
    let network = network(Example::REFERENCE, Example::REFERENCE.design().settings().users);
    let measurements = measured(&mut Simulation::new(network.clone(), SEED), 20, 40);
    let servers = utilisation(&network, &measurements, Kind::Server, 8.0);
    assert_eq!(servers.len(), 4);
    for share in servers.into_iter().chain(utilisation(&network, &measurements, Kind::SqlDatabase, 32.0)) {
        assert!((0.65..0.75).contains(&share), "{share} busy");
    }
    assert_eq!(measurements.all_classes().outcomes.failed(), 0);
}

/// What is seen before the page runs is the first design as the page draws it.
#[test]
fn the_still_pictures_show_the_starter() {
    for (name, theme) in [("light", Theme::Light), ("dark", Theme::Dark)] {
        let picture = svg::still(&Example::STARTER.design(), &Figures::default(), theme);
        assert_file(&format!("assets/still/{name}.svg"), &picture);
    }
}
