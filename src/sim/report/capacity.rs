//! How much of each resource components have.

use crate::design::ComponentConfig;
use crate::network::{Network, StationSpec};
use crate::sim::snapshot::Resource;

/// How much of `resource` so many stations alike have together; `None` if there is none, or no limit. Parts that share
/// a machine share its cores.
pub fn capacity_of(network: &Network, spec: &StationSpec, resource: Resource, stations: f64) -> Option<f64> {
    let machine = spec.host.map(|host| &network.stations[host.0 as usize].config);
    match (resource, machine) {
        (Resource::Cores, Some(machine)) => stated(machine, resource),
        _ => Some(stated(&spec.config, resource)? * stations),
    }
}

/// How much of `resource` a station configured like this has; `None` if it has none, or no limit.
fn stated(config: &ComponentConfig, resource: Resource) -> Option<f64> {
    let (cores, slots) = match config {
        ComponentConfig::Users(_)
        | ComponentConfig::Dns(_)
        | ComponentConfig::Cdn(_)
        | ComponentConfig::ThirdParty(_)
        | ComponentConfig::Monitoring(_)
        | ComponentConfig::ObjectStorage(_) => (None, None),
        ComponentConfig::LoadBalancer(balancer) => (Some(balancer.cores), balancer.connection_limit),
        ComponentConfig::Gateway(gateway) => (Some(gateway.cores), gateway.connection_limit),
        ComponentConfig::Server(server) => (Some(server.machine_cores()), Some(server.concurrency)),
        ComponentConfig::Cache(cache) => (cache.cores, None),
        ComponentConfig::SqlDatabase(database) => (Some(database.machine_cores()), Some(database.connection_limit)),
        ComponentConfig::NosqlDatabase(database) => (Some(database.cores), Some(database.concurrency)),
        ComponentConfig::DatabaseBalancer(balancer) => (Some(balancer.cores), Some(balancer.connection_limit)),
        ComponentConfig::ShardRouter(router) => (Some(router.cores), Some(router.connection_limit)),
        ComponentConfig::SessionStore(store) => (store.cores, None),
        ComponentConfig::Queue(queue) => (Some(queue.cores), None),
        ComponentConfig::Machine(machine) => (Some(machine.machine_cores()), None),
        ComponentConfig::Worker(worker) => (Some(worker.cores), Some(worker.concurrency)),
    };
    match resource {
        Resource::Cores => cores.map(f64::from),
        Resource::Slots => slots.map(f64::from),
        Resource::Memory => match config {
            ComponentConfig::Server(server) => Some(server.machine_memory_mb() * 1e6),
            _ => None,
        },
    }
}
