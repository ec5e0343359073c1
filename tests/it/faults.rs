//! Faults, and what callers notice of them: nothing here is scripted into the engine, everything follows from dead
//! targets, checks, logs and queues.

use headroom::design::kind::cache::Cache;
use headroom::design::kind::load_balancer::{BalancingMethod, LoadBalancer};
use headroom::design::kind::server::Server;
use headroom::design::kind::sql_database::SqlDatabase;
use headroom::design::kind::users::Users;
use headroom::design::script::Action;
use headroom::design::{ComponentConfig, LinkConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::sim::snapshot::{Happening, Outcome, Particulars, RequestClass};
use headroom::units::SimTime;

use crate::drawing::{Drawing, instant_link, one_server, plain_server, poisson_readers};

fn run_until(simulation: &mut Simulation, secs: f64) -> Measurements {
    simulation.advance(SimTime::from_secs_f64(secs));
    simulation.take_measurements()
}

/// Three servers behind a balancer, far from busy.
fn balanced(balancer: LoadBalancer) -> (Drawing, ComponentId, [ComponentId; 3]) {
    let mut drawing = Drawing::for_users(300);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let balancer = drawing.add("balancer", ComponentConfig::LoadBalancer(balancer));
    drawing.connect(people, balancer, LinkRole::Requests);
    let servers = ["one", "two", "three"].map(|name| {
        let server = drawing.add(name, ComponentConfig::Server(plain_server(Distribution::exponential(0.002))));
        drawing.connect(balancer, server, LinkRole::Requests);
        server
    });
    (drawing, balancer, servers)
}

/// Users who read and write, a server, a primary and a replica reached by `log_link`.
fn replicated(log_link: LinkConfig, database: SqlDatabase) -> (Drawing, [ComponentId; 2]) {
    let mut drawing = Drawing::for_users(400);
    let demand = Users { write_share: 1.0, keys: 1000, ..poisson_readers() };
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let web =
        Server { cores: 16, queries_per_read: 1, queries_per_write: 1, ..plain_server(Distribution::constant(0.0)) };
    let web = Server { write_work: Distribution::constant(0.0), ..web };
    let web = drawing.add("web", ComponentConfig::Server(web));
    drawing.connect(people, web, LinkRole::Requests);
    let primary = drawing.add("primary", ComponentConfig::SqlDatabase(database));
    let replica = drawing.add("replica", ComponentConfig::SqlDatabase(database));
    drawing.connect(web, primary, LinkRole::Queries);
    drawing.connect(web, replica, LinkRole::Reads);
    drawing.connect_by(primary, replica, LinkRole::Replicate, log_link);
    (drawing, [primary, replica])
}

fn quick_database() -> SqlDatabase {
    SqlDatabase {
        read_work: Distribution::exponential(0.001),
        write_work: Distribution::exponential(0.001),
        apply_work: Distribution::exponential(0.001),
        ..SqlDatabase::default()
    }
}

#[test]
fn a_dead_server_costs_its_share_until_its_checks_fail() {
    let (drawing, _, servers) = balanced(LoadBalancer::default());
    let mut simulation = Simulation::new(drawing.network(), 3);
    assert_eq!(run_until(&mut simulation, 20.0).all_classes().outcomes.failed(), 0);
    simulation.act(Action::Kill(servers[1]));
    // Checks every 5 s, two have to fail: the last of them is at 30 s.
    let blind = run_until(&mut simulation, 30.0).all_classes().outcomes;
    let share = blind.error_share();
    let standard_error = (share * (1.0 - share) / blind.total() as f64).sqrt();
    assert!((share - 1.0 / 3.0).abs() < 4.0 * standard_error, "{share} ± {standard_error}");
    assert_eq!(blind.failed(), blind.get(Outcome::TargetDown));
    assert_eq!(run_until(&mut simulation, 60.0).all_classes().outcomes.failed(), 0);
    simulation.act(Action::Restore(servers[1]));
    let measured = run_until(&mut simulation, 100.0);
    assert_eq!(measured.all_classes().outcomes.failed(), 0);
    // Two checks have to pass: it works again from 70 s on.
    let third = measured.all_classes().arrivals as f64 * 30.0 / 40.0 / 3.0;
    let served = measured.stations[3].arrivals as f64;
    assert!((served - third).abs() < 5.0 * third.sqrt() + 0.02 * third, "{served} of {third}");
    let told: Vec<_> = simulation.snapshot().log.into_iter().map(|entry| entry.happening).collect();
    assert_eq!(
        told,
        [
            Happening::Killed,
            Happening::TargetEjected(servers[1], 0),
            Happening::Restored,
            Happening::TargetReturned(servers[1], 0)
        ]
    );
}

#[test]
fn repetitions_hide_a_dead_server() {
    let (mut drawing, balancer, servers) = balanced(LoadBalancer::default());
    let fourth = drawing.add("four", ComponentConfig::Server(plain_server(Distribution::exponential(0.002))));
    drawing.connect(balancer, fourth, LinkRole::Requests);
    let mut network = drawing.network();
    for link in &mut network.links {
        link.config.retries = 3;
    }
    let mut simulation = Simulation::new(network, 3);
    simulation.advance(SimTime::from_secs_f64(21.0));
    simulation.take_measurements();
    simulation.act(Action::Kill(servers[0]));
    let measured = run_until(&mut simulation, 29.0);
    let outcomes = measured.all_classes().outcomes;
    assert!(outcomes.total() > 2000 && outcomes.failed() == 0, "{outcomes:?}");
    let retries: u64 = measured.links.iter().map(|link| link.retries).sum();
    assert!(retries > 400, "{retries} repetitions");
}

#[test]
fn the_same_client_keeps_its_server_under_ip_hash() {
    let (drawing, _, _) = balanced(LoadBalancer { method: BalancingMethod::IpHash, ..LoadBalancer::default() });
    let mut network = drawing.network();
    network.users = 1;
    let mut simulation = Simulation::new(network, 5);
    let measured = run_until(&mut simulation, 60.0);
    let served: Vec<_> = measured.stations[2..].iter().map(|station| station.arrivals).filter(|&n| n > 0).collect();
    assert_eq!(served.len(), 1, "{served:?}");
    assert!(served[0] > 20);
}

#[test]
fn least_connections_avoids_a_slow_server_and_round_robin_does_not() {
    let share_of_slow = |method| {
        let (mut drawing, balancer, _) = balanced(LoadBalancer { method, ..LoadBalancer::default() });
        let slow = drawing.add("slow", ComponentConfig::Server(plain_server(Distribution::exponential(0.012))));
        drawing.connect(balancer, slow, LinkRole::Requests);
        let mut simulation = Simulation::new(drawing.network(), 9);
        let measured = run_until(&mut simulation, 100.0);
        measured.stations[5].arrivals as f64 / measured.all_classes().arrivals as f64
    };
    assert!((share_of_slow(BalancingMethod::RoundRobin) - 0.25).abs() < 0.001);
    assert!(share_of_slow(BalancingMethod::LeastConnections) < 0.2);
}

#[test]
fn writes_fail_until_a_replica_is_promoted_and_reads_go_on() {
    let (drawing, [primary, replica]) = replicated(instant_link(), quick_database());
    let mut simulation = Simulation::new(drawing.network(), 4);
    assert_eq!(run_until(&mut simulation, 20.0).all_classes().outcomes.failed(), 0);
    simulation.act(Action::Kill(primary));
    // Detection 10 s and promotion 15 s later there is a primary again.
    let without = run_until(&mut simulation, 45.0);
    let [reads, writes, ..] = &without.classes;
    assert_eq!(writes.outcomes.get(Outcome::Answered), 0, "no primary, no write");
    assert!(writes.outcomes.total() > 4000);
    // Reads fail only when the server knocks at the dead primary again, about every ten seconds.
    assert!(reads.outcomes.error_share() < 0.01, "{:?}", reads.outcomes);
    let with = run_until(&mut simulation, 60.0);
    assert_eq!(with.classes[RequestClass::Write as usize].outcomes.failed(), 0);
    simulation.act(Action::Restore(primary));
    simulation.advance(SimTime::from_secs_f64(70.0));
    let snapshot = simulation.snapshot();
    let roles: Vec<_> = snapshot
        .stations
        .iter()
        .filter_map(|station| match station.particulars {
            Particulars::Database { is_primary, lag_writes, lost_writes, .. } => {
                Some((station.component, is_primary, lag_writes < 50, lost_writes))
            }
            _ => None,
        })
        .collect();
    assert_eq!(roles, [(primary, false, true, 0), (replica, true, true, 0)]);
    assert!(snapshot.log.iter().any(|entry| entry.happening == Happening::Promoted { lost_writes: 0 }));
    assert!(snapshot.log.iter().any(|entry| entry.happening == Happening::Rejoined));
}

#[test]
fn asynchronous_replication_loses_what_was_on_its_way() {
    let far = LinkConfig { latency: Distribution::constant(0.2), ..instant_link() };
    let (drawing, [primary, _]) = replicated(far, quick_database());
    let (mut lost, runs) = (0, 20);
    for seed in 0..runs {
        let mut simulation = Simulation::new(drawing.network(), seed);
        let before = run_until(&mut simulation, 5.0);
        let acknowledged = before.classes[RequestClass::Write as usize].outcomes.get(Outcome::Answered);
        simulation.act(Action::Kill(primary));
        simulation.advance(SimTime::from_secs_f64(40.0));
        let lost_here = simulation
            .snapshot()
            .log
            .into_iter()
            .find_map(|entry| match entry.happening {
                Happening::Promoted { lost_writes } => Some(lost_writes),
                _ => None,
            })
            .expect("the replica was promoted");
        assert!(lost_here < acknowledged);
        lost += lost_here;
    }
    // 200 writes a second, each 0.2 s on its way: 40 are lost each time, on average (Poisson).
    let expected = 40.0 * runs as f64;
    assert!((lost as f64 - expected).abs() < 4.0 * expected.sqrt(), "{lost} lost, {expected} expected");
}

#[test]
fn reads_on_a_lagging_replica_are_stale_and_counted() {
    let stale = |log_link, apply_work| {
        let (drawing, _) = replicated(log_link, SqlDatabase { apply_work, ..quick_database() });
        let mut simulation = Simulation::new(drawing.network(), 8);
        let measured = run_until(&mut simulation, 100.0);
        (measured.stations[3].stale_reads, measured.classes[RequestClass::Read as usize].stale)
    };
    let at_once = stale(instant_link(), Distribution::constant(0.0));
    assert_eq!(at_once, (0, 0));
    let far = LinkConfig { latency: Distribution::constant(0.5), ..instant_link() };
    let (on_replica, answered) = stale(far, Distribution::constant(0.0));
    assert!(on_replica > 100, "{on_replica}");
    assert_eq!(on_replica, answered, "every stale read reaches its user as one");
}

#[test]
fn a_lost_cache_sends_everything_to_the_database() {
    let mut drawing = Drawing::for_users(200);
    let demand = Users { keys: 100, ..poisson_readers() };
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let web = Server { queries_per_read: 1, ..plain_server(Distribution::constant(0.000_1)) };
    let web = drawing.add("web", ComponentConfig::Server(web));
    let cache = drawing.add("cache", ComponentConfig::Cache(Cache { ttl_secs: None, ..Cache::default() }));
    let database = drawing.add("database", ComponentConfig::SqlDatabase(quick_database()));
    drawing.connect(people, web, LinkRole::Requests);
    drawing.connect(web, cache, LinkRole::Lookup);
    drawing.connect(web, database, LinkRole::Queries);
    let mut simulation = Simulation::new(drawing.network(), 6);
    run_until(&mut simulation, 30.0);
    let warm = run_until(&mut simulation, 60.0);
    assert_eq!(warm.stations[3].arrivals, 0, "a hundred items are all cached after half a minute");
    simulation.act(Action::Kill(cache));
    let cold = run_until(&mut simulation, 90.0);
    assert_eq!(cold.all_classes().outcomes.failed(), 0, "a lost cache fails no request");
    assert_eq!(cold.stations[3].arrivals, cold.all_classes().outcomes.total());
    simulation.act(Action::Restore(cache));
    simulation.advance(SimTime::from_secs_f64(130.0));
    simulation.take_measurements();
    assert_eq!(run_until(&mut simulation, 150.0).stations[3].arrivals, 0, "warm again");
}

#[test]
fn work_goes_on_for_callers_who_have_given_up() {
    let mut network = one_server(100, poisson_readers(), plain_server(Distribution::constant(0.02))).network();
    network.links[0].config.timeout_secs = Some(0.5);
    let mut simulation = Simulation::new(network, 1);
    // Twice what it can serve: soon every answer comes too late, and yet the server never rests.
    run_until(&mut simulation, 20.0);
    let measured = run_until(&mut simulation, 60.0);
    let outcomes = measured.all_classes().outcomes;
    assert_eq!(outcomes.get(Outcome::TimedOut), outcomes.total());
    let utilisation = measured.stations[1].busy_cores_area / measured.span.as_secs_f64();
    assert!((utilisation - 1.0).abs() < 1e-6, "{utilisation}");
    assert!(measured.stations[1].outcomes.get(Outcome::Answered) > 1900);
}

#[test]
fn users_lose_patience_and_are_counted_once() {
    let demand = Users { patience_secs: Some(0.5), ..poisson_readers() };
    let drawing = one_server(100, demand, plain_server(Distribution::constant(0.02)));
    let mut simulation = Simulation::new(drawing.network(), 1);
    run_until(&mut simulation, 20.0);
    let outcomes = run_until(&mut simulation, 60.0).all_classes().outcomes;
    assert_eq!(outcomes.get(Outcome::Abandoned), outcomes.total());
}

#[test]
fn relief_comes_without_a_restart() {
    let (drawing, ..) = balanced(LoadBalancer::default());
    let mut network = drawing.network();
    network.users = 2000;
    let mut simulation = Simulation::new(network.clone(), 2);
    // 2,000 requests a second for three servers that do 500 each.
    simulation.advance(SimTime::from_secs_f64(10.0));
    let queued = simulation.in_flight();
    assert!(queued > 3000, "{queued} wait");
    let before = simulation.requests();
    for station in &mut network.stations {
        if let ComponentConfig::Server(server) = &mut station.config {
            server.cores = 4;
        }
    }
    simulation.swap(network);
    assert_eq!((simulation.in_flight(), simulation.requests()), (queued, before), "nothing is lost by an edit");
    simulation.advance(SimTime::from_secs_f64(15.0));
    assert!(simulation.in_flight() < 50, "{} wait", simulation.in_flight());
}

#[test]
fn a_removed_server_loses_its_work_and_nothing_else() {
    let (drawing, _, servers) = balanced(LoadBalancer::default());
    let mut simulation = Simulation::new(drawing.network(), 2);
    simulation.advance(SimTime::from_secs_f64(10.0));
    let mut design = drawing.design().clone();
    design.apply(headroom::design::edit::Edit::RemoveComponent(servers[0])).expect("it is there");
    simulation.swap(headroom::network::compile(&design).expect("still complete"));
    let lost = run_until(&mut simulation, 10.5).all_classes().outcomes.failed();
    assert!(lost <= 5, "only what was in its hands: {lost}");
    assert_eq!(run_until(&mut simulation, 40.0).all_classes().outcomes.failed(), 0);
    assert_eq!(simulation.snapshot().stations.len(), 4);
}

#[test]
fn users_ask_again_for_an_address_that_an_edit_has_cut_off() {
    use headroom::design::edit::Edit;
    use headroom::design::kind::dns::Dns;

    let mut drawing = Drawing::for_users(300);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let dns = drawing.add("dns", ComponentConfig::Dns(Dns { ttl_secs: 3600.0, ..Dns::default() }));
    drawing.connect(people, dns, LinkRole::Resolve);
    let [old, new] = ["old", "new"]
        .map(|name| drawing.add(name, ComponentConfig::Server(plain_server(Distribution::exponential(0.002)))));
    let cut = [drawing.connect(people, old, LinkRole::Requests), drawing.connect(dns, old, LinkRole::Record)];
    let mut simulation = Simulation::new(drawing.network(), 2);
    assert_eq!(run_until(&mut simulation, 10.0).all_classes().outcomes.failed(), 0);
    drawing.connect(people, new, LinkRole::Requests);
    drawing.connect(dns, new, LinkRole::Record);
    let mut design = drawing.design().clone();
    for link in cut {
        design.apply(Edit::RemoveLink(link)).expect("it is there");
    }
    simulation.swap(headroom::network::compile(&design).expect("still complete"));
    let failed = run_until(&mut simulation, 20.0).all_classes().outcomes.failed();
    assert!(failed <= 5, "only what was in flight: {failed}");
}

#[test]
fn closed_users_come_and_go_without_getting_lost() {
    use headroom::design::kind::users::DemandModel;
    for think_time in [Distribution::exponential(1.0), Distribution::constant(1.0)] {
        let demand = Users { demand_model: DemandModel::Closed, think_time, ..poisson_readers() };
        let server = Server { cores: 64, ..plain_server(Distribution::constant(1.0)) };
        let mut simulation = Simulation::new(one_server(40, demand, server).network(), 3);
        for (users, at) in [(40, 30.0), (10, 60.0), (60, 90.0), (1, 120.0), (50, 150.0)] {
            simulation.act(Action::SetUsers(users));
            // Long enough for those who were to leave to have left.
            simulation.advance(SimTime::from_secs_f64(at - 20.0));
            simulation.take_measurements();
            let measured = run_until(&mut simulation, at);
            // Half of the time each user thinks, half of it the server works: Little's law gives users/2 requests a second.
            let rate = measured.all_classes().arrivals as f64 / measured.span.as_secs_f64();
            let expected = users as f64 / 2.0;
            assert!((rate - expected).abs() < 0.15 * expected + 0.3, "{rate} for {users} users");
        }
    }
}
