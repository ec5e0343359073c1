//! Connections that stay open: how many there are, what they need, who gets their messages, and what happens when they
//! break.

use headroom::design::fault::Fault;
use headroom::design::kind::load_balancer::{BalancingMethod, LoadBalancer};
use headroom::design::kind::scaling::{Autoscaling, ScalingMetric};
use headroom::design::kind::users::Users;
use headroom::design::kind::websocket_service::WebsocketService;
use headroom::design::script::{Action, Target};
use headroom::design::{ComponentConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::network::Network;
use headroom::sim::Simulation;
use headroom::sim::metrics::{ConnectionMeasurements, Measurements};
use headroom::sim::snapshot::{Happening, Health, Outcome, Particulars};
use headroom::units::SimTime;

use crate::drawing::{Drawing, poisson_readers};

/// Users who only open connections, each ten in a hundred seconds, for so long.
fn visitors(live_time: Distribution) -> Users {
    Users {
        requests_per_user_per_sec: 0.1,
        read_share: 0.0,
        live_share: 1.0,
        live_time,
        live_messages_per_sec: 0.0,
        ..poisson_readers()
    }
}

fn quick_service() -> WebsocketService {
    WebsocketService { handshake_work: Distribution::constant(0.0), cores: 64, ..WebsocketService::default() }
}

/// Visitors, a balancer and a service.
fn site(users: u64, visitors: Users, service: WebsocketService) -> (Network, ComponentId, ComponentId) {
    let mut drawing = Drawing::for_users(users);
    let people = drawing.add("people", ComponentConfig::Users(visitors));
    // Who is dead has the fewest connections: it must not be taken for idle for long.
    let balancer = LoadBalancer {
        method: BalancingMethod::LeastConnections,
        health_check_interval_secs: 0.1,
        unhealthy_threshold: 1,
        healthy_threshold: 1,
        ..LoadBalancer::default()
    };
    let balancer = drawing.add("balancer", ComponentConfig::LoadBalancer(balancer));
    let service = drawing.add("service", ComponentConfig::WebsocketService(service));
    drawing.connect(people, balancer, LinkRole::Live);
    drawing.connect(balancer, service, LinkRole::Requests);
    (drawing.network(), service, balancer)
}

fn until(simulation: &mut Simulation, secs: f64) -> Measurements {
    simulation.advance(SimTime::from_secs_f64(secs));
    simulation.take_measurements()
}

fn connections(measured: &Measurements) -> ConnectionMeasurements {
    let mut sum = ConnectionMeasurements::default();
    for station in &measured.stations {
        if let Some(connections) = &station.connections {
            sum.merge(connections);
        }
    }
    sum
}

/// Connections open now, by instance.
fn open(simulation: &mut Simulation) -> Vec<u64> {
    let stations = simulation.snapshot().stations;
    let open = |particulars: &Particulars| match particulars {
        Particulars::WebsocketService { open, .. } => Some(*open),
        _ => None,
    };
    stations.iter().filter_map(|station| open(&station.particulars)).collect()
}

/// M/G/∞: as many are open as come in the mean time that they stay, whatever the shape of that time (Little; J. Riordan
/// 1951). The number is Poisson, so over time T its mean has a variance of 2λS²/T for exponential times, less for others.
#[test]
fn open_connections_are_arrival_rate_times_holding_time() {
    for live_time in [
        Distribution::exponential(30.0),
        Distribution::constant(30.0),
        Distribution::Lognormal { mean_secs: 30.0, cv: 1.0 },
    ] {
        let (network, _, _) = site(1000, visitors(live_time), quick_service());
        let (load, span) = (100.0 * 30.0, 2000.0);
        let mut simulation = Simulation::new(network, 2);
        until(&mut simulation, 400.0);
        let measured = until(&mut simulation, 400.0 + span);
        let mean = measured.stations[2].in_system_area / span;
        // The lognormal one has twice the second moment of a constant: at most that of an exponential.
        let standard_error = (2.0 * load * 30.0_f64 / span).sqrt();
        assert!((mean - load).abs() < 4.0 * standard_error, "{live_time:?}: {mean} ± {standard_error}, theory {load}");
        assert!(standard_error < 0.01 * load, "it could have disagreed");
        assert_eq!(measured.all_classes().outcomes.failed(), 0);
    }
}

/// A user's request is answered when the connection is open; the connection is no request in flight.
#[test]
fn what_users_wait_for_is_the_handshake() {
    let service = WebsocketService { handshake_work: Distribution::constant(0.01), ..quick_service() };
    let (network, _, _) = site(100, visitors(Distribution::exponential(50.0)), service);
    let mut simulation = Simulation::new(network, 2);
    let measured = until(&mut simulation, 100.0);
    let latency = measured.all_classes().latency.mean_secs();
    assert!((latency - 0.01).abs() < 0.001, "{latency}");
    let snapshot = simulation.snapshot();
    assert!(snapshot.in_flight <= 3, "{} requests in flight", snapshot.in_flight);
    let open: u64 = open(&mut simulation).iter().sum();
    assert!((300..=700).contains(&open), "{open} for 500");
    assert_eq!(simulation.requests(), measured.all_classes().outcomes.total() + snapshot.in_flight);
}

/// Beyond its descriptors a service refuses; who is refused comes again.
#[test]
fn descriptors_limit_how_many_are_open() {
    let service = WebsocketService { connection_limit: 500, ..quick_service() };
    let (network, _, _) = site(1000, visitors(Distribution::exponential(30.0)), service);
    let mut simulation = Simulation::new(network, 2);
    let measured = until(&mut simulation, 60.0);
    assert_eq!(open(&mut simulation), [500]);
    assert!(measured.all_classes().outcomes.get(Outcome::Refused) > 1000);
}

/// 10,000 connections of 1 MB do not fit into 8 GB.
#[test]
fn connections_take_memory() {
    let service = WebsocketService {
        memory_per_connection_mb: 1.0,
        memory_mb: 8000.0,
        memory_base_mb: 0.0,
        restart_secs: 1000.0,
        ..quick_service()
    };
    let (network, service, _) = site(10_000, visitors(Distribution::exponential(30.0)), service);
    let mut simulation = Simulation::new(network, 2);
    until(&mut simulation, 60.0);
    let killed = simulation.take_log();
    let killed = killed.iter().find(|entry| entry.component == service && entry.happening == Happening::OutOfMemory);
    // λ(1 − e^(−t/S))·S reaches 8,000 of 30,000 after 9.3 s.
    let at = killed.expect("it runs out of memory").at.as_secs_f64();
    assert!((8.8..=9.8).contains(&at), "{at}");
}

/// After a death the clients come back within twice the jitter's share of the pause, evenly: so many per second.
#[test]
fn the_wave_of_reconnects_is_as_high_as_its_window_is_narrow() {
    for (jitter, window) in [(0.5, 1.0), (0.1, 0.2), (0.0, 0.0)] {
        let users =
            Users { reconnect_secs: 2.0 / 2.0, reconnect_jitter: jitter, ..visitors(Distribution::constant(1e4)) };
        let service = WebsocketService { instances: 2, ..quick_service() };
        let (network, service, _) = site(1000, users, service);
        let mut simulation = Simulation::new(network, 2);
        until(&mut simulation, 100.0);
        let lost = open(&mut simulation)[0];
        assert!(lost > 4500, "{lost}");
        simulation.act(Action::SetUsers(1));
        simulation.act(Action::KillInstance(service, 0));
        // Until just before the first of them, then by tenths of a second.
        let early = until(&mut simulation, 100.999 - window / 2.0).all_classes().arrivals;
        assert!(early <= 1, "{early} come before their time");
        let begin = 100.999 - window / 2.0;
        let bins: Vec<u64> = (1..=12)
            .map(|tenth| until(&mut simulation, begin + 0.002 + 0.1 * f64::from(tenth)).all_classes().arrivals)
            .collect();
        let peak = *bins.iter().max().expect("twelve") as f64;
        let expected = if window > 0.1 { lost as f64 * 0.1 / window } else { lost as f64 };
        let spread = 5.0 * expected.sqrt();
        assert!((peak - expected).abs() < spread, "jitter {jitter}: {bins:?}, expected a peak of {expected}");
        let all = bins.iter().sum::<u64>();
        assert!(all >= lost && all <= lost + 2, "everyone comes back once: {all} of {lost}");
        until(&mut simulation, 105.0);
        assert!(open(&mut simulation).iter().sum::<u64>() >= 2 * lost - 100, "and is connected again");
    }
}

/// Kill or disconnect, service or balancer: every connection is opened again, and none is left behind.
#[test]
fn whoever_breaks_connections_they_come_back() {
    type Deed = fn(ComponentId, ComponentId) -> Action;
    let deeds: [Deed; 4] = [
        |service, _| Action::KillInstance(service, 0),
        |service, _| Action::Inject { target: Target::Component(service), fault: Fault::Disconnect },
        |_, balancer| Action::Inject { target: Target::Component(balancer), fault: Fault::Disconnect },
        |_, balancer| Action::Kill(balancer),
    ];
    for (number, deed) in deeds.into_iter().enumerate() {
        let service = WebsocketService { instances: 3, ..quick_service() };
        let (network, service, balancer) = site(100, visitors(Distribution::exponential(60.0)), service);
        let mut simulation = Simulation::new(network, 2);
        until(&mut simulation, 200.0);
        let before: u64 = open(&mut simulation).iter().sum();
        let calls = simulation.calls_in_flight();
        simulation.act(deed(service, balancer));
        until(&mut simulation, 200.05);
        let broken: u64 = open(&mut simulation).iter().sum();
        assert!(broken <= 2 * before / 3 + 30, "deed {number}: {broken} of {before} are left");
        simulation.act(Action::Restore(balancer));
        until(&mut simulation, 230.0);
        let after: u64 = open(&mut simulation).iter().sum();
        assert!(after.abs_diff(before) < 150, "deed {number}: {after} after {before}");
        // A user's request, the balancer's part and the service's: three for each connection, and nothing else.
        let expected = i64::from(calls) + 3 * (after as i64 - before as i64);
        assert!(
            (i64::from(simulation.calls_in_flight()) - expected).abs() < 20,
            "deed {number}: calls are left behind"
        );
    }
}

/// m messages a second from each of n connections, each to k of them.
#[test]
fn messages_go_to_as_many_as_are_meant() {
    let users = Users { live_messages_per_sec: 0.5, ..visitors(Distribution::exponential(60.0)) };
    let service = WebsocketService { instances: 3, recipients: 20, ..quick_service() };
    let (network, _, _) = site(100, users, service);
    let mut simulation = Simulation::new(network, 2);
    until(&mut simulation, 300.0);
    let measured = until(&mut simulation, 500.0);
    let counts = connections(&measured);
    let open: f64 = measured.stations[2..].iter().map(|station| station.in_system_area / 200.0).sum();
    let expected = 0.5 * open * 200.0;
    assert!((counts.received as f64 - expected).abs() < 5.0 * expected.sqrt(), "{} for {expected}", counts.received);
    let share = counts.delivered as f64 / (20.0 * counts.received as f64);
    assert!((share - 1.0).abs() < 0.001, "{share}");
    // Half a millisecond to the other instances, and 0.2 ms of work at most.
    let mean = counts.delivery.mean_secs();
    assert!((0.0002..0.001).contains(&mean), "{mean}");
}

/// The autoscaler follows open connections: a/n within a tenth of the target.
#[test]
fn instances_follow_open_connections() {
    let service = WebsocketService {
        instances: 2,
        scaling: Autoscaling {
            min_instances: 2,
            max_instances: Some(20),
            scaling_metric: ScalingMetric::InProgress,
            target_per_instance: 500.0,
            start_secs: 10.0,
            scaling_interval_secs: 5.0,
            ..Autoscaling::default()
        },
        ..quick_service()
    };
    let (network, service, _) = site(1000, visitors(Distribution::exponential(40.0)), service);
    let mut simulation = Simulation::new(network, 2);
    until(&mut simulation, 400.0);
    let stations = simulation.snapshot().stations;
    let up = stations.iter().filter(|station| station.component == service && station.health == Health::Up).count();
    assert!((7..=9).contains(&up), "{up} instances for 4,000 connections at 500 each");
}
