//! Faults as people switch and tune them: with what strength each strikes where.

use leptos::prelude::*;

use super::Engine;
use crate::design::fault::{Fault, FaultKind};
use crate::design::script::{Action, Target};
use crate::editor::faults;
use crate::sim::snapshot::Health;
use crate::sorted;
use crate::ui::editor::Editor;

/// Strengths that people have chosen; everything else strikes as the script says, or with its usual strength.
pub type Strengths = sorted::Map<(Target, FaultKind), Fault>;

impl Engine {
    /// The fault with the strength that it has there, or would have; follows both.
    pub fn fault(self, editor: Editor, target: Target, kind: FaultKind) -> Fault {
        let chosen = self.strengths.with(|strengths| strengths.get(&(target, kind)).cloned());
        chosen.unwrap_or_else(|| {
            editor.design().with(|design| {
                let scripted = faults::scripted(&design.settings().script, target, kind);
                scripted.cloned().unwrap_or_else(|| kind.with_defaults())
            })
        })
    }

    /// What is wrong at the moment, as what would make it so.
    pub fn faults(self, editor: Editor) -> Vec<Action> {
        let snapshot = self.latest();
        let dead = snapshot.stations.iter().filter(|station| station.health == Health::Down);
        let kills = dead.map(|station| Action::KillInstance(station.component, station.instance));
        untrack(|| {
            self.at_work.with(|at_work| {
                let targets = at_work.targets().flat_map(|target| at_work.at(target).map(move |kind| (target, kind)));
                let injected =
                    targets.map(|(target, kind)| Action::Inject { target, fault: self.fault(editor, target, kind) });
                kills.chain(injected).collect()
            })
        })
    }

    /// Lets this go wrong as the first run begins.
    pub fn begin_with(self, faults: Vec<Action>) {
        self.run.update_value(|run| run.begin_with(faults));
    }

    /// Whether the fault is at work there.
    pub fn is_struck(self, editor: Editor, target: Target, kind: FaultKind) -> bool {
        editor.design().with(|design| self.at_work.with(|at_work| at_work.has(design, target, kind)))
    }

    /// Begins the fault there, or ends it where it is at work.
    pub fn switch_fault(self, editor: Editor, target: Target, kind: FaultKind) {
        let fault = untrack(|| self.fault(editor, target, kind));
        let design = editor.design();
        self.act(
            design
                .with_untracked(|design| self.at_work.with_untracked(|at_work| at_work.switch(design, target, fault))),
        );
    }

    /// Gives the fault this strength from now on, and at once where it is at work if that `is_final`.
    pub fn tune_fault(self, editor: Editor, target: Target, fault: Fault, is_final: bool) {
        let kind = fault.kind();
        if is_final && untrack(|| self.is_struck(editor, target, kind)) {
            self.act(Action::Inject { target, fault: fault.clone() });
        }
        self.strengths.update(|strengths| {
            strengths.insert((target, kind), fault);
        });
    }
}
