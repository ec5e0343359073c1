//! What a caller remembers about targets that did not answer the door: it avoids them for a while.

use crate::network::StationIdx;
use crate::units::{SimDuration, SimTime};

/// Targets to be avoided, each until a stated time.
#[derive(Clone, Debug, Default)]
pub struct Avoidance {
    until: Vec<(StationIdx, SimTime)>,
}

impl Avoidance {
    /// Avoids `target` for a while.
    pub fn avoid(&mut self, target: StationIdx, now: SimTime, span: SimDuration) {
        self.until.retain(|&(station, until)| station != target && until > now);
        if !span.is_zero() {
            self.until.push((target, now + span));
        }
    }

    /// Whether no target is remembered.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.until.is_empty()
    }

    /// Whether `target` is to be avoided now.
    #[inline]
    pub fn avoids(&self, target: StationIdx, now: SimTime) -> bool {
        self.until.iter().any(|&(station, until)| station == target && until > now)
    }

    /// Forgets everything, as a restart does.
    pub fn clear(&mut self) {
        self.until.clear();
    }
}
