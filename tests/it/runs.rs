//! What a run shows of itself, on random drawings with random faults and edits. That nothing is lost or invented is
//! `conservation`'s business.

use headroom::design::Design;
use headroom::design::edit::Edit;
use headroom::design::field::{Configurable, Value};
use headroom::design::script::Action;
use headroom::network::compile;
use headroom::sim::Simulation;
use headroom::sim::snapshot::{Percentiles, Snapshot};
use headroom::units::{SimDuration, SimTime};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::random::{Change, changes, drawn, edit, property};

/// Most events of one slice of a run: enough to meet every mechanism, few enough for hundreds of runs.
const SLICE_EVENTS: u64 = 3000;

/// Something that happens between two slices of a run.
#[derive(Clone, Debug)]
enum Happening {
    Kill(Index),
    Restore(Index),
    SetUsers(u64),
    Edit(Change),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        2 => any::<Index>().prop_map(Happening::Kill),
        2 => any::<Index>().prop_map(Happening::Restore),
        1 => (1..1_000_000_u64).prop_map(Happening::SetUsers),
        2 => crate::random::change().prop_map(Happening::Edit),
    ]
}

/// The drawing with its tables kept small: filling in millions of items would be all that a test does.
fn modest(mut design: Design) -> Design {
    let ids: Vec<_> = design.components().map(|component| component.id).collect();
    for id in ids {
        for (key, limit) in [
            ("keys", 5000.0),
            ("static_keys", 5000.0),
            ("capacity_entries", 5000.0),
            ("resolvers", 1000.0),
            ("instances", 5.0),
            ("static_per_page", 3.0),
        ] {
            let present = design.component(id).and_then(|component| component.config.get(key));
            if let Some(Value::Number(number)) = present
                && number > limit
            {
                design.apply(Edit::SetParameter(id, key, Value::Number(limit))).expect("limits lie in range");
            }
        }
    }
    design
}

/// Runs `design` with `happenings` between slices and gives a snapshot after each.
fn run(mut design: Design, happenings: &[Happening], seed: u64) -> Vec<Snapshot> {
    let network = compile(&design).expect("the caller has looked");
    let mut simulation = Simulation::new(network, seed);
    let mut snapshots = Vec::new();
    for happening in happenings {
        let until = simulation.now() + SimDuration::from_secs(5);
        simulation.advance_at_most(until, SLICE_EVENTS);
        snapshots.push(simulation.snapshot());
        let ids: Vec<_> = design.components().map(|component| component.id).collect();
        match happening {
            Happening::Kill(index) => simulation.act(Action::Kill(*index.get(&ids))),
            Happening::Restore(index) => simulation.act(Action::Restore(*index.get(&ids))),
            Happening::SetUsers(users) => simulation.act(Action::SetUsers(*users)),
            Happening::Edit(change) => {
                let mut edited = design.clone();
                if let Some(edit) = edit(&mut edited, change)
                    && edited.apply(edit).is_ok()
                {
                    edited = modest(edited);
                    if let Ok(network) = compile(&edited) {
                        simulation.swap(network);
                        design = edited;
                    }
                }
            }
        }
    }
    simulation.advance_at_most(simulation.now() + SimDuration::from_secs(5), SLICE_EVENTS);
    snapshots.push(simulation.snapshot());
    snapshots
}

fn sound(percentiles: &Percentiles) -> bool {
    let steps = [
        percentiles.p50_secs,
        percentiles.p90_secs,
        percentiles.p95_secs,
        percentiles.p99_secs,
        percentiles.p999_secs,
        percentiles.max_secs,
    ];
    steps.is_sorted() && steps.iter().chain([&percentiles.mean_secs]).all(|secs| secs.is_finite() && *secs >= 0.0)
}

proptest! {
    #![proptest_config(property(96))]

    #[test]
    fn any_design_that_compiles_runs(
        start in changes(1..50),
        happenings in proptest::collection::vec(happening(), 0..8),
        seed: u64,
    ) {
        let design = modest(drawn(&start));
        prop_assume!(compile(&design).is_ok());
        let snapshots = run(design.clone(), &happenings, seed);
        // A mean over a time in which capacity was taken away may exceed what is left.
        let resized = happenings.iter().any(|happening| matches!(happening, Happening::Edit(_)));
        prop_assert!(snapshots.is_sorted_by_key(|snapshot| (snapshot.now, snapshot.events, snapshot.requests)));
        for snapshot in &snapshots {
            for station in &snapshot.stations {
                prop_assert!(sound(&station.wait) && sound(&station.response), "{:?}", station);
                prop_assert!(station.queue_length.is_finite() && station.queue_length >= 0.0, "{:?}", station);
                for resource in &station.resources {
                    prop_assert!(resource.used >= 0.0, "{:?}", station);
                    prop_assert!(resized || resource.used <= resource.capacity * (1.0 + 1e-9), "{:?}", station);
                }
            }
            for link in &snapshot.links {
                prop_assert!(sound(&link.response) && link.attempt_rate >= link.retry_rate, "{:?}", link);
            }
            for sample in &snapshot.samples {
                prop_assert!(sound(&sample.latency) && sample.at <= snapshot.now, "{:?}", sample);
                prop_assert!(sample.utilisation.is_sorted_by_key(|(component, _)| *component));
                prop_assert!(sample.utilisation.iter().all(|(_, share)| (0.0..=1.0).contains(share)), "{:?}", sample);
            }
        }
        // The same again is the same to the bit.
        prop_assert_eq!(run(design, &happenings, seed), snapshots);
    }
}

#[test]
fn slices_do_not_matter() {
    let network = compile(&headroom::design::examples::Example::REPLICATED.design()).expect("it runs");
    let mut whole = Simulation::new(network.clone(), 7);
    whole.advance(SimTime::from_secs_f64(3.0));
    let mut sliced = Simulation::new(network, 7);
    while !sliced.advance_at_most(SimTime::from_secs_f64(3.0), 1009) {}
    assert_eq!(whole.fingerprint(), sliced.fingerprint());
    assert_eq!(whole.snapshot(), sliced.snapshot());
}
