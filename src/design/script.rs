//! The script of a design: what happens to it at which simulated second.

use serde::{Deserialize, Serialize};

use super::fault::{Fault, FaultKind};
use super::field::Value;
use crate::ids::{ComponentId, FrameId, LinkId};

/// Something that happens at a stated time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScriptEvent {
    /// When [s since the start], not negative.
    pub at_secs: f64,
    /// What.
    pub action: Action,
}

/// What a fault strikes, or whose parameter is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Target {
    /// All machines of a component.
    Component(ComponentId),
    /// One machine of a component that has several. Counted from 0.
    Instance(ComponentId, u32),
    /// A link.
    Link(LinkId),
    /// A frame: all machines in it; or, where the fault is one of links, all links that cross its border.
    Frame(FrameId),
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
    /// A delivery pipeline begins to bring a new version into service, unless one is on its way.
    Deploy(ComponentId),
    /// A database's data is taken for lost, and its last backup is restored.
    RestoreBackup(ComponentId),
    /// Something goes wrong, and stays wrong until it is cleared. The same fault again takes the place of the one before.
    Inject {
        /// Where.
        target: Target,
        /// What.
        fault: Fault,
    },
    /// A fault ends.
    Clear {
        /// Where.
        target: Target,
        /// Which; all of them if none is named.
        fault: Option<FaultKind>,
    },
    /// A parameter takes another value. Whoever drew it may still change it; the newer of the two counts.
    SetParameter {
        /// A component or a link.
        target: Target,
        /// Which parameter.
        key: String,
        /// Its value from now on. Checked where it comes from; the engine only looks at its type.
        value: Value,
    },
}
