//! Container pools: an orchestrator that finds a node for each container, starts it, starts it again when it dies, and
//! starts nodes when containers find no room.
//!
//! What a pool hosts has its places among the stations as on machines of its own; which of them is on which node is kept
//! here. An orchestrator looks ten times a second, at the ends of intervals.
//!
//! Left out: priorities and preemption; cores are handed out in order of asking, not by weight. An image is loaded once
//! per node, component and release; whoever starts meanwhile waits for the same loading.
//!
//! # Sources
//! Kubernetes: *Pod Lifecycle* (restart after 10 s, doubling up to 300 s, forgotten after ten minutes), *Taints and
//! Tolerations* (eviction); kubernetes/autoscaler, FAQ.

use std::collections::VecDeque;

use super::Simulation;
use super::scale::GRACE;
use crate::design::ComponentConfig;
use crate::design::kind::container_pool::ContainerPool;
use crate::ids::ComponentId;
use crate::network::{Network, StationIdx};
use crate::sim::condition::Presence;
use crate::sim::event::Timer;
use crate::sim::mechanism::memory::MEGABYTE;
use crate::sim::mechanism::packing::{Amount, choose};
use crate::sim::snapshot::Happening;
use crate::sorted::Map;
use crate::units::{SimDuration, SimTime};

/// A container that has run for so long is no longer taken for one that dies again and again.
const FORGIVEN: SimDuration = SimDuration::from_secs(600);

/// A container, or the place for one.
#[derive(Clone, Debug)]
struct Container {
    component: ComponentId,
    wants: Amount,
    image_mb: f64,
    ready: SimDuration,
    /// Where it is; `None` while it is not wanted or finds no room.
    node: Option<StationIdx>,
    /// Deaths in a row.
    deaths: u32,
    /// When it began to serve.
    serves_since: SimTime,
    /// When it will be started again, if it has died.
    restart_at: Option<SimTime>,
}

/// The orchestrator of one pool.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    component: ComponentId,
    config: ContainerPool,
    containers: Map<StationIdx, Container>,
    /// Containers that are to be started and have no node, in the order in which they were asked for.
    pending: VecDeque<StationIdx>,
    /// When the image of a release of a component is on a node, or will be.
    images: Map<(StationIdx, ComponentId, u32), SimTime>,
    next_scan: SimTime,
    /// Since when nodes have had little to do.
    idle_since: Map<StationIdx, SimTime>,
    /// Since when nodes have been dead.
    lost_since: Map<StationIdx, SimTime>,
    /// The node that is being emptied.
    emptied: Option<StationIdx>,
    /// Containers that leave it, and when they began to.
    moving: Vec<(StationIdx, SimTime)>,
}

impl Pool {
    fn new(component: ComponentId, config: &ContainerPool, now: SimTime) -> Self {
        Self {
            component,
            config: *config,
            containers: Map::new(),
            pending: VecDeque::new(),
            images: Map::new(),
            next_scan: now + SimDuration::from_secs_f64(config.node_scan_secs),
            idle_since: Map::new(),
            lost_since: Map::new(),
            emptied: None,
            moving: Vec::new(),
        }
    }

    fn capacity(&self) -> Amount {
        Amount {
            cores: f64::from(self.config.node_cores()),
            memory_mb: self.config.node_memory_mb(),
            containers: self.config.max_containers,
        }
    }

    /// What containers have requested of a node.
    fn requested(&self, node: StationIdx) -> Amount {
        let here = self.containers.values().filter(|container| container.node == Some(node));
        here.fold(Amount::default(), |sum, container| sum.plus(container.wants))
    }

    fn on(&self, node: StationIdx) -> Vec<StationIdx> {
        let here = self.containers.iter().filter(|(_, container)| container.node == Some(node));
        here.map(|(&station, _)| station).collect()
    }

    /// Takes a container off its node.
    fn release(&mut self, station: StationIdx) {
        if let Some(container) = self.containers.get_mut(&station) {
            container.node = None;
            container.deaths = 0;
            container.restart_at = None;
        }
    }

    /// Pause before a container is started again that has died so many times in a row before.
    fn pause(&self, deaths: u32) -> SimDuration {
        if deaths == 0 {
            return SimDuration::ZERO;
        }
        let secs = self.config.restart_backoff_secs * f64::from(1_u32 << (deaths - 1).min(30));
        SimDuration::from_secs_f64(secs.min(self.config.restart_backoff_cap_secs))
    }
}

impl Simulation {
    /// Takes over the pools of a network that is about to be installed; its stations have their places. What is newly
    /// hosted gets its node at once, as far as there is room.
    pub(super) fn place_pools(&mut self, network: &Network, fresh: &[StationIdx]) {
        let mut before = core::mem::take(&mut self.pools);
        for spec in network.stations.iter().filter(|spec| spec.instance == 0) {
            let ComponentConfig::ContainerPool(config) = &spec.config else { continue };
            let known = before.iter().position(|pool| pool.component == spec.component);
            let pool = known.map(|position| before.swap_remove(position));
            let mut pool = pool.unwrap_or_else(|| Pool::new(spec.component, config, self.core.now));
            pool.config.clone_from(config);
            let mut containers = Map::new();
            for (part, &place) in network.stations.iter().zip(&self.shown_stations) {
                let hosts_it =
                    part.host.is_some_and(|host| network.stations[host.0 as usize].component == pool.component);
                let Some(asked) = part.config.container().filter(|_| hosts_it) else { continue };
                let (cores, memory_mb) = part.config.machine_size();
                let known = pool.containers.remove(&place);
                containers.insert(
                    place,
                    Container {
                        component: part.component,
                        wants: Amount {
                            cores: asked.requested_cores.unwrap_or(f64::from(cores)),
                            memory_mb: asked.requested_memory_mb.unwrap_or(memory_mb),
                            containers: 1,
                        },
                        image_mb: asked.image_mb,
                        ready: SimDuration::from_secs_f64(asked.ready_secs),
                        node: known.as_ref().and_then(|known| known.node),
                        deaths: known.as_ref().map_or(0, |known| known.deaths),
                        serves_since: known.as_ref().map_or(self.core.now, |known| known.serves_since),
                        restart_at: known.and_then(|known| known.restart_at),
                    },
                );
            }
            pool.containers = containers;
            let is_container = |station: &StationIdx| pool.containers.contains_key(station);
            let pending = pool.pending.iter().copied().filter(is_container).collect();
            pool.pending = pending;
            let moving = pool.moving.iter().copied().filter(|(station, _)| is_container(station)).collect();
            pool.moving = moving;
            self.pools.push(pool);
        }
        for pool in 0..self.pools.len() {
            self.adopt(pool, fresh);
            self.show_containers(pool);
        }
    }

    /// Gives each container that works and has no node one; those that have died there before have theirs already.
    fn adopt(&mut self, pool: usize, fresh: &[StationIdx]) {
        let homeless: Vec<StationIdx> = self.pools[pool]
            .containers
            .iter()
            .filter(|(station, container)| container.node.is_none() && self.core.works(**station))
            .map(|(&station, _)| station)
            .collect();
        for station in homeless {
            let node = self.node_for(pool, station);
            if let Some(node) = node {
                let release = self.release_of(station);
                let now = self.core.now;
                let pool = &mut self.pools[pool];
                let Some(container) = pool.containers.get_mut(&station) else { continue };
                container.node = Some(node);
                container.serves_since = now;
                pool.images.get_or_insert_with((node, container.component, release), || now);
            } else if fresh.contains(&station) {
                self.core.set_presence(station, Presence::Starting);
                self.pools[pool].pending.push_back(station);
            } else {
                self.take_down(station, Presence::Starting);
                self.pools[pool].pending.push_back(station);
            }
        }
    }

    /// The node of a pool that has room for a container; `None` if none has.
    fn node_for(&self, pool: usize, station: StationIdx) -> Option<StationIdx> {
        let pool = &self.pools[pool];
        let wants = pool.containers.get(&station)?.wants;
        let nodes = self.stations_of(pool.component);
        let takes_more = |node: StationIdx| {
            self.core.conditions[node.0 as usize].presence() == Presence::Serving && pool.emptied != Some(node)
        };
        let taken: Vec<Option<Amount>> =
            nodes.iter().map(|&node| takes_more(node).then(|| pool.requested(node))).collect();
        choose(pool.config.packing, pool.capacity(), &taken, wants).map(|position| nodes[position])
    }

    /// The node that a station runs on as a container; `None` if it does not.
    pub(super) fn node_of(&self, station: StationIdx) -> Option<StationIdx> {
        self.pools.iter().find_map(|pool| pool.containers.get(&station)?.node)
    }

    /// The containers on the node that a station stands for.
    pub(super) fn containers_on(&self, node: StationIdx) -> Vec<StationIdx> {
        self.pools.iter().flat_map(|pool| pool.on(node)).collect()
    }

    /// Whether an orchestrator looks after a station.
    pub(super) fn is_orchestrated(&self, station: StationIdx) -> bool {
        self.pools.iter().any(|pool| pool.containers.contains_key(&station))
    }

    /// Starts an instance: on a machine of its own, which takes so long, or as a container.
    pub(super) fn start_instance(&mut self, station: StationIdx, on_machine: SimDuration) {
        let era = self.core.set_presence(station, Presence::Starting);
        self.core.note(station, Happening::Starting);
        match self.pools.iter().position(|pool| pool.containers.contains_key(&station)) {
            None => self.core.set_timer(station, on_machine, Timer::Ready, era),
            Some(pool) => {
                self.pools[pool].pending.push_back(station);
                self.place_pending(pool);
            }
        }
    }

    /// Gives containers that are to be started their nodes, as far as there is room.
    fn place_pending(&mut self, pool: usize) {
        for _ in 0..self.pools[pool].pending.len() {
            let Some(station) = self.pools[pool].pending.pop_front() else { break };
            if self.core.conditions[station.0 as usize].presence() != Presence::Starting {
                continue;
            }
            let kept = self.pools[pool].containers.get(&station).and_then(|container| container.node);
            match kept.or_else(|| self.node_for(pool, station)) {
                Some(node) => self.start_container(pool, station, node),
                None => self.pools[pool].pending.push_back(station),
            }
        }
        self.show_containers(pool);
    }

    /// Starts a container on a node: loads its image if it is not there, then waits until it is ready.
    fn start_container(&mut self, pool: usize, station: StationIdx, node: StationIdx) {
        let (now, release) = (self.core.now, self.release_of(station));
        let pool = &mut self.pools[pool];
        let Some(container) = pool.containers.get_mut(&station) else { return };
        container.node = Some(node);
        container.restart_at = None;
        let loading = SimDuration::from_secs_f64(container.image_mb / pool.config.pull_megabytes_per_sec);
        let there = *pool.images.get_or_insert_with((node, container.component, release), || now + loading);
        let after = there.max(now).since(now) + container.ready;
        let config = &pool.config;
        let (cores, memory) = (config.node_cores(), config.node_memory_mb() * MEGABYTE);
        let host = self.core.host_at(node, cores, memory);
        self.stations[station.0 as usize].set_host(&mut self.core, Some(host), true);
        let era = self.core.set_presence(station, Presence::Starting);
        self.core.set_timer(station, after, Timer::Ready, era);
    }

    /// A container has become ready.
    pub(super) fn note_ready(&mut self, station: StationIdx) {
        let now = self.core.now;
        if let Some(container) = self.pools.iter_mut().find_map(|pool| pool.containers.get_mut(&station)) {
            container.serves_since = now;
        }
    }

    /// Shows how many containers each node has.
    fn show_containers(&mut self, pool: usize) {
        for node in self.stations_of(self.pools[pool].component) {
            let n = self.pools[pool].on(node).len() as u64;
            self.core.levels[node.0 as usize].used_slots.set(self.core.now, n);
        }
    }

    /// The end of an interval: every orchestrator looks after its containers and nodes.
    pub(super) fn orchestrate(&mut self) {
        let mut changed = false;
        for pool in 0..self.pools.len() {
            self.release_absent(pool);
            changed |= self.restart_dead(pool);
            changed |= self.finish_moves(pool);
            self.place_pending(pool);
            if self.pools[pool].next_scan <= self.core.now {
                let interval = SimDuration::from_secs_f64(self.pools[pool].config.node_scan_secs);
                self.pools[pool].next_scan = self.core.now + interval;
                changed |= self.scan_nodes(pool);
            }
        }
        if changed {
            self.relist();
        }
    }

    /// Containers that have been let go make room.
    fn release_absent(&mut self, pool: usize) {
        let pool = &mut self.pools[pool];
        let conditions = &self.core.conditions;
        let is_gone = |station: &StationIdx| conditions[station.0 as usize].presence() == Presence::Absent;
        let placed = pool.containers.iter().filter(|(_, container)| container.node.is_some());
        let gone: Vec<StationIdx> = placed.map(|(&station, _)| station).filter(is_gone).collect();
        for station in gone {
            pool.release(station);
        }
    }

    /// Starts dead containers again, where they were or, if their node has been dead for long, elsewhere. Gives whether any
    /// is no longer to be called.
    fn restart_dead(&mut self, pool: usize) -> bool {
        let now = self.core.now;
        for node in self.stations_of(self.pools[pool].component) {
            let lost_since = &mut self.pools[pool].lost_since;
            if self.core.conditions[node.0 as usize].presence() == Presence::Down {
                lost_since.get_or_insert_with(node, || now);
            } else {
                lost_since.remove(&node);
            }
        }
        let is_dead = |station: &StationIdx| self.core.conditions[station.0 as usize].presence() == Presence::Down;
        let dead: Vec<StationIdx> = self.pools[pool].containers.keys().copied().filter(is_dead).collect();
        let mut changed = false;
        for station in dead {
            let Some(container) = self.pools[pool].containers.get(&station) else { continue };
            let Some(node) = container.node else {
                self.start_instance(station, SimDuration::ZERO);
                changed = true;
                continue;
            };
            if let Some(&since) = self.pools[pool].lost_since.get(&node) {
                if now.since(since).as_secs_f64() >= self.pools[pool].config.eviction_secs {
                    self.pools[pool].release(station);
                    self.start_instance(station, SimDuration::ZERO);
                    changed = true;
                }
                continue;
            }
            let at = match container.restart_at {
                Some(at) => at,
                None => {
                    let forgiven = now.since(container.serves_since) >= FORGIVEN;
                    let deaths = if forgiven { 0 } else { container.deaths };
                    let at = now + self.pools[pool].pause(deaths);
                    if let Some(container) = self.pools[pool].containers.get_mut(&station) {
                        container.deaths = deaths + 1;
                        container.restart_at = Some(at);
                    }
                    at
                }
            };
            if at <= now {
                self.core.note(station, Happening::Starting);
                self.start_container(pool, station, node);
                changed = true;
            }
        }
        changed
    }

    /// Containers that have left their node are started elsewhere. Gives whether any did.
    fn finish_moves(&mut self, pool: usize) -> bool {
        let moving = core::mem::take(&mut self.pools[pool].moving);
        let mut changed = false;
        for (station, since) in moving {
            if self.core.conditions[station.0 as usize].presence() != Presence::Draining {
                continue;
            }
            let is_idle = self.core.levels[station.0 as usize].in_system.value() == 0;
            if is_idle || self.core.now.since(since) >= GRACE {
                self.take_down(station, Presence::Absent);
                self.pools[pool].release(station);
                self.start_instance(station, SimDuration::ZERO);
                changed = true;
            } else {
                self.pools[pool].moving.push((station, since));
            }
        }
        changed
    }

    /// The node autoscaler looks: starts nodes for containers that find no room, and lets nodes go that have had little
    /// to do. Gives whether any containers are to be called no longer.
    fn scan_nodes(&mut self, pool: usize) -> bool {
        let Some(max) = self.pools[pool].config.max_nodes else { return false };
        let nodes = self.stations_of(self.pools[pool].component);
        let of_presence = |simulation: &Self, wanted: Presence| -> Vec<StationIdx> {
            let is_so = |node: &StationIdx| simulation.core.conditions[node.0 as usize].presence() == wanted;
            nodes.iter().copied().filter(is_so).collect()
        };
        let (serving, starting) = (of_presence(self, Presence::Serving), of_presence(self, Presence::Starting));
        if let Some(node) = self.pools[pool].emptied
            && self.pools[pool].on(node).is_empty()
        {
            self.take_down(node, Presence::Absent);
            self.core.note(node, Happening::Stopped);
            self.pools[pool].emptied = None;
        }
        if !self.pools[pool].pending.is_empty() {
            let room = max.saturating_sub((serving.len() + starting.len()) as u32) as usize;
            let wanted = self.nodes_for_pending(pool).saturating_sub(starting.len()).min(room);
            let start = SimDuration::from_secs_f64(self.pools[pool].config.node_start_secs);
            for node in of_presence(self, Presence::Absent).into_iter().take(wanted) {
                self.start_instance(node, start);
            }
            return false;
        }
        let capacity = self.pools[pool].capacity();
        let now = self.core.now;
        for &node in &serving {
            let pool = &mut self.pools[pool];
            if pool.requested(node).share_of(capacity) < pool.config.node_idle_share {
                pool.idle_since.get_or_insert_with(node, || now);
            } else {
                pool.idle_since.remove(&node);
            }
        }
        if serving.len() as u32 <= self.pools[pool].config.min_nodes || self.pools[pool].emptied.is_some() {
            return false;
        }
        let idle_secs = self.pools[pool].config.node_idle_secs;
        let has_idled = |node: &StationIdx| {
            let since = self.pools[pool].idle_since.get(node);
            since.is_some_and(|&since| now.since(since).as_secs_f64() >= idle_secs)
        };
        let Some(node) = serving.iter().rev().copied().find(|node| has_idled(node) && self.can_go(pool, *node)) else {
            return false;
        };
        self.pools[pool].emptied = Some(node);
        self.pools[pool].idle_since.remove(&node);
        let mut changed = false;
        for station in self.pools[pool].on(node) {
            match self.core.conditions[station.0 as usize].presence() {
                Presence::Serving => {
                    self.core.set_presence(station, Presence::Draining);
                    self.pools[pool].moving.push((station, now));
                    changed = true;
                }
                Presence::Starting | Presence::Down => {
                    self.pools[pool].release(station);
                    self.start_instance(station, SimDuration::ZERO);
                }
                Presence::Absent | Presence::Draining => {}
            }
        }
        changed
    }

    /// Empty nodes that all pending containers together need.
    fn nodes_for_pending(&self, pool: usize) -> usize {
        let pool = &self.pools[pool];
        let mut taken: Vec<Option<Amount>> = Vec::new();
        for wants in pool.pending.iter().filter_map(|station| Some(pool.containers.get(station)?.wants)) {
            if !wants.fits(pool.capacity()) {
                continue;
            }
            let node = choose(pool.config.packing, pool.capacity(), &taken, wants);
            match node {
                Some(node) => taken[node] = taken[node].map(|taken| taken.plus(wants)),
                None => taken.push(Some(wants)),
            }
        }
        taken.len()
    }

    /// Whether all containers of a node find room on the others.
    fn can_go(&self, pool: usize, node: StationIdx) -> bool {
        let pool = &self.pools[pool];
        let mut taken: Vec<Option<Amount>> = self
            .stations_of(pool.component)
            .into_iter()
            .map(|other| {
                let serves = self.core.conditions[other.0 as usize].presence() == Presence::Serving;
                (serves && other != node).then(|| pool.requested(other))
            })
            .collect();
        pool.on(node).into_iter().all(|station| {
            let Some(container) = pool.containers.get(&station) else { return true };
            let chosen = choose(pool.config.packing, pool.capacity(), &taken, container.wants);
            if let Some(position) = chosen {
                taken[position] = taken[position].map(|taken| taken.plus(container.wants));
            }
            chosen.is_some()
        })
    }

    /// Where what runs on one computer takes more memory than that has, whatever takes most is killed.
    pub(super) fn watch_memory(&mut self) {
        if self.core.hosts.is_empty() {
            return;
        }
        let mut taken: Map<StationIdx, (f64, f64, StationIdx)> = Map::new();
        let drawn: Vec<(StationIdx, Option<StationIdx>)> = self
            .network
            .stations
            .iter()
            .zip(&self.shown_stations)
            .map(|(spec, &place)| (place, spec.host.map(|host| self.shown_stations[host.0 as usize])))
            .collect();
        for (place, host) in drawn {
            let host = if self.is_orchestrated(place) { self.node_of(place) } else { host };
            let Some(host) = host.filter(|_| self.core.works(place)) else { continue };
            let Some(used) = self.stations[place.0 as usize].memory_used(&self.core) else { continue };
            let (sum, most, largest) = taken.get_or_insert_with(host, || (0.0, -1.0, place));
            *sum += used;
            if used > *most {
                *most = used;
                *largest = place;
            }
        }
        for (host, (sum, _, largest)) in taken {
            self.core.note_memory(host, sum);
            if self.core.memory_at(host).is_some_and(|limit| sum > limit) {
                self.run_out_of_memory(largest);
            }
        }
    }
}
