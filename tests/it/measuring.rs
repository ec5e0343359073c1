//! What reports and sweeps conclude from runs, held against theory: intervals cover the truth as often as they say, the
//! knee lies where a formula puts it, and overload is called overload.

use headroom::design::examples::Example;
use headroom::design::fault::{Fault, MemoryLeak};
use headroom::design::kind::cdn::Cdn;
use headroom::design::kind::object_storage::ObjectStorage;
use headroom::design::kind::server::Server;
use headroom::design::kind::users::Users;
use headroom::design::place::Place;
use headroom::design::price::{self, MONTH_SECS, Priced};
use headroom::design::script::{Action, ScriptEvent, Target};
use headroom::design::{ComponentConfig, LinkConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::network::{Network, StationSpec, compile};
use headroom::objective::Objective;
use headroom::sim::Simulation;
use headroom::sim::report::compare::compare;
use headroom::sim::report::traces::traces;
use headroom::sim::report::{RegionFigures, Report, RunOptions, TimeFigures, run, run_with_series};
use headroom::sim::snapshot::Happening;
use headroom::sim::sweep::{Breach, CapacitySearch, SweepOptions, find_capacity};
use headroom::theory;
use headroom::units::{SimDuration, SimTime};

use crate::drawing::{Drawing, instant_link, one_server, plain_server, poisson_readers};

/// One exponential core that serves 1,000 requests a second; as many users, as many requests a second.
fn mm1(users: u64) -> Network {
    one_server(users, poisson_readers(), plain_server(Distribution::exponential(0.001))).network()
}

fn options(network: &Network, seconds: u64, seed: u64) -> RunOptions {
    RunOptions {
        users: network.users,
        warm_up: SimDuration::from_secs(2),
        duration: SimDuration::from_secs(seconds),
        seed,
        batches: RunOptions::BATCHES,
        objective: Objective::default(),
    }
}

fn report(network: Network, seconds: u64, seed: u64) -> Report {
    let options = options(&network, seconds, seed);
    run(network, &options, |_| {})
}

/// Of 95 % intervals, about 95 % hold the true value; of a mean, and of a percentile.
#[test]
fn intervals_cover_the_truth() {
    const RUNS: u64 = 60;
    let true_mean = theory::mm1_mean_response(500.0, 1000.0).expect("stable");
    let true_p99 = theory::mm1_response_quantile(500.0, 1000.0, 0.99).expect("stable");
    let (mut means, mut percentiles) = (0, 0);
    for seed in 1..=RUNS {
        let latency = report(mm1(500), 40, seed).total.latency.expect("steady");
        let holds = |estimate: headroom::sim::estimate::Estimate, truth: f64| {
            u64::from(estimate.low() <= truth && truth <= estimate.high())
        };
        means += holds(latency.mean_secs, true_mean);
        percentiles += holds(latency.p99_secs, true_p99);
    }
    // At 95 %, fewer than 51 of 60 are met by chance once in 1,400 times (binomial).
    for (what, covered) in [("mean", means), ("99th percentile", percentiles)] {
        assert!(covered >= 51, "{covered} of {RUNS} intervals of the {what} hold the true value");
    }
    assert!(means + percentiles < 2 * RUNS, "intervals that always hold it are too wide");
}

/// M/M/1 behind a link: the mean wait is ρ/(μ − λ), the mean service 1/μ, and the way there and back is twice the link.
/// The three parts of each request add up to its latency, so their means do, and exactly.
#[test]
fn latency_is_split_into_waiting_service_and_network() {
    let mut drawing = Drawing::for_users(700);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let machine = drawing.add("server", ComponentConfig::Server(plain_server(Distribution::exponential(0.001))));
    let link = LinkConfig { latency: Distribution::constant(0.004), ..instant_link() };
    drawing.connect_by(people, machine, LinkRole::Requests, link);
    let total = report(drawing.network(), 200, 3).total;
    let mean = |times: &Option<TimeFigures>| times.as_ref().expect("steady").mean_secs;
    let (latency, waiting) = (mean(&total.latency), mean(&total.waiting));
    let (service, network) = (mean(&total.service), mean(&total.network));
    assert!((waiting.low()..=waiting.high()).contains(&(0.7 / 300.0)), "{waiting:?}");
    assert!((service.low()..=service.high()).contains(&0.001), "{service:?}");
    assert!((network.value - 0.008).abs() < 1e-12, "{network:?}");
    assert!((waiting.value + service.value + network.value - latency.value).abs() < 1e-12);
}

/// What callers lose to time-outs and pauses is waiting, so the parts still add up when many attempts fail.
#[test]
fn time_lost_to_repetitions_is_waiting() {
    let mut drawing = Drawing::for_users(150);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let machine = drawing.add("server", ComponentConfig::Server(plain_server(Distribution::exponential(0.001))));
    let link = LinkConfig { timeout_secs: Some(0.002), retries: 5, ..LinkConfig::default() };
    drawing.connect_by(people, machine, LinkRole::Requests, link);
    let mut simulation = Simulation::new(drawing.network(), 4);
    simulation.advance(SimTime::ZERO + SimDuration::from_secs(20));
    let class = simulation.take_measurements().all_classes();
    assert!(class.latency.count() > 1000 && class.latency.max_secs() > 0.004, "some were repeated");
    let parts = class.waiting.mean_secs() + class.service.mean_secs() + class.network.mean_secs();
    assert!((parts - class.latency.mean_secs()).abs() < 1e-9, "{parts}");
    // The answered attempt itself travels twice 250 µs; the attempts before it are no network.
    assert!(class.network.max_secs() < 0.000_501, "{}", class.network.max_secs());
}

/// Users far from the origin wait for the distance, and the report tells regions apart.
#[test]
fn regions_are_told_apart() {
    let mut drawing = Drawing::for_users(400);
    let near = drawing.add("near", ComponentConfig::Users(poisson_readers()));
    let far = drawing.add("far", ComponentConfig::Users(Users { share: 3.0, ..poisson_readers() }));
    let machine = drawing.add("server", ComponentConfig::Server(plain_server(Distribution::constant(0.001))));
    drawing.connect(near, machine, LinkRole::Requests);
    drawing.connect(far, machine, LinkRole::Requests);
    drawing.put(near, Place::Ohio);
    drawing.put(far, Place::Tokyo);
    drawing.put(machine, Place::Ohio);
    let report = report(drawing.network(), 50, 5);
    // Each frame is a region of its own, so the server's, at the same place, is no further.
    let [ohio, tokyo] = &report.regions[..] else { panic!("two regions have users") };
    assert_eq!((ohio.place.as_str(), tokyo.place.as_str()), ("ohio", "tokyo"));
    let network = |region: &RegionFigures| region.figures.network.as_ref().expect("steady").mean_secs.value;
    assert!(network(ohio) < 1e-9);
    assert!((network(tokyo) - 2.0 * Place::Tokyo.one_way_secs(Place::Ohio)).abs() < 1e-8);
    let rate = tokyo.figures.arrival_rate_per_sec;
    assert!((rate.low()..=rate.high()).contains(&300.0), "{rate:?}");
}

/// The 99th percentile of M/M/1 is ln(100)/(μ − λ), so a limit L is kept up to λ = μ − ln(100)/L.
#[test]
fn the_knee_is_where_theory_puts_it() {
    let objective = Objective { percentile: 99.0, latency_secs: 0.03, error_share: 0.001 };
    let knee = 1000.0 - libm::log(100.0) / objective.latency_secs;
    for start in [20, 5000] {
        let capacity = find_capacity(&mm1(start), &objective, &SweepOptions::quick(1), |_| {});
        let users = capacity.users.expect("some are served") as f64;
        // The search ends at a bracket of 2 %, and the figures at the knee are known to a few per cent themselves.
        assert!((users / knee - 1.0).abs() < 0.04, "{users} users, theory {knee}");
        let limiting = capacity.limiting.expect("something runs out");
        assert_eq!((limiting.component.as_str(), limiting.resource.as_str()), ("c1", "cores"));
    }
}

/// The answer does not depend on the slices that a worker searches in.
#[test]
fn a_search_in_small_slices_finds_the_same() {
    let objective = Objective { percentile: 99.0, latency_secs: 0.03, error_share: 0.001 };
    let options = SweepOptions { requests_per_point: 2000, events_per_point: 100_000, ..SweepOptions::quick(1) };
    let whole = find_capacity(&mm1(100), &objective, &options, |_| {});
    let mut search = CapacitySearch::new(&mm1(100), &objective, &options);
    let mut slices = 0_u32;
    let sliced = loop {
        slices += 1;
        let done = search.progress();
        assert!((0.0..=1.0).contains(&done), "{done}");
        if let Some(capacity) = search.advance(997) {
            break capacity;
        }
    };
    assert!(slices > 50, "{slices}");
    assert_eq!(sliced, whole);
}

#[test]
fn a_design_that_nothing_limits_serves_the_whole_range() {
    let mut network = mm1(10_000_000);
    for station in &mut network.stations {
        if let ComponentConfig::Users(users) = &mut station.config {
            users.requests_per_user_per_sec = 1e-6;
        }
    }
    let capacity = find_capacity(&network, &Objective::default(), &SweepOptions::quick(1), |_| {});
    assert_eq!((capacity.users, capacity.missed_at), (Some(100_000_000), None));
}

#[test]
fn a_queue_that_cannot_be_served_is_growing_and_a_busy_one_is_not() {
    let overloaded = report(mm1(1100), 30, 1);
    let growth = overloaded.total.in_flight_growth.expect("of the total");
    assert!(growth.growing, "{growth:?}");
    assert!((growth.per_sec.value - 100.0).abs() < 40.0, "1,100 come and 1,000 go each second: {growth:?}");
    assert_eq!(overloaded.total.latency, None, "there is no steady latency");
    assert!(overloaded.components[1].figures.queue_growth.growing);
    assert!(!overloaded.objective.kept);
    for seed in 1..=10 {
        let busy = report(mm1(900), 30, seed);
        assert!(!busy.total.in_flight_growth.expect("of the total").growing, "seed {seed}");
        assert!(busy.total.latency.is_some());
    }
}

/// A limited queue does not grow for ever: it refuses, and that is what a sweep blames.
#[test]
fn a_full_queue_is_missed_by_its_errors() {
    let mut network = mm1(100);
    for station in &mut network.stations {
        if let ComponentConfig::Server(server) = &mut station.config {
            server.concurrency = 1;
            server.queue_limit = Some(9);
        }
    }
    let objective = Objective { percentile: 99.0, latency_secs: 1.0, error_share: 0.01 };
    let capacity = find_capacity(&network, &objective, &SweepOptions::quick(1), |_| {});
    assert_eq!(capacity.breach, Some(Breach::Errors));
    assert_eq!(capacity.limiting.and_then(|limiting| limiting.main_failure).as_deref(), Some("refused"));
    // M/M/1/10 refuses 1 % at the load that solves the blocking formula.
    let users = capacity.users.expect("some are served") as f64;
    let blocking = theory::mm1k_blocking(users, 1000.0, 10).expect("rates");
    assert!((0.007..0.013).contains(&blocking), "{users} users are refused to a share of {blocking}");
}

/// Rent is that of every machine, and per thousand users it falls as the same machines serve more.
#[test]
fn rent_is_summed_and_shared_out() {
    let machines = Server { instances: 3, cores: 8, ..plain_server(Distribution::constant(0.001)) };
    let drawing = one_server(500, poisson_readers(), machines);
    let report = report(drawing.network(), 10, 1);
    assert_eq!(report.cost.monthly_usd, 3.0 * price::machine_with_memory_usd(8, 16.0));
    assert_eq!(report.components[1].monthly_usd, report.cost.monthly_usd);
    assert_eq!(report.cost.monthly_usd_per_thousand_users, 2.0 * report.cost.monthly_usd);
}

/// A design does not differ from itself, and by as much as M/M/1 says from one whose server is a tenth faster. On common
/// random numbers the difference is known better than either figure.
#[test]
fn designs_are_compared_on_common_random_numbers() {
    let with_mean = |mean| one_server(700, poisson_readers(), plain_server(Distribution::exponential(mean))).network();
    let options = options(&mm1(700), 400, 6);
    let same = compare(mm1(700), mm1(700), &options, |_| {});
    assert!(same.figures.iter().all(|compared| !compared.significant), "{same:?}");
    assert!(same.figures.iter().all(|compared| compared.difference.is_none_or(|difference| difference.value == 0.0)));

    let (slow, fast) = (with_mean(0.001), with_mean(0.0009));
    let compared = compare(slow.clone(), fast, &options, |_| {});
    let mean = compared.figures.iter().find(|compared| compared.figure == "latency_mean_secs").expect("listed");
    let difference = mean.difference.expect("both were measured");
    let expected = 1.0 / (1.0 / 0.0009 - 700.0) - 1.0 / (1000.0 - 700.0);
    assert!(mean.significant && (difference.low()..=difference.high()).contains(&expected), "{mean:?}, {expected}");
    let alone = report(slow, 400, 6).total.latency.expect("steady").mean_secs.ci95_half_width.expect("many batches");
    assert!(difference.ci95_half_width.expect("many batches") < alone / 2.0, "{difference:?} against {alone}");
}

/// The slowest trace is the greatest latency of the report, and every span is what was spent there, on the way, and in
/// the calls below, which follow each other here.
#[test]
fn traces_are_those_of_the_requests_that_were_counted() {
    let network = compile(&Example::REPLICATED.design()).expect("complete");
    let options = RunOptions { users: 20_000, ..options(&network, 10, 2) };
    let total = run(network.clone(), &options, |_| {}).total;
    let traces = traces(network, &options, 5, |_| {});
    assert_eq!(traces.slowest.len(), 5);
    assert!((2..=5).contains(&traces.sampled.len()), "{}", traces.sampled.len());
    let greatest = total.latency.expect("steady").max_secs;
    assert!((traces.slowest[0].latency_secs - greatest).abs() < 1e-9, "{greatest}");
    for trace in traces.slowest.iter().chain(&traces.sampled) {
        for (position, span) in (0..).zip(&trace.spans) {
            let below: f64 = trace
                .spans
                .iter()
                .filter(|other| other.parent == Some(position))
                .map(|other| other.duration_secs)
                .sum();
            let parts = span.waiting_secs + span.service_secs + span.network_secs + below;
            assert!((parts - span.duration_secs).abs() < 1e-9, "{span:?} of {trace:?}");
        }
    }
}

/// Memory is what the process takes by itself and, by Little's law, what the requests that are there take on average.
#[test]
fn memory_follows_the_requests_that_are_there() {
    let hungry = Server { memory_per_request_mb: 10.0, ..plain_server(Distribution::exponential(0.001)) };
    let report = report(one_server(700, poisson_readers(), hungry).network(), 100, 8);
    let server = &report.components[1].figures;
    let memory = server.memory_bytes.expect("modelled");
    // M/M/1 at 70 % holds ρ/(1 − ρ) requests on average.
    let expected = 512e6 + 10e6 * 0.7 / 0.3;
    assert!((memory.low()..=memory.high()).contains(&expected), "{memory:?}, {expected}");
    let utilisation = server.utilisation["memory"].value;
    assert!((utilisation - memory.value / 16_384e6).abs() < 1e-9);
}

/// A backlog that does not fit into memory kills the process, again and again; so does a leak, in the time that it takes
/// to fill the machine.
#[test]
fn who_runs_out_of_memory_is_killed_and_comes_back() {
    let narrow =
        Server { memory_mb: 1024.0, memory_per_request_mb: 10.0, ..plain_server(Distribution::constant(0.01)) };
    let mut overloaded = Simulation::new(one_server(200, poisson_readers(), narrow).network(), 1);
    overloaded.advance(SimTime::ZERO + SimDuration::from_secs(100));
    let killed = |simulation: &mut Simulation| {
        let log = simulation.take_log();
        log.into_iter()
            .filter(|entry| entry.happening == Happening::OutOfMemory)
            .map(|entry| entry.at)
            .collect::<Vec<_>>()
    };
    // Of 200 requests a second 100 pile up; 51 fit. About half a second, and then half a minute to start again.
    assert_eq!(killed(&mut overloaded).len(), 4, "once every 30.5 s");

    let drawing = one_server(50, poisson_readers(), narrow);
    let leak = Fault::MemoryLeak(MemoryLeak { megabytes_per_min: 480.0 });
    let server = drawing.design().component_named("server").expect("drawn").id;
    let action = Action::Inject { target: Target::Component(server), fault: leak };
    let network = Network { script: vec![ScriptEvent { at_secs: 10.0, action }], ..drawing.network() };
    let mut leaking = Simulation::new(network, 1);
    leaking.advance(SimTime::ZERO + SimDuration::from_secs(75));
    let times = killed(&mut leaking);
    // 512 MB are left, less ten for each of the few requests there, and 8 MB are lost each second.
    assert!(times.len() == 1 && (65.0..75.0).contains(&times[0].as_secs_f64()), "{times:?}");
}

/// A link's mean time is what the calls on it waited, were served and travelled, and by Little's law as many are open on
/// it as start in that time.
#[test]
fn the_time_of_a_link_is_split_and_its_connections_follow_little() {
    let mut drawing = one_server(700, poisson_readers(), plain_server(Distribution::exponential(0.001)));
    let server = drawing.design().component_named("server").expect("drawn").id;
    let far = LinkConfig { latency: Distribution::constant(0.005), ..instant_link() };
    let storage = drawing.add("database", ComponentConfig::Server(plain_server(Distribution::constant(0.000_5))));
    let link = drawing.connect_by(server, storage, LinkRole::Requests, far);
    let report = report(drawing.network(), 200, 3);
    let link = report.links.iter().find(|figures| figures.link == link.to_string()).expect("drawn");
    let response = link.response.as_ref().expect("answered").mean_secs;
    let [waiting, service, network] = [link.waiting_mean_secs, link.service_mean_secs, link.network_mean_secs]
        .map(|part| part.expect("answered").value);
    assert!((waiting + service + network - response.value).abs() < 1e-12);
    assert!((service - 0.000_5).abs() < 1e-9 && (network - 0.01).abs() < 1e-9, "{link:?}");
    let expected = link.attempt_rate_per_sec.value * response.value;
    let connections = link.connections;
    let half = connections.ci95_half_width.expect("many batches");
    assert!((connections.value - expected).abs() < half && half < expected * 0.05, "{connections:?}, {expected}");
    let of_component = report.components.iter().find(|of| of.name.is_empty() && of.component == storage.to_string());
    assert_eq!(of_component.expect("drawn").connections, connections);
}

/// The points of a series add up to the figures of the run, warm-up apart; columns are equally long.
#[test]
fn a_series_adds_up_to_the_run() {
    let network = mm1(700);
    let options = options(&network, 20, 4);
    let report = run_with_series(network.clone(), &options, Some(SimDuration::from_millis(500)), |_| {});
    let series = report.time_series.expect("asked for");
    assert_eq!(series.interval_secs, 0.5);
    assert_eq!(series.at_secs.len(), 44, "2 s of warm-up and 20 s");
    let groups = [&series.classes, &series.regions, &series.components, &series.links];
    let columns = groups.iter().flat_map(|group| group.values()).chain([&series.total]).flatten();
    assert!(columns.clone().count() > 20);
    for (name, values) in columns {
        assert_eq!(values.len(), series.at_secs.len(), "{name}");
    }
    let mean = |name: &str| series.total[name][4..].iter().flatten().sum::<f64>() / 40.0;
    assert!((mean("arrival_rate_per_sec") - report.total.arrival_rate_per_sec.value).abs() < 1e-6);
    assert!((mean("in_flight") - report.total.in_flight.expect("total").value).abs() < 1e-6);
    assert!(series.total["users"].iter().all(|users| *users == Some(700.0)));

    // Looking more often changes nothing of what happens.
    assert_eq!(report.fingerprint, run(network, &options, |_| {}).fingerprint);
    // Without being asked for a length, a run of any length has a bounded number of points.
    let long = RunOptions { duration: SimDuration::from_secs(2000), users: 1, ..options };
    let series = run_with_series(mm1(1), &long, None, |_| {}).time_series.expect("asked for");
    assert_eq!(series.interval_secs, 20.0);
    assert_eq!(series.at_secs.len(), 101);
}

/// People who want files, an edge that sends them, and the storage that it fetches them from.
struct Files {
    network: Network,
    edge: ComponentId,
    origin: ComponentId,
}

fn files() -> Files {
    let users = Users {
        read_share: 0.0,
        write_share: 0.0,
        static_share: 1.0,
        static_bytes: 1e6,
        static_bytes_cv: 0.0,
        static_keys: 1000,
        ..poisson_readers()
    };
    let mut drawing = crate::drawing::Drawing::for_users(100);
    let visitors = drawing.add("visitors", ComponentConfig::Users(users));
    let site = drawing.add("site", ComponentConfig::Server(plain_server(Distribution::constant(0.001))));
    let edge = drawing.add("edge", ComponentConfig::Cdn(Cdn { usd_per_gb: 0.05, ..Cdn::default() }));
    let origin = drawing.add("origin", ComponentConfig::ObjectStorage(ObjectStorage::default()));
    drawing.connect(visitors, site, LinkRole::Requests);
    drawing.connect(visitors, edge, LinkRole::Static);
    drawing.connect(edge, origin, LinkRole::Fetch);
    Files { network: drawing.network(), edge, origin }
}

/// Traffic costs what it sends: files a second times their size times the price of a gigabyte, for a month of 730 hours;
/// what is kept and fetched at the origin costs, too.
#[test]
fn traffic_is_paid_for_by_use() {
    let Files { network, edge, origin } = files();
    let report = report(network, 50, 5);
    let figures = |id: ComponentId| report.components.iter().find(|of| of.component == id.to_string()).expect("drawn");
    let answered = figures(edge).figures.success_rate_per_sec.value;
    let usage = figures(edge).monthly_usage_usd.expect("paid by use").value;
    let expected = answered * 1e-3 * 0.05 * 730.0 * 3600.0;
    // Files are counted when they begin to be sent, answers when they have been: a few of the thousands differ.
    assert!((usage / expected - 1.0).abs() < 2e-3, "{usage}, {expected}");
    // A thousand files of a megabyte are a gigabyte: 2 cents a month, and what the edge fetches.
    let fetched = figures(origin).figures.success_rate_per_sec.value;
    let expected = 0.02 + fetched * 0.4e-6 * 730.0 * 3600.0;
    let usage = figures(origin).monthly_usage_usd.expect("paid by use").value;
    assert!((usage / expected - 1.0).abs() < 1e-9, "{usage}, {expected}");
    let cost = &report.cost;
    assert!((cost.monthly_usd - cost.monthly_rent_usd - cost.monthly_usage_usd).abs() < 1e-9);
}

/// What the samples of a run say of its cost is what is measured in the end.
#[test]
fn samples_add_up_to_the_cost_that_is_measured() {
    let Files { network, origin, .. } = files();
    let mut simulation = Simulation::new(network.clone(), 5);
    let mut samples = Vec::new();
    for second in 1..=50 {
        simulation.advance(SimTime::ZERO + SimDuration::from_secs(second));
        samples.extend(simulation.snapshot().samples);
    }
    let measured = simulation.take_measurements();
    let used: f64 = network
        .stations
        .iter()
        .zip(&measured.stations)
        .map(|(spec, measured)| measured.usage_usd(&spec.config.usage()))
        .sum();
    let storage = network.stations.iter().find(|spec| spec.component == origin).expect("drawn");
    assert!((network.monthly_keeping_usd(storage) - 0.02).abs() < 1e-12);
    let kept = 0.02 * 50.0 / MONTH_SECS;
    let sampled: f64 = samples.iter().map(|sample| sample.usage_usd).sum();
    assert!((sampled / (used + kept) - 1.0).abs() < 1e-9, "{sampled}, {used} + {kept}");
    let rent: f64 = network.stations.iter().map(StationSpec::monthly_usd).sum();
    assert!(rent > 0.0 && samples.iter().all(|sample| (sample.monthly_rent_usd - rent).abs() < 1e-9));
}

/// In a large design, times are written down before they are entered; whenever somebody asks, all must be there. On links
/// that take no time, what a link counts and what the station at its end counts are the same.
#[test]
fn a_large_design_counts_every_answer_whenever_it_is_asked() {
    let mut drawing = Drawing::for_users(200);
    let mut before = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    for position in 0..40 {
        let server = Server { cores: 2, ..plain_server(Distribution::exponential(0.001)) };
        let server = drawing.add(&format!("server {position}"), ComponentConfig::Server(server));
        drawing.connect_by(before, server, LinkRole::Requests, instant_link());
        before = server;
    }
    let network = drawing.network();
    let mut simulation = Simulation::new(network.clone(), 7);
    for millis in [370, 1000, 1003, 2450] {
        simulation.advance(SimTime::ZERO + SimDuration::from_millis(millis));
        let measured = simulation.take_measurements();
        for (link, spec) in measured.links.iter().zip(&network.links) {
            let station = &measured.stations[spec.targets[0].0 as usize];
            assert_eq!(station.response.sum_nanos(), link.response.sum_nanos(), "link {:?} at {millis} ms", spec.id);
            assert_eq!(station.response.count(), link.response.count());
            assert_eq!(station.outcomes, link.outcomes);
            assert_eq!(station.outcomes.total(), station.wait.count());
            assert!(millis == 1003 || station.outcomes.total() > 20, "{:?}", station.outcomes);
        }
    }
}
