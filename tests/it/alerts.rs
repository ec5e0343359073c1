//! Monitoring: when it notices, what it does about it, and what it does not see.

use headroom::design::fault::{Direction, Fault, MemoryLeak, Partition, Slow};
use headroom::design::kind::monitoring::{Monitoring, Remedy};
use headroom::design::kind::scaling::Autoscaling;
use headroom::design::kind::server::Server;
use headroom::design::place::Place;
use headroom::design::script::{Action, Target};
use headroom::design::{ComponentConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::ids::{ComponentId, LinkId};
use headroom::sim::Simulation;
use headroom::sim::snapshot::{Alert, AlertRule, Health};
use headroom::units::SimTime;

use crate::drawing::{Drawing, plain_server, poisson_readers};

/// Watches for machines that do not answer, and nothing else.
fn quiet() -> Monitoring {
    Monitoring {
        scrape_interval_secs: 10.0,
        for_secs: 25.0,
        error_share_above: None,
        utilisation_above: None,
        remedy: Remedy::Watch,
        ..Monitoring::default()
    }
}

struct Watched {
    drawing: Drawing,
    server: ComponentId,
    monitoring: ComponentId,
    link: LinkId,
}

/// Readers, one server, and monitoring of it.
fn watched(users: u64, server: Server, monitoring: Monitoring) -> Watched {
    let mut drawing = Drawing::for_users(users);
    let people = drawing.add("people", ComponentConfig::Users(poisson_readers()));
    let server = drawing.add("server", ComponentConfig::Server(server));
    drawing.connect(people, server, LinkRole::Requests);
    let monitoring = drawing.add("monitoring", ComponentConfig::Monitoring(monitoring));
    let link = drawing.connect(monitoring, server, LinkRole::Observe);
    Watched { drawing, server, monitoring, link }
}

fn alerts(simulation: &Simulation) -> Vec<Alert> {
    simulation.alerts().cloned().collect()
}

fn secs(time: SimTime) -> f64 {
    time.as_secs_f64()
}

/// An alert comes at the first look that finds what is wrong, and then as many looks later as the rule's time takes: the
/// delay lies between ⌈for/interval⌉ intervals and one interval more, by the phase of the looks.
#[test]
fn the_delay_of_an_alert_is_the_phase_of_its_looks_and_the_time_of_its_rule() {
    let Watched { drawing, server, .. } = watched(50, plain_server(Distribution::constant(0.001)), quiet());
    for tenth in [300_u32, 317, 333, 350, 361, 379, 398] {
        let died = f64::from(tenth) / 10.0 + 0.05;
        let mut simulation = Simulation::new(drawing.network(), 1);
        simulation.advance(SimTime::from_secs_f64(died));
        simulation.act(Action::Kill(server));
        simulation.advance(SimTime::from_secs_f64(died + 60.0));
        let alerts = alerts(&simulation);
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        let alert = &alerts[0];
        assert_eq!((alert.rule, alert.component), (AlertRule::Unreachable, server));
        assert_eq!(alert.fault_at, Some(SimTime::from_secs_f64(died)));
        // Looks come every ten seconds; the first that finds it dead is the first after its death.
        let phase = secs(alert.seen_at) - died;
        assert!((0.0..10.0).contains(&phase), "{phase}");
        assert_eq!(alert.fired_at.since(alert.seen_at).as_secs_f64(), 30.0, "the third look is the first beyond 25 s");
        let delay = secs(alert.fired_at) - died;
        assert!((30.0..40.0).contains(&delay), "{delay}");
    }
}

#[test]
fn what_is_over_before_the_next_look_is_not_seen() {
    let config = Monitoring { for_secs: 0.0, ..quiet() };
    let Watched { drawing, server, .. } = watched(50, plain_server(Distribution::constant(0.001)), config);
    let mut simulation = Simulation::new(drawing.network(), 1);
    // Somewhere in these ten seconds there is one look; it falls into one of these twenty outages of 0.2 s at most.
    for half in 0..20 {
        let at = 30.0 + 0.5 * f64::from(half);
        simulation.advance(SimTime::from_secs_f64(at));
        simulation.act(Action::Kill(server));
        simulation.advance(SimTime::from_secs_f64(at + 0.2));
        simulation.act(Action::Restore(server));
    }
    simulation.advance(SimTime::from_secs_f64(60.0));
    assert!(alerts(&simulation).len() <= 1, "{:?}", alerts(&simulation));
}

#[test]
fn what_is_not_connected_is_not_seen_and_a_cut_line_looks_like_a_death() {
    let Watched { mut drawing, server, link, .. } = watched(50, plain_server(Distribution::constant(0.001)), quiet());
    let people = drawing.add("others", ComponentConfig::Users(poisson_readers()));
    let unwatched = drawing.add("unwatched", ComponentConfig::Server(plain_server(Distribution::constant(0.001))));
    drawing.connect(people, unwatched, LinkRole::Requests);
    let mut simulation = Simulation::new(drawing.network(), 1);
    simulation.act(Action::Kill(unwatched));
    simulation.advance(SimTime::from_secs_f64(100.0));
    assert_eq!(alerts(&simulation), []);
    let fault = Fault::Partition(Partition { direction: Direction::Both });
    simulation.act(Action::Inject { target: Target::Link(link), fault });
    simulation.advance(SimTime::from_secs_f64(200.0));
    let alerts = alerts(&simulation);
    assert_eq!(alerts.len(), 1);
    assert_eq!((alerts[0].component, alerts[0].rule), (server, AlertRule::Unreachable), "though it serves everyone");
}

#[test]
fn dead_monitoring_sees_nothing() {
    let Watched { drawing, server, monitoring, .. } = watched(50, plain_server(Distribution::constant(0.001)), quiet());
    let mut simulation = Simulation::new(drawing.network(), 1);
    simulation.advance(SimTime::from_secs_f64(20.0));
    simulation.act(Action::Kill(monitoring));
    simulation.act(Action::Kill(server));
    simulation.advance(SimTime::from_secs_f64(200.0));
    assert_eq!(alerts(&simulation), []);
    simulation.act(Action::Restore(monitoring));
    simulation.advance(SimTime::from_secs_f64(240.0));
    assert_eq!(alerts(&simulation).len(), 1, "once it is back it finds out");
}

/// A person comes after the reaction time and puts everything right; the alert is over at the next look.
#[test]
fn a_person_comes_after_the_reaction_time() {
    let config = Monitoring { remedy: Remedy::Page, reaction_secs: 120.0, ..quiet() };
    let Watched { drawing, server, .. } = watched(50, plain_server(Distribution::constant(0.001)), config);
    let mut simulation = Simulation::new(drawing.network(), 1);
    simulation.advance(SimTime::from_secs_f64(30.0));
    simulation.act(Action::Kill(server));
    simulation.advance(SimTime::from_secs_f64(300.0));
    let alerts = alerts(&simulation);
    assert_eq!(alerts.len(), 1);
    let acted = alerts[0].acted_at.expect("somebody came");
    assert_eq!(acted.since(alerts[0].fired_at).as_secs_f64(), 120.0);
    let resolved = alerts[0].resolved_at.expect("and mended it");
    assert!(resolved.since(acted).as_secs_f64() <= 10.0);
}

/// Twice the load that one machine carries: utilisation is one, and a machine is added at each alert until it suffices.
#[test]
fn automation_adds_machines_until_there_are_enough() {
    let config = Monitoring {
        utilisation_above: Some(0.8),
        for_secs: 0.0,
        cooldown_secs: 20.0,
        remedy: Remedy::ScaleOut,
        ..quiet()
    };
    let scaling = Autoscaling { start_secs: 5.0, ..Autoscaling::default() };
    let server = Server { scaling, ..plain_server(Distribution::exponential(0.01)) };
    let Watched { drawing, server, .. } = watched(200, server, config);
    let mut simulation = Simulation::new(drawing.network(), 1);
    simulation.advance(SimTime::from_secs_f64(600.0));
    let is_there = |station: &headroom::sim::snapshot::StationSnapshot| {
        station.component == server && station.health == Health::Up
    };
    let machines = simulation.snapshot().stations.into_iter().filter(is_there).count();
    assert!((2..=3).contains(&machines), "{machines}: 200 requests of 10 ms need more than two, less than four");
    assert!(alerts(&simulation).iter().any(|alert| alert.acted_at.is_some()));
}

/// Work for 11.6 cores on twelve machines of one: at most 80 % busy takes fifteen. As long as an alert stands it is acted
/// on again after each rest: there are fewer alerts than machines that they bring.
#[test]
fn an_alert_that_stands_is_acted_on_again_after_each_rest() {
    let config = Monitoring {
        utilisation_above: Some(0.8),
        for_secs: 0.0,
        cooldown_secs: 20.0,
        remedy: Remedy::ScaleOut,
        ..quiet()
    };
    let scaling = Autoscaling { start_secs: 5.0, ..Autoscaling::default() };
    let server = Server { scaling, instances: 12, ..plain_server(Distribution::exponential(0.01)) };
    let Watched { drawing, server, .. } = watched(1160, server, config);
    let mut simulation = Simulation::new(drawing.network(), 1);
    simulation.advance(SimTime::from_secs_f64(300.0));
    let stations = simulation.snapshot().stations;
    let there = stations.iter().filter(|station| station.component == server && station.health == Health::Up).count();
    assert!((15..=16).contains(&there), "{there}");
    let alerts = alerts(&simulation).len();
    assert!(alerts < there - 12, "{alerts} alerts for {} machines more", there - 12);
}

/// One of four machines crawls. The 99th percentile of all gives it away; the slowest is replaced, and it is the right one.
#[test]
fn automation_replaces_the_machine_that_crawls() {
    let config = Monitoring {
        p99_above_secs: Some(0.05),
        alert_unreachable: false,
        remedy: Remedy::Replace,
        restart_secs: 20.0,
        ..quiet()
    };
    let server = Server { instances: 4, cores: 2, ..plain_server(Distribution::constant(0.004)) };
    let Watched { drawing, server, .. } = watched(100, server, config);
    let mut simulation = Simulation::new(drawing.network(), 1);
    let fault = Fault::Slow(Slow { factor: 20.0 });
    simulation.advance(SimTime::from_secs_f64(31.0));
    simulation.act(Action::Inject { target: Target::Instance(server, 2), fault });
    simulation.advance(SimTime::from_secs_f64(200.0));
    let alerts = alerts(&simulation);
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert!(alerts[0].acted_at.is_some() && alerts[0].resolved_at.is_some(), "{alerts:?}");
    simulation.take_measurements();
    simulation.advance(SimTime::from_secs_f64(300.0));
    let measured = simulation.take_measurements();
    assert!(measured.all_classes().latency.max_secs() < 0.04, "{}", measured.all_classes().latency.max_secs());
    assert_eq!(measured.all_classes().outcomes.failed(), 0);
}

/// While a region is out nothing in it comes up again, whoever tries; when it is back, so is what lies in it.
#[test]
fn nothing_starts_in_a_region_that_is_out() {
    for remedy in [Remedy::Restart, Remedy::Replace, Remedy::Page] {
        let config = Monitoring { remedy, reaction_secs: 10.0, restart_secs: 5.0, ..quiet() };
        let Watched { mut drawing, server, .. } = watched(100, plain_server(Distribution::constant(0.004)), config);
        let region = Target::Frame(drawing.put(server, Place::Ireland));
        let mut simulation = Simulation::new(drawing.network(), 1);
        simulation.act(Action::Inject { target: region, fault: Fault::Crash });
        simulation.advance(SimTime::from_secs_f64(200.0));
        let health = |simulation: &mut Simulation| simulation.snapshot().stations[1].health;
        assert_eq!(health(&mut simulation), Health::Down, "{remedy:?}");
        simulation.act(Action::Clear { target: region, fault: None });
        simulation.advance(SimTime::from_secs_f64(201.0));
        assert_eq!(health(&mut simulation), Health::Up, "{remedy:?}");
    }
}

/// A memory leak: a restart in time keeps the process from being killed.
#[test]
fn a_restart_ends_what_a_process_has_got_into() {
    let server = Server { memory_per_request_mb: 0.0, instances: 2, ..plain_server(Distribution::constant(0.004)) };
    let config = Monitoring { remedy: Remedy::Restart, for_secs: 0.0, restart_secs: 5.0, ..quiet() };
    let Watched { drawing, server, .. } = watched(100, server, config);
    let mut simulation = Simulation::new(drawing.network(), 1);
    simulation.act(Action::Inject { target: Target::Instance(server, 1), fault: Fault::Hang });
    let leak = Fault::MemoryLeak(MemoryLeak { megabytes_per_min: 1.0 });
    simulation.act(Action::Inject { target: Target::Instance(server, 0), fault: leak });
    simulation.advance(SimTime::from_secs_f64(60.0));
    simulation.take_measurements();
    simulation.advance(SimTime::from_secs_f64(120.0));
    assert_eq!(simulation.take_measurements().all_classes().outcomes.failed(), 0, "the process that hung is back");
}

/// Errors of 10 % against a budget of 0.1 % burn it a hundred times too fast; the long window says so only once a share of
/// it is filled with them, and the alert ends soon after the errors because the short window forgets.
#[test]
fn a_burn_rate_takes_both_windows() {
    let config = Monitoring {
        alert_unreachable: false,
        for_secs: 0.0,
        burn_rate_above: Some(14.4),
        burn_long_secs: 600.0,
        burn_short_secs: 50.0,
        ..quiet()
    };
    let Watched { drawing, server, .. } = watched(200, plain_server(Distribution::constant(0.001)), config);
    let mut simulation = Simulation::new(drawing.network(), 1);
    simulation.advance(SimTime::from_secs_f64(700.0));
    let target = Target::Component(server);
    let fault = Fault::Errors(headroom::design::fault::Errors { share: 0.1 });
    simulation.act(Action::Inject { target, fault });
    simulation.advance(SimTime::from_secs_f64(1000.0));
    simulation.act(Action::Clear { target, fault: None });
    simulation.advance(SimTime::from_secs_f64(1200.0));
    let alerts = alerts(&simulation);
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    // 14.4 of 100: so much of the long window must be filled with errors, 86 s, and looks come every 10 s.
    let after = alerts[0].fired_at.since(SimTime::from_secs_f64(700.0)).as_secs_f64();
    assert!((80.0..110.0).contains(&after), "{after}");
    let over = alerts[0].resolved_at.expect("it is over").since(SimTime::from_secs_f64(1000.0)).as_secs_f64();
    assert!((40.0..70.0).contains(&over), "{over}");
}
