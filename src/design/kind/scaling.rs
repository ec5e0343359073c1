//! How the number of machines of a component follows its load: what servers and workers have in common.

/// Rules of an autoscaler, as a component states them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaling {
    /// Fewest machines.
    pub min: u32,
    /// Most machines, not fewer than `min`.
    pub max: u32,
    /// Utilisation of the cores that it aims at, above 0, at most 1.
    pub target_utilisation: f64,
    /// Time between two looks [s].
    pub interval_secs: f64,
    /// How long the load must have been low before machines go [s].
    pub scale_in_delay_secs: f64,
    /// How long a new machine takes until it serves [s].
    pub start_secs: f64,
}

impl Scaling {
    /// The rules of a component that states `max`; `None` if it states none, and keeps its number.
    pub fn between(min: u32, max: Option<u32>, rules: Self) -> Option<Self> {
        max.map(|max| Self { min, max: max.max(min), ..rules })
    }
}
