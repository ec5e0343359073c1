//! Containers on the nodes of a pool: where they go, how soon they are there, and what becomes of those that die.

use headroom::design::field::Value;
use headroom::design::kind::container::Container;
use headroom::design::kind::container_pool::{ContainerPool, Packing};
use headroom::design::kind::load_balancer::LoadBalancer;
use headroom::design::kind::machine::Machine;
use headroom::design::kind::pipeline::Pipeline;
use headroom::design::kind::scaling::Autoscaling;
use headroom::design::kind::server::Server;
use headroom::design::script::{Action, ScriptEvent, Target};
use headroom::design::{ComponentConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::network::Network;
use headroom::objective::Objective;
use headroom::sim::Simulation;
use headroom::sim::report::{RunOptions, run};
use headroom::sim::snapshot::{Happening, Health, Resource};
use headroom::units::{SimDuration, SimTime};

use crate::drawing::{Drawing, one_server, plain_server, poisson_readers};

/// Readers, a balancer, and a server whose instances run in a pool.
fn pooled(users: u64, server: Server, pool: ContainerPool) -> (Drawing, ComponentId, ComponentId) {
    let mut drawing = Drawing::for_users(users);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let balancer = drawing.add("balancer", ComponentConfig::LoadBalancer(LoadBalancer::default()));
    let server = drawing.add("server", ComponentConfig::Server(server));
    let pool = drawing.add("pool", ComponentConfig::ContainerPool(pool));
    drawing.connect(people, balancer, LinkRole::Requests);
    drawing.connect(balancer, server, LinkRole::Requests);
    drawing.connect(pool, server, LinkRole::Hosts);
    (drawing, server, pool)
}

fn small_container() -> Container {
    Container { requested_memory_mb: Some(256.0), image_mb: 200.0, ready_secs: 3.0, ..Container::default() }
}

fn scaled(users: u64) -> (Network, ComponentId, ComponentId) {
    let server = Server {
        instances: 2,
        scaling: Autoscaling {
            min_instances: 2,
            max_instances: Some(40),
            target_utilisation: 0.6,
            scaling_interval_secs: 5.0,
            scale_in_delay_secs: 20.0,
            ..Autoscaling::default()
        },
        container: small_container(),
        ..plain_server(Distribution::exponential(0.01))
    };
    let (drawing, server, pool) = pooled(users, server, ContainerPool::default());
    (drawing.network(), server, pool)
}

fn advance(simulation: &mut Simulation, secs: f64) {
    simulation.advance(SimTime::from_secs_f64(secs));
}

fn of_health(simulation: &mut Simulation, component: ComponentId, health: Health) -> usize {
    let stations = simulation.snapshot().stations;
    stations.iter().filter(|station| station.component == component && station.health == health).count()
}

/// Containers on each node.
fn on_nodes(simulation: &mut Simulation, pool: ComponentId) -> Vec<u64> {
    advance_a_little(simulation);
    let stations = simulation.snapshot().stations;
    let nodes = stations.iter().filter(|station| station.component == pool);
    let places = nodes.map(|node| node.resources.iter().find(|used| used.resource == Resource::Slots));
    places.map(|used| used.expect("nodes have places").used.round() as u64).collect()
}

/// Figures are those of the last two seconds.
fn advance_a_little(simulation: &mut Simulation) {
    let until = simulation.now() + SimDuration::from_secs_f64(3.0);
    simulation.advance(until);
}

/// The same fixed point as with machines: a/n within a tenth of the target.
#[test]
fn the_number_of_containers_settles_at_its_fixed_point() {
    let (network, server, _) = scaled(600);
    let mut simulation = Simulation::new(network, 3);
    advance(&mut simulation, 120.0);
    simulation.take_measurements();
    let settled = of_health(&mut simulation, server, Health::Up);
    assert!((9..=13).contains(&settled), "{settled} containers for 6 erlangs");
    advance(&mut simulation, 150.0);
    assert_eq!(simulation.take_measurements().all_classes().outcomes.failed(), 0);
    simulation.act(Action::SetUsers(120));
    advance(&mut simulation, 240.0);
    let few = of_health(&mut simulation, server, Health::Up);
    assert!((2..=3).contains(&few), "{few} containers for 1.2 erlangs");
    assert_eq!(simulation.take_measurements().all_classes().outcomes.failed(), 0, "they go without anyone noticing");
}

/// 200 MB at 100 MB/s and 3 s to be ready where the image is new; without loading where it is known.
#[test]
fn containers_start_as_fast_as_their_image_loads() {
    let (network, server, _) = scaled(600);
    let mut simulation = Simulation::new(network, 3);
    advance(&mut simulation, 60.0);
    let log = simulation.take_log();
    let mut started = 0;
    for entry in log.iter().filter(|entry| entry.component == server && entry.happening == Happening::Started) {
        let begun = log.iter().rev().find(|other| {
            other.happening == Happening::Starting && other.instance == entry.instance && other.at <= entry.at
        });
        let took = entry.at.since(begun.expect("it was started").at).as_secs_f64();
        assert!((3.0..=5.0).contains(&took), "{took} s");
        started += 1;
    }
    assert!(started >= 5, "{started}");
}

/// A node of 8 cores has room for two containers that request 3.
#[test]
fn what_does_not_fit_waits_until_there_is_a_node() {
    let wants = |requested_cores| Server {
        instances: 5,
        container: Container { requested_cores: Some(requested_cores), ..small_container() },
        ..plain_server(Distribution::constant(0.001))
    };
    let nodes = ContainerPool { nodes: 2, cores: 8, ..ContainerPool::default() };
    let (drawing, server, _) = pooled(10, wants(3.0), nodes);
    let mut simulation = Simulation::new(drawing.network(), 1);
    advance(&mut simulation, 400.0);
    assert_eq!(of_health(&mut simulation, server, Health::Up), 4);
    assert_eq!(of_health(&mut simulation, server, Health::Starting), 1);
    let growing = ContainerPool { max_nodes: Some(6), node_start_secs: 60.0, ..nodes };
    let (drawing, server, pool) = pooled(10, wants(3.0), growing);
    let mut simulation = Simulation::new(drawing.network(), 1);
    advance(&mut simulation, 69.0);
    assert_eq!(of_health(&mut simulation, server, Health::Up), 4);
    advance(&mut simulation, 80.0);
    assert_eq!(of_health(&mut simulation, server, Health::Up), 5);
    assert_eq!(of_health(&mut simulation, pool, Health::Up), 3, "one node more is enough");
}

#[test]
fn packing_fills_nodes_and_spreading_does_not() {
    for (packing, expected) in [(Packing::BestFit, [4, 0]), (Packing::FirstFit, [4, 0]), (Packing::Spread, [2, 2])] {
        let server = Server {
            instances: 4,
            container: Container { requested_cores: Some(2.0), ..small_container() },
            ..plain_server(Distribution::constant(0.001))
        };
        let nodes = ContainerPool { nodes: 2, cores: 8, packing, ..ContainerPool::default() };
        let (drawing, _, pool) = pooled(10, server, nodes);
        let mut simulation = Simulation::new(drawing.network(), 1);
        assert_eq!(on_nodes(&mut simulation, pool), expected, "{packing:?}");
    }
}

/// An idle node goes after its time, once what it has is elsewhere; nobody notices.
#[test]
fn nodes_go_when_the_load_has_gone() {
    let server = Server {
        instances: 1,
        scaling: Autoscaling {
            max_instances: Some(16),
            scaling_interval_secs: 5.0,
            scale_in_delay_secs: 20.0,
            ..Autoscaling::default()
        },
        container: Container { requested_cores: Some(1.0), ..small_container() },
        ..plain_server(Distribution::exponential(0.01))
    };
    let nodes = ContainerPool {
        nodes: 1,
        cores: 4,
        max_nodes: Some(6),
        node_start_secs: 30.0,
        node_idle_secs: 60.0,
        ..ContainerPool::default()
    };
    let (drawing, _, pool) = pooled(600, server, nodes);
    let mut simulation = Simulation::new(drawing.network(), 1);
    advance(&mut simulation, 200.0);
    let many = of_health(&mut simulation, pool, Health::Up);
    assert!((3..=4).contains(&many), "{many} nodes of 4 cores for 10 containers");
    simulation.act(Action::SetUsers(50));
    simulation.take_measurements();
    advance(&mut simulation, 700.0);
    assert_eq!(of_health(&mut simulation, pool, Health::Up), 1);
    assert_eq!(simulation.take_measurements().all_classes().outcomes.failed(), 0);
}

/// Restarts come at once, then after 10 s, 20 s, 40 s and so on: six starts in 200 s.
#[test]
fn a_container_that_dies_again_and_again_is_started_less_and_less_often() {
    let server = Server {
        instances: 1,
        container: Container { image_mb: 0.0, ready_secs: 1.0, ..small_container() },
        ..plain_server(Distribution::constant(0.001))
    };
    let (mut drawing, server, _) = pooled(50, server, ContainerPool::default());
    let pipeline = Pipeline {
        surge_share: 1.0,
        unavailable_share: 0.0,
        automatic_rollback: false,
        version_crashes: true,
        deadline_secs: 10_000.0,
        ..Pipeline::default()
    };
    let pipeline = drawing.add("pipeline", ComponentConfig::Pipeline(pipeline));
    drawing.connect(pipeline, server, LinkRole::Deploys);
    let mut simulation = Simulation::new(drawing.network(), 1);
    simulation.act(Action::Deploy(pipeline));
    advance(&mut simulation, 200.0);
    let log = simulation.take_log();
    let starts: Vec<f64> = log
        .iter()
        .filter(|entry| entry.component == server && entry.happening == Happening::Starting)
        .map(|entry| entry.at.as_secs_f64())
        .collect();
    assert_eq!(starts.len(), 6, "{starts:?}");
    let pauses: Vec<f64> = starts.windows(2).map(|pair| pair[1] - pair[0] - 1.0).collect();
    for (pause, expected) in pauses.iter().zip([0.0, 10.0, 20.0, 40.0, 80.0]) {
        assert!((pause - expected).abs() <= 0.2, "{pauses:?}");
    }
    assert_eq!(simulation.take_measurements().all_classes().outcomes.failed(), 0, "the old one serves on");
}

/// Containers of a dead node come back on others after the eviction time, and not before.
#[test]
fn containers_leave_a_dead_node() {
    let server = Server {
        instances: 4,
        container: Container { requested_cores: Some(1.0), ..small_container() },
        ..plain_server(Distribution::constant(0.001))
    };
    let nodes = ContainerPool { nodes: 2, cores: 8, eviction_secs: 60.0, ..ContainerPool::default() };
    let (drawing, server, pool) = pooled(50, server, nodes);
    let mut simulation = Simulation::new(drawing.network(), 1);
    advance(&mut simulation, 20.0);
    simulation.act(Action::KillInstance(pool, 1));
    advance(&mut simulation, 79.0);
    assert_eq!(of_health(&mut simulation, server, Health::Up), 2);
    advance(&mut simulation, 90.0);
    assert_eq!(of_health(&mut simulation, server, Health::Up), 4);
    assert_eq!(on_nodes(&mut simulation, pool), [4, 0]);
    simulation.act(Action::KillInstance(server, 0));
    advance(&mut simulation, 100.0);
    assert_eq!(of_health(&mut simulation, server, Health::Up), 4, "started again at once");
}

/// Two containers limited to one core each, on a node of four: each saturates on its own.
#[test]
fn a_container_uses_no_more_than_its_limit() {
    let server = Server {
        instances: 2,
        container: Container { requested_cores: Some(1.0), ..small_container() },
        ..plain_server(Distribution::exponential(0.01))
    };
    let nodes = ContainerPool { nodes: 1, cores: 4, ..ContainerPool::default() };
    let (drawing, _, _) = pooled(1000, server, nodes);
    let answered = |network: Network| {
        let mut simulation = Simulation::new(network, 1);
        advance(&mut simulation, 20.0);
        simulation.take_measurements().all_classes().latency.count() as f64 / 20.0
    };
    let limited = answered(drawing.network());
    assert!((limited - 200.0).abs() < 15.0, "{limited} answers a second by two cores at 10 ms");
    // More containers than the node has cores share them.
    let six =
        Server { instances: 6, container: Container { requested_cores: Some(0.5), ..small_container() }, ..server };
    let (drawing, _, _) = pooled(1000, six, ContainerPool { nodes: 1, cores: 4, ..ContainerPool::default() });
    let shared = answered(drawing.network());
    assert!((shared - 400.0).abs() < 20.0, "{shared} answers a second by four cores at 10 ms");
}

/// Parts of one machine have its memory together: with 1 GB, two processes that take 600 MB each are too many.
#[test]
fn parts_of_one_machine_share_its_memory() {
    let deaths = |memory_mb| {
        let mut drawing = Drawing::for_users(100);
        let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
        let part = |base| Server {
            memory_base_mb: base,
            memory_per_request_mb: 0.0,
            ..plain_server(Distribution::constant(0.001))
        };
        let first = drawing.add("first", ComponentConfig::Server(part(600.0)));
        let second = drawing.add("second", ComponentConfig::Server(part(650.0)));
        let machine = Machine { memory_mb: Some(memory_mb), ..Machine::default() };
        let machine = drawing.add("machine", ComponentConfig::Machine(machine));
        drawing.connect(people, first, LinkRole::Requests);
        drawing.connect(first, second, LinkRole::Requests);
        drawing.connect(machine, first, LinkRole::Hosts);
        drawing.connect(machine, second, LinkRole::Hosts);
        let mut simulation = Simulation::new(drawing.network(), 1);
        advance(&mut simulation, 10.0);
        let log = simulation.take_log();
        let killed = log.iter().filter(|entry| entry.happening == Happening::OutOfMemory);
        let killed: Vec<ComponentId> = killed.map(|entry| entry.component).collect();
        assert!(killed.iter().all(|&component| component == second), "whatever takes most is killed: {killed:?}");
        killed.len()
    };
    assert_eq!(deaths(1000.0), 1);
    assert_eq!(deaths(1300.0), 0);
}

/// Utilisation is what was used over what there was, also when a script has changed that.
#[test]
fn utilisation_follows_cores_that_a_script_sets() {
    let drawing = one_server(300, poisson_readers(), plain_server(Distribution::exponential(0.01)));
    let server = drawing.design().component_named("server").expect("drawn").id;
    let action =
        Action::SetParameter { target: Target::Component(server), key: "cores".to_owned(), value: Value::Number(6.0) };
    let network = Network { script: vec![ScriptEvent { at_secs: 5.0, action }], ..drawing.network() };
    let options = RunOptions {
        users: 300,
        warm_up: SimDuration::from_secs(50),
        duration: SimDuration::from_secs(200),
        seed: 1,
        batches: 10,
        objective: Objective::default(),
    };
    let report = run(network, &options, |_| {});
    let utilisation = report.components[1].figures.utilisation["cores"].value;
    assert!((utilisation - 0.5).abs() < 0.03, "3 erlangs on 6 cores: {utilisation}");
}
