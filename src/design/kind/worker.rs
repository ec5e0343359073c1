//! Worker: takes messages from queues and does what they ask for.

use crate::design::field::{self, Control, config};
use crate::design::kind::container::Container;
use crate::design::kind::scaling::Autoscaling;
use crate::design::kind::server::CpuDiscipline;
use crate::design::price::{Priced, machine_usd};
use crate::distribution::Distribution;

config! {
    /// Parameters of a worker.
    pub struct Worker {
        /// Machines of this kind, all alike.
        instances: u32 = 1, field::whole(1, 1000), "", "one machine";
        /// Processor cores of each machine.
        cores: u32 = 4, field::whole(1, 256), "cores", "a mid-sized cloud machine";
        /// How cores are shared.
        cpu_discipline: CpuDiscipline = CpuDiscipline::FirstComeFirstServed, Control::Choice(CpuDiscipline::WORDS), "",
            "a process for each job";
        /// Jobs each machine works on at the same time, waiting for others included.
        concurrency: u32 = 8, field::whole(1, 10_000), "jobs", "Celery: as many as cores, more where jobs wait";
        /// Messages taken at a time, worked on one after the other.
        batch: u32 = 1, field::whole(1, 1000), "messages", "SQS hands out up to 10";
        /// Processor time of a job.
        job_work: Distribution = Distribution::Lognormal { mean_secs: 0.5, cv: 1.0 }, field::time(0.0, 3600.0), "s",
            "resizing an image or rendering a report";
        /// Reading queries that a job makes, one after the other.
        reads_per_job: u32 = 1, field::whole(0, 100), "queries", "what the job is about";
        /// Writing queries that a job makes, one after the other.
        writes_per_job: u32 = 1, field::whole(0, 100), "queries", "its result";
        /// Files that a job keeps in object storage.
        files_per_job: u32 = 0, field::whole(0, 100), "files", "off; a resized picture: one";
        /// Messages that a finished job publishes in its turn.
        messages_per_job: u32 = 0, field::whole(0, 100), "messages", "off";
        /// Share of messages that no worker can cope with.
        poison_share: f64 = 0.0, field::number(0.0, 1.0), "", "off; 0.001 shows what dead letters are for";
        /// How long a worker avoids a cache or database that did not answer the door, as long as there is another.
        avoid_failed_secs: f64 = 10.0, field::number(0.0, 3600.0), "s", "nginx fail_timeout: 10 s";
        ..scaling: Autoscaling;
        ..container: Container;
    }
}

impl Priced for Worker {
    fn monthly_usd(&self) -> f64 {
        machine_usd(self.cores)
    }
}
