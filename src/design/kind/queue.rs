//! Message queue: keeps what is to be done later until a worker has done it.

use crate::design::field::{self, Control, choice, config};
use crate::design::price::{Priced, machine_usd};
use crate::distribution::Distribution;

choice! {
    /// In which order messages are handed out.
    pub enum Ordering {
        /// Oldest first, but any number at the same time, so that a later one may be done first.
        None = "unordered",
        /// Messages of one key one after the other: while one is being worked on, its partition waits.
        PerKey = "per_key",
    }
}

choice! {
    /// What happens to a publisher when there is no room.
    pub enum WhenFull {
        /// It is turned away at once.
        Refuse = "refuse",
        /// It waits until there is room.
        BackPressure = "back_pressure",
    }
}

config! {
    /// Parameters of a message queue.
    pub struct Queue {
        /// Partitions that messages are spread over by their key; counts with ordering per key.
        partitions: u32 = 12, field::whole(1, 10_000), "", "Kafka topics are often given 6 to 12 partitions";
        /// In which order messages are handed out.
        ordering: Ordering = Ordering::None, Control::Choice(Ordering::WORDS), "", "SQS standard queue";
        /// Messages that fit; none for any number.
        capacity_messages: Option<u32> = None, field::optional_whole(1, 1_000_000_000), "messages",
            "managed queues have no limit of their own";
        /// What happens to a publisher when there is no room.
        when_full: WhenFull = WhenFull::Refuse, Control::Choice(WhenFull::WORDS), "", "RabbitMQ overflow: reject-publish";
        /// How long a delivered message is hidden before it is taken for lost and delivered again.
        visibility_timeout_secs: f64 = 30.0, field::number(0.001, 43_200.0), "s", "SQS: 30 s";
        /// Deliveries after which a message becomes a dead letter; none for any number.
        receive_limit: Option<u32> = Some(5), field::optional_whole(1, 1000), "", "SQS redrive policies use 3 to 10";
        /// How long a message is kept.
        retention_secs: f64 = 345_600.0, field::number(0.001, 1_209_600.0), "s", "SQS: 4 days";
        /// How long a worker that asks an empty queue is kept waiting for a message.
        poll_wait_secs: f64 = 10.0, field::number(0.0, 20.0), "s", "SQS long polling: up to 20 s";
        /// Whether messages survive the death of the queue itself.
        durable: bool = true, Control::Flag, "", "brokers write to disk, on several machines";
        /// Processor cores.
        cores: u32 = 4, field::whole(1, 256), "cores", "a mid-sized broker";
        /// Time that keeping one message occupies a core.
        accept_work: Distribution = Distribution::constant(0.000_045), field::time(0.0, 60.0), "s",
            "RabbitMQ: 88,500 messages/s on four cores";
        /// Time that one delivery or acknowledgement occupies a core.
        operation_work: Distribution = Distribution::constant(0.000_01), field::time(0.0, 60.0), "s",
            "memory and network only";
        /// Operations that may wait; beyond that they are refused.
        queue_limit: Option<u32> = Some(10_000), field::optional_whole(0, 100_000_000), "operations", "connections of a broker";
    }
}

impl Priced for Queue {
    /// Three brokers of two cores, so that one may fail.
    fn monthly_usd(&self) -> f64 {
        3.0 * machine_usd(2)
    }
}
