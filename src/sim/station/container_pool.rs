//! Container pool: each station is a node that containers run on. It gets no calls; its cores are shared by
//! `mechanism::host`, and what runs there is the business of the engine's orchestrator. Its places are those for
//! containers.

use super::Setup;
use crate::design::kind::container_pool::ContainerPool as Config;
use crate::design::kind::server::CpuDiscipline;
use crate::sim::core::Core;
use crate::sim::mechanism::machine::{Machine, MachineSize};
use crate::sim::mechanism::memory::MEGABYTE;

/// A node at work.
#[derive(Clone, Debug)]
pub struct Node {
    pub(super) machine: Machine,
    memory: f64,
}

impl Node {
    pub(super) fn new(core: &mut Core, setup: &Setup<'_>, config: &Config) -> Self {
        let mut node = Self { machine: Machine::new(setup.me, Self::size(config)), memory: 0.0 };
        node.configure(core, setup, config);
        node
    }

    const fn size(config: &Config) -> MachineSize {
        MachineSize {
            slots: Some(config.max_containers),
            queue_limit: None,
            cores: Some(config.node_cores()),
            discipline: CpuDiscipline::FirstComeFirstServed,
        }
    }

    pub(super) fn configure(&mut self, core: &mut Core, setup: &Setup<'_>, config: &Config) {
        self.memory = config.node_memory_mb() * MEGABYTE;
        core.host_at(setup.me, config.node_cores(), self.memory);
        // Nobody calls it, so nobody waits for the room that becomes free.
        self.machine.resize(core, Self::size(config));
    }

    /// Memory of the node [bytes].
    pub(super) const fn memory_limit(&self) -> f64 {
        self.memory
    }
}
