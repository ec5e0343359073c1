//! Properties of editing and compiling, on random drawings.

use std::collections::BTreeSet;

use headroom::design::edit::Edit;
use headroom::design::history::History;
use headroom::design::{ComponentConfig, Design, Kind};
use headroom::network::{Severity, compile, problems};
use proptest::prelude::*;

use crate::random::{Change, change, changes, drawn, edit, property};

proptest! {
    #![proptest_config(property(256))]

    #[test]
    fn undoing_everything_leads_back_and_redoing_forth(start in changes(0..30), then in changes(0..40)) {
        let mut design = drawn(&start);
        let mut history = History::default();
        let mut states = vec![design.clone()];
        for change in &then {
            if let Some(edit) = edit(&mut design, change)
                && history.perform(&mut design, edit).is_ok()
            {
                states.push(design.clone());
            }
        }
        for state in states.iter().rev().skip(1) {
            prop_assert!(history.undo(&mut design));
            prop_assert_eq!(&design, state);
        }
        prop_assert!(!history.undo(&mut design));
        for state in states.iter().skip(1) {
            prop_assert!(history.redo(&mut design));
            prop_assert_eq!(&design, state);
        }
        prop_assert!(!history.redo(&mut design));
    }

    #[test]
    fn a_gesture_is_one_step_and_can_be_cancelled(start in changes(0..30), then in changes(0..10), cancel: bool) {
        let mut design = drawn(&start);
        let before = design.clone();
        let mut history = History::default();
        history.begin_gesture();
        for change in &then {
            if let Some(edit) = edit(&mut design, change) {
                // A refused edit is no part of the gesture.
                let _refused = history.perform(&mut design, edit);
            }
        }
        let after = design.clone();
        if cancel {
            history.cancel_gesture(&mut design);
            prop_assert!(!history.can_undo());
        } else {
            history.end_gesture();
            if history.undo(&mut design) {
                prop_assert_eq!(&design, &before);
                prop_assert!(!history.can_undo());
                prop_assert!(history.redo(&mut design));
                prop_assert_eq!(&design, &after);
                history.undo(&mut design);
            }
        }
        prop_assert_eq!(design, before);
    }

    #[test]
    fn a_batch_that_fails_changes_nothing(start in changes(0..30), parts in changes(0..8)) {
        let mut design = drawn(&start);
        let before = design.clone();
        let batch = edit(&mut design, &Change::Batch(parts, true)).expect("a batch needs no target");
        prop_assert!(design.apply(batch).is_err());
        prop_assert_eq!(&design, &before);
        // Equality looks at what is listed; the graph beneath must agree with it.
        prop_assert_eq!(design.link_count(), design.links().count());
        prop_assert_eq!(compile(&design), compile(&before));
    }

    #[test]
    fn an_edit_that_is_refused_changes_nothing(start in changes(0..30), first in change()) {
        let mut design = drawn(&start);
        let before = design.clone();
        if let Some(edit) = edit(&mut design, &first)
            && let Err(_refused) = design.apply(edit)
        {
            prop_assert_eq!(design, before);
        }
    }

    #[test]
    fn identities_are_never_given_twice(all in changes(0..60)) {
        let mut design = Design::new();
        let mut given = BTreeSet::new();
        for change in &all {
            let fresh = design.fresh_id();
            prop_assert!(given.insert(fresh));
            if let Some(edit) = edit(&mut design, change) {
                let _refused = design.apply(edit);
            }
            // Those given out while the edit was made.
            given.extend(design.components().map(|component| component.id.0));
            given.extend(design.links().map(|link| link.id.0));
            given.extend(design.frames().map(|frame| frame.id.0));
        }
    }

    #[test]
    fn removing_and_restoring_a_component_leaves_the_same_network(start in changes(0..60)) {
        let design = drawn(&start);
        let ids: Vec<_> = design.components().map(|component| component.id).collect();
        let mut edited = design.clone();
        for id in ids {
            let restore = edited.apply(Edit::RemoveComponent(id)).expect("listed");
            edited.apply(restore).expect("was there");
        }
        prop_assert_eq!(&edited, &design);
        prop_assert_eq!(problems(&edited), problems(&design));
        prop_assert_eq!(compile(&edited), compile(&design));
    }

    #[test]
    fn a_network_is_well_formed_whenever_a_design_compiles(start in changes(0..60)) {
        let design = drawn(&start);
        let found = problems(&design);
        match compile(&design) {
            Err(reported) => {
                prop_assert_eq!(&reported, &found);
                prop_assert_eq!(reported[0].severity(), Severity::Error);
            }
            Ok(network) => {
                prop_assert!(found.iter().all(|problem| problem.severity() == Severity::Warning));
                for (link, drawn) in network.links.iter().zip(design.links()) {
                    prop_assert_eq!(link.id, drawn.id);
                    let stations: Vec<_> = network.stations_of(link.to).collect();
                    let kind_of = |id| design.component(id).map(|end| end.config.kind());
                    match &design.component(link.to).expect("links have ends").config {
                        // Users talk to their own edge of a CDN.
                        ComponentConfig::Cdn(_) if kind_of(link.from) == Some(Kind::Users) => {
                            prop_assert!(link.targets.len() == 1 && stations.contains(&link.targets[0]));
                        }
                        // Others know the edges, of which there is at least one, and not the shield behind them.
                        ComponentConfig::Cdn(cdn) => {
                            let edges = stations.len() - usize::from(cdn.origin_shield);
                            prop_assert!(edges > 0);
                            prop_assert_eq!(&link.targets, &stations[..edges]);
                        }
                        _ => prop_assert_eq!(&link.targets, &stations),
                    }
                }
                for station in &network.stations {
                    for link in &station.outgoing {
                        prop_assert_eq!(network.links[link.0 as usize].from, station.component);
                    }
                }
                for (position, group) in network.replication_groups.iter().enumerate() {
                    let members = group.replicas.iter().map(|(replica, _)| replica).chain([&group.primary]);
                    for member in members {
                        let station = &network.stations[member.0 as usize];
                        prop_assert_eq!(station.replication_group, Some(u32::try_from(position).expect("few")));
                    }
                }
            }
        }
        for problem in found {
            let sentence = problem.to_string();
            prop_assert!(sentence.ends_with(['.', ':']) || sentence.contains(": "), "{}", sentence);
        }
    }
}

/// The properties above would hold for nothing at all; random drawings must be worth looking at.
#[test]
fn random_drawings_often_compile() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = changes(0..60);
    let (mut running, mut linked) = (0, 0);
    for _ in 0..200 {
        let tree = proptest::strategy::Strategy::new_tree(&strategy, &mut runner).expect("nothing is filtered");
        let design = drawn(&proptest::strategy::ValueTree::current(&tree));
        running += usize::from(compile(&design).is_ok());
        linked += usize::from(design.links().count() > 5);
    }
    assert!(running >= 20, "only {running} of 200 compile");
    assert!(linked >= 50, "only {linked} of 200 have more than 5 links");
}
