//! What can be wrong with a drawing: the list that the page, the command line and `compile` share.
//!
//! An unfinished drawing is no failure of the program, so these are values and not `Err`s of editing. The sentences
//! stand in `assets/text` under `problems`, each with what to do about it.

use core::fmt;

use crate::ids::{ComponentId, LinkId};
use crate::text;

/// Whether a design with this problem can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It runs, but probably not as meant.
    Warning,
    /// It cannot run.
    Error,
}

impl Severity {
    /// Name in texts, style sheets and reports.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Something that is wrong with a design, and where. Prints as a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The component concerned.
    pub component: Option<ComponentId>,
    /// The link concerned.
    pub link: Option<LinkId>,
    /// What is wrong.
    pub kind: ProblemKind,
}

impl Problem {
    /// Whether the design can run nevertheless.
    pub const fn severity(&self) -> Severity {
        self.kind.severity()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

macro_rules! problem_kinds {
    ($($(#[$meta:meta])* $severity:ident $variant:ident $({ $($(#[$fmeta:meta])* $field:ident,)+ })? = $key:literal,)+) => {
        /// What is wrong with a design. Components are called by their names, for the sentence.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ProblemKind {
            $($(#[$meta])* $variant $({ $($(#[$fmeta])* $field: String,)+ })?,)+
        }

        impl ProblemKind {
            /// The keys of all variants; each has its sentence in `assets/text` under `problems`.
            pub const KEYS: &'static [&'static str] = &[$($key),+];

            /// Name in texts and reports.
            pub const fn key(&self) -> &'static str {
                match self { $(Self::$variant $({ $($field: _,)+ })? => $key,)+ }
            }

            /// Whether a design with this problem can run.
            pub const fn severity(&self) -> Severity {
                match self { $(Self::$variant $({ $($field: _,)+ })? => Severity::$severity,)+ }
            }

            /// What fills the places of the sentence, by name.
            pub fn values(&self) -> Vec<(&'static str, &str)> {
                match self { $(Self::$variant $({ $($field,)+ })? => vec![$($((stringify!($field), $field.as_str()),)+)?],)+ }
            }
        }
    };
}

problem_kinds! {
    /// There are no users.
    Error NoUsers = "no_users",
    /// No group of users has a link that carries requests.
    Error NothingReached = "nothing_reached",
    /// These users have no link that carries requests; others have.
    Warning UsersReachNothing {
        /// The users.
        users,
    } = "users_reach_nothing",
    /// These users have no link but for static files, yet want more than those.
    Warning OnlyStatic {
        /// The users.
        users,
    } = "only_static",
    /// These users want connections that stay open, and have no link for them.
    Warning LiveGoesNowhere {
        /// The users.
        users,
    } = "live_goes_nowhere",
    /// The weight of these users, or of all their requests, is zero.
    Warning UsersSendNothing {
        /// The users.
        users,
    } = "users_send_nothing",
    /// These users have several targets, and neither a DNS service nor a balancer chooses among them.
    Warning SeveralTargets {
        /// The users.
        users,
    } = "several_targets",
    /// A DNS service that users ask has no record.
    Error NoRecord {
        /// The DNS service.
        dns,
    } = "no_record",
    /// Users are told an address that they have no link to.
    Error RecordUnreachable {
        /// The users.
        users,
        /// The DNS service.
        dns,
        /// What the record names.
        target,
    } = "record_unreachable",
    /// Users have a link to something whose address their DNS service does not give out.
    Warning RecordMissing {
        /// The users.
        users,
        /// The DNS service.
        dns,
        /// What no record names.
        target,
    } = "record_missing",
    /// Users are connected to more than one DNS service; only the first is asked.
    Warning DnsIgnored {
        /// The users.
        users,
        /// The service that they ask.
        asked,
        /// The service that nobody asks.
        ignored,
    } = "dns_ignored",
    /// A load balancer that gets requests has no targets.
    Error NoTargets {
        /// The load balancer.
        balancer,
    } = "no_targets",
    /// Nothing leads to the component.
    Warning Unused {
        /// The component.
        component,
    } = "unused",
    /// Components that wait for each other in a circle.
    Error CallCycle {
        /// The circle, as `A → B → A`.
        cycle,
    } = "call_cycle",
    /// A database receives the log of more than one primary.
    Error SeveralPrimaries {
        /// The replica.
        replica,
        /// Those that it receives from.
        primaries,
    } = "several_primaries",
    /// A replica is to pass the log on.
    Error ReplicaOfReplica {
        /// The one that should pass it on.
        replica,
        /// The one that should get it.
        target,
    } = "replica_of_replica",
    /// A server gets writes and talks to databases, but none of its links takes writes to a primary.
    Warning WritesGoNowhere {
        /// The server.
        server,
    } = "writes_go_nowhere",
    /// A server's process does not fit into the memory of its machine.
    Error ProcessTooLarge {
        /// The server.
        server,
        /// What the process takes by itself, with its unit.
        needed,
        /// What the machine has, with its unit.
        memory,
    } = "process_too_large",
    /// A server gets reads and talks to databases, but none of its links carries reads.
    Warning ReadsGoNowhere {
        /// The server.
        server,
    } = "reads_go_nowhere",
    /// A server asks a cache, but neither of the two can load what is missing there.
    Warning MissesGoNowhere {
        /// The server.
        server,
        /// The cache.
        cache,
    } = "misses_go_nowhere",
    /// A cache has more than one origin; only the first is used.
    Warning OriginIgnored {
        /// The cache.
        cache,
        /// The origin that it loads from.
        used,
        /// The origin that it does not load from.
        ignored,
    } = "origin_ignored",
    /// A server could not reach the replica that may become the primary.
    Warning FailoverUnreachable {
        /// The server.
        server,
        /// The replica.
        replica,
    } = "failover_unreachable",
    /// A cache is to pass writes on, but has no origin.
    Warning CacheWithoutOrigin {
        /// The cache.
        cache,
    } = "cache_without_origin",
    /// A queue gets messages that no worker takes.
    Warning NoWorkers {
        /// The queue.
        queue,
    } = "no_workers",
    /// A worker has no queue to take messages from.
    Warning NoQueue {
        /// The worker.
        worker,
    } = "no_queue",
    /// The script names a component that does not exist.
    Error ScriptComponent {
        /// What it names.
        component,
        /// When [s].
        at_secs,
    } = "script_component",
    /// The script kills a machine that the component does not have.
    Error ScriptInstance {
        /// The component.
        component,
        /// The machine, counted from 0.
        instance,
        /// How many it has.
        instances,
    } = "script_instance",
    /// The script names a link that does not exist.
    Error ScriptLink {
        /// What it names.
        link,
        /// When [s].
        at_secs,
    } = "script_link",
    /// The script names a frame that does not exist.
    Error ScriptFrame {
        /// What it names.
        frame,
        /// When [s].
        at_secs,
    } = "script_frame",
    /// The script has a link suffer from what only machines suffer from.
    Error ScriptFault {
        /// What it should suffer from.
        fault,
        /// When [s].
        at_secs,
    } = "script_fault",
    /// The script sets a parameter that is not there, or to what it cannot be.
    Error ScriptParameter {
        /// The parameter.
        parameter,
        /// What it should become.
        value,
        /// When [s].
        at_secs,
    } = "script_parameter",
    /// More machines than can be simulated.
    Error TooManyStations {
        /// How many.
        stations,
        /// How many are possible.
        limit,
    } = "too_many_stations",
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::fill(&format!("problems.{}", self.key()), &self.values()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_a_sentence() {
        for key in ProblemKind::KEYS {
            assert!(text::lookup(&format!("problems.{key}")).is_some(), "no text for `problems.{key}`");
        }
    }

    #[test]
    fn names_fill_the_sentence() {
        let kind = ProblemKind::RecordUnreachable {
            users: "Visitors".to_owned(),
            dns: "Names".to_owned(),
            target: "Web".to_owned(),
        };
        let sentence = kind.to_string();
        assert!(sentence.contains("Visitors") && sentence.contains("Names") && sentence.contains("Web"), "{sentence}");
        assert!(!sentence.contains('{'), "{sentence}");
    }
}
