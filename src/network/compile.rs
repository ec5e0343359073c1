//! From the drawing to the network, or a list of everything that is in the way.

use std::collections::BTreeMap;
use std::ops::Range;

use super::check::{instances, problems};
use super::problem::{Problem, Severity};
use super::{FrameSpec, LinkIdx, LinkSpec, Network, ReplicationGroup, StationIdx, StationSpec};
use crate::design::{Design, FrameKind, Link, LinkRole};
use crate::ids::ComponentId;

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
    add_replication_groups(design, &positions, &mut network);
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
