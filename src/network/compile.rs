//! From the drawing to the network, or a list of everything that is in the way.

use std::collections::BTreeMap;
use std::ops::Range;

use super::check::{instances, problems};
use super::problem::{Problem, Severity};
use super::{FrameSpec, LinkIdx, LinkSpec, Network, ReplicationGroup, StationIdx, StationSpec};
use crate::design::{ComponentConfig, Design, FrameKind, Link, LinkConfig, LinkRole};
use crate::ids::{ComponentId, LinkId};

/// Turns a design into a network. The same drawing gives the same network, however it came about. Warnings do not stand
/// in the way; [`problems`] lists them too.
///
/// # Errors
/// Every problem of the design, warnings included, if one of them is an error.
pub fn compile(design: &Design) -> Result<Network, Vec<Problem>> {
    let found = problems(design);
    if found.iter().any(|problem| problem.severity() == Severity::Error) {
        return Err(found);
    }
    let settings = design.settings();
    let mut network = Network {
        users: settings.users,
        traffic: settings.traffic.clone(),
        script: settings.script.clone(),
        ..Network::default()
    };
    // Same second, same order as written.
    network.script.sort_by(|a, b| a.at_secs.total_cmp(&b.at_secs));
    network.frames =
        design.frames().map(|frame| FrameSpec { id: frame.id, kind: frame.kind, place: frame.config.place }).collect();
    let positions = add_stations(design, &mut network);
    add_links(design, &positions, &mut network);
    add_peers(design, &positions, &mut network);
    add_replication_groups(design, &positions, &mut network);
    debug_assert!(network.links.is_sorted_by_key(|link| link.id), "derived links follow the drawn ones");
    Ok(network)
}

/// What a step into another zone of the same region adds, one way [s]. Round trips between zones usually stay below
/// 1 ms (J. Hamilton, re:Invent 2014), 0.45 ms of which are spent within a zone too.
const CROSS_ZONE_SECS: f64 = 0.000_25;

/// Positions of the stations of each component.
type Positions = BTreeMap<ComponentId, Range<u32>>;

fn add_stations(design: &Design, network: &mut Network) -> Positions {
    let mut positions = Positions::new();
    for component in design.components() {
        let first = position(network.stations.len());
        for instance in 0..instances(&component.config) {
            network.stations.push(StationSpec {
                component: component.id,
                instance,
                config: component.config.clone(),
                outgoing: Vec::new(),
                frames: design.frames_around(component.frame).into_iter().map(|frame| frame.id).collect(),
                replication_group: None,
            });
        }
        positions.insert(component.id, first..position(network.stations.len()));
    }
    positions
}

fn add_links(design: &Design, positions: &Positions, network: &mut Network) {
    for link in design.links() {
        let index = LinkIdx(position(network.links.len()));
        for start in positions[&link.from].clone() {
            network.stations[start as usize].outgoing.push(index);
        }
        network.links.push(LinkSpec {
            id: link.id,
            from: link.from,
            to: link.to,
            targets: positions[&link.to].clone().map(StationIdx).collect(),
            distance_secs: distance_secs(network, positions, link),
            role: link.role,
            config: link.config.clone(),
        });
    }
}

/// Connects the nodes of each cluster with each other.
fn add_peers(design: &Design, positions: &Positions, network: &mut Network) {
    for component in design.components() {
        let nodes = positions[&component.id].clone();
        let talks = match &component.config {
            ComponentConfig::Cache(cache) => cache.replicas > 0,
            _ => false,
        };
        if !talks || nodes.len() < 2 {
            continue;
        }
        let index = LinkIdx(position(network.links.len()));
        for node in nodes.clone() {
            network.stations[node as usize].outgoing.push(index);
        }
        network.links.push(LinkSpec {
            id: derived_id(component.id.0, 0),
            from: component.id,
            to: component.id,
            targets: nodes.map(StationIdx).collect(),
            distance_secs: 0.0,
            role: LinkRole::Peers,
            config: LinkConfig { timeout_secs: Some(PEER_TIMEOUT_SECS), ..LinkConfig::default() },
        });
    }
}

/// How long nodes of a cluster wait for each other [s] (Cassandra: 2 s for writes, 5 s for reads).
const PEER_TIMEOUT_SECS: f64 = 2.0;

/// Identity of a link that nobody has drawn, after the identity of what it belongs to; stands above all that are drawn.
const fn derived_id(owner: u32, number: u32) -> LinkId {
    LinkId((1 << 31) | (owner.wrapping_mul(64).wrapping_add(number) & !(1 << 31)))
}

/// What lies between the two ends of a link.
fn distance_secs(network: &Network, positions: &Positions, link: &Link) -> f64 {
    let [from, to] = [link.from, link.to].map(|end| StationIdx(positions[&end].start));
    let [region, other_region] = [from, to].map(|end| network.frame_of(end, FrameKind::Region).map(|region| region.id));
    if region != other_region {
        return network.place_of(from).one_way_secs(network.place_of(to));
    }
    let [zone, other_zone] = [from, to].map(|end| network.frame_of(end, FrameKind::Zone).map(|zone| zone.id));
    if zone.is_some() && other_zone.is_some() && zone != other_zone { CROSS_ZONE_SECS } else { 0.0 }
}

fn add_replication_groups(design: &Design, positions: &Positions, network: &mut Network) {
    for component in design.components() {
        let primary = StationIdx(positions[&component.id].start);
        let mut replicas: Vec<(StationIdx, LinkIdx)> = (0..)
            .zip(&network.links)
            .filter(|(_, link)| link.from == component.id && link.role == LinkRole::Replicate)
            .map(|(index, link)| (link.targets[0], LinkIdx(index)))
            .collect();
        if replicas.is_empty() {
            continue;
        }
        replicas.sort();
        let group = position(network.replication_groups.len());
        for &StationIdx(member) in core::iter::once(&primary).chain(replicas.iter().map(|(replica, _)| replica)) {
            network.stations[member as usize].replication_group = Some(group);
        }
        network.replication_groups.push(ReplicationGroup { primary, replicas });
    }
}

fn position(length: usize) -> u32 {
    u32::try_from(length).expect("the number of stations and links is limited")
}

#[cfg(test)]
mod tests;
