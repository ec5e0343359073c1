//! Parts that share one machine.

use headroom::design::kind::machine::Machine;
use headroom::design::kind::server::Server;
use headroom::design::kind::sql_database::SqlDatabase;
use headroom::design::script::Action;
use headroom::design::{ComponentConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::sim::Simulation;
use headroom::sim::snapshot::Outcome;
use headroom::theory;
use headroom::units::SimTime;

use super::check;
use crate::drawing::{Drawing, plain_server, poisson_readers};

/// A web server and its database on one machine, or each on its own if it has no cores; both work 1 ms for a read.
fn on_one_machine(users: u64, cores: u32) -> (Drawing, Option<ComponentId>) {
    let mut drawing = Drawing::for_users(users);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let web = Server { queries_per_read: 1, ..plain_server(Distribution::exponential(0.001)) };
    let web = drawing.add("web", ComponentConfig::Server(web));
    let database = SqlDatabase {
        cores: 1,
        read_work: Distribution::exponential(0.001),
        connection_limit: 1_000_000,
        queue_limit: None,
        ..SqlDatabase::default()
    };
    let database = drawing.add("database", ComponentConfig::SqlDatabase(database));
    drawing.connect(people, web, LinkRole::Requests);
    drawing.connect(web, database, LinkRole::Queries);
    let machine = (cores > 0).then(|| {
        let machine = drawing.add("machine", ComponentConfig::Machine(Machine { cores, ..Machine::default() }));
        drawing.connect(machine, web, LinkRole::Hosts);
        drawing.connect(machine, database, LinkRole::Hosts);
        machine
    });
    (drawing, machine)
}

/// Every request visits the one core twice: a queue with feedback, each visit like one to an M/M/1 with twice the
/// arrivals (J. R. Jackson 1957).
#[test]
fn parts_of_one_machine_queue_for_the_same_core() {
    let (drawing, _) = on_one_machine(350, 1);
    let theory = 2.0 * theory::mm1_mean_response(700.0, 1000.0).expect("stable");
    check(&drawing.network(), 200.0, theory, 0.03, |measured| measured.all_classes().latency.mean_secs());
    let (apart, _) = on_one_machine(350, 0);
    let theory = 2.0 * theory::mm1_mean_response(350.0, 1000.0).expect("stable");
    check(&apart.network(), 200.0, theory, 0.03, |measured| measured.all_classes().latency.mean_secs());
}

/// The cores of the machine are those of all its parts together: it saturates when their sum does.
#[test]
fn a_machine_is_busy_with_all_its_parts() {
    let (drawing, _) = on_one_machine(2000, 2);
    let mut simulation = Simulation::new(drawing.network(), 1);
    simulation.advance(SimTime::from_secs_f64(20.0));
    let measured = simulation.take_measurements();
    let busy: Vec<f64> = measured.stations.iter().map(|station| station.busy_cores_area / 20.0).collect();
    assert!((busy[1] + busy[2] - busy[3]).abs() < 0.01, "{busy:?}");
    assert!((busy[3] - 2.0).abs() < 0.01, "{busy:?}");
    let answered = measured.all_classes().outcomes.get(Outcome::Answered) as f64 / 20.0;
    assert!(answered < 1100.0, "two cores answer 1,000 requests of 2 ms a second, not {answered}");
}

#[test]
fn what_runs_on_a_machine_dies_with_it_and_comes_back() {
    let (drawing, machine) = on_one_machine(100, 4);
    let machine = machine.expect("it has one");
    let mut simulation = Simulation::new(drawing.network(), 1);
    let run_until = |simulation: &mut Simulation, secs| {
        simulation.advance(SimTime::from_secs_f64(secs));
        simulation.take_measurements().all_classes().outcomes
    };
    assert_eq!(run_until(&mut simulation, 10.0).failed(), 0);
    simulation.act(Action::Kill(machine));
    let dead = run_until(&mut simulation, 20.0);
    assert_eq!(dead.get(Outcome::Answered), 0, "{dead:?}");
    simulation.act(Action::Restore(machine));
    run_until(&mut simulation, 20.5);
    let back = run_until(&mut simulation, 60.0);
    assert_eq!(back.failed(), 0, "{back:?}");
    assert!(back.total() > 3000);
}
