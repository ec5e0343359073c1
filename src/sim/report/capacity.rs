//! How much of each resource components have.

use crate::design::ComponentConfig;
use crate::network::{Network, StationSpec};
use crate::sim::metrics::StationMeasurements;
use crate::sim::snapshot::Resource;

/// How much of `resource` was used by so many stations alike that were measured together, and how much there was, in the
/// same unit; nothing was there if it is not limited. Parts that share a machine share its cores and its memory.
pub fn use_of(
    network: &Network,
    spec: &StationSpec,
    resource: Resource,
    stations: f64,
    of: &StationMeasurements,
) -> (f64, f64) {
    let (used, there) = of.used_and_there(resource);
    let host = spec.host.map(|host| &network.stations[host.0 as usize].config);
    // Each of several parts on one machine sees all of it.
    let sees_all = matches!(host, Some(ComponentConfig::Machine(_))) && resource != Resource::Slots;
    (used, if sees_all { there / stations.max(1.0) } else { there })
}
