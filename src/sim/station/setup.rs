//! How stations of all kinds are made, take over edited parameters, and start.

use super::{
    Station, cache, cdn, container_pool, database_balancer, dns, gateway, load_balancer, machine, monitoring,
    nosql_database, object_storage, queue, server, session_store, shard_router, sql_database, third_party, users,
    websocket_service, worker,
};
use crate::design::{ComponentConfig, LinkRole};
use crate::ids::ComponentId;
use crate::network::{LinkIdx, Network, StationIdx};
use crate::sim::core::Core;
use crate::sim::mechanism::host::HostIdx;

/// What a station learns about its place in the network, at the start and after every edit.
pub struct Setup<'a> {
    /// Itself.
    pub me: StationIdx,
    /// The network, for what lies beyond its own links. Positions in it are not those of the engine.
    pub network: &'a Network,
    /// Its parameters.
    pub config: &'a ComponentConfig,
    /// Links that start here, by identity, at their positions in the engine.
    pub outgoing: &'a [LinkIdx],
    /// The computer that it shares with others; `None` if it has one of its own.
    pub host: Option<HostIdx>,
    /// Whether it is a container there, with cores and memory of its own.
    pub is_container: bool,
    /// Share of all users that this group of users has, 0 to 1; 0 for other kinds.
    pub user_share: f64,
    /// Place of the region that it stands in, in `Measurements::regions`; `None` if it stands in none.
    pub region: Option<usize>,
}

impl Setup<'_> {
    /// Outgoing links of a role.
    pub fn links<'s>(&'s self, core: &'s Core, role: LinkRole) -> impl Iterator<Item = LinkIdx> + 's {
        self.outgoing.iter().copied().filter(move |&link| core.links[link.0 as usize].role == role)
    }

    /// Parameters of a component; `None` if it is not there.
    pub fn config_of(&self, component: ComponentId) -> Option<&ComponentConfig> {
        self.network.stations.iter().find(|spec| spec.component == component).map(|spec| &spec.config)
    }

    /// Outgoing links of roles that fulfil a condition, with each of their targets.
    pub fn targets(&self, core: &Core, roles: impl Fn(LinkRole) -> bool) -> Vec<(LinkIdx, StationIdx)> {
        self.outgoing
            .iter()
            .filter(|link| roles(core.links[link.0 as usize].role))
            .flat_map(|&link| core.links[link.0 as usize].targets.iter().map(move |&target| (link, target)))
            .collect()
    }
}

impl Station {
    /// A new station for the parameters of `setup`.
    pub fn new(core: &mut Core, setup: &Setup<'_>) -> Self {
        let mut station = match setup.config {
            ComponentConfig::Users(config) => Self::Users(Box::new(users::Users::new(core, setup, config))),
            ComponentConfig::Dns(config) => Self::Dns(Box::new(dns::Dns::new(core, setup, config))),
            ComponentConfig::LoadBalancer(config) => {
                Self::LoadBalancer(Box::new(load_balancer::LoadBalancer::new(core, setup, config)))
            }
            ComponentConfig::Gateway(config) => Self::Gateway(Box::new(gateway::Gateway::new(core, setup, config))),
            ComponentConfig::Server(config) => Self::Server(Box::new(server::Server::new(core, setup, config))),
            ComponentConfig::WebsocketService(config) => {
                Self::WebsocketService(Box::new(websocket_service::WebsocketService::new(core, setup, config)))
            }
            ComponentConfig::Cache(config) => Self::Cache(Box::new(cache::Cache::new(core, setup, config))),
            ComponentConfig::SqlDatabase(config) => {
                Self::SqlDatabase(Box::new(sql_database::SqlDatabase::new(core, setup, config)))
            }
            ComponentConfig::NosqlDatabase(config) => {
                Self::NosqlDatabase(Box::new(nosql_database::NosqlDatabase::new(core, setup, config)))
            }
            ComponentConfig::DatabaseBalancer(config) => {
                Self::DatabaseBalancer(Box::new(database_balancer::DatabaseBalancer::new(core, setup, config)))
            }
            ComponentConfig::ShardRouter(config) => {
                Self::ShardRouter(Box::new(shard_router::ShardRouter::new(core, setup, config)))
            }
            ComponentConfig::SessionStore(config) => {
                Self::SessionStore(Box::new(session_store::SessionStore::new(core, setup, config)))
            }
            ComponentConfig::Cdn(config) => Self::Cdn(Box::new(cdn::Cdn::new(core, setup, config))),
            ComponentConfig::ObjectStorage(config) => {
                Self::ObjectStorage(Box::new(object_storage::ObjectStorage::new(core, setup, config)))
            }
            ComponentConfig::Queue(config) => Self::Queue(Box::new(queue::Queue::new(core, setup, config))),
            ComponentConfig::Worker(config) => Self::Worker(Box::new(worker::Worker::new(core, setup, config))),
            ComponentConfig::Machine(config) => Self::Machine(Box::new(machine::Machine::new(core, setup, config))),
            ComponentConfig::ThirdParty(config) => {
                Self::ThirdParty(Box::new(third_party::ThirdParty::new(core, setup, config)))
            }
            ComponentConfig::Monitoring(_) => Self::Monitoring(monitoring::Monitoring::default()),
            ComponentConfig::ContainerPool(config) => {
                Self::ContainerPool(Box::new(container_pool::Node::new(core, setup, config)))
            }
            ComponentConfig::Pipeline(_) => Self::Pipeline,
        };
        station.set_host(core, setup.host, setup.is_container);
        station
    }

    /// Takes over edited parameters and links while it works.
    pub fn configure(&mut self, core: &mut Core, setup: &Setup<'_>) {
        self.set_host(core, setup.host, setup.is_container);
        match (self, setup.config) {
            (Self::Users(station), ComponentConfig::Users(config)) => station.configure(core, setup, config),
            (Self::Dns(station), ComponentConfig::Dns(config)) => station.configure(core, setup, config),
            (Self::LoadBalancer(station), ComponentConfig::LoadBalancer(config)) => {
                station.configure(core, setup, config);
            }
            (Self::Gateway(station), ComponentConfig::Gateway(config)) => station.configure(core, setup, config),
            (Self::Server(station), ComponentConfig::Server(config)) => station.configure(core, setup, config),
            (Self::WebsocketService(station), ComponentConfig::WebsocketService(config)) => {
                station.configure(core, setup, config);
            }
            (Self::Cache(station), ComponentConfig::Cache(config)) => station.configure(core, setup, config),
            (Self::SqlDatabase(station), ComponentConfig::SqlDatabase(config)) => {
                station.configure(core, setup, config);
            }
            (Self::NosqlDatabase(station), ComponentConfig::NosqlDatabase(config)) => {
                station.configure(core, setup, config);
            }
            (Self::DatabaseBalancer(station), ComponentConfig::DatabaseBalancer(config)) => {
                station.configure(core, setup, config);
            }
            (Self::ShardRouter(station), ComponentConfig::ShardRouter(config)) => {
                station.configure(core, setup, config);
            }
            (Self::SessionStore(station), ComponentConfig::SessionStore(config)) => {
                station.configure(core, setup, config);
            }
            (Self::Cdn(station), ComponentConfig::Cdn(config)) => station.configure(core, setup, config),
            (Self::ObjectStorage(station), ComponentConfig::ObjectStorage(config)) => {
                station.configure(core, setup, config);
            }
            (Self::Queue(station), ComponentConfig::Queue(config)) => station.configure(core, setup, config),
            (Self::Worker(station), ComponentConfig::Worker(config)) => station.configure(core, setup, config),
            (Self::Machine(station), ComponentConfig::Machine(config)) => station.configure(core, setup, config),
            (Self::ThirdParty(station), ComponentConfig::ThirdParty(config)) => station.configure(core, config),
            (Self::Monitoring(_), ComponentConfig::Monitoring(_)) => {}
            (Self::ContainerPool(station), ComponentConfig::ContainerPool(config)) => {
                station.configure(core, setup, config);
            }
            (Self::Pipeline, ComponentConfig::Pipeline(_)) => {}
            (station, _) => *station = Self::new(core, setup),
        }
    }

    /// Starts what it does by itself; called once, when all stations know their links.
    pub fn start(&mut self, core: &mut Core) {
        match self {
            Self::Users(station) => station.start(core),
            Self::LoadBalancer(station) => station.start(core),
            Self::Worker(station) => station.start(core),
            _ => {}
        }
    }
}
