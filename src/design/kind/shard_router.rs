//! Shard router: spreads keys over databases that each hold a part of them.

use crate::design::field::{self, Control, choice, config};
use crate::design::price::{Priced, machine_usd};
use crate::distribution::Distribution;

choice! {
    /// How the shard of a key is found.
    pub enum Sharding {
        /// By its hash modulo the number of shards.
        Hash = "hash",
        /// By ranges of keys, equally many keys in each.
        Range = "range",
        /// By a table that names the shard of each key.
        Directory = "directory",
        /// By a ring of hashes on which each shard has several places.
        ConsistentHash = "consistent_hash",
    }
}

config! {
    /// Parameters of a shard router. Each database that it is connected to for writing is a shard.
    pub struct ShardRouter {
        /// How the shard of a key is found.
        method: Sharding = Sharding::ConsistentHash, Control::Choice(Sharding::WORDS), "", "Vitess, Cassandra, DynamoDB: by hash";
        /// Places of each shard on the ring; counts with consistent hashing.
        virtual_nodes: u32 = 128, field::whole(1, 10_000), "", "Cassandra: 16 to 256; Dynamo: about 100";
        /// Share of reads that need all shards.
        scatter_share: f64 = 0.0, field::number(0.0, 1.0), "", "off; searches and lists that are not by the sharding key";
        /// Rows moved per second when shards are added or taken away.
        moves_per_sec: f64 = 1000.0, field::number(1.0, 1e9), "1/s", "throttled, so that moving leaves room for users";
        /// Processor cores.
        cores: u32 = 4, field::whole(1, 256), "cores", "a small proxy machine";
        /// Processor time that passing one query on takes.
        query_work: Distribution = Distribution::constant(0.000_05), field::time(0.0, 60.0), "s", "napkin-math: a proxy takes 50 µs";
        /// Queries in flight; beyond that they wait.
        connection_limit: u32 = 10_000, field::whole(1, 100_000_000), "connections", "thousands of clients";
        /// Queries that may wait; beyond that they are refused.
        queue_limit: Option<u32> = Some(10_000), field::optional_whole(0, 100_000_000), "queries", "a pooler's waiting list";
    }
}

impl Priced for ShardRouter {
    fn monthly_usd(&self) -> f64 {
        machine_usd(self.cores)
    }
}
