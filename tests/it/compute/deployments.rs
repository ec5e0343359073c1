//! Delivery pipelines: what users notice of new versions, good and bad.

use headroom::design::kind::load_balancer::LoadBalancer;
use headroom::design::kind::pipeline::{Pipeline, Strategy};
use headroom::design::kind::scaling::Autoscaling;
use headroom::design::kind::server::Server;
use headroom::design::script::Action;
use headroom::design::{ComponentConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::ComponentId;
use headroom::sim::Simulation;
use headroom::sim::snapshot::{Happening, Health, OutcomeCounts};
use headroom::units::SimTime;

use crate::drawing::{Drawing, plain_server, poisson_readers};

struct Site {
    simulation: Simulation,
    server: ComponentId,
    pipeline: ComponentId,
}

/// A thousand requests a second for ten servers at half load that start in 5 s, and a pipeline.
fn site(pipeline: Pipeline) -> Site {
    let mut drawing = Drawing::for_users(1000);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let balancer = drawing.add("balancer", ComponentConfig::LoadBalancer(LoadBalancer::default()));
    let server = Server {
        instances: 10,
        scaling: Autoscaling { start_secs: 5.0, ..Autoscaling::default() },
        ..plain_server(Distribution::exponential(0.005))
    };
    let server = drawing.add("server", ComponentConfig::Server(server));
    let pipeline = drawing.add("pipeline", ComponentConfig::Pipeline(pipeline));
    drawing.connect(people, balancer, LinkRole::Requests);
    drawing.connect(balancer, server, LinkRole::Requests);
    drawing.connect(pipeline, server, LinkRole::Deploys);
    Site { simulation: Simulation::new(drawing.network(), 4), server, pipeline }
}

impl Site {
    fn until(&mut self, secs: f64) -> OutcomeCounts {
        self.simulation.advance(SimTime::from_secs_f64(secs));
        self.simulation.take_measurements().all_classes().outcomes
    }

    fn up(&mut self) -> usize {
        let stations = self.simulation.snapshot().stations;
        stations.iter().filter(|station| station.component == self.server && station.health == Health::Up).count()
    }

    fn happened(&mut self) -> Vec<Happening> {
        let log = self.simulation.take_log();
        log.into_iter().filter(|entry| entry.component == self.pipeline).map(|entry| entry.happening).collect()
    }
}

/// Nobody gets an error, and at any moment there are at least as many servers as before.
#[test]
fn a_rolling_deployment_keeps_its_capacity() {
    for strategy in [Strategy::Rolling, Strategy::BlueGreen, Strategy::Canary] {
        let pipeline = Pipeline { strategy, unavailable_share: 0.0, bake_secs: 10.0, ..Pipeline::default() };
        let mut site = site(pipeline);
        assert_eq!(site.up(), 10, "spares wait for deployments");
        site.until(5.0);
        site.simulation.act(Action::Deploy(site.pipeline));
        let mut happened = Vec::new();
        for tenth in 50..1500 {
            site.until(f64::from(tenth) * 0.1);
            let snapshot = site.simulation.snapshot();
            let up = snapshot
                .stations
                .iter()
                .filter(|station| station.component == site.server && station.health == Health::Up);
            assert!(up.count() >= 10, "{strategy:?} at {tenth} tenths");
            happened.extend(snapshot.log.into_iter().filter(|entry| entry.component == site.pipeline));
        }
        let happened: Vec<Happening> = happened.into_iter().map(|entry| entry.happening).collect();
        assert_eq!(happened, [Happening::DeploymentStarted, Happening::DeploymentFinished], "{strategy:?}");
        assert_eq!(site.up(), 10, "{strategy:?}");
        assert_eq!(site.until(160.0).failed(), 0, "{strategy:?}");
    }
}

#[test]
fn no_request_fails_while_a_version_rolls_out() {
    let mut site = site(Pipeline::default());
    site.until(5.0);
    site.simulation.act(Action::Deploy(site.pipeline));
    let outcomes = site.until(200.0);
    assert_eq!(outcomes.failed(), 0, "{outcomes:?}");
    assert!(site.happened().contains(&Happening::DeploymentFinished));
}

/// A canary of k out of n instances gets k/n of the requests and fails a share e of them: s·e of all.
#[test]
fn a_bad_canary_fails_its_share_of_the_requests() {
    let pipeline = Pipeline {
        strategy: Strategy::Canary,
        canary_share: 0.2,
        bake_secs: 1000.0,
        automatic_rollback: false,
        version_error_share: 0.5,
        ..Pipeline::default()
    };
    let mut site = site(pipeline);
    site.until(5.0);
    site.simulation.act(Action::Deploy(site.pipeline));
    site.until(40.0);
    let outcomes = site.until(340.0);
    let share = outcomes.error_share();
    let standard_error = (0.1 * 0.9 / outcomes.total() as f64).sqrt();
    assert!((share - 0.1).abs() < 4.0 * standard_error, "{share} ± {standard_error}");
}

/// It is taken back as soon as enough calls have been seen, by which time few users have met it.
#[test]
fn a_bad_version_is_taken_back() {
    for (strategy, most) in [(Strategy::Canary, 60), (Strategy::Rolling, 150), (Strategy::BlueGreen, 1500)] {
        let pipeline = Pipeline { strategy, version_error_share: 0.5, ..Pipeline::default() };
        let mut site = site(pipeline);
        site.until(5.0);
        site.simulation.act(Action::Deploy(site.pipeline));
        let failed = site.until(60.0).failed();
        assert!((10..=most).contains(&failed), "{strategy:?}: {failed} requests failed");
        let happened = site.happened();
        assert_eq!(happened, [Happening::DeploymentStarted, Happening::DeploymentRolledBack], "{strategy:?}");
        assert_eq!(site.until(120.0).failed(), 0, "{strategy:?}");
        assert_eq!(site.up(), 10, "{strategy:?}");
    }
}

#[test]
fn a_slow_version_and_one_that_does_not_come_up_are_taken_back() {
    for bad in [
        Pipeline { version_slow_factor: 4.0, ..Pipeline::default() },
        Pipeline { version_crashes: true, deadline_secs: 60.0, ..Pipeline::default() },
    ] {
        let mut site = site(Pipeline { unavailable_share: 0.0, ..bad });
        site.until(5.0);
        site.simulation.act(Action::Deploy(site.pipeline));
        let outcomes = site.until(200.0);
        assert_eq!(site.happened(), [Happening::DeploymentStarted, Happening::DeploymentRolledBack]);
        assert_eq!(outcomes.failed(), 0, "{outcomes:?}");
        assert_eq!(site.up(), 10);
    }
}

#[test]
fn deployments_come_by_schedule() {
    let pipeline = Pipeline { deploy_every_secs: Some(100.0), bake_secs: 5.0, ..Pipeline::default() };
    let mut site = site(pipeline);
    assert_eq!(site.until(390.0).failed(), 0);
    let finished = site.happened().iter().filter(|&happening| *happening == Happening::DeploymentFinished).count();
    assert_eq!(finished, 3);
}
