//! WebSocket service: holds connections open, for messages either way.

use super::container::Container;
use super::scaling::Autoscaling;
use super::size::SizeClass;
use crate::design::field::{self, Control, config};
use crate::design::price::{Priced, machine_with_memory_usd};
use crate::distribution::Distribution;

config! {
    /// Parameters of a WebSocket service.
    pub struct WebsocketService {
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
        /// Memory that each open connection takes.
        memory_per_connection_mb: f64 = 0.04, field::number(0.0, 1000.0), "MB",
            "Phoenix, 2015: 2 million connections in 84 GB; 10 to 100 kB are usual";
        /// Open connections that each machine has descriptors for; beyond that new ones are refused.
        connection_limit: u32 = 65_536, field::whole(1, 10_000_000), "connections", "a usual limit of open files (ulimit -n)";
        /// Time until a process that ran out of memory is there again.
        restart_secs: f64 = 30.0, field::number(0.0, 86_400.0), "s", "start-up of a usual service: seconds to tens of seconds";
        /// Processor time to open a connection.
        handshake_work: Distribution = Distribution::constant(0.001), field::time(0.0, 60.0), "s",
            "a TLS handshake, the upgrade and the check of a token: 1 to 2 ms";
        /// Processor time to take a message in.
        message_work: Distribution = Distribution::constant(0.000_05), field::time(0.0, 60.0), "s",
            "napkin-math: 50 µs for an echo";
        /// Connections that each message goes to.
        recipients: u32 = 1, field::whole(0, 1_000_000), "connections", "an answer to whoever asked; a chat room has tens, a live event thousands";
        /// Processor time to hand a message to one connection.
        delivery_work: Distribution = Distribution::constant(0.000_01), field::time(0.0, 60.0), "s",
            "a system call and its copy: 5 to 20 µs";
        /// Time that a message takes from one instance to the others.
        backplane_time: Distribution = Distribution::constant(0.000_5), field::time(0.0, 3600.0), "s",
            "napkin-math: 500 µs for Redis, whose publish and subscribe is usual here";
        /// Writing queries that a message makes, one after the other.
        queries_per_message: u32 = 0, field::whole(0, 100), "queries", "off; a chat keeps each message: one";
        /// Messages to a queue that a message publishes.
        published_per_message: u32 = 0, field::whole(0, 100), "messages", "off; notifications of those who are away: one";
        /// How long it avoids a cache or database that did not answer the door, as long as there is another.
        avoid_failed_secs: f64 = 10.0, field::number(0.0, 3600.0), "s", "nginx fail_timeout: 10 s";
        ..scaling: Autoscaling;
        ..container: Container;
    }
}

impl WebsocketService {
    /// Memory that each machine has, whichever way its size is stated [MB].
    pub const fn machine_memory_mb(&self) -> f64 {
        self.size.memory_mb(self.memory_mb)
    }

    /// Cores that each machine has, whichever way its size is stated.
    pub const fn machine_cores(&self) -> u32 {
        self.size.cores(self.cores)
    }
}

impl Priced for WebsocketService {
    fn monthly_usd(&self) -> f64 {
        machine_with_memory_usd(self.machine_cores(), self.machine_memory_mb() / 1024.0)
    }
}
