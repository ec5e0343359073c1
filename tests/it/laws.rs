//! Laws that hold for any design, whatever its distributions: Little's law, conservation, and that a run is a function
//! of network, seed and interventions alone.

use headroom::design::kind::cache::Cache;
use headroom::design::kind::dns::Dns;
use headroom::design::kind::load_balancer::LoadBalancer;
use headroom::design::kind::server::Server;
use headroom::design::kind::sql_database::SqlDatabase;
use headroom::design::kind::users::Users;
use headroom::design::script::{Action, ScriptEvent};
use headroom::design::{ComponentConfig, LinkConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::network::Network;
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::units::{SimDuration, SimTime};

use crate::drawing::Drawing;

/// A design with one of everything: name service, balancer, three servers, cache, primary and replica. Its limits are
/// narrow enough for requests to be refused, to time out and to be given up.
fn whole_system(users: u64) -> Drawing {
    let mut drawing = Drawing::for_users(users);
    let people = Users { requests_per_user_per_sec: 0.1, patience_secs: Some(1.0), keys: 5000, ..Users::default() };
    let people = drawing.add("people", ComponentConfig::Users(people));
    let names = drawing.add("names", ComponentConfig::Dns(Dns { ttl_secs: 5.0, ..Dns::default() }));
    let balancer = LoadBalancer { health_check_interval_secs: 0.5, ..LoadBalancer::default() };
    let balancer = drawing.add("balancer", ComponentConfig::LoadBalancer(balancer));
    let app = Server { instances: 3, cores: 2, concurrency: 20, queue_limit: Some(30), ..Server::default() };
    let app = drawing.add("app", ComponentConfig::Server(app));
    let cache = Cache { capacity_entries: 500, ttl_secs: Some(10.0), ..Cache::default() };
    let cache = drawing.add("cache", ComponentConfig::Cache(cache));
    let database = SqlDatabase {
        cores: 2,
        detection_secs: 2.0,
        promotion_secs: 1.0,
        queue_limit: Some(50),
        ..SqlDatabase::default()
    };
    let primary = drawing.add("primary", ComponentConfig::SqlDatabase(database));
    let replica = drawing.add("replica", ComponentConfig::SqlDatabase(database));
    drawing.connect_by(people, names, LinkRole::Resolve, LinkConfig::default());
    drawing.connect_by(names, balancer, LinkRole::Record, LinkConfig::default());
    let far = Distribution::Lognormal { mean_secs: 0.02, cv: 0.3 };
    let far = LinkConfig { latency: far, timeout_secs: Some(2.0), retries: 1, ..LinkConfig::default() };
    drawing.connect_by(people, balancer, LinkRole::Requests, far);
    let near = LinkConfig { timeout_secs: Some(0.5), retries: 1, ..LinkConfig::default() };
    drawing.connect_by(balancer, app, LinkRole::Requests, near);
    drawing.connect_by(app, cache, LinkRole::Lookup, near);
    drawing.connect_by(app, primary, LinkRole::Queries, near);
    drawing.connect_by(app, replica, LinkRole::Reads, near);
    drawing.connect_by(primary, replica, LinkRole::Replicate, near);
    drawing
}

fn network(users: u64) -> Network {
    whole_system(users).network()
}

/// The whole system under a script that kills and restores, and changes the number of users.
fn troubled_network() -> Network {
    let drawing = whole_system(3000);
    let named = |name| drawing.design().component_named(name).expect("drawn above").id;
    // Odd times: health checks come on even ones, and at the same moment the script comes first.
    let script = [
        (3.03, Action::KillInstance(named("app"), 1)),
        (5.07, Action::SetUsers(9000)),
        (8.11, Action::Kill(named("primary"))),
        (9.13, Action::Kill(named("cache"))),
        (12.17, Action::Restore(named("cache"))),
        (14.19, Action::SetUsers(2000)),
        (15.23, Action::Restore(named("primary"))),
        (16.29, Action::Restore(named("app"))),
    ];
    let script = script.into_iter().map(|(at_secs, action)| ScriptEvent { at_secs, action }).collect();
    Network { script, ..drawing.network() }
}

fn secs(secs: f64) -> SimTime {
    SimTime::from_secs_f64(secs)
}

/// L = X·W at every station and for the whole, counted on the same requests.
#[test]
fn littles_law_holds_at_every_station() {
    let network = network(1500);
    let mut simulation = Simulation::new(network.clone(), 7);
    simulation.advance(secs(20.0));
    simulation.take_measurements();
    simulation.advance(secs(320.0));
    let measured = simulation.take_measurements();
    let mut compared = 0;
    for (spec, station) in network.stations.iter().zip(&measured.stations) {
        if station.response.count() < 1000 {
            continue;
        }
        assert_eq!(station.outcomes.failed(), 0, "{} is not overloaded", spec.component);
        let sum = station.response.mean_secs() * station.response.count() as f64;
        let error = (station.in_system_area - sum).abs() / sum;
        // Requests that straddle an end of the span belong to it in part.
        assert!(error < 0.005, "{}.{}: {} against {sum}", spec.component, spec.instance, station.in_system_area);
        compared += 1;
    }
    assert!(compared >= 7, "only {compared} stations had traffic");
    let all = measured.all_classes();
    let sum = all.latency.mean_secs() * all.latency.count() as f64;
    assert!((measured.in_flight_area - sum).abs() / sum < 0.005, "{} against {sum}", measured.in_flight_area);
}

/// Every request ends exactly once: sent = ended + in flight, whatever dies meanwhile.
#[test]
fn requests_are_neither_lost_nor_doubled() {
    let mut simulation = Simulation::new(troubled_network(), 11);
    let mut ended = Measurements::default();
    for tenth in 1..=200 {
        simulation.advance(secs(f64::from(tenth) * 0.1));
        ended.merge(&simulation.take_measurements());
        let in_flight = simulation.snapshot().in_flight;
        let all = ended.all_classes();
        assert_eq!(simulation.requests(), all.arrivals, "at {}", simulation.now());
        assert_eq!(simulation.requests(), all.outcomes.total() + in_flight, "at {}", simulation.now());
    }
    let outcomes = ended.all_classes().outcomes;
    assert!(outcomes.failed() > 100, "the script does harm: {outcomes:?}");
    assert!(outcomes.total() > 5 * outcomes.failed() / 4, "and something survives it: {outcomes:?}");
}

/// Fingerprint, number of events and all measurements after 20 s.
fn outcome(mut simulation: Simulation) -> (u64, u64, Measurements) {
    simulation.advance(secs(20.0));
    (simulation.fingerprint(), simulation.events(), simulation.take_measurements())
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_does_not() {
    let once = outcome(Simulation::new(troubled_network(), 5));
    assert!(once.1 > 10_000, "something happened");
    assert_eq!(once, outcome(Simulation::new(troubled_network(), 5)));
    assert_ne!(once.0, outcome(Simulation::new(troubled_network(), 6)).0);
}

#[test]
fn the_size_of_the_slices_does_not_matter() {
    let whole = outcome(Simulation::new(troubled_network(), 5));
    let mut sliced = Simulation::new(troubled_network(), 5);
    for tick in 1..=1234 {
        let until = secs(20.0 * f64::from(tick) / 1234.0);
        while !sliced.advance_at_most(until, 17) {}
        assert_eq!(sliced.now(), until);
    }
    assert_eq!(whole, outcome(sliced));
}

#[test]
fn steps_lead_to_the_same_place() {
    let whole = outcome(Simulation::new(troubled_network(), 5));
    let mut stepped = Simulation::new(troubled_network(), 5);
    while stepped.now() < secs(19.0) {
        let before = stepped.events();
        stepped.step();
        assert!(stepped.events() > before, "a step does something");
    }
    assert_eq!(whole, outcome(stepped));
}

#[test]
fn watching_changes_nothing() {
    let whole = outcome(Simulation::new(troubled_network(), 5));
    let mut watched = Simulation::new(troubled_network(), 5);
    watched.set_trace_rate(500.0);
    let mut traces = 0;
    for tick in 1..=400 {
        watched.advance(secs(0.05 * f64::from(tick)));
        traces += watched.snapshot().traces.len();
    }
    assert!(traces > 100, "{traces} requests were sampled");
    assert_eq!(whole, outcome(watched));
}

#[test]
fn nobody_watching_changes_nothing_either() {
    // Under a script intervals are looked at all the same.
    let network = Network { script: Vec::new(), ..troubled_network() };
    let (fingerprint, events, watched) = outcome(Simulation::new(network.clone(), 5));
    let unwatched = outcome(Simulation::unwatched(network, 5));
    assert_eq!((fingerprint, events), (unwatched.0, unwatched.1));
    let unwatched = unwatched.2;
    assert_eq!(watched.classes, unwatched.classes);
    assert_eq!(watched.span, unwatched.span);
    // Areas are added up in other portions.
    let is_close = |one: f64, other: f64| (one - other).abs() <= 1e-12 * one.max(other);
    for (watched, unwatched) in watched.stations.iter().zip(&unwatched.stations) {
        assert_eq!(watched.arrivals, unwatched.arrivals);
        assert_eq!(watched.outcomes, unwatched.outcomes);
        assert_eq!(watched.response, unwatched.response);
        assert!(is_close(watched.in_system_area, unwatched.in_system_area));
        assert!(is_close(watched.core_capacity_area, unwatched.core_capacity_area));
        assert!(is_close(watched.busy_cores_area, unwatched.busy_cores_area));
    }
    for (watched, unwatched) in watched.links.iter().zip(&unwatched.links) {
        assert_eq!((watched.attempts, watched.outcomes), (unwatched.attempts, unwatched.outcomes));
        assert_eq!(watched.response, unwatched.response);
    }
}

#[test]
fn an_action_by_hand_is_the_same_as_one_by_script() {
    let scripted = outcome(Simulation::new(troubled_network(), 5));
    let network = troubled_network();
    let script = network.script.clone();
    let mut by_hand = Simulation::new(Network { script: Vec::new(), ..network }, 5);
    for event in script {
        by_hand.advance(secs(event.at_secs));
        by_hand.act(event.action);
    }
    let by_hand = outcome(by_hand);
    assert_eq!(scripted.2.all_classes(), by_hand.2.all_classes());
}

#[test]
fn swapping_in_the_same_network_changes_nothing() {
    let whole = outcome(Simulation::new(troubled_network(), 5));
    let mut swapped = Simulation::new(troubled_network(), 5);
    for half in 1..=36 {
        swapped.advance(secs(0.5 * f64::from(half)));
        swapped.swap(swapped.network().clone());
    }
    assert_eq!(whole.2.all_classes(), outcome(swapped).2.all_classes());
}

/// Common random numbers: a change at one component leaves the users' requests as they were.
#[test]
fn another_server_meets_the_same_users() {
    let arrivals = |cores| {
        let mut network = network(1500);
        for station in &mut network.stations {
            if let ComponentConfig::Server(server) = &mut station.config {
                server.cores = cores;
            }
        }
        let mut simulation = Simulation::new(network, 5);
        (1..=50)
            .map(|second| {
                simulation.advance(secs(f64::from(second)));
                simulation.take_measurements().classes.map(|class| class.arrivals)
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(arrivals(1), arrivals(16));
}

#[test]
fn measurements_of_parts_add_up_to_those_of_the_whole() {
    let (_, _, whole) = outcome(Simulation::new(troubled_network(), 5));
    let mut simulation = Simulation::new(troubled_network(), 5);
    let mut sum = Measurements::default();
    for second in 1..=20 {
        simulation.advance(secs(f64::from(second)));
        sum.merge(&simulation.take_measurements());
    }
    assert_eq!(sum.span, SimDuration::from_secs(20));
    assert_eq!(sum.all_classes(), whole.all_classes());
    for (part, all) in sum.stations.iter().zip(&whole.stations) {
        assert_eq!((part.arrivals, part.outcomes, &part.response), (all.arrivals, all.outcomes, &all.response));
        let error = (part.busy_cores_area - all.busy_cores_area).abs();
        assert!(error <= 1e-6 * all.busy_cores_area.max(1.0), "areas differ by {error}");
    }
}
