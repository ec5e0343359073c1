//! Databases behind one address: balancers, and shards that each hold a part of the keys.

use headroom::design::edit::Edit;
use headroom::design::kind::database_balancer::{DatabaseBalancer, ReadChoice};
use headroom::design::kind::server::Server;
use headroom::design::kind::shard_router::{ShardRouter, Sharding};
use headroom::design::kind::sql_database::SqlDatabase;
use headroom::design::kind::users::Users;
use headroom::design::script::Action;
use headroom::design::{Component, ComponentConfig, Link, LinkConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::geometry::Point;
use headroom::ids::{ComponentId, LinkId};
use headroom::network::compile;
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::sim::snapshot::Particulars;
use headroom::theory;
use headroom::units::SimTime;

use crate::drawing::{Drawing, instant_link, plain_server, poisson_readers};

fn database() -> SqlDatabase {
    SqlDatabase {
        read_work: Distribution::exponential(0.001),
        write_work: Distribution::exponential(0.002),
        detection_secs: 1.0,
        promotion_secs: 1.0,
        ..SqlDatabase::default()
    }
}

fn app() -> Server {
    let nothing = Distribution::constant(0.0);
    Server { queries_per_read: 1, queries_per_write: 1, write_work: nothing, ..plain_server(nothing) }
}

/// Users → server → router → shards, and the identities of the last two.
fn sharded(users: u64, demand: Users, router: ShardRouter, shards: u32) -> (Drawing, ComponentId, Vec<ComponentId>) {
    let mut drawing = Drawing::for_users(users);
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let app = drawing.add("app", ComponentConfig::Server(app()));
    let router = drawing.add("router", ComponentConfig::ShardRouter(router));
    drawing.connect(people, app, LinkRole::Requests);
    drawing.connect(app, router, LinkRole::Queries);
    let shards = (0..shards)
        .map(|number| {
            let shard = drawing.add(&format!("shard {number}"), ComponentConfig::SqlDatabase(database()));
            drawing.connect(router, shard, LinkRole::Queries);
            shard
        })
        .collect();
    (drawing, router, shards)
}

fn span(simulation: &mut Simulation, until: f64) -> Measurements {
    simulation.advance(SimTime::from_secs_f64(until));
    simulation.take_measurements()
}

/// Under Zipf popularity, ranges put all popular keys into one shard and a directory deals them out.
#[test]
fn the_hottest_shard_follows_from_the_way_of_sharding() {
    let hottest = |method| {
        let demand = Users { keys: 1000, key_exponent: 0.9, ..poisson_readers() };
        let (drawing, ..) = sharded(2000, demand, ShardRouter { method, ..ShardRouter::default() }, 4);
        let mut simulation = Simulation::new(drawing.network(), 1);
        let measured = span(&mut simulation, 30.0);
        assert_eq!(measured.all_classes().outcomes.failed(), 0, "{method:?}");
        let arrivals: Vec<u64> = measured.stations[3..].iter().map(|shard| shard.arrivals).collect();
        *arrivals.iter().max().expect("four") as f64 / arrivals.iter().sum::<u64>() as f64
    };
    let popularity = theory::zipf_popularity(1000, 0.9);
    let first_quarter: f64 = popularity[..250].iter().sum();
    let range = hottest(Sharding::Range);
    assert!((range - first_quarter).abs() < 0.01, "{range}, theory {first_quarter}");
    let first_of_four: f64 = popularity.iter().step_by(4).sum();
    let directory = hottest(Sharding::Directory);
    assert!((directory - first_of_four).abs() < 0.01, "{directory}, theory {first_of_four}");
    assert!(hottest(Sharding::Hash) < range && hottest(Sharding::ConsistentHash) < range);
}

#[test]
fn a_read_of_all_shards_costs_one_query_for_each() {
    let demand = Users { keys: 1000, key_exponent: 0.0, ..poisson_readers() };
    let (drawing, ..) = sharded(200, demand, ShardRouter { scatter_share: 0.25, ..ShardRouter::default() }, 4);
    let mut simulation = Simulation::new(drawing.network(), 1);
    let measured = span(&mut simulation, 100.0);
    let queries: u64 = measured.stations[3..].iter().map(|shard| shard.arrivals).sum();
    let per_read = queries as f64 / measured.stations[2].arrivals as f64;
    assert!((per_read - 1.75).abs() < 0.03, "{per_read}");
}

/// A shard is added while users go on: its part of the rows moves there, at the rate that was set, and nothing fails.
#[test]
fn rows_move_to_a_new_shard_while_users_go_on() {
    for (method, share) in [(Sharding::Hash, 0.8), (Sharding::ConsistentHash, 0.2), (Sharding::Directory, 0.2)] {
        let demand = Users { read_share: 0.9, write_share: 0.1, keys: 5000, key_exponent: 0.0, ..poisson_readers() };
        let router = ShardRouter { method, moves_per_sec: 500.0, ..ShardRouter::default() };
        let (drawing, router, _) = sharded(500, demand, router, 4);
        let mut simulation = Simulation::new(drawing.network(), 1);
        span(&mut simulation, 10.0);
        let mut design = drawing.design().clone();
        let id = ComponentId(design.fresh_id());
        let config = ComponentConfig::SqlDatabase(database());
        let position = Point::default();
        let name = "shard 4".to_owned();
        design.apply(Edit::AddComponent(Component { id, name, config, position, frame: None })).expect("new");
        let link = LinkId(design.fresh_id());
        let link = Link { id: link, from: router, to: id, role: LinkRole::Queries, config: LinkConfig::default() };
        design.apply(Edit::AddLink(link)).expect("the two may be connected");
        simulation.swap(compile(&design).expect("it runs"));
        let measured = span(&mut simulation, 11.0);
        assert!((450..=510).contains(&measured.stations[2].moved_rows), "{}", measured.stations[2].moved_rows);
        let rest = span(&mut simulation, 30.0);
        let moved = (measured.stations[2].moved_rows + rest.stations[2].moved_rows) as f64 / 5000.0;
        assert!((moved - share).abs() < 0.06, "{method:?}: {moved}");
        assert_eq!(measured.all_classes().outcomes.failed() + rest.all_classes().outcomes.failed(), 0);
        let Particulars::ShardRouter { shards, moved_share } = simulation.snapshot().stations[2].particulars else {
            panic!("a router")
        };
        assert_eq!((shards, moved_share), (5, 1.0));
        let after = span(&mut simulation, 60.0);
        let all: u64 = after.stations[3..].iter().map(|shard| shard.arrivals).sum();
        let new = after.stations[7].arrivals as f64 / all as f64;
        assert!((new - 0.2).abs() < 0.06, "{method:?}: the new shard gets {new}");
    }
}

/// Users → server → balancer → primary and two replicas.
fn balanced(method: ReadChoice) -> (Drawing, ComponentId) {
    let demand = Users { read_share: 0.8, write_share: 0.2, keys: 1000, ..poisson_readers() };
    let mut drawing = Drawing::for_users(600);
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let app = drawing.add("app", ComponentConfig::Server(app()));
    let balancer = DatabaseBalancer { method, ..DatabaseBalancer::default() };
    let balancer = drawing.add("balancer", ComponentConfig::DatabaseBalancer(balancer));
    let primary = drawing.add("primary", ComponentConfig::SqlDatabase(database()));
    drawing.connect(people, app, LinkRole::Requests);
    drawing.connect(app, balancer, LinkRole::Queries);
    drawing.connect(balancer, primary, LinkRole::Writes);
    for (name, apply_secs) in [("first", 0.000_1), ("second", 0.007)] {
        let apply_work = Distribution::exponential(apply_secs);
        let replica = drawing.add(name, ComponentConfig::SqlDatabase(SqlDatabase { apply_work, ..database() }));
        drawing.connect(balancer, replica, LinkRole::Reads);
        let log = LinkConfig { latency: Distribution::constant(0.001), ..instant_link() };
        drawing.connect_by(primary, replica, LinkRole::Replicate, log);
    }
    (drawing, primary)
}

#[test]
fn a_balancer_sends_writes_to_whoever_is_the_primary_and_reads_to_replicas() {
    let (drawing, primary) = balanced(ReadChoice::RoundRobin);
    let mut simulation = Simulation::new(drawing.network(), 1);
    let measured = span(&mut simulation, 20.0);
    assert_eq!(measured.all_classes().outcomes.failed(), 0);
    let [writes, first, second] = [3, 4, 5].map(|station| measured.stations[station].arrivals);
    assert!(first.abs_diff(second) <= 1 && writes > 2000, "{writes}, {first}, {second}");
    simulation.act(Action::Kill(primary));
    span(&mut simulation, 30.0);
    let after = span(&mut simulation, 40.0);
    assert_eq!(after.all_classes().outcomes.failed(), 0, "a replica has been promoted and found");
    assert_eq!(after.stations[3].outcomes.total(), after.stations[3].outcomes.failed());
}

#[test]
fn reads_of_the_most_up_to_date_replica_are_less_stale() {
    let stale = |method| {
        let (drawing, _) = balanced(method);
        let mut simulation = Simulation::new(drawing.network(), 1);
        let measured = span(&mut simulation, 60.0);
        measured.classes[0].stale as f64 / measured.classes[0].outcomes.total() as f64
    };
    let (turns, least_lag) = (stale(ReadChoice::RoundRobin), stale(ReadChoice::LeastLag));
    assert!(turns > 0.01 && least_lag < turns / 3.0, "{turns}, {least_lag}");
}
