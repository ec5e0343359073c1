//! Faults: what can go wrong with a machine or a link, with how much of it. Their effect stands in `sim::condition` and
//! `sim::transport`.
//!
//! Each fault is a row of the table below; files, schema and checks read the same row. What people read about one
//! stands in `assets/text` under `faults`, about its parameters under `fields`, like those of kinds.
//!
//! # Sources
//! The list follows Gremlin, Chaos Mesh, LitmusChaos and the AWS Fault Injection Service.

use serde::{Deserialize, Serialize};

use super::field::{self, Configurable, Control, Field, FieldError, Value, choice, config};
use crate::distribution::Distribution;

choice! {
    /// Which way along a link.
    pub enum Direction {
        /// Both ways.
        Both = "both",
        /// Calls only.
        Forth = "forth",
        /// Answers only.
        Back = "back",
    }
}

impl Direction {
    /// Whether calls are concerned.
    pub const fn is_forth(self) -> bool {
        matches!(self, Self::Both | Self::Forth)
    }

    /// Whether answers are concerned.
    pub const fn is_back(self) -> bool {
        matches!(self, Self::Both | Self::Back)
    }
}

config! {
    /// All work takes longer (grey failure): the machine is up, passes its health checks, and crawls.
    #[derive(Serialize, Deserialize)]
    pub struct Slow {
        /// How many times as long work takes.
        factor: f64 = 5.0, field::number(1.0, 10_000.0), "", "SimianArmy burn and latency monkeys: 5 times";
    }
}

config! {
    /// Some calls are answered with an error, at once and without any work.
    #[derive(Serialize, Deserialize)]
    pub struct Errors {
        /// Share of calls that fail.
        share: f64 = 0.5, field::number(0.0, 1.0), "", "LitmusChaos http-status-code: a share of requests";
    }
}

config! {
    /// Memory that is never given back.
    #[derive(Serialize, Deserialize)]
    pub struct MemoryLeak {
        /// How fast it grows.
        megabytes_per_min: f64 = 100.0, field::number(0.0, 1_000_000.0), "MB/min", "LitmusChaos pod-memory-hog: 500 MB";
    }
}

config! {
    /// The process is stopped and started again.
    #[derive(Serialize, Deserialize)]
    pub struct Restart {
        /// Time until it is back.
        down_secs: f64 = 10.0, field::number(0.0, 86_400.0), "s", "start-up of a usual service: seconds to tens of seconds";
    }
}

config! {
    /// The process dies again and again, at random moments, and is repaired each time.
    #[derive(Serialize, Deserialize)]
    pub struct Unreliable {
        /// Mean time from a repair to the next failure; failures come without memory (Poisson).
        mean_up_secs: f64 = 600.0, field::number(0.001, 1e9), "s",
            "a machine fails about once in years; shortened so that something happens while people watch";
        /// Time until it is back.
        repair_time: Distribution = Distribution::exponential(60.0), field::time(0.0, 1e6), "s",
            "a restart takes seconds, a new machine minutes";
    }
}

config! {
    /// A release with a bug, on some of the machines.
    #[derive(Serialize, Deserialize)]
    pub struct BadVersion {
        /// Share of the machines that run it; at least one does.
        machine_share: f64 = 0.5, field::number(0.0, 1.0), "", "half of a rolling deployment";
        /// Share of calls that it fails.
        error_share: f64 = 0.2, field::number(0.0, 1.0), "", "a broken path, not a broken service";
        /// How many times as long work takes.
        slow_factor: f64 = 1.5, field::number(1.0, 10_000.0), "", "a slower path";
    }
}

config! {
    /// The other side allows us so many calls and turns the rest away.
    #[derive(Serialize, Deserialize)]
    pub struct RateLimit {
        /// Calls allowed per second.
        rate_per_sec: f64 = 10.0, field::number(0.001, 1e9), "calls/s", "AWS FIS inject-api-throttle-error";
    }
}

config! {
    /// Messages that no worker can process.
    #[derive(Serialize, Deserialize)]
    pub struct Poison {
        /// Share of messages that are poisoned.
        share: f64 = 0.01, field::number(0.0, 1.0), "", "one in a hundred";
    }
}

config! {
    /// Calls or answers get lost on the way.
    #[derive(Serialize, Deserialize)]
    pub struct Loss {
        /// Which way.
        direction: Direction = Direction::Both, Control::Choice(Direction::WORDS), "", "Chaos Mesh: both";
        /// Share that is lost.
        share: f64 = 0.05, field::number(0.0, 1.0), "", "LitmusChaos pod-network-loss; 1, 5, 30 and 100 % are usual";
    }
}

config! {
    /// The way takes longer.
    #[derive(Serialize, Deserialize)]
    pub struct Delay {
        /// Which way.
        direction: Direction = Direction::Both, Control::Choice(Direction::WORDS), "", "Chaos Mesh: both";
        /// Added to each passage.
        added_secs: f64 = 0.1, field::number(0.0, 3600.0), "s", "Chaos Mesh: 10 ms; LitmusChaos: 2 s";
        /// Added on top, evenly from nothing to this.
        jitter_secs: f64 = 0.0, field::number(0.0, 3600.0), "s", "LitmusChaos jitter: 0";
    }
}

config! {
    /// Less fits through.
    #[derive(Serialize, Deserialize)]
    pub struct BandwidthCut {
        /// Which way.
        direction: Direction = Direction::Both, Control::Choice(Direction::WORDS), "", "Chaos Mesh: both";
        /// What is left.
        megabits_per_sec: f64 = 1.0, field::number(0.001, 1e6), "Mbit/s", "LitmusChaos rate-limit and Chaos Mesh: 1 Mbit/s";
    }
}

config! {
    /// Nothing comes through.
    #[derive(Serialize, Deserialize)]
    pub struct Partition {
        /// Which way.
        direction: Direction = Direction::Both, Control::Choice(Direction::WORDS), "", "Chaos Mesh: both";
    }
}

/// What a fault can strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strikes {
    /// Machines: those of a component, one of them, or all in a frame.
    Machines,
    /// Links: one, or all that cross the border of a frame.
    Links,
}

macro_rules! faults {
    (
        plain { $($(#[$plain_meta:meta])* $plain:ident = $plain_word:literal strikes $plain_strikes:ident;)+ }
        measured { $($(#[$meta:meta])* $variant:ident($config:ident) = $word:literal strikes $strikes:ident;)+ }
    ) => {
        /// What is wrong, and how much of it.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub enum Fault {
            $($(#[$plain_meta])* $plain,)+
            $($(#[$meta])* $variant($config),)+
        }

        /// What is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum FaultKind {
            $($(#[$plain_meta])* $plain,)+
            $($(#[$meta])* $variant,)+
        }

        impl FaultKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$plain,)+ $(Self::$variant,)+];

            /// The names of all of them, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($plain_word,)+ $($word,)+];

            /// Name in files and texts.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$plain => $plain_word,)+ $(Self::$variant => $word,)+ }
            }

            /// The fault of that name; `None` if there is none.
            pub fn from_key(key: &str) -> Option<Self> {
                match key { $($plain_word => Some(Self::$plain),)+ $($word => Some(Self::$variant),)+ _ => None }
            }

            /// What it can strike.
            pub const fn strikes(self) -> Strikes {
                match self { $(Self::$plain => Strikes::$plain_strikes,)+ $(Self::$variant => Strikes::$strikes,)+ }
            }

            /// The fault with all parameters at their defaults.
            pub fn with_defaults(self) -> Fault {
                match self {
                    $(Self::$plain => Fault::$plain,)+
                    $(Self::$variant => Fault::$variant($config::default()),)+
                }
            }
        }

        impl Fault {
            /// What is wrong, without how much of it.
            pub const fn kind(&self) -> FaultKind {
                match self {
                    $(Self::$plain => FaultKind::$plain,)+
                    $(Self::$variant(_) => FaultKind::$variant,)+
                }
            }
        }

        impl Configurable for Fault {
            fn fields(&self) -> Vec<Field> {
                match self { $(Self::$plain => Vec::new(),)+ $(Self::$variant(config) => config.fields(),)+ }
            }

            fn get(&self, key: &str) -> Option<Value> {
                match self { $(Self::$plain => None,)+ $(Self::$variant(config) => config.get(key),)+ }
            }

            fn set(&mut self, key: &str, value: Value) -> Result<(), FieldError> {
                match self {
                    $(Self::$plain => Err(FieldError::Unknown { key: key.to_owned() }),)+
                    $(Self::$variant(config) => config.set(key, value),)+
                }
            }

            fn put_checked(&mut self, key: &str, value: Value) -> bool {
                match self { $(Self::$plain => false,)+ $(Self::$variant(config) => config.put_checked(key, value),)+ }
            }
        }
    };
}

faults! {
    plain {
        /// The process dies: what it worked on is lost, new calls find nobody.
        Crash = "crash" strikes Machines;
        /// Calls are accepted and never answered.
        Hang = "hang" strikes Machines;
        /// Nothing can be written any more; reads go on.
        FullDisk = "full_disk" strikes Machines;
        /// Everything that is cached is forgotten, once.
        Flush = "flush" strikes Machines;
        /// Callers refuse to talk to it: every call fails at once.
        ExpiredCertificate = "expired_certificate" strikes Machines;
        /// A replica no longer receives the log.
        StoppedReplication = "stopped_replication" strikes Machines;
        /// All connections are cut at once, so that all clients come back at once.
        Disconnect = "disconnect" strikes Machines;
    }
    measured {
        /// All work takes longer.
        Slow(Slow) = "slow" strikes Machines;
        /// Some calls are answered with an error, at once.
        Errors(Errors) = "errors" strikes Machines;
        /// Memory that is never given back.
        MemoryLeak(MemoryLeak) = "memory_leak" strikes Machines;
        /// The process is stopped and started again.
        Restart(Restart) = "restart" strikes Machines;
        /// The process dies again and again, at random moments, and is repaired each time.
        Unreliable(Unreliable) = "unreliable" strikes Machines;
        /// A release with a bug, on some of the machines.
        BadVersion(BadVersion) = "bad_version" strikes Machines;
        /// The other side allows us so many calls and turns the rest away.
        RateLimit(RateLimit) = "rate_limit" strikes Machines;
        /// Messages that no worker can process.
        Poison(Poison) = "poison" strikes Machines;
        /// Calls or answers get lost on the way.
        Loss(Loss) = "loss" strikes Links;
        /// The way takes longer.
        Delay(Delay) = "delay" strikes Links;
        /// Less fits through.
        BandwidthCut(BandwidthCut) = "bandwidth_cut" strikes Links;
        /// Nothing comes through.
        Partition(Partition) = "partition" strikes Links;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_by_its_name_and_fits_its_own_fields() {
        assert_eq!(FaultKind::ALL.len(), FaultKind::WORDS.len());
        for (&kind, &word) in FaultKind::ALL.iter().zip(FaultKind::WORDS) {
            assert_eq!((kind.key(), FaultKind::from_key(word)), (word, Some(kind)));
            let fault = kind.with_defaults();
            assert_eq!(fault.kind(), kind);
            for field in fault.fields() {
                assert_eq!(field.check(&field.default), Ok(()), "{word}: {}", field.key);
                assert!(!field.source.is_empty(), "{word}: {}", field.key);
            }
        }
    }

    #[test]
    fn parameters_are_set_by_name() {
        let mut fault = FaultKind::Slow.with_defaults();
        fault.set("factor", Value::Number(9.0)).expect("in range");
        assert_eq!(fault, Fault::Slow(Slow { factor: 9.0 }));
        assert!(Fault::Hang.set("factor", Value::Number(9.0)).is_err());
    }
}
