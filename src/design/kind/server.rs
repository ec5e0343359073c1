//! Server: a machine, or several alike, with cores, request slots and a queue at the door.

use crate::design::field::{self, Control, choice, config};
use crate::design::price::{Priced, machine_usd};
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

config! {
    /// Parameters of a server.
    pub struct Server {
        /// Machines of this kind, all alike.
        instances: u32 = 1, field::whole(1, 1000), "", "one machine";
        /// Processor cores of each machine.
        cores: u32 = 4, field::whole(1, 256), "cores", "a mid-sized cloud machine";
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
        /// Database queries that a read makes, one after the other.
        queries_per_read: u32 = 1, field::whole(0, 100), "queries", "one indexed look-up";
        /// Database queries that a write makes, one after the other.
        queries_per_write: u32 = 1, field::whole(0, 100), "queries", "one transaction";
        /// Messages that a write publishes to a queue, for what is done later.
        messages_per_write: u32 = 0, field::whole(0, 100), "messages", "off; e-mails and notifications: one";
        /// How long a server avoids a cache or database that did not answer the door, as long as there is another.
        avoid_failed_secs: f64 = 10.0, field::number(0.0, 3600.0), "s", "nginx fail_timeout: 10 s";
    }
}

impl Priced for Server {
    fn monthly_usd(&self) -> f64 {
        machine_usd(self.cores)
    }
}
