//! What callers do without, call off and ask again, and what servers remember of their users.

use headroom::design::fault::{Errors, Fault};
use headroom::design::kind::load_balancer::LoadBalancer;
use headroom::design::kind::queue::Queue;
use headroom::design::kind::server::{CallOrder, Server, SessionKeeping};
use headroom::design::kind::users::Users;
use headroom::design::kind::worker::Worker;
use headroom::design::script::{Action, Target};
use headroom::design::{ComponentConfig, LinkConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::objective::Objective;
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::sim::snapshot::Outcome;
use headroom::sim::sweep::{SweepOptions, find_capacity};
use headroom::units::SimTime;

use crate::drawing::{Drawing, instant_link, plain_server, poisson_readers};

fn span(simulation: &mut Simulation, until: f64) -> Measurements {
    simulation.advance(SimTime::from_secs_f64(until));
    simulation.take_measurements()
}

/// A part that may be left out fails for a tenth of the calls: nobody gets an error, a tenth of the answers lack something.
#[test]
fn answers_without_an_optional_part_are_counted() {
    let mut drawing = Drawing::for_users(200);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let shop = drawing.add("shop", ComponentConfig::Server(plain_server(Distribution::constant(0.0))));
    let extras = drawing.add("extras", ComponentConfig::Server(plain_server(Distribution::constant(0.0))));
    drawing.connect(people, shop, LinkRole::Requests);
    drawing.connect_by(shop, extras, LinkRole::Requests, LinkConfig { optional: true, ..instant_link() });
    let mut simulation = Simulation::new(drawing.network(), 1);
    let fault = Fault::Errors(Errors { share: 0.1 });
    simulation.act(Action::Inject { target: Target::Component(extras), fault });
    let all = span(&mut simulation, 200.0).all_classes();
    assert_eq!(all.outcomes.failed(), 0);
    let share = all.degraded as f64 / all.outcomes.total() as f64;
    // Binomial of 40,000: four standard errors are 0.006.
    assert!((share - 0.1).abs() < 0.006, "{share}");
}

/// Two machines, hedging after 20 ms. Called off, the slower attempt no longer costs work where it still waited.
#[test]
fn attempts_that_are_called_off_cost_less_work() {
    let busy = |hedge_cancel| {
        let mut drawing = Drawing::for_users(120);
        let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
        let front = drawing.add("front", ComponentConfig::Server(plain_server(Distribution::constant(0.0))));
        let back = Server { instances: 2, ..plain_server(Distribution::exponential(0.01)) };
        let back = drawing.add("back", ComponentConfig::Server(back));
        drawing.connect(people, front, LinkRole::Requests);
        let link = LinkConfig { hedge_after_secs: Some(0.01), hedge_cancel, ..instant_link() };
        drawing.connect_by(front, back, LinkRole::Requests, link);
        let mut simulation = Simulation::new(drawing.network(), 4);
        let measured = span(&mut simulation, 200.0);
        assert_eq!(measured.all_classes().outcomes.failed(), 0);
        let work: f64 = measured.stations[2..].iter().map(|station| station.busy_cores_area).sum();
        (work / 200.0, measured.all_classes().latency.mean_secs())
    };
    let (with, quick) = busy(true);
    let (without, slow) = busy(false);
    // Without hedging 1.2 cores are busy; each second attempt that runs to its end adds to that.
    assert!(with > 1.15 && with < without - 0.05, "{with} against {without}");
    assert!(quick < slow, "less work for nobody is less waiting: {quick} against {slow}");
}

/// A search over four shards asks each for its own part. A part that failed is asked for again where it is, not elsewhere.
#[test]
fn a_shard_that_failed_is_asked_again_itself() {
    let mut drawing = Drawing::for_users(50);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let plain = plain_server(Distribution::constant(0.0));
    let search = Server { calls: CallOrder::All, scatter: true, ..plain };
    let search = drawing.add("search", ComponentConfig::Server(search));
    let shards = drawing.add("shards", ComponentConfig::Server(Server { instances: 4, ..plain }));
    drawing.connect(people, search, LinkRole::Requests);
    let link = LinkConfig { retries: 1, retry_backoff_secs: 0.0, ..instant_link() };
    drawing.connect_by(search, shards, LinkRole::Requests, link);
    let mut simulation = Simulation::new(drawing.network(), 1);
    let fault = Fault::Errors(Errors { share: 0.5 });
    simulation.act(Action::Inject { target: Target::Instance(shards, 2), fault });
    let measured = span(&mut simulation, 200.0);
    let requests = measured.all_classes().arrivals as f64;
    let arrivals: Vec<f64> = measured.stations[2..].iter().map(|station| station.arrivals as f64 / requests).collect();
    for (shard, &arrivals) in arrivals.iter().enumerate() {
        let expected = if shard == 2 { 1.5 } else { 1.0 };
        assert!((arrivals - expected).abs() < 0.03, "{arrivals:?}");
    }
    let failed = measured.all_classes().outcomes.error_share();
    assert!((failed - 0.25).abs() < 0.02, "both attempts fail: {failed}");
}

/// Sessions in memory behind one balancer: whoever lands on another component is as unknown there as on another machine.
#[test]
fn who_lands_on_another_component_is_logged_out() {
    let mut drawing = Drawing::for_users(400);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let balancer = drawing.add("balancer", ComponentConfig::LoadBalancer(LoadBalancer::default()));
    drawing.connect(people, balancer, LinkRole::Requests);
    let remembers = Server { sessions: SessionKeeping::InMemory, ..plain_server(Distribution::constant(0.000_1)) };
    for name in ["one", "two"] {
        let server = drawing.add(name, ComponentConfig::Server(remembers));
        drawing.connect(balancer, server, LinkRole::Requests);
    }
    let mut simulation = Simulation::new(drawing.network(), 1);
    span(&mut simulation, 10.0);
    let outcomes = span(&mut simulation, 60.0).all_classes().outcomes;
    // In turn: every other request of a user, on average, meets the other of the two.
    let lost = outcomes.get(Outcome::NoSession) as f64 / outcomes.total() as f64;
    assert!((lost - 0.5).abs() < 0.03, "{lost}");
}

/// Each of a thousand users who are known takes a megabyte; with too little memory the process is killed.
#[test]
fn sessions_take_memory_until_there_is_none() {
    let run = |memory_mb| {
        let server = Server {
            sessions: SessionKeeping::InMemory,
            memory_mb,
            memory_base_mb: 100.0,
            memory_per_session_mb: 1.0,
            ..plain_server(Distribution::constant(0.000_1))
        };
        let mut drawing = Drawing::for_users(1000);
        let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
        let server = drawing.add("server", ComponentConfig::Server(server));
        drawing.connect(people, server, LinkRole::Requests);
        let mut simulation = Simulation::new(drawing.network(), 1);
        span(&mut simulation, 20.0);
        let measured = span(&mut simulation, 60.0);
        let station = &measured.stations[1];
        (station.memory_sum / station.memory_samples.max(1) as f64 / 1e6, measured.all_classes().outcomes.failed())
    };
    let (used, failed) = run(4096.0);
    assert!((used - 1100.0).abs() < 2.0, "{used} MB");
    assert_eq!(failed, 0);
    let (_, failed) = run(600.0);
    assert!(failed > 100, "it dies again and again: {failed}");
}

/// Sticky sessions, and two machines more: who is there stays, so the old ones carry nearly all of the load however long
/// one waits, while without stickiness all carry the same at once.
#[test]
fn sticky_sessions_stay_unbalanced_after_scaling_out() {
    let shares = |sticky_secs| {
        let mut drawing = Drawing::for_users(300);
        let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
        let balancer = LoadBalancer { sticky_secs, ..LoadBalancer::default() };
        let balancer = drawing.add("balancer", ComponentConfig::LoadBalancer(balancer));
        let server = Server { instances: 2, ..plain_server(Distribution::constant(0.000_1)) };
        let server = drawing.add("server", ComponentConfig::Server(server));
        drawing.connect(people, balancer, LinkRole::Requests);
        drawing.connect(balancer, server, LinkRole::Requests);
        let mut simulation = Simulation::new(drawing.network(), 1);
        span(&mut simulation, 30.0);
        let value = headroom::design::field::Value::Number(4.0);
        simulation.act(Action::SetParameter { target: Target::Component(server), key: "instances".to_owned(), value });
        span(&mut simulation, 60.0);
        let measured = span(&mut simulation, 660.0);
        let total: u64 = measured.stations[2..].iter().map(|station| station.arrivals).sum();
        measured.stations[2..].iter().map(|station| station.arrivals as f64 / total as f64).collect::<Vec<f64>>()
    };
    let sticky = shares(Some(3600.0));
    assert_eq!(sticky.len(), 4);
    assert!(sticky[0] + sticky[1] > 0.99, "everybody was there before: {sticky:?}");
    let free = shares(None);
    assert!(free.iter().all(|share| (share - 0.25).abs() < 0.01), "{free:?}");
}

/// Workers carry fifty jobs a second and no more. Users are answered at once whatever comes; yet with more jobs than that
/// the backlog grows without end, and that is no capacity.
#[test]
fn a_backlog_that_grows_for_ever_is_a_breach() {
    let mut drawing = Drawing::for_users(10);
    let demand = Users { read_share: 0.0, job_share: 1.0, ..poisson_readers() };
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let web = Server { job_work: Distribution::constant(0.000_1), ..plain_server(Distribution::constant(0.0)) };
    let web = drawing.add("web", ComponentConfig::Server(web));
    let queue = drawing.add("queue", ComponentConfig::Queue(Queue::default()));
    let worker = Worker { cores: 1, concurrency: 8, job_work: Distribution::exponential(0.02), ..Worker::default() };
    let worker = drawing.add("worker", ComponentConfig::Worker(worker));
    drawing.connect(people, web, LinkRole::Requests);
    drawing.connect(web, queue, LinkRole::Publish);
    drawing.connect(worker, queue, LinkRole::Consume);
    let capacity = find_capacity(&drawing.network(), &Objective::default(), &SweepOptions::quick(1), |_| {});
    let users = capacity.users.expect("it carries some");
    assert!((35..=56).contains(&users), "{users}: fifty jobs a second at the most");
}
