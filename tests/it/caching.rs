//! Caches under load: stampedes and what prevents them, loss of a cache, clusters, and what writes do.

use headroom::design::kind::cache::{Cache, EarlyRefresh, Eviction, WritePolicy};
use headroom::design::kind::server::Server;
use headroom::design::kind::sql_database::SqlDatabase;
use headroom::design::kind::users::Users;
use headroom::design::script::Action;
use headroom::design::{ComponentConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::network::Network;
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::units::SimTime;

use crate::drawing::{Drawing, plain_server, poisson_readers};

const APP: usize = 1;
const DATABASE: usize = 2;
const CACHE: usize = 3;

/// Users → server → database, and a cache beside it; the stations stand in this order. With `loads_itself` the cache
/// has its own way to the database.
fn cached(
    users: u64,
    demand: Users,
    cache: Cache,
    database: SqlDatabase,
    loads_itself: bool,
) -> (Network, ComponentId) {
    let mut drawing = Drawing::for_users(users);
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let nothing = Distribution::constant(0.0);
    let app = Server { queries_per_read: 1, queries_per_write: 1, write_work: nothing, ..plain_server(nothing) };
    let app = drawing.add("app", ComponentConfig::Server(app));
    let database = drawing.add("database", ComponentConfig::SqlDatabase(database));
    let cache = drawing.add("cache", ComponentConfig::Cache(cache));
    drawing.connect(people, app, LinkRole::Requests);
    drawing.connect(app, cache, LinkRole::Lookup);
    drawing.connect(app, database, LinkRole::Queries);
    if loads_itself {
        drawing.connect(cache, database, LinkRole::Fetch);
    }
    (drawing.network(), cache)
}

fn roomy_database(read_secs: f64) -> SqlDatabase {
    SqlDatabase {
        cores: 256,
        read_work: Distribution::constant(read_secs),
        write_work: Distribution::constant(0.001),
        connection_limit: 100_000,
        queue_limit: None,
        ..SqlDatabase::default()
    }
}

fn measured(network: Network, seed: u64, secs: f64) -> Measurements {
    let mut simulation = Simulation::new(network, seed);
    simulation.advance(SimTime::from_secs_f64(secs));
    simulation.take_measurements()
}

/// One key, 1,000 reads a second, 30 s of life, 50 ms to load: without coalescing, all that come within the 50 ms load
/// it; with it, one does.
#[test]
fn a_hot_key_is_loaded_once_per_life_if_loads_are_coalesced() {
    let loads = |coalescing, loads_itself| {
        let demand = Users { keys: 1, ..poisson_readers() };
        let cache = Cache { ttl_secs: Some(30.0), coalescing, ..Cache::default() };
        let (network, _) = cached(1000, demand, cache, roomy_database(0.05), loads_itself);
        let measured = measured(network, 3, 299.0);
        assert_eq!(measured.all_classes().outcomes.failed(), 0);
        measured.stations[DATABASE].arrivals
    };
    for loads_itself in [false, true] {
        // From 0 to 299 s the value is loaded at 0, 30, … 270.
        assert_eq!(loads(true, loads_itself), 10);
        let stampede = loads(false, loads_itself) as f64 / 10.0;
        // Each time, the one who misses first and a Poisson number of mean 50 after it; standard error √50/√10 = 2.2.
        assert!((stampede - 51.0).abs() < 9.0, "{stampede}");
    }
}

#[test]
fn a_value_refreshed_early_keeps_nobody_waiting() {
    for (refresh, loads_itself) in
        [(EarlyRefresh::Soft, true), (EarlyRefresh::Soft, false), (EarlyRefresh::Probabilistic, true)]
    {
        let demand = Users { keys: 1, ..poisson_readers() };
        let cache = Cache {
            ttl_secs: Some(10.0),
            coalescing: true,
            early_refresh: refresh,
            early_refresh_secs: 1.0,
            ..Cache::default()
        };
        let (network, _) = cached(1000, demand, cache, roomy_database(0.05), loads_itself);
        let mut simulation = Simulation::new(network, 3);
        simulation.advance(SimTime::from_secs_f64(5.0));
        simulation.take_measurements();
        simulation.advance(SimTime::from_secs_f64(205.0));
        let measured = simulation.take_measurements();
        let loads = measured.stations[DATABASE].arrivals;
        let slow = measured.all_classes().latency.share_above(headroom::units::SimDuration::from_millis(20));
        let slow = (slow * measured.all_classes().latency.count() as f64).round() as u64;
        // Where the cache loads, nobody waits; else only the one who was sent to load.
        assert_eq!(slow, if loads_itself { 0 } else { loads }, "{refresh:?}");
        // Under XFetch at 1,000 reads/s the value is loaded some seconds early: the first of many draws.
        let lives = if refresh == EarlyRefresh::Soft { 20..=24 } else { 40..=200 };
        assert!(lives.contains(&loads), "{refresh:?}: {loads}");
    }
}

#[test]
fn the_loss_of_a_cache_topples_a_database_sized_for_hits() {
    let demand = Users { keys: 500, key_exponent: 0.9, patience_secs: Some(2.0), ..poisson_readers() };
    let cache = Cache { capacity_entries: 500, ttl_secs: Some(10.0), ..Cache::default() };
    let database = SqlDatabase {
        cores: 2,
        read_work: Distribution::exponential(0.01),
        connection_limit: 50,
        queue_limit: Some(200),
        ..SqlDatabase::default()
    };
    let (network, cache) = cached(1000, demand, cache, database, false);
    let mut simulation = Simulation::new(network, 1);
    let span = |simulation: &mut Simulation, until: f64| {
        simulation.advance(SimTime::from_secs_f64(until));
        simulation.take_measurements()
    };
    span(&mut simulation, 30.0);
    let before = span(&mut simulation, 60.0);
    assert_eq!(before.all_classes().outcomes.failed(), 0);
    let busy = before.stations[DATABASE].busy_cores_area / 30.0;
    assert!(busy < 1.0, "healthy: {busy} of two cores are busy");
    simulation.act(Action::Kill(cache));
    let during = span(&mut simulation, 90.0);
    // 1,000 reads/s come to a database that does 200.
    let failed = during.all_classes().outcomes.error_share();
    assert!((failed - 0.8).abs() < 0.03, "{failed}");
    simulation.act(Action::Restore(cache));
    span(&mut simulation, 120.0);
    let after = span(&mut simulation, 150.0);
    assert!(after.all_classes().outcomes.error_share() < 0.001, "it recovers once the cache is warm");
}

#[test]
fn writing_back_loses_what_was_not_written_and_writing_through_loses_nothing() {
    let lost = |policy| {
        let demand = Users { read_share: 0.5, write_share: 0.5, keys: 10_000, key_exponent: 0.0, ..poisson_readers() };
        let cache = Cache { write_policy: policy, write_back_secs: 1.0, ..Cache::default() };
        let (network, cache) = cached(400, demand, cache, roomy_database(0.001), true);
        let mut simulation = Simulation::new(network, 1);
        simulation.advance(SimTime::from_secs_f64(9.9));
        simulation.act(Action::Kill(cache));
        simulation.advance(SimTime::from_secs_f64(10.0));
        let measured = simulation.take_measurements();
        assert_eq!(measured.stations[CACHE].stale_hits, 0, "{policy:?}");
        (measured.stations[CACHE].lost_writes, measured.stations[DATABASE].arrivals)
    };
    let (lost_back, _) = lost(WritePolicy::Back);
    // 200 writes a second wait for up to a second.
    assert!((20..=230).contains(&lost_back), "{lost_back}");
    let (lost_through, queries) = lost(WritePolicy::Through);
    assert_eq!(lost_through, 0);
    assert!(queries > 2000, "every write reaches the database at once: {queries}");
}

#[test]
fn what_a_write_does_to_the_cached_value_decides_how_stale_it_gets() {
    let stale_share = |policy| {
        let demand = Users { read_share: 0.9, write_share: 0.1, keys: 100, key_exponent: 0.0, ..poisson_readers() };
        let cache = Cache { write_policy: policy, ttl_secs: Some(10.0), ..Cache::default() };
        let (network, _) = cached(1000, demand, cache, roomy_database(0.001), true);
        let measured = measured(network, 1, 100.0);
        measured.stations[CACHE].stale_hits as f64 / measured.stations[CACHE].hits as f64
    };
    // A value of which one write a second is made is fresh for T/(1 + wT) … of its ten seconds of life: after its load
    // the first write comes after 1 s on average, so about 1 − (1 − e⁻¹⁰)/10 of all hits are stale.
    let around = stale_share(WritePolicy::Around);
    assert!((around - 0.9).abs() < 0.01, "{around}");
    for policy in [WritePolicy::Invalidate, WritePolicy::Update, WritePolicy::Through, WritePolicy::Back] {
        let stale = stale_share(policy);
        assert!(stale < 0.01, "{policy:?}: {stale}");
    }
}

#[test]
fn a_cluster_loses_the_share_of_the_node_that_dies_unless_there_are_copies() {
    let hits = |replicas| {
        let demand = Users { keys: 2000, key_exponent: 0.0, ..poisson_readers() };
        let cache = Cache { nodes: 4, replicas, ttl_secs: None, ..Cache::default() };
        let (network, cache) = cached(2000, demand, cache, roomy_database(0.001), false);
        let mut simulation = Simulation::new(network, 1);
        simulation.advance(SimTime::from_secs_f64(20.0));
        simulation.take_measurements();
        simulation.act(Action::KillInstance(cache, 1));
        simulation.advance(SimTime::from_secs_f64(30.0));
        let measured = simulation.take_measurements();
        let hits: u64 = measured.stations[CACHE..].iter().map(|station| station.hits).sum();
        hits as f64 / measured.all_classes().outcomes.total() as f64
    };
    let alone = hits(0);
    assert!((alone - 0.75).abs() < 0.03, "{alone}");
    let with_copies = hits(1);
    assert!(with_copies > 0.99, "{with_copies}");
}

#[test]
fn every_way_of_evicting_serves_a_whole_system() {
    for eviction in Eviction::ALL {
        let demand = Users { keys: 5000, key_exponent: 0.9, ..poisson_readers() };
        let cache = Cache {
            eviction,
            capacity_bytes: Some(500_000.0),
            ttl_jitter_share: 0.2,
            ttl_secs: Some(60.0),
            ..Cache::default()
        };
        let (network, _) = cached(1000, demand, cache, roomy_database(0.001), true);
        let measured = measured(network, 1, 60.0);
        let cache = &measured.stations[CACHE];
        let ratio = cache.hits as f64 / (cache.hits + cache.misses) as f64;
        assert!((0.3..0.9).contains(&ratio) && cache.evictions > 1000, "{eviction:?}: {ratio}");
        assert_eq!(measured.stations[APP].outcomes.failed(), 0);
    }
}
