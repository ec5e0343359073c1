//! NoSQL databases: what quorums are worth while nodes die and come back.

use headroom::design::kind::nosql_database::NosqlDatabase;
use headroom::design::kind::server::Server;
use headroom::design::kind::users::Users;
use headroom::design::script::Action;
use headroom::design::{ComponentConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::network::Network;
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::sim::snapshot::Outcome;
use headroom::units::SimTime;

use crate::drawing::{Drawing, plain_server, poisson_readers};

fn system(users: u64, hot_key_share: f64, database: NosqlDatabase) -> (Network, ComponentId) {
    let demand =
        Users { read_share: 0.7, write_share: 0.3, keys: 200, key_exponent: 0.0, hot_key_share, ..poisson_readers() };
    let mut drawing = Drawing::for_users(users);
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let nothing = Distribution::constant(0.0);
    let app = Server {
        queries_per_read: 1,
        queries_per_write: 1,
        write_work: nothing,
        avoid_failed_secs: 1.0,
        ..plain_server(nothing)
    };
    let app = drawing.add("app", ComponentConfig::Server(app));
    let database =
        NosqlDatabase { write_work: Distribution::exponential(0.01), cores: 256, concurrency: 10_000, ..database };
    let database = drawing.add("database", ComponentConfig::NosqlDatabase(database));
    drawing.connect(people, app, LinkRole::Requests);
    drawing.connect(app, database, LinkRole::Queries);
    (drawing.network(), database)
}

fn stale(measured: &Measurements) -> u64 {
    measured.stations.iter().map(|station| station.stale_reads).sum()
}

/// R + W > N: every read meets every confirmed write, whoever dies meanwhile.
#[test]
fn quorums_that_overlap_are_never_stale() {
    for (read_quorum, write_quorum, overlaps) in
        [(2, 2, true), (1, 3, true), (3, 1, true), (1, 1, false), (1, 2, false)]
    {
        let database = NosqlDatabase { nodes: 5, read_quorum, write_quorum, ..NosqlDatabase::default() };
        let (network, database) = system(1000, 0.0, database);
        let mut simulation = Simulation::new(network, 1);
        simulation.advance(SimTime::from_secs_f64(10.0));
        simulation.act(Action::KillInstance(database, 1));
        simulation.advance(SimTime::from_secs_f64(20.0));
        simulation.act(Action::Restore(database));
        simulation.advance(SimTime::from_secs_f64(40.0));
        let measured = simulation.take_measurements();
        assert_eq!(stale(&measured) == 0, overlaps, "R = {read_quorum}, W = {write_quorum}");
    }
}

/// With N = 3, two nodes are a quorum and one is not.
#[test]
fn a_quorum_survives_one_dead_node_of_three_and_not_two() {
    let (network, database) = system(500, 0.0, NosqlDatabase::default());
    let mut simulation = Simulation::new(network, 1);
    simulation.act(Action::KillInstance(database, 0));
    simulation.advance(SimTime::from_secs_f64(5.0));
    simulation.take_measurements();
    simulation.advance(SimTime::from_secs_f64(20.0));
    let outcomes = simulation.take_measurements().all_classes().outcomes;
    // Now and then the dead node is asked to coordinate again, to see whether it is back.
    assert!(outcomes.error_share() < 0.01, "{outcomes:?}");
    simulation.act(Action::KillInstance(database, 1));
    simulation.advance(SimTime::from_secs_f64(22.0));
    simulation.take_measurements();
    simulation.advance(SimTime::from_secs_f64(30.0));
    let outcomes = simulation.take_measurements().all_classes().outcomes;
    assert_eq!(outcomes.get(Outcome::Answered), 0, "{outcomes:?}");
}

#[test]
fn hints_bring_a_node_up_to_date_that_was_dead() {
    let stale_after = |hinted_handoff| {
        let database = NosqlDatabase { read_quorum: 1, write_quorum: 1, hinted_handoff, ..NosqlDatabase::default() };
        let (network, database) = system(100, 0.0, database);
        let mut simulation = Simulation::new(network, 1);
        simulation.act(Action::KillInstance(database, 2));
        simulation.advance(SimTime::from_secs_f64(30.0));
        simulation.act(Action::Restore(database));
        simulation.advance(SimTime::from_secs_f64(32.0));
        simulation.take_measurements();
        simulation.advance(SimTime::from_secs_f64(34.0));
        stale(&simulation.take_measurements())
    };
    assert!(stale_after(false) > 5 + 2 * stale_after(true), "{} and {}", stale_after(false), stale_after(true));
}

#[test]
fn a_hot_key_fills_the_limit_of_its_partition() {
    let database = NosqlDatabase { reads_per_partition_per_sec: Some(300.0), ..NosqlDatabase::default() };
    let (network, _) = system(2000, 0.5, database);
    let mut simulation = Simulation::new(network, 1);
    simulation.advance(SimTime::from_secs_f64(5.0));
    simulation.take_measurements();
    simulation.advance(SimTime::from_secs_f64(25.0));
    let measured = simulation.take_measurements();
    let limited = measured.classes[0].outcomes.get(Outcome::RateLimited) as f64 / 20.0;
    // 1,400 reads a second, half of them and a little more of one key whose partition lets 300 through.
    assert!((limited - 400.0).abs() < 40.0, "{limited}");
    assert_eq!(measured.classes[1].outcomes.failed(), 0, "writes have no limit here");
}
