//! Server: a machine, or several alike, with cores, request slots and a queue at the door.

use super::container::Container;
use super::scaling::Autoscaling;
use super::size::SizeClass;
use crate::design::field::{self, Control, choice, config};
use crate::design::price::{Priced, machine_with_memory_usd};
use crate::distribution::Distribution;

choice! {
    /// How cores are shared among requests that want them.
    pub enum CpuDiscipline {
        /// A core works on one request until it is done; the others wait in order.
        FirstComeFirstServed = "first_come_first_served",
        /// All requests advance at once, each at an equal share of the cores.
        ProcessorSharing = "processor_sharing",
    }
}

choice! {
    /// How a server makes the calls that a request needs.
    #[derive(Default)]
    pub enum CallOrder {
        /// One after the other.
        #[default]
        InSequence = "in_sequence",
        /// All at once; the slowest answer counts.
        All = "all",
        /// All at once; it goes on with a quorum of answers.
        Quorum = "quorum",
        /// All at once; the first answer counts.
        First = "first",
    }
}

choice! {
    /// Where a server keeps the sessions of its users.
    pub enum SessionKeeping {
        /// The client brings all that is needed, or the way to a store.
        WithClient = "with_client",
        /// In the memory of the machine that the user logged in at.
        InMemory = "in_memory",
    }
}

config! {
    /// Parameters of a server.
    pub struct Server {
        /// Machines of this kind, all alike.
        instances: u32 = 1, field::whole(1, 1000), "", "one machine";
        /// Size of each machine; anything but custom stands for the cores and the memory below.
        size: SizeClass = SizeClass::Custom, Control::Choice(SizeClass::WORDS), "", "general-purpose families: 4 GB per core";
        /// Processor cores of each machine.
        cores: u32 = 4, field::whole(1, 256), "cores", "a mid-sized cloud machine";
        /// Memory of each machine.
        memory_mb: f64 = 16_384.0, field::number(16.0, 4_000_000.0), "MB", "general-purpose families: 4 GB per core";
        /// Memory that the process takes by itself.
        memory_base_mb: f64 = 512.0, field::number(0.0, 4_000_000.0), "MB", "a runtime with its code and pools";
        /// Memory that each request takes that is here, waiting or not.
        memory_per_request_mb: f64 = 1.0, field::number(0.0, 1_000_000.0), "MB", "a thread's stack of 1 MB, or its buffers";
        /// Time until a process that ran out of memory is there again.
        restart_secs: f64 = 30.0, field::number(0.0, 86_400.0), "s", "start-up of a usual service: seconds to tens of seconds";
        /// How cores are shared.
        cpu_discipline: CpuDiscipline = CpuDiscipline::FirstComeFirstServed, Control::Choice(CpuDiscipline::WORDS), "",
            "an event loop or a worker pool runs each request to its next wait";
        /// Processor time for a read.
        read_work: Distribution = Distribution::Lognormal { mean_secs: 0.01, cv: 1.0 }, field::time(0.0, 3600.0), "s",
            "business logic: 5 to 20 ms of processor time, 50 to 200 req/s per core";
        /// Processor time for a write.
        write_work: Distribution = Distribution::Lognormal { mean_secs: 0.015, cv: 1.0 }, field::time(0.0, 3600.0), "s",
            "validation on top of a read";
        /// Processor time for a static file.
        static_work: Distribution = Distribution::constant(0.000_3), field::time(0.0, 3600.0), "s",
            "0.27 ms for a trivial request (TechEmpower R22, fitted)";
        /// Processor time to take an upload in, its bytes included.
        upload_work: Distribution = Distribution::Lognormal { mean_secs: 0.02, cv: 1.0 }, field::time(0.0, 3600.0), "s",
            "a read, and copying megabytes through TLS";
        /// Processor time to accept a long job.
        job_work: Distribution = Distribution::Lognormal { mean_secs: 0.01, cv: 1.0 }, field::time(0.0, 3600.0), "s",
            "validation, as for a write";
        /// Processor time of a long job itself, where no queue takes it over.
        job_inline_work: Distribution = Distribution::Lognormal { mean_secs: 0.5, cv: 1.0 }, field::time(0.0, 3600.0), "s",
            "resizing an image or rendering a report";
        /// Requests each machine works on at the same time, waiting for others included.
        concurrency: u32 = 200, field::whole(1, 1_000_000), "requests", "Tomcat's default of 200 threads";
        /// Requests that may wait at the door; beyond that they are refused.
        queue_limit: Option<u32> = Some(1000), field::optional_whole(0, 100_000_000), "requests",
            "listen backlogs are 128 to 4096";
        /// How calls to other services are made.
        calls: CallOrder = CallOrder::InSequence, Control::Choice(CallOrder::WORDS), "", "plain code calls one after the other";
        /// Answers that a quorum takes.
        quorum: u32 = 2, field::whole(1, 1000), "answers", "two of three";
        /// Whether calls made at once go to every instance of a service instead of one.
        scatter: bool = false, Control::Flag, "", "off; a search over shards asks all of them";
        /// Time on the disk for a read, a write or an upload; it holds no core.
        disk_time: Distribution = Distribution::constant(0.0), field::time(0.0, 3600.0), "s",
            "off; napkin-math: 100 µs for a random read, 300 µs for a write with fsync, 10 ms on a spinning disk";
        /// Share of the work that cores must do one at a time (Universal Scalability Law, sigma).
        contention: f64 = 0.0, field::number(0.0, 1.0), "", "off; N. Gunther: 0.01 to 0.05 for ordinary software";
        /// Cost of keeping a pair of cores in agreement, over the work (Universal Scalability Law, kappa).
        coherency: f64 = 0.0, field::number(0.0, 0.1), "", "off; N. Gunther: 0.0001 to 0.001 for ordinary software";
        /// Wait at the front of the queue from which new requests are turned away, so that those already there are served in
        /// time.
        shed_after_secs: Option<f64> = None, field::optional_number(0.000_001, 3600.0), "s",
            "off; CoDel (RFC 8289) aims at 5 ms in networks; services take a fraction of their callers' timeout";
        /// Database queries that a read makes, one after the other.
        queries_per_read: u32 = 1, field::whole(0, 100), "queries", "one indexed look-up";
        /// Database queries that a write makes, one after the other.
        queries_per_write: u32 = 1, field::whole(0, 100), "queries", "one transaction";
        /// Messages that a write publishes to a queue, for what is done later.
        messages_per_write: u32 = 0, field::whole(0, 100), "messages", "off; e-mails and notifications: one";
        /// How long after a write the reads of the same user go to the primary.
        read_own_writes_secs: f64 = 0.0, field::number(0.0, 3600.0), "s", "off; a few seconds where replicas may lag";
        /// How long a server avoids a cache or database that did not answer the door, as long as there is another.
        avoid_failed_secs: f64 = 10.0, field::number(0.0, 3600.0), "s", "nginx fail_timeout: 10 s";
        /// Where it keeps the sessions of users who are logged in.
        sessions: SessionKeeping = SessionKeeping::WithClient, Control::Choice(SessionKeeping::WORDS), "",
            "signed cookies and tokens: any server serves any user";
        /// How long a session lasts without a request.
        session_ttl_secs: f64 = 1800.0, field::number(1.0, 31_536_000.0), "s", "Tomcat and PHP: about 30 minutes";
        /// Memory that each session takes that is kept in memory.
        memory_per_session_mb: f64 = 0.01, field::number(0.0, 1000.0), "MB", "a user's name, rights and a few objects: about 10 kB";
        ..scaling: Autoscaling;
        ..container: Container;
    }
}

impl Priced for Server {
    fn monthly_usd(&self) -> f64 {
        machine_with_memory_usd(self.machine_cores(), self.machine_memory_mb() / 1024.0)
    }
}

impl Server {
    /// Memory that each machine has, whichever way its size is stated [MB].
    pub const fn machine_memory_mb(&self) -> f64 {
        self.size.memory_mb(self.memory_mb)
    }

    /// Cores that each machine has, whichever way its size is stated.
    pub const fn machine_cores(&self) -> u32 {
        self.size.cores(self.cores)
    }
}
