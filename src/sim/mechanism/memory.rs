//! Memory of a process: what it takes by itself, for each call that it has, what it keeps for users, and what leaks
//! away. A process that wants more than its machine has is killed, and started again.

use crate::design::fault::{Fault, FaultKind};
use crate::network::StationIdx;
use crate::sim::core::Core;
use crate::units::{SimDuration, SimTime};

/// Bytes of a megabyte.
pub const MEGABYTE: f64 = 1e6;

/// How much memory a process may have, and what takes it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MemorySize {
    /// What its own machine has [bytes].
    pub machine: f64,
    /// What a machine has that it shares with others [bytes]: all of them together may take that, and the engine watches
    /// over it.
    pub shared: Option<f64>,
    /// What the process takes by itself [bytes].
    pub base: f64,
    /// What each call takes that is here, waiting or not [bytes].
    pub per_call: f64,
    /// Time until it is there again after it wanted more.
    pub restart: SimDuration,
}

/// The memory of a process at work.
#[derive(Clone, Debug)]
pub struct Memory {
    station: StationIdx,
    size: MemorySize,
    /// With more calls than this, memory is short, leaks apart.
    most_calls: u64,
    /// What has leaked away [bytes].
    leaked: f64,
    leaked_until: SimTime,
    /// What is kept for users between their requests [bytes].
    kept: f64,
}

impl Memory {
    /// The memory of the process at `station`, still to be configured.
    pub fn new(station: StationIdx) -> Self {
        Self {
            station,
            size: MemorySize::default(),
            most_calls: 0,
            leaked: 0.0,
            leaked_until: SimTime::ZERO,
            kept: 0.0,
        }
    }

    /// Gives the process another machine, or another appetite.
    pub fn configure(&mut self, size: MemorySize) {
        self.size = size;
        self.count_room();
    }

    /// Notes what is kept for users between their requests [bytes].
    pub fn set_kept(&mut self, kept: f64) {
        self.kept = kept;
        self.count_room();
    }

    fn count_room(&mut self) {
        let size = self.size;
        let room = self.own_limit() - size.base - self.kept;
        if room < 0.0 && self.kept > 0.0 {
            self.most_calls = 0;
            return;
        }
        let room = room.max(0.0);
        self.most_calls = if size.per_call > 0.0 { (room / size.per_call) as u64 } else { u64::MAX };
    }

    /// What the process alone may take [bytes].
    fn own_limit(&self) -> f64 {
        if self.size.shared.is_some() { f64::INFINITY } else { self.size.machine }
    }

    /// What the machine has, its own or the shared one [bytes].
    pub fn limit(&self) -> f64 {
        self.size.shared.unwrap_or(self.size.machine)
    }

    /// Time until the process is there again after it wanted more.
    pub const fn restart(&self) -> SimDuration {
        self.size.restart
    }

    /// Whether the process wants more than there is, now that a call has come.
    #[inline]
    pub fn is_short(&mut self, core: &Core) -> bool {
        let levels = &core.levels[self.station.0 as usize];
        levels.in_system.value() > self.most_calls || (!levels.is_plain || self.leaked > 0.0) && self.leaks_over(core)
    }

    #[cold]
    fn leaks_over(&mut self, core: &Core) -> bool {
        self.used(core) > self.own_limit()
    }

    /// Counts what has leaked away since this was asked last.
    fn follow_leak(&mut self, core: &Core) {
        if let Some(Fault::MemoryLeak(leak)) = core.conditions[self.station.0 as usize].fault(FaultKind::MemoryLeak) {
            let minutes = core.now.since(self.leaked_until).as_secs_f64() / 60.0;
            self.leaked += leak.megabytes_per_min * MEGABYTE * minutes;
        }
        self.leaked_until = core.now;
    }

    /// Memory taken now [bytes].
    pub fn used(&mut self, core: &Core) -> f64 {
        self.follow_leak(core);
        let calls = core.levels[self.station.0 as usize].in_system.value() as f64;
        self.size.base + self.size.per_call * calls + self.leaked + self.kept
    }

    /// The process has died: what it had leaked is free again.
    pub const fn forget(&mut self) {
        self.leaked = 0.0;
        self.kept = 0.0;
    }
}
