//! Several primaries, cut logs, split brains and backups: what databases do when there is not one truth.

use headroom::design::fault::{Delay, Direction, Fault, Partition};
use headroom::design::kind::server::Server;
use headroom::design::kind::sql_database::{LossDetection, SqlDatabase};
use headroom::design::kind::users::Users;
use headroom::design::script::{Action, Target};
use headroom::design::{ComponentConfig, LinkConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::{ComponentId, LinkId};
use headroom::sim::Simulation;
use headroom::sim::metrics::Measurements;
use headroom::sim::snapshot::{Happening, Outcome, Particulars, RequestClass};
use headroom::units::SimTime;

use crate::drawing::{Drawing, instant_link, plain_server, poisson_readers};

fn span(simulation: &mut Simulation, until: f64) -> Measurements {
    simulation.advance(SimTime::from_secs_f64(until));
    simulation.take_measurements()
}

/// A database that takes no time: its commits come like the requests of its users, without memory.
fn instant() -> SqlDatabase {
    SqlDatabase {
        cores: 64,
        read_work: Distribution::constant(0.0),
        write_work: Distribution::constant(0.0),
        apply_work: Distribution::constant(0.0),
        detection_secs: 5.0,
        promotion_secs: 2.0,
        ..SqlDatabase::default()
    }
}

struct Site {
    app: ComponentId,
    database: ComponentId,
}

/// Users of their own, an application and a database.
fn site(drawing: &mut Drawing, number: usize, demand: &Users, database: SqlDatabase) -> Site {
    let people = drawing.add(&format!("people {number}"), ComponentConfig::Users(*demand));
    let nothing = Distribution::constant(0.0);
    let app =
        Server { cores: 64, queries_per_read: 1, queries_per_write: 1, write_work: nothing, ..plain_server(nothing) };
    let app = drawing.add(&format!("app {number}"), ComponentConfig::Server(app));
    let database = drawing.add(&format!("database {number}"), ComponentConfig::SqlDatabase(database));
    drawing.connect(people, app, LinkRole::Requests);
    drawing.connect(app, database, LinkRole::Queries);
    Site { app, database }
}

fn log(secs: f64) -> LinkConfig {
    LinkConfig { latency: Distribution::constant(secs), ..instant_link() }
}

/// Sites of `writers` each, whose databases send their logs on in a circle, one after the other.
fn circle(
    sites: usize,
    writers: u64,
    keys: u32,
    database: &SqlDatabase,
    lag: f64,
) -> (Drawing, Vec<Site>, Vec<LinkId>) {
    let mut drawing = Drawing::for_users(writers * sites as u64);
    let demand = Users { read_share: 0.0, write_share: 1.0, keys, ..poisson_readers() };
    let sites: Vec<Site> = (0..sites).map(|number| site(&mut drawing, number, &demand, *database)).collect();
    let links = (0..sites.len()).map(|from| {
        let to = (from + 1) % sites.len();
        drawing.connect_by(sites[from].database, sites[to].database, LinkRole::Replicate, log(lag))
    });
    let links = links.collect();
    (drawing, sites, links)
}

fn of<'a>(
    measured: &'a Measurements,
    simulation: &Simulation,
    component: ComponentId,
) -> &'a headroom::sim::metrics::StationMeasurements {
    let position = simulation.network().stations.iter().position(|spec| spec.component == component);
    &measured.stations[position.expect("it is drawn")]
}

/// Two primaries, `lag` apart. A write of one is discarded at the other if that has changed the same row later, before it
/// arrived: for Poisson writes at rates a and b to a row of popularity p, at rate a·p·(1 − e^(−b·p·lag)) there, and the
/// same the other way round; summed over all rows under Zipf's law.
#[test]
fn conflicts_of_two_primaries_follow_rate_lag_and_popularity() {
    let (writers, keys, lag) = (200_u64, 500_u32, 0.1);
    let (drawing, sites, _) = circle(2, writers, keys, &instant(), lag);
    let exponent = Users::default().key_exponent;
    let weights: Vec<f64> = (1..=keys).map(|rank| libm::pow(f64::from(rank), -exponent)).collect();
    let total: f64 = weights.iter().sum();
    let rate = writers as f64;
    let theory: f64 = weights
        .iter()
        .map(|weight| {
            let of_row = rate * weight / total;
            2.0 * of_row * (1.0 - libm::exp(-of_row * lag))
        })
        .sum();
    let mut rates = Vec::new();
    for seed in 0..5 {
        let mut simulation = Simulation::new(drawing.network(), seed);
        span(&mut simulation, 10.0);
        let measured = span(&mut simulation, 210.0);
        let conflicts: u64 = sites.iter().map(|site| of(&measured, &simulation, site.database).conflicts).sum();
        rates.push(conflicts as f64 / 200.0);
    }
    let mean = rates.iter().sum::<f64>() / rates.len() as f64;
    let variance = rates.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / (rates.len() - 1) as f64;
    let stderr = (variance / rates.len() as f64).sqrt();
    assert!(stderr < 0.02 * theory, "too noisy: {stderr} of {theory}");
    assert!((mean - theory).abs() < 4.0 * stderr + 0.005 * theory, "{mean} ± {stderr}, theory {theory}");
}

#[test]
fn writes_to_different_rows_are_never_in_conflict() {
    // Readers of their own database only, and one site that writes.
    let (drawing, sites, _) = circle(2, 100, 50, &instant(), 0.1);
    let mut network = drawing.network();
    for spec in &mut network.stations {
        if let ComponentConfig::Users(users) = &mut spec.config
            && spec.component == ComponentId(0)
        {
            (users.read_share, users.write_share) = (1.0, 0.0);
        }
    }
    let mut simulation = Simulation::new(network, 1);
    let measured = span(&mut simulation, 100.0);
    for site in &sites {
        assert_eq!(of(&measured, &simulation, site.database).conflicts, 0);
    }
    // Half of the time of a read's row lies in the last 0.1 s for the most popular ones only; but some are stale.
    let reader = of(&measured, &simulation, sites[0].database);
    assert!(reader.stale_reads > 100, "{}", reader.stale_reads);
    assert_eq!(reader.stale_reads, measured.classes[RequestClass::Read as usize].stale);
}

/// In a circle of four a change goes on from each to the next: the lags add up over the circle.
#[test]
fn the_lag_of_a_circle_is_the_sum_over_its_links() {
    let apply = SqlDatabase { apply_work: Distribution::constant(0.001), ..instant() };
    // Few writes, so that none waits for another to be applied.
    let (drawing, sites, _) = circle(4, 1, 1000, &apply, 0.05);
    let mut simulation = Simulation::new(drawing.network(), 2);
    let measured = span(&mut simulation, 2000.0);
    for site in &sites {
        let lag = &of(&measured, &simulation, site.database).replication_lag;
        // From the one before it, from the one before that, and from the one after it: 1, 2 and 3 steps of 51 ms.
        assert!((lag.mean_secs() - 2.0 * 0.051).abs() < 0.003, "{}", lag.mean_secs());
        assert!((lag.max_secs() - 3.0 * 0.051).abs() < 0.01, "{}", lag.max_secs());
    }
    // The last step of the longest way: its link has seen changes of all three ages.
    for (spec, link) in simulation.network().links.iter().zip(&measured.links) {
        if spec.role == LinkRole::Replicate {
            assert!((link.response.mean_secs() - 2.0 * 0.051).abs() < 0.003, "each link tells its lag");
        }
    }
}

#[test]
fn a_primary_that_comes_back_gets_what_it_missed_and_sends_what_it_had() {
    let (drawing, sites, links) = circle(3, 50, 200, &instant(), 0.02);
    let mut simulation = Simulation::new(drawing.network(), 3);
    span(&mut simulation, 10.0);
    let cut = Fault::Partition(Partition { direction: Direction::Both });
    simulation.act(Action::Inject { target: Target::Link(links[1]), fault: cut });
    simulation.act(Action::Kill(sites[2].database));
    let during = span(&mut simulation, 30.0);
    let outcomes = during.all_classes().outcomes;
    assert!((outcomes.error_share() - 1.0 / 3.0).abs() < 0.05, "whoever has a database left goes on: {outcomes:?}");
    simulation.act(Action::Restore(sites[2].database));
    simulation.act(Action::Clear { target: Target::Link(links[1]), fault: None });
    span(&mut simulation, 31.0);
    let lags = |simulation: &mut Simulation| -> Vec<u64> {
        let particulars = simulation.snapshot().stations.into_iter().map(|station| station.particulars);
        particulars
            .filter_map(|particulars| match particulars {
                Particulars::Database { lag_writes, is_primary, .. } => is_primary.then_some(lag_writes),
                _ => None,
            })
            .collect()
    };
    let behind = lags(&mut simulation);
    // 100 writes a second of others, on their way for 40 ms at most.
    assert!(behind.len() == 3 && behind.iter().all(|&lag| lag < 15), "{behind:?}");
}

struct Pair {
    drawing: Drawing,
    near: Site,
    far: Site,
    log: LinkId,
    /// Links of the far application to the near primary.
    crossing: Vec<LinkId>,
}

/// A primary and a replica, each with an application beside it; both applications write to the primary.
fn pair(database: &SqlDatabase, lag: f64) -> Pair {
    let mut drawing = Drawing::for_users(200);
    let demand = Users { read_share: 0.0, write_share: 1.0, keys: 1000, ..poisson_readers() };
    let near = site(&mut drawing, 0, &demand, *database);
    let far = site(&mut drawing, 1, &demand, *database);
    let link = drawing.connect_by(near.database, far.database, LinkRole::Replicate, log(lag));
    let quick = LinkConfig { timeout_secs: Some(0.5), ..instant_link() };
    let crossing = vec![
        drawing.connect_by(far.app, near.database, LinkRole::Writes, quick),
        drawing.connect_by(near.app, far.database, LinkRole::Reads, quick),
    ];
    Pair { drawing, near, far, log: link, crossing }
}

fn cut(simulation: &mut Simulation, pair: &Pair) {
    for &link in pair.crossing.iter().chain([&pair.log]) {
        let fault = Fault::Partition(Partition { direction: Direction::Both });
        simulation.act(Action::Inject { target: Target::Link(link), fault });
    }
}

fn heal(simulation: &mut Simulation, pair: &Pair) {
    for &link in pair.crossing.iter().chain([&pair.log]) {
        simulation.act(Action::Clear { target: Target::Link(link), fault: None });
    }
}

/// A network falls apart. Where replicas judge by their own heartbeats, both sides go on writing, and what the old primary
/// took is lost when they meet again; an observer who sees the machine does nothing, and neither does one of two without
/// a majority, whose primary stops as well.
#[test]
fn a_partition_splits_the_brain_of_those_who_trust_their_heartbeats() {
    let run = |loss_detection| {
        let pair = pair(&SqlDatabase { loss_detection, ..instant() }, 0.01);
        let mut simulation = Simulation::new(pair.drawing.network(), 5);
        let before = span(&mut simulation, 20.0);
        assert_eq!(before.all_classes().outcomes.failed(), 0);
        cut(&mut simulation, &pair);
        span(&mut simulation, 30.0);
        let during = span(&mut simulation, 60.0);
        let [near, far] = [&pair.near, &pair.far].map(|site| {
            let app = of(&during, &simulation, site.app).outcomes;
            app.get(Outcome::Answered) as f64 / 30.0
        });
        heal(&mut simulation, &pair);
        let after = span(&mut simulation, 70.0);
        let lost: u64 = after.stations.iter().map(|station| station.lost_writes).sum();
        let diverging: u64 = during.stations.iter().map(|station| station.diverging_writes).sum();
        span(&mut simulation, 75.0);
        let healed = span(&mut simulation, 90.0).all_classes().outcomes;
        assert!(healed.error_share() < 0.001, "{healed:?}");
        let told =
            simulation.take_log().into_iter().any(|entry| matches!(entry.happening, Happening::SplitEnded { .. }));
        (near, far, lost, diverging, told)
    };
    let (near, far, lost, diverging, told) = run(LossDetection::Heartbeat);
    assert!((near - 100.0).abs() < 6.0 && (far - 100.0).abs() < 6.0, "both go on: {near} and {far}");
    // From the promotion at 27 s, and what had not been shipped since the cut at 20 s, until they meet at 60 s.
    assert!((lost as f64 - 4000.0).abs() < 350.0, "{lost}");
    assert!((diverging as f64 - 3000.0).abs() < 250.0, "{diverging}");
    assert!(told);
    let (near, far, lost, diverging, told) = run(LossDetection::Observer);
    assert!((near - 100.0).abs() < 6.0 && far == 0.0, "{near} and {far}");
    assert_eq!((lost, diverging, told), (0, 0, false));
    let (near, far, lost, diverging, told) = run(LossDetection::Majority);
    assert_eq!((near, far), (0.0, 0.0), "one of two is no majority");
    assert_eq!((lost, diverging, told), (0, 0, false));
}

/// With a third server the side of two has the majority: it goes on, the other stops, and nothing diverges.
#[test]
fn a_majority_goes_on_and_nothing_diverges() {
    let mut pair = pair(&SqlDatabase { loss_detection: LossDetection::Majority, ..instant() }, 0.01);
    let third = pair.drawing.add("database 2", ComponentConfig::SqlDatabase(instant()));
    let second_log = pair.drawing.connect_by(pair.near.database, third, LinkRole::Replicate, log(0.01));
    pair.crossing.push(second_log);
    pair.crossing.push(pair.drawing.connect_by(
        pair.near.app,
        third,
        LinkRole::Reads,
        LinkConfig { timeout_secs: Some(0.5), ..instant_link() },
    ));
    pair.drawing.connect(pair.far.app, third, LinkRole::Reads);
    let mut simulation = Simulation::new(pair.drawing.network(), 5);
    span(&mut simulation, 20.0);
    cut(&mut simulation, &pair);
    span(&mut simulation, 30.0);
    let during = span(&mut simulation, 60.0);
    assert_eq!(of(&during, &simulation, pair.near.app).outcomes.get(Outcome::Answered), 0, "fenced");
    let far = of(&during, &simulation, pair.far.app).outcomes.get(Outcome::Answered) as f64 / 30.0;
    assert!((far - 100.0).abs() < 6.0, "{far}");
    heal(&mut simulation, &pair);
    let after = span(&mut simulation, 90.0);
    assert_eq!(after.stations.iter().map(|station| station.diverging_writes).sum::<u64>(), 0);
    let late = span(&mut simulation, 100.0).all_classes().outcomes;
    assert_eq!(late.failed(), 0, "{late:?}");
}

/// The log stands still while it is cut or stopped, so the lag grows as time goes by; then the replica catches up.
#[test]
fn a_cut_or_stopped_log_lags_until_it_flows_again() {
    for is_stopped in [false, true] {
        let pair = pair(&instant(), 0.01);
        let mut simulation = Simulation::new(pair.drawing.network(), 1);
        let (target, fault) = if is_stopped {
            (Target::Component(pair.far.database), Fault::StoppedReplication)
        } else {
            (Target::Link(pair.log), Fault::Partition(Partition { direction: Direction::Both }))
        };
        let kind = fault.kind();
        span(&mut simulation, 10.0);
        simulation.act(Action::Inject { target, fault });
        span(&mut simulation, 20.0);
        let lag = |simulation: &mut Simulation| {
            let stations = simulation.snapshot().stations;
            let replica = stations.into_iter().find(|station| station.component == pair.far.database);
            match replica.expect("it is drawn").particulars {
                Particulars::Database { lag_secs, lag_writes, .. } => (lag_secs, lag_writes),
                other => panic!("{other:?}"),
            }
        };
        let (behind, writes) = lag(&mut simulation);
        assert!((behind - 10.0).abs() < 0.1, "{behind}");
        assert!((writes as f64 - 2000.0).abs() < 200.0, "{writes}");
        simulation.act(Action::Clear { target, fault: Some(kind) });
        span(&mut simulation, 21.0);
        let (behind, _) = lag(&mut simulation);
        assert!(behind < 0.05, "{behind}");
    }
}

/// A delay on the link of the log is a delay of the log.
#[test]
fn a_slow_link_slows_the_log() {
    let pair = pair(&instant(), 0.01);
    let mut simulation = Simulation::new(pair.drawing.network(), 1);
    let fault = Fault::Delay(Delay { direction: Direction::Forth, added_secs: 0.5, jitter_secs: 0.0 });
    simulation.act(Action::Inject { target: Target::Link(pair.log), fault });
    let measured = span(&mut simulation, 50.0);
    let lag = of(&measured, &simulation, pair.far.database).replication_lag.mean_secs();
    assert!((lag - 0.51).abs() < 0.01, "{lag}");
}

/// Replicas are offline: the primary serves the reads meanwhile, and they catch up when they are back.
#[test]
fn the_primary_reads_for_replicas_that_are_away() {
    let mut drawing = Drawing::for_users(300);
    let demand = Users { read_share: 0.8, write_share: 0.2, keys: 1000, ..poisson_readers() };
    let main = site(&mut drawing, 0, &demand, instant());
    let replica = drawing.add("replica", ComponentConfig::SqlDatabase(instant()));
    drawing.connect(main.app, replica, LinkRole::Reads);
    drawing.connect_by(main.database, replica, LinkRole::Replicate, log(0.01));
    let mut network = drawing.network();
    for link in &mut network.links {
        if link.to == main.database {
            link.role = LinkRole::Writes;
        }
    }
    let mut simulation = Simulation::new(network, 1);
    let before = span(&mut simulation, 20.0);
    let reads = |measured: &Measurements, simulation: &Simulation| {
        of(measured, simulation, main.database).arrivals as f64 / measured.span.as_secs_f64()
    };
    assert!((reads(&before, &simulation) - 60.0).abs() < 8.0, "only writes: {}", reads(&before, &simulation));
    simulation.act(Action::Kill(replica));
    let during = span(&mut simulation, 60.0);
    assert!(reads(&during, &simulation) > 280.0, "everything: {}", reads(&during, &simulation));
    assert!(during.all_classes().outcomes.error_share() < 0.01, "but for a knock at the door now and then");
    simulation.act(Action::Restore(replica));
    span(&mut simulation, 75.0);
    let after = span(&mut simulation, 100.0);
    assert!(reads(&after, &simulation) < 80.0, "{}", reads(&after, &simulation));
    assert_eq!(of(&after, &simulation, main.database).lost_writes, 0);
}

/// Somebody drops a table at 130 s. Backups are made every 60 s and take 20 s to restore: ten seconds of writes are lost,
/// and it takes 20 s until the first answer.
#[test]
fn restoring_a_backup_costs_what_came_after_it_and_the_time_it_takes() {
    let database = SqlDatabase { backup_interval_secs: Some(60.0), restore_secs: 20.0, ..instant() };
    let mut drawing = Drawing::for_users(100);
    let demand = Users { read_share: 0.0, write_share: 1.0, ..poisson_readers() };
    let main = site(&mut drawing, 0, &demand, database);
    let mut simulation = Simulation::new(drawing.network(), 1);
    span(&mut simulation, 130.0);
    simulation.act(Action::RestoreBackup(main.database));
    let measured = span(&mut simulation, 180.0);
    let database = of(&measured, &simulation, main.database);
    assert!((database.lost_writes as f64 - 1000.0).abs() < 130.0, "{}", database.lost_writes);
    let recovery = database.recovery.as_deref().expect("a backup was restored");
    assert_eq!(recovery.restores, 1);
    assert!((recovery.point_secs - 10.0).abs() < 0.01, "{recovery:?}");
    // The first request after that comes within a fraction of a second.
    assert!((20.0..20.3).contains(&recovery.time_secs), "{recovery:?}");
    assert!(measured.all_classes().outcomes.failed() > 1700);
}
