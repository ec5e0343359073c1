//! Memory of a process: what it takes by itself, for each call that it has, what it keeps for users, and what
//! leaks away. A process that wants
//! more than its machine has is killed.

use crate::design::fault::{Fault, FaultKind};
use crate::network::StationIdx;
use crate::sim::core::Core;
use crate::units::SimTime;

/// Bytes of a megabyte.
pub const MEGABYTE: f64 = 1e6;

/// How much memory a process may have, and what takes it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MemorySize {
    /// What the machine has [bytes].
    pub limit: f64,
    /// What the process takes by itself [bytes].
    pub base: f64,
    /// What each call takes that is here, waiting or not [bytes].
    pub per_call: f64,
}

/// The memory of a process at work.
#[derive(Clone, Debug, Default)]
pub struct Memory {
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
        let room = size.limit - size.base - self.kept;
        if room < 0.0 && self.kept > 0.0 {
            self.most_calls = 0;
            return;
        }
        let room = room.max(0.0);
        self.most_calls = if size.per_call > 0.0 { (room / size.per_call) as u64 } else { u64::MAX };
    }

    /// Whether the process wants more than there is, now that a call has come.
    #[inline]
    pub fn is_short(&mut self, core: &Core, station: StationIdx) -> bool {
        core.levels[station.0 as usize].in_system.value() > self.most_calls
            || (!core.conditions[station.0 as usize].is_plain() || self.leaked > 0.0) && self.leaks_over(core, station)
    }

    #[cold]
    fn leaks_over(&mut self, core: &Core, station: StationIdx) -> bool {
        self.follow_leak(core, station);
        self.used(core, station) > self.size.limit
    }

    /// Counts what has leaked away since this was asked last.
    pub fn follow_leak(&mut self, core: &Core, station: StationIdx) {
        if let Some(Fault::MemoryLeak(leak)) = core.conditions[station.0 as usize].fault(FaultKind::MemoryLeak) {
            let minutes = core.now.since(self.leaked_until).as_secs_f64() / 60.0;
            self.leaked += leak.megabytes_per_min * MEGABYTE * minutes;
        }
        self.leaked_until = core.now;
    }

    /// Memory taken now [bytes].
    pub fn used(&self, core: &Core, station: StationIdx) -> f64 {
        let calls = core.levels[station.0 as usize].in_system.value() as f64;
        self.size.base + self.size.per_call * calls + self.leaked + self.kept
    }

    /// The process has died: what it had leaked is free again.
    pub const fn forget(&mut self) {
        self.leaked = 0.0;
        self.kept = 0.0;
    }
}
