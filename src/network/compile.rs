//! From the drawing to the network, or a list of everything that is in the way.

use std::ops::Range;

use super::check::{edge_owners, instances, problems, spares};
use super::problem::{Problem, Severity};
use super::{Circle, FrameSpec, LinkIdx, LinkSpec, Network, ReplicationGroup, StationIdx, StationSpec};
use crate::design::{Component, ComponentConfig, Design, FrameKind, Link, LinkConfig, LinkRole};
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::sorted;

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
    Ok(assemble(design))
}

/// The network of a drawing that is known to have no errors.
pub fn assemble(design: &Design) -> Network {
    let settings = design.settings();
    let mut network = Network {
        users: settings.users,
        traffic: settings.traffic.clone(),
        script: settings.script.clone(),
        ..Network::default()
    };
    // Same second, same order as written.
    sorted::sort_by(&mut network.script, |a, b| a.at_secs.total_cmp(&b.at_secs));
    network.frames = design
        .holding_frames()
        .map(|frame| FrameSpec { id: frame.id, kind: frame.kind, place: frame.config.place })
        .collect();
    let positions = add_stations(design, &mut network);
    add_links(design, &positions, &mut network);
    for component in design.components() {
        add_peers(component, &positions, &mut network);
        add_edges(design, component, &positions, &mut network);
    }
    add_replication_groups(design, &positions, &mut network);
    add_circles(design, &positions, &mut network);
    debug_assert!(network.links.is_sorted_by_key(|link| link.id), "derived links follow the drawn ones");
    network
}

/// What a step into another zone of the same region adds, one way [s]. Round trips between zones usually stay below
/// 1 ms (J. Hamilton, re:Invent 2014), 0.45 ms of which are spent within a zone too.
const CROSS_ZONE_SECS: f64 = 0.000_25;

/// Positions of the stations of each component.
type Positions = sorted::Map<ComponentId, Range<u32>>;

fn add_stations(design: &Design, network: &mut Network) -> Positions {
    let mut positions = Positions::new();
    for component in design.components() {
        let first = position(network.stations.len());
        for instance in 0..instances(design, component) {
            network.stations.push(StationSpec {
                component: component.id,
                instance,
                config: component.config,
                outgoing: Vec::new(),
                host: None,
                spares: spares(design, component),
                frames: design
                    .frames_around(frame_of(design, component, instance))
                    .into_iter()
                    .map(|frame| frame.id)
                    .collect(),
                replication_group: None,
            });
        }
        positions.insert(component.id, first..position(network.stations.len()));
    }
    positions
}

/// The frame that a station lies in: its component's, but an edge of a CDN lies where its users are, and a shield where
/// the origin is.
fn frame_of(design: &Design, component: &Component, instance: u32) -> Option<FrameId> {
    let near = match &component.config {
        ComponentConfig::Cdn(_) => edge_owners(design, component.id).get(instance as usize).copied().or_else(|| {
            let links = design.links_from(component.id);
            links.iter().find(|link| link.role == LinkRole::Fetch).map(|link| link.to)
        }),
        _ => None,
    };
    near.and_then(|near| design.component(near)).unwrap_or(component).frame
}

fn add_links(design: &Design, positions: &Positions, network: &mut Network) {
    for link in design.links() {
        if link.role == LinkRole::Hosts {
            for part in positions[&link.to].clone() {
                network.stations[part as usize].host = Some(StationIdx(positions[&link.from].start));
            }
        }
        let index = LinkIdx(position(network.links.len()));
        let (starts, targets) = ends(design, positions, link);
        for &start in &starts {
            network.stations[start as usize].outgoing.push(index);
        }
        network.links.push(LinkSpec {
            id: link.id,
            from: link.from,
            to: link.to,
            distance_secs: distance_secs(network, StationIdx(starts[0]), targets[0]),
            targets,
            role: link.role,
            config: link.config,
        });
    }
}

/// The stations at both ends of a link. Users talk to their own edge of a CDN, a DNS record names all edges; the shield
/// fetches for all of them, and without one each edge fetches by a link of its own, of which the first is the one that is drawn.
fn ends(design: &Design, positions: &Positions, link: &Link) -> (Vec<u32>, Vec<StationIdx>) {
    let mut starts: Vec<u32> = positions[&link.from].clone().collect();
    let mut targets: Vec<StationIdx> = positions[&link.to].clone().map(StationIdx).collect();
    let config_of = |id| design.component(id).map(|component| &component.config);
    if let Some(ComponentConfig::Cdn(cdn)) = config_of(link.from) {
        starts = if cdn.origin_shield { starts.split_off(starts.len() - 1) } else { vec![starts[0]] };
    }
    if let Some(ComponentConfig::Cdn(cdn)) = config_of(link.to) {
        let owners = edge_owners(design, link.to);
        match owners.iter().position(|&owner| owner == link.from) {
            Some(edge) => targets = vec![targets[edge]],
            // Nobody but the edges knows the shield.
            None if cdn.origin_shield => {
                targets.pop();
            }
            None => {}
        }
    }
    (starts, targets)
}

/// Connects the edges of a CDN with their shield, or all but the first with the origin.
fn add_edges(design: &Design, component: &Component, positions: &Positions, network: &mut Network) {
    let ComponentConfig::Cdn(cdn) = &component.config else { return };
    let nodes = positions[&component.id].clone();
    let links = design.links_from(component.id);
    let Some(fetch) = links.into_iter().find(|link| link.role == LinkRole::Fetch) else { return };
    let edges = if cdn.origin_shield { nodes.start..nodes.end - 1 } else { nodes.start + 1..nodes.end };
    for edge in edges {
        let (to, role, targets) = if cdn.origin_shield {
            (component.id, LinkRole::Peers, vec![StationIdx(nodes.end - 1)])
        } else {
            (fetch.to, LinkRole::Fetch, positions[&fetch.to].clone().map(StationIdx).collect())
        };
        network.stations[edge as usize].outgoing.push(LinkIdx(position(network.links.len())));
        network.links.push(LinkSpec {
            id: derived_id(component.id.0, 1 + edge - nodes.start),
            from: component.id,
            to,
            distance_secs: distance_secs(network, StationIdx(edge), targets[0]),
            targets,
            role,
            config: fetch.config,
        });
    }
}

/// Connects the nodes of a cluster with each other.
fn add_peers(component: &Component, positions: &Positions, network: &mut Network) {
    let nodes = positions[&component.id].clone();
    let talks = match &component.config {
        ComponentConfig::Cache(cache) => cache.replicas > 0 && nodes.len() > 1,
        // A node that coordinates asks itself like the others.
        ComponentConfig::NosqlDatabase(_) => true,
        _ => false,
    };
    if !talks {
        return;
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

/// How long nodes of a cluster wait for each other [s] (Cassandra: 2 s for writes, 5 s for reads).
const PEER_TIMEOUT_SECS: f64 = 2.0;

/// Identity of a link that nobody has drawn, after the identity of what it belongs to; stands above all that are drawn.
const fn derived_id(owner: u32, number: u32) -> LinkId {
    LinkId((1 << 31) | (owner.wrapping_mul(1024).wrapping_add(number) & !(1 << 31)))
}

/// What lies between two stations, one way [s].
fn distance_secs(network: &Network, from: StationIdx, to: StationIdx) -> f64 {
    let [region, other_region] = [from, to].map(|end| network.frame_of(end, FrameKind::Region).map(|region| region.id));
    if region != other_region {
        return network.place_of(from).one_way_secs(network.place_of(to));
    }
    let [zone, other_zone] = [from, to].map(|end| network.frame_of(end, FrameKind::Zone).map(|zone| zone.id));
    if zone.is_some() && other_zone.is_some() && zone != other_zone { CROSS_ZONE_SECS } else { 0.0 }
}

/// Databases on a circle of logs, with all that are connected to them by logs.
fn add_circles(design: &Design, positions: &Positions, network: &mut Network) {
    for family in families(design).into_iter().filter(|family| is_circular(design, family)) {
        let at = |id: ComponentId| StationIdx(positions[&id].start);
        let members = family.iter().map(|&id| (at(id), !design.is_replica(id))).collect();
        let place = |id| family.iter().position(|&member| member == id).map(|place| place as u32);
        let ways = (0..).zip(&network.links).filter(|(_, link)| link.role == LinkRole::Replicate);
        let ways =
            ways.filter_map(|(index, link)| Some((place(link.from)?, place(link.to)?, LinkIdx(index)))).collect();
        network.circles.push(Circle { members, ways });
    }
}

/// Databases that logs connect, whichever way; each family by identity, the families by their first.
fn families(design: &Design) -> Vec<Vec<ComponentId>> {
    let logs: Vec<&Link> = design.links().filter(|link| link.role == LinkRole::Replicate).collect();
    let mut families: Vec<Vec<ComponentId>> = Vec::new();
    for component in design.components() {
        if families.iter().any(|family| family.contains(&component.id)) {
            continue;
        }
        let mut family = vec![component.id];
        let mut looked_at = 0;
        while looked_at < family.len() {
            let id = family[looked_at];
            looked_at += 1;
            for link in logs.iter().filter(|link| link.from == id || link.to == id) {
                let other = if link.from == id { link.to } else { link.from };
                if !family.contains(&other) {
                    family.push(other);
                }
            }
        }
        sorted::sort_by(&mut family, Ord::cmp);
        families.push(family);
    }
    families
}

/// Whether some of a family send each other their logs in a circle.
fn is_circular(design: &Design, family: &[ComponentId]) -> bool {
    family.iter().any(|&id| design.replicates_to(id, id))
}

fn add_replication_groups(design: &Design, positions: &Positions, network: &mut Network) {
    let circular: Vec<ComponentId> =
        families(design).into_iter().filter(|family| is_circular(design, family)).flatten().collect();
    for component in design.components().filter(|component| !circular.contains(&component.id)) {
        let primary = StationIdx(positions[&component.id].start);
        let mut replicas: Vec<(StationIdx, LinkIdx)> = (0..)
            .zip(&network.links)
            .filter(|(_, link)| link.from == component.id && link.role == LinkRole::Replicate)
            .map(|(index, link)| (link.targets[0], LinkIdx(index)))
            .collect();
        if replicas.is_empty() {
            continue;
        }
        sorted::sort_by(&mut replicas, Ord::cmp);
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
