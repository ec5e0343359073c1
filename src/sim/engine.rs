//! The simulation: stations, the core that they share, and the loop that hands events to them in order of time.

mod deploy;
mod intervene;
mod monitor;
mod pool;
mod run;
mod scale;

use self::deploy::Pipeline;
use self::intervene::Setting;
use self::monitor::{Alerts, Monitor};
use self::pool::Pool;
use self::scale::Scaler;
use super::condition::{Condition, Presence};
use super::core::{Core, LinkState, StationLevels};
use super::distribution::Sampler;
use super::mechanism::host::HostIdx;
use super::mechanism::memory::MEGABYTE;
use super::mechanism::multi_primary::{Drawn, Participant};
use super::mechanism::replication::{FailoverPolicy, Membership};
use super::metrics::Measurements;
use super::observer::Observer;
use super::rng::{Purpose, Stream};
use super::snapshot::{LogEntry, Snapshot, Trace};
use super::station::{Setup, Station};
use crate::design::kind::sql_database::{Election, LossDetection, ReplicationMode};
use crate::design::{ComponentConfig, FrameKind, Kind};
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::network::{LinkIdx, Network, StationIdx};
use crate::sorted::{Map, Set};
use crate::units::{SimDuration, SimTime};

/// A run of a network.
///
/// Positions of stations and links inside a run are never given out twice: what an edit removes leaves a dead place
/// behind, so events and calls on their way stay valid whatever is edited. Outside, everything is told in the order of
/// the present network.
#[derive(Clone, Debug)]
pub struct Simulation {
    network: Network,
    stations: Vec<Station>,
    core: Core,
    station_places: Map<(ComponentId, u32), StationIdx>,
    /// Kind of each station, by place.
    kinds: Vec<Kind>,
    link_places: Map<LinkId, LinkIdx>,
    /// Place of each station of the present network.
    shown_stations: Vec<StationIdx>,
    /// Place of each link of the present network.
    shown_links: Vec<LinkIdx>,
    /// Regions that there have been; the position of each is its place.
    regions: Vec<FrameId>,
    observer: Observer,
    /// The next event of the script.
    script_position: usize,
    /// Parameters that were set while it ran.
    settings: Vec<Setting>,
    scalers: Vec<Scaler>,
    monitors: Vec<Monitor>,
    alerts: Alerts,
    pools: Vec<Pool>,
    pipelines: Vec<Pipeline>,
    /// The release that each station runs, by place.
    releases: Vec<u32>,
    /// Instances that are ready, and not to be called before all others of their release are.
    hidden: Set<StationIdx>,
    /// Regions and zones that are out: nothing in them comes up again by itself.
    dark: Set<FrameId>,
    /// Whether somebody may look into the run before it is over.
    is_watched: bool,
    events: u64,
    fingerprint: u64,
}

impl Simulation {
    /// A run at time zero. Equal networks, seeds and interventions give equal runs, to the bit, on every machine.
    pub fn new(network: Network, seed: u64) -> Self {
        Self::with_viewer(network, seed, true)
    }

    /// The same run for those who only want to know what [`Simulation::take_measurements`] tells: it makes no traces, and,
    /// unless the network needs them, no samples and no figures of the last seconds for snapshots. Under a small load that
    /// is several times as fast.
    pub fn unwatched(network: Network, seed: u64) -> Self {
        let mut simulation = Self::with_viewer(network, seed, false);
        simulation.set_trace_rate(0.0);
        simulation
    }

    fn with_viewer(network: Network, seed: u64, is_watched: bool) -> Self {
        let mut simulation = Self {
            core: Core::new(seed, network.users),
            network: Network::default(),
            stations: Vec::new(),
            station_places: Map::new(),
            kinds: Vec::new(),
            link_places: Map::new(),
            shown_stations: Vec::new(),
            shown_links: Vec::new(),
            regions: Vec::new(),
            observer: Observer::default(),
            script_position: 0,
            settings: Vec::new(),
            scalers: Vec::new(),
            monitors: Vec::new(),
            alerts: Alerts::default(),
            pools: Vec::new(),
            pipelines: Vec::new(),
            releases: Vec::new(),
            hidden: Set::new(),
            dark: Set::new(),
            is_watched,
            events: 0,
            fingerprint: 0,
        };
        simulation.install(network);
        simulation
    }

    /// The network as it is now.
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// Simulated time.
    pub const fn now(&self) -> SimTime {
        self.core.now
    }

    /// Events handled since the start.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// Requests sent since the start.
    pub const fn requests(&self) -> u64 {
        self.core.requests
    }

    /// Registered users now.
    pub const fn users(&self) -> u64 {
        self.core.users
    }

    /// Requests in flight now.
    pub const fn in_flight(&self) -> u64 {
        self.core.in_flight.value()
    }

    /// Calls in flight now, those that nobody waits for any more included.
    pub const fn calls_in_flight(&self) -> u32 {
        self.core.calls.len()
    }

    /// Digest of everything that has happened since the start; equal digests mean equal runs.
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Continues with an edited network. Stations that stay keep their queues, their pending work and their random
    /// streams; what removed stations worked on is lost.
    pub fn swap(&mut self, mut network: Network) {
        if network.users != self.network.users {
            self.core.users = network.users;
        }
        self.observer.note_change(&mut self.core, &self.stations);
        self.keep_settings(&mut network);
        self.install(network);
    }

    /// Sets how many requests to sample as traces: about this many per simulated second. Sampling draws from no random
    /// stream and changes nothing else.
    pub fn set_trace_rate(&mut self, per_simulated_sec: f64) {
        self.core.tracer.set_rate(per_simulated_sec);
    }

    /// Everything measured since this was called last, or since the start; starts anew.
    pub fn take_measurements(&mut self) -> Measurements {
        let mut taken = self.observer.take(&mut self.core, &self.stations, &self.shown_stations, &self.shown_links);
        let regions = self.network.frames.iter().filter(|frame| frame.kind == FrameKind::Region);
        taken.regions = regions
            .filter_map(|frame| self.regions.iter().position(|known| *known == frame.id))
            .map(|place| taken.regions.get(place).cloned().unwrap_or_default())
            .collect();
        taken
    }

    /// Sampled requests that ended since they were taken last, oldest first; of many only the newest.
    pub fn take_traces(&mut self) -> Vec<Trace> {
        self.core.tracer.take()
    }

    /// Sampled requests that are under way now, as [`Snapshot::under_way`] has them.
    pub fn under_way(&self) -> Vec<Trace> {
        self.core.tracer.under_way(self.core.now)
    }

    /// What happened since the log was taken last, oldest first; of a long time only the newest lines.
    pub fn take_log(&mut self) -> Vec<LogEntry> {
        self.core.log.drain(..).collect()
    }

    /// Forgets samples, traces and log entries that nobody has taken.
    pub fn forget_untold(&mut self) {
        self.observer.forget_samples();
        self.core.tracer.forget_finished();
        self.core.log.clear();
    }

    /// About how much memory this takes [bytes]: what grows with the load, with the stores and with time.
    pub fn footprint_bytes(&self) -> usize {
        let stations: usize = self.stations.iter().map(Station::footprint_bytes).sum();
        self.core.footprint_bytes() + self.observer.footprint_bytes() + stations
    }

    /// The present moment for viewers. Samples, traces and log entries are handed over once.
    pub fn snapshot(&mut self) -> Snapshot {
        Snapshot {
            now: self.core.now,
            users: self.core.users,
            in_flight: self.core.in_flight.value(),
            events: self.events,
            requests: self.core.requests,
            fingerprint: self.fingerprint,
            stations: self.observer.stations(&mut self.core, &self.stations, &self.shown_stations),
            links: self.observer.links(&self.core, &self.shown_links),
            samples: self.observer.take_samples(),
            trace_stride: self.core.tracer.stride(),
            traces: self.take_traces(),
            under_way: None,
            log: self.take_log(),
        }
    }

    fn script_at(&self) -> SimTime {
        self.network
            .script
            .get(self.script_position)
            .map_or(SimTime::NEVER, |event| SimTime::from_secs_f64(event.at_secs))
    }

    /// The end of an interval, or a moment of the script.
    fn cross_boundary(&mut self) {
        if self.observer.interval_ends() <= self.core.now {
            self.observer.end_interval(&mut self.core, &self.network, &mut self.stations, &self.shown_stations);
            self.watch_memory();
            if !(self.scalers.is_empty() && self.pipelines.is_empty()) {
                let (load, span) = self.observer.take_load(self.core.now);
                self.scale(&load, span);
                self.run_pipelines(&load);
            }
            self.orchestrate();
            self.monitor();
        }
        while self.script_at() <= self.core.now {
            let action = self.network.script[self.script_position].action.clone();
            self.script_position += 1;
            self.act(action);
        }
    }

    /// Makes `network` the present one: new stations and links get new places, those that stay take over their
    /// parameters, those that are gone die.
    fn install(&mut self, network: Network) {
        self.place_links(&network);
        let fresh = self.place_stations(&network);
        self.place_pipelines(&network);
        self.place_scalers(&network, &fresh);
        self.place_monitors(&network);
        self.place_pools(&network, &fresh);
        // Who is there, and how large it is, may change from one interval to the next.
        let changes_by_itself = !(self.pools.is_empty() && network.script.is_empty());
        self.observer.keep_intervals(self.is_watched || changes_by_itself);
        for (link, spec) in self.shown_links.iter().zip(&network.links) {
            let targets = spec.targets.iter().map(|target| self.shown_stations[target.0 as usize]);
            let targets = targets.filter(|&target| self.core.is_listed(target)).collect();
            self.core.links[link.0 as usize].targets = targets;
        }
        self.configure_groups(&network);
        self.place_regions(&network);
        let total_share: f64 = network.stations.iter().map(share_of).sum();
        for (spec, (position, &place)) in network.stations.iter().zip((0..).map(StationIdx).zip(&self.shown_stations)) {
            let outgoing: Vec<LinkIdx> = spec.outgoing.iter().map(|link| self.shown_links[link.0 as usize]).collect();
            let user_share = if total_share > 0.0 { share_of(spec) / total_share } else { 0.0 };
            let region = network.frame_of(position, FrameKind::Region);
            let region = region.and_then(|region| self.regions.iter().position(|known| *known == region.id));
            let is_container = self.is_orchestrated(place);
            let host = if is_container {
                self.node_of(place)
            } else {
                spec.host.map(|host| self.shown_stations[host.0 as usize])
            };
            let host = host.and_then(|host| host_of(&mut self.core, &network, host));
            let setup = Setup {
                me: place,
                network: &network,
                config: &spec.config,
                outgoing: &outgoing,
                user_share,
                region,
                host,
                is_container,
            };
            match self.stations.get_mut(place.0 as usize) {
                Some(station) => station.configure(&mut self.core, &setup),
                // New places are in the order of the network, so each station comes to lie in its own.
                None => {
                    let station = Station::new(&mut self.core, &setup);
                    self.stations.push(station);
                }
            }
        }
        self.core.choose_counting();
        self.core.refill_pools();
        for place in fresh {
            self.stations[place.0 as usize].start(&mut self.core);
        }
        let position = network.script.iter().position(|event| SimTime::from_secs_f64(event.at_secs) > self.core.now);
        if self.network.script != network.script {
            let at_start = self.core.now == SimTime::ZERO;
            self.script_position = if at_start { 0 } else { position.unwrap_or(network.script.len()) };
        }
        self.network = network;
    }

    fn place_regions(&mut self, network: &Network) {
        for frame in network.frames.iter().filter(|frame| frame.kind == FrameKind::Region) {
            if !self.regions.contains(&frame.id) {
                self.regions.push(frame.id);
            }
        }
        self.core.window.regions.resize_with(self.regions.len(), Default::default);
    }

    fn place_links(&mut self, network: &Network) {
        let seed = self.core.seed;
        self.shown_links.clear();
        for spec in &network.links {
            let place = *self.link_places.get_or_insert_with(spec.id, || {
                self.core.links.push(LinkState::new(seed, spec));
                LinkIdx(self.core.links.len() as u32 - 1)
            });
            self.core.links[place.0 as usize].configure(seed, spec);
            self.shown_links.push(place);
        }
        let present: Vec<LinkId> = network.links.iter().map(|spec| spec.id).collect();
        self.link_places.retain(|id, place| {
            let stays = present.binary_search(id).is_ok();
            if !stays {
                self.core.links[place.0 as usize].targets.clear();
            }
            stays
        });
        self.core.window.links.resize_with(self.core.links.len(), Default::default);
    }

    /// Gives every station of `network` its place; gives the new ones. Stations that are gone die.
    fn place_stations(&mut self, network: &Network) -> Vec<StationIdx> {
        let mut fresh = Vec::new();
        let mut places = Map::new();
        self.shown_stations.clear();
        for spec in &network.stations {
            let identity = (spec.component, spec.instance);
            // What has become of another kind is another station; the one before is gone.
            let known = self.station_places.get(&identity).copied();
            let known = known.filter(|place| self.kinds[place.0 as usize] == spec.config.kind());
            if known.is_some() {
                self.station_places.remove(&identity);
            }
            let place = known.unwrap_or_else(|| {
                let place = StationIdx(self.core.identities.len() as u32);
                self.core.identities.push(identity);
                self.kinds.push(spec.config.kind());
                // Another instance of a component that is dead as a whole starts alive: it is a new machine.
                self.core.conditions.push(Condition::default());
                self.core.levels.push(StationLevels::default());
                fresh.push(place);
                place
            });
            places.insert(identity, place);
            self.shown_stations.push(place);
        }
        self.core.window.stations.resize_with(self.core.identities.len(), Default::default);
        let gone = core::mem::replace(&mut self.station_places, places);
        for station in gone.into_iter().map(|(_, station)| station) {
            self.retire(station);
        }
        fresh
    }

    /// A station has been removed from the drawing: what it worked on is lost, and nothing moves there any more.
    fn retire(&mut self, station: StationIdx) {
        if self.core.works(station) && self.stations[station.0 as usize].can_fail() {
            self.take_down(station, Presence::Absent);
        }
        let roots = self.core.calls.filter(|call| call.station == station && call.is_root());
        self.stations[station.0 as usize].retire(&mut self.core, &roots);
        self.hang_up_orphans();
    }

    fn configure_groups(&mut self, network: &Network) {
        let membership = |position: StationIdx, link: Option<LinkIdx>| {
            let spec = &network.stations[position.0 as usize];
            let (work, priority) = match &spec.config {
                ComponentConfig::SqlDatabase(config) => (Sampler::new(&config.apply_work), config.failover_priority),
                _ => (Sampler::Constant(SimDuration::ZERO), 0),
            };
            Membership {
                station: self.shown_stations[position.0 as usize],
                link: link.map(|link| self.shown_links[link.0 as usize]),
                apply_work: work,
                apply_stream: Stream::of_component(self.core.seed, spec.component, spec.instance, Purpose::Apply),
                priority,
            }
        };
        let policy = |position: StationIdx| match &network.stations[position.0 as usize].config {
            ComponentConfig::SqlDatabase(config) => FailoverPolicy {
                automatic: config.automatic_failover,
                detection: SimDuration::from_secs_f64(config.detection_secs),
                promotion: SimDuration::from_secs_f64(config.promotion_secs),
                election: config.election,
                mode: config.replication_mode,
                loss: config.loss_detection,
            },
            _ => FailoverPolicy {
                automatic: false,
                detection: SimDuration::ZERO,
                promotion: SimDuration::ZERO,
                election: Election::LeastLag,
                mode: ReplicationMode::Asynchronous,
                loss: LossDetection::Observer,
            },
        };
        let mut drawn: Vec<(FailoverPolicy, Vec<Membership>)> = network
            .replication_groups
            .iter()
            .map(|group| {
                let primary = membership(group.primary, None);
                let replicas = group.replicas.iter().map(|&(station, link)| membership(station, Some(link)));
                (policy(group.primary), core::iter::once(primary).chain(replicas).collect())
            })
            .collect();
        // A database that replicates to nobody is a group of its own.
        for (position, spec) in (0..).map(StationIdx).zip(&network.stations) {
            let is_alone = spec.replication_group.is_none() && !network.is_in_circle(position);
            if matches!(spec.config, ComponentConfig::SqlDatabase(_)) && is_alone {
                drawn.push((policy(position), vec![membership(position, None)]));
            }
        }
        self.core.groups.configure(drawn, &self.core.conditions);
        let circles = network.circles.iter().map(|circle| {
            let participants = circle.members.iter().map(|&(position, takes_writes)| {
                let Membership { station, apply_work, apply_stream, .. } = membership(position, None);
                Participant { station, takes_writes, apply_work, apply_stream }
            });
            let ways = circle
                .ways
                .iter()
                .map(|&(from, to, link)| (from as usize, to as usize, self.shown_links[link.0 as usize]));
            Drawn { participants: participants.collect(), ways: ways.collect() }
        });
        let circles = circles.collect();
        self.core.circles.configure(circles, &self.core.conditions);
        self.core.look_at_replication();
    }
}

/// The computer that the station at a place stands for.
fn host_of(core: &mut Core, network: &Network, place: StationIdx) -> Option<HostIdx> {
    let (component, _) = core.identities[place.0 as usize];
    let spec = network.stations.iter().find(|spec| spec.component == component)?;
    let (cores, memory_mb) = match &spec.config {
        ComponentConfig::Machine(machine) => (machine.machine_cores(), machine.machine_memory_mb()),
        ComponentConfig::ContainerPool(pool) => (pool.node_cores(), pool.node_memory_mb()),
        _ => return None,
    };
    Some(core.host_at(place, cores, memory_mb * MEGABYTE))
}

/// Weight of a station among all groups of users.
const fn share_of(spec: &crate::network::StationSpec) -> f64 {
    match &spec.config {
        // Attackers come from outside.
        ComponentConfig::Users(config) if config.attack_rate_per_sec.is_none() => config.share,
        _ => 0.0,
    }
}
