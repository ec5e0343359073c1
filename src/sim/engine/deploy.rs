//! Delivery pipelines: each brings a new release of what it is connected to into service, instance by instance, watches
//! how it does, and takes it back if it does badly.
//!
//! A release is a number that every instance carries; what is bad about one is done to its instances as the fault
//! `bad_version` does it. New instances take places that are free: a network keeps some for components that are
//! deployed. An autoscaler rests while its component is deployed.
//!
//! # Sources
//! Kubernetes, *Deployments* (surge, unavailable, progress deadline); M. Fowler, *BlueGreenDeployment* (2010);
//! D. Sato, *CanaryRelease* (2014).

use super::Simulation;
use super::scale::GRACE;
use crate::design::fault::{BadVersion, Fault, FaultKind};
use crate::design::kind::pipeline::{Pipeline as Config, Strategy};
use crate::design::{ComponentConfig, LinkRole};
use crate::ids::ComponentId;
use crate::network::{Network, StationIdx};
use crate::sim::condition::Presence;
use crate::sim::observer::Load;
use crate::sim::snapshot::Happening;
use crate::sorted::{Map, sort_by};
use crate::units::{SimDuration, SimTime};

/// What a release is like.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Quality {
    error_share: f64,
    slow_factor: f64,
    crashes: bool,
}

const GOOD: Quality = Quality { error_share: 0.0, slow_factor: 1.0, crashes: false };

/// The pipeline of one component of that kind.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    component: ComponentId,
    station: StationIdx,
    config: Config,
    targets: Vec<ComponentId>,
    next_at: SimTime,
    /// The release that is in service.
    current: u32,
    /// The release that was made last.
    newest: u32,
    /// Releases that are not good.
    qualities: Map<u32, Quality>,
    rollout: Option<Rollout>,
}

/// A deployment on its way.
#[derive(Clone, Debug)]
struct Rollout {
    release: u32,
    /// What was in service before.
    before: u32,
    /// Whether a bad release is being taken back.
    returns: bool,
    stage: Stage,
    deadline: SimTime,
    parts: Vec<Part>,
    new: Load,
    old: Load,
}

/// How far a deployment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// A few instances of the new release are brought into service.
    Canary,
    /// They are watched.
    Trial(SimTime),
    /// All instances are replaced.
    Replace,
    /// Everything is new, and watched.
    Bake(SimTime),
}

/// One component of a deployment.
#[derive(Clone, Debug)]
struct Part {
    component: ComponentId,
    /// Instances that it is to have.
    wanted: u32,
    start: SimDuration,
    /// New instances that are ready, and since when.
    ready_since: Map<StationIdx, SimTime>,
    /// Instances that go, and since when.
    going: Vec<(StationIdx, SimTime)>,
    /// Whether traffic has moved over; for blue/green only.
    switched: bool,
}

impl Pipeline {
    fn quality(&self, release: u32) -> Quality {
        self.qualities.get(&release).copied().unwrap_or(GOOD)
    }

    /// Whether the new release does so badly that it is to be taken back.
    fn is_bad(&self, rollout: &Rollout) -> bool {
        let (new, old) = (rollout.new, rollout.old);
        if !self.config.automatic_rollback || new.ended < u64::from(self.config.least_calls) {
            return false;
        }
        let fails = new.failed as f64 > self.config.error_limit * new.ended as f64;
        let crawls = self.config.slow_limit.is_some_and(|limit| {
            let mean = |load: Load| load.response_secs / load.answered.max(1) as f64;
            old.answered >= u64::from(self.config.least_calls) && new.answered > 0 && mean(new) > limit * mean(old)
        });
        fails || crawls
    }
}

impl Rollout {
    /// Whether instances of the new release that are ready still wait for all the others.
    fn hides(&self, strategy: Strategy, component: ComponentId) -> bool {
        strategy == Strategy::BlueGreen
            && !self.returns
            && self.parts.iter().any(|part| part.component == component && !part.switched)
    }
}

impl Simulation {
    /// Takes over the pipelines of a network that is about to be installed.
    pub(super) fn place_pipelines(&mut self, network: &Network) {
        let mut before = core::mem::take(&mut self.pipelines);
        for (spec, &station) in network.stations.iter().zip(&self.shown_stations) {
            let ComponentConfig::Pipeline(config) = &spec.config else { continue };
            let targets = targets(network, spec.component);
            let every = |config: &Config| config.deploy_every_secs.map(SimDuration::from_secs_f64);
            let known = before.iter().position(|pipeline| pipeline.component == spec.component);
            let pipeline = match known.map(|position| before.swap_remove(position)) {
                Some(mut known) => {
                    if known.config.deploy_every_secs != config.deploy_every_secs {
                        known.next_at = every(config).map_or(SimTime::NEVER, |every| self.core.now + every);
                    }
                    if let Some(rollout) = &mut known.rollout {
                        rollout.parts.retain(|part| targets.contains(&part.component));
                    }
                    Pipeline { station, config: *config, targets, ..known }
                }
                None => Pipeline {
                    component: spec.component,
                    station,
                    config: *config,
                    targets,
                    next_at: every(config).map_or(SimTime::NEVER, |every| self.core.now + every),
                    current: 0,
                    newest: 0,
                    qualities: Map::new(),
                    rollout: None,
                },
            };
            self.pipelines.push(pipeline);
        }
        self.releases.resize(self.core.identities.len(), 0);
    }

    /// The release that a station runs.
    pub(super) fn release_of(&self, station: StationIdx) -> u32 {
        self.releases.get(station.0 as usize).copied().unwrap_or(0)
    }

    /// Whether a component is being deployed.
    pub(super) fn is_deployed(&self, component: ComponentId) -> bool {
        let rollouts = self.pipelines.iter().filter_map(|pipeline| pipeline.rollout.as_ref());
        rollouts.flat_map(|rollout| &rollout.parts).any(|part| part.component == component)
    }

    /// Begins to deploy a new release, unless one is on its way.
    pub(super) fn deploy(&mut self, component: ComponentId) {
        let Some(position) = self.pipelines.iter().position(|pipeline| pipeline.component == component) else { return };
        if self.pipelines[position].rollout.is_some() {
            return;
        }
        let pipeline = &mut self.pipelines[position];
        let (station, before) = (pipeline.station, pipeline.current);
        pipeline.newest += 1;
        let release = pipeline.newest;
        let config = &pipeline.config;
        let quality = Quality {
            error_share: config.version_error_share,
            slow_factor: config.version_slow_factor,
            crashes: config.version_crashes,
        };
        if quality != GOOD {
            pipeline.qualities.insert(release, quality);
        }
        let stage = if config.strategy == Strategy::Canary { Stage::Canary } else { Stage::Replace };
        self.core.note(station, Happening::DeploymentStarted);
        self.begin_rollout(position, release, before, stage, false);
    }

    fn begin_rollout(&mut self, position: usize, release: u32, before: u32, stage: Stage, returns: bool) {
        let deadline = SimDuration::from_secs_f64(self.pipelines[position].config.deadline_secs);
        let targets = self.pipelines[position].targets.clone();
        let parts = targets.into_iter().map(|component| self.part(component)).collect();
        self.pipelines[position].rollout = Some(Rollout {
            release,
            before,
            returns,
            stage,
            deadline: self.core.now + deadline,
            parts,
            new: Load::default(),
            old: Load::default(),
        });
    }

    fn part(&self, component: ComponentId) -> Part {
        let spec = self.network.stations.iter().find(|spec| spec.component == component);
        let is_there = |station: &StationIdx| {
            let presence = self.core.conditions[station.0 as usize].presence();
            matches!(presence, Presence::Serving | Presence::Starting | Presence::Down)
        };
        let there = self.stations_of(component).into_iter().filter(is_there).count() as u32;
        let stated = spec.map_or(0, |spec| spec.config.stated_instances());
        let is_scaled = spec.is_some_and(|spec| spec.config.scaling().is_some());
        let start_secs = spec.and_then(|spec| spec.config.start_secs()).unwrap_or(0.0);
        Part {
            component,
            wanted: if is_scaled { there } else { stated },
            start: SimDuration::from_secs_f64(start_secs),
            ready_since: Map::new(),
            going: Vec::new(),
            switched: false,
        }
    }

    /// The end of an interval: deployments go on. `load` is what each station has done in it.
    pub(super) fn run_pipelines(&mut self, load: &[Load]) {
        let mut changed = false;
        for position in 0..self.pipelines.len() {
            if self.pipelines[position].next_at <= self.core.now {
                let every = self.pipelines[position].config.deploy_every_secs;
                self.pipelines[position].next_at =
                    every.map_or(SimTime::NEVER, |every| self.core.now + SimDuration::from_secs_f64(every));
                self.deploy(self.pipelines[position].component);
            }
            if let Some(mut rollout) = self.pipelines[position].rollout.take() {
                changed |= self.roll(position, &mut rollout, load);
            } else {
                changed |= self.keep_number(position);
            }
        }
        if changed {
            self.relist();
        }
    }

    /// One step of a deployment. Gives whether others are to be called from now on.
    fn roll(&mut self, position: usize, rollout: &mut Rollout, load: &[Load]) -> bool {
        for part in &rollout.parts {
            for station in self.stations_of(part.component) {
                let of_station = load.get(station.0 as usize).copied().unwrap_or_default();
                let is_new = self.release_of(station) == rollout.release;
                let sum = if is_new { &mut rollout.new } else { &mut rollout.old };
                sum.add(&of_station);
            }
        }
        let now = self.core.now;
        let config = self.pipelines[position].config;
        let station = self.pipelines[position].station;
        let is_late = now >= rollout.deadline && !matches!(rollout.stage, Stage::Bake(_) | Stage::Trial(_));
        if !rollout.returns && (self.pipelines[position].is_bad(rollout) || is_late) {
            self.core.note(station, Happening::DeploymentRolledBack);
            return self.roll_back(position, rollout);
        }
        let mut changed = false;
        let mut parts = core::mem::take(&mut rollout.parts);
        let mut is_done = true;
        for part in &mut parts {
            let target = match rollout.stage {
                Stage::Canary | Stage::Trial(_) => config.canaries(part.wanted).min(part.wanted),
                Stage::Replace | Stage::Bake(_) => part.wanted,
            };
            let hidden = config.strategy == Strategy::BlueGreen && !rollout.returns;
            let (part_changed, part_done) = if hidden {
                self.switch_over(position, rollout, part, target)
            } else {
                self.replace(position, rollout, part, target, &config)
            };
            changed |= part_changed;
            is_done &= part_done;
        }
        rollout.parts = parts;
        let bake = now + SimDuration::from_secs_f64(config.bake_secs);
        match rollout.stage {
            Stage::Canary if is_done => rollout.stage = Stage::Trial(bake),
            Stage::Trial(until) if until <= now => {
                rollout.stage = Stage::Replace;
                rollout.deadline = now + SimDuration::from_secs_f64(config.deadline_secs);
            }
            Stage::Replace if is_done && rollout.returns => return self.finish(position, rollout) | changed,
            Stage::Replace if is_done => rollout.stage = Stage::Bake(bake),
            Stage::Bake(until) if until <= now => return self.finish(position, rollout) | changed,
            _ => {}
        }
        self.pipelines[position].rollout = Some(rollout.clone());
        changed
    }

    /// The new release is all there is from now on.
    fn finish(&mut self, position: usize, rollout: &Rollout) -> bool {
        let mut changed = false;
        for part in &rollout.parts {
            // Those that had been kept for a quick return.
            for station in self.stations_of(part.component) {
                let presence = self.core.conditions[station.0 as usize].presence();
                if self.release_of(station) != rollout.release && presence != Presence::Absent {
                    self.stop(station);
                    changed = true;
                }
            }
        }
        let pipeline = &mut self.pipelines[position];
        pipeline.current = rollout.release;
        let station = pipeline.station;
        if !rollout.returns {
            self.core.note(station, Happening::DeploymentFinished);
        }
        changed
    }

    /// Takes a bad release back. What still runs the one before takes over at once.
    fn roll_back(&mut self, position: usize, rollout: &Rollout) -> bool {
        let mut changed = false;
        for part in &rollout.parts {
            for station in self.stations_of(part.component) {
                if self.release_of(station) == rollout.before
                    && self.core.conditions[station.0 as usize].presence() == Presence::Draining
                {
                    self.core.set_presence(station, Presence::Serving);
                    changed = true;
                }
            }
        }
        let wanted: Vec<u32> = rollout.parts.iter().map(|part| part.wanted).collect();
        self.begin_rollout(position, rollout.before, rollout.release, Stage::Replace, true);
        if let Some(rollout) = &mut self.pipelines[position].rollout {
            for (part, wanted) in rollout.parts.iter_mut().zip(wanted) {
                part.wanted = wanted;
            }
        }
        changed
    }

    /// Instances of a component by what they run and how they are: new ones, old ones that serve, and old ones that do
    /// not.
    fn sorted(&self, component: ComponentId, release: u32) -> [Vec<StationIdx>; 4] {
        let mut sorted = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
        for station in self.stations_of(component) {
            let is_new = self.release_of(station) == release;
            let place = match (self.core.conditions[station.0 as usize].presence(), is_new) {
                (Presence::Serving | Presence::Starting | Presence::Down, true) => 0,
                (Presence::Serving, false) => 1,
                (Presence::Starting | Presence::Down, false) => 2,
                (Presence::Absent, _) => 3,
                (Presence::Draining, _) => continue,
            };
            sorted[place].push(station);
        }
        sorted
    }

    /// Notes which new instances are ready, and counts those that have been for long enough.
    fn count_ready(&self, part: &mut Part, new: &[StationIdx], gate: SimDuration) -> u32 {
        let now = self.core.now;
        let is_ready = |station: &StationIdx| {
            let presence = self.core.conditions[station.0 as usize].presence();
            presence == Presence::Serving || self.hidden.contains(station) && presence == Presence::Starting
        };
        part.ready_since.retain(|station, _| new.contains(station) && is_ready(station));
        for station in new.iter().filter(|station| is_ready(station)) {
            part.ready_since.get_or_insert_with(*station, || now);
        }
        part.ready_since.values().filter(|since| now.since(**since) >= gate).count() as u32
    }

    /// Starts instances of a release in free places. Gives how many.
    fn start_new(&mut self, position: usize, release: u32, part: &Part, free: &[StationIdx], wanted: u32) -> u32 {
        let mut started = 0;
        for &station in free.iter().take(wanted as usize) {
            self.set_release(position, station, release);
            self.start_instance(station, part.start);
            started += 1;
        }
        started
    }

    /// A step of replacing instances a few at a time, until `target` of them are new. Gives whether others are to be
    /// called, and whether all is done.
    fn replace(
        &mut self,
        position: usize,
        rollout: &Rollout,
        part: &mut Part,
        target: u32,
        config: &Config,
    ) -> (bool, bool) {
        // What was good before needs no proof.
        let gate = if rollout.returns { 0.0 } else { config.health_gate_secs };
        let gate = SimDuration::from_secs_f64(gate);
        let mut changed = self.let_go_old(part);
        let [new, mut old, failing, free] = self.sorted(part.component, rollout.release);
        let ready = self.count_ready(part, &new, gate);
        let n_new = new.len() as u32;
        // A canary needs its places beside the others.
        let surge =
            if target < part.wanted { config.surge(part.wanted).max(target) } else { config.surge(part.wanted) };
        let present = n_new + (old.len() + failing.len()) as u32;
        let room = (part.wanted + surge).saturating_sub(present);
        self.start_new(position, rollout.release, part, &free, target.saturating_sub(n_new).min(room));
        let keep_old = part.wanted - target;
        let least = part.wanted.saturating_sub(config.unavailable(part.wanted));
        // An old instance that does not serve is missed by nobody.
        for &station in failing.iter().take((old.len() + failing.len()).saturating_sub(keep_old as usize)) {
            self.stop(station);
            changed = true;
        }
        while old.len() as u32 > keep_old && old.len() as u32 + ready > least {
            let Some(station) = old.pop() else { break };
            self.core.set_presence(station, Presence::Draining);
            part.going.push((station, self.core.now));
            changed = true;
        }
        // Too many new ones are left where a canary is taken back.
        let is_done = ready >= target && old.len() as u32 <= keep_old && part.going.is_empty();
        (changed, is_done)
    }

    /// A step of starting a whole second set, and moving traffic over once all of it is ready. Gives whether others are
    /// to be called, and whether all is done.
    fn switch_over(&mut self, position: usize, rollout: &Rollout, part: &mut Part, target: u32) -> (bool, bool) {
        if part.switched {
            return (false, true);
        }
        let gate = SimDuration::from_secs_f64(self.pipelines[position].config.health_gate_secs);
        let [new, old, failing, free] = self.sorted(part.component, rollout.release);
        let n_new = new.len() as u32;
        self.start_new(position, rollout.release, part, &free, target.saturating_sub(n_new));
        if self.count_ready(part, &new, gate) < target {
            return (false, false);
        }
        part.switched = true;
        for &station in &new {
            if self.hidden.remove(&station) {
                self.core.set_presence(station, Presence::Serving);
                self.stations[station.0 as usize].on_up(&mut self.core, station);
            }
        }
        // They are kept until the new ones have proved good.
        for &station in &old {
            self.core.set_presence(station, Presence::Draining);
        }
        for &station in &failing {
            self.stop(station);
        }
        (true, true)
    }

    /// Old instances that have finished what they had are gone. Gives whether any is.
    fn let_go_old(&mut self, part: &mut Part) -> bool {
        let before = part.going.len();
        let now = self.core.now;
        let mut going = core::mem::take(&mut part.going);
        going.retain(|&(station, since)| {
            if self.core.conditions[station.0 as usize].presence() != Presence::Draining {
                return false;
            }
            let is_idle = self.core.levels[station.0 as usize].in_system.value() == 0;
            if is_idle || now.since(since) >= GRACE {
                self.stop(station);
                return false;
            }
            true
        });
        part.going = going;
        part.going.len() < before
    }

    /// Ends an instance.
    fn stop(&mut self, station: StationIdx) {
        self.take_down(station, Presence::Absent);
        self.hidden.remove(&station);
        self.core.note(station, Happening::Stopped);
    }

    /// Makes a station run a release, good or bad.
    fn set_release(&mut self, position: usize, station: StationIdx, release: u32) {
        let quality = self.pipelines[position].quality(release);
        self.releases[station.0 as usize] = release;
        self.core.remove_trouble(station, Some(FaultKind::BadVersion));
        if quality.error_share > 0.0 || quality.slow_factor != 1.0 {
            let version =
                BadVersion { machine_share: 1.0, error_share: quality.error_share, slow_factor: quality.slow_factor };
            self.core.add_trouble(station, Fault::BadVersion(version));
        }
    }

    /// A component that is deployed, and whose number nobody else looks after, keeps it. Instances that an autoscaler
    /// starts run what is in service.
    fn keep_number(&mut self, position: usize) -> bool {
        let mut changed = false;
        let current = self.pipelines[position].current;
        for component in self.pipelines[position].targets.clone() {
            let part = self.part(component);
            for station in self.stations_of(component) {
                let presence = self.core.conditions[station.0 as usize].presence();
                if presence == Presence::Absent && self.release_of(station) != current {
                    self.set_release(position, station, current);
                }
            }
            let [new, _, _, free] = self.sorted(component, current);
            let n = new.len() as u32;
            self.start_new(position, current, &part, &free, part.wanted.saturating_sub(n));
            for &station in new.iter().rev().take(n.saturating_sub(part.wanted) as usize) {
                self.stop(station);
                changed = true;
            }
        }
        changed
    }

    /// Whether an instance that has become ready dies at once, because its release does.
    pub(super) fn dies_at_start(&self, station: StationIdx) -> bool {
        let (component, _) = self.core.identities[station.0 as usize];
        let deploys = |pipeline: &&Pipeline| pipeline.targets.contains(&component);
        let pipeline = self.pipelines.iter().find(deploys);
        pipeline.is_some_and(|pipeline| pipeline.quality(self.release_of(station)).crashes)
    }

    /// Whether an instance that has become ready has to wait for others of its release before it is called.
    pub(super) fn is_to_be_hidden(&self, station: StationIdx) -> bool {
        let (component, _) = self.core.identities[station.0 as usize];
        let release = self.release_of(station);
        self.pipelines.iter().any(|pipeline| {
            pipeline
                .rollout
                .as_ref()
                .is_some_and(|rollout| rollout.release == release && rollout.hides(pipeline.config.strategy, component))
        })
    }
}

/// The components that a pipeline deploys, by identity: those that it is connected to, and what pools that it is
/// connected to host.
fn targets(network: &Network, pipeline: ComponentId) -> Vec<ComponentId> {
    let linked = network.links.iter().filter(|link| link.from == pipeline && link.role == LinkRole::Deploys);
    let linked: Vec<ComponentId> = linked.map(|link| link.to).collect();
    let hosted_by = |component: ComponentId| {
        let hosts = network.links.iter().filter(move |link| link.from == component && link.role == LinkRole::Hosts);
        hosts.map(|link| link.to)
    };
    let can_run = |component: &ComponentId| {
        let spec = network.stations.iter().find(|spec| spec.component == *component);
        spec.is_some_and(|spec| spec.config.container().is_some())
    };
    let mut targets: Vec<ComponentId> =
        linked.iter().copied().chain(linked.iter().flat_map(|&pool| hosted_by(pool))).filter(can_run).collect();
    sort_by(&mut targets, Ord::cmp);
    targets.dedup();
    targets
}
