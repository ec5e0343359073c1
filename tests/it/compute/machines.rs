//! One machine, or several in a row, against closed forms.

use headroom::design::kind::server::{CallOrder, CpuDiscipline, Server};
use headroom::design::kind::size::SizeClass;
use headroom::design::kind::sql_database::SqlDatabase;
use headroom::design::{ComponentConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::sim::metrics::Measurements;
use headroom::sim::snapshot::Outcome;
use headroom::theory;

use super::check;
use crate::drawing::{Drawing, one_server, plain_server, poisson_readers};

fn refused(measured: &Measurements) -> f64 {
    let outcomes = measured.all_classes().outcomes;
    outcomes.get(Outcome::Refused) as f64 / outcomes.total() as f64
}

fn answered_per_sec(measured: &Measurements) -> f64 {
    measured.all_classes().outcomes.get(Outcome::Answered) as f64 / measured.span.as_secs_f64()
}

/// M/M/c/K: four cores and six waiting places at full load.
#[test]
fn a_full_room_refuses_what_the_formula_says() {
    let machine =
        Server { cores: 4, concurrency: 4, queue_limit: Some(6), ..plain_server(Distribution::exponential(0.001)) };
    let network = one_server(4000, poisson_readers(), machine).network();
    let theory = theory::mmck(4000.0, 1000.0, 4, 10).expect("rates").blocking;
    check(&network, 60.0, theory, 0.02, refused);
}

/// M/G/c/c: without waiting places only the mean of the work counts, not its shape (Erlang B; B. A. Sevastyanov 1957).
#[test]
fn loss_does_not_depend_on_the_shape_of_the_work() {
    let theory = theory::erlang_b(8.0, 10);
    for work in [
        Distribution::exponential(0.001),
        Distribution::constant(0.001),
        Distribution::Lognormal { mean_secs: 0.001, cv: 3.0 },
    ] {
        let machine = Server { cores: 10, concurrency: 10, queue_limit: Some(0), ..plain_server(work) };
        let network = one_server(8000, poisson_readers(), machine).network();
        check(&network, 40.0, theory, 0.02, refused);
    }
}

/// M/G/1-PS: shared cores know the mean of the work only (L. Kleinrock, *Queueing Systems II*, §4.4).
#[test]
fn shared_cores_do_not_care_for_the_shape_of_the_work() {
    let theory = theory::mg1_ps_mean_response(700.0, 0.001).expect("stable");
    for work in [
        Distribution::constant(0.001),
        Distribution::Erlang { mean_secs: 0.001, stages: 4 },
        Distribution::Lognormal { mean_secs: 0.001, cv: 3.0 },
    ] {
        let machine = Server { cpu_discipline: CpuDiscipline::ProcessorSharing, ..plain_server(work) };
        let network = one_server(700, poisson_readers(), machine).network();
        check(&network, 200.0, theory, 0.03, |measured| measured.stations[1].response.mean_secs());
    }
}

/// A tandem network: by Burke's theorem each station is an M/M/c of its own (J. R. Jackson 1957).
#[test]
fn stations_in_a_row_are_queues_of_their_own() {
    let mut drawing = Drawing::for_users(800);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let app = Server { queries_per_read: 1, ..plain_server(Distribution::exponential(0.001)) };
    let app = drawing.add("app", ComponentConfig::Server(app));
    let database = SqlDatabase {
        cores: 2,
        read_work: Distribution::exponential(0.002),
        connection_limit: 1_000_000,
        queue_limit: None,
        ..SqlDatabase::default()
    };
    let database = drawing.add("database", ComponentConfig::SqlDatabase(database));
    drawing.connect(people, app, LinkRole::Requests);
    drawing.connect(app, database, LinkRole::Queries);
    let theory = theory::mm1_mean_response(800.0, 1000.0).expect("stable")
        + theory::mmc_mean_response(800.0, 500.0, 2).expect("stable");
    check(&drawing.network(), 300.0, theory, 0.02, |measured| measured.all_classes().latency.mean_secs());
}

/// Universal Scalability Law: with all cores busy, throughput over that of one core is
/// c/(1 + σ(c − 1) + κ·c(c − 1)) (N. J. Gunther, *Guerrilla Capacity Planning*, 2007).
#[test]
fn capacity_follows_the_universal_scalability_law() {
    for discipline in [CpuDiscipline::FirstComeFirstServed, CpuDiscipline::ProcessorSharing] {
        for cores in [1, 8, 64] {
            let machine = Server {
                cores,
                cpu_discipline: discipline,
                contention: 0.05,
                coherency: 0.002,
                concurrency: 200,
                queue_limit: Some(0),
                ..plain_server(Distribution::exponential(0.01))
            };
            let network = one_server(4000, poisson_readers(), machine).network();
            let n = f64::from(cores);
            let theory = 100.0 * n / (1.0 + 0.05 * (n - 1.0) + 0.002 * n * (n - 1.0));
            check(&network, 20.0, theory, 0.02, answered_per_sec);
        }
    }
}

/// A front that asks `leaves` instances of a service at once, each of which answers after an exponential time with a
/// mean of 1 ms.
fn fan_out(leaves: u32, calls: CallOrder, quorum: u32) -> Drawing {
    let mut drawing = Drawing::for_users(100);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let front = Server { calls, quorum, scatter: true, ..plain_server(Distribution::constant(0.0)) };
    let front = drawing.add("front", ComponentConfig::Server(front));
    let leaf = Server { instances: leaves, cores: 256, ..plain_server(Distribution::exponential(0.001)) };
    let leaf = drawing.add("leaf", ComponentConfig::Server(leaf));
    drawing.connect(people, front, LinkRole::Requests);
    drawing.connect(front, leaf, LinkRole::Requests);
    drawing
}

/// What one answer in a hundred exceeds, most requests that need a hundred answers exceed: with one in a hundred slow,
/// 1 − 0.99¹⁰⁰ = 63 % (J. Dean, L. A. Barroso, *The Tail at Scale*, CACM 2013). Told by the median, which a histogram
/// knows better than a share: half of all requests wait longer than 1 − 0.5^(1/100) of the answers do.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test's expectation need not be the same bits everywhere")]
fn a_hundred_answers_make_one_slow_one_usual() {
    let network = fan_out(100, CallOrder::All, 1).network();
    let median = -0.001 * (1.0 - 0.5_f64.powf(0.01)).ln();
    assert!(median > 0.001 * 100_f64.ln(), "slower than 99 in 100 answers");
    check(&network, 15.0, median, 0.01, |measured| measured.stations[1].response.quantile_secs(0.5));
}

/// Order statistics of exponentials: the k-th of n comes after S·Σ 1/i, i from n − k + 1 to n (A. Rényi 1953).
#[test]
fn quorum_and_first_wait_for_order_statistics() {
    let mean = |measured: &Measurements| measured.all_classes().latency.mean_secs();
    check(&fan_out(5, CallOrder::First, 1).network(), 200.0, 0.001 / 5.0, 0.02, mean);
    let third_of_five = 0.001 * (1.0 / 5.0 + 1.0 / 4.0 + 1.0 / 3.0);
    check(&fan_out(5, CallOrder::Quorum, 3).network(), 200.0, third_of_five, 0.02, mean);
    let all = 0.001 * (1.0 + 1.0 / 2.0 + 1.0 / 3.0 + 1.0 / 4.0 + 1.0 / 5.0);
    check(&fan_out(5, CallOrder::All, 1).network(), 200.0, all, 0.02, mean);
}

/// A disk delays, but no core waits with it: the queue is that of the work alone.
#[test]
fn a_disk_holds_no_core() {
    let machine =
        Server { disk_time: Distribution::exponential(0.05), ..plain_server(Distribution::exponential(0.001)) };
    let network = one_server(700, poisson_readers(), machine).network();
    let wait = theory::mm1_mean_wait(700.0, 1000.0).expect("stable");
    check(&network, 200.0, wait, 0.03, |measured| measured.stations[1].wait.mean_secs());
    check(&network, 100.0, wait + 0.051, 0.02, |measured| measured.all_classes().latency.mean_secs());
}

/// Vertical scaling: twice the machine, twice the capacity, and no further than the largest.
#[test]
fn larger_sizes_carry_more() {
    for (size, cores) in [(SizeClass::Cores2, 2.0), (SizeClass::Cores8, 8.0), (SizeClass::Cores96, 96.0)] {
        let machine =
            Server { size, cores: 1, queue_limit: Some(100), ..plain_server(Distribution::exponential(0.01)) };
        let machine = Server { concurrency: 200, ..machine };
        let network = one_server(20_000, poisson_readers(), machine).network();
        check(&network, 10.0, cores * 100.0, 0.02, answered_per_sec);
    }
}
