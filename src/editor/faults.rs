//! Which faults make sense where, and which are at work: what inspector and menus offer.
//!
//! The engine tells what began and what ended; what is at work at the moment is added up from that here.

use crate::design::Kind;
use crate::design::fault::{Fault, FaultKind, Strikes};
use crate::design::script::{Action, ScriptEvent, Target};
use crate::sim::snapshot::{Happening, LogEntry};
use crate::sorted;

/// The faults that can strike a component of `kind`, in the order of the table of faults; a crash is left out, for
/// killing has a place of its own.
pub fn of_kind(kind: Kind) -> impl Iterator<Item = FaultKind> {
    let fits = move |fault: &FaultKind| match fault {
        FaultKind::Crash => false,
        FaultKind::Flush => matches!(kind, Kind::Cache | Kind::Cdn),
        FaultKind::StoppedReplication => matches!(kind, Kind::SqlDatabase | Kind::NosqlDatabase),
        FaultKind::Poison => kind == Kind::Queue,
        FaultKind::FullDisk => {
            matches!(kind, Kind::SqlDatabase | Kind::NosqlDatabase | Kind::Queue | Kind::ObjectStorage)
        }
        FaultKind::BadVersion | FaultKind::MemoryLeak => matches!(kind, Kind::Server | Kind::Worker),
        _ => true,
    };
    // Nothing befalls people.
    of_machines().filter(move |fault| kind != Kind::Users && fits(fault))
}

/// The faults that can strike links.
pub fn of_links() -> impl Iterator<Item = FaultKind> {
    FaultKind::ALL.iter().copied().filter(|fault| fault.strikes() == Strikes::Links)
}

/// The faults that can strike machines.
fn of_machines() -> impl Iterator<Item = FaultKind> {
    FaultKind::ALL.iter().copied().filter(|fault| fault.strikes() == Strikes::Machines)
}

/// Whether the fault lasts until it is ended; others strike once.
pub const fn lasts(fault: FaultKind) -> bool {
    !matches!(fault, FaultKind::Flush | FaultKind::Disconnect | FaultKind::Restart)
}

/// What is at work: for components and links, which faults have begun and not ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AtWork(sorted::Map<Target, sorted::Set<FaultKind>>);

impl AtWork {
    /// Takes in what the engine told. Whether anything has changed.
    pub fn take_in(&mut self, entry: &LogEntry) -> bool {
        let target = entry.link.map_or(Target::Component(entry.component), Target::Link);
        let before = self.0.get(&target).cloned();
        match entry.happening {
            Happening::FaultBegan(fault) if lasts(fault) => {
                self.0.get_or_insert_with(target, sorted::Set::new).insert(fault);
            }
            Happening::FaultEnded(Some(fault)) => {
                if let Some(faults) = self.0.get_mut(&target) {
                    faults.remove(&fault);
                }
            }
            Happening::FaultEnded(None) => {
                self.0.remove(&target);
            }
            _ => {}
        }
        self.0.retain(|_, faults| !faults.is_empty());
        self.0.get(&target).cloned() != before
    }

    /// Whether this fault is at work there.
    pub fn has(&self, target: Target, fault: FaultKind) -> bool {
        self.0.get(&target).is_some_and(|faults| faults.contains(&fault))
    }

    /// The faults at work there, in the order of the table of faults.
    pub fn at(&self, target: Target) -> impl Iterator<Item = FaultKind> {
        self.0.get(&target).into_iter().flatten().copied()
    }

    /// Whether nothing is wrong anywhere.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where anything is wrong.
    pub fn targets(&self) -> impl Iterator<Item = Target> {
        self.0.keys().copied()
    }

    /// What switches the fault: begins it, or ends it where it is at work.
    pub fn switch(&self, target: Target, fault: Fault) -> Action {
        if self.has(target, fault.kind()) {
            Action::Clear { target, fault: Some(fault.kind()) }
        } else {
            Action::Inject { target, fault }
        }
    }
}

/// The fault of that kind that a script lets strike there last.
pub fn scripted(script: &[ScriptEvent], target: Target, kind: FaultKind) -> Option<&Fault> {
    script.iter().rev().find_map(|event| match &event.action {
        Action::Inject { target: struck, fault } if *struck == target && fault.kind() == kind => Some(fault),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::field::{Configurable, Value};
    use crate::ids::{ComponentId, LinkId};
    use crate::units::SimTime;

    fn entry(link: Option<LinkId>, happening: Happening) -> LogEntry {
        LogEntry { at: SimTime::default(), component: ComponentId(1), instance: 0, link, happening }
    }

    #[test]
    fn what_began_is_at_work_until_it_ends() {
        let mut at_work = AtWork::default();
        let (server, link) = (Target::Component(ComponentId(1)), Target::Link(LinkId(5)));
        assert!(at_work.take_in(&entry(None, Happening::FaultBegan(FaultKind::Slow))));
        assert!(!at_work.take_in(&entry(None, Happening::FaultBegan(FaultKind::Slow))), "a second machine");
        at_work.take_in(&entry(Some(LinkId(5)), Happening::FaultBegan(FaultKind::Delay)));
        assert!(at_work.has(server, FaultKind::Slow) && at_work.has(link, FaultKind::Delay));
        assert_eq!(
            at_work.switch(server, FaultKind::Slow.with_defaults()),
            Action::Clear { target: server, fault: Some(FaultKind::Slow) }
        );
        at_work.take_in(&entry(None, Happening::FaultEnded(None)));
        assert!(!at_work.has(server, FaultKind::Slow) && at_work.has(link, FaultKind::Delay));
        at_work.take_in(&entry(Some(LinkId(5)), Happening::FaultEnded(Some(FaultKind::Delay))));
        assert!(at_work.is_empty());
    }

    #[test]
    fn a_script_says_how_strong_its_faults_are() {
        let target = Target::Component(ComponentId(1));
        let mut fault = FaultKind::Slow.with_defaults();
        fault.set("factor", Value::Number(20.0)).expect("in range");
        let inject = |target, fault: &Fault| Action::Inject { target, fault: fault.clone() };
        let event = |action| ScriptEvent { at_secs: 1.0, action };
        let elsewhere = inject(Target::Component(ComponentId(2)), &FaultKind::Slow.with_defaults());
        let script = [event(inject(target, &fault)), event(elsewhere)];
        assert_eq!(scripted(&script, target, FaultKind::Slow), Some(&fault));
        assert_eq!(scripted(&script, target, FaultKind::Errors), None);
    }

    #[test]
    fn what_strikes_once_is_never_at_work() {
        let mut at_work = AtWork::default();
        assert!(!at_work.take_in(&entry(None, Happening::FaultBegan(FaultKind::Flush))));
        assert!(at_work.is_empty());
    }

    #[test]
    fn every_fault_is_offered_somewhere() {
        for &fault in FaultKind::ALL {
            let is_offered = fault == FaultKind::Crash
                || of_links().any(|one| one == fault)
                || Kind::ALL.iter().any(|&kind| of_kind(kind).any(|one| one == fault));
            assert!(is_offered, "{}", fault.key());
        }
        assert_eq!(of_kind(Kind::Users).count(), 0);
    }
}
