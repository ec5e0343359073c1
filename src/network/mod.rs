//! The drawing made ready to run: dense indices, checked links, no positions, no petgraph.
//!
//! A component with several instances becomes several stations, one for each machine.

mod check;
mod compile;
mod problem;

use serde::{Deserialize, Serialize};

pub use self::check::problems;
pub use self::compile::{assemble, compile};
pub use self::problem::{Problem, ProblemKind, Severity};
use crate::design::kind::users::Users;
use crate::design::place::Place;
use crate::design::price::Priced;
use crate::design::script::ScriptEvent;
use crate::design::traffic::Traffic;
use crate::design::{ComponentConfig, FrameKind, LinkConfig, LinkRole};
use crate::ids::{ComponentId, FrameId, LinkId};

/// Position of a station in one network; meaningless in any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StationIdx(pub u32);

/// Position of a link in one network; meaningless in any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LinkIdx(pub u32);

/// One machine or service of the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationSpec {
    /// The component that it comes from.
    pub component: ComponentId,
    /// Which of the component's instances, from 0.
    pub instance: u32,
    /// Parameters.
    pub config: ComponentConfig,
    /// Links that start here, by identity.
    pub outgoing: Vec<LinkIdx>,
    /// The machine that it shares with others, or the first node of the pool that it runs in; `None` if it has a
    /// machine of its own.
    pub host: Option<StationIdx>,
    /// Stations that the component has beyond those that its configuration asks for, for deployments and for monitoring.
    pub spares: u32,
    /// The frames around it, the innermost first.
    pub frames: Vec<FrameId>,
    /// For a database: the group that replicates among itself, as a position in [`Network::replication_groups`].
    pub replication_group: Option<u32>,
}

impl StationSpec {
    /// Rent for a month [USD]; what runs on a shared machine is paid for with it.
    pub fn monthly_usd(&self) -> f64 {
        if self.host.is_some() { 0.0 } else { self.config.monthly_usd() }
    }
}

/// One link of the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkSpec {
    /// The link of the drawing.
    pub id: LinkId,
    /// Component at the start.
    pub from: ComponentId,
    /// Component at the end.
    pub to: ComponentId,
    /// Stations at the end, one for each instance, in order.
    pub targets: Vec<StationIdx>,
    /// What the way from one end to the other adds to the latency, one way [s]: the distance between two places, or a
    /// step into another zone of the same region.
    pub distance_secs: f64,
    /// What travels.
    pub role: LinkRole,
    /// Parameters.
    pub config: LinkConfig,
}

/// A primary and its replicas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicationGroup {
    /// The drawn primary.
    pub primary: StationIdx,
    /// Replicas with the link that the log reaches them by, by identity of the replica.
    pub replicas: Vec<(StationIdx, LinkIdx)>,
}

/// Databases that take writes at several places and send each other their logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circle {
    /// All of them by identity, and whether each takes writes: those on a circle do, others only follow.
    pub members: Vec<(StationIdx, bool)>,
    /// Links by which logs go, with the places of both ends among the members.
    pub ways: Vec<(u32, u32, LinkIdx)>,
}

/// A frame of the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameSpec {
    /// The frame of the drawing.
    pub id: FrameId,
    /// What it stands for.
    pub kind: FrameKind,
    /// Where it lies.
    pub place: Place,
}

/// A network that can run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Stations by component and instance.
    pub stations: Vec<StationSpec>,
    /// Links by identity.
    pub links: Vec<LinkSpec>,
    /// Frames by identity.
    pub frames: Vec<FrameSpec>,
    /// Databases that replicate among each other.
    pub replication_groups: Vec<ReplicationGroup>,
    /// Databases that take writes at several places.
    pub circles: Vec<Circle>,
    /// Users at the start.
    pub users: u64,
    /// How demand changes with time.
    pub traffic: Traffic,
    /// What happens, in order of time.
    pub script: Vec<ScriptEvent>,
}

impl Network {
    /// The innermost frame of a kind around a station; `None` if it stands in none.
    pub fn frame_of(&self, station: StationIdx, kind: FrameKind) -> Option<&FrameSpec> {
        let around = &self.stations[station.0 as usize].frames;
        around.iter().filter_map(|id| self.frames.iter().find(|frame| frame.id == *id)).find(|frame| frame.kind == kind)
    }

    /// Where a station stands: the place of its region.
    pub fn place_of(&self, station: StationIdx) -> Place {
        self.frame_of(station, FrameKind::Region).map_or(Place::Anywhere, |region| region.place)
    }

    /// The first group of users as drawn: what they ask for is what the files and items of the whole design are.
    pub fn first_users(&self) -> Option<&Users> {
        self.stations.iter().find_map(|spec| match &spec.config {
            ComponentConfig::Users(users) => Some(users),
            _ => None,
        })
    }

    /// What keeping files at `station` costs for a month [USD]: those of the users, where keeping is paid for. Files that
    /// users send take the place of those that were there.
    pub fn monthly_keeping_usd(&self, station: &StationSpec) -> f64 {
        let kept_bytes = self.first_users().map_or(0.0, |users| f64::from(users.static_keys) * users.static_bytes);
        kept_bytes * 1e-9 * station.config.usage().gb_month_usd
    }

    /// Whether a station is one of several databases that take writes, or follows such.
    pub fn is_in_circle(&self, station: StationIdx) -> bool {
        self.circles.iter().any(|circle| circle.members.iter().any(|(member, _)| *member == station))
    }

    /// The stations of a component, by instance.
    pub fn stations_of(&self, component: ComponentId) -> impl Iterator<Item = StationIdx> {
        (0..)
            .zip(&self.stations)
            .filter(move |(_, station)| station.component == component)
            .map(|(position, _)| StationIdx(position))
    }

    /// Gives a component another configuration of the same kind, and as many stations as that asks for.
    pub fn reconfigure(&mut self, component: ComponentId, config: &ComponentConfig) {
        let first = self.stations.partition_point(|station| station.component < component);
        let n_before = self.stations[first..].iter().take_while(|station| station.component == component).count();
        // An edge of a CDN comes with the users that it serves, and those stay.
        let spares = self.stations.get(first).map_or(0, |station| station.spares as usize);
        let n_now = check::instances_of(config).map_or(n_before, |n_now| n_now as usize + spares);
        for station in &mut self.stations[first..first + n_before.min(n_now)] {
            station.config = *config;
        }
        let Some(sample) = self.stations.get(first).filter(|_| n_before > 0 && n_now > 0).cloned() else { return };
        let end = first + n_before;
        let added = (n_before..n_now).map(|instance| StationSpec { instance: instance as u32, ..sample.clone() });
        self.stations.splice(first + n_before.min(n_now)..end, added);
        let moved = |StationIdx(position)| {
            let position = position as usize;
            StationIdx(if position < end { position } else { position - n_before + n_now } as u32)
        };
        for link in &mut self.links {
            link.targets = if link.to == component && n_now != n_before {
                (first..first + n_now).map(|position| StationIdx(position as u32)).collect()
            } else {
                link.targets.iter().copied().map(moved).collect()
            };
        }
        for host in self.stations.iter_mut().filter_map(|station| station.host.as_mut()) {
            *host = moved(*host);
        }
        for (member, _) in self.circles.iter_mut().flat_map(|circle| &mut circle.members) {
            *member = moved(*member);
        }
        for group in &mut self.replication_groups {
            group.primary = moved(group.primary);
            for (replica, _) in &mut group.replicas {
                *replica = moved(*replica);
            }
        }
    }
}
