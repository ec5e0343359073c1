//! Nothing is lost and nothing is invented, whatever is drawn and whatever happens to it.

use headroom::design::ComponentConfig;
use headroom::design::fault::FaultKind;
use headroom::design::field::Value;
use headroom::design::script::{Action, Target};
use headroom::ids::ComponentId;
use headroom::network::{Network, compile};
use headroom::sim::Simulation;
use headroom::units::SimTime;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::random::{changes, drawn, property};

/// Events that one case may take, so that a drawing of millions of requests a second is looked at for a moment only.
const EVENTS: u64 = 30_000;

/// Something that happens during a case: at which share of it, what, and to which component.
type Disturbance = (f64, u8, Index, u64);

fn disturbances() -> impl Strategy<Value = Vec<Disturbance>> {
    prop::collection::vec((0.0..1.0_f64, 0..9_u8, any::<Index>(), 1..200_000_u64), 0..8)
}

/// Fewer items than people may ask for: what is tested does not depend on their number, the time to prepare does.
fn with_few_items(mut network: Network) -> Network {
    for station in &mut network.stations {
        if let ComponentConfig::Users(users) = &mut station.config {
            users.keys = users.keys.min(500);
            users.static_keys = users.static_keys.min(500);
        }
    }
    network.users = network.users.min(1_000_000);
    network.script.clear();
    network
}

fn action(network: &Network, kind: u8, which: &Index, number: u64) -> Action {
    let components: Vec<ComponentId> = network.stations.iter().map(|station| station.component).collect();
    let component = *which.get(&components);
    let targets: Vec<Target> = [Target::Component(component), Target::Instance(component, 0)]
        .into_iter()
        .chain(network.links.iter().map(|link| Target::Link(link.id)))
        .chain(network.frames.iter().map(|frame| Target::Frame(frame.id)))
        .collect();
    let target = targets[number as usize % targets.len()];
    let fault = FaultKind::ALL[(number / 7) as usize % FaultKind::ALL.len()];
    match kind {
        0 | 1 => Action::Kill(component),
        2 => Action::KillInstance(component, 0),
        3 => Action::Restore(component),
        4 | 5 => Action::Inject { target, fault: fault.with_defaults() },
        6 => Action::Clear { target, fault: (!number.is_multiple_of(3)).then_some(fault) },
        7 => {
            // A number that fits one parameter or another; what does not fit must do no harm.
            let keys = ["instances", "cores", "retries", "timeout_secs", "pool_size", "hedge_after_secs", "ttl_secs"];
            let key = keys[(number / 11) as usize % keys.len()].to_owned();
            Action::SetParameter { target, key, value: Value::Number((1 + number % 5) as f64) }
        }
        _ => Action::SetUsers(number),
    }
}

/// Runs `network` with its disturbances; every time something is done, all figures must add up.
fn run(network: &Network, disturbances: &[Disturbance], edits: &[Network], seed: u64) -> Result<u64, TestCaseError> {
    let mut simulation = Simulation::new(network.clone(), seed);
    let mut ended = 0;
    let mut disturbances = disturbances.to_vec();
    disturbances.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut edits = edits.iter();
    for (share, kind, which, users) in &disturbances {
        simulation.advance_at_most(SimTime::from_secs_f64(share * 20.0), EVENTS / 8);
        let action = action(simulation.network(), *kind, which, *users);
        simulation.act(action);
        if let Some(edited) = edits.next() {
            simulation.swap(edited.clone());
        }
        ended += add_up(&mut simulation, ended)?;
    }
    simulation.advance_at_most(SimTime::from_secs_f64(20.0), EVENTS);
    add_up(&mut simulation, ended)?;
    Ok(simulation.fingerprint())
}

/// Checks that every request has ended once or is in flight; gives those that ended since the last time.
fn add_up(simulation: &mut Simulation, ended_before: u64) -> Result<u64, TestCaseError> {
    let measured = simulation.take_measurements();
    let ended = measured.all_classes().outcomes.total();
    prop_assert_eq!(simulation.requests(), ended_before + ended + simulation.in_flight());
    for station in &measured.stations {
        for area in [station.waiting_area, station.in_system_area, station.busy_cores_area, station.used_slots_area] {
            // The areas of a span of at most twenty seconds fit; one that fell below zero would have wrapped.
            prop_assert!((0.0..1e12).contains(&area), "{}", area);
        }
        prop_assert!(station.waiting_area <= station.in_system_area + 1e-6);
    }
    for link in &measured.links {
        prop_assert!((0.0..1e12).contains(&link.connections_area), "{}", link.connections_area);
    }
    let snapshot = simulation.snapshot();
    for station in &snapshot.stations {
        prop_assert!(station.waiting <= station.in_system);
        for resource in &station.resources {
            prop_assert!(resource.used >= 0.0);
        }
    }
    Ok(ended)
}

proptest! {
    #![proptest_config(property(200))]

    /// Also the check that a drawing which compiles never panics, and that one seed gives one run.
    #[test]
    fn every_request_ends_once(
        changes in changes(1..60),
        later in changes(0..10),
        disturbances in disturbances(),
        seed in any::<u64>(),
    ) {
        let design = drawn(&changes);
        let compiled = compile(&design);
        prop_assume!(compiled.is_ok());
        let network = with_few_items(compiled.unwrap_or_default());
        let together: Vec<_> = changes.iter().chain(&later).cloned().collect();
        let edited: Vec<Network> = compile(&drawn(&together)).into_iter().map(with_few_items).collect();
        let first = run(&network, &disturbances, &edited, seed)?;
        let again = run(&network, &disturbances, &edited, seed)?;
        prop_assert_eq!(first, again);
    }
}
