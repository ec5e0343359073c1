//! Relational database: a primary that takes the writes, or a replica that applies the primary's log and serves reads.
//!
//! Which of the two follows from the links: who receives a `replicate` link is a replica.

use crate::design::field::{self, Control, config};
use crate::design::kind::server::CpuDiscipline;
use crate::design::kind::size::SizeClass;
use crate::design::price::{Priced, machine_usd};
use crate::distribution::Distribution;

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
        /// Whether a replica is promoted when the primary is lost.
        automatic_failover: bool = true, Control::Flag, "", "managed databases in several zones";
        /// Time until the loss of the primary is believed.
        detection_secs: f64 = 10.0, field::number(0.0, 3600.0), "s", "RDS Multi-AZ cluster: under 35 s in all";
        /// Time to promote the replica that has received the most.
        promotion_secs: f64 = 15.0, field::number(0.0, 3600.0), "s", "Aurora: under 60 s, often under 30 s in all";
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
