//! Monitoring as a station: nobody calls it, but it can die, and is blind then. What it sees and does is the engine's
//! business (`engine::monitor`), because it looks at other stations.

use crate::sim::snapshot::Particulars;

/// A monitoring system at work.
#[derive(Clone, Copy, Debug, Default)]
pub struct Monitoring {
    /// Components that it looks at.
    pub watched: u32,
    /// Alerts that something may become.
    pub pending: u32,
    /// Alerts that there are.
    pub firing: u32,
}

impl Monitoring {
    /// What it has to tell.
    pub(super) const fn particulars(self) -> Particulars {
        let Self { watched, pending, firing } = self;
        Particulars::Monitoring { watched, pending, firing }
    }
}
