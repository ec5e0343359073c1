//! DNS that knows places and health: who is sent where, and how long a change of mind takes to reach users.

use headroom::design::Design;
use headroom::network::compile;
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::sim::snapshot::Outcome;
use headroom::units::SimTime;

/// Users in Mumbai and Helsinki; one server in Mumbai, one in Singapore and one in Frankfurt. Checks every 10 s, three
/// in a row, and answers kept for a minute.
fn world(routing: &str) -> Simulation {
    let text = format!(
        r#"{{
  "headroom": 1,
  "users": 400,
  "frames": [
    {{"kind": "region", "name": "India", "area": [0, 0, 100, 100], "params": {{"place": "mumbai"}}}},
    {{"kind": "region", "name": "Asia", "area": [200, 0, 100, 100], "params": {{"place": "singapore"}}}},
    {{"kind": "region", "name": "Europe", "area": [400, 0, 100, 100], "params": {{"place": "frankfurt"}}}},
    {{"kind": "region", "name": "North", "area": [600, 0, 100, 100], "params": {{"place": "finland"}}}}
  ],
  "components": [
    {{"kind": "users", "name": "Indians", "frame": "India", "params": {{"requests_per_user_per_sec": 1}}}},
    {{"kind": "users", "name": "Finns", "frame": "North", "params": {{"requests_per_user_per_sec": 1}}}},
    {{"kind": "dns", "name": "DNS", "params": {{"routing": "{routing}", "health_check_interval_secs": 10, "resolvers": 20}}}},
    {{"kind": "server", "name": "Mumbai", "frame": "India", "params": {{"queries_per_read": 0}}}},
    {{"kind": "server", "name": "Singapore", "frame": "Asia", "params": {{"queries_per_read": 0}}}},
    {{"kind": "server", "name": "Frankfurt", "frame": "Europe", "params": {{"queries_per_read": 0}}}}
  ],
  "links": [
    {{"from": "Indians", "to": "DNS"}}, {{"from": "Finns", "to": "DNS"}},
    {{"from": "DNS", "to": "Mumbai"}}, {{"from": "DNS", "to": "Singapore"}}, {{"from": "DNS", "to": "Frankfurt"}},
    {{"from": "Indians", "to": "Mumbai"}}, {{"from": "Indians", "to": "Singapore"}},
    {{"from": "Indians", "to": "Frankfurt"}}, {{"from": "Finns", "to": "Mumbai"}},
    {{"from": "Finns", "to": "Singapore"}}, {{"from": "Finns", "to": "Frankfurt"}}
  ],
  "script": [{{"at_secs": 100, "do": "kill", "component": "Mumbai"}}]
}}"#
    );
    let design = Design::from_json(&text).expect("a good file");
    Simulation::new(compile(&design).expect("it runs"), 7)
}

fn until(simulation: &mut Simulation, secs: f64) -> Measurements {
    simulation.advance(SimTime::from_secs_f64(secs));
    simulation.take_measurements()
}

/// Arrivals at the servers in Mumbai, Singapore and Frankfurt.
fn arrivals(measured: &Measurements) -> [u64; 3] {
    [3, 4, 5].map(|station| measured.stations[station].arrivals)
}

/// Everyone is sent to the nearest server; when that dies, its users go to the next nearest, and no sooner than checks
/// and kept answers let them.
#[test]
fn an_outage_moves_users_to_the_next_nearest_region() {
    let mut simulation = world("latency");
    let before = until(&mut simulation, 100.0);
    let [mumbai, singapore, frankfurt] = arrivals(&before);
    assert_eq!(singapore, 0);
    assert!(mumbai > 15_000 && frankfurt > 15_000, "{mumbai} {frankfurt}");
    // The third failed check in a row comes after 20 to 30 s; until then nobody is told anything else.
    let blind = until(&mut simulation, 119.0);
    assert_eq!(arrivals(&blind)[1], 0);
    assert!(blind.all_classes().outcomes.get(Outcome::TargetDown) > 3000);
    // Resolvers ask again within a minute of that, one after the other.
    let between = until(&mut simulation, 150.0);
    assert!(arrivals(&between)[0] > 0 && arrivals(&between)[1] > 0, "{:?}", arrivals(&between));
    until(&mut simulation, 192.0);
    let after = until(&mut simulation, 260.0);
    let [mumbai, singapore, frankfurt] = arrivals(&after);
    assert_eq!(mumbai, 0);
    assert!(singapore > 10_000 && frankfurt > 10_000, "{singapore} {frankfurt}");
    assert_eq!(after.all_classes().outcomes.failed(), 0);
}

/// The spare gets nothing while the first works.
#[test]
fn a_failover_record_waits_for_its_turn() {
    let mut simulation = world("failover");
    let [mumbai, singapore, frankfurt] = arrivals(&until(&mut simulation, 100.0));
    assert!(mumbai > 30_000 && singapore == 0 && frankfurt == 0, "{mumbai} {singapore} {frankfurt}");
    until(&mut simulation, 192.0);
    let [mumbai, singapore, frankfurt] = arrivals(&until(&mut simulation, 260.0));
    assert!(singapore > 20_000 && mumbai == 0 && frankfurt == 0, "{mumbai} {singapore} {frankfurt}");
}
