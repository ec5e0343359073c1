//! The kinds of component, one file each: what people can set, and where the defaults come from.
//!
//! A new kind is a file here, an arm in each `match` that the compiler then lists, and its texts. Its behaviour stands
//! in the file of the same name under `sim/station`.

pub mod cache;
pub mod cdn;
pub mod container;
pub mod container_pool;
pub mod database_balancer;
pub mod dns;
pub mod gateway;
pub mod load_balancer;
pub mod machine;
pub mod monitoring;
pub mod nosql_database;
pub mod object_storage;
pub mod pipeline;
pub mod queue;
pub mod scaling;
pub mod server;
pub mod session_store;
pub mod shard_router;
pub mod size;
pub mod sql_database;
pub mod third_party;
pub mod users;
pub mod websocket_service;
pub mod worker;

use serde::{Deserialize, Serialize};

use self::container::Container;
use self::scaling::Autoscaling;
use super::field::{Configurable, Field, FieldError, Positional, Value, differing, put_differing};
use super::link::LinkRole;
use super::price::{Priced, UsagePrice};

macro_rules! kinds {
    ($($(#[$meta:meta])* $variant:ident($module:ident) = $word:literal,)+) => {
        /// What a component is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[$meta])* $variant,)+
        }

        /// What a component is, with its parameters.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum ComponentConfig {
            $($(#[$meta])* $variant($module::$variant),)+
        }

        impl Kind {
            /// All kinds in the order of the palette.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Name in files, texts and style sheets.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The kind of that name; `None` if there is none.
            pub fn from_key(key: &str) -> Option<Self> {
                match key { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// A configuration of this kind with every parameter at its default.
            pub fn default_config(self) -> ComponentConfig {
                match self { $(Self::$variant => ComponentConfig::$variant(Default::default()),)+ }
            }
        }

        impl ComponentConfig {
            /// The kind that this configures.
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind::$variant,)+ }
            }
        }

        impl Priced for ComponentConfig {
            fn monthly_usd(&self) -> f64 {
                match self { $(Self::$variant(config) => config.monthly_usd(),)+ }
            }

            fn usage(&self) -> UsagePrice {
                match self { $(Self::$variant(config) => config.usage(),)+ }
            }
        }

        impl Positional for ComponentConfig {
            fn values(&self, into: &mut Vec<Value>) {
                match self { $(Self::$variant(config) => config.values(into),)+ }
            }

            fn put(&mut self, position: usize, value: Value) -> Result<(), (usize, Value)> {
                match self { $(Self::$variant(config) => config.put(position, value),)+ }
            }
        }

        impl Configurable for ComponentConfig {
            fn fields(&self) -> Vec<Field> {
                match self { $(Self::$variant(config) => config.fields(),)+ }
            }

            fn get(&self, key: &str) -> Option<Value> {
                match self { $(Self::$variant(config) => config.get(key),)+ }
            }

            fn set(&mut self, key: &str, value: Value) -> Result<(), FieldError> {
                match self { $(Self::$variant(config) => config.set(key, value),)+ }
            }

            fn put_checked(&mut self, key: &str, value: Value) -> bool {
                match self { $(Self::$variant(config) => config.put_checked(key, value),)+ }
            }
        }
    };
}

kinds! {
    /// People whose requests everything else exists for.
    Users(users) = "users",
    /// Name service: tells clients which address to talk to.
    Dns(dns) = "dns",
    /// Spreads requests over several targets.
    LoadBalancer(load_balancer) = "load_balancer",
    /// Limits how often one may ask, and turns attacks away.
    Gateway(gateway) = "gateway",
    /// A machine, or several alike, that does work for requests and calls others.
    Server(server) = "server",
    /// Holds connections open, for messages either way.
    WebsocketService(websocket_service) = "websocket_service",
    /// A computer that several parts share.
    Machine(machine) = "machine",
    /// Nodes that containers run on.
    ContainerPool(container_pool) = "container_pool",
    /// Brings new versions into service.
    Pipeline(pipeline) = "pipeline",
    /// Keeps copies of hot values in memory.
    Cache(cache) = "cache",
    /// Relational database: a primary, or a replica of one.
    SqlDatabase(sql_database) = "sql_database",
    /// Nodes that keep each key several times, and answer when enough of them have.
    NosqlDatabase(nosql_database) = "nosql_database",
    /// One address for a primary and its replicas.
    DatabaseBalancer(database_balancer) = "database_balancer",
    /// Spreads keys over databases that each hold a part of them.
    ShardRouter(shard_router) = "shard_router",
    /// Remembers who is logged in.
    SessionStore(session_store) = "session_store",
    /// Edges near the users that keep copies of files.
    Cdn(cdn) = "cdn",
    /// Keeps files of any number and size.
    ObjectStorage(object_storage) = "object_storage",
    /// Keeps what is to be done later until a worker has done it.
    Queue(queue) = "queue",
    /// Takes messages from queues and does what they ask for.
    Worker(worker) = "worker",
    /// A service that somebody else runs.
    ThirdParty(third_party) = "third_party",
    /// Looks at components, raises alerts, and has something done about them.
    Monitoring(monitoring) = "monitoring",
}

/// Groups of the palette, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Who asks, and how they find the way.
    Demand,
    /// What spreads and forwards requests.
    Traffic,
    /// What computes.
    Compute,
    /// What keeps data.
    Data,
    /// What keeps the others running.
    Operations,
}

impl Group {
    /// All groups, in order.
    pub const ALL: [Self; 5] = [Self::Demand, Self::Traffic, Self::Compute, Self::Data, Self::Operations];

    /// Name in texts and style sheets.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Demand => "demand",
            Self::Traffic => "traffic",
            Self::Compute => "compute",
            Self::Data => "data",
            Self::Operations => "operations",
        }
    }
}

impl Kind {
    /// Where the palette shows this kind.
    pub const fn group(self) -> Group {
        match self {
            Self::Users | Self::Dns => Group::Demand,
            Self::LoadBalancer | Self::Gateway | Self::Cdn => Group::Traffic,
            Self::Server
            | Self::WebsocketService
            | Self::Machine
            | Self::ContainerPool
            | Self::Worker
            | Self::ThirdParty => Group::Compute,
            Self::Pipeline | Self::Monitoring => Group::Operations,
            Self::Cache
            | Self::SqlDatabase
            | Self::NosqlDatabase
            | Self::DatabaseBalancer
            | Self::ShardRouter
            | Self::SessionStore
            | Self::ObjectStorage
            | Self::Queue => Group::Data,
        }
    }

    /// Roles that a link from this kind to `target` may have, the most usual first; empty if the two cannot be
    /// connected that way round.
    pub const fn roles_to(self, target: Self) -> &'static [LinkRole] {
        use LinkRole::{
            Consume, Deploys, Fetch, Hosts, Live, Lookup, Objects, Observe, Publish, Queries, Reads, Record, Replicate,
            Requests, Resolve, Sessions, Static, Uploads, Writes,
        };
        match (self, target) {
            (
                Self::Machine,
                Self::LoadBalancer
                | Self::Server
                | Self::WebsocketService
                | Self::Cache
                | Self::Gateway
                | Self::SqlDatabase
                | Self::NosqlDatabase
                | Self::DatabaseBalancer
                | Self::ShardRouter
                | Self::SessionStore
                | Self::Queue
                | Self::Worker,
            )
            | (Self::ContainerPool, Self::Server | Self::WebsocketService | Self::Worker) => &[Hosts],
            (Self::Pipeline, Self::Server | Self::WebsocketService | Self::Worker | Self::ContainerPool) => &[Deploys],
            (Self::Users, Self::WebsocketService) => &[Live],
            (Self::Users, Self::Dns) => &[Resolve],
            (Self::Users, Self::LoadBalancer | Self::Gateway) => &[Requests, Static, Live],
            (Self::Users, Self::Server) => &[Requests, Static],
            (Self::Users, Self::Cdn) => &[Static, Requests],
            (Self::Users, Self::ObjectStorage) => &[Uploads, Static],
            (Self::Dns, Self::Cdn) => &[Record],
            (Self::Cdn, Self::LoadBalancer | Self::Server | Self::ObjectStorage) => &[Fetch],
            (Self::Server | Self::Worker, Self::ObjectStorage) => &[Objects],
            (Self::Server, Self::SessionStore) => &[Sessions],
            (Self::Dns, Self::LoadBalancer | Self::Server) => &[Record],
            (Self::LoadBalancer, Self::LoadBalancer | Self::Server | Self::WebsocketService)
            | (Self::Server | Self::Worker, Self::LoadBalancer | Self::Server) => &[Requests],
            (Self::Server | Self::WebsocketService | Self::Worker, Self::Cache) => &[Lookup],
            (
                Self::Server | Self::WebsocketService | Self::Worker,
                Self::SqlDatabase | Self::NosqlDatabase | Self::DatabaseBalancer | Self::ShardRouter,
            )
            | (Self::ShardRouter, Self::SqlDatabase | Self::NosqlDatabase | Self::DatabaseBalancer)
            | (Self::DatabaseBalancer, Self::SqlDatabase | Self::NosqlDatabase) => &[Queries, Reads, Writes],
            (Self::Server | Self::WebsocketService, Self::Queue) => &[Publish],
            (Self::Worker, Self::Queue) => &[Consume, Publish],
            (Self::Cache, Self::SqlDatabase | Self::NosqlDatabase | Self::DatabaseBalancer | Self::ShardRouter) => {
                &[Fetch]
            }
            (Self::SqlDatabase, Self::SqlDatabase) => &[Replicate],
            (Self::Dns, Self::Gateway) => &[Record],
            (Self::Cdn, Self::Gateway) => &[Fetch],
            (Self::LoadBalancer, Self::Gateway)
            | (Self::Gateway, Self::LoadBalancer | Self::Server | Self::WebsocketService) => &[Requests],
            (Self::Server | Self::Worker, Self::ThirdParty) => &[Requests],
            (Self::Monitoring, _) => &[Observe],
            _ => &[],
        }
    }
}

impl Serialize for ComponentConfig {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.kind(), differing(self, &self.kind().default_config())).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ComponentConfig {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (kind, values) = <(Kind, Vec<(u32, Value)>)>::deserialize(deserializer)?;
        let mut config = kind.default_config();
        put_differing(&mut config, values).map_err(serde::de::Error::custom)?;
        Ok(config)
    }
}

impl ComponentConfig {
    /// Machines that the component states, an autoscaler apart.
    pub const fn stated_instances(&self) -> u32 {
        match self {
            Self::Server(server) => server.instances,
            Self::WebsocketService(service) => service.instances,
            Self::Worker(worker) => worker.instances,
            Self::ContainerPool(pool) => pool.nodes,
            _ => 1,
        }
    }

    /// Machines that are there at the start.
    pub fn first_instances(&self) -> u32 {
        match self {
            Self::ContainerPool(pool) => pool.nodes,
            Self::Server(_) | Self::WebsocketService(_) | Self::Worker(_) => {
                let max = self.scaling().and_then(Autoscaling::max);
                let stated = self.stated_instances();
                max.map_or(stated, |max| stated.clamp(self.scaling().map_or(1, |rules| rules.min_instances), max))
            }
            _ => u32::MAX,
        }
    }

    /// Whether machines come and go with the load.
    pub fn instances_vary(&self) -> bool {
        match self {
            Self::ContainerPool(pool) => pool.max_nodes.is_some(),
            _ => self.scaling().is_some(),
        }
    }

    /// Time that a new machine takes until it serves [s]; `None` where none is ever started.
    pub const fn start_secs(&self) -> Option<f64> {
        match self {
            Self::Server(server) => Some(server.scaling.start_secs),
            Self::WebsocketService(service) => Some(service.scaling.start_secs),
            Self::Worker(worker) => Some(worker.scaling.start_secs),
            Self::ContainerPool(pool) => Some(pool.node_start_secs),
            _ => None,
        }
    }

    /// The rules by which its number of machines follows the load; `None` if it does not.
    pub fn scaling(&self) -> Option<&Autoscaling> {
        let scaling = match self {
            Self::Server(server) => &server.scaling,
            Self::WebsocketService(service) => &service.scaling,
            Self::Worker(worker) => &worker.scaling,
            _ => return None,
        };
        scaling.max_instances.is_some().then_some(scaling)
    }

    /// Cores and memory [MB] of each of its machines, or the limits of each container.
    pub fn machine_size(&self) -> (u32, f64) {
        match self {
            Self::Server(server) => (server.machine_cores(), server.machine_memory_mb()),
            Self::WebsocketService(service) => (service.machine_cores(), service.machine_memory_mb()),
            Self::Worker(worker) => (worker.cores, f64::from(worker.cores) * size::MEMORY_PER_CORE_MB),
            _ => (1, size::MEMORY_PER_CORE_MB),
        }
    }

    /// What it asks of a pool that hosts it; `None` if no pool can.
    pub fn container(&self) -> Option<&Container> {
        match self {
            Self::Server(server) => Some(&server.container),
            Self::WebsocketService(service) => Some(&service.container),
            Self::Worker(worker) => Some(&worker.container),
            _ => None,
        }
    }
}
