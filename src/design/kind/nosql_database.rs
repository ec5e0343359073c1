//! NoSQL database: nodes that keep each key several times, and answer when enough of them have.

use crate::design::field::{self, Control, config};
use crate::design::price::{Priced, machine_usd};
use crate::distribution::Distribution;

config! {
    /// Parameters of a NoSQL database.
    pub struct NosqlDatabase {
        /// Nodes that keys are shared out among.
        nodes: u32 = 3, field::whole(1, 1000), "nodes", "the least that keeps three copies";
        /// Nodes that keep each key (N).
        replication_factor: u32 = 3, field::whole(1, 9), "", "Cassandra and DynamoDB: 3";
        /// Nodes whose answers a read waits for (R).
        read_quorum: u32 = 2, field::whole(1, 9), "", "Cassandra QUORUM";
        /// Nodes whose confirmation a write waits for (W).
        write_quorum: u32 = 2, field::whole(1, 9), "", "Cassandra QUORUM";
        /// Whether writes that a dead node misses are kept for it.
        hinted_handoff: bool = true, Control::Flag, "", "on in Cassandra";
        /// Processor cores of each node.
        cores: u32 = 8, field::whole(1, 256), "cores", "a mid-sized managed instance";
        /// Processor time of reading one copy.
        read_work: Distribution = Distribution::exponential(0.000_6), field::time(0.0, 3600.0), "s",
            "Cassandra: 19,000 uncached quorum reads/s on three nodes";
        /// Processor time of writing one copy.
        write_work: Distribution = Distribution::exponential(0.000_1), field::time(0.0, 3600.0), "s",
            "Cassandra: 71,000 writes/s on three nodes with three copies";
        /// Operations that each node works on at the same time.
        concurrency: u32 = 128, field::whole(1, 1_000_000), "operations", "Cassandra: 32 concurrent reads and writes for each disk";
        /// Operations that may wait at each node; beyond that they are refused.
        queue_limit: Option<u32> = Some(1024), field::optional_whole(0, 100_000_000), "operations", "Cassandra sheds what it cannot queue";
        /// Partitions that keys are put into; counts with a limit for each.
        partitions: u32 = 64, field::whole(1, 100_000), "", "some tens of gigabytes at 10 GB each";
        /// Reads of one partition; none for any number.
        reads_per_partition_per_sec: Option<f64> = None, field::optional_number(1.0, 1e9), "1/s", "off; DynamoDB: 3,000";
        /// Writes of one partition; none for any number.
        writes_per_partition_per_sec: Option<f64> = None, field::optional_number(1.0, 1e9), "1/s", "off; DynamoDB: 1,000";
    }
}

impl Priced for NosqlDatabase {
    fn monthly_usd(&self) -> f64 {
        machine_usd(self.cores)
    }
}
