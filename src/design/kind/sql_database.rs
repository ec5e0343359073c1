//! Relational database: a primary that takes the writes, or a replica that applies the primary's log and serves reads.
//!
//! Which of the two follows from the links: who receives a `replicate` link is a replica, unless the links lead in a
//! circle: then all on it take writes.

use crate::design::field::{self, Control, choice, config};
use crate::design::kind::server::CpuDiscipline;
use crate::design::kind::size::SizeClass;
use crate::design::price::{Priced, machine_usd};
use crate::distribution::Distribution;

choice! {
    /// What a write waits for before it is acknowledged.
    pub enum ReplicationMode {
        /// Nothing: replicas get it a little later.
        Asynchronous = "asynchronous",
        /// That one replica has received it.
        SemiSynchronous = "semi_synchronous",
        /// That all replicas have received it; without one of them no write is possible.
        Synchronous = "synchronous",
    }
}

choice! {
    /// Which replica takes over.
    pub enum Election {
        /// The one that has received the most.
        LeastLag = "least_lag",
        /// The one that stands first in the order of priority.
        Priority = "priority",
        /// Any, all equally likely.
        Random = "random",
    }
}

choice! {
    /// Who decides that a primary is lost.
    pub enum LossDetection {
        /// Somebody who sees the machine itself: a cut line is no death.
        Observer = "observer",
        /// Replicas, each by its own heartbeats: a cut line looks like a death, and there may be two primaries.
        Heartbeat = "heartbeat",
        /// A majority of all servers: the side that has it elects, a primary without it takes no writes.
        Majority = "majority",
    }
}

config! {
    /// Parameters of a relational database server.
    pub struct SqlDatabase {
        /// Size of the machine; anything but custom stands for the cores below.
        size: SizeClass = SizeClass::Custom, Control::Choice(SizeClass::WORDS), "", "general-purpose families: 4 GB per core";
        /// Processor cores.
        cores: u32 = 8, field::whole(1, 256), "cores", "a mid-sized managed instance";
        /// How cores are shared.
        cpu_discipline: CpuDiscipline = CpuDiscipline::FirstComeFirstServed, Control::Choice(CpuDiscipline::WORDS), "",
            "queries on few cores run to their next wait";
        /// Processor time for a reading query.
        read_work: Distribution = Distribution::exponential(0.003), field::time(0.0, 3600.0), "s",
            "0.25 ms for a single indexed row (TechEmpower R22), several rows and joins for a page";
        /// Processor time for a writing transaction.
        write_work: Distribution = Distribution::exponential(0.006), field::time(0.0, 3600.0), "s",
            "pgbench: read-write transactions cost four to eight times a single-row read";
        /// Queries that may be open at the same time.
        connection_limit: u32 = 100, field::whole(1, 1_000_000), "connections", "PostgreSQL max_connections";
        /// Queries that may wait for a connection; beyond that they are refused.
        queue_limit: Option<u32> = Some(1000), field::optional_whole(0, 100_000_000), "queries", "a pooler's waiting list";
        /// Time a replica needs to apply one write, one after the other.
        apply_work: Distribution = Distribution::exponential(0.001), field::time(0.0, 3600.0), "s",
            "replaying a row change is cheaper than the transaction that made it";
        /// What a write waits for before it is acknowledged; counts at the primary.
        replication_mode: ReplicationMode = ReplicationMode::Asynchronous, Control::Choice(ReplicationMode::WORDS), "",
            "MySQL and PostgreSQL: asynchronous unless set otherwise";
        /// Whether a replica is promoted when the primary is lost.
        automatic_failover: bool = true, Control::Flag, "", "managed databases in several zones";
        /// Time until the loss of the primary is believed.
        detection_secs: f64 = 10.0, field::number(0.0, 3600.0), "s", "RDS Multi-AZ cluster: under 35 s in all";
        /// Who decides that the primary is lost; counts at the primary.
        loss_detection: LossDetection = LossDetection::Observer, Control::Choice(LossDetection::WORDS), "",
            "managed databases watch the machine; Patroni and Raft ask a majority; plain heartbeats split";
        /// Time to promote the replica that has received the most.
        promotion_secs: f64 = 15.0, field::number(0.0, 3600.0), "s", "Aurora: under 60 s, often under 30 s in all";
        /// Which replica takes over; counts at the primary.
        election: Election = Election::LeastLag, Control::Choice(Election::WORDS), "", "Orchestrator, Patroni: the most advanced";
        /// Place of a replica in the order of priority; the lowest goes first.
        failover_priority: u32 = 1, field::whole(0, 1000), "", "Aurora: tiers 0 to 15";
        /// Whether writes to the same row wait for each other.
        row_locks: bool = false, Control::Flag, "", "off: rows are many; on where one row is hot, such as a counter";
        /// Rows that fit into memory; none if all do.
        buffer_pool_rows: Option<u32> = None, field::optional_whole(1, 100_000_000), "rows", "off; buffer pools take 75 % of memory";
        /// Time to read a row from disk.
        disk_read_time: Distribution = Distribution::constant(0.000_1), field::time(0.0, 60.0), "s",
            "napkin-math: random SSD read of 8 KiB 100 µs; a spinning disk 10 ms";
        /// Reads that the disk does at the same time; further ones wait.
        disk_parallelism: u32 = 32, field::whole(1, 100_000), "reads", "queue depth of a solid-state disk";
        /// Whether the disk survives the death of the machine.
        disk_survives: bool = true, Control::Flag, "", "network disks do; those of the machine itself do not";
        /// Time between backups; none for no backups.
        backup_interval_secs: Option<f64> = Some(86_400.0), field::optional_number(1.0, 31_536_000.0), "s",
            "managed databases: daily; logs every five minutes";
        /// Time to restore the last backup.
        restore_secs: f64 = 1800.0, field::number(0.0, 604_800.0), "s", "100 GB at some 60 MB/s";
    }
}

impl Priced for SqlDatabase {
    fn monthly_usd(&self) -> f64 {
        machine_usd(self.machine_cores())
    }
}

impl SqlDatabase {
    /// Cores that the machine has, whichever way its size is stated.
    pub const fn machine_cores(&self) -> u32 {
        self.size.cores(self.cores)
    }
}
