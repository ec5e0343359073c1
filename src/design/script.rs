//! The script of a design: what happens to it at which simulated second.

use serde::{Deserialize, Serialize};

use crate::ids::ComponentId;

/// Something that happens at a stated time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScriptEvent {
    /// When [s since the start], not negative.
    pub at_secs: f64,
    /// What.
    pub action: Action,
}

/// What people, scripts and faults do to a running system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// Another number of users from now on.
    SetUsers(u64),
    /// The process dies: work in flight is lost, new calls are refused.
    Kill(ComponentId),
    /// One machine of a component that has several dies. Counted from 0.
    KillInstance(ComponentId, u32),
    /// All machines of the component come back, empty.
    Restore(ComponentId),
}
