//! Designs whose answer is known in closed form, each with what to measure.

use headroom::design::kind::cache::{Cache, Eviction};
use headroom::design::kind::nosql_database::NosqlDatabase;
use headroom::design::kind::queue::Queue;
use headroom::design::kind::server::{CpuDiscipline, Server};
use headroom::design::kind::sql_database::SqlDatabase;
use headroom::design::kind::users::{DemandModel, Users};
use headroom::design::kind::worker::Worker;
use headroom::design::{ComponentConfig, LinkConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::network::Network;
use headroom::sim::Simulation;
use headroom::sim::metrics::{Measurements, StationMeasurements};
use headroom::sim::snapshot::Outcome;
use headroom::theory;
use headroom::units::{SimDuration, SimTime};

use crate::drawing::{Drawing, instant_link, one_server, plain_server, poisson_readers};

/// A design, what to measure on it, and what theory says it is.
pub struct Case {
    /// What is compared, for people.
    pub name: &'static str,
    /// The formula's name.
    pub formula: &'static str,
    /// What the formula gives.
    pub theory: f64,
    /// Greatest standard error that proves something, as a share of `theory`.
    precision: f64,
    network: Network,
    warm_up: SimDuration,
    measured: SimDuration,
    figure: fn(&Measurements) -> f64,
}

/// Simulated mean over several seeds, and its standard error.
#[derive(Clone, Copy, Debug)]
pub struct Simulated {
    /// Mean of the replications.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
}

impl Case {
    /// Simulates the case under `replications` seeds from 101 on, each from an empty system.
    fn simulate(&self, replications: u32) -> Simulated {
        let figures: Vec<f64> = (101..=100 + replications)
            .map(|seed| {
                let mut simulation = Simulation::new(self.network.clone(), u64::from(seed));
                simulation.advance(SimTime::ZERO + self.warm_up);
                simulation.take_measurements();
                simulation.advance(SimTime::ZERO + self.warm_up + self.measured);
                (self.figure)(&simulation.take_measurements())
            })
            .collect();
        let count = f64::from(replications);
        let mean = figures.iter().sum::<f64>() / count;
        let variance = figures.iter().map(|figure| (figure - mean) * (figure - mean)).sum::<f64>() / (count - 1.0);
        Simulated { mean, standard_error: (variance / count).sqrt() }
    }

    /// Simulates the case; fails unless it agrees with theory, and could have disagreed.
    #[track_caller]
    pub fn check(&self, replications: u32) -> Simulated {
        let simulated = self.simulate(replications);
        let Simulated { mean, standard_error } = simulated;
        let case = format!("{} ({}): {mean} ± {standard_error}, theory {}", self.name, self.formula, self.theory);
        assert!(standard_error < self.precision * self.theory, "too noisy to prove anything: {case}");
        // With ten replications, chance alone passes 4 standard errors once in 320 choices of seeds; they are fixed.
        assert!((mean - self.theory).abs() < 4.0 * standard_error, "{case}");
        simulated
    }
}

/// A time in which about `requests` requests come at `rate` [1/s].
fn time_for(requests: f64, rate: f64) -> SimDuration {
    SimDuration::from_secs_f64(requests / rate)
}

/// The second station of a drawing of people and one server.
fn server(measured: &Measurements) -> &StationMeasurements {
    &measured.stations[1]
}

/// Share of calls that went into service only after a wait.
fn waiting_share(station: &StationMeasurements) -> f64 {
    station.wait.share_above(SimDuration::ZERO)
}

fn open_case(arrival_rate: u64, machine: Server) -> (Network, SimDuration, SimDuration) {
    let network = one_server(arrival_rate, poisson_readers(), machine).network();
    (network, time_for(20_000.0, arrival_rate as f64), time_for(300_000.0, arrival_rate as f64))
}

/// Mean wait before an exponential core at 80 %.
pub fn mm1_wait() -> Case {
    let (network, warm_up, measured) = open_case(800, plain_server(Distribution::exponential(0.001)));
    Case {
        name: "M/M/1 at 80 %: mean wait [s]",
        formula: "ρ/(μ − λ)",
        theory: theory::mm1_mean_wait(800.0, 1000.0).expect("stable"),
        precision: 0.02,
        network,
        warm_up,
        measured,
        figure: |measured| server(measured).wait.mean_secs(),
    }
}

/// Users see the response time of the core: the 99th percentile is that of an exponential.
pub fn mm1_p99() -> Case {
    let (network, warm_up, measured) = open_case(500, plain_server(Distribution::exponential(0.001)));
    Case {
        name: "M/M/1 at 50 %: 99th percentile of latency [s]",
        formula: "−ln(1 − 0.99)/(μ − λ)",
        theory: theory::mm1_response_quantile(500.0, 1000.0, 0.99).expect("stable"),
        precision: 0.01,
        network,
        warm_up,
        measured,
        figure: |measured| measured.all_classes().latency.quantile_secs(0.99),
    }
}

fn four_cores() -> (Network, SimDuration, SimDuration) {
    open_case(3200, Server { cores: 4, ..plain_server(Distribution::exponential(0.001)) })
}

/// Probability of waiting before four exponential cores at 80 %.
pub fn mmc_waiting_probability() -> Case {
    let (network, warm_up, measured) = four_cores();
    Case {
        name: "M/M/4 at 80 %: probability of waiting",
        formula: "Erlang C",
        theory: theory::erlang_c(3.2, 4).expect("stable"),
        precision: 0.01,
        network,
        warm_up,
        measured,
        figure: |measured| waiting_share(server(measured)),
    }
}

/// Mean wait before four exponential cores at 80 %.
pub fn mmc_wait() -> Case {
    let (network, warm_up, measured) = four_cores();
    Case {
        name: "M/M/4 at 80 %: mean wait [s]",
        formula: "C/(cμ − λ)",
        theory: theory::mmc_mean_wait(3200.0, 1000.0, 4).expect("stable"),
        precision: 0.02,
        network,
        warm_up,
        measured,
        figure: |measured| server(measured).wait.mean_secs(),
    }
}

/// Mean wait before a core whose work is always the same.
pub fn md1_wait() -> Case {
    let (network, warm_up, measured) = open_case(800, plain_server(Distribution::constant(0.001)));
    Case {
        name: "M/D/1 at 80 %: mean wait [s]",
        formula: "ρ·S/(2(1 − ρ))",
        theory: theory::md1_mean_wait(800.0, 0.001).expect("stable"),
        precision: 0.02,
        network,
        warm_up,
        measured,
        figure: |measured| server(measured).wait.mean_secs(),
    }
}

/// Mean wait before a core with lognormal work.
pub fn mg1_lognormal_wait() -> Case {
    let work = Distribution::Lognormal { mean_secs: 0.001, cv: 1.5 };
    let (network, warm_up, measured) = open_case(700, plain_server(work));
    Case {
        name: "M/G/1 at 70 %, lognormal, cv 1.5: mean wait [s]",
        formula: "Pollaczek–Khinchine",
        theory: theory::mg1_mean_wait(700.0, 0.001, 1.5).expect("stable"),
        precision: 0.02,
        network,
        warm_up,
        measured,
        figure: |measured| server(measured).wait.mean_secs(),
    }
}

/// Share refused at a core with one slot and nine waiting places.
pub fn mm1k_blocking() -> Case {
    let (network, warm_up, measured) = open_case(
        900,
        Server { concurrency: 1, queue_limit: Some(9), ..plain_server(Distribution::exponential(0.001)) },
    );
    Case {
        name: "M/M/1/10 at 90 %: share refused",
        formula: "(1 − ρ)ρᴷ/(1 − ρᴷ⁺¹)",
        theory: theory::mm1k_blocking(900.0, 1000.0, 10).expect("rates"),
        precision: 0.02,
        network,
        warm_up,
        measured,
        figure: |measured| {
            let outcomes = measured.all_classes().outcomes;
            outcomes.get(Outcome::Refused) as f64 / outcomes.total() as f64
        },
    }
}

/// Mean response of a shared core with lognormal work: only the mean of the work counts.
pub fn mg1_ps_response() -> Case {
    let work = Distribution::Lognormal { mean_secs: 0.001, cv: 1.5 };
    let machine = Server { cpu_discipline: CpuDiscipline::ProcessorSharing, ..plain_server(work) };
    let (network, warm_up, measured) = open_case(700, machine);
    Case {
        name: "M/G/1-PS at 70 %, lognormal, cv 1.5: mean response [s]",
        formula: "S/(1 − ρ)",
        theory: theory::mg1_ps_mean_response(700.0, 0.001).expect("stable"),
        precision: 0.02,
        network,
        warm_up,
        measured,
        figure: |measured| server(measured).response.mean_secs(),
    }
}

fn closed_users(think_secs: f64) -> Users {
    Users { demand_model: DemandModel::Closed, think_time: Distribution::exponential(think_secs), ..poisson_readers() }
}

fn closed_tandem() -> (Network, theory::ClosedNetwork) {
    let mut drawing = Drawing::for_users(40);
    let people = drawing.add("people", ComponentConfig::Users(closed_users(0.03)));
    let app = Server { cores: 2, queries_per_read: 1, ..plain_server(Distribution::exponential(0.001_5)) };
    let app = drawing.add("app", ComponentConfig::Server(app));
    let database = SqlDatabase {
        cores: 1,
        read_work: Distribution::exponential(0.001),
        connection_limit: 1_000_000,
        queue_limit: None,
        ..SqlDatabase::default()
    };
    let database = drawing.add("database", ComponentConfig::SqlDatabase(database));
    drawing.connect(people, app, LinkRole::Requests);
    drawing.connect(app, database, LinkRole::Queries);
    let stations =
        [theory::ClosedStation { demand: 0.001_5, servers: 2 }, theory::ClosedStation { demand: 0.001, servers: 1 }];
    (drawing.network(), theory::closed_network(40, 0.03, &stations))
}

/// Response time of forty users who think, at a server with two cores and a database behind it.
pub fn closed_response() -> Case {
    let (network, theory) = closed_tandem();
    Case {
        name: "40 users thinking 30 ms, 2 cores, database: mean latency [s]",
        formula: "exact mean value analysis",
        theory: theory.response,
        precision: 0.01,
        network,
        warm_up: SimDuration::from_secs(10),
        measured: SimDuration::from_secs(200),
        figure: |measured| measured.all_classes().latency.mean_secs(),
    }
}

/// Throughput of the same.
pub fn closed_throughput() -> Case {
    let (network, theory) = closed_tandem();
    Case {
        name: "40 users thinking 30 ms, 2 cores, database: throughput [1/s]",
        formula: "exact mean value analysis",
        theory: theory.throughput,
        precision: 0.01,
        network,
        warm_up: SimDuration::from_secs(10),
        measured: SimDuration::from_secs(200),
        figure: |measured| measured.all_classes().outcomes.total() as f64 / measured.span.as_secs_f64(),
    }
}

/// Users who read through a cache in front of a database that answers at once; the cache is station 2.
fn cached_reads(demand: Users, users: u64, cache: Cache) -> Network {
    let mut drawing = Drawing::for_users(users);
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let app = Server { queries_per_read: 1, ..plain_server(Distribution::constant(0.0)) };
    let app = drawing.add("app", ComponentConfig::Server(app));
    let cache = Cache { cores: None, operation_work: Distribution::constant(0.0), queue_limit: None, ..cache };
    let cache = drawing.add("cache", ComponentConfig::Cache(cache));
    let database = SqlDatabase {
        read_work: Distribution::constant(0.0),
        write_work: Distribution::constant(0.0),
        connection_limit: 1_000_000,
        queue_limit: None,
        ..SqlDatabase::default()
    };
    let database = drawing.add("database", ComponentConfig::SqlDatabase(database));
    drawing.connect(people, app, LinkRole::Requests);
    drawing.connect(app, cache, LinkRole::Lookup);
    drawing.connect(app, database, LinkRole::Queries);
    drawing.network()
}

fn hit_ratio(measured: &Measurements) -> f64 {
    let cache = &measured.stations[2];
    cache.hits as f64 / (cache.hits + cache.misses) as f64
}

/// Hits of a cache with room for a twentieth of 20,000 keys.
pub fn lru_hit_ratio() -> Case {
    let demand = Users { keys: 20_000, key_exponent: 0.9, ..poisson_readers() };
    let cache = Cache { capacity_entries: 1000, ttl_secs: None, ..Cache::default() };
    Case {
        name: "LRU, 1,000 of 20,000 Zipf(0.9) keys: hit ratio",
        formula: "Che's approximation",
        theory: theory::lru_hit_ratio(&theory::zipf_popularity(20_000, 0.9), 1000),
        precision: 0.01,
        network: cached_reads(demand, 1000, cache),
        warm_up: SimDuration::from_secs(40),
        // Che's formula is an approximation; with more look-ups its own error would show.
        measured: SimDuration::from_secs(40),
        figure: hit_ratio,
    }
}

fn evicting(eviction: Eviction) -> Network {
    let demand = Users { keys: 20_000, key_exponent: 0.9, ..poisson_readers() };
    let cache = Cache { capacity_entries: 1000, ttl_secs: None, eviction, ..Cache::default() };
    cached_reads(demand, 1000, cache)
}

/// Hits of the same where a random entry goes.
pub fn random_hit_ratio() -> Case {
    Case {
        name: "random eviction, 1,000 of 20,000 Zipf(0.9) keys: hit ratio",
        formula: "Gallo's approximation",
        theory: theory::random_hit_ratio(&theory::zipf_popularity(20_000, 0.9), 1000),
        precision: 0.01,
        network: evicting(Eviction::Random),
        warm_up: SimDuration::from_secs(60),
        measured: SimDuration::from_secs(40),
        figure: hit_ratio,
    }
}

/// Hits of the same where the oldest entry goes: Gelenbe's theorem says that they are as many.
pub fn fifo_hit_ratio() -> Case {
    Case {
        name: "FIFO, 1,000 of 20,000 Zipf(0.9) keys: hit ratio",
        formula: "Gelenbe, Gallo",
        theory: theory::random_hit_ratio(&theory::zipf_popularity(20_000, 0.9), 1000),
        precision: 0.01,
        network: evicting(Eviction::Fifo),
        warm_up: SimDuration::from_secs(60),
        measured: SimDuration::from_secs(40),
        figure: hit_ratio,
    }
}

/// Hits of a cache with room for everything whose entries expire.
pub fn ttl_hit_ratio() -> Case {
    let demand = Users { keys: 2000, key_exponent: 0.9, ..poisson_readers() };
    let cache = Cache { capacity_entries: 2000, ttl_secs: Some(1.0), ..Cache::default() };
    Case {
        name: "TTL of 1 s, 2,000 Zipf(0.9) keys at 1,000/s: hit ratio",
        formula: "Σ pᵢ·rᵢT/(1 + rᵢT)",
        theory: theory::ttl_hit_ratio(&theory::zipf_popularity(2000, 0.9), 1000.0, 1.0),
        precision: 0.01,
        network: cached_reads(demand, 1000, cache),
        warm_up: SimDuration::from_secs(10),
        measured: SimDuration::from_secs(100),
        figure: hit_ratio,
    }
}

/// Writes through a primary to a replica 2 ms away; the replica is station 3.
fn replicated_writes() -> Network {
    let demand = Users { read_share: 0.0, write_share: 1.0, ..poisson_readers() };
    let mut drawing = Drawing::for_users(700);
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let app = plain_server(Distribution::constant(0.0));
    let app = Server { write_work: Distribution::constant(0.0), queries_per_write: 1, ..app };
    let app = drawing.add("app", ComponentConfig::Server(app));
    let database = SqlDatabase {
        cores: 4,
        write_work: Distribution::exponential(0.002),
        apply_work: Distribution::exponential(0.001),
        connection_limit: 1_000_000,
        queue_limit: None,
        ..SqlDatabase::default()
    };
    let (primary, _) = primary_and_replica(&mut drawing, database, 0.002);
    drawing.connect(people, app, LinkRole::Requests);
    drawing.connect(app, primary, LinkRole::Writes);
    drawing.network()
}

/// A database and its replica so many seconds away.
fn primary_and_replica(drawing: &mut Drawing, database: SqlDatabase, away_secs: f64) -> (ComponentId, ComponentId) {
    let primary = drawing.add("primary", ComponentConfig::SqlDatabase(database));
    let replica = drawing.add("replica", ComponentConfig::SqlDatabase(database));
    let away = LinkConfig { latency: Distribution::constant(away_secs), ..instant_link() };
    drawing.connect_by(primary, replica, LinkRole::Replicate, away);
    (primary, replica)
}

/// Mean replication lag of an apply queue at 70 %.
pub fn replication_lag_mean() -> Case {
    Case {
        name: "replica 2 ms away, applying at 70 %: mean lag [s]",
        formula: "flight + 1/(μ − λ)",
        theory: theory::replication_lag_mean(700.0, 1000.0, 0.002).expect("stable"),
        precision: 0.02,
        network: replicated_writes(),
        warm_up: time_for(20_000.0, 700.0),
        measured: time_for(200_000.0, 700.0),
        figure: |measured| measured.stations[3].replication_lag.mean_secs(),
    }
}

/// Its 99th percentile.
pub fn replication_lag_p99() -> Case {
    Case {
        name: "replica 2 ms away, applying at 70 %: 99th percentile of lag [s]",
        formula: "flight − ln(1 − 0.99)/(μ − λ)",
        theory: theory::replication_lag_quantile(700.0, 1000.0, 0.002, 0.99).expect("stable"),
        precision: 0.03,
        network: replicated_writes(),
        warm_up: time_for(20_000.0, 700.0),
        measured: time_for(200_000.0, 700.0),
        figure: |measured| measured.stations[3].replication_lag.quantile_secs(0.99),
    }
}

/// Reads on a replica 50 ms behind its primary, which takes as many writes of the same keys.
pub fn asynchronous_staleness() -> Case {
    let demand = Users { read_share: 0.5, write_share: 0.5, keys: 1000, key_exponent: 0.9, ..poisson_readers() };
    let mut drawing = Drawing::for_users(2000);
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let nothing = Distribution::constant(0.0);
    let app = Server { queries_per_read: 1, queries_per_write: 1, write_work: nothing, ..plain_server(nothing) };
    let app = drawing.add("app", ComponentConfig::Server(app));
    let database = SqlDatabase {
        read_work: nothing,
        write_work: nothing,
        apply_work: nothing,
        connection_limit: 1_000_000,
        queue_limit: None,
        ..SqlDatabase::default()
    };
    let (primary, replica) = primary_and_replica(&mut drawing, database, 0.05);
    drawing.connect(people, app, LinkRole::Requests);
    drawing.connect_by(app, primary, LinkRole::Writes, instant_link());
    drawing.connect_by(app, replica, LinkRole::Reads, instant_link());
    Case {
        name: "replica 50 ms behind, 1,000 Zipf(0.9) keys written 1,000 times/s: share of stale reads",
        formula: "Σ pᵢ(1 − exp(−λpᵢL))",
        theory: theory::asynchronous_stale_share(&theory::zipf_popularity(1000, 0.9), 1000.0, 0.05),
        precision: 0.01,
        network: drawing.network(),
        warm_up: SimDuration::from_secs(2),
        measured: SimDuration::from_secs(50),
        figure: |measured| measured.stations[3].stale_reads as f64 / measured.classes[0].outcomes.total() as f64,
    }
}

/// Readers and writers of a NoSQL database of three nodes with three copies; the nodes are stations 2 to 4.
fn replicated_keys(users: u64, reads: f64, database: NosqlDatabase) -> Network {
    let demand =
        Users { read_share: reads, write_share: 1.0 - reads, keys: 1000, key_exponent: 0.0, ..poisson_readers() };
    let mut drawing = Drawing::for_users(users);
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let nothing = Distribution::constant(0.0);
    let app = Server { queries_per_read: 1, queries_per_write: 1, write_work: nothing, ..plain_server(nothing) };
    let app = drawing.add("app", ComponentConfig::Server(app));
    let database =
        NosqlDatabase { cores: 256, concurrency: 100_000, queue_limit: None, replication_factor: 3, ..database };
    let database = drawing.add("database", ComponentConfig::NosqlDatabase(database));
    drawing.connect(people, app, LinkRole::Requests);
    drawing.connect(app, database, LinkRole::Queries);
    drawing.network()
}

/// The second of three copies, each after an exponential time and a quarter of a millisecond each way.
pub fn quorum_latency() -> Case {
    let database = NosqlDatabase {
        read_quorum: 2,
        write_quorum: 2,
        read_work: Distribution::exponential(0.01),
        write_work: Distribution::constant(0.0),
        ..NosqlDatabase::default()
    };
    Case {
        name: "NoSQL, 2 of 3 answers, 10 ms each: mean latency [s]",
        formula: "order statistics",
        theory: theory::order_statistic_mean(3, 2, 0.01) + 2.0 * 0.000_25,
        precision: 0.01,
        network: replicated_keys(500, 1.0, database),
        warm_up: SimDuration::from_secs(5),
        measured: SimDuration::from_secs(60),
        figure: |measured| measured.all_classes().latency.mean_secs(),
    }
}

/// Reads that miss a confirmed write where one copy is enough for either.
pub fn quorum_staleness() -> Case {
    let database = NosqlDatabase {
        read_quorum: 1,
        write_quorum: 1,
        read_work: Distribution::exponential(0.000_1),
        write_work: Distribution::exponential(0.05),
        ..NosqlDatabase::default()
    };
    Case {
        name: "NoSQL, R = W = 1 of 3, 50 ms to reach a copy: share of stale reads",
        formula: "PBS",
        theory: theory::quorum_stale_share(3, 0.1, 0.05, 0.000_1, 0.000_25),
        precision: 0.02,
        network: replicated_keys(3100, 30.0 / 31.0, database),
        warm_up: SimDuration::from_secs(5),
        measured: SimDuration::from_secs(100),
        figure: |measured| {
            let stale: u64 = measured.stations[2..5].iter().map(|node| node.stale_reads).sum();
            stale as f64 / measured.classes[0].outcomes.total() as f64
        },
    }
}

/// Messages that wait for one of four workers at 80 %.
pub fn message_age() -> Case {
    let demand = Users { read_share: 0.0, job_share: 1.0, ..poisson_readers() };
    let mut drawing = Drawing::for_users(320);
    let people = drawing.add("people", ComponentConfig::Users(demand));
    let nothing = Distribution::constant(0.0);
    let app = Server { job_work: nothing, ..plain_server(nothing) };
    let app = drawing.add("app", ComponentConfig::Server(app));
    let queue = Queue { accept_work: nothing, operation_work: nothing, ..Queue::default() };
    let queue = drawing.add("queue", ComponentConfig::Queue(queue));
    let worker = Worker {
        instances: 2,
        cores: 2,
        concurrency: 2,
        job_work: Distribution::exponential(0.01),
        ..Worker::default()
    };
    let worker = drawing.add("worker", ComponentConfig::Worker(worker));
    drawing.connect(people, app, LinkRole::Requests);
    drawing.connect(app, queue, LinkRole::Publish);
    drawing.connect(worker, queue, LinkRole::Consume);
    Case {
        name: "queue before 4 workers at 80 %: mean age of a message [s]",
        formula: "C/(cμ − λ)",
        theory: theory::mmc_mean_wait(320.0, 100.0, 4).expect("stable"),
        precision: 0.03,
        network: drawing.network(),
        warm_up: time_for(10_000.0, 320.0),
        measured: time_for(150_000.0, 320.0),
        figure: |measured| measured.stations[2].queue.as_ref().map_or(0.0, |queue| queue.age.mean_secs()),
    }
}

/// All of them, in the order in which they are printed.
pub fn all() -> Vec<Case> {
    vec![
        mm1_wait(),
        mm1_p99(),
        mmc_waiting_probability(),
        mmc_wait(),
        md1_wait(),
        mg1_lognormal_wait(),
        mm1k_blocking(),
        mg1_ps_response(),
        closed_response(),
        closed_throughput(),
        lru_hit_ratio(),
        random_hit_ratio(),
        fifo_hit_ratio(),
        ttl_hit_ratio(),
        replication_lag_mean(),
        replication_lag_p99(),
        asynchronous_staleness(),
        message_age(),
        quorum_latency(),
        quorum_staleness(),
    ]
}
