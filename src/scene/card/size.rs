//! How big a component is, in the words of its card.

use crate::design::{Component, ComponentConfig, Design};
use crate::format;
use crate::text::{fill, text};

/// How big the component is, for a drawing that does not run.
pub fn size_in_words(component: &Component, design: &Design) -> String {
    let cores = |cores: u32| format!("{cores} {}", text("diagram.resources.cores"));
    match &component.config {
        ComponentConfig::Users(_) => {
            fill("diagram.users", &[("count", &format::count(design.settings().users as f64))])
        }
        ComponentConfig::Dns(_) => text("kinds.dns.name").to_owned(),
        ComponentConfig::LoadBalancer(balancer) => cores(balancer.cores),
        ComponentConfig::Gateway(gateway) => cores(gateway.cores),
        ComponentConfig::Server(server) if server.instances > 1 => {
            format!("{} × {}", server.instances, cores(server.machine_cores()))
        }
        ComponentConfig::Server(server) => cores(server.machine_cores()),
        ComponentConfig::Cache(cache) => {
            fill("diagram.entries", &[("count", &format::count(f64::from(cache.capacity_entries)))])
        }
        ComponentConfig::SqlDatabase(database) => cores(database.machine_cores()),
        ComponentConfig::DatabaseBalancer(balancer) => cores(balancer.cores),
        ComponentConfig::ShardRouter(router) => cores(router.cores),
        ComponentConfig::SessionStore(store) => {
            fill("diagram.entries", &[("count", &format::count(f64::from(store.capacity_sessions)))])
        }
        ComponentConfig::NosqlDatabase(database) => format!("{} × {}", database.nodes, cores(database.cores)),
        ComponentConfig::Cdn(_)
        | ComponentConfig::ObjectStorage(_)
        | ComponentConfig::Pipeline(_)
        | ComponentConfig::ThirdParty(_)
        | ComponentConfig::Monitoring(_) => text(&format!("kinds.{}.name", component.config.kind().key())).to_owned(),
        ComponentConfig::Queue(queue) => cores(queue.cores),
        ComponentConfig::Worker(worker) if worker.instances > 1 => {
            format!("{} × {}", worker.instances, cores(worker.cores))
        }
        ComponentConfig::Worker(worker) => cores(worker.cores),
        ComponentConfig::WebsocketService(service) => {
            format!("{} × {}", service.instances, cores(service.machine_cores()))
        }
        ComponentConfig::Machine(machine) => cores(machine.machine_cores()),
        ComponentConfig::ContainerPool(pool) => format!("{} × {}", pool.nodes, cores(pool.node_cores())),
    }
}
