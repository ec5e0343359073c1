//! From the drawing to the network, or a list of everything that is in the way.

use super::Network;
use crate::design::Design;
use crate::ids::{ComponentId, LinkId};

/// Whether a design with this problem can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It runs, but probably not as meant.
    Warning,
    /// It cannot run.
    Error,
}

/// Something that is wrong with a design, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The component concerned.
    pub component: Option<ComponentId>,
    /// The link concerned.
    pub link: Option<LinkId>,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong with a design.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// There are no users.
    NoUsers,
}

/// Everything that is wrong with a design, worst first.
pub fn problems(_design: &Design) -> Vec<Problem> {
    Vec::new()
}

/// Turns a design into a network.
///
/// # Errors
/// Every problem of the design, if one of them is an error.
pub fn compile(_design: &Design) -> Result<Network, Vec<Problem>> {
    Ok(Network::default())
}
