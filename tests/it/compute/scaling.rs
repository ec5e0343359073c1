//! Autoscaling: where the number of machines settles, what it costs, and that nobody notices machines that go.

use headroom::design::kind::load_balancer::LoadBalancer;
use headroom::design::kind::scaling::Autoscaling;
use headroom::design::kind::server::Server;
use headroom::design::script::Action;
use headroom::design::{ComponentConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::network::Network;
use headroom::sim::Simulation;
use headroom::sim::snapshot::Health;
use headroom::units::SimTime;

use crate::drawing::{Drawing, plain_server, poisson_readers};

/// 600 users with 10 ms of work each per second: 6 erlangs, behind a balancer.
fn scaled() -> (Network, ComponentId) {
    let mut drawing = Drawing::for_users(600);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let balancer = drawing.add("balancer", ComponentConfig::LoadBalancer(LoadBalancer::default()));
    let server = Server {
        instances: 2,
        scaling: Autoscaling {
            min_instances: 2,
            max_instances: Some(40),
            target_utilisation: 0.6,
            scaling_interval_secs: 5.0,
            scale_in_delay_secs: 20.0,
            start_secs: 10.0,
            ..Autoscaling::default()
        },
        ..plain_server(Distribution::exponential(0.01))
    };
    let server = drawing.add("server", ComponentConfig::Server(server));
    drawing.connect(people, balancer, LinkRole::Requests);
    drawing.connect(balancer, server, LinkRole::Requests);
    (drawing.network(), server)
}

fn running(simulation: &mut Simulation, component: ComponentId) -> usize {
    let stations = simulation.snapshot().stations;
    stations.iter().filter(|station| station.component == component && station.health == Health::Up).count()
}

fn advance(simulation: &mut Simulation, secs: f64) {
    simulation.advance(SimTime::from_secs_f64(secs));
}

/// The number settles where utilisation is within a tenth of the target: a/n between 0.54 and 0.66 for an offered load
/// of a erlangs (Kubernetes, *Horizontal Pod Autoscaling*).
#[test]
fn the_number_of_machines_settles_at_its_fixed_point() {
    let (network, server) = scaled();
    let mut simulation = Simulation::new(network, 3);
    assert_eq!(running(&mut simulation, server), 2);
    advance(&mut simulation, 120.0);
    simulation.take_measurements();
    let settled = running(&mut simulation, server);
    // One interval's utilisation is a random figure of its own: a little more than the window is allowed.
    assert!((9..=13).contains(&settled), "{settled} machines for 6 erlangs");
    advance(&mut simulation, 150.0);
    let outcomes = simulation.take_measurements().all_classes().outcomes;
    assert_eq!(outcomes.failed(), 0, "machines go without anyone noticing");
    simulation.act(Action::SetUsers(120));
    advance(&mut simulation, 240.0);
    let few = running(&mut simulation, server);
    assert!((2..=3).contains(&few), "{few} machines for 1.2 erlangs");
    let outcomes = simulation.take_measurements().all_classes().outcomes;
    assert_eq!(outcomes.failed(), 0, "machines go without anyone noticing");
}

#[test]
fn a_dead_machine_is_replaced() {
    let (mut network, server) = scaled();
    network.users = 100;
    let mut simulation = Simulation::new(network, 3);
    advance(&mut simulation, 30.0);
    assert_eq!(running(&mut simulation, server), 2);
    simulation.act(Action::KillInstance(server, 0));
    assert_eq!(running(&mut simulation, server), 1);
    advance(&mut simulation, 50.0);
    assert_eq!(running(&mut simulation, server), 2);
}

#[test]
fn looking_on_does_not_change_when_machines_start() {
    let (network, _) = scaled();
    let mut plain = Simulation::new(network.clone(), 8);
    advance(&mut plain, 60.0);
    let mut watched = Simulation::new(network, 8);
    for step in 1..=600 {
        advance(&mut watched, 0.1 * f64::from(step) - 0.03);
        watched.take_measurements();
    }
    advance(&mut watched, 60.0);
    assert_eq!(plain.fingerprint(), watched.fingerprint());
}
