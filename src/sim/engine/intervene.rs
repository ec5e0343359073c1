//! What people, scripts and faults do to a running simulation.

use super::Simulation;
use crate::design::ComponentConfig;
use crate::design::fault::{Fault, FaultKind, Strikes};
use crate::design::field::{Configurable, Value};
use crate::design::script::{Action, Target};
use crate::ids::ComponentId;
use crate::network::{LinkIdx, Network, StationIdx, StationSpec};
use crate::sim::call::{CallIdx, CallRef, Stage};
use crate::sim::condition::Presence;
use crate::sim::event::{Timer, Token};
use crate::sim::snapshot::{Happening, Outcome};
use crate::sim::station::Station;
use crate::units::SimDuration;

/// A parameter that was set while it ran.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    target: Target,
    key: String,
    value: Value,
    /// What the design said at the time.
    drawn: Value,
}

impl Simulation {
    /// Does something to the running system now. What cannot be done, as to what is not there, does nothing.
    pub fn act(&mut self, action: Action) {
        self.observer.note_change(&mut self.core, &self.stations);
        match action {
            Action::SetUsers(users) => {
                self.core.users = users;
                for station in &mut self.stations {
                    station.set_users(&mut self.core);
                }
            }
            Action::Kill(component) => self.inject(Target::Component(component), &Fault::Crash),
            Action::KillInstance(component, instance) => {
                self.inject(Target::Instance(component, instance), &Fault::Crash);
            }
            Action::Restore(component) => self.clear(Target::Component(component), Some(FaultKind::Crash)),
            Action::Deploy(component) => self.deploy(component),
            Action::RestoreBackup(component) => self.restore_backup(component),
            Action::Inject { target, fault } => self.inject(target, &fault),
            Action::Clear { target, fault } => self.clear(target, fault),
            Action::SetParameter { target, key, value } => self.set_parameter(target, key, value),
        }
    }

    /// A database goes back to its last backup, as when somebody has destroyed its data.
    fn restore_backup(&mut self, component: ComponentId) {
        for station in self.stations_of(component) {
            if let Station::SqlDatabase(database) = &mut self.stations[station.0 as usize] {
                database.restore_backup(&mut self.core);
            }
        }
    }

    fn inject(&mut self, target: Target, fault: &Fault) {
        if fault.kind().strikes() == Strikes::Links {
            // What was due before goes the way that it found.
            self.core.settle_replication();
            for link in self.links_at(target) {
                self.core.links[link.0 as usize].add_fault(self.core.seed, fault.clone());
                self.core.note_link(link, Happening::FaultBegan(fault.kind()));
            }
            self.core.look_at_replication();
            return;
        }
        let mut struck = self.stations_at(target);
        if let Fault::BadVersion(version) = fault {
            // The machines of each component that got the release first.
            struck.retain(|&station| {
                let (component, instance) = self.core.identities[station.0 as usize];
                let machines = self.stations_of(component).len() as f64;
                f64::from(instance) < (version.machine_share * machines).max(1.0)
            });
        }
        if let (Target::Frame(frame), Fault::Crash) = (target, fault) {
            self.dark.insert(frame);
        }
        for station in struck {
            self.strike(station, fault);
        }
    }

    /// Whether a station lies in a region or zone that is out, where neither machines nor people can start it.
    pub(super) fn is_dark(&self, station: StationIdx) -> bool {
        let is_it = |spec: &StationSpec| spec.frames.iter().any(|frame| self.dark.contains(frame));
        let place = || self.shown_stations.iter().position(|&shown| shown == station);
        !self.dark.is_empty() && place().is_some_and(|place| is_it(&self.network.stations[place]))
    }

    fn strike(&mut self, station: StationIdx, fault: &Fault) {
        let place = station.0 as usize;
        if !self.stations[place].can_fail() {
            return;
        }
        match fault {
            Fault::Crash => self.kill(station),
            Fault::Restart(restart) => self.fail_for(station, SimDuration::from_secs_f64(restart.down_secs)),
            Fault::Unreliable(_) => {
                self.core.add_trouble(station, fault.clone());
                self.core.note(station, Happening::FaultBegan(FaultKind::Unreliable));
                if self.core.works(station) {
                    self.core.plan_breakdown(station);
                }
            }
            Fault::Flush => {
                self.stations[place].flush();
                self.core.note(station, Happening::FaultBegan(FaultKind::Flush));
            }
            Fault::Disconnect => {
                self.core.note(station, Happening::FaultBegan(FaultKind::Disconnect));
                self.disconnect(station);
            }
            lasting => {
                self.core.settle_replication();
                self.core.add_trouble(station, lasting.clone());
                self.core.note(station, Happening::FaultBegan(lasting.kind()));
                self.core.look_at_replication();
            }
        }
    }

    fn clear(&mut self, target: Target, kind: Option<FaultKind>) {
        self.core.settle_replication();
        // Who clears everything of a component means the component, not every link to it.
        let means_links = match kind {
            Some(kind) => kind.strikes() == Strikes::Links,
            None => matches!(target, Target::Link(_) | Target::Frame(_)),
        };
        if means_links {
            for link in self.links_at(target) {
                if self.core.links[link.0 as usize].remove_fault(kind) {
                    self.core.note_link(link, Happening::FaultEnded(kind));
                }
            }
        }
        if let (Target::Frame(frame), None | Some(FaultKind::Crash)) = (target, kind) {
            self.dark.remove(&frame);
        }
        for station in self.stations_at(target) {
            let (changed, held) = self.core.remove_trouble(station, kind);
            if changed {
                self.core.note(station, Happening::FaultEnded(kind));
            }
            self.resume(station, &held);
            if kind.is_none_or(|kind| matches!(kind, FaultKind::Crash | FaultKind::Restart)) {
                self.restore(station);
            }
        }
        self.core.look_at_replication();
    }

    /// Puts everything right that is wrong with a component and its links, unless it lies in a region that is out.
    pub(super) fn put_right(&mut self, component: ComponentId) {
        if self.stations_of(component).into_iter().any(|station| self.is_dark(station)) {
            return;
        }
        self.clear(Target::Component(component), None);
        for link in self.links_at(Target::Component(component)) {
            if self.core.links[link.0 as usize].remove_fault(None) {
                self.core.note_link(link, Happening::FaultEnded(None));
            }
        }
        self.core.look_at_replication();
    }

    /// A process that hung goes on with the calls that it had accepted.
    fn resume(&mut self, station: StationIdx, held: &[CallRef]) {
        for &call in held {
            if let Some(call) = self.core.calls.find(call) {
                self.stations[station.0 as usize].on_arrive(&mut self.core, call);
            }
        }
    }

    /// The machines that a target means, by component and instance.
    fn stations_at(&self, target: Target) -> Vec<StationIdx> {
        match target {
            Target::Component(component) => self.stations_of(component),
            Target::Instance(component, instance) => {
                self.station_places.get(&(component, instance)).copied().into_iter().collect()
            }
            Target::Link(_) => Vec::new(),
            Target::Frame(id) => {
                let places = self.network.stations.iter().zip(&self.shown_stations);
                places.filter(|(spec, _)| spec.frames.contains(&id)).map(|(_, &place)| place).collect()
            }
        }
    }

    /// The links that a target means: one, those at a component, or those that cross the border of a frame.
    fn links_at(&self, target: Target) -> Vec<LinkIdx> {
        let places = self.network.links.iter().zip(&self.shown_links);
        let at_end = |component: ComponentId| {
            let meets = move |from, to| from == component || to == component;
            self.network.links.iter().zip(&self.shown_links).filter(move |(link, _)| meets(link.from, link.to))
        };
        match target {
            Target::Link(id) => places.filter(|(link, _)| link.id == id).map(|(_, &place)| place).collect(),
            Target::Component(id) | Target::Instance(id, _) => at_end(id).map(|(_, &place)| place).collect(),
            Target::Frame(id) => {
                let inside = |component| {
                    let spec = self.network.stations.iter().find(|spec| spec.component == component);
                    spec.is_some_and(|spec| spec.frames.contains(&id))
                };
                places.filter(|(link, _)| inside(link.from) != inside(link.to)).map(|(_, &place)| place).collect()
            }
        }
    }

    pub(super) fn stations_of(&self, component: ComponentId) -> Vec<StationIdx> {
        self.station_places.range(&(component, 0), &(component, u32::MAX)).map(|(_, &station)| station).collect()
    }

    /// A process dies: its calls end, callers see the connection break.
    pub(super) fn kill(&mut self, station: StationIdx) {
        let presence = self.core.conditions[station.0 as usize].presence();
        if !presence.works() && presence != Presence::Starting || !self.stations[station.0 as usize].can_fail() {
            return;
        }
        self.core.note(station, Happening::Killed);
        self.take_down(station, Presence::Down);
        for part in self.hosted_by(station).into_iter().chain(self.containers_on(station)) {
            self.kill(part);
        }
    }

    /// The stations that run on the machine which a station stands for.
    fn hosted_by(&self, station: StationIdx) -> Vec<StationIdx> {
        let parts = self.network.stations.iter().zip(&self.shown_stations);
        let runs_on =
            |spec: &StationSpec| spec.host.is_some_and(|host| self.shown_stations[host.0 as usize] == station);
        let parts = parts.filter(|(spec, _)| runs_on(spec)).map(|(_, &part)| part);
        parts.filter(|&part| !self.is_orchestrated(part)).collect()
    }

    /// A process dies and is started again after a while.
    fn fail_for(&mut self, station: StationIdx, span: SimDuration) {
        if self.core.works(station) {
            self.kill(station);
            let era = self.core.set_presence(station, Presence::Down);
            self.core.set_timer(station, span, Timer::Repair, era);
        }
    }

    /// A station that is unreliable fails, if that still holds.
    pub(super) fn break_down(&mut self, station: StationIdx, token: Token) {
        if let Some(span) = self.core.break_down(station, token) {
            self.fail_for(station, span);
        }
    }

    /// A process that wants more memory than there is gets killed, and is started again.
    pub(super) fn run_out_of_memory(&mut self, station: StationIdx) {
        let Some(restart) = self.stations[station.0 as usize].restart_time() else { return };
        self.core.note(station, Happening::OutOfMemory);
        self.take_down(station, Presence::Down);
        // An orchestrator starts its containers itself.
        if !self.is_orchestrated(station) {
            let era = self.core.set_presence(station, Presence::Down);
            self.core.set_timer(station, restart, Timer::Repair, era);
        }
    }

    /// Ends a process and all that it works on; it is `presence` from now on.
    pub(super) fn take_down(&mut self, station: StationIdx, presence: Presence) {
        self.core.set_presence(station, presence);
        self.core.conditions[station.0 as usize].release();
        self.hidden.remove(&station);
        self.core.forget_caller(station);
        for call in self.calls_at(station) {
            self.core.answer(call, Outcome::TargetDown);
        }
        self.stations[station.0 as usize].on_down(&mut self.core, station);
        self.hang_up_orphans();
    }

    /// All callers of a station lose their connections; what it works on, it works on for nobody.
    fn disconnect(&mut self, station: StationIdx) {
        let here: Vec<CallRef> =
            self.calls_at(station).into_iter().map(|call| self.core.calls.reference(call)).collect();
        for call in here {
            if let Some(call) = self.core.calls.find(call)
                && let Some(delivery) = self.core.give_up(call, Outcome::TargetDown)
            {
                self.deliver(&delivery);
            }
        }
        self.tell_ended();
        self.hang_up_orphans();
    }

    /// The calls that a station has accepted and not answered, in order of place.
    fn calls_at(&self, station: StationIdx) -> Vec<CallIdx> {
        self.core.calls.filter(|call| {
            call.station == station
                && !call.is_root()
                && matches!(call.stage, Stage::Waiting | Stage::Ready | Stage::Serving | Stage::Calling)
        })
    }

    /// A dead process is there again, empty; whatever made it hang is gone with it.
    pub(super) fn restore(&mut self, station: StationIdx) {
        if self.core.conditions[station.0 as usize].presence() != Presence::Down {
            return;
        }
        self.core.set_presence(station, Presence::Serving);
        self.core.remove_trouble(station, Some(FaultKind::Hang));
        self.core.plan_breakdown(station);
        self.core.note(station, Happening::Restored);
        self.stations[station.0 as usize].on_up(&mut self.core, station);
        for part in self.hosted_by(station) {
            self.restore(part);
        }
    }

    pub(super) fn set_parameter(&mut self, target: Target, key: String, value: Value) {
        let mut network = self.network.clone();
        let Some(drawn) = change(&mut network, target, &key, &value) else { return };
        self.settings.retain(|setting| setting.target != target || setting.key != key);
        self.settings.push(Setting { target, key, value, drawn });
        self.install(network);
    }

    /// Enters into a newly drawn network what has been set while it ran, but for what has been drawn anew since.
    pub(super) fn keep_settings(&mut self, network: &mut Network) {
        self.settings.retain(|setting| {
            let is_as_drawn = drawn(network, setting.target, &setting.key).is_some_and(|now| now == setting.drawn);
            is_as_drawn && change(network, setting.target, &setting.key, &setting.value).is_some()
        });
    }
}

/// The value of a parameter of a network; `None` if there is no such part or parameter.
fn drawn(network: &Network, target: Target, key: &str) -> Option<Value> {
    match target {
        Target::Component(id) | Target::Instance(id, _) => {
            network.stations.iter().find(|spec| spec.component == id)?.config.get(key)
        }
        Target::Link(id) => network.links.iter().find(|spec| spec.id == id)?.config.get(key),
        Target::Frame(_) => None,
    }
}

/// Sets a parameter of a network to a value that its field lets through. Gives the value before; `None` if there is no
/// such part or parameter, or if it is of another type.
fn change(network: &mut Network, target: Target, key: &str, value: &Value) -> Option<Value> {
    let before = drawn(network, target, key)?;
    match target {
        Target::Component(id) | Target::Instance(id, _) => {
            let mut config: ComponentConfig = network.stations.iter().find(|spec| spec.component == id)?.config;
            config.put_checked(key, value.clone()).then_some(())?;
            network.reconfigure(id, &config);
        }
        Target::Link(id) => {
            network.links.iter_mut().find(|spec| spec.id == id)?.config.put_checked(key, value.clone()).then_some(())?;
        }
        Target::Frame(_) => return None,
    }
    Some(before)
}
