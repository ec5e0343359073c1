//! Designs to measure the engine on, made by the builder that the tests use, as large as the load needs.

use headroom::design::kind::{
    cache::Cache, load_balancer::LoadBalancer, server::Server, sql_database::SqlDatabase, users::Users,
};
use headroom::design::{ComponentConfig, LinkConfig, LinkRole};
use headroom::distribution::Distribution;
use headroom::network::Network;

use super::drawing::{Drawing, instant_link, plain_server, poisson_readers};

/// Mean time that a request occupies a core of a server [s].
pub const SERVER_SECS: f64 = 0.002;
/// Time that a look-up takes [s].
pub const LOOKUP_SECS: f64 = 0.0005;
/// Mean time that a query takes [s].
pub const QUERY_SECS: f64 = 0.005;
/// One way of a hop between machines [s].
pub const HOP_SECS: f64 = 0.000_25;
/// Most cores of one server of the scaled design.
const SERVER_CORES: u32 = 64;
/// Share of their time that cores and connections of the scaled design are busy.
const UTILISATION: f64 = 0.7;
/// Share of look-ups that miss, about: an LRU cache of 10,000 of 100,000 keys under Zipf's law with exponent 0.9.
const MISSES: f64 = 0.4;

/// The reference design grown to a load.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Registered users.
    pub users: u64,
    /// Requests that each of them sends per second.
    pub requests_per_user_per_sec: f64,
    /// Servers.
    pub servers: u32,
    /// Cores of each.
    pub cores: u32,
    /// Connections of the database.
    pub connections: u32,
}

impl Scale {
    /// As many servers and connections as so many users need.
    pub fn of(users: u64, requests_per_user_per_sec: f64) -> Self {
        let busy = |secs: f64| (users as f64 * requests_per_user_per_sec * secs / UTILISATION + 1.0) as u32;
        let cores = busy(SERVER_SECS);
        let servers = cores.div_ceil(SERVER_CORES);
        Self {
            users,
            requests_per_user_per_sec,
            servers,
            cores: cores.div_ceil(servers),
            connections: busy(QUERY_SECS * MISSES),
        }
    }

    /// Requests per second of all users together.
    pub fn requests_per_sec(&self) -> f64 {
        self.users as f64 * self.requests_per_user_per_sec
    }

    /// Users → balancer → servers → cache → database. Every hop takes time but the one from the balancer, which runs
    /// beside the servers.
    pub fn network(&self) -> Network {
        let mut drawing = Drawing::for_users(self.users);
        let demand = Users {
            requests_per_user_per_sec: self.requests_per_user_per_sec,
            key_exponent: 0.9,
            keys: 100_000,
            ..poisson_readers()
        };
        let users = drawing.add("users", ComponentConfig::Users(demand));
        let balancer = LoadBalancer {
            request_work: Distribution::constant(0.0),
            connection_limit: None,
            ..LoadBalancer::default()
        };
        let balancer = drawing.add("balancer", ComponentConfig::LoadBalancer(balancer));
        let server = Server {
            instances: self.servers,
            cores: self.cores,
            queries_per_read: 1,
            ..plain_server(Distribution::exponential(SERVER_SECS))
        };
        let servers = drawing.add("servers", ComponentConfig::Server(server));
        let cache = Cache {
            capacity_entries: 10_000,
            ttl_secs: None,
            cores: None,
            operation_work: Distribution::constant(LOOKUP_SECS),
            queue_limit: None,
            ..Cache::default()
        };
        let cache = drawing.add("cache", ComponentConfig::Cache(cache));
        let database = drawing.add("database", ComponentConfig::SqlDatabase(database(self.connections, QUERY_SECS)));
        drawing.connect_by(users, balancer, LinkRole::Requests, hop());
        drawing.connect_by(balancer, servers, LinkRole::Requests, instant_link());
        drawing.connect_by(servers, cache, LinkRole::Lookup, hop());
        drawing.connect_by(cache, database, LinkRole::Fetch, hop());
        drawing.network()
    }
}

/// Users → balancer → as many pairs of server and database as make up `components`, each pair under the same load.
pub fn fan(components: u32) -> Network {
    let pairs = (components - 2) / 2;
    let mut drawing = Drawing::for_users(u64::from(pairs) * 1000);
    let users = drawing.add("users", ComponentConfig::Users(poisson_readers()));
    let balancer =
        LoadBalancer { request_work: Distribution::constant(0.0), connection_limit: None, ..LoadBalancer::default() };
    let balancer = drawing.add("balancer", ComponentConfig::LoadBalancer(balancer));
    drawing.connect(users, balancer, LinkRole::Requests);
    for pair in 0..pairs {
        let server = Server { cores: 4, queries_per_read: 1, ..plain_server(Distribution::exponential(SERVER_SECS)) };
        let server = drawing.add(&format!("server {pair}"), ComponentConfig::Server(server));
        let database = database(8, QUERY_SECS);
        let database = drawing.add(&format!("database {pair}"), ComponentConfig::SqlDatabase(database));
        drawing.connect(balancer, server, LinkRole::Requests);
        drawing.connect(server, database, LinkRole::Queries);
    }
    drawing.network()
}

/// Users → a chain of servers, each of which calls the next one.
pub fn chain(components: u32) -> Network {
    let mut drawing = Drawing::for_users(1000);
    let mut before = drawing.add("users", ComponentConfig::Users(poisson_readers()));
    for position in 1..components {
        let server = Server { cores: 4, ..plain_server(Distribution::exponential(SERVER_SECS)) };
        let server = drawing.add(&format!("server {position}"), ComponentConfig::Server(server));
        drawing.connect(before, server, LinkRole::Requests);
        before = server;
    }
    drawing.network()
}

/// A link between machines.
fn hop() -> LinkConfig {
    LinkConfig { latency: Distribution::constant(HOP_SECS), ..instant_link() }
}

fn database(connections: u32, query_secs: f64) -> SqlDatabase {
    SqlDatabase {
        cores: connections,
        connection_limit: connections,
        read_work: Distribution::exponential(query_secs),
        queue_limit: None,
        ..SqlDatabase::default()
    }
}
