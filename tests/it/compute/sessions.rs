//! Sessions: who is logged out when, by where sessions are kept.

use headroom::design::kind::load_balancer::{BalancingMethod, LoadBalancer};
use headroom::design::kind::server::{Server, SessionKeeping};
use headroom::design::script::Action;
use headroom::design::{ComponentConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::sim::Simulation;
use headroom::sim::snapshot::{Outcome, OutcomeCounts};
use headroom::units::SimTime;

use crate::drawing::{Drawing, plain_server, poisson_readers};

/// Two hundred users behind a balancer with four servers.
fn site(method: BalancingMethod, sessions: SessionKeeping) -> (Drawing, ComponentId) {
    let mut drawing = Drawing::for_users(200);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let balancer = LoadBalancer { method, ..LoadBalancer::default() };
    let balancer = drawing.add("balancer", ComponentConfig::LoadBalancer(balancer));
    let server = Server { instances: 4, sessions, ..plain_server(Distribution::exponential(0.002)) };
    let server = drawing.add("server", ComponentConfig::Server(server));
    drawing.connect(people, balancer, LinkRole::Requests);
    drawing.connect(balancer, server, LinkRole::Requests);
    (drawing, server)
}

fn outcomes(simulation: &mut Simulation, until: f64) -> OutcomeCounts {
    simulation.advance(SimTime::from_secs_f64(until));
    simulation.take_measurements().all_classes().outcomes
}

/// Without stickiness a request lands on another server than the one before with a probability of 1 − 1/n.
#[test]
fn who_lands_on_another_server_is_logged_out() {
    let (drawing, _) = site(BalancingMethod::Random, SessionKeeping::InMemory);
    let mut simulation = Simulation::new(drawing.network(), 5);
    outcomes(&mut simulation, 20.0);
    let counts = outcomes(&mut simulation, 120.0);
    let share = counts.get(Outcome::NoSession) as f64 / counts.total() as f64;
    let standard_error = (0.75 * 0.25 / counts.total() as f64).sqrt();
    assert!((share - 0.75).abs() < 4.0 * standard_error, "{share} ± {standard_error}");
    assert_eq!(counts.failed(), counts.get(Outcome::NoSession));
}

/// Where clients keep their server, nobody is logged out until that server dies; then each of its users is, once.
#[test]
fn sticky_users_lose_their_sessions_with_their_server_only() {
    let (drawing, server) = site(BalancingMethod::IpHash, SessionKeeping::InMemory);
    let mut network = drawing.network();
    for link in &mut network.links {
        link.config.retries = 3;
    }
    let mut simulation = Simulation::new(network, 5);
    assert_eq!(outcomes(&mut simulation, 61.0).failed(), 0);
    simulation.act(Action::KillInstance(server, 2));
    let counts = outcomes(&mut simulation, 120.0);
    let lost = counts.get(Outcome::NoSession);
    // A quarter of two hundred users.
    assert!((25..=80).contains(&lost), "{lost} users logged out: {counts:?}");
    assert_eq!(outcomes(&mut simulation, 180.0).get(Outcome::NoSession), 0);
}
