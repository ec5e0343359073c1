//! Which faults make sense where, and which are at work: what inspector and menus offer.
//!
//! The engine tells what began and what ended; what is at work at the moment is added up from that here.

use crate::design::fault::{Fault, FaultKind, Strikes};
use crate::design::script::{Action, ScriptEvent, Target};
use crate::design::{Design, Kind};
use crate::sim::snapshot::{Happening, LogEntry};
use crate::sorted;

/// The faults that can strike a component of `kind`, in the order of the table of faults, and last that it is cut off: a
/// partition of all its links. A crash is left out, for killing has a place of its own.
pub fn of_kind(kind: Kind) -> impl Iterator<Item = FaultKind> {
    // Nothing befalls people.
    of_machines_of(kind).chain([FaultKind::Partition]).filter(move |_| kind != Kind::Users)
}

/// The faults that can strike the machines of a component of `kind`, but for a crash.
fn of_machines_of(kind: Kind) -> impl Iterator<Item = FaultKind> {
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
    of_machines().filter(fits)
}

/// The faults that can strike a frame: all machines in it, or all links across its border.
pub fn of_frames() -> impl Iterator<Item = FaultKind> {
    core::iter::once(FaultKind::Crash).chain(of_machines_of(Kind::Server)).chain(of_links())
}

/// The faults that a script can let strike there, a crash among them; none if there is no such target.
pub fn of_target(design: &Design, target: Target) -> Vec<FaultKind> {
    match target {
        Target::Component(id) | Target::Instance(id, _) => {
            let kind =
                design.component(id).map(|component| component.config.kind()).filter(|kind| *kind != Kind::Users);
            kind.into_iter().flat_map(|kind| core::iter::once(FaultKind::Crash).chain(of_kind(kind))).collect()
        }
        Target::Link(id) => design.link(id).into_iter().flat_map(|_| of_links()).collect(),
        Target::Frame(id) => {
            let frame = design.holding_frames().find(|frame| frame.id == id);
            frame.into_iter().flat_map(|_| of_frames()).collect()
        }
    }
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

    /// Whether this fault is at work there. A fault of links is at work at a component while all its links have it.
    pub fn has(&self, design: &Design, target: Target, fault: FaultKind) -> bool {
        let is_struck = |target| self.0.get(&target).is_some_and(|faults| faults.contains(&fault));
        match target {
            Target::Component(id) if fault.strikes() == Strikes::Links => {
                let mut links = design.links_to(id).into_iter().chain(design.links_from(id)).peekable();
                links.peek().is_some() && links.all(|link| is_struck(Target::Link(link.id)))
            }
            _ => is_struck(target),
        }
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
    pub fn switch(&self, design: &Design, target: Target, fault: Fault) -> Action {
        if self.has(design, target, fault.kind()) {
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
    use crate::design::edit::Edit;
    use crate::design::field::{Configurable, Value};
    use crate::design::{Frame, FrameConfig, FrameKind};
    use crate::geometry::Rect;
    use crate::ids::{ComponentId, FrameId, LinkId};
    use crate::units::SimTime;

    fn entry(link: Option<LinkId>, happening: Happening) -> LogEntry {
        LogEntry { at: SimTime::default(), component: ComponentId(1), instance: 0, link, happening }
    }

    #[test]
    fn what_began_is_at_work_until_it_ends() {
        let design = Design::new();
        let mut at_work = AtWork::default();
        let (server, link) = (Target::Component(ComponentId(1)), Target::Link(LinkId(5)));
        assert!(at_work.take_in(&entry(None, Happening::FaultBegan(FaultKind::Slow))));
        assert!(!at_work.take_in(&entry(None, Happening::FaultBegan(FaultKind::Slow))), "a second machine");
        at_work.take_in(&entry(Some(LinkId(5)), Happening::FaultBegan(FaultKind::Delay)));
        assert!(at_work.has(&design, server, FaultKind::Slow) && at_work.has(&design, link, FaultKind::Delay));
        assert_eq!(
            at_work.switch(&design, server, FaultKind::Slow.with_defaults()),
            Action::Clear { target: server, fault: Some(FaultKind::Slow) }
        );
        at_work.take_in(&entry(None, Happening::FaultEnded(None)));
        assert!(!at_work.has(&design, server, FaultKind::Slow) && at_work.has(&design, link, FaultKind::Delay));
        at_work.take_in(&entry(Some(LinkId(5)), Happening::FaultEnded(Some(FaultKind::Delay))));
        assert!(at_work.is_empty());
    }

    #[test]
    fn a_component_is_cut_off_while_all_its_links_are() {
        let design = crate::design::examples::starter();
        let database = design.component_named("Database").expect("the starter has one").id;
        let links: Vec<LinkId> = design.links_to(database).iter().map(|link| link.id).collect();
        let target = Target::Component(database);
        let cut = FaultKind::Partition.with_defaults();
        let mut at_work = AtWork::default();
        assert_eq!(at_work.switch(&design, target, cut.clone()), Action::Inject { target, fault: cut.clone() });
        for link in links {
            assert!(!at_work.has(&design, target, FaultKind::Partition));
            at_work.take_in(&entry(Some(link), Happening::FaultBegan(FaultKind::Partition)));
        }
        let joined = Action::Clear { target, fault: Some(FaultKind::Partition) };
        assert_eq!(at_work.switch(&design, target, cut), joined);
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
    fn a_script_is_offered_what_can_happen_there() {
        let mut design = crate::design::examples::starter();
        let [users, dns, database] =
            ["Users", "DNS", "Database"].map(|name| design.component_named(name).expect("the starter has it").id);
        let of = |design: &Design, target| of_target(design, target);
        assert!(of(&design, Target::Component(users)).is_empty());
        assert_eq!(of(&design, Target::Component(dns))[0], FaultKind::Crash);
        assert!(!of(&design, Target::Component(dns)).contains(&FaultKind::FullDisk));
        assert!(of(&design, Target::Component(database)).contains(&FaultKind::FullDisk));
        let link = design.links().next().expect("the starter has links").id;
        assert!(of(&design, Target::Link(link)).contains(&FaultKind::Partition));
        let frame = FrameId(design.fresh_id());
        assert!(of(&design, Target::Frame(frame)).is_empty());
        let zone = Frame {
            id: frame,
            name: "zone".to_owned(),
            kind: FrameKind::Zone,
            area: Rect::default(),
            config: FrameConfig::default(),
        };
        design.apply(Edit::AddFrame(zone)).expect("a new identity");
        let strikes = of(&design, Target::Frame(frame));
        assert!(strikes.contains(&FaultKind::Crash) && strikes.contains(&FaultKind::Partition));
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
