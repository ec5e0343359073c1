//! Queues and workers: nothing accepted is lost, whoever dies; what cannot be done now waits, and is done later.

use headroom::design::kind::queue::{Ordering, Queue, WhenFull};
use headroom::design::kind::server::Server;
use headroom::design::kind::users::Users;
use headroom::design::kind::worker::Worker;
use headroom::design::script::Action;
use headroom::design::{ComponentConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::network::Network;
use headroom::sim::Simulation;
use headroom::sim::metrics::QueueMeasurements;
use headroom::sim::snapshot::{Outcome, OutcomeCounts, Particulars};
use headroom::units::SimTime;
use proptest::prelude::*;

use crate::drawing::{Drawing, plain_server, poisson_readers};
use crate::random::property;

/// People whose every request is a long job.
fn job_senders() -> Users {
    Users { read_share: 0.0, job_share: 1.0, keys: 1000, ..poisson_readers() }
}

/// A worker whose jobs take 100 ms of a core and nothing else.
fn plain_worker(cores: u32) -> Worker {
    Worker { cores, concurrency: cores, job_work: Distribution::exponential(0.1), ..Worker::default() }
}

/// Users → server → queue ← worker, in this order.
struct Line {
    network: Network,
    server: ComponentId,
    queue: ComponentId,
    worker: ComponentId,
}

fn line(jobs_per_sec: u64, queue: Queue, worker: Worker) -> Line {
    let mut drawing = Drawing::for_users(jobs_per_sec);
    let people = drawing.add("people", ComponentConfig::Users(job_senders()));
    let server =
        Server { cores: 64, job_work: Distribution::constant(0.001), ..plain_server(Distribution::constant(0.0)) };
    let server = drawing.add("server", ComponentConfig::Server(server));
    let queue = drawing.add("queue", ComponentConfig::Queue(queue));
    let worker = drawing.add("worker", ComponentConfig::Worker(worker));
    drawing.connect(people, server, LinkRole::Requests);
    drawing.connect(server, queue, LinkRole::Publish);
    drawing.connect(worker, queue, LinkRole::Consume);
    Line { network: drawing.network(), server, queue, worker }
}

/// Counts of a queue since the start, outcomes of the users' requests, and what the queue holds now.
#[derive(Default)]
struct Tally {
    queue: QueueMeasurements,
    outcomes: OutcomeCounts,
    waiting: u64,
    delivered: u64,
}

impl Tally {
    fn follow(&mut self, simulation: &mut Simulation, until: f64) {
        simulation.advance(SimTime::from_secs_f64(until));
        let measured = simulation.take_measurements();
        self.outcomes.merge(&measured.all_classes().outcomes);
        if let Some(counts) = &measured.stations[2].queue {
            self.queue.merge(counts);
        }
        let Particulars::Queue { waiting, delivered, .. } = simulation.snapshot().stations[2].particulars else {
            panic!("the third station is the queue")
        };
        (self.waiting, self.delivered) = (waiting, delivered);
    }

    /// Every accepted message is where it should be, once.
    fn adds_up(&self) -> bool {
        let gone = self.queue.acknowledged + self.queue.dead_lettered + self.queue.expired + self.queue.lost;
        self.queue.published == gone + self.waiting + self.delivered
    }
}

fn choose<T: Copy>(choices: &[T], index: usize) -> T {
    choices[index % choices.len()]
}

proptest! {
    #![proptest_config(property(48))]

    #[test]
    fn no_accepted_message_is_lost(
        choices in prop::collection::vec(any::<usize>(), 10),
        faults in prop::collection::vec((0.0..30.0_f64, 0..6_usize), 0..10),
        seed: u64,
    ) {
        let queue = Queue {
            partitions: choose(&[1, 3, 12], choices[0]),
            ordering: choose(&[Ordering::None, Ordering::PerKey], choices[1]),
            capacity_messages: choose(&[None, Some(30), Some(400)], choices[2]),
            when_full: choose(&[WhenFull::Refuse, WhenFull::BackPressure], choices[3]),
            visibility_timeout_secs: choose(&[0.15, 2.0, 30.0], choices[4]),
            receive_limit: choose(&[None, Some(1), Some(3)], choices[5]),
            retention_secs: choose(&[1.0, 10.0, 1000.0], choices[6]),
            durable: choices[7].is_multiple_of(2),
            ..Queue::default()
        };
        let durable = queue.durable;
        let worker = Worker {
            instances: 2,
            batch: choose(&[1, 4, 10], choices[8]),
            poison_share: choose(&[0.0, 0.05, 1.0], choices[9]),
            ..plain_worker(2)
        };
        let line = line(50, queue, worker);
        let mut simulation = Simulation::new(line.network, seed);
        let mut tally = Tally::default();
        let mut faults = faults;
        faults.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (at, fault) in faults {
            tally.follow(&mut simulation, at);
            let component = choose(&[line.server, line.queue, line.worker], fault);
            simulation.act(if fault < 3 { Action::Kill(component) } else { Action::Restore(component) });
            prop_assert!(tally.adds_up());
        }
        tally.follow(&mut simulation, 40.0);
        prop_assert!(tally.adds_up(), "{:?}, {} wait, {} delivered", tally.queue, tally.waiting, tally.delivered);
        // Whoever was told that the job is accepted can rely on it.
        prop_assert!(tally.outcomes.get(Outcome::Answered) <= tally.queue.published);
        prop_assert!(!durable || tally.queue.lost == 0);
    }
}

#[test]
fn accepted_jobs_survive_the_web_server_the_workers_and_the_queue() {
    let line =
        line(50, Queue { visibility_timeout_secs: 2.0, receive_limit: None, ..Queue::default() }, plain_worker(10));
    let mut simulation = Simulation::new(line.network, 3);
    let mut tally = Tally::default();
    tally.follow(&mut simulation, 10.0);
    simulation.act(Action::Kill(line.worker));
    tally.follow(&mut simulation, 15.0);
    simulation.act(Action::Kill(line.queue));
    tally.follow(&mut simulation, 16.0);
    simulation.act(Action::Restore(line.queue));
    simulation.act(Action::Kill(line.server));
    tally.follow(&mut simulation, 20.0);
    assert!(tally.waiting > 200, "five seconds of jobs wait: {}", tally.waiting);
    simulation.act(Action::Restore(line.worker));
    tally.follow(&mut simulation, 60.0);
    assert_eq!((tally.waiting, tally.delivered), (0, 0));
    assert_eq!(tally.queue.published, tally.queue.acknowledged);
    assert!(tally.queue.redelivered > 0, "what the dead workers had was delivered again");
    assert!(tally.outcomes.get(Outcome::Answered) <= tally.queue.acknowledged);
}

/// Fluid limit: a backlog grows by arrivals minus capacity and drains by capacity minus arrivals
/// (G. F. Newell, *Applications of Queueing Theory*, 1982, ch. 2).
#[test]
fn a_backlog_grows_and_drains_as_fluid_does() {
    let queue = || Queue { visibility_timeout_secs: 1000.0, ..Queue::default() };
    let slow = line(100, queue(), plain_worker(4));
    let fast = line(100, queue(), plain_worker(16));
    let mut simulation = Simulation::new(slow.network, 5);
    let mut tally = Tally::default();
    tally.follow(&mut simulation, 100.0);
    // 100/s come, 4 cores do 40/s.
    let grown = tally.waiting as f64;
    assert!((grown / (60.0 * 100.0) - 1.0).abs() < 0.05, "{grown}");
    simulation.swap(fast.network);
    // 16 cores do 160/s: 60/s more than come.
    tally.follow(&mut simulation, 150.0);
    let drained = (grown - tally.waiting as f64) / 50.0;
    assert!((drained / 60.0 - 1.0).abs() < 0.08, "{drained}");
    tally.follow(&mut simulation, 230.0);
    assert!(tally.waiting < 50, "{}", tally.waiting);
    assert!(tally.adds_up());
}

#[test]
fn users_wait_only_until_a_job_is_accepted() {
    let line = line(20, Queue::default(), plain_worker(8));
    let mut simulation = Simulation::new(line.network, 1);
    simulation.advance(SimTime::from_secs_f64(50.0));
    let with_queue = simulation.take_measurements().all_classes().latency.mean_secs();
    assert!(with_queue < 0.005, "{with_queue}");

    let mut drawing = Drawing::for_users(20);
    let people = drawing.add("people", ComponentConfig::Users(job_senders()));
    let inline = Distribution::exponential(0.1);
    let server = Server { cores: 8, job_inline_work: inline, ..plain_server(Distribution::constant(0.0)) };
    let server = drawing.add("server", ComponentConfig::Server(server));
    drawing.connect(people, server, LinkRole::Requests);
    let mut simulation = Simulation::new(drawing.network(), 1);
    simulation.advance(SimTime::from_secs_f64(50.0));
    let without = simulation.take_measurements().all_classes().latency.mean_secs();
    assert!(without > 0.1, "{without}");
}

#[test]
fn ordered_partitions_are_worked_on_one_message_at_a_time() {
    for partitions in [1, 4] {
        let queue = Queue { ordering: Ordering::PerKey, partitions, ..Queue::default() };
        let line = line(100, queue, plain_worker(16));
        let mut simulation = Simulation::new(line.network, 1);
        let mut most = 0;
        for tenth in 1..100 {
            simulation.advance(SimTime::from_secs_f64(f64::from(tenth) * 0.1));
            let Particulars::Queue { delivered, .. } = simulation.snapshot().stations[2].particulars else {
                panic!("a queue")
            };
            most = most.max(delivered);
        }
        assert_eq!(most, u64::from(partitions));
    }
}

#[test]
fn poisonous_messages_become_dead_letters_after_so_many_deliveries() {
    let queue = Queue { visibility_timeout_secs: 0.5, receive_limit: Some(3), ..Queue::default() };
    let line = line(20, queue, Worker { poison_share: 1.0, ..plain_worker(16) });
    let mut simulation = Simulation::new(line.network, 1);
    let mut tally = Tally::default();
    tally.follow(&mut simulation, 20.0);
    simulation.act(Action::SetUsers(1));
    tally.follow(&mut simulation, 40.0);
    assert_eq!(tally.queue.acknowledged, 0);
    let held = tally.waiting + tally.delivered;
    assert!(tally.queue.dead_lettered > 300 && tally.adds_up());
    assert!(tally.queue.delivered.abs_diff(3 * tally.queue.dead_lettered) <= 3 * held);
}

#[test]
fn a_full_queue_refuses_or_makes_publishers_wait() {
    let full = |when_full| {
        let queue = Queue { capacity_messages: Some(20), when_full, ..Queue::default() };
        let line = line(50, queue, plain_worker(2));
        let mut simulation = Simulation::new(line.network, 1);
        let mut tally = Tally::default();
        tally.follow(&mut simulation, 20.0);
        assert!(tally.waiting + tally.delivered <= 20);
        (tally.outcomes, simulation.in_flight())
    };
    let (outcomes, in_flight) = full(WhenFull::Refuse);
    assert!(outcomes.get(Outcome::Refused) > 400 && in_flight < 5, "{outcomes:?}, {in_flight}");
    let (outcomes, in_flight) = full(WhenFull::BackPressure);
    assert!(outcomes.get(Outcome::Refused) == 0 && in_flight > 400, "{outcomes:?}, {in_flight}");
}

#[test]
fn too_short_a_visibility_timeout_does_work_twice() {
    let queue = Queue { visibility_timeout_secs: 0.1, receive_limit: None, ..Queue::default() };
    let line = line(20, queue, plain_worker(32));
    let mut simulation = Simulation::new(line.network, 1);
    let mut tally = Tally::default();
    tally.follow(&mut simulation, 50.0);
    assert!(tally.queue.duplicates > 200, "{:?}", tally.queue.duplicates);
    assert!(tally.adds_up());
}
