//! What requests want, and how they and the attempts made for them end.

use serde::{Deserialize, Serialize};

/// How a request or an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// Answered.
    Answered,
    /// Turned away because a queue or a limit was full.
    Refused,
    /// No answer within the caller's timeout.
    TimedOut,
    /// The target was dead, or died while it worked on the request.
    TargetDown,
    /// Nobody may take the request at the moment: no healthy target, or no primary for a write.
    Unavailable,
    /// The user gave up waiting.
    Abandoned,
    /// Answered with an error.
    Failed,
    /// Turned away so that those already there can be served.
    Shed,
    /// Turned away because the caller asked too often.
    RateLimited,
    /// Taken for an attack and turned away.
    Blocked,
    /// Not even sent, because too many before had failed.
    CircuitOpen,
    /// The server could not prove who it is: its certificate has expired.
    Untrusted,
    /// The server does not know the session that the request belongs to.
    NoSession,
}

impl Outcome {
    /// All outcomes; the position of each is its index in [`OutcomeCounts`].
    pub const ALL: [Self; 13] = [
        Self::Answered,
        Self::Refused,
        Self::TimedOut,
        Self::TargetDown,
        Self::Unavailable,
        Self::Abandoned,
        Self::Failed,
        Self::Shed,
        Self::RateLimited,
        Self::Blocked,
        Self::CircuitOpen,
        Self::Untrusted,
        Self::NoSession,
    ];

    /// Name in reports and texts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::TargetDown => "target_down",
            Self::Unavailable => "unavailable",
            Self::Abandoned => "abandoned",
            Self::Failed => "failed",
            Self::Shed => "shed",
            Self::RateLimited => "rate_limited",
            Self::Blocked => "blocked",
            Self::CircuitOpen => "circuit_open",
            Self::Untrusted => "untrusted",
            Self::NoSession => "no_session",
        }
    }

    /// Whether it makes sense to ask again soon: not if nothing was sent, or if the request itself was found wrong.
    pub const fn is_worth_repeating(self) -> bool {
        !matches!(self, Self::Answered | Self::CircuitOpen | Self::Blocked | Self::NoSession)
    }

    /// Whether the caller got what it wanted.
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Answered)
    }
}

/// How many ended in which way, by position in [`Outcome::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeCounts(pub [u64; Outcome::ALL.len()]);

impl OutcomeCounts {
    /// Counts with so many of each outcome named, and none of the others.
    pub fn of(counts: &[(Outcome, u64)]) -> Self {
        let mut all = Self::default();
        for &(outcome, count) in counts {
            all.0[outcome as usize] += count;
        }
        all
    }

    /// Counts one more.
    pub const fn record(&mut self, outcome: Outcome) {
        self.0[outcome as usize] += 1;
    }

    /// How many ended like that.
    pub const fn get(&self, outcome: Outcome) -> u64 {
        self.0[outcome as usize]
    }

    /// How many ended.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// How many failed.
    pub fn failed(&self) -> u64 {
        self.total() - self.get(Outcome::Answered)
    }

    /// Share of those that failed, 0 if none ended.
    pub fn error_share(&self) -> f64 {
        let total = self.total();
        if total == 0 { 0.0 } else { self.failed() as f64 / total as f64 }
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }
}

/// What a request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RequestClass {
    /// Dynamic content, read.
    Read,
    /// A change.
    Write,
    /// A file that is the same for everyone.
    Static,
    /// A file that a user sends.
    Upload,
    /// Something that takes long; the user waits only until it is accepted, where a queue takes it over.
    Job,
    /// A connection that stays open, for messages either way.
    Live,
}

impl RequestClass {
    /// All classes; the position of each is its index in arrays by class.
    pub const ALL: [Self; 6] = [Self::Read, Self::Write, Self::Static, Self::Upload, Self::Job, Self::Live];

    /// Name in reports and texts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Static => "static",
            Self::Upload => "upload",
            Self::Job => "job",
            Self::Live => "live",
        }
    }
}
